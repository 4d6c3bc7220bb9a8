/* SPDX-License-Identifier: Apache-2.0 */
/* nrt-test: timeout=1800 */
/*
 * Intake and wake over the memory twin, one or two monitors, one or three partitions, crashes
 * between any two steps: whatever happens, the journal must tell exactly the alerts and
 * runs of the pure simulation, each once. tests/support/seeds.h says how many seeds.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/check.h"
#include "tests/support/history.h"
#include "tests/support/seeds.h"
#include "tests/support/sim_roles.h"

#define SEEDS_USUAL        1000
#define HISTORY_EVENTS_MAX 256

static struct history *histories[HISTORY_WORLDS];

static void take_fact(void *context, const struct json_value *fact)
{
    tally_add_fact(context, fact);
}

/* Everything at once in a random order: what fires then is another matter, the runs are not. */
static bool flood(struct sim_world *world, const struct history *history)
{
    struct text bodies[HISTORY_EVENTS_MAX];
    struct text subjects[HISTORY_EVENTS_MAX];
    struct wall_ms arrived[HISTORY_EVENTS_MAX];
    size_t count = 0;
    for (size_t index = 0; index < history->event_count; index++) {
        const struct event *event = &history->events[index];
        if (event->arrived.ms > history->until.ms || count == HISTORY_EVENTS_MAX) {
            break;
        }
        const size_t place = prng_below(sim_world_prng(world), ++count);
        bodies[count - 1] = bodies[place];
        subjects[count - 1] = subjects[place];
        arrived[count - 1] = arrived[place];
        bodies[place] = history->bodies[index];
        subjects[place] = event->subject;
        arrived[place] = event->arrived;
    }
    return sim_world_step_to(world, history->until) &&
           sim_world_flood(world, bodies, subjects, arrived, count) &&
           sim_world_step_to(world, history->until);
}

static struct sim_world *world_of_seed(
    uint64_t seed, uint64_t crash_one_in, const struct history **ret_history)
{
    struct prng prng;
    prng_seed(&prng, seed ^ 0x5eed);
    const struct history *history = histories[prng_below(&prng, HISTORY_WORLDS)];
    const struct sim_options options = {
        .seed = seed,
        .partitions = prng_one_in(&prng, 2) ? 1 : 3,
        .bundle = history->bundle,
        .crash_one_in = crash_one_in,
    };
    struct sim_world *world = sim_world_create(&options);
    sim_world_add(world, &sim_monitor, "monitor-1");
    if (prng_one_in(&prng, 2)) {
        sim_world_add(world, &sim_monitor, "monitor-2");
    }
    sim_world_add(world, &sim_sink, "sink-1");
    *ret_history = history;
    return world;
}

struct seed_mode {
    uint64_t crash_one_in;
    bool (*feed)(struct sim_world *world, const struct history *history);
    bool runs_only;
};

static bool seed_holds(uint64_t seed, const struct seed_mode *mode)
{
    const struct history *history = NULL;
    struct sim_world *world = world_of_seed(seed, mode->crash_one_in, &history);
    struct tally expected;
    struct tally actual;
    tally_init(&expected);
    tally_init(&actual);
    history_simulate(history, &expected);
    bool holds = mode->feed(world, history);
    sim_world_facts(world, take_fact, &actual);
    tally_sort(&actual);
    const bool once = !tally_has_doubles(&actual);
    if (mode->runs_only) {
        tally_forget_alerts(&expected);
        tally_forget_alerts(&actual);
    }
    holds = tally_equal(&expected, &actual) && once && actual.early_count == 0 && holds;
    if (!holds) {
        (void)fprintf(
            stderr, "NRT_SIM_SEED=%llu crash_one_in=%llu crashes=%zu\n", (unsigned long long)seed,
            (unsigned long long)mode->crash_one_in, sim_world_crashes(world));
    }
    tally_release(&expected);
    tally_release(&actual);
    sim_world_free(world);
    return holds;
}

static void run_seeds(uint64_t seeds, const struct seed_mode *mode)
{
    const uint64_t only = seeds_only();
    const uint64_t first = only ? only : 1;
    const uint64_t last = only ? only : seeds;
    for (uint64_t seed = first; seed <= last; seed++) {
        if (!CHECK(seed_holds(seed, mode))) {
            return;
        }
    }
}

static void without_crashes_the_journal_equals_the_simulation(void)
{
    run_seeds(seeds_count(SEEDS_USUAL) / 10, &(struct seed_mode){0, sim_replay, false});
}

static void with_rare_crashes_the_journal_equals_the_simulation(void)
{
    run_seeds(seeds_count(SEEDS_USUAL) / 2, &(struct seed_mode){400, sim_replay, false});
}

static void with_crashes_all_the_time_the_journal_equals_the_simulation(void)
{
    run_seeds(seeds_count(SEEDS_USUAL) / 2, &(struct seed_mode){40, sim_replay, false});
}

static void events_in_any_order_at_once_give_the_same_runs(void)
{
    run_seeds(seeds_count(SEEDS_USUAL) / 5, &(struct seed_mode){0, flood, true});
    run_seeds(seeds_count(SEEDS_USUAL) / 5, &(struct seed_mode){100, flood, true});
}

int main(void)
{
    for (int world = 1; world <= HISTORY_WORLDS; world++) {
        histories[world - 1] = history_load(world);
    }
    CHECK_RUN(without_crashes_the_journal_equals_the_simulation);
    CHECK_RUN(with_rare_crashes_the_journal_equals_the_simulation);
    CHECK_RUN(with_crashes_all_the_time_the_journal_equals_the_simulation);
    CHECK_RUN(events_in_any_order_at_once_give_the_same_runs);
    for (int world = 0; world < HISTORY_WORLDS; world++) {
        history_free(histories[world]);
    }
    return check_done();
}
