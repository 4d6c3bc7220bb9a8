/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tencent Cloud: its signature against known vectors, every code of its tables for a number and
 * for a whole call, and what is read from its receipts and lists.
 */
#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "notifiers/tencent_sign.h"
#include "tests/support/channel_codes.h"
#include "tests/support/channel_samples.h"
#include "tests/support/check.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define AT_MS        INT64_C(1767323045000) /* 2026-01-02T03:04:05Z */

static const struct channel_type *const tencent = &channel_tencent;
static struct channel_settings settings;

/* The message of the vectors. */
static struct channel_call sample_call(void)
{
    settings = sample_tencent.settings;
    settings.url = (struct text){0};
    return (struct channel_call){
        .settings = &settings,
        .now = {.ms = AT_MS + 999},
        .message = sample_tencent.message,
    };
}

static void check_body_hash(const struct http_request *request, const char *hash)
{
    struct buf hex;
    buf_init(&hex, 128);
    crypto_sha256_hex(&hex, buf_view(&request->body));
    CHECK_STR(hex.ptr, hash);
    buf_release(&hex);
}

/* ---- requests ---- */

static void a_request_is_signed_as_the_vendors_sdk_signs_it(void)
{
    const struct channel_call call = sample_call();
    struct http_request request = request_of(tencent, &call);
    CHECK_STR(request.url.ptr, "https://sms.tencentcloudapi.com/");
    CHECK_STR(request.shown.ptr, "POST https://sms.tencentcloudapi.com/");
    CHECK_STR(
        request.body.ptr,
        "{\"PhoneNumberSet\":[\"+8613800000001\"],\"SmsSdkAppId\":\"1400006666\","
        "\"TemplateId\":\"1110\",\"SignName\":\"测试水务\","
        "\"TemplateParamSet\":[\"一号水库\",\"12.35\"],\"SessionContext\":\"alert-000123\"}");
    check_body_hash(&request, "14b493ae4ee857af1a2e01b26ede7548cdcb5e8029b1d404ded41c4c950f5644");
    CHECK_STR(header_of(&request, "Content-Type"), "application/json");
    CHECK_STR(header_of(&request, "X-TC-Action"), "SendSms");
    CHECK_STR(header_of(&request, "X-TC-Version"), "2021-01-11");
    CHECK_STR(header_of(&request, "X-TC-Timestamp"), "1767323045");
    CHECK_STR(header_of(&request, "X-TC-Region"), "ap-guangzhou");
    CHECK_STR(header_of(&request, "X-TC-Token"), "");
    CHECK_STR(
        header_of(&request, "Authorization"),
        "TC3-HMAC-SHA256 Credential=AKIDtest/2026-01-02/sms/tc3_request, "
        "SignedHeaders=content-type;host, Signature="
        "acee0acf4da6dd008497dc8d0f3a0653a5bc391c9b32a60ca89e851e3cadeed8");
    http_request_release(&request);
}

/* The signature at the end of what Authorization says for this canonical request. */
static void check_signature(const struct tc3 *tc3, struct buf *canonical, const char *signature)
{
    struct buf authorization;
    buf_init(&authorization, 4096);
    CHECK_EQ(buf_error(canonical), ERR_OK);
    CHECK_EQ(tc3_authorize(tc3, buf_view(canonical), "x", &authorization), ERR_OK);
    CHECK_STR(authorization.ptr + authorization.bytes - 64, signature);
    buf_release(&authorization);
}

static void the_content_type_with_a_charset_is_signed_as_known(void)
{
    const struct tc3 tc3 = {
        .secret_id = TEXT_LITERAL("AKIDtest"),
        .secret_key = TEXT_LITERAL("testkey"),
        .service = "sms",
        .now = {.ms = AT_MS},
    };
    struct buf canonical;
    struct buf hash;
    buf_init(&canonical, 4096);
    buf_init(&hash, 128);
    buf_string(
        &canonical, "POST\n/\n\ncontent-type:application/json; charset=utf-8\n"
                    "host:sms.tencentcloudapi.com\n\ncontent-type;host\n"
                    "14b493ae4ee857af1a2e01b26ede7548cdcb5e8029b1d404ded41c4c950f5644");
    crypto_sha256_hex(&hash, buf_view(&canonical));
    CHECK_STR(hash.ptr, "25bc7bc80a774a9baba882797f9b06445e9d00dc2e5bae8af844a2c4eb286371");
    check_signature(
        &tc3, &canonical, "a06b81e67d205bbf2055c5ea82c14dcc8feddbca88dddd14482c653ea7a0a43a");
    buf_release(&canonical);
    buf_release(&hash);
}

