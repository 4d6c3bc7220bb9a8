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

/* The runs that `which` leaves, `sign` times: they are of the month of their due. */
#define FIGURES_RUNS(sign, which)                                                                  \
    "INSERT INTO run_sums SELECT " FIGURES_MONTH("coalesce(r.due, r.stopped)") " AS month,"        \
    " r.family, r.unit, w.matter, " sign " * sum(r.outcome = 'met'),"                              \
    " " sign " * sum(r.outcome = 'missed') FROM case_work w"                                       \
    " JOIN runs r ON r.case_id = w.case_id"                                                        \
    " WHERE " which " AND (r.outcome = 'met' OR (" FIGURES_MISS_COUNTS "))"                        \
    " GROUP BY month, r.family, r.unit, w.matter ON CONFLICT DO UPDATE SET"                        \
    " met = met + excluded.met, missed = missed + excluded.missed"

/* Of a case: when it was received, when it was completed, and each rating and urging. */
#define FIGURES_CASE_PARTS(which)                                                                  \
    "SELECT w.received AS at, w.unit, w.matter, 1 AS received, w.accepted, w.completed,"           \
    " 0 AS handled, 0 AS handled_s, 0 AS resolved, 0 AS ratings, 0 AS satisfied, 0 AS urged"       \
    " FROM case_work w WHERE " which " AND w.received > 0 AND w.withdrawn = 0"                     \
    " UNION ALL SELECT w.finished, w.unit, w.matter, 0, 0, 0, 1, w.handled_s,"                     \
    " w.completed AND NOT w.sent_back, 0, 0, 0 FROM case_work w"                                   \
    " WHERE " which " AND w.received > 0 AND w.handled_s IS NOT NULL"                              \
    " UNION ALL SELECT a.at, w.unit, w.matter, 0, 0, 0, 0, 0, 0, a.kind = 'rated',"                \
    " a.kind = 'rated' AND a.score >= 4, a.kind = 'urged' FROM case_work w"                        \
    " JOIN case_acts a ON a.case_id = w.case_id"                                                   \
    " WHERE " which " AND a.kind IN ('rated', 'urged')"
#define FIGURES_CASES(sign, which)                                                                 \
    "INSERT INTO case_sums SELECT " FIGURES_MONTH("at") " AS month, unit, matter,"                 \
    " " sign " * sum(received), " sign " * sum(accepted), " sign " * sum(completed),"              \
    " " sign " * sum(handled), " sign " * sum(handled_s), " sign " * sum(resolved),"               \
    " " sign " * sum(ratings), " sign " * sum(satisfied), " sign " * sum(urged)"                   \
    " FROM (" FIGURES_CASE_PARTS(which) ") WHERE true GROUP BY month, unit, matter"                \
    " ON CONFLICT DO UPDATE SET received = received + excluded.received,"                          \
    " accepted = accepted + excluded.accepted, completed = completed + excluded.completed,"        \
    " handled = handled + excluded.handled, handled_s = handled_s + excluded.handled_s,"           \
    " resolved = resolved + excluded.resolved, ratings = ratings + excluded.ratings,"              \
    " satisfied = satisfied + excluded.satisfied, urged = urged + excluded.urged"

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
