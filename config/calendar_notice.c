/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A notice from its text: which form it has, and the dates of all its items in order. The JSON
 * forms: {"year","papers","days":[{"name","date","isOffDay"}]}, {"2026":{"holidays","workdays"}}
 * and one such object alone, lists being arrays of dates or objects by date.
 */
#include "config/calendar_notice.h"

#include <stdlib.h>
#include <string.h>

#define YEARS_MAX 200

bool notice_list_add(struct notice_list *list, const struct notice_item *item)
{
    if (list->count == NOTICE_ITEMS_MAX) {
        return false;
    }
    if (list->count == list->capacity) {
        const size_t capacity = list->capacity ? 2 * list->capacity : 64;
        struct notice_item *items = realloc(list->items, capacity * sizeof *items);
        if (!items) {
            return false;
        }
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = *item;
    return true;
}

/* ---- JSON ---- */

struct json_notice {
    struct reader reader;
    struct notice_list *list;
};

static void add_date(
    struct json_notice *notice, const struct json_value *value, struct notice_item item)
{
    const int32_t year = civil_date_of(item.first).year;
    if (year < NOTICE_YEAR_FIRST || year > NOTICE_YEAR_LAST) {
        reader_error(
            &notice->reader, value, "a notice is of the years %d to %d", NOTICE_YEAR_FIRST,
            NOTICE_YEAR_LAST);
        return;
    }
    item.last = item.first;
    item.name = reader_keep(&notice->reader, item.name);
    if (!notice_list_add(notice->list, &item)) {
        reader_error(&notice->reader, value, "more than %d dates", NOTICE_ITEMS_MAX);
    }
}

static void read_day_of_list(struct json_notice *notice, const struct json_value *value)
{
    struct reader *reader = &notice->reader;
    const struct json_value *off = json_get(value, "isOffDay");
    struct notice_item item = {.name = json_get_string(value, "name")};
    if (json_type(value) != JSON_OBJECT || json_type(off) != JSON_BOOL) {
        reader_error(
            reader, value, "expected {\"name\": ..., \"date\": ..., \"isOffDay\": true or false}");
        return;
    }
    if (read_date(reader, json_get(value, "date"), &item.first)) {
        item.reading = json_is_true(off) ? NOTICE_OFF : NOTICE_WORK;
        add_date(notice, value, item);
    }
}

/* {"year": 2026, "papers": [...], "days": [...]} */
static void read_year_of_days(struct json_notice *notice, const struct json_value *root)
{
    struct reader *reader = &notice->reader;
    const struct json_value *days = json_get(root, "days");
    int64_t year = 0;
    if (json_i64(json_get(root, "year"), &year) != ERR_OK || year < NOTICE_YEAR_FIRST ||
        year > NOTICE_YEAR_LAST) {
        reader_error(reader, root, "\"year\" must be a year such as 2026");
        return;
    }
    const size_t mark = reader_enter_key(reader, TEXT_LITERAL("days"));
    if (read_is(reader, days, JSON_ARRAY, "a list of days")) {
        for (const struct json_value *day = json_first(days); day; day = json_next(day)) {
            read_day_of_list(notice, day);
        }
    }
    reader_leave(reader, mark);
    notice->list->years[notice->list->year_count++] = (int32_t)year;
    if (json_count(json_get(root, "papers")) > 0) {
        notice->list->official_year = (int32_t)year;
    }
}

static bool is_ascii(struct text text)
{
    for (size_t i = 0; i < text.bytes; i++) {
        if ((unsigned char)text.ptr[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

/* "New Year's Day,元旦,1" names it in several languages: the first that is not ASCII is taken. */
static struct text name_of_words(struct text words)
{
    struct text rest = words;
    while (rest.bytes > 0) {
        const char *comma = memchr(rest.ptr, ',', rest.bytes);
        const struct text word = {rest.ptr, comma ? (size_t)(comma - rest.ptr) : rest.bytes};
        if (!is_ascii(word)) {
            return word;
        }
        if (!comma) {
            break;
        }
        rest = (struct text){comma + 1, rest.bytes - word.bytes - 1};
    }
    return words;
}

/* A date, {"date","name"}, or a member whose key is the date. */
static void read_entry(
    struct json_notice *notice, const struct json_value *value, enum notice_reading reading)
{
    struct reader *reader = &notice->reader;
    struct notice_item item = {.reading = reading};
    const struct text key = json_key(value);
    if (key.bytes > 0) {
        if (civil_parse(key, &item.first) != ERR_OK) {
            reader_error(reader, value, "expected a date that exists as the key");
            return;
        }
        item.name = name_of_words(json_string(value));
    } else if (json_type(value) == JSON_OBJECT) {
        if (!read_date(reader, json_get(value, "date"), &item.first)) {
            return;
        }
        item.name = json_get_string(value, "name");
    } else if (!read_date(reader, value, &item.first)) {
        return;
    }
    add_date(notice, value, item);
}

static void read_entries(
    struct json_notice *notice,
    const struct json_value *object,
    const char *key,
    enum notice_reading reading)
{
    const struct json_value *list = json_get(object, key);
    const bool fits = json_type(list) == JSON_ARRAY || json_type(list) == JSON_OBJECT;
    const size_t mark = reader_enter_key(&notice->reader, text_of(key));
    if (list && !fits) {
        reader_error(&notice->reader, list, "expected a list of dates");
    }
    for (const struct json_value *entry = fits ? json_first(list) : NULL; entry;
         entry = json_next(entry)) {
        read_entry(notice, entry, reading);
    }
    reader_leave(&notice->reader, mark);
}

static void read_two_lists(struct json_notice *notice, const struct json_value *object)
{
    read_entries(notice, object, "holidays", NOTICE_OFF);
    read_entries(notice, object, "workdays", NOTICE_WORK);
}

/* {"2026": {"holidays": [...], "workdays": [...]}} */
static void read_years(struct json_notice *notice, const struct json_value *root)
{
    struct reader *reader = &notice->reader;
    for (const struct json_value *year = json_first(root); year; year = json_next(year)) {
        int64_t number = 0;
        const struct text key = json_key(year);
        const size_t mark = reader_enter_key(reader, key);
        if (text_parse_i64(key, &number) != ERR_OK || number < NOTICE_YEAR_FIRST ||
            number > NOTICE_YEAR_LAST || notice->list->year_count == YEARS_MAX) {
            reader_error(reader, year, "expected a year such as \"2026\" as the key");
        } else if (read_is(reader, year, JSON_OBJECT, "{\"holidays\": [], \"workdays\": []}")) {
            notice->list->years[notice->list->year_count++] = (int32_t)number;
            read_two_lists(notice, year);
        }
        reader_leave(reader, mark);
    }
}

static void json_read(
    const struct source *source, const struct reading *reading, struct notice_list *list)
{
    struct json_notice notice = {.list = list};
    if (reader_open(&notice.reader, source, reading)) {
        const struct json_value *root = json_root(notice.reader.doc);
        if (!read_is(&notice.reader, root, JSON_OBJECT, "a notice")) {
            /* said */
        } else if (json_get(root, "days")) {
            read_year_of_days(&notice, root);
        } else if (json_get(root, "holidays") || json_get(root, "workdays")) {
            read_two_lists(&notice, root);
        } else {
            read_years(&notice, root);
        }
    }
    (void)reader_close(&notice.reader);
}

/* ---- all dates in order ---- */

static int day_compare(const void *a, const void *b)
{
    const struct notice_day *left = a;
    const struct notice_day *right = b;
    if (left->day.number != right->day.number) {
        return left->day.number < right->day.number ? -1 : 1;
    }
    return (left->line > right->line) - (left->line < right->line);
}

static bool is_asked(const struct notice_options *options, struct civil_day day)
{
    const int32_t year = civil_date_of(day).year;
    return options->first_year == 0 || (year >= options->first_year && year <= options->last_year);
}

static size_t count_days(const struct notice_list *list)
{
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct notice_item *item = &list->items[i];
        count +=
            item->reading <= NOTICE_WORK ? (size_t)(item->last.number - item->first.number) + 1 : 0;
    }
    return count;
}

/* Two lines about one date must agree; the first name that is there stays. */
static size_t join_equal(
    const struct source *source,
    const struct reading *reading,
    struct notice_day *days,
    size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        struct notice_day *last = kept > 0 ? &days[kept - 1] : NULL;
        if (!last || last->day.number != days[i].day.number) {
            days[kept++] = days[i];
        } else if (last->works != days[i].works) {
            const struct civil_date date = civil_date_of(last->day);
            report_add(
                reading->report, FINDING_ERROR, source->file, days[i].line, days[i].line > 0, "",
                "%04d-%02d-%02d is said to be both a day off and a day worked", date.year,
                date.month, date.day);
        } else if (last->name.bytes == 0) {
            last->name = days[i].name;
        }
    }
    return kept;
}

/* The days of one item that are asked for; returns how many. */
static size_t add_days(
    const struct notice_options *options, const struct notice_item *item, struct notice_day *days)
{
    size_t count = 0;
    for (struct civil_day day = item->first; day.number <= item->last.number; day.number++) {
        if (is_asked(options, day)) {
            days[count++] = (struct notice_day){
                .day = day,
                .works = item->reading == NOTICE_WORK,
                .name = item->name,
                .line = item->line,
            };
        }
    }
    return count;
}

static struct notice_day *all_days(
    const struct source *source,
    const struct reading *reading,
    const struct notice_options *options,
    const struct notice_list *list,
    size_t *ret_count)
{
    size_t count = 0;
    struct notice_day *days =
        arena_array(reading->arena, count_days(list) + 1, sizeof(struct notice_day));
    for (size_t i = 0; days && i < list->count; i++) {
        if (list->items[i].reading <= NOTICE_WORK) {
            count += add_days(options, &list->items[i], &days[count]);
        }
    }
    if (days) {
        qsort(days, count, sizeof *days, day_compare);
        count = join_equal(source, reading, days, count);
    }
    *ret_count = count;
    return days;
}

static int year_compare(const void *a, const void *b)
{
    const int32_t *left = a;
    const int32_t *right = b;
    return (*left > *right) - (*left < *right);
}

static bool finish(
    const struct source *source,
    const struct reading *reading,
    const struct notice_options *options,
    struct notice_list *list,
    struct calendar_notice *ret_notice)
{
    struct notice_item *items =
        arena_array(reading->arena, list->count + 1, sizeof(struct notice_item));
    struct calendar_notice notice = {
        .items = items,
        .item_count = list->count,
        .years = list->years,
        .year_count = list->year_count,
        .official_year = list->official_year,
    };
    notice.days = all_days(source, reading, options, list, &notice.day_count);
    if (!items || !notice.days) {
        report_add(reading->report, FINDING_ERROR, source->file, 0, 0, "", "out of memory");
        return false;
    }
    if (list->count > 0) {
        memcpy(items, list->items, list->count * sizeof *items);
    }
    if (list->year_count > 0) {
        qsort(list->years, list->year_count, sizeof *list->years, year_compare);
    }
    *ret_notice = notice;
    return true;
}

static struct text without_mark(struct text text)
{
    const struct text mark = TEXT_LITERAL("\xef\xbb\xbf");
    if (text_starts_with(text, mark)) {
        text.ptr += mark.bytes;
        text.bytes -= mark.bytes;
    }
    return text;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_json(struct text text)
{
    size_t at = 0;
    while (at < text.bytes && is_space(text.ptr[at])) {
        at++;
    }
    return at < text.bytes && text.ptr[at] == '{';
}

bool notice_read(
    const struct source *source,
    const struct reading *reading,
    const struct notice_options *options,
    struct calendar_notice *ret_notice)
{
    const size_t errors_before = reading->report->error_count;
    const struct source plain = {.file = source->file, .json = without_mark(source->json)};
    struct notice_list list = {
        .years = arena_array(reading->arena, YEARS_MAX, sizeof(int32_t)),
    };
    if (!list.years || plain.json.bytes > NOTICE_BYTES_MAX) {
        report_add(
            reading->report, FINDING_ERROR, source->file, 0, 0, "", "a notice has at most %zu KiB",
            NOTICE_BYTES_MAX / 1024);
    } else if (is_json(plain.json)) {
        json_read(&plain, reading, &list);
    } else {
        ical_read(&plain, reading, options, &list);
    }
    struct calendar_notice notice = {0};
    const bool made = reading->report->error_count == errors_before &&
                      finish(&plain, reading, options, &list, &notice);
    free(list.items);
    if (!made || reading->report->error_count != errors_before) {
        return false;
    }
    *ret_notice = notice;
    return true;
}
