/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SMS through Alibaba Cloud (dysmsapi 2017-05-25), as its own SDK sends: POST, all parameters in
 * the query, an empty body, signed headers. The vendor fills in the words of an approved template;
 * each variable takes 1 to 35 characters. OutId is our message id: it comes back in receipts and
 * can be asked for, but a repeated one is sent again.
 */
#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "notifiers/aliyun_sign.h"
#include "notifiers/cloud.h"

#define ALIYUN_URL       "https://dysmsapi.aliyuncs.com"
#define ALIYUN_VERSION   "2017-05-25"
#define ALIYUN_PAGE      50
#define ALIYUN_ZONE_S    (8 * 3600)
#define ALIYUN_ZONE_MS   (INT64_C(8) * 3600 * 1000)
#define DAY_MS           ((int64_t)24 * 3600 * 1000)
#define MIDNIGHT_MS      ((int64_t)60 * 1000) /* longer than a request may take */
#define PARAMS_BYTES_MAX ((size_t)4096)

/* ---- requests ---- */

static void start(const struct channel_call *call, struct http_request *request)
{
    const struct text url = call->settings->url;
    http_request_url(request, url.bytes > 0 ? url : TEXT_LITERAL(ALIYUN_URL), "/");
}

static enum err sign(
    const struct channel_call *call,
    const char *action,
    struct http_request *request,
    struct err_why *why)
{
    struct buf nonce;
    buf_init(&nonce, 64);
    crypto_hex(&nonce, call->nonce, sizeof(call->nonce));
    const struct acs3 acs3 = {
        .key_id = channel_option(call->settings, "access_key_id"),
        .key_secret = channel_option(call->settings, "access_key_secret"),
        .security_token = channel_option(call->settings, "security_token"),
        .action = text_of(action),
        .version = TEXT_LITERAL(ALIYUN_VERSION),
        .nonce = buf_view(&nonce),
        .now = call->now,
    };
    const enum err err = acs3_sign(&acs3, request);
    buf_release(&nonce);
    return err ? err_set(why, ERR_USAGE, "the message is too long for a request") : ERR_OK;
}

static enum err check_settings(const struct channel_settings *settings, struct err_why *why)
{
    enum err err = option_needed(settings, "access_key_id", why);
    err = err ? err : option_needed(settings, "access_key_secret", why);
    if (!err && settings->url.bytes > 0 && memchr(settings->url.ptr, '?', settings->url.bytes)) {
        err = err_set(
            why, ERR_USAGE, "channel %.*s: url must have no query", TEXT_ARGS(settings->name));
    }
    return err;
}

/* Values have the 1 to 35 characters that are allowed: whoever composed them saw to that. */
static enum err add_params(
    const struct channel_message *message, struct http_request *request, struct err_why *why)
{
    struct buf json;
    struct json_out out;
    buf_init(&json, PARAMS_BYTES_MAX);
    json_out_init(&out, &json);
    json_out_open(&out, '{');
    for (size_t index = 0; index < message->param_count; index++) {
        char name[64];
        (void)snprintf(name, sizeof(name), "%.*s", TEXT_ARGS(message->params[index].name));
        json_out_key(&out, name);
        json_out_string(&out, message->params[index].value);
    }
    json_out_close(&out, '}');
    const enum err err = buf_error(&json);
    http_request_query(request, "TemplateParam", buf_view(&json));
    buf_release(&json);
    return err ? err_set(why, ERR_USAGE, "the variables are too long for a request") : ERR_OK;
}

