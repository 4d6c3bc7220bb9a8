/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Work messaging through the real HTTP engine against strict stand-ins: tokens that end, people
 * found by their number, what each phone really shows, and what this side makes of it.
 */
#include <stdio.h>
#include <string.h>

#include "tests/support/check.h"
#include "tests/support/work_rig.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LITERAL(s)                                                                                 \
    {                                                                                              \
        .ptr = (s), .bytes = sizeof(s) - 1                                                         \
    }
#define OPTION(key, words)                                                                         \
    {                                                                                              \
        .name = LITERAL(key), .value = LITERAL(words)                                              \
    }
#define MINUTE_MS ((int64_t)60 * 1000)

static const struct channel_receiver li = {.user = LITERAL("u1"), .mobile = LITERAL("13800000001")};

static struct channel_message message_of(const char *id, const char *text)
{
    return (struct channel_message){
        .id = text_of(id),
        .title = TEXT_LITERAL("超期提醒"),
        .text = text_of(text),
        .receivers = &li,
        .receiver_count = 1,
    };
}

static void check_outcome(
    const struct outcome *outcome, enum outcome_kind kind, enum outcome_cause cause)
{
    check_note("%s", outcome->reason);
    CHECK_STR(outcome_kind_name(outcome->kind), outcome_kind_name(kind));
    CHECK_STR(outcome_cause_name(outcome->cause), outcome_cause_name(cause));
}

/* ---- DingTalk work notification ---- */

static const struct channel_option work_options[] = {
    OPTION("app_key", "key"),
    OPTION("app_secret", "s&cret"),
    OPTION("agent_id", "77"),
};

static bool work_up(struct work_rig *rig)
{
    const char *const arguments[] = {"--app",  "key=s&cret",     "--agent", "77",
                                     "--user", "u1=13800000001", NULL};
    if (!work_rig_init(rig, "dingtalk_work_standin.py", arguments, "dingtalk-work")) {
        return false;
    }
    rig->settings.options = work_options;
    rig->settings.option_count = COUNT(work_options);
    const struct outcome outcome = work_rig_token(rig);
    check_outcome(&outcome, OUTCOME_ACCEPTED, CAUSE_NONE);
    CHECK_EQ(rig->token.lives_ms, 7200000);
    return true;
}

static struct channel_receipt polled(struct work_rig *rig, const struct outcome *sent)
{
    struct channel_receipt receipt = {0};
    const struct channel_question question = {
        .message = TEXT_LITERAL("aaaabbbbcccc"),
        .gateway_id = text_of(sent->gateway_id),
        .user = li.user,
    };
    const struct outcome outcome = work_rig_poll(rig, &question, &receipt);
    check_outcome(&outcome, OUTCOME_ACCEPTED, CAUSE_NONE);
    return receipt;
}

static void a_work_notification_is_followed_until_it_is_read(void)
{
    struct work_rig rig;
    char user[CHANNEL_USER_BYTES];
    if (!work_up(&rig)) {
        return;
    }
    struct outcome outcome = work_rig_look_up(&rig, "8613800000001", user);
    check_outcome(&outcome, OUTCOME_ACCEPTED, CAUSE_NONE);
    CHECK_STR(user, "u1");
    outcome = work_rig_look_up(&rig, "13900000009", user);
    check_outcome(&outcome, OUTCOME_ACCEPTED, CAUSE_NONE);
    CHECK_STR(user, "");
    struct channel_message message = message_of("aaaabbbbcccc", "#### 超期\n\"请办\"");
    message.link = TEXT_LITERAL("https://city.test/a/x1");
    outcome = work_rig_send(&rig, &message);
    check_outcome(&outcome, OUTCOME_ACCEPTED, CAUSE_NONE);
    CHECK_EQ(work_rig_logged(&rig, "\"shown\": true"), 1);
    CHECK_EQ(polled(&rig, &outcome).state, RECEIPT_DELIVERED);
    work_rig_tell(&rig, "/standin/push", "{\"read\":\"u1\"}");
    CHECK_EQ(polled(&rig, &outcome).state, RECEIPT_READ);
    work_rig_release(&rig);
}

