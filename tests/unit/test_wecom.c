/* SPDX-License-Identifier: Apache-2.0 */
/*
 * WeCom's application messages and group robots: exact requests, sizes in bytes, people whom an
 * answer without error did not reach. And for all work channels: every answer that is known has
 * its class.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/must.h"
#include "tests/support/channel_samples.h"
#include "tests/support/check.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct http_answer answered(int32_t status, const char *body)
{
    return (struct http_answer){
        .result = HTTP_ANSWERED,
        .status = status,
        .body = text_of(body),
        .retry_after_ms = -1,
        .reason = "",
    };
}

static struct channel_call call_of(const char *type)
{
    const struct channel_sample *sample = channel_sample_find(type);
    MUST(sample);
    return (struct channel_call){
        .settings = &sample->settings,
        .now = {.ms = INT64_C(1767323045678)},
        .token = sample->token,
        .message = sample->message,
    };
}

/* ---- all work channels ---- */

static void check_class(const struct answer_class *line, const struct outcome *outcome)
{
    CHECK_STR(outcome_kind_name(outcome->kind), outcome_kind_name(line->kind));
    CHECK_STR(outcome_cause_name(outcome->cause), outcome_cause_name(line->cause));
}

static void check_classes(const struct channel_sample *sample)
{
    const struct channel_type *type = channel_type_find(text_of(sample->type));
    static struct channel_token token;
    static struct channel_receipts receipts;
    char user[CHANNEL_USER_BYTES];
    struct outcome outcome;
    for (const struct answer_class *line = sample->classes; line->name; line++) {
        const struct http_answer answer = answered(line->status, line->body);
        check_note("%s: %s", sample->type, line->name);
        type->classify(&answer, &outcome);
        check_class(line, &outcome);
    }
    for (const struct answer_class *line = sample->token_classes; line && line->name; line++) {
        const struct http_answer answer = answered(line->status, line->body);
        check_note("%s, token: %s", sample->type, line->name);
        type->token_decode(&answer, &token, &outcome);
        check_class(line, &outcome);
    }
    for (const struct answer_class *line = sample->lookup_classes; line && line->name; line++) {
        const struct http_answer answer = answered(line->status, line->body);
        check_note("%s, look-up: %s", sample->type, line->name);
        type->lookup_decode(&answer, line->step, user, &outcome);
        check_class(line, &outcome);
    }
    for (const struct answer_class *line = sample->poll_classes; line && line->name; line++) {
        const struct http_answer answer = answered(line->status, line->body);
        check_note("%s, poll: %s", sample->type, line->name);
        type->poll_decode(&answer, &sample->question, &receipts, &outcome);
        check_class(line, &outcome);
    }
}

static void every_known_answer_has_its_class(void)
{
    static const char *const types[] = {"dingtalk-work", "zwdd", "wecom-app", "wecom-robot"};
    for (size_t index = 0; index < COUNT(types); index++) {
        const struct channel_sample *sample = channel_sample_find(types[index]);
        if (CHECK(sample && channel_type_find(text_of(types[index])))) {
            check_classes(sample);
        }
    }
}

static void a_reason_names_the_code_and_never_the_person(void)
{
    struct outcome outcome;
    struct http_answer answer =
        answered(200, "{\"errcode\":60111,\"errmsg\":\"userid not found: li.ming\"}");
    channel_wecom_app.classify(&answer, &outcome);
    CHECK_STR(outcome.reason, "errcode 60111 no such user id");
    answer = answered(200, "{\"errcode\":60020,\"errmsg\":\"not allow, from ip: 192.0.2.1\"}");
    channel_wecom_app.classify(&answer, &outcome);
    CHECK_STR(
        outcome.reason, "errcode 60020 this machine's address is not among the app's trusted ones: "
                        "not allow, from ip: 192.0.2.1");
    CHECK_STR(outcome.gateway_id, "");
}

/* ---- application message ---- */

