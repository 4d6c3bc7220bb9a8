/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of `overdue` as SQL that the writer and the step to format 4 share. Each column is made
 * from other tables alone, so that a row is the same whenever it is made anew, in whatever order
 * alerts, messages, receipts and acknowledgements were read.
 */
#ifndef NRT_CONSOLE_LEDGER_OVERDUE_SQL_H
#define NRT_CONSOLE_LEDGER_OVERDUE_SQL_H

/* The last alert that went out about the run; `what` is a column of it. */
#define OVERDUE_ALERT(what, of)                                                                    \
    "coalesce((SELECT a." what " FROM alerts a WHERE a.case_id = " of ".case_id"                   \
    " AND a.clock = " of ".clock AND a.run = " of ".run AND a.status = 'fired'"                    \
    " ORDER BY a.fired_at DESC, a.id DESC LIMIT 1), '')"

/*
 * How far that alert got, by the best of its messages: acked, read, delivered, sent (a gateway has
 * it, or may have), failed (each has ended without that), none (there is none, or they wait).
 */
#define OVERDUE_STATE(alert)                                                                       \
    "CASE WHEN " alert " = '' THEN 'none' WHEN EXISTS (SELECT 1 FROM acks k WHERE k.alert ="       \
    " " alert ") THEN 'acked' ELSE coalesce((SELECT CASE max(CASE m.shown WHEN 'read' THEN 5"      \
    " WHEN 'delivered' THEN 4 WHEN 'accepted' THEN 3 WHEN 'unsure' THEN 3 WHEN 'dead' THEN 1"      \
    " WHEN 'rejected' THEN 1 WHEN 'undelivered' THEN 1 WHEN 'dropped' THEN 1 ELSE 2 END)"          \
    " WHEN 5 THEN 'read' WHEN 4 THEN 'delivered' WHEN 3 THEN 'sent' WHEN 1 THEN 'failed'"          \
    " ELSE 'none' END FROM messages m WHERE m.alert = " alert "), 'none') END"

/* Of a clock per co-handling unit the unit is that one, else whoever holds the case now. */
#define OVERDUE_HOLDER(column) "iif(instr(r.clock, '@') > 0, r." column ", c." column ")"

/* The rows of the runs that `which` leaves. */
#define OVERDUE_INSERT(which)                                                                      \
    "INSERT INTO overdue SELECT case_id, clock, run, due, unit, handler, matter, urged,"           \
    " last_urged, alert, stage, " OVERDUE_STATE(                                                   \
        "alert") " FROM (SELECT r.case_id, r.clock,"                                               \
                 " r.run, r.due, " OVERDUE_HOLDER("unit") " AS unit, " OVERDUE_HOLDER(             \
                     "handler") " AS handler,"                                                     \
                                " c.matter, coalesce(w.urged, 0) AS urged, w.last_urged,"          \
                                " " OVERDUE_ALERT("id", "r") " AS alert, " OVERDUE_ALERT(          \
                                    "stage", "r") " AS stage"                                      \
                                                  " FROM runs r JOIN cases c ON c.id = r.case_id " \
                                                  "LEFT JOIN case_work w ON w.case_id = r.case_id" \
                                                  " WHERE " which                                  \
                                                  " AND r.outcome = 'missed' AND r.stopped IS "    \
                                                  "NULL AND r.due IS NOT NULL)"

/* In a trigger: the last alert of a run may be another one now, or an alert's state. */
#define OVERDUE_ALERT_ANEW(of)                                                                     \
    "UPDATE overdue SET alert = " OVERDUE_ALERT(                                                   \
        "id", "overdue") ", stage ="                                                               \
                         " " OVERDUE_ALERT(                                                        \
                             "stage", "overdue") " WHERE case_id = " of ".case_id AND clock ="     \
                                                 " " of ".clock AND run = " of                     \
                                                 ".run; UPDATE overdue SET alert_state ="          \
                                                 " " OVERDUE_STATE(                                \
                                                     "overdue.alert") " WHERE case_id = " of       \
                                                                      ".case_id AND clock = " of   \
                                                                      ".clock"                     \
                                                                      " AND run = " of ".run;"
#define OVERDUE_STATE_ANEW(id)                                                                     \
    "UPDATE overdue SET alert_state = " OVERDUE_STATE("overdue.alert") " WHERE alert = " id        \
                                                                       " AND alert <> '';"

#endif
