/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the leaps of a count to lines: each leap is shown date by date with the kind the calendar
 * itself counted by, and must come to the very number the count noted.
 */
#include "rules/explain_lines.h"

#include <string.h>

#include "base/must.h"
#include "rules/calendar_data.h"

enum { SECONDS_PER_DAY = 86400 };

static bool grow(struct explain_list *list)
{
    const size_t capacity = list->capacity ? list->capacity * 2 : 32;
    struct explain_line *grown = arena_array(list->arena, capacity, sizeof(*grown));
    if (!grown)
        return false;
    if (list->count > 0)
        memcpy(grown, list->items, list->count * sizeof(*grown));
    list->items = grown;
    list->capacity = capacity;
    return true;
}

void explain_add(struct explain_list *list, struct explain_line line)
{
    if (list->err != ERR_OK)
        return;
    if (list->count == EXPLAIN_LINES_MAX) {
        list->err = ERR_FULL;
    } else if (list->count == list->capacity && !grow(list)) {
        list->err = ERR_NO_MEMORY;
    } else {
        list->items[list->count++] = line;
    }
}

/* What happened up to an instant is told before what is counted there. */
static void tell_notes(struct explain_list *list, struct wall_ms until)
{
    if (list->tell)
        list->tell(list, until);
}

static struct text closure_reason(const struct calendar *calendar, struct civil_day day)
{
    const struct calendar_spec *spec = calendar_spec_of(calendar);
    for (size_t i = 0; i < spec->closure_count; i++) {
        if (spec->closures[i].day.number == day.number)
            return spec->closures[i].reason;
    }
    return (struct text){0};
}

static struct explain_line day_line(
    struct explain_list *list, enum explain_step step, struct civil_day day)
{
    struct explain_line line = {
        .step = step,
        .has_day = true,
        .day = day,
        .day_kind = calendar_day_kind(list->calendar, day),
    };
    if (line.day_kind == DAY_CLOSURE)
        line.reason = closure_reason(list->calendar, day);
    tell_notes(list, calendar_instant(list->calendar, day, 0));
    return line;
}

static bool may_go_on(const struct explain_list *list, struct civil_day day, struct civil_day last)
{
    return list->err == ERR_OK && day.number <= last.number;
}

/* ---- days ---- */

static void first_days(struct explain_list *list, const struct count_step *step)
{
    const bool late = step->kind == COUNT_LATE;
    struct explain_line line = day_line(list, late ? EXPLAIN_LATE : EXPLAIN_START, step->from);
    line.at = step->begin;
    explain_add(list, line);
    if (!late)
        return;
    for (struct civil_day day = {step->from.number + 1}; may_go_on(list, day, step->to);
         day.number++) {
        const bool last = day.number == step->to.number;
        explain_add(list, day_line(list, last ? EXPLAIN_START_MOVED : EXPLAIN_LEFT_OUT, day));
    }
}

static void counted_days(struct explain_list *list, const struct count_step *step)
{
    int64_t n = step->before;
    for (struct civil_day day = step->from; may_go_on(list, day, step->to); day.number++) {
        const bool counts =
            list->duration.unit == UNIT_CALENDAR_DAY || calendar_is_working(list->calendar, day);
        struct explain_line line = day_line(list, counts ? EXPLAIN_COUNTED : EXPLAIN_LEFT_OUT, day);
        n += counts;
        if (counts) {
            line.n = n;
            line.of = list->duration.amount;
        }
        explain_add(list, line);
    }
    MUST(list->err != ERR_OK || n == step->after); /* the leap came to the same */
}

static void paused_days(struct explain_list *list, const struct count_step *step)
{
    for (struct civil_day day = step->from; may_go_on(list, day, step->to); day.number++) {
        struct explain_line line = day_line(list, EXPLAIN_PAUSED, day);
        const struct wall_ms end = calendar_instant(list->calendar, day, SECONDS_PER_DAY);
        line.reason = list->pause_reason ? list->pause_reason(list, end) : line.reason;
        explain_add(list, line);
    }
}

static void rolled_days(struct explain_list *list, const struct count_step *step)
{
    for (struct civil_day day = step->from; may_go_on(list, day, step->to); day.number++) {
        const bool last = day.number == step->to.number;
        explain_add(list, day_line(list, last ? EXPLAIN_ROLLED : EXPLAIN_PASSED, day));
    }
}

/* An occurrence of a recurring clock, the working date it moves to, and the pause it lies in. */
static void occurrence(struct explain_list *list, const struct count_step *step)
{
    struct explain_line line = day_line(list, EXPLAIN_RECURS, step->from);
    line.rule = list->run ? list->run->rule : NULL;
    explain_add(list, line);
    for (struct civil_day day = {step->from.number + 1}; may_go_on(list, day, step->to);
         day.number++) {
        const bool last = day.number == step->to.number;
        explain_add(list, day_line(list, last ? EXPLAIN_ROLLED : EXPLAIN_PASSED, day));
    }
    if (step->end.ms > 0) {
        line = day_line(list, EXPLAIN_PAUSED, step->to);
        line.reason = list->pause_reason ? list->pause_reason(list, step->end) : line.reason;
        explain_add(list, line);
    }
}

