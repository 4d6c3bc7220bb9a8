/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger's schema: a list of steps, each from one format to the next, run in one transaction
 * each at opening. A step that has been released is never edited; a change is a new step.
 *
 * `fact` columns hold the place of the fact a row was last written from. All facts of one case
 * come from one partition of the journal, and so do those of one message, so comparing places
 * makes rows independent of the order of the partitions and of being fed twice.
 */
#include <stdio.h>

#include "base/failpoint.h"
#include "console/ledger_figures_sql.h"
#include "console/ledger_internal.h"

static const char *const step_1[] = {
    "CREATE TABLE positions(partition INTEGER PRIMARY KEY, position TEXT NOT NULL);",

    /* An event belongs to its case: should two cases carry one (source, id), both are kept. */
    "CREATE TABLE events(source TEXT NOT NULL, id TEXT NOT NULL, case_id TEXT NOT NULL,"
    " type TEXT NOT NULL, time INTEGER NOT NULL, arrived INTEGER NOT NULL, rules INTEGER NOT NULL,"
    " verdict TEXT NOT NULL, repeats INTEGER NOT NULL, ce TEXT NOT NULL, partition INTEGER NOT "
    "NULL,"
    " pos TEXT NOT NULL, fact TEXT NOT NULL, PRIMARY KEY(source, id, case_id)) WITHOUT ROWID;",
    "CREATE INDEX events_of_case ON events(case_id, time, source, id);",

    "CREATE TABLE cases(id TEXT PRIMARY KEY, title TEXT NOT NULL, matter TEXT NOT NULL,"
    " unit TEXT NOT NULL, handler TEXT NOT NULL, from_unit TEXT NOT NULL, number TEXT NOT NULL,"
    " labels TEXT NOT NULL, state TEXT NOT NULL, light TEXT NOT NULL, created INTEGER NOT NULL,"
    " updated INTEGER NOT NULL, due INTEGER NOT NULL, fault INTEGER NOT NULL, fact TEXT NOT NULL)"
    " WITHOUT ROWID;",
    "CREATE INDEX cases_by_updated ON cases(updated, id);",
    "CREATE INDEX cases_by_created ON cases(created, id);",
    "CREATE INDEX cases_by_due ON cases(due, id);",
    "CREATE INDEX cases_of_unit ON cases(unit, updated, id);",
    "CREATE INDEX cases_of_matter ON cases(matter);",
    "CREATE INDEX cases_by_state ON cases(state, light);",

    "CREATE TABLE runs(case_id TEXT NOT NULL, clock TEXT NOT NULL, run INTEGER NOT NULL,"
    " family TEXT NOT NULL, title TEXT NOT NULL, start INTEGER NOT NULL, due INTEGER,"
    " provisional INTEGER NOT NULL, outcome TEXT NOT NULL, stopped INTEGER, light TEXT NOT NULL,"
    " unit TEXT NOT NULL, handler TEXT NOT NULL, rules INTEGER NOT NULL,"
    " PRIMARY KEY(case_id, clock, run)) WITHOUT ROWID;",
    "CREATE INDEX runs_overdue ON runs(due, case_id, clock, run)"
    " WHERE outcome = 'missed' AND stopped IS NULL;",

    /* What each case adds is taken out before its runs change and put in again afterwards. */
    "CREATE TABLE figures(family TEXT NOT NULL, unit TEXT NOT NULL, met INTEGER NOT NULL,"
    " missed INTEGER NOT NULL, missed_cases INTEGER NOT NULL, PRIMARY KEY(family, unit))"
    " WITHOUT ROWID;",

    "CREATE TABLE alerts(id TEXT PRIMARY KEY, case_id TEXT NOT NULL, clock TEXT NOT NULL,"
    " run INTEGER NOT NULL, stage TEXT NOT NULL, title TEXT NOT NULL, instant INTEGER NOT NULL,"
    " fired_at INTEGER NOT NULL, status TEXT NOT NULL, light TEXT NOT NULL, late INTEGER NOT NULL,"
    " recipients TEXT NOT NULL, via TEXT NOT NULL, template TEXT NOT NULL,"
    " ordinal INTEGER NOT NULL, fault INTEGER NOT NULL, fact TEXT NOT NULL) WITHOUT ROWID;",
    "CREATE INDEX alerts_by_time ON alerts(fired_at, id);",
    "CREATE INDEX alerts_late ON alerts(late) WHERE late = 1;",
    "CREATE INDEX alerts_of_case ON alerts(case_id, fired_at, id);",

    /* A receipt may be read before its message: the row then has an empty state and no fact. */
    "CREATE TABLE messages(id TEXT PRIMARY KEY, alert TEXT NOT NULL DEFAULT '',"
    " case_id TEXT NOT NULL DEFAULT '', clock TEXT NOT NULL DEFAULT '',"
    " stage TEXT NOT NULL DEFAULT '', person TEXT NOT NULL DEFAULT '',"
    " channel TEXT NOT NULL DEFAULT '', state TEXT NOT NULL DEFAULT '',"
    " at INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0, ready INTEGER,"
    " reason TEXT NOT NULL DEFAULT '', body TEXT NOT NULL DEFAULT '',"
    " gateway_id TEXT NOT NULL DEFAULT '', created_at INTEGER, held_until INTEGER,"
    " accepted_at INTEGER,"
    " queued_at INTEGER, undelivered_at INTEGER, delivered_at INTEGER, read_at INTEGER,"
    " fact TEXT NOT NULL DEFAULT '',"
    /* A receipt says more than the notifier knows; what was read was delivered. */
    " shown TEXT GENERATED ALWAYS AS (CASE WHEN read_at IS NOT NULL THEN 'read'"
    " WHEN delivered_at IS NOT NULL THEN 'delivered' WHEN undelivered_at IS NOT NULL"
    " AND state IN ('', 'sending', 'accepted', 'unsure') THEN 'undelivered' ELSE state END))"
    " WITHOUT ROWID;",
    "CREATE INDEX messages_of_alert ON messages(alert, id);",
    "CREATE INDEX messages_by_time ON messages(at, id);",
    "CREATE INDEX messages_accepted ON messages(accepted_at, id) WHERE accepted_at IS NOT NULL;",
    "CREATE INDEX messages_by_state ON messages(shown, at, id);",

    "CREATE TABLE receipts(message TEXT NOT NULL, state TEXT NOT NULL, at INTEGER NOT NULL,"
    " code TEXT NOT NULL, channel TEXT NOT NULL, PRIMARY KEY(message, state, at, code))"
    " WITHOUT ROWID;",

    "CREATE TABLE acks(source TEXT NOT NULL, id TEXT NOT NULL, case_id TEXT NOT NULL,"
    " alert TEXT NOT NULL, clock TEXT NOT NULL, stage TEXT NOT NULL, by_person TEXT NOT NULL,"
    " via TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(source, id, case_id)) WITHOUT ROWID;",
    "CREATE INDEX acks_of_alert ON acks(alert, by_person, at);",

    "CREATE TABLE waivers(source TEXT NOT NULL, id TEXT NOT NULL, case_id TEXT NOT NULL,"
    " clock TEXT NOT NULL, reason TEXT NOT NULL, approved_by TEXT NOT NULL, at INTEGER NOT NULL,"
    " PRIMARY KEY(source, id, case_id)) WITHOUT ROWID;",
    "CREATE INDEX waivers_of_case ON waivers(case_id, clock);",

    "CREATE TABLE rejects(partition INTEGER NOT NULL, fact TEXT NOT NULL, at INTEGER NOT NULL,"
    " via TEXT NOT NULL, kind TEXT NOT NULL, reason TEXT NOT NULL, bytes INTEGER NOT NULL,"
    " sha256 TEXT NOT NULL, head TEXT NOT NULL, pos TEXT NOT NULL, PRIMARY KEY(partition, fact))"
    " WITHOUT ROWID;",
    "CREATE INDEX rejects_by_time ON rejects(at, partition, fact);",
    "CREATE INDEX rejects_by_kind ON rejects(kind, via);",

    "CREATE TABLE config_acts(version INTEGER PRIMARY KEY, at INTEGER NOT NULL,"
    " by_person TEXT NOT NULL, note TEXT NOT NULL, sha256 TEXT NOT NULL);",

    /* Counts that would cost a walk over all rows. */
    "CREATE TABLE tallies(kind TEXT NOT NULL, word TEXT NOT NULL, other TEXT NOT NULL,"
    " count INTEGER NOT NULL, PRIMARY KEY(kind, word, other)) WITHOUT ROWID;",
    "CREATE TRIGGER cases_come AFTER INSERT ON cases BEGIN"
    " INSERT INTO tallies VALUES('case', new.state, new.light, 1)"
    " ON CONFLICT DO UPDATE SET count = count + 1; END;",
    "CREATE TRIGGER cases_change AFTER UPDATE OF state, light ON cases"
    " WHEN old.state <> new.state OR old.light <> new.light BEGIN"
    " UPDATE tallies SET count = count - 1 WHERE kind = 'case' AND word = old.state"
    " AND other = old.light; DELETE FROM tallies WHERE count = 0;"
    " INSERT INTO tallies VALUES('case', new.state, new.light, 1)"
    " ON CONFLICT DO UPDATE SET count = count + 1; END;",
    "CREATE TRIGGER messages_come AFTER INSERT ON messages BEGIN"
    " INSERT INTO tallies VALUES('message', new.shown, '', 1)"
    " ON CONFLICT DO UPDATE SET count = count + 1; END;",
    "CREATE TRIGGER messages_change AFTER UPDATE ON messages WHEN old.shown <> new.shown BEGIN"
    " UPDATE tallies SET count = count - 1 WHERE kind = 'message' AND word = old.shown;"
    " DELETE FROM tallies WHERE count = 0;"
    " INSERT INTO tallies VALUES('message', new.shown, '', 1)"
    " ON CONFLICT DO UPDATE SET count = count + 1; END;",

    "CREATE TABLE oddities(partition INTEGER NOT NULL, fact TEXT NOT NULL, why TEXT NOT NULL,"
    " body TEXT NOT NULL, PRIMARY KEY(partition, fact)) WITHOUT ROWID;",
    NULL,
};

