/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The contract of the store, cases: records with versions, the atomic commit, timers and claims.
 * Every test runs over the memory twin and over a real Redis, with one and three partitions.
 */
#include <stdio.h>
#include <string.h>

#include "tests/support/check.h"
#include "tests/support/store_rig.h"

static struct store *store;

static struct text body_of(size_t bytes, char *memory)
{
    for (size_t i = 0; i < bytes; i++)
        memory[i] = (char)(i * 7);
    return (struct text){.ptr = memory, .bytes = bytes};
}

static struct store_step step_of(const char *id, int64_t expected, const char *record)
{
    return (struct store_step){
        .case_id = text_of(id), .expected_version = expected, .record = text_of(record)};
}

static struct store_step wake_step(const char *id, int64_t wake_ms)
{
    struct store_step step = step_of(id, 0, "r");
    step.has_wake = true;
    step.wake.ms = wake_ms;
    return step;
}

static int64_t commit_one(struct store_step step)
{
    if (!STORE_DO(store_commit(store, 0, &step, 1, answer_commit, &got)))
        return -1;
    return got.count == 1 ? got.versions[0] : -1;
}

static bool record_is(const char *id, int64_t version, const char *record)
{
    const struct text ids[] = {text_of(id)};
    STORE_DO(store_cases_load(store, 0, ids, 1, answer_cases, &got));
    return CHECK_EQ(got.count, 1) && CHECK_EQ(got.cases[0].version, version) &&
           CHECK(text_is(got.cases[0].id, id)) && CHECK(text_is(got.cases[0].record, record));
}

static void claim(struct store *by, int64_t now_ms, size_t max)
{
    const struct wall_ms now = {.ms = now_ms};
    STORE_DO(store_timers_claim(by, 0, now, max, false, answer_claim, &got));
}

static bool due_is(size_t index, const char *id, int64_t score_ms)
{
    return CHECK_GE(got.claimed.due_count, index + 1) &&
           CHECK(text_is(got.claimed.due[index].record.id, id)) &&
           CHECK_EQ(got.claimed.due[index].score.ms, score_ms);
}

static struct store_stats stats(void)
{
    STORE_DO(store_overview_read(store, answer_overview, &got));
    CHECK_EQ(got.overview.partition_count, rig->partitions);
    return got.overview.partitions[0];
}

static size_t journal_of(struct text *ret_facts, size_t max)
{
    struct text from[STORE_PARTITIONS_MAX] = {{0}};
    STORE_DO(store_journal_read(store, from, 64, 0, answer_journal, &got));
    for (size_t i = 0; i < got.count && i < max; i++)
        ret_facts[i] = got.journal[i].facts;
    return got.count;
}

static void open_store(void)
{
    store = store_rig_open(rig, "monitor-1");
}

static void an_unknown_case_has_version_0_and_no_record(void)
{
    open_store();
    record_is("nobody", 0, "");
    store_close(store);
}

static void a_committed_record_is_read_back_with_a_growing_version(void)
{
    open_store();
    const int64_t first = commit_one(step_of("a", 0, "one"));
    CHECK_GE(first, 1);
    record_is("a", first, "one");
    const int64_t second = commit_one(step_of("a", first, "two"));
    CHECK_GE(second, first + 1);
    record_is("a", second, "two");
    store_close(store);
}

static void a_commit_over_another_version_does_nothing(void)
{
    open_store();
    const int64_t version = commit_one(step_of("a", 0, "one"));
    struct store_step step = step_of("a", 0, "two");
    step.facts = TEXT_LITERAL("{\"k\":1}");
    step.outbox = TEXT_LITERAL("{\"o\":1}");
    step.has_wake = true;
    step.wake.ms = 5;
    CHECK_EQ(commit_one(step), 0);
    record_is("a", version, "one");
    const struct store_stats now = stats();
    CHECK_EQ(now.timers, 0);
    CHECK_EQ(now.journal, 0);
    CHECK_EQ(now.outbox, 0);
    store_close(store);
}

static void one_conflict_in_a_batch_leaves_the_others_done(void)
{
    open_store();
    commit_one(step_of("b", 0, "old"));
    struct store_step steps[] = {step_of("a", 0, "A"), step_of("b", 77, "B"), step_of("c", 0, "C")};
    steps[0].facts = TEXT_LITERAL("1");
    steps[1].facts = TEXT_LITERAL("2");
    steps[2].facts = TEXT_LITERAL("3,4");
    STORE_DO(store_commit(store, 0, steps, 3, answer_commit, &got));
    CHECK_EQ(got.count, 3);
    CHECK_GE(got.versions[0], 1);
    CHECK_EQ(got.versions[1], 0);
    CHECK_GE(got.versions[2], 1);
    struct text facts[4];
    CHECK_EQ(journal_of(facts, 4), 1);
    CHECK(text_is(facts[0], "[1,3,4]"));
    store_close(store);
}

