/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See calendar_show.h. A day takes three columns, its number and a mark, so that nothing depends on
 * colour; a month takes 21 and three of them a line of 71.
 */
#include "cli/calendar_show.h"

#include <stdio.h>

#include "base/json.h"
#include "cli/table.h"
#include "config/holiday_words.h"

#define MONTH_COLUMNS  21
#define MONTHS_A_LINE  3
#define MONTH_GAP      4
#define SINGLES_A_LINE 4
#define WEEKS          6
#define SCRATCH_BYTES  4096
#define COLOUR_END     "\033[0m"
#define COLOUR_WARNING "\033[1;31m"

struct words {
    const char *in[EXPLAIN_LANGUAGE_COUNT];
};

static const char *const marks[DAY_KIND_COUNT] = {
    [DAY_WORKING] = " ", [DAY_MAKE_UP] = "+", [DAY_WEEKEND] = ".",
    [DAY_HOLIDAY] = "*", [DAY_CLOSURE] = "!",
};

static const char *const colours[DAY_KIND_COUNT] = {
    [DAY_WORKING] = "",         [DAY_MAKE_UP] = "\033[1;33m", [DAY_WEEKEND] = "\033[2m",
    [DAY_HOLIDAY] = "\033[31m", [DAY_CLOSURE] = "\033[1;35m",
};

/* The words in JSON. */
static const char *const names[DAY_KIND_COUNT] = {
    [DAY_WORKING] = "working", [DAY_MAKE_UP] = "make_up", [DAY_WEEKEND] = "rest",
    [DAY_HOLIDAY] = "holiday", [DAY_CLOSURE] = "closure",
};

static const struct words kind_words[DAY_KIND_COUNT] = {
    [DAY_WORKING] = {{"工作日", "working day"}},
    [DAY_MAKE_UP] = {{"调休上班", "make-up working day"}},
    [DAY_WEEKEND] = {{"休息日", "day of rest"}},
    [DAY_HOLIDAY] = {{"节假日", "holiday"}},
    [DAY_CLOSURE] = {{"临时停止办公", "offices closed"}},
};

static const char *say(const struct calendar_view *view, const char *chinese, const char *english)
{
    return view->language == EXPLAIN_CHINESE ? chinese : english;
}

/* ---- counting ---- */

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

static struct year_counts count_year(const struct calendar_view *view)
{
    return count_days(view->calendar, first_of(view->year, 1), first_of(view->year, 13));
}

static int32_t working_days(const struct year_counts *counts)
{
    return counts->of[DAY_WORKING] + counts->of[DAY_MAKE_UP];
}

static int32_t working_days_of_month(const struct calendar_view *view, int32_t month)
{
    const struct year_counts counts =
        count_days(view->calendar, first_of(view->year, month), first_of(view->year, month + 1));
    return working_days(&counts);
}

static bool is_provisional(const struct calendar_view *view)
{
    const int32_t until = calendar_official_until(view->calendar);
    return until != INT32_MIN && view->year > until;
}

/* ---- months ---- */

static void put_spaces(struct buf *buf, size_t count)
{
    while (count-- > 0) {
        buf_char(buf, ' ');
    }
}

static void put_month_name(const struct calendar_view *view, int32_t month, struct buf *buf)
{
    static const char *const english[] = {"January",   "February", "March",    "April",
                                          "May",       "June",     "July",     "August",
                                          "September", "October",  "November", "December"};
    const size_t before = buf->bytes;
    const int days = (int)working_days_of_month(view, month);
    if (view->language == EXPLAIN_CHINESE) {
        buf_format(buf, "%d 月  %d 个工作日", (int)month, days);
    } else {
        buf_format(buf, "%s  %d worked", english[month - 1], days);
    }
    if (buf->bytes > before) {
        const struct text text = {buf->ptr + before, buf->bytes - before};
        put_spaces(buf, MONTH_COLUMNS - utf8_columns(text));
    }
}

static void put_day(const struct calendar_view *view, struct civil_day day, struct buf *buf)
{
    const enum day_kind kind = calendar_day_kind(view->calendar, day);
    const bool coloured = view->colours && colours[kind][0];
    buf_format(
        buf, "%s%2d%s%s", coloured ? colours[kind] : "", (int)civil_date_of(day).day, marks[kind],
        coloured ? COLOUR_END : "");
}

