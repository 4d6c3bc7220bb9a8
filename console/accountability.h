/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The accountability list (问责线索): who has so many misses within a policy's window, with the
 * evidence, what the unit says to it, and what people decided. The service only proposes: an entry
 * is made from the misses of the moment (rules/figures.h), so a waiver or a late report takes its
 * miss out of it; it ends with an outcome, which a person gives.
 *
 * An entry is known by "POLICY~WHO~OPENED", the last in milliseconds.
 */
#ifndef NRT_CONSOLE_ACCOUNTABILITY_H
#define NRT_CONSOLE_ACCOUNTABILITY_H

#include "console/ledger_accountability.h"
#include "console/view.h"

struct account_decision {
    struct text kind;
    struct text by;
    struct text note;
    int64_t at;
    struct ledger_instant interview_at;
};

struct account_entry {
    struct text id;
    const struct accountability *policy;
    struct text who;
    struct text unit; /* of the person; else who it is */
    struct wall_ms opened;
    const struct figure_run *const *evidence; /* by due */
    size_t evidence_count;
    const struct account_decision *outcome; /* NULL: it is open */
    const struct account_decision *statements;
    size_t statement_count;
};

struct account_query {
    struct text policy; /* empty: all, as in the others */
    struct text unit;
    struct text who;
    const struct scope *scope; /* whose entries: by their units */
    bool open_only;
    bool closed_only;
};

struct account_list {
    struct account_entry *items; /* the newest first */
    size_t count;
};

/* All in the arena. ERR_NO_MEMORY, or the ledger's error. */
enum err accountability_list(
    const struct view *view,
    const struct account_query *query,
    struct arena *arena,
    struct account_list *ret_list) ERR_MUST_USE;
/* ERR_NOT_FOUND when there is none, or none that the scope shows. */
enum err accountability_find(
    const struct view *view,
    struct text id,
    const struct scope *scope,
    struct arena *arena,
    struct account_entry *ret_entry) ERR_MUST_USE;

#endif