/* Changes of the configuration; what replans, waivers and objections say of runs and cases. */
static const char *const step_2[] = {
    /* The bundle is read from Redis, where every version is kept; NULL until then. */
    "CREATE TABLE config_versions(version INTEGER PRIMARY KEY, at INTEGER NOT NULL,"
    " by_person TEXT NOT NULL, note TEXT NOT NULL, sha256 TEXT NOT NULL, digest TEXT NOT NULL,"
    " origin TEXT NOT NULL, bundle TEXT);",
    "INSERT INTO config_versions SELECT version, at, by_person, note, sha256, '', 'null', NULL"
    " FROM config_acts;",
    "DROP TABLE config_acts;",

    "CREATE TABLE drafts(id TEXT PRIMARY KEY, number INTEGER NOT NULL, made_at INTEGER NOT NULL,"
    " by_person TEXT NOT NULL, note TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL,"
    " approved_by TEXT NOT NULL, approved_at INTEGER, apply_at INTEGER,"
    " base_version INTEGER NOT NULL, digest TEXT NOT NULL, version INTEGER, why TEXT NOT NULL,"
    " fact TEXT NOT NULL) WITHOUT ROWID;",
    "CREATE INDEX drafts_by_number ON drafts(number, id);",
    "CREATE INDEX drafts_waiting ON drafts(apply_at) WHERE state = 'approved';",
    "CREATE TABLE draft_bundles(id TEXT PRIMARY KEY, bundle TEXT NOT NULL);",

    /* Events for all open cases, in the order of their ids; after_case: up to where. */
    "CREATE TABLE replans(id TEXT PRIMARY KEY, number INTEGER NOT NULL, at INTEGER NOT NULL,"
    " by_person TEXT NOT NULL, note TEXT NOT NULL, kind TEXT NOT NULL, version INTEGER NOT NULL,"
    " undo TEXT NOT NULL, state TEXT NOT NULL, done INTEGER NOT NULL, total INTEGER NOT NULL,"
    " after_case TEXT NOT NULL, why TEXT NOT NULL, fact TEXT NOT NULL) WITHOUT ROWID;",
    "CREATE INDEX replans_by_number ON replans(number, id);",
    "CREATE INDEX replans_running ON replans(number) WHERE state = 'running';",

    "ALTER TABLE runs ADD COLUMN waived INTEGER;",
    "ALTER TABLE runs ADD COLUMN appeal TEXT NOT NULL DEFAULT 'none';",
    "ALTER TABLE runs ADD COLUMN rule_change INTEGER NOT NULL DEFAULT 0;",
    "ALTER TABLE runs ADD COLUMN waiting_for TEXT NOT NULL DEFAULT '[]';",
    "ALTER TABLE cases ADD COLUMN objected_at INTEGER;",
    "ALTER TABLE cases ADD COLUMN objected_by TEXT NOT NULL DEFAULT '';",
    "CREATE INDEX cases_open ON cases(id) WHERE state NOT IN ('completed', 'withdrawn');",
    "CREATE INDEX runs_going ON runs(case_id) WHERE stopped IS NULL"
    " AND outcome IN ('running', 'paused', 'missed');",
    "CREATE INDEX cases_of_handler ON cases(handler, updated, id);",
    "CREATE INDEX messages_of_person ON messages(person, at);",
    "CREATE INDEX events_by_arrival ON events(arrived, case_id, source, id);",
    NULL,
};