static void put_week(const struct calendar_view *view, int32_t month, int32_t week, struct buf *buf)
{
    const struct civil_day first = first_of(view->year, month);
    const struct civil_day end = first_of(view->year, month + 1);
    const int32_t monday = first.number - (civil_weekday(first) - 1) + 7 * week;
    for (int32_t number = monday; number < monday + 7; number++) {
        if (number < first.number || number >= end.number) {
            buf_string(buf, "   ");
        } else {
            put_day(view, (struct civil_day){.number = number}, buf);
        }
    }
}

/* One line of a month, MONTH_COLUMNS wide: its name, its weekdays, its weeks. */
static void put_month_line(
    const struct calendar_view *view, int32_t month, int32_t line, struct buf *buf)
{
    if (line == 0) {
        put_month_name(view, month, buf);
    } else if (line == 1) {
        buf_string(buf, say(view, "一 二 三 四 五 六 日 ", "Mo Tu We Th Fr Sa Su "));
    } else {
        put_week(view, month, line - 2, buf);
    }
}

static void end_line(struct buf *buf, size_t began)
{
    size_t bytes = buf->bytes;
    while (bytes > began && buf->ptr[bytes - 1] == ' ') {
        bytes--;
    }
    buf_cut(buf, bytes);
    if (bytes > began) {
        buf_char(buf, '\n');
    }
}

static void put_line_of_months(
    const struct calendar_view *view, int32_t first, int32_t line, struct buf *buf)
{
    const size_t began = buf->bytes;
    for (int32_t month = first; month < first + MONTHS_A_LINE; month++) {
        put_spaces(buf, month > first ? MONTH_GAP : 0);
        put_month_line(view, month, line, buf);
    }
    end_line(buf, began);
}

static void put_months(const struct calendar_view *view, struct buf *buf)
{
    for (int32_t first = 1; first <= 12; first += MONTHS_A_LINE) {
        buf_char(buf, '\n');
        for (int32_t line = 0; line < WEEKS + 2; line++) {
            put_line_of_months(view, first, line, buf);
        }
    }
}

/* ---- what the marks mean ---- */

static void put_legend(const struct calendar_view *view, struct buf *buf)
{
    static const enum day_kind kinds[] = {DAY_HOLIDAY, DAY_MAKE_UP, DAY_WEEKEND, DAY_CLOSURE};
    buf_char(buf, '\n');
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const enum day_kind kind = kinds[i];
        buf_format(
            buf, "%s%s%s %s%s", i > 0 ? "   " : "", view->colours ? colours[kind] : "", marks[kind],
            kind_words[kind].in[view->language], view->colours ? COLOUR_END : "");
    }
    buf_char(buf, '\n');
}

static void put_name(const struct calendar_view *view, struct text name, struct buf *buf)
{
    if (view->language == EXPLAIN_CHINESE) {
        table_clean(name, buf);
        return;
    }
    table_clean(holiday_english(holiday_name_part(&name)), buf);
    while (name.bytes > 0) {
        buf_string(buf, ", ");
        table_clean(holiday_english(holiday_name_part(&name)), buf);
    }
}

static void put_month_day(struct civil_day day, struct buf *buf)
{
    const struct civil_date date = civil_date_of(day);
    buf_format(buf, "%02d-%02d", (int)date.month, (int)date.day);
}

/* The last of the days from `day` on that are holidays of its name. */
static struct civil_day last_alike(
    const struct calendar_view *view, struct civil_day day, struct civil_day end)
{
    const struct text name = calendar_day_name(view->calendar, day);
    struct civil_day next = {.number = day.number + 1};
    while (next.number < end.number && calendar_day_kind(view->calendar, next) == DAY_HOLIDAY &&
           text_equal(calendar_day_name(view->calendar, next), name)) {
        next.number++;
    }
    return (struct civil_day){.number = next.number - 1};
}

/* "02-15 至 02-23  春节（9 天）" */
static void put_holidays(const struct calendar_view *view, struct buf *buf)
{
    const struct civil_day end = first_of(view->year, 13);
    for (struct civil_day day = first_of(view->year, 1); day.number < end.number; day.number++) {
        if (calendar_day_kind(view->calendar, day) != DAY_HOLIDAY) {
            continue;
        }
        const struct civil_day last = last_alike(view, day, end);
        const int count = (int)(last.number - day.number) + 1;
        const size_t began = buf->bytes;
        put_month_day(day, buf);
        if (count > 1) {
            buf_string(buf, say(view, " 至 ", " to "));
            put_month_day(last, buf);
        }
        if (buf->bytes > began) {
            const struct text text = {buf->ptr + began, buf->bytes - began};
            put_spaces(buf, 16 - utf8_columns(text));
        }
        const struct text name = calendar_day_name(view->calendar, day);
        put_name(
            view, name.bytes > 0 ? name : text_of(kind_words[DAY_HOLIDAY].in[view->language]), buf);
        if (view->language == EXPLAIN_CHINESE) {
            buf_format(buf, "（%d 天）\n", count);
        } else {
            buf_format(buf, " (%d day%s)\n", count, count > 1 ? "s" : "");
        }
        day = last;
    }
}