static void the_published_example_is_signed_as_published(void)
{
    const struct tc3 tc3 = {
        .secret_id = TEXT_LITERAL("AKID********************************"),
        .secret_key = TEXT_LITERAL("********************************"),
        .service = "cvm",
        .now = {.ms = INT64_C(1551113065000)},
    };
    struct buf canonical;
    buf_init(&canonical, 4096);
    buf_string(
        &canonical, "POST\n/\n\ncontent-type:application/json; charset=utf-8\n"
                    "host:cvm.tencentcloudapi.com\nx-tc-action:describeinstances\n\n"
                    "content-type;host;x-tc-action\n");
    crypto_sha256_hex(
        &canonical, TEXT_LITERAL("{\"Limit\": 1, \"Filters\": [{\"Values\": "
                                 "[\"\\u672a\\u547d\\u540d\"], \"Name\": \"instance-name\"}]}"));
    check_signature(
        &tc3, &canonical, "10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f");
    buf_release(&canonical);
}

static void the_day_of_the_key_is_that_of_utc(void)
{
    struct channel_call call = sample_call();
    call.now.ms = INT64_C(1767312000000) - 1; /* the end of 2026-01-01 UTC, morning in China */
    struct http_request request = request_of(tencent, &call);
    CHECK(strstr(header_of(&request, "Authorization"), "AKIDtest/2026-01-01/sms/tc3_request"));
    CHECK_STR(header_of(&request, "X-TC-Timestamp"), "1767311999");
    http_request_release(&request);
}

static void region_and_temporary_key_go_along(void)
{
    static const struct channel_option options[] = {
        SAMPLE_OPTION("secret_id", "AKIDtest"),    SAMPLE_SECRET("secret_key", "testkey"),
        SAMPLE_OPTION("sdk_app_id", "1400006666"), SAMPLE_OPTION("signature", "测试水务"),
        SAMPLE_OPTION("region", "ap-beijing"),     SAMPLE_SECRET("security_token", "tok"),
    };
    struct channel_call call = sample_call();
    settings.options = options;
    settings.option_count = COUNT(options);
    struct http_request request = request_of(tencent, &call);
    CHECK_STR(header_of(&request, "X-TC-Region"), "ap-beijing");
    CHECK_STR(header_of(&request, "X-TC-Token"), "tok");
    CHECK(strstr(request.body.ptr, "\"SignName\":\"测试水务\""));
    http_request_release(&request);
}

static void every_number_has_its_country(void)
{
    static const struct {
        const char *mobile;
        const char *sent;
    } table[] = {
        {"13800000001", "[\"+8613800000001\"]"},   {"+86 138-0000-0001", "[\"+8613800000001\"]"},
        {"8613800000001", "[\"+8613800000001\"]"}, {"008613800000001", "[\"+8613800000001\"]"},
        {"+852 5123 4567", "[\"+85251234567\"]"},  {"0085251234567", "[\"+85251234567\"]"},
    };
    for (size_t index = 0; index < COUNT(table); index++) {
        const struct channel_receiver receiver = {.mobile = text_of(table[index].mobile)};
        struct channel_call call = sample_call();
        call.message.receivers = &receiver;
        check_note("%s", table[index].mobile);
        struct http_request request = request_of(tencent, &call);
        CHECK(strstr(request.body.ptr, table[index].sent));
        http_request_release(&request);
    }
}

static void a_template_without_variables_gets_none(void)
{
    struct channel_call call = sample_call();
    call.message.param_count = 0;
    struct http_request request = request_of(tencent, &call);
    CHECK(strstr(request.body.ptr, "\"TemplateParamSet\":[],"));
    http_request_release(&request);
}

static void what_is_missing_is_named(void)
{
    struct channel_call call = sample_call();
    call.message.template = (struct text){0};
    check_refused(
        tencent, &call,
        "the message has no vendor template for channel sms; set templates.NAME.vendor.sms");
    call = sample_call();
    settings.option_count = 0;
    check_refused(tencent, &call, "channel sms has no secret_id; set channels.sms.secret_id");
    call = sample_call();
    settings.option_count = 2;
    check_refused(tencent, &call, "channel sms has no sdk_app_id; set channels.sms.sdk_app_id");
    const struct channel_receiver nobody = {.mobile = TEXT_LITERAL("n/a")};
    call = sample_call();
    call.message.receivers = &nobody;
    check_refused(tencent, &call, "the mobile number is not a number");
}

