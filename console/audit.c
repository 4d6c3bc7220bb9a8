/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entries of the audit trail on their way into the journal.
 *
 * The object of an entry is what stands in the path for the words in braces. Parts of a path that
 * are secrets by themselves (links, call-backs) are never objects.
 */
#include "console/audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/log.h"
#include "console/actor_of.h"
#include "console/api.h"
#include "console/audit_anchor.h"
#include "console/limits.h"
#include "console/rate.h"
#include "console/routes.h"

#define ACT_ID_BYTES      17
#define OBJECT_BYTES_MAX  256
#define DETAIL_BYTES_MAX  512
#define FACT_BYTES_MAX    ((size_t)16 * 1024)
#define PART_OF_THE_TRAIL 0 /* one partition holds the whole trail */

static const struct rate_limit refusals = {.burst = 60, .per_minute = 60};

#define ANCHOR_LOOK_MS  ((int64_t)60 * 1000)
#define ANCHOR_EVERY_MS ((int64_t)3600 * 1000)

struct audit_trail {
    struct console *console;
    struct loop_timer *timer;
    int64_t anchored_seq;
    int64_t anchored_ms; /* monotonic; 0: not by this process */
    struct rate *refused;
    int64_t unnoted; /* refusals since the last one that was noted */
};

struct audit_act {
    struct console *console;
    struct http_call *call;
    audit_go_fn *go;
    char id[ACT_ID_BYTES];
    const char *phase; /* of the entry that ends it: "done", or "once" */
    struct text name;  /* instead of the actor's; empty: the actor's */
    struct text object;
    struct text detail;
    struct text before;
    struct text after;
};

/* ---- anchors ---- */

bool audit_anchors_path(const struct console *console, char ret_path[static AUDIT_PATH_BYTES])
{
    const int written =
        snprintf(ret_path, AUDIT_PATH_BYTES, "%s/%s", console->env->data_folder, AUDIT_ANCHOR_FILE);
    return written > 0 && written < AUDIT_PATH_BYTES;
}

static void anchor_now(struct audit_trail *trail)
{
    char path[AUDIT_PATH_BYTES];
    struct audit_head head;
    struct err_why why = {0};
    struct console *console = trail->console;
    if (!audit_anchors_path(console, path) ||
        ledger_audit_head(console->ledger, PART_OF_THE_TRAIL, 0, &head) ||
        head.seq <= trail->anchored_seq) {
        return;
    }
    const enum err err =
        audit_anchor_add(path, seal_keys_known(), &head, role_now(console->env), &why);
    if (err) {
        log_error("audit_anchor_failed", "err=%s why=\"%s\"", err_name(err), why.text);
        return;
    }
    trail->anchored_seq = head.seq;
    trail->anchored_ms = clock_mono().ms;
}

static void anchor_look(void *context)
{
    struct audit_trail *trail = context;
    if (trail->anchored_ms == 0 || clock_mono().ms >= trail->anchored_ms + ANCHOR_EVERY_MS) {
        anchor_now(trail);
    }
    loop_timer_arm(trail->timer, ANCHOR_LOOK_MS);
}

struct audit_trail *audit_trail_create(struct console *console)
{
    struct audit_trail *trail = calloc(1, sizeof(*trail));
    if (!trail) {
        return NULL;
    }
    trail->console = console;
    trail->refused = rate_create();
    trail->timer = loop_timer_create(console->env->loop, anchor_look, trail);
    if (!trail->refused || !trail->timer) {
        audit_trail_free(trail);
        return NULL;
    }
    loop_timer_arm(trail->timer, ANCHOR_LOOK_MS);
    return trail;
}

void audit_trail_free(struct audit_trail *trail)
{
    if (!trail) {
        return;
    }
    loop_timer_free(trail->timer);
    rate_free(trail->refused);
    free(trail);
}

void audit_trail_end(struct audit_trail *trail)
{
    anchor_now(trail);
}

/* ---- what is written ---- */

static const char *kind_word(enum actor_kind kind)
{
    static const char *const words[ACTOR_KIND_COUNT] = {
        [ACTOR_NOBODY] = "nobody",   [ACTOR_SERVICE] = "service", [ACTOR_DEMO] = "demo",
        [ACTOR_SESSION] = "session", [ACTOR_TOKEN] = "token",     [ACTOR_PROXY] = "proxy",
    };
    return words[kind];
}

static void put_roles(struct json_out *out, const struct actor *actor)
{
    struct buf words;
    buf_init(&words, 256);
    for (int duty = 0; duty < DUTY_COUNT; duty++) {
        if ((actor->roles >> duty & 1U) != 0) {
            buf_string(&words, words.bytes > 0 ? " " : "");
            buf_string(&words, duty_name((enum duty)duty));
        }
    }
    json_out_member(out, "roles", buf_view(&words));
    buf_release(&words);
}