/* What a gateway calls a message; digests; receipts of messages that are not told of yet. */
static const char *const step_3[] = {
    "ALTER TABLE messages ADD COLUMN digest TEXT NOT NULL DEFAULT '';",
    /* What it went out as: the digest, or the one into which that was gathered in turn. */
    "ALTER TABLE messages ADD COLUMN went_as TEXT NOT NULL DEFAULT '';",
    "ALTER TABLE messages ADD COLUMN notice TEXT NOT NULL DEFAULT '';",
    "ALTER TABLE messages ADD COLUMN sent_at INTEGER;",
    "ALTER TABLE messages ADD COLUMN stands_in_for TEXT NOT NULL DEFAULT '';",
    "CREATE INDEX messages_of_digest ON messages(digest) WHERE digest <> '';",
    "CREATE INDEX messages_gone_as ON messages(went_as) WHERE went_as <> '';",
    "CREATE TRIGGER messages_go AFTER DELETE ON messages BEGIN"
    " UPDATE tallies SET count = count - 1 WHERE kind = 'message' AND word = old.shown;"
    " DELETE FROM tallies WHERE count = 0; END;",
    /* Rows that only a receipt had made: the receipt itself is kept. */
    "DELETE FROM messages WHERE fact = '';",

    "CREATE TABLE gateway_ids(gateway_id TEXT NOT NULL, channel TEXT NOT NULL,"
    " message TEXT NOT NULL, PRIMARY KEY(gateway_id, channel, message)) WITHOUT ROWID;",
    "CREATE INDEX gateway_ids_of_message ON gateway_ids(message);",
    "INSERT INTO gateway_ids SELECT gateway_id, channel, id FROM messages WHERE gateway_id <> '';",

    /* known: its message has been told of. */
    "ALTER TABLE receipts RENAME TO receipts_before;",
    "CREATE TABLE receipts(message TEXT NOT NULL, gateway_id TEXT NOT NULL, channel TEXT NOT NULL,"
    " state TEXT NOT NULL, at INTEGER NOT NULL, code TEXT NOT NULL, known INTEGER NOT NULL,"
    " PRIMARY KEY(message, gateway_id, channel, state, at, code)) WITHOUT ROWID;",
    "CREATE INDEX receipts_by_gateway ON receipts(gateway_id, channel, state, at)"
    " WHERE gateway_id <> '';",
    "CREATE TRIGGER receipts_come AFTER INSERT ON receipts BEGIN"
    " INSERT INTO tallies VALUES('receipt', new.state, iif(new.known, 'known', 'unknown'), 1)"
    " ON CONFLICT DO UPDATE SET count = count + 1; END;",
    "CREATE TRIGGER receipts_change AFTER UPDATE OF known ON receipts"
    " WHEN old.known <> new.known BEGIN"
    " UPDATE tallies SET count = count - 1 WHERE kind = 'receipt' AND word = old.state"
    " AND other = iif(old.known, 'known', 'unknown'); DELETE FROM tallies WHERE count = 0;"
    " INSERT INTO tallies VALUES('receipt', new.state, iif(new.known, 'known', 'unknown'), 1)"
    " ON CONFLICT DO UPDATE SET count = count + 1; END;",
    "INSERT INTO receipts SELECT message, '', channel, state, at, code,"
    " EXISTS (SELECT 1 FROM messages m WHERE m.id = message) FROM receipts_before;",
    "DROP TABLE receipts_before;",
    NULL,
};

