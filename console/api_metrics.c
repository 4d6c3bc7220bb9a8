/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /metrics in the OpenMetrics text form: the heartbeats of all roles with their counters, the
 * queues as Redis has them, the ledger's counts. Labels are few and closed: roles, instances,
 * partitions, kinds; never a case, a person or a number.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/api.h"
#include "console/backup_night.h"
#include "console/calendar_watch.h"
#include "console/front.h"
#include "console/limits.h"
#include "console/readers.h"

#define SAMPLES_MAX 4096

/* One counter of one instance, waiting to be written beside its namesakes. */
struct sample {
    char name[64];
    char role[16];
    char instance[64];
    int64_t value;
};

struct metrics {
    struct console *console;
    struct http_call *call;
    struct buf buf;
    struct sample *samples;
    size_t sample_count;
};

static void metrics_free(struct metrics *metrics)
{
    buf_release(&metrics->buf);
    free(metrics->samples);
    free(metrics);
}

/* Label values: backslash, quote and line feed are escaped, control bytes left out. */
static void label_text(struct buf *buf, struct text value)
{
    for (size_t index = 0; index < value.bytes; index++) {
        const char c = value.ptr[index];
        if (c == '\\' || c == '"') {
            buf_char(buf, '\\');
        }
        if ((unsigned char)c >= 0x20) {
            buf_char(buf, c);
        }
    }
}

static void family(struct buf *buf, const char *name, const char *type, const char *help)
{
    buf_format(buf, "# TYPE nrt_%s %s\n# HELP nrt_%s %s\n", name, type, name, help);
}

/* ---- heartbeats ---- */

static bool name_is_plain(struct text name)
{
    for (size_t index = 0; index < name.bytes; index++) {
        const char c = name.ptr[index];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) {
            return false;
        }
    }
    return name.bytes > 0 && name.bytes < sizeof(((struct sample *)0)->name) - 8;
}

static void take_counters(
    struct metrics *metrics,
    struct text role,
    struct text instance,
    const struct json_value *counters)
{
    const struct json_value *value = json_first(counters);
    for (; value && metrics->sample_count < SAMPLES_MAX; value = json_next(value)) {
        struct sample *sample = &metrics->samples[metrics->sample_count];
        if (!name_is_plain(json_key(value)) || json_i64(value, &sample->value)) {
            continue;
        }
        (void)snprintf(sample->name, sizeof(sample->name), "%.*s", TEXT_ARGS(json_key(value)));
        (void)snprintf(sample->role, sizeof(sample->role), "%.*s", TEXT_ARGS(role));
        (void)snprintf(sample->instance, sizeof(sample->instance), "%.*s", TEXT_ARGS(instance));
        metrics->sample_count++;
    }
}

static struct known_instance *instance_known(
    struct console *console, struct text name, struct text role)
{
    for (size_t index = 0; index < console->instance_count; index++) {
        if (text_is(name, console->instances[index].name)) {
            return &console->instances[index];
        }
    }
    if (console->instance_count == CONSOLE_INSTANCES_MAX) {
        return NULL;
    }
    struct known_instance *known = &console->instances[console->instance_count++];
    (void)snprintf(known->name, sizeof(known->name), "%.*s", TEXT_ARGS(name));
    (void)snprintf(known->role, sizeof(known->role), "%.*s", TEXT_ARGS(role));
    return known;
}

static void put_up(struct buf *buf, const struct known_instance *known, int up)
{
    buf_string(buf, "nrt_up{role=\"");
    label_text(buf, text_of(known->role));
    buf_string(buf, "\",instance=\"");
    label_text(buf, text_of(known->name));
    buf_format(buf, "\"} %d\n", up);
}

/* How the last attempt to apply a configuration went in one instance. */
struct reload {
    bool told;
    bool successful;
    int64_t success_at;
};

