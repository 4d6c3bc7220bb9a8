/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger's step to format 4, one part of it: numbered notices. Run once, in one transaction
 * with the other parts, over a ledger that may be full: what the rows of old need is made here
 * from what they hold. Never edited once released.
 *
 * The place of a paper in its series (kind, year) is given when its fact is read, in the order of
 * the journal (docs/decisions/0015-numbers-of-notices.md).
 */
#include "console/ledger_internal.h"

const char *const ledger_step_4_paper[] = {
    "CREATE TABLE papers(id TEXT PRIMARY KEY, kind TEXT NOT NULL, year INTEGER NOT NULL,"
    " place INTEGER NOT NULL, prefix TEXT NOT NULL, at INTEGER NOT NULL, by_person TEXT NOT NULL,"
    " office TEXT NOT NULL, unit TEXT NOT NULL, unit_name TEXT NOT NULL, words TEXT NOT NULL,"
    " reply_by INTEGER, copy_to TEXT NOT NULL, items TEXT NOT NULL, fact TEXT NOT NULL)"
    " WITHOUT ROWID;",
    "CREATE UNIQUE INDEX papers_in_series ON papers(kind, year, place);",
    "CREATE INDEX papers_by_time ON papers(at, id);",
    "CREATE INDEX papers_of_unit ON papers(unit, at, id);",
    "CREATE TABLE paper_cases(paper TEXT NOT NULL, place INTEGER NOT NULL, case_id TEXT NOT NULL,"
    " PRIMARY KEY(paper, place)) WITHOUT ROWID;",
    "CREATE INDEX paper_cases_of ON paper_cases(case_id, paper);",
    NULL,
};
