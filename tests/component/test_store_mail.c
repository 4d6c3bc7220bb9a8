/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The contract of the store, mailboxes: a message is put once, claimed under a lease, marked
 * before an attempt, settled by its holder alone, perhaps with a follower on another channel.
 */
#include <stdio.h>

#include "tests/support/check.h"
#include "tests/support/store_rig.h"

static struct store *store;
static int32_t home; /* partition of the person in these tests */

static const struct text person = {.ptr = "d06-h3", .bytes = 6};

static void open_store(void)
{
    store = store_rig_open(rig, "notifier-1");
    home = store_partition_of(store, person);
}

static struct mail_item item_of(const char *id, int64_t ready_ms)
{
    return (struct mail_item){
        .person = person,
        .channel = TEXT_LITERAL("sms"),
        .id = text_of(id),
        .ready = {.ms = ready_ms},
        .entry = TEXT_LITERAL("{\"e\":1}"),
        .facts = TEXT_LITERAL("{\"k\":\"message\"}"),
    };
}

static bool put(struct mail_item item)
{
    STORE_DO(store_mail_put(store, &item, 1, answer_flags, &got));
    return CHECK_EQ(got.count, 1) && got.flags[0];
}

static size_t claim(struct store *by, int64_t now_ms)
{
    const struct wall_ms now = {.ms = now_ms};
    STORE_DO(store_mail_claim(by, home, now, 64, answer_mail_claim, &got));
    return got.mails.mail_count;
}

static struct mail_name name_of(const char *id)
{
    return (struct mail_name){.person = person, .channel = TEXT_LITERAL("sms"), .id = text_of(id)};
}

static bool mark(struct store *by, const char *id)
{
    const struct mail_name name = name_of(id);
    STORE_DO(store_mail_mark(by, home, &name, 1, answer_flags, &got));
    return CHECK_EQ(got.count, 1) && got.flags[0];
}

static bool settle(struct store *by, struct mail_settle one)
{
    STORE_DO(store_mail_settle(by, home, &one, 1, answer_flags, &got));
    return CHECK_EQ(got.count, 1) && got.flags[0];
}

static struct mail_settle final_of(const char *id)
{
    return (struct mail_settle){
        .name = name_of(id), .final = true, .facts = TEXT_LITERAL("{\"s\":\"accepted\"}")};
}

static struct store_stats stats(void)
{
    STORE_DO(store_overview_read(store, answer_overview, &got));
    return got.overview.partitions[home];
}

static void a_message_put_twice_is_there_once(void)
{
    open_store();
    CHECK(put(item_of("m1", 1000)));
    CHECK(!put(item_of("m1", 2000)));
    const struct store_stats now = stats();
    CHECK_EQ(now.mails, 1);
    CHECK_EQ(now.oldest_mail.ms, 1000);
    CHECK_EQ(now.journal, 1);
    store_close(store);
}

static void a_message_twice_in_one_put_is_there_once(void)
{
    open_store();
    const struct mail_item items[] = {item_of("m1", 1), item_of("m1", 2), item_of("m2", 3)};
    STORE_DO(store_mail_put(store, items, 3, answer_flags, &got));
    CHECK(got.flags[0]);
    CHECK(!got.flags[1]);
    CHECK(got.flags[2]);
    CHECK_EQ(stats().mails, 2);
    store_close(store);
}

static void messages_of_many_people_go_to_their_partitions(void)
{
    struct mail_item items[STORE_BATCH_MAX];
    char people[STORE_BATCH_MAX][16];
    open_store();
    for (size_t i = 0; i < STORE_BATCH_MAX; i++) {
        (void)snprintf(people[i], sizeof people[i], "person-%zu", i);
        items[i] = item_of("m", (int64_t)i);
        items[i].person = text_of(people[i]);
    }
    STORE_DO(store_mail_put(store, items, STORE_BATCH_MAX, answer_flags, &got));
    CHECK_EQ(got.count, STORE_BATCH_MAX);
    size_t found = 0;
    for (home = 0; home < rig->partitions; home++) {
        CHECK_GE(claim(store, 1000), 1);
        found += got.mails.mail_count;
        for (size_t i = 0; i < got.mails.mail_count; i++) {
            CHECK_EQ(got.mails.mails[i].partition, home);
            CHECK_EQ(store_partition_of(store, got.mails.mails[i].person), home);
        }
    }
    CHECK_EQ(found, STORE_BATCH_MAX);
    store_close(store);
}

