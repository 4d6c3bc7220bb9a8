/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What only the memory twin can show: a call's effect and its answer are two steps, a handle can
 * be closed or broken in between, and one seed gives one order.
 */
#include <stdio.h>
#include <string.h>

#include "base/must.h"
#include "store/store_open.h"
#include "tests/support/check.h"
#include "tests/support/store_answer.h"

static struct memory_world *world;
static struct prng prng;

static void open_world(uint64_t seed)
{
    world = memory_world_create(1);
    prng_seed(&prng, seed);
}

static void run_dry(void)
{
    while (memory_world_step(world, &prng)) {
    }
}

/* Steps until the answer is there. */
static void await(const struct store_answer *answer)
{
    while (!answer->done && memory_world_step(world, &prng)) {
    }
    CHECK(answer->done);
}

static void commit(struct store *store, const char *id, struct store_answer *answer)
{
    const struct store_step step = {
        .case_id = text_of(id),
        .record = TEXT_LITERAL("r"),
        .has_wake = true,
        .wake = {.ms = 10},
    };
    store_answer_clear(answer);
    store_commit(store, 0, &step, 1, answer_commit, answer);
}

static void claim(struct store *store, struct store_answer *answer)
{
    const struct wall_ms now = {.ms = 100};
    store_answer_clear(answer);
    store_timers_claim(store, 0, now, 64, false, answer_claim, answer);
}

static int64_t version_of(struct store *store, const char *id)
{
    struct store_answer answer;
    const struct text ids[] = {text_of(id)};
    store_answer_init(&answer);
    store_cases_load(store, 0, ids, 1, answer_cases, &answer);
    await(&answer);
    const int64_t version = answer.count ? answer.cases[0].version : -1;
    store_answer_release(&answer);
    return version;
}

static void a_call_takes_two_steps(void)
{
    struct store_answer answer;
    store_answer_init(&answer);
    open_world(1);
    struct store *const store = store_memory_open(world, TEXT_LITERAL("m"));
    commit(store, "a", &answer);
    CHECK(!answer.done);
    CHECK(memory_world_step(world, &prng));
    CHECK(!answer.done);
    CHECK(memory_world_step(world, &prng));
    CHECK(answer.done);
    CHECK(!memory_world_step(world, &prng));
    memory_world_free(world);
    store_answer_release(&answer);
}

static void a_close_before_the_first_step_leaves_no_trace(void)
{
    struct store_answer answer;
    store_answer_init(&answer);
    open_world(1);
    struct store *const store = store_memory_open(world, TEXT_LITERAL("m"));
    struct store *const witness = store_memory_open(world, TEXT_LITERAL("w"));
    commit(store, "a", &answer);
    store_close(store);
    CHECK_EQ(version_of(witness, "a"), 0);
    CHECK(!answer.done);
    memory_world_free(world);
    store_answer_release(&answer);
}

static void a_close_between_the_steps_leaves_the_effect(void)
{
    struct store_answer answer;
    store_answer_init(&answer);
    open_world(1);
    struct store *const store = store_memory_open(world, TEXT_LITERAL("m"));
    struct store *const witness = store_memory_open(world, TEXT_LITERAL("w"));
    commit(store, "a", &answer);
    CHECK(memory_world_step(world, &prng));
    store_close(store);
    CHECK_GE(version_of(witness, "a"), 1);
    CHECK(!answer.done);
    memory_world_free(world);
    store_answer_release(&answer);
}

static void a_break_tells_unsent_from_unanswered(void)
{
    struct store_answer first;
    struct store_answer second;
    store_answer_init(&first);
    store_answer_init(&second);
    open_world(1);
    struct store *const store = store_memory_open(world, TEXT_LITERAL("m"));
    commit(store, "a", &first);
    CHECK(memory_world_step(world, &prng));
    commit(store, "b", &second);
    store_memory_break(store);
    CHECK(!first.done);
    run_dry();
    CHECK_EQ(first.err, ERR_TIMEOUT);
    CHECK_EQ(second.err, ERR_AWAY);
    CHECK_GE(version_of(store, "a"), 1);
    CHECK_EQ(version_of(store, "b"), 0);
    memory_world_free(world);
    store_answer_release(&first);
    store_answer_release(&second);
}

