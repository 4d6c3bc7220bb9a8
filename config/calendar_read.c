/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calendars/<name>.json to a calendar_spec: zone, weekdays, hours, and the dates of the official
 * notices. A date that stands in one list twice, or among both holidays and workdays (it is a
 * workday then), gets a warning; closures (typhoon days) may repeat either, because they win over
 * everything.
 */
#include <stdlib.h>
#include <string.h>

#include "config/describe.h"
#include "config/files.h"
#include "config/zone_file.h"

#define WEEKDAY_COUNT 7

/* A listed date and where it stands. */
struct dated {
    struct civil_day day;
    bool valid;
    const struct json_value *value;
    size_t rank;      /* in the order of the text */
    const char *list; /* the key of its list */
    struct text name; /* of a closure: its reason */
};

struct date_list {
    struct dated *dates;
    size_t count;
};

struct calendar_file {
    struct calendar_spec spec;
    struct date_list holidays;
    struct date_list workdays;
    struct date_list closures;
    struct text zone_name;
    const struct json_value *zone_value;
};

/* ---- hours ---- */

static void read_interval(struct reader *reader, const struct json_value *value, void *target)
{
    struct day_interval *interval = target;
    const char *what = "an interval such as [\"08:30\", \"12:00\"]";
    if (describe_value(reader, "interval") || !read_is(reader, value, JSON_ARRAY, what)) {
        return;
    }
    if (json_count(value) != 2) {
        reader_error(reader, value, "expected %s", what);
        return;
    }
    const struct json_value *from = json_first(value);
    struct day_interval read = {0};
    if (!read_time_of_day(reader, from, &read.from_s) ||
        !read_time_of_day(reader, json_next(from), &read.to_s)) {
        return;
    }
    if (read.from_s >= read.to_s) {
        reader_error(reader, value, "the interval must end after it begins");
        return;
    }
    *interval = read;
}

static void check_order(
    struct reader *reader, const struct json_value *value, const struct office_hours *hours)
{
    for (size_t i = 1; i < hours->interval_count; i++) {
        const struct day_interval *before = &hours->intervals[i - 1];
        const struct day_interval *interval = &hours->intervals[i];
        if (before->to_s > 0 && interval->to_s > 0 && interval->from_s < before->to_s) {
            const size_t mark = reader_enter_index(reader, i);
            reader_error(reader, value, "the interval begins before the one before it has ended");
            reader_leave(reader, mark);
        }
    }
}

static void read_hours(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct read_items items = {
        read_interval, sizeof(struct day_interval), "a list of intervals [[\"08:30\", \"12:00\"]]"};
    struct office_hours *hours = target;
    struct office_hours read = {0};
    describe_also(reader, "at_least_one");
    describe_also(reader, "intervals_of_a_day");
    read.intervals = read_list(reader, value, &items, &read.interval_count);
    if (!read.intervals) {
        if (json_type(value) == JSON_ARRAY) {
            reader_error(reader, value, "at least one interval is needed");
        }
        return;
    }
    if (read.interval_count > OFFICE_INTERVALS_MAX) {
        reader_error(reader, value, "at most %d intervals a day", OFFICE_INTERVALS_MAX);
        return;
    }
    check_order(reader, value, &read);
    *hours = read;
}

static void read_month_day(struct reader *reader, const struct json_value *value, void *target)
{
    int32_t *month_day = target;
    const struct text text = json_string(value);
    char date[16] = "2000-"; /* a leap year: 02-29 may be named */
    struct civil_day day = {0};
    if (describe_value(reader, "month_day")) {
        return;
    }
    const bool fits = json_type(value) == JSON_STRING && text.bytes == 5;
    if (fits) {
        memcpy(date + 5, text.ptr, 5);
    }
    if (!fits || civil_parse((struct text){date, 10}, &day) != ERR_OK) {
        char got[READ_GOT_BYTES];
        reader_error(
            reader, value, "expected a month and day such as \"06-15\", got %s",
            read_got(value, got));
        return;
    }
    const struct civil_date parts = civil_date_of(day);
    *month_day = parts.month * 100 + parts.day;
}

