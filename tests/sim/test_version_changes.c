/* SPDX-License-Identifier: Apache-2.0 */
/* nrt-test: timeout=600 */
/*
 * The rules change while cases run: a second version with other limits comes into force, every
 * open case is replanned to it, and later that is undone, or rolled back by a third version with
 * the first one's content. Whatever crashes meanwhile, the journal must tell what the simulation
 * of the same history of versions tells. tests/support/seeds.h says how many seeds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "config/event_json.h"
#include "rules/calendar.h"
#include "tests/support/check.h"
#include "tests/support/seeds.h"
#include "tests/support/sim_roles.h"

#define SEEDS_USUAL   600
#define VERSIONS_MAX  3
#define EXTRA_MAX     512
#define SWEEP_AFTER   1000 /* ms from a version to the replan's events */
#define HISTORIES_MAX 16

static struct history *histories[HISTORIES_MAX];

/* A history with its versions; the original's bundle lends rule sets and calendar. */
struct changing {
    struct history history;
    struct policy policies[VERSIONS_MAX];
    const struct policy *list[VERSIONS_MAX];
    struct rulebook rulebook;
};

/* ---- versions ---- */

static void change_limit(struct clock_rule *rule, struct prng *prng)
{
    if (rule->limit_from_case || rule->recurs || rule->limit.amount < 2) {
        return;
    }
    const int64_t most = rule->limit.amount * 2;
    const int64_t amount = prng_range(prng, 1, most);
    /* Time is kept in ms, days in days: both stay in the unit's whole steps. */
    rule->limit.amount = rule->limit.step_ms > 0 ? (amount + rule->limit.step_ms - 1) /
                                                       rule->limit.step_ms * rule->limit.step_ms
                                                 : amount;
}

static void change_rules(struct policy *policy, struct arena *arena, struct prng *prng)
{
    struct ruleset *sets = arena_array(arena, policy->set_count, sizeof(*sets));
    MUST(sets);
    for (size_t set = 0; set < policy->set_count; set++) {
        sets[set] = policy->sets[set];
        struct clock_rule *clocks = arena_array(arena, sets[set].clock_count, sizeof(*clocks));
        MUST(clocks);
        for (size_t index = 0; index < sets[set].clock_count; index++) {
            clocks[index] = sets[set].clocks[index];
            change_limit(&clocks[index], prng);
        }
        sets[set].clocks = clocks;
    }
    policy->sets = sets;
}

static void add_version(struct changing *changing, const struct policy *policy, int64_t since_ms)
{
    const size_t count = changing->rulebook.policy_count;
    MUST(count < VERSIONS_MAX);
    changing->policies[count] = *policy;
    changing->policies[count].version = (int64_t)count + 1;
    changing->policies[count].since.ms = since_ms;
    changing->list[count] = &changing->policies[count];
    changing->rulebook.policies = changing->list;
    changing->rulebook.policy_count++;
}

/* ---- events of our own ---- */

static void add_event(
    struct changing *changing, struct text subject, int64_t at_ms, const char *data)
{
    struct history *history = &changing->history;
    const struct calendar *calendar = changing->policies[0].calendar;
    char when[WALL_TEXT_BYTES];
    char body[512];
    const int bytes = snprintf(
        body, sizeof(body),
        "{\"specversion\":\"1.0\",\"id\":\"%lld:%.*s\",\"source\":\"" EVENT_SOURCE_OWN
        "\",\"type\":\"case.replanned\",\"subject\":\"%.*s\",\"time\":\"%s\",\"data\":%s}",
        (long long)at_ms, TEXT_ARGS(subject), TEXT_ARGS(subject),
        calendar_format(calendar, (struct wall_ms){at_ms}, when), data);
    MUST(bytes > 0 && (size_t)bytes < sizeof(body));
    const struct text kept =
        arena_text(&history->arena, (struct text){.ptr = body, .bytes = (size_t)bytes});
    struct event event;
    struct err_why why = {{0}};
    const enum err err = event_read(kept, (struct wall_ms){-1}, &history->arena, &event, &why);
    check_note("%s", why.text);
    MUST(err == ERR_OK);
    size_t place = history->event_count++;
    for (; place > 0 && history->events[place - 1].arrived.ms > at_ms; place--) {
        history->events[place] = history->events[place - 1];
        history->bodies[place] = history->bodies[place - 1];
    }
    history->events[place] = event;
    history->bodies[place] = kept;
}

/* One event for each case that was there by then, as a sweep makes them. */
static void sweep(struct changing *changing, int64_t at_ms, const char *data)
{
    struct text seen[EXTRA_MAX];
    size_t seen_count = 0;
    for (size_t index = 0; index < changing->history.event_count && seen_count < 64; index++) {
        const struct event *event = &changing->history.events[index];
        bool known = event->arrived.ms > at_ms;
        for (size_t other = 0; other < seen_count; other++) {
            known = known || text_equal(seen[other], event->subject);
        }
        if (!known) {
            seen[seen_count++] = event->subject;
        }
    }
    for (size_t index = 0; index < seen_count; index++) {
        add_event(changing, seen[index], at_ms, data);
    }
}

