/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening accounts.db, and the accounts themselves.
 */
#include "console/accounts.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "console/accounts_internal.h"
#include "console/duties.h"

/* ---- opening ---- */

/* The file is made before SQLite opens it: what SQLite makes beside it gets the same rights. */
static enum err make_private(const char *path, struct err_why *why)
{
    const int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);
    const bool good = fd >= 0 && fchmod(fd, 0600) == 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    return good ? ERR_OK : err_set(why, ERR_IO, "%.200s cannot be opened for writing", path);
}

static enum err prepare_all(struct accounts *accounts, struct err_why *why)
{
    enum err err = ERR_OK;
    for (int stmt = 0; stmt < ACCOUNTS_STMT_COUNT && !err; stmt++) {
        err = sql_prepare(
            accounts->db, accounts_stmt_text((enum accounts_stmt)stmt), &accounts->stmts[stmt],
            why);
    }
    if (!err) {
        err = sql_prepare(
            accounts->seen_db, accounts_stmt_text(SESSION_SEEN), &accounts->session_seen, why);
    }
    return err ? err
               : sql_prepare(
                     accounts->seen_db, accounts_stmt_text(API_TOKEN_USED), &accounts->token_used,
                     why);
}

enum err accounts_open(const char *path, struct accounts **ret_accounts, struct err_why *why)
{
    struct accounts *accounts = calloc(1, sizeof(*accounts));
    if (!accounts) {
        return err_set(why, ERR_NO_MEMORY, "no memory for the accounts");
    }
    enum err err = make_private(path, why);
    if (!err) {
        err = sql_open(path, SQL_DURABLE, &accounts->db, why);
    }
    if (!err) {
        err = accounts_migrate(accounts->db, why);
    }
    if (!err) {
        err = sql_open(path, SQL_RELAXED, &accounts->seen_db, why);
    }
    if (!err) {
        err = prepare_all(accounts, why);
    }
    if (err) {
        accounts_close(accounts);
        return err;
    }
    *ret_accounts = accounts;
    return ERR_OK;
}

void accounts_close(struct accounts *accounts)
{
    if (!accounts) {
        return;
    }
    for (int stmt = 0; stmt < ACCOUNTS_STMT_COUNT; stmt++) {
        sql_finalize(accounts->stmts[stmt]);
    }
    sql_finalize(accounts->session_seen);
    sql_finalize(accounts->token_used);
    sql_close(accounts->seen_db);
    sql_close(accounts->db);
    free(accounts);
}

enum err accounts_backup(struct accounts *accounts, const char *path, struct err_why *why)
{
    return sql_backup(accounts->db, path, why);
}

enum err accounts_close_doors(const char *path, struct err_why *why)
{
    struct sql_db *db = NULL;
    enum err err = sql_open(path, SQL_DURABLE, &db, why);
    if (!err) {
        err = accounts_migrate(db, why);
    }
    if (!err) {
        err = sql_exec(db, "DELETE FROM sessions; DELETE FROM links", why);
    }
    sql_close(db);
    return err;
}

struct wall_ms accounts_now(struct accounts *accounts)
{
    const struct wall_ms now = clock_system();
    if (now.ms > accounts->newest.ms) {
        accounts->newest = now;
    }
    return accounts->newest;
}

/* ---- statements ---- */

struct text accounts_some(struct text text)
{
    return text.ptr ? text : TEXT_LITERAL("");
}

struct sql_stmt *accounts_bind(
    struct accounts *accounts,
    enum accounts_stmt stmt,
    const struct accounts_value *values,
    size_t count)
{
    struct sql_stmt *const bound = accounts->stmts[stmt];
    sql_reset(bound);
    for (size_t index = 0; index < count; index++) {
        if (values[index].text.ptr) {
            sql_bind_text(bound, (int)index + 1, values[index].text);
        } else {
            sql_bind_i64(bound, (int)index + 1, values[index].number);
        }
    }
    return bound;
}

enum err accounts_run(
    struct accounts *accounts,
    enum accounts_stmt stmt,
    const struct accounts_value *values,
    size_t count,
    int64_t *ret_changed)
{
    struct err_why why = {0};
    const enum err err = sql_run(accounts_bind(accounts, stmt, values, count), &why);
    if (err && err != ERR_EXISTS) {
        log_error("accounts_failed", "err=%s why=\"%s\"", err_name(err), why.text);
    }
    if (!err && ret_changed) {
        *ret_changed = sql_changes(accounts->db);
    }
    return err;
}

