/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The output of a simulation: alerts by (fired_at, case, clock, run, stage, instant), then
 * clocks by (case, clock, run), one compact JSON object a line.
 */
#include <stdlib.h>

#include "rules/simulate_data.h"

#define LINE_BYTES_MAX ((size_t)1 << 20)

/* ---- order ---- */

static int compare_ms(struct wall_ms a, struct wall_ms b)
{
    return (a.ms > b.ms) - (a.ms < b.ms);
}

static int compare_case(const struct sim_case *a, const struct sim_case *b)
{
    return a == b ? 0 : text_compare(a->id, b->id);
}

static int by_moment(const void *a, const void *b)
{
    const struct sim_alert *left = a;
    const struct sim_alert *right = b;
    int order = compare_ms(left->fired_at, right->fired_at);
    if (order == 0)
        order = compare_case(left->of, right->of);
    if (order == 0)
        order = text_compare(left->rule->id, right->rule->id);
    if (order == 0)
        order = (left->run > right->run) - (left->run < right->run);
    if (order == 0)
        order = text_compare(left->stage->id, right->stage->id);
    return order != 0 ? order : compare_ms(left->instant, right->instant);
}

static int by_case(const void *a, const void *b)
{
    const struct sim_clock *left = a;
    const struct sim_clock *right = b;
    int order = compare_case(left->of, right->of);
    if (order == 0)
        order = text_compare(left->rule->id, right->rule->id);
    return order != 0 ? order : (left->run > right->run) - (left->run < right->run);
}

/* ---- one line ---- */

static void put_string(struct buf *line, struct text text)
{
    static const char hex[] = "0123456789abcdef";
    buf_char(line, '"');
    for (size_t i = 0; i < text.bytes; i++) {
        const unsigned char byte = (unsigned char)text.ptr[i];
        if (byte == '"' || byte == '\\') {
            buf_char(line, '\\');
            buf_char(line, (char)byte);
        } else if (byte < 0x20) {
            buf_string(line, "\\u00");
            buf_char(line, hex[byte >> 4]);
            buf_char(line, hex[byte & 15]);
        } else {
            buf_char(line, (char)byte);
        }
    }
    buf_char(line, '"');
}

static void put_member(struct buf *line, const char *key, struct text value)
{
    buf_char(line, ',');
    buf_string(line, key);
    put_string(line, value);
}

static void put_time(
    struct buf *line,
    const char *key,
    const struct calendar *calendar,
    bool known,
    struct wall_ms at)
{
    char text[WALL_TEXT_BYTES];
    if (known) {
        put_member(line, key, text_of(calendar_format(calendar, at, text)));
    } else {
        buf_char(line, ',');
        buf_string(line, key);
        buf_string(line, "null");
    }
}

static void put_alert(
    struct buf *line, const struct sim_alert *alert, const struct calendar *calendar)
{
    buf_string(line, "{\"type\":\"alert\"");
    put_member(line, "\"case\":", alert->of->id);
    put_member(line, "\"clock\":", alert->rule->id);
    buf_format(line, ",\"run\":%d", alert->run);
    put_member(line, "\"stage\":", alert->stage->id);
    put_time(line, "\"instant\":", calendar, true, alert->instant);
    put_time(line, "\"fired_at\":", calendar, true, alert->fired_at);
    put_member(line, "\"status\":", text_of(alert_status_name(alert->status)));
    put_member(line, "\"light\":", text_of(light_name(alert->stage->light)));
    buf_string(line, ",\"to\":[");
    for (size_t i = 0; i < alert->to_count; i++) {
        if (i > 0)
            buf_char(line, ',');
        put_string(line, alert->to[i]);
    }
    buf_string(line, "]}\n");
}

static void put_clock(
    struct buf *line, const struct sim_clock *clock, const struct calendar *calendar)
{
    buf_string(line, "{\"type\":\"clock\"");
    put_member(line, "\"case\":", clock->of->id);
    put_member(line, "\"clock\":", clock->rule->id);
    buf_format(line, ",\"run\":%d", clock->run);
    put_time(line, "\"start\":", calendar, true, clock->start);
    put_time(line, "\"due\":", calendar, clock->has_due, clock->due);
    put_member(line, "\"outcome\":", text_of(run_outcome_name(clock->outcome)));
    put_time(line, "\"stopped\":", calendar, clock->has_stopped, clock->stopped);
    buf_string(line, "}\n");
}

enum err sim_write(struct simulation *simulation, simulation_write_fn *write, void *context)
{
    const struct calendar *calendar = rulebook_newest(simulation->rulebook)->calendar;
    struct buf line;
    enum err err = ERR_OK;
    buf_init(&line, LINE_BYTES_MAX);
    if (simulation->alert_count > 1)
        qsort(simulation->alerts, simulation->alert_count, sizeof(*simulation->alerts), by_moment);
    if (simulation->clock_count > 1)
        qsort(simulation->clocks, simulation->clock_count, sizeof(*simulation->clocks), by_case);
    for (size_t i = 0; err == ERR_OK && i < simulation->alert_count + simulation->clock_count;
         i++) {
        buf_clear(&line);
        if (i < simulation->alert_count) {
            put_alert(&line, &simulation->alerts[i], calendar);
        } else {
            put_clock(&line, &simulation->clocks[i - simulation->alert_count], calendar);
        }
        err = buf_error(&line);
        if (err == ERR_OK)
            err = write(context, buf_view(&line));
    }
    buf_release(&line);
    return err;
}
