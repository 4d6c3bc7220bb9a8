/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See health.h. Every reason says what to do; warnings do not make the service unready.
 */
#include "console/health.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/sending.h"
#include "console/api.h"
#include "console/calendar_watch.h"

#define LIST_BYTES_MAX      ((size_t)64 * 1024)
#define INSTANCES_BYTES_MAX ((size_t)1024 * 1024)

static void add(struct buf *list, const char *reason)
{
    struct json_out out;
    if (list->bytes > 0) {
        buf_char(list, ',');
    }
    json_out_init(&out, list);
    json_out_string(&out, text_of(reason));
}

static void finish(struct health *health)
{
    health->done(health);
    buf_release(&health->reasons);
    buf_release(&health->warnings);
    buf_release(&health->instances);
    buf_release(&health->gateways);
    buf_release(&health->redis);
    free(health);
}

/* ---- the sending control ---- */

/* What people or the storm brake hold back is no fault, but nobody should overlook it. */
static void on_control(
    void *context, enum err err, const char *why, int64_t revision, struct text json)
{
    struct health *health = context;
    struct sending sending;
    struct arena arena;
    (void)why;
    (void)revision;
    arena_init(&arena, 0);
    sending_read(err ? (struct text){0} : json, &arena, &sending);
    if (sending.unreadable || sending.stop_count > 0) {
        add(&health->warnings, "sending is stopped, wholly or in part: see nrt sending");
    }
    if (sending.brake.on) {
        add(&health->warnings,
            "the storm brake holds messages for release: see nrt sending, nrt resume-sending");
    }
    arena_release(&arena);
    finish(health);
}

/* ---- the console itself ---- */

static bool is_damaged(const struct console *console)
{
    char mark[512];
    (void)snprintf(mark, sizeof(mark), "%s/ledger.db" LEDGER_DAMAGED, console->env->data_folder);
    return access(mark, F_OK) == 0;
}

static void look_at_ledger(struct health *health)
{
    char reason[400];
    const char *trouble = feed_trouble(health->console->feed);
    if (trouble[0]) {
        (void)snprintf(reason, sizeof(reason), "the ledger does not move on: %s", trouble);
        add(&health->reasons, reason);
    } else if (is_damaged(health->console)) {
        add(&health->reasons, "ledger.db is damaged: restart the console, and the newest whole "
                              "backup takes its place");
    } else if (!health->console->caught_up) {
        add(&health->reasons, "the ledger is still being read from the journal: wait");
    }
}

static void look_at_calendar(struct health *health)
{
    char warning[CALENDAR_WARNING_BYTES];
    if (calendar_watch_warning(health->console, warning)[0]) {
        add(&health->warnings, warning);
    }
}

/* ---- instances ---- */

static void put_instance(
    struct health *health, const struct store_instance *instance, const struct json_value *beat)
{
    struct json_out out;
    if (health->instances.bytes > 0) {
        buf_char(&health->instances, ',');
    }
    json_out_init(&out, &health->instances);
    json_out_open(&out, '{');
    json_out_member(&out, "name", instance->name);
    json_out_member(&out, "role", json_get_string(beat, "role"));
    json_out_key(&out, "up");
    json_out_bool(&out, true);
    const struct view view = console_view(health->console, NULL);
    int64_t at = 0;
    if (!json_i64(json_get(beat, "started"), &at)) {
        api_member_ms(&view, &out, "started", at);
    }
    if (!json_i64(json_get(beat, "now"), &at)) {
        api_member_ms(&view, &out, "beat", at);
    }
    json_out_member(&out, "version", json_get_string(beat, "version"));
    if (json_get(beat, "config")) {
        json_out_key(&out, "config");
        json_out_value(&out, json_get(beat, "config"));
    }
    if (json_get(beat, "counters")) {
        json_out_key(&out, "counters");
        json_out_value(&out, json_get(beat, "counters"));
    }
    json_out_close(&out, '}');
}

static void put_gateways(
    struct health *health, const struct store_instance *instance, const struct json_value *beat)
{
    struct json_out out;
    if (!json_get(beat, "gateways")) {
        return;
    }
    if (health->gateways.bytes > 0) {
        buf_char(&health->gateways, ',');
    }
    json_out_init(&out, &health->gateways);
    json_out_open(&out, '{');
    json_out_member(&out, "instance", instance->name);
    json_out_key(&out, "gateways");
    json_out_value(&out, json_get(beat, "gateways"));
    json_out_close(&out, '}');
}

/* Bits of the roles that are there. */
enum { THERE_MONITOR = 1, THERE_NOTIFIER = 2 };

static unsigned take_instance(struct health *health, const struct store_instance *instance)
{
    struct json_doc *doc = NULL;
    if (json_parse(instance->json, &json_limits_answer, &doc, NULL)) {
        return 0;
    }
    const struct json_value *beat = json_root(doc);
    const struct text role = json_get_string(beat, "role");
    const unsigned there = text_is(role, "monitor")    ? THERE_MONITOR
                           : text_is(role, "notifier") ? THERE_NOTIFIER
                                                       : 0;
    put_instance(health, instance, beat);
    put_gateways(health, instance, beat);
    json_free(doc);
    return there;
}

