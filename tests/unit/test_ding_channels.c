/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DingTalk's work notification and its government edition: exact requests, the vendor's signature
 * vectors, what fits into 2048 bytes, look-ups, and what became of a message.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/must.h"
#include "notifiers/ding_message.h"
#include "notifiers/zwdd_sign.h"
#include "tests/support/channel_samples.h"
#include "tests/support/check.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct http_answer answered(const char *body)
{
    return (struct http_answer){
        .result = HTTP_ANSWERED,
        .status = 200,
        .body = text_of(body),
        .retry_after_ms = -1,
        .reason = "",
    };
}

/* A call of the type's sample, at the instant of the signature vectors. */
static struct channel_call call_of(const char *type)
{
    const struct channel_sample *sample = channel_sample_find(type);
    MUST(sample);
    return (struct channel_call){
        .settings = &sample->settings,
        .now = {.ms = INT64_C(1767323045678)},
        .token = sample->token,
        .nonce = {0x04, 0xd2},
        .message = sample->message,
    };
}

static const char *header_of(const struct http_request *request, const char *name)
{
    for (size_t index = 0; index < request->header_count; index++) {
        const char *const header = request->headers[index].ptr;
        if (strncmp(header, name, strlen(name)) == 0 && header[strlen(name)] == ':') {
            return header + strlen(name) + 2;
        }
    }
    return NULL;
}

/* ---- work notification ---- */

static void a_work_notification_is_exactly_this(void)
{
    const struct channel_call call = call_of("dingtalk-work");
    struct http_request request;
    struct err_why why = {0};
    http_request_init(&request, channel_dingtalk_work.method);
    CHECK_EQ(channel_dingtalk_work.encode(&call, &request, &why), ERR_OK);
    CHECK_STR(request.method, "POST");
    CHECK_STR(
        request.url.ptr, "http://oapi.dingtalk.test/topapi/message/corpconversation/asyncsend_v2"
                         "?access_token=t0ken");
    CHECK_STR(
        request.shown.ptr,
        "POST http://oapi.dingtalk.test/topapi/message/corpconversation/asyncsend_v2");
    CHECK_STR(header_of(&request, "Content-Type"), "application/json; charset=utf-8");
    CHECK_STR(
        request.body.ptr,
        "{\"agent_id\":1234,\"userid_list\":\"u1\",\"to_all_user\":false,\"msg\":{\"msgtype\":"
        "\"action_card\",\"action_card\":{\"title\":\"超期提醒\",\"markdown\":\"甲局：请今日办结。"
        "\\n\\n###### 编号 k3v5x7b2\",\"single_title\":\"查看详情\","
        "\"single_url\":\"https://city.test/a/x1\"}}}");
    http_request_release(&request);
}

static void without_a_link_it_is_markdown(void)
{
    struct channel_call call = call_of("dingtalk-work");
    struct http_request request;
    struct err_why why = {0};
    call.message.link = (struct text){0};
    http_request_init(&request, channel_dingtalk_work.method);
    CHECK_EQ(channel_dingtalk_work.encode(&call, &request, &why), ERR_OK);
    CHECK(strstr(
        request.body.ptr, "\"msg\":{\"msgtype\":\"markdown\",\"markdown\":{\"title\":\"超期提醒\","
                          "\"text\":\"甲局：请今日办结。\\n\\n###### 编号 k3v5x7b2\"}}"));
    http_request_release(&request);
}

static void the_bytes_of_a_message_depend_on_its_identity_alone(void)
{
    struct channel_call call = call_of("dingtalk-work");
    struct http_request requests[3];
    struct err_why why = {0};
    for (size_t index = 0; index < COUNT(requests); index++) {
        http_request_init(&requests[index], channel_dingtalk_work.method);
        call.now.ms += 60000;
        call.nonce[0]++;
        if (index == 2) {
            call.message.id = TEXT_LITERAL("another0one");
        }
        CHECK_EQ(channel_dingtalk_work.encode(&call, &requests[index], &why), ERR_OK);
    }
    CHECK_STR(requests[1].body.ptr, requests[0].body.ptr);
    CHECK(strcmp(requests[2].body.ptr, requests[0].body.ptr) != 0);
    for (size_t index = 0; index < COUNT(requests); index++) {
        http_request_release(&requests[index]);
    }
}

