/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The contract of the store, throttles: no span of a window's length holds more than its maximum,
 * whoever sends; what may not go now is told when, its place is kept, and an urgent one goes before
 * those that wait. Closed is closed for all senders.
 */
#include <stdio.h>

#include "base/prng.h"
#include "tests/support/check.h"
#include "tests/support/store_rig.h"

static struct store *store;

static const struct text sms = {.ptr = "sms", .bytes = 3};

static void open_store(void)
{
    store = store_rig_open(rig, "notifier-1");
}

static int64_t take(
    struct store *by,
    int64_t now_ms,
    const char *slot,
    const struct throttle_limit *limits,
    size_t count)
{
    const struct throttle_ask ask = {
        .slot = text_of(slot),
        .mailbox = TEXT_LITERAL("li"),
        .urgent = slot[0] == '!',
        .limits = limits,
        .limit_count = count,
    };
    const struct wall_ms now = {now_ms};
    STORE_DO(store_throttle_take(by, sms, now, &ask, 1, answer_throttle, &got));
    return CHECK_EQ(got.count, 1) ? got.goes[0].ms : -1;
}

static const struct throttle_limit two_a_minute = {
    .key = {.ptr = "sms|c|60000", .bytes = 11}, .window_ms = 60000, .max = 2};

static int64_t take2(int64_t now_ms, const char *slot)
{
    return take(store, now_ms, slot, &two_a_minute, 1);
}

static void so_many_go_at_once_and_the_others_in_turn(void)
{
    open_store();
    CHECK_EQ(take2(1000, "a"), 1000);
    CHECK_EQ(take2(3000, "b"), 3000);
    CHECK_EQ(take2(4000, "c"), 61000); /* when a leaves the window */
    CHECK_EQ(take2(4000, "d"), 63000);
    CHECK_EQ(take2(4000, "e"), 121000);
    CHECK_EQ(take2(61000, "c"), 61000);
    CHECK_EQ(take2(61000, "f"), 123000); /* nobody jumps the queue */
    CHECK_EQ(take2(63000, "d"), 63000);
    store_close(store);
}

static void a_place_is_kept_and_not_counted_twice(void)
{
    open_store();
    CHECK_EQ(take2(1000, "a"), 1000);
    CHECK_EQ(take2(1000, "a"), 1000); /* the answer was lost, say */
    CHECK_EQ(take2(1000, "b"), 1000);
    CHECK_EQ(take2(2000, "c"), 61000);
    CHECK_EQ(take2(30000, "c"), 61000); /* too early: the same place */
    CHECK_EQ(take2(30000, "d"), 61000);
    CHECK_EQ(take2(61000, "c"), 61000);
    store_close(store);
}

static void one_that_comes_late_shifts_the_next_and_no_more(void)
{
    const struct throttle_limit one = {TEXT_LITERAL("one"), 60000, 1};
    open_store();
    CHECK_EQ(take(store, 0, "a", &one, 1), 0);
    CHECK_EQ(take(store, 10, "b", &one, 1), 60000);
    CHECK_EQ(take(store, 20, "c", &one, 1), 120000);
    CHECK_EQ(take(store, 30, "d", &one, 1), 180000);
    CHECK_EQ(take(store, 60500, "b", &one, 1), 60500);
    CHECK_EQ(take(store, 120000, "c", &one, 1), 120500); /* not behind d */
    CHECK_EQ(take(store, 120500, "c", &one, 1), 120500);
    store_close(store);
}

static void an_urgent_one_goes_before_those_that_wait_and_uses_the_reserve(void)
{
    struct throttle_limit limit = two_a_minute; /* of three, one is kept */
    open_store();
    CHECK_EQ(take2(1000, "a"), 1000);
    CHECK_EQ(take2(1000, "b"), 1000);
    CHECK_EQ(take2(1000, "c"), 61000);
    limit.max = 3;
    CHECK_EQ(take(store, 2000, "!u", &limit, 1), 2000);
    CHECK_EQ(take(store, 2000, "!v", &limit, 1), 61000);
    store_close(store);
}

static void all_limits_hold_together(void)
{
    const struct throttle_limit both[] = {
        {TEXT_LITERAL("c"), 1000, 2}, {TEXT_LITERAL("m"), 10000, 3}};
    open_store();
    CHECK_EQ(take(store, 1000, "a", both, 2), 1000);
    CHECK_EQ(take(store, 1000, "b", both, 2), 1000);
    CHECK_EQ(take(store, 1000, "c", both, 2), 2000);
    CHECK_EQ(take(store, 1000, "d", both, 2), 11000);
    CHECK_EQ(take(store, 2000, "c", both, 2), 2000);
    CHECK_EQ(take(store, 11000, "d", both, 2), 11000);
    store_close(store);
}

static void two_senders_share_a_window(void)
{
    open_store();
    struct store *const other = store_rig_open(rig, "notifier-2");
    CHECK_EQ(take2(1000, "a"), 1000);
    CHECK_EQ(take(other, 1001, "b", &two_a_minute, 1), 1001);
    CHECK_EQ(take2(1002, "c"), 61000);
    store_close(store);
    store = other;
    CHECK_EQ(take2(1002, "d"), 61001); /* it outlives who took it */
    store_close(store);
}

static void close_until(const char *mailbox, int64_t until_ms)
{
    const struct wall_ms until = {until_ms};
    STORE_DO(store_throttle_close(store, sms, text_of(mailbox), until, answer_plain, &got));
}

