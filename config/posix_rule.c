/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parsing and expansion of POSIX TZ rules. In the text offsets count west of Greenwich; here, as
 * everywhere in the program, east.
 */
#include "config/posix_rule.h"

#define HOUR_S        3600
#define DAY_S         86400
#define CHANGE_SECOND (2 * HOUR_S) /* where the rule names no time */
#define HOURS_MAX     167

struct cursor {
    const char *at;
    const char *end;
};

static bool take(struct cursor *cursor, char c)
{
    if (cursor->at == cursor->end || *cursor->at != c) {
        return false;
    }
    cursor->at++;
    return true;
}

static bool take_number(struct cursor *cursor, int32_t max, int32_t *ret_number)
{
    int32_t number = 0;
    const char *first = cursor->at;
    while (cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9') {
        number = number * 10 + (*cursor->at - '0');
        if (number > max) {
            return false;
        }
        cursor->at++;
    }
    *ret_number = number;
    return cursor->at > first;
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* "CET" or "<+0330>": only skipped. */
static bool take_name(struct cursor *cursor)
{
    const char *first = cursor->at;
    if (take(cursor, '<')) {
        while (cursor->at < cursor->end && *cursor->at != '>') {
            cursor->at++;
        }
        return take(cursor, '>');
    }
    while (cursor->at < cursor->end && is_letter(*cursor->at)) {
        cursor->at++;
    }
    return cursor->at - first >= 3;
}

/* [+-]h[h][:mm[:ss]] as seconds. */
static bool take_time(struct cursor *cursor, int32_t *ret_second)
{
    int32_t parts[3] = {0};
    const bool negative = take(cursor, '-');
    if (!negative) {
        (void)take(cursor, '+');
    }
    if (!take_number(cursor, HOURS_MAX, &parts[0])) {
        return false;
    }
    for (int i = 1; i < 3 && take(cursor, ':'); i++) {
        if (!take_number(cursor, 59, &parts[i])) {
            return false;
        }
    }
    const int32_t second = parts[0] * HOUR_S + parts[1] * 60 + parts[2];
    *ret_second = negative ? -second : second;
    return true;
}

static bool take_month_week(struct cursor *cursor, struct rule_day *day)
{
    day->kind = RULE_MONTH_WEEK;
    const bool read = take_number(cursor, 12, &day->month) && take(cursor, '.') &&
                      take_number(cursor, 5, &day->week) && take(cursor, '.') &&
                      take_number(cursor, 6, &day->day);
    return read && day->month >= 1 && day->week >= 1;
}

static bool take_day(struct cursor *cursor, struct rule_day *day)
{
    bool read = false;
    if (!take(cursor, ',')) {
        return false;
    }
    if (take(cursor, 'M')) {
        read = take_month_week(cursor, day);
    } else if (take(cursor, 'J')) {
        day->kind = RULE_JULIAN;
        read = take_number(cursor, 365, &day->day) && day->day >= 1;
    } else {
        day->kind = RULE_DAY_OF_YEAR;
        read = take_number(cursor, 365, &day->day);
    }
    day->second = CHANGE_SECOND;
    return read && (!take(cursor, '/') || take_time(cursor, &day->second));
}

static bool take_summer(struct cursor *cursor, struct posix_rule *rule)
{
    int32_t west_s = 0;
    if (!take_name(cursor)) {
        return false;
    }
    rule->has_summer = true;
    rule->summer_offset_s = rule->standard_offset_s + HOUR_S;
    if (cursor->at < cursor->end && *cursor->at != ',') {
        if (!take_time(cursor, &west_s)) {
            return false;
        }
        rule->summer_offset_s = -west_s;
    }
    return take_day(cursor, &rule->summer_begins) && take_day(cursor, &rule->summer_ends);
}

enum err posix_rule_parse(struct text text, struct posix_rule *ret_rule)
{
    struct posix_rule rule = {0};
    struct cursor cursor = {text.ptr, text.ptr + text.bytes};
    int32_t west_s = 0;
    if (text.bytes == 0 || !take_name(&cursor) || !take_time(&cursor, &west_s)) {
        return ERR_PARSE;
    }
    rule.standard_offset_s = -west_s;
    if (cursor.at < cursor.end && !take_summer(&cursor, &rule)) {
        return ERR_PARSE;
    }
    if (cursor.at != cursor.end) {
        return ERR_PARSE;
    }
    *ret_rule = rule;
    return ERR_OK;
}

static bool is_leap(int32_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int32_t month_week_day(const struct rule_day *day, int32_t year)
{
    const struct civil_day first =
        civil_day_of((struct civil_date){.year = year, .month = day->month, .day = 1});
    const int32_t month_after = day->month == 12 ? 1 : day->month + 1;
    const struct civil_day next = civil_day_of((struct civil_date){
        .year = day->month == 12 ? year + 1 : year, .month = month_after, .day = 1});
    const int32_t first_weekday = civil_weekday(first) % 7; /* Sunday 0 */
    const int32_t offset = (day->day - first_weekday + 7) % 7 + (day->week - 1) * 7;
    int32_t number = first.number + offset;
    while (number >= next.number) {
        number -= 7;
    }
    return number;
}

static int64_t change_local_s(const struct rule_day *day, int32_t year)
{
    const struct civil_day new_year =
        civil_day_of((struct civil_date){.year = year, .month = 1, .day = 1});
    int32_t number = 0;
    switch (day->kind) {
    case RULE_MONTH_WEEK:
        number = month_week_day(day, year);
        break;
    case RULE_JULIAN:
        number = new_year.number + day->day - 1 + (is_leap(year) && day->day > 59 ? 1 : 0);
        break;
    case RULE_DAY_OF_YEAR:
        number = new_year.number + day->day;
        break;
    }
    return (int64_t)number * DAY_S + day->second;
}

void posix_rule_changes(
    const struct posix_rule *rule, int32_t year, struct zone_change ret_changes[static 2])
{
    const struct zone_change begins = {
        .at_s = change_local_s(&rule->summer_begins, year) - rule->standard_offset_s,
        .offset_s = rule->summer_offset_s,
    };
    const struct zone_change ends = {
        .at_s = change_local_s(&rule->summer_ends, year) - rule->summer_offset_s,
        .offset_s = rule->standard_offset_s,
    };
    const bool south = ends.at_s < begins.at_s;
    ret_changes[0] = south ? ends : begins;
    ret_changes[1] = south ? begins : ends;
}
