/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Redis store's insides, shared by store/redis_*.c: the handle, its connections, and calls
 * on their way. A call sends one or several requests (parts) over the main connection, or over
 * the connection of a lane when it may block; when all parts are in, it answers once. Answers
 * of several parts are copied into the call's arena; those of one part may be views.
 */
#ifndef NRT_STORE_REDIS_STORE_H
#define NRT_STORE_REDIS_STORE_H

#include "base/arena.h"
#include "store/redis_transport.h"
#include "store/store_open.h"
#include "store/store_ops.h"

struct event;
struct redis_store;
struct redis_call;

#define REDIS_POSITION_BYTES 48
#define REDIS_GROUP          "nrt" /* as in store/functions_1_ground.lua */

struct redis_lane {
    struct redis_store *self;
    struct redis_transport *transport; /* made with the first call */
    struct redis_call *first;          /* waiting for their turn */
    struct redis_call *last;
    struct redis_call *current;
};
#define REDIS_LANE_JOURNAL STORE_QUEUE_COUNT
#define REDIS_LANE_COUNT   (STORE_QUEUE_COUNT + 1)

/* Where this consumer stands in one stream: see redis_take.c. */
struct redis_reader {
    bool recovering;
    char seen[REDIS_POSITION_BYTES];
};

/* What may have to be taken back: see store/memory_schedule.h, the rules are the same. */
struct redis_claim_state {
    bool take_older;
    int64_t sequence_last;
    int64_t lost_from;
    int64_t lost_to;
};

enum redis_state { REDIS_OPENING, REDIS_READY, REDIS_HOPELESS };

struct redis_store {
    struct store store; /* first */
    struct event_base *base;
    struct redis_transport_options connection; /* texts are owned */
    struct text prefix;
    struct text instance;
    struct text session; /* of this handle: a restarted instance is another session */
    int64_t lease_ms;

    enum redis_state state;
    store_ready_fn *ready; /* NULL once called */
    void *ready_context;
    struct redis_transport *main;
    struct event *retry; /* of the opening steps */
    size_t opening_parts;
    bool away_told;

    const struct store_watcher *watcher;
    struct redis_transport *watch;
    struct event *watch_tell; /* the connection's state, to a watcher that came late */
    bool connected_told;
    int64_t config_told;

    struct redis_lane lanes[REDIS_LANE_COUNT];
    struct redis_reader readers[STORE_QUEUE_COUNT][STORE_PARTITIONS_MAX];
    int64_t sweep_at_ms[STORE_QUEUE_COUNT];
    struct redis_claim_state timer_claims[STORE_PARTITIONS_MAX];
    struct redis_claim_state mail_claims[STORE_PARTITIONS_MAX];

    struct redis_call *calls;      /* all under way */
    struct redis_call *soon_first; /* those to be answered by the event below */
    struct redis_call *soon_last;
    struct event *soon;
};

struct redis_call {
    struct redis_call *next; /* among all calls */
    struct redis_call *previous;
    struct redis_call *queue_next; /* in a lane or among the soon answered */
    struct redis_store *self;
    struct redis_lane *lane; /* NULL: the main connection */
    struct arena arena;
    size_t awaited; /* parts without an answer */
    enum err err;
    struct err_why why;
    union store_done done;
    void *context;
    void (*start)(struct redis_call *call); /* lanes only: its turn has come */
    void (*on_reply)(struct redis_call *call, size_t part, const struct redisReply *reply);
    bool (*next_phase)(
        struct redis_call *call); /* all parts in: true when it sent more; may be NULL */
    void (*on_failed)(struct redis_call *call); /* before the answer, when err; may be NULL */
    void (*answer)(struct redis_call *call);
    void *state; /* in the arena */
    size_t count;
};

/* ---- redis_call.c ---- */

bool redis_calls_init(struct redis_store *self); /* false when memory is out */
void redis_calls_release(struct redis_store *self);

/* With zeroed state of so many bytes. */
struct redis_call *redis_call_create(struct store *store, size_t state_bytes, void *context);
/* In the call's arena; a call whose memory ran out has failed. Never NULL. */
void *redis_call_array(struct redis_call *call, size_t count, size_t item_bytes);
struct text redis_call_text(struct redis_call *call, struct text text);
/* The first failure counts. */
void redis_call_fail(struct redis_call *call, enum err err, const char *why);
/* A reply that is not what our own function answers. */
void redis_call_fail_shape(struct redis_call *call);
/* Send a part; releases the command. wait_ms as for redis_transport_send. */
void redis_call_send(
    struct redis_call *call, size_t part, struct redis_command *command, int64_t wait_ms);
/* After the last send: a call without parts, or one that failed already, is answered soon. */
void redis_call_sent(struct redis_call *call);
/* Put the call at the end of a lane. */
void redis_lane_queue(struct redis_lane *lane, struct redis_call *call);
void redis_lanes_pump(struct redis_store *self);
/* The connection is gone: those who wait for it are told. */
void redis_lanes_fail(struct redis_store *self, const char *why);

/* ---- redis_store.c: names and commands ---- */

/* FCALL of a function with one key: the partition's base and a name behind it ("": the base). */
void redis_function(
    struct redis_call *call,
    struct redis_command *command,
    const char *function,
    int32_t partition,
    const char *name);
/* The same with the key prefix:name, which belongs to no partition. */
void redis_function_global(
    struct redis_call *call, struct redis_command *command, const char *function, const char *name);
/* "nrt:{p3}:name" and "nrt:name", in an arena; .ptr NULL when memory is out. */
struct text redis_key(
    const struct redis_store *self, struct arena *arena, int32_t partition, const char *name);
struct text redis_key_global(const struct redis_store *self, struct arena *arena, const char *name);
struct text redis_queue_key(
    const struct redis_store *self, struct arena *arena, enum store_queue queue, int32_t partition);
