/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading is lenient towards members that are missing and strict towards a text that is no JSON
 * object: only this service writes it, and what somebody else did to it must not send anything.
 */
#include "config/sending.h"

#include <string.h>

#include "base/json.h"

static const struct {
    const char *prefix;
    bool named;
} scopes[SENDING_SCOPE_COUNT] = {
    [SENDING_ALL] = {"all", false},
    [SENDING_CHANNEL] = {"channel:", true},
    [SENDING_UNIT] = {"unit:", true},
};

/* ---- scopes ---- */

enum err sending_scope_read(
    struct text text, enum sending_scope *ret_scope, struct text *ret_name, struct err_why *why)
{
    for (size_t index = 0; index < SENDING_SCOPE_COUNT; index++) {
        const struct text prefix = text_of(scopes[index].prefix);
        const bool fits = scopes[index].named
                              ? text_starts_with(text, prefix) && text.bytes > prefix.bytes
                              : text_equal(text, prefix);
        if (fits) {
            *ret_scope = (enum sending_scope)index;
            *ret_name =
                (struct text){.ptr = text.ptr + prefix.bytes, .bytes = text.bytes - prefix.bytes};
            return ERR_OK;
        }
    }
    return err_set(
        why, ERR_PARSE, "expected \"all\", \"channel:NAME\" or \"unit:ID\", got \"%.*s\"",
        TEXT_ARGS(text));
}

void sending_scope_write(enum sending_scope scope, struct text name, struct buf *buf)
{
    buf_string(buf, scopes[scope].prefix);
    buf_text(buf, name);
}

/* ---- reading ---- */

static struct text kept(struct arena *arena, const struct json_value *object, const char *key)
{
    return arena_text(arena, json_get_string(object, key));
}

static struct wall_ms instant(const struct json_value *object, const char *key)
{
    int64_t ms = 0;
    if (json_i64(json_get(object, key), &ms)) {
        return (struct wall_ms){.ms = 0};
    }
    return wall_add((struct wall_ms){.ms = 0}, ms);
}

static void read_stop(const struct json_value *value, struct arena *arena, struct sending *sending)
{
    struct sending_stop *stop = &sending->stops[sending->stop_count];
    if (sending_scope_read(kept(arena, value, "scope"), &stop->scope, &stop->name, NULL)) {
        sending->unreadable = true;
        return;
    }
    stop->by = kept(arena, value, "by");
    stop->note = kept(arena, value, "note");
    stop->at = instant(value, "at");
    sending->stop_count++;
}

static void read_act(const struct json_value *value, struct arena *arena, struct sending_act *act)
{
    *act = (struct sending_act){
        .what = kept(arena, value, "what"),
        .scope = kept(arena, value, "scope"),
        .by = kept(arena, value, "by"),
        .note = kept(arena, value, "note"),
        .at = instant(value, "at"),
    };
}

static void read_holds(const struct json_value *root, struct arena *arena, struct sending *sending)
{
    const struct json_value *brake = json_get(root, "brake");
    const struct json_value *watch = json_get(root, "watch");
    if (json_type(brake) == JSON_OBJECT) {
        sending->brake = (struct sending_brake){
            .on = true, .since = instant(brake, "since"), .reason = kept(arena, brake, "reason")};
    }
    if (json_type(watch) == JSON_OBJECT) {
        sending->watch = (struct sending_watch){
            .on = true, .until = instant(watch, "until"), .reason = kept(arena, watch, "reason")};
        sending->watch.messages = instant(watch, "messages").ms;
    }
}

static void read_root(const struct json_value *root, struct arena *arena, struct sending *sending)
{
    const struct json_value *item = json_first(json_get(root, "stops"));
    for (; item && sending->stop_count < SENDING_STOPS_MAX; item = json_next(item)) {
        read_stop(item, arena, sending);
    }
    item = json_first(json_get(root, "acts"));
    for (; item && sending->act_count < SENDING_ACTS_MAX; item = json_next(item)) {
        read_act(item, arena, &sending->acts[sending->act_count++]);
    }
    read_holds(root, arena, sending);
    sending->alive = instant(root, "alive");
}

void sending_read(struct text json, struct arena *arena, struct sending *ret_sending)
{
    struct json_doc *doc = NULL;
    memset(ret_sending, 0, sizeof(*ret_sending));
    if (json.bytes == 0) {
        return;
    }
    const enum err err = json_parse(json, &json_limits_event, &doc, NULL);
    ret_sending->unreadable = err || json_type(json_root(doc)) != JSON_OBJECT;
    if (!ret_sending->unreadable) {
        read_root(json_root(doc), arena, ret_sending);
    }
    json_free(doc);
}

/* ---- writing ---- */

static void write_scope(
    struct json_out *out, const char *key, enum sending_scope scope, struct text name)
{
    struct buf text;
    buf_init(&text, 1024);
    sending_scope_write(scope, name, &text);
    json_out_member(out, key, buf_view(&text));
    buf_release(&text);
}

static void write_stops(const struct sending *sending, struct json_out *out)
{
    json_out_key(out, "stops");
    json_out_open(out, '[');
    for (size_t index = 0; index < sending->stop_count; index++) {
        const struct sending_stop *stop = &sending->stops[index];
        json_out_open(out, '{');
        write_scope(out, "scope", stop->scope, stop->name);
        json_out_member(out, "by", stop->by);
        json_out_member(out, "note", stop->note);
        json_out_member_i64(out, "at", stop->at.ms);
        json_out_close(out, '}');
    }
    json_out_close(out, ']');
}