/* A step is one or more lists of scripts, run in this order in one transaction. */
#define STEP_PARTS_MAX 4
static const char *const *const steps[LEDGER_FORMAT][STEP_PARTS_MAX + 1] = {
    {step_1},
    {step_2},
    {step_3},
    {ledger_step_4_figures, ledger_step_4_search, ledger_step_4_paper, ledger_step_4_audit},
};

enum err ledger_format(struct sql_db *db, int64_t *ret_format, struct err_why *why)
{
    struct sql_stmt *stmt = NULL;
    enum err err = sql_prepare(db, "PRAGMA user_version", &stmt, why);
    if (err) {
        return err;
    }
    bool row = false;
    err = sql_step(stmt, &row, why);
    if (!err) {
        *ret_format = row ? sql_i64(stmt, 0) : 0;
    }
    sql_finalize(stmt);
    return err;
}

static enum err step_run(struct sql_db *db, int64_t from, struct err_why *why)
{
    char mark[64];
    (void)snprintf(mark, sizeof(mark), "PRAGMA user_version = %d; COMMIT", (int)(from + 1));
    enum err err = sql_exec(db, "BEGIN IMMEDIATE", why);
    for (const char *const *const *part = steps[from]; !err && *part; part++) {
        for (const char *const *script = *part; !err && *script; script++) {
            err = sql_exec(db, *script, why);
        }
    }
    if (!err) {
        err = sql_exec(db, mark, why);
    }
    if (err) {
        const enum err ignored = sql_exec(db, "ROLLBACK", NULL);
        (void)ignored;
    }
    return err;
}