static void read_season(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct field fields[] = {
        {"from", read_month_day, offsetof(struct season, from_month_day), FIELD_REQUIRED},
        {"to", read_month_day, offsetof(struct season, to_month_day), FIELD_REQUIRED},
        {"office_hours", read_hours, offsetof(struct season, hours), FIELD_REQUIRED},
    };
    (void)read_object(reader, value, fields, FIELD_COUNT(fields), target);
}

static void read_seasons(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct read_items items = {
        read_season, sizeof(struct season), "a list of seasons"};
    struct calendar_file *file = target;
    file->spec.seasons = read_list(reader, value, &items, &file->spec.season_count);
}

/* ---- dates ---- */

static void read_dated(struct reader *reader, const struct json_value *value, void *target)
{
    struct dated *dated = target;
    dated->value = value;
    dated->valid = read_date(reader, value, &dated->day);
    dated->rank = reader->item_count;
}

static void read_dates(
    struct reader *reader,
    const struct json_value *value,
    const struct read_items *items,
    const char *name,
    struct date_list *list)
{
    list->dates = read_list(reader, value, items, &list->count);
    for (size_t i = 0; i < list->count; i++) {
        list->dates[i].list = name;
    }
}

static void read_date_and_name(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct field fields[] = {
        {"date", read_dated, 0, FIELD_REQUIRED},
        {"name", read_string, offsetof(struct dated, name), FIELD_OPTIONAL},
    };
    (void)read_object(reader, value, fields, FIELD_COUNT(fields), target);
}

/* A date alone, or with a name. */
static void read_named(struct reader *reader, const struct json_value *value, void *target)
{
    static read_fn *const shapes[] = {read_dated, read_date_and_name};
    if (describe_either(reader, shapes, 2, target)) {
        return;
    }
    if (json_type(value) == JSON_OBJECT) {
        read_date_and_name(reader, value, target);
    } else {
        read_dated(reader, value, target);
    }
}

static const struct read_items date_items = {read_named, sizeof(struct dated), "a list of dates"};

static void read_holidays(struct reader *reader, const struct json_value *value, void *target)
{
    read_dates(reader, value, &date_items, "holidays", target);
}

static void read_workdays(struct reader *reader, const struct json_value *value, void *target)
{
    read_dates(reader, value, &date_items, "workdays", target);
}

static void read_date_and_reason(
    struct reader *reader, const struct json_value *value, void *target)
{
    static const struct field fields[] = {
        {"date", read_dated, 0, FIELD_REQUIRED},
        {"reason", read_string, offsetof(struct dated, name), FIELD_OPTIONAL},
    };
    (void)read_object(reader, value, fields, FIELD_COUNT(fields), target);
}

static void read_closure(struct reader *reader, const struct json_value *value, void *target)
{
    static read_fn *const shapes[] = {read_dated, read_date_and_reason};
    if (describe_either(reader, shapes, 2, target)) {
        return;
    }
    if (json_type(value) == JSON_STRING) {
        read_dated(reader, value, target);
    } else {
        read_date_and_reason(reader, value, target);
    }
}

static void read_closures(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct read_items items = {
        read_closure, sizeof(struct dated),
        "a list of closures [{\"date\": ..., \"reason\": ...}]"};
    read_dates(reader, value, &items, "closures", target);
}

static int size_compare(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

/* By date, then as they stand in the file. */
static int dated_compare(const void *a, const void *b)
{
    const struct dated *left = a;
    const struct dated *right = b;
    const int32_t x = left->day.number;
    const int32_t y = right->day.number;
    if (x != y) {
        return x < y ? -1 : 1;
    }
    return size_compare(left->rank, right->rank);
}

static void report_repeated(
    struct reader *reader, const struct dated *first, const struct dated *second)
{
    char got[READ_GOT_BYTES];
    size_t line = 0;
    size_t column = 0;
    json_place(reader->doc, first->value, &line, &column);
    const bool same = strcmp(first->list, second->list) == 0;
    const size_t mark = reader_enter_key(reader, text_of(second->list));
    reader_warning(
        reader, second->value, "%s is %s (first at line %zu)", read_got(second->value, got),
        same ? "listed twice" : "both a holiday and a workday: it counts as a workday", line);
    reader_leave(reader, mark);
}

static size_t collect(const struct date_list *list, struct dated *sorted, size_t count)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->dates[i].valid) {
            sorted[count++] = list->dates[i];
        }
    }
    return count;
}

