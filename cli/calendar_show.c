/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `nrt calendar show YEAR`: the year as the calendar counts it, a month a block, and how many
 * days of each kind it has.
 */
#include "cli/calendar_show.h"

#include <stdio.h>

#include "base/json.h"

static const char *const marks[DAY_KIND_COUNT] = {
    [DAY_WORKING] = " ", [DAY_MAKE_UP] = "+", [DAY_WEEKEND] = ".",
    [DAY_HOLIDAY] = "*", [DAY_CLOSURE] = "!",
};

static const char *const names[DAY_KIND_COUNT] = {
    [DAY_WORKING] = "working", [DAY_MAKE_UP] = "make_up", [DAY_WEEKEND] = "rest",
    [DAY_HOLIDAY] = "holiday", [DAY_CLOSURE] = "closure",
};

struct year_counts {
    int32_t of[DAY_KIND_COUNT];
};

static struct civil_day first_of(int32_t year, int32_t month)
{
    return civil_day_of((struct civil_date){
        .year = month > 12 ? year + 1 : year, .month = month > 12 ? 1 : month, .day = 1});
}

static struct year_counts count_days(
    const struct calendar *calendar, struct civil_day from, struct civil_day end)
{
    struct year_counts counts = {0};
    for (struct civil_day day = from; day.number < end.number; day.number++) {
        counts.of[calendar_day_kind(calendar, day)]++;
    }
    return counts;
}

static bool is_provisional(const struct calendar *calendar, int32_t year)
{
    const int32_t until = calendar_official_until(calendar);
    return until != INT32_MIN && year > until;
}

static int32_t working_days(const struct year_counts *counts)
{
    return counts->of[DAY_WORKING] + counts->of[DAY_MAKE_UP];
}

static void put_month(const struct calendar *calendar, int32_t year, int32_t month, struct buf *buf)
{
    const struct civil_day first = first_of(year, month);
    const struct civil_day end = first_of(year, month + 1);
    const struct year_counts counts = count_days(calendar, first, end);
    buf_format(buf, "\n%04d-%02d  %d working days\n", year, month, working_days(&counts));
    buf_string(buf, "  Mon  Tue  Wed  Thu  Fri  Sat  Sun\n");
    for (int32_t i = 1; i < civil_weekday(first); i++) {
        buf_string(buf, "     ");
    }
    for (struct civil_day day = first; day.number < end.number; day.number++) {
        const bool ends_row = civil_weekday(day) == 7 || day.number + 1 == end.number;
        buf_format(
            buf, "  %2d%s%s", day.number - first.number + 1,
            marks[calendar_day_kind(calendar, day)], ends_row ? "\n" : "");
    }
}

void calendar_show_text(const struct calendar *calendar, int32_t year, struct buf *buf)
{
    const struct year_counts counts = count_days(calendar, first_of(year, 1), first_of(year, 13));
    buf_format(
        buf,
        "%04d  %d working days, %d of them make-up days (+); %d holidays (*), %d days of rest (.), "
        "%d closures (!)\n",
        year, working_days(&counts), counts.of[DAY_MAKE_UP], counts.of[DAY_HOLIDAY],
        counts.of[DAY_WEEKEND], counts.of[DAY_CLOSURE]);
    if (is_provisional(calendar, year)) {
        buf_string(buf, "Provisional: the calendar has no official days of this year.\n");
    }
    for (int32_t month = 1; month <= 12; month++) {
        put_month(calendar, year, month, buf);
    }
}

static void put_dates(
    const struct calendar *calendar, int32_t year, enum day_kind kind, struct json_out *out)
{
    json_out_key(out, names[kind]);
    json_out_open(out, '[');
    for (struct civil_day day = first_of(year, 1); day.number < first_of(year, 13).number;
         day.number++) {
        char text[16];
        const struct civil_date date = civil_date_of(day);
        if (calendar_day_kind(calendar, day) != kind) {
            continue;
        }
        (void)snprintf(text, sizeof(text), "%04d-%02d-%02d", date.year, date.month, date.day);
        json_out_string(out, text_of(text));
    }
    json_out_close(out, ']');
}

void calendar_show_json(const struct calendar *calendar, int32_t year, struct buf *buf)
{
    const struct year_counts counts = count_days(calendar, first_of(year, 1), first_of(year, 13));
    struct json_out out;
    json_out_init(&out, buf);
    json_out_open(&out, '{');
    json_out_member_i64(&out, "year", year);
    json_out_member_i64(&out, "working_days", working_days(&counts));
    json_out_key(&out, "provisional");
    json_out_bool(&out, is_provisional(calendar, year));
    put_dates(calendar, year, DAY_MAKE_UP, &out);
    put_dates(calendar, year, DAY_HOLIDAY, &out);
    put_dates(calendar, year, DAY_CLOSURE, &out);
    json_out_close(&out, '}');
}