static void a_lost_take_comes_again_and_a_held_entry_does_not(void)
{
    struct store_answer answer;
    store_answer_init(&answer);
    open_world(1);
    struct store *const store = store_memory_open(world, TEXT_LITERAL("m"));
    const struct store_item items[] = {
        {.body = TEXT_LITERAL("held")}, {.body = TEXT_LITERAL("lost")}};
    store_queue_add(store, QUEUE_EVENTS, items, 2, answer_add, &answer);
    run_dry();
    store_answer_clear(&answer);
    store_queue_take(store, QUEUE_EVENTS, 1, 0, answer_take, &answer);
    run_dry();
    CHECK_EQ(answer.count, 1);
    store_answer_clear(&answer);
    store_queue_take(store, QUEUE_EVENTS, 1, 0, answer_take, &answer);
    CHECK(memory_world_step(world, &prng));
    store_memory_break(store);
    run_dry();
    CHECK_EQ(answer.err, ERR_TIMEOUT);
    store_answer_clear(&answer);
    store_queue_take(store, QUEUE_EVENTS, 64, 0, answer_take, &answer);
    run_dry();
    CHECK_EQ(answer.count, 1);
    CHECK(text_is(answer.entries[0].body, "lost"));
    CHECK_EQ(answer.entries[0].deliveries, 2);
    memory_world_free(world);
    store_answer_release(&answer);
}

static void a_lost_claim_comes_again_and_a_held_one_does_not(void)
{
    struct store_answer answer;
    store_answer_init(&answer);
    open_world(1);
    struct store *const store = store_memory_open(world, TEXT_LITERAL("m"));
    commit(store, "held", &answer);
    run_dry();
    claim(store, &answer);
    run_dry();
    CHECK_EQ(answer.claimed.due_count, 1);
    commit(store, "lost", &answer);
    run_dry();
    claim(store, &answer);
    CHECK(memory_world_step(world, &prng));
    store_memory_break(store);
    run_dry();
    CHECK_EQ(answer.err, ERR_TIMEOUT);
    claim(store, &answer);
    run_dry();
    CHECK_EQ(answer.claimed.due_count, 1);
    CHECK(text_is(answer.claimed.due[0].record.id, "lost"));
    claim(store, &answer);
    run_dry();
    CHECK_EQ(answer.claimed.due_count, 0);
    memory_world_free(world);
    store_answer_release(&answer);
}

/* ---- order ---- */

static char order[64];

static void note(void *context, enum err err, const char *why)
{
    const size_t bytes = strlen(order);
    (void)err;
    (void)why;
    MUST(bytes + 2 < sizeof order);
    order[bytes] = *(const char *)context;
    order[bytes + 1] = '\0';
}

static void run_seed(uint64_t seed)
{
    static const char *const names[] = {"a", "b", "c"};
    order[0] = '\0';
    open_world(seed);
    for (size_t i = 0; i < 3; i++) {
        struct store *const store = store_memory_open(world, text_of(names[i]));
        for (int k = 0; k < 3; k++) {
            union {
                const char *name;
                void *context;
            } who = {.name = names[i]};
            store_journal_add(store, 0, TEXT_LITERAL("1"), note, who.context);
        }
    }
    run_dry();
    memory_world_free(world);
}

static void one_seed_gives_one_order_and_others_give_others(void)
{
    char first[sizeof order];
    size_t different = 0;
    run_seed(1);
    (void)snprintf(first, sizeof first, "%s", order);
    CHECK_EQ(strlen(first), 9);
    run_seed(1);
    CHECK_STR(order, first);
    for (uint64_t seed = 2; seed < 12; seed++) {
        run_seed(seed);
        different += strcmp(order, first) != 0;
    }
    CHECK_GE(different, 8);
}

static void a_waiting_take_names_the_instant_at_which_it_ends(void)
{
    struct store_answer answer;
    store_answer_init(&answer);
    open_world(1);
    memory_world_set_real(world, 1000);
    struct store *const store = store_memory_open(world, TEXT_LITERAL("m"));
    CHECK_EQ(memory_world_next_wait(world), INT64_MAX);
    store_queue_take(store, QUEUE_DOOR, 64, 500, answer_take, &answer);
    CHECK(!memory_world_step(world, &prng));
    CHECK_EQ(memory_world_next_wait(world), 1500);
    memory_world_set_real(world, 1500);
    run_dry();
    CHECK(answer.done);
    CHECK_EQ(answer.count, 0);
    memory_world_free(world);
    store_answer_release(&answer);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(a_call_takes_two_steps);
    CHECK_RUN(a_close_before_the_first_step_leaves_no_trace);
    CHECK_RUN(a_close_between_the_steps_leaves_the_effect);
    CHECK_RUN(a_break_tells_unsent_from_unanswered);
    CHECK_RUN(a_lost_take_comes_again_and_a_held_entry_does_not);
    CHECK_RUN(a_lost_claim_comes_again_and_a_held_one_does_not);
    CHECK_RUN(one_seed_gives_one_order_and_others_give_others);
    CHECK_RUN(a_waiting_take_names_the_instant_at_which_it_ends);
    return check_done();
}
