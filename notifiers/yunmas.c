/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SMS through China Mobile 云MAS: a JSON object in base64 as the body, with an MD5 over its values
 * and the secret. Free text (norsubmit) or a template of the vendor's (tmpsubmit); the gateway sets
 * the signature itself. msgGroup, spelt mgsGroup by some, names the message in status reports. No
 * identity of ours goes along, and nothing can be asked for.
 */
#include <string.h>

#include "base/crypto.h"
#include "notifiers/cloud.h"

#define YUNMAS_PATH             "/sms/norsubmit"
#define YUNMAS_TEMPLATE_PATH    "/sms/tmpsubmit"
#define YUNMAS_BODY_BYTES_MAX   ((size_t)64 * 1024)
#define YUNMAS_PHONES_BYTES_MAX ((size_t)16 * 1024)

/* ---- requests ---- */

/* What is signed and sent; params is empty for free text. */
struct submission {
    struct text ec_name;
    struct text ap_id;
    struct text secret_key;
    struct text template;
    struct text content; /* the words, or the template's variables as a JSON array */
    struct text sign;
    struct text add_serial;
    struct buf mobiles;
    struct buf params;
};

static enum err check_settings(const struct channel_settings *settings, struct err_why *why)
{
    if (settings->url.bytes == 0) {
        return err_set(
            why, ERR_USAGE, "channel %.*s has no url; set it to the address that China Mobile gave",
            TEXT_ARGS(settings->name));
    }
    enum err err = option_needed(settings, "ec_name", why);
    err = err ? err : option_needed(settings, "ap_id", why);
    err = err ? err : option_needed(settings, "secret_key", why);
    return err ? err : option_needed(settings, "sign", why);
}

static enum err join_mobiles(
    const struct channel_message *message, struct buf *mobiles, struct err_why *why)
{
    struct buf number;
    buf_init(&number, 64);
    enum err err = message->receiver_count > 0 ? ERR_OK : ERR_PARSE;
    for (size_t index = 0; !err && index < message->receiver_count; index++) {
        err = mobile_mainland(message->receivers[index].mobile, &number);
        buf_string(mobiles, index > 0 ? "," : "");
        buf_text(mobiles, buf_view(&number));
    }
    buf_release(&number);
    return err ? err_set(why, ERR_USAGE, "the mobile number is not a number") : ERR_OK;
}

/* A JSON array in a string; without variables it still holds one empty value. */
static void write_params(const struct channel_message *message, struct buf *params)
{
    struct json_out out;
    json_out_init(&out, params);
    json_out_open(&out, '[');
    for (size_t index = 0; index < message->param_count; index++) {
        json_out_string(&out, message->params[index].value);
    }
    if (message->param_count == 0) {
        json_out_string(&out, (struct text){0});
    }
    json_out_close(&out, ']');
}

static void submission_release(struct submission *submission)
{
    buf_release(&submission->mobiles);
    buf_release(&submission->params);
}

/* To be released also after a failure. */
static enum err submission_init(
    struct submission *submission, const struct channel_call *call, struct err_why *why)
{
    const struct channel_settings *settings = call->settings;
    *submission = (struct submission){
        .ec_name = channel_option(settings, "ec_name"),
        .ap_id = channel_option(settings, "ap_id"),
        .secret_key = channel_option(settings, "secret_key"),
        .template = call->message.template,
        .content = call->message.text,
        .sign = channel_option(settings, "sign"),
        .add_serial = channel_option(settings, "add_serial"),
    };
    buf_init(&submission->mobiles, YUNMAS_PHONES_BYTES_MAX);
    buf_init(&submission->params, YUNMAS_BODY_BYTES_MAX);
    if (submission->template.bytes > 0) {
        write_params(&call->message, &submission->params);
        submission->content = buf_view(&submission->params);
    }
    return join_mobiles(&call->message, &submission->mobiles, why);
}

