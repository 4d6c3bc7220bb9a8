/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stopping and resuming what goes out: the sending control as the API shows and changes it. A
 * change is made over the newest control and tried again when somebody was faster; the answer
 * says whether every notifier has seen it already.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/sending.h"
#include "console/actor_of.h"
#include "console/api.h"
#include "rules/directory.h"

#define CONTROL_BYTES ((size_t)64 * 1024)
#define TRIES_MAX     8
#define NAME_BYTES    200
#define NOTE_BYTES    400

struct sending_call {
    struct console *console;
    struct http_call *call;
    struct arena arena;
    struct sending sending;
    int64_t revision;
    bool changes;
    bool stops; /* else resumes */
    struct sending_stop change;
    int tries;
};

static struct sending_call *sending_call_create(struct console *console, struct http_call *call)
{
    struct sending_call *asked = calloc(1, sizeof(*asked));
    if (!asked) {
        problem_answer(call, PROBLEM_UNAVAILABLE, "out of memory");
        return NULL;
    }
    asked->console = console;
    asked->call = call;
    arena_init(&asked->arena, 0);
    return asked;
}

static void sending_call_free(struct sending_call *asked)
{
    arena_release(&asked->arena);
    free(asked);
}

static void refuse(struct sending_call *asked, enum problem problem, const char *detail)
{
    problem_answer(asked->call, problem, detail);
    sending_call_free(asked);
}

/* ---- showing ---- */

static void put_stops(const struct sending_call *asked, struct json_out *out)
{
    const struct view view = console_view(asked->console, NULL);
    json_out_key(out, "stops");
    json_out_open(out, '[');
    for (size_t index = 0; index < asked->sending.stop_count; index++) {
        const struct sending_stop *stop = &asked->sending.stops[index];
        struct buf scope;
        buf_init(&scope, 1024);
        sending_scope_write(stop->scope, stop->name, &scope);
        json_out_open(out, '{');
        json_out_member(out, "scope", buf_view(&scope));
        json_out_member(out, "by", stop->by);
        json_out_member(out, "note", stop->note);
        api_member_ms(&view, out, "at", stop->at.ms);
        json_out_close(out, '}');
        buf_release(&scope);
    }
    json_out_close(out, ']');
}

static void put_holds(const struct sending_call *asked, struct json_out *out)
{
    const struct view view = console_view(asked->console, NULL);
    const struct sending *sending = &asked->sending;
    json_out_key(out, "brake");
    if (sending->brake.on) {
        json_out_open(out, '{');
        api_member_ms(&view, out, "since", sending->brake.since.ms);
        json_out_member(out, "reason", sending->brake.reason);
        json_out_close(out, '}');
    } else {
        json_out_null(out);
    }
    json_out_key(out, "watch");
    if (sending->watch.on) {
        json_out_open(out, '{');
        api_member_ms(&view, out, "until", sending->watch.until.ms);
        json_out_member(out, "reason", sending->watch.reason);
        json_out_member_i64(out, "messages", sending->watch.messages);
        json_out_close(out, '}');
    } else {
        json_out_null(out);
    }
}

static void put_acts(const struct sending_call *asked, struct json_out *out)
{
    const struct view view = console_view(asked->console, NULL);
    json_out_key(out, "acts");
    json_out_open(out, '[');
    for (size_t index = asked->sending.act_count; index > 0; index--) { /* newest first */
        const struct sending_act *act = &asked->sending.acts[index - 1];
        json_out_open(out, '{');
        json_out_member(out, "what", act->what);
        json_out_member(out, "scope", act->scope);
        json_out_member(out, "by", act->by);
        json_out_member(out, "note", act->note);
        api_member_ms(&view, out, "at", act->at.ms);
        json_out_close(out, '}');
    }
    json_out_close(out, ']');
}

