/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counting working dates and office time (semantics section 2). Each search takes the rest of
 * its own day first, then leaps over the prepared window by its running sums, and steps day by
 * day only outside of it.
 */
#include "rules/calendar_count.h"

#include "base/must.h"
#include "rules/calendar_data.h"

static int32_t window_index(const struct calendar *calendar, struct civil_day day)
{
    return day.number - calendar->window_first;
}

/* ---- working dates ---- */

int64_t calendar_working_count(
    const struct calendar *calendar, struct civil_day after, struct civil_day until)
{
    int64_t count = 0;
    struct civil_day day = {.number = after.number + 1};
    while (day.number <= until.number) {
        if (calendar_in_window(calendar, day)) {
            const int32_t window_last = calendar->window_first + calendar->window_days - 1;
            const int32_t last = until.number < window_last ? until.number : window_last;
            const int32_t from = window_index(calendar, day);
            const int32_t to = last - calendar->window_first + 1;
            count += calendar->working_before[to] - calendar->working_before[from];
            day.number = last;
        } else if (calendar_is_working(calendar, day)) {
            count++;
        }
        day.number++;
    }
    return count;
}

/* Stepping outside the window: one date less to go; false when the search gives up. */
static bool step_date(
    const struct calendar *calendar, struct civil_day day, int64_t *left, int32_t *idle)
{
    if (!calendar_is_working(calendar, day)) {
        (*idle)++;
        return *idle <= CALENDAR_IDLE_DAYS_MAX;
    }
    *idle = 0;
    (*left)--;
    return true;
}

bool calendar_working_after(
    const struct calendar *calendar, struct civil_day day, int64_t n, struct civil_day *ret_day)
{
    MUST(n > 0);
    const int32_t window_last = calendar->window_first + calendar->window_days - 1;
    int32_t idle = 0;
    while (n > 0) {
        day.number++;
        if (day.number > CIVIL_DAY_MAX)
            return false;
        if (!calendar_in_window(calendar, day)) {
            if (!step_date(calendar, day, &n, &idle))
                return false;
            continue;
        }
        const int32_t before = calendar->working_before[window_index(calendar, day)];
        const int32_t here = calendar->working_before[calendar->window_days] - before;
        day.number = n <= here ? calendar->working_dates[before + n - 1] : window_last;
        n -= here;
    }
    *ret_day = day;
    return true;
}

bool calendar_working_before(
    const struct calendar *calendar, struct civil_day day, int64_t n, struct civil_day *ret_day)
{
    MUST(n > 0);
    int32_t idle = 0;
    while (n > 0) {
        day.number--;
        if (day.number < 0)
            return false;
        if (!calendar_in_window(calendar, day)) {
            if (!step_date(calendar, day, &n, &idle))
                return false;
            continue;
        }
        const int32_t here = calendar->working_before[window_index(calendar, day) + 1];
        day.number = n <= here ? calendar->working_dates[here - n] : calendar->window_first;
        n -= here;
    }
    *ret_day = day;
    return true;
}

/* ---- office time ---- */

/* Office time of one date within [from, to). */
static int64_t day_office_ms(
    const struct calendar *calendar, struct civil_day day, int64_t from_ms, int64_t to_ms)
{
    struct office_span spans[OFFICE_SPANS_MAX];
    const size_t count = calendar_office_spans(calendar, day, spans);
    int64_t sum_ms = 0;
    for (size_t i = 0; i < count; i++) {
        const int64_t low = spans[i].from_ms > from_ms ? spans[i].from_ms : from_ms;
        const int64_t high = spans[i].to_ms < to_ms ? spans[i].to_ms : to_ms;
        if (high > low)
            sum_ms += high - low;
    }
    return sum_ms;
}

/* Whole dates first..last. */
static int64_t days_office_ms(
    const struct calendar *calendar, struct civil_day first, struct civil_day last)
{
    int64_t sum_ms = 0;
    for (struct civil_day day = first; day.number <= last.number; day.number++) {
        if (calendar_in_window(calendar, day)) {
            const int32_t window_last = calendar->window_first + calendar->window_days - 1;
            const int32_t to = last.number < window_last ? last.number : window_last;
            sum_ms += calendar->office_ms_before[to - calendar->window_first + 1] -
                      calendar->office_ms_before[window_index(calendar, day)];
            day.number = to;
        } else {
            sum_ms += day_office_ms(calendar, day, 0, WALL_MS_MAX);
        }
    }
    return sum_ms;
}

