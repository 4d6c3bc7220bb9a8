/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SMS through Tencent Cloud (sms 2021-01-11). A call is answered with a code for each number, or
 * with one error for all; both come with 200. SerialNo names the message in receipts, our message
 * id is its SessionContext. Neither removes doubles.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "notifiers/cloud.h"
#include "notifiers/tencent_sign.h"

#define TENCENT_URL     "https://sms.tencentcloudapi.com"
#define TENCENT_VERSION "2021-01-11"
#define TENCENT_REGION  "ap-guangzhou"
#define TENCENT_PAGE    100
#define PULL_BEFORE_S   ((int64_t)600) /* their clock may differ from ours */
#define PULL_SPAN_S     ((int64_t)7 * 24 * 3600)

/* ---- requests ---- */

static enum err check_settings(const struct channel_settings *settings, struct err_why *why)
{
    enum err err = option_needed(settings, "secret_id", why);
    err = err ? err : option_needed(settings, "secret_key", why);
    return err ? err : option_needed(settings, "sdk_app_id", why);
}

/* The body stands: nothing of it may change any more. */
static enum err finish(
    const struct channel_call *call,
    const char *action,
    struct http_request *request,
    struct err_why *why)
{
    const struct channel_settings *settings = call->settings;
    const struct text region = channel_option(settings, "region");
    const struct text token = channel_option(settings, "security_token");
    const struct tc3 tc3 = {
        .secret_id = channel_option(settings, "secret_id"),
        .secret_key = channel_option(settings, "secret_key"),
        .service = "sms",
        .now = call->now,
    };
    char stamp[24];
    (void)snprintf(stamp, sizeof(stamp), "%" PRId64, call->now.ms / 1000);
    http_request_url(
        request, settings->url.bytes > 0 ? settings->url : TEXT_LITERAL(TENCENT_URL), "/");
    http_request_header(request, "X-TC-Action", text_of(action));
    http_request_header(request, "X-TC-Version", TEXT_LITERAL(TENCENT_VERSION));
    http_request_header(request, "X-TC-Timestamp", text_of(stamp));
    http_request_header(
        request, "X-TC-Region", region.bytes > 0 ? region : TEXT_LITERAL(TENCENT_REGION));
    if (token.bytes > 0) {
        http_request_header(request, "X-TC-Token", token);
    }
    const enum err err = tc3_sign(&tc3, request);
    return err ? err_set(why, ERR_USAGE, "the message is too long for a request") : ERR_OK;
}

/* "+8613800000001": every number with its country. */
static enum err add_country(struct buf *phone, struct text mobile)
{
    struct buf digits;
    buf_init(&digits, 64);
    const enum err err = mobile_mainland(mobile, &digits);
    struct text number = buf_view(&digits);
    const bool mainland = number.bytes == 11 && number.ptr[0] == '1';
    if (!mainland && text_starts_with(number, TEXT_LITERAL("00"))) {
        number = (struct text){.ptr = number.ptr + 2, .bytes = number.bytes - 2};
    }
    buf_string(phone, mainland ? "+86" : "+");
    buf_text(phone, number);
    buf_release(&digits);
    return err;
}

static enum err write_body(const struct channel_call *call, struct buf *body, struct err_why *why)
{
    const struct channel_message *message = &call->message;
    struct buf phone;
    struct json_out out;
    buf_init(&phone, 64);
    if (message->receiver_count != 1 || add_country(&phone, message->receivers[0].mobile)) {
        buf_release(&phone);
        return err_set(why, ERR_USAGE, "the mobile number is not a number");
    }
    json_out_init(&out, body);
    json_out_open(&out, '{');
    json_out_key(&out, "PhoneNumberSet");
    json_out_open(&out, '[');
    json_out_string(&out, buf_view(&phone));
    json_out_close(&out, ']');
    json_out_member(&out, "SmsSdkAppId", channel_option(call->settings, "sdk_app_id"));
    json_out_member(&out, "TemplateId", message->template);
    json_out_member(&out, "SignName", signature_bare(channel_option(call->settings, "signature")));
    json_out_key(&out, "TemplateParamSet");
    json_out_open(&out, '[');
    for (size_t index = 0; index < message->param_count; index++) {
        json_out_string(&out, message->params[index].value);
    }
    json_out_close(&out, ']');
    json_out_member(&out, "SessionContext", message->id);
    json_out_close(&out, '}');
    buf_release(&phone);
    return ERR_OK;
}

