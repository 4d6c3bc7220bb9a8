/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A channel is pure functions and data: encode() makes the HTTP request of one message,
 * classify() reads what came back, decode_receipts() reads a gateway's call-back; where a gateway
 * wants an access token, its own ids of people, or can be asked what became of a message, there
 * is a pair for that too. No clock, no socket, no state: what is fast, dead or full is the business
 * of the sender (send.c).
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
    CAUSE_RATE_ALL,   /* too fast for the whole channel: all of it waits */
    CAUSE_TOKEN,      /* the access token is not good any more: once more with a fresh one */
    CAUSE_CREDENTIAL, /* password, signature, funds, address list: the channel waits, operators act
                       */
    CAUSE_COUNT
};
const char *outcome_cause_name(enum outcome_cause cause);

#define OUTCOME_REASON_BYTES 192
#define GATEWAY_ID_BYTES     128

struct outcome {
    enum outcome_kind kind;
    enum outcome_cause cause;
    int64_t after_ms;                  /* RETRY_LATER: what the gateway asks for, -1 unsaid */
    char reason[OUTCOME_REASON_BYTES]; /* one line without numbers of people, "" for none */
    char gateway_id[GATEWAY_ID_BYTES]; /* the gateway's own name of the message, "" for none */
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

/* FORM_DATA: the text is what a program reads (a webhook's JSON). */
enum message_form { FORM_SMS, FORM_MARKDOWN, FORM_TEXT, FORM_DATA };

/* Which address of a person a channel needs. */
enum channel_address {
    ADDRESS_NONE,
    ADDRESS_MOBILE,
    ADDRESS_DINGTALK,
    ADDRESS_ZWDD,
    ADDRESS_WECOM,
    ADDRESS_EMAIL,
    CHANNEL_ADDRESS_COUNT
};

struct channel_receiver {
    struct text person; /* our id */
    struct text mobile; /* as in the directory, empty where not known */
    struct text user;   /* the address of the channel's kind: userid, accountId, e-mail */
};

/* A variable of a vendor's template, in the template's order. */
struct channel_param {
    struct text name;
    struct text value;
};

struct channel_message {
    struct text id; /* message id: the gateway's out-id, bizMsgId or receipt key */
    struct text title;
    struct text text;
    const struct channel_receiver *receivers; /* a person; a group's people to name; a batch */
    size_t receiver_count;
    struct text group;    /* groups: NAME of the robot */
    struct text link;     /* where to look; also part of the text; empty: nowhere */
    struct text template; /* the vendor's id of the template; empty: free text */
    const struct channel_param *params;
    size_t param_count;
};

#define CHANNEL_NONCE_BYTES 16

struct channel_call {
    const struct channel_settings *settings;
    struct text public_url;             /* where call-backs reach us; empty: nowhere */
    struct wall_ms now;                 /* service time: signatures */
    struct text token;                  /* access token, where the type wants one */
    uint8_t nonce[CHANNEL_NONCE_BYTES]; /* random, fresh for every request */
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
/* Names the message by our id, by the gateway's, or by both. */
struct channel_receipt {
    char message[RECEIPT_TEXT_BYTES]; /* "" when the gateway names its own id only */
    char gateway_id[GATEWAY_ID_BYTES];
    enum receipt_state state;
    char code[RECEIPT_TEXT_BYTES]; /* the gateway's own word */
};

#define CHANNEL_RECEIPTS_MAX 128 /* in one call-back; what is beyond is left out and counted */
struct channel_receipts {
    struct channel_receipt items[CHANNEL_RECEIPTS_MAX];
    size_t count;
    size_t left_out; /* unreadable ones, and those beyond the maximum */
};

#define CHANNEL_TOKEN_BYTES 1024
struct channel_token {
    char text[CHANNEL_TOKEN_BYTES];
    int64_t lives_ms; /* from now on */
};

#define CHANNEL_USER_BYTES 128

/* What is asked of a gateway about a message it may have. */
struct channel_question {
    struct text message;
    struct text gateway_id; /* empty: it never told us */
    struct text mobile;
    struct text user;
    struct wall_ms sent_at;
};

/* How fast a gateway may be used; all limits of a type hold together. */
enum limit_scope {
    LIMIT_CHANNEL,  /* all messages of the channel */
    LIMIT_MAILBOX,  /* those to one person or group */
    LIMIT_TEMPLATE, /* those to one person by one vendor template (or free text) */
    LIMIT_TEXT,     /* those to one person with the same words */
};
struct channel_limit {
    enum limit_scope scope;
    int64_t window_ms; /* any such span of service time */
    int32_t max;       /* messages in it */
    int32_t reserve;   /* of them, kept for urgent ones */
};
#define CHANNEL_LIMITS_MAX 4

struct channel_type {
    const char *name;   /* "kannel" */
    const char *method; /* of its requests; encoders may set request->method otherwise */
    bool to_group;      /* one message per alert and group, mailbox "robot:NAME" */
    bool has_network;   /* false: accepted by itself, nothing is encoded */
    bool text_signed;   /* the text itself begins with the signature in 【】 */
    bool has_templates; /* the vendor fills in the words: a message needs a vendor template */
    bool deduplicates;  /* knows a repeated identity: an unsure message is repeated freely */
    enum channel_address address; /* of a person; somebody without it cannot be reached */
    enum message_form form;
    int32_t receivers_max; /* 0, 1: one; more: one call for many people, mailbox "many:CHANNEL" */
    struct channel_limit limits[CHANNEL_LIMITS_MAX]; /* ends with max 0 */
    int64_t closed_ms; /* how long a mailbox rests after CAUSE_RATE without a wish */
    /*
     * ERR_USAGE with why when settings or message do not allow a request: that message will not
     * go by this channel.
     */
    enum err (*encode)(
        const struct channel_call *call, struct http_request *request, struct err_why *why);
    void (*classify)(const struct http_answer *answer, struct outcome *ret_outcome);
    /* A call-back. NULL where gateways make none. ERR_PARSE with why. */
    enum err (*decode_receipts)(
        struct text query,
        struct text body,
        struct channel_receipts *ret_receipts,
        struct err_why *why);
    /*
     * In place of these two where the settings say how an answer and a call-back are to be read.
     * Callers use channel_classify() and channel_decode_receipts(), which know which there is.
     */
    void (*classify_by)(
        const struct channel_settings *settings,
        const struct http_answer *answer,
        struct outcome *ret_outcome);
    enum err (*decode_receipts_by)(
        const struct channel_settings *settings,
        struct text query,
        struct text body,
        struct channel_receipts *ret_receipts,
        struct err_why *why);

