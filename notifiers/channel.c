/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all channels share: the table of types, outcomes with clean reasons, the verdicts that
 * mean the same at every gateway.
 */
#include "notifiers/channel.h"

#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "notifiers/hide.h"

#define DIGITS_SHOWN_MAX    6            /* a longer run of digits may be a phone number */
#define PATH_SHOWN_MAX      ((size_t)20) /* a longer part of a path may be a token */
#define WORD_SHOWN_MAX      ((size_t)40) /* and so may a longer word anywhere */
#define RETRY_AFTER_RATE_MS 60000

static const struct channel_type *const channel_types[] = {
    &channel_kannel,    &channel_aliyun,         &channel_tencent,       &channel_yunmas,
    &channel_http_sms,  &channel_dingtalk_robot, &channel_dingtalk_work, &channel_zwdd,
    &channel_wecom_app, &channel_wecom_robot,    &channel_sandbox,       &channel_email,
    &channel_webhook,
};

const struct channel_type *channel_type_find(struct text name)
{
    for (size_t index = 0; index < sizeof(channel_types) / sizeof(channel_types[0]); index++) {
        if (text_is(name, channel_types[index]->name)) {
            return channel_types[index];
        }
    }
    return NULL;
}

const struct channel_type *channel_type_at(size_t index)
{
    const size_t count = sizeof(channel_types) / sizeof(channel_types[0]);
    return index < count ? channel_types[index] : NULL;
}

void channel_classify(
    const struct channel_type *type,
    const struct channel_settings *settings,
    const struct http_answer *answer,
    struct outcome *ret_outcome)
{
    if (type->classify_by) {
        type->classify_by(settings, answer, ret_outcome);
    } else {
        type->classify(answer, ret_outcome);
    }
    hide_secrets(settings, ret_outcome);
}

enum err channel_decode_receipts(
    const struct channel_settings *settings,
    struct text query,
    struct text body,
    struct channel_receipts *ret_receipts,
    struct err_why *why)
{
    const struct channel_type *type = channel_type_find(settings->type);
    if (type && type->decode_receipts_by) {
        return type->decode_receipts_by(settings, query, body, ret_receipts, why);
    }
    if (type && type->decode_receipts) {
        return type->decode_receipts(query, body, ret_receipts, why);
    }
    return err_set(why, ERR_NOT_FOUND, "this channel gives no receipts");
}

const struct channel_limit *channel_limit_of(
    const struct channel_type *type, enum limit_scope scope)
{
    for (size_t index = 0; index < CHANNEL_LIMITS_MAX && type->limits[index].max > 0; index++) {
        if (type->limits[index].scope == scope) {
            return &type->limits[index];
        }
    }
    return NULL;
}

const char *outcome_kind_name(enum outcome_kind kind)
{
    static const char *const names[] = {"accepted", "retry_later", "rejected", "unsure"};
    return kind < OUTCOME_KIND_COUNT ? names[kind] : "unknown";
}

const char *outcome_cause_name(enum outcome_cause cause)
{
    static const char *const names[] = {"none",     "transport", "rate",
                                        "rate_all", "token",     "credential"};
    return cause < CAUSE_COUNT ? names[cause] : "unknown";
}