static struct reload reload_of(const struct json_value *beat)
{
    struct reload reload = {.successful = json_is_true(json_get(beat, "reload_successful"))};
    reload.told = !json_i64(json_get(beat, "reload_success_at"), &reload.success_at);
    return reload;
}

static void put_reloads(
    struct buf *buf, const struct console *console, const struct reload *reloads)
{
    family(
        buf, "config_last_reload_successful", "gauge",
        "1 when the last configuration that was to be applied could be");
    for (size_t index = 0; index < console->instance_count; index++) {
        if (reloads[index].told) {
            buf_string(buf, "nrt_config_last_reload_successful{instance=\"");
            label_text(buf, text_of(console->instances[index].name));
            buf_format(buf, "\"} %d\n", reloads[index].successful);
        }
    }
    family(
        buf, "config_last_reload_success_time_seconds", "gauge",
        "Service time at which a configuration was last applied, or found to be in force");
    for (size_t index = 0; index < console->instance_count; index++) {
        if (reloads[index].told) {
            buf_string(buf, "nrt_config_last_reload_success_time_seconds{instance=\"");
            label_text(buf, text_of(console->instances[index].name));
            buf_format(buf, "\"} %" PRId64 "\n", reloads[index].success_at / 1000);
        }
    }
}

static void put_heartbeats(
    struct metrics *metrics, const struct store_instance *instances, size_t count)
{
    struct console *console = metrics->console;
    bool up[CONSOLE_INSTANCES_MAX] = {false};
    struct reload reloads[CONSOLE_INSTANCES_MAX] = {{0}};
    for (size_t index = 0; index < count; index++) {
        struct json_doc *doc = NULL;
        if (json_parse(instances[index].json, &json_limits_event, &doc, NULL)) {
            continue;
        }
        const struct text role = json_get_string(json_root(doc), "role");
        const struct known_instance *known = instance_known(console, instances[index].name, role);
        if (known) {
            up[known - console->instances] = true;
            reloads[known - console->instances] = reload_of(json_root(doc));
        }
        take_counters(metrics, role, instances[index].name, json_get(json_root(doc), "counters"));
        json_free(doc);
    }
    family(&metrics->buf, "up", "gauge", "1 while the instance sends heartbeats");
    for (size_t index = 0; index < console->instance_count; index++) {
        put_up(&metrics->buf, &console->instances[index], up[index]);
    }
    put_reloads(&metrics->buf, console, reloads);
}

static int by_name(const void *a, const void *b)
{
    const struct sample *left = a;
    const struct sample *right = b;
    const int order = strcmp(left->name, right->name);
    return order ? order : strcmp(left->instance, right->instance);
}

static void put_samples(struct metrics *metrics)
{
    static const char total[] = "_total";
    struct buf *buf = &metrics->buf;
    const char *last = "";
    qsort(metrics->samples, metrics->sample_count, sizeof(*metrics->samples), by_name);
    for (size_t index = 0; index < metrics->sample_count; index++) {
        const struct sample *sample = &metrics->samples[index];
        const size_t bytes = strlen(sample->name);
        const bool counter = bytes > sizeof(total) - 1 &&
                             strcmp(sample->name + bytes - (sizeof(total) - 1), total) == 0;
        if (strcmp(sample->name, last) != 0) {
            const int cut = (int)(counter ? bytes - (sizeof(total) - 1) : bytes);
            buf_format(
                buf, "# TYPE nrt_role_%.*s %s\n", cut, sample->name, counter ? "counter" : "gauge");
            last = sample->name;
        }
        buf_format(buf, "nrt_role_%s{role=\"", sample->name);
        label_text(buf, text_of(sample->role));
        buf_string(buf, "\",instance=\"");
        label_text(buf, text_of(sample->instance));
        buf_format(buf, "\"} %" PRId64 "\n", sample->value);
    }
}

/* ---- queues ---- */

