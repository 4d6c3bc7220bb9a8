/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only meeting point, seen by the roles: queues, case records with timers, mailboxes, the
 * journal, the applied configuration. Two implementations pass the same contract tests: Redis
 * (store/redis_*.c with its functions in store/functions.lua) and memory (store/memory*.c, for
 * simulation).
 *
 * All calls are asynchronous and take arrays. `done` is called exactly once, later, never from
 * inside the call, with everything it is given valid only until it returns; after store_close()
 * it is not called any more. Arguments are copied before a call returns. Outside trouble comes
 * as err: ERR_AWAY (no connection; the store reconnects by itself), ERR_TIMEOUT (effect unknown),
 * ERR_REFUSED (OOM, MISCONF, READONLY, NOREPLICAS, LOADING, BUSY, NOAUTH: why names the setting;
 * nothing was done), ERR_PROTO. Nothing here reads a clock for service time: `now` is an argument;
 * leases are the store's own real time.
 */
#ifndef NRT_STORE_STORE_H
#define NRT_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"
#include "base/wall.h"

struct store;

#define STORE_BATCH_MAX      64 /* cases, messages a call */
#define STORE_PARTITIONS_MAX 64
#define STORE_LEASE_MS       60000 /* claims and pending entries of others are taken after this */

int32_t store_partitions(const struct store *store);
/* Partition of a case id or a person id. */
int32_t store_partition_of(const struct store *store, struct text id);
void store_close(struct store *store); /* drops what is under way; accepts NULL */

/* ---- queues: hand-over with pending entries, nothing lost, perhaps seen again ---- */

enum store_queue {
    QUEUE_DOOR,     /* nrt:events: foreign producers, field ce; one for all partitions */
    QUEUE_EVENTS,   /* nrt:{p}:events */
    QUEUE_OUTBOX,   /* nrt:{p}:outbox: filled by store_commit */
    QUEUE_RECEIPTS, /* nrt:{p}:receipts: raw call-backs of gateways */
    STORE_QUEUE_COUNT
};

struct store_item {
    int32_t partition; /* ignored for QUEUE_DOOR */
    struct wall_ms arrived;
    struct text body;
};

struct store_entry {
    int32_t partition;
    struct text position;   /* "1763750000000-0" */
    struct wall_ms arrived; /* ms < 0 where the producer gave none (door) */
    struct text body;
    int32_t deliveries; /* 1 the first time; > 1: somebody died with it before */
};

/* positions[i] is where items[i] now stands. */
typedef void store_add_done(
    void *context, enum err err, const char *why, const struct text *positions, size_t count);
void store_queue_add(
    struct store *store,
    enum store_queue queue,
    const struct store_item *items,
    size_t count,
    store_add_done *done,
    void *context);

/*
 * Take up to `max` entries over all partitions (at least one of each is allowed for), waiting up to
 * wait_ms for the first. After start, what this consumer had pending comes first; entries others
 * left longer than the lease come too.
 */
typedef void store_take_done(
    void *context, enum err err, const char *why, const struct store_entry *entries, size_t count);
void store_queue_take(
    struct store *store,
    enum store_queue queue,
    size_t max,
    int64_t wait_ms,
    store_take_done *done,
    void *context);

typedef void store_plain_done(void *context, enum err err, const char *why);
/* Acknowledge and delete. Events are acknowledged inside store_commit, the other queues here. */
struct store_ack {
    int32_t partition;
    struct text position;
};
void store_queue_ack(
    struct store *store,
    enum store_queue queue,
    const struct store_ack *acks,
    size_t count,
    store_plain_done *done,
    void *context);

/* ---- cases ---- */

struct store_case {
    struct text id;
    int64_t version; /* 0: there is no record */
    struct text record;
};

typedef void store_cases_done(
    void *context, enum err err, const char *why, const struct store_case *cases, size_t count);
/* Answers in the order asked, one for each id. All ids of one partition. */
void store_cases_load(
    struct store *store,
    int32_t partition,
    const struct text *ids,
    size_t count,
    store_cases_done *done,
    void *context);

/* One case's step, or (empty case_id) facts and acknowledgements alone. */
struct store_step {
    struct text case_id;
    int64_t expected_version; /* 0: the record must not exist */
    struct text record;       /* the new record, never empty when there is a case_id */
    bool has_wake;            /* false: no timer for this case */
    struct wall_ms wake;
    bool release_claim;      /* this instance had claimed the case's timer */
    struct text facts;       /* JSON values joined by ',' for the journal; may be empty */
    struct text outbox;      /* JSON values joined by ','; may be empty */
    const struct text *acks; /* positions in QUEUE_EVENTS of this partition */
    size_t ack_count;
};

