/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Laws that hold for every case under every rule set, with two versions of everything of which the
 * second is applied on the way: worlds are random, a failure prints the seed that makes it again
 * (NRT_SIM_SEED=n runs it alone).
 */
#include <stdlib.h>
#include <string.h>

#include "rules/record.h"
#include "rules/simulate.h"
#include "tests/support/check.h"
#include "tests/support/rule_world_random.h"
#include "tests/support/seeds.h"

#define WORLDS     1000
#define FIRST_SEED 20190401

static uint64_t first_seed(void)
{
    return seeds_only() ? seeds_only() : FIRST_SEED;
}

static uint64_t world_count(uint64_t usual)
{
    return seeds_only() ? 1 : seeds_count(usual);
}

struct scene {
    struct rule_world world;
    struct rule_world other; /* version 2 */
    struct prng prng;
    struct world_events events;
    struct wall_ms until;
};

static void make_version(
    struct rule_world *world, struct prng *prng, enum world_zone zone, bool rich)
{
    world_init(world, zone);
    world_randomize(world, prng);
    if (rich)
        world_enrich(world, prng);
    if (prng_one_in(prng, 2))
        world_randomize_calendar(world, prng);
    (void)world_calendar(world);
}

static void scene_init(struct scene *scene, uint64_t seed)
{
    check_note("seed %llu", (unsigned long long)seed);
    prng_seed(&scene->prng, seed);
    const enum world_zone zone = prng_one_in(&scene->prng, 4) ? WORLD_BERLIN : WORLD_SHANGHAI;
    const bool rich = !prng_one_in(&scene->prng, 4);
    make_version(&scene->world, &scene->prng, zone, rich);
    make_version(&scene->other, &scene->prng, zone, rich);
    scene->events = rich ? world_rich_events(&scene->world, &scene->prng)
                         : world_random_events(&scene->world, &scene->prng);
    scene->until = world_at("2026-04-20T00:00:00+08:00");
    scene->world.policy.version = 1;
    scene->world.policy.since.ms = 1;
    scene->other.policy.version = 2;
    scene->other.policy.since = wall_add(
        world_at("2026-03-02T00:00:00+08:00"), prng_range(&scene->prng, 0, 30L * 24) * 3600000);
    scene->world.policies[1] = &scene->other.policy;
    scene->world.rulebook.policy_count = 2;
}

static void scene_release(struct scene *scene)
{
    world_release(&scene->world);
    world_release(&scene->other);
}

static const struct case_state *fold(
    struct rule_world *world, const struct case_memory *memory, struct wall_ms now)
{
    const struct rulebook applied = rulebook_at(&world->rulebook, now);
    const struct case_state *state = NULL;
    CHECK_EQ(case_fold(memory, &applied, now, &world->arena, &state), ERR_OK);
    return state;
}

static struct case_plan plan(
    struct rule_world *world, const struct case_memory *memory, struct wall_ms now)
{
    struct case_plan plan = {0};
    const struct rulebook applied = rulebook_at(&world->rulebook, now);
    const struct case_state *state = fold(world, memory, now);
    CHECK_EQ(case_plan(state, memory, &applied, now, &world->arena, &plan), ERR_OK);
    return plan;
}

static const char *runs_text(struct rule_world *world, const struct case_state *state)
{
    struct buf buf;
    buf_init(&buf, 1 << 20);
    for (size_t i = 0; i < state->run_count; i++) {
        const struct run *run = &state->runs[i];
        buf_text(&buf, run->clock);
        buf_format(
            &buf, " %d %lld %s version %lld%s%s %s\n", run->number, (long long)run->start.ms,
            world_outcome(world, run), (long long)run->policy->version,
            run->waived ? " waived" : "", run->caused_by_rule_change ? " by the change" : "",
            appeal_name(run->appeal));
    }
    const char *text = arena_string(&world->arena, buf_view(&buf));
    buf_release(&buf);
    return text;
}

