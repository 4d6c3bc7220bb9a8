/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of accounts.db and every statement over them. user_version says the format; a step
 * leads from each to the next and is never edited once it has been released.
 */
#include <stdio.h>

#include "console/accounts_internal.h"

/* Roles and rights stand as words: a number would change its meaning with the next program. */
static const char *const steps[ACCOUNTS_FORMAT] = {
    "CREATE TABLE accounts(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,"
    " display TEXT NOT NULL, roles TEXT NOT NULL, unit TEXT NOT NULL, person TEXT NOT NULL,"
    " dingtalk TEXT NOT NULL, password TEXT NOT NULL DEFAULT '',"
    " must_change INTEGER NOT NULL DEFAULT 0, disabled INTEGER NOT NULL DEFAULT 0,"
    " revision INTEGER NOT NULL DEFAULT 1, created INTEGER NOT NULL,"
    " seen INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE UNIQUE INDEX accounts_dingtalk ON accounts(dingtalk) WHERE dingtalk <> '';"
    "CREATE INDEX accounts_person ON accounts(person) WHERE person <> '';"
    "CREATE TABLE sessions(id INTEGER PRIMARY KEY AUTOINCREMENT, hash TEXT NOT NULL UNIQUE,"
    " account INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,"
    " created INTEGER NOT NULL, seen INTEGER NOT NULL, peer TEXT NOT NULL, agent TEXT NOT NULL)"
    " STRICT;"
    "CREATE INDEX sessions_account ON sessions(account);"
    "CREATE TABLE tokens(id INTEGER PRIMARY KEY AUTOINCREMENT, hash TEXT NOT NULL UNIQUE,"
    " name TEXT NOT NULL UNIQUE, rights TEXT NOT NULL, unit TEXT NOT NULL, made_by TEXT NOT NULL,"
    " created INTEGER NOT NULL, expires INTEGER NOT NULL, used INTEGER NOT NULL DEFAULT 0) STRICT;"
    /* account NULL: the link that makes the first account. */
    "CREATE TABLE links(hash TEXT PRIMARY KEY,"
    " account INTEGER REFERENCES accounts(id) ON DELETE CASCADE, expires INTEGER NOT NULL) STRICT;"
    "CREATE INDEX links_account ON links(account);"
    /* The key is a hash: people type their passwords where the name belongs. */
    "CREATE TABLE failures(key TEXT PRIMARY KEY, count INTEGER NOT NULL, last INTEGER NOT NULL,"
    " until INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX failures_last ON failures(last);",
};

#define ACCOUNT_COLUMNS                                                                            \
    "id, name, display, roles, unit, person, dingtalk, password, must_change, disabled,"           \
    " revision, seen"
#define SESSION_COLUMNS "s.id, s.account, s.created, s.seen, s.peer, s.agent, a.name"
#define TOKEN_COLUMNS   "id, name, rights, unit, made_by, created, expires, used"

