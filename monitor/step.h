/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One case, one step: from the stored record and what is new to the next record, its timer,
 * its facts and its outbox items. No store, no loop: intake and wake call this and commit the
 * result; a lost race (version differs) simply calls it again on the newer record.
 */
#ifndef NRT_MONITOR_STEP_H
#define NRT_MONITOR_STEP_H

#include "base/arena.h"
#include "config/policy.h"
#include "monitor/facts.h"
#include "rules/case.h"

/* An event on its way into a case. */
struct step_event {
    struct event event;
    struct text position;    /* in the events queue */
    struct text cloud_event; /* as received */
};

struct step_context {
    const struct rulebook *rulebook;
    int32_t partition;
    struct wall_ms now;
    struct text case_id;
    struct text record; /* as stored; empty for a new case */
    bool any_version;   /* compute also what speaks of a version the rulebook does not have */
    /* Whom else it tells (monitor/notices.h); NULL: nobody. */
    const struct settings *settings;
    const struct bundle *bundle;
};

/* The buffers belong to the result; step_result_release() frees them. */
struct step_result {
    bool changed; /* the record is new; else only facts are to be told */
    struct buf record;
    struct buf facts;
    struct buf outbox;
    bool has_wake;
    struct wall_ms wake;
    size_t applied_count;
    size_t repeated_count;
    size_t ledger_count;
    size_t full_count;
    size_t fired_count; /* alerts that go to somebody */
    bool directory_fault;
    int64_t late_ms_max; /* of the alerts that fired now */
};

void step_result_init(struct step_result *result);
void step_result_release(struct step_result *result);
/* What committing it costs. */
size_t step_bytes(const struct step_result *result);

/*
 * Add events to a case and fold. Nothing fires here: a past instant becomes a timer in the
 * past, and wake fires it; only acts of oversight go out with their event. ERR_NOT_FOUND (the case
 * has met a version the rulebook does not have: read that first), ERR_CORRUPT (the stored record is
 * damaged), ERR_RANGE (an instant cannot be computed), ERR_NO_MEMORY, with why.
 */
enum err step_intake(
    const struct step_context *context,
    const struct step_event *events,
    size_t event_count,
    struct step_result *ret_result,
    struct err_why *why) ERR_MUST_USE;

/* Fire what is due. Errors as step_intake. */
enum err step_wake(
    const struct step_context *context,
    struct step_result *ret_result,
    struct err_why *why) ERR_MUST_USE;

#endif