/* Any date that stands twice in these lists is worth a look; the semantics still say what it is. */
static void check_repeats(
    struct reader *reader, const struct date_list *a, const struct date_list *b)
{
    struct dated *sorted = calloc(a->count + b->count + 1, sizeof *sorted);
    if (!sorted) {
        reader_error(reader, NULL, "out of memory");
        return;
    }
    const size_t count = collect(b, sorted, collect(a, sorted, 0));
    qsort(sorted, count, sizeof *sorted, dated_compare);
    for (size_t i = 1; i < count; i++) {
        if (sorted[i].day.number == sorted[i - 1].day.number) {
            report_repeated(reader, &sorted[i - 1], &sorted[i]);
        }
    }
    free(sorted);
}

static const struct civil_day *days_of(struct reader *reader, const struct date_list *list)
{
    struct civil_day *days = arena_array(reader->arena, list->count + 1, sizeof *days);
    for (size_t i = 0; days && i < list->count; i++) {
        days[i] = list->dates[i].day;
    }
    if (!days) {
        reader_error(reader, NULL, "out of memory");
    }
    return days;
}

static const struct text *names_of(struct reader *reader, const struct date_list *list)
{
    struct text *names = arena_array(reader->arena, list->count + 1, sizeof *names);
    for (size_t i = 0; names && i < list->count; i++) {
        names[i] = list->dates[i].name;
    }
    if (!names) {
        reader_error(reader, NULL, "out of memory");
    }
    return names;
}

static const struct closure *closures_of(struct reader *reader, const struct date_list *list)
{
    struct closure *closures = arena_array(reader->arena, list->count + 1, sizeof *closures);
    for (size_t i = 0; closures && i < list->count; i++) {
        closures[i] = (struct closure){.day = list->dates[i].day, .reason = list->dates[i].name};
    }
    if (!closures) {
        reader_error(reader, NULL, "out of memory");
    }
    return closures;
}

static void finish_dates(struct reader *reader, struct calendar_file *file)
{
    const struct date_list none = {0};
    check_repeats(reader, &file->holidays, &file->workdays);
    check_repeats(reader, &file->closures, &none);
    file->spec.holidays = days_of(reader, &file->holidays);
    file->spec.holiday_names = names_of(reader, &file->holidays);
    file->spec.holiday_count = file->holidays.count;
    file->spec.workdays = days_of(reader, &file->workdays);
    file->spec.workday_names = names_of(reader, &file->workdays);
    file->spec.workday_count = file->workdays.count;
    file->spec.closures = closures_of(reader, &file->closures);
    file->spec.closure_count = file->closures.count;
}

/* ---- the rest ---- */

static void read_weekday(struct reader *reader, const struct json_value *value, void *target)
{
    int64_t *weekday = target;
    if (describe_value(reader, "weekday")) {
        return;
    }
    if (json_i64(value, weekday) != ERR_OK || *weekday < 1 || *weekday > WEEKDAY_COUNT) {
        char got[READ_GOT_BYTES];
        reader_error(
            reader, value, "expected a weekday from 1 (Monday) to 7 (Sunday), got %s",
            read_got(value, got));
        *weekday = 0;
    }
}

static void read_weekdays(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct read_items items = {
        read_weekday, sizeof(int64_t), "a list of weekdays such as [1, 2, 3, 4, 5]"};
    struct calendar_file *file = target;
    size_t count = 0;
    describe_also(reader, "at_least_one");
    const int64_t *weekdays = read_list(reader, value, &items, &count);
    memset(file->spec.working_weekday, 0, sizeof file->spec.working_weekday);
    for (size_t i = 0; i < count; i++) {
        file->spec.working_weekday[weekdays[i]] = true; /* index 0 takes the bad ones */
    }
    file->spec.working_weekday[0] = false;
    if (json_type(value) == JSON_ARRAY && count == 0) {
        reader_error(reader, value, "at least one working weekday is needed");
    }
}

static void read_year(struct reader *reader, const struct json_value *value, void *target)
{
    int32_t *year = target;
    int64_t number = 0;
    if (describe_value(reader, "year")) {
        return;
    }
    if (json_i64(value, &number) != ERR_OK || number < 1970 || number > 9999) {
        char got[READ_GOT_BYTES];
        reader_error(reader, value, "expected a year such as 2026, got %s", read_got(value, got));
        return;
    }
    *year = (int32_t)number;
}