enum err accounts_run_id(
    struct accounts *accounts,
    enum accounts_stmt stmt,
    const struct accounts_value *values,
    size_t count,
    int64_t *ret_id)
{
    struct err_why why = {0};
    struct sql_stmt *bound = accounts_bind(accounts, stmt, values, count);
    bool row = false;
    int64_t id = 0;
    enum err err = sql_step(bound, &row, &why);
    if (!err && row) {
        id = sql_i64(bound, 0);
        err = sql_step(bound, &row, &why); /* only its end commits */
    }
    sql_reset(bound);
    if (err && err != ERR_EXISTS) {
        log_error("accounts_failed", "err=%s why=\"%s\"", err_name(err), why.text);
    }
    if (!err) {
        *ret_id = id;
    }
    return err;
}

enum err accounts_whole(struct accounts *accounts, accounts_work_fn *work, void *context)
{
    struct err_why why = {0};
    enum err err = sql_exec(accounts->db, "BEGIN IMMEDIATE", &why);
    if (err) {
        log_error("accounts_failed", "err=%s why=\"%s\"", err_name(err), why.text);
        return err;
    }
    err = work(accounts, context);
    if (!err) {
        err = sql_exec(accounts->db, "COMMIT", &why);
    }
    if (err) {
        /* What failed may have ended the transaction by itself: then there is nothing to undo. */
        (void)!sql_exec(accounts->db, "ROLLBACK", NULL);
    }
    return err;
}

void accounts_hash(struct text key, char ret_hash[static ACCOUNTS_HASH_BYTES])
{
    struct buf hex;
    buf_init(&hex, ACCOUNTS_HASH_BYTES);
    crypto_sha256_hex(&hex, key);
    memset(ret_hash, 0, ACCOUNTS_HASH_BYTES);
    memcpy(ret_hash, hex.ptr, hex.bytes);
    buf_release(&hex);
}