static void add(struct rule_world *world, struct case_memory *memory, const struct event *event)
{
    const struct rulebook applied = rulebook_at(&world->rulebook, event->arrived);
    const struct policy *newest = rulebook_newest(&applied);
    struct event stamped = *event;
    stamped.rules_version = newest->version;
    CHECK(memory_add_event(memory, &world->arena, &stamped, newest) != MEMORY_NO_ROOM);
}

static void shuffle(struct world_events *events, struct prng *prng)
{
    for (size_t i = events->count; i > 1; i--) {
        const size_t other = prng_below(prng, i);
        const struct event kept = events->events[i - 1];
        events->events[i - 1] = events->events[other];
        events->events[other] = kept;
    }
}

/* ---- laws of fold ---- */

static void order_and_repetition_of_arrival_do_not_change_runs(void)
{
    for (uint64_t i = 0; i < world_count(WORLDS); i++) {
        struct scene scene;
        scene_init(&scene, first_seed() + i);
        struct case_memory once = {.id = text_of("K1")};
        struct case_memory again = {.id = text_of("K1")};
        for (size_t e = 0; e < scene.events.count; e++)
            add(&scene.world, &once, &scene.events.events[e]);
        shuffle(&scene.events, &scene.prng);
        for (size_t e = 0; e < 2 * scene.events.count; e++)
            add(&scene.world, &again, &scene.events.events[e % scene.events.count]);
        CHECK_STR(
            runs_text(&scene.world, fold(&scene.world, &again, scene.until)),
            runs_text(&scene.world, fold(&scene.world, &once, scene.until)));
        scene_release(&scene);
    }
}

static void store_and_load(struct rule_world *world, struct case_memory *memory);

/* Batches of any size, a fold and a record between them, as arrivals meet a busy service. */
static void splitting_into_batches_does_not_change_runs(void)
{
    for (uint64_t i = 0; i < world_count(WORLDS); i++) {
        struct scene scene;
        scene_init(&scene, first_seed() + i);
        struct case_memory once = {.id = text_of("K1")};
        struct case_memory batches = {.id = text_of("K1")};
        for (size_t e = 0; e < scene.events.count; e++)
            add(&scene.world, &once, &scene.events.events[e]);
        shuffle(&scene.events, &scene.prng);
        for (size_t e = 0; e < scene.events.count;) {
            const size_t end = e + 1 + prng_below(&scene.prng, 5);
            for (; e < end && e < scene.events.count; e++)
                add(&scene.world, &batches, &scene.events.events[e]);
            (void)plan(&scene.world, &batches, scene.until);
            store_and_load(&scene.world, &batches);
        }
        CHECK_STR(
            runs_text(&scene.world, fold(&scene.world, &batches, scene.until)),
            runs_text(&scene.world, fold(&scene.world, &once, scene.until)));
        scene_release(&scene);
    }
}

/* ---- laws of plan, along a whole life ---- */

/* Nothing is early: not before its instant, its run, and what is red not before due. */
static void check_firings(const struct case_plan *planned, struct wall_ms now)
{
    for (size_t i = 0; i < planned->firing_count; i++) {
        const struct fired *fired = &planned->firings[i].fired;
        const struct run *run = planned->firings[i].run;
        CHECK_GE(now.ms, fired->instant.ms);
        CHECK_EQ(fired->fired_at.ms, now.ms);
        CHECK_GE(fired->instant.ms, run->start.ms);
        CHECK(!run->has_stopped && !run->pausing);
        if (planned->firings[i].stage->light == LIGHT_RED && CHECK(run->has_due))
            CHECK_GE(fired->instant.ms, run->due.ms);
        if (fired->status == ALERT_FIRED)
            CHECK_GE(fired->to_count, 1);
        else
            CHECK_EQ(fired->to_count, 0);
    }
}

/* Through bytes and back, as between two steps of the service. */
static void store_and_load(struct rule_world *world, struct case_memory *memory)
{
    struct buf buf;
    buf_init(&buf, 1 << 20);
    record_pack(memory, &buf);
    struct case_memory back;
    const struct text bytes = arena_text(&world->arena, buf_view(&buf));
    if (CHECK_EQ(record_unpack(bytes, &world->arena, &back, NULL), ERR_OK))
        *memory = back;
    buf_release(&buf);
}

