/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Failed sign-ins, of names and of addresses. Names that no account has count as well: otherwise
 * the lock would tell which ones there are. Kept as hashes, because people type their passwords
 * where the name belongs.
 */
#include <string.h>

#include "console/accounts_internal.h"

#define FAILURES_MAX 50000

struct failure_key {
    char hash[ACCOUNTS_HASH_BYTES];
    const struct lockout_rule *rule;
};

static struct failure_key key_of(
    const char *kind, struct text value, const struct lockout_rule *rule)
{
    struct failure_key key = {.rule = rule};
    struct buf text;
    buf_init(&text, 4096);
    buf_string(&text, kind);
    buf_text(&text, value);
    accounts_hash(buf_view(&text), key.hash);
    buf_release(&text);
    return key;
}

static struct failure_key name_key(struct text name)
{
    return key_of("name ", name, &lockout_of_name);
}

static struct failure_key address_key(struct text address)
{
    return key_of("address ", address, &lockout_of_address);
}

static enum err lockout_read(
    struct accounts *accounts, const struct failure_key *key, struct lockout *ret_lockout)
{
    const struct accounts_value values[] = {VALUE_TEXT(text_of(key->hash))};
    struct sql_stmt *stmt = accounts_bind(accounts, FAILURE_BY_KEY, values, 1);
    bool row = false;
    const enum err err = sql_step(stmt, &row, NULL);
    *ret_lockout = (struct lockout){0};
    if (!err && row) {
        *ret_lockout = (struct lockout){
            .count = sql_i64(stmt, 0), .last = {sql_i64(stmt, 1)}, .until = {sql_i64(stmt, 2)}};
    }
    sql_reset(stmt);
    return err;
}

enum err failures_left(
    struct accounts *accounts, struct text name, struct text address, int64_t *ret_left_ms)
{
    const struct failure_key keys[] = {name_key(name), address_key(address)};
    const struct wall_ms now = accounts_now(accounts);
    int64_t left_ms = 0;
    for (size_t index = name.bytes > 0 ? 0 : 1; index < 2; index++) {
        struct lockout lockout;
        const enum err err = lockout_read(accounts, &keys[index], &lockout);
        if (err) {
            return err;
        }
        const int64_t own_ms = lockout_left_ms(&lockout, now);
        left_ms = own_ms > left_ms ? own_ms : left_ms;
    }
    *ret_left_ms = left_ms;
    return ERR_OK;
}

struct failing {
    struct failure_key keys[2];
    size_t first; /* of keys that counts */
    bool locked;
};

static enum err failing_work(struct accounts *accounts, void *context)
{
    struct failing *failing = context;
    const struct wall_ms now = accounts_now(accounts);
    for (size_t index = failing->first; index < 2; index++) {
        const struct failure_key *key = &failing->keys[index];
        struct lockout before;
        enum err err = lockout_read(accounts, key, &before);
        const struct lockout after = lockout_after_failure(&before, key->rule, now);
        const struct accounts_value values[] = {
            VALUE_TEXT(text_of(key->hash)), VALUE_NUMBER(after.count), VALUE_NUMBER(after.last.ms),
            VALUE_NUMBER(after.until.ms)};
        if (!err) {
            err = accounts_run(accounts, FAILURE_PUT, values, 4, NULL);
        }
        if (err) {
            return err;
        }
        failing->locked = failing->locked || after.until.ms > 0;
    }
    return ERR_OK;
}

enum err failures_add(
    struct accounts *accounts, struct text name, struct text address, bool *ret_locked)
{
    struct failing failing = {
        .keys = {name_key(name), address_key(address)}, .first = name.bytes > 0 ? 0 : 1};
    const enum err err = accounts_whole(accounts, failing_work, &failing);
    if (!err) {
        *ret_locked = failing.locked;
    }
    return err;
}

enum err accounts_failures_end(struct accounts *accounts, struct text name)
{
    const struct failure_key key = name_key(name);
    const struct accounts_value values[] = {VALUE_TEXT(text_of(key.hash))};
    return accounts_run(accounts, FAILURE_END, values, 1, NULL);
}

enum err failures_forget(struct accounts *accounts, struct text name)
{
    const struct failure_key key = name_key(name);
    struct lockout lockout;
    const enum err err = lockout_read(accounts, &key, &lockout);
    /* Nothing to forget: nothing to write, and no waiting for the disk. */
    return err || lockout.count == 0 ? err : accounts_failures_end(accounts, name);
}

struct wall_ms accounts_locked_until(struct accounts *accounts, struct text name)
{
    const struct failure_key key = name_key(name);
    struct lockout lockout;
    const enum err err = lockout_read(accounts, &key, &lockout);
    const bool locked = !err && lockout_left_ms(&lockout, accounts_now(accounts)) > 0;
    return locked ? lockout.until : (struct wall_ms){0};
}

static enum err sweep_work(struct accounts *accounts, void *context)
{
    const struct wall_ms now = accounts_now(accounts);
    const struct accounts_value sessions[] = {
        VALUE_NUMBER(now.ms - SESSION_LIFE_MS), VALUE_NUMBER(now.ms - SESSION_IDLE_MS)};
    const struct accounts_value moment[] = {VALUE_NUMBER(now.ms)};
    const struct accounts_value forgotten[] = {VALUE_NUMBER(now.ms - LOCKOUT_MS_FORGET)};
    const struct accounts_value bound[] = {VALUE_NUMBER(FAILURES_MAX)};
    (void)context;
    enum err err = accounts_run(accounts, SESSION_SWEEP, sessions, 2, NULL);
    if (!err) {
        err = accounts_run(accounts, LINK_SWEEP, moment, 1, NULL);
    }
    if (!err) {
        err = accounts_run(accounts, FAILURE_SWEEP, forgotten, 1, NULL);
    }
    return err ? err : accounts_run(accounts, FAILURE_BOUND, bound, 1, NULL);
}

enum err accounts_sweep(struct accounts *accounts)
{
    return accounts_whole(accounts, sweep_work, NULL);
}
