/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an implementation of the store provides: one function for each call of store/store.h,
 * with the same meaning. Every implementation's handle begins with a struct store. Only files
 * of this folder include this header.
 */
#ifndef NRT_STORE_STORE_OPS_H
#define NRT_STORE_STORE_OPS_H

#include "store/store.h"

#define STORE_CLAIM_MAX 512 /* timers, messages a claim */
#define STORE_TAKE_MAX  512 /* entries a take, journal entries a read */

struct store_ops {
    void (*close)(struct store *store);
    void (*watch)(struct store *store, const struct store_watcher *watcher);

    void (*queue_add)(
        struct store *store,
        enum store_queue queue,
        const struct store_item *items,
        size_t count,
        store_add_done *done,
        void *context);
    void (*queue_take)(
        struct store *store,
        enum store_queue queue,
        size_t max,
        int64_t wait_ms,
        store_take_done *done,
        void *context);
    void (*queue_ack)(
        struct store *store,
        enum store_queue queue,
        const struct store_ack *acks,
        size_t count,
        store_plain_done *done,
        void *context);

    void (*cases_load)(
        struct store *store,
        int32_t partition,
        const struct text *ids,
        size_t count,
        store_cases_done *done,
        void *context);
    void (*commit)(
        struct store *store,
        int32_t partition,
        const struct store_step *steps,
        size_t count,
        store_commit_done *done,
        void *context);
    void (*timers_claim)(
        struct store *store,
        int32_t partition,
        struct wall_ms now,
        size_t max,
        bool when_idle,
        store_claim_done *done,
        void *context);

    void (*mail_put)(
        struct store *store,
        const struct mail_item *items,
        size_t count,
        store_put_done *done,
        void *context);
    void (*mail_claim)(
        struct store *store,
        int32_t partition,
        struct wall_ms now,
        size_t max,
        store_mail_claim_done *done,
        void *context);
    void (*mail_mark)(
        struct store *store,
        int32_t partition,
        const struct mail_name *names,
        size_t count,
        store_mark_done *done,
        void *context);
    void (*mail_settle)(
        struct store *store,
        int32_t partition,
        const struct mail_settle *settles,
        size_t count,
        store_mark_done *done,
        void *context);

    void (*mail_wake)(
        struct store *store,
        int32_t partition,
        struct wall_ms now,
        store_count_done *done,
        void *context);

    void (*mail_merge)(
        struct store *store,
        int32_t partition,
        const struct mail_merge *merge,
        store_mark_done *done,
        void *context);
    void (*throttle_take)(
        struct store *store,
        struct text channel,
        struct wall_ms now,
        const struct throttle_ask *asks,
        size_t count,
        store_throttle_done *done,
        void *context);
    void (*throttle_close)(
        struct store *store,
        struct text channel,
        struct text mailbox,
        struct wall_ms until,
        store_plain_done *done,
        void *context);

    void (*receipts_await)(
        struct store *store,
        const struct receipt_await *awaits,
        size_t count,
        store_receipts_await_done *done,
        void *context);
    void (*receipts_note)(
        struct store *store,
        const struct receipt_note *notes,
        size_t count,
        store_receipts_note_done *done,
        void *context);
    void (*mail_hurry)(
        struct store *store,
        int32_t partition,
        const struct mail_name *names,
        size_t count,
        struct wall_ms now,
        store_plain_done *done,
        void *context);

    void (*journal_read)(
        struct store *store,
        const struct text *positions,
        size_t max,
        int64_t wait_ms,
        store_journal_done *done,
        void *context);
    void (*journal_add)(
        struct store *store,
        int32_t partition,
        struct text facts,
        store_plain_done *done,
        void *context);

    void (*overview_read)(struct store *store, store_overview_done *done, void *context);
    void (*events_settled)(
        struct store *store, const struct text *positions, store_settled_done *done, void *context);

    void (*config_read)(
        struct store *store, int64_t version, store_config_done *done, void *context);
    void (*config_apply)(
        struct store *store,
        int64_t base_version,
        struct text bundle,
        struct text facts,
        store_config_done *done,
        void *context);

    void (*config_replace)(
        struct store *store,
        int64_t version,
        struct text from,
        struct text to,
        store_config_done *done,
        void *context);

    void (*control_read)(struct store *store, store_config_done *done, void *context);
    void (*control_write)(
        struct store *store,
        int64_t base_revision,
        const struct control_text *control,
        store_config_done *done,
        void *context);

    void (*instance_beat)(
        struct store *store,
        struct text json,
        int64_t ttl_ms,
        store_plain_done *done,
        void *context);
    void (*instances_read)(struct store *store, store_instances_done *done, void *context);

    void (*clock_read)(struct store *store, store_clock_done *done, void *context);
    void (*clock_move)(
        struct store *store,
        struct wall_ms now,
        const struct store_item *items,
        size_t count,
        store_add_done *done,
        void *context);
};

/* Whom to answer. */
union store_done {
    store_plain_done *plain;
    store_add_done *add;
    store_take_done *take;
    store_cases_done *cases;
    store_commit_done *commit;
    store_claim_done *claim;
    store_put_done *put;
    store_mail_claim_done *mail_claim;
    store_mark_done *mark;
    store_throttle_done *throttle;
    store_journal_done *journal;
    store_overview_done *overview;
    store_settled_done *settled;
    store_config_done *config;
    store_count_done *count;
    store_receipts_await_done *receipts_await;
    store_receipts_note_done *receipts_note;
    store_instances_done *instances;
    store_clock_done *clock;
};

/* The beginning of every handle. */
struct store {
    const struct store_ops *ops;
    int32_t partitions;
};

/* The partition of an id among so many; written into nrt:meta as STORE_HASH_NAME. */
#define STORE_HASH_NAME "fnv1a64"
int32_t store_hash_partition(struct text id, int32_t partitions);

#endif