static void a_case_twice_in_a_batch_conflicts_with_itself(void)
{
    open_store();
    const struct store_step steps[] = {step_of("a", 0, "1"), step_of("a", 0, "2")};
    STORE_DO(store_commit(store, 0, steps, 2, answer_commit, &got));
    const int64_t version = got.versions[0];
    CHECK_GE(version, 1);
    CHECK_EQ(got.versions[1], 0);
    record_is("a", version, "1");
    store_close(store);
}

static void an_empty_commit_is_answered(void)
{
    open_store();
    STORE_DO(store_commit(store, 0, NULL, 0, answer_commit, &got));
    CHECK_EQ(got.count, 0);
    store_close(store);
}

static void facts_alone_reach_the_journal_and_outbox_items_the_queue(void)
{
    open_store();
    const struct store_step steps[] = {
        {.facts = TEXT_LITERAL("{\"a\":1}"), .outbox = TEXT_LITERAL("{\"o\":1}")},
        {.facts = TEXT_LITERAL("{\"b\":2}"), .outbox = TEXT_LITERAL("{\"o\":2}")},
    };
    STORE_DO(store_commit(store, 0, steps, 2, answer_commit, &got));
    CHECK_GE(got.versions[0], 1);
    CHECK_GE(got.versions[1], 1);
    struct text facts[2];
    CHECK_EQ(journal_of(facts, 2), 1);
    CHECK(text_is(facts[0], "[{\"a\":1},{\"b\":2}]"));
    STORE_DO(store_queue_take(store, QUEUE_OUTBOX, 64, 0, answer_take, &got));
    CHECK_EQ(got.count, 1);
    CHECK_EQ(got.entries[0].partition, 0);
    CHECK(text_is(got.entries[0].body, "[{\"o\":1},{\"o\":2}]"));
    store_close(store);
}

static void a_batch_of_64_big_binary_records_survives(void)
{
    open_store();
    static char memory[60 * 1024];
    static char ids[STORE_BATCH_MAX][32];
    const struct text record = body_of(sizeof memory, memory);
    struct store_step steps[STORE_BATCH_MAX];
    for (size_t i = 0; i < STORE_BATCH_MAX; i++) {
        (void)snprintf(ids[i], sizeof ids[i], "案件 \r\n%zu", i);
        steps[i] = step_of(ids[i], 0, "");
        steps[i].record = record;
        steps[i].has_wake = true;
        steps[i].wake.ms = (int64_t)i;
    }
    STORE_DO(store_commit(store, 0, steps, STORE_BATCH_MAX, answer_commit, &got));
    CHECK_EQ(got.count, STORE_BATCH_MAX);
    claim(store, 100, STORE_BATCH_MAX);
    CHECK_EQ(got.claimed.due_count, STORE_BATCH_MAX);
    for (size_t i = 0; i < got.claimed.due_count; i++) {
        due_is(i, ids[i], (int64_t)i);
        CHECK(text_equal(got.claimed.due[i].record.record, record));
    }
    store_close(store);
}

static void due_timers_come_in_order_and_the_next_is_named(void)
{
    open_store();
    commit_one(wake_step("late", 3000));
    commit_one(wake_step("b", 1000));
    commit_one(wake_step("a", 1000));
    commit_one(wake_step("first", 500));
    claim(store, 1000, 64);
    CHECK_EQ(got.claimed.due_count, 3);
    due_is(0, "first", 500);
    due_is(1, "a", 1000);
    due_is(2, "b", 1000);
    CHECK(text_is(got.claimed.due[0].record.record, "r"));
    CHECK_GE(got.claimed.due[0].record.version, 1);
    CHECK(got.claimed.has_next);
    CHECK_EQ(got.claimed.next.ms, 3000);
    claim(store, 1000, 64);
    CHECK_EQ(got.claimed.due_count, 0);
    store_close(store);
}

static void a_claim_stops_at_its_maximum(void)
{
    open_store();
    commit_one(wake_step("a", 1));
    commit_one(wake_step("b", 2));
    claim(store, 10, 1);
    CHECK_EQ(got.claimed.due_count, 1);
    due_is(0, "a", 1);
    CHECK_EQ(got.claimed.next.ms, 2);
    claim(store, 10, 1);
    due_is(0, "b", 2);
    CHECK(!got.claimed.has_next);
    store_close(store);
}