/* What stands in the path for the words in braces, joined by slashes. */
static void put_path_object(struct buf *object, const struct route *route, struct text path)
{
    struct text pattern = text_of(route->pattern);
    while (pattern.bytes > 0 && path.bytes > 0) {
        pattern = (struct text){.ptr = pattern.ptr + 1, .bytes = pattern.bytes - 1};
        path = (struct text){.ptr = path.ptr + 1, .bytes = path.bytes - 1};
        const char *pattern_end = memchr(pattern.ptr, '/', pattern.bytes);
        const char *path_end = memchr(path.ptr, '/', path.bytes);
        const size_t want = pattern_end ? (size_t)(pattern_end - pattern.ptr) : pattern.bytes;
        const size_t have = path_end ? (size_t)(path_end - path.ptr) : path.bytes;
        if (want > 0 && pattern.ptr[0] == '{') {
            buf_string(object, object->bytes > 0 ? "/" : "");
            buf_text(object, (struct text){.ptr = path.ptr, .bytes = have});
        }
        pattern = (struct text){.ptr = pattern.ptr + want, .bytes = pattern.bytes - want};
        path = (struct text){.ptr = path.ptr + have, .bytes = path.bytes - have};
    }
}

static void put_object(struct json_out *out, const struct audit_act *act)
{
    const struct route *route = act->call->route;
    struct buf object;
    buf_init(&object, 8192);
    if (act->object.bytes > 0) {
        buf_text(&object, act->object);
    } else if (route->access != ACCESS_SECRET) {
        put_path_object(&object, route, act->call->head.path);
    }
    json_out_member(out, "object", utf8_cut(buf_view(&object), OBJECT_BYTES_MAX));
    buf_release(&object);
}

/* Whom a proxy asks for, and through which one. */
static void put_peer(struct json_out *out, const struct audit_act *act)
{
    char name[ADDRESS_TEXT_BYTES];
    char peer[2 * ADDRESS_TEXT_BYTES];
    const struct address client = limits_client(act->console, act->call);
    const char *asks = address_text(&client, name);
    const bool through = strcmp(asks, act->call->peer) != 0;
    (void)snprintf(
        peer, sizeof(peer), "%s%s%s", asks, through ? " via " : "", through ? act->call->peer : "");
    json_out_member(out, "peer", text_of(peer));
}

static const char *action_word(const struct route *route)
{
    return route->act ? route->act : route->pattern + 1;
}

static void put_fact(
    struct json_out *out, const struct audit_act *act, const char *phase, int status)
{
    const struct http_call *call = act->call;
    const struct actor *actor = call_actor(call);
    json_out_open(out, '{');
    json_out_member(out, "k", text_of("audit"));
    json_out_member_i64(out, "at", role_now(act->console->env).ms);
    json_out_member(out, "act", text_of(act->id));
    json_out_member(out, "phase", text_of(phase));
    json_out_member(out, "actor", act->name.bytes > 0 ? act->name : text_of(actor->name));
    json_out_member(out, "kind", text_of(kind_word(actor->kind)));
    put_roles(out, actor);
    put_peer(out, act);
    json_out_member(out, "action", text_of(action_word(call->route)));
    put_object(out, act);
    json_out_member_i64(out, "status", status);
    json_out_member(out, "detail", act->detail);
    json_out_member(out, "before", act->before);
    json_out_member(out, "after", act->after);
    json_out_close(out, '}');
}

static void write_fact(
    const struct audit_act *act,
    const char *phase,
    int status,
    store_plain_done *done,
    void *context)
{
    struct buf fact;
    struct json_out out;
    buf_init(&fact, FACT_BYTES_MAX);
    json_out_init(&out, &fact);
    put_fact(&out, act, phase, status);
    if (buf_error(&fact)) {
        log_error("audit_entry_lost", "action=%s status=%d", action_word(act->call->route), status);
        buf_clear(&fact);
        buf_string(&fact, "{\"k\":\"audit\",\"action\":\"lost\"}");
    }
    store_journal_add(act->console->env->store, PART_OF_THE_TRAIL, buf_view(&fact), done, context);
    buf_release(&fact);
}

static void on_end_written(void *context, enum err err, const char *why)
{
    (void)context;
    if (err) {
        /* That the act was begun stands already. */
        log_error("audit_write_failed", "err=%s why=\"%s\"", err_name(err), why ? why : "");
    }
}

/* ---- acts ---- */

static struct audit_act *act_make(
    struct console *console, struct http_call *call, const char *phase)
{
    struct audit_act *act = arena_alloc(&call->arena, sizeof(*act));
    if (!act) {
        return NULL;
    }
    uint8_t random[8];
    *act = (struct audit_act){.console = console, .call = call, .phase = phase};
    crypto_random(random, sizeof(random));
    for (size_t index = 0; index < sizeof(random); index++) {
        (void)snprintf(&act->id[index * 2], 3, "%02x", random[index]);
    }
    call->act = act;
    return act;
}