static void one_message_sent_twice_is_shown_once_and_two_are_shown_both(void)
{
    struct work_rig rig;
    if (!work_up(&rig)) {
        return;
    }
    const struct channel_message first = message_of("aaaabbbbcccc", "请办");
    const struct channel_message second = message_of("ddddeeeeffff", "请办");
    struct outcome outcome = work_rig_send(&rig, &first);
    work_rig_step(&rig, MINUTE_MS);
    outcome = work_rig_send(&rig, &first);
    check_outcome(&outcome, OUTCOME_ACCEPTED, CAUSE_NONE);
    CHECK_EQ(work_rig_logged(&rig, "\"shown\": true"), 1);
    CHECK_EQ(work_rig_logged(&rig, "\"why\": \"143106\""), 1);
    const struct channel_receipt receipt = polled(&rig, &outcome);
    CHECK_EQ(receipt.state, RECEIPT_DELIVERED);
    CHECK_STR(receipt.code, "143106");
    outcome = work_rig_send(&rig, &second);
    check_outcome(&outcome, OUTCOME_ACCEPTED, CAUSE_NONE);
    CHECK_EQ(work_rig_logged(&rig, "\"shown\": true"), 2);
    work_rig_release(&rig);
}

static void a_token_that_ended_or_was_revoked_is_told_apart_from_a_wrong_secret(void)
{
    struct work_rig rig;
    if (!work_up(&rig)) {
        return;
    }
    const struct channel_message message = message_of("aaaabbbbcccc", "请办");
    work_rig_step(&rig, rig.token.lives_ms);
    struct outcome outcome = work_rig_send(&rig, &message);
    check_outcome(&outcome, OUTCOME_RETRY_LATER, CAUSE_TOKEN);
    outcome = work_rig_token(&rig);
    check_outcome(&outcome, OUTCOME_ACCEPTED, CAUSE_NONE);
    work_rig_tell(&rig, "/standin/push", "{\"revoke\":true}");
    outcome = work_rig_send(&rig, &message);
    check_outcome(&outcome, OUTCOME_RETRY_LATER, CAUSE_TOKEN);
    CHECK_EQ(work_rig_logged(&rig, "\"shown\": true"), 0);
    static const struct channel_option wrong[] = {
        OPTION("app_key", "key"),
        OPTION("app_secret", "wrong"),
    };
    rig.settings.options = wrong;
    rig.settings.option_count = COUNT(wrong);
    outcome = work_rig_token(&rig);
    check_outcome(&outcome, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL);
    work_rig_release(&rig);
}

static void what_goes_wrong_on_the_way_has_its_class(void)
{
    static const struct {
        const char *order;
        enum outcome_kind kind;
        enum outcome_cause cause;
    } table[] = {
        {"{\"refuse\":{\"errcode\":88,\"sub_code\":\"60011\",\"errmsg\":\"x\"}}",
         OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL},
        {"{\"refuse\":143103}", OUTCOME_RETRY_LATER, CAUSE_RATE_ALL},
        {"{\"refuse\":33012}", OUTCOME_REJECTED, CAUSE_NONE},
        {"{\"status\":503}", OUTCOME_RETRY_LATER, CAUSE_TRANSPORT},
        {"{\"silent\":true}", OUTCOME_UNSURE, CAUSE_TRANSPORT},
        {"{\"cut\":20}", OUTCOME_UNSURE, CAUSE_TRANSPORT},
        {"{\"lost\":true}", OUTCOME_UNSURE, CAUSE_TRANSPORT},
        {"{}", OUTCOME_ACCEPTED, CAUSE_NONE},
    };
    struct work_rig rig;
    if (!work_up(&rig)) {
        return;
    }
    for (size_t index = 0; index < COUNT(table); index++) {
        char order[256];
        const struct channel_message message = message_of("aaaabbbbcccc", "请办");
        snprintf(order, sizeof(order), "{\"answers\":[%s]}", table[index].order);
        work_rig_tell(&rig, "/standin/next", order);
        const struct outcome outcome = work_rig_send(&rig, &message);
        check_outcome(&outcome, table[index].kind, table[index].cause);
    }
    CHECK_EQ(work_rig_logged(&rig, "\"shown\": true"), 1); /* though three were taken */
    work_rig_release(&rig);
}