static void put_single_days(const struct calendar_view *view, enum day_kind kind, struct buf *buf)
{
    size_t count = 0;
    for (struct civil_day day = first_of(view->year, 1);
         day.number < first_of(view->year, 13).number; day.number++) {
        if (calendar_day_kind(view->calendar, day) != kind) {
            continue;
        }
        if (count == 0) {
            buf_string(buf, kind_words[kind].in[view->language]);
        }
        buf_string(buf, count % SINGLES_A_LINE == 0 ? "\n  " : "  ");
        count++;
        put_month_day(day, buf);
        const struct text name = calendar_day_name(view->calendar, day);
        if (name.bytes > 0) {
            buf_string(buf, say(view, "（", " ("));
            put_name(view, name, buf);
            buf_string(buf, say(view, "）", ")"));
        }
    }
    if (count > 0) {
        buf_char(buf, '\n');
    }
}

/* ---- office hours ---- */

static void put_time(int32_t second, struct buf *buf)
{
    buf_format(buf, "%02d:%02d", (int)(second / 3600), (int)(second / 60 % 60));
}

static void put_intervals(const struct office_hours *hours, struct buf *buf)
{
    for (size_t i = 0; i < hours->interval_count; i++) {
        buf_string(buf, i > 0 ? ", " : "");
        put_time(hours->intervals[i].from_s, buf);
        buf_string(buf, "–");
        put_time(hours->intervals[i].to_s, buf);
    }
}

static void put_month_day_number(int32_t month_day, struct buf *buf)
{
    buf_format(buf, "%02d-%02d", (int)(month_day / 100), (int)(month_day % 100));
}

static void put_hours(const struct calendar_view *view, struct buf *buf)
{
    const struct calendar_spec *spec = calendar_spec_of(view->calendar);
    buf_string(buf, say(view, "办公时间  ", "office hours  "));
    put_intervals(&spec->hours, buf);
    buf_char(buf, '\n');
    for (size_t i = 0; i < spec->season_count; i++) {
        buf_string(buf, "  ");
        put_month_day_number(spec->seasons[i].from_month_day, buf);
        buf_string(buf, say(view, " 至 ", " to "));
        put_month_day_number(spec->seasons[i].to_month_day, buf);
        buf_string(buf, "  ");
        put_intervals(&spec->seasons[i].hours, buf);
        buf_char(buf, '\n');
    }
}

/* ---- the whole ---- */

static void put_heading(const struct calendar_view *view, struct buf *buf)
{
    const struct calendar_spec *spec = calendar_spec_of(view->calendar);
    const struct year_counts counts = count_year(view);
    buf_format(buf, "%04d  ", (int)view->year);
    table_clean(spec->title.bytes > 0 ? spec->title : spec->id, buf);
    buf_string(buf, " (");
    table_clean(spec->id, buf);
    buf_string(buf, ")\n");
    if (view->language == EXPLAIN_CHINESE) {
        buf_format(
            buf,
            "工作日 %d 天，其中调休上班 %d 天；节假日 %d 天，休息日 %d 天，临时停止办公 %d 天\n",
            (int)working_days(&counts), (int)counts.of[DAY_MAKE_UP], (int)counts.of[DAY_HOLIDAY],
            (int)counts.of[DAY_WEEKEND], (int)counts.of[DAY_CLOSURE]);
    } else {
        buf_format(
            buf,
            "%d working days, %d of them make-up days; %d holidays, %d days of rest, %d closed\n",
            (int)working_days(&counts), (int)counts.of[DAY_MAKE_UP], (int)counts.of[DAY_HOLIDAY],
            (int)counts.of[DAY_WEEKEND], (int)counts.of[DAY_CLOSURE]);
    }
}

static void put_warning(const struct calendar_view *view, struct buf *buf)
{
    if (!is_provisional(view)) {
        return;
    }
    buf_string(buf, view->colours ? COLOUR_WARNING : "");
    buf_format(
        buf, "!! %s: %d. %s", say(view, "暂定", "PROVISIONAL"), (int)view->year,
        say(view, "该年放假调休安排尚未载入，载入前以下不可作为依据。",
            "The official days of this year are not loaded yet; do not rely on this."));
    buf_string(buf, view->colours ? COLOUR_END : "");
    buf_char(buf, '\n');
}