static void put_queue(struct buf *buf, size_t partition, const char *queue, int64_t count)
{
    buf_format(
        buf, "nrt_queue_entries{queue=\"%s\",partition=\"%zu\"} %" PRId64 "\n", queue, partition,
        count);
}

static double age_s(bool has, struct wall_ms at, struct wall_ms now)
{
    return has && now.ms > at.ms ? (double)(now.ms - at.ms) / 1000 : 0;
}

static void put_queues(struct metrics *metrics, const struct store_overview *overview)
{
    struct buf *buf = &metrics->buf;
    family(buf, "queue_entries", "gauge", "Entries waiting or under way in Redis");
    buf_format(
        buf, "nrt_queue_entries{queue=\"door\",partition=\"all\"} %" PRId64 "\n", overview->door);
    for (size_t index = 0; index < overview->partition_count; index++) {
        const struct store_stats *stats = &overview->partitions[index];
        put_queue(buf, index, "events", stats->events);
        put_queue(buf, index, "outbox", stats->outbox);
        put_queue(buf, index, "receipts", stats->receipts);
        put_queue(buf, index, "timers", stats->timers);
        put_queue(buf, index, "timer_claims", stats->claims);
        put_queue(buf, index, "mails", stats->mails);
        put_queue(buf, index, "mail_claims", stats->mail_claims);
        put_queue(buf, index, "journal", stats->journal);
    }
}

static void put_ages(struct metrics *metrics, const struct store_overview *overview)
{
    struct buf *buf = &metrics->buf;
    const struct wall_ms now = role_now(metrics->console->env);
    double timer_s = 0;
    double mail_s = 0;
    int behind = 0;
    for (size_t index = 0; index < overview->partition_count; index++) {
        const struct store_stats *stats = &overview->partitions[index];
        const double timer = age_s(stats->has_timer, stats->oldest_timer, now);
        const double mail = age_s(stats->has_mail, stats->oldest_mail, now);
        timer_s = timer > timer_s ? timer : timer_s;
        mail_s = mail > mail_s ? mail : mail_s;
        behind +=
            !ledger_has_reached(metrics->console->ledger, (int32_t)index, stats->journal_last);
    }
    family(buf, "oldest_due_age_seconds", "gauge", "Age of the oldest due that has not fired");
    buf_format(buf, "nrt_oldest_due_age_seconds %.3f\n", timer_s);
    family(buf, "oldest_mail_age_seconds", "gauge", "Age of the oldest ready message not sent");
    buf_format(buf, "nrt_oldest_mail_age_seconds %.3f\n", mail_s);
    family(buf, "ledger_partitions_behind", "gauge", "Partitions whose journal is not all read");
    buf_format(buf, "nrt_ledger_partitions_behind %d\n", behind);
    family(buf, "redis_memory_bytes", "gauge", "Memory in use by Redis");
    buf_format(buf, "nrt_redis_memory_bytes %" PRId64 "\n", overview->memory_bytes);
    family(buf, "redis_durable", "gauge", "1 when append-only is on and nothing is evicted");
    buf_format(buf, "nrt_redis_durable %d\n", overview->durable);
}

/* ---- the ledger ---- */

static bool put_case_count(void *context, const struct ledger_count *row)
{
    struct buf *buf = context;
    buf_string(buf, "nrt_cases{state=\"");
    label_text(buf, row->word);
    buf_string(buf, "\",light=\"");
    label_text(buf, row->other);
    buf_format(buf, "\"} %" PRId64 "\n", row->count);
    return true;
}

static bool put_reject_count(void *context, const struct ledger_count *row)
{
    struct buf *buf = context;
    buf_string(buf, "nrt_rejects_total{reason=\"");
    label_text(buf, row->word);
    buf_string(buf, "\",via=\"");
    label_text(buf, row->other);
    buf_format(buf, "\"} %" PRId64 "\n", row->count);
    return true;
}

