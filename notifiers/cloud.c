/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Codes, call-backs and numbers for the channels of SMS vendors. Nothing a gateway says is taken
 * over before it was looked at: ids become keys, codes become log lines.
 */
#include "notifiers/cloud.h"

#include <stdio.h>
#include <string.h>

/* ---- outcomes ---- */

static bool code_fits(const char *pattern, struct text code)
{
    const size_t bytes = strlen(pattern);
    if (bytes > 0 && pattern[bytes - 1] == '*') {
        return text_starts_with(code, (struct text){.ptr = pattern, .bytes = bytes - 1});
    }
    return text_is(code, pattern);
}

static const struct vendor_code *find_code(
    const struct vendor_code *codes, size_t count, struct text code)
{
    for (size_t index = 0; index < count; index++) {
        if (code_fits(codes[index].code, code)) {
            return &codes[index];
        }
    }
    return NULL;
}

void outcome_of_answered_code(
    struct outcome *outcome,
    const struct vendor_code *codes,
    size_t count,
    const struct http_answer *answer,
    struct text code)
{
    const struct vendor_code *line = find_code(codes, count, code);
    const bool fine = answer->status >= 200 && answer->status < 300;
    if (!fine && (line ? line->kind == OUTCOME_ACCEPTED : answer->status != 400)) {
        outcome_without_code(outcome, answer);
    } else if (!line) {
        outcome_set(outcome, OUTCOME_REJECTED, CAUSE_NONE, "refused", code);
    } else {
        const bool good = line->kind == OUTCOME_ACCEPTED;
        outcome_set(
            outcome, line->kind, line->cause, line->meaning, good ? (struct text){0} : code);
        outcome->after_ms = line->after_s > 0 ? (int64_t)line->after_s * 1000 : -1;
    }
}

void outcome_set_gateway_id(struct outcome *outcome, struct text id)
{
    (void)receipt_word(id, outcome->gateway_id, sizeof(outcome->gateway_id));
}

void outcome_without_code(struct outcome *outcome, const struct http_answer *answer)
{
    if (outcome_of_transport(outcome, answer)) {
        return;
    }
    char reason[32];
    (void)snprintf(reason, sizeof(reason), "HTTP %d", answer->status);
    if (answer->status >= 500) {
        outcome_set(outcome, OUTCOME_RETRY_LATER, CAUSE_TRANSPORT, reason, answer->body);
    } else if (answer->status >= 400) {
        outcome_set(outcome, OUTCOME_REJECTED, CAUSE_NONE, reason, answer->body);
    } else { /* some proxy's page, or half an answer: the gateway may have taken it */
        outcome_set(
            outcome, OUTCOME_UNSURE, CAUSE_TRANSPORT, "an answer without a code", (struct text){0});
    }
}

/* ---- URLs ---- */

static struct text text_from(struct text text, size_t from, size_t to)
{
    return (struct text){.ptr = text.ptr + from, .bytes = to - from};
}

static size_t index_of(struct text text, size_t from, const char *any)
{
    while (from < text.bytes && !strchr(any, text.ptr[from])) {
        from++;
    }
    return from;
}

static struct text without_port(struct text host, const char *port)
{
    const size_t bytes = strlen(port);
    const bool has = host.bytes > bytes && memcmp(host.ptr + host.bytes - bytes, port, bytes) == 0;
    return has ? text_from(host, 0, host.bytes - bytes) : host;
}

struct url_parts url_parts_of(struct text url)
{
    const bool tls = text_starts_with(url, TEXT_LITERAL("https://"));
    const size_t scheme_end = index_of(url, 0, ":");
    const size_t host = scheme_end + 3 <= url.bytes ? scheme_end + 3 : url.bytes;
    const size_t path = index_of(url, host, "/?");
    const size_t query = index_of(url, path, "?");
    struct url_parts parts = {
        .host = without_port(text_from(url, host, path), tls ? ":443" : ":80"),
        .path = path < query ? text_from(url, path, query) : TEXT_LITERAL("/"),
    };
    if (query < url.bytes) {
        parts.query = text_from(url, query + 1, url.bytes);
    }
    return parts;
}