static void an_app_message_is_exactly_this(void)
{
    const struct channel_call call = call_of("wecom-app");
    struct http_request request;
    struct err_why why = {0};
    http_request_init(&request, channel_wecom_app.method);
    CHECK_EQ(channel_wecom_app.encode(&call, &request, &why), ERR_OK);
    CHECK_STR(request.url.ptr, "http://qyapi.weixin.test/cgi-bin/message/send?access_token=t0ken");
    CHECK_STR(request.shown.ptr, "POST http://qyapi.weixin.test/cgi-bin/message/send");
    CHECK_STR(
        request.body.ptr,
        "{\"touser\":\"li\",\"msgtype\":\"textcard\",\"agentid\":1000002,\"textcard\":{"
        "\"title\":\"超期提醒\",\"description\":\"甲局：请今日办结。\\n编号 k3v5x7b2\","
        "\"url\":\"https://city.test/a/x1\"},\"safe\":0,\"enable_duplicate_check\":1,"
        "\"duplicate_check_interval\":14400}");
    http_request_release(&request);
}

static void an_app_message_says_nothing_of_time_or_chance(void)
{
    struct channel_call call = call_of("wecom-app");
    struct http_request requests[2];
    struct err_why why = {0};
    for (size_t index = 0; index < 2; index++) {
        http_request_init(&requests[index], channel_wecom_app.method);
        CHECK_EQ(channel_wecom_app.encode(&call, &requests[index], &why), ERR_OK);
        call.now.ms += 3600000;
        memset(call.nonce, 7, sizeof(call.nonce));
        call.token = TEXT_LITERAL("a fresh one");
    }
    CHECK_STR(requests[1].body.ptr, requests[0].body.ptr);
    http_request_release(&requests[0]);
    http_request_release(&requests[1]);
}

/* The text or description of a body, in bytes as WeCom counts them. */
static size_t content_bytes(
    const struct http_request *request, const char *kind, const char *member)
{
    struct json_doc *doc = NULL;
    MUST(json_parse(buf_view(&request->body), &json_limits_answer, &doc, NULL) == ERR_OK);
    const size_t bytes = json_get_string(json_get(json_root(doc), kind), member).bytes;
    json_free(doc);
    return bytes;
}

static void a_long_app_message_is_text_of_at_most_2048_bytes(void)
{
    static char text[6001];
    for (size_t index = 0; index + 3 < sizeof(text); index += 3) {
        memcpy(text + index, "督", 3);
    }
    static const size_t lengths[] = {300, 447, 450, 600, 2025, 2028, 2031, 6000};
    for (size_t index = 0; index < COUNT(lengths); index++) {
        struct channel_call call = call_of("wecom-app");
        struct http_request request;
        struct err_why why = {0};
        call.message.text = utf8_cut(text_of(text), lengths[index]);
        http_request_init(&request, channel_wecom_app.method);
        CHECK_EQ(channel_wecom_app.encode(&call, &request, &why), ERR_OK);
        check_note("%zu bytes", lengths[index]);
        CHECK_GE(512, content_bytes(&request, "textcard", "description"));
        CHECK_GE(2048, content_bytes(&request, "text", "content"));
        CHECK(strstr(request.body.ptr, "\\n编号 k3v5x7b2\""));
        CHECK_EQ(strstr(request.body.ptr, "\"textcard\"") != NULL, lengths[index] < 450);
        CHECK_EQ(strstr(request.body.ptr, "…") != NULL, lengths[index] > 2032);
        http_request_release(&request);
    }
}

static void a_title_cannot_make_a_link(void)
{
    struct channel_call call = call_of("wecom-app");
    struct http_request request;
    struct err_why why = {0};
    call.message.link = (struct text){0};
    call.message.text = TEXT_LITERAL("<a href=\"http://evil.test\">请办</a>");
    http_request_init(&request, channel_wecom_app.method);
    CHECK_EQ(channel_wecom_app.encode(&call, &request, &why), ERR_OK);
    CHECK(strstr(request.body.ptr, "\"msgtype\":\"text\""));
    CHECK(strstr(request.body.ptr, "＜a href="));
    CHECK(!strstr(request.body.ptr, "<"));
    http_request_release(&request);
}