static bool put_message_count(void *context, const struct ledger_count *row)
{
    struct buf *buf = context;
    buf_string(buf, "nrt_messages{state=\"");
    label_text(buf, row->word);
    buf_format(buf, "\"} %" PRId64 "\n", row->count);
    return true;
}

static bool put_receipt_count(void *context, const struct ledger_count *row)
{
    struct buf *buf = context;
    buf_string(buf, "nrt_receipts{state=\"");
    label_text(buf, row->word);
    buf_string(buf, "\",message=\"");
    label_text(buf, row->other);
    buf_format(buf, "\"} %" PRId64 "\n", row->count);
    return true;
}

static bool put_number(void *context, const struct ledger_count *row)
{
    buf_format(context, "%" PRId64 "\n", row->count);
    return false;
}

static enum err put_ledger(struct metrics *metrics)
{
    struct buf *buf = &metrics->buf;
    struct ledger *ledger = metrics->console->ledger;
    family(buf, "cases", "gauge", "Cases by state and light");
    enum err err = ledger_counts(ledger, COUNT_CASES, put_case_count, buf);
    family(buf, "rejects", "counter", "Events that could not be used, by reason");
    if (!err) {
        err = ledger_counts(ledger, COUNT_REJECTS, put_reject_count, buf);
    }
    family(buf, "messages", "gauge", "Messages by state");
    if (!err) {
        err = ledger_counts(ledger, COUNT_MESSAGES, put_message_count, buf);
    }
    family(buf, "receipts", "gauge", "Receipts by state, and whether their message is known");
    if (!err) {
        err = ledger_counts(ledger, COUNT_RECEIPTS, put_receipt_count, buf);
    }
    family(buf, "overdue_clocks", "gauge", "Clocks that are overdue and not yet stopped");
    buf_string(buf, "nrt_overdue_clocks ");
    if (!err) {
        err = ledger_counts(ledger, COUNT_OVERDUE, put_number, buf);
    }
    family(buf, "alerts_late", "counter", "Alerts fired more than 60 s after their instant");
    buf_string(buf, "nrt_alerts_late_total ");
    if (!err) {
        err = ledger_counts(ledger, COUNT_LATE_ALERTS, put_number, buf);
    }
    return err;
}

/* What keeps the front free, and how long its certificate holds. */
static void put_front(struct buf *buf, const struct console *console)
{
    const int64_t expires_ms = front_certificate_expires_ms(console->front);
    family(buf, "http_evicted", "counter", "Idle connections that made room for others");
    buf_format(buf, "nrt_http_evicted_total %" PRId64 "\n", http_server_evicted(console->http));
    family(buf, "http_too_often", "counter", "Requests that were answered with 429");
    buf_format(buf, "nrt_http_too_often_total %" PRId64 "\n", limits_count(console));
    family(buf, "readers_busy", "gauge", "Answers and work beside the loop, waiting or being made");
    buf_format(buf, "nrt_readers_busy %zu\n", readers_busy(console->readers));
    if (expires_ms > 0) {
        family(
            buf, "certificate_expires_timestamp_seconds", "gauge",
            "When the certificate of a listener ends; of two the first");
        buf_format(
            buf, "nrt_certificate_expires_timestamp_seconds %" PRId64 "\n", expires_ms / 1000);
    }
}

static void put_self(struct metrics *metrics)
{
    struct buf *buf = &metrics->buf;
    const struct console *console = metrics->console;
    family(buf, "build", "info", "The program");
    buf_format(buf, "nrt_build_info{version=\"%s\"} 1\n", NRT_VERSION);
    family(buf, "clock", "info", "Where service time comes from");
    buf_format(buf, "nrt_clock_info{mode=\"%s\"} 1\n", clock_mode_name(console->env->clock->mode));
    family(buf, "http_requests", "counter", "Requests to this console");
    buf_format(buf, "nrt_http_requests_total %" PRId64 "\n", http_server_requests(console->http));
    family(buf, "http_connections", "gauge", "Open connections to this console");
    buf_format(buf, "nrt_http_connections %zu\n", http_server_connections(console->http));
    put_front(buf, console);
}

