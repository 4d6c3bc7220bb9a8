/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /healthz: this process answers. /readyz: the service as a whole works, or every reason why it
 * does not, each saying what to do; warnings do not make it unready.
 */
#include <stdio.h>
#include <stdlib.h>

#include "config/sending.h"
#include "console/api.h"
#include "console/calendar_watch.h"

struct ready {
    struct console *console;
    struct http_call *call;
    struct buf reasons; /* JSON strings joined by ',' */
    struct buf warnings;
};

void api_healthz(struct console *console, struct http_call *call)
{
    (void)console;
    http_answer(call, 200, "application/json; charset=utf-8", text_of("{\"status\":\"alive\"}"));
}

static void add(struct buf *list, const char *reason)
{
    struct json_out out;
    if (list->bytes > 0) {
        buf_char(list, ',');
    }
    json_out_init(&out, list);
    json_out_string(&out, text_of(reason));
}

static void ready_answer(struct ready *ready)
{
    const struct view view = console_view(ready->console, NULL);
    struct api_json json;
    const bool works = ready->reasons.bytes == 0;
    api_json_init(&json);
    json_out_open(&json.out, '{');
    api_member_bool(&json.out, "ready", works);
    json_out_key(&json.out, "reasons");
    json_out_open(&json.out, '[');
    buf_text(&json.buf, buf_view(&ready->reasons));
    json_out_close(&json.out, ']');
    json_out_key(&json.out, "warnings");
    json_out_open(&json.out, '[');
    buf_text(&json.buf, buf_view(&ready->warnings));
    json_out_close(&json.out, ']');
    api_member_now(&view, &json.out);
    json_out_close(&json.out, '}');
    api_json_answer(ready->call, works ? 200 : 503, &json, ERR_OK);
    buf_release(&ready->reasons);
    buf_release(&ready->warnings);
    free(ready);
}

static bool role_is_there(const struct store_instance *instances, size_t count, const char *role)
{
    for (size_t index = 0; index < count; index++) {
        struct json_doc *doc = NULL;
        if (json_parse(instances[index].json, &json_limits_event, &doc, NULL)) {
            continue;
        }
        const bool found = text_is(json_get_string(json_root(doc), "role"), role);
        json_free(doc);
        if (found) {
            return true;
        }
    }
    return false;
}

static void look_at_roles(struct ready *ready, const struct store_instance *instances, size_t count)
{
    static const char *const roles[] = {"monitor", "notifier"};
    char reason[160];
    for (size_t index = 0; index < sizeof(roles) / sizeof(roles[0]); index++) {
        if (!role_is_there(instances, count, roles[index])) {
            (void)snprintf(
                reason, sizeof(reason), "no %s is running: start nrt serve --role %s", roles[index],
                roles[index]);
            add(&ready->reasons, reason);
        }
    }
}

static void look_at_calendar(struct ready *ready)
{
    char warning[CALENDAR_WARNING_BYTES];
    if (calendar_watch_warning(ready->console, warning)[0]) {
        add(&ready->warnings, warning);
    }
}

/* What people or the storm brake hold back is no fault, but nobody should overlook it. */
static void on_control(
    void *context, enum err err, const char *why, int64_t revision, struct text json)
{
    struct ready *ready = context;
    struct sending sending;
    struct arena arena;
    (void)why;
    (void)revision;
    arena_init(&arena, 0);
    sending_read(err ? (struct text){0} : json, &arena, &sending);
    if (sending.unreadable || sending.stop_count > 0) {
        add(&ready->warnings, "sending is stopped, wholly or in part: see nrt sending");
    }
    if (sending.brake.on) {
        add(&ready->warnings,
            "the storm brake holds messages for release: see nrt sending, nrt resume-sending");
    }
    arena_release(&arena);
    ready_answer(ready);
}

static void on_instances(
    void *context,
    enum err err,
    const char *why,
    const struct store_instance *instances,
    size_t count)
{
    struct ready *ready = context;
    char reason[400];
    if (err) {
        (void)snprintf(reason, sizeof(reason), "Redis: %s", why);
        add(&ready->reasons, reason);
    } else if (ready->console->env->trouble[0]) {
        /* Nobody's heartbeat can be written now: their absence says nothing. */
        (void)snprintf(reason, sizeof(reason), "Redis: %s", ready->console->env->trouble);
        add(&ready->reasons, reason);
    } else {
        look_at_roles(ready, instances, count);
    }
    if (feed_trouble(ready->console->feed)[0]) {
        (void)snprintf(
            reason, sizeof(reason), "the ledger does not move on: %s",
            feed_trouble(ready->console->feed));
        add(&ready->reasons, reason);
    } else if (!ready->console->caught_up) {
        add(&ready->reasons, "the ledger is still being read from the journal: wait");
    }
    look_at_calendar(ready);
    store_control_read(ready->console->env->store, on_control, ready);
}

static void on_overview(
    void *context, enum err err, const char *why, const struct store_overview *overview)
{
    struct ready *ready = context;
    char reason[400];
    if (err) {
        (void)snprintf(reason, sizeof(reason), "Redis cannot be used (%s): %s", err_name(err), why);
        add(&ready->reasons, reason);
        ready_answer(ready);
        return;
    }
    if (!overview->durable) {
        (void)snprintf(
            reason, sizeof(reason), "Redis may lose data: %.*s", TEXT_ARGS(overview->durable_why));
        add(&ready->warnings, reason);
    }
    store_instances_read(ready->console->env->store, on_instances, ready);
}

void api_readyz(struct console *console, struct http_call *call)
{
    struct ready *ready = calloc(1, sizeof(*ready));
    if (!ready) {
        problem_answer(call, PROBLEM_UNAVAILABLE, "out of memory");
        return;
    }
    ready->console = console;
    ready->call = call;
    buf_init(&ready->reasons, (size_t)64 * 1024);
    buf_init(&ready->warnings, (size_t)64 * 1024);
    if (console->terminating) {
        add(&ready->reasons, "this console is stopping");
    }
    store_overview_read(console->env->store, on_overview, ready);
}