enum err ledger_migrate_to(struct sql_db *db, int64_t to, struct err_why *why)
{
    int64_t format = 0;
    enum err err = ledger_format(db, &format, why);
    if (!err && format > LEDGER_FORMAT) {
        return err_set(
            why, ERR_CORRUPT,
            "the ledger has format %lld, this program knows up to %d: use the newer program",
            (long long)format, LEDGER_FORMAT);
    }
    while (!err && format < to) {
        failpoint_hit("ledger_before_step");
        err = step_run(db, format, why);
        format++;
    }
    return err;
}

enum err ledger_migrate(struct sql_db *db, struct err_why *why)
{
    return ledger_migrate_to(db, LEDGER_FORMAT, why);
}

/* When each state was first heard of, from all receipts of a message or of its digest. */
#define HEARD(state)                                                                               \
    " " state "_at = (SELECT min(at) FROM (SELECT r.at FROM receipts r"                            \
    " WHERE r.message IN (messages.id, messages.went_as) AND r.message <> '' AND r.state = "       \
    "'" state                                                                                      \
    "' UNION ALL SELECT r.at FROM gateway_ids g JOIN receipts r ON r.gateway_id = g.gateway_id"    \
    " AND r.channel = g.channel AND r.state = '" state                                             \
    "' WHERE g.message IN (messages.id, messages.went_as) AND g.message <> ''))"
#define MARK_SETS HEARD("queued") "," HEARD("undelivered") "," HEARD("delivered") "," HEARD("read")
/* Messages that a receipt (message, gateway id, channel) names. */
#define RECEIPT_TARGETS                                                                            \
    "SELECT ?1 WHERE ?1 <> '' UNION SELECT message FROM gateway_ids"                               \
    " WHERE gateway_id = ?2 AND channel = ?3 AND ?2 <> ''"
#define DIGEST_DEPTH "64" /* of digests in digests: more are none of ours */
#define DIGEST_SETS                                                                                \
    "state = d.state, at = d.at, attempts = d.attempts, ready = d.ready, reason = d.reason,"       \
    " body = iif(d.body = '', messages.body, d.body),"                                             \
    " accepted_at = coalesce(messages.accepted_at, d.accepted_at),"                                \
    " sent_at = coalesce(d.sent_at, messages.sent_at), fact = d.fact"

/* Of a case: what every fact may change, and what a changed run may. */
#define CASE_TOUCH                                                                                 \
    "title = ?2, handler = ?5, from_unit = ?6, number = ?7, labels = ?8, updated = ?12,"           \
    " fault = ?14, fact = ?15, objected_at = ?16, objected_by = ?17, units = ?19, runs_hash = ?20"
#define CASE_MOVE "state = ?9, light = ?10, due = ?13, status = ?18"

/* The cases that are noted in this transaction. */
#define NOTED_CASES "temp.moved_cases n CROSS JOIN cases c ON c.id = n.case_id"

