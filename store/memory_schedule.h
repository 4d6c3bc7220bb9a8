/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Things with a due instant that can be taken under a lease: the twin's sorted set "timers" with
 * "claims" beside it, and "mail-due" with "mail-claims". A thing is embedded in its owner's
 * struct as the first member. Setting, moving, taking cost O(log n).
 */
#ifndef NRT_STORE_MEMORY_SCHEDULE_H
#define NRT_STORE_MEMORY_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct memory_instance;

/* Who asks, for what: see memory_schedule_claim. */
struct memory_claimer {
    const struct memory_instance *owner;
    int64_t session;  /* number of the handle: a restarted instance is another session */
    int64_t sequence; /* number of the claim call within the session */
    int64_t real_ms;
    bool take_older;   /* what earlier sessions of this owner hold */
    int64_t lost_from; /* and what these calls of this session took: their answers were lost */
    int64_t lost_to;   /* (empty range: lost_from > lost_to) */
};

struct memory_timed {
    struct text key; /* a view into the owner's memory: breaks ties as Redis does */
    int64_t score_ms;
    size_t slot; /* 1-based place in the heap, 0: not waiting */

    const struct memory_instance *claim_owner; /* NULL: not claimed */
    int64_t claim_session;
    int64_t claim_sequence;
    int64_t claim_score_ms; /* the score it was claimed with */
    int64_t lease_end_ms;
    struct memory_timed *claim_next;
    struct memory_timed *claim_previous;
};

struct memory_schedule {
    struct memory_timed **heap; /* slot 0 unused */
    size_t count;
    size_t capacity;
    struct memory_timed *claims_first; /* oldest lease first */
    struct memory_timed *claims_last;
    size_t claim_count;
};

void memory_schedule_release(struct memory_schedule *schedule);
void memory_schedule_set(
    struct memory_schedule *schedule, struct memory_timed *timed, int64_t score_ms);
void memory_schedule_unset(struct memory_schedule *schedule, struct memory_timed *timed);
/* The earliest waiting one, NULL when none waits. */
const struct memory_timed *memory_schedule_first(const struct memory_schedule *schedule);

/*
 * Take claims back (own older ones, lost ones, everybody's whose lease is out), then move waiting
 * ones with a score <= now_ms into claims; at most max in all. Returns the count, the things in
 * ret_taken.
 */
size_t memory_schedule_claim(
    struct memory_schedule *schedule,
    const struct memory_claimer *claimer,
    int64_t now_ms,
    size_t max,
    struct memory_timed **ret_taken);
/* Move one thing, whatever its score, into claims. */
void memory_schedule_take(
    struct memory_schedule *schedule,
    struct memory_timed *timed,
    const struct memory_claimer *claimer);
/* Give a claim up; nothing when the thing is not claimed. */
void memory_schedule_unclaim(struct memory_schedule *schedule, struct memory_timed *timed);
/* Start the lease anew. */
void memory_schedule_renew(
    struct memory_schedule *schedule, struct memory_timed *timed, int64_t real_ms);

#endif