static void read_years(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct read_items items = {
        read_year, sizeof(int32_t), "a list of years such as [2025, 2026]"};
    struct calendar_file *file = target;
    file->spec.official_years = read_list(reader, value, &items, &file->spec.official_year_count);
}

static void read_day_end(struct reader *reader, const struct json_value *value, void *target)
{
    static const char *const words[] = {"close", "midnight"};
    struct calendar_file *file = target;
    size_t index = 0;
    if (read_choice(reader, value, words, 2, &index)) {
        file->spec.day_ends_at_midnight = index == 1;
    }
}

static void read_zone(struct reader *reader, const struct json_value *value, void *target)
{
    struct calendar_file *file = target;
    file->zone_value = value;
    read_words(reader, value, &file->zone_name);
}

static void finish_zone(struct reader *reader, const char *zone_folder, struct calendar_file *file)
{
    struct err_why why = {0};
    const char *folder = zone_folder ? zone_folder : ZONE_FOLDER;
    const size_t mark = reader_enter_key(reader, TEXT_LITERAL("timezone"));
    const enum err err = zone_load(folder, file->zone_name, reader->arena, &file->spec.zone, &why);
    if (err == ERR_NOT_FOUND && text_is(file->zone_name, "Asia/Shanghai")) {
        zone_shanghai(&file->spec.zone);
        reader_warning(
            reader, file->zone_value,
            "no time zone data in %s: +08:00 is used, which is right from 1992 on (install tzdata)",
            folder);
    } else if (err == ERR_NOT_FOUND) {
        reader_error(
            reader, file->zone_value,
            "no time zone \"%.*s\" in %s; check the name, or install tzdata",
            TEXT_ARGS(utf8_cut(file->zone_name, READ_ID_BYTES_MAX)), folder);
    } else if (err != ERR_OK) {
        reader_error(reader, file->zone_value, "%s", why.text);
    }
    reader_leave(reader, mark);
}

static const struct field calendar_fields[] = {
    {"id", read_id, offsetof(struct calendar_file, spec.id), FIELD_REQUIRED},
    {"title", read_string, offsetof(struct calendar_file, spec.title), FIELD_OPTIONAL},
    {"timezone", read_zone, 0, FIELD_OPTIONAL},
    {"working_weekdays", read_weekdays, 0, FIELD_OPTIONAL},
    {"office_hours", read_hours, offsetof(struct calendar_file, spec.hours), FIELD_OPTIONAL},
    {"seasonal_hours", read_seasons, 0, FIELD_OPTIONAL},
    {"holidays", read_holidays, offsetof(struct calendar_file, holidays), FIELD_OPTIONAL},
    {"workdays", read_workdays, offsetof(struct calendar_file, workdays), FIELD_OPTIONAL},
    {"closures", read_closures, offsetof(struct calendar_file, closures), FIELD_OPTIONAL},
    {"official_years", read_years, 0, FIELD_OPTIONAL},
    {"day_end", read_day_end, 0, FIELD_OPTIONAL},
};

void calendar_describe(struct reader *reader, const struct json_value *value, void *target)
{
    struct calendar_file file = {0};
    (void)target;
    (void)read_object(reader, value, calendar_fields, FIELD_COUNT(calendar_fields), &file);
}

bool calendar_read(
    const struct source *source,
    const struct reading *reading,
    const char *zone_folder,
    struct calendar_spec *ret_spec)
{
    static const struct day_interval usual_hours[] = {
        {8 * 3600 + 1800, 12 * 3600}, {14 * 3600, 17 * 3600 + 1800}};
    struct calendar_file file = {
        .spec.working_weekday = {[1] = true, [2] = true, [3] = true, [4] = true, [5] = true},
        .spec.hours = {usual_hours, 2},
        .zone_name = TEXT_LITERAL("Asia/Shanghai"),
    };
    struct reader reader;
    if (reader_open(&reader, source, reading)) {
        const struct json_value *root = json_root(reader.doc);
        file.zone_value = root;
        if (read_object(&reader, root, calendar_fields, FIELD_COUNT(calendar_fields), &file)) {
            finish_dates(&reader, &file);
            finish_zone(&reader, zone_folder, &file);
        }
    }
    if (!reader_close(&reader)) {
        return false;
    }
    *ret_spec = file.spec;
    return true;
}