static const char *const texts[ACCOUNTS_STMT_COUNT] = {
    [ACCOUNT_COUNT] = "SELECT count(*) FROM accounts",
    [ACCOUNT_BY_NAME] = "SELECT " ACCOUNT_COLUMNS " FROM accounts WHERE name = ?1",
    [ACCOUNT_BY_ID] = "SELECT " ACCOUNT_COLUMNS " FROM accounts WHERE id = ?1",
    [ACCOUNT_BY_DINGTALK] = "SELECT " ACCOUNT_COLUMNS " FROM accounts WHERE dingtalk = ?1"
                            " AND dingtalk <> '' AND disabled = 0",
    /* Two accounts of one person: neither can be meant. */
    [ACCOUNT_BY_PERSON] = "SELECT " ACCOUNT_COLUMNS " FROM accounts WHERE person = ?1"
                          " AND person <> '' AND disabled = 0 AND (SELECT count(*) FROM accounts b"
                          " WHERE b.person = ?1 AND b.person <> '' AND b.disabled = 0) = 1",
    [ACCOUNT_LIST] = "SELECT " ACCOUNT_COLUMNS " FROM accounts WHERE name > ?1 ORDER BY name"
                     " LIMIT ?2",
    [ACCOUNT_ADD] = "INSERT INTO accounts(name, display, roles, unit, person, dingtalk, password,"
                    " must_change, disabled, created) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)"
                    " RETURNING id",
    [ACCOUNT_CHANGE] = "UPDATE accounts SET display = ?3, roles = ?4, unit = ?5, person = ?6,"
                       " dingtalk = ?7, disabled = ?8, revision = revision + 1"
                       " WHERE id = ?1 AND revision = ?2",
    [ACCOUNT_REMOVE] = "DELETE FROM accounts WHERE id = ?1 AND revision = ?2",
    [ACCOUNT_PASSWORD] = "UPDATE accounts SET password = ?2, must_change = ?3,"
                         " revision = revision + 1 WHERE id = ?1",
    [ACCOUNT_REHASH] = "UPDATE accounts SET password = ?3 WHERE id = ?1 AND password = ?2",
    [ACCOUNT_SEEN] = "UPDATE accounts SET seen = ?2 WHERE id = ?1",
    [ACCOUNT_MANAGERS] = "SELECT count(*) FROM accounts WHERE disabled = 0"
                         " AND instr(' ' || roles || ' ', ' admin ') > 0",
    [SESSION_ADD] = "INSERT INTO sessions(hash, account, created, seen, peer, agent)"
                    " VALUES(?1,?2,?3,?3,?4,?5)",
    [SESSION_BY_HASH] = "SELECT " SESSION_COLUMNS " FROM sessions s JOIN accounts a"
                        " ON a.id = s.account WHERE s.hash = ?1 AND a.disabled = 0"
                        " AND s.created > ?2 AND s.seen > ?3",
    [SESSION_SEEN] = "UPDATE sessions SET seen = ?2 WHERE id = ?1 AND seen < ?2",
    [SESSION_END] = "DELETE FROM sessions WHERE id = ?1 AND ?2 IN (0, account)",
    [SESSION_END_OF] = "DELETE FROM sessions WHERE account = ?1",
    [SESSION_END_OLDEST] = "DELETE FROM sessions WHERE account = ?1 AND id NOT IN (SELECT id FROM"
                           " sessions WHERE account = ?1 ORDER BY id DESC LIMIT ?2)",
    [SESSION_LIST] = "SELECT " SESSION_COLUMNS " FROM sessions s JOIN accounts a"
                     " ON a.id = s.account WHERE ?1 IN (0, s.account) AND a.disabled = 0"
                     " AND s.created > ?2 AND s.seen > ?3 ORDER BY s.id DESC LIMIT ?4",
    [SESSION_SWEEP] = "DELETE FROM sessions WHERE created <= ?1 OR seen <= ?2",
    [API_TOKEN_ADD] = "INSERT INTO tokens(hash, name, rights, unit, made_by, created, expires)"
                      " VALUES(?1,?2,?3,?4,?5,?6,?7) RETURNING id",
    [API_TOKEN_BY_HASH] = "SELECT " TOKEN_COLUMNS " FROM tokens WHERE hash = ?1 AND expires > ?2",
    [API_TOKEN_BY_ID] = "SELECT " TOKEN_COLUMNS " FROM tokens WHERE id = ?1",
    [API_TOKEN_USED] = "UPDATE tokens SET used = ?2 WHERE id = ?1 AND used < ?2",
    [API_TOKEN_REMOVE] = "DELETE FROM tokens WHERE id = ?1",
    [API_TOKEN_LIST] = "SELECT " TOKEN_COLUMNS " FROM tokens ORDER BY id DESC LIMIT ?1",
    [LINK_ADD] = "INSERT INTO links VALUES(?1, nullif(?2, 0), ?3)",
    [LINK_BY_HASH] = "SELECT coalesce(account, 0) FROM links WHERE hash = ?1 AND expires > ?2",
    [LINK_END] = "DELETE FROM links WHERE hash = ?1 AND expires > ?2",
    [LINK_END_OF] = "DELETE FROM links WHERE coalesce(account, 0) = ?1",
    [LINK_SWEEP] = "DELETE FROM links WHERE expires <= ?1",
    [FAILURE_BY_KEY] = "SELECT count, last, until FROM failures WHERE key = ?1",
    [FAILURE_PUT] = "INSERT INTO failures VALUES(?1,?2,?3,?4) ON CONFLICT(key) DO UPDATE SET"
                    " count = excluded.count, last = excluded.last, until = excluded.until",
    [FAILURE_END] = "DELETE FROM failures WHERE key = ?1",
    [FAILURE_SWEEP] = "DELETE FROM failures WHERE last <= ?1",
    [FAILURE_BOUND] = "DELETE FROM failures WHERE key IN (SELECT key FROM failures"
                      " ORDER BY last DESC LIMIT -1 OFFSET ?1)",
};

const char *accounts_stmt_text(enum accounts_stmt stmt)
{
    return texts[stmt];
}

static enum err format_read(struct sql_db *db, int64_t *ret_format, struct err_why *why)
{
    struct sql_stmt *stmt = NULL;
    bool row = false;
    enum err err = sql_prepare(db, "PRAGMA user_version", &stmt, why);
    if (!err) {
        err = sql_step(stmt, &row, why);
    }
    if (!err && row) {
        *ret_format = sql_i64(stmt, 0);
    }
    sql_finalize(stmt);
    return err;
}

enum err accounts_migrate(struct sql_db *db, struct err_why *why)
{
    int64_t format = 0;
    enum err err = format_read(db, &format, why);
    if (!err && format > ACCOUNTS_FORMAT) {
        err = err_set(
            why, ERR_CONFLICT,
            "accounts.db was written by a newer program (format %lld, this one knows %d)",
            (long long)format, ACCOUNTS_FORMAT);
    }
    for (; !err && format < ACCOUNTS_FORMAT; format++) {
        char end[64];
        (void)snprintf(
            end, sizeof end, "PRAGMA user_version = %lld; COMMIT", (long long)format + 1);
        err = sql_exec(db, "BEGIN IMMEDIATE", why);
        if (!err) {
            err = sql_exec(db, steps[format], why);
        }
        if (!err) {
            err = sql_exec(db, end, why);
        }
    }
    return err;
}