const char *receipt_state_name(enum receipt_state state)
{
    static const char *const names[] = {"queued", "delivered", "undelivered", "read"};
    return state < RECEIPT_STATE_COUNT ? names[state] : "unknown";
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t digit_run(struct text text, size_t from)
{
    size_t end = from;
    while (end < text.bytes && is_digit(text.ptr[end])) {
        end++;
    }
    return end - from;
}

static size_t word_run(struct text text, size_t from)
{
    size_t end = from;
    while (end < text.bytes &&
           (is_digit(text.ptr[end]) || (text.ptr[end] >= 'a' && text.ptr[end] <= 'z') ||
            (text.ptr[end] >= 'A' && text.ptr[end] <= 'Z') || text.ptr[end] == '-' ||
            text.ptr[end] == '_')) {
        end++;
    }
    return end - from;
}

static bool follows(struct text text, size_t from, const char *what)
{
    const size_t bytes = strlen(what);
    return from >= bytes && memcmp(text.ptr + from - bytes, what, bytes) == 0;
}

/* Gateways repeat texts, and in them the link that acts in the receiver's name. 0: none. */
static size_t link_run(struct text said, size_t from)
{
    const bool in_path =
        follows(said, from, "/") || follows(said, from, "%2F") || follows(said, from, "%2f");
    const size_t run = word_run(said, from);
    return run > (in_path ? PATH_SHOWN_MAX : WORD_SHOWN_MAX) ? run : 0;
}

/* One character, link or run of digits of what was said, as it may be shown. Bytes used up. */
static size_t clean_one(struct text said, size_t from, struct text *ret_shown)
{
    const size_t run = digit_run(said, from);
    const size_t hidden = run > DIGITS_SHOWN_MAX ? run : link_run(said, from);
    if (hidden > 0) {
        *ret_shown = TEXT_LITERAL("*");
        return hidden;
    }
    const size_t step = utf8_char_bytes(said.ptr + from, said.bytes - from);
    const unsigned char first = (unsigned char)said.ptr[from];
    *ret_shown = (struct text){.ptr = said.ptr + from, .bytes = run > 0 ? run : step};
    if (step == 0) {
        *ret_shown = TEXT_LITERAL("?");
        return 1;
    }
    if (first < 0x20 || first == 0x7f) {
        *ret_shown = TEXT_LITERAL(" ");
    }
    return run > 0 ? run : step;
}

/* Appends with control bytes as blanks, broken bytes as '?', long numbers as '*'. */
static void add_clean(struct outcome *outcome, struct text said)
{
    size_t used = strlen(outcome->reason);
    for (size_t index = 0; index < said.bytes;) {
        struct text shown;
        index += clean_one(said, index, &shown);
        if (used + shown.bytes >= sizeof(outcome->reason)) {
            break;
        }
        memcpy(outcome->reason + used, shown.ptr, shown.bytes);
        used += shown.bytes;
    }
    outcome->reason[used] = '\0';
}

void outcome_set(
    struct outcome *outcome,
    enum outcome_kind kind,
    enum outcome_cause cause,
    const char *reason,
    struct text said)
{
    outcome->kind = kind;
    outcome->cause = cause;
    outcome->after_ms = -1;
    outcome->gateway_id[0] = '\0';
    (void)snprintf(
        outcome->reason, sizeof(outcome->reason), "%s%s", reason, said.bytes > 0 ? ": " : "");
    add_clean(outcome, said);
}

static bool outcome_of_status(struct outcome *outcome, const struct http_answer *answer)
{
    char reason[32];
    (void)snprintf(reason, sizeof(reason), "HTTP %d", answer->status);
    const struct text said = answer->body;
    switch (answer->status) {
    case 401:
    case 403:
    case 404:
    case 405:
    case 407:
        outcome_set(outcome, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, reason, said);
        return true;
    case 408:
    case 500:
    case 502:
    case 503:
        outcome_set(outcome, OUTCOME_RETRY_LATER, CAUSE_TRANSPORT, reason, said);
        outcome->after_ms = answer->retry_after_ms;
        return true;
    case 429:
        outcome_set(outcome, OUTCOME_RETRY_LATER, CAUSE_RATE, reason, said);
        outcome->after_ms =
            answer->retry_after_ms >= 0 ? answer->retry_after_ms : RETRY_AFTER_RATE_MS;
        return true;
    case 504: /* something in between gave up waiting: the gateway may have it */
        outcome_set(outcome, OUTCOME_UNSURE, CAUSE_TRANSPORT, reason, said);
        return true;
    default:
        break;
    }
    if (answer->status >= 300 && answer->status < 400) { /* never followed: the URL is wrong */
        outcome_set(
            outcome, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, reason, TEXT_LITERAL("redirect"));
        return true;
    }
    return false;
}

bool outcome_of_transport(struct outcome *outcome, const struct http_answer *answer)
{
    switch (answer->result) {
    case HTTP_NOT_SENT:
        outcome_set(
            outcome, OUTCOME_RETRY_LATER, CAUSE_TRANSPORT, "not sent", text_of(answer->reason));
        return true;
    case HTTP_NO_ANSWER:
        outcome_set(outcome, OUTCOME_UNSURE, CAUSE_TRANSPORT, "no answer", text_of(answer->reason));
        return true;
    case HTTP_FORBIDDEN:
        outcome_set(outcome, OUTCOME_REJECTED, CAUSE_NONE, "refused", text_of(answer->reason));
        return true;
    case HTTP_ANSWERED:
    case HTTP_RESULT_COUNT:
        break;
    }
    return outcome_of_status(outcome, answer);
}

void channel_request_init(
    struct http_request *request, const char *method, const struct channel_settings *settings)
{
    http_request_init(request, method);
    buf_text(&request->proxy, settings->proxy);
    buf_text(&request->ca_file, settings->ca_file);
}

void channel_url(
    struct http_request *request,
    const struct channel_settings *settings,
    const char *default_base,
    const char *path)
{
    struct text base = settings->url.bytes > 0 ? settings->url : text_of(default_base);
    while (base.bytes > 0 && base.ptr[base.bytes - 1] == '/') {
        base.bytes--;
    }
    struct buf url;
    buf_init(&url, HTTP_URL_BYTES_MAX);
    buf_text(&url, base);
    buf_string(&url, path);
    http_request_url(request, buf_view(&url), path);
    buf_release(&url);
}

enum err channel_request_end(const struct http_request *request, struct err_why *why)
{
    return http_request_error(request)
               ? err_set(why, ERR_USAGE, "the message is too long for a request")
               : ERR_OK;
}

enum err query_value(struct text query, const char *name, struct buf *buf)
{
    const size_t name_bytes = strlen(name);
    size_t from = 0;
    while (from < query.bytes) {
        const char *found = memchr(query.ptr + from, '&', query.bytes - from);
        const size_t end = found ? (size_t)(found - query.ptr) : query.bytes;
        const bool named = end - from > name_bytes && query.ptr[from + name_bytes] == '=' &&
                           memcmp(query.ptr + from, name, name_bytes) == 0;
        if (named) {
            const size_t at = from + name_bytes + 1;
            return crypto_url_decode(
                buf, (struct text){.ptr = query.ptr + at, .bytes = end - at}, true);
        }
        from = end + 1;
    }
    return ERR_NOT_FOUND;
}

enum err mobile_digits(struct text mobile, struct buf *buf)
{
    size_t digits = 0;
    for (size_t index = 0; index < mobile.bytes; index++) {
        const char c = mobile.ptr[index];
        if (is_digit(c)) {
            buf_char(buf, c);
            digits++;
        } else if (c != ' ' && c != '-' && !(c == '+' && index == 0)) {
            return ERR_PARSE;
        }
    }
    return digits >= 3 && digits <= 20 ? buf_error(buf) : ERR_PARSE;
}

enum err mobile_mainland(struct text mobile, struct buf *buf)
{
    buf_clear(buf);
    const enum err err = mobile_digits(mobile, buf);
    if (!err && buf->bytes == 13 && memcmp(buf->ptr, "86", 2) == 0) {
        memmove(buf->ptr, buf->ptr + 2, buf->bytes - 2);
        buf_cut(buf, buf->bytes - 2);
    }
    return err;
}
