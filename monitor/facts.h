/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the monitor tells the journal and the outbox: facts as compact JSON values. The journal
 * is the ledger's only source, so a case fact carries the whole state after the step and an
 * event fact the event as it was received. Person ids only, never numbers.
 */
#ifndef NRT_MONITOR_FACTS_H
#define NRT_MONITOR_FACTS_H

#include "base/crypto.h"
#include "base/text.h"
#include "rules/case.h"

/* An alert fired more than this after its instant is marked late (semantics section 7). */
#define ALERT_LATE_MS ((int64_t)60 * 1000)
/* What of an unusable event is kept with its reject. */
#define REJECT_HEAD_BYTES_MAX ((size_t)4096)

enum event_verdict {
    VERDICT_APPLIED,
    VERDICT_REPEATED,
    VERDICT_LEDGER, /* goes to the ledger only */
    VERDICT_FULL,   /* the case holds as many events as it may */
    EVENT_VERDICT_COUNT
};

struct event_fact {
    const struct event *event;
    int32_t partition;
    struct text position; /* in the events queue */
    enum event_verdict verdict;
    struct text cloud_event; /* as received */
};

struct reject_fact {
    struct wall_ms at;
    const char *via; /* "events", "door" */
    const char *reason;
    struct text position;
    struct text body;
};

/*
 * Each appends one JSON value, after a comma where the buffer already holds one. Errors are
 * the buffer's.
 */
void fact_event(struct buf *facts, const struct event_fact *fact);
void fact_reject(struct buf *facts, const struct reject_fact *fact);
/* The calendar is the one in force: by it the case's handling time is told. */
void fact_case(struct buf *facts, const struct case_state *state, const struct calendar *calendar);
void fact_alert(struct buf *facts, const struct case_state *state, const struct firing *firing);

/* The alert on its way to mailboxes, with all that a message text needs. */
void outbox_alert(
    struct buf *outbox,
    const struct case_state *state,
    const struct firing *firing,
    const struct directory *directory);

/* alert id = first 26 characters of base32(SHA-256(case, clock, run, stage, instant_ms)). */
void alert_id(
    const struct case_state *state, const struct firing *firing, char ret_id[static NRT_ID_BYTES]);

#endif