static void settings_and_people_that_do_not_fit_are_named(void)
{
    static const struct channel_option no_agent[] = {SAMPLE_OPTION("agent_id", "the app")};
    static const struct channel_settings settings = {
        .name = SAMPLE_TEXT("ding"),
        .type = SAMPLE_TEXT("dingtalk-work"),
        .options = no_agent,
        .option_count = 1,
    };
    static const struct channel_receiver stranger = {.mobile = SAMPLE_TEXT("13800000001")};
    struct channel_call call = call_of("dingtalk-work");
    struct http_request request;
    struct err_why why = {0};
    http_request_init(&request, channel_dingtalk_work.method);
    call.message.receivers = &stranger;
    CHECK_EQ(channel_dingtalk_work.encode(&call, &request, &why), ERR_USAGE);
    CHECK_STR(why.text, "the person has no DingTalk user id");
    call.settings = &settings;
    CHECK_EQ(channel_dingtalk_work.encode(&call, &request, &why), ERR_USAGE);
    CHECK_STR(why.text, "channel ding needs agent_id, the number of its DingTalk app");
    CHECK_EQ(channel_dingtalk_work.token_encode(&call, &request, &why), ERR_USAGE);
    CHECK_STR(why.text, "channel ding needs app_key and app_secret of its DingTalk app");
    http_request_release(&request);
}

static void a_token_is_asked_for_and_read(void)
{
    const struct channel_call call = call_of("dingtalk-work");
    struct http_request request;
    struct err_why why = {0};
    http_request_init(&request, channel_dingtalk_work.method);
    CHECK_EQ(channel_dingtalk_work.token_encode(&call, &request, &why), ERR_OK);
    CHECK_STR(
        request.url.ptr, "http://oapi.dingtalk.test/gettoken?appkey=dingkey&appsecret=s3cret");
    CHECK_STR(request.shown.ptr, "GET http://oapi.dingtalk.test/gettoken");
    CHECK_STR(request.method, "GET");
    http_request_release(&request);
    static struct channel_token token;
    struct outcome outcome;
    const struct http_answer answer =
        answered("{\"errcode\":0,\"access_token\":\"abc\",\"expires_in\":7200}");
    channel_dingtalk_work.token_decode(&answer, &token, &outcome);
    CHECK_EQ(outcome.kind, OUTCOME_ACCEPTED);
    CHECK_STR(token.text, "abc");
    CHECK_EQ(token.lives_ms, 7200000);
}

static void the_url_may_have_a_path_of_its_own(void)
{
    struct channel_call call = call_of("dingtalk-work");
    struct channel_settings settings = *call.settings;
    struct http_request request;
    struct err_why why = {0};
    settings.url = TEXT_LITERAL("https://proxy.test/dingtalk/");
    call.settings = &settings;
    http_request_init(&request, channel_dingtalk_work.method);
    CHECK_EQ(
        channel_dingtalk_work.lookup_encode(
            &call, 0, TEXT_LITERAL("8613800000001"), &request, &why),
        ERR_OK);
    CHECK_STR(
        request.url.ptr,
        "https://proxy.test/dingtalk/topapi/v2/user/getbymobile?access_token=t0ken");
    CHECK_STR(request.body.ptr, "{\"mobile\":\"13800000001\"}");
    http_request_release(&request);
}

static void the_number_of_the_task_is_kept(void)
{
    struct outcome outcome;
    const struct http_answer answer = answered("{\"errcode\":0,\"task_id\":256271667526}");
    channel_dingtalk_work.classify(&answer, &outcome);
    CHECK_STR(outcome.gateway_id, "256271667526");
    CHECK_STR(outcome.reason, "");
}

static void a_rate_says_how_long(void)
{
    static const struct {
        const char *body;
        int64_t after_ms;
    } table[] = {
        {"{\"errcode\":143103}", 60000},
        {"{\"errcode\":90018}", 60000},
        {"{\"errcode\":143105}", 3600000},
        {"{\"errcode\":-1}", -1},
    };
    for (size_t index = 0; index < COUNT(table); index++) {
        struct outcome outcome;
        const struct http_answer answer = answered(table[index].body);
        channel_dingtalk_work.classify(&answer, &outcome);
        check_note("%s", table[index].body);
        CHECK_EQ(outcome.after_ms, table[index].after_ms);
    }
}

