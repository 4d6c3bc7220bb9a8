/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Instants as text and sums that saturate. Only the proleptic Gregorian calendar and fixed
 * offsets are known here; zones with rules of their own belong to rules/. No clock is read.
 */
#include "base/wall.h"

#include "base/must.h"

#define MS_PER_SECOND   1000
#define SECONDS_PER_DAY 86400

struct civil {
    int64_t year;
    int month; /* 1 to 12 */
    int day;   /* 1 to 31 */
};

struct wall_ms wall_add(struct wall_ms at, int64_t delta_ms)
{
    int64_t sum = 0;
    const bool overflow = __builtin_add_overflow(at.ms, delta_ms, &sum);
    if (overflow)
        sum = delta_ms > 0 ? WALL_MS_MAX : 0;
    if (sum < 0)
        sum = 0;
    return (struct wall_ms){.ms = sum > WALL_MS_MAX ? WALL_MS_MAX : sum};
}

struct mono_ms mono_add(struct mono_ms at, int64_t delta_ms)
{
    int64_t sum = 0;
    if (__builtin_add_overflow(at.ms, delta_ms, &sum))
        sum = delta_ms > 0 ? INT64_MAX : 0;
    return (struct mono_ms){.ms = sum < 0 ? 0 : sum};
}

/*
 * Days since 1970-01-01. The year is counted from March, so that the leap day is its last: then
 * the days before a month follow (153 m + 2) / 5, and 400 years are always 146097 days.
 */
static int64_t days_of_civil(struct civil date)
{
    const int64_t year = date.month <= 2 ? date.year - 1 : date.year;
    const int64_t era = (year >= 0 ? year : year - 399) / 400;
    const int64_t year_of_era = year - era * 400;
    const int64_t month_from_march = (date.month + 9) % 12;
    const int64_t day_of_year = (153 * month_from_march + 2) / 5 + date.day - 1;
    const int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static struct civil civil_of_days(int64_t days)
{
    const int64_t shifted = days + 719468; /* from 0000-03-01 */
    const int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    const int64_t day_of_era = shifted - era * 146097;
    const int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int64_t month_from_march = (5 * day_of_year + 2) / 153;
    const int month = (int)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    return (struct civil){
        .year = era * 400 + year_of_era + (month <= 2 ? 1 : 0),
        .month = month,
        .day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1),
    };
}