void accounts_secret(
    char ret_key[static SECRET_TEXT_BYTES], char ret_hash[static ACCOUNTS_HASH_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t bytes[(SECRET_TEXT_BYTES - 1) / 2];
    crypto_random(bytes, sizeof bytes);
    for (size_t index = 0; index < sizeof bytes; index++) {
        ret_key[2 * index] = digits[bytes[index] >> 4];
        ret_key[2 * index + 1] = digits[bytes[index] & 15];
    }
    ret_key[SECRET_TEXT_BYTES - 1] = '\0';
    accounts_hash(text_of(ret_key), ret_hash);
}

struct text accounts_keep(struct arena *arena, struct text text, enum err *err)
{
    const struct text kept = arena_text(arena, text);
    if (!kept.ptr) {
        *err = ERR_NO_MEMORY;
    }
    return kept;
}

/* ---- names ---- */

/* Letters, digits and . _ - @ of ASCII: a name that looks like another one must not exist. */
bool account_name_read(struct text given, char ret_name[static ACCOUNT_NAME_BYTES_MAX + 1])
{
    if (given.bytes == 0 || given.bytes > ACCOUNT_NAME_BYTES_MAX || given.ptr[0] == '.' ||
        given.ptr[0] == '-') {
        return false;
    }
    for (size_t index = 0; index < given.bytes; index++) {
        const char c = given.ptr[index];
        const bool upper = c >= 'A' && c <= 'Z';
        if (!upper && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
            (c == '\0' || !strchr("._-@", c))) {
            return false;
        }
        ret_name[index] = (char)(upper ? c - 'A' + 'a' : c);
    }
    ret_name[given.bytes] = '\0';
    return true;
}

/* ---- reading ---- */

static enum err account_read(
    struct accounts *accounts,
    struct sql_stmt *stmt,
    struct arena *arena,
    struct account *ret_account)
{
    enum err err = ERR_OK;
    struct account account = {
        .id = sql_i64(stmt, 0),
        .name = accounts_keep(arena, sql_text(stmt, 1), &err),
        .display = accounts_keep(arena, sql_text(stmt, 2), &err),
        .roles = duties_read(sql_text(stmt, 3)),
        .unit = accounts_keep(arena, sql_text(stmt, 4), &err),
        .person = accounts_keep(arena, sql_text(stmt, 5), &err),
        .dingtalk = accounts_keep(arena, sql_text(stmt, 6), &err),
        .password = accounts_keep(arena, sql_text(stmt, 7), &err),
        .must_change = sql_i64(stmt, 8) != 0,
        .disabled = sql_i64(stmt, 9) != 0,
        .revision = sql_i64(stmt, 10),
        .seen = {sql_i64(stmt, 11)},
    };
    account.until = accounts_locked_until(accounts, account.name);
    if (!err) {
        *ret_account = account;
    }
    return err;
}

static enum err find(
    struct accounts *accounts,
    enum accounts_stmt by,
    struct accounts_value value,
    struct arena *arena,
    struct account *ret_account)
{
    struct err_why why = {0};
    bool row = false;
    struct sql_stmt *stmt = accounts_bind(accounts, by, &value, 1);
    enum err err = sql_step(stmt, &row, &why);
    if (err) {
        log_error("accounts_failed", "err=%s why=\"%s\"", err_name(err), why.text);
    } else {
        err = row ? account_read(accounts, stmt, arena, ret_account) : ERR_NOT_FOUND;
    }
    sql_reset(stmt);
    return err;
}

enum err accounts_find(
    struct accounts *accounts, struct text name, struct arena *arena, struct account *ret_account)
{
    return find(accounts, ACCOUNT_BY_NAME, VALUE_TEXT(name), arena, ret_account);
}

enum err accounts_find_id(
    struct accounts *accounts, int64_t id, struct arena *arena, struct account *ret_account)
{
    return find(accounts, ACCOUNT_BY_ID, VALUE_NUMBER(id), arena, ret_account);
}

enum err accounts_find_dingtalk(
    struct accounts *accounts,
    struct text dingtalk,
    struct arena *arena,
    struct account *ret_account)
{
    return find(accounts, ACCOUNT_BY_DINGTALK, VALUE_TEXT(dingtalk), arena, ret_account);
}

enum err accounts_find_person(
    struct accounts *accounts, struct text person, struct arena *arena, struct account *ret_account)
{
    return find(accounts, ACCOUNT_BY_PERSON, VALUE_TEXT(person), arena, ret_account);
}

enum err accounts_each(
    struct accounts *accounts,
    struct text after,
    int64_t limit,
    account_each_fn *each,
    void *context)
{
    const struct accounts_value values[] = {VALUE_TEXT(after), VALUE_NUMBER(limit)};
    struct sql_stmt *stmt = accounts_bind(accounts, ACCOUNT_LIST, values, 2);
    struct arena arena;
    bool row = false;
    enum err err = ERR_OK;
    arena_init(&arena, 0);
    while (!err && !(err = sql_step(stmt, &row, NULL)) && row) {
        struct account account;
        arena_reset(&arena);
        err = account_read(accounts, stmt, &arena, &account);
        if (!err) {
            each(context, &account);
        }
    }
    sql_reset(stmt);
    arena_release(&arena);
    return err;
}

static enum err count_of(struct accounts *accounts, enum accounts_stmt what, int64_t *ret_count)
{
    bool row = false;
    struct sql_stmt *stmt = accounts_bind(accounts, what, NULL, 0);
    const enum err err = sql_step(stmt, &row, NULL);
    if (!err && row) {
        *ret_count = sql_i64(stmt, 0);
    }
    sql_reset(stmt);
    return err;
}

enum err accounts_count(struct accounts *accounts, int64_t *ret_count)
{
    return count_of(accounts, ACCOUNT_COUNT, ret_count);
}

/* ---- changing ---- */

enum err accounts_insert(struct accounts *accounts, const struct account *account, int64_t *ret_id)
{
    char roles[DUTIES_TEXT_BYTES];
    const struct accounts_value values[] = {
        VALUE_TEXT(account->name),
        VALUE_TEXT(account->display),
        VALUE_TEXT(text_of(duties_write(account->roles, roles))),
        VALUE_TEXT(account->unit),
        VALUE_TEXT(account->person),
        VALUE_TEXT(account->dingtalk),
        VALUE_TEXT(account->password),
        VALUE_NUMBER(account->must_change),
        VALUE_NUMBER(account->disabled),
        VALUE_NUMBER(accounts_now(accounts).ms),
    };
    int64_t count = 0;
    enum err err = accounts_count(accounts, &count);
    if (!err && count >= ACCOUNTS_MAX) {
        err = ERR_FULL;
    }
    if (!err) {
        err = accounts_run_id(
            accounts, ACCOUNT_ADD, values, sizeof values / sizeof values[0], ret_id);
    }
    return err;
}

enum err accounts_add(struct accounts *accounts, const struct account *account, int64_t *ret_id)
{
    return accounts_insert(accounts, account, ret_id);
}

struct changing {
    const struct account *account; /* as it is to be; NULL: it is removed */
    int64_t id;
    int64_t revision;
};

static bool same_standing(const struct account *a, const struct account *b)
{
    return a->roles == b->roles && a->disabled == b->disabled && text_equal(a->unit, b->unit) &&
           text_equal(a->person, b->person);
}

static enum err change_row(struct accounts *accounts, const struct changing *changing)
{
    char roles[DUTIES_TEXT_BYTES];
    const struct account *account = changing->account;
    int64_t changed = 0;
    enum err err = ERR_OK;
    if (account) {
        const struct accounts_value values[] = {
            VALUE_NUMBER(changing->id),    VALUE_NUMBER(changing->revision),
            VALUE_TEXT(account->display),  VALUE_TEXT(text_of(duties_write(account->roles, roles))),
            VALUE_TEXT(account->unit),     VALUE_TEXT(account->person),
            VALUE_TEXT(account->dingtalk), VALUE_NUMBER(account->disabled),
        };
        err = accounts_run(
            accounts, ACCOUNT_CHANGE, values, sizeof values / sizeof values[0], &changed);
    } else {
        const struct accounts_value values[] = {
            VALUE_NUMBER(changing->id), VALUE_NUMBER(changing->revision)};
        err = accounts_run(accounts, ACCOUNT_REMOVE, values, 2, &changed);
    }
    return err || changed > 0 ? err : ERR_CONFLICT;
}

static enum err change_work(struct accounts *accounts, void *context)
{
    const struct changing *changing = context;
    struct arena arena;
    struct account before = {0};
    int64_t managers = 0;
    int64_t left = 0;
    arena_init(&arena, 0);
    enum err err = accounts_find_id(accounts, changing->id, &arena, &before);
    if (!err) {
        err = count_of(accounts, ACCOUNT_MANAGERS, &managers);
    }
    if (!err) {
        err = change_row(accounts, changing);
    }
    if (!err) {
        err = count_of(accounts, ACCOUNT_MANAGERS, &left);
    }
    if (!err && managers > 0 && left == 0) {
        err = ERR_REFUSED;
    }
    if (!err && changing->account && !same_standing(&before, changing->account)) {
        err = accounts_run(accounts, SESSION_END_OF, &VALUE_NUMBER(changing->id), 1, NULL);
    }
    arena_release(&arena);
    return err;
}

enum err accounts_change(struct accounts *accounts, const struct account *account)
{
    struct changing changing = {
        .account = account, .id = account->id, .revision = account->revision};
    return accounts_whole(accounts, change_work, &changing);
}

enum err accounts_remove(struct accounts *accounts, int64_t id, int64_t revision)
{
    struct changing changing = {.id = id, .revision = revision};
    return accounts_whole(accounts, change_work, &changing);
}

/* ---- passwords ---- */

struct new_password {
    int64_t id;
    struct text hash;
    bool must_change;
};

enum err accounts_password_put(
    struct accounts *accounts, int64_t id, struct text hash, bool must_change)
{
    const struct accounts_value values[] = {
        VALUE_NUMBER(id), VALUE_TEXT(hash), VALUE_NUMBER(must_change)};
    struct arena arena;
    struct account account = {0};
    int64_t changed = 0;
    arena_init(&arena, 0);
    enum err err = accounts_find_id(accounts, id, &arena, &account);
    if (!err) {
        err = accounts_run(accounts, ACCOUNT_PASSWORD, values, 3, &changed);
    }
    if (!err) {
        err = accounts_run(accounts, SESSION_END_OF, values, 1, NULL);
    }
    if (!err) {
        err = accounts_run(accounts, LINK_END_OF, values, 1, NULL);
    }
    if (!err) {
        err = accounts_failures_end(accounts, account.name);
    }
    arena_release(&arena);
    return err;
}

static enum err password_work(struct accounts *accounts, void *context)
{
    const struct new_password *password = context;
    return accounts_password_put(accounts, password->id, password->hash, password->must_change);
}

enum err accounts_set_password(
    struct accounts *accounts, int64_t id, struct text hash, bool must_change)
{
    struct new_password password = {.id = id, .hash = hash, .must_change = must_change};
    return accounts_whole(accounts, password_work, &password);
}

enum err accounts_rehash(struct accounts *accounts, int64_t id, struct text old, struct text hash)
{
    const struct accounts_value values[] = {VALUE_NUMBER(id), VALUE_TEXT(old), VALUE_TEXT(hash)};
    return accounts_run(accounts, ACCOUNT_REHASH, values, 3, NULL);
}
