/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two calendars compared: hours and zone key by key, dates as runs of days: "holidays added:
 * 2027-01-01 to 01-03 (3 days)".
 */
#include <stdio.h>
#include <stdlib.h>

#include "config/diff_parts.h"
#include "rules/calendar.h"

#define DATE_BYTES 12

/* A date of a list with what is said about it (a holiday's name, the reason of a closure). */
struct day {
    struct civil_day day;
    struct text name;
    size_t rank;
};

struct days {
    struct day *days; /* ascending, no date twice */
    size_t count;
};

/* ---- reading ---- */

static int day_compare(const void *a, const void *b)
{
    const struct day *left = a;
    const struct day *right = b;
    if (left->day.number != right->day.number) {
        return left->day.number < right->day.number ? -1 : 1;
    }
    return (left->rank > right->rank) - (left->rank < right->rank);
}

/* "2026-05-01", or {"date", "name"} or {"date", "reason"}. */
static bool day_of(const struct json_value *value, size_t rank, struct day *ret_day)
{
    const bool object = json_type(value) == JSON_OBJECT;
    const struct text date = object ? json_get_string(value, "date") : json_string(value);
    struct day day = {.name = json_get_string(value, "name"), .rank = rank};
    if (day.name.bytes == 0) {
        day.name = json_get_string(value, "reason");
    }
    if (civil_parse(date, &day.day) != ERR_OK) {
        return false;
    }
    *ret_day = day;
    return true;
}

static struct days days_of(struct diff *diff, const struct json_value *list)
{
    struct days days = {
        .days = arena_array(&diff->arena, json_count(list) + 1, sizeof(struct day))};
    size_t read = 0;
    if (!days.days) {
        diff->failed = true;
        return days;
    }
    for (const struct json_value *value = json_first(list); value; value = json_next(value)) {
        read += day_of(value, read, &days.days[read]) ? 1 : 0;
    }
    if (read > 1) {
        qsort(days.days, read, sizeof *days.days, day_compare);
    }
    for (size_t i = 0; i < read; i++) {
        if (i == 0 || days.days[i].day.number != days.days[i - 1].day.number) {
            days.days[days.count++] = days.days[i];
        }
    }
    return days;
}

/* Those of `days` that `other` does not have; with `renamed`: that it has by another name. */
static struct days days_less(
    struct diff *diff, const struct days *days, const struct days *other, bool renamed)
{
    struct days less = {.days = arena_array(&diff->arena, days->count + 1, sizeof(struct day))};
    size_t at = 0;
    if (!less.days) {
        diff->failed = true;
        return less;
    }
    for (size_t i = 0; i < days->count; i++) {
        const struct day *day = &days->days[i];
        while (at < other->count && other->days[at].day.number < day->day.number) {
            at++;
        }
        const bool both = at < other->count && other->days[at].day.number == day->day.number;
        const bool other_name = both && !text_equal(other->days[at].name, day->name);
        if (renamed ? other_name : !both) {
            less.days[less.count++] = *day;
        }
    }
    return less;
}

/* ---- telling ---- */

static void write_date(struct civil_day day, char text[static DATE_BYTES])
{
    const struct civil_date date = civil_date_of(day);
    (void)snprintf(
        text, DATE_BYTES, "%04u-%02u-%02u", (unsigned)date.year % 10000U,
        (unsigned)date.month % 100U, (unsigned)date.day % 100U);
}

/* From `at` to before the one given back: dates in a row, with one name. */
static size_t run_end(const struct days *days, size_t at)
{
    size_t end = at + 1;
    while (end < days->count && days->days[end].day.number == days->days[end - 1].day.number + 1 &&
           text_equal(days->days[end].name, days->days[at].name)) {
        end++;
    }
    return end;
}

static void say_run(struct diff *diff, const struct days *days, size_t at, size_t end)
{
    char first[DATE_BYTES];
    char last[DATE_BYTES];
    write_date(days->days[at].day, first);
    write_date(days->days[end - 1].day, last);
    const bool one_year =
        civil_date_of(days->days[at].day).year == civil_date_of(days->days[end - 1].day).year;
    diff_say(diff, first, first);
    if (end > at + 1) {
        diff_say(diff, " 至 ", " to ");
        diff_say(diff, one_year ? last + 5 : last, one_year ? last + 5 : last);
    }
    if (days->days[at].name.bytes > 0) {
        diff_say(diff, " ", " ");
        diff_say_text(diff, days->days[at].name);
    }
}

static void say_days(struct diff *diff, const struct days *days)
{
    size_t at = 0;
    while (at < days->count) {
        const size_t end = run_end(days, at);
        say_run(diff, days, at, end);
        if (end < days->count) {
            diff_say(diff, "，", ", ");
        }
        at = end;
    }
    buf_format(&diff->zh, "（共 %zu 天）", days->count);
    buf_format(&diff->en, " (%zu day%s)", days->count, days->count == 1 ? "" : "s");
}

static void tell_days(
    struct diff *diff,
    const struct diff_subject *subject,
    const struct diff_change *change,
    const struct days *days)
{
    struct diff_change told = *change;
    const char **dates = arena_array(&diff->arena, days->count + 1, sizeof *dates);
    for (size_t i = 0; dates && i < days->count; i++) {
        char *date = arena_alloc(&diff->arena, DATE_BYTES);
        if (!date) {
            dates = NULL;
            break;
        }
        write_date(days->days[i].day, date);
        dates[i] = date;
    }
    diff->failed = diff->failed || !dates;
    told.days = dates;
    told.day_count = days->count;
    say_days(diff, days);
    diff_tell(diff, subject, &told);
}