static void the_longest_message_is_taken(void)
{
    static char text[8001];
    struct work_rig rig;
    for (size_t index = 0; index + 1 < sizeof(text); index++) {
        text[index] = index % 2 == 0 ? '"' : '\n';
    }
    if (!work_up(&rig)) {
        return;
    }
    struct channel_message message = message_of("aaaabbbbcccc", text);
    for (size_t index = 0; index < 2; index++) {
        const struct outcome outcome = work_rig_send(&rig, &message);
        check_outcome(&outcome, OUTCOME_ACCEPTED, CAUSE_NONE);
        message.link = TEXT_LITERAL("https://city.test/a/x1");
    }
    CHECK_EQ(work_rig_logged(&rig, "\"shown\": true"), 2);
    work_rig_release(&rig);
}

/* ---- zwdd ---- */

static const struct channel_receiver both[] = {
    {.user = LITERAL("100001")},
    {.user = LITERAL("100002")},
};

static const struct channel_option zwdd_options[] = {
    OPTION("app_key", "key"),
    OPTION("app_secret", "s3cret"),
    OPTION("tenant_id", "50000"),
    OPTION("algorithm", "hmac"),
};
static const struct channel_option zwdd_md5_options[] = {
    OPTION("app_key", "key"),
    OPTION("app_secret", "s3cret"),
    OPTION("tenant_id", "50000"),
    OPTION("algorithm", "md5"),
};

static bool zwdd_up(struct work_rig *rig, const char *content)
{
    const char *const arguments[] = {
        "--app",  "key=s3cret",         "--content", content, "--user", "100001=13800000001",
        "--user", "100002=13800000002", NULL};
    if (!work_rig_init(rig, "zwdd_standin.py", arguments, "zwdd")) {
        return false;
    }
    rig->settings.options = zwdd_options;
    rig->settings.option_count = COUNT(zwdd_options);
    return true;
}

static struct channel_message batch_of(const char *id, const char *text)
{
    struct channel_message message = message_of(id, text);
    message.receivers = both;
    message.receiver_count = COUNT(both);
    return message;
}

static void one_call_of_zwdd_reaches_everybody_in_it(void)
{
    struct work_rig rig;
    char user[CHANNEL_USER_BYTES];
    if (!zwdd_up(&rig, "object")) {
        return;
    }
    struct outcome outcome = work_rig_look_up(&rig, "8613800000002", user);
    check_outcome(&outcome, OUTCOME_ACCEPTED, CAUSE_NONE);
    CHECK_STR(user, "100002");
    outcome = work_rig_look_up(&rig, "13900000009", user);
    check_outcome(&outcome, OUTCOME_ACCEPTED, CAUSE_NONE);
    CHECK_STR(user, "");
    const struct channel_message message = batch_of("aaaabbbbcccc", "今日 2 件 + 明日 \"3\" 件&=%");
    outcome = work_rig_send(&rig, &message);
    check_outcome(&outcome, OUTCOME_ACCEPTED, CAUSE_NONE);
    CHECK_STR(outcome.gateway_id, "m1");
    CHECK_EQ(work_rig_logged(&rig, "\"shown\": true"), 2);
    work_rig_release(&rig);
}

static void a_repeated_call_of_zwdd_rings_nobody_twice(void)
{
    struct work_rig rig;
    if (!zwdd_up(&rig, "string")) {
        return;
    }
    rig.settings.options = zwdd_md5_options;
    const struct channel_message message = batch_of("aaaabbbbcccc", "请查看");
    work_rig_tell(&rig, "/standin/next", "{\"answers\":[{\"lost\":true}]}");
    struct outcome outcome = work_rig_send(&rig, &message);
    check_outcome(&outcome, OUTCOME_UNSURE, CAUSE_TRANSPORT);
    work_rig_step(&rig, MINUTE_MS);
    outcome = work_rig_send(&rig, &message);
    check_outcome(&outcome, OUTCOME_ACCEPTED, CAUSE_NONE);
    CHECK_STR(outcome.reason, "OPF-B001 it is already there");
    CHECK_EQ(work_rig_logged(&rig, "\"shown\": true"), 2);
    CHECK_EQ(work_rig_logged(&rig, "\"shown\": false"), 0);
    work_rig_release(&rig);
}

