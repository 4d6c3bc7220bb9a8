/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SMS through Kannel's sendsms (GET: a form POST is refused as "Invalid content-type"). Chinese
 * arrives only with charset and coding=2 together; call-backs only with dlr-mask beside dlr-url.
 * 202 means accepted or queued in Kannel's own store, the receipt says the rest. Receipts come
 * in any order, so their states are ranked by who reads them.
 */
#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "notifiers/channel.h"

#define KANNEL_PATH     "/cgi-bin/sendsms"
#define KANNEL_DLR_MASK "31" /* delivered, not delivered, queued, accepted, rejected: all */

/* The text begins with its signature already, unless it was typed by hand. */
static void add_text(const struct channel_call *call, struct http_request *request)
{
    const struct text bracket = TEXT_LITERAL("【");
    const struct text signature = channel_option(call->settings, "signature");
    http_request_query(request, "text", (struct text){0});
    if (signature.bytes > 0 && !text_starts_with(call->message.text, bracket)) {
        const bool bare = !text_starts_with(signature, bracket);
        crypto_url_encode(&request->url, bare ? bracket : (struct text){0});
        crypto_url_encode(&request->url, signature);
        crypto_url_encode(&request->url, bare ? TEXT_LITERAL("】") : (struct text){0});
    }
    crypto_url_encode(&request->url, call->message.text);
}

/*
 * Where Kannel reports. The receiver's number (%p) is left out on purpose: it would end in
 * queues and logs.
 */
static enum err add_receipt_url(const struct channel_call *call, struct http_request *request)
{
    const struct text secret = channel_option(call->settings, "receipt_secret");
    if (call->public_url.bytes == 0 || secret.bytes == 0) {
        return ERR_OK;
    }
    struct buf url;
    buf_init(&url, HTTP_URL_BYTES_MAX);
    struct text base = call->public_url;
    while (base.bytes > 0 && base.ptr[base.bytes - 1] == '/') {
        base.bytes--;
    }
    buf_text(&url, base);
    buf_string(&url, "/hooks/receipts/");
    crypto_url_encode(&url, call->settings->name);
    buf_char(&url, '/');
    crypto_url_encode(&url, secret);
    buf_string(&url, "?id=");
    crypto_url_encode(&url, call->message.id);
    buf_string(&url, "&status=%d&foreign=%F&ts=%t");
    const enum err err = buf_error(&url);
    if (!err) {
        http_request_query(request, "dlr-mask", TEXT_LITERAL(KANNEL_DLR_MASK));
        http_request_query(request, "dlr-url", buf_view(&url));
    }
    buf_release(&url);
    return err;
}

static enum err add_receiver(
    const struct channel_call *call, struct http_request *request, struct err_why *why)
{
    struct buf digits;
    buf_init(&digits, 64);
    enum err err = ERR_PARSE;
    if (call->message.receiver_count == 1) {
        err = mobile_digits(call->message.receivers[0].mobile, &digits);
    }
    if (!err) {
        http_request_query(request, "to", buf_view(&digits));
    }
    buf_release(&digits);
    return err ? err_set(why, ERR_USAGE, "the mobile number is not a number") : ERR_OK;
}

static enum err kannel_encode(
    const struct channel_call *call, struct http_request *request, struct err_why *why)
{
    const struct channel_settings *settings = call->settings;
    if (settings->url.bytes == 0) {
        return err_set(
            why, ERR_USAGE, "channel %.*s has no url; set it to the sendsms address of Kannel",
            TEXT_ARGS(settings->name));
    }
    http_request_url(request, settings->url, KANNEL_PATH);
    http_request_query(request, "username", channel_option(settings, "username"));
    http_request_query(request, "password", channel_option(settings, "password"));
    const enum err err = add_receiver(call, request, why);
    if (err) {
        return err;
    }
    const struct text from = channel_option(settings, "from");
    if (from.bytes > 0) {
        http_request_query(request, "from", from);
    }
    http_request_query(request, "charset", TEXT_LITERAL("UTF-8"));
    http_request_query(request, "coding", TEXT_LITERAL("2"));
    add_text(call, request);
    if (add_receipt_url(call, request) || http_request_error(request)) {
        return err_set(why, ERR_USAGE, "the message is too long for a request");
    }
    return ERR_OK;
}

