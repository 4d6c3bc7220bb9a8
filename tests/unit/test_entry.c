/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON of delivery: a notice from the outbox, a digest of messages, and what each of them
 * keeps on its way through the store.
 */
#include <string.h>

#include "config/notice.h"
#include "notifiers/entry.h"
#include "tests/support/check.h"

static struct arena arena;

/* Written and read once more: the same bytes, and what came back. */
static struct mail_entry again(const struct mail_entry *entry)
{
    struct mail_entry back = {0};
    struct buf first;
    struct buf second;
    buf_init(&first, 65536);
    buf_init(&second, 65536);
    entry_write(entry, &first);
    CHECK_EQ(entry_parse(buf_view(&first), &arena, &back, NULL), ERR_OK);
    entry_write(&back, &second);
    CHECK_STR(second.ptr, first.ptr);
    buf_release(&first);
    buf_release(&second);
    return back;
}

static struct mail_entry parsed(const char *json)
{
    struct mail_entry entry = {0};
    struct err_why why = {0};
    check_note("%s", json);
    CHECK_EQ(entry_parse(text_of(json), &arena, &entry, &why), ERR_OK);
    return entry;
}

static struct mail_entry notice_of_ops(void)
{
    const struct text to[] = {TEXT_LITERAL("p1"), TEXT_LITERAL("p2")};
    const struct text via[] = {TEXT_LITERAL("sms"), TEXT_LITERAL("email")};
    const struct notice_value values[] = {{"count", TEXT_LITERAL("3")}};
    const struct notice notice = {
        .kind = "ops",
        .id = TEXT_LITERAL("channel-sms-1"),
        .to = to,
        .to_count = 2,
        .via = via,
        .via_count = 2,
        .title = TEXT_LITERAL("短信通道关闭"),
        .text = TEXT_LITERAL("短信网关拒绝了密码。"),
        .values = values,
        .value_count = 1,
        .unit = TEXT_LITERAL("u1"),
        .send = SEND_NOW,
        .urgent = true,
        .at = {.ms = 1700000000000},
    };
    struct buf json;
    struct mail_entry entry = {0};
    buf_init(&json, 65536);
    notice_write(&notice, &json);
    CHECK_EQ(entry_parse(buf_view(&json), &arena, &entry, NULL), ERR_OK);
    buf_release(&json);
    return entry;
}

static void a_notice_is_read_as_it_was_made(void)
{
    const struct mail_entry entry = notice_of_ops();
    CHECK_EQ(entry.kind, ENTRY_NOTICE);
    CHECK(text_is(entry.notice, "ops"));
    CHECK(text_is(entry.notice_id, "channel-sms-1"));
    CHECK_EQ(entry.to.count, 2);
    CHECK_EQ(entry.rest.count, 2);
    CHECK(text_is(entry.subject, "短信通道关闭"));
    CHECK(text_is(entry.words, "短信网关拒绝了密码。"));
    CHECK(text_is(entry.values.unit_id, "u1"));
    CHECK_EQ(entry.send, SEND_NOW);
    CHECK(entry.urgent);
    CHECK_EQ(entry.instant.ms, 1700000000000);
    CHECK_EQ(entry.given_count, 1);
    CHECK_STR(entry.given[0].name, "count");
    CHECK(text_is(entry.given[0].value, "3"));
}

static void a_notice_keeps_its_words_beside_what_was_composed(void)
{
    struct mail_entry entry = notice_of_ops();
    entry.title = TEXT_LITERAL("T");
    entry.text = TEXT_LITERAL("【市府办】短信网关拒绝了密码。");
    entry.attempts = 1;
    const struct mail_entry back = again(&entry);
    CHECK(text_equal(back.words, entry.words));
    CHECK(text_equal(back.text, entry.text));
    CHECK(text_equal(back.subject, entry.subject));
    CHECK(text_is(back.given[0].value, "3"));
}

static void a_notice_has_one_identity_for_each_person_and_channel(void)
{
    const struct mail_entry entry = notice_of_ops();
    struct mail_entry other = entry;
    other.notice = TEXT_LITERAL("canary");
    const struct text p1 = TEXT_LITERAL("p1");
    const struct text sms = TEXT_LITERAL("sms");
    char ids[4][NRT_ID_BYTES];
    entry_message_id(&entry, p1, sms, ids[0]);
    entry_message_id(&entry, TEXT_LITERAL("p2"), sms, ids[1]);
    entry_message_id(&entry, p1, TEXT_LITERAL("email"), ids[2]);
    entry_message_id(&other, p1, sms, ids[3]);
    for (size_t index = 1; index < 4; index++) {
        CHECK(!text_is(text_of(ids[0]), ids[index]));
    }
    entry_message_id(&entry, p1, sms, ids[1]);
    CHECK_STR(ids[1], ids[0]);
}

static struct mail_entry alert_of(const char *id)
{
    return (struct mail_entry){
        .alert = text_of(id),
        .case_id = text_of(id),
        .clock = TEXT_LITERAL("reply"),
        .stage = TEXT_LITERAL("overdue"),
        .send = SEND_OFFICE,
        .values = {.title = TEXT_LITERAL("一件事"), .has_due = true, .due = {.ms = 5}},
    };
}

