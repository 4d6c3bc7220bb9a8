/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of the calendar will not do what it is there for: official years that end too early for
 * the limits that start today, and dates to come that change nothing.
 */
#include "rules/calendar_count.h"
#include "rules/fold.h"
#include "rules/lint.h"

#define NOTICE_MONTH 10 /* from then on next year's days off are expected to be known */

#define NOON 43200

static bool is_clock_provisional(
    const struct lint *lint,
    const struct clock_rule *rule,
    struct wall_ms start,
    struct counted *ret_counted)
{
    const struct count_options options = {
        .late_arrival_next_working_day = rule->late_arrival_next_working_day,
        .roll_next_working_day = rule->roll_next_working_day,
    };
    if (rule->limit_from_case || rule->recurs)
        return false;
    return duration_after(lint->policy->calendar, start, rule->limit, &options, ret_counted) ==
               ERR_OK &&
           ret_counted->provisional;
}

/* The first clock whose due would be provisional if it started at noon today. */
static bool find_provisional(const struct lint *lint, struct lint_finding *finding)
{
    const struct policy *policy = lint->policy;
    const struct wall_ms start = calendar_instant(policy->calendar, lint->today, NOON);
    struct counted counted;
    for (size_t s = 0; s < policy->set_count; s++) {
        for (size_t c = 0; c < policy->sets[s].clock_count; c++) {
            if (!is_clock_provisional(lint, &policy->sets[s].clocks[c], start, &counted))
                continue;
            finding->set = s;
            finding->clock = c;
            finding->start = start;
            finding->due = counted.at;
            return true;
        }
    }
    return false;
}

static void check_years(struct lint *lint)
{
    const int32_t until = calendar_official_until(lint->policy->calendar);
    const struct civil_date today = civil_date_of(lint->today);
    struct lint_finding finding = {
        .code = LINT_CALENDAR_ENDS,
        .place = LINT_AT_CALENDAR,
        .set = LINT_NONE,
        .days = until,
        .of_days = today.year,
    };
    if (until == INT32_MIN)
        return;
    const bool expected = until <= today.year && today.month >= NOTICE_MONTH;
    if (find_provisional(lint, &finding) || until < today.year || expected)
        (void)lint_add(lint, &finding);
}

static void say_day(struct lint *lint, enum lint_code code, size_t index, struct civil_day day)
{
    (void)lint_add(
        lint, &(struct lint_finding){
                  .code = code,
                  .place = LINT_AT_CALENDAR,
                  .set = LINT_NONE,
                  .index = index,
                  .days = day.number,
              });
}

static bool lists_day(const struct civil_day *days, size_t count, struct civil_day day)
{
    for (size_t i = 0; i < count; i++) {
        if (days[i].number == day.number)
            return true;
    }
    return false;
}

/* Would the date be one of work if this list did not name it? */
static bool is_usual_work(const struct calendar_spec *spec, struct civil_day day)
{
    return spec->working_weekday[civil_weekday(day)] &&
           !lists_day(spec->holidays, spec->holiday_count, day);
}

/* A closure of several days may well reach over a weekend. */
static bool has_neighbour(const struct calendar_spec *spec, struct civil_day day)
{
    for (size_t i = 0; i < spec->closure_count; i++) {
        const int32_t apart = spec->closures[i].day.number - day.number;
        if (apart == 1 || apart == -1)
            return true;
    }
    return false;
}

static void check_dates(struct lint *lint)
{
    const struct calendar_spec *spec = calendar_spec_of(lint->policy->calendar);
    for (size_t i = 0; i < spec->closure_count; i++) {
        const struct civil_day day = spec->closures[i].day;
        if (day.number >= lint->today.number && !is_usual_work(spec, day) &&
            !lists_day(spec->workdays, spec->workday_count, day) && !has_neighbour(spec, day))
            say_day(lint, LINT_CLOSURE_IDLE, i, day);
    }
    for (size_t i = 0; i < spec->workday_count; i++) {
        const struct civil_day day = spec->workdays[i];
        if (day.number >= lint->today.number && is_usual_work(spec, day))
            say_day(lint, LINT_WORKDAY_IDLE, i, day);
    }
}

#define MONTH_DAYS 1232 /* beyond 12-31 as month * 100 + day */

static bool season_contains(const struct season *season, int32_t month_day)
{
    const bool after = month_day >= season->from_month_day;
    const bool before = month_day <= season->to_month_day;
    return season->from_month_day <= season->to_month_day ? after && before : after || before;
}

/* The first season that contains a date is in force: is there a date left for this one? */
static bool is_ever_in_force(const struct calendar_spec *spec, size_t index)
{
    for (int32_t month_day = 101; month_day < MONTH_DAYS; month_day++) {
        size_t first = 0;
        while (first < index && !season_contains(&spec->seasons[first], month_day))
            first++;
        if (first == index && month_day % 100 >= 1 && month_day % 100 <= 31 &&
            season_contains(&spec->seasons[index], month_day))
            return true;
    }
    return false;
}

static void check_seasons(struct lint *lint)
{
    const struct calendar_spec *spec = calendar_spec_of(lint->policy->calendar);
    for (size_t i = 0; i < spec->season_count; i++) {
        if (is_ever_in_force(spec, i))
            continue;
        (void)lint_add(
            lint, &(struct lint_finding){
                      .code = LINT_SEASON_IDLE,
                      .place = LINT_AT_CALENDAR,
                      .set = LINT_NONE,
                      .index = i,
                  });
    }
}

void lint_calendar(struct lint *lint)
{
    check_years(lint);
    check_dates(lint);
    check_seasons(lint);
}
