/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a duration comes to (semantics sections 2 and 5): days are counted without the start day
 * and without paused dates, working and elapsed time without the paused intervals themselves.
 * No loop over days; the cost grows with the number of pauses only.
 */
#include "base/must.h"
#include "rules/calendar_count.h"
#include "rules/count_trace.h"
#include "rules/duration.h"

enum { SECONDS_PER_DAY = 86400 };

/* ---- days ---- */

/* Countable dates d with after < d <= until, pauses not minded. */
static int64_t countable(
    const struct calendar *calendar,
    enum unit_kind unit,
    struct civil_day after,
    struct civil_day until)
{
    if (until.number <= after.number)
        return 0;
    if (unit == UNIT_CALENDAR_DAY)
        return (int64_t)until.number - after.number;
    return calendar_working_count(calendar, after, until);
}

static bool nth_countable(
    const struct calendar *calendar,
    enum unit_kind unit,
    struct civil_day after,
    int64_t n,
    struct civil_day *ret_day)
{
    if (unit == UNIT_WORKING_DAY)
        return calendar_working_after(calendar, after, n, ret_day);
    if (after.number + n > CIVIL_DAY_MAX)
        return false;
    ret_day->number = (int32_t)(after.number + n);
    return true;
}

/* The dates after `day` up to `until`, told to the trace. */
static void trace_dates(
    struct count_trace *trace,
    enum count_step_kind kind,
    struct civil_day day,
    struct civil_day until,
    struct count_step counted)
{
    if (!trace || until.number <= day.number)
        return;
    counted.kind = kind;
    counted.from.number = day.number + 1;
    counted.to = until;
    count_trace_add(trace, counted);
}

static struct count_step amounts(int64_t before, int64_t after)
{
    return (struct count_step){.before = before, .after = after};
}

/* The n-th countable date after `day` less the dates d with day(S) <= d < day(R) of each pause. */
static bool count_dates(
    const struct calendar *calendar,
    struct civil_day day,
    struct duration duration,
    const struct count_options *options,
    struct civil_day *ret_day)
{
    int64_t left = duration.amount;
    for (size_t i = 0; i < options->pause_count; i++) {
        const struct interval *pause = &options->pauses[i];
        const struct civil_day resumed = calendar_day_of(calendar, pause->to);
        if (resumed.number <= day.number + 1)
            continue;
        const struct civil_day before = {
            .number = calendar_day_of(calendar, pause->from).number - 1};
        const int64_t here = countable(calendar, duration.unit, day, before);
        if (here >= left)
            break;
        const int64_t done = duration.amount - left;
        const struct civil_day first_paused = {
            .number = before.number > day.number ? before.number : day.number};
        const struct civil_day paused = {.number = resumed.number - 1};
        trace_dates(options->trace, COUNT_DATES, day, first_paused, amounts(done, done + here));
        trace_dates(
            options->trace, COUNT_PAUSED_DATES, first_paused, paused,
            (struct count_step){.begin = pause->from, .end = pause->to});
        left -= here;
        day = paused; /* dates up to here are counted or paused */
    }
    if (!nth_countable(calendar, duration.unit, day, left, ret_day))
        return false;
    trace_dates(
        options->trace, COUNT_DATES, day, *ret_day,
        amounts(duration.amount - left, duration.amount));
    return true;
}

/* A: the date that is not counted itself (民法典 201); late arrivals may begin on the next. */
static bool first_date(
    const struct calendar *calendar,
    struct wall_ms start,
    const struct count_options *options,
    struct civil_day *ret_day)
{
    const struct civil_day day = calendar_local_day(calendar, start);
    const bool late =
        options->late_arrival_next_working_day &&
        (!calendar_is_working(calendar, day) || start.ms > calendar_close_of(calendar, day).ms);
    *ret_day = day;
    if (late && !calendar_working_after(calendar, day, 1, ret_day))
        return false;
    if (options->trace) {
        count_trace_add(
            options->trace, (struct count_step){
                                .kind = late ? COUNT_LATE : COUNT_START,
                                .from = day,
                                .to = *ret_day,
                                .begin = start,
                            });
    }
    return true;
}

struct wall_ms duration_on_date(
    const struct calendar *calendar, struct civil_day day, int32_t at_second)
{
    if (at_second >= 0)
        return calendar_instant(calendar, day, at_second);
    return calendar_end_of(calendar, day);
}

static enum err after_days(
    const struct calendar *calendar,
    struct wall_ms start,
    struct duration duration,
    const struct count_options *options,
    struct counted *ret_counted)
{
    struct civil_day day;
    if (!first_date(calendar, start, options, &day) ||
        !count_dates(calendar, day, duration, options, &day))
        return ERR_RANGE;
    const struct civil_day last = day;
    const bool roll = options->roll_next_working_day && duration.unit == UNIT_CALENDAR_DAY;
    if (roll && !calendar_is_working(calendar, day) &&
        !calendar_working_after(calendar, day, 1, &day))
        return ERR_RANGE;
    trace_dates(options->trace, COUNT_ROLL, last, day, (struct count_step){0});
    *ret_counted = (struct counted){
        .at = duration_on_date(calendar, day, duration.at_second),
        .provisional = calendar_is_provisional(calendar, day),
    };
    return ERR_OK;
}

/* ---- time ---- */

/* Office or elapsed time in [from, to). */
static int64_t time_within(
    const struct calendar *calendar, enum unit_kind unit, struct wall_ms from, struct wall_ms to)
{
    if (to.ms <= from.ms)
        return 0;
    if (unit == UNIT_ELAPSED)
        return to.ms - from.ms;
    return calendar_office_ms(calendar, from, to);
}