static void write_holds(const struct sending *sending, struct json_out *out)
{
    if (sending->brake.on) {
        json_out_key(out, "brake");
        json_out_open(out, '{');
        json_out_member_i64(out, "since", sending->brake.since.ms);
        json_out_member(out, "reason", sending->brake.reason);
        json_out_close(out, '}');
    }
    if (sending->watch.on) {
        json_out_key(out, "watch");
        json_out_open(out, '{');
        json_out_member_i64(out, "until", sending->watch.until.ms);
        json_out_member(out, "reason", sending->watch.reason);
        json_out_member_i64(out, "messages", sending->watch.messages);
        json_out_close(out, '}');
    }
}

static void write_acts(const struct sending *sending, struct json_out *out)
{
    json_out_key(out, "acts");
    json_out_open(out, '[');
    for (size_t index = 0; index < sending->act_count; index++) {
        const struct sending_act *act = &sending->acts[index];
        json_out_open(out, '{');
        json_out_member(out, "what", act->what);
        json_out_member(out, "scope", act->scope);
        json_out_member(out, "by", act->by);
        json_out_member(out, "note", act->note);
        json_out_member_i64(out, "at", act->at.ms);
        json_out_close(out, '}');
    }
    json_out_close(out, ']');
}

void sending_write(const struct sending *sending, struct buf *buf)
{
    struct json_out out;
    json_out_init(&out, buf);
    json_out_open(&out, '{');
    write_stops(sending, &out);
    write_holds(sending, &out);
    json_out_member_i64(&out, "alive", sending->alive.ms);
    write_acts(sending, &out);
    json_out_close(&out, '}');
}

/* ---- deciding ---- */

static bool holds(const struct sending_stop *stop, const struct sending_question *question)
{
    switch (stop->scope) {
    case SENDING_ALL:
        return true;
    case SENDING_CHANNEL:
        return text_equal(stop->name, question->channel);
    case SENDING_UNIT:
        return text_equal(stop->name, question->unit);
    case SENDING_SCOPE_COUNT:
        break;
    }
    return false;
}

const struct sending_stop *sending_stopped(
    const struct sending *sending, const struct sending_question *question)
{
    static const struct sending_stop unreadable = {
        .scope = SENDING_ALL, .note = {"the sending control cannot be read", 34}};
    if (sending->unreadable) {
        return &unreadable;
    }
    for (size_t index = 0; index < sending->stop_count; index++) {
        if (holds(&sending->stops[index], question)) {
            return &sending->stops[index];
        }
    }
    return NULL;
}

/* ---- acts ---- */

static void remember(struct sending *sending, const struct sending_act *act)
{
    if (sending->act_count == SENDING_ACTS_MAX) {
        memmove(
            sending->acts, sending->acts + 1, (SENDING_ACTS_MAX - 1) * sizeof(sending->acts[0]));
        sending->act_count--;
    }
    sending->acts[sending->act_count++] = *act;
}

static struct sending_act act_of(const char *what, const struct sending_stop *stop)
{
    static const char *const all = "all";
    return (struct sending_act){
        .what = text_of(what),
        .scope = stop->scope == SENDING_ALL ? text_of(all) : stop->name,
        .by = stop->by,
        .note = stop->note,
        .at = stop->at,
    };
}

static struct sending_stop *stop_of(struct sending *sending, const struct sending_stop *like)
{
    for (size_t index = 0; index < sending->stop_count; index++) {
        struct sending_stop *stop = &sending->stops[index];
        if (stop->scope == like->scope && text_equal(stop->name, like->name)) {
            return stop;
        }
    }
    return NULL;
}

enum err sending_stop(struct sending *sending, const struct sending_stop *stop)
{
    if (stop_of(sending, stop)) {
        return ERR_EXISTS;
    }
    if (sending->stop_count == SENDING_STOPS_MAX) {
        return ERR_FULL;
    }
    const struct sending_act act = act_of("stop", stop);
    sending->stops[sending->stop_count++] = *stop;
    remember(sending, &act);
    return ERR_OK;
}

static bool release(struct sending *sending, const struct sending_stop *stop)
{
    if (stop->scope != SENDING_ALL || !(sending->brake.on || sending->watch.on)) {
        return false;
    }
    const struct sending_act act = act_of("release", stop);
    sending->brake = (struct sending_brake){0};
    sending->watch = (struct sending_watch){0};
    remember(sending, &act);
    return true;
}

enum err sending_resume(struct sending *sending, const struct sending_stop *stop)
{
    struct sending_stop *const there = stop_of(sending, stop);
    const bool released = release(sending, stop);
    if (there) {
        const struct sending_act act = act_of("resume", stop);
        const size_t after = (size_t)(sending->stops + sending->stop_count - there) - 1;
        memmove(there, there + 1, after * sizeof(*there));
        sending->stop_count--;
        remember(sending, &act);
    }
    if (sending->unreadable && stop->scope == SENDING_ALL) {
        sending->unreadable = false; /* somebody has looked, and it is written anew */
        return ERR_OK;
    }
    return there || released ? ERR_OK : ERR_NOT_FOUND;
}

void sending_brake(struct sending *sending, struct text reason, struct wall_ms now)
{
    const struct sending_act act = {
        .what = TEXT_LITERAL("brake"),
        .scope = TEXT_LITERAL("all"),
        .note = reason,
        .at = now,
    };
    sending->watch = (struct sending_watch){0};
    sending->brake = (struct sending_brake){.on = true, .since = now, .reason = reason};
    remember(sending, &act);
}
