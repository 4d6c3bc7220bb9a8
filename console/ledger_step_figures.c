/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger's step to format 4, one part of it: figures by month, accountability. Run
 * once, in one transaction with the other parts, over a ledger that may be full: what the rows
 * of old need is made here from what they hold. Never edited once released.
 */
#include "console/ledger_figures_sql.h"
#include "console/ledger_internal.h"

#define RUN_COLUMNS "met INTEGER NOT NULL, missed INTEGER NOT NULL, open INTEGER NOT NULL"
#define CASE_COLUMNS                                                                               \
    "received INTEGER NOT NULL, accepted INTEGER NOT NULL, completed INTEGER NOT NULL,"            \
    " handled INTEGER NOT NULL, handled_s INTEGER NOT NULL, resolved INTEGER NOT NULL,"            \
    " ratings INTEGER NOT NULL, satisfied INTEGER NOT NULL, urged INTEGER NOT NULL"
/* Formatting is off where it would not keep the lines of a statement apart. */
/* clang-format off */
/* What is counted of the cases of old, from their events; their office time nobody told. */
#define WORK_OF_OLD                                                                                \
    "INSERT INTO case_work SELECT c.id, c.unit, c.matter, c.created, c.state = 'withdrawn',"       \
    " EXISTS (SELECT 1 " EVENT_OF_CASE("c.id", "accepted") "), c.state = 'completed',"             \
    " (SELECT max(e.time) " EVENT_OF_CASE("c.id", "completed") "), NULL,"                          \
    " EXISTS (SELECT 1 " EVENT_OF_CASE("c.id", "returned") ") OR EXISTS (SELECT 1"                 \
    " " EVENT_OF_CASE("c.id", "reopened") "), " WORK_URGED("c.id") ","                             \
    " " WORK_URGED_AT("c.id") ", NULL FROM cases c;"
/* clang-format on */

const char *const ledger_step_4_figures[] = {
    /* Where each local month begins: of +08:00 until a calendar says otherwise. */
    "CREATE TABLE months(start INTEGER PRIMARY KEY, month INTEGER NOT NULL);",
    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 1571)"
    " INSERT INTO months SELECT max(0, CAST(strftime('%s', printf('%04d-%02d-01', 1970 + i / 12,"
    " 1 + i % 12)) AS INTEGER) - 28800) * 1000, (1970 + i / 12) * 100 + 1 + i % 12 FROM n;",
    /* With the summer time that Asia/Shanghai had from 1986 to 1991. */
    "UPDATE months SET start = start - 3600000 WHERE month BETWEEN 198606 AND 198609"
    " OR (month BETWEEN 198705 AND 199109 AND month % 100 BETWEEN 5 AND 9);",

    /* Of a case, what is counted of it as it was counted; and what is open. */
    "CREATE TABLE case_work(case_id TEXT PRIMARY KEY, unit TEXT NOT NULL, matter TEXT NOT NULL,"
    " received INTEGER NOT NULL, withdrawn INTEGER NOT NULL, accepted INTEGER NOT NULL,"
    " completed INTEGER NOT NULL, finished INTEGER, handled_s INTEGER,"
    " sent_back INTEGER NOT NULL, urged INTEGER NOT NULL, last_urged INTEGER,"
    " extension INTEGER) WITHOUT ROWID;",
    "CREATE INDEX case_work_extension ON case_work(extension, case_id)"
    " WHERE extension IS NOT NULL;",
    "CREATE INDEX case_work_to_accept ON case_work(unit, received, case_id)"
    " WHERE accepted = 0 AND completed = 0 AND withdrawn = 0;",
    "CREATE INDEX cases_objected ON cases(objected_at, id) WHERE objected_at IS NOT NULL;",

    /* kind: rated, urged; asked, granted, refused (more time). */
    "CREATE TABLE case_acts(case_id TEXT NOT NULL, source TEXT NOT NULL, id TEXT NOT NULL,"
    " kind TEXT NOT NULL, at INTEGER NOT NULL, score INTEGER, fact TEXT NOT NULL,"
    " PRIMARY KEY(case_id, source, id)) WITHOUT ROWID;",

    /* open: missed, and run on. Sums without the matter stand beside those with it. */
    "CREATE TABLE run_sums(month INTEGER NOT NULL, family TEXT NOT NULL, unit TEXT NOT NULL,"
    " matter TEXT NOT NULL, " RUN_COLUMNS ", PRIMARY KEY(month, family, unit, matter))"
    " WITHOUT ROWID;",
    "CREATE TABLE run_totals(family TEXT NOT NULL, unit TEXT NOT NULL, month INTEGER NOT NULL,"
    " " RUN_COLUMNS ", PRIMARY KEY(family, unit, month)) WITHOUT ROWID;",

    "CREATE TABLE case_sums(month INTEGER NOT NULL, unit TEXT NOT NULL, matter TEXT NOT NULL,"
    " " CASE_COLUMNS ", PRIMARY KEY(month, unit, matter)) WITHOUT ROWID;",
    "CREATE TABLE case_totals(month INTEGER NOT NULL, unit TEXT NOT NULL, " CASE_COLUMNS ","
    " PRIMARY KEY(month, unit)) WITHOUT ROWID;",

    "CREATE INDEX runs_missed ON runs(unit, due) WHERE outcome = 'missed';",

    /* Decisions of people about entries of the accountability list, which is made from runs. */
    "CREATE TABLE entry_outcomes(id TEXT PRIMARY KEY, entry TEXT NOT NULL, policy TEXT NOT "
    "NULL,"
    " who TEXT NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL, by_person TEXT NOT NULL,"
    " note TEXT NOT NULL, interview_at INTEGER, fact TEXT NOT NULL) WITHOUT ROWID;",
    "CREATE INDEX entry_outcomes_of ON entry_outcomes(policy, who, at);",
    "CREATE TABLE entry_statements(id TEXT PRIMARY KEY, entry TEXT NOT NULL, policy TEXT NOT "
    "NULL,"
    " who TEXT NOT NULL, at INTEGER NOT NULL, by_person TEXT NOT NULL, note TEXT NOT NULL,"
    " fact TEXT NOT NULL) WITHOUT ROWID;",
    "CREATE INDEX entry_statements_of ON entry_statements(policy, who, at);",

    "CREATE TABLE sending_acts(fact TEXT PRIMARY KEY, at INTEGER NOT NULL, what TEXT NOT NULL,"
    " scope TEXT NOT NULL, by_person TEXT NOT NULL, note TEXT NOT NULL) WITHOUT ROWID;",

    /* What the ledger holds so far, counted the new way. */
    "INSERT INTO case_acts SELECT case_id, source, id, substr(type, 6), time,"
    " CAST(json_extract(ce, '$.data.score') AS INTEGER), fact FROM events"
    " WHERE type = 'case.urged' OR (type = 'case.rated'"
    " AND json_extract(ce, '$.data.score') IN (1, 2, 3, 4, 5, '1', '2', '3', '4', '5'));",
    WORK_OF_OLD,
    "DROP TABLE figures;",
    FIGURES_COUNT_ALL,
    NULL,
};
