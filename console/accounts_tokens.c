/* SPDX-License-Identifier: Apache-2.0 */
/*
 * API tokens: for programs, with a part of the rights, perhaps for one unit, and always with an
 * end.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "console/accounts_internal.h"
#include "console/duties.h"

#define USED_EVERY_MS 60000

enum err tokens_add(
    struct accounts *accounts,
    const struct api_token *token,
    char ret_text[static TOKEN_TEXT_BYTES],
    int64_t *ret_id)
{
    char key[SECRET_TEXT_BYTES];
    char hash[ACCOUNTS_HASH_BYTES];
    char text[TOKEN_TEXT_BYTES];
    char rights[RIGHTS_TEXT_BYTES];
    accounts_secret(key, hash);
    (void)snprintf(text, sizeof text, "%s%s", TOKEN_PREFIX, key);
    accounts_hash(text_of(text), hash);
    const struct accounts_value values[] = {
        VALUE_TEXT(text_of(hash)),
        VALUE_TEXT(token->name),
        VALUE_TEXT(text_of(rights_write(token->rights, rights))),
        VALUE_TEXT(token->unit),
        VALUE_TEXT(token->made_by),
        VALUE_NUMBER(accounts_now(accounts).ms),
        VALUE_NUMBER(token->expires.ms),
    };
    const enum err err = accounts_run_id(accounts, API_TOKEN_ADD, values, 7, ret_id);
    if (!err) {
        memcpy(ret_text, text, sizeof text);
    }
    explicit_bzero(key, sizeof key);
    explicit_bzero(text, sizeof text);
    return err;
}

static enum err token_read(struct sql_stmt *stmt, struct arena *arena, struct api_token *ret_token)
{
    enum err err = ERR_OK;
    const struct api_token token = {
        .id = sql_i64(stmt, 0),
        .name = accounts_keep(arena, sql_text(stmt, 1), &err),
        .rights = rights_read(sql_text(stmt, 2)),
        .unit = accounts_keep(arena, sql_text(stmt, 3), &err),
        .made_by = accounts_keep(arena, sql_text(stmt, 4), &err),
        .created = {sql_i64(stmt, 5)},
        .expires = {sql_i64(stmt, 6)},
        .used = {sql_i64(stmt, 7)},
    };
    if (!err) {
        *ret_token = token;
    }
    return err;
}

static enum err token_step(struct sql_stmt *stmt, struct arena *arena, struct api_token *ret_token)
{
    bool row = false;
    enum err err = sql_step(stmt, &row, NULL);
    if (!err) {
        err = row ? token_read(stmt, arena, ret_token) : ERR_NOT_FOUND;
    }
    sql_reset(stmt);
    return err;
}

static void mark_used(struct accounts *accounts, const struct api_token *token, struct wall_ms now)
{
    if (now.ms - token->used.ms < USED_EVERY_MS) {
        return;
    }
    sql_reset(accounts->token_used);
    sql_bind_i64(accounts->token_used, 1, token->id);
    sql_bind_i64(accounts->token_used, 2, now.ms);
    const enum err err = sql_run(accounts->token_used, NULL);
    if (err) {
        log_warn("token_used_failed", "err=%s", err_name(err));
    }
}

enum err tokens_find(
    struct accounts *accounts, struct text text, struct arena *arena, struct api_token *ret_token)
{
    const struct wall_ms now = accounts_now(accounts);
    char hash[ACCOUNTS_HASH_BYTES];
    if (!text_starts_with(text, TEXT_LITERAL(TOKEN_PREFIX))) {
        return ERR_NOT_FOUND;
    }
    accounts_hash(text, hash);
    const struct accounts_value values[] = {VALUE_TEXT(text_of(hash)), VALUE_NUMBER(now.ms)};
    const enum err err =
        token_step(accounts_bind(accounts, API_TOKEN_BY_HASH, values, 2), arena, ret_token);
    if (!err) {
        mark_used(accounts, ret_token, now);
    }
    return err;
}

enum err tokens_get(
    struct accounts *accounts, int64_t id, struct arena *arena, struct api_token *ret_token)
{
    const struct accounts_value values[] = {VALUE_NUMBER(id)};
    return token_step(accounts_bind(accounts, API_TOKEN_BY_ID, values, 1), arena, ret_token);
}

enum err tokens_remove(struct accounts *accounts, int64_t id)
{
    const struct accounts_value values[] = {VALUE_NUMBER(id)};
    int64_t changed = 0;
    const enum err err = accounts_run(accounts, API_TOKEN_REMOVE, values, 1, &changed);
    return err || changed > 0 ? err : ERR_NOT_FOUND;
}

enum err tokens_each(struct accounts *accounts, int64_t limit, token_each_fn *each, void *context)
{
    const struct accounts_value values[] = {VALUE_NUMBER(limit)};
    struct sql_stmt *stmt = accounts_bind(accounts, API_TOKEN_LIST, values, 1);
    struct arena arena;
    bool row = false;
    enum err err = ERR_OK;
    arena_init(&arena, 0);
    while (!err && !(err = sql_step(stmt, &row, NULL)) && row) {
        struct api_token token;
        arena_reset(&arena);
        err = token_read(stmt, &arena, &token);
        if (!err) {
            each(context, &token);
        }
    }
    sql_reset(stmt);
    arena_release(&arena);
    return err;
}