static void only_ready_messages_are_claimed_and_the_next_is_named(void)
{
    open_store();
    put(item_of("now", 1000));
    put(item_of("later", 5000));
    CHECK_EQ(claim(store, 1000), 1);
    CHECK(text_is(got.mails.mails[0].id, "now"));
    CHECK(text_equal(got.mails.mails[0].person, person));
    CHECK(text_is(got.mails.mails[0].channel, "sms"));
    CHECK(text_is(got.mails.mails[0].entry, "{\"e\":1}"));
    CHECK(!got.mails.mails[0].marked);
    CHECK(got.mails.has_next);
    CHECK_EQ(got.mails.next.ms, 5000);
    CHECK_EQ(claim(store, 1000), 0);
    store_close(store);
}

static void a_settled_message_is_gone_but_its_id_stays_known(void)
{
    open_store();
    put(item_of("m1", 0));
    claim(store, 10);
    CHECK(mark(store, "m1"));
    CHECK(settle(store, final_of("m1")));
    const struct store_stats now = stats();
    CHECK_EQ(now.mails, 0);
    CHECK_EQ(now.mail_claims, 0);
    CHECK_EQ(now.journal, 2);
    CHECK(!put(item_of("m1", 0)));
    CHECK(!settle(store, final_of("m1")));
    store_close(store);
}

static void a_retried_message_comes_back_with_its_new_entry_and_without_mark(void)
{
    open_store();
    put(item_of("m1", 0));
    claim(store, 10);
    mark(store, "m1");
    const struct mail_settle again = {
        .name = name_of("m1"), .ready = {.ms = 700}, .entry = TEXT_LITERAL("{\"attempts\":1}")};
    CHECK(settle(store, again));
    CHECK_EQ(claim(store, 699), 0);
    CHECK_EQ(claim(store, 700), 1);
    CHECK(text_is(got.mails.mails[0].entry, "{\"attempts\":1}"));
    CHECK(!got.mails.mails[0].marked);
    store_close(store);
}

static void a_follower_is_put_in_the_same_step_and_once(void)
{
    open_store();
    put(item_of("m1", 0));
    claim(store, 10);
    struct mail_settle step = final_of("m1");
    step.has_follower = true;
    step.follower = item_of("m1-ding", 20);
    step.follower.channel = TEXT_LITERAL("dingtalk");
    CHECK(settle(store, step));
    CHECK(!settle(store, step));
    CHECK_EQ(claim(store, 20), 1);
    CHECK(text_is(got.mails.mails[0].channel, "dingtalk"));
    CHECK(text_is(got.mails.mails[0].id, "m1-ding"));
    struct text from[STORE_PARTITIONS_MAX] = {{0}};
    STORE_DO(store_journal_read(store, from, 64, 0, answer_journal, &got));
    CHECK_EQ(got.count, 2);
    CHECK(text_is(got.journal[1].facts, "[{\"s\":\"accepted\"},{\"k\":\"message\"}]"));
    store_close(store);
}

static void a_crash_after_the_mark_shows_as_marked(void)
{
    open_store();
    put(item_of("sent", 0));
    put(item_of("untouched", 1));
    CHECK_EQ(claim(store, 10), 2);
    mark(store, "sent");
    store_close(store);
    open_store();
    CHECK_EQ(claim(store, 10), 2);
    for (size_t i = 0; i < got.mails.mail_count; i++)
        CHECK_EQ(got.mails.mails[i].marked, text_is(got.mails.mails[i].id, "sent"));
    store_close(store);
}