static void calls_of_zwdd_that_come_too_soon_wait_for_the_channel(void)
{
    struct work_rig rig;
    if (!zwdd_up(&rig, "string")) {
        return;
    }
    const struct channel_message first = batch_of("aaaabbbbcccc", "请查看");
    const struct channel_message second = batch_of("ddddeeeeffff", "请查看");
    struct outcome outcome = work_rig_send(&rig, &first);
    check_outcome(&outcome, OUTCOME_ACCEPTED, CAUSE_NONE);
    CHECK_STR(outcome.gateway_id, "m1");
    work_rig_step(&rig, 9 * MINUTE_MS);
    outcome = work_rig_send(&rig, &second);
    check_outcome(&outcome, OUTCOME_RETRY_LATER, CAUSE_RATE_ALL);
    CHECK_EQ(outcome.after_ms, 10 * MINUTE_MS);
    work_rig_step(&rig, outcome.after_ms);
    outcome = work_rig_send(&rig, &second);
    check_outcome(&outcome, OUTCOME_ACCEPTED, CAUSE_NONE);
    CHECK_EQ(work_rig_logged(&rig, "\"shown\": true"), 4);
    work_rig_release(&rig);
}

static void a_wrong_secret_clock_or_tenant_of_zwdd_is_told(void)
{
    static const struct {
        struct channel_option option;
        int64_t late_ms;
        enum outcome_kind kind;
        enum outcome_cause cause;
    } table[] = {
        {OPTION("app_secret", "wrong"), 0, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL},
        {OPTION("app_key", "wrong"), 0, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL},
        {OPTION("note", "clock"), 11 * MINUTE_MS, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL},
        {OPTION("tenant_id", "1"), 0, OUTCOME_REJECTED, CAUSE_NONE},
    };
    struct work_rig rig;
    if (!zwdd_up(&rig, "object")) {
        return;
    }
    for (size_t index = 0; index < COUNT(table); index++) {
        struct channel_option options[COUNT(zwdd_options) + 1];
        options[0] = table[index].option; /* the first of a name counts */
        memcpy(options + 1, zwdd_options, sizeof(zwdd_options));
        rig.settings.options = options;
        rig.settings.option_count = COUNT(options);
        rig.now.ms = WORK_RIG_NOW - table[index].late_ms;
        const struct channel_message message = batch_of("aaaabbbbcccc", "请查看");
        const struct outcome outcome = work_rig_send(&rig, &message);
        check_outcome(&outcome, table[index].kind, table[index].cause);
    }
    CHECK_EQ(work_rig_logged(&rig, "\"shown\""), 0);
    work_rig_release(&rig);
}

/* ---- WeCom ---- */

static const struct channel_option wecom_options[] = {
    OPTION("corp_id", "corp"),
    OPTION("secret", "s3cret"),
    OPTION("agent_id", "5"),
    OPTION("robots.default.key", "k3y"),
    OPTION("robots.fire.key", "wrong"),
};

static bool wecom_up(struct work_rig *rig, const char *type)
{
    const char *const arguments[] = {
        "--corp",       "corp=s3cret", "--agent", "5",    "--user",   "u1=13800000001",
        "--user",       "u2=2",        "--user",  "u3=3", "--unseen", "u2",
        "--unlicensed", "u3",          "--robot", "k3y",  NULL};
    if (!work_rig_init(rig, "wecom_standin.py", arguments, type)) {
        return false;
    }
    rig->settings.options = wecom_options;
    rig->settings.option_count = COUNT(wecom_options);
    return true;
}

static void an_app_message_that_is_repeated_is_shown_once(void)
{
    struct work_rig rig;
    char user[CHANNEL_USER_BYTES];
    if (!wecom_up(&rig, "wecom-app")) {
        return;
    }
    struct outcome outcome = work_rig_token(&rig);
    check_outcome(&outcome, OUTCOME_ACCEPTED, CAUSE_NONE);
    outcome = work_rig_look_up(&rig, "13800000001", user);
    CHECK_STR(user, "u1");
    struct channel_message message = message_of("aaaabbbbcccc", "请办<a>");
    message.link = TEXT_LITERAL("https://city.test/a/x1");
    outcome = work_rig_send(&rig, &message);
    check_outcome(&outcome, OUTCOME_ACCEPTED, CAUSE_NONE);
    CHECK_STR(outcome.gateway_id, "msg-0");
    work_rig_step(&rig, 119 * MINUTE_MS);
    outcome = work_rig_send(&rig, &message);
    check_outcome(&outcome, OUTCOME_ACCEPTED, CAUSE_NONE);
    CHECK_EQ(work_rig_logged(&rig, "\"shown\": true"), 1);
    message.id = TEXT_LITERAL("ddddeeeeffff");
    outcome = work_rig_send(&rig, &message);
    check_outcome(&outcome, OUTCOME_ACCEPTED, CAUSE_NONE);
    CHECK_EQ(work_rig_logged(&rig, "\"shown\": true"), 2);
    work_rig_release(&rig);
}

