/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory twin's insides, shared by store/memory*.c: the world (what Redis would hold), the
 * handles opened on it, and calls on their way. A call is carried out (`run`: its effect, its
 * answer kept) and answered (`answer`) in two separate steps of the world, so that a handle can
 * be closed in between. The twin serves tests and simulation: it aborts where memory is out.
 */
#ifndef NRT_STORE_MEMORY_H
#define NRT_STORE_MEMORY_H

#include "base/arena.h"
#include "store/memory_map.h"
#include "store/memory_schedule.h"
#include "store/memory_stream.h"
#include "store/store_open.h"
#include "store/store_ops.h"

struct memory_instance {
    struct memory_instance *next;
    struct text name;
    struct text json;   /* empty: no heartbeat */
    int64_t expires_ms; /* real time */
};

struct memory_case {
    struct memory_timed timed; /* first: the schedule hands back this */
    struct text id;
    int64_t version;
    struct text record;
};

struct memory_mail {
    struct memory_timed timed; /* first, as above; its key is person \0 channel \0 id */
    struct text key;           /* owned; the three below are views into it */
    struct text person;
    struct text channel;
    struct text id;
    struct text entry;
    int64_t gather_ms; /* from then on it may go with others; 0: it goes alone */
    bool marked;
    bool final; /* done with: only the id is still known */
};

struct memory_partition {
    struct memory_stream queues[STORE_QUEUE_COUNT]; /* QUEUE_DOOR unused */
    struct memory_log journal;
    int64_t version_last;
    struct memory_map cases;
    struct memory_schedule timers;
    struct memory_map mails;
    struct memory_schedule due;
    size_t mail_count;           /* not final */
    struct memory_map throttles; /* windows, by key */
    struct memory_map closings;  /* by channel \0 mailbox */
    struct memory_map receipts;
};

struct memory_handle;
struct memory_world {
    int32_t partition_count;
    int64_t real_ms;
    int64_t session_last;
    struct memory_stream door;
    struct memory_partition partitions[STORE_PARTITIONS_MAX];
    bool has_clock;
    struct wall_ms clock;
    struct text control; /* sending control, owned */
    int64_t control_revision;
    struct text *bundles; /* version n is at n - 1 */
    size_t bundle_count;
    struct memory_instance *instances;
    struct memory_handle *handles;
};

/* Calls of one lane keep their order; lanes are what Redis connections would be. */
enum memory_lane {
    LANE_MAIN,
    LANE_QUEUES, /* one for each queue's takes */
    LANE_JOURNAL = LANE_QUEUES + STORE_QUEUE_COUNT,
    LANE_NOTICES,
    LANE_COUNT
};

struct memory_call {
    struct memory_call *next;
    struct memory_handle *handle;
    struct arena arena; /* arguments and answer */
    void (*run)(struct memory_call *call);
    bool (*is_ready)(const struct memory_call *call); /* NULL: at once */
    void (*answer)(struct memory_call *call);
    void (*on_lost)(
        struct memory_call *call); /* carried out, but the answer will not come; may be NULL */
    union store_done done;
    void *context;
    int64_t wait_until_ms; /* a waiting call is carried out then at the latest; 0: at once */
    enum err err;
    const char *why;
    void *args;   /* in the arena */
    void *result; /* in the arena */
    size_t count; /* of the result */
};

struct memory_queue_of_calls {
    struct memory_call *first;
    struct memory_call *last;
};

/* What a handle must remember to take back what it, or its forerunner, had. */
struct memory_claim_state {
    bool take_older;
    int64_t sequence_last;
    int64_t lost_from;
    int64_t lost_to;
};

struct memory_handle {
    struct store store; /* first */
    struct memory_handle *next;
    struct memory_world *world;
    struct memory_instance *instance;
    int64_t session;
    const struct store_watcher *watcher;
    struct memory_queue_of_calls waiting[LANE_COUNT];
    struct memory_queue_of_calls answers[LANE_COUNT];
    struct memory_reader readers[STORE_QUEUE_COUNT][STORE_PARTITIONS_MAX];
    struct memory_claim_state timer_claims[STORE_PARTITIONS_MAX];
    struct memory_claim_state mail_claims[STORE_PARTITIONS_MAX];
};

/* ---- store/memory_call.c ---- */

/* A call of that handle with zeroed arguments of so many bytes. */
struct memory_call *memory_call_create(struct store *store, size_t arg_bytes, void *context);
void memory_call_free(struct memory_call *call);
/* Put it at the end of its lane. */
void memory_call_queue(struct memory_call *call, enum memory_lane lane);
void memory_call_append(struct memory_queue_of_calls *queue, struct memory_call *call);
struct memory_call *memory_call_pop(struct memory_queue_of_calls *queue);
/* In the call's arena; never NULL. */
struct text memory_call_text(struct memory_call *call, struct text text);
void *memory_call_array(struct memory_call *call, size_t count, size_t item_bytes);
struct text memory_call_position(struct memory_call *call, int64_t number);
/* Tell a handle's watcher, if it has one. */
void memory_tell_clock(struct memory_handle *handle);
void memory_tell_config(struct memory_handle *handle);
void memory_tell_connected(struct memory_handle *handle, bool connected);
/* Tell every handle's. */
void memory_tell_all(struct memory_world *world, void (*tell_one)(struct memory_handle *handle));
void memory_tell_published(struct memory_world *world, struct text body);

