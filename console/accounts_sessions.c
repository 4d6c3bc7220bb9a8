/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions: a random key that the browser keeps and this file knows only the hash of. They end by
 * disuse, by age, by sign-out, and whenever the account's password or standing changes. That one
 * was seen is written at most once a minute, and not waited for.
 */
#include <string.h>

#include "base/log.h"
#include "console/accounts_internal.h"

#define SEEN_EVERY_MS   60000
#define AGENT_BYTES_MAX 200

struct beginning {
    int64_t account;
    struct text hash;
    struct text peer;
    struct text agent;
};

static enum err begin_work(struct accounts *accounts, void *context)
{
    const struct beginning *begin = context;
    const struct wall_ms now = accounts_now(accounts);
    const struct accounts_value values[] = {
        VALUE_TEXT(begin->hash), VALUE_NUMBER(begin->account), VALUE_NUMBER(now.ms),
        VALUE_TEXT(begin->peer), VALUE_TEXT(begin->agent)};
    const struct accounts_value oldest[] = {
        VALUE_NUMBER(begin->account), VALUE_NUMBER(SESSIONS_PER_ACCOUNT)};
    const struct accounts_value seen[] = {VALUE_NUMBER(begin->account), VALUE_NUMBER(now.ms)};
    enum err err = accounts_run(accounts, SESSION_ADD, values, 5, NULL);
    if (!err) {
        err = accounts_run(accounts, SESSION_END_OLDEST, oldest, 2, NULL);
    }
    return err ? err : accounts_run(accounts, ACCOUNT_SEEN, seen, 2, NULL);
}

enum err sessions_begin(
    struct accounts *accounts,
    int64_t account,
    struct text peer,
    struct text agent,
    char ret_key[static SECRET_TEXT_BYTES])
{
    char key[SECRET_TEXT_BYTES];
    char hash[ACCOUNTS_HASH_BYTES];
    accounts_secret(key, hash);
    struct beginning begin = {
        .account = account,
        .hash = text_of(hash),
        .peer = peer,
        .agent = utf8_valid(agent) ? utf8_cut(agent, AGENT_BYTES_MAX) : (struct text){0},
    };
    const enum err err = accounts_whole(accounts, begin_work, &begin);
    if (!err) {
        memcpy(ret_key, key, sizeof key);
    }
    explicit_bzero(key, sizeof key);
    return err;
}

static enum err session_read(struct sql_stmt *stmt, struct arena *arena, struct session *ret)
{
    enum err err = ERR_OK;
    const struct session session = {
        .id = sql_i64(stmt, 0),
        .account = sql_i64(stmt, 1),
        .created = {sql_i64(stmt, 2)},
        .seen = {sql_i64(stmt, 3)},
        .peer = accounts_keep(arena, sql_text(stmt, 4), &err),
        .agent = accounts_keep(arena, sql_text(stmt, 5), &err),
        .user = accounts_keep(arena, sql_text(stmt, 6), &err),
    };
    if (!err) {
        *ret = session;
    }
    return err;
}

void sessions_seen(struct accounts *accounts, struct session *session)
{
    const struct wall_ms now = accounts_now(accounts);
    if (now.ms - session->seen.ms >= SEEN_EVERY_MS) {
        sql_reset(accounts->session_seen);
        sql_bind_i64(accounts->session_seen, 1, session->id);
        sql_bind_i64(accounts->session_seen, 2, now.ms);
        const enum err err = sql_run(accounts->session_seen, NULL);
        if (err) {
            log_warn("session_seen_failed", "err=%s", err_name(err));
        }
    }
    session->seen = now;
}

enum err sessions_find(
    struct accounts *accounts,
    struct text key,
    struct arena *arena,
    struct session *ret_session,
    struct account *ret_account)
{
    const struct wall_ms now = accounts_now(accounts);
    char hash[ACCOUNTS_HASH_BYTES];
    accounts_hash(key, hash);
    const struct accounts_value values[] = {
        VALUE_TEXT(text_of(hash)), VALUE_NUMBER(now.ms - SESSION_LIFE_MS),
        VALUE_NUMBER(now.ms - SESSION_IDLE_MS)};
    struct sql_stmt *stmt = accounts_bind(accounts, SESSION_BY_HASH, values, 3);
    struct session session = {0};
    bool row = false;
    enum err err = sql_step(stmt, &row, NULL);
    if (!err) {
        err = row ? session_read(stmt, arena, &session) : ERR_NOT_FOUND;
    }
    sql_reset(stmt);
    if (!err) {
        err = accounts_find_id(accounts, session.account, arena, ret_account);
    }
    if (!err) {
        *ret_session = session;
    }
    return err;
}

enum err sessions_end(struct accounts *accounts, int64_t id, int64_t account)
{
    const struct accounts_value values[] = {VALUE_NUMBER(id), VALUE_NUMBER(account)};
    int64_t changed = 0;
    const enum err err = accounts_run(accounts, SESSION_END, values, 2, &changed);
    return err || changed > 0 ? err : ERR_NOT_FOUND;
}

enum err sessions_each(
    struct accounts *accounts, int64_t account, int64_t limit, session_each_fn *each, void *context)
{
    const struct wall_ms now = accounts_now(accounts);
    const struct accounts_value values[] = {
        VALUE_NUMBER(account), VALUE_NUMBER(now.ms - SESSION_LIFE_MS),
        VALUE_NUMBER(now.ms - SESSION_IDLE_MS), VALUE_NUMBER(limit)};
    struct sql_stmt *stmt = accounts_bind(accounts, SESSION_LIST, values, 4);
    struct arena arena;
    bool row = false;
    enum err err = ERR_OK;
    arena_init(&arena, 0);
    while (!err && !(err = sql_step(stmt, &row, NULL)) && row) {
        struct session session;
        arena_reset(&arena);
        err = session_read(stmt, &arena, &session);
        if (!err) {
            each(context, &session);
        }
    }
    sql_reset(stmt);
    arena_release(&arena);
    return err;
}

struct wall_ms session_ends(const struct session *session)
{
    const struct wall_ms idle = wall_add(session->seen, SESSION_IDLE_MS);
    const struct wall_ms life = wall_add(session->created, SESSION_LIFE_MS);
    return idle.ms < life.ms ? idle : life;
}