static void changing_init(
    struct changing *changing, const struct history *history, struct prng *prng)
{
    *changing = (struct changing){.history = *history};
    struct history *own = &changing->history;
    arena_init(&own->arena, 0);
    own->events = arena_array(&own->arena, history->event_count + EXTRA_MAX, sizeof(*own->events));
    own->bodies = arena_array(&own->arena, history->event_count + EXTRA_MAX, sizeof(*own->bodies));
    MUST(own->events && own->bodies);
    memcpy(own->events, history->events, history->event_count * sizeof(*own->events));
    memcpy(own->bodies, history->bodies, history->event_count * sizeof(*own->bodies));
    const int64_t begin_ms = history->events[0].arrived.ms;
    const int64_t first_ms = prng_range(prng, begin_ms, history->until.ms - 4 * SWEEP_AFTER);
    const int64_t second_ms = prng_range(prng, first_ms + 2 * SWEEP_AFTER, history->until.ms);
    add_version(changing, &history->bundle->policy, 0);
    struct policy changed = history->bundle->policy;
    change_rules(&changed, &own->arena, prng);
    add_version(changing, &changed, first_ms);
    sweep(changing, first_ms + SWEEP_AFTER, "{\"version\":2,\"replan\":\"r1\"}");
    switch (prng_below(prng, 3)) {
    case 0:
        sweep(changing, second_ms, "{\"undo\":\"r1\",\"replan\":\"r2\"}");
        break;
    case 1:
        add_version(changing, &history->bundle->policy, second_ms);
        sweep(changing, second_ms + SWEEP_AFTER, "{\"version\":3,\"replan\":\"r2\"}");
        break;
    default: /* the new rules stay */
        break;
    }
}

/* ---- one seed ---- */

static void take_fact(void *context, const struct json_value *fact)
{
    tally_add_fact(context, fact);
}

static bool seed_holds(uint64_t seed, uint64_t crash_one_in)
{
    struct prng prng;
    prng_seed(&prng, seed ^ 0xc4a9);
    struct changing changing;
    changing_init(&changing, histories[prng_below(&prng, HISTORY_WORLDS)], &prng);
    const struct sim_options options = {
        .seed = seed,
        .partitions = prng_one_in(&prng, 2) ? 1 : 3,
        .bundle = changing.history.bundle,
        .rulebook = &changing.rulebook,
        .crash_one_in = crash_one_in,
    };
    struct sim_world *world = sim_world_create(&options);
    sim_world_add(world, &sim_monitor, "monitor-1");
    if (prng_one_in(&prng, 2)) {
        sim_world_add(world, &sim_monitor, "monitor-2");
    }
    sim_world_add(world, &sim_sink, "sink-1");
    struct tally expected;
    struct tally actual;
    tally_init(&expected);
    tally_init(&actual);
    history_simulate_versions(&changing.history, &changing.rulebook, &expected);
    bool holds = sim_replay(world, &changing.history);
    sim_world_facts(world, take_fact, &actual);
    tally_sort(&actual);
    holds = tally_equal(&expected, &actual) && !tally_has_doubles(&actual) &&
            actual.early_count == 0 && holds;
    if (!holds) {
        (void)fprintf(
            stderr, "NRT_SIM_SEED=%llu crash_one_in=%llu crashes=%zu\n", (unsigned long long)seed,
            (unsigned long long)crash_one_in, sim_world_crashes(world));
    }
    tally_release(&expected);
    tally_release(&actual);
    sim_world_free(world);
    arena_release(&changing.history.arena);
    return holds;
}

static void run_seeds(uint64_t seeds, uint64_t crash_one_in)
{
    const uint64_t only = seeds_only();
    const uint64_t first = only ? only : 1;
    const uint64_t last = only ? only : seeds;
    for (uint64_t seed = first; seed <= last; seed++) {
        if (!CHECK(seed_holds(seed, crash_one_in))) {
            return;
        }
    }
}

static void a_replan_gives_live_what_its_simulation_gives(void)
{
    run_seeds(seeds_count(SEEDS_USUAL) / 2, 0);
}

static void a_replan_with_crashes_gives_what_its_simulation_gives(void)
{
    run_seeds(seeds_count(SEEDS_USUAL) / 2, 60);
}

int main(void)
{
    for (int world = 1; world <= HISTORY_WORLDS; world++) {
        histories[world - 1] = history_load(world);
    }
    CHECK_RUN(a_replan_gives_live_what_its_simulation_gives);
    CHECK_RUN(a_replan_with_crashes_gives_what_its_simulation_gives);
    for (int world = 0; world < HISTORY_WORLDS; world++) {
        history_free(histories[world]);
    }
    return check_done();
}
