/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A county's own SMS gateway, described in configuration alone: the request is a pattern, the
 * answer is judged by tests, call-backs are read by where their values stand. This file knows no
 * gateway; config/gateway_*.h is the language.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/charset.h"
#include "base/crypto.h"
#include "config/gateway_call.h"
#include "config/gateway_text.h"
#include "notifiers/channel.h"

#define SMALL_BYTES_MAX ((size_t)1024)
#define SAID_BYTES_MAX  160
#define HEADER_PREFIX   "headers."

/* ---- values ---- */

struct words {
    struct gateway_values values;
    struct buf mobile;
    struct buf mobile86;
    struct buf receipt_url;
    char nonce[2 * CHANNEL_NONCE_BYTES + 1];
    char unix_s[24];
    char unix_ms[24];
};

static bool is_gbk(const struct channel_settings *settings)
{
    return text_is(channel_option(settings, "charset"), "gbk");
}

static void write_nonce(const struct channel_call *call, char nonce[static 33])
{
    for (size_t index = 0; index < CHANNEL_NONCE_BYTES; index++) {
        (void)snprintf(nonce + 2 * index, 3, "%02x", call->nonce[index]);
    }
}

static void write_receipt_url(const struct channel_call *call, struct buf *url)
{
    struct text base = call->public_url;
    const struct text secret = channel_option(call->settings, "receipt_secret");
    while (base.bytes > 0 && base.ptr[base.bytes - 1] == '/') {
        base.bytes--;
    }
    if (base.bytes > 0 && secret.bytes > 0) {
        buf_text(url, base);
        buf_string(url, "/hooks/receipts/");
        crypto_url_encode(url, call->settings->name);
        buf_char(url, '/');
        crypto_url_encode(url, secret);
    }
}

static struct text bare_signature(struct text signature)
{
    const size_t bracket = sizeof "【" - 1;
    if (text_starts_with(signature, TEXT_LITERAL("【")) && signature.bytes > 2 * bracket) {
        return (struct text){signature.ptr + bracket, signature.bytes - 2 * bracket};
    }
    return signature;
}

static void words_release(struct words *words)
{
    buf_release(&words->mobile);
    buf_release(&words->mobile86);
    buf_release(&words->receipt_url);
}

static enum err write_mobile(
    const struct channel_call *call, struct words *words, struct err_why *why)
{
    const struct channel_message *message = &call->message;
    if (message->receiver_count != 1) {
        return err_set(why, ERR_USAGE, "one message goes to one number");
    }
    const enum err err = mobile_mainland(message->receivers[0].mobile, &words->mobile);
    if (err) {
        return err_set(why, ERR_USAGE, "the mobile number is none");
    }
    buf_string(&words->mobile86, words->mobile.bytes == 11 ? "86" : "");
    buf_text(&words->mobile86, buf_view(&words->mobile));
    return ERR_OK;
}

static enum err words_of(const struct channel_call *call, struct words *words, struct err_why *why)
{
    const struct channel_message *message = &call->message;
    const struct channel_settings *settings = call->settings;
    struct text *value = words->values.value;
    buf_init(&words->mobile, SMALL_BYTES_MAX);
    buf_init(&words->mobile86, SMALL_BYTES_MAX);
    buf_init(&words->receipt_url, SMALL_BYTES_MAX);
    write_nonce(call, words->nonce);
    write_receipt_url(call, &words->receipt_url);
    (void)snprintf(words->unix_s, sizeof words->unix_s, "%lld", (long long)call->now.ms / 1000);
    (void)snprintf(words->unix_ms, sizeof words->unix_ms, "%lld", (long long)call->now.ms);
    const enum err err = write_mobile(call, words, why);
    words->values.now = call->now;
    words->values.gbk = is_gbk(settings);
    value[GATEWAY_MOBILE] = buf_view(&words->mobile);
    value[GATEWAY_MOBILE_86] = buf_view(&words->mobile86);
    value[GATEWAY_TEXT] = message->text;
    value[GATEWAY_TITLE] = message->title;
    value[GATEWAY_ID] = message->id;
    value[GATEWAY_LINK] = message->link;
    value[GATEWAY_NONCE] = text_of(words->nonce);
    value[GATEWAY_USERNAME] = channel_option(settings, "username");
    value[GATEWAY_SECRET] = channel_option(settings, "secret");
    value[GATEWAY_SIGNATURE] = bare_signature(channel_option(settings, "signature"));
    value[GATEWAY_RECEIPT_URL] = buf_view(&words->receipt_url);
    value[GATEWAY_UNIX] = text_of(words->unix_s);
    value[GATEWAY_UNIX_MS] = text_of(words->unix_ms);
    return err;
}

