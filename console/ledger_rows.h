/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The columns of a case (alias c) and of a run (alias r), and how a row of them is read; for the
 * lists that show both.
 */
#ifndef NRT_CONSOLE_LEDGER_ROWS_H
#define NRT_CONSOLE_LEDGER_ROWS_H

#include "console/ledger_sql.h"

#define CASE_COLUMNS                                                                               \
    "c.id, c.title, c.matter, c.unit, c.handler, c.from_unit, c.number, c.labels, c.state,"        \
    " c.light, c.created, c.updated, c.due, c.fault, c.objected_at, c.objected_by, c.status"
#define CASE_COLUMN_COUNT 17
#define RUN_COLUMNS                                                                                \
    "r.clock, r.run, r.family, r.title, r.start, r.due, r.provisional, r.outcome, r.stopped,"      \
    " r.light, r.unit, r.handler, r.rules, coalesce(r.waived, 0), r.appeal, r.rule_change,"        \
    " r.waiting_for"
#define RUN_COLUMN_COUNT 17

/* From column 0, and from column `first` on. */
void case_of_row(struct sql_stmt *stmt, struct ledger_case *row);
void run_of_row(struct sql_stmt *stmt, int first, struct ledger_run *run);

/* Cases whose words match: the ids, for a FROM. `?` takes search_phrases.match. */
#define CASES_FOUND                                                                                \
    "(SELECT d.case_id FROM search s CROSS JOIN search_docs d ON d.doc = s.rowid"                  \
    " WHERE s.search MATCH ?)"
/* Cases that a scope shows: `?` takes the JSON array of its units. */
#define CASES_SEEN                                                                                 \
    "(SELECT DISTINCT u.case_id FROM case_units u INDEXED BY case_units_of_unit"                   \
    " WHERE u.unit IN (SELECT value FROM json_each(?)))"
/*
 * Up to so many cases a filter counts as one that leaves few: all of them are looked at and sorted,
 * a tenth of a second at most. What leaves more is soon met on a walk.
 */
#define LEDGER_FEW 30000
static inline int64_t ledger_few(const struct ledger *ledger)
{
    return ledger->few > 0 ? ledger->few : LEDGER_FEW;
}

/* How many rows the SELECT in between gives; no further than needed. */
void count_begin(struct select *select);
enum err count_end(struct select *select, struct ledger *ledger, int64_t *ret_count) ERR_MUST_USE;

#endif