static void a_look_up_gives_the_user_or_nobody(void)
{
    char user[CHANNEL_USER_BYTES] = "before";
    struct outcome outcome;
    struct http_answer answer = answered("{\"errcode\":0,\"result\":{\"userid\":\"u7\"}}");
    channel_dingtalk_work.lookup_decode(&answer, 0, user, &outcome);
    CHECK_EQ(outcome.kind, OUTCOME_ACCEPTED);
    CHECK_STR(user, "u7");
    answer = answered("{\"errcode\":60121,\"errmsg\":\"x\"}");
    channel_dingtalk_work.lookup_decode(&answer, 0, user, &outcome);
    CHECK_EQ(outcome.kind, OUTCOME_ACCEPTED);
    CHECK_STR(user, "");
    answer.status = 503;
    channel_dingtalk_work.lookup_decode(&answer, 0, user, &outcome);
    CHECK_EQ(outcome.kind, OUTCOME_RETRY_LATER);
    CHECK_STR(user, "");
}

static void a_poll_asks_for_the_task(void)
{
    const struct channel_call call = call_of("dingtalk-work");
    const struct channel_sample *sample = channel_sample_find("dingtalk-work");
    struct channel_question question = sample->question;
    struct http_request request;
    struct err_why why = {0};
    http_request_init(&request, channel_dingtalk_work.method);
    CHECK_EQ(channel_dingtalk_work.poll_encode(&call, &question, &request, &why), ERR_OK);
    CHECK_STR(
        request.url.ptr, "http://oapi.dingtalk.test/topapi/message/corpconversation/getsendresult"
                         "?access_token=t0ken");
    CHECK_STR(request.body.ptr, "{\"agent_id\":1234,\"task_id\":256271667526}");
    question.gateway_id = (struct text){0};
    CHECK_EQ(channel_dingtalk_work.poll_encode(&call, &question, &request, &why), ERR_USAGE);
    http_request_release(&request);
}

static void a_send_result_is_read_for_its_person(void)
{
    static const struct {
        const char *result;
        enum receipt_state state;
        const char *code;
    } table[] = {
        {"\"read_user_id_list\":[\"u0\",\"u1\"],\"unread_user_id_list\":[\"u2\"]", RECEIPT_READ,
         "read"},
        {"\"read_user_id_list\":[\"u0\"],\"unread_user_id_list\":[\"u1\"]", RECEIPT_DELIVERED,
         "unread"},
        {"\"failed_user_id_list\":[\"u1\"]", RECEIPT_UNDELIVERED, "failed"},
        {"\"invalid_user_id_list\":[\"u1\"]", RECEIPT_UNDELIVERED, "invalid"},
        {"\"forbidden_user_id_list\":[\"u1\"]", RECEIPT_UNDELIVERED, "forbidden"},
        {"\"forbidden_user_id_list\":[\"u1\"],\"forbidden_list\":[{\"code\":\"143105\","
         "\"count\":1,\"userid\":\"u1\"}]",
         RECEIPT_UNDELIVERED, "143105"},
        {"\"forbidden_list\":[{\"code\":143103,\"userid\":\"u1\"}]", RECEIPT_UNDELIVERED, "143103"},
        {"\"forbidden_list\":[{\"code\":\"143106\",\"userid\":\"u1\"}]", RECEIPT_DELIVERED,
         "143106"},
        {"\"forbidden_list\":[{\"code\":\"143105\",\"userid\":\"u2\"}]", RECEIPT_QUEUED, "pending"},
        {"\"unread_user_id_list\":[]", RECEIPT_QUEUED, "pending"},
    };
    const struct channel_sample *sample = channel_sample_find("dingtalk-work");
    static struct channel_receipts receipts;
    for (size_t index = 0; index < COUNT(table); index++) {
        char body[512];
        struct outcome outcome;
        snprintf(body, sizeof(body), "{\"errcode\":0,\"send_result\":{%s}}", table[index].result);
        const struct http_answer answer = answered(body);
        check_note("%s", body);
        channel_dingtalk_work.poll_decode(&answer, &sample->question, &receipts, &outcome);
        CHECK_EQ(outcome.kind, OUTCOME_ACCEPTED);
        CHECK_EQ(receipts.count, 1);
        CHECK_STR(
            receipt_state_name(receipts.items[0].state), receipt_state_name(table[index].state));
        CHECK_STR(receipts.items[0].code, table[index].code);
        CHECK_STR(receipts.items[0].message, "k3v5x7b2mmmm");
        CHECK_STR(receipts.items[0].gateway_id, "256271667526");
    }
}