static enum err tencent_encode(
    const struct channel_call *call, struct http_request *request, struct err_why *why)
{
    enum err err = check_settings(call->settings, why);
    err = err ? err : option_needed(call->settings, "signature", why);
    err = err ? err : template_needed(call, why);
    err = err ? err : write_body(call, &request->body, why);
    return err ? err : finish(call, "SendSms", request, why);
}

/* ---- answers ---- */

#define CREDENTIAL(code, meaning)                                                                  \
    {                                                                                              \
        (code), OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, 0, (meaning)                                \
    }
#define REFUSED(code, meaning)                                                                     \
    {                                                                                              \
        (code), OUTCOME_REJECTED, CAUSE_NONE, 0, (meaning)                                         \
    }
#define NUMBER_RATE(code, after_s, meaning)                                                        \
    {                                                                                              \
        (code), OUTCOME_RETRY_LATER, CAUSE_RATE, (after_s), (meaning)                              \
    }

static const struct vendor_code tencent_codes[] = {
    {"Ok", OUTCOME_ACCEPTED, CAUSE_NONE, 0, ""},
    CREDENTIAL("InternalError.SigVerificationFail", "wrong signature; compare secret_key"),
    {"InternalError*", OUTCOME_RETRY_LATER, CAUSE_TRANSPORT, 0, "busy"},
    {"RequestLimitExceeded*", OUTCOME_RETRY_LATER, CAUSE_RATE_ALL, 2, "too many calls"},
    NUMBER_RATE("LimitExceeded.PhoneNumberThirtySecondLimit", 30, "one in 30 seconds to a number"),
    NUMBER_RATE("LimitExceeded.PhoneNumberOneHourLimit", 3600, "too many an hour to this number"),
    NUMBER_RATE("LimitExceeded.PhoneNumberDailyLimit", 3600, "too many a day to this number"),
    NUMBER_RATE(
        "LimitExceeded.PhoneNumberSameContentDailyLimit",
        3600,
        "the same words too often a day to this number"),
    NUMBER_RATE("LimitExceeded.DeliveryFrequencyLimit", 60, "too many to this number"),
    {"LimitExceeded.AppDailyLimit", OUTCOME_RETRY_LATER, CAUSE_RATE_ALL, 3600,
     "the application's limit of the day is used up; raise it in the console"},
    REFUSED("LimitExceeded.PhoneNumberCountLimit", "too many numbers"),
    NUMBER_RATE("LimitExceeded*", 60, "too many"),
    CREDENTIAL("AuthFailure.SignatureExpire", "the clock is wrong; set this machine's time"),
    CREDENTIAL("AuthFailure.SecretIdNotFound", "the key id is not known; compare secret_id"),
    CREDENTIAL("AuthFailure.SignatureFailure", "wrong signature; compare secret_key"),
    CREDENTIAL("AuthFailure*", "the key was refused; see the vendor's console"),
    CREDENTIAL(
        "UnauthorizedOperation.SerivceSuspendDueToArrears",
        "no funds left; pay the account's bill"),
    CREDENTIAL("UnauthorizedOperation*", "the key may not send SMS; see the vendor's console"),
    CREDENTIAL("InvalidParameterValue.SdkAppIdNotExist", "no such application; compare sdk_app_id"),
    CREDENTIAL(
        "FailedOperation.InsufficientBalanceInSmsPackage", "no SMS left; order a new package"),
    NUMBER_RATE(
        "FailedOperation.MarketingSendTimeConstraint",
        3600,
        "a marketing template goes from 08:00 to 22:00 only; file it as a notification"),
    REFUSED("FailedOperation.SignatureIncorrectOrUnapproved", "no such signature, or not approved"),
    REFUSED("FailedOperation.TemplateIncorrectOrUnapproved", "no such template, or not approved"),
    REFUSED("FailedOperation.ContainSensitiveWord", "a variable holds a forbidden word"),
    REFUSED("FailedOperation.PhoneNumberInBlacklist", "the number refuses SMS"),
    REFUSED("InvalidParameterValue.IncorrectPhoneNumber", "not a mobile number"),
    REFUSED("InvalidParameterValue.ContentLengthLimit", "the text is too long"),
    REFUSED("InvalidParameterValue.TemplateParameterLengthLimit", "a variable is too long"),
    REFUSED("InvalidParameterValue.TemplateParameterFormatError", "a variable is not a code"),
    REFUSED(
        "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter", "a variable holds an address"),
    REFUSED(
        "FailedOperation.TemplateParamSetNotMatchApprovedTemplate",
        "as many variables as the template has are needed"),
    REFUSED("MissingParameter*", "parameters are missing"),
};
#define TENCENT_CODE_COUNT (sizeof(tencent_codes) / sizeof(tencent_codes[0]))

