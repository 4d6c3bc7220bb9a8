/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Laws of changes: a pause never makes a due earlier, a replan that is taken back leaves no trace
 * in any run, and one back to the same rules gives every run that was not missed its due again.
 * Worlds are random; a failure prints the seed that makes it again (NRT_SIM_SEED=n runs it alone).
 */
#include <string.h>

#include "tests/support/check.h"
#include "tests/support/rule_world_random.h"
#include "tests/support/seeds.h"

#define WORLDS     1000
#define PAUSES     4
#define POLICIES   3
#define FIRST_SEED 50000

struct scene {
    struct rule_world world;
    struct rule_world other; /* version 2 */
    struct policy back;      /* version 3: the rules of version 1 again */
    const struct policy *policies[POLICIES];
    struct rulebook rulebook;
    struct prng prng;
    struct world_events events;
    struct wall_ms now;
};

static void make_version(
    struct rule_world *world, struct prng *prng, enum world_zone zone, int64_t version)
{
    world_init(world, zone);
    world_randomize(world, prng);
    world_enrich(world, prng);
    (void)world_calendar(world);
    world->policy.version = version;
}

/*
 * Version 1 is in force for all events; the others are only replanned to. All three count by one
 * calendar, as the versions of one moment do.
 */
static void scene_init(struct scene *scene, uint64_t seed)
{
    check_note("seed %llu", (unsigned long long)seed);
    prng_seed(&scene->prng, seed);
    const enum world_zone zone = prng_one_in(&scene->prng, 4) ? WORLD_BERLIN : WORLD_SHANGHAI;
    make_version(&scene->world, &scene->prng, zone, 1);
    make_version(&scene->other, &scene->prng, zone, 2);
    scene->other.policy.calendar = scene->world.policy.calendar;
    scene->other.policy.since = world_at("2026-08-01T00:00:00+08:00"); /* after all events */
    scene->back = scene->world.policy;
    scene->back.since = scene->other.policy.since;
    scene->back.version = 3;
    scene->policies[0] = &scene->world.policy;
    scene->policies[1] = &scene->other.policy;
    scene->policies[2] = &scene->back;
    scene->rulebook = (struct rulebook){scene->policies, POLICIES};
    scene->events = world_rich_events(&scene->world, &scene->prng);
    scene->now = wall_add(
        world_at("2026-03-02T00:00:00+08:00"), prng_range(&scene->prng, 1, 60L * 24 * 60) * 60000);
}

static void scene_release(struct scene *scene)
{
    world_release(&scene->world);
    world_release(&scene->other);
}

static uint64_t first_seed(void)
{
    return seeds_only() ? seeds_only() : FIRST_SEED;
}

static uint64_t world_count(void)
{
    return seeds_only() ? 1 : seeds_count(WORLDS);
}

static bool is_kind(const struct event *event, const char *kind)
{
    return text_is(event->kind_name, kind);
}

static void add(struct scene *scene, struct case_memory *memory, struct event event)
{
    event.rules_version = 1;
    CHECK(
        memory_add_event(memory, &scene->world.arena, &event, &scene->world.policy) !=
        MEMORY_NO_ROOM);
}

static const struct case_state *fold(struct scene *scene, const struct case_memory *memory)
{
    const struct case_state *state = NULL;
    CHECK_EQ(case_fold(memory, &scene->rulebook, scene->now, &scene->world.arena, &state), ERR_OK);
    return state;
}

static const struct run *find_run(const struct case_state *state, const struct run *like)
{
    for (size_t i = 0; i < state->run_count; i++) {
        if (text_equal(state->runs[i].clock, like->clock) && state->runs[i].number == like->number)
            return &state->runs[i];
    }
    return NULL;
}

/* ---- pauses ---- */

/*
 * What else than a pause may make a due earlier is left out: other pauses, an `until`, a replan.
 * So is `pause_max`, which lets a pause of few hours use up what a later one would take out.
 */
