/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What waits for somebody: cases that are due soon, requests and objections nobody has decided,
 * cases nobody has accepted. All within a scope, by the unit that holds the case.
 */
#ifndef NRT_CONSOLE_LEDGER_TODO_H
#define NRT_CONSOLE_LEDGER_TODO_H

#include "console/actor.h"
#include "console/ledger_read.h"

/* Its texts are valid inside the callback. */
struct waiting_case {
    struct text id;
    struct text title;
    struct text number;
    struct text matter;
    struct text unit;
    struct text handler;
    struct text state;
    struct text status;
    struct text clock;       /* of the due; may be empty */
    struct text clock_title; /* likewise */
    struct ledger_instant due;
    struct ledger_instant since; /* the request, the objection, the receipt */
};
typedef bool waiting_case_fn(void *context, const struct waiting_case *row);

enum todo_kind {
    TODO_DUE,       /* their earliest due lies in from..until (not included) */
    TODO_EXTENSION, /* more time was asked for */
    TODO_OBJECTION, /* "not ours" */
    TODO_ACCEPT,    /* received, and not accepted */
    TODO_KIND_COUNT
};

struct todo_query {
    enum todo_kind kind;
    const struct scope *scope;
    int64_t from; /* of TODO_DUE */
    int64_t until;
    int64_t limit;
};

/* The oldest first, and how many there are. */
enum err ledger_todo(
    struct ledger *ledger, const struct todo_query *query, waiting_case_fn *take, void *context)
    ERR_MUST_USE;
enum err ledger_todo_count(
    struct ledger *ledger, const struct todo_query *query, int64_t *ret_count) ERR_MUST_USE;

/* One number of the ledger that no scope concerns. */
enum ledger_number { NUMBER_DRAFTS, NUMBER_DEAD, NUMBER_REJECTS, LEDGER_NUMBER_COUNT };
enum err ledger_number(struct ledger *ledger, enum ledger_number which, int64_t *ret_number)
    ERR_MUST_USE;

/* What the ledger has heard of stops and of the storm brake (console/ledger_sending.c). */
struct sending_state {
    bool stopped; /* all of it, a channel, or a unit */
    bool held;    /* by the brake */
};
enum err ledger_sending_state(struct ledger *ledger, struct sending_state *ret_state) ERR_MUST_USE;

/* How many cases of the scope stand at each status (docs/ledger.md). */
enum err ledger_status_counts(
    struct ledger *ledger, const struct scope *scope, ledger_count_fn *take, void *context)
    ERR_MUST_USE;

#endif
