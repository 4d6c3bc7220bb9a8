/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the ledger knows of changes of the configuration: applied versions with their bundles,
 * drafts, and the sweeps (replans, recounts) that put an event on every open case.
 */
#ifndef NRT_CONSOLE_LEDGER_CHANGES_H
#define NRT_CONSOLE_LEDGER_CHANGES_H

#include "console/ledger_read.h"

#define CHANGE_ID_BYTES 24 /* "d12", "r7" */

/* ---- versions ---- */

struct ledger_version {
    int64_t version;
    int64_t at;
    struct text by;
    struct text note;
    struct text sha256;
    struct text digest; /* empty in what older programs applied */
    struct text origin; /* JSON: {"draft":"d1"}, {"rollback":3}, null */
    bool has_bundle;
};
struct version_query {
    int64_t version; /* 0: all, newest first */
    struct ledger_key after;
    int64_t limit;
};
typedef bool ledger_version_fn(void *context, const struct ledger_version *row);
enum err ledger_versions(
    struct ledger *ledger,
    const struct version_query *query,
    ledger_version_fn *take,
    void *context,
    struct list_end *ret_end) ERR_MUST_USE;
/* The oldest version whose bundle has not been read yet; 0: none. */
enum err ledger_version_lacking(struct ledger *ledger, int64_t *ret_version) ERR_MUST_USE;
/* Keep a bundle that was read. In a transaction of its own. */
enum err ledger_keep_bundle(struct ledger *ledger, int64_t version, struct text bundle)
    ERR_MUST_USE;

/* ---- drafts ---- */

struct ledger_draft {
    struct text id;
    int64_t number;
    int64_t made_at;
    struct text by;
    struct text note;
    struct text kind;
    struct text state; /* drafted, approved, applied, withdrawn, stale, failed */
    struct text approved_by;
    struct ledger_instant approved_at;
    struct ledger_instant apply_at;
    int64_t base_version;
    struct text digest;
    struct ledger_instant version; /* .ms: the version it became */
    struct text why;
};
struct draft_query {
    struct text id; /* empty: all, newest first */
    struct text state;
    struct ledger_key after;
    int64_t limit;
};
typedef bool ledger_draft_fn(void *context, const struct ledger_draft *row);
enum err ledger_drafts(
    struct ledger *ledger,
    const struct draft_query *query,
    ledger_draft_fn *take,
    void *context,
    struct list_end *ret_end) ERR_MUST_USE;
/* Append the draft's bundle. ERR_NOT_FOUND. */
enum err ledger_draft_bundle(struct ledger *ledger, struct text id, struct buf *bundle)
    ERR_MUST_USE;
/* The approved draft that is to be applied first; its id empty when none waits for a time. */
enum err ledger_draft_next(
    struct ledger *ledger, char ret_id[static CHANGE_ID_BYTES], int64_t *ret_apply_at) ERR_MUST_USE;
enum err ledger_draft_last_number(struct ledger *ledger, int64_t *ret_number) ERR_MUST_USE;

/* ---- sweeps ---- */

struct ledger_replan {
    struct text id;
    int64_t number;
    int64_t at;
    struct text by;
    struct text note;
    struct text kind; /* replan, recount */
    int64_t version;
    struct text undo;  /* the replan it takes back; empty: none */
    struct text state; /* running, done, cancelled, failed */
    int64_t done;
    int64_t total;
    struct text after_case;
    struct text why;
};
struct replan_query {
    struct text id; /* empty: all, newest first */
    struct text state;
    int64_t version; /* 0: of any */
    struct ledger_key after;
    int64_t limit;
};
typedef bool ledger_replan_fn(void *context, const struct ledger_replan *row);
enum err ledger_replans(
    struct ledger *ledger,
    const struct replan_query *query,
    ledger_replan_fn *take,
    void *context,
    struct list_end *ret_end) ERR_MUST_USE;
enum err ledger_replan_last_number(struct ledger *ledger, int64_t *ret_number) ERR_MUST_USE;
/* The running sweep that was asked for first; an empty id: none. */
enum err ledger_replan_running(struct ledger *ledger, char ret_id[static CHANGE_ID_BYTES])
    ERR_MUST_USE;

/*
 * What a sweep goes over, in the order of the bytes of their ids: open cases, and closed ones with
 * a run that goes on (running, paused, or missed and not stopped). What is settled stays settled:
 * no version of the calendar moves a run that has ended.
 */
struct open_query {
    struct text after;
    int64_t limit;
};
typedef bool ledger_id_fn(void *context, struct text id);
enum err ledger_open_cases(
    struct ledger *ledger, const struct open_query *query, ledger_id_fn *take, void *context)
    ERR_MUST_USE;
enum err ledger_open_count(struct ledger *ledger, int64_t *ret_count) ERR_MUST_USE;
/* Cases that have the event of this sweep, whatever became of them since. */
struct swept_query {
    struct text replan;
    struct text after;
    int64_t limit;
};
enum err ledger_swept_cases(
    struct ledger *ledger, const struct swept_query *query, ledger_id_fn *take, void *context)
    ERR_MUST_USE;

#endif