static int days_in_month(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

/* ---- reading ---- */

struct reader {
    const char *at;
    const char *end;
};

/* Exactly that many digits with a value in low..high; -1 when there is anything else. */
static int take_number(struct reader *reader, int digit_count, int low, int high)
{
    int value = 0;
    if (reader->end - reader->at < digit_count)
        return -1;
    for (int i = 0; i < digit_count; i++) {
        const char c = reader->at[i];
        if (c < '0' || c > '9')
            return -1;
        value = value * 10 + (c - '0');
    }
    reader->at += digit_count;
    return value >= low && value <= high ? value : -1;
}

static bool take_char(struct reader *reader, char wanted)
{
    if (reader->at == reader->end || *reader->at != wanted)
        return false;
    reader->at++;
    return true;
}

static bool take_date(struct reader *reader, int64_t *ret_days)
{
    struct civil date = {.year = take_number(reader, 4, 0, 9999)};
    if (date.year < 0 || !take_char(reader, '-'))
        return false;
    date.month = take_number(reader, 2, 1, 12);
    if (date.month < 0 || !take_char(reader, '-'))
        return false;
    date.day = take_number(reader, 2, 1, days_in_month(date.year, date.month));
    if (date.day < 0)
        return false;
    *ret_days = days_of_civil(date);
    return true;
}

/* One to nine digits after the dot; those behind the third are dropped, not rounded. */
static bool take_fraction(struct reader *reader, int *ret_ms)
{
    int ms = 0;
    int count = 0;
    for (; reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9'; reader->at++) {
        if (count < 3)
            ms = ms * 10 + (*reader->at - '0');
        count++;
    }
    if (count == 0 || count > 9)
        return false;
    for (; count < 3; count++)
        ms *= 10;
    *ret_ms = ms;
    return true;
}

static bool take_time(struct reader *reader, int64_t *ret_ms)
{
    const int hour = take_number(reader, 2, 0, 23);
    if (hour < 0 || !take_char(reader, ':'))
        return false;
    const int minute = take_number(reader, 2, 0, 59);
    if (minute < 0 || !take_char(reader, ':'))
        return false;
    int second = take_number(reader, 2, 0, 60);
    int ms = 0;
    if (second < 0 || (take_char(reader, '.') && !take_fraction(reader, &ms)))
        return false;
    if (second == 60) { /* a leap second has no number of its own in Unix time */
        second = 59;
        ms = 999;
    }
    *ret_ms = ((int64_t)hour * 3600 + (int64_t)minute * 60 + second) * MS_PER_SECOND + ms;
    return true;
}

static bool take_offset(struct reader *reader, int64_t *ret_offset_s)
{
    if (take_char(reader, 'Z')) {
        *ret_offset_s = 0;
        return true;
    }
    const bool minus = take_char(reader, '-');
    if (!minus && !take_char(reader, '+'))
        return false;
    const int hour = take_number(reader, 2, 0, 23);
    if (hour < 0 || !take_char(reader, ':'))
        return false;
    const int minute = take_number(reader, 2, 0, 59);
    if (minute < 0)
        return false;
    const int64_t offset_s = (int64_t)hour * 3600 + (int64_t)minute * 60;
    *ret_offset_s = minus ? -offset_s : offset_s;
    return true;
}

enum err wall_parse(const char *text, size_t bytes, struct wall_ms *ret_at)
{
    struct reader reader = {.at = text, .end = bytes ? text + bytes : text};
    int64_t days = 0;
    int64_t time_ms = 0;
    int64_t offset_s = 0;
    if (!take_date(&reader, &days) || !take_char(&reader, 'T') || !take_time(&reader, &time_ms) ||
        !take_offset(&reader, &offset_s) || reader.at != reader.end)
        return ERR_PARSE;
    const int64_t ms = (days * SECONDS_PER_DAY - offset_s) * MS_PER_SECOND + time_ms;
    if (ms < 0 || ms > WALL_MS_MAX)
        return ERR_RANGE;
    *ret_at = (struct wall_ms){.ms = ms};
    return ERR_OK;
}

/* ---- writing ---- */

/* Write that many digits and the character that follows them; returns the place behind. */
static char *put_number(char *at, int64_t value, int digit_count, char after)
{
    for (int i = digit_count - 1; i >= 0; i--) {
        at[i] = (char)('0' + value % 10);
        value /= 10;
    }
    at[digit_count] = after;
    return at + digit_count + 1;
}

static char *put_date(char *at, int64_t days)
{
    const struct civil date = civil_of_days(days);
    MUST(date.year >= 1969 && date.year <= 9999);
    at = put_number(at, date.year, 4, '-');
    at = put_number(at, date.month, 2, '-');
    return put_number(at, date.day, 2, 'T');
}

static char *put_time(char *at, int in_day_ms, char sign)
{
    const int second = in_day_ms / MS_PER_SECOND;
    const int ms = in_day_ms % MS_PER_SECOND;
    at = put_number(at, second / 3600, 2, ':');
    at = put_number(at, second / 60 % 60, 2, ':');
    at = put_number(at, second % 60, 2, (char)(ms ? '.' : sign));
    return ms ? put_number(at, ms, 3, sign) : at;
}

const char *wall_format(struct wall_ms at, int32_t offset_s, char text[static WALL_TEXT_BYTES])
{
    MUST(at.ms >= 0 && at.ms <= WALL_MS_MAX);
    MUST(offset_s > -SECONDS_PER_DAY && offset_s < SECONDS_PER_DAY);
    /* RFC 3339 has whole minutes and four-digit years only; the instant stays the same. */
    int offset_min = offset_s / 60;
    if (at.ms + (int64_t)offset_min * 60 * MS_PER_SECOND > WALL_MS_MAX)
        offset_min = 0;
    const int64_t local_ms = at.ms + (int64_t)offset_min * 60 * MS_PER_SECOND;
    const int64_t day_ms = (int64_t)SECONDS_PER_DAY * MS_PER_SECOND;
    const int64_t days = (local_ms >= 0 ? local_ms : local_ms - (day_ms - 1)) / day_ms;
    const bool west = offset_min < 0;
    const int distance_min = west ? -offset_min : offset_min;
    char *end = put_date(text, days);
    end = put_time(end, (int)(local_ms - days * day_ms), (char)(west ? '-' : '+'));
    end = put_number(end, distance_min / 60, 2, ':');
    (void)put_number(end, distance_min % 60, 2, '\0');
    return text;
}