static void a_message_remembers_its_receiver_whom_it_stands_in_for_and_its_parameters(void)
{
    const struct channel_param params[] = {
        {TEXT_LITERAL("count"), TEXT_LITERAL("3")}, {TEXT_LITERAL("worst"), TEXT_LITERAL("甲\"")}};
    struct mail_entry entry = alert_of("a1");
    entry.receiver = TEXT_LITERAL("p2");
    entry.stood_in_for = TEXT_LITERAL("p1");
    entry.slot = TEXT_LITERAL("m1:1");
    entry.vendor_template = TEXT_LITERAL("SMS_1");
    entry.params = params;
    entry.param_count = 2;
    const struct mail_entry back = again(&entry);
    CHECK(text_is(back.receiver, "p2"));
    CHECK(text_is(back.stood_in_for, "p1"));
    CHECK(text_is(back.slot, "m1:1"));
    CHECK(text_is(back.vendor_template, "SMS_1"));
    CHECK_EQ(back.param_count, 2);
    CHECK(text_is(back.params[1].name, "worst"));
    CHECK(text_is(back.params[1].value, "甲\""));
}

static void a_digest_keeps_its_messages_whole(void)
{
    struct entry_member members[] = {
        {TEXT_LITERAL("m1"), alert_of("a1")}, {TEXT_LITERAL("m2"), notice_of_ops()}};
    members[0].entry.receiver = TEXT_LITERAL("p9");
    struct mail_entry digest = {
        .kind = ENTRY_DIGEST,
        .members = members,
        .member_count = 2,
        .send = SEND_DAY,
        .text = TEXT_LITERAL("共2件"),
        .attempts = 1,
        .unsures = 1,
    };
    const struct mail_entry back = again(&digest);
    CHECK_EQ(back.kind, ENTRY_DIGEST);
    CHECK_EQ(back.send, SEND_DAY);
    CHECK_EQ(back.unsures, 1);
    CHECK(text_is(back.text, "共2件"));
    if (CHECK_EQ(back.member_count, 2)) {
        CHECK(text_is(back.members[0].id, "m1"));
        CHECK(text_is(back.members[0].entry.receiver, "p9"));
        CHECK_EQ(back.members[0].entry.values.due.ms, 5);
        CHECK_EQ(back.members[1].entry.kind, ENTRY_NOTICE);
    }
    char two[NRT_ID_BYTES];
    char one[NRT_ID_BYTES];
    entry_message_id(&back, TEXT_LITERAL("p1"), TEXT_LITERAL("sms"), two);
    digest.member_count = 1;
    entry_message_id(&digest, TEXT_LITERAL("p1"), TEXT_LITERAL("sms"), one);
    CHECK(!text_is(text_of(one), two));
}

static void what_is_no_notice_and_no_digest_is_refused(void)
{
    const char *const texts[] = {
        "{\"notice\":\"ops\"}",
        "{\"notice\":\"\",\"id\":\"x\"}",
        "{\"digest\":true}",
        "{\"digest\":true,\"members\":[]}",
        "{\"digest\":true,\"members\":[{\"id\":\"m\"}]}",
        "{\"digest\":true,\"members\":[{\"entry\":{\"alert\":\"a\"}}]}",
        "{\"digest\":true,\"members\":[{\"id\":\"m\",\"entry\":{\"digest\":true,\"members\":[]}}]}",
    };
    for (size_t index = 0; index < sizeof(texts) / sizeof(texts[0]); index++) {
        struct mail_entry entry;
        struct err_why why = {0};
        check_note("%s", texts[index]);
        CHECK_EQ(entry_parse(text_of(texts[index]), &arena, &entry, &why), ERR_PARSE);
        CHECK(why.text[0] != '\0');
    }
}

static void the_fact_of_a_digest_names_its_messages_and_theirs_name_it(void)
{
    const struct mail_entry digest =
        parsed("{\"digest\":true,\"members\":[{\"id\":\"m1\",\"entry\":{\"alert\":\"a\"}},"
               "{\"id\":\"m2\",\"entry\":{\"alert\":\"b\",\"receiver\":\"p7\"}}]}");
    struct buf facts;
    buf_init(&facts, 65536);
    struct message_fact fact = {
        .id = TEXT_LITERAL("d1"),
        .person = TEXT_LITERAL("many:zwdd"),
        .channel = TEXT_LITERAL("zwdd"),
        .state = "sending",
        .with_members = true,
    };
    fact_message(&facts, &digest, &fact);
    CHECK(strstr(facts.ptr, "\"members\":[\"m1\",\"m2\"]"));
    CHECK(strstr(facts.ptr, "\"person\":\"many:zwdd\""));
    buf_clear(&facts);
    fact.with_members = false;
    fact.digest = TEXT_LITERAL("d1");
    fact_message(&facts, &digest.members[1].entry, &fact);
    CHECK(strstr(facts.ptr, "\"digest\":\"d1\""));
    CHECK(strstr(facts.ptr, "\"person\":\"p7\""));
    buf_release(&facts);
}

int main(int argc, char **argv)
{
    arena_init(&arena, 0);
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(a_notice_is_read_as_it_was_made);
    CHECK_RUN(a_notice_keeps_its_words_beside_what_was_composed);
    CHECK_RUN(a_notice_has_one_identity_for_each_person_and_channel);
    CHECK_RUN(a_message_remembers_its_receiver_whom_it_stands_in_for_and_its_parameters);
    CHECK_RUN(a_digest_keeps_its_messages_whole);
    CHECK_RUN(what_is_no_notice_and_no_digest_is_refused);
    CHECK_RUN(the_fact_of_a_digest_names_its_messages_and_theirs_name_it);
    arena_release(&arena);
    return check_done();
}