/* The document of an answer, and its "Response"; NULL when the outcome is set. */
static struct json_doc *read_answer(
    const struct http_answer *answer,
    const struct json_value **ret_response,
    struct outcome *ret_outcome)
{
    struct json_doc *doc = NULL;
    if (answer->result == HTTP_ANSWERED &&
        json_parse(answer->body, &json_limits_answer, &doc, NULL) == ERR_OK) {
        const struct json_value *response = json_get(json_root(doc), "Response");
        const struct text error = json_get_string(json_get(response, "Error"), "Code");
        if (json_type(response) == JSON_OBJECT && error.bytes == 0) {
            *ret_response = response;
            return doc;
        }
        if (error.bytes > 0 && !text_is(error, "Ok")) {
            outcome_of_answered_code(ret_outcome, tencent_codes, TENCENT_CODE_COUNT, answer, error);
            json_free(doc);
            return NULL;
        }
    }
    outcome_without_code(ret_outcome, answer);
    json_free(doc);
    return NULL;
}

static void tencent_classify(const struct http_answer *answer, struct outcome *ret_outcome)
{
    const struct json_value *response = NULL;
    struct json_doc *doc = read_answer(answer, &response, ret_outcome);
    if (!doc) {
        return;
    }
    const struct json_value *status = json_first(json_get(response, "SendStatusSet"));
    const struct text code = json_get_string(status, "Code");
    if (code.bytes > 0) { /* one number, one status */
        outcome_of_answered_code(ret_outcome, tencent_codes, TENCENT_CODE_COUNT, answer, code);
    } else {
        outcome_without_code(ret_outcome, answer);
    }
    if (ret_outcome->kind == OUTCOME_ACCEPTED) {
        outcome_set_gateway_id(ret_outcome, json_get_string(status, "SerialNo"));
    }
    json_free(doc);
}

/* ---- receipts ---- */

static bool read_state(struct text status, struct channel_receipt *receipt)
{
    const bool good = text_is(status, "SUCCESS");
    receipt->state = good ? RECEIPT_DELIVERED : RECEIPT_UNDELIVERED;
    return good || text_is(status, "FAIL");
}

static bool read_receipt(const struct json_value *item, struct channel_receipt *receipt)
{
    (void)receipt_word(json_get_string(item, "errmsg"), receipt->code, sizeof(receipt->code));
    return receipt_word(
               json_get_string(item, "sid"), receipt->gateway_id, sizeof(receipt->gateway_id)) &&
           read_state(json_get_string(item, "report_status"), receipt);
}

