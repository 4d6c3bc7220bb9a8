/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The output of a simulation: alerts by (fired_at, case, clock, run, stage, instant), then
 * clocks by (case, clock, run), one compact JSON object a line.
 */
#include <stdlib.h>

#include "rules/simulate_data.h"
#include "rules/simulate_line.h"

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
        order = text_compare(left->clock, right->clock);
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
        order = text_compare(left->clock, right->clock);
    return order != 0 ? order : (left->run > right->run) - (left->run < right->run);
}

/* ---- one line ---- */

static void put_alert(
    struct buf *line, const struct sim_alert *alert, const struct calendar *calendar)
{
    buf_string(line, "{\"type\":\"alert\"");
    line_member(line, "\"case\":", alert->of->id);
    line_member(line, "\"clock\":", alert->clock);
    buf_format(line, ",\"run\":%d", alert->run);
    line_member(line, "\"stage\":", alert->stage->id);
    line_time(line, "\"instant\":", calendar, true, alert->instant);
    line_time(line, "\"fired_at\":", calendar, true, alert->fired_at);
    line_member(line, "\"status\":", text_of(alert_status_name(alert->status)));
    line_member(line, "\"light\":", text_of(light_name(alert->stage->light)));
    buf_string(line, ",\"to\":[");
    for (size_t i = 0; i < alert->to_count; i++) {
        if (i > 0)
            buf_char(line, ',');
        line_string(line, alert->to[i]);
    }
    buf_string(line, "]}\n");
}

static void put_clock(
    struct buf *line, const struct sim_clock *clock, const struct calendar *calendar)
{
    buf_string(line, "{\"type\":\"clock\"");
    line_member(line, "\"case\":", clock->of->id);
    line_member(line, "\"clock\":", clock->clock);
    buf_format(line, ",\"run\":%d", clock->run);
    line_time(line, "\"start\":", calendar, true, clock->start);
    line_time(line, "\"due\":", calendar, clock->has_due, clock->due);
    line_member(line, "\"outcome\":", text_of(run_outcome_name(clock->outcome)));
    line_time(line, "\"stopped\":", calendar, clock->has_stopped, clock->stopped);
    buf_string(line, "}\n");
}

enum err sim_write(const struct sim_replay *replay, simulation_write_fn *write, void *context)
{
    struct simulation *simulation = replay->simulation;
    const struct rulebook rulebook = rulebook_at(simulation->rulebook, replay->until);
    const struct calendar *calendar = rulebook_newest(&rulebook)->calendar;
    struct buf line;
    enum err err = ERR_OK;
    buf_init(&line, SIMULATE_LINE_BYTES_MAX);
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
