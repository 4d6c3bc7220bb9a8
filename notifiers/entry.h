/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON forms of delivery: outbox items (alerts, written by the monitor, and notices), mail
 * entries (the notifier's own: an outbox item with the course of one message, or a digest of
 * several such), message facts for the journal. Person ids only, never numbers.
 */
#ifndef NRT_NOTIFIERS_ENTRY_H
#define NRT_NOTIFIERS_ENTRY_H

#include "base/arena.h"
#include "base/crypto.h"
#include "base/json.h"
#include "notifiers/channel.h"
#include "rules/ruleset.h"

#define ENTRY_MEMBERS_MAX 512 /* messages in one digest */

enum entry_kind {
    ENTRY_ALERT,
    ENTRY_NOTICE, /* config/notice.h: asked of no case */
    ENTRY_DIGEST, /* several messages of one mailbox, sent as one */
    ENTRY_KIND_COUNT
};

struct text_list {
    const struct text *items;
    size_t count;
};

/* What message texts are made of. */
struct alert_values {
    struct text title;
    struct text matter;
    struct text unit;    /* name */
    struct text handler; /* name */
    struct text unit_id;
    struct text clock; /* title */
    struct text stage; /* title */
    bool has_due;
    struct wall_ms due;
};

/* A value of a notice, for its template: "count", "worst" ... */
struct entry_value {
    const char *name;
    struct text value;
};

struct entry_member;

struct mail_entry {
    enum entry_kind kind;
    /* a notice; what it shares with an alert stands below: case_id, to, template_id, send */
    struct text notice;    /* its kind: "ops" "morning" ... */
    struct text notice_id; /* instant and fired_at: when it was made */
    struct text subject;   /* ready words, empty where a template says them */
    struct text words;
    const struct entry_value *given; /* also in `values` where there is a member for one */
    size_t given_count;
    /* a digest: its messages, in order of their ids */
    const struct entry_member *members;
    size_t member_count;
    /* the alert */
    struct text alert;
    struct text case_id;
    struct text clock;
    int32_t run;
    struct text stage;
    struct wall_ms instant;
    struct wall_ms fired_at;
    struct text light;
    struct text_list to; /* all people of the alert, also in a message for one of them */
    struct text template_id;
    enum send_when send;
    bool urgent;
    int64_t ordinal;
    int64_t rules;
    struct alert_values values;
    int32_t again;            /* ordered anew by hand: the how manieth time; 0: it was not */
    bool test;                /* sent by hand to try a channel: there is no case behind it */
    struct text stood_in_for; /* the person on leave whose place the receiver takes; or empty */
    struct text receiver;     /* the person it is for, where the mailbox is of many; or empty */

    /* the course of this message */
    struct text_list rest; /* channels still to try; in an outbox item: `via` */
    bool all;              /* outbox item: every channel, not the first that works */
    int32_t attempts;      /* settled ones */
    int32_t unsures;
    struct wall_ms first_at;    /* of the first attempt; 0: none yet */
    struct wall_ms accepted_at; /* since when a receipt is waited for; 0: it is not */
    struct text gateway_id;     /* what the gateway then called it; or empty */
    int32_t polls;              /* times the gateway was asked what became of it */
    struct text slot;           /* under which the store's throttles keep its place; or empty */
    struct text title;          /* once composed: exactly what is repeated */
    struct text text;
    struct text vendor_template; /* with `params`, in place of words of ours */
    const struct channel_param *params;
    size_t param_count;
};

/* A message as it was before it was gathered. */
struct entry_member {
    struct text id;
    struct mail_entry entry; /* never a digest */
};

/* Read an outbox item or a mail entry; all copied into the arena. ERR_PARSE, ERR_NO_MEMORY. */
enum err entry_read(
    const struct json_value *value,
    struct arena *arena,
    struct mail_entry *ret_entry,
    struct err_why *why) ERR_MUST_USE;
/* Parse and read one mail entry. */
enum err entry_parse(
    struct text json, struct arena *arena, struct mail_entry *ret_entry, struct err_why *why)
    ERR_MUST_USE;
/* Append the mail entry. Errors are the buffer's. */
void entry_write(const struct mail_entry *entry, struct buf *buf);

/*
 * Message id: case, clock, run, stage, instant_ms, person, channel of an alert; "notice", its kind,
 * id, person, channel; "digest", person, channel, ids of its members.
 */
void entry_message_id(
    const struct mail_entry *entry,
    struct text person,
    struct text channel,
    char ret_id[static NRT_ID_BYTES]);

struct message_fact {
    struct text id;
    struct text person;
    struct text channel;
    const char *state; /* held sending gathered accepted retrying rejected dropped dead unsure */
    struct wall_ms at;
    int32_t attempts;
    bool has_ready;
    struct wall_ms ready;
    struct text reason;
    struct text text;       /* once composed */
    struct text gateway_id; /* the gateway's own name of it; or empty */
    struct wall_ms sent_at; /* when the attempt left us; 0: there was none */
    struct text digest;     /* gathered: the message in whose place this one goes */
    bool with_members;      /* a digest's first fact names them */
};
/* Append the fact of one message, after a comma where the buffer already holds one. */
void fact_message(
    struct buf *facts, const struct mail_entry *entry, const struct message_fact *fact);

/* Of a message, by our id, by the gateway's, or by both. */
struct receipt_fact {
    struct text message;
    struct text gateway_id;
    struct text channel;
    const char *state;
    struct wall_ms at;
    struct text code;
};
void fact_receipt(struct buf *facts, const struct receipt_fact *fact);

#endif