int32_t redis_queue_streams(const struct redis_store *self, enum store_queue queue);

/* ---- redis_open.c, redis_watch.c ---- */

bool redis_open_begin(struct redis_store *self); /* false when memory is out */
/* Redis has lost the functions: load them again. */
void redis_open_again(struct redis_store *self);
void redis_watch(struct store *store, const struct store_watcher *watcher);
/* Tell the watcher whether the store is ready, if it does not know. */
void redis_watch_tell(struct redis_store *self);
/* Read and tell what a subscription may have missed. */
void redis_watch_catch_up(struct redis_store *self);
void redis_watch_free(struct redis_store *self);

/* ---- the calls ---- */

extern const struct store_ops redis_ops;

void redis_queue_add(
    struct store *store,
    enum store_queue queue,
    const struct store_item *items,
    size_t count,
    store_add_done *done,
    void *context);
void redis_queue_take(
    struct store *store,
    enum store_queue queue,
    size_t max,
    int64_t wait_ms,
    store_take_done *done,
    void *context);
void redis_queue_ack(
    struct store *store,
    enum store_queue queue,
    const struct store_ack *acks,
    size_t count,
    store_plain_done *done,
    void *context);
void redis_events_settled(
    struct store *store, const struct text *positions, store_settled_done *done, void *context);
void redis_clock_move(
    struct store *store,
    struct wall_ms now,
    const struct store_item *items,
    size_t count,
    store_add_done *done,
    void *context);
void redis_cases_load(
    struct store *store,
    int32_t partition,
    const struct text *ids,
    size_t count,
    store_cases_done *done,
    void *context);
void redis_commit(
    struct store *store,
    int32_t partition,
    const struct store_step *steps,
    size_t count,
    store_commit_done *done,
    void *context);
void redis_timers_claim(
    struct store *store,
    int32_t partition,
    struct wall_ms now,
    size_t max,
    bool when_idle,
    store_claim_done *done,
    void *context);
void redis_mail_put(
    struct store *store,
    const struct mail_item *items,
    size_t count,
    store_put_done *done,
    void *context);
void redis_mail_claim(
    struct store *store,
    int32_t partition,
    struct wall_ms now,
    size_t max,
    store_mail_claim_done *done,
    void *context);
void redis_mail_mark(
    struct store *store,
    int32_t partition,
    const struct mail_name *names,
    size_t count,
    store_mark_done *done,
    void *context);
void redis_mail_settle(
    struct store *store,
    int32_t partition,
    const struct mail_settle *settles,
    size_t count,
    store_mark_done *done,
    void *context);
void redis_journal_read(
    struct store *store,
    const struct text *positions,
    size_t max,
    int64_t wait_ms,
    store_journal_done *done,
    void *context);
void redis_journal_add(
    struct store *store,
    int32_t partition,
    struct text facts,
    store_plain_done *done,
    void *context);
void redis_overview_read(struct store *store, store_overview_done *done, void *context);
void redis_mail_wake(
    struct store *store,
    int32_t partition,
    struct wall_ms now,
    store_count_done *done,
    void *context);
void redis_mail_merge(
    struct store *store,
    int32_t partition,
    const struct mail_merge *merge,
    store_mark_done *done,
    void *context);
void redis_throttle_take(
    struct store *store,
    struct text channel,
    struct wall_ms now,
    const struct throttle_ask *asks,
    size_t count,
    store_throttle_done *done,
    void *context);
void redis_throttle_close(
    struct store *store,
    struct text channel,
    struct text mailbox,
    struct wall_ms until,
    store_plain_done *done,
    void *context);
void redis_receipts_await(
    struct store *store,
    const struct receipt_await *awaits,
    size_t count,
    store_receipts_await_done *done,
    void *context);
void redis_receipts_note(
    struct store *store,
    const struct receipt_note *notes,
    size_t count,
    store_receipts_note_done *done,
    void *context);
void redis_mail_hurry(
    struct store *store,
    int32_t partition,
    const struct mail_name *names,
    size_t count,
    struct wall_ms now,
    store_plain_done *done,
    void *context);
void redis_control_read(struct store *store, store_config_done *done, void *context);
void redis_control_write(
    struct store *store,
    int64_t base_revision,
    const struct control_text *control,
    store_config_done *done,
    void *context);
void redis_config_read(
    struct store *store, int64_t version, store_config_done *done, void *context);
void redis_config_replace(
    struct store *store,
    int64_t version,
    struct text from,
    struct text to,
    store_config_done *done,
    void *context);
void redis_config_apply(
    struct store *store,
    int64_t base_version,
    struct text bundle,
    struct text facts,
    store_config_done *done,
    void *context);
void redis_instance_beat(
    struct store *store, struct text json, int64_t ttl_ms, store_plain_done *done, void *context);
void redis_instances_read(struct store *store, store_instances_done *done, void *context);
void redis_clock_read(struct store *store, store_clock_done *done, void *context);

/* Shared answers. */
void redis_plain_answer(struct redis_call *call);

/* Claims: the seven arguments of claimer_read, and what to remember afterwards. */
struct redis_claim_asked {
    bool older;
    int64_t sequence;
    int64_t lost_from;
    int64_t lost_to;
};
struct redis_claim_asked redis_claim_ask(
    struct redis_store *self, struct redis_claim_state *state, struct redis_command *command);
/* looked: claims were looked at; full: more may be left; failed: what was claimed is lost to us. */
void redis_claim_settle(
    struct redis_claim_state *state, const struct redis_claim_asked *asked, bool looked, bool full);
void redis_claim_failed(struct redis_claim_state *state, const struct redis_claim_asked *asked);

#endif