static int by_identity(const void *a, const void *b)
{
    return fired_compare(a, b);
}

static void put_alert(struct rule_world *world, struct buf *alerts, const struct fired *fired)
{
    if (fired->status == ALERT_COLLAPSED)
        return;
    buf_text(alerts, fired->clock);
    buf_format(alerts, " %d ", fired->run);
    buf_text(alerts, fired->stage);
    buf_format(
        alerts, " %s %s %s\n", world_text(world, fired->instant),
        world_text(world, fired->fired_at), alert_status_name(fired->status));
}

static struct wall_ms next_version(const struct scene *scene, struct wall_ms after)
{
    const struct wall_ms since = scene->other.policy.since;
    return since.ms > after.ms ? since : (struct wall_ms){.ms = WALL_MS_MAX};
}

static void fire_at(
    struct scene *scene, struct case_memory *memory, struct wall_ms now, struct buf *alerts)
{
    struct rule_world *world = &scene->world;
    const struct case_plan planned = plan(world, memory, now);
    check_firings(&planned, now);
    const size_t count = planned.firing_count;
    struct fired *fired = arena_array(&world->arena, count, sizeof(*fired));
    for (size_t i = 0; i < count && CHECK(fired); i++)
        fired[i] = planned.firings[i].fired;
    if (count > 1) /* the simulation lists what fires at one moment by clock, run and stage */
        qsort(fired, count, sizeof(*fired), by_identity);
    CHECK(memory_add_fired(memory, &world->arena, fired, count));
    for (size_t i = 0; i < count; i++)
        put_alert(world, alerts, &fired[i]);
    const struct case_plan second = plan(world, memory, now);
    CHECK_EQ(second.firing_count, 0);
    CHECK_EQ(second.has_next, planned.has_next);
    if (second.has_next) {
        CHECK_GE(second.next.ms, now.ms + 1);
        CHECK_EQ(second.next.ms, planned.next.ms);
        const struct wall_ms before = wall_add(second.next, -1);
        if (next_version(scene, now).ms > before.ms)
            CHECK_EQ(plan(world, memory, before).firing_count, 0);
    }
}

/* The next arrival, or version 2. */
static struct wall_ms next_change(const struct scene *scene, struct wall_ms after)
{
    struct wall_ms next = next_version(scene, after);
    for (size_t i = 0; i < scene->events.count; i++) {
        const struct wall_ms at = scene->events.events[i].arrived;
        if (at.ms > after.ms && at.ms < next.ms)
            next = at;
    }
    return next;
}

static const char *plan_text(struct rule_world *world, const struct case_plan *planned)
{
    struct buf buf;
    buf_init(&buf, 1 << 20);
    for (size_t i = 0; i < planned->firing_count; i++) {
        put_alert(world, &buf, &planned->firings[i].fired);
        for (size_t p = 0; p < planned->firings[i].fired.to_count; p++)
            buf_text(&buf, planned->firings[i].fired.to[p]);
    }
    if (planned->has_next)
        buf_format(&buf, "next %lld", (long long)planned->next.ms);
    const char *text = arena_string(&world->arena, buf_view(&buf));
    buf_release(&buf);
    return text;
}

/* What has grown event by event plans what a memory made at once from the same sets plans. */
static void check_against_scratch(
    struct scene *scene, const struct case_memory *memory, struct wall_ms now)
{
    struct rule_world *world = &scene->world;
    struct case_memory scratch = {.id = memory->id};
    for (size_t e = scene->events.count; e-- > 0;) {
        if (scene->events.events[e].arrived.ms <= now.ms)
            add(world, &scratch, &scene->events.events[e]);
    }
    CHECK(memory_add_fired(&scratch, &world->arena, memory->fired, memory->fired_count));
    memory_note_arrival(&scratch, memory->first_arrived);
    const struct case_plan grown = plan(world, memory, now);
    const struct case_plan made = plan(world, &scratch, now);
    CHECK_STR(plan_text(world, &grown), plan_text(world, &made));
}