static bool time_after(
    const struct calendar *calendar,
    enum unit_kind unit,
    struct wall_ms from,
    int64_t ms,
    struct wall_ms *ret_at)
{
    if (unit == UNIT_WORKING_TIME)
        return calendar_office_after(calendar, from, ms, ret_at);
    if (ms > WALL_MS_MAX - from.ms)
        return false;
    ret_at->ms = from.ms + ms;
    return true;
}

/* [from, to) of a count of time, told to the trace. */
static void trace_time(
    struct count_trace *trace,
    enum count_step_kind kind,
    struct wall_ms from,
    struct wall_ms to,
    struct count_step counted)
{
    if (!trace || to.ms <= from.ms)
        return;
    counted.kind = kind;
    counted.begin = from;
    counted.end = to;
    count_trace_add(trace, counted);
}

static enum err after_time(
    const struct calendar *calendar,
    struct wall_ms start,
    struct duration duration,
    const struct count_options *options,
    struct counted *ret_counted)
{
    struct wall_ms from = start;
    int64_t left_ms = duration.amount;
    for (size_t i = 0; i < options->pause_count; i++) {
        const struct interval *pause = &options->pauses[i];
        if (pause->to.ms <= from.ms)
            continue;
        const int64_t here_ms = time_within(calendar, duration.unit, from, pause->from);
        if (here_ms >= left_ms)
            break;
        const int64_t done_ms = duration.amount - left_ms;
        const struct wall_ms paused = pause->from.ms > from.ms ? pause->from : from;
        trace_time(options->trace, COUNT_TIME, from, paused, amounts(done_ms, done_ms + here_ms));
        trace_time(options->trace, COUNT_PAUSED_TIME, paused, pause->to, amounts(0, 0));
        left_ms -= here_ms;
        from = pause->to;
    }
    struct wall_ms at;
    if (!time_after(calendar, duration.unit, from, left_ms, &at))
        return ERR_RANGE;
    trace_time(
        options->trace, COUNT_TIME, from, at, amounts(duration.amount - left_ms, duration.amount));
    *ret_counted = (struct counted){
        .at = at,
        .provisional = duration.unit == UNIT_WORKING_TIME &&
                       calendar_is_provisional(calendar, calendar_local_day(calendar, at)),
    };
    return ERR_OK;
}

enum err duration_after(
    const struct calendar *calendar,
    struct wall_ms start,
    struct duration duration,
    const struct count_options *options,
    struct counted *ret_counted)
{
    MUST(duration.amount > 0);
    if (duration.unit == UNIT_WORKING_DAY || duration.unit == UNIT_CALENDAR_DAY)
        return after_days(calendar, start, duration, options, ret_counted);
    return after_time(calendar, start, duration, options, ret_counted);
}

/* ---- from due (semantics section 6) ---- */

/* The date of an instant, of the one before it where it is 24:00. Asked of the instant and not of
 * the local time: where clocks go forward at midnight, 24:00 is called 01:00. */
static struct civil_day date_of_due(const struct calendar *calendar, struct wall_ms due)
{
    const struct civil_day day = calendar_local_day(calendar, due);
    const bool midnight = due.ms == calendar_instant(calendar, day, 0).ms;
    return calendar_local_day(calendar, wall_add(due, midnight ? -1 : 0));
}

static bool shift_date(
    const struct calendar *calendar,
    struct civil_day day,
    struct duration duration,
    bool back,
    struct civil_day *ret_day)
{
    if (!back)
        return nth_countable(calendar, duration.unit, day, duration.amount, ret_day);
    if (duration.unit == UNIT_WORKING_DAY)
        return calendar_working_before(calendar, day, duration.amount, ret_day);
    if (duration.amount > day.number)
        return false;
    ret_day->number = (int32_t)(day.number - duration.amount);
    return true;
}

static bool shift_time(
    const struct calendar *calendar,
    struct wall_ms due,
    struct duration duration,
    bool back,
    struct wall_ms *ret_at)
{
    if (!back)
        return time_after(calendar, duration.unit, due, duration.amount, ret_at);
    if (duration.unit == UNIT_WORKING_TIME)
        return calendar_office_before(calendar, due, duration.amount, ret_at);
    *ret_at = wall_add(due, -duration.amount);
    return true;
}

enum err duration_from_due(
    const struct calendar *calendar,
    struct wall_ms due,
    struct duration duration,
    bool back,
    struct wall_ms *ret_at)
{
    if (duration.amount == 0) {
        *ret_at = due;
        return ERR_OK;
    }
    if (duration.unit == UNIT_WORKING_TIME || duration.unit == UNIT_ELAPSED)
        return shift_time(calendar, due, duration, back, ret_at) ? ERR_OK : ERR_RANGE;
    struct civil_day day = date_of_due(calendar, due);
    if (!shift_date(calendar, day, duration, back, &day))
        return ERR_RANGE;
    *ret_at = duration_on_date(calendar, day, duration.at_second);
    return ERR_OK;
}

/* ---- between ---- */

struct between calendar_between(
    const struct calendar *calendar, struct wall_ms from, struct wall_ms to)
{
    const struct civil_day first = calendar_local_day(calendar, from);
    const struct civil_day last = calendar_local_day(calendar, to);
    return (struct between){
        .working_days = countable(calendar, UNIT_WORKING_DAY, first, last),
        .working_seconds = time_within(calendar, UNIT_WORKING_TIME, from, to) / 1000,
        .calendar_days = countable(calendar, UNIT_CALENDAR_DAY, first, last),
    };
}
