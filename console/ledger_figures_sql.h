/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the figures are kept by, as SQL that several places share: the writer moves one case, the
 * step to format 4 and a change of the time zone count all of them. It says what rules/figures.c
 * says; tests/component/test_figures_agree.c holds the two against each other.
 */
#ifndef NRT_CONSOLE_LEDGER_FIGURES_SQL_H
#define NRT_CONSOLE_LEDGER_FIGURES_SQL_H

/* The local month of an instant, 201904; 0 when it has none. */
#define FIGURES_MONTH(at)                                                                          \
    "coalesce((SELECT m.month FROM months m WHERE m.start <= " at                                  \
    " ORDER BY m.start DESC LIMIT 1), 0)"

/* A waived miss, and one that only a replan made, stand in history, but do not count. */
#define FIGURES_MISS_COUNTS                                                                        \
    "r.outcome = 'missed' AND r.rule_change = 0 AND NOT iif(r.waived IS NULL, EXISTS"              \
    " (SELECT 1 FROM waivers v WHERE v.case_id = r.case_id AND v.clock = r.clock), r.waived)"

/* Formatting is off where it would not keep the lines of a statement apart. */
/* clang-format off */

/*
 * What the cases that `which` leaves add to the sums, `sign` times: their runs in the month of the
 * due, and those that were missed and have not ended, of whoever holds the case now.
 */
#define FIGURES_RUNS_OF(sign, which)                                                               \
    "SELECT " FIGURES_MONTH("coalesce(r.due, r.stopped)") " AS month, r.family AS family,"         \
    " r.unit AS unit, w.matter AS matter, " sign " * (r.outcome = 'met') AS met,"                  \
    " " sign " * (r.outcome = 'missed') AS missed, 0 AS open FROM case_work w"                     \
    " CROSS JOIN runs r ON r.case_id = w.case_id"                                                  \
    " WHERE " which " AND (r.outcome = 'met' OR (" FIGURES_MISS_COUNTS "))"                        \
    " UNION ALL SELECT " FIGURES_MONTH("r.due") ", r.family,"                                      \
    " iif(instr(r.clock, '@') > 0, r.unit, w.unit), w.matter, 0, 0, " sign " FROM case_work w"     \
    " CROSS JOIN runs r ON r.case_id = w.case_id"                                                  \
    " WHERE " which " AND r.outcome = 'missed' AND r.stopped IS NULL AND r.due IS NOT NULL"
/* Into `sums`, by the columns of its key. */
#define FIGURES_ADD_RUNS(sums, key, from)                                                          \
    "INSERT INTO " sums " SELECT " key ", sum(met), sum(missed), sum(open) FROM " from             \
    " WHERE true GROUP BY " key " HAVING sum(met) <> 0 OR sum(missed) <> 0 OR sum(open) <> 0"      \
    " ON CONFLICT DO UPDATE SET met = met + excluded.met, missed = missed + excluded.missed,"      \
    " open = open + excluded.open"
#define RUN_SUMS_KEY   "month, family, unit, matter"
#define RUN_TOTALS_KEY "family, unit, month"

/* Of a case: when it was received, when it was completed, and each rating and urging. */
#define FIGURES_CASES_OF(sign, which)                                                              \
    "SELECT " FIGURES_MONTH("at") " AS month, unit, matter, " sign " * received AS received,"      \
    " " sign " * accepted AS accepted, " sign " * completed AS completed,"                         \
    " " sign " * handled AS handled, " sign " * handled_s AS handled_s,"                           \
    " " sign " * resolved AS resolved, " sign " * ratings AS ratings,"                             \
    " " sign " * satisfied AS satisfied, " sign " * urged AS urged FROM ("                         \
    "SELECT w.received AS at, w.unit, w.matter, 1 AS received, w.accepted, w.completed,"           \
    " 0 AS handled, 0 AS handled_s, 0 AS resolved, 0 AS ratings, 0 AS satisfied, 0 AS urged"       \
    " FROM case_work w WHERE " which " AND w.received > 0 AND w.withdrawn = 0"                     \
    " UNION ALL SELECT w.finished, w.unit, w.matter, 0, 0, 0, 1, w.handled_s,"                     \
    " w.completed AND NOT w.sent_back, 0, 0, 0 FROM case_work w"                                   \
    " WHERE " which " AND w.received > 0 AND w.handled_s IS NOT NULL"                              \
    " UNION ALL SELECT a.at, w.unit, w.matter, 0, 0, 0, 0, 0, 0, a.kind = 'rated',"                \
    " a.kind = 'rated' AND a.score >= 4, a.kind = 'urged' FROM case_work w"                        \
    " CROSS JOIN case_acts a ON a.case_id = w.case_id"                                             \
    " WHERE " which " AND a.kind IN ('rated', 'urged'))"
#define FIGURES_PLUS(column)  column " = " column " + excluded." column
#define FIGURES_MOVED(column) "sum(" column ") <> 0"
#define FIGURES_ADD_CASES(sums, key, from)                                                         \
    "INSERT INTO " sums " SELECT " key ", sum(received), sum(accepted), sum(completed),"           \
    " sum(handled), sum(handled_s), sum(resolved), sum(ratings), sum(satisfied), sum(urged)"       \
    " FROM " from " WHERE true GROUP BY " key " HAVING " FIGURES_MOVED("received")                 \
    " OR " FIGURES_MOVED("accepted") " OR " FIGURES_MOVED("completed") " OR "                      \
    FIGURES_MOVED("handled") " OR " FIGURES_MOVED("handled_s") " OR " FIGURES_MOVED("resolved")    \
    " OR " FIGURES_MOVED("ratings") " OR " FIGURES_MOVED("satisfied") " OR "                       \
    FIGURES_MOVED("urged") " ON CONFLICT DO UPDATE SET " FIGURES_PLUS("received") ", "             \
    FIGURES_PLUS("accepted") ", " FIGURES_PLUS("completed") ", " FIGURES_PLUS("handled") ", "      \
    FIGURES_PLUS("handled_s") ", " FIGURES_PLUS("resolved") ", " FIGURES_PLUS("ratings") ", "      \
    FIGURES_PLUS("satisfied") ", " FIGURES_PLUS("urged")