static void a_lost_claim_can_neither_be_marked_nor_settled(void)
{
    open_store();
    struct store *const other = store_rig_open(rig, "notifier-2");
    put(item_of("m1", 0));
    claim(store, 10);
    CHECK_EQ(claim(other, 10), 0);
    store_rig_pass_lease(rig);
    CHECK_EQ(claim(other, 10), 1);
    CHECK(!mark(store, "m1"));
    CHECK(!settle(store, final_of("m1")));
    CHECK(mark(other, "m1"));
    CHECK(settle(other, final_of("m1")));
    store_close(other);
    store_close(store);
}

static void an_unclaimed_or_unknown_message_can_not_be_marked(void)
{
    open_store();
    put(item_of("m1", 0));
    CHECK(!mark(store, "m1"));
    CHECK(!mark(store, "nobody"));
    CHECK_EQ(stats().mails, 1);
    store_close(store);
}

static void a_mark_renews_the_lease(void)
{
    open_store();
    struct store *const other = store_rig_open(rig, "notifier-2");
    put(item_of("m1", 0));
    claim(store, 10);
    store_rig_pass_lease(rig);
    CHECK(mark(store, "m1")); /* nobody had come for it */
    CHECK_EQ(claim(other, 10), 0);
    store_close(other);
    store_close(store);
}

static void robots_have_mailboxes_too(void)
{
    open_store();
    struct mail_item item = item_of("m1", 0);
    item.person = TEXT_LITERAL("robot:组 1");
    item.channel = TEXT_LITERAL("dingtalk-robot");
    home = store_partition_of(store, item.person);
    CHECK(put(item));
    CHECK_EQ(claim(store, 10), 1);
    CHECK(text_is(got.mails.mails[0].person, "robot:组 1"));
    CHECK(text_is(got.mails.mails[0].channel, "dingtalk-robot"));
    store_close(store);
}

/* ---- gathering ---- */

static struct mail_item together(const char *id, int64_t ready_ms)
{
    struct mail_item item = item_of(id, ready_ms);
    item.gather.ms = ready_ms;
    return item;
}

static size_t claim_few(size_t max, int64_t now_ms)
{
    STORE_DO(store_mail_claim(store, home, (struct wall_ms){now_ms}, max, answer_mail_claim, &got));
    return got.mails.mail_count;
}

static bool has_claimed(const char *id)
{
    for (size_t i = 0; i < got.mails.mail_count; i++) {
        if (text_is(got.mails.mails[i].id, id))
            return true;
    }
    return false;
}

static void with_one_come_the_others_of_its_mailbox_beyond_the_maximum(void)
{
    open_store();
    put(together("m1", 1000));
    put(together("m2", 1000));
    put(together("m3", 1000));
    put(together("later", 2000));
    struct mail_item alone = item_of("alone", 1001);
    put(alone);
    alone = together("other-channel", 1002);
    alone.channel = TEXT_LITERAL("dingtalk");
    put(alone);
    CHECK_EQ(claim_few(1, 1500), 3);
    CHECK(has_claimed("m1") && has_claimed("m2") && has_claimed("m3"));
    CHECK_EQ(claim_few(9, 1500), 2);
    CHECK(has_claimed("alone") && has_claimed("other-channel"));
    CHECK_EQ(claim_few(9, 2000), 1);
    CHECK_EQ(stats().mails, 0);
    store_close(store);
}

#define CROWD ((size_t)600)