/* ---- 2048 bytes ---- */

/* A text of so many of a kind of character. */
static char *many(const char *one, size_t count)
{
    char *const text = malloc(strlen(one) * count + 1);
    MUST(text);
    text[0] = '\0';
    for (size_t index = 0; index < count; index++) {
        memcpy(text + index * strlen(one), one, strlen(one) + 1);
    }
    return text;
}

static void any_message_is_cut_to_2048_bytes_between_characters(void)
{
    static const char *const kinds[] = {"督", "\"", "\n", "\x01", "a", "👍"};
    static const char *const links[] = {"", "https://city.test/a/x1"};
    for (size_t index = 0; index < 2 * COUNT(kinds); index++) {
        char *const text = many(kinds[index / 2], 3000);
        struct channel_call call = call_of("zwdd");
        struct buf msg;
        struct json_doc *doc = NULL;
        call.message.text = text_of(text);
        call.message.link = text_of(links[index % 2]);
        buf_init(&msg, 65536);
        check_note("%s with %s", kinds[index / 2], links[index % 2]);
        CHECK_EQ(ding_message_write(&call.message, DING_GOVERNMENT, &msg), ERR_OK);
        CHECK_GE(2048, msg.bytes);
        CHECK_GE(msg.bytes, 2030);
        CHECK_EQ(json_parse(buf_view(&msg), &json_limits_answer, &doc, NULL), ERR_OK);
        CHECK(strstr(msg.ptr, "…\\n编号 k3v5x7b2\""));
        json_free(doc);
        buf_release(&msg);
        free(text);
    }
}

static void a_message_that_just_fits_is_left_whole(void)
{
    struct channel_call call = call_of("zwdd");
    struct buf msg;
    buf_init(&msg, 65536);
    CHECK_EQ(ding_message_write(&call.message, DING_GOVERNMENT, &msg), ERR_OK);
    char *const fits = many("a", call.message.text.bytes + 2048 - msg.bytes);
    char *const over = many("a", call.message.text.bytes + 2049 - msg.bytes);
    call.message.text = text_of(fits);
    CHECK_EQ(ding_message_write(&call.message, DING_GOVERNMENT, &msg), ERR_OK);
    CHECK_EQ(msg.bytes, 2048);
    CHECK(!strstr(msg.ptr, "…"));
    call.message.text = text_of(over);
    CHECK_EQ(ding_message_write(&call.message, DING_GOVERNMENT, &msg), ERR_OK);
    CHECK_EQ(msg.bytes, 2048);
    CHECK(strstr(msg.ptr, "…"));
    buf_release(&msg);
    free(fits);
    free(over);
}

/* ---- zwdd: the vendor's vectors ---- */

#define VECTOR_STAMP "2026-01-02T11:04:05.678+08:00"
#define VECTOR_NONCE "17673230456781234"

static const struct zwdd_param vector_post[] = {
    {"tenantId", SAMPLE_TEXT("50000")},
    {"receiverIds", SAMPLE_TEXT("100001,100002")},
    {"organizationCodes", {0}},
    {"bizMsgId", SAMPLE_TEXT("alert-000123")},
    {"msg", SAMPLE_TEXT("{\"msgtype\":\"text\",\"text\":{\"content\":\"一号水库水位超限\"}}")},
};

static void check_vector(const struct zwdd_request *request, bool md5, const char *expected)
{
    struct buf signature;
    buf_init(&signature, 128);
    CHECK_EQ(zwdd_sign(request, TEXT_LITERAL("testsecret"), md5, &signature), ERR_OK);
    CHECK_STR(signature.ptr, expected);
    buf_release(&signature);
}

