/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A preview keeps its word, for every case under every change: worlds are random, a failure
 * prints the seed that makes it again (NRT_SEED=n runs from there). Two worlds share one case: the
 * old rules it lives by, and new rules with a calendar of their own.
 */
#include <stdlib.h>
#include <string.h>

#include "rules/preview.h"
#include "rules/simulate.h"
#include "tests/support/check.h"
#include "tests/support/rule_world_random.h"
#include "tests/support/seeds.h"

#define WORLDS 350

static uint64_t first_seed = 20260302;
static struct preview_room room;

struct scene {
    struct rule_world old_world; /* version 1, holds the case */
    struct rule_world new_world; /* version 2 */
    struct prng prng;
    struct world_events events;
    const struct policy *policies[2];
    struct rulebook before;
    struct rulebook after;
    struct wall_ms now;
    struct wall_ms horizon;
};

/* Those of the past name version 2, which here is still to come. */
static void forget_replans(struct world_events *events)
{
    size_t kept = 0;
    for (size_t i = 0; i < events->count; i++) {
        if (events->events[i].kind != EVENT_REPLANNED)
            events->events[kept++] = events->events[i];
    }
    events->count = kept;
}

static void scene_init(struct scene *scene, uint64_t seed)
{
    *scene = (struct scene){0};
    check_note("seed %llu", (unsigned long long)seed);
    prng_seed(&scene->prng, seed);
    struct rule_world *const worlds[] = {&scene->old_world, &scene->new_world};
    const bool rich = prng_one_in(&scene->prng, 2);
    for (int i = 0; i < 2; i++) {
        world_init(worlds[i], WORLD_SHANGHAI);
        world_randomize(worlds[i], &scene->prng);
        if (rich)
            world_enrich(worlds[i], &scene->prng);
        world_randomize_calendar(worlds[i], &scene->prng);
        (void)world_calendar(worlds[i]);
        worlds[i]->policy.version = i + 1;
        scene->policies[i] = &worlds[i]->policy;
    }
    scene->events = rich ? world_rich_events(&scene->old_world, &scene->prng)
                         : world_random_events(&scene->old_world, &scene->prng);
    forget_replans(&scene->events);
    scene->before = (struct rulebook){scene->policies, 1};
    scene->after = (struct rulebook){scene->policies, 2};
    scene->now = wall_add(
        world_at("2026-03-02T00:00:00+08:00"), prng_range(&scene->prng, 1, 40L * 24 * 60) * 60000);
    scene->horizon = wall_add(scene->now, prng_range(&scene->prng, 0, 30L * 24) * 3600000);
}

static void scene_release(struct scene *scene)
{
    world_release(&scene->old_world);
    world_release(&scene->new_world);
}

/* ---- a life up to now, as the service lives it ---- */

static void fire_at(struct scene *scene, struct wall_ms at, struct case_plan *plan)
{
    struct rule_world *world = &scene->old_world;
    const struct case_state *state = NULL;
    CHECK_EQ(case_fold(&world->memory, &scene->before, at, &world->arena, &state), ERR_OK);
    CHECK_EQ(case_plan(state, &world->memory, &scene->before, at, &world->arena, plan), ERR_OK);
    for (size_t i = 0; i < plan->firing_count; i++)
        CHECK(memory_add_fired(&world->memory, &world->arena, &plan->firings[i].fired, 1));
}

static int by_arrival(const void *a, const void *b)
{
    const struct event *left = a;
    const struct event *right = b;
    return (left->arrived.ms > right->arrived.ms) - (left->arrived.ms < right->arrived.ms);
}

/* Arrivals and wakes up to `now`, included. */
static void live_until_now(struct scene *scene)
{
    struct rule_world *world = &scene->old_world;
    struct case_plan plan = {0};
    qsort(scene->events.events, scene->events.count, sizeof(struct event), by_arrival);
    for (size_t at = 0;;) { /* ends: each turn takes an event or moves on to a later wake */
        const bool arrives =
            at < scene->events.count && scene->events.events[at].arrived.ms <= scene->now.ms;
        const bool wakes = plan.has_next && plan.next.ms <= scene->now.ms;
        if (!arrives && !wakes)
            return;
        struct wall_ms moment = wakes ? plan.next : (struct wall_ms){INT64_MAX};
        if (arrives && scene->events.events[at].arrived.ms < moment.ms)
            moment = scene->events.events[at].arrived;
        for (; at < scene->events.count && scene->events.events[at].arrived.ms <= moment.ms; at++) {
            scene->events.events[at].rules_version = 1;
            world_add_event(world, &scene->events.events[at]);
        }
        fire_at(scene, moment, &plan);
    }
}

static struct preview ask(struct scene *scene, const struct rulebook *after, bool replan)
{
    struct preview preview = {0};
    scene->new_world.policy.since = scene->now;
    const struct preview_question question = {
        .memory = &scene->old_world.memory,
        .before = &scene->before,
        .after = after,
        .now = scene->now,
        .horizon = scene->horizon,
        .replan = replan,
    };
    CHECK_EQ(preview_case(&room, &question, &preview), ERR_OK);
    return preview;
}

