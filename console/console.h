/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The console role: the ledger fed from the journal, the HTTP API over it, the page. Owns no
 * truth: the ledger can be rebuilt, and what is posted is handed to Redis before it is confirmed.
 */
#ifndef NRT_CONSOLE_CONSOLE_H
#define NRT_CONSOLE_CONSOLE_H

#include "console/http.h"
#include "console/ledger_read.h"
#include "store/role.h"

#define TOKEN_BYTES 64 /* 32 random bytes in hex */

struct calendar_watch;
struct backup_night;
struct daily;
struct paper_teller;
struct exports;
struct feed;
struct live;
struct stepper;
struct waiters;
struct route;
struct changes;
struct jobs;
struct sweeper;
struct rate;
struct account_watch;
struct audit_trail;
struct readers;
struct sign_in;
struct front;
struct limits;

#define CONSOLE_INSTANCES_MAX 64
struct known_instance {
    char name[64];
    char role[16];
};

struct console {
    struct role_env *env;
    struct ledger *ledger;
    struct http_server *http; /* the listener for people and programs, of the front */
    struct front *front;
    struct limits *limits;
    struct feed *feed;
    struct calendar_watch *calendar_watch;
    struct account_watch *account_watch;
    struct daily *daily;
    struct backup_night *backup_night;
    struct paper_teller *paper_teller;
    struct exports *exports;
    struct waiters *waiters;
    struct live *live;
    struct stepper *stepper;
    struct changes *changes;
    bool caught_up;       /* the ledger holds what the journal held at our start */
    int64_t draft_number; /* of the newest draft made here */
    int32_t register_day; /* 20260213: of the newest case registered here without an id */
    int64_t register_last;
    int64_t acted_ms; /* the time of the last act made here (console/own_event.h) */
    bool draft_applying;
    struct sweeper *sweeper;
    int64_t replan_number; /* of the newest replan asked for here */
    struct jobs *jobs;
    struct readers *readers;
    struct loop_timer *drain;
    int64_t drain_until_ms;
    char token[TOKEN_BYTES + 1];
    bool open_on_loopback; /* the demo: no token asked from this machine */
    bool terminating;
    /* Instances whose heartbeat was ever seen: one that is missing is down, not unknown. */
    struct known_instance instances[CONSOLE_INSTANCES_MAX];
    size_t instance_count;
    int64_t events_queued;
    int64_t events_rejected;
    int64_t receipts_taken;
    struct rate *tap_rate; /* who opens the pages of links how often */
    struct audit_trail *audit;
    int64_t replies_taken;
    int64_t replies_ignored;
    struct sign_in *sign_in;
};

/* The journal moved on: the ledger holds more than before. */
void console_on_progress(struct console *console);

/* Read the token, making it (0600) when there is none. `ret_token` has TOKEN_BYTES + 1 bytes. */
enum err token_load(const char *path, char *ret_token, struct err_why *why) ERR_MUST_USE;

/* ---- feed (console/feed.c): journal to ledger ---- */

struct feed *feed_create(struct console *console);
void feed_free(struct feed *feed);
/* Why the ledger does not move on; "" when it does. */
const char *feed_trouble(const struct feed *feed);

/* ---- ?after= (console/wait.c) ---- */

typedef void wait_ready_fn(struct console *console, struct http_call *call);
struct waiters *waiters_create(struct console *console);
void waiters_free(struct waiters *waiters);
/* Calls `ready` when the ledger holds what `after` names, or after 5 s. False: not a position. */
bool waiters_add(
    struct waiters *waiters, struct http_call *call, struct text after, wait_ready_fn *ready);
void waiters_progress(struct waiters *waiters);

/* ---- live stream (console/live.c) ---- */

struct live *live_create(struct console *console);
void live_free(struct live *live);
void live_progress(struct live *live);
/* End all streams: the service is stopping. */
void live_end(struct live *live);

/* ---- stepped mode (console/step.c) ---- */

struct step_result {
    enum err err;
    const char *why;
    struct wall_ms now;
    const struct text *positions; /* of the items, in their order */
    size_t position_count;
};
typedef void step_done_fn(void *context, const struct step_result *result);
struct stepper *stepper_create(struct console *console);
void stepper_free(struct stepper *stepper);
/* Step to `to`, firing on the way; done when everything is drained there. */
void stepper_step(struct stepper *stepper, struct wall_ms to, step_done_fn *done, void *context);
/*
 * Bring items in, each group of one arrival at its own instant (ascending). The items are
 * the caller's and stay until `done`.
 */
void stepper_bring(
    struct stepper *stepper,
    const struct store_item *items,
    size_t count,
    step_done_fn *done,
    void *context);

#endif