/* Is there room for one more refusal? What there was no room for is told with the next one. */
static bool refusal_has_room(struct audit_act *act)
{
    struct audit_trail *trail = act->console->audit;
    int32_t wait_s = 0;
    if (!rate_take(trail->refused, text_of("refused"), refusals, clock_mono(), &wait_s)) {
        trail->unnoted++;
        return false;
    }
    if (trail->unnoted > 0) {
        char detail[64];
        (void)snprintf(
            detail, sizeof(detail), "%lld refusals before this one were not noted",
            (long long)trail->unnoted);
        audit_detail(act->call, text_of(detail));
        trail->unnoted = 0;
    }
    return true;
}

static bool is_refusal(int status)
{
    return status >= 400 && status < 500;
}

static void on_answered(struct http_call *call, int status)
{
    struct audit_act *act = call->act;
    if (strcmp(act->phase, "done") == 0 || !is_refusal(status) || refusal_has_room(act)) {
        write_fact(act, act->phase, status, on_end_written, NULL);
    }
}

static void on_begun(void *context, enum err err, const char *why)
{
    struct audit_act *act = context;
    if (err) {
        log_error("audit_write_failed", "err=%s why=\"%s\"", err_name(err), why ? why : "");
        problem_answer(
            act->call, PROBLEM_UNAVAILABLE,
            "the audit trail cannot be written, so nothing was done; see GET /readyz");
        return;
    }
    act->call->on_answered = on_answered;
    act->go(act->console, act->call);
}

void audit_run(struct console *console, struct http_call *call, audit_go_fn *go)
{
    struct audit_act *act = act_make(console, call, "done");
    if (!act) {
        problem_answer(call, PROBLEM_UNAVAILABLE, "out of memory");
        return;
    }
    act->go = go;
    write_fact(act, "begun", 0, on_begun, act);
}

void audit_watch(struct console *console, struct http_call *call)
{
    if (act_make(console, call, "once")) {
        call->on_answered = on_answered;
    }
}

void audit_refused(struct console *console, struct http_call *call, int status)
{
    struct audit_act *act = act_make(console, call, "once");
    if (act && refusal_has_room(act)) {
        write_fact(act, act->phase, status, on_end_written, NULL);
    }
}

void audit_note(struct console *console, const struct audit_note *note)
{
    struct buf fact;
    struct json_out out;
    buf_init(&fact, FACT_BYTES_MAX);
    json_out_init(&out, &fact);
    json_out_open(&out, '{');
    json_out_member(&out, "k", text_of("audit"));
    json_out_member_i64(&out, "at", role_now(console->env).ms);
    json_out_member(&out, "act", text_of(""));
    json_out_member(&out, "phase", text_of("once"));
    json_out_member(&out, "actor", text_of(console->env->instance));
    json_out_member(&out, "kind", text_of(kind_word(ACTOR_SERVICE)));
    json_out_member(&out, "roles", text_of(""));
    json_out_member(&out, "peer", text_of(""));
    json_out_member(&out, "action", text_of(note->action));
    json_out_member(&out, "object", utf8_cut(note->object, OBJECT_BYTES_MAX));
    json_out_member_i64(&out, "status", 200);
    json_out_member(&out, "detail", utf8_cut(note->detail, DETAIL_BYTES_MAX));
    json_out_member(&out, "before", note->before);
    json_out_member(&out, "after", note->after);
    json_out_close(&out, '}');
    store_journal_add(
        console->env->store, PART_OF_THE_TRAIL, buf_view(&fact), on_end_written, NULL);
    buf_release(&fact);
}

/* ---- what handlers add ---- */

static void keep(struct http_call *call, struct text *place, struct text text, size_t bytes_max)
{
    if (!place) {
        return;
    }
    const struct text kept = arena_text(&call->arena, utf8_cut(text, bytes_max));
    *place = kept.ptr ? kept : (struct text){0};
}

void audit_object(struct http_call *call, struct text object)
{
    struct audit_act *act = call->act;
    if (act) {
        keep(call, &act->object, object, OBJECT_BYTES_MAX);
    }
}

void audit_detail(struct http_call *call, struct text detail)
{
    struct audit_act *act = call->act;
    if (act) {
        keep(call, &act->detail, detail, DETAIL_BYTES_MAX);
    }
}

void audit_hashes(struct http_call *call, struct text before, struct text after)
{
    struct audit_act *act = call->act;
    if (act) {
        keep(call, before.bytes > 0 ? &act->before : NULL, before, 2 * (size_t)SHA256_BYTES);
        keep(call, after.bytes > 0 ? &act->after : NULL, after, 2 * (size_t)SHA256_BYTES);
    }
}

void audit_actor(struct http_call *call, struct text name)
{
    struct audit_act *act = call->act;
    if (act) {
        keep(call, &act->name, name, ACTOR_NAME_BYTES - 1);
    }
}