static enum err write_mac(const struct submission *submission, struct buf *mac)
{
    const struct text parts[] = {
        submission->ec_name,
        submission->ap_id,
        submission->secret_key,
        submission->template,
        buf_view(&submission->mobiles),
        submission->content,
        submission->sign,
        submission->add_serial,
    };
    uint8_t digest[MD5_BYTES];
    struct buf all;
    buf_init(&all, 2 * YUNMAS_BODY_BYTES_MAX);
    for (size_t index = 0; index < sizeof(parts) / sizeof(parts[0]); index++) {
        buf_text(&all, parts[index]);
    }
    enum err err = buf_error(&all);
    err = err ? err : crypto_md5(buf_view(&all), digest);
    if (!err) {
        crypto_hex(mac, digest, sizeof(digest));
    }
    buf_release(&all);
    return err;
}

static enum err write_json(const struct submission *submission, struct buf *json)
{
    const bool templated = submission->template.bytes > 0;
    struct json_out out;
    struct buf mac;
    buf_init(&mac, 64);
    const enum err err = write_mac(submission, &mac);
    json_out_init(&out, json);
    json_out_open(&out, '{');
    json_out_member(&out, "ecName", submission->ec_name);
    json_out_member(&out, "apId", submission->ap_id);
    if (templated) {
        json_out_member(&out, "templateId", submission->template);
    }
    json_out_member(&out, "mobiles", buf_view(&submission->mobiles));
    json_out_member(&out, templated ? "params" : "content", submission->content);
    json_out_member(&out, "sign", submission->sign);
    json_out_member(&out, "addSerial", submission->add_serial);
    json_out_member(&out, "mac", buf_view(&mac));
    json_out_close(&out, '}');
    buf_release(&mac);
    return err ? err : buf_error(json);
}

static bool ends_with(struct text text, struct text end)
{
    return text.bytes >= end.bytes &&
           memcmp(text.ptr + text.bytes - end.bytes, end.ptr, end.bytes) == 0;
}

/* The base may be a host alone, a prefix before the path, or the whole address of free texts. */
static void add_url(const struct channel_call *call, struct http_request *request)
{
    const struct channel_settings *settings = call->settings;
    struct text path = channel_option(settings, "path");
    struct text template_path = channel_option(settings, "template_path");
    path = path.bytes > 0 ? path : TEXT_LITERAL(YUNMAS_PATH);
    template_path = template_path.bytes > 0 ? template_path : TEXT_LITERAL(YUNMAS_TEMPLATE_PATH);
    struct text base = settings->url;
    if (ends_with(base, path)) {
        base.bytes -= path.bytes;
    }
    while (base.bytes > 0 && base.ptr[base.bytes - 1] == '/') {
        base.bytes--;
    }
    struct buf url;
    buf_init(&url, HTTP_URL_BYTES_MAX);
    buf_text(&url, base);
    buf_text(&url, call->message.template.bytes > 0 ? template_path : path);
    http_request_url(request, buf_view(&url), "/");
    buf_release(&url);
}

static enum err yunmas_encode(
    const struct channel_call *call, struct http_request *request, struct err_why *why)
{
    enum err err = check_settings(call->settings, why);
    if (err) {
        return err;
    }
    struct submission submission;
    struct buf json;
    buf_init(&json, YUNMAS_BODY_BYTES_MAX);
    err = submission_init(&submission, call, why);
    if (!err && write_json(&submission, &json)) {
        err = err_set(
            why, ERR_USAGE, "the message is too long for a request, or this system has no MD5");
    }
    if (!err) {
        add_url(call, request);
        http_request_header(request, "Content-Type", TEXT_LITERAL("text/plain; charset=utf-8"));
        crypto_base64(&request->body, (const uint8_t *)json.ptr, json.bytes);
        err = http_request_error(request);
    }
    submission_release(&submission);
    buf_release(&json);
    return err;
}

/* ---- answers ---- */