/* ---- shared pieces ---- */

struct memory_partition *memory_partition_of(const struct memory_call *call, int32_t partition);
struct memory_claimer memory_claimer_next(
    struct memory_handle *handle, struct memory_claim_state *state);
/* A claim call was carried out; more: it was full, so that older claims may be left. */
void memory_claims_asked(struct memory_claim_state *state, bool more);
/* The answer of the claim call of that number (0: none) was lost. */
void memory_claims_lost(struct memory_claim_state *state, int64_t sequence);
/* Journal entries are arrays: facts are the members joined by ','. Nothing for empty facts. */
void memory_journal_append(struct memory_partition *partition, const struct buf *facts);
void memory_add_joined(struct buf *buf, struct text json);

/* Frees what the throttles of a partition hold: memory_throttle.c. */
void memory_throttles_release(struct memory_partition *partition);

/* ---- the calls: memory_queue.c, memory_case.c, memory_mail.c, memory_state.c ---- */

void memory_queue_add(
    struct store *store,
    enum store_queue queue,
    const struct store_item *items,
    size_t count,
    store_add_done *done,
    void *context);
void memory_queue_take(
    struct store *store,
    enum store_queue queue,
    size_t max,
    int64_t wait_ms,
    store_take_done *done,
    void *context);
void memory_queue_ack(
    struct store *store,
    enum store_queue queue,
    const struct store_ack *acks,
    size_t count,
    store_plain_done *done,
    void *context);
void memory_events_settled(
    struct store *store, const struct text *positions, store_settled_done *done, void *context);
void memory_clock_move(
    struct store *store,
    struct wall_ms now,
    const struct store_item *items,
    size_t count,
    store_add_done *done,
    void *context);

void memory_cases_load(
    struct store *store,
    int32_t partition,
    const struct text *ids,
    size_t count,
    store_cases_done *done,
    void *context);
void memory_commit(
    struct store *store,
    int32_t partition,
    const struct store_step *steps,
    size_t count,
    store_commit_done *done,
    void *context);
void memory_timers_claim(
    struct store *store,
    int32_t partition,
    struct wall_ms now,
    size_t max,
    bool when_idle,
    store_claim_done *done,
    void *context);

void memory_mail_put(
    struct store *store,
    const struct mail_item *items,
    size_t count,
    store_put_done *done,
    void *context);
void memory_mail_claim(
    struct store *store,
    int32_t partition,
    struct wall_ms now,
    size_t max,
    store_mail_claim_done *done,
    void *context);
void memory_mail_mark(
    struct store *store,
    int32_t partition,
    const struct mail_name *names,
    size_t count,
    store_mark_done *done,
    void *context);
void memory_mail_settle(
    struct store *store,
    int32_t partition,
    const struct mail_settle *settles,
    size_t count,
    store_mark_done *done,
    void *context);

void memory_journal_read(
    struct store *store,
    const struct text *positions,
    size_t max,
    int64_t wait_ms,
    store_journal_done *done,
    void *context);
void memory_journal_add(
    struct store *store,
    int32_t partition,
    struct text facts,
    store_plain_done *done,
    void *context);
void memory_overview_read(struct store *store, store_overview_done *done, void *context);
void memory_config_read(
    struct store *store, int64_t version, store_config_done *done, void *context);
void memory_config_replace(
    struct store *store,
    int64_t version,
    struct text from,
    struct text to,
    store_config_done *done,
    void *context);
void memory_config_apply(
    struct store *store,
    int64_t base_version,
    struct text bundle,
    struct text facts,
    store_config_done *done,
    void *context);
void memory_mail_wake(
    struct store *store,
    int32_t partition,
    struct wall_ms now,
    store_count_done *done,
    void *context);
void memory_mail_merge(
    struct store *store,
    int32_t partition,
    const struct mail_merge *merge,
    store_mark_done *done,
    void *context);
void memory_throttle_take(
    struct store *store,
    struct text channel,
    struct wall_ms now,
    const struct throttle_ask *asks,
    size_t count,
    store_throttle_done *done,
    void *context);
void memory_throttle_close(
    struct store *store,
    struct text channel,
    struct text mailbox,
    struct wall_ms until,
    store_plain_done *done,
    void *context);
void memory_receipt_free(void *value);
void memory_receipts_await(
    struct store *store,
    const struct receipt_await *awaits,
    size_t count,
    store_receipts_await_done *done,
    void *context);
void memory_receipts_note(
    struct store *store,
    const struct receipt_note *notes,
    size_t count,
    store_receipts_note_done *done,
    void *context);
void memory_mail_hurry(
    struct store *store,
    int32_t partition,
    const struct mail_name *names,
    size_t count,
    struct wall_ms now,
    store_plain_done *done,
    void *context);
void memory_control_read(struct store *store, store_config_done *done, void *context);
void memory_control_write(
    struct store *store,
    int64_t base_revision,
    const struct control_text *control,
    store_config_done *done,
    void *context);
void memory_instance_beat(
    struct store *store, struct text json, int64_t ttl_ms, store_plain_done *done, void *context);
void memory_instances_read(struct store *store, store_instances_done *done, void *context);
void memory_clock_read(struct store *store, store_clock_done *done, void *context);

#endif