static void the_signatures_are_those_of_the_known_vectors(void)
{
    static const struct zwdd_param get[] = {
        {"appsecret", SAMPLE_TEXT("testsecret")},
        {"appkey", SAMPLE_TEXT("testkey")},
    };
    const struct zwdd_request post = {
        .method = "POST",
        .stamp = VECTOR_STAMP,
        .nonce = VECTOR_NONCE,
        .path = TEXT_LITERAL("/message/workNotification"),
        .params = vector_post,
        .param_count = COUNT(vector_post),
    };
    const struct zwdd_request token = {
        .method = "GET",
        .stamp = VECTOR_STAMP,
        .nonce = VECTOR_NONCE,
        .path = TEXT_LITERAL("/gettoken.json"),
        .params = get,
        .param_count = COUNT(get),
    };
    check_vector(&post, false, "Dp65OskC9K7w8forndCZmq5lraF5JWgM1E+Wssx/R10=");
    check_vector(&post, true, "80b2d05d662c3a7e8b5cc8052c714c93");
    check_vector(&token, false, "kH0fukAdKmmPvcE6L/0/8J7F8QaLPeVZyRJpHNLuSyo=");
}

static void parameters_are_ordered_without_case_and_without_empty_ones(void)
{
    static const struct zwdd_param params[] = {
        {"beta", SAMPLE_TEXT("2")},
        {"Alpha", SAMPLE_TEXT("a b")},
        {"alpine", SAMPLE_TEXT("督&=")},
        {"beta", SAMPLE_TEXT("1")},
        {"empty", {0}},
        {"", SAMPLE_TEXT("x")},
    };
    struct buf form;
    buf_init(&form, 256);
    zwdd_form(params, COUNT(params), &form);
    CHECK_STR(form.ptr, "Alpha=a%20b&alpine=%E7%9D%A3%26%3D&beta=1&beta=2");
    buf_release(&form);
}

static void a_stamp_always_has_its_milliseconds(void)
{
    char stamp[ZWDD_STAMP_BYTES];
    zwdd_stamp((struct wall_ms){.ms = INT64_C(1767323045678)}, stamp);
    CHECK_STR(stamp, VECTOR_STAMP);
    zwdd_stamp((struct wall_ms){.ms = INT64_C(1767323045000)}, stamp);
    CHECK_STR(stamp, "2026-01-02T11:04:05.000+08:00");
    zwdd_stamp((struct wall_ms){.ms = INT64_C(1767323045007)}, stamp);
    CHECK_STR(stamp, "2026-01-02T11:04:05.007+08:00");
}

/* ---- zwdd: requests and answers ---- */

static void a_zwdd_request_is_exactly_this(void)
{
    const struct channel_call call = call_of("zwdd");
    struct http_request request;
    struct err_why why = {0};
    http_request_init(&request, channel_zwdd.method);
    CHECK_EQ(channel_zwdd.encode(&call, &request, &why), ERR_OK);
    CHECK_STR(request.url.ptr, "http://openplatform.zwdd.test/message/workNotification");
    CHECK_STR(
        request.body.ptr,
        "bizMsgId=k3v5x7b2mmmm&msg=%7B%22msgtype%22%3A%22text%22%2C%22text%22%3A%7B%22content%22"
        "%3A%22%E4%BB%8A%E6%97%A5%E6%9C%89%E5%88%B0%E6%9C%9F%E4%BA%8B%E9%A1%B9%EF%BC%8C%E8%AF%B7"
        "%E6%9F%A5%E7%9C%8B%E3%80%82%5Cn%E7%BC%96%E5%8F%B7%20k3v5x7b2%22%7D%7D"
        "&receiverIds=100001%2C100002&tenantId=50000");
    CHECK_STR(
        header_of(&request, "Content-Type"), "application/x-www-form-urlencoded; charset=UTF-8");
    CHECK_STR(header_of(&request, "apiKey"), "city-app");
    CHECK_STR(header_of(&request, "X-Hmac-Auth-Timestamp"), VECTOR_STAMP);
    CHECK_STR(header_of(&request, "X-Hmac-Auth-Nonce"), VECTOR_NONCE);
    CHECK_STR(header_of(&request, "X-Hmac-Auth-Version"), "1.0");
    CHECK_STR(header_of(&request, "X-Hmac-Auth-IP"), "127.0.0.1");
    CHECK_STR(header_of(&request, "X-Hmac-Auth-MAC"), "00:00:00:00:00:00");
    CHECK_EQ(strlen(header_of(&request, "X-Hmac-Auth-Signature")), 44);
    CHECK(!header_of(&request, "X-Hmac-Auth-Algorithm"));
    http_request_release(&request);
}