/* The life of a case as the service lives it: arrivals and wakes, stored after each. */
static void live(struct scene *scene, struct case_memory *memory, struct buf *alerts)
{
    struct wall_ms now = {.ms = -1};
    for (;;) {
        const struct wall_ms arrival = next_change(scene, now);
        struct wall_ms wake = {.ms = WALL_MS_MAX};
        if (memory->event_count > 0) {
            const struct case_plan planned = plan(&scene->world, memory, now);
            wake = planned.has_next ? planned.next : wake;
        }
        now = arrival.ms < wake.ms ? arrival : wake;
        if (now.ms > scene->until.ms)
            break;
        for (size_t i = 0; i < scene->events.count; i++) {
            if (scene->events.events[i].arrived.ms == now.ms)
                add(&scene->world, memory, &scene->events.events[i]);
        }
        if (memory->event_count > 0 && prng_one_in(&scene->prng, 4))
            check_against_scratch(scene, memory, now);
        fire_at(scene, memory, now, alerts);
        store_and_load(&scene->world, memory);
    }
}

struct simulated {
    struct buf lines; /* in the form of fire_at() */
};

static struct text member(struct text line, const char *key)
{
    const char *at = strstr(line.ptr, key) + strlen(key);
    return (struct text){.ptr = at, .bytes = strcspn(at, ",\"")};
}

static enum err take_line(void *context, struct text line)
{
    struct simulated *simulated = context;
    static const char *const keys[] = {"\"clock\":\"",   "\"run\":",        "\"stage\":\"",
                                       "\"instant\":\"", "\"fired_at\":\"", "\"status\":\""};
    if (!strstr(line.ptr, "\"alert\""))
        return ERR_OK;
    for (size_t i = 0; i < 6; i++) {
        buf_text(&simulated->lines, member(line, keys[i]));
        buf_char(&simulated->lines, i < 5 ? ' ' : '\n');
    }
    return ERR_OK;
}

static void a_stored_life_fires_what_the_simulation_fires(void)
{
    for (uint64_t i = 0; i < world_count(WORLDS); i++) {
        struct scene scene;
        struct case_memory memory = {.id = text_of("K1")};
        struct buf alerts;
        struct simulated simulated;
        scene_init(&scene, first_seed() + i);
        buf_init(&alerts, 1 << 20);
        buf_init(&simulated.lines, 1 << 20);
        struct simulation *simulation = simulation_create(&scene.world.rulebook);
        for (size_t e = 0; e < scene.events.count; e++)
            CHECK_EQ(simulation_add(simulation, &scene.events.events[e]), ERR_OK);
        CHECK_EQ(simulation_run(simulation, scene.until, take_line, &simulated), ERR_OK);
        live(&scene, &memory, &alerts);
        CHECK_STR(alerts.ptr ? alerts.ptr : "", simulated.lines.ptr ? simulated.lines.ptr : "");
        simulation_free(simulation);
        buf_release(&alerts);
        buf_release(&simulated.lines);
        scene_release(&scene);
    }
}

/* ---- laws of running out ---- */

/* One step with an arena of that size; true when it was enough. */
static bool step_within(struct scene *scene, const struct case_memory *memory, size_t bytes_max)
{
    struct arena arena;
    struct case_memory grown = *memory;
    const struct case_state *state = NULL;
    struct case_plan planned = {0};
    grown.event_capacity = 0; /* copied into our arena, so that the memory stays as it is */
    grown.fired_capacity = 0;
    arena_init(&arena, bytes_max);
    struct event event = scene->events.events[0];
    event.id = text_of("one more");
    bool enough = memory_add_event(&grown, &arena, &event, &scene->world.policy) != MEMORY_NO_ROOM;
    enum err err = case_fold(&grown, &scene->world.rulebook, scene->until, &arena, &state);
    enough = enough && err == ERR_OK;
    CHECK(err == ERR_OK || err == ERR_NO_MEMORY);
    if (err == ERR_OK) {
        err = case_plan(state, &grown, &scene->world.rulebook, scene->until, &arena, &planned);
        enough = enough && err == ERR_OK;
        CHECK(err == ERR_OK || err == ERR_NO_MEMORY);
    }
    for (size_t i = 0; enough && i < planned.firing_count; i++)
        enough = memory_add_fired(&grown, &arena, &planned.firings[i].fired, 1);
    arena_release(&arena);
    return enough;
}