static const struct vendor_code yunmas_codes[] = {
    {"success", OUTCOME_ACCEPTED, CAUSE_NONE, 0, ""},
    {"IllegalMac", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, 0,
     "wrong mac; compare ec_name, ap_id, secret_key and sign"},
    {"InvalidUsrOrPwd", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, 0,
     "user or password refused; compare ec_name, ap_id and secret_key"},
    {"NOT_WHITE_IP", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, 0,
     "this machine's address is not on the interface's list"},
    {"IllegalSignId", OUTCOME_REJECTED, CAUSE_NONE, 0, "no such signature code; compare sign"},
    {"NoSignId", OUTCOME_REJECTED, CAUSE_NONE, 0, "no such signature code; compare sign"},
    {"InvalidMessage", OUTCOME_REJECTED, CAUSE_NONE, 0, "the text is not allowed"},
    {"InvalidMobile", OUTCOME_REJECTED, CAUSE_NONE, 0, "not a mobile number"},
    {"TooManyMobiles", OUTCOME_REJECTED, CAUSE_NONE, 0, "too many numbers"},
};

static struct text group_of(const struct json_value *object)
{
    const struct text group = json_get_string(object, "msgGroup");
    return group.bytes > 0 ? group : json_get_string(object, "mgsGroup");
}

static void classify_object(
    const struct http_answer *answer, const struct json_value *root, struct outcome *ret_outcome)
{
    const struct text code = json_get_string(root, "rspcod");
    const struct json_value *success = json_get(root, "success");
    const bool denied = json_type(success) == JSON_BOOL && !json_is_true(success);
    if (code.bytes == 0 || (denied && text_is(code, "success"))) {
        outcome_without_code(ret_outcome, answer); /* it says nothing, or both */
        return;
    }
    outcome_of_answered_code(
        ret_outcome, yunmas_codes, sizeof(yunmas_codes) / sizeof(yunmas_codes[0]), answer, code);
    if (ret_outcome->kind == OUTCOME_ACCEPTED) {
        outcome_set_gateway_id(ret_outcome, group_of(root));
    }
}

static void yunmas_classify(const struct http_answer *answer, struct outcome *ret_outcome)
{
    struct json_doc *doc = NULL;
    if (answer->result == HTTP_ANSWERED &&
        json_parse(answer->body, &json_limits_answer, &doc, NULL) == ERR_OK) {
        classify_object(answer, json_root(doc), ret_outcome);
    } else {
        outcome_without_code(ret_outcome, answer);
    }
    json_free(doc);
}

/* ---- receipts ---- */

/* CM:0000 with DELIVRD has arrived; CM:3000, or no error code yet, is on its way. */
static enum receipt_state state_of(struct text status, struct text code)
{
    if (text_is(status, "CM:3000") || (text_is(status, "CM:0000") && code.bytes == 0)) {
        return RECEIPT_QUEUED;
    }
    const bool good = text_is(status, "CM:0000") && text_is(code, "DELIVRD");
    return good ? RECEIPT_DELIVERED : RECEIPT_UNDELIVERED;
}

static bool read_receipt(const struct json_value *item, struct channel_receipt *receipt)
{
    const struct text status = json_get_string(item, "reportStatus");
    const struct text code = json_get_string(item, "errorCode");
    const bool by_code = text_is(status, "CM:0000") && code.bytes > 0;
    receipt->state = state_of(status, code);
    (void)receipt_word(by_code ? code : status, receipt->code, sizeof(receipt->code));
    return status.bytes > 0 &&
           receipt_word(group_of(item), receipt->gateway_id, sizeof(receipt->gateway_id));
}

static enum err yunmas_decode_receipts(
    struct text query, struct text body, struct channel_receipts *ret_receipts, struct err_why *why)
{
    (void)query;
    return receipts_of_json(body, read_receipt, ret_receipts, why);
}

const struct channel_type channel_yunmas = {
    .name = "yunmas",
    .method = "POST",
    .has_network = true,
    .address = ADDRESS_MOBILE,
    .form = FORM_SMS,
    .limits = CLOUD_LIMITS,
    .closed_ms = CLOUD_CLOSED_MS,
    .encode = yunmas_encode,
    .classify = yunmas_classify,
    .decode_receipts = yunmas_decode_receipts,
};
