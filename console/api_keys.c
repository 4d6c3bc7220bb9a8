/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GET /api/v1/keys, POST /api/v1/keys/rotate and /prune: the keys that seal people's addresses.
 * Rotating makes a new key and seals with it whatever lies in Redis and in the ledger; the old key
 * stays in the file until nothing uses it and the links that were signed with it have expired. All
 * of it may be broken off anywhere and done again. Keys never leave: answers name them by id.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "config/link_token.h"
#include "config/seal_keys.h"
#include "console/api.h"
#include "console/ledger_reseal.h"

#define BUNDLE_BYTES_MAX ((size_t)64 << 20)
#define PATH_BYTES       4096

enum key_work { KEY_SHOW, KEY_ROTATE, KEY_PRUNE };

/* One walk over all versions in Redis, then over the ledger. */
struct rekeying {
    struct console *console;
    struct http_call *call;
    enum key_work work;
    struct seal_uses in_redis;
    struct seal_uses in_ledger;
    int64_t version; /* being looked at */
    int64_t newest;
    size_t versions_resealed;
    size_t ledger_resealed;
    size_t pruned;
    struct buf bundle; /* what the version held */
    struct buf resealed;
};

static void rekeying_free(struct rekeying *self)
{
    buf_release(&self->bundle);
    buf_release(&self->resealed);
    free(self);
}

static bool keys_path(const struct console *console, char path[static PATH_BYTES])
{
    return snprintf(path, PATH_BYTES, "%s/seal.key", console->env->data_folder) < PATH_BYTES;
}

static void fail(struct rekeying *self, enum err err, const char *why)
{
    char detail[480];
    (void)snprintf(
        detail, sizeof(detail), "%s (%s). Whatever was done stays and is whole; do it again",
        why && why[0] ? why : "a sealed value could not be read", err_name(err));
    problem_answer(
        self->call, err == ERR_FULL || err == ERR_CONFLICT ? PROBLEM_CONFLICT : PROBLEM_UNAVAILABLE,
        detail);
    rekeying_free(self);
}

/* ---- answering ---- */

/* The journal holds drafts for some days, links count as long as settings say: both need it. */
static struct wall_ms needed_until(const struct rekeying *self, const struct seal_key *key)
{
    const int64_t links_ms = self->console->env->settings->link_ms;
    return wall_add(key->retired, links_ms > LINK_LIFE_MS ? links_ms : LINK_LIFE_MS);
}

static bool is_removable(struct rekeying *self, const struct seal_key *key)
{
    return seal_uses_of(&self->in_redis, key->id) == 0 &&
           seal_uses_of(&self->in_ledger, key->id) == 0 && seal_uses_of(&self->in_redis, "") == 0 &&
           seal_uses_of(&self->in_ledger, "") == 0 &&
           role_now(self->console->env).ms >= needed_until(self, key).ms;
}

static void put_key(
    struct rekeying *self, struct json_out *out, const struct seal_key *key, bool first)
{
    const struct view view = console_view(self->console, NULL);
    json_out_open(out, '{');
    json_out_member(out, "id", text_of(key->id));
    api_member_bool(out, "seals", first);
    if (!first) {
        api_member_ms(&view, out, "retired_at", key->retired.ms);
        api_member_ms(&view, out, "needed_until", needed_until(self, key).ms);
    }
    json_out_member_i64(out, "values_in_redis", (int64_t)seal_uses_of(&self->in_redis, key->id));
    json_out_member_i64(out, "values_in_ledger", (int64_t)seal_uses_of(&self->in_ledger, key->id));
    api_member_bool(out, "removable", !first && is_removable(self, key));
    json_out_close(out, '}');
}

static void answer(struct rekeying *self)
{
    const struct seal_keys *keys = seal_keys_known();
    struct api_json json;
    api_json_init(&json);
    json_out_open(&json.out, '{');
    json_out_key(&json.out, "keys");
    json_out_open(&json.out, '[');
    for (size_t i = 0; i < keys->count; i++) {
        put_key(self, &json.out, &keys->keys[i], i == 0);
    }
    json_out_close(&json.out, ']');
    json_out_member_i64(
        &json.out, "values_without_key",
        (int64_t)(seal_uses_of(&self->in_redis, "") + seal_uses_of(&self->in_ledger, "")));
    json_out_member_i64(&json.out, "versions_resealed", (int64_t)self->versions_resealed);
    json_out_member_i64(&json.out, "ledger_resealed", (int64_t)self->ledger_resealed);
    json_out_member_i64(&json.out, "pruned", (int64_t)self->pruned);
    json_out_close(&json.out, '}');
    api_json_answer(self->call, 200, &json, ERR_OK);
    rekeying_free(self);
}

/* ---- the end of the walk ---- */