static void an_app_that_lacks_something_says_what(void)
{
    static const struct channel_settings bare = {.name = SAMPLE_TEXT("wecom")};
    struct channel_call call = call_of("wecom-app");
    struct http_request request;
    struct err_why why = {0};
    http_request_init(&request, channel_wecom_app.method);
    call.message.receiver_count = 0;
    CHECK_EQ(channel_wecom_app.encode(&call, &request, &why), ERR_USAGE);
    CHECK_STR(why.text, "the person has no WeCom user id");
    CHECK_EQ(
        channel_wecom_app.lookup_encode(&call, 0, TEXT_LITERAL("12"), &request, &why), ERR_USAGE);
    CHECK_STR(why.text, "the mobile number is not a number");
    call.settings = &bare;
    CHECK_EQ(channel_wecom_app.encode(&call, &request, &why), ERR_USAGE);
    CHECK_STR(why.text, "channel wecom needs agent_id, the number of its WeCom app");
    CHECK_EQ(channel_wecom_app.token_encode(&call, &request, &why), ERR_USAGE);
    CHECK_STR(why.text, "channel wecom needs corp_id and the secret of its WeCom app");
    http_request_release(&request);
}

static void a_wecom_token_and_a_user_are_asked_for(void)
{
    const struct channel_call call = call_of("wecom-app");
    struct http_request request;
    struct err_why why = {0};
    http_request_init(&request, channel_wecom_app.method);
    CHECK_EQ(channel_wecom_app.token_encode(&call, &request, &why), ERR_OK);
    CHECK_STR(
        request.url.ptr,
        "http://qyapi.weixin.test/cgi-bin/gettoken?corpid=ww0000&corpsecret=s3cret");
    CHECK_STR(request.shown.ptr, "GET http://qyapi.weixin.test/cgi-bin/gettoken");
    http_request_release(&request);
    http_request_init(&request, channel_wecom_app.method);
    CHECK_EQ(
        channel_wecom_app.lookup_encode(
            &call, 0, TEXT_LITERAL("+86 138-0000-0001"), &request, &why),
        ERR_OK);
    CHECK_STR(
        request.url.ptr, "http://qyapi.weixin.test/cgi-bin/user/getuserid?access_token=t0ken");
    CHECK_STR(request.body.ptr, "{\"mobile\":\"13800000001\"}");
    http_request_release(&request);
    char user[CHANNEL_USER_BYTES];
    struct outcome outcome;
    struct http_answer answer = answered(200, "{\"errcode\":0,\"userid\":\"li\"}");
    channel_wecom_app.lookup_decode(&answer, 0, user, &outcome);
    CHECK_STR(user, "li");
    answer = answered(200, "{\"errcode\":46004,\"errmsg\":\"user no exist\"}");
    channel_wecom_app.lookup_decode(&answer, 0, user, &outcome);
    CHECK_STR(user, "");
    CHECK_EQ(outcome.kind, OUTCOME_ACCEPTED);
}

#define ID_OF_100                                                                                  \
    "01234567890123456789012345678901234567890123456789"                                           \
    "01234567890123456789012345678901234567890123456789"

static void a_long_message_id_is_kept_but_not_half_of_one(void)
{
    struct outcome outcome;
    struct http_answer answer = answered(200, "{\"errcode\":0,\"msgid\":\"" ID_OF_100 "\"}");
    channel_wecom_app.classify(&answer, &outcome);
    CHECK_STR(outcome.gateway_id, ID_OF_100);
    answer =
        answered(200, "{\"errcode\":0,\"msgid\":\"" ID_OF_100 "0123456789012345678901234567\"}");
    channel_wecom_app.classify(&answer, &outcome);
    CHECK_STR(outcome.gateway_id, "");
    CHECK_EQ(outcome.kind, OUTCOME_ACCEPTED);
}

