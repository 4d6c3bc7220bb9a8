/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One-time links: whoever holds one sets the password of an account, or makes the very first one.
 * A link is used up in the same transaction that does what it is for, so of two who come with it
 * one is late.
 */
#include <string.h>

#include "console/accounts_internal.h"

struct making {
    int64_t account;
    struct text hash;
    struct wall_ms expires;
};

static enum err make_work(struct accounts *accounts, void *context)
{
    const struct making *making = context;
    const struct accounts_value old[] = {VALUE_NUMBER(making->account)};
    const struct accounts_value values[] = {
        VALUE_TEXT(making->hash), VALUE_NUMBER(making->account), VALUE_NUMBER(making->expires.ms)};
    const enum err err = accounts_run(accounts, LINK_END_OF, old, 1, NULL);
    return err ? err : accounts_run(accounts, LINK_ADD, values, 3, NULL);
}

enum err links_make(
    struct accounts *accounts,
    int64_t account,
    char ret_key[static SECRET_TEXT_BYTES],
    struct wall_ms *ret_expires)
{
    char key[SECRET_TEXT_BYTES];
    char hash[ACCOUNTS_HASH_BYTES];
    accounts_secret(key, hash);
    struct making making = {
        .account = account,
        .hash = text_of(hash),
        .expires = wall_add(accounts_now(accounts), LINK_MS),
    };
    const enum err err = accounts_whole(accounts, make_work, &making);
    if (!err) {
        memcpy(ret_key, key, sizeof key);
        *ret_expires = making.expires;
    }
    explicit_bzero(key, sizeof key);
    return err;
}

enum err links_find(struct accounts *accounts, struct text key, int64_t *ret_account)
{
    char hash[ACCOUNTS_HASH_BYTES];
    bool row = false;
    accounts_hash(key, hash);
    const struct accounts_value values[] = {
        VALUE_TEXT(text_of(hash)), VALUE_NUMBER(accounts_now(accounts).ms)};
    struct sql_stmt *stmt = accounts_bind(accounts, LINK_BY_HASH, values, 2);
    enum err err = sql_step(stmt, &row, NULL);
    if (!err && row) {
        *ret_account = sql_i64(stmt, 0);
    } else if (!err) {
        err = ERR_NOT_FOUND;
    }
    sql_reset(stmt);
    return err;
}

struct using
{
    struct text key;
    const struct account *account;
    struct text hash;
    int64_t made;
};

/* The link makes the first account only as long as there is none. */
static enum err first_account(struct accounts *accounts, struct using *using)
{
    struct account account = *using->account;
    int64_t count = 0;
    account.password = using->hash;
    enum err err = accounts_count(accounts, &count);
    if (!err && count > 0) {
        err = ERR_NOT_FOUND;
    }
    return err ? err : accounts_insert(accounts, &account, &using->made);
}

static enum err use_work(struct accounts *accounts, void *context)
{
    struct using *using = context;
    char hash[ACCOUNTS_HASH_BYTES];
    int64_t of_account = 0;
    int64_t changed = 0;
    accounts_hash(using->key, hash);
    const struct accounts_value values[] = {
        VALUE_TEXT(text_of(hash)), VALUE_NUMBER(accounts_now(accounts).ms)};
    enum err err = links_find(accounts, using->key, &of_account);
    if (!err && of_account != using->account->id) {
        err = ERR_NOT_FOUND;
    }
    if (!err) {
        err = accounts_run(accounts, LINK_END, values, 2, &changed);
    }
    if (!err && changed == 0) {
        err = ERR_NOT_FOUND;
    }
    if (!err && of_account == 0) {
        return first_account(accounts, using);
    }
    using->made = of_account;
    return err ? err : accounts_password_put(accounts, of_account, using->hash, false);
}

enum err links_use(
    struct accounts *accounts,
    struct text key,
    const struct account *account,
    struct text hash,
    int64_t *ret_account)
{
    struct using using = {.key = key, .account = account, .hash = hash};
    const enum err err = accounts_whole(accounts, use_work, &using);
    if (!err) {
        *ret_account = using.made;
    }
    return err;
}
