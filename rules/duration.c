/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of a duration (semantics section 2): "<n><unit>", for days also "@HH:MM". Bounded to
 * a hundred years, so that sums of a few durations cannot overflow.
 */
#include "rules/duration.h"

#define DURATION_YEARS_MAX 100
#define DURATION_DAYS_MAX  (INT64_C(365) * DURATION_YEARS_MAX)
#define DURATION_MS_MAX    (DURATION_DAYS_MAX * 24 * 3600 * 1000)

struct unit_word {
    const char *word;
    enum unit_kind kind;
    int32_t step_ms; /* 0: days */
};

static const struct unit_word unit_words[] = {
    {"wd", UNIT_WORKING_DAY, 0},        {"d", UNIT_CALENDAR_DAY, 0},
    {"wh", UNIT_WORKING_TIME, 3600000}, {"wm", UNIT_WORKING_TIME, 60000},
    {"ws", UNIT_WORKING_TIME, 1000},    {"h", UNIT_ELAPSED, 3600000},
    {"m", UNIT_ELAPSED, 60000},         {"s", UNIT_ELAPSED, 1000},
};

#define DURATION_FORM "a positive whole number and wd, d, wh, wm, ws, h, m or s, like \"5wd\""

static const struct unit_word *find_unit(struct text word)
{
    for (size_t i = 0; i < sizeof(unit_words) / sizeof(unit_words[0]); i++) {
        if (text_is(word, unit_words[i].word))
            return &unit_words[i];
    }
    return NULL;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

enum err duration_parse_time(struct text text, int32_t *ret_second)
{
    if (text.bytes != 5 || text.ptr[2] != ':' || !is_digit(text.ptr[0]) || !is_digit(text.ptr[1]) ||
        !is_digit(text.ptr[3]) || !is_digit(text.ptr[4]))
        return ERR_PARSE;
    const int32_t hour = (text.ptr[0] - '0') * 10 + (text.ptr[1] - '0');
    const int32_t minute = (text.ptr[3] - '0') * 10 + (text.ptr[4] - '0');
    if (minute > 59 || hour > 24 || (hour == 24 && minute != 0))
        return ERR_RANGE;
    *ret_second = hour * 3600 + minute * 60;
    return ERR_OK;
}

/* Splits "10d@24:00" into its number, unit and time of day. */
struct duration_parts {
    struct text number;
    struct text unit;
    struct text time; /* .ptr NULL: none */
};

static struct duration_parts split(struct text text)
{
    struct duration_parts parts = {0};
    size_t at = 0;
    while (at < text.bytes && is_digit(text.ptr[at]))
        at++;
    parts.number = (struct text){.ptr = text.ptr, .bytes = at};
    size_t end = at;
    while (end < text.bytes && text.ptr[end] != '@')
        end++;
    if (end < text.bytes)
        parts.time = (struct text){.ptr = text.ptr + end + 1, .bytes = text.bytes - end - 1};
    if (text.bytes > at)
        parts.unit = (struct text){.ptr = text.ptr + at, .bytes = end - at};
    return parts;
}

enum err duration_parse(struct text text, struct duration *ret_duration, struct err_why *why)
{
    const struct duration_parts parts = split(text);
    const struct unit_word *unit = find_unit(parts.unit);
    int64_t number = 0;
    if (parts.number.bytes == 0 || !unit)
        return err_set(why, ERR_PARSE, "not a duration: expected " DURATION_FORM);
    const bool in_days = unit->kind == UNIT_WORKING_DAY || unit->kind == UNIT_CALENDAR_DAY;
    const int64_t amount_max = in_days ? DURATION_DAYS_MAX : DURATION_MS_MAX / unit->step_ms;
    if (text_parse_i64(parts.number, &number) != ERR_OK || number > amount_max)
        return err_set(why, ERR_PARSE, "a duration of more than %d years", DURATION_YEARS_MAX);
    if (number == 0)
        return err_set(why, ERR_PARSE, "a duration of nothing: expected " DURATION_FORM);
    struct duration duration = {
        .unit = unit->kind,
        .amount = in_days ? number : number * unit->step_ms,
        .step_ms = unit->step_ms,
        .at_second = -1,
    };
    if (parts.time.ptr) {
        if (!in_days)
            return err_set(why, ERR_PARSE, "only wd and d take a time of day (@HH:MM)");
        if (duration_parse_time(parts.time, &duration.at_second) != ERR_OK)
            return err_set(why, ERR_PARSE, "not a time of day: expected @00:00 to @24:00");
    }
    *ret_duration = duration;
    return ERR_OK;
}

const char *duration_unit_word(struct duration duration)
{
    for (size_t i = 0; i < sizeof(unit_words) / sizeof(unit_words[0]); i++) {
        if (unit_words[i].kind == duration.unit && unit_words[i].step_ms == duration.step_ms)
            return unit_words[i].word;
    }
    return "ms";
}

void duration_write(struct duration duration, struct buf *buf)
{
    const int64_t amount = duration.step_ms ? duration.amount / duration.step_ms : duration.amount;
    buf_format(buf, "%lld%s", (long long)amount, duration_unit_word(duration));
    if (duration.at_second >= 0)
        buf_format(buf, "@%02d:%02d", duration.at_second / 3600, duration.at_second / 60 % 60);
}