/* ---- texts to compare ---- */

static void put_sent(struct buf *text, const struct fired *fired)
{
    buf_format(
        text, "%.*s %d %.*s %lld %lld", TEXT_ARGS(fired->clock), fired->run,
        TEXT_ARGS(fired->stage), (long long)fired->instant.ms, (long long)fired->fired_at.ms);
    for (size_t i = 0; i < fired->to_count; i++)
        buf_format(text, " %.*s", TEXT_ARGS(fired->to[i]));
    buf_char(text, '\n');
}

static const char *keep(struct scene *scene, struct buf *text)
{
    const char *kept = arena_string(&scene->old_world.arena, buf_view(text));
    buf_release(text);
    return kept;
}

static const char *sent_text(struct scene *scene, const struct preview_sent_list *list)
{
    struct buf text;
    buf_init(&text, 1 << 22);
    for (size_t i = 0; i < list->count; i++) {
        const struct preview_sent *sent = &list->items[i];
        const struct fired fired = {
            .clock = sent->clock,
            .run = sent->run,
            .stage = sent->stage,
            .instant = sent->instant,
            .fired_at = sent->fired_at,
            .to = sent->to,
            .to_count = sent->to_count,
        };
        put_sent(&text, &fired);
    }
    return keep(scene, &text);
}

/* ---- laws ---- */

static void a_change_that_changes_nothing_has_no_differences(void)
{
    for (uint64_t i = 0; i < seeds_count(WORLDS); i++) {
        struct scene scene;
        scene_init(&scene, first_seed + i);
        live_until_now(&scene);
        struct policy twin = scene.old_world.policy; /* the same rules as a version of its own */
        twin.version = 2;
        twin.since = scene.now;
        const struct policy *const policies[] = {&scene.old_world.policy, &twin};
        const struct rulebook after = {policies, 2};
        const struct preview kept = ask(&scene, &after, false);
        CHECK_EQ(kept.run_count, 0);
        CHECK_STR(sent_text(&scene, &kept.after), sent_text(&scene, &kept.before));
        const struct preview replanned = ask(&scene, &after, true);
        CHECK_EQ(replanned.run_count, 0);
        CHECK_STR(sent_text(&scene, &replanned.after), sent_text(&scene, &replanned.before));
        scene_release(&scene);
    }
}

static struct event replan_event(const struct scene *scene)
{
    static const struct attribute attributes[] = {
        {{"replan", 6}, {"r1", 2}}, {{"version", 7}, {"2", 1}}};
    return (struct event){
        .kind = EVENT_REPLANNED,
        .kind_name = TEXT_LITERAL("replanned"),
        .source = TEXT_LITERAL(EVENT_SOURCE_OWN),
        .id = TEXT_LITERAL("r1:K1"),
        .subject = TEXT_LITERAL("K1"),
        .time = scene->now,
        .arrived = scene->now,
        .rules_version = 2,
        .attributes = attributes,
        .attribute_count = 2,
    };
}

static const struct preview_run *find(const struct preview *preview, const struct run *run)
{
    for (size_t i = 0; i < preview->run_count; i++) {
        if (text_equal(preview->runs[i].clock, run->clock) &&
            preview->runs[i].number == run->number)
            return &preview->runs[i];
    }
    return NULL;
}

static const struct run *run_like(const struct case_state *state, const struct run *run)
{
    for (size_t i = 0; i < state->run_count; i++) {
        if (text_equal(state->runs[i].clock, run->clock) && state->runs[i].number == run->number)
            return &state->runs[i];
    }
    return NULL;
}

/* A run is as the preview said; one it did not name is as it was. */
static void check_told(
    const struct preview *preview, const struct case_state *old_state, const struct run *run)
{
    const struct preview_run *told = find(preview, run);
    const struct run *was = run_like(old_state, run);
    if (told) {
        CHECK(told->after.exists);
        CHECK_EQ(told->after.has_due, run->has_due);
        if (run->has_due)
            CHECK_EQ(told->after.due.ms, run->due.ms);
        CHECK_EQ(told->after.outcome, run->outcome);
        CHECK_EQ(told->after.light, run->light);
        CHECK_EQ(told->after.provisional, run->provisional);
        /* One that the old calendar misses anyway is not missed by the change of rules alone. */
        if (run->caused_by_rule_change && run->outcome == RUN_MISSED && !run->has_stopped &&
            told->before.outcome != RUN_MISSED)
            CHECK(told->missed_only_by_change);
    } else if (CHECK(was)) {
        CHECK_EQ(was->has_due, run->has_due);
        if (run->has_due)
            CHECK_EQ(was->due.ms, run->due.ms);
        CHECK_EQ(was->outcome, run->outcome);
        CHECK_EQ(was->light, run->light);
    }
}