int64_t calendar_office_ms(const struct calendar *calendar, struct wall_ms from, struct wall_ms to)
{
    if (to.ms <= from.ms)
        return 0;
    const struct civil_day first = calendar_local_day(calendar, from);
    const struct civil_day last = calendar_local_day(calendar, to);
    if (first.number == last.number)
        return day_office_ms(calendar, first, from.ms, to.ms);
    const struct civil_day second = {.number = first.number + 1};
    const struct civil_day before_last = {.number = last.number - 1};
    return day_office_ms(calendar, first, from.ms, WALL_MS_MAX) +
           days_office_ms(calendar, second, before_last) + day_office_ms(calendar, last, 0, to.ms);
}

/* Where within its day `left` office milliseconds after from are reached; 0 when they are not,
 * then *left is what remains. */
static int64_t seek_in_day(
    const struct calendar *calendar, struct civil_day day, int64_t from_ms, int64_t *left_ms)
{
    struct office_span spans[OFFICE_SPANS_MAX];
    const size_t count = calendar_office_spans(calendar, day, spans);
    for (size_t i = 0; i < count; i++) {
        const int64_t low = spans[i].from_ms > from_ms ? spans[i].from_ms : from_ms;
        if (spans[i].to_ms <= low)
            continue;
        const int64_t here_ms = spans[i].to_ms - low;
        if (*left_ms <= here_ms)
            return low + *left_ms;
        *left_ms -= here_ms;
    }
    return 0;
}

static int64_t seek_back_in_day(
    const struct calendar *calendar, struct civil_day day, int64_t to_ms, int64_t *left_ms)
{
    struct office_span spans[OFFICE_SPANS_MAX];
    for (size_t i = calendar_office_spans(calendar, day, spans); i-- > 0;) {
        const int64_t high = spans[i].to_ms < to_ms ? spans[i].to_ms : to_ms;
        if (high <= spans[i].from_ms)
            continue;
        const int64_t here_ms = high - spans[i].from_ms;
        if (*left_ms <= here_ms)
            return high - *left_ms;
        *left_ms -= here_ms;
    }
    return 0;
}

/* From the window's day `from` on: the first day whose end reaches *left, which becomes what is
 * left within that day; the day behind the window when it is not reached. */
static struct civil_day leap_window(
    const struct calendar *calendar, struct civil_day from, int64_t *left_ms)
{
    const int64_t *sums = calendar->office_ms_before;
    const int32_t begin = window_index(calendar, from);
    const int64_t wanted = sums[begin] + *left_ms;
    int32_t low = begin;
    int32_t high = calendar->window_days;
    while (low < high) { /* the first day with sums[day + 1] >= wanted */
        const int32_t middle = low + (high - low) / 2;
        if (sums[middle + 1] >= wanted) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    *left_ms = wanted - sums[low];
    return (struct civil_day){.number = calendar->window_first + low};
}

static struct civil_day leap_window_back(
    const struct calendar *calendar, struct civil_day from, int64_t *left_ms)
{
    const int64_t *sums = calendar->office_ms_before;
    const int32_t begin = window_index(calendar, from) + 1;
    const int64_t wanted = sums[begin] - *left_ms; /* may be below 0: before the window */
    int32_t low = 0;
    int32_t high = begin;
    while (low < high) { /* the last day with sums[day] <= wanted is low - 1 */
        const int32_t middle = low + (high - low) / 2;
        if (sums[middle] <= wanted) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *left_ms = sums[low] - wanted;
    return (struct civil_day){.number = calendar->window_first + low - 1};
}

bool calendar_office_after(
    const struct calendar *calendar, struct wall_ms from, int64_t ms, struct wall_ms *ret_at)
{
    MUST(ms > 0);
    struct civil_day day = calendar_local_day(calendar, from);
    int64_t at_ms = seek_in_day(calendar, day, from.ms, &ms);
    int64_t left_before = ms;
    for (int32_t idle = 0; at_ms == 0; idle++) {
        day.number++;
        if (calendar_in_window(calendar, day))
            day = leap_window(calendar, day, &ms);
        if (day.number > CIVIL_DAY_MAX || idle > CALENDAR_IDLE_DAYS_MAX)
            return false;
        at_ms = seek_in_day(calendar, day, 0, &ms);
        if (ms < left_before)
            idle = 0;
        left_before = ms;
    }
    if (at_ms > WALL_MS_MAX)
        return false;
    ret_at->ms = at_ms;
    return true;
}

bool calendar_office_before(
    const struct calendar *calendar, struct wall_ms to, int64_t ms, struct wall_ms *ret_at)
{
    MUST(ms > 0);
    struct civil_day day = calendar_local_day(calendar, to);
    int64_t at_ms = seek_back_in_day(calendar, day, to.ms, &ms);
    while (at_ms == 0) {
        day.number--;
        if (calendar_in_window(calendar, day))
            day = leap_window_back(calendar, day, &ms);
        if (day.number < 0)
            return false;
        at_ms = seek_back_in_day(calendar, day, WALL_MS_MAX, &ms);
    }
    ret_at->ms = at_ms;
    return true;
}
