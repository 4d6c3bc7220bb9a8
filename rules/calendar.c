/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a date is (semantics section 1): its kind, its office hours, its end, and local time to
 * instants and back. Questions about many dates at once are in calendar_count.c, preparation is
 * in calendar_build.c.
 */
#include "rules/calendar.h"

#include "rules/calendar_count.h"
#include "rules/calendar_data.h"
#include "rules/zone.h"

enum { SECONDS_PER_DAY = 86400 };

const struct calendar_spec *calendar_spec_of(const struct calendar *calendar)
{
    return calendar->spec;
}

bool calendar_in_window(const struct calendar *calendar, struct civil_day day)
{
    return day.number >= calendar->window_first &&
           day.number - calendar->window_first < calendar->window_days;
}

static bool days_contain(const struct civil_day *days, size_t count, struct civil_day day)
{
    for (size_t i = 0; i < count; i++) {
        if (days[i].number == day.number)
            return true;
    }
    return false;
}

/* Closures win over make-up days, these over the weekday and the holidays. */
static enum day_kind kind_from_spec(const struct calendar_spec *spec, struct civil_day day)
{
    for (size_t i = 0; i < spec->closure_count; i++) {
        if (spec->closures[i].day.number == day.number)
            return DAY_CLOSURE;
    }
    const bool weekday = spec->working_weekday[civil_weekday(day)];
    const bool holiday = days_contain(spec->holidays, spec->holiday_count, day);
    if (days_contain(spec->workdays, spec->workday_count, day))
        return weekday && !holiday ? DAY_WORKING : DAY_MAKE_UP;
    if (holiday)
        return DAY_HOLIDAY;
    return weekday ? DAY_WORKING : DAY_WEEKEND;
}

enum day_kind calendar_day_kind(const struct calendar *calendar, struct civil_day day)
{
    if (calendar_in_window(calendar, day))
        return (enum day_kind)calendar->kinds[day.number - calendar->window_first];
    return kind_from_spec(calendar->spec, day);
}

bool calendar_is_working(const struct calendar *calendar, struct civil_day day)
{
    const enum day_kind kind = calendar_day_kind(calendar, day);
    return kind == DAY_WORKING || kind == DAY_MAKE_UP;
}

static struct text name_of(
    const struct civil_day *days, const struct text *names, size_t count, struct civil_day day)
{
    for (size_t i = 0; names && i < count; i++) {
        if (days[i].number == day.number && names[i].bytes > 0)
            return names[i];
    }
    return (struct text){0};
}

struct text calendar_day_name(const struct calendar *calendar, struct civil_day day)
{
    const struct calendar_spec *spec = calendar->spec;
    switch (calendar_day_kind(calendar, day)) {
    case DAY_HOLIDAY:
        return name_of(spec->holidays, spec->holiday_names, spec->holiday_count, day);
    case DAY_MAKE_UP:
        return name_of(spec->workdays, spec->workday_names, spec->workday_count, day);
    case DAY_CLOSURE:
        for (size_t i = 0; i < spec->closure_count; i++) {
            if (spec->closures[i].day.number == day.number && spec->closures[i].reason.bytes > 0)
                return spec->closures[i].reason;
        }
        break;
    case DAY_WORKING:
    case DAY_WEEKEND:
    case DAY_KIND_COUNT:
        break;
    }
    return (struct text){0};
}

static int64_t local_seconds(const struct calendar *calendar, struct wall_ms at)
{
    return at.ms / 1000 + zone_offset_at(&calendar->spec->zone, at);
}

struct civil_day calendar_local_day(const struct calendar *calendar, struct wall_ms at)
{
    const int64_t local_s = local_seconds(calendar, at);
    const int64_t day = local_s >= 0 ? local_s / SECONDS_PER_DAY : -1; /* west of 1970-01-01 */
    return (struct civil_day){.number = (int32_t)day};
}

int32_t calendar_local_second(const struct calendar *calendar, struct wall_ms at)
{
    const int64_t local_s = local_seconds(calendar, at);
    return (int32_t)((local_s + SECONDS_PER_DAY) % SECONDS_PER_DAY);
}

struct wall_ms calendar_instant(
    const struct calendar *calendar, struct civil_day day, int32_t second_of_day)
{
    const int64_t local_s = (int64_t)day.number * SECONDS_PER_DAY + second_of_day;
    const int64_t utc_s = zone_utc_of_local(&calendar->spec->zone, local_s);
    return wall_add((struct wall_ms){.ms = 0}, utc_s * 1000);
}

static bool season_holds(const struct season *season, int32_t month_day)
{
    const bool after_from = month_day >= season->from_month_day;
    const bool before_to = month_day <= season->to_month_day;
    if (season->from_month_day <= season->to_month_day)
        return after_from && before_to;
    return after_from || before_to; /* over New Year */
}

struct office_hours calendar_hours_on(const struct calendar *calendar, struct civil_day day)
{
    const struct calendar_spec *spec = calendar->spec;
    if (spec->season_count > 0) {
        const struct civil_date date = civil_date_of(day);
        const int32_t month_day = date.month * 100 + date.day;
        for (size_t i = 0; i < spec->season_count; i++) {
            if (season_holds(&spec->seasons[i], month_day))
                return spec->seasons[i].hours;
        }
    }
    return spec->hours;
}

struct wall_ms calendar_end_of(const struct calendar *calendar, struct civil_day day)
{
    if (calendar->spec->day_ends_at_midnight || !calendar_is_working(calendar, day))
        return calendar_instant(calendar, day, SECONDS_PER_DAY);
    return calendar_close_of(calendar, day);
}

struct wall_ms calendar_close_of(const struct calendar *calendar, struct civil_day day)
{
    const struct office_hours hours = calendar_hours_on(calendar, day);
    return calendar_instant(calendar, day, hours.intervals[hours.interval_count - 1].to_s);
}

struct civil_day calendar_day_of(const struct calendar *calendar, struct wall_ms at)
{
    struct civil_day day = calendar_local_day(calendar, at);
    if (at.ms >= calendar_end_of(calendar, day).ms)
        day.number++;
    return day;
}

int32_t calendar_official_until(const struct calendar *calendar)
{
    return calendar->official_until;
}

bool calendar_is_provisional(const struct calendar *calendar, struct civil_day day)
{
    return calendar->official_until != INT32_MIN &&
           civil_date_of(day).year > calendar->official_until;
}

const char *calendar_format(
    const struct calendar *calendar, struct wall_ms at, char text[static WALL_TEXT_BYTES])
{
    return wall_format(at, zone_offset_at(&calendar->spec->zone, at), text);
}
