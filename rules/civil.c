/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Civil dates as day numbers. Years are shifted to begin in March, so that the leap day is the
 * last of its year and month lengths follow one linear formula; 400 Gregorian years are exactly
 * 146,097 days.
 */
#include "rules/calendar.h"

enum { DAYS_PER_ERA = 146097, EPOCH_SHIFT_DAYS = 719468 /* 0000-03-01 to 1970-01-01 */ };

struct civil_day civil_day_of(struct civil_date date)
{
    const int32_t year = date.month <= 2 ? date.year - 1 : date.year;
    const int32_t era = (year >= 0 ? year : year - 399) / 400;
    const int32_t year_of_era = year - era * 400;
    const int32_t shifted_month = date.month > 2 ? date.month - 3 : date.month + 9;
    const int32_t day_of_year = (153 * shifted_month + 2) / 5 + date.day - 1;
    const int32_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return (struct civil_day){.number = era * DAYS_PER_ERA + day_of_era - EPOCH_SHIFT_DAYS};
}

struct civil_date civil_date_of(struct civil_day day)
{
    const int32_t shifted = day.number + EPOCH_SHIFT_DAYS;
    const int32_t era = (shifted >= 0 ? shifted : shifted - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
    const int32_t day_of_era = shifted - era * DAYS_PER_ERA;
    const int32_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const int32_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int32_t shifted_month = (5 * day_of_year + 2) / 153;
    const int32_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
    return (struct civil_date){
        .year = year_of_era + era * 400 + (month <= 2 ? 1 : 0),
        .month = month,
        .day = day_of_year - (153 * shifted_month + 2) / 5 + 1,
    };
}

int32_t civil_weekday(struct civil_day day)
{
    /* 1970-01-01 was a Thursday (4). */
    const int32_t from_monday = (day.number + 3) % 7;
    return (from_monday < 0 ? from_monday + 7 : from_monday) + 1;
}

static bool digits(const char *at, size_t count, int32_t *ret_value)
{
    int32_t value = 0;
    for (size_t i = 0; i < count; i++) {
        if (at[i] < '0' || at[i] > '9') {
            return false;
        }
        value = value * 10 + (at[i] - '0');
    }
    *ret_value = value;
    return true;
}

enum err civil_parse(struct text text, struct civil_day *ret_day)
{
    struct civil_date date;
    if (text.bytes != 10 || text.ptr[4] != '-' || text.ptr[7] != '-' ||
        !digits(text.ptr, 4, &date.year) || !digits(text.ptr + 5, 2, &date.month) ||
        !digits(text.ptr + 8, 2, &date.day)) {
        return ERR_PARSE;
    }
    if (date.month < 1 || date.month > 12 || date.day < 1 || date.day > 31) {
        return ERR_PARSE;
    }
    const struct civil_day day = civil_day_of(date);
    const struct civil_date back = civil_date_of(day);
    if (back.month != date.month || back.day != date.day) {
        return ERR_PARSE; /* the month has fewer days */
    }
    *ret_day = day;
    return ERR_OK;
}
