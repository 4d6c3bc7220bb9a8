/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of `overdue` as SQL that the writer and the step to format 4 share. Each column is made
 * from other tables alone, so that a row is the same whenever it is made anew, in whatever order
 * alerts, messages, receipts and acknowledgements were read.
 */
#ifndef NRT_CONSOLE_LEDGER_OVERDUE_SQL_H
#define NRT_CONSOLE_LEDGER_OVERDUE_SQL_H

/* SQL is read as it stands. */
/* clang-format off */

/* The last alert that went out about the run; `what` is a column of it. */
#define OVERDUE_ALERT(what, of)                                                                    \
    "coalesce((SELECT a." what " FROM alerts a WHERE a.case_id = " of ".case_id"                   \
    " AND a.clock = " of ".clock AND a.run = " of ".run AND a.status = 'fired'"                    \
    " ORDER BY a.fired_at DESC, a.id DESC LIMIT 1), '')"

/*
 * How far that alert got, by the best of its messages: acked, read, delivered, sent (a gateway has
 * it, or may have), failed (each has ended without that), none (there is none, or they wait).
 */
#define OVERDUE_STATE(of)                                                                          \
    "CASE WHEN " of ".alert = '' THEN 'none'"                                                      \
    " WHEN EXISTS (SELECT 1 FROM acks k WHERE k.alert = " of ".alert) THEN 'acked'"                \
    " ELSE coalesce((SELECT CASE max(CASE m.shown WHEN 'read' THEN 5 WHEN 'delivered' THEN 4"      \
    " WHEN 'accepted' THEN 3 WHEN 'unsure' THEN 3 WHEN 'dead' THEN 1 WHEN 'rejected' THEN 1"       \
    " WHEN 'undelivered' THEN 1 WHEN 'dropped' THEN 1 ELSE 2 END)"                                 \
    " WHEN 5 THEN 'read' WHEN 4 THEN 'delivered' WHEN 3 THEN 'sent' WHEN 1 THEN 'failed'"          \
    " ELSE 'none' END FROM messages m WHERE m.alert = " of ".alert), 'none') END"

/* Of a clock per co-handling unit the unit is that one, else whoever holds the case now. */
#define OVERDUE_HOLDER(column) "iif(instr(r.clock, '@') > 0, r." column ", c." column ")"

/* What a search may find of a case. */
#define CASE_WORDS(of)                                                                             \
    LEDGER_WORDS "(" of ".id || char(10) || " of ".title || char(10) || " of ".number)"

/* The rows of the runs that `which` leaves. */
#define OVERDUE_INSERT(which)                                                                      \
    "INSERT INTO overdue SELECT case_id, clock, run, due, unit, handler, matter, urged,"           \
    " last_urged, alert, stage, " OVERDUE_STATE("x") ", words"                                     \
    " FROM (SELECT r.case_id, r.clock, r.run, r.due, c.matter,"                                    \
    " " OVERDUE_HOLDER("unit") " AS unit, " OVERDUE_HOLDER("handler") " AS handler,"               \
    " coalesce(w.urged, 0) AS urged, w.last_urged, " CASE_WORDS("c") " AS words,"                  \
    " " OVERDUE_ALERT("id", "r") " AS alert, " OVERDUE_ALERT("stage", "r") " AS stage"             \
    " FROM runs r JOIN cases c ON c.id = r.case_id LEFT JOIN case_work w ON w.case_id = c.id"      \
    " WHERE " which " AND r.outcome = 'missed' AND r.stopped IS NULL AND r.due IS NOT NULL) x"

/* In a trigger: the last alert of a run may be another one now, or an alert's state. */
#define OVERDUE_OF(of)                                                                             \
    " WHERE case_id = " of ".case_id AND clock = " of ".clock AND run = " of ".run;"
#define OVERDUE_ALERT_ANEW(of)                                                                     \
    "UPDATE overdue SET alert = " OVERDUE_ALERT("id", "overdue") ","                               \
    " stage = " OVERDUE_ALERT("stage", "overdue") OVERDUE_OF(of)                                   \
    " UPDATE overdue SET alert_state = " OVERDUE_STATE("overdue") OVERDUE_OF(of)
#define OVERDUE_STATE_ANEW(id)                                                                     \
    "UPDATE overdue SET alert_state = " OVERDUE_STATE("overdue")                                   \
    " WHERE alert = " id " AND alert <> '';"

/* clang-format on */

#endif