static void the_path_of_the_url_is_signed_too(void)
{
    struct channel_call call = call_of("zwdd");
    struct channel_settings settings = *call.settings;
    char signatures[2][64];
    struct err_why why = {0};
    for (size_t index = 0; index < 2; index++) {
        struct http_request request;
        settings.url = text_of(index == 0 ? "http://a.test" : "http://b.test:8080/open/platform/");
        call.settings = &settings;
        http_request_init(&request, channel_zwdd.method);
        CHECK_EQ(channel_zwdd.encode(&call, &request, &why), ERR_OK);
        snprintf(
            signatures[index], sizeof(signatures[index]), "%s",
            header_of(&request, "X-Hmac-Auth-Signature"));
        http_request_release(&request);
    }
    CHECK(strcmp(signatures[0], signatures[1]) != 0);
}

static void the_md5_form_says_so(void)
{
    static const struct channel_option options[] = {
        SAMPLE_OPTION("app_key", "city-app"), SAMPLE_SECRET("app_secret", "s3cret"),
        SAMPLE_OPTION("tenant_id", "50000"),  SAMPLE_OPTION("algorithm", "md5"),
        SAMPLE_OPTION("ip", "192.0.2.7"),     SAMPLE_OPTION("mac", "02:00:00:00:00:01"),
    };
    struct channel_call call = call_of("zwdd");
    struct channel_settings settings = *call.settings;
    struct http_request request;
    struct err_why why = {0};
    settings.options = options;
    settings.option_count = COUNT(options);
    call.settings = &settings;
    http_request_init(&request, channel_zwdd.method);
    CHECK_EQ(channel_zwdd.encode(&call, &request, &why), ERR_OK);
    CHECK_STR(header_of(&request, "X-Hmac-Auth-Algorithm"), "md5");
    CHECK_EQ(strlen(header_of(&request, "X-Hmac-Auth-Signature")), 32);
    CHECK_STR(header_of(&request, "X-Hmac-Auth-IP"), "192.0.2.7");
    CHECK_STR(header_of(&request, "X-Hmac-Auth-MAC"), "02:00:00:00:00:01");
    http_request_release(&request);
}

static void a_thousand_receivers_fit_and_one_more_does_not(void)
{
    static char names[1001][24];
    static struct channel_receiver receivers[1001];
    for (size_t index = 0; index < COUNT(receivers); index++) {
        snprintf(names[index], sizeof(names[index]), "1%018zu", index);
        receivers[index].user = text_of(names[index]);
    }
    struct channel_call call = call_of("zwdd");
    struct http_request request;
    struct err_why why = {0};
    call.message.receivers = receivers;
    call.message.receiver_count = 1000;
    http_request_init(&request, channel_zwdd.method);
    CHECK_EQ(channel_zwdd.encode(&call, &request, &why), ERR_OK);
    CHECK(strstr(request.body.ptr, names[999]));
    http_request_release(&request);
    call.message.receiver_count = 1001;
    http_request_init(&request, channel_zwdd.method);
    CHECK_EQ(channel_zwdd.encode(&call, &request, &why), ERR_USAGE);
    CHECK_STR(why.text, "more than 1,000 people in one call");
    http_request_release(&request);
}

static void a_zwdd_channel_that_lacks_something_says_what(void)
{
    static const struct channel_option options[] = {SAMPLE_OPTION("app_key", "city-app")};
    struct channel_call call = call_of("zwdd");
    struct channel_settings settings = *call.settings;
    struct http_request request;
    struct err_why why = {0};
    settings.options = options;
    settings.option_count = 1;
    call.settings = &settings;
    http_request_init(&request, channel_zwdd.method);
    CHECK_EQ(channel_zwdd.encode(&call, &request, &why), ERR_USAGE);
    CHECK_STR(why.text, "channel zwdd needs app_secret");
    settings.url = (struct text){0};
    CHECK_EQ(channel_zwdd.encode(&call, &request, &why), ERR_USAGE);
    CHECK_STR(why.text, "channel zwdd has no url; set it to the open platform of the city");
    http_request_release(&request);
}