static void somebody_the_app_cannot_reach_is_refused_and_a_token_is_not(void)
{
    static const struct channel_receiver others[] = {
        {.user = LITERAL("u2")},
        {.user = LITERAL("u3")},
    };
    struct work_rig rig;
    if (!wecom_up(&rig, "wecom-app")) {
        return;
    }
    struct channel_message message = message_of("aaaabbbbcccc", "请办");
    struct outcome outcome = work_rig_send(&rig, &message);
    check_outcome(&outcome, OUTCOME_RETRY_LATER, CAUSE_TOKEN);
    outcome = work_rig_token(&rig);
    for (size_t index = 0; index < COUNT(others); index++) {
        message.receivers = &others[index];
        outcome = work_rig_send(&rig, &message);
        check_outcome(&outcome, OUTCOME_REJECTED, CAUSE_NONE);
    }
    work_rig_step(&rig, rig.token.lives_ms);
    outcome = work_rig_send(&rig, &message);
    check_outcome(&outcome, OUTCOME_RETRY_LATER, CAUSE_TOKEN);
    CHECK_EQ(work_rig_logged(&rig, "\"shown\": true"), 0);
    work_rig_release(&rig);
}

static void a_group_robot_names_people_and_says_when_it_is_too_much(void)
{
    static char text[9001];
    struct work_rig rig;
    memset(text, 'x', sizeof(text) - 1);
    if (!wecom_up(&rig, "wecom-robot")) {
        return;
    }
    struct channel_message message = message_of("aaaabbbbcccc", "请办");
    message.group = TEXT_LITERAL("default");
    struct outcome outcome = work_rig_send(&rig, &message);
    check_outcome(&outcome, OUTCOME_ACCEPTED, CAUSE_NONE);
    CHECK_EQ(work_rig_logged(&rig, "\"mobiles\": [\"13800000001\"]"), 1);
    message.text = text_of(text);
    for (int sent = 1; sent < 20; sent++) {
        outcome = work_rig_send(&rig, &message);
        check_outcome(&outcome, OUTCOME_ACCEPTED, CAUSE_NONE);
    }
    outcome = work_rig_send(&rig, &message);
    check_outcome(&outcome, OUTCOME_RETRY_LATER, CAUSE_RATE);
    CHECK_EQ(outcome.after_ms, MINUTE_MS);
    message.group = TEXT_LITERAL("fire");
    outcome = work_rig_send(&rig, &message);
    check_outcome(&outcome, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL);
    CHECK_EQ(work_rig_logged(&rig, "\"shown\": true"), 20);
    work_rig_release(&rig);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(a_work_notification_is_followed_until_it_is_read);
    CHECK_RUN(one_message_sent_twice_is_shown_once_and_two_are_shown_both);
    CHECK_RUN(a_token_that_ended_or_was_revoked_is_told_apart_from_a_wrong_secret);
    CHECK_RUN(what_goes_wrong_on_the_way_has_its_class);
    CHECK_RUN(the_longest_message_is_taken);
    CHECK_RUN(one_call_of_zwdd_reaches_everybody_in_it);
    CHECK_RUN(a_repeated_call_of_zwdd_rings_nobody_twice);
    CHECK_RUN(calls_of_zwdd_that_come_too_soon_wait_for_the_channel);
    CHECK_RUN(a_wrong_secret_clock_or_tenant_of_zwdd_is_told);
    CHECK_RUN(an_app_message_that_is_repeated_is_shown_once);
    CHECK_RUN(somebody_the_app_cannot_reach_is_refused_and_a_token_is_not);
    CHECK_RUN(a_group_robot_names_people_and_says_when_it_is_too_much);
    return check_done();
}