/* ---- time ---- */

static void add_interval(
    struct explain_list *list, enum explain_step step, int64_t from_ms, int64_t to_ms, int64_t n)
{
    const struct explain_line line = {
        .step = step,
        .at = {.ms = from_ms},
        .until = {.ms = to_ms},
        .n = n,
        .of = step == EXPLAIN_TIME_COUNTED ? list->duration.amount : 0,
    };
    if (to_ms <= from_ms)
        return;
    tell_notes(list, line.at);
    explain_add(list, line);
}

static int64_t within(int64_t ms, int64_t low_ms, int64_t high_ms)
{
    if (ms < low_ms)
        return low_ms;
    return ms < high_ms ? ms : high_ms;
}

/* One date of a count of office time, the part in [begin, end) of the step. */
static void office_day(
    struct explain_list *list, const struct count_step *step, struct civil_day day, int64_t *done)
{
    struct office_span spans[OFFICE_SPANS_MAX];
    const struct civil_day tomorrow = {.number = day.number + 1};
    const int64_t low =
        within(calendar_instant(list->calendar, day, 0).ms, step->begin.ms, step->end.ms);
    const int64_t high =
        within(calendar_instant(list->calendar, tomorrow, 0).ms, step->begin.ms, step->end.ms);
    const size_t count = calendar_office_spans(list->calendar, day, spans);
    int64_t at = low;
    if (high <= low)
        return;
    if (!calendar_is_working(list->calendar, day)) {
        struct explain_line line = day_line(list, EXPLAIN_LEFT_OUT, day);
        line.at.ms = low;
        line.until.ms = high;
        explain_add(list, line);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const int64_t from = within(spans[i].from_ms, at, high);
        const int64_t to = within(spans[i].to_ms, from, high);
        add_interval(list, EXPLAIN_TIME_LEFT_OUT, at, from, 0);
        *done += to - from;
        add_interval(list, EXPLAIN_TIME_COUNTED, from, to, *done);
        at = to;
    }
    add_interval(list, EXPLAIN_TIME_LEFT_OUT, at, high, 0);
}

static void counted_time(struct explain_list *list, const struct count_step *step)
{
    int64_t done = step->before;
    if (list->duration.unit == UNIT_ELAPSED) {
        add_interval(list, EXPLAIN_TIME_COUNTED, step->begin.ms, step->end.ms, step->after);
        return;
    }
    const struct civil_day last = calendar_local_day(list->calendar, step->end);
    for (struct civil_day day = calendar_local_day(list->calendar, step->begin);
         may_go_on(list, day, last); day.number++)
        office_day(list, step, day, &done);
    MUST(list->err != ERR_OK || done == step->after);
}

static void paused_time(struct explain_list *list, const struct count_step *step)
{
    const size_t before = list->count;
    add_interval(list, EXPLAIN_TIME_PAUSED, step->begin.ms, step->end.ms, 0);
    if (list->count > before && list->err == ERR_OK && list->pause_reason)
        list->items[list->count - 1].reason = list->pause_reason(list, step->end);
}

void explain_open_pause(struct explain_list *list, struct wall_ms since)
{
    tell_notes(list, since);
    explain_add(
        list,
        (struct explain_line){
            .step = EXPLAIN_PAUSE_OPEN,
            .at = since,
            .reason = list->pause_reason ? list->pause_reason(list, (struct wall_ms){WALL_MS_MAX})
                                         : (struct text){0},
        });
}

static void explain_step(struct explain_list *list, const struct count_step *step)
{
    const bool paused = step->kind == COUNT_PAUSED_DATES || step->kind == COUNT_PAUSED_TIME ||
                        step->kind == COUNT_OCCURRENCE;
    if (paused && step->end.ms >= WALL_MS_MAX) {
        explain_open_pause(list, step->begin);
        return;
    }
    switch (step->kind) {
    case COUNT_LATE:
    case COUNT_START:
        first_days(list, step);
        break;
    case COUNT_DATES:
        counted_days(list, step);
        break;
    case COUNT_PAUSED_DATES:
        paused_days(list, step);
        break;
    case COUNT_ROLL:
        rolled_days(list, step);
        break;
    case COUNT_TIME:
        counted_time(list, step);
        break;
    case COUNT_PAUSED_TIME:
        paused_time(list, step);
        break;
    case COUNT_OCCURRENCE:
        occurrence(list, step);
        break;
    case COUNT_STEP_KIND_COUNT:
        break;
    }
}

void explain_steps(struct explain_list *list, const struct count_trace *trace)
{
    for (size_t i = 0; i < trace->step_count; i++)
        explain_step(list, &trace->steps[i]);
}