static void the_message_id_of_zwdd_is_kept_from_either_shape(void)
{
    const struct channel_sample *sample = channel_sample_find("zwdd");
    for (size_t index = 0; index < 2; index++) { /* an object, and a string that holds one */
        struct outcome outcome;
        const struct http_answer answer = answered(sample->classes[index].body);
        channel_zwdd.classify(&answer, &outcome);
        check_note("%s", sample->classes[index].body);
        CHECK_STR(outcome.gateway_id, "m1");
    }
}

static void a_zwdd_look_up_goes_by_employee_code_to_account(void)
{
    const struct channel_call call = call_of("zwdd");
    const struct channel_sample *sample = channel_sample_find("zwdd");
    char user[CHANNEL_USER_BYTES];
    struct outcome outcome;
    struct http_request request;
    struct err_why why = {0};
    http_request_init(&request, channel_zwdd.method);
    CHECK_EQ(
        channel_zwdd.lookup_encode(&call, 0, TEXT_LITERAL("8613800000001"), &request, &why),
        ERR_OK);
    CHECK_STR(request.url.ptr, "http://openplatform.zwdd.test/mozi/employee/get_by_mobiles");
    CHECK_STR(request.body.ptr, "areaCode=86&mobiles=13800000001&namespace=local&tenantId=50000");
    http_request_release(&request);
    struct http_answer answer = answered(sample->lookup_classes[0].body);
    channel_zwdd.lookup_decode(&answer, 0, user, &outcome);
    CHECK_STR(user, "GE_1");
    http_request_init(&request, channel_zwdd.method);
    CHECK_EQ(channel_zwdd.lookup_encode(&call, 1, text_of(user), &request, &why), ERR_OK);
    CHECK_STR(
        request.url.ptr, "http://openplatform.zwdd.test/mozi/employee/listEmployeeAccountIds");
    CHECK_STR(request.body.ptr, "employeeCodes=GE_1&tenantId=50000");
    http_request_release(&request);
    answer = answered(sample->lookup_classes[1].body);
    channel_zwdd.lookup_decode(&answer, 1, user, &outcome);
    CHECK_STR(user, "100001");
    CHECK_EQ(outcome.kind, OUTCOME_ACCEPTED);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(a_work_notification_is_exactly_this);
    CHECK_RUN(without_a_link_it_is_markdown);
    CHECK_RUN(the_bytes_of_a_message_depend_on_its_identity_alone);
    CHECK_RUN(settings_and_people_that_do_not_fit_are_named);
    CHECK_RUN(a_token_is_asked_for_and_read);
    CHECK_RUN(the_url_may_have_a_path_of_its_own);
    CHECK_RUN(the_number_of_the_task_is_kept);
    CHECK_RUN(a_rate_says_how_long);
    CHECK_RUN(a_look_up_gives_the_user_or_nobody);
    CHECK_RUN(a_poll_asks_for_the_task);
    CHECK_RUN(a_send_result_is_read_for_its_person);
    CHECK_RUN(any_message_is_cut_to_2048_bytes_between_characters);
    CHECK_RUN(a_message_that_just_fits_is_left_whole);
    CHECK_RUN(the_signatures_are_those_of_the_known_vectors);
    CHECK_RUN(parameters_are_ordered_without_case_and_without_empty_ones);
    CHECK_RUN(a_stamp_always_has_its_milliseconds);
    CHECK_RUN(a_zwdd_request_is_exactly_this);
    CHECK_RUN(the_path_of_the_url_is_signed_too);
    CHECK_RUN(the_md5_form_says_so);
    CHECK_RUN(a_thousand_receivers_fit_and_one_more_does_not);
    CHECK_RUN(a_zwdd_channel_that_lacks_something_says_what);
    CHECK_RUN(the_message_id_of_zwdd_is_kept_from_either_shape);
    CHECK_RUN(a_zwdd_look_up_goes_by_employee_code_to_account);
    return check_done();
}