static bool is_free_of_pauses(const struct event *event)
{
    return !is_kind(event, "suspended") && !is_kind(event, "resumed") &&
           !is_kind(event, "replanned") && !event_attribute(event, "until").ptr;
}

static void forget_pause_max(struct rule_world *world)
{
    for (size_t c = 0; c < world->set.clock_count; c++)
        world->clocks[c].has_pause_max = false;
}

static void check_not_earlier(
    const struct case_state *without, const struct case_state *with, size_t *compared)
{
    for (size_t i = 0; i < without->run_count; i++) {
        const struct run *before = &without->runs[i];
        const struct run *after = find_run(with, before);
        if (!after || after->start.ms != before->start.ms || !before->has_due)
            continue;
        if (CHECK(after->has_due) && CHECK_GE(after->due.ms, before->due.ms))
            *compared += after->due.ms > before->due.ms;
    }
}

static void adding_a_pause_never_makes_due_earlier(void)
{
    size_t later = 0;
    for (uint64_t i = 0; i < world_count(); i++) {
        struct scene scene;
        scene_init(&scene, first_seed() + i);
        struct case_memory memory = {.id = text_of("K1")};
        forget_pause_max(&scene.world);
        scene.now = world_at("2026-06-01T00:00:00+08:00");
        for (size_t e = 0; e < scene.events.count; e++) {
            if (is_free_of_pauses(&scene.events.events[e]))
                add(&scene, &memory, scene.events.events[e]);
        }
        struct wall_ms at = world_at("2026-03-02T08:00:00+08:00");
        for (int pause = 0; pause < PAUSES; pause++) {
            const struct case_state *without = fold(&scene, &memory);
            struct event from = world_event(
                &scene.world, "2026-03-02T00:00:00Z",
                "suspended "
                "reason=x");
            struct event to = world_event(&scene.world, "2026-03-02T00:00:00Z", "resumed");
            from.time = wall_add(at, prng_range(&scene.prng, 1, 10000) * 60000);
            to.time = wall_add(from.time, prng_range(&scene.prng, 1, 6000) * 60000);
            at = to.time;
            add(&scene, &memory, from);
            add(&scene, &memory, to);
            check_not_earlier(without, fold(&scene, &memory), &later);
        }
        scene_release(&scene);
    }
    CHECK_GE(later, seeds_only() ? 0 : world_count() / 4); /* pauses did something */
}

/* ---- replans ---- */

static const char *run_text(struct scene *scene, const struct run *run)
{
    struct buf buf;
    buf_init(&buf, 65536);
    buf_text(&buf, run->clock);
    buf_format(
        &buf, " %d %lld %s%s\n", run->number, (long long)run->start.ms,
        world_outcome(&scene->world, run), run->caused_by_rule_change ? " by the change" : "");
    const char *text = arena_string(&scene->world.arena, buf_view(&buf));
    buf_release(&buf);
    return text;
}

static void check_all_equal(
    struct scene *scene, const struct case_state *got, const struct case_state *wanted)
{
    CHECK_EQ(got->run_count, wanted->run_count);
    for (size_t i = 0; i < wanted->run_count; i++) {
        const struct run *run = find_run(got, &wanted->runs[i]);
        if (CHECK(run))
            CHECK_STR(run_text(scene, run), run_text(scene, &wanted->runs[i]));
    }
}

static size_t count_different(
    struct scene *scene, const struct case_state *one, const struct case_state *two)
{
    size_t different = one->run_count != two->run_count;
    for (size_t i = 0; i < one->run_count; i++) {
        const struct run *run = find_run(two, &one->runs[i]);
        different += !run || strcmp(run_text(scene, run), run_text(scene, &one->runs[i])) != 0;
    }
    return different;
}

static struct event replanned(struct scene *scene, struct wall_ms at, const char *words)
{
    struct event event = world_event(&scene->world, "2026-03-02T00:00:00Z", words);
    event.time = at;
    event.arrived = at;
    event.source = TEXT_LITERAL(EVENT_SOURCE_OWN);
    return event;
}