/* ---- the request ---- */

static void add_bytes(struct buf *buf, struct text utf8, bool gbk)
{
    if (gbk) {
        charset_to_gbk(buf, utf8);
    } else {
        buf_text(buf, utf8);
    }
}

/* What is shown is the pattern: a value of the path may be a secret. */
static void write_url(
    const struct channel_call *call, const struct words *words, struct http_request *request)
{
    const struct text pattern = call->settings->url;
    const char *query = memchr(pattern.ptr, '?', pattern.bytes);
    struct buf url;
    buf_init(&url, HTTP_URL_BYTES_MAX);
    gateway_text_write(pattern, &words->values, gateway_escape_url, &url);
    http_request_url(request, buf_view(&url), "/");
    if (buf_error(&url) != ERR_OK) {
        request->url.error = url.error;
    }
    buf_clear(&request->shown);
    buf_format(&request->shown, "%s ", request->method);
    buf_add(&request->shown, pattern.ptr, query ? (size_t)(query - pattern.ptr) : pattern.bytes);
    buf_release(&url);
}

static bool write_header(
    const struct channel_option *option, const struct words *words, struct http_request *request)
{
    char name[96];
    struct buf value;
    struct buf bytes;
    buf_init(&value, SMALL_BYTES_MAX * 4);
    buf_init(&bytes, SMALL_BYTES_MAX * 4);
    (void)snprintf(name, sizeof name, "%.*s", TEXT_ARGS(option->name));
    gateway_text_write(option->value, &words->values, NULL, &value);
    add_bytes(&bytes, buf_view(&value), words->values.gbk);
    http_request_header(request, name + sizeof HEADER_PREFIX - 1, buf_view(&bytes));
    if (buf_error(&value) != ERR_OK || buf_error(&bytes) != ERR_OK) {
        request->body.error = ERR_FULL;
    }
    buf_release(&bytes);
    buf_release(&value);
    return strcasecmp(name, HEADER_PREFIX "Content-Type") == 0;
}

static void write_headers(
    const struct channel_settings *settings,
    const struct words *words,
    struct http_request *request)
{
    static const struct {
        const char *body_type;
        const char *utf8;
        const char *gbk;
    } types[] = {
        {"json", "application/json; charset=utf-8", "application/json; charset=GBK"},
        {"xml", "text/xml; charset=utf-8", "text/xml; charset=GBK"},
        {"text", "text/plain; charset=utf-8", "text/plain; charset=GBK"},
        {"form", "application/x-www-form-urlencoded; charset=utf-8",
         "application/x-www-form-urlencoded; charset=GBK"},
    };
    const struct text body_type = channel_option(settings, "body_type");
    bool typed = channel_option(settings, "body").bytes == 0;
    for (size_t index = 0; index < settings->option_count; index++) {
        if (text_starts_with(settings->options[index].name, TEXT_LITERAL(HEADER_PREFIX))) {
            typed = write_header(&settings->options[index], words, request) || typed;
        }
    }
    size_t which = 0;
    while (which < 3 && !text_is(body_type, types[which].body_type)) {
        which++;
    }
    if (!typed) {
        http_request_header(
            request, "Content-Type",
            text_of(words->values.gbk ? types[which].gbk : types[which].utf8));
    }
}

/* ---- the body ---- */

static void write_form(
    const struct json_value *body, const struct gateway_values *values, struct buf *buf)
{
    bool first = true;
    for (const struct json_value *pair = json_first(body); pair; pair = json_next(pair)) {
        struct buf value;
        buf_init(&value, GATEWAY_BYTES_MAX);
        gateway_text_write(json_string(pair), values, NULL, &value);
        buf_string(buf, first ? "" : "&");
        gateway_escape_url(buf, json_key(pair), values->gbk);
        buf_char(buf, '=');
        gateway_escape_url(buf, buf_view(&value), values->gbk);
        if (buf_error(&value) != ERR_OK) {
            buf->error = value.error;
        }
        buf_release(&value);
        first = false;
    }
}