static void look_at_roles(
    struct health *health, const struct store_instance *instances, size_t count)
{
    unsigned there = 0;
    for (size_t index = 0; index < count; index++) {
        there |= take_instance(health, &instances[index]);
    }
    if (!(there & THERE_MONITOR)) {
        add(&health->reasons, "no monitor is running: start nrt serve --role monitor");
    }
    if (!(there & THERE_NOTIFIER)) {
        add(&health->reasons, "no notifier is running: start nrt serve --role notifier");
    }
}

static void on_instances(
    void *context,
    enum err err,
    const char *why,
    const struct store_instance *instances,
    size_t count)
{
    struct health *health = context;
    const char *trouble = health->console->env->trouble;
    char reason[400];
    if (err || trouble[0]) {
        /* Nobody's heartbeat can be written now: their absence says nothing. */
        (void)snprintf(reason, sizeof(reason), "Redis: %s", err ? why : trouble);
        add(&health->reasons, reason);
    } else {
        look_at_roles(health, instances, count);
    }
    look_at_ledger(health);
    look_at_calendar(health);
    store_control_read(health->console->env->store, on_control, health);
}

/* ---- Redis ---- */

static void put_partition(
    struct health *health, struct json_out *out, size_t index, const struct store_stats *stats)
{
    const struct view view = console_view(health->console, NULL);
    json_out_open(out, '{');
    json_out_member_i64(out, "partition", (int64_t)index);
    json_out_member_i64(out, "events", stats->events);
    json_out_member_i64(out, "outbox", stats->outbox);
    json_out_member_i64(out, "receipts", stats->receipts);
    json_out_member_i64(out, "timers", stats->timers);
    json_out_member_i64(out, "mails", stats->mails);
    json_out_member_i64(out, "journal", stats->journal);
    api_member_instant(
        &view, out, "oldest_due",
        (struct ledger_instant){.known = stats->has_timer, .ms = stats->oldest_timer.ms});
    api_member_instant(
        &view, out, "oldest_mail",
        (struct ledger_instant){.known = stats->has_mail, .ms = stats->oldest_mail.ms});
    json_out_key(out, "ledger_behind");
    json_out_bool(
        out, !ledger_has_reached(health->console->ledger, (int32_t)index, stats->journal_last));
    json_out_close(out, '}');
}

static void put_redis(struct health *health, const struct store_overview *overview)
{
    struct json_out out;
    json_out_init(&out, &health->redis);
    json_out_open(&out, '{');
    json_out_member(&out, "version", overview->server);
    json_out_member_i64(&out, "memory_bytes", overview->memory_bytes);
    json_out_key(&out, "durable");
    json_out_bool(&out, overview->durable);
    json_out_member(&out, "durable_why", overview->durable ? text_of("") : overview->durable_why);
    json_out_member_i64(&out, "door", overview->door);
    json_out_key(&out, "partitions");
    json_out_open(&out, '[');
    for (size_t index = 0; index < overview->partition_count; index++) {
        put_partition(health, &out, index, &overview->partitions[index]);
    }
    json_out_close(&out, ']');
    json_out_close(&out, '}');
}

static void on_overview(
    void *context, enum err err, const char *why, const struct store_overview *overview)
{
    struct health *health = context;
    char reason[400];
    if (err) {
        (void)snprintf(reason, sizeof(reason), "Redis cannot be used (%s): %s", err_name(err), why);
        add(&health->reasons, reason);
        look_at_ledger(health);
        finish(health);
        return;
    }
    if (!overview->durable) {
        (void)snprintf(
            reason, sizeof(reason), "Redis may lose data: %.*s", TEXT_ARGS(overview->durable_why));
        add(&health->warnings, reason);
    }
    put_redis(health, overview);
    store_instances_read(health->console->env->store, on_instances, health);
}

void health_gather(
    struct console *console, struct http_call *call, void (*done)(struct health *health))
{
    struct health *health = calloc(1, sizeof(*health));
    if (!health) {
        problem_answer(call, PROBLEM_UNAVAILABLE, "out of memory");
        return;
    }
    *health = (struct health){.console = console, .call = call, .done = done};
    buf_init(&health->reasons, LIST_BYTES_MAX);
    buf_init(&health->warnings, LIST_BYTES_MAX);
    buf_init(&health->instances, INSTANCES_BYTES_MAX);
    buf_init(&health->gateways, INSTANCES_BYTES_MAX);
    buf_init(&health->redis, LIST_BYTES_MAX);
    if (console->terminating) {
        add(&health->reasons, "this console is stopping");
    }
    store_overview_read(console->env->store, on_overview, health);
}
