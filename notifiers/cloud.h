/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the channels of SMS vendors have in common: tables of their codes, call-backs as arrays of
 * JSON objects, numbers and signatures in the form they want. Pure, like the channels themselves.
 */
#ifndef NRT_NOTIFIERS_CLOUD_H
#define NRT_NOTIFIERS_CLOUD_H

#include "base/json.h"
#include "notifiers/channel.h"

/* Vendors count a number's frequency themselves; this side stays below (40 of 50 in 24 hours). */
#define CLOUD_LIMITS                                                                               \
    {                                                                                              \
        {LIMIT_TEMPLATE, (int64_t)24 * 3600 * 1000, 40, 10}, {LIMIT_TEXT, 60000, 1, 0},            \
    }
#define CLOUD_CLOSED_MS ((int64_t)60 * 1000)

struct vendor_code {
    const char *code; /* as the vendor writes it; "AuthFailure.*" for all that begin so */
    enum outcome_kind kind;
    enum outcome_cause cause;
    int32_t after_s;     /* 0: unsaid */
    const char *meaning; /* for operators: what is wrong, where to look; "" for the good one */
};
/*
 * By the first line that fits. A code that stands nowhere is a refusal, unless the status says
 * that the gateway itself failed.
 */
void outcome_of_answered_code(
    struct outcome *outcome,
    const struct vendor_code *codes,
    size_t count,
    const struct http_answer *answer,
    struct text code);
/* The gateway's own id, where it is one that can be kept; else it has none. */
void outcome_set_gateway_id(struct outcome *outcome, struct text id);
/*
 * The end of an answer that holds no code: that of transport, status or, with 2xx, unsure. The
 * body may be any proxy's page.
 */
void outcome_without_code(struct outcome *outcome, const struct http_answer *answer);

/* Parts of a URL: host with its port unless that is the scheme's own, path, query without '?'. */
struct url_parts {
    struct text host;
    struct text path; /* "/" where there is none */
    struct text query;
};
struct url_parts url_parts_of(struct text url);

/* A signature without its 【】: such vendors set the brackets themselves. */
struct text signature_bare(struct text signature);
/*
 * The one receiver's number into buf, mainland numbers with 11 digits. ERR_USAGE with why when it
 * is none or there are several.
 */
enum err message_phone(const struct channel_message *message, struct buf *buf, struct err_why *why)
    ERR_MUST_USE;
/* ERR_USAGE with why when the option is missing. */
enum err option_needed(
    const struct channel_settings *settings, const char *name, struct err_why *why) ERR_MUST_USE;
/* The same when the message has no vendor template. */
enum err template_needed(const struct channel_call *call, struct err_why *why) ERR_MUST_USE;

/* One object of a call-back; false when it is not a receipt. */
typedef bool receipt_reader_fn(const struct json_value *item, struct channel_receipt *receipt);
/* A body that is an array of such objects, or one of them. ERR_PARSE with why. */
enum err receipts_of_json(
    struct text body,
    receipt_reader_fn *read,
    struct channel_receipts *ret_receipts,
    struct err_why *why) ERR_MUST_USE;
/* Adds it, or counts it as left out when all places are taken. */
void receipts_add(struct channel_receipts *receipts, const struct channel_receipt *receipt);

/*
 * Copies what a gateway calls its message, or a code of it: printable ASCII that fits. False, and
 * ret_text is "", for anything else.
 */
bool receipt_word(struct text text, char *ret_text, size_t room);
/* The same for our own message ids: [a-z0-9-]. */
bool receipt_message(struct text text, struct channel_receipt *receipt);

#endif