static void write_json_text(
    struct text pattern, const struct gateway_values *values, struct json_out *out)
{
    struct buf value;
    buf_init(&value, GATEWAY_BYTES_MAX);
    gateway_text_write(pattern, values, NULL, &value);
    json_out_string(out, buf_view(&value));
    if (buf_error(&value) != ERR_OK) {
        out->buf->error = value.error;
    }
    buf_release(&value);
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the configuration may be */
static void write_json(
    const struct json_value *value, const struct gateway_values *values, struct json_out *out)
{
    const enum json_type type = json_type(value);
    if (type == JSON_STRING) {
        write_json_text(json_string(value), values, out);
        return;
    }
    if (type != JSON_OBJECT && type != JSON_ARRAY) {
        json_out_value(out, value);
        return;
    }
    json_out_open(out, type == JSON_OBJECT ? '{' : '[');
    for (const struct json_value *child = json_first(value); child; child = json_next(child)) {
        if (type == JSON_OBJECT) {
            json_out_key(out, json_key(child).ptr);
        }
        write_json(child, values, out);
    }
    json_out_close(out, type == JSON_OBJECT ? '}' : ']');
}

/* The body in UTF-8, as its type writes it; a form is in the gateway's charset already. */
static void write_typed(
    struct text body_type,
    const struct json_value *body,
    const struct gateway_values *values,
    struct buf *buf)
{
    struct json_out out;
    if (text_is(body_type, "json")) {
        json_out_init(&out, buf);
        write_json(body, values, &out);
    } else if (text_is(body_type, "xml")) {
        gateway_text_write(json_string(body), values, gateway_escape_xml, buf);
    } else if (text_is(body_type, "text")) {
        gateway_text_write(json_string(body), values, NULL, buf);
    } else {
        write_form(body, values, buf);
    }
}

static void write_encoded(
    const struct channel_settings *settings, struct text typed, bool gbk, struct buf *body)
{
    struct buf bytes;
    buf_init(&bytes, HTTP_BODY_BYTES_MAX);
    add_bytes(&bytes, typed, gbk);
    if (text_is(channel_option(settings, "body_encoding"), "base64")) {
        crypto_base64(body, (const uint8_t *)buf_view(&bytes).ptr, bytes.bytes);
    } else {
        buf_text(body, buf_view(&bytes));
    }
    if (buf_error(&bytes) != ERR_OK) {
        body->error = bytes.error;
    }
    buf_release(&bytes);
}

static enum err write_body(
    const struct channel_settings *settings,
    const struct gateway_values *values,
    struct buf *body,
    struct err_why *why)
{
    const struct text pattern = channel_option(settings, "body");
    struct json_doc *doc = NULL;
    struct buf typed;
    if (pattern.bytes == 0) {
        return ERR_OK;
    }
    if (json_parse(pattern, &json_limits_config, &doc, why) != ERR_OK) {
        return ERR_USAGE;
    }
    buf_init(&typed, HTTP_BODY_BYTES_MAX);
    write_typed(channel_option(settings, "body_type"), json_root(doc), values, &typed);
    write_encoded(settings, buf_view(&typed), values->gbk, body);
    if (buf_error(&typed) != ERR_OK) {
        body->error = typed.error;
    }
    buf_release(&typed);
    json_free(doc);
    return ERR_OK;
}

static const char *method_of(const struct channel_settings *settings)
{
    const struct text method = channel_option(settings, "method");
    return text_is(method, "GET") ? "GET" : text_is(method, "PUT") ? "PUT" : "POST";
}

static enum err http_sms_encode(
    const struct channel_call *call, struct http_request *request, struct err_why *why)
{
    struct words words = {0};
    if (call->settings->url.bytes == 0) {
        return err_set(why, ERR_USAGE, "the channel has no url");
    }
    request->method = method_of(call->settings);
    enum err err = words_of(call, &words, why);
    if (!err) {
        write_url(call, &words, request);
        write_headers(call->settings, &words, request);
        err = write_body(call->settings, &words.values, &request->body, why);
    }
    words_release(&words);
    if (!err && http_request_error(request) != ERR_OK) {
        err = err_set(why, ERR_USAGE, "the message does not fit into a request");
    }
    return err;
}

/* ---- the answer ---- */

static enum gateway_truth ask(
    const struct channel_settings *settings, const char *setting, const struct gateway_said *said)
{
    const struct text test = channel_option(settings, setting);
    return test.bytes > 0 ? gateway_test(test, said) : GATEWAY_FALSE;
}

/* Ids and codes end in keys and on pages: what has control bytes in it is none. */
static bool is_one_line(struct text text)
{
    for (size_t index = 0; index < text.bytes; index++) {
        const unsigned char c = (unsigned char)text.ptr[index];
        if (c < 0x20 || c == 0x7f) {
            return false;
        }
    }
    return utf8_valid(text);
}

static void keep_gateway_id(
    const struct channel_settings *settings,
    const struct gateway_said *said,
    struct outcome *outcome)
{
    struct buf id;
    buf_init(&id, GATEWAY_ID_BYTES);
    if (gateway_call_value(settings, "gateway_id", said, &id) && id.bytes < GATEWAY_ID_BYTES &&
        is_one_line(buf_view(&id))) {
        (void)snprintf(outcome->gateway_id, GATEWAY_ID_BYTES, "%.*s", TEXT_ARGS(buf_view(&id)));
    }
    buf_release(&id);
}

/* What no test of the settings knows. */
static void judge_other(
    enum gateway_truth success,
    const struct http_answer *answer,
    struct text shown,
    struct outcome *outcome)
{
    char reason[64];
    if (outcome_of_transport(outcome, answer)) {
        return;
    }
    (void)snprintf(reason, sizeof reason, "HTTP %d", answer->status);
    if (answer->truncated || (success == GATEWAY_UNKNOWN && answer->status < 300)) {
        outcome_set(
            outcome, OUTCOME_UNSURE, CAUSE_TRANSPORT, "an answer that cannot be read", shown);
    } else if (answer->status >= 500) {
        outcome_set(outcome, OUTCOME_RETRY_LATER, CAUSE_TRANSPORT, reason, shown);
    } else {
        outcome_set(outcome, OUTCOME_REJECTED, CAUSE_NONE, reason, shown);
    }
}

static void judge(
    const struct channel_settings *settings,
    const struct http_answer *answer,
    const struct gateway_said *said,
    struct outcome *outcome)
{
    const struct text shown = utf8_cut(said->body, SAID_BYTES_MAX);
    const bool told = channel_option(settings, "success").bytes > 0;
    const enum gateway_truth success = told ? ask(settings, "success", said) : GATEWAY_UNKNOWN;
    if (success == GATEWAY_TRUE) {
        outcome_set(outcome, OUTCOME_ACCEPTED, CAUSE_NONE, "", (struct text){0});
        keep_gateway_id(settings, said, outcome);
    } else if (ask(settings, "retry", said) == GATEWAY_TRUE) {
        outcome_set(outcome, OUTCOME_RETRY_LATER, CAUSE_TRANSPORT, "busy", shown);
        outcome->after_ms = answer->retry_after_ms;
    } else if (ask(settings, "credential", said) == GATEWAY_TRUE) {
        outcome_set(
            outcome, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, "user, key, funds or address refused",
            shown);
    } else {
        judge_other(success, answer, shown, outcome);
    }
}

static void http_sms_classify_by(
    const struct channel_settings *settings,
    const struct http_answer *answer,
    struct outcome *ret_outcome)
{
    struct gateway_call call;
    if (answer->result != HTTP_ANSWERED || answer->truncated) {
        judge_other(GATEWAY_UNKNOWN, answer, (struct text){0}, ret_outcome);
        return;
    }
    gateway_call_open(settings, answer->status, (struct text){0}, answer->body, &call);
    judge(settings, answer, &call.said, ret_outcome);
    gateway_call_close(&call);
}

/* Without settings nothing but the transport can be judged. */
static void http_sms_classify(const struct http_answer *answer, struct outcome *ret_outcome)
{
    static const struct channel_settings none = {.type = {"http-sms", 8}};
    http_sms_classify_by(&none, answer, ret_outcome);
}

/* ---- call-backs ---- */

static bool is_listed(const struct channel_settings *settings, const char *list, struct text code)
{
    const struct text json = channel_option(settings, list);
    struct json_doc *doc = NULL;
    bool found = false;
    if (json.bytes == 0 || json_parse(json, &json_limits_config, &doc, NULL) != ERR_OK) {
        return false;
    }
    for (const struct json_value *item = json_first(json_root(doc)); item && !found;
         item = json_next(item)) {
        found = text_equal(json_string(item), code);
    }
    json_free(doc);
    return found;
}

static bool read_state(
    const struct channel_settings *settings, struct text code, enum receipt_state *ret_state)
{
    const bool all_others = channel_option(settings, "receipt.undelivered").bytes == 0;
    if (is_listed(settings, "receipt.delivered", code)) {
        *ret_state = RECEIPT_DELIVERED;
    } else if (is_listed(settings, "receipt.queued", code)) {
        *ret_state = RECEIPT_QUEUED;
    } else if (all_others || is_listed(settings, "receipt.undelivered", code)) {
        *ret_state = RECEIPT_UNDELIVERED;
    } else {
        return false;
    }
    return true;
}

/* False where it is not there, more than one line, or longer than what it is kept in. */
static bool read_short(
    const struct channel_settings *settings,
    const char *setting,
    const struct gateway_said *said,
    size_t bytes_max,
    char *ret_text)
{
    struct buf value;
    buf_init(&value, bytes_max);
    const bool found = gateway_call_value(settings, setting, said, &value) &&
                       value.bytes < bytes_max && is_one_line(buf_view(&value));
    if (found) {
        (void)snprintf(ret_text, bytes_max, "%.*s", TEXT_ARGS(buf_view(&value)));
    }
    buf_release(&value);
    return found;
}

static bool read_receipt(
    const struct channel_settings *settings,
    const struct gateway_said *said,
    struct channel_receipt *ret_receipt)
{
    struct channel_receipt receipt = {0};
    const bool ours =
        read_short(settings, "receipt.id", said, sizeof receipt.message, receipt.message);
    const bool theirs = read_short(
        settings, "receipt.gateway_id", said, sizeof receipt.gateway_id, receipt.gateway_id);
    if ((!ours || receipt.message[0] == '\0') && (!theirs || receipt.gateway_id[0] == '\0')) {
        return false;
    }
    if (!read_short(settings, "receipt.status", said, sizeof receipt.code, receipt.code) ||
        !read_state(settings, text_of(receipt.code), &receipt.state)) {
        return false;
    }
    *ret_receipt = receipt;
    return true;
}

static enum err http_sms_decode_receipts_by(
    const struct channel_settings *settings,
    struct text query,
    struct text body,
    struct channel_receipts *ret_receipts,
    struct err_why *why)
{
    struct gateway_call call;
    struct gateway_said said;
    *ret_receipts = (struct channel_receipts){0};
    if (channel_option(settings, "receipt.status").bytes == 0) {
        return err_set(
            why, ERR_PARSE, "\"receipt\" of this channel does not say where states stand");
    }
    gateway_call_open(settings, 0, query, body, &call);
    while (gateway_call_next(&call, &said)) {
        struct channel_receipt receipt;
        if (ret_receipts->count < CHANNEL_RECEIPTS_MAX && read_receipt(settings, &said, &receipt)) {
            ret_receipts->items[ret_receipts->count++] = receipt;
        } else {
            ret_receipts->left_out++;
        }
    }
    gateway_call_close(&call);
    if (ret_receipts->count == 0) {
        return err_set(
            why, ERR_PARSE, "no receipt is where \"receipt\" of this channel looks for one");
    }
    return ERR_OK;
}

const struct channel_type channel_http_sms = {
    .name = "http-sms",
    .method = "POST",
    .has_network = true,
    .text_signed = true,
    .address = ADDRESS_MOBILE,
    .form = FORM_SMS,
    .limits = {{LIMIT_TEXT, 60000, 1, 0}},
    .closed_ms = 60000,
    .encode = http_sms_encode,
    .classify = http_sms_classify,
    .classify_by = http_sms_classify_by,
    .decode_receipts_by = http_sms_decode_receipts_by,
};