/* versions[i]: the new version, or 0 when the version differed and nothing of that step was done.
 */
typedef void store_commit_done(
    void *context, enum err err, const char *why, const int64_t *versions, size_t count);
/*
 * All steps of one partition in one atomic call: each happens as a whole or not at all.
 * Journal and outbox get one entry each for the batch: a JSON array of the parts.
 */
void store_commit(
    struct store *store,
    int32_t partition,
    const struct store_step *steps,
    size_t count,
    store_commit_done *done,
    void *context);

struct store_due {
    int32_t partition;
    struct store_case record;
    struct wall_ms score;
};

struct store_claimed {
    const struct store_due *due;
    size_t due_count;
    bool has_next; /* some timer is left */
    struct wall_ms next;
};

typedef void store_claim_done(
    void *context, enum err err, const char *why, const struct store_claimed *claimed);
/*
 * Move timers with score <= now into this instance's claims (lease STORE_LEASE_MS) and return their
 * records; leases of others that ran out come too, and at the first call of this instance its
 * own of before. when_idle: nothing is claimed while events of the partition are waiting (stepped
 * mode).
 */
void store_timers_claim(
    struct store *store,
    int32_t partition,
    struct wall_ms now,
    size_t max,
    bool when_idle,
    store_claim_done *done,
    void *context);

/* ---- mailboxes: every message between fired and final lives here ---- */

struct mail_item {
    struct text person; /* or "robot:NAME" for a group */
    struct text channel;
    struct text id; /* message id: a second put of the same id does nothing */
    struct wall_ms ready;
    struct wall_ms gather; /* see store_mail_claim; ms 0: it goes alone */
    struct text entry;     /* the notifier's JSON */
    struct text facts;     /* journalled only if the put is new */
};

typedef void store_put_done(
    void *context, enum err err, const char *why, const bool *is_new, size_t count);
void store_mail_put(
    struct store *store,
    const struct mail_item *items,
    size_t count,
    store_put_done *done,
    void *context);

struct mail_claim {
    int32_t partition;
    struct text person;
    struct text channel;
    struct text id;
    struct text entry;
    bool marked; /* an attempt was marked and never settled: perhaps sent (unsure) */
};

struct mail_claimed {
    const struct mail_claim *mails;
    size_t mail_count;
    bool has_next;
    struct wall_ms next; /* when the next one becomes ready */
};

typedef void store_mail_claim_done(
    void *context, enum err err, const char *why, const struct mail_claimed *claimed);
/*
 * Ready messages (score <= now) into this instance's claims; otherwise as store_timers_claim. With
 * one that may be gathered come, also beyond max, the others of its mailbox that may be and whose
 * instant `ready` or `gather` has come.
 */
#define STORE_GATHER_MAX 512 /* messages a claim answers then */
void store_mail_claim(
    struct store *store,
    int32_t partition,
    struct wall_ms now,
    size_t max,
    store_mail_claim_done *done,
    void *context);

/* Mark, right before the post, that an attempt is under way. ours[i] false: the claim was lost, do
 * not send. */
struct mail_name {
    struct text person;
    struct text channel;
    struct text id;
};
typedef void store_mark_done(
    void *context, enum err err, const char *why, const bool *ours, size_t count);
void store_mail_mark(
    struct store *store,
    int32_t partition,
    const struct mail_name *names,
    size_t count,
    store_mark_done *done,
    void *context);

struct mail_settle {
    struct mail_name name;
    bool final;            /* done with: leaves the mailbox, the id stays known */
    struct wall_ms ready;  /* unless final: when to try again (clears the mark) */
    struct wall_ms gather; /* unless final: as in mail_item */
    struct text entry;     /* unless final: the new entry */
    struct text facts;     /* JSON values joined by ',' */
    bool has_follower;     /* put the next channel's message in the same step (same person) */
    struct mail_item follower;
};
/* ours[i] false: the claim was lost, nothing was done. */
void store_mail_settle(
    struct store *store,
    int32_t partition,
    const struct mail_settle *settles,
    size_t count,
    store_mark_done *done,
    void *context);