static const char *const stmt_texts[LEDGER_STMT_COUNT] = {
    [STMT_POSITION] = "INSERT INTO positions VALUES(?1, ?2) ON CONFLICT(partition)"
                      " DO UPDATE SET position = excluded.position",
    [STMT_EVENT] = "INSERT INTO events VALUES(?1,?2,?3,?4,?5,?6,?7,?8,0,?9,?10,?11,?12)"
                   " ON CONFLICT(source, id, case_id) DO UPDATE SET repeats = repeats + 1,"
                   " fact = excluded.fact WHERE excluded.fact > fact",
    [STMT_ACK] = "INSERT INTO acks VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9) ON CONFLICT DO NOTHING",
    [STMT_WAIVER] = "INSERT INTO waivers VALUES(?1,?2,?3,?4,?5,?6,?7) ON CONFLICT DO NOTHING",
    /*
     * What of a case that is known would change: SQLite writes to each index that holds a column
     * which a statement sets, whatever its value, so a case is written by the least that will do.
     */
    [STMT_CASE_BEFORE] = "SELECT fact < ?15, matter = ?3 AND unit = ?4 AND created = ?11,"
                         " state = ?9 AND light = ?10 AND status = ?18, due = ?13,"
                         " units = ?19 AND runs_hash = ?20 FROM cases WHERE id = ?1",
    [STMT_CASE_COMES] = "INSERT INTO cases VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,"
                        "?15,?16,?17,?18,?19,?20)",
    [STMT_CASE_TOUCH] = "UPDATE cases SET " CASE_TOUCH " WHERE id = ?1",
    [STMT_CASE_DUE] = "UPDATE cases SET " CASE_TOUCH ", due = ?13 WHERE id = ?1",
    [STMT_CASE_MOVE] = "UPDATE cases SET " CASE_TOUCH ", " CASE_MOVE " WHERE id = ?1",
    [STMT_CASE_ANEW] = "UPDATE cases SET " CASE_TOUCH ", " CASE_MOVE ", matter = ?3, unit = ?4,"
                       " created = ?11 WHERE id = ?1",
    [STMT_NOTE] = "INSERT INTO temp.moved_cases VALUES(?1, ?2) ON CONFLICT DO NOTHING",
    [STMT_RUNS_OUT] = FIGURES_NOTE_RUNS("-1", "w.case_id = ?1"),
    [STMT_SUMS_OUT] = FIGURES_NOTE_CASES("-1", "w.case_id = ?1"),
    [STMT_STATES_OUT] = "INSERT INTO temp.moved_states SELECT unit, status, state, light, -1"
                        " FROM cases WHERE id = ?1",
    /* DO NOTHING: a new case that was told of twice has some of them from the triggers. */
    [STMT_NEW_UNITS] = "INSERT INTO case_units SELECT c.id, e.value FROM " NOTED_CASES
                       " CROSS JOIN json_each(c.units) e WHERE n.is_new ON CONFLICT DO NOTHING",
    [STMT_NEW_LABELS] =
        "INSERT INTO case_labels SELECT e.key || '=' || e.value, c.id FROM " NOTED_CASES
        " CROSS JOIN json_each(c.labels) e WHERE n.is_new"
        " AND c.labels <> '{}' AND e.atom IS NOT NULL ON CONFLICT DO NOTHING",
    [STMT_NEW_DOCS] = "INSERT INTO search_docs(case_id) SELECT case_id FROM temp.moved_cases"
                      " WHERE is_new",
    /* Nothing of them is in the index of words yet, whatever a change of the title has queued. */
    [STMT_NEW_WORDS] = "INSERT INTO search_queue SELECT case_id, NULL, NULL FROM temp.moved_cases"
                       " WHERE is_new ON CONFLICT DO UPDATE SET title = NULL, number = NULL",
    [STMT_RUNS_IN] = FIGURES_NOTE_RUNS("1", FIGURES_MOVED_CASES),
    [STMT_SUMS_IN] = FIGURES_NOTE_CASES("1", FIGURES_MOVED_CASES),
    [STMT_STATES_IN] = "INSERT INTO temp.moved_states SELECT c.unit, c.status, c.state, c.light, 1"
                       " FROM " NOTED_CASES,
    [STMT_RUN_SUMS] = FIGURES_ADD_RUNS("run_sums", RUN_SUMS_KEY, "temp.moved_runs"),
    [STMT_RUN_TOTALS] = FIGURES_ADD_RUNS("run_totals", RUN_TOTALS_KEY, "temp.moved_runs"),
    [STMT_CASE_SUMS] = FIGURES_ADD_CASES("case_sums", CASE_SUMS_KEY, "temp.moved_sums"),
    [STMT_CASE_TOTALS] = FIGURES_ADD_CASES("case_totals", CASE_TOTALS_KEY, "temp.moved_sums"),
    [STMT_TALLIES] = "INSERT INTO tallies SELECT 'case', state, light, sum(n)"
                     " FROM temp.moved_states WHERE true GROUP BY state, light HAVING sum(n) <> 0"
                     " ON CONFLICT DO UPDATE SET count = count + excluded.count",
    [STMT_TALLIES_NONE] = "DELETE FROM tallies WHERE kind = 'case' AND count = 0",
    [STMT_STATUS_TALLIES] = "INSERT INTO status_tallies SELECT unit, status, sum(n)"
                            " FROM temp.moved_states WHERE true GROUP BY unit, status"
                            " HAVING sum(n) <> 0"
                            " ON CONFLICT DO UPDATE SET count = count + excluded.count",
    [STMT_STATUS_TALLIES_NONE] = "DELETE FROM status_tallies WHERE count = 0",
    [STMT_RUNS_DONE] = "DELETE FROM temp.moved_runs",
    [STMT_SUMS_DONE] = "DELETE FROM temp.moved_sums",
    [STMT_STATES_DONE] = "DELETE FROM temp.moved_states",
    [STMT_NOTES_DONE] = "DELETE FROM temp.moved_cases",
    [STMT_WORK] = WORK_WRITE,
    [STMT_WORK_ACT] = WORK_ACT,
    [STMT_WORK_TOUCH] = WORK_TOUCH,
    [STMT_OUTCOME] = "INSERT INTO entry_outcomes VALUES(?1,?2,?3,?4,?8,?5,?6,?7,?9,?10)"
                     " ON CONFLICT DO NOTHING",
    [STMT_STATEMENT] = "INSERT INTO entry_statements VALUES(?1,?2,?3,?4,?8,?6,?7,?10)"
                       " ON CONFLICT DO NOTHING",
    [STMT_RUNS_CLEAR] = "DELETE FROM runs WHERE case_id = ?1",
    [STMT_RUN] =
        "INSERT OR REPLACE INTO runs VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,"
        "?15,?16,?17,?18)",
    [STMT_ALERT] =
        "INSERT INTO alerts VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,"
        "?17) ON CONFLICT(id) DO UPDATE SET status = excluded.status, fact = excluded.fact"
        " WHERE excluded.fact > fact",
    /* A message of it was dropped because the alert should not have fired. */
    [STMT_ALERT_OVERTAKEN] =
        "UPDATE alerts SET status = 'overtaken' WHERE id = ?1 AND status = 'fired'"
        " AND EXISTS (SELECT 1 FROM messages WHERE alert = ?1 AND state = 'dropped'"
        " AND reason = 'overtaken')",
    [STMT_REJECT] =
        "INSERT INTO rejects VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10) ON CONFLICT DO NOTHING",
    [STMT_MESSAGE] =
        "INSERT INTO messages(id, alert, case_id, clock, stage, person, channel, state, at,"
        " attempts, ready, reason, body, gateway_id, created_at, held_until, accepted_at, "
        "fact, digest, notice, sent_at, stands_in_for)"
        " VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?9,"
        " iif(?8 = 'held', ?11, NULL),?15,?16,?17,?18,?19,?20)"
        /* Of a message whose entry could not be read, only its end is told. */
        " ON CONFLICT(id) DO UPDATE SET alert = iif(excluded.alert = '', alert, excluded.alert),"
        " case_id = iif(excluded.alert = '', case_id, excluded.case_id),"
        " clock = iif(excluded.alert = '', clock, excluded.clock),"
        " stage = iif(excluded.alert = '', stage, excluded.stage), person = excluded.person,"
        " channel = excluded.channel, state = excluded.state, at = excluded.at,"
        " attempts = excluded.attempts, ready = excluded.ready, reason = excluded.reason,"
        " body = iif(excluded.body = '', body, excluded.body),"
        " gateway_id = iif(excluded.gateway_id = '', gateway_id, excluded.gateway_id),"
        " created_at = coalesce(created_at, excluded.created_at),"
        " held_until = coalesce(excluded.held_until, held_until),"
        " accepted_at = coalesce(accepted_at, excluded.accepted_at),"
        " digest = excluded.digest, notice = iif(excluded.notice = '', notice, excluded.notice),"
        " sent_at = coalesce(excluded.sent_at, sent_at),"
        " stands_in_for = iif(excluded.stands_in_for = '', stands_in_for, excluded.stands_in_for),"
        " fact = excluded.fact WHERE excluded.fact > fact",
    [STMT_GATEWAY_ID] = "INSERT INTO gateway_ids VALUES(?1,?2,?3) ON CONFLICT DO NOTHING",
    [STMT_BESIDE] =
        "SELECT digest <> '' OR went_as <> '' OR EXISTS (SELECT 1 FROM messages d"
        " WHERE d.digest = ?1 AND d.digest <> ''), EXISTS (SELECT 1 FROM receipts"
        " WHERE message = ?1) OR EXISTS (SELECT 1 FROM gateway_ids g JOIN receipts r"
        " ON r.gateway_id = g.gateway_id AND r.channel = g.channel AND r.gateway_id <> ''"
        " WHERE g.message = ?1) FROM messages WHERE id = ?1",
    [STMT_WENT_AS] =
        "WITH RECURSIVE below(id, top, depth) AS (SELECT m.id, iif(m.digest = '', '',"
        " coalesce(nullif((SELECT d.went_as FROM messages d WHERE d.id = m.digest), ''),"
        " m.digest)), 0 FROM messages m WHERE m.id = ?1 UNION ALL"
        " SELECT m.id, iif(b.top = '', b.id, b.top), b.depth + 1 FROM below b JOIN messages m"
        " ON m.digest = b.id AND m.digest <> '' WHERE b.depth < " DIGEST_DEPTH ")"
        " UPDATE messages SET went_as = (SELECT b.top FROM below b WHERE b.id = messages.id)"
        " WHERE id IN (SELECT b.id FROM below b)",
    /* A digest tells its messages' state; each time it is told, and to one that comes late. */
    [STMT_DIGEST_TO_MEMBERS] =
        "UPDATE messages SET " DIGEST_SETS " FROM messages d WHERE d.id = ?1"
        " AND messages.went_as = d.id AND messages.went_as <> '' AND messages.fact < d.fact",
    [STMT_DIGEST_OF_MEMBER] =
        "UPDATE messages SET " DIGEST_SETS " FROM messages d WHERE messages.id = ?1"
        " AND d.id = messages.went_as AND d.id <> messages.id AND messages.fact < d.fact",
    [STMT_OVERTAKEN] = "UPDATE alerts SET status = 'overtaken' WHERE status = 'fired'"
                       " AND id = (SELECT alert FROM messages WHERE id = ?1 AND alert <> ''"
                       " AND state = 'dropped' AND reason = 'overtaken')",
    [STMT_RECEIPT] = "INSERT INTO receipts VALUES(?1,?2,?3,?4,?5,?6,"
                     " EXISTS (SELECT 1 FROM messages WHERE id = ?1 AND ?1 <> '') OR EXISTS"
                     " (SELECT 1 FROM gateway_ids WHERE gateway_id = ?2 AND channel = ?3"
                     " AND ?2 <> '')) ON CONFLICT DO NOTHING",
    [STMT_RECEIPTS_KNOWN] = "UPDATE receipts SET known = 1 WHERE message = ?1 AND known = 0",
    [STMT_RECEIPTS_KNOWN_BY_GATEWAY] = "UPDATE receipts SET known = 1 WHERE gateway_id = ?1"
                                       " AND channel = ?2 AND known = 0",
    [STMT_MARKS] =
        "UPDATE messages SET" MARK_SETS " WHERE id = ?1 OR (went_as = ?1 AND went_as <> '')",
    [STMT_MARKS_BY_RECEIPT] = "UPDATE messages SET" MARK_SETS " WHERE id IN (" RECEIPT_TARGETS ")"
                              " OR (went_as <> '' AND went_as IN (" RECEIPT_TARGETS "))",
    [STMT_CONFIG] = "INSERT INTO config_versions VALUES(?1,?2,?3,?4,?5,?6,?7,NULL)"
                    " ON CONFLICT DO NOTHING",
    [STMT_CONFIG_BUNDLE] = "UPDATE config_versions SET bundle = ?2 WHERE version = ?1",
    [STMT_DRAFT] = "INSERT INTO drafts VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15)"
                   " ON CONFLICT(id) DO UPDATE SET state = excluded.state, note = excluded.note,"
                   " approved_by = excluded.approved_by, approved_at = excluded.approved_at,"
                   " apply_at = excluded.apply_at, version = excluded.version, why = excluded.why,"
                   " fact = excluded.fact WHERE excluded.fact > fact",
    [STMT_DRAFT_BUNDLE] = "INSERT INTO draft_bundles VALUES(?1,?2) ON CONFLICT DO NOTHING",
    [STMT_REPLAN] = "INSERT INTO replans VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14)"
                    " ON CONFLICT(id) DO UPDATE SET state = excluded.state, done = excluded.done,"
                    " total = excluded.total, after_case = excluded.after_case, why = excluded.why,"
                    " fact = excluded.fact WHERE excluded.fact > fact",
    /* Not by triggers: a schema may not be trusted to write to virtual tables. */
    [STMT_WORDS_OUT] =
        "INSERT INTO search(search, rowid, id, title, number) SELECT 'delete',"
        " " LEDGER_WORDS_OF(
            "q.case_id",
            "q.title",
            "q.number") " FROM search_queue q JOIN search_docs d ON d.case_id = q.case_id"
                        " WHERE q.title IS NOT NULL",
    [STMT_WORDS_IN] =
        "INSERT INTO search(rowid, id, title, number) SELECT"
        " " LEDGER_WORDS_OF(
            "c.id",
            "c.title",
            "c.number") " FROM search_queue q JOIN search_docs d ON d.case_id = q.case_id"
                        " JOIN cases c ON c.id = q.case_id",
    [STMT_WORDS_DONE] = "DELETE FROM search_queue",
    [STMT_ODDITY] = "INSERT INTO oddities VALUES(?1,?2,?3,?4) ON CONFLICT DO NOTHING",
};

const char *ledger_stmt_text(enum ledger_stmt stmt)
{
    return stmt_texts[stmt];
}