/* Names in ascending order, as the signature wants them. */
static enum err aliyun_encode(
    const struct channel_call *call, struct http_request *request, struct err_why *why)
{
    enum err err = check_settings(call->settings, why);
    err = err ? err : option_needed(call->settings, "signature", why);
    err = err ? err : template_needed(call, why);
    struct buf phone;
    buf_init(&phone, 64);
    err = err ? err : message_phone(&call->message, &phone, why);
    if (!err) {
        start(call, request);
        http_request_query(request, "OutId", call->message.id);
        http_request_query(request, "PhoneNumbers", buf_view(&phone));
        http_request_query(
            request, "SignName", signature_bare(channel_option(call->settings, "signature")));
        http_request_query(request, "TemplateCode", call->message.template);
        err = add_params(&call->message, request, why);
    }
    buf_release(&phone);
    return err ? err : sign(call, "SendSms", request, why);
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
#define BUSY(code)                                                                                 \
    {                                                                                              \
        (code), OUTCOME_RETRY_LATER, CAUSE_TRANSPORT, 0, "busy"                                    \
    }

static const struct vendor_code aliyun_codes[] = {
    {"OK", OUTCOME_ACCEPTED, CAUSE_NONE, 0, ""},
    {"isv.BUSINESS_LIMIT_CONTROL", OUTCOME_RETRY_LATER, CAUSE_RATE, 60, "too many to this number"},
    {"isv.DAY_LIMIT_CONTROL", OUTCOME_RETRY_LATER, CAUSE_RATE_ALL, 3600,
     "the account's limit of the day is used up; raise it in the console"},
    {"isv.MONTH_LIMIT_CONTROL", OUTCOME_RETRY_LATER, CAUSE_RATE_ALL, 3600,
     "the account's limit of the month is used up; raise it in the console"},
    {"Throttling*", OUTCOME_RETRY_LATER, CAUSE_RATE_ALL, 2, "too many calls of the account"},
    BUSY("isp.SYSTEM_ERROR"),
    BUSY("ServiceUnavailable*"),
    BUSY("InternalError*"),
    CREDENTIAL("isp.RAM_PERMISSION_DENY", "the key may not send SMS; grant it dysms:SendSms"),
    CREDENTIAL("isv.ACCOUNT_NOT_EXISTS", "no such account"),
    CREDENTIAL("isv.ACCOUNT_ABNORMAL", "the account is locked; see the vendor's console"),
    CREDENTIAL("isv.DENY_IP_RANGE", "this machine's address is not on the account's list"),
    CREDENTIAL("InvalidAccessKeyId*", "the key id is not known; compare access_key_id"),
    CREDENTIAL("SignatureDoesNotMatch", "wrong signature; compare access_key_secret"),
    CREDENTIAL("IncompleteSignature", "wrong signature; compare access_key_secret"),
    CREDENTIAL("InvalidTimeStamp*", "the clock is wrong; set this machine's time"),
    CREDENTIAL("InvalidSecurityToken*", "the temporary key ended; renew security_token"),
    CREDENTIAL("Forbidden*", "the key may not send SMS; grant it dysms:SendSms"),
    CREDENTIAL("isv.OUT_OF_SERVICE", "out of service; pay the account's bill"),
    CREDENTIAL("isv.PRODUCT_UN_SUBSCRIPT", "SMS is not ordered for this account"),
    CREDENTIAL("isv.PRODUCT_UNSUBSCRIBE", "SMS is not ordered for this account"),
    CREDENTIAL("isv.AMOUNT_NOT_ENOUGH", "no funds left; pay the account's bill"),
    REFUSED("isv.SMS_SIGN_ILLEGAL", "no such signature, or not approved"),
    REFUSED("isv.SIGN_STATE_ILLEGAL", "the signature is not approved yet"),
    REFUSED("isv.SMS_SIGNATURE_SCENE_ILLEGAL", "signature and template are of different uses"),
    REFUSED("isv.SMS_SIGNATURE_ILLEGAL", "no such signature, or not approved"),
    REFUSED("isv.SMS_TEMPLATE_ILLEGAL", "no such template, or not approved"),
    REFUSED("isv.SMS_CONTENT_ILLEGAL", "the content is not allowed"),
    REFUSED("isv.EXTEND_CODE_ERROR", "the extension code is in use"),
    REFUSED("isv.DOMESTIC_NUMBER_NOT_SUPPORTED", "a template for other countries"),
    REFUSED("isv.MOBILE_NUMBER_ILLEGAL", "not a mobile number"),
    REFUSED("isv.MOBILE_COUNT_OVER_LIMIT", "too many numbers"),
    REFUSED("isv.TEMPLATE_MISSING_PARAMETERS", "variables of the template are missing"),
    REFUSED("isv.INVALID_PARAMETERS", "parameters are wrong"),
    REFUSED("isv.INVALID_JSON_PARAM", "the variables are malformed"),
    REFUSED("isv.BLACK_KEY_CONTROL_LIMIT", "a variable holds a forbidden word"),
    REFUSED("isv.PARAM_LENGTH_LIMIT", "a variable is too long"),
    REFUSED("isv.PARAM_NOT_SUPPORT_URL", "a variable holds an address or a number"),
    BUSY("isp.*"),
};

/* The text says which of a number's windows is full: minute, hour (both by the clock) or day. */
static int64_t number_wait_ms(struct text said)
{
    static const struct {
        const char *word;
        int64_t wait_ms;
    } windows[] = {{"天级", 3600000}, {"小时级", 3600000}, {"分钟级", 60000}};
    for (size_t index = 0; said.bytes > 0 && index < sizeof(windows) / sizeof(windows[0]);
         index++) {
        if (memmem(said.ptr, said.bytes, windows[index].word, strlen(windows[index].word))) {
            return windows[index].wait_ms;
        }
    }
    return CLOUD_CLOSED_MS;
}

/* The document of an answer that says what became of the call; NULL when the outcome is set. */
static struct json_doc *read_answer(
    const struct http_answer *answer, struct text *ret_code, struct outcome *ret_outcome)
{
    struct json_doc *doc = NULL;
    if (answer->result == HTTP_ANSWERED &&
        json_parse(answer->body, &json_limits_answer, &doc, NULL) == ERR_OK) {
        *ret_code = json_get_string(json_root(doc), "Code");
        if (ret_code->bytes > 0) {
            return doc;
        }
    }
    outcome_without_code(ret_outcome, answer);
    json_free(doc);
    return NULL;
}

static void classify_code(
    const struct http_answer *answer,
    const struct json_value *root,
    struct text code,
    struct outcome *ret_outcome)
{
    const size_t count = sizeof(aliyun_codes) / sizeof(aliyun_codes[0]);
    outcome_of_answered_code(ret_outcome, aliyun_codes, count, answer, code);
    if (ret_outcome->kind == OUTCOME_ACCEPTED) {
        outcome_set_gateway_id(ret_outcome, json_get_string(root, "BizId"));
    } else if (ret_outcome->cause == CAUSE_RATE) {
        ret_outcome->after_ms = number_wait_ms(json_get_string(root, "Message"));
    }
}

static void aliyun_classify(const struct http_answer *answer, struct outcome *ret_outcome)
{
    struct text code;
    struct json_doc *doc = read_answer(answer, &code, ret_outcome);
    if (doc) {
        classify_code(answer, json_root(doc), code, ret_outcome);
    }
    json_free(doc);
}

/* ---- receipts ---- */

static bool read_receipt(const struct json_value *item, struct channel_receipt *receipt)
{
    const struct json_value *success = json_get(item, "success");
    const bool by_id = receipt_message(json_get_string(item, "out_id"), receipt);
    const bool by_gateway = receipt_word(
        json_get_string(item, "biz_id"), receipt->gateway_id, sizeof(receipt->gateway_id));
    receipt->state = json_is_true(success) ? RECEIPT_DELIVERED : RECEIPT_UNDELIVERED;
    (void)receipt_word(json_get_string(item, "err_code"), receipt->code, sizeof(receipt->code));
    return json_type(success) == JSON_BOOL && (by_id || by_gateway);
}

static enum err aliyun_decode_receipts(
    struct text query, struct text body, struct channel_receipts *ret_receipts, struct err_why *why)
{
    (void)query;
    return receipts_of_json(body, read_receipt, ret_receipts, why);
}

/* ---- asking what became of a message ---- */

/* The day of sending as the vendor counts it, "20260102". */
static void day_of(struct wall_ms at, char ret_day[static 9])
{
    char text[WALL_TEXT_BYTES];
    (void)wall_format(at, ALIYUN_ZONE_S, text);
    (void)snprintf(ret_day, 9, "%.4s%.2s%.2s", text, text + 5, text + 8);
}

static enum err aliyun_poll_encode(
    const struct channel_call *call,
    const struct channel_question *question,
    struct http_request *request,
    struct err_why *why)
{
    char day[9];
    char page[12];
    struct buf phone;
    enum err err = check_settings(call->settings, why);
    if (err) {
        return err;
    }
    buf_init(&phone, 64);
    if (mobile_mainland(question->mobile, &phone)) {
        buf_release(&phone);
        return err_set(why, ERR_USAGE, "the mobile number is not a number");
    }
    day_of(question->sent_at, day);
    start(call, request);
    if (question->gateway_id.bytes > 0) {
        http_request_query(request, "BizId", question->gateway_id);
    }
    http_request_query(request, "CurrentPage", TEXT_LITERAL("1"));
    (void)snprintf(page, sizeof(page), "%d", ALIYUN_PAGE);
    http_request_query(request, "PageSize", text_of(page));
    http_request_query(request, "PhoneNumber", buf_view(&phone));
    http_request_query(request, "SendDate", text_of(day));
    buf_release(&phone);
    return sign(call, "QuerySendDetails", request, why);
}

static bool read_detail(const struct json_value *item, struct channel_receipt *receipt)
{
    static const enum receipt_state states[] = {
        RECEIPT_QUEUED, RECEIPT_QUEUED, RECEIPT_UNDELIVERED, RECEIPT_DELIVERED};
    int64_t status = 0;
    if (!receipt_message(json_get_string(item, "OutId"), receipt) ||
        json_i64(json_get(item, "SendStatus"), &status) || status < 1 || status > 3) {
        return false;
    }
    receipt->state = states[status];
    (void)receipt_word(json_get_string(item, "ErrCode"), receipt->code, sizeof(receipt->code));
    return true;
}

/* The list of one day may lack what was sent when another one was just beginning. */
static bool at_midnight(struct wall_ms at)
{
    const int64_t of_day_ms = (at.ms + ALIYUN_ZONE_MS) % DAY_MS;
    return of_day_ms < MIDNIGHT_MS || of_day_ms >= DAY_MS - MIDNIGHT_MS;
}

/* All that were sent to that number on that day are listed: only the one asked for counts. */
static void find_detail(
    const struct json_value *root,
    const struct channel_question *question,
    struct channel_receipts *ret_receipts,
    struct outcome *ret_outcome)
{
    const struct json_value *list =
        json_get(json_get(root, "SmsSendDetailDTOs"), "SmsSendDetailDTO");
    for (const struct json_value *item = json_first(list); item; item = json_next(item)) {
        struct channel_receipt receipt = {0};
        if (read_detail(item, &receipt) &&
            text_equal(text_of(receipt.message), question->message)) {
            receipts_add(ret_receipts, &receipt);
        }
    }
    const bool whole = json_type(list) == JSON_ARRAY && json_count(list) < ALIYUN_PAGE &&
                       !at_midnight(question->sent_at);
    if (ret_receipts->count == 0 && !whole) {
        outcome_set(
            ret_outcome, OUTCOME_UNSURE, CAUSE_NONE, "the list is not whole", (struct text){0});
    }
}

static void aliyun_poll_decode(
    const struct http_answer *answer,
    const struct channel_question *question,
    struct channel_receipts *ret_receipts,
    struct outcome *ret_outcome)
{
    struct text code;
    struct json_doc *doc = read_answer(answer, &code, ret_outcome);
    *ret_receipts = (struct channel_receipts){0};
    if (doc) {
        classify_code(answer, json_root(doc), code, ret_outcome);
    }
    if (doc && ret_outcome->kind == OUTCOME_ACCEPTED) {
        find_detail(json_root(doc), question, ret_receipts, ret_outcome);
    }
    json_free(doc);
}

const struct channel_type channel_aliyun = {
    .name = "aliyun",
    .method = "POST",
    .has_network = true,
    .has_templates = true,
    .address = ADDRESS_MOBILE,
    .form = FORM_SMS,
    .limits = CLOUD_LIMITS,
    .closed_ms = CLOUD_CLOSED_MS,
    .encode = aliyun_encode,
    .classify = aliyun_classify,
    .decode_receipts = aliyun_decode_receipts,
    .poll_encode = aliyun_poll_encode,
    .poll_decode = aliyun_poll_decode,
};