/*
 * Waiting messages of a partition that would be ready later than now are ready now; at most some
 * hundred a call: ask again until none was left. Whoever claims them decides anew.
 */
typedef void store_count_done(void *context, enum err err, const char *why, int64_t count);
void store_mail_wake(
    struct store *store,
    int32_t partition,
    struct wall_ms now,
    store_count_done *done,
    void *context);

/*
 * Put one message in the place of several of one mailbox, all in this instance's claims: they
 * leave, it comes and is claimed by this instance, in one step. Their ids stay known. Without an
 * id they leave and nothing comes. Answers one flag; false: a claim was lost, nothing was done.
 */
struct mail_merge {
    struct text person;
    struct text channel;
    const struct text *parts; /* ids */
    size_t part_count;        /* from 1 to STORE_GATHER_MAX */
    struct text id;
    struct text entry;
    struct text facts; /* JSON values joined by ',' */
};
void store_mail_merge(
    struct store *store,
    int32_t partition,
    const struct mail_merge *merge,
    store_mark_done *done,
    void *context);

/* ---- throttles: how fast a channel is used, over all senders ---- */

struct throttle_limit {
    struct text key; /* of what is counted; of one channel only */
    int64_t window_ms;
    int32_t max; /* in any such span of service time */
};
struct throttle_ask {
    struct text slot;    /* names the place taken; who asks with it again is not counted twice */
    struct text mailbox; /* which may be closed */
    bool urgent;         /* goes before those that wait for a place */
    const struct throttle_limit *limits;
    size_t limit_count;
};
#define STORE_LIMITS_MAX 16 /* of one ask */
/*
 * goes[i]: now, and the place is taken, or the later instant for which it is kept: ask again then
 * with the same slot.
 */
typedef void store_throttle_done(
    void *context, enum err err, const char *why, const struct wall_ms *goes, size_t count);
/* All asks of one channel, in their order. */
void store_throttle_take(
    struct store *store,
    struct text channel,
    struct wall_ms now,
    const struct throttle_ask *asks,
    size_t count,
    store_throttle_done *done,
    void *context);
/* A gateway wants nothing for that mailbox ("*": for any) until then. The later instant counts. */
void store_throttle_close(
    struct store *store,
    struct text channel,
    struct text mailbox,
    struct wall_ms until,
    store_plain_done *done,
    void *context);

/* ---- receipts: who waits for one, and what was heard ---- */

/*
 * A receipt names its message by a key of the caller's making. Who waits for a key and the highest
 * rank noted under it are kept for STORE_RECEIPT_MS from the last call about it, whichever came
 * first.
 */
#define STORE_RECEIPT_MS       ((int64_t)3 * 24 * 3600 * 1000)
#define STORE_RECEIPT_RANK_MAX 9

struct receipt_await {
    struct text key;
    struct mail_name name; /* of the message that waits */
};
/* ranks[i]: the highest noted so far, 0: nothing. */
typedef void store_receipts_await_done(
    void *context, enum err err, const char *why, const int32_t *ranks, size_t count);
void store_receipts_await(
    struct store *store,
    const struct receipt_await *awaits,
    size_t count,
    store_receipts_await_done *done,
    void *context);

struct receipt_note {
    struct text key;
    int32_t rank; /* from 1; a lower one than what is noted changes nothing */
};
/* names[i]: who waits for it; an empty person: nobody (yet). */
typedef void store_receipts_note_done(
    void *context, enum err err, const char *why, const struct mail_name *names, size_t count);
void store_receipts_note(
    struct store *store,
    const struct receipt_note *notes,
    size_t count,
    store_receipts_note_done *done,
    void *context);

/* Those of these messages that wait until later are ready now; all of one partition. */
void store_mail_hurry(
    struct store *store,
    int32_t partition,
    const struct mail_name *names,
    size_t count,
    struct wall_ms now,
    store_plain_done *done,
    void *context);

/* ---- journal ---- */

struct journal_entry {
    int32_t partition;
    struct text position;
    struct text facts; /* JSON array */
};
typedef void store_journal_done(
    void *context,
    enum err err,
    const char *why,
    const struct journal_entry *entries,
    size_t count);
/* Entries after positions[partition] ("0-0" from the beginning), waiting up to wait_ms for the
 * first. */
void store_journal_read(
    struct store *store,
    const struct text *positions,
    size_t max,
    int64_t wait_ms,
    store_journal_done *done,
    void *context);