/* Does this notifier go by this revision of the control, or a newer one? */
static bool has_seen(struct text heartbeat, int64_t revision, bool *ret_is_notifier)
{
    struct json_doc *doc = NULL;
    int64_t seen = -1;
    *ret_is_notifier = false;
    if (json_parse(heartbeat, &json_limits_answer, &doc, NULL) == ERR_OK) {
        const struct json_value *root = json_root(doc);
        *ret_is_notifier = text_is(json_get_string(root, "role"), "notifier");
        if (json_i64(json_get(json_get(root, "counters"), "sending_revision"), &seen)) {
            seen = -1;
        }
    }
    json_free(doc);
    return seen >= revision;
}

static void on_instances(
    void *context,
    enum err err,
    const char *why,
    const struct store_instance *instances,
    size_t count)
{
    struct sending_call *asked = context;
    const struct view view = console_view(asked->console, NULL);
    struct api_json json;
    int64_t notifiers = 0;
    int64_t seen = 0;
    if (err) {
        refuse(asked, PROBLEM_UNAVAILABLE, why);
        return;
    }
    for (size_t index = 0; index < count; index++) {
        bool is_notifier = false;
        const bool has = has_seen(instances[index].json, asked->revision, &is_notifier);
        notifiers += is_notifier ? 1 : 0;
        seen += is_notifier && has ? 1 : 0;
    }
    api_json_init(&json);
    json_out_open(&json.out, '{');
    api_member_bool(&json.out, "unreadable", asked->sending.unreadable);
    put_stops(asked, &json.out);
    put_holds(asked, &json.out);
    json_out_member_i64(&json.out, "revision", asked->revision);
    json_out_member_i64(&json.out, "notifiers", notifiers);
    json_out_member_i64(&json.out, "notifiers_know", seen);
    put_acts(asked, &json.out);
    api_member_now(&view, &json.out);
    json_out_close(&json.out, '}');
    api_json_answer(asked->call, 200, &json, ERR_OK);
    sending_call_free(asked);
}

static void show(struct sending_call *asked)
{
    store_instances_read(asked->console->env->store, on_instances, asked);
}

/* ---- changing ---- */

static void read_newest(struct sending_call *asked);

static void on_written(
    void *context, enum err err, const char *why, int64_t revision, struct text json)
{
    struct sending_call *asked = context;
    if (err == ERR_CONFLICT && ++asked->tries < TRIES_MAX) {
        read_newest(asked);
        return;
    }
    if (err) {
        refuse(asked, PROBLEM_UNAVAILABLE, why);
        return;
    }
    asked->revision = revision;
    sending_read(json, &asked->arena, &asked->sending);
    show(asked);
}

static void write_act(const struct sending_call *asked, struct buf *facts)
{
    struct json_out out;
    struct buf scope;
    buf_init(&scope, 1024);
    sending_scope_write(asked->change.scope, asked->change.name, &scope);
    json_out_init(&out, facts);
    json_out_open(&out, '{');
    json_out_member(&out, "k", TEXT_LITERAL("sending"));
    json_out_member(&out, "what", text_of(asked->stops ? "stop" : "resume"));
    json_out_member(&out, "scope", buf_view(&scope));
    json_out_member(&out, "by", asked->change.by);
    json_out_member(&out, "note", asked->change.note);
    json_out_member_i64(&out, "at", asked->change.at.ms);
    json_out_close(&out, '}');
    buf_release(&scope);
}

static void write_control(struct sending_call *asked)
{
    struct buf json;
    struct buf facts;
    buf_init(&json, CONTROL_BYTES);
    buf_init(&facts, CONTROL_BYTES);
    sending_write(&asked->sending, &json);
    write_act(asked, &facts);
    if (buf_error(&json) || buf_error(&facts)) {
        refuse(asked, PROBLEM_UNAVAILABLE, "the sending control is full");
    } else {
        const struct control_text text = {.text = buf_view(&json), .facts = buf_view(&facts)};
        store_control_write(asked->console->env->store, asked->revision, &text, on_written, asked);
    }
    buf_release(&json);
    buf_release(&facts);
}

