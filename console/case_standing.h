/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a case stands, as far as it decides what may be done to it: its state, whose it is, its
 * clocks, what is open. Read from the ledger, for one case at a time.
 */
#ifndef NRT_CONSOLE_CASE_STANDING_H
#define NRT_CONSOLE_CASE_STANDING_H

#include "base/arena.h"
#include "console/actor.h"
#include "console/ledger_read.h"
#include "rules/case.h"

#define STANDING_RUNS_MAX 512

struct standing_run {
    struct text clock;
    struct text outcome;
    struct ledger_instant due;
    bool has_stopped;
    bool waived;
    struct text appeal;
    struct text unit;
};

struct case_standing {
    struct text id;
    struct text title;
    struct text unit;
    enum case_phase phase;
    int64_t updated; /* the time of its last event */
    struct ledger_instant objected;
    const struct standing_run *runs; /* the later ones of very many are left out */
    size_t run_count;
    const struct text *units; /* who works on it: whoever holds it, and co-handling units */
    size_t unit_count;
    bool accepted;
    int64_t urged;
    struct ledger_instant last_urged;
    struct ledger_instant extension; /* since when more time is asked for */
};

/* ERR_NOT_FOUND when the ledger has no such case. Texts and arrays in the arena. */
enum err case_standing_read(
    struct ledger *ledger, struct text id, struct arena *arena, struct case_standing *ret_standing)
    ERR_MUST_USE;

/* Is one of its units in the scope? */
bool case_standing_is_in(const struct case_standing *standing, const struct scope *scope);

/* The co-handling unit for which somebody of this scope works; empty where the case is theirs. */
struct text case_standing_co_unit(const struct case_standing *standing, const struct scope *scope);

/* The last request for more time and what became of it. Texts in the arena. */
struct case_extension {
    bool asked; /* false: there never was one */
    bool open;
    bool granted;       /* unless open; it may be without effect all the same: */
    bool void_by_rules; /* set by who asks the rules (console/case_more.c) */
    struct text data;   /* of the request: JSON object */
    int64_t at;
    struct text decision; /* of the decision: JSON object; unless open */
    struct ledger_instant decided_at;
};
enum err case_extension_read(
    struct ledger *ledger,
    struct text id,
    struct arena *arena,
    struct case_extension *ret_extension) ERR_MUST_USE;

#endif