static void put_calendar(struct metrics *metrics)
{
    struct buf *buf = &metrics->buf;
    const struct calendar_horizon horizon = calendar_watch_horizon(metrics->console);
    if (horizon.known) {
        family(
            buf, "calendar_horizon_days", "gauge",
            "Days until the last official date of the calendar; negative behind it");
        buf_format(buf, "nrt_calendar_horizon_days %" PRId64 "\n", horizon.days);
    }
    family(
        buf, "calendar_missing_year", "gauge",
        "The year whose official days should be in the calendar by now and are not; 0: none");
    buf_format(buf, "nrt_calendar_missing_year %" PRId32 "\n", horizon.missing_year);
}

static void put_files(struct metrics *metrics)
{
    const struct console *console = metrics->console;
    const struct backup_state backup = backup_night_state(console->backup_night);
    struct buf *buf = &metrics->buf;
    family(buf, "ledger_bytes", "gauge", "Size of the ledger's file, with what waits beside it");
    buf_format(
        buf, "nrt_ledger_bytes %" PRId64 "\n", backup_ledger_bytes(console->env->data_folder));
    family(
        buf, "backup_last_timestamp_seconds", "gauge",
        "When the newest backup of the ledger was made; 0: there is none");
    buf_format(buf, "nrt_backup_last_timestamp_seconds %" PRId64 "\n", backup.at.ms / 1000);
    family(buf, "backup_failing", "gauge", "1 when the last attempt to make a backup failed");
    buf_format(buf, "nrt_backup_failing %d\n", backup.trouble[0] != '\0');
}

static void metrics_answer(struct metrics *metrics, int redis_up)
{
    family(&metrics->buf, "redis_up", "gauge", "1 when Redis answers");
    buf_format(&metrics->buf, "nrt_redis_up %d\n", redis_up);
    put_self(metrics);
    put_calendar(metrics);
    put_files(metrics);
    const enum err err = put_ledger(metrics);
    buf_string(&metrics->buf, "# EOF\n");
    if (err || buf_error(&metrics->buf)) {
        problem_answer(metrics->call, PROBLEM_INTERNAL, "the figures could not be read");
    } else {
        http_answer(
            metrics->call, 200, "application/openmetrics-text; version=1.0.0; charset=utf-8",
            buf_view(&metrics->buf));
    }
    metrics_free(metrics);
}

static void on_overview(
    void *context, enum err err, const char *why, const struct store_overview *overview)
{
    (void)why;
    struct metrics *metrics = context;
    if (!err) {
        put_queues(metrics, overview);
        put_ages(metrics, overview);
    }
    metrics_answer(metrics, !err);
}

static void on_instances(
    void *context,
    enum err err,
    const char *why,
    const struct store_instance *instances,
    size_t count)
{
    (void)why;
    struct metrics *metrics = context;
    put_heartbeats(metrics, instances, err ? 0 : count);
    if (err) {
        metrics_answer(metrics, 0);
        return;
    }
    put_samples(metrics);
    store_overview_read(metrics->console->env->store, on_overview, metrics);
}

void api_metrics(struct console *console, struct http_call *call)
{
    struct metrics *metrics = calloc(1, sizeof(*metrics));
    if (metrics) {
        metrics->console = console;
        metrics->call = call;
        buf_init(&metrics->buf, (size_t)4 * 1024 * 1024);
        metrics->samples = calloc(SAMPLES_MAX, sizeof(*metrics->samples));
    }
    if (!metrics || !metrics->samples) {
        free(metrics);
        problem_answer(call, PROBLEM_UNAVAILABLE, "out of memory");
        return;
    }
    store_instances_read(console->env->store, on_instances, metrics);
}