/* ---- answers ---- */

#define RETRY  OUTCOME_RETRY_LATER
#define REJECT OUTCOME_REJECTED

static const struct code_class codes[] = {
    {"InternalError", RETRY, CAUSE_TRANSPORT, -1},
    {"InternalError.Timeout", RETRY, CAUSE_TRANSPORT, -1},
    {"InternalError.SendAndRecvFail", RETRY, CAUSE_TRANSPORT, -1},
    {"InternalError.OtherError", RETRY, CAUSE_TRANSPORT, -1},
    {"RequestLimitExceeded", RETRY, CAUSE_RATE_ALL, 2000},
    {"RequestLimitExceeded.UinLimitExceeded", RETRY, CAUSE_RATE_ALL, 2000},
    {"LimitExceeded.PhoneNumberThirtySecondLimit", RETRY, CAUSE_RATE, 30000},
    {"LimitExceeded.PhoneNumberOneHourLimit", RETRY, CAUSE_RATE, 3600000},
    {"LimitExceeded.PhoneNumberDailyLimit", RETRY, CAUSE_RATE, 3600000},
    {"LimitExceeded.PhoneNumberSameContentDailyLimit", RETRY, CAUSE_RATE, 3600000},
    {"LimitExceeded.DeliveryFrequencyLimit", RETRY, CAUSE_RATE, 60000},
    {"LimitExceeded.AppDailyLimit", RETRY, CAUSE_RATE_ALL, 3600000},
    {"LimitExceeded.PhoneNumberCountLimit", REJECT, CAUSE_NONE, -1},
    {"LimitExceeded.SomethingNew", RETRY, CAUSE_RATE, 60000},
    {"AuthFailure.SecretIdNotFound", RETRY, CAUSE_CREDENTIAL, -1},
    {"AuthFailure.SignatureFailure", RETRY, CAUSE_CREDENTIAL, -1},
    {"AuthFailure.SignatureExpire", RETRY, CAUSE_CREDENTIAL, -1},
    {"AuthFailure.SomethingNew", RETRY, CAUSE_CREDENTIAL, -1},
    {"UnauthorizedOperation.SerivceSuspendDueToArrears", RETRY, CAUSE_CREDENTIAL, -1},
    {"UnauthorizedOperation.SmsSdkAppIdVerifyFail", RETRY, CAUSE_CREDENTIAL, -1},
    {"InternalError.SigVerificationFail", RETRY, CAUSE_CREDENTIAL, -1},
    {"InvalidParameterValue.SdkAppIdNotExist", RETRY, CAUSE_CREDENTIAL, -1},
    {"FailedOperation.InsufficientBalanceInSmsPackage", RETRY, CAUSE_CREDENTIAL, -1},
    {"FailedOperation.MarketingSendTimeConstraint", RETRY, CAUSE_RATE, 3600000},
    {"FailedOperation.SignatureIncorrectOrUnapproved", REJECT, CAUSE_NONE, -1},
    {"FailedOperation.TemplateIncorrectOrUnapproved", REJECT, CAUSE_NONE, -1},
    {"FailedOperation.ContainSensitiveWord", REJECT, CAUSE_NONE, -1},
    {"FailedOperation.PhoneNumberInBlacklist", REJECT, CAUSE_NONE, -1},
    {"InvalidParameterValue.IncorrectPhoneNumber", REJECT, CAUSE_NONE, -1},
    {"InvalidParameterValue.ContentLengthLimit", REJECT, CAUSE_NONE, -1},
    {"InvalidParameterValue.TemplateParameterLengthLimit", REJECT, CAUSE_NONE, -1},
    {"InvalidParameterValue.TemplateParameterFormatError", REJECT, CAUSE_NONE, -1},
    {"InvalidParameterValue.ProhibitedUseUrlInTemplateParameter", REJECT, CAUSE_NONE, -1},
    {"FailedOperation.TemplateParamSetNotMatchApprovedTemplate", REJECT, CAUSE_NONE, -1},
    {"MissingParameter", REJECT, CAUSE_NONE, -1},
    {"MissingParameter.EmptyPhoneNumberSet", REJECT, CAUSE_NONE, -1},
    {"SomethingNew", REJECT, CAUSE_NONE, -1},
};

static void every_code_of_a_number_has_its_class(void)
{
    static const char answer[] =
        "{\"Response\":{\"SendStatusSet\":[{\"Code\":\"%s\",\"Message\":\"x\"}]}}";
    static const struct code_class ok[] = {{"Ok", OUTCOME_ACCEPTED, CAUSE_NONE, -1}};
    check_codes(tencent, answer, ok, COUNT(ok));
    check_codes(tencent, answer, codes, COUNT(codes));
}