static void change(struct sending_call *asked)
{
    const enum err err = asked->stops ? sending_stop(&asked->sending, &asked->change)
                                      : sending_resume(&asked->sending, &asked->change);
    if (err == ERR_EXISTS) {
        refuse(
            asked, PROBLEM_CONFLICT, "that is stopped already; GET /api/v1/sending shows by whom");
    } else if (err == ERR_NOT_FOUND) {
        refuse(asked, PROBLEM_NOT_FOUND, "that is not stopped; GET /api/v1/sending shows what is");
    } else if (err) {
        refuse(asked, PROBLEM_CONFLICT, "there are too many stops; lift some, or stop all");
    } else {
        write_control(asked);
    }
}

static void on_read(
    void *context, enum err err, const char *why, int64_t revision, struct text json)
{
    struct sending_call *asked = context;
    if (err) {
        refuse(asked, PROBLEM_UNAVAILABLE, why);
        return;
    }
    asked->revision = revision;
    sending_read(json, &asked->arena, &asked->sending);
    if (asked->changes) {
        change(asked);
    } else {
        show(asked);
    }
}

static void read_newest(struct sending_call *asked)
{
    store_control_read(asked->console->env->store, on_read, asked);
}

void api_sending_show(struct console *console, struct http_call *call)
{
    struct sending_call *asked = sending_call_create(console, call);
    if (asked) {
        read_newest(asked);
    }
}

/* Does the place that is to be stopped exist? What is gone may still be resumed. */
static bool is_known(const struct sending_call *asked, char detail[static NOTE_BYTES])
{
    const struct sending_stop *stop = &asked->change;
    const struct role_env *env = asked->console->env;
    if (stop->scope == SENDING_CHANNEL && !settings_channel(env->settings, stop->name)) {
        (void)snprintf(
            detail, NOTE_BYTES, "there is no channel %.*s", TEXT_ARGS(utf8_cut(stop->name, 64)));
        return false;
    }
    if (stop->scope == SENDING_UNIT &&
        !directory_unit(api_policy(asked->console)->directory, stop->name)) {
        (void)snprintf(
            detail, NOTE_BYTES, "there is no unit %.*s", TEXT_ARGS(utf8_cut(stop->name, 64)));
        return false;
    }
    return true;
}

static bool read_change(
    struct sending_call *asked, const struct json_value *body, char detail[static NOTE_BYTES])
{
    struct err_why why = {0};
    struct sending_stop *stop = &asked->change;
    const struct text scope = arena_text(&asked->arena, json_get_string(body, "scope"));
    const struct text by = utf8_cut(call_by(asked->call, json_get_string(body, "by")), NAME_BYTES);
    if (sending_scope_read(scope, &stop->scope, &stop->name, &why)) {
        (void)snprintf(detail, NOTE_BYTES, "scope: %s", why.text);
        return false;
    }
    if (by.bytes == 0) {
        (void)snprintf(detail, NOTE_BYTES, "by: say who does it");
        return false;
    }
    stop->by = arena_text(&asked->arena, by);
    stop->note = arena_text(&asked->arena, utf8_cut(json_get_string(body, "note"), NOTE_BYTES));
    stop->at = role_now(asked->console->env);
    return !asked->stops || is_known(asked, detail);
}

static void change_asked(struct console *console, struct http_call *call, bool stops)
{
    char detail[NOTE_BYTES] = "";
    struct json_doc *doc = api_body_object(call);
    if (!doc) {
        return;
    }
    struct sending_call *asked = NULL;
    if (api_body_only(call, json_root(doc), "scope by note")) {
        asked = sending_call_create(console, call);
    }
    if (asked) {
        asked->changes = true;
        asked->stops = stops;
        if (read_change(asked, json_root(doc), detail)) {
            read_newest(asked);
        } else {
            refuse(asked, PROBLEM_BAD_REQUEST, detail);
        }
    }
    json_free(doc);
}

void api_sending_stop(struct console *console, struct http_call *call)
{
    change_asked(console, call, true);
}

void api_sending_resume(struct console *console, struct http_call *call)
{
    change_asked(console, call, false);
}