static void of_a_full_mailbox_a_claim_brings_as_much_as_one_can_hold(void)
{
    struct mail_item items[STORE_BATCH_MAX];
    char ids[STORE_BATCH_MAX][16];
    open_store();
    for (size_t from = 0; from < CROWD; from += STORE_BATCH_MAX) {
        const size_t left = CROWD - from;
        const size_t count = left < STORE_BATCH_MAX ? left : STORE_BATCH_MAX;
        for (size_t i = 0; i < count; i++) {
            (void)snprintf(ids[i], sizeof ids[i], "m%zu", from + i);
            items[i] = together(ids[i], 1000);
        }
        STORE_DO(store_mail_put(store, items, count, answer_flags, &got));
    }
    CHECK_EQ(claim_few(1, 1000), STORE_GATHER_MAX);
    CHECK_EQ(claim_few(1, 1000), CROWD - STORE_GATHER_MAX); /* the first are still in hand */
    CHECK_EQ(claim_few(1, 1000), 0);
    store_close(store);
}

static void what_goes_alone_brings_nothing_along(void)
{
    open_store();
    put(item_of("urgent", 900));
    put(together("m1", 1000));
    CHECK_EQ(claim_few(1, 1000), 1);
    CHECK(has_claimed("urgent"));
    store_close(store);
}

static void what_waits_for_another_try_comes_along_when_it_may(void)
{
    open_store();
    put(together("m1", 1000));
    CHECK_EQ(claim_few(9, 1000), 1);
    struct mail_settle again = {
        .name = name_of("m1"),
        .ready = {.ms = 1600},
        .gather = {.ms = 1500},
        .entry = TEXT_LITERAL("{\"attempts\":1}"),
    };
    CHECK(settle(store, again));
    put(together("m2", 1400));
    CHECK_EQ(claim_few(9, 1400), 1); /* not yet */
    put(together("m3", 1500));
    CHECK_EQ(claim_few(9, 1500), 2);
    CHECK(has_claimed("m1") && has_claimed("m3"));
    again.gather.ms = 0; /* now it has to go alone */
    CHECK(settle(store, again));
    put(together("m4", 1550));
    CHECK_EQ(claim_few(9, 1550), 1);
    CHECK(has_claimed("m4"));
    CHECK_EQ(claim_few(9, 1600), 1);
    store_close(store);
}

/* ---- merging ---- */

static bool merge_parts(struct store *by, const char *const *ids, size_t count, const char *into)
{
    struct text parts[8];
    for (size_t i = 0; i < count; i++)
        parts[i] = text_of(ids[i]);
    const struct mail_merge merge = {
        .person = person,
        .channel = TEXT_LITERAL("sms"),
        .parts = parts,
        .part_count = count,
        .id = text_of(into),
        .entry = TEXT_LITERAL("{\"digest\":true}"),
        .facts = TEXT_LITERAL("{\"k\":\"message\",\"id\":\"d\"}"),
    };
    STORE_DO(store_mail_merge(by, home, &merge, answer_flags, &got));
    return CHECK_EQ(got.count, 1) && got.flags[0];
}

static const char *const two[] = {"m1", "m2"};

static void several_claimed_become_one_claimed(void)
{
    open_store();
    put(together("m1", 1000));
    put(together("m2", 1000));
    claim(store, 1000);
    CHECK(merge_parts(store, two, 2, "d"));
    CHECK_EQ(stats().mails, 0);
    CHECK_EQ(stats().mail_claims, 1);
    CHECK_EQ(stats().journal, 3);
    CHECK(!put(together("m1", 1000))); /* still known */
    CHECK(!put(item_of("d", 1000)));
    CHECK(mark(store, "d"));
    CHECK(!mark(store, "m1"));
    CHECK(settle(store, final_of("d")));
    CHECK_EQ(stats().mail_claims, 0);
    store_close(store);
}

static void merging_again_changes_nothing(void)
{
    open_store();
    put(together("m1", 1000));
    put(together("m2", 1000));
    claim(store, 1000);
    CHECK(merge_parts(store, two, 2, "d"));
    CHECK(merge_parts(store, two, 2, "d")); /* the answer was lost, say */
    CHECK_EQ(stats().journal, 3);
    CHECK_EQ(stats().mail_claims, 1);
    store_close(store);
}