#define CASE_SUMS_KEY   "month, unit, matter"
#define CASE_TOTALS_KEY "month, unit"

/* All cases, into sums that are empty: a list of scripts. Sums over matters follow the rest. */
#define FIGURES_COUNT_ALL                                                                          \
    FIGURES_ADD_RUNS("run_sums", RUN_SUMS_KEY, "(" FIGURES_RUNS_OF("1", "true") ")"),              \
        FIGURES_ADD_RUNS("run_totals", RUN_TOTALS_KEY, "run_sums"),                                \
        FIGURES_ADD_CASES("case_sums", CASE_SUMS_KEY, "(" FIGURES_CASES_OF("1", "true") ")"),      \
        FIGURES_ADD_CASES("case_totals", CASE_TOTALS_KEY, "case_sums")

/*
 * The writer's own notes of a transaction: cases that changed, and what is to be added to the sums
 * for them: at first what they had added, taken off; at its end what they add now.
 */
#define FIGURES_NOTES                                                                              \
    "CREATE TEMP TABLE moved_cases(case_id TEXT PRIMARY KEY, is_new) WITHOUT ROWID;" \
    "CREATE TEMP TABLE moved_states(unit, status, state, light, n);" \
    "CREATE TEMP TABLE moved_runs(month, family, unit, matter, met, missed, open);"                \
    "CREATE TEMP TABLE moved_sums(month, unit, matter, received, accepted, completed, handled,"    \
    " handled_s, resolved, ratings, satisfied, urged);"
#define FIGURES_NOTE_RUNS(sign, which)  "INSERT INTO temp.moved_runs " FIGURES_RUNS_OF(sign, which)
#define FIGURES_NOTE_CASES(sign, which)                                                            \
    "INSERT INTO temp.moved_sums " FIGURES_CASES_OF(sign, which)
#define FIGURES_MOVED_CASES "w.case_id IN (SELECT case_id FROM temp.moved_cases)"

/* Everything anew, after the months have changed. */
#define FIGURES_ALL_ANEW                                                                           \
    "DELETE FROM run_sums; DELETE FROM run_totals; DELETE FROM case_sums; DELETE FROM "            \
    "case_totals;"

/* ---- what people did on a case, and what is open of it ---- */

#define ACTS_OF(id, kind) "FROM case_acts a WHERE a.case_id = " id " AND a.kind = '" kind "'"
#define WORK_URGED(id)    "(SELECT count(*) " ACTS_OF(id, "urged") ")"
#define WORK_URGED_AT(id) "(SELECT max(a.at) " ACTS_OF(id, "urged") ")"
/* When the last request for more time was made; NULL when it was decided, or there is none. */
#define WORK_EXTENSION(id)                                                                         \
    "(SELECT iif(a.kind = 'asked', a.at, NULL) FROM case_acts a WHERE a.case_id = " id             \
    " AND a.kind IN ('asked', 'granted', 'refused') ORDER BY a.at DESC, a.fact DESC LIMIT 1)"

#define EVENT_OF_CASE(id, type)                                                                    \
    "FROM events e WHERE e.case_id = " id " AND e.type = 'case." type "'"                          \
    " AND e.verdict = 'applied'"

/*
 * ?1 id, ?2 unit, ?3 matter, ?4 received, ?5 state, ?6 accepted, ?7 sent_back, ?8 finished,
 * ?9 handled_s. ?6 is NULL in facts of older programs: then the events tell.
 */
#define WORK_WRITE                                                                                 \
    "INSERT INTO case_work VALUES(?1, ?2, ?3, ?4, ?5 = 'withdrawn',"                               \
    " coalesce(?6, EXISTS (SELECT 1 " EVENT_OF_CASE("?1", "accepted") ")), ?5 = 'completed',"      \
    " iif(?6 IS NULL, (SELECT max(e.time) " EVENT_OF_CASE("?1", "completed") "), ?8), ?9,"         \
    " coalesce(?7, EXISTS (SELECT 1 " EVENT_OF_CASE("?1", "returned") ") OR EXISTS (SELECT 1"      \
    " " EVENT_OF_CASE("?1", "reopened") ")), " WORK_URGED("?1") ", " WORK_URGED_AT("?1") ","       \
    " iif(?5 IN ('completed', 'withdrawn'), NULL, " WORK_EXTENSION("?1") "))"                      \
    " ON CONFLICT DO UPDATE SET unit = excluded.unit, matter = excluded.matter,"                   \
    " received = excluded.received, withdrawn = excluded.withdrawn,"                               \
    " accepted = excluded.accepted, completed = excluded.completed,"                               \
    " finished = excluded.finished, handled_s = excluded.handled_s,"                               \
    " sent_back = excluded.sent_back, urged = excluded.urged,"                                     \
    " last_urged = excluded.last_urged, extension = excluded.extension"

#define WORK_ACT "INSERT INTO case_acts VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING"
#define WORK_TOUCH                                                                                 \
    "UPDATE case_work SET urged = " WORK_URGED("?1") ", last_urged = " WORK_URGED_AT(              \
        "?1") ","                                                                                  \
              " extension = iif(completed OR withdrawn, NULL, " WORK_EXTENSION(                    \
                  "?1") ") WHERE case_id = ?1"
/* clang-format on */

#endif