static void kannel_classify(const struct http_answer *answer, struct outcome *ret_outcome)
{
    if (outcome_of_transport(ret_outcome, answer)) {
        return;
    }
    if (answer->status == 202) {
        const bool queued = answer->body.bytes > 0 && answer->body.ptr[0] == '3';
        outcome_set(
            ret_outcome, OUTCOME_ACCEPTED, CAUSE_NONE, queued ? "queued at the gateway" : "",
            (struct text){0});
        return;
    }
    char reason[32];
    (void)snprintf(reason, sizeof(reason), "HTTP %d", answer->status);
    const bool refused = answer->status >= 400 && answer->status < 500;
    const bool busy = answer->status >= 500;
    outcome_set(
        ret_outcome, refused ? OUTCOME_REJECTED : (busy ? OUTCOME_RETRY_LATER : OUTCOME_UNSURE),
        refused ? CAUSE_NONE : CAUSE_TRANSPORT, reason, answer->body);
}

static const struct {
    const char *code;
    enum receipt_state state;
} kannel_states[] = {
    {"1", RECEIPT_DELIVERED}, {"2", RECEIPT_UNDELIVERED},  {"4", RECEIPT_QUEUED},
    {"8", RECEIPT_QUEUED},    {"16", RECEIPT_UNDELIVERED},
};

static bool is_message_id(struct text id)
{
    if (id.bytes == 0 || id.bytes >= RECEIPT_TEXT_BYTES) {
        return false;
    }
    for (size_t index = 0; index < id.bytes; index++) {
        const char c = id.ptr[index];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) {
            return false;
        }
    }
    return true;
}

static enum err read_receipt(
    struct text id, struct text status, struct channel_receipt *receipt, struct err_why *why)
{
    if (!is_message_id(id)) {
        return err_set(why, ERR_PARSE, "id is not a message id");
    }
    for (size_t index = 0; index < sizeof(kannel_states) / sizeof(kannel_states[0]); index++) {
        if (text_is(status, kannel_states[index].code)) {
            memcpy(receipt->message, id.ptr, id.bytes);
            receipt->message[id.bytes] = '\0';
            receipt->state = kannel_states[index].state;
            (void)snprintf(receipt->code, sizeof(receipt->code), "%s", kannel_states[index].code);
            return ERR_OK;
        }
    }
    return err_set(why, ERR_PARSE, "status is none of 1, 2, 4, 8, 16");
}

static enum err kannel_decode_receipts(
    struct text query, struct text body, struct channel_receipts *ret_receipts, struct err_why *why)
{
    struct channel_receipt receipt = {0};
    (void)body;
    struct buf id;
    struct buf status;
    buf_init(&id, 256);
    buf_init(&status, 256);
    enum err err = ERR_OK;
    if (query_value(query, "id", &id) || query_value(query, "status", &status)) {
        err = err_set(why, ERR_PARSE, "a receipt needs id and status");
    } else {
        err = read_receipt(buf_view(&id), buf_view(&status), &receipt, why);
    }
    if (!err) {
        *ret_receipts = (struct channel_receipts){.count = 1};
        ret_receipts->items[0] = receipt;
    }
    buf_release(&id);
    buf_release(&status);
    return err;
}

const struct channel_type channel_kannel = {
    .name = "kannel",
    .method = "GET",
    .address = ADDRESS_MOBILE,
    .has_network = true,
    .text_signed = true,
    .form = FORM_SMS,
    .encode = kannel_encode,
    .classify = kannel_classify,
    .decode_receipts = kannel_decode_receipts,
};
