/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The send journal, DATA/send-<instance>.db: what this instance was about to hand over and what
 * came of it, on this host's own disk (synchronous=FULL). An intent is committed before its post;
 * one without an outcome means "perhaps sent". It outlives a Redis that forgot. Person ids only,
 * never numbers or secrets: a repeat is encoded again from the same text and identity.
 */
#ifndef NRT_NOTIFIERS_SEND_JOURNAL_H
#define NRT_NOTIFIERS_SEND_JOURNAL_H

#include "base/arena.h"
#include "base/wall.h"
#include "notifiers/channel.h"

struct send_journal;

struct journal_intent {
    struct text id;  /* message id */
    int32_t attempt; /* from 1 */
    struct text person;
    struct text channel;
    struct text title;
    struct text text;     /* exactly what is sent, */
    struct text template; /* or the vendor's template with its values */
    const struct channel_param *params;
    size_t param_count;
    struct wall_ms at;
};

struct journal_outcome {
    struct text id;
    int32_t attempt;
    struct wall_ms at;
    const struct outcome *outcome;
};

/* What the journal knows of a message: its last attempt. */
struct journal_record {
    bool known;
    int32_t attempt;
    struct text title;
    struct text text;
    struct text template;
    const struct channel_param *params;
    size_t param_count;
    bool has_outcome;
    struct outcome outcome;
    struct wall_ms outcome_at;
    struct wall_ms at; /* of its intent */
};

/* path may be ":memory:". The caller closes with send_journal_close(). */
enum err send_journal_open(const char *path, struct send_journal **ret_journal, struct err_why *why)
    ERR_MUST_USE;
void send_journal_close(struct send_journal *journal); /* accepts NULL */

/* One transaction, on disk when it returns ERR_OK; otherwise nothing of it is there. */
struct journal_batch {
    const struct journal_intent *intents;
    size_t intent_count;
    const struct journal_outcome *outcomes;
    size_t outcome_count;
};
enum err send_journal_write(
    struct send_journal *journal,
    const struct journal_batch *batch,
    struct err_why *why) ERR_MUST_USE;

/* The last attempt of this message; texts live in the arena. */
enum err send_journal_find(
    struct send_journal *journal,
    struct text id,
    struct arena *arena,
    struct journal_record *ret_record,
    struct err_why *why) ERR_MUST_USE;

/* Walks attempts since an instant, oldest first: what throttles are restored from. */
struct journal_recent {
    struct text person;
    struct text channel;
    struct wall_ms at;
    bool rate; /* the gateway said: too fast */
    struct wall_ms outcome_at;
    int64_t after_ms;
};
typedef void send_journal_recent_fn(void *context, const struct journal_recent *recent);
enum err send_journal_recent(
    struct send_journal *journal,
    struct wall_ms since,
    send_journal_recent_fn *each,
    void *context,
    struct err_why *why) ERR_MUST_USE;

/*
 * What a gateway calls the owner of a number, kept under a keyed hash of the number (never the
 * number): an empty user when nobody there has it.
 */
struct journal_user {
    struct text key;
    struct text user;
    struct wall_ms at;
};
enum err send_journal_user_keep(
    struct send_journal *journal,
    const struct journal_user *user,
    struct err_why *why) ERR_MUST_USE;
/* ERR_NOT_FOUND; texts live in the arena. */
enum err send_journal_user_find(
    struct send_journal *journal,
    struct text key,
    struct arena *arena,
    struct journal_user *ret_user,
    struct err_why *why) ERR_MUST_USE;

/* Forgets attempts made, and users kept, before an instant. */
enum err send_journal_prune(
    struct send_journal *journal, struct wall_ms before, struct err_why *why) ERR_MUST_USE;

/* Messages first attempted from `from` on and before `until`. */
enum err send_journal_count(
    struct send_journal *journal,
    struct wall_ms from,
    struct wall_ms until,
    int64_t *ret_count,
    struct err_why *why) ERR_MUST_USE;

#endif
