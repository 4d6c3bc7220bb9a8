/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the console says about itself and the others: /readyz and /metrics.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/doctor.h"

#define LATE_WARN_S  60.0
#define SKEW_WARN_MS ((int64_t)2000)

/* ---- /metrics ---- */

/* The value of the first sample whose name (with labels) is exactly this; false when absent. */
static bool metric(const struct buf *text, const char *name, double *ret_value)
{
    const size_t bytes = strlen(name);
    const char *at = text->ptr;
    while (at && *at) {
        if (strncmp(at, name, bytes) == 0 && at[bytes] == ' ') {
            *ret_value = strtod(at + bytes + 1, NULL);
            return true;
        }
        at = strchr(at, '\n');
        at = at ? at + 1 : NULL;
    }
    return false;
}

/* One `nrt_up{role="monitor",instance="monitor-1"} 1`. */
static void say_role(struct doctor *doctor, const char *line)
{
    static const char label[] = "instance=\"";
    const char *instance = strstr(line, label);
    const char *end = instance ? strstr(instance, "\"} ") : NULL;
    if (!end) {
        return;
    }
    const char *name = instance + sizeof(label) - 1;
    const bool up = end[3] == '1';
    doctor_say(
        doctor, up ? HEALTH_OK : HEALTH_FAIL,
        (struct finding_words){"roles", "its last log lines say why it is gone"}, "%.*s %s",
        (int)(end - name), name, up ? "is alive" : "sends no heartbeat");
}

static void look_at_roles(struct doctor *doctor, const struct buf *text)
{
    static const char prefix[] = "nrt_up{";
    const char *at = text->ptr;
    while (at && *at) {
        if (strncmp(at, prefix, sizeof(prefix) - 1) == 0) {
            say_role(doctor, at);
        }
        at = strchr(at, '\n');
        at = at ? at + 1 : NULL;
    }
}

/* One `nrt_config_last_reload_successful{instance="console-1"} 0`. */
static void say_reload(struct doctor *doctor, const char *line)
{
    static const char label[] = "instance=\"";
    const char *instance = strstr(line, label);
    const char *end = instance ? strstr(instance, "\"} ") : NULL;
    if (!end || end[3] != '0') {
        return;
    }
    const char *name = instance + sizeof(label) - 1;
    doctor_say(
        doctor, HEALTH_FAIL,
        (struct finding_words){
            "reload", "its log says configuration_refused and why; nrt check --config DIR"},
        "%.*s refused the last configuration: the version before is in force", (int)(end - name),
        name);
}

static void look_at_reloads(struct doctor *doctor, const struct buf *text)
{
    static const char prefix[] = "nrt_config_last_reload_successful{";
    const char *at = text->ptr;
    while (at && *at) {
        if (strncmp(at, prefix, sizeof(prefix) - 1) == 0) {
            say_reload(doctor, at);
        }
        at = strchr(at, '\n');
        at = at ? at + 1 : NULL;
    }
}

static void look_at_lateness(struct doctor *doctor, const struct buf *text)
{
    double seconds = 0;
    double behind = 0;
    if (metric(text, "nrt_oldest_due_age_seconds", &seconds)) {
        doctor_say(
            doctor, seconds > LATE_WARN_S ? HEALTH_WARN : HEALTH_OK,
            (struct finding_words){"lateness", "is a monitor running, and Redis quick enough?"},
            "the oldest due that has not fired is %.0f s old", seconds);
    }
    if (metric(text, "nrt_oldest_mail_age_seconds", &seconds)) {
        doctor_say(
            doctor, seconds > LATE_WARN_S ? HEALTH_WARN : HEALTH_OK,
            (struct finding_words){"messages", "is a notifier running, and the gateway up?"},
            "the oldest message ready to be sent is %.0f s old", seconds);
    }
    if (metric(text, "nrt_ledger_partitions_behind", &behind)) {
        doctor_say(
            doctor, HEALTH_OK, (struct finding_words){"ledger", ""},
            "%.0f partitions still to read", behind);
    }
}