    /* Access token; both NULL where none is wanted. An outcome other than ACCEPTED: no token. */
    enum err (*token_encode)(
        const struct channel_call *call, struct http_request *request, struct err_why *why);
    void (*token_decode)(
        const struct http_answer *answer,
        struct channel_token *ret_token,
        struct outcome *ret_outcome);

    /*
     * From a mobile number to the channel's id of its owner, in so many steps; 0: not to be had.
     * `key`: the number's digits, then what the step before gave. ACCEPTED with an empty user:
     * nobody there has that number.
     */
    int32_t lookup_steps;
    enum err (*lookup_encode)(
        const struct channel_call *call,
        int32_t step,
        struct text key,
        struct http_request *request,
        struct err_why *why);
    void (*lookup_decode)(
        const struct http_answer *answer,
        int32_t step,
        char ret_user[static CHANNEL_USER_BYTES],
        struct outcome *ret_outcome);

    /*
     * What became of a message; NULL where a gateway cannot be asked. ACCEPTED: receipts are
     * filled; none in them: it does not know the message.
     */
    enum err (*poll_encode)(
        const struct channel_call *call,
        const struct channel_question *question,
        struct http_request *request,
        struct err_why *why);
    void (*poll_decode)(
        const struct http_answer *answer,
        const struct channel_question *question,
        struct channel_receipts *ret_receipts,
        struct outcome *ret_outcome);
};

extern const struct channel_type channel_kannel;
extern const struct channel_type channel_aliyun;
extern const struct channel_type channel_tencent;
extern const struct channel_type channel_yunmas;
extern const struct channel_type channel_http_sms;
extern const struct channel_type channel_dingtalk_robot;
extern const struct channel_type channel_dingtalk_work;
extern const struct channel_type channel_zwdd;
extern const struct channel_type channel_wecom_app;
extern const struct channel_type channel_wecom_robot;
extern const struct channel_type channel_sandbox;
extern const struct channel_type channel_email;
extern const struct channel_type channel_webhook;

/* All types there are, for tests that hold for each; NULL at the end. */
const struct channel_type *channel_type_at(size_t index);
/* NULL when no channel is of that type. */
const struct channel_type *channel_type_find(struct text name);

/* Answer to outcome; settings are those of the channel, which is of this type. */
void channel_classify(
    const struct channel_type *type,
    const struct channel_settings *settings,
    const struct http_answer *answer,
    struct outcome *ret_outcome);
/* ERR_NOT_FOUND: this type has no call-backs; ERR_PARSE with why. */
enum err channel_decode_receipts(
    const struct channel_settings *settings,
    struct text query,
    struct text body,
    struct channel_receipts *ret_receipts,
    struct err_why *why) ERR_MUST_USE;

/*
 * http_request_init for a request of any kind to the channel's gateway: by the proxy and with
 * the authorities of its settings.
 */
void channel_request_init(
    struct http_request *request, const char *method, const struct channel_settings *settings);

/*
 * The address of one of a gateway's several paths: url of the settings, else the default, then
 * path. Whatever path the url has itself stays in front. Set request->method before.
 */
void channel_url(
    struct http_request *request,
    const struct channel_settings *settings,
    const char *default_base,
    const char *path);
/* The end of an encoder: ERR_USAGE when one of the request's buffers overflowed. */
enum err channel_request_end(const struct http_request *request, struct err_why *why);
/* The value of `name` in "a=1&name=2", decoded into buf. ERR_NOT_FOUND, ERR_PARSE. */
enum err query_value(struct text query, const char *name, struct buf *buf) ERR_MUST_USE;
/* Digits of a number ("+86 138-0000-0001" is 8613800000001); ERR_PARSE for anything else. */
enum err mobile_digits(struct text mobile, struct buf *buf) ERR_MUST_USE;
/* The same without the country code 86: 11 digits of a mainland number. */
enum err mobile_mainland(struct text mobile, struct buf *buf) ERR_MUST_USE;
/* The limit of that scope, NULL when the type has none. */
const struct channel_limit *channel_limit_of(
    const struct channel_type *type, enum limit_scope scope);

#endif