/* ---- group robot ---- */

static void a_group_message_is_exactly_this(void)
{
    static const struct channel_receiver people[] = {
        {.mobile = SAMPLE_TEXT("+8613800000001")},
        {.mobile = SAMPLE_TEXT("none")},
        {.mobile = SAMPLE_TEXT("13800000002")},
    };
    struct channel_call call = call_of("wecom-robot");
    struct http_request request;
    struct err_why why = {0};
    call.message.receivers = people;
    call.message.receiver_count = COUNT(people);
    http_request_init(&request, channel_wecom_robot.method);
    CHECK_EQ(channel_wecom_robot.encode(&call, &request, &why), ERR_OK);
    CHECK_STR(request.url.ptr, "http://qyapi.weixin.test/cgi-bin/webhook/send?key=k3y");
    CHECK_STR(request.shown.ptr, "POST http://qyapi.weixin.test/cgi-bin/webhook/send");
    CHECK_STR(
        request.body.ptr,
        "{\"msgtype\":\"text\",\"text\":{\"content\":\"甲局：请今日办结。\\n编号 k3v5x7b2\","
        "\"mentioned_mobile_list\":[\"13800000001\",\"13800000002\"]}}");
    http_request_release(&request);
}

static void a_long_group_message_is_markdown_of_at_most_4096_bytes(void)
{
    static char text[9001];
    memset(text, 'x', sizeof(text) - 1);
    static const size_t lengths[] = {2032, 2033, 4080, 4081, 9000};
    for (size_t index = 0; index < COUNT(lengths); index++) {
        struct channel_call call = call_of("wecom-robot");
        struct http_request request;
        struct err_why why = {0};
        call.message.text = (struct text){.ptr = text, .bytes = lengths[index]};
        http_request_init(&request, channel_wecom_robot.method);
        CHECK_EQ(channel_wecom_robot.encode(&call, &request, &why), ERR_OK);
        check_note("%zu bytes", lengths[index]);
        CHECK_GE(2048, content_bytes(&request, "text", "content"));
        CHECK_GE(4096, content_bytes(&request, "markdown", "content"));
        CHECK_EQ(strstr(request.body.ptr, "\"markdown\"") != NULL, lengths[index] > 2032);
        CHECK_EQ(strstr(request.body.ptr, "…") != NULL, lengths[index] > 4080);
        http_request_release(&request);
    }
}

static void a_group_without_a_key_cannot_be_used(void)
{
    struct channel_call call = call_of("wecom-robot");
    struct http_request request;
    struct err_why why = {0};
    call.message.group = TEXT_LITERAL("fire");
    http_request_init(&request, channel_wecom_robot.method);
    CHECK_EQ(channel_wecom_robot.encode(&call, &request, &why), ERR_USAGE);
    CHECK_STR(why.text, "channel group has no key for robot fire");
    http_request_release(&request);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(every_known_answer_has_its_class);
    CHECK_RUN(a_reason_names_the_code_and_never_the_person);
    CHECK_RUN(an_app_message_is_exactly_this);
    CHECK_RUN(an_app_message_says_nothing_of_time_or_chance);
    CHECK_RUN(a_long_app_message_is_text_of_at_most_2048_bytes);
    CHECK_RUN(a_title_cannot_make_a_link);
    CHECK_RUN(an_app_that_lacks_something_says_what);
    CHECK_RUN(a_wecom_token_and_a_user_are_asked_for);
    CHECK_RUN(a_long_message_id_is_kept_but_not_half_of_one);
    CHECK_RUN(a_group_message_is_exactly_this);
    CHECK_RUN(a_long_group_message_is_markdown_of_at_most_4096_bytes);
    CHECK_RUN(a_group_without_a_key_cannot_be_used);
    return check_done();
}