static void look_at_redis(struct doctor *doctor, const struct buf *text)
{
    double durable = 0;
    double bytes = 0;
    if (!metric(text, "nrt_redis_durable", &durable)) {
        doctor_say(
            doctor, HEALTH_FAIL,
            (struct finding_words){
                "redis", "is redis-server running? its log is DATA/log/redis.log"},
            "Redis does not answer");
        return;
    }
    doctor_say(
        doctor, durable > 0 ? HEALTH_OK : HEALTH_FAIL,
        (struct finding_words){
            "redis", "set appendonly yes and maxmemory-policy noeviction, then restart Redis"},
        durable > 0 ? "append-only, nothing is evicted" : "accepted events may be lost");
    if (metric(text, "nrt_redis_memory_bytes", &bytes)) {
        doctor_say(
            doctor, HEALTH_OK, (struct finding_words){"redis", ""}, "%.0f MiB of memory in use",
            bytes / (1024 * 1024));
    }
}

static void look_at_metrics(struct doctor *doctor)
{
    struct api_answer answer;
    const struct api_call call = {.method = "GET", .path = "/metrics", .quiet = true};
    if (api_send_well(&doctor->api, &call, &answer) != EXIT_FINE) {
        doctor_say(
            doctor, HEALTH_WARN,
            (struct finding_words){
                "metrics", "run doctor on the console's machine, or give NRT_TOKEN"},
            "/metrics cannot be read from here");
        return;
    }
    look_at_redis(doctor, &answer.body);
    look_at_roles(doctor, &answer.body);
    look_at_reloads(doctor, &answer.body);
    look_at_lateness(doctor, &answer.body);
    buf_release(&answer.body);
}

/* ---- /readyz ---- */

static void say_each(
    struct doctor *doctor, const struct json_value *list, enum health health, const char *check)
{
    for (const struct json_value *item = json_first(list); item; item = json_next(item)) {
        doctor_say(
            doctor, health, (struct finding_words){check, ""}, "%.*s",
            TEXT_ARGS(json_string(item)));
    }
}

static void look_at_clock(struct doctor *doctor, const struct json_value *root)
{
    const struct text mode = json_get_string(root, "clock_mode");
    const struct text now = json_get_string(root, "now");
    struct wall_ms at;
    if (mode.bytes > 0 && !text_is(mode, "real")) {
        doctor_say(
            doctor, HEALTH_WARN,
            (struct finding_words){
                "clock", "fine for tests and the demo; real work needs a data folder of its own"},
            "service time is %.*s: gateways outside this machine are refused", TEXT_ARGS(mode));
        return;
    }
    if (now.bytes > 0 && wall_parse(now.ptr, now.bytes, &at) == ERR_OK) {
        const int64_t skew_ms = clock_system().ms - at.ms;
        const bool far = skew_ms > SKEW_WARN_MS || skew_ms < -SKEW_WARN_MS;
        doctor_say(
            doctor, far ? HEALTH_WARN : HEALTH_OK,
            (struct finding_words){"clock", "synchronise the clocks of both machines (NTP)"},
            "service time is %.*s, %.1f s from this machine's", TEXT_ARGS(now),
            (double)skew_ms / 1000);
    }
}

int doctor_service(struct doctor *doctor)
{
    struct api_answer answer;
    struct json_doc *doc = NULL;
    const struct api_call call = {.method = "GET", .path = "/readyz"};
    const int code = api_send(&doctor->api, &call, &answer);
    if (code != EXIT_FINE) {
        doctor_say(
            doctor, HEALTH_FAIL,
            (struct finding_words){"console", "start the service, or say in NRT_URL where it is"},
            "%s does not answer", doctor->api.url);
        return code;
    }
    if (json_parse(buf_view(&answer.body), &json_limits_answer, &doc, NULL) != ERR_OK) {
        doctor_say(
            doctor, HEALTH_FAIL, (struct finding_words){"console", "is NRT_URL right?"},
            "%s does not answer like a console of nrt", doctor->api.url);
    } else {
        const bool ready = answer.status == 200;
        doctor_say(
            doctor, ready ? HEALTH_OK : HEALTH_FAIL,
            (struct finding_words){"console", "the reasons follow"}, "%s %s", doctor->api.url,
            ready ? "is ready" : "is not ready");
        say_each(doctor, json_get(json_root(doc), "reasons"), HEALTH_FAIL, "ready");
        say_each(doctor, json_get(json_root(doc), "warnings"), HEALTH_WARN, "ready");
        look_at_clock(doctor, json_root(doc));
        look_at_metrics(doctor);
    }
    json_free(doc);
    buf_release(&answer.body);
    return EXIT_FINE;
}