static void running_out_of_memory_is_an_error_not_a_crash(void)
{
    for (uint64_t i = 0; i < world_count(WORLDS / 50); i++) {
        struct scene scene;
        struct case_memory memory = {.id = text_of("K1")};
        size_t bytes_max = 1;
        scene_init(&scene, first_seed() + i);
        for (size_t e = 0; e < scene.events.count; e++)
            add(&scene.world, &memory, &scene.events.events[e]);
        while (bytes_max < ((size_t)4 << 20) && !step_within(&scene, &memory, bytes_max))
            bytes_max += 112;
        CHECK(step_within(&scene, &memory, bytes_max));
        scene_release(&scene);
    }
}

/* ---- laws of memory ---- */

static struct buf packed(const struct case_memory *memory)
{
    struct buf buf;
    buf_init(&buf, 1 << 20);
    record_pack(memory, &buf);
    return buf;
}

static void join(struct rule_world *world, struct case_memory *into, const struct case_memory *from)
{
    for (size_t i = 0; i < from->event_count; i++)
        add(world, into, &from->events[i]);
    CHECK(memory_add_fired(into, &world->arena, from->fired, from->fired_count));
    memory_note_arrival(into, from->first_arrived);
}

static void joining_memories_is_a_union_of_sets(void)
{
    for (uint64_t i = 0; i < world_count(WORLDS / 4); i++) {
        struct scene scene;
        struct case_memory all = {.id = text_of("K1")};
        struct case_memory half[2] = {{.id = text_of("K1")}, {.id = text_of("K1")}};
        struct case_memory joined[2] = {{.id = text_of("K1")}, {.id = text_of("K1")}};
        struct buf alerts;
        scene_init(&scene, first_seed() + i);
        buf_init(&alerts, 1 << 20);
        live(&scene, &all, &alerts);
        for (size_t e = 0; e < all.event_count; e++) { /* each in the one, the other, or both */
            const uint64_t where = prng_below(&scene.prng, 3);
            if (where != 1)
                add(&scene.world, &half[0], &all.events[e]);
            if (where != 0)
                add(&scene.world, &half[1], &all.events[e]);
        }
        const size_t cut = all.fired_count / 2;
        CHECK(memory_add_fired(&half[0], &scene.world.arena, all.fired, cut));
        CHECK(memory_add_fired(
            &half[1], &scene.world.arena, all.fired + cut / 2, all.fired_count - cut / 2));
        for (int order = 0; order < 2; order++) {
            join(&scene.world, &joined[order], &half[order]);
            join(&scene.world, &joined[order], &half[1 - order]);
            join(&scene.world, &joined[order], &half[order]);
            struct buf whole = packed(&all);
            struct buf parts = packed(&joined[order]);
            CHECK(text_equal(buf_view(&whole), buf_view(&parts)));
            buf_release(&whole);
            buf_release(&parts);
        }
        buf_release(&alerts);
        scene_release(&scene);
    }
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(order_and_repetition_of_arrival_do_not_change_runs);
    CHECK_RUN(splitting_into_batches_does_not_change_runs);
    CHECK_RUN(a_stored_life_fires_what_the_simulation_fires);
    CHECK_RUN(running_out_of_memory_is_an_error_not_a_crash);
    CHECK_RUN(joining_memories_is_a_union_of_sets);
    return check_done();
}
