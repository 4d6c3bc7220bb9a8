/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Alibaba Cloud: its signature against known vectors, every code of its tables, and what is read
 * from its receipts and lists.
 */
#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "notifiers/aliyun_sign.h"
#include "tests/support/channel_codes.h"
#include "tests/support/channel_samples.h"
#include "tests/support/check.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define AT_MS        INT64_C(1767323045000) /* 2026-01-02T03:04:05Z */

static const struct channel_type *const aliyun = &channel_aliyun;
static struct channel_settings settings;

/* The message of the vectors: two variables, the nonce ends in a1. */
static struct channel_call sample_call(void)
{
    settings = sample_aliyun.settings;
    settings.url = (struct text){0};
    return (struct channel_call){
        .settings = &settings,
        .now = {.ms = AT_MS + 678},
        .nonce = {[CHANNEL_NONCE_BYTES - 1] = 0xa1},
        .message = sample_aliyun.message,
    };
}

/* ---- requests ---- */

static void a_request_is_signed_as_the_vendors_sdk_signs_it(void)
{
    const struct channel_call call = sample_call();
    struct http_request request = request_of(aliyun, &call);
    CHECK_STR(
        request.url.ptr,
        "https://dysmsapi.aliyuncs.com/?OutId=alert-000123&PhoneNumbers=13800000001"
        "&SignName=%E6%B5%8B%E8%AF%95%E6%B0%B4%E5%8A%A1&TemplateCode=SMS_000000001"
        "&TemplateParam=%7B%22station%22%3A%22%E4%B8%80%E5%8F%B7%E6%B0%B4%E5%BA%93%22%2C"
        "%22level%22%3A%2212.35%20m%22%7D");
    CHECK_STR(request.method, "POST");
    CHECK_EQ(request.body.bytes, 0);
    CHECK_STR(header_of(&request, "x-acs-action"), "SendSms");
    CHECK_STR(header_of(&request, "x-acs-version"), "2017-05-25");
    CHECK_STR(header_of(&request, "x-acs-date"), "2026-01-02T03:04:05Z");
    CHECK_STR(header_of(&request, "x-acs-signature-nonce"), "000000000000000000000000000000a1");
    CHECK_STR(
        header_of(&request, "x-acs-content-sha256"),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK_STR(
        header_of(&request, "Authorization"),
        "ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=host;x-acs-action;x-acs-content-sha256;"
        "x-acs-date;x-acs-signature-nonce;x-acs-version,Signature="
        "50f6b86f39f5cfcd99b0031c038402ac6c7489cac94c8396116dcb5b8da1c757");
    CHECK_STR(header_of(&request, "Content-Type"), ""); /* what is sent has to be signed */
    http_request_release(&request);
}

static void the_canonical_request_has_the_known_hash(void)
{
    const struct channel_call call = sample_call();
    struct http_request request = request_of(aliyun, &call);
    const struct acs3 acs3 = {
        .action = TEXT_LITERAL("SendSms"),
        .version = TEXT_LITERAL("2017-05-25"),
        .nonce = TEXT_LITERAL("000000000000000000000000000000a1"),
        .now = {.ms = AT_MS},
    };
    struct buf canonical;
    struct buf hash;
    buf_init(&canonical, 4096);
    buf_init(&hash, 128);
    acs3_canonical(&acs3, &request, &canonical);
    crypto_sha256_hex(&hash, buf_view(&canonical));
    CHECK_STR(hash.ptr, "74c50d201cf56db2819acfe9d381609dc5f17d0f7ea6857bcccd6581fa729c1a");
    buf_release(&canonical);
    buf_release(&hash);
    http_request_release(&request);
}

static void the_published_example_is_signed_as_published(void)
{
    const struct acs3 acs3 = {
        .key_id = TEXT_LITERAL("YourAccessKeyId"),
        .key_secret = TEXT_LITERAL("YourAccessKeySecret"),
        .action = TEXT_LITERAL("RunInstances"),
        .version = TEXT_LITERAL("2014-05-26"),
        .nonce = TEXT_LITERAL("3156853299f313e23d1673dc12e1703d"),
        .now = {.ms = INT64_C(1698315752000)}, /* 2023-10-26T10:22:32Z */
    };
    struct http_request request;
    http_request_init(&request, "POST");
    http_request_url(&request, TEXT_LITERAL("https://ecs.cn-shanghai.aliyuncs.com"), "/");
    http_request_query(
        &request, "ImageId", TEXT_LITERAL("win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"));
    http_request_query(&request, "RegionId", TEXT_LITERAL("cn-shanghai"));
    CHECK_EQ(acs3_sign(&acs3, &request), ERR_OK);
    CHECK(strstr(
        header_of(&request, "Authorization"),
        ",Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"));
    http_request_release(&request);
}

static void a_port_that_is_not_the_schemes_own_is_signed_with_the_host(void)
{
    static const struct {
        const char *url;
        const char *line;
    } table[] = {
        {"http://127.0.0.1:8123", "\nhost:127.0.0.1:8123\n"},
        {"https://sms.test:443/", "\nhost:sms.test\n"},
        {"http://sms.test:80", "\nhost:sms.test\n"},
        {"http://sms.test:443", "\nhost:sms.test:443\n"},
        {"http://sms.test:8080/gate/way", "POST\n/gate/way\n"},
    };
    for (size_t index = 0; index < COUNT(table); index++) {
        struct http_request request;
        struct buf canonical;
        check_note("%s", table[index].url);
        http_request_init(&request, "POST");
        buf_init(&canonical, 4096);
        http_request_url(&request, text_of(table[index].url), "/");
        acs3_canonical(&(struct acs3){0}, &request, &canonical);
        CHECK(strstr(canonical.ptr, table[index].line));
        buf_release(&canonical);
        http_request_release(&request);
    }
}

static void a_temporary_key_is_signed_too(void)
{
    static const struct channel_option options[] = {
        SAMPLE_OPTION("access_key_id", "testid"),
        SAMPLE_SECRET("access_key_secret", "testsecret"),
        SAMPLE_SECRET("security_token", "tok"),
        SAMPLE_OPTION("signature", "测试水务"),
    };
    struct channel_call call = sample_call();
    settings.options = options;
    settings.option_count = COUNT(options);
    struct http_request request = request_of(aliyun, &call);
    CHECK_STR(header_of(&request, "x-acs-security-token"), "tok");
    CHECK(strstr(
        header_of(&request, "Authorization"),
        "x-acs-date;x-acs-security-token;x-acs-signature-nonce;"));
    CHECK(strstr(request.url.ptr, "&SignName=%E6%B5%8B%E8%AF%95%E6%B0%B4%E5%8A%A1&"));
    http_request_release(&request);
}

static void what_is_shown_holds_neither_number_nor_key(void)
{
    const struct channel_call call = sample_call();
    struct http_request request = request_of(aliyun, &call);
    CHECK_STR(request.shown.ptr, "POST https://dysmsapi.aliyuncs.com/");
    http_request_release(&request);
}

static void what_is_missing_is_named(void)
{
    struct channel_call call = sample_call();
    call.message.template = (struct text){0};
    check_refused(
        aliyun, &call,
        "the message has no vendor template for channel sms; set templates.NAME.vendor.sms");
    call = sample_call();
    settings.option_count = 1;
    check_refused(
        aliyun, &call, "channel sms has no access_key_secret; set channels.sms.access_key_secret");
    call = sample_call();
    settings.option_count = 2;
    check_refused(aliyun, &call, "channel sms has no signature; set channels.sms.signature");
    call = sample_call();
    settings.url = text_of("https://sms.test/?a=b");
    check_refused(aliyun, &call, "channel sms: url must have no query");
    const struct channel_receiver nobody = {.mobile = TEXT_LITERAL("n/a")};
    call = sample_call();
    call.message.receivers = &nobody;
    check_refused(aliyun, &call, "the mobile number is not a number");
    call.message.receiver_count = 0;
    check_refused(aliyun, &call, "the mobile number is not a number");
}

/* ---- answers ---- */

#define RETRY  OUTCOME_RETRY_LATER
#define REJECT OUTCOME_REJECTED
#define UNSURE OUTCOME_UNSURE

static void every_code_has_its_class(void)
{
    static const struct code_class table[] = {
        {"OK", OUTCOME_ACCEPTED, CAUSE_NONE, -1},
        {"isv.BUSINESS_LIMIT_CONTROL", RETRY, CAUSE_RATE, 60000},
        {"isv.DAY_LIMIT_CONTROL", RETRY, CAUSE_RATE_ALL, 3600000},
        {"isv.MONTH_LIMIT_CONTROL", RETRY, CAUSE_RATE_ALL, 3600000},
        {"Throttling.User", RETRY, CAUSE_RATE_ALL, 2000},
        {"isp.SYSTEM_ERROR", RETRY, CAUSE_TRANSPORT, -1},
        {"ServiceUnavailable", RETRY, CAUSE_TRANSPORT, -1},
        {"InternalError", RETRY, CAUSE_TRANSPORT, -1},
        {"isp.SOMETHING_NEW", RETRY, CAUSE_TRANSPORT, -1},
        {"isp.RAM_PERMISSION_DENY", RETRY, CAUSE_CREDENTIAL, -1},
        {"isv.ACCOUNT_NOT_EXISTS", RETRY, CAUSE_CREDENTIAL, -1},
        {"isv.ACCOUNT_ABNORMAL", RETRY, CAUSE_CREDENTIAL, -1},
        {"isv.DENY_IP_RANGE", RETRY, CAUSE_CREDENTIAL, -1},
        {"InvalidAccessKeyId.NotFound", RETRY, CAUSE_CREDENTIAL, -1},
        {"SignatureDoesNotMatch", RETRY, CAUSE_CREDENTIAL, -1},
        {"InvalidTimeStamp.Expired", RETRY, CAUSE_CREDENTIAL, -1},
        {"isv.OUT_OF_SERVICE", RETRY, CAUSE_CREDENTIAL, -1},
        {"isv.PRODUCT_UN_SUBSCRIPT", RETRY, CAUSE_CREDENTIAL, -1},
        {"isv.PRODUCT_UNSUBSCRIBE", RETRY, CAUSE_CREDENTIAL, -1},
        {"isv.AMOUNT_NOT_ENOUGH", RETRY, CAUSE_CREDENTIAL, -1},
        {"isv.SMS_SIGN_ILLEGAL", REJECT, CAUSE_NONE, -1},
        {"isv.SIGN_STATE_ILLEGAL", REJECT, CAUSE_NONE, -1},
        {"isv.SMS_SIGNATURE_SCENE_ILLEGAL", REJECT, CAUSE_NONE, -1},
        {"isv.SMS_CONTENT_ILLEGAL", REJECT, CAUSE_NONE, -1},
        {"isv.EXTEND_CODE_ERROR", REJECT, CAUSE_NONE, -1},
        {"isv.DOMESTIC_NUMBER_NOT_SUPPORTED", REJECT, CAUSE_NONE, -1},
        {"isv.SMS_TEMPLATE_ILLEGAL", REJECT, CAUSE_NONE, -1},
        {"isv.SMS_SIGNATURE_ILLEGAL", REJECT, CAUSE_NONE, -1},
        {"isv.MOBILE_NUMBER_ILLEGAL", REJECT, CAUSE_NONE, -1},
        {"isv.MOBILE_COUNT_OVER_LIMIT", REJECT, CAUSE_NONE, -1},
        {"isv.TEMPLATE_MISSING_PARAMETERS", REJECT, CAUSE_NONE, -1},
        {"isv.INVALID_PARAMETERS", REJECT, CAUSE_NONE, -1},
        {"isv.INVALID_JSON_PARAM", REJECT, CAUSE_NONE, -1},
        {"isv.BLACK_KEY_CONTROL_LIMIT", REJECT, CAUSE_NONE, -1},
        {"isv.PARAM_LENGTH_LIMIT", REJECT, CAUSE_NONE, -1},
        {"isv.PARAM_NOT_SUPPORT_URL", REJECT, CAUSE_NONE, -1},
        {"isv.SOMETHING_NEW", REJECT, CAUSE_NONE, -1},
    };
    check_codes(aliyun, "{\"Code\":\"%s\",\"Message\":\"x\"}", table, COUNT(table));
}

static void a_full_window_of_a_number_tells_how_long_to_wait(void)
{
    static const struct {
        const char *message;
        int64_t after_ms;
    } table[] = {
        {"触发分钟级流控Permits:1", 60000},
        {"触发小时级流控Permits:5", 3600000},
        {"触发天级流控Permits:10", 3600000},
        {"", 60000},
    };
    for (size_t index = 0; index < COUNT(table); index++) {
        char body[256];
        snprintf(
            body, sizeof(body), "{\"Code\":\"isv.BUSINESS_LIMIT_CONTROL\",\"Message\":\"%s\"}",
            table[index].message);
        check_note("%s", table[index].message);
        CHECK_EQ(outcome_of_answer(aliyun, 200, body).after_ms, table[index].after_ms);
    }
    CHECK_EQ(
        outcome_of_answer(aliyun, 200, "{\"Code\":\"isv.BUSINESS_LIMIT_CONTROL\"}").after_ms,
        60000);
}

static void the_code_counts_more_than_the_status(void)
{
    static const struct {
        int32_t status;
        const char *body;
        enum outcome_kind kind;
        enum outcome_cause cause;
    } table[] = {
        {400, "{\"Code\":\"SignatureDoesNotMatch\"}", RETRY, CAUSE_CREDENTIAL},
        {404, "{\"Code\":\"InvalidAccessKeyId.NotFound\"}", RETRY, CAUSE_CREDENTIAL},
        {503, "{\"Code\":\"ServiceUnavailable\"}", RETRY, CAUSE_TRANSPORT},
        {429, "{\"Code\":\"Throttling.User\"}", RETRY, CAUSE_RATE_ALL},
        {400, "{\"Code\":\"Whatever\"}", REJECT, CAUSE_NONE},
        {500, "{\"Code\":\"Whatever\"}", RETRY, CAUSE_TRANSPORT},
        {403, "{\"Code\":\"Whatever\"}", RETRY, CAUSE_CREDENTIAL},
        {504, "{\"Code\":\"OK\"}", OUTCOME_UNSURE, CAUSE_TRANSPORT},
        {302, "", RETRY, CAUSE_CREDENTIAL},
        {504, "", OUTCOME_UNSURE, CAUSE_TRANSPORT},
        {502, "<html>", RETRY, CAUSE_TRANSPORT},
        {413, "<html>", REJECT, CAUSE_NONE},
        {200, "<html>", OUTCOME_UNSURE, CAUSE_TRANSPORT},
        {200, "{\"Code\":\"OK\"", OUTCOME_UNSURE, CAUSE_TRANSPORT},
        {200, "{\"Code\":0}", OUTCOME_UNSURE, CAUSE_TRANSPORT},
        {200, "[]", OUTCOME_UNSURE, CAUSE_TRANSPORT},
        {200, "", OUTCOME_UNSURE, CAUSE_TRANSPORT},
    };
    for (size_t index = 0; index < COUNT(table); index++) {
        check_note("%d %s", table[index].status, table[index].body);
        const struct outcome outcome =
            outcome_of_answer(aliyun, table[index].status, table[index].body);
        CHECK_STR(outcome_kind_name(outcome.kind), outcome_kind_name(table[index].kind));
        CHECK_STR(outcome_cause_name(outcome.cause), outcome_cause_name(table[index].cause));
        CHECK_STR(outcome.gateway_id, "");
    }
}

static void the_biz_id_is_kept_where_it_is_one(void)
{
    CHECK_STR(
        outcome_of_answer(aliyun, 200, "{\"Code\":\"OK\",\"BizId\":\"900619746936498440^0\"}")
            .gateway_id,
        "900619746936498440^0");
    CHECK_STR(
        outcome_of_answer(aliyun, 200, "{\"Code\":\"OK\",\"BizId\":\"a\\nb\"}").gateway_id, "");
    char body[256];
    snprintf(body, sizeof(body), "{\"Code\":\"OK\",\"BizId\":\"%0*d\"}", GATEWAY_ID_BYTES, 7);
    CHECK_STR(outcome_of_answer(aliyun, 200, body).gateway_id, "");
    CHECK_EQ(outcome_of_answer(aliyun, 200, body).kind, OUTCOME_ACCEPTED);
}

/* ---- receipts ---- */

static void receipts_come_as_an_array(void)
{
    struct channel_receipts receipts = {0};
    struct err_why why = {0};
    CHECK_EQ(
        channel_aliyun.decode_receipts(
            (struct text){0},
            TEXT_LITERAL(
                "[{\"phone_number\":\"13800000001\",\"success\":true,\"err_code\":\"DELIVERED\","
                "\"biz_id\":\"12345\",\"out_id\":\"abc234\"},"
                "{\"success\":false,\"err_code\":\"MOBILE_NOT_ON_SERVICE\",\"biz_id\":\"12346\"},"
                "{\"success\":\"true\",\"biz_id\":\"12347\"},{\"success\":true},7,"
                "{\"success\":true,\"out_id\":\"../x\",\"biz_id\":\"9\"}]"),
            &receipts, &why),
        ERR_OK);
    CHECK_EQ(receipts.count, 3);
    CHECK_EQ(receipts.left_out, 3);
    CHECK_STR(receipts.items[0].message, "abc234");
    CHECK_STR(receipts.items[0].gateway_id, "12345");
    CHECK_EQ(receipts.items[0].state, RECEIPT_DELIVERED);
    CHECK_STR(receipts.items[0].code, "DELIVERED");
    CHECK_STR(receipts.items[1].message, "");
    CHECK_EQ(receipts.items[1].state, RECEIPT_UNDELIVERED);
    CHECK_STR(receipts.items[1].code, "MOBILE_NOT_ON_SERVICE");
    CHECK_STR(receipts.items[2].message, ""); /* no id of ours */
}

static void what_is_no_array_is_refused(void)
{
    static const char *const bodies[] = {"", "7", "\"x\"", "[{]", "[", "null", "[]"};
    for (size_t index = 0; index < COUNT(bodies); index++) {
        struct channel_receipts receipts = {0};
        struct err_why why = {0};
        check_note("%s", bodies[index]);
        CHECK_EQ(
            channel_aliyun.decode_receipts(
                (struct text){0}, text_of(bodies[index]), &receipts, &why),
            ERR_PARSE);
        CHECK(why.text[0] != '\0');
    }
}

static void what_is_beyond_the_maximum_is_counted(void)
{
    struct channel_receipts receipts = {0};
    struct buf body;
    buf_init(&body, 100000);
    buf_char(&body, '[');
    for (int index = 0; index < CHANNEL_RECEIPTS_MAX + 5; index++) {
        buf_format(&body, "%s{\"success\":true,\"biz_id\":\"%d\"}", index > 0 ? "," : "", index);
    }
    buf_char(&body, ']');
    CHECK_EQ(
        channel_aliyun.decode_receipts((struct text){0}, buf_view(&body), &receipts, NULL), ERR_OK);
    CHECK_EQ(receipts.count, CHANNEL_RECEIPTS_MAX);
    CHECK_EQ(receipts.left_out, 5);
    buf_release(&body);
}

/* ---- asking ---- */

static struct http_request question_of(struct text gateway_id)
{
    const struct channel_call call = sample_call();
    const struct channel_question question = {
        .message = TEXT_LITERAL("alert-000123"),
        .gateway_id = gateway_id,
        .mobile = TEXT_LITERAL("+86 138-0000-0001"),
        .sent_at = {.ms = INT64_C(1767283200000)}, /* 2026-01-01T16:00:00Z: next day in China */
    };
    struct http_request request;
    struct err_why why = {0};
    http_request_init(&request, "POST");
    CHECK_EQ(channel_aliyun.poll_encode(&call, &question, &request, &why), ERR_OK);
    return request;
}

static void the_number_and_the_day_in_china_are_asked_for(void)
{
    struct http_request request = question_of((struct text){0});
    CHECK_STR(
        request.url.ptr, "https://dysmsapi.aliyuncs.com/?CurrentPage=1&PageSize=50"
                         "&PhoneNumber=13800000001&SendDate=20260102");
    CHECK_STR(header_of(&request, "x-acs-action"), "QuerySendDetails");
    http_request_release(&request);
    request = question_of(TEXT_LITERAL("90061^0"));
    CHECK(strstr(request.url.ptr, "/?BizId=90061%5E0&CurrentPage=1"));
    http_request_release(&request);
}

static struct outcome poll(const char *body, struct channel_receipts *ret_receipts)
{
    const struct channel_question question = {.message = TEXT_LITERAL("mine")};
    const struct http_answer answer = {
        .result = HTTP_ANSWERED,
        .status = 200,
        .body = text_of(body),
        .retry_after_ms = -1,
        .reason = "",
    };
    struct outcome outcome;
    channel_aliyun.poll_decode(&answer, &question, ret_receipts, &outcome);
    return outcome;
}

#define LIST(items) "{\"Code\":\"OK\",\"SmsSendDetailDTOs\":{\"SmsSendDetailDTO\":[" items "]}}"
#define DETAIL(id, status, code)                                                                   \
    "{\"PhoneNum\":\"13800000001\",\"SendStatus\":" #status ",\"ErrCode\":\"" code                 \
    "\",\"OutId\":\"" id "\"}"

static void only_the_message_asked_for_counts(void)
{
    static struct channel_receipts receipts;
    CHECK_EQ(
        poll(LIST(DETAIL("other", 2, "X") "," DETAIL("mine", 3, "DELIVERED")), &receipts).kind,
        OUTCOME_ACCEPTED);
    CHECK_EQ(receipts.count, 1);
    CHECK_STR(receipts.items[0].message, "mine");
    CHECK_EQ(receipts.items[0].state, RECEIPT_DELIVERED);
    CHECK_STR(receipts.items[0].code, "DELIVERED");
    CHECK_EQ(poll(LIST(DETAIL("mine", 1, "")), &receipts).kind, OUTCOME_ACCEPTED);
    CHECK_EQ(receipts.items[0].state, RECEIPT_QUEUED);
    CHECK_EQ(poll(LIST(DETAIL("mine", 2, "DB:0141")), &receipts).kind, OUTCOME_ACCEPTED);
    CHECK_EQ(receipts.items[0].state, RECEIPT_UNDELIVERED);
}

static void a_list_without_it_says_that_it_is_not_known(void)
{
    static struct channel_receipts receipts;
    CHECK_EQ(poll(LIST(""), &receipts).kind, OUTCOME_ACCEPTED);
    CHECK_EQ(receipts.count, 0);
    CHECK_EQ(poll(LIST(DETAIL("other", 3, "")), &receipts).kind, OUTCOME_ACCEPTED);
    CHECK_EQ(receipts.count, 0);
}

static void around_midnight_an_empty_list_proves_nothing(void)
{
    static const struct {
        const char *sent_at;
        enum outcome_kind kind;
    } table[] = {
        {"2026-01-01T23:58:59+08:00", OUTCOME_ACCEPTED}, {"2026-01-01T23:59:00+08:00", UNSURE},
        {"2026-01-02T00:00:10+08:00", UNSURE},           {"2026-01-02T00:00:59+08:00", UNSURE},
        {"2026-01-02T00:01:00+08:00", OUTCOME_ACCEPTED},
    };
    static struct channel_receipts receipts;
    const struct http_answer answer = {
        .result = HTTP_ANSWERED, .status = 200, .body = TEXT_LITERAL(LIST("")), .reason = ""};
    for (size_t index = 0; index < COUNT(table); index++) {
        const char *const text = table[index].sent_at;
        struct channel_question question = {.message = TEXT_LITERAL("mine")};
        struct outcome outcome;
        check_note("%s", text);
        CHECK_EQ(wall_parse(text, strlen(text), &question.sent_at), ERR_OK);
        channel_aliyun.poll_decode(&answer, &question, &receipts, &outcome);
        CHECK_STR(outcome_kind_name(outcome.kind), outcome_kind_name(table[index].kind));
        CHECK_EQ(receipts.count, 0);
    }
}

static void a_list_that_is_not_whole_says_nothing(void)
{
    static struct channel_receipts receipts;
    struct buf body;
    buf_init(&body, 20000);
    buf_string(&body, "{\"Code\":\"OK\",\"SmsSendDetailDTOs\":{\"SmsSendDetailDTO\":[");
    for (int index = 0; index < 50; index++) {
        buf_format(&body, "%s%s", index > 0 ? "," : "", DETAIL("other", 3, ""));
    }
    buf_string(&body, "]}}");
    CHECK_EQ(poll(body.ptr, &receipts).kind, OUTCOME_UNSURE);
    CHECK_EQ(poll("{\"Code\":\"OK\"}", &receipts).kind, OUTCOME_UNSURE);
    CHECK_EQ(poll("{\"Code\":\"isp.SYSTEM_ERROR\"}", &receipts).kind, OUTCOME_RETRY_LATER);
    CHECK_EQ(poll("x", &receipts).kind, OUTCOME_UNSURE);
    CHECK_EQ(receipts.count, 0);
    buf_release(&body);
}

static void forty_a_day_and_no_text_twice_a_minute(void)
{
    const struct channel_limit *template = channel_limit_of(aliyun, LIMIT_TEMPLATE);
    const struct channel_limit *text = channel_limit_of(aliyun, LIMIT_TEXT);
    if (CHECK(template && text)) {
        CHECK_EQ(template->max, 40);
        CHECK_EQ(template->window_ms, 24 * 3600000);
        CHECK_EQ(text->max, 1);
        CHECK_EQ(text->window_ms, 60000);
    }
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(a_request_is_signed_as_the_vendors_sdk_signs_it);
    CHECK_RUN(the_canonical_request_has_the_known_hash);
    CHECK_RUN(the_published_example_is_signed_as_published);
    CHECK_RUN(a_port_that_is_not_the_schemes_own_is_signed_with_the_host);
    CHECK_RUN(a_temporary_key_is_signed_too);
    CHECK_RUN(what_is_shown_holds_neither_number_nor_key);
    CHECK_RUN(what_is_missing_is_named);
    CHECK_RUN(every_code_has_its_class);
    CHECK_RUN(a_full_window_of_a_number_tells_how_long_to_wait);
    CHECK_RUN(the_code_counts_more_than_the_status);
    CHECK_RUN(the_biz_id_is_kept_where_it_is_one);
    CHECK_RUN(receipts_come_as_an_array);
    CHECK_RUN(what_is_no_array_is_refused);
    CHECK_RUN(what_is_beyond_the_maximum_is_counted);
    CHECK_RUN(the_number_and_the_day_in_china_are_asked_for);
    CHECK_RUN(only_the_message_asked_for_counts);
    CHECK_RUN(a_list_without_it_says_that_it_is_not_known);
    CHECK_RUN(around_midnight_an_empty_list_proves_nothing);
    CHECK_RUN(a_list_that_is_not_whole_says_nothing);
    CHECK_RUN(forty_a_day_and_no_text_twice_a_minute);
    return check_done();
}