struct date_list {
    const char *key;
    struct diff_words name;
    struct diff_words renamed; /* what its words are called */
};

static void tell_list(
    struct diff *diff,
    const struct diff_subject *subject,
    const struct date_list *list,
    const char *change,
    const struct days *days)
{
    const struct diff_change told = {.change = change, .key = list->key};
    const bool added = change[0] == 'a';
    if (days->count == 0) {
        return;
    }
    if (change[0] == 'c') {
        buf_format(&diff->zh, "%s的%s改为：", list->name.zh, list->renamed.zh);
        buf_format(&diff->en, "%s of %s changed to: ", list->renamed.en, list->name.en);
    } else {
        buf_format(&diff->zh, "%s%s：", added ? "新增" : "删除", list->name.zh);
        buf_format(&diff->en, "%s %s: ", list->name.en, added ? "added" : "removed");
    }
    tell_days(diff, subject, &told, days);
}

static void compare_dates(
    struct diff *diff,
    const struct diff_subject *subject,
    const struct date_list *list,
    const struct json_value *from,
    const struct json_value *to)
{
    const struct days before = days_of(diff, json_get(from, list->key));
    const struct days after = days_of(diff, json_get(to, list->key));
    const struct days added = days_less(diff, &after, &before, false);
    const struct days removed = days_less(diff, &before, &after, false);
    const struct days renamed = days_less(diff, &after, &before, true);
    tell_list(diff, subject, list, "added", &added);
    tell_list(diff, subject, list, "removed", &removed);
    tell_list(diff, subject, list, "changed", &renamed);
}

/* ---- official years ---- */

static bool has_year(const struct json_value *years, int64_t year)
{
    int64_t number = 0;
    for (const struct json_value *value = json_first(years); value; value = json_next(value)) {
        if (json_i64(value, &number) == ERR_OK && number == year) {
            return true;
        }
    }
    return false;
}

static void compare_years(
    struct diff *diff,
    const struct diff_subject *subject,
    const struct json_value *years,
    const struct json_value *others,
    bool added)
{
    const struct diff_change change = {
        .change = added ? "added" : "removed", .key = "official_years"};
    size_t count = 0;
    for (const struct json_value *value = json_first(years); value; value = json_next(value)) {
        int64_t year = 0;
        if (json_i64(value, &year) != ERR_OK || has_year(others, year)) {
            continue;
        }
        if (count++ == 0) {
            diff_say(
                diff, added ? "已公布安排的年份新增：" : "已公布安排的年份删除：",
                added ? "official years added: " : "official years removed: ");
        } else {
            diff_say(diff, "、", ", ");
        }
        buf_format(&diff->zh, "%lld", (long long)year);
        buf_format(&diff->en, "%lld", (long long)year);
    }
    if (count > 0) {
        diff_tell(diff, subject, &change);
    }
}

/* ---- the calendar ---- */

static const struct diff_key calendar_keys[] = {
    {"id", {"标识", "id"}, diff_write_plain, NULL},
    {"title", {"标题", "title"}, diff_write_quoted, NULL},
    {"timezone", {"时区", "time zone"}, diff_write_plain, "\"Asia/Shanghai\""},
    {"working_weekdays", {"每周工作日", "working weekdays"}, diff_write_weekdays, "[1,2,3,4,5]"},
    {"office_hours",
     {"办公时间", "office hours"},
     diff_write_hours,
     "[[\"08:30\",\"12:00\"],[\"14:00\",\"17:30\"]]"},
    {"seasonal_hours", {"季节办公时间", "seasonal hours"}, diff_write_seasons, NULL},
    {"day_end", {"一日之终", "end of the day"}, diff_write_plain, "\"close\""},
    {"holidays", {"", ""}, NULL, NULL},
    {"workdays", {"", ""}, NULL, NULL},
    {"closures", {"", ""}, NULL, NULL},
    {"official_years", {"", ""}, NULL, NULL},
    {"note", {"备注", "note"}, diff_write_quoted, NULL},
};

void diff_calendar(struct diff *diff, const struct json_value *from, const struct json_value *to)
{
    static const struct date_list lists[] = {
        {"holidays", {"节假日", "holidays"}, {"名称", "names"}},
        {"workdays", {"调休上班日", "make-up working days"}, {"名称", "names"}},
        {"closures", {"临时停止办公", "closures"}, {"事由", "reasons"}},
    };
    static const struct diff_words kind = {"日历", "calendar"};
    const struct diff_subject subject =
        diff_subject_of(diff, "calendar", kind, json_get_string(to, "id"));
    const struct diff_objects objects = {from, to, calendar_keys, DIFF_COUNT(calendar_keys)};
    diff_objects(diff, &subject, &objects);
    for (size_t i = 0; i < DIFF_COUNT(lists); i++) {
        compare_dates(diff, &subject, &lists[i], from, to);
    }
    compare_years(
        diff, &subject, json_get(to, "official_years"), json_get(from, "official_years"), true);
    compare_years(
        diff, &subject, json_get(from, "official_years"), json_get(to, "official_years"), false);
}