static enum err tencent_decode_receipts(
    struct text query, struct text body, struct channel_receipts *ret_receipts, struct err_why *why)
{
    (void)query;
    return receipts_of_json(body, read_receipt, ret_receipts, why);
}

/* ---- asking what became of a message ---- */

static enum err tencent_poll_encode(
    const struct channel_call *call,
    const struct channel_question *question,
    struct http_request *request,
    struct err_why *why)
{
    const int64_t now_s = call->now.ms / 1000;
    const int64_t sent_s = question->sent_at.ms / 1000 - PULL_BEFORE_S;
    struct buf phone;
    struct json_out out;
    const enum err err = check_settings(call->settings, why);
    if (err) {
        return err;
    }
    buf_init(&phone, 64);
    if (add_country(&phone, question->mobile)) {
        buf_release(&phone);
        return err_set(why, ERR_USAGE, "the mobile number is not a number");
    }
    json_out_init(&out, &request->body);
    json_out_open(&out, '{');
    json_out_member_i64(
        &out, "BeginTime", sent_s > now_s - PULL_SPAN_S ? sent_s : now_s - PULL_SPAN_S);
    json_out_member_i64(&out, "EndTime", now_s);
    json_out_member_i64(&out, "Offset", 0);
    json_out_member_i64(&out, "Limit", TENCENT_PAGE);
    json_out_member(&out, "PhoneNumber", buf_view(&phone));
    json_out_member(&out, "SmsSdkAppId", channel_option(call->settings, "sdk_app_id"));
    json_out_close(&out, '}');
    buf_release(&phone);
    return finish(call, "PullSmsSendStatusByPhoneNumber", request, why);
}

static bool read_pulled(
    const struct json_value *item,
    const struct channel_question *question,
    struct channel_receipt *receipt)
{
    const struct text serial = json_get_string(item, "SerialNo");
    const bool by_id = text_equal(json_get_string(item, "SessionContext"), question->message);
    const bool by_gateway =
        question->gateway_id.bytes > 0 && text_equal(serial, question->gateway_id);
    (void)receipt_message(question->message, receipt);
    (void)receipt_word(serial, receipt->gateway_id, sizeof(receipt->gateway_id));
    (void)receipt_word(json_get_string(item, "Description"), receipt->code, sizeof(receipt->code));
    return (by_id || by_gateway) && read_state(json_get_string(item, "ReportStatus"), receipt);
}

/* Only what has arrived or failed is listed: a message that is not may be on its way. */
static void tencent_poll_decode(
    const struct http_answer *answer,
    const struct channel_question *question,
    struct channel_receipts *ret_receipts,
    struct outcome *ret_outcome)
{
    const struct json_value *response = NULL;
    struct json_doc *doc = read_answer(answer, &response, ret_outcome);
    *ret_receipts = (struct channel_receipts){0};
    if (!doc) {
        return;
    }
    const struct json_value *list = json_get(response, "PullSmsSendStatusSet");
    for (const struct json_value *item = json_first(list); item; item = json_next(item)) {
        struct channel_receipt receipt = {0};
        if (read_pulled(item, question, &receipt)) {
            receipts_add(ret_receipts, &receipt);
        }
    }
    const bool found = ret_receipts->count > 0;
    outcome_set(
        ret_outcome, found ? OUTCOME_ACCEPTED : OUTCOME_UNSURE, CAUSE_NONE,
        found ? "" : "no report yet", (struct text){0});
    json_free(doc);
}

const struct channel_type channel_tencent = {
    .name = "tencent",
    .method = "POST",
    .has_network = true,
    .has_templates = true,
    .address = ADDRESS_MOBILE,
    .form = FORM_SMS,
    .limits = CLOUD_LIMITS,
    .closed_ms = CLOUD_CLOSED_MS,
    .encode = tencent_encode,
    .classify = tencent_classify,
    .decode_receipts = tencent_decode_receipts,
    .poll_encode = tencent_poll_encode,
    .poll_decode = tencent_poll_decode,
};