static void a_lost_part_keeps_all_of_them_as_they_are(void)
{
    open_store();
    struct store *const other = store_rig_open(rig, "notifier-2");
    put(together("m1", 1000));
    claim(store, 1000);
    put(together("m2", 1000));
    claim(other, 1000);
    CHECK(!merge_parts(store, two, 2, "d"));
    CHECK_EQ(stats().mail_claims, 2);
    CHECK(mark(store, "m1"));
    CHECK(mark(other, "m2"));
    store_close(other);
    store_close(store);
}

static void a_message_may_be_merged_into_itself(void)
{
    static const char *const parts[] = {"d", "m3"};
    open_store();
    put(together("d", 1000));
    put(together("m3", 1000));
    claim(store, 1000);
    CHECK(merge_parts(store, parts, 2, "d"));
    CHECK(merge_parts(store, parts, 1, "d"));
    CHECK_EQ(stats().mail_claims, 1);
    CHECK(settle(store, final_of("d")));
    store_close(store);
}

static void parts_may_leave_for_nothing(void)
{
    open_store();
    put(together("m1", 1000));
    put(together("m2", 1000));
    claim(store, 1000);
    CHECK(merge_parts(store, two, 2, ""));
    CHECK_EQ(stats().mail_claims, 0);
    CHECK_EQ(stats().mails, 0);
    CHECK(!put(together("m1", 1000)));
    store_close(store);
}

static void what_was_merged_is_taken_back_after_a_crash(void)
{
    open_store();
    put(together("m1", 1000));
    put(together("m2", 1000));
    claim(store, 1000);
    CHECK(merge_parts(store, two, 2, "d"));
    store_close(store);
    open_store();
    CHECK_EQ(claim(store, 1000), 1);
    CHECK(has_claimed("d"));
    CHECK(text_is(got.mails.mails[0].entry, "{\"digest\":true}"));
    CHECK(!got.mails.mails[0].marked);
    CHECK(mark(store, "d"));
    struct store *const other = store_rig_open(rig, "notifier-2");
    store_rig_pass_lease(rig);
    CHECK_EQ(claim(other, 1000), 1);
    CHECK(got.mails.mails[0].marked);
    store_close(other);
    store_close(store);
}

static const struct store_test tests[] = {
    STORE_TEST(a_message_put_twice_is_there_once),
    STORE_TEST(a_message_twice_in_one_put_is_there_once),
    STORE_TEST(messages_of_many_people_go_to_their_partitions),
    STORE_TEST(only_ready_messages_are_claimed_and_the_next_is_named),
    STORE_TEST(a_settled_message_is_gone_but_its_id_stays_known),
    STORE_TEST(a_retried_message_comes_back_with_its_new_entry_and_without_mark),
    STORE_TEST(a_follower_is_put_in_the_same_step_and_once),
    STORE_TEST(a_crash_after_the_mark_shows_as_marked),
    STORE_TEST(a_lost_claim_can_neither_be_marked_nor_settled),
    STORE_TEST(an_unclaimed_or_unknown_message_can_not_be_marked),
    STORE_TEST(a_mark_renews_the_lease),
    STORE_TEST(robots_have_mailboxes_too),
    STORE_TEST(with_one_come_the_others_of_its_mailbox_beyond_the_maximum),
    STORE_TEST(of_a_full_mailbox_a_claim_brings_as_much_as_one_can_hold),
    STORE_TEST(what_goes_alone_brings_nothing_along),
    STORE_TEST(what_waits_for_another_try_comes_along_when_it_may),
    STORE_TEST(several_claimed_become_one_claimed),
    STORE_TEST(merging_again_changes_nothing),
    STORE_TEST(a_lost_part_keeps_all_of_them_as_they_are),
    STORE_TEST(a_message_may_be_merged_into_itself),
    STORE_TEST(parts_may_leave_for_nothing),
    STORE_TEST(what_was_merged_is_taken_back_after_a_crash),
};

int main(int argc, char **argv)
{
    return store_rig_main(tests, sizeof tests / sizeof *tests, argc, argv);
}