static enum err prune(struct rekeying *self, struct err_why *why)
{
    char path[PATH_BYTES];
    struct seal_keys keys = *seal_keys_known();
    enum err err = keys_path(self->console, path) ? ERR_OK : ERR_RANGE;
    for (size_t i = keys.count; i-- > 1 && !err;) {
        const struct seal_key key = keys.keys[i];
        if (!is_removable(self, &key)) {
            continue;
        }
        err = seal_keys_drop(path, text_of(key.id), &keys, why);
        self->pruned += !err;
        log_info("seal_key_pruned", "key=%s err=%s", key.id, err_name(err));
    }
    return err;
}

static void finish(struct rekeying *self)
{
    struct err_why why = {0};
    struct ledger *ledger = self->console->ledger;
    enum err err = ERR_OK;
    if (self->work != KEY_SHOW) {
        err = ledger_reseal(ledger, self->console->env->seal_key, &self->ledger_resealed, &why);
    }
    if (!err) {
        err = ledger_seal_uses(ledger, &self->in_ledger);
    }
    if (!err && self->work == KEY_PRUNE) {
        err = prune(self, &why);
    }
    if (err) {
        fail(self, err, why.text);
    } else {
        answer(self);
    }
}

/* ---- one version after the other ---- */

static void on_read(
    void *context, enum err err, const char *why, int64_t version, struct text bundle);

static void next_version(struct rekeying *self)
{
    self->version++;
    if (self->version > self->newest) {
        finish(self);
    } else {
        store_config_read(self->console->env->store, self->version, on_read, self);
    }
}

static void on_replaced(
    void *context, enum err err, const char *why, int64_t version, struct text bundle)
{
    (void)version;
    (void)bundle;
    struct rekeying *self = context;
    if (!err) {
        self->versions_resealed++;
        err = seal_uses_add(buf_view(&self->resealed), &self->in_redis);
    }
    if (err) {
        fail(self, err, why);
    } else {
        next_version(self);
    }
}

static void on_read(
    void *context, enum err err, const char *why, int64_t version, struct text bundle)
{
    struct rekeying *self = context;
    struct err_why reason = {0};
    size_t count = 0;
    (void)version;
    if (err) {
        fail(self, err, why);
        return;
    }
    buf_clear(&self->bundle);
    buf_clear(&self->resealed);
    buf_text(&self->bundle, bundle);
    err = buf_error(&self->bundle);
    if (!err && self->work != KEY_SHOW) {
        err = bundle_reseal(
            buf_view(&self->bundle), self->console->env->seal_key, &self->resealed, &count,
            &reason);
    }
    if (!err && count == 0) {
        err = seal_uses_add(buf_view(&self->bundle), &self->in_redis);
    }
    if (err) {
        fail(self, err, reason.text);
    } else if (count > 0) {
        store_config_replace(
            self->console->env->store, self->version, buf_view(&self->bundle),
            buf_view(&self->resealed), on_replaced, self);
    } else {
        next_version(self);
    }
}

static void on_newest(
    void *context, enum err err, const char *why, int64_t version, struct text bundle)
{
    struct rekeying *self = context;
    (void)bundle;
    if (err) {
        fail(self, err, why);
        return;
    }
    self->newest = version;
    next_version(self);
}

static void walk(struct console *console, struct http_call *call, enum key_work work)
{
    struct rekeying *self = calloc(1, sizeof(*self));
    if (!self) {
        problem_answer(call, PROBLEM_UNAVAILABLE, "out of memory");
        return;
    }
    self->console = console;
    self->call = call;
    self->work = work;
    buf_init(&self->bundle, BUNDLE_BYTES_MAX);
    buf_init(&self->resealed, BUNDLE_BYTES_MAX);
    store_config_read(console->env->store, 0, on_newest, self);
}

/* ---- routes ---- */

void api_keys_show(struct console *console, struct http_call *call)
{
    walk(console, call, KEY_SHOW);
}

void api_keys_rotate(struct console *console, struct http_call *call)
{
    char path[PATH_BYTES];
    struct seal_keys keys;
    struct err_why why = {0};
    if (!keys_path(console, path)) {
        problem_answer(call, PROBLEM_INTERNAL, "the path of the data folder is too long");
        return;
    }
    const enum err err = seal_keys_rotate(path, role_now(console->env), &keys, &why);
    if (err) {
        problem_answer(call, err == ERR_FULL ? PROBLEM_CONFLICT : PROBLEM_UNAVAILABLE, why.text);
        return;
    }
    memcpy(console->env->seal_key, keys.keys[0].bytes, SEAL_KEY_BYTES);
    log_info("seal_key_rotated", "key=%s old=%s", keys.keys[0].id, keys.keys[1].id);
    walk(console, call, KEY_ROTATE);
}

void api_keys_prune(struct console *console, struct http_call *call)
{
    walk(console, call, KEY_PRUNE);
}
