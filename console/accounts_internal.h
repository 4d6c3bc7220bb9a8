/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files that make up accounts.db share (private to console/accounts*.c).
 */
#ifndef NRT_CONSOLE_ACCOUNTS_INTERNAL_H
#define NRT_CONSOLE_ACCOUNTS_INTERNAL_H

#include "base/crypto.h"
#include "base/sql.h"
#include "console/accounts.h"

enum accounts_stmt {
    ACCOUNT_COUNT,
    ACCOUNT_BY_NAME,
    ACCOUNT_BY_ID,
    ACCOUNT_BY_DINGTALK,
    ACCOUNT_BY_PERSON,
    ACCOUNT_LIST,
    ACCOUNT_ADD,
    ACCOUNT_CHANGE,
    ACCOUNT_REMOVE,
    ACCOUNT_PASSWORD,
    ACCOUNT_REHASH,
    ACCOUNT_SEEN,
    ACCOUNT_MANAGERS,
    SESSION_ADD,
    SESSION_BY_HASH,
    SESSION_SEEN,
    SESSION_END,
    SESSION_END_OF,
    SESSION_END_OLDEST,
    SESSION_LIST,
    SESSION_SWEEP,
    API_TOKEN_ADD,
    API_TOKEN_BY_HASH,
    API_TOKEN_BY_ID,
    API_TOKEN_USED,
    API_TOKEN_REMOVE,
    API_TOKEN_LIST,
    LINK_ADD,
    LINK_BY_HASH,
    LINK_END,
    LINK_END_OF,
    LINK_SWEEP,
    FAILURE_BY_KEY,
    FAILURE_PUT,
    FAILURE_END,
    FAILURE_SWEEP,
    FAILURE_BOUND,
    ACCOUNTS_STMT_COUNT
};

struct accounts {
    struct sql_db *db;
    struct sql_stmt *stmts[ACCOUNTS_STMT_COUNT];
    /* When sessions and tokens were last seen: not worth waiting for the disk. */
    struct sql_db *seen_db;
    struct sql_stmt *session_seen;
    struct sql_stmt *token_used;
    struct wall_ms newest; /* the latest instant given out */
};

const char *accounts_stmt_text(enum accounts_stmt stmt);
/* Bring the file to this format. */
enum err accounts_migrate(struct sql_db *db, struct err_why *why) ERR_MUST_USE;

/* A statement with its parameters bound: text, or number where text.ptr is NULL. */
struct accounts_value {
    struct text text;
    int64_t number;
};
struct sql_stmt *accounts_bind(
    struct accounts *accounts,
    enum accounts_stmt stmt,
    const struct accounts_value *values,
    size_t count);
#define VALUE_TEXT(t)   ((struct accounts_value){.text = accounts_some(t)})
#define VALUE_NUMBER(n) ((struct accounts_value){.number = (n)})
/* Never NULL inside, so that an empty text stays one. */
struct text accounts_some(struct text text);
/* Bind and run; how many rows it changed goes to ret_changed (may be NULL). */
enum err accounts_run(
    struct accounts *accounts,
    enum accounts_stmt stmt,
    const struct accounts_value *values,
    size_t count,
    int64_t *ret_changed) ERR_MUST_USE;

/* The same for an INSERT that returns the row's number. */
enum err accounts_run_id(
    struct accounts *accounts,
    enum accounts_stmt stmt,
    const struct accounts_value *values,
    size_t count,
    int64_t *ret_id) ERR_MUST_USE;

/* All that work() does, or nothing. */
typedef enum err accounts_work_fn(struct accounts *accounts, void *context);
enum err accounts_whole(struct accounts *accounts, accounts_work_fn *work, void *context)
    ERR_MUST_USE;

/* 256 new random bits in hex, and the hash they are kept as. */
#define ACCOUNTS_HASH_BYTES (2 * SHA256_BYTES + 1)
void accounts_secret(
    char ret_key[static SECRET_TEXT_BYTES], char ret_hash[static ACCOUNTS_HASH_BYTES]);
void accounts_hash(struct text key, char ret_hash[static ACCOUNTS_HASH_BYTES]);

/* A copy in the arena; ERR_NO_MEMORY goes to *err. */
struct text accounts_keep(struct arena *arena, struct text text, enum err *err);

/* Inside a transaction: the password of an account, which ends its sessions and links. */
enum err accounts_password_put(
    struct accounts *accounts, int64_t id, struct text hash, bool must_change) ERR_MUST_USE;
enum err accounts_insert(struct accounts *accounts, const struct account *account, int64_t *ret_id)
    ERR_MUST_USE;
/* Until when this name is locked; 0: it is not. */
struct wall_ms accounts_locked_until(struct accounts *accounts, struct text name);
enum err accounts_failures_end(struct accounts *accounts, struct text name) ERR_MUST_USE;

#endif
