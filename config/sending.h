/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sending control as data: where people have stopped sending, whether the storm brake holds
 * messages back, and what made the service look twice. One small JSON text in the store that
 * console and notifiers read and write over each other with a revision. Pure: instants are
 * handed in. A text that cannot be read counts as "everything is stopped": better late than wrong.
 */
#ifndef NRT_CONFIG_SENDING_H
#define NRT_CONFIG_SENDING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"
#include "base/wall.h"

/* A file of this name in the data folder says that the folder comes from a backup. */
#define RESTORED_MARK "restored"

#define SENDING_STOPS_MAX 64
#define SENDING_ACTS_MAX  50 /* remembered, the newest ones */

enum sending_scope { SENDING_ALL, SENDING_CHANNEL, SENDING_UNIT, SENDING_SCOPE_COUNT };

struct sending_stop {
    enum sending_scope scope;
    struct text name; /* of channel or unit; empty for all */
    struct text by;
    struct text note;
    struct wall_ms at;
};

/* Held for release because there were more messages at once than is usual. */
struct sending_brake {
    bool on;
    struct wall_ms since;
    struct text reason;
};

/*
 * Everything waits until an instant, and is counted: after a stop of the service, a restore, a
 * replan. Few messages then go, many engage the brake.
 */
struct sending_watch {
    bool on;
    struct wall_ms until;
    struct text reason;
    int64_t messages; /* held so far */
};

/* Who did what, for the record. */
struct sending_act {
    struct text what; /* "stop", "resume", "brake", "release" */
    struct text scope;
    struct text by;
    struct text note;
    struct wall_ms at;
};

struct sending {
    bool unreadable;
    struct sending_stop stops[SENDING_STOPS_MAX];
    size_t stop_count;
    struct sending_brake brake;
    struct sending_watch watch;
    struct wall_ms alive; /* service time at which some notifier was last at work; 0: never */
    struct sending_act acts[SENDING_ACTS_MAX]; /* oldest first */
    size_t act_count;
};

/* Texts are copied into the arena. Never fails: see unreadable. An empty text is an empty control.
 */
void sending_read(struct text json, struct arena *arena, struct sending *ret_sending);
/* Append the JSON. Errors are the buffer's. */
void sending_write(const struct sending *sending, struct buf *buf);

/* "all", "channel:NAME", "unit:ID". ERR_PARSE with why; name is a view into the text. */
enum err sending_scope_read(
    struct text text, enum sending_scope *ret_scope, struct text *ret_name, struct err_why *why)
    ERR_MUST_USE;
/* Append the same. */
void sending_scope_write(enum sending_scope scope, struct text name, struct buf *buf);

/* What is asked about one message. */
struct sending_question {
    struct text channel;
    struct text unit; /* empty: of no unit */
};
/* The stop that holds it back; NULL when none does. */
const struct sending_stop *sending_stopped(
    const struct sending *sending, const struct sending_question *question);

/* All of them keep texts as views: they must live until the control is written. */

/* ERR_EXISTS when that is stopped already, ERR_FULL when there are too many stops. */
enum err sending_stop(struct sending *sending, const struct sending_stop *stop) ERR_MUST_USE;
/*
 * Lift the stop of that scope. SENDING_ALL lifts the stop of everything and releases the brake, not
 * the stops of channels and units. ERR_NOT_FOUND when there is nothing to lift.
 */
enum err sending_resume(struct sending *sending, const struct sending_stop *stop) ERR_MUST_USE;
/* Engage the brake (a watch ends with it). */
void sending_brake(struct sending *sending, struct text reason, struct wall_ms now);

#endif