struct lives {
    struct case_memory plain;     /* never replanned */
    struct case_memory replanned; /* at `at`, to version 2 */
    struct wall_ms at;
};

static void lives_init(struct scene *scene, struct lives *lives)
{
    *lives = (struct lives){.plain = {.id = text_of("K1")}, .replanned = {.id = text_of("K1")}};
    lives->at = wall_add(
        world_at("2026-03-02T12:00:00+08:00"), prng_range(&scene->prng, 0, 25L * 24 * 6) * 600000);
    for (size_t e = 0; e < scene->events.count; e++) {
        if (is_kind(&scene->events.events[e], "replanned"))
            continue;
        add(scene, &lives->plain, scene->events.events[e]);
        add(scene, &lives->replanned, scene->events.events[e]);
    }
    add(scene, &lives->replanned, replanned(scene, lives->at, "replanned version=2 replan=r7"));
}

static void an_undo_restores_every_run(void)
{
    size_t changed = 0;
    for (uint64_t i = 0; i < world_count(); i++) {
        struct scene scene;
        struct lives lives;
        scene_init(&scene, first_seed() + i);
        lives_init(&scene, &lives);
        const struct wall_ms later =
            wall_add(lives.at, prng_range(&scene.prng, 1, 10L * 24 * 6) * 600000);
        if (scene.now.ms < later.ms)
            scene.now = later;
        const struct case_state *plain = fold(&scene, &lives.plain);
        changed += count_different(&scene, plain, fold(&scene, &lives.replanned));
        add(&scene, &lives.replanned, replanned(&scene, later, "replanned undo=r7 replan=r8"));
        check_all_equal(&scene, fold(&scene, &lives.replanned), plain);
        scene_release(&scene);
    }
    CHECK_GE(changed, seeds_only() ? 0 : world_count() / 10); /* replans did something */
}

/* Has a run of this clock been missed by the replan, or followed one that was? */
static bool is_touched_by_a_miss(
    const struct case_state *plain, const struct case_state *back, const struct run *run)
{
    for (size_t i = 0; i < back->run_count; i++) {
        const struct run *other = &back->runs[i];
        const struct run *as_it_was = find_run(plain, other);
        if (!text_equal(other->clock, run->clock) || other->outcome != RUN_MISSED)
            continue;
        if (!as_it_was || as_it_was->outcome != RUN_MISSED || as_it_was->due.ms != other->due.ms)
            return true;
    }
    return false;
}

static void replanning_back_to_the_same_rules_restores_every_due(void)
{
    size_t restored = 0;
    for (uint64_t i = 0; i < world_count(); i++) {
        struct scene scene;
        struct lives lives;
        scene_init(&scene, first_seed() + i);
        lives_init(&scene, &lives);
        if (scene.now.ms < lives.at.ms)
            scene.now = lives.at;
        const struct case_state *plain = fold(&scene, &lives.plain);
        const struct case_state *changed = fold(&scene, &lives.replanned);
        add(&scene, &lives.replanned, replanned(&scene, lives.at, "replanned version=3 replan=r8"));
        const struct case_state *back = fold(&scene, &lives.replanned);
        for (size_t r = 0; r < plain->run_count; r++) {
            const struct run *run = find_run(back, &plain->runs[r]);
            const struct run *meanwhile = find_run(changed, &plain->runs[r]);
            if (is_touched_by_a_miss(plain, back, &plain->runs[r]) || !CHECK(run))
                continue;
            CHECK_STR(run_text(&scene, run), run_text(&scene, &plain->runs[r]));
            restored += meanwhile && meanwhile->due.ms != run->due.ms;
        }
        scene_release(&scene);
    }
    CHECK_GE(restored, seeds_only() ? 0 : world_count() / 10);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(adding_a_pause_never_makes_due_earlier);
    CHECK_RUN(an_undo_restores_every_run);
    CHECK_RUN(replanning_back_to_the_same_rules_restores_every_due);
    return check_done();
}
