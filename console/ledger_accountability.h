/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the accountability list is made from: the misses that count, what people decided about
 * entries, and the proofs of a miss. The list itself is made by console/accountability.h.
 */
#ifndef NRT_CONSOLE_LEDGER_ACCOUNTABILITY_H
#define NRT_CONSOLE_LEDGER_ACCOUNTABILITY_H

#include "console/actor.h"
#include "console/ledger_read.h"
#include "rules/figures.h"

/* Whose misses: of a unit, or of a person; empty: of everybody. */
struct miss_query {
    struct text unit;
    struct text handler;
    const struct scope *scope; /* of the units; NULL: all */
};
/* Misses that count, with their due. Texts are valid inside the callback. */
typedef bool ledger_miss_fn(void *context, const struct figure_run *miss);
enum err ledger_misses(
    struct ledger *ledger, const struct miss_query *query, ledger_miss_fn *take, void *context)
    ERR_MUST_USE;

enum decision_kind { DECISION_OUTCOME, DECISION_STATEMENT };
struct decision_query {
    enum decision_kind kind;
    struct text policy;
    struct text who; /* empty: all of the policy */
};
struct ledger_decision {
    struct text id;
    struct text policy;
    struct text who;
    int64_t at;
    struct text kind; /* of an outcome */
    struct text by;
    struct text note;
    struct ledger_instant interview_at;
};
typedef bool ledger_decision_fn(void *context, const struct ledger_decision *row);
/* By policy, who and time. */
enum err ledger_decisions(
    struct ledger *ledger,
    const struct decision_query *query,
    ledger_decision_fn *take,
    void *context) ERR_MUST_USE;

/* Are there more misses than that? A look that stops there. */
enum err ledger_misses_exceed(
    struct ledger *ledger, const struct scope *scope, int64_t most, bool *ret_exceed) ERR_MUST_USE;

/* What is known of one miss beside itself. */
struct miss_proof {
    struct text title; /* of the case */
    struct text number;
    int64_t alerts;    /* that went out about the run */
    int64_t delivered; /* of their messages */
    int64_t acked;
};
/* In the arena. */
enum err ledger_miss_proof(
    struct ledger *ledger,
    const struct figure_run *miss,
    struct arena *arena,
    struct miss_proof *ret_proof) ERR_MUST_USE;

/* A waiver of one run's clock, with the run: what stands in history and does not count. */
struct ledger_waived {
    struct text case_id;
    struct text clock;
    int64_t run;
    int64_t due;
    struct text family;
    struct text reason;
    struct text approved_by;
    int64_t at;
};
typedef bool ledger_waived_fn(void *context, const struct ledger_waived *row);
struct waived_query {
    struct text unit;
    struct text handler;
    int64_t from; /* of the due */
    int64_t until;
};
/* Of a unit, or a person, with a due in from..until, both included. */
enum err ledger_waived_misses(
    struct ledger *ledger, const struct waived_query *query, ledger_waived_fn *take, void *context)
    ERR_MUST_USE;

#endif
