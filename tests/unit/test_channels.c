/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What channels write and how they read answers: every reply and code that the gateways are
 * known to give, as tables.
 */
#include <stdio.h>
#include <string.h>

#include "notifiers/channel.h"
#include "tests/support/check.h"

struct expected {
    const char *name;
    enum http_result result;
    int32_t status;
    const char *body;
    enum outcome_kind kind;
    enum outcome_cause cause;
};

static void check_table(const struct channel_type *type, const struct expected *table, size_t count)
{
    for (size_t index = 0; index < count; index++) {
        const struct expected *line = &table[index];
        const struct http_answer answer = {
            .result = line->result,
            .status = line->status,
            .body = text_of(line->body),
            .retry_after_ms = -1,
            .reason = "made up",
        };
        struct outcome outcome;
        check_note("%s: %s", type->name, line->name);
        type->classify(&answer, &outcome);
        CHECK_STR(outcome_kind_name(outcome.kind), outcome_kind_name(line->kind));
        CHECK_STR(outcome_cause_name(outcome.cause), outcome_cause_name(line->cause));
    }
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- Kannel ---- */

static void every_answer_of_kannel_has_its_class(void)
{
    static const struct expected table[] = {
        {"accepted", HTTP_ANSWERED, 202, "0: Accepted for delivery", OUTCOME_ACCEPTED, CAUSE_NONE},
        {"queued", HTTP_ANSWERED, 202, "3: Queued for later delivery", OUTCOME_ACCEPTED,
         CAUSE_NONE},
        {"password", HTTP_ANSWERED, 403, "Authorization failed for sendsms", OUTCOME_RETRY_LATER,
         CAUSE_CREDENTIAL},
        {"receiver", HTTP_ANSWERED, 400, "Missing receiver number, rejected", OUTCOME_REJECTED,
         CAUSE_NONE},
        {"denied", HTTP_ANSWERED, 400,
         "Number(s) has/have been denied by white- and/or black-lists.", OUTCOME_REJECTED,
         CAUSE_NONE},
        {"form", HTTP_ANSWERED, 400, "Invalid content-type", OUTCOME_REJECTED, CAUSE_NONE},
        {"busy", HTTP_ANSWERED, 503, "Temporal failure, try again later.", OUTCOME_RETRY_LATER,
         CAUSE_TRANSPORT},
        {"wrong path", HTTP_ANSWERED, 404, "", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL},
        {"stopped", HTTP_NOT_SENT, 0, "", OUTCOME_RETRY_LATER, CAUSE_TRANSPORT},
        {"silent", HTTP_NO_ANSWER, 0, "", OUTCOME_UNSURE, CAUSE_TRANSPORT},
        {"forbidden", HTTP_FORBIDDEN, 0, "", OUTCOME_REJECTED, CAUSE_NONE},
        {"some other page", HTTP_ANSWERED, 200, "<html>", OUTCOME_UNSURE, CAUSE_TRANSPORT},
        {"redirect", HTTP_ANSWERED, 302, "", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL},
        {"500", HTTP_ANSWERED, 500, "", OUTCOME_RETRY_LATER, CAUSE_TRANSPORT},
        {"501", HTTP_ANSWERED, 501, "", OUTCOME_RETRY_LATER, CAUSE_TRANSPORT},
        {"502", HTTP_ANSWERED, 502, "", OUTCOME_RETRY_LATER, CAUSE_TRANSPORT},
        {"504", HTTP_ANSWERED, 504, "", OUTCOME_UNSURE, CAUSE_TRANSPORT},
        {"408", HTTP_ANSWERED, 408, "", OUTCOME_RETRY_LATER, CAUSE_TRANSPORT},
        {"429", HTTP_ANSWERED, 429, "", OUTCOME_RETRY_LATER, CAUSE_RATE},
    };
    check_table(&channel_kannel, table, COUNT(table));
}

static const struct channel_option sms_options[] = {
    {.name = {"username", 8}, .value = {"water", 5}},
    {.name = {"password", 8}, .value = {"p&ss word", 9}, .secret = true},
    {.name = {"from", 4}, .value = {"1069000", 7}},
    {.name = {"signature", 9}, .value = {"水务局", 9}},
    {.name = {"receipt_secret", 14}, .value = {"s3cret", 6}, .secret = true},
};
static const struct channel_settings sms = {
    .name = {"sms", 3},
    .type = {"kannel", 6},
    .url = {"http://127.0.0.1:13013", 22},
    .options = sms_options,
    .option_count = COUNT(sms_options),
};

static struct channel_call sms_call(const struct channel_receiver *receiver, const char *text)
{
    return (struct channel_call){
        .settings = &sms,
        .public_url = TEXT_LITERAL("https://city.test/"),
        .message =
            {
                .id = TEXT_LITERAL("abc234"),
                .text = text_of(text),
                .receivers = receiver,
                .receiver_count = 1,
            },
    };
}

static void a_sendsms_request_is_exactly_this(void)
{
    const struct channel_receiver mobile = {.mobile = TEXT_LITERAL("+86 138-0000-0001")};
    const struct channel_call call = sms_call(&mobile, "【水务局】请核查");
    struct http_request request;
    struct err_why why = {0};
    http_request_init(&request, channel_kannel.method);
    CHECK_EQ(channel_kannel.encode(&call, &request, &why), ERR_OK);
    CHECK_STR(
        request.url.ptr,
        "http://127.0.0.1:13013/cgi-bin/sendsms?username=water&password=p%26ss%20word"
        "&to=8613800000001&from=1069000&charset=UTF-8&coding=2"
        "&text=%E3%80%90%E6%B0%B4%E5%8A%A1%E5%B1%80%E3%80%91%E8%AF%B7%E6%A0%B8%E6%9F%A5"
        "&dlr-mask=31&dlr-url=https%3A%2F%2Fcity.test%2Fhooks%2Freceipts%2Fsms%2Fs3cret"
        "%3Fid%3Dabc234%26status%3D%25d%26foreign%3D%25F%26ts%3D%25t");
    CHECK_STR(request.method, "GET");
    CHECK_EQ(request.body.bytes, 0);
    http_request_release(&request);
}

static void what_is_shown_of_a_request_holds_no_secret(void)
{
    const struct channel_receiver mobile = {.mobile = TEXT_LITERAL("13800000001")};
    const struct channel_call call = sms_call(&mobile, "请核查");
    struct http_request request;
    struct err_why why = {0};
    http_request_init(&request, channel_kannel.method);
    CHECK_EQ(channel_kannel.encode(&call, &request, &why), ERR_OK);
    CHECK_STR(request.shown.ptr, "GET http://127.0.0.1:13013/cgi-bin/sendsms");
    http_request_release(&request);
}

static void a_text_without_signature_gets_one_in_front(void)
{
    const struct channel_receiver mobile = {.mobile = TEXT_LITERAL("13800000001")};
    const struct channel_call call = sms_call(&mobile, "ok");
    struct http_request request;
    struct err_why why = {0};
    http_request_init(&request, channel_kannel.method);
    CHECK_EQ(channel_kannel.encode(&call, &request, &why), ERR_OK);
    CHECK(strstr(
        request.url.ptr, "&text=%E3%80%90%E6%B0%B4%E5%8A%A1%E5%B1%80%E3%80%91ok&dlr-mask=31"));
    http_request_release(&request);
}

static void a_number_that_is_none_is_not_sent(void)
{
    const char *const numbers[] = {"", "abc", "138;0000", "138000000011380000000113800000001", "1"};
    for (size_t index = 0; index < COUNT(numbers); index++) {
        const struct channel_receiver mobile = {.mobile = text_of(numbers[index])};
        const struct channel_call call = sms_call(&mobile, "ok");
        struct http_request request;
        struct err_why why = {0};
        check_note("number %s", numbers[index]);
        http_request_init(&request, channel_kannel.method);
        CHECK_EQ(channel_kannel.encode(&call, &request, &why), ERR_USAGE);
        http_request_release(&request);
    }
}

static void no_receipt_is_asked_for_where_none_could_arrive(void)
{
    const struct channel_receiver mobile = {.mobile = TEXT_LITERAL("13800000001")};
    struct channel_call call = sms_call(&mobile, "ok");
    call.public_url = (struct text){0};
    struct http_request request;
    struct err_why why = {0};
    http_request_init(&request, channel_kannel.method);
    CHECK_EQ(channel_kannel.encode(&call, &request, &why), ERR_OK);
    CHECK(!strstr(request.url.ptr, "dlr"));
    http_request_release(&request);
}

static void every_receipt_of_kannel_is_decoded(void)
{
    static const struct {
        const char *query;
        enum receipt_state state;
        const char *code;
    } table[] = {
        {"id=msg-0001&status=8&foreign=&ts=2026-11-21+16:47:49", RECEIPT_QUEUED, "8"},
        {"id=msg-0001&status=1&foreign=c62c654c&ts=x", RECEIPT_DELIVERED, "1"},
        {"status=2&id=msg-0001", RECEIPT_UNDELIVERED, "2"},
        {"id=msg-0001&status=4", RECEIPT_QUEUED, "4"},
        {"id=msg%2D0001&status=16", RECEIPT_UNDELIVERED, "16"},
    };
    for (size_t index = 0; index < COUNT(table); index++) {
        struct channel_receipts receipts = {0};
        struct err_why why = {0};
        check_note("%s", table[index].query);
        const enum err err = channel_kannel.decode_receipts(
            text_of(table[index].query), (struct text){0}, &receipts, &why);
        CHECK_EQ(err, ERR_OK);
        CHECK_STR(receipts.items[0].message, "msg-0001");
        CHECK_STR(
            receipt_state_name(receipts.items[0].state), receipt_state_name(table[index].state));
        CHECK_STR(receipts.items[0].code, table[index].code);
    }
}

static void a_receipt_that_is_none_is_refused(void)
{
    const char *const queries[] = {
        "",
        "id=abc",
        "status=1",
        "id=&status=1",
        "id=abc&status=",
        "id=abc&status=3",
        "id=abc&status=1%00",
        "id=ab%zz&status=1",
        "id=../x&status=1",
        "id=abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij&status=1",
    };
    for (size_t index = 0; index < COUNT(queries); index++) {
        struct channel_receipts receipts = {0};
        struct err_why why = {0};
        check_note("%s", queries[index]);
        CHECK_EQ(
            channel_kannel.decode_receipts(
                text_of(queries[index]), (struct text){0}, &receipts, &why),
            ERR_PARSE);
        CHECK(why.text[0] != '\0');
    }
}

/* ---- DingTalk group robot ---- */

#define CODE(number) "{\"errcode\":" #number ",\"errmsg\":\"x\"}"

static void every_code_of_the_robot_has_its_class(void)
{
    static const struct expected table[] = {
        {"0", HTTP_ANSWERED, 200, CODE(0), OUTCOME_ACCEPTED, CAUSE_NONE},
        {"-1", HTTP_ANSWERED, 200, CODE(-1), OUTCOME_RETRY_LATER, CAUSE_TRANSPORT},
        {"130101", HTTP_ANSWERED, 200,
         "{\"status\":1111,\"wait\":5,\"source\":\"x5\",\"punish\":\"deny\",\"errcode\":130101,"
         "\"errmsg\":\"send too fast, exceed 20 times per minute\"}",
         OUTCOME_RETRY_LATER, CAUSE_RATE},
        {"310000", HTTP_ANSWERED, 200, CODE(310000), OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL},
        {"300001", HTTP_ANSWERED, 200, CODE(300001), OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL},
        {"token", HTTP_ANSWERED, 200, "{\"errcode\":300005,\"errmsg\":\"token is not exist\"}",
         OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL},
        {"90030", HTTP_ANSWERED, 200, CODE(90030), OUTCOME_REJECTED, CAUSE_NONE},
        {"40035", HTTP_ANSWERED, 200, CODE(40035), OUTCOME_REJECTED, CAUSE_NONE},
        {"43004", HTTP_ANSWERED, 200, CODE(43004), OUTCOME_REJECTED, CAUSE_NONE},
        {"400101", HTTP_ANSWERED, 200, CODE(400101), OUTCOME_REJECTED, CAUSE_NONE},
        {"400106", HTTP_ANSWERED, 200, CODE(400106), OUTCOME_REJECTED, CAUSE_NONE},
        {"400013", HTTP_ANSWERED, 200, CODE(400013), OUTCOME_REJECTED, CAUSE_NONE},
        {"400102", HTTP_ANSWERED, 200, CODE(400102), OUTCOME_REJECTED, CAUSE_NONE},
        {"460101", HTTP_ANSWERED, 200, CODE(460101), OUTCOME_REJECTED, CAUSE_NONE},
        {"430101", HTTP_ANSWERED, 200, CODE(430101), OUTCOME_REJECTED, CAUSE_NONE},
        {"430104", HTTP_ANSWERED, 200, CODE(430104), OUTCOME_REJECTED, CAUSE_NONE},
        {"a new code", HTTP_ANSWERED, 200, CODE(123456789), OUTCOME_REJECTED, CAUSE_NONE},
        {"no JSON", HTTP_ANSWERED, 200, "<html>ok</html>", OUTCOME_UNSURE, CAUSE_TRANSPORT},
        {"half JSON", HTTP_ANSWERED, 200, "{\"errcode\":0,\"err", OUTCOME_UNSURE, CAUSE_TRANSPORT},
        {"no code", HTTP_ANSWERED, 200, "{}", OUTCOME_UNSURE, CAUSE_TRANSPORT},
        {"code as text", HTTP_ANSWERED, 200, "{\"errcode\":\"0\"}", OUTCOME_UNSURE,
         CAUSE_TRANSPORT},
        {"empty", HTTP_ANSWERED, 200, "", OUTCOME_UNSURE, CAUSE_TRANSPORT},
        {"400", HTTP_ANSWERED, 400, "", OUTCOME_REJECTED, CAUSE_NONE},
        {"503", HTTP_ANSWERED, 503, "", OUTCOME_RETRY_LATER, CAUSE_TRANSPORT},
        {"not sent", HTTP_NOT_SENT, 0, "", OUTCOME_RETRY_LATER, CAUSE_TRANSPORT},
        {"no answer", HTTP_NO_ANSWER, 0, "", OUTCOME_UNSURE, CAUSE_TRANSPORT},
    };
    check_table(&channel_dingtalk_robot, table, COUNT(table));
}

static void a_robot_that_is_too_fast_rests_for_ten_minutes(void)
{
    const struct http_answer answer = {
        .result = HTTP_ANSWERED,
        .status = 200,
        .body = TEXT_LITERAL(CODE(130101)),
        .retry_after_ms = -1,
        .reason = "",
    };
    struct outcome outcome;
    channel_dingtalk_robot.classify(&answer, &outcome);
    CHECK_EQ(outcome.after_ms, 600000);
}

static const struct channel_option robot_options[] = {
    {.name = {"token", 5}, .value = {"TOKEN", 5}, .secret = true},
    {.name = {"secret", 6}, .value = {"SEC000000000000000000000", 24}, .secret = true},
    {.name = {"robots.water.token", 18}, .value = {"WATER", 5}, .secret = true},
};
static const struct channel_settings robot = {
    .name = {"dingtalk", 8},
    .type = {"dingtalk-robot", 14},
    .options = robot_options,
    .option_count = COUNT(robot_options),
};

static const struct channel_receiver mobiles[] = {
    {.mobile = {"+8613800000001", 14}},
    {.mobile = {"bad", 3}},
    {.mobile = {"13800000002", 11}},
};

static struct channel_call robot_call(const char *group)
{
    return (struct channel_call){
        .settings = &robot,
        .now = {.ms = INT64_C(1577262236757)},
        .message =
            {
                .id = TEXT_LITERAL("abcdefghijklmnopqrstuvwxyz"),
                .title = TEXT_LITERAL("超期"),
                .text = TEXT_LITERAL("#### 超期\n\"请办\""),
                .receivers = mobiles,
                .receiver_count = COUNT(mobiles),
                .group = text_of(group),
            },
    };
}

static void the_signature_is_that_of_the_known_vector(void)
{
    const struct channel_call call = robot_call("default");
    struct http_request request;
    struct err_why why = {0};
    http_request_init(&request, channel_dingtalk_robot.method);
    CHECK_EQ(channel_dingtalk_robot.encode(&call, &request, &why), ERR_OK);
    CHECK_STR(
        request.url.ptr, "https://oapi.dingtalk.com/robot/send?access_token=TOKEN"
                         "&timestamp=1577262236757"
                         "&sign=xOJIB8eNoYWeLy26EMZOlc2RjOJbtPv9HYjm%2BE3uALU%3D");
    CHECK_STR(request.shown.ptr, "POST https://oapi.dingtalk.com/robot/send");
    CHECK_STR(request.headers[0].ptr, "Content-Type: application/json; charset=utf-8");
    http_request_release(&request);
}

static void a_robot_message_is_exactly_this(void)
{
    const struct channel_call call = robot_call("default");
    struct http_request request;
    struct err_why why = {0};
    http_request_init(&request, channel_dingtalk_robot.method);
    CHECK_EQ(channel_dingtalk_robot.encode(&call, &request, &why), ERR_OK);
    CHECK_STR(
        request.body.ptr,
        "{\"msgtype\":\"markdown\",\"markdown\":{\"title\":\"超期\","
        "\"text\":\"#### 超期\\n\\\"请办\\\"\\n\\n@13800000001 @13800000002"
        "\\n\\n###### 编号 abcdefgh\"},"
        "\"at\":{\"atMobiles\":[\"13800000001\",\"13800000002\"],\"isAtAll\":false}}");
    http_request_release(&request);
}

static void a_robot_has_its_own_token_or_cannot_be_used(void)
{
    struct channel_call call = robot_call("water");
    struct http_request request;
    struct err_why why = {0};
    http_request_init(&request, channel_dingtalk_robot.method);
    CHECK_EQ(channel_dingtalk_robot.encode(&call, &request, &why), ERR_OK);
    CHECK_STR(request.url.ptr, "https://oapi.dingtalk.com/robot/send?access_token=WATER");
    http_request_release(&request);
    call = robot_call("fire");
    http_request_init(&request, channel_dingtalk_robot.method);
    CHECK_EQ(channel_dingtalk_robot.encode(&call, &request, &why), ERR_USAGE);
    CHECK_STR(why.text, "channel dingtalk has no token for robot fire");
    http_request_release(&request);
}

static void a_long_markdown_is_cut_between_characters(void)
{
    static char text[9001];
    for (size_t index = 0; index + 3 < sizeof(text); index += 3) {
        memcpy(text + index, "督", 3);
    }
    struct channel_call call = robot_call("default");
    call.message.text = text_of(text);
    struct http_request request;
    struct err_why why = {0};
    http_request_init(&request, channel_dingtalk_robot.method);
    CHECK_EQ(channel_dingtalk_robot.encode(&call, &request, &why), ERR_OK);
    CHECK_GE(5300, request.body.bytes);
    CHECK_GE(request.body.bytes, 4900);
    CHECK(utf8_valid(buf_view(&request.body)));
    CHECK(strstr(request.body.ptr, "编号 abcdefgh"));
    http_request_release(&request);
}

/* ---- all of them ---- */

static void reasons_hold_no_phone_number_and_no_control_byte(void)
{
    struct outcome outcome;
    outcome_set(
        &outcome, OUTCOME_REJECTED, CAUSE_NONE, "HTTP 400",
        TEXT_LITERAL("to 13800000001\nfailed 123456 \xff end"));
    CHECK_STR(outcome.reason, "HTTP 400: to * failed 123456 ? end");
}

static void reasons_hold_no_link_that_acts_for_somebody(void)
{
    static const char token[] = "okiBfRcEFx76lOViAcL3gC9S-tkwj5jgdSNf000hET_a";
    static const char *const starts[] = {
        "http://city.test/a/", "http:\\/\\/city.test\\/a\\/", "city.test%2Fa%2F",
        "city.test%2fa%2f"};
    for (size_t index = 0; index < sizeof starts / sizeof starts[0]; index++) {
        for (int chars = 30; chars <= 44; chars++) { /* also one that was cut */
            char said[128];
            struct outcome outcome;
            (void)snprintf(said, sizeof said, "%s%.*s", starts[index], chars, token);
            outcome_set(&outcome, OUTCOME_REJECTED, CAUSE_NONE, "", text_of(said));
            CHECK(!strstr(outcome.reason, "okiBfRcE"));
        }
    }
    struct outcome outcome;
    outcome_set(
        &outcome, OUTCOME_REJECTED, CAUSE_NONE, "HTTP 400",
        TEXT_LITERAL("F655A8D5-B967-440B-8683-DAD6FF8DE990 at /cgi-bin/sendsms"));
    CHECK_STR(outcome.reason, "HTTP 400: F655A8D5-B967-440B-8683-DAD6FF8DE990 at /cgi-bin/sendsms");
}

static void a_long_reason_is_cut(void)
{
    static char said[2000];
    memset(said, '.', sizeof(said) - 1);
    struct outcome outcome;
    outcome_set(&outcome, OUTCOME_REJECTED, CAUSE_NONE, "HTTP 400", text_of(said));
    CHECK_EQ(strlen(outcome.reason), OUTCOME_REASON_BYTES - 1);
}

static void retry_after_is_kept_for_busy_and_too_fast(void)
{
    struct http_answer answer = {
        .result = HTTP_ANSWERED, .status = 503, .retry_after_ms = 120000, .reason = ""};
    struct outcome outcome;
    CHECK(outcome_of_transport(&outcome, &answer));
    CHECK_EQ(outcome.after_ms, 120000);
    answer.status = 429;
    CHECK(outcome_of_transport(&outcome, &answer));
    CHECK_EQ(outcome.after_ms, 120000);
    answer.retry_after_ms = -1;
    CHECK(outcome_of_transport(&outcome, &answer));
    CHECK_EQ(outcome.after_ms, 60000);
}

static void types_are_found_by_name(void)
{
    CHECK(channel_type_find(TEXT_LITERAL("kannel")) == &channel_kannel);
    CHECK(channel_type_find(TEXT_LITERAL("dingtalk-robot")) == &channel_dingtalk_robot);
    CHECK(channel_type_find(TEXT_LITERAL("sandbox")) == &channel_sandbox);
    CHECK(!channel_type_find(TEXT_LITERAL("kanne")));
}

static void a_header_value_with_a_line_break_is_left_out(void)
{
    struct http_request request;
    http_request_init(&request, "GET");
    http_request_header(&request, "A", TEXT_LITERAL("b\r\nC: d"));
    CHECK_EQ(request.header_count, 0);
    http_request_release(&request);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(every_answer_of_kannel_has_its_class);
    CHECK_RUN(a_sendsms_request_is_exactly_this);
    CHECK_RUN(what_is_shown_of_a_request_holds_no_secret);
    CHECK_RUN(a_text_without_signature_gets_one_in_front);
    CHECK_RUN(a_number_that_is_none_is_not_sent);
    CHECK_RUN(no_receipt_is_asked_for_where_none_could_arrive);
    CHECK_RUN(every_receipt_of_kannel_is_decoded);
    CHECK_RUN(a_receipt_that_is_none_is_refused);
    CHECK_RUN(every_code_of_the_robot_has_its_class);
    CHECK_RUN(a_robot_that_is_too_fast_rests_for_ten_minutes);
    CHECK_RUN(the_signature_is_that_of_the_known_vector);
    CHECK_RUN(a_robot_message_is_exactly_this);
    CHECK_RUN(a_robot_has_its_own_token_or_cannot_be_used);
    CHECK_RUN(a_long_markdown_is_cut_between_characters);
    CHECK_RUN(reasons_hold_no_phone_number_and_no_control_byte);
    CHECK_RUN(reasons_hold_no_link_that_acts_for_somebody);
    CHECK_RUN(a_long_reason_is_cut);
    CHECK_RUN(retry_after_is_kept_for_busy_and_too_fast);
    CHECK_RUN(types_are_found_by_name);
    CHECK_RUN(a_header_value_with_a_line_break_is_left_out);
    return check_done();
}