static void every_error_of_a_whole_call_has_the_same_class(void)
{
    check_codes(
        tencent, "{\"Response\":{\"Error\":{\"Code\":\"%s\",\"Message\":\"x\"}}}", codes,
        COUNT(codes));
}

static void an_answer_without_a_code_is_unsure(void)
{
    static const char *const bodies[] = {
        "",
        "[]",
        "<html>",
        "{}",
        "{\"Response\":7}",
        "{\"Response\":{}}",
        "{\"Response\":{\"SendStatusSet\":[]}}",
        "{\"Response\":{\"SendStatusSet\":[{\"Code\":7}]}}",
        "{\"Response\":{\"Error\":{\"Code\":\"Ok\"}}}",
        "{\"Response\":{\"SendStatusSet\":[{\"Code\":\"Ok\"",
    };
    for (size_t index = 0; index < COUNT(bodies); index++) {
        check_note("%s", bodies[index]);
        const struct outcome outcome = outcome_of_answer(tencent, 200, bodies[index]);
        CHECK_STR(outcome_kind_name(outcome.kind), "unsure");
        CHECK_STR(outcome.gateway_id, "");
    }
    CHECK_EQ(outcome_of_answer(tencent, 502, "<html>").kind, OUTCOME_RETRY_LATER);
    CHECK_EQ(outcome_of_answer(tencent, 504, "").kind, OUTCOME_UNSURE);
    CHECK_EQ(outcome_of_answer(tencent, 413, "").kind, OUTCOME_REJECTED);
}

static void the_serial_number_is_kept(void)
{
    CHECK_STR(
        outcome_of_answer(tencent, 200, sample_tencent.classes[0].body).gateway_id,
        "5000:1045710669157053657849499619");
}

/* ---- receipts ---- */

static void receipts_name_the_serial_number(void)
{
    struct channel_receipts receipts = {0};
    CHECK_EQ(
        channel_tencent.decode_receipts(
            (struct text){0},
            TEXT_LITERAL(
                "[{\"user_receive_time\":\"2015-10-17 08:03:04\",\"nationcode\":\"86\","
                "\"mobile\":\"13800000001\",\"report_status\":\"SUCCESS\",\"errmsg\":\"DELIVRD\","
                "\"description\":\"x\",\"sid\":\"5000:1\"},"
                "{\"report_status\":\"FAIL\",\"errmsg\":\"UNDELIV\",\"sid\":\"5000:2\"},"
                "{\"report_status\":\"WHAT\",\"sid\":\"5000:3\"},{\"report_status\":\"SUCCESS\"}]"),
            &receipts, NULL),
        ERR_OK);
    CHECK_EQ(receipts.count, 2);
    CHECK_EQ(receipts.left_out, 2);
    CHECK_STR(receipts.items[0].message, "");
    CHECK_STR(receipts.items[0].gateway_id, "5000:1");
    CHECK_EQ(receipts.items[0].state, RECEIPT_DELIVERED);
    CHECK_STR(receipts.items[0].code, "DELIVRD");
    CHECK_EQ(receipts.items[1].state, RECEIPT_UNDELIVERED);
    struct err_why why = {0};
    CHECK_EQ(
        channel_tencent.decode_receipts((struct text){0}, TEXT_LITERAL("sid=1"), &receipts, &why),
        ERR_PARSE);
    CHECK(why.text[0] != '\0');
}

/* ---- asking ---- */

static void the_number_is_asked_for_from_before_the_sending(void)
{
    struct channel_call call = sample_call();
    const struct channel_question question = {
        .message = TEXT_LITERAL("alert-000123"),
        .mobile = TEXT_LITERAL("13800000001"),
        .sent_at = {.ms = AT_MS - 3600000},
    };
    struct http_request request;
    http_request_init(&request, "POST");
    CHECK_EQ(channel_tencent.poll_encode(&call, &question, &request, NULL), ERR_OK);
    CHECK_STR(
        request.body.ptr,
        "{\"BeginTime\":1767318845,\"EndTime\":1767323045,\"Offset\":0,\"Limit\":100,"
        "\"PhoneNumber\":\"+8613800000001\",\"SmsSdkAppId\":\"1400006666\"}");
    CHECK_STR(header_of(&request, "X-TC-Action"), "PullSmsSendStatusByPhoneNumber");
    CHECK(strstr(header_of(&request, "Authorization"), "Signature="));
    http_request_release(&request);
}

