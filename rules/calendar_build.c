/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prepares a calendar: kinds and running sums for every day of the window, so that counting
 * needs no loop over days. About 0.7 MB and some milliseconds, once per calendar.
 */
#include "base/must.h"
#include "rules/calendar.h"
#include "rules/calendar_data.h"

static bool allocate(struct calendar *calendar, struct arena *arena)
{
    const size_t days = (size_t)calendar->window_days;
    calendar->kinds = arena_array(arena, days, sizeof(*calendar->kinds));
    calendar->working_before = arena_array(arena, days + 1, sizeof(*calendar->working_before));
    calendar->working_dates = arena_array(arena, days, sizeof(*calendar->working_dates));
    calendar->office_ms_before = arena_array(arena, days + 1, sizeof(*calendar->office_ms_before));
    return calendar->kinds && calendar->working_before && calendar->working_dates &&
           calendar->office_ms_before;
}

static void set_kind(struct calendar *calendar, struct civil_day day, enum day_kind kind)
{
    if (calendar_in_window(calendar, day))
        calendar->kinds[day.number - calendar->window_first] = (uint8_t)kind;
}

/* In the order of precedence: weekday, holidays, make-up days, closures (semantics section 1). */
static void fill_kinds(struct calendar *calendar)
{
    const struct calendar_spec *spec = calendar->spec;
    for (int32_t i = 0; i < calendar->window_days; i++) {
        const struct civil_day day = {.number = calendar->window_first + i};
        const bool working = spec->working_weekday[civil_weekday(day)];
        calendar->kinds[i] = (uint8_t)(working ? DAY_WORKING : DAY_WEEKEND);
    }
    for (size_t i = 0; i < spec->holiday_count; i++)
        set_kind(calendar, spec->holidays[i], DAY_HOLIDAY);
    for (size_t i = 0; i < spec->workday_count; i++) {
        const struct civil_day day = spec->workdays[i];
        if (calendar_in_window(calendar, day) && !calendar_is_working(calendar, day))
            set_kind(calendar, day, DAY_MAKE_UP);
    }
    for (size_t i = 0; i < spec->closure_count; i++)
        set_kind(calendar, spec->closures[i].day, DAY_CLOSURE);
}

static void fill_sums(struct calendar *calendar)
{
    int32_t working = 0;
    int64_t office_ms = 0;
    for (int32_t i = 0; i < calendar->window_days; i++) {
        const struct civil_day day = {.number = calendar->window_first + i};
        calendar->working_before[i] = working;
        calendar->office_ms_before[i] = office_ms;
        if (calendar_is_working(calendar, day))
            calendar->working_dates[working++] = day.number;
        struct office_span spans[OFFICE_SPANS_MAX];
        const size_t count = calendar_office_spans(calendar, day, spans);
        for (size_t s = 0; s < count; s++)
            office_ms += spans[s].to_ms - spans[s].from_ms;
    }
    calendar->working_before[calendar->window_days] = working;
    calendar->office_ms_before[calendar->window_days] = office_ms;
}

size_t calendar_office_spans(
    const struct calendar *calendar,
    struct civil_day day,
    struct office_span spans[static OFFICE_SPANS_MAX])
{
    if (!calendar_is_working(calendar, day))
        return 0;
    const struct office_hours hours = calendar_hours_on(calendar, day);
    MUST(hours.interval_count <= OFFICE_SPANS_MAX);
    int64_t reached_ms = 0;
    size_t count = 0;
    for (size_t i = 0; i < hours.interval_count; i++) {
        int64_t from_ms = calendar_instant(calendar, day, hours.intervals[i].from_s).ms;
        const int64_t to_ms = calendar_instant(calendar, day, hours.intervals[i].to_s).ms;
        if (from_ms < reached_ms)
            from_ms = reached_ms; /* what a skipped hour pushed into the interval before */
        if (to_ms <= from_ms)
            continue;
        spans[count++] = (struct office_span){.from_ms = from_ms, .to_ms = to_ms};
        reached_ms = to_ms;
    }
    return count;
}

static int32_t last_official_year(const struct calendar_spec *spec)
{
    int32_t last = INT32_MIN;
    for (size_t i = 0; i < spec->official_year_count; i++) {
        if (spec->official_years[i] > last)
            last = spec->official_years[i];
    }
    return last;
}

struct calendar *calendar_build(const struct calendar_spec *spec, struct arena *arena)
{
    struct calendar *calendar = arena_alloc(arena, sizeof(*calendar));
    if (!calendar)
        return NULL;
    const struct civil_day first =
        civil_day_of((struct civil_date){CALENDAR_WINDOW_FIRST_YEAR, 1, 1});
    const struct civil_day end = civil_day_of((struct civil_date){CALENDAR_WINDOW_END_YEAR, 1, 1});
    calendar->spec = spec;
    calendar->official_until = last_official_year(spec);
    calendar->window_first = first.number;
    calendar->window_days = end.number - first.number;
    if (!allocate(calendar, arena))
        return NULL;
    fill_kinds(calendar);
    fill_sums(calendar);
    return calendar;
}
