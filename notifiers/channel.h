/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A channel is pure functions and data: encode() makes the HTTP request of one message,
 * classify() reads what came back, decode_receipt() reads a gateway's call-back. No clock, no
 * socket, no state: what is fast, dead or full is the business of the sender (send.c).
 */
#ifndef NRT_NOTIFIERS_CHANNEL_H
#define NRT_NOTIFIERS_CHANNEL_H

#include "base/wall.h"
#include "config/settings.h"
#include "notifiers/http.h"

/* The four ends of one attempt. */
enum outcome_kind {
    OUTCOME_ACCEPTED,    /* the gateway has it */
    OUTCOME_RETRY_LATER, /* it certainly has not; it may take it later */
    OUTCOME_REJECTED,    /* it will not take this message to this address, ever */
    OUTCOME_UNSURE,      /* it may have it */
    OUTCOME_KIND_COUNT
};
const char *outcome_kind_name(enum outcome_kind kind);

/* What operators and the sender need to know beside the kind. */
enum outcome_cause {
    CAUSE_NONE,
    CAUSE_TRANSPORT,  /* nobody there, or busy: counts towards the channel's fuse */
    CAUSE_RATE,       /* too fast: only this mailbox waits */
    CAUSE_CREDENTIAL, /* password, signature, address list: the channel waits, operators act */
    CAUSE_COUNT
};
const char *outcome_cause_name(enum outcome_cause cause);

#define OUTCOME_REASON_BYTES 192

struct outcome {
    enum outcome_kind kind;
    enum outcome_cause cause;
    int64_t after_ms;                  /* RETRY_LATER: what the gateway asks for, -1 unsaid */
    char reason[OUTCOME_REASON_BYTES]; /* one line without numbers of people, "" for none */
};

/* Set all fields; `said` (words of the gateway, may be empty) is cleaned and appended. */
void outcome_set(
    struct outcome *outcome,
    enum outcome_kind kind,
    enum outcome_cause cause,
    const char *reason,
    struct text said);
/*
 * The ends that are the same everywhere: not sent, no answer, forbidden, 401/403/404, 3xx, 408,
 * 429, 500, 502-504. False when the channel has to look at the answer itself.
 */
bool outcome_of_transport(struct outcome *outcome, const struct http_answer *answer);

enum message_form { FORM_SMS, FORM_MARKDOWN };

struct channel_message {
    struct text id; /* message id: the gateway's out-id or receipt key */
    struct text title;
    struct text text;
    const struct text *mobiles; /* a person's one; a group's people to name */
    size_t mobile_count;
    struct text group; /* groups: NAME of the robot */
};

struct channel_call {
    const struct channel_settings *settings;
    struct text public_url; /* where call-backs reach us; empty: nowhere */
    struct wall_ms now;     /* service time: signatures */
    struct channel_message message;
};

enum receipt_state {
    RECEIPT_QUEUED,
    RECEIPT_DELIVERED,
    RECEIPT_UNDELIVERED,
    RECEIPT_READ,
    RECEIPT_STATE_COUNT
};
const char *receipt_state_name(enum receipt_state state);

#define RECEIPT_TEXT_BYTES 64
struct channel_receipt {
    char message[RECEIPT_TEXT_BYTES];
    enum receipt_state state;
    char code[RECEIPT_TEXT_BYTES]; /* the gateway's own word */
};

struct channel_type {
    const char *name;   /* "kannel" */
    const char *method; /* of its requests */
    bool to_group;      /* one message per alert and group, mailbox "robot:NAME" */
    bool needs_mobile;  /* a person without a mobile number cannot be reached */
    bool has_network;   /* false: accepted by itself, nothing is encoded */
    bool text_signed;   /* the text itself begins with the signature in 【】 */
    enum message_form form;
    int32_t per_minute; /* messages a mailbox may get in any 60 s; 0: no bound */
    int64_t closed_ms;  /* how long a mailbox rests after CAUSE_RATE without a wish */
    /*
     * ERR_USAGE with why when settings or message do not allow a request: that message will not
     * go by this channel.
     */
    enum err (*encode)(
        const struct channel_call *call, struct http_request *request, struct err_why *why);
    void (*classify)(const struct http_answer *answer, struct outcome *ret_outcome);
    /* NULL where gateways give no receipts. ERR_PARSE with why. */
    enum err (*decode_receipt)(
        struct text query,
        struct text body,
        struct channel_receipt *ret_receipt,
        struct err_why *why);
};

extern const struct channel_type channel_kannel;
extern const struct channel_type channel_dingtalk_robot;
extern const struct channel_type channel_sandbox;

/* NULL when no channel is of that type. */
const struct channel_type *channel_type_find(struct text name);

/* The value of `name` in "a=1&name=2", decoded into buf. ERR_NOT_FOUND, ERR_PARSE. */
enum err query_value(struct text query, const char *name, struct buf *buf) ERR_MUST_USE;
/* Digits of a number ("+86 138-0000-0001" is 8613800000001); ERR_PARSE for anything else. */
enum err mobile_digits(struct text mobile, struct buf *buf) ERR_MUST_USE;

#endif