static void no_more_than_seven_days_are_asked_for(void)
{
    struct channel_call call = sample_call();
    const struct channel_question question = {
        .mobile = TEXT_LITERAL("13800000001"), .sent_at = {.ms = AT_MS - 30 * INT64_C(86400000)}};
    struct http_request request;
    http_request_init(&request, "POST");
    CHECK_EQ(channel_tencent.poll_encode(&call, &question, &request, NULL), ERR_OK);
    CHECK(strstr(request.body.ptr, "{\"BeginTime\":1766718245,\"EndTime\":1767323045,"));
    http_request_release(&request);
}

static struct outcome poll(
    const char *body, const char *gateway_id, struct channel_receipts *ret_receipts)
{
    const struct channel_question question = {
        .message = TEXT_LITERAL("mine"), .gateway_id = text_of(gateway_id)};
    const struct http_answer answer = {
        .result = HTTP_ANSWERED,
        .status = 200,
        .body = text_of(body),
        .retry_after_ms = -1,
        .reason = "",
    };
    struct outcome outcome;
    channel_tencent.poll_decode(&answer, &question, ret_receipts, &outcome);
    return outcome;
}

#define PULLED(items) "{\"Response\":{\"PullSmsSendStatusSet\":[" items "]}}"

static void only_the_message_asked_for_counts(void)
{
    static struct channel_receipts receipts;
    static const char body[] =
        PULLED("{\"SerialNo\":\"5000:1\",\"ReportStatus\":\"FAIL\",\"Description\":\"UNDELIV\","
               "\"SessionContext\":\"other\"},"
               "{\"SerialNo\":\"5000:2\",\"ReportStatus\":\"SUCCESS\",\"Description\":\"DELIVRD\","
               "\"SessionContext\":\"mine\"}");
    CHECK_EQ(poll(body, NULL, &receipts).kind, OUTCOME_ACCEPTED);
    CHECK_EQ(receipts.count, 1);
    CHECK_STR(receipts.items[0].message, "mine");
    CHECK_STR(receipts.items[0].gateway_id, "5000:2");
    CHECK_EQ(receipts.items[0].state, RECEIPT_DELIVERED);
    CHECK_STR(receipts.items[0].code, "DELIVRD");
    CHECK_EQ(
        poll(PULLED("{\"SerialNo\":\"5000:7\",\"ReportStatus\":\"FAIL\"}"), "5000:7", &receipts)
            .kind,
        OUTCOME_ACCEPTED);
    CHECK_EQ(receipts.items[0].state, RECEIPT_UNDELIVERED);
}

/* What is on its way is not in the list: nothing may be concluded from its absence. */
static void a_message_that_is_not_listed_stays_unsure(void)
{
    static struct channel_receipts receipts;
    CHECK_EQ(poll(PULLED(""), NULL, &receipts).kind, OUTCOME_UNSURE);
    CHECK_EQ(poll("{\"Response\":{}}", NULL, &receipts).kind, OUTCOME_UNSURE);
    CHECK_EQ(
        poll(
            "{\"Response\":{\"Error\":{\"Code\":\"AuthFailure.SignatureExpire\"}}}", NULL,
            &receipts)
            .cause,
        CAUSE_CREDENTIAL);
    CHECK_EQ(receipts.count, 0);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(a_request_is_signed_as_the_vendors_sdk_signs_it);
    CHECK_RUN(the_content_type_with_a_charset_is_signed_as_known);
    CHECK_RUN(the_published_example_is_signed_as_published);
    CHECK_RUN(the_day_of_the_key_is_that_of_utc);
    CHECK_RUN(region_and_temporary_key_go_along);
    CHECK_RUN(every_number_has_its_country);
    CHECK_RUN(a_template_without_variables_gets_none);
    CHECK_RUN(what_is_missing_is_named);
    CHECK_RUN(every_code_of_a_number_has_its_class);
    CHECK_RUN(every_error_of_a_whole_call_has_the_same_class);
    CHECK_RUN(an_answer_without_a_code_is_unsure);
    CHECK_RUN(the_serial_number_is_kept);
    CHECK_RUN(receipts_name_the_serial_number);
    CHECK_RUN(the_number_is_asked_for_from_before_the_sending);
    CHECK_RUN(no_more_than_seven_days_are_asked_for);
    CHECK_RUN(only_the_message_asked_for_counts);
    CHECK_RUN(a_message_that_is_not_listed_stays_unsure);
    return check_done();
}