static void a_closed_mailbox_lets_nothing_through_and_then_its_share(void)
{
    open_store();
    close_until("li", 600000);
    close_until("li", 300000); /* the later one counts */
    CHECK_EQ(take2(1000, "a"), 600000);
    CHECK_EQ(take2(1000, "b"), 600000);
    CHECK_EQ(take2(1000, "c"), 660000);
    CHECK_EQ(take(store, 1000, "!u", NULL, 0), 600000);
    CHECK_EQ(take(store, 1000, "free", NULL, 0), 600000);
    CHECK_EQ(take2(600000, "a"), 600000);
    const struct throttle_ask wang = {.slot = TEXT_LITERAL("w"), .mailbox = TEXT_LITERAL("wang")};
    STORE_DO(store_throttle_take(store, sms, (struct wall_ms){5}, &wang, 1, answer_throttle, &got));
    CHECK_EQ(got.goes[0].ms, 5);
    store_close(store);
}

static void a_closed_channel_is_closed_for_each_mailbox(void)
{
    open_store();
    close_until("*", 90000);
    CHECK_EQ(take2(1000, "a"), 90000);
    CHECK_EQ(take2(90000, "a"), 90000);
    const struct throttle_ask other = {.slot = TEXT_LITERAL("w"), .mailbox = TEXT_LITERAL("li")};
    STORE_DO(store_throttle_take(
        store, TEXT_LITERAL("email"), (struct wall_ms){7}, &other, 1, answer_throttle, &got));
    CHECK_EQ(got.goes[0].ms, 7);
    store_close(store);
}

static void many_asks_are_answered_in_their_order(void)
{
    struct throttle_ask asks[STORE_BATCH_MAX];
    char slots[STORE_BATCH_MAX][16];
    open_store();
    for (size_t i = 0; i < STORE_BATCH_MAX; i++) {
        (void)snprintf(slots[i], sizeof slots[i], "s%zu", i);
        asks[i] = (struct throttle_ask){
            .slot = text_of(slots[i]),
            .mailbox = TEXT_LITERAL("li"),
            .limits = &two_a_minute,
            .limit_count = 1,
        };
    }
    const struct wall_ms now = {1000};
    STORE_DO(store_throttle_take(store, sms, now, asks, STORE_BATCH_MAX, answer_throttle, &got));
    for (size_t i = 0; i < STORE_BATCH_MAX; i++)
        CHECK_EQ(got.goes[i].ms, 1000 + (int64_t)(i / 2) * 60000);
    store_close(store);
}

/* ---- any history ---- */

#define SLOTS 60

struct waiting {
    char slot[16];
    int64_t at_ms; /* when it comes (again) */
    bool gone;
};

static size_t next_to_come(const struct waiting *all)
{
    size_t next = SLOTS;
    for (size_t i = 0; i < SLOTS; i++) {
        if (!all[i].gone && (next == SLOTS || all[i].at_ms < all[next].at_ms))
            next = i;
    }
    return next;
}

static void check_windows(const int64_t *went, size_t count, const struct throttle_limit *limit)
{
    for (size_t i = (size_t)limit->max; i < count; i++)
        CHECK_GE(went[i] - went[i - (size_t)limit->max], limit->window_ms);
}

static void no_span_ever_holds_more_and_each_goes_in_the_end(void)
{
    struct waiting all[SLOTS];
    struct prng prng;
    int64_t went[SLOTS];
    size_t count = 0;
    size_t asked = 0;
    int64_t now_ms = 0;
    prng_seed(&prng, 7);
    open_store();
    const struct throttle_limit limits[] = {
        {TEXT_LITERAL("fast"), 1000, 3}, {TEXT_LITERAL("slow"), 20000, 10}};
    for (size_t i = 0; i < SLOTS; i++) {
        const char *const mark = prng_one_in(&prng, 8) ? "!" : "";
        (void)snprintf(all[i].slot, sizeof all[i].slot, "%ss%zu", mark, i);
        all[i].at_ms = 1000 + prng_range(&prng, 0, 30000);
        all[i].gone = false;
    }
    for (size_t next = next_to_come(all); next < SLOTS; next = next_to_come(all)) {
        const int64_t late_ms = prng_one_in(&prng, 3) ? prng_range(&prng, 0, 700) : 0;
        const int64_t come_ms = all[next].at_ms + late_ms;
        now_ms = come_ms > now_ms ? come_ms : now_ms; /* service time does not go back */
        const int64_t go_ms = take(store, now_ms, all[next].slot, limits, 2);
        CHECK_GE(go_ms, now_ms);
        all[next].gone = go_ms == now_ms;
        all[next].at_ms = go_ms;
        if (all[next].gone)
            went[count++] = now_ms;
        if (!CHECK_GE(SLOTS * 20, ++asked))
            break;
    }
    CHECK_EQ(count, SLOTS);
    check_windows(went, count, &limits[0]);
    check_windows(went, count, &limits[1]);
    store_close(store);
}

static const struct store_test tests[] = {
    STORE_TEST(so_many_go_at_once_and_the_others_in_turn),
    STORE_TEST(a_place_is_kept_and_not_counted_twice),
    STORE_TEST(one_that_comes_late_shifts_the_next_and_no_more),
    STORE_TEST(an_urgent_one_goes_before_those_that_wait_and_uses_the_reserve),
    STORE_TEST(all_limits_hold_together),
    STORE_TEST(two_senders_share_a_window),
    STORE_TEST(a_closed_mailbox_lets_nothing_through_and_then_its_share),
    STORE_TEST(a_closed_channel_is_closed_for_each_mailbox),
    STORE_TEST(many_asks_are_answered_in_their_order),
    STORE_TEST(no_span_ever_holds_more_and_each_goes_in_the_end),
};

int main(int argc, char **argv)
{
    return store_rig_main(tests, sizeof tests / sizeof *tests, argc, argv);
}