/* Facts that belong to no case step (receipts, configuration acts). */
void store_journal_add(
    struct store *store,
    int32_t partition,
    struct text facts,
    store_plain_done *done,
    void *context);

/* ---- where things stand ---- */

struct store_stats {
    int64_t events; /* waiting or pending */
    int64_t outbox;
    int64_t receipts;
    int64_t timers;
    bool has_timer;
    struct wall_ms oldest_timer;
    int64_t claims;
    int64_t mails; /* waiting */
    bool has_mail;
    struct wall_ms oldest_mail;
    int64_t mail_claims;
    int64_t journal;
    struct text journal_last; /* "0-0" when empty */
};
struct store_overview {
    int64_t door;
    const struct store_stats *partitions;
    size_t partition_count;
    int64_t memory_bytes;    /* of Redis */
    struct text run_id;      /* of Redis */
    struct text server;      /* "7.0.15" */
    bool durable;            /* append-only on and policy noeviction */
    struct text durable_why; /* what to set when not */
};
typedef void store_overview_done(
    void *context, enum err err, const char *why, const struct store_overview *overview);
void store_overview_read(struct store *store, store_overview_done *done, void *context);

/* Have all events up to positions[p] (empty: none asked) been committed? Then tails[p] is the
 * journal's end. */
typedef void store_settled_done(
    void *context,
    enum err err,
    const char *why,
    bool settled,
    const struct text *tails,
    size_t count);
void store_events_settled(
    struct store *store, const struct text *positions, store_settled_done *done, void *context);

/* ---- applied configuration ---- */

typedef void store_config_done(
    void *context, enum err err, const char *why, int64_t version, struct text bundle);
/* version 0 asks for the newest. ERR_NOT_FOUND when there is none. */
void store_config_read(
    struct store *store, int64_t version, store_config_done *done, void *context);
/* Apply as version base_version + 1; ERR_CONFLICT when that is not the next. Tells watchers. */
void store_config_apply(
    struct store *store,
    int64_t base_version,
    struct text bundle,
    struct text facts,
    store_config_done *done,
    void *context);

/*
 * Put `to` in the place of `from` as the text of a version: the same content, sealed with another
 * key. ERR_CONFLICT when it holds something else by now.
 */
void store_config_replace(
    struct store *store,
    int64_t version,
    struct text from,
    struct text to,
    store_config_done *done,
    void *context);

/* ---- sending control: may messages go out? one text for the whole service ---- */

/* Revision 0 and an empty text when nothing was ever written. */
void store_control_read(struct store *store, store_config_done *done, void *context);
struct control_text {
    struct text text;
    struct text facts; /* for the journal, may be empty */
};
/* Write as revision base_revision + 1; ERR_CONFLICT when that is not the next. */
void store_control_write(
    struct store *store,
    int64_t base_revision,
    const struct control_text *control,
    store_config_done *done,
    void *context);

/* ---- instances, clock, watching ---- */

void store_instance_beat(
    struct store *store, struct text json, int64_t ttl_ms, store_plain_done *done, void *context);
struct store_instance {
    struct text name;
    struct text json;
};
typedef void store_instances_done(
    void *context,
    enum err err,
    const char *why,
    const struct store_instance *instances,
    size_t count);
void store_instances_read(struct store *store, store_instances_done *done, void *context);

/* Stepped mode only: the shared present. ERR_NOT_FOUND when never set. */
typedef void store_clock_done(void *context, enum err err, const char *why, struct wall_ms now);
void store_clock_read(struct store *store, store_clock_done *done, void *context);
/* Set the present and add these events to QUEUE_EVENTS in one atomic step; tells watchers. */
void store_clock_move(
    struct store *store,
    struct wall_ms now,
    const struct store_item *items,
    size_t count,
    store_add_done *done,
    void *context);

struct store_watcher {
    void (*on_clock)(void *context, struct wall_ms now);
    void (*on_config)(void *context, int64_t version);
    void (*on_published)(
        void *context, struct text body); /* PUBLISH <prefix>:events; NULL: not wanted */
    void (*on_connected)(void *context, bool connected);
    void *context;
};
/*
 * At most one watcher; keeps the pointer. After each connect the present and the configuration
 * that stand are told (again), because what was told meanwhile may have been missed.
 */
void store_watch(struct store *store, const struct store_watcher *watcher);

#endif