static void dues_are_those_of_really_applying_and_replanning(void)
{
    size_t changed = 0;
    for (uint64_t i = 0; i < seeds_count(WORLDS); i++) {
        struct scene scene;
        scene_init(&scene, first_seed + i);
        live_until_now(&scene);
        struct rule_world *world = &scene.old_world;
        const bool replan = !prng_one_in(&scene.prng, 3);
        const struct preview preview = ask(&scene, &scene.after, replan);
        const struct case_state *old_state = NULL;
        const struct case_state *new_state = NULL;
        CHECK_EQ(
            case_fold(&world->memory, &scene.before, scene.now, &world->arena, &old_state), ERR_OK);
        const struct event event = replan_event(&scene);
        if (replan)
            world_add_event(world, &event);
        CHECK_EQ(
            case_fold(&world->memory, &scene.after, scene.now, &world->arena, &new_state), ERR_OK);
        for (size_t r = 0; r < new_state->run_count; r++)
            check_told(&preview, old_state, &new_state->runs[r]);
        changed += preview.run_count > 0;
        scene_release(&scene);
    }
    CHECK_GE(changed, seeds_count(WORLDS) / 4);
}

struct recording {
    struct scene *scene;
    struct case_memory sent; /* what was sent after now, in its order */
};

static enum err record_firing(
    void *context, const struct case_state *state, const struct firing *firing)
{
    struct recording *recording = context;
    struct arena *arena = &recording->scene->old_world.arena;
    struct fired fired = firing->fired;
    (void)state;
    if (fired.status != ALERT_FIRED || fired.fired_at.ms < recording->scene->now.ms)
        return ERR_OK;
    struct text *to = arena_array(arena, fired.to_count, sizeof(*to));
    if (!CHECK(to))
        return ERR_NO_MEMORY;
    memcpy(to, fired.to, fired.to_count * sizeof(*to));
    fired.to = to;
    fired.clock = arena_text(arena, fired.clock);
    return memory_add_fired(&recording->sent, arena, &fired, 1) ? ERR_OK : ERR_NO_MEMORY;
}

/* The simulation of the history: version 2 applied at `now`, the replan with it. */
static const char *simulated(struct scene *scene, bool replan)
{
    struct recording recording = {.scene = scene, .sent = {.id = TEXT_LITERAL("K1")}};
    const struct simulation_watcher watcher = {.context = &recording, .on_firing = record_firing};
    struct simulation *simulation = simulation_create(&scene->after);
    const struct event event = replan_event(scene);
    struct buf text;
    if (!CHECK(simulation))
        return NULL;
    for (size_t i = 0; i < scene->events.count; i++) {
        if (scene->events.events[i].arrived.ms <= scene->now.ms)
            CHECK_EQ(simulation_add(simulation, &scene->events.events[i]), ERR_OK);
    }
    if (replan)
        CHECK_EQ(simulation_add(simulation, &event), ERR_OK);
    simulation_watch(simulation, &watcher);
    CHECK_EQ(simulation_run(simulation, scene->horizon, NULL, NULL), ERR_OK);
    simulation_free(simulation);
    buf_init(&text, 1 << 22);
    for (size_t i = 0; i < recording.sent.fired_count; i++)
        put_sent(&text, &recording.sent.fired[i]);
    return keep(scene, &text);
}

/* No event arrives in the last millisecond before now: what it brings is known. */
static void what_it_says_will_be_sent_is_what_the_simulation_sends(void)
{
    size_t sent = 0;
    for (uint64_t i = 0; i < seeds_count(WORLDS); i++) {
        struct scene scene;
        scene_init(&scene, first_seed + i);
        scene.now.ms += 1; /* events come at whole minutes: all is settled by now */
        if (scene.horizon.ms < scene.now.ms)
            scene.horizon = scene.now; /* a preview begins with what is sent at once */
        live_until_now(&scene);
        const bool replan = !prng_one_in(&scene.prng, 3);
        const struct preview preview = ask(&scene, &scene.after, replan);
        const char *told = sent_text(&scene, &preview.after);
        CHECK_STR(told, simulated(&scene, replan));
        sent += preview.after.count;
        scene_release(&scene);
    }
    CHECK_GE(sent, seeds_count(WORLDS) / 2);
}

int main(int argc, char **argv)
{
    const char *seed = getenv("NRT_SEED");
    first_seed = seed ? strtoull(seed, NULL, 10) : first_seed;
    check_filter(argc > 1 ? argv[1] : NULL);
    preview_room_init(&room);
    CHECK_RUN(a_change_that_changes_nothing_has_no_differences);
    CHECK_RUN(dues_are_those_of_really_applying_and_replanning);
    CHECK_RUN(what_it_says_will_be_sent_is_what_the_simulation_sends);
    preview_room_release(&room);
    return check_done();
}