void calendar_show_text(const struct calendar_view *view, struct buf *buf)
{
    put_heading(view, buf);
    put_warning(view, buf);
    put_months(view, buf);
    put_legend(view, buf);
    buf_char(buf, '\n');
    put_holidays(view, buf);
    put_single_days(view, DAY_MAKE_UP, buf);
    put_single_days(view, DAY_CLOSURE, buf);
    put_hours(view, buf);
    put_warning(view, buf);
}

/* ---- JSON ---- */

static const char *date_text(struct civil_day day, char text[static 16])
{
    const struct civil_date date = civil_date_of(day);
    (void)snprintf(
        text, 16, "%04u-%02u-%02u", (unsigned)date.year % 10000U, (unsigned)date.month % 100U,
        (unsigned)date.day % 100U);
    return text;
}

static void put_dates(const struct calendar_view *view, enum day_kind kind, struct json_out *out)
{
    char text[16];
    json_out_key(out, names[kind]);
    json_out_open(out, '[');
    for (struct civil_day day = first_of(view->year, 1);
         day.number < first_of(view->year, 13).number; day.number++) {
        if (calendar_day_kind(view->calendar, day) == kind) {
            json_out_string(out, text_of(date_text(day, text)));
        }
    }
    json_out_close(out, ']');
}

static void put_json_names(const struct calendar_view *view, struct json_out *out)
{
    char text[16];
    json_out_key(out, "names");
    json_out_open(out, '{');
    for (struct civil_day day = first_of(view->year, 1);
         day.number < first_of(view->year, 13).number; day.number++) {
        const struct text name = calendar_day_name(view->calendar, day);
        if (name.bytes > 0) {
            json_out_member(out, date_text(day, text), name);
        }
    }
    json_out_close(out, '}');
}

static void put_json_hours(const struct office_hours *hours, struct json_out *out)
{
    struct buf scratch;
    buf_init(&scratch, SCRATCH_BYTES);
    json_out_key(out, "office_hours");
    json_out_open(out, '[');
    for (size_t i = 0; i < hours->interval_count; i++) {
        const int32_t ends[] = {hours->intervals[i].from_s, hours->intervals[i].to_s};
        json_out_open(out, '[');
        for (size_t e = 0; e < 2; e++) {
            buf_clear(&scratch);
            put_time(ends[e], &scratch);
            json_out_string(out, buf_view(&scratch));
        }
        json_out_close(out, ']');
    }
    json_out_close(out, ']');
    buf_release(&scratch);
}

static void put_json_seasons(const struct calendar_spec *spec, struct json_out *out)
{
    static const char *const keys[] = {"from", "to"};
    struct buf scratch;
    buf_init(&scratch, SCRATCH_BYTES);
    json_out_key(out, "seasonal_hours");
    json_out_open(out, '[');
    for (size_t i = 0; i < spec->season_count; i++) {
        const int32_t ends[] = {spec->seasons[i].from_month_day, spec->seasons[i].to_month_day};
        json_out_open(out, '{');
        for (size_t e = 0; e < 2; e++) {
            buf_clear(&scratch);
            put_month_day_number(ends[e], &scratch);
            json_out_member(out, keys[e], buf_view(&scratch));
        }
        put_json_hours(&spec->seasons[i].hours, out);
        json_out_close(out, '}');
    }
    json_out_close(out, ']');
    buf_release(&scratch);
}

void calendar_show_json(const struct calendar_view *view, struct buf *buf)
{
    const struct calendar_spec *spec = calendar_spec_of(view->calendar);
    const struct year_counts counts = count_year(view);
    struct json_out out;
    json_out_init(&out, buf);
    json_out_open(&out, '{');
    json_out_member_i64(&out, "year", view->year);
    json_out_member(&out, "calendar", spec->id);
    json_out_member_i64(&out, "working_days", working_days(&counts));
    json_out_key(&out, "provisional");
    json_out_bool(&out, is_provisional(view));
    json_out_key(&out, "months");
    json_out_open(&out, '[');
    for (int32_t month = 1; month <= 12; month++) {
        json_out_i64(&out, working_days_of_month(view, month));
    }
    json_out_close(&out, ']');
    put_dates(view, DAY_MAKE_UP, &out);
    put_dates(view, DAY_HOLIDAY, &out);
    put_dates(view, DAY_CLOSURE, &out);
    put_json_names(view, &out);
    put_json_hours(&spec->hours, &out);
    put_json_seasons(spec, &out);
    json_out_close(&out, '}');
}
