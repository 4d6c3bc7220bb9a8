/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger's step to format 4, one part of it: the state of each case, who may see it, what lists
 * are filtered and sorted by, search in texts. Run once, in one transaction with the other parts,
 * over a ledger that may be full: what the rows of old need is made here from what they hold. Never
 * edited once released.
 */
#include "console/ledger_internal.h"
#include "console/ledger_overdue_sql.h"

#define UNITS_OF(which)                                                                            \
    "INSERT INTO case_units SELECT " which ".id, value FROM json_each(" which ".units);"
/* With the id behind it, so that columns stand in the order of the key. */
#define LABEL(id, which) "key || '=' || value, " id " FROM json_each(" which ".labels)"
#define LABELS_OF(which)                                                                           \
    "INSERT INTO case_labels SELECT " LABEL(which ".id", which) " WHERE atom IS NOT NULL"          \
                                                                " ON CONFLICT DO NOTHING;"
const char *const ledger_step_4_search[] = {
    /* What a case stands at (docs/ledger.md); its unit, its sender's, those of its runs. */
    "ALTER TABLE cases ADD COLUMN status TEXT NOT NULL DEFAULT 'not_due';",
    "ALTER TABLE cases ADD COLUMN units TEXT NOT NULL DEFAULT '[]';",
    /* Of all that runs and sums are made from: the same again changes none of them. */
    "ALTER TABLE cases ADD COLUMN runs_hash INTEGER;",
    "UPDATE cases SET status = CASE WHEN state = 'withdrawn' THEN 'withdrawn'"
    " WHEN state = 'completed' THEN iif(EXISTS (SELECT 1 FROM runs r WHERE r.case_id = cases.id"
    " AND r.outcome = 'missed' AND r.rule_change = 0 AND NOT iif(r.waived IS NULL, EXISTS (SELECT 1"
    " FROM waivers w WHERE w.case_id = r.case_id AND w.clock = r.clock), r.waived)), 'met_late',"
    " 'met') WHEN state = 'suspended' THEN 'suspended' WHEN light = 'red' THEN 'overdue'"
    " WHEN light = 'yellow' THEN 'near' ELSE 'not_due' END,"
    " units = (SELECT json_group_array(u) FROM (SELECT cases.unit AS u UNION SELECT cases.from_unit"
    " UNION SELECT r.unit FROM runs r WHERE r.case_id = cases.id ORDER BY 1) WHERE u <> '');",
    "CREATE INDEX cases_by_status ON cases(status, due, id);",
    "CREATE INDEX cases_of_unit_by_status ON cases(unit, status, due, id);",
    "CREATE INDEX cases_of_unit_by_due ON cases(unit, due, id);",
    "CREATE INDEX cases_of_unit_by_created ON cases(unit, created, id);",

    "CREATE TABLE status_tallies(unit TEXT NOT NULL, status TEXT NOT NULL, count INTEGER NOT NULL,"
    " PRIMARY KEY(unit, status)) WITHOUT ROWID;",
    "INSERT INTO status_tallies SELECT unit, status, count(*) FROM cases GROUP BY unit, status;",
    /* What a new case brings is written at the end of the transaction, for all of them together;
     * what a case counts in tallies too. */
    "DROP TRIGGER cases_come;",
    "DROP TRIGGER cases_change;",

    "CREATE TABLE case_units(case_id TEXT NOT NULL, unit TEXT NOT NULL,"
    " PRIMARY KEY(case_id, unit)) WITHOUT ROWID;",
    "INSERT INTO case_units SELECT c.id, e.value FROM cases c, json_each(c.units) e;",
    "CREATE INDEX case_units_of_unit ON case_units(unit, case_id);",
    "CREATE TRIGGER cases_units_change AFTER UPDATE OF units ON cases WHEN old.units <> new.units"
    " BEGIN DELETE FROM case_units WHERE case_id = old.id; " UNITS_OF("new") " END;",

    "CREATE TABLE case_labels(label TEXT NOT NULL, case_id TEXT NOT NULL,"
    " PRIMARY KEY(label, case_id)) WITHOUT ROWID;",
    "INSERT OR IGNORE INTO case_labels SELECT key || '=' || value, c.id FROM cases c,"
    " json_each(c.labels) WHERE atom IS NOT NULL;",
    "CREATE TRIGGER cases_labels_change AFTER UPDATE OF labels ON cases"
    " WHEN old.labels <> new.labels BEGIN DELETE FROM case_labels WHERE case_id = old.id"
    " AND label IN (SELECT key || '=' || value FROM json_each(old.labels)); " LABELS_OF(
        "new") " END;",

    /* The index keeps no texts: what is taken out is told in the words it was put in with. */
    "CREATE TABLE search_docs(doc INTEGER PRIMARY KEY, case_id TEXT NOT NULL UNIQUE);",
    "CREATE VIRTUAL TABLE search USING fts5(id, title, number, content='', columnsize=0,"
    " tokenize='ascii');",
    "INSERT INTO search_docs(case_id) SELECT id FROM cases ORDER BY created, id;",
    "INSERT INTO search(rowid, id, title, number) SELECT " LEDGER_WORDS_OF(
        "c.id", "c.title", "c.number") " FROM search_docs d JOIN cases c ON c.id = d.case_id;",
    /* Cases whose words are to be put in, before the commit; with what is in there now, if any. */
    "CREATE TABLE search_queue(case_id TEXT PRIMARY KEY, title TEXT, number TEXT) WITHOUT ROWID;",
    "CREATE TRIGGER cases_words_change AFTER UPDATE OF title, number ON cases"
    " WHEN old.title <> new.title OR old.number <> new.number BEGIN"
    " INSERT INTO search_queue VALUES(old.id, old.title, old.number)"
    /* Not OR IGNORE: the statement that fires the trigger would overrule it. */
    " ON CONFLICT DO NOTHING; END;",

    /* Up to where the retention has come (console/ledger_forget.c). */
    "CREATE TABLE forgotten(what TEXT PRIMARY KEY, at INTEGER NOT NULL, id TEXT NOT NULL)"
    " WITHOUT ROWID;",

    /* Runs that were missed and have not ended, with what their list is filtered and sorted by. */
    "CREATE TABLE overdue(case_id TEXT NOT NULL, clock TEXT NOT NULL, run INTEGER NOT NULL,"
    " due INTEGER NOT NULL, unit TEXT NOT NULL, handler TEXT NOT NULL, matter TEXT NOT NULL,"
    " urged INTEGER NOT NULL, last_urged INTEGER, alert TEXT NOT NULL, stage TEXT NOT NULL,"
    " alert_state TEXT NOT NULL, words TEXT NOT NULL, PRIMARY KEY(case_id, clock, run))"
    " WITHOUT ROWID;",
    "CREATE INDEX overdue_by_due ON overdue(due, case_id, clock, run);",
    "CREATE INDEX overdue_of_unit ON overdue(unit, due, case_id, clock, run);",
    "CREATE INDEX overdue_of_matter ON overdue(matter, due, case_id, clock, run);",
    "CREATE INDEX overdue_of_handler ON overdue(handler, due, case_id, clock, run);",
    "CREATE INDEX overdue_by_urged ON overdue(urged, due, case_id, clock, run);",
    "CREATE INDEX overdue_of_alert ON overdue(alert) WHERE alert <> '';",
    OVERDUE_INSERT("true"),
    "CREATE TABLE overdue_units(unit TEXT NOT NULL, case_id TEXT NOT NULL,"
    " PRIMARY KEY(unit, case_id)) WITHOUT ROWID;",
    "INSERT OR IGNORE INTO overdue_units SELECT u.unit, u.case_id FROM overdue o"
    " JOIN case_units u ON u.case_id = o.case_id;",
    /* Its runs are taken out and put in again with every fact of a case, after the case. */
    "CREATE TRIGGER overdue_run_comes AFTER INSERT ON runs WHEN new.outcome = 'missed'"
    " AND new.stopped IS NULL BEGIN " OVERDUE_INSERT(
        "r.case_id = new.case_id"
        " AND r.clock = new.clock AND r.run = new.run") "; END;",
    "CREATE TRIGGER overdue_run_goes AFTER DELETE ON runs WHEN old.outcome = 'missed'"
    " AND old.stopped IS NULL BEGIN DELETE FROM overdue WHERE case_id = old.case_id"
    " AND clock = old.clock AND run = old.run; END;",
    /* Its words and units follow the case, which is written before its runs. */
    "CREATE TRIGGER overdue_comes AFTER INSERT ON overdue BEGIN"
    " INSERT OR IGNORE INTO overdue_units SELECT u.unit, u.case_id FROM case_units u"
    " WHERE u.case_id = new.case_id; END;",
    "CREATE TRIGGER overdue_goes AFTER DELETE ON overdue WHEN NOT EXISTS"
    " (SELECT 1 FROM overdue o WHERE o.case_id = old.case_id) BEGIN"
    " DELETE FROM overdue_units WHERE case_id = old.case_id AND unit IN"
    " (SELECT u.unit FROM case_units u WHERE u.case_id = old.case_id); END;",
    "CREATE TRIGGER overdue_unit_goes AFTER DELETE ON case_units BEGIN"
    " DELETE FROM overdue_units WHERE unit = old.unit AND case_id = old.case_id; END;",
    "CREATE TRIGGER overdue_unit_comes AFTER INSERT ON case_units WHEN EXISTS"
    " (SELECT 1 FROM overdue o WHERE o.case_id = new.case_id) BEGIN"
    " INSERT OR IGNORE INTO overdue_units VALUES(new.unit, new.case_id); END;",
    "CREATE TRIGGER overdue_words_change AFTER UPDATE OF title, number ON cases"
    " WHEN old.title <> new.title OR old.number <> new.number BEGIN"
    " UPDATE overdue SET words = " CASE_WORDS("new") " WHERE case_id = new.id; END;",
    "CREATE TRIGGER overdue_alert_comes AFTER INSERT ON alerts BEGIN " OVERDUE_ALERT_ANEW(
        "new") " END;",
    "CREATE TRIGGER overdue_alert_changes AFTER UPDATE OF status ON alerts"
    " WHEN old.status <> new.status BEGIN " OVERDUE_ALERT_ANEW("new") " END;",
    "CREATE TRIGGER overdue_message_comes AFTER INSERT ON messages WHEN new.alert <> '' BEGIN"
    " " OVERDUE_STATE_ANEW("new.alert") " END;",
    "CREATE TRIGGER overdue_message_changes AFTER UPDATE ON messages WHEN new.alert <> ''"
    " AND (old.shown <> new.shown OR old.alert <> new.alert) BEGIN"
    " " OVERDUE_STATE_ANEW("new.alert") " END;",
    "CREATE TRIGGER overdue_ack_comes AFTER INSERT ON acks WHEN new.alert <> '' BEGIN"
    " " OVERDUE_STATE_ANEW("new.alert") " END;",
    "CREATE TRIGGER overdue_was_urged AFTER INSERT ON case_work WHEN new.urged > 0 BEGIN"
    " UPDATE overdue SET urged = new.urged, last_urged = new.last_urged"
    " WHERE case_id = new.case_id; END;",
    "CREATE TRIGGER overdue_is_urged AFTER UPDATE OF urged, last_urged ON case_work"
    " WHEN old.urged <> new.urged OR old.last_urged IS NOT new.last_urged BEGIN"
    " UPDATE overdue SET urged = new.urged, last_urged = new.last_urged"
    " WHERE case_id = new.case_id; END;",
    NULL,
};