static void a_commit_releases_the_claim_and_sets_the_next_wake(void)
{
    open_store();
    commit_one(wake_step("a", 1000));
    claim(store, 1000, 64);
    struct store_step step = step_of("a", got.claimed.due[0].record.version, "fired");
    step.has_wake = true;
    step.wake.ms = 9000;
    step.release_claim = true;
    CHECK_EQ(stats().claims, 1);
    CHECK_GE(commit_one(step), 1);
    const struct store_stats now = stats();
    CHECK_EQ(now.claims, 0);
    CHECK_EQ(now.timers, 1);
    CHECK(now.has_timer);
    CHECK_EQ(now.oldest_timer.ms, 9000);
    store_rig_pass_lease(rig);
    claim(store, 1000, 64);
    CHECK_EQ(got.claimed.due_count, 0);
    store_close(store);
}

static void a_commit_without_wake_removes_the_timer(void)
{
    open_store();
    const int64_t version = commit_one(wake_step("a", 1000));
    commit_one(step_of("a", version, "closed"));
    CHECK_EQ(stats().timers, 0);
    store_close(store);
}

static void a_moved_timer_is_due_once_at_its_new_instant(void)
{
    open_store();
    const int64_t version = commit_one(wake_step("a", 1000));
    struct store_step step = wake_step("a", 2000);
    step.expected_version = version;
    commit_one(step);
    claim(store, 1500, 64);
    CHECK_EQ(got.claimed.due_count, 0);
    CHECK_EQ(got.claimed.next.ms, 2000);
    claim(store, 2000, 64);
    CHECK_EQ(got.claimed.due_count, 1);
    store_close(store);
}

static void a_restarted_instance_takes_its_claims_back_at_once(void)
{
    open_store();
    commit_one(wake_step("a", 1000));
    claim(store, 1000, 64);
    CHECK_EQ(got.claimed.due_count, 1);
    store_close(store);
    open_store();
    claim(store, 1000, 64);
    CHECK_EQ(got.claimed.due_count, 1);
    due_is(0, "a", 1000);
    claim(store, 1000, 64);
    CHECK_EQ(got.claimed.due_count, 0); /* it is being worked on now */
    store_close(store);
}

static void others_get_a_claim_only_after_its_lease(void)
{
    open_store();
    struct store *const other = store_rig_open(rig, "monitor-2");
    commit_one(wake_step("a", 1000));
    claim(store, 1000, 64);
    claim(other, 1000, 64);
    CHECK_EQ(got.claimed.due_count, 0);
    store_rig_pass_lease(rig);
    claim(other, 1000, 64);
    CHECK_EQ(got.claimed.due_count, 1);
    due_is(0, "a", 1000);
    store_close(other);
    store_close(store);
}

static void a_late_release_leaves_the_new_owners_claim(void)
{
    open_store();
    struct store *const other = store_rig_open(rig, "monitor-2");
    commit_one(wake_step("a", 1000));
    claim(store, 1000, 64);
    struct store_step step = step_of("a", got.claimed.due[0].record.version, "late");
    step.release_claim = true;
    store_rig_pass_lease(rig);
    claim(other, 1000, 64);
    CHECK_EQ(got.claimed.due_count, 1);
    CHECK_GE(commit_one(step), 1); /* the version decides, not the claim */
    CHECK_EQ(stats().claims, 1);
    store_close(other);
    store_close(store);
}

static void a_claimed_case_that_is_due_again_comes_once(void)
{
    open_store();
    commit_one(wake_step("a", 1000));
    claim(store, 1000, 64);
    struct store_step step = wake_step("a", 1200);
    step.expected_version = got.claimed.due[0].record.version;
    commit_one(step); /* intake, meanwhile */
    store_close(store);
    open_store();
    claim(store, 2000, 64);
    CHECK_EQ(got.claimed.due_count, 1);
    CHECK_EQ(stats().timers, 0);
    store_close(store);
}

static void nothing_is_claimed_while_events_wait_when_asked_so(void)
{
    open_store();
    const struct wall_ms now = {.ms = 1000};
    commit_one(wake_step("a", 1000));
    const struct store_item item = {.body = TEXT_LITERAL("{}"), .arrived = {.ms = 999}};
    STORE_DO(store_queue_add(store, QUEUE_EVENTS, &item, 1, answer_add, &got));
    STORE_DO(store_timers_claim(store, 0, now, 64, true, answer_claim, &got));
    CHECK_EQ(got.claimed.due_count, 0);
    CHECK(got.claimed.has_next);
    CHECK_EQ(got.claimed.next.ms, 1000);
    STORE_DO(store_queue_take(store, QUEUE_EVENTS, 64, 0, answer_take, &got));
    CHECK_EQ(got.count, 1);
    STORE_DO(store_timers_claim(store, 0, now, 64, true, answer_claim, &got));
    CHECK_EQ(got.claimed.due_count, 0); /* taken is not yet committed */
    STORE_DO(store_queue_take(store, QUEUE_EVENTS, 64, 0, answer_take, &got));
    CHECK_EQ(got.count, 0);
    store_close(store);
    open_store();
    STORE_DO(store_queue_take(store, QUEUE_EVENTS, 64, 0, answer_take, &got));
    struct store_step step = {.acks = &got.entries[0].position, .ack_count = got.count};
    STORE_DO(store_commit(store, 0, &step, 1, answer_commit, &got));
    STORE_DO(store_timers_claim(store, 0, now, 64, true, answer_claim, &got));
    CHECK_EQ(got.claimed.due_count, 1);
    store_close(store);
}