/* ---- what is sent ---- */

struct text signature_bare(struct text signature)
{
    const struct text open = TEXT_LITERAL("【");
    const struct text close = TEXT_LITERAL("】");
    size_t from = 0;
    size_t to = signature.bytes;
    if (text_starts_with(signature, open)) {
        from = open.bytes;
    }
    if (to >= from + close.bytes &&
        memcmp(signature.ptr + to - close.bytes, close.ptr, close.bytes) == 0) {
        to -= close.bytes;
    }
    return text_from(signature, from, to);
}

enum err message_phone(const struct channel_message *message, struct buf *buf, struct err_why *why)
{
    enum err err = ERR_PARSE;
    if (message->receiver_count == 1) {
        err = mobile_mainland(message->receivers[0].mobile, buf);
    }
    return err ? err_set(why, ERR_USAGE, "the mobile number is not a number") : ERR_OK;
}

enum err option_needed(
    const struct channel_settings *settings, const char *name, struct err_why *why)
{
    if (channel_option(settings, name).bytes > 0) {
        return ERR_OK;
    }
    return err_set(
        why, ERR_USAGE, "channel %.*s has no %s; set channels.%.*s.%s", TEXT_ARGS(settings->name),
        name, TEXT_ARGS(settings->name), name);
}

enum err template_needed(const struct channel_call *call, struct err_why *why)
{
    if (call->message.template.bytes > 0) {
        return ERR_OK;
    }
    return err_set(
        why, ERR_USAGE,
        "the message has no vendor template for channel %.*s; set templates.NAME.vendor.%.*s",
        TEXT_ARGS(call->settings->name), TEXT_ARGS(call->settings->name));
}

/* ---- call-backs ---- */

bool receipt_word(struct text text, char *ret_text, size_t room)
{
    ret_text[0] = '\0';
    if (text.bytes == 0 || text.bytes >= room) {
        return false;
    }
    for (size_t index = 0; index < text.bytes; index++) {
        if (text.ptr[index] <= ' ' || text.ptr[index] > '~') {
            return false;
        }
    }
    memcpy(ret_text, text.ptr, text.bytes);
    ret_text[text.bytes] = '\0';
    return true;
}

bool receipt_message(struct text text, struct channel_receipt *receipt)
{
    for (size_t index = 0; index < text.bytes; index++) {
        const char c = text.ptr[index];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) {
            return false;
        }
    }
    return receipt_word(text, receipt->message, sizeof(receipt->message));
}

void receipts_add(struct channel_receipts *receipts, const struct channel_receipt *receipt)
{
    if (receipts->count == CHANNEL_RECEIPTS_MAX) {
        receipts->left_out++;
        return;
    }
    receipts->items[receipts->count++] = *receipt;
}

static void add_item(
    struct channel_receipts *receipts, receipt_reader_fn *read, const struct json_value *item)
{
    struct channel_receipt receipt = {0};
    if (json_type(item) == JSON_OBJECT && read(item, &receipt)) {
        receipts_add(receipts, &receipt);
    } else {
        receipts->left_out++;
    }
}

enum err receipts_of_json(
    struct text body,
    receipt_reader_fn *read,
    struct channel_receipts *ret_receipts,
    struct err_why *why)
{
    struct json_doc *doc = NULL;
    if (json_parse(body, &json_limits_answer, &doc, why)) {
        return ERR_PARSE;
    }
    const struct json_value *root = json_root(doc);
    enum err err = ERR_OK;
    if (json_type(root) == JSON_ARRAY) {
        *ret_receipts = (struct channel_receipts){0};
        for (const struct json_value *item = json_first(root); item; item = json_next(item)) {
            add_item(ret_receipts, read, item);
        }
    } else if (json_type(root) == JSON_OBJECT) {
        *ret_receipts = (struct channel_receipts){0};
        add_item(ret_receipts, read, root);
    } else {
        err = err_set(why, ERR_PARSE, "receipts are an array of objects");
    }
    if (!err && ret_receipts->count + ret_receipts->left_out == 0) {
        err = err_set(why, ERR_PARSE, "an array without receipts");
    }
    json_free(doc);
    return err;
}
