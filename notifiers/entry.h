/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON forms of delivery: outbox items (written by the monitor), mail entries (the
 * notifier's own, an outbox item with the course of one message), message facts for the journal.
 * Person ids only, never numbers.
 */
#ifndef NRT_NOTIFIERS_ENTRY_H
#define NRT_NOTIFIERS_ENTRY_H

#include "base/arena.h"
#include "base/crypto.h"
#include "base/json.h"
#include "rules/ruleset.h"

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

struct mail_entry {
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
    bool test; /* sent by hand to try a channel: there is no case behind it */

    /* the course of this message */
    struct text_list rest; /* channels still to try; in an outbox item: `via` */
    bool all;              /* outbox item: every channel, not the first that works */
    int32_t attempts;      /* settled ones */
    int32_t unsures;
    struct wall_ms first_at; /* of the first attempt; 0: none yet */
    struct text title;       /* once composed: exactly what is repeated */
    struct text text;
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

/* Message id: case, clock, run, stage, instant_ms, person, channel. */
void entry_message_id(
    const struct mail_entry *entry,
    struct text person,
    struct text channel,
    char ret_id[static NRT_ID_BYTES]);

struct message_fact {
    struct text id;
    struct text person;
    struct text channel;
    const char *state; /* held sending accepted retrying rejected dropped dead unsure */
    struct wall_ms at;
    int32_t attempts;
    bool has_ready;
    struct wall_ms ready;
    struct text reason;
    struct text text; /* once composed */
};
/* Append the fact of one message, after a comma where the buffer already holds one. */
void fact_message(
    struct buf *facts, const struct mail_entry *entry, const struct message_fact *fact);

struct receipt_fact {
    struct text message;
    struct text channel;
    const char *state;
    struct wall_ms at;
    struct text code;
};
void fact_receipt(struct buf *facts, const struct receipt_fact *fact);

#endif