static void events_are_acknowledged_inside_the_commit_or_not_at_all(void)
{
    open_store();
    const struct store_item items[] = {{.body = TEXT_LITERAL("1")}, {.body = TEXT_LITERAL("2")}};
    STORE_DO(store_queue_add(store, QUEUE_EVENTS, items, 2, answer_add, &got));
    STORE_DO(store_queue_take(store, QUEUE_EVENTS, 64, 0, answer_take, &got));
    CHECK_EQ(got.count, 2);
    char positions[2][64];
    struct text acks[2];
    for (size_t i = 0; i < 2; i++) {
        (void)snprintf(
            positions[i], sizeof positions[i], "%.*s", TEXT_ARGS(got.entries[i].position));
        acks[i] = text_of(positions[i]);
    }
    struct store_step conflict = step_of("a", 5, "x");
    conflict.acks = acks;
    conflict.ack_count = 2;
    CHECK_EQ(commit_one(conflict), 0);
    CHECK_EQ(stats().events, 2);
    conflict.expected_version = 0;
    CHECK_GE(commit_one(conflict), 1);
    CHECK_EQ(stats().events, 0);
    store_close(store);
}

static void a_crash_before_the_answer_keeps_the_commit(void)
{
    open_store();
    struct store *const witness = store_rig_open(rig, "monitor-2");
    const struct store_step step = step_of("a", 0, "kept");
    store_answer_clear(&got);
    store_commit(store, 0, &step, 1, answer_commit, &got);
    const struct text id = TEXT_LITERAL("a");
    struct store_answer seen;
    store_answer_init(&seen);
    for (int try = 0; try < 1000 && !(seen.count && seen.cases[0].version); try++) {
        store_answer_clear(&seen);
        store_cases_load(witness, 0, &id, 1, answer_cases, &seen);
        if (!store_rig_wait(rig, &seen, ERR_OK))
            break;
    }
    const bool answered = got.done;
    store_close(store);
    CHECK_EQ(seen.count, 1);
    CHECK(text_is(seen.cases[0].record, "kept"));
    store_rig_pass_lease(rig); /* nothing comes after the close */
    CHECK_EQ(got.done, answered);
    store_answer_release(&seen);
    store_close(witness);
}

static const struct store_test tests[] = {
    STORE_TEST(an_unknown_case_has_version_0_and_no_record),
    STORE_TEST(a_committed_record_is_read_back_with_a_growing_version),
    STORE_TEST(a_commit_over_another_version_does_nothing),
    STORE_TEST(one_conflict_in_a_batch_leaves_the_others_done),
    STORE_TEST(a_case_twice_in_a_batch_conflicts_with_itself),
    STORE_TEST(an_empty_commit_is_answered),
    STORE_TEST(facts_alone_reach_the_journal_and_outbox_items_the_queue),
    STORE_TEST(a_batch_of_64_big_binary_records_survives),
    STORE_TEST(due_timers_come_in_order_and_the_next_is_named),
    STORE_TEST(a_claim_stops_at_its_maximum),
    STORE_TEST(a_commit_releases_the_claim_and_sets_the_next_wake),
    STORE_TEST(a_commit_without_wake_removes_the_timer),
    STORE_TEST(a_moved_timer_is_due_once_at_its_new_instant),
    STORE_TEST(a_restarted_instance_takes_its_claims_back_at_once),
    STORE_TEST(others_get_a_claim_only_after_its_lease),
    STORE_TEST(a_late_release_leaves_the_new_owners_claim),
    STORE_TEST(a_claimed_case_that_is_due_again_comes_once),
    STORE_TEST(nothing_is_claimed_while_events_wait_when_asked_so),
    STORE_TEST(events_are_acknowledged_inside_the_commit_or_not_at_all),
    STORE_TEST(a_crash_before_the_answer_keeps_the_commit),
};

int main(int argc, char **argv)
{
    return store_rig_main(tests, sizeof tests / sizeof *tests, argc, argv);
}
