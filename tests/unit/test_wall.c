/* SPDX-License-Identifier: Apache-2.0 */
/* Instants as text: RFC 3339 in and out, and sums that saturate. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/prng.h"
#include "base/wall.h"
#include "tests/support/check.h"

#define DAY_MS INT64_C(86400000)

/* The instant, or minus the error. */
static int64_t parsed(const char *text)
{
    struct wall_ms at = {.ms = -1};
    const enum err err = wall_parse(text, strlen(text), &at);
    if (err)
        CHECK_EQ(at.ms, -1); /* outputs are set on success only */
    return err ? -(int64_t)err : at.ms;
}

static void known_instants_are_read(void)
{
    CHECK_EQ(parsed("1970-01-01T00:00:00Z"), 0);
    CHECK_EQ(parsed("1970-01-01T08:00:00+08:00"), 0);
    CHECK_EQ(parsed("2019-04-01T11:06:30+08:00"), INT64_C(1554087990000));
    CHECK_EQ(parsed("2026-02-13T10:00:00+08:00"), INT64_C(1770948000000));
    CHECK_EQ(parsed("2024-02-29T23:59:59.999Z"), INT64_C(1709251199999));
    CHECK_EQ(parsed("2000-02-29T00:00:00-00:30"), INT64_C(951784200000));
    CHECK_EQ(parsed("9999-12-31T23:59:59.999Z"), WALL_MS_MAX);
}

static void fractions_are_cut_to_milliseconds(void)
{
    CHECK_EQ(parsed("1970-01-01T00:00:00.1Z"), 100);
    CHECK_EQ(parsed("1970-01-01T00:00:00.12Z"), 120);
    CHECK_EQ(parsed("1970-01-01T00:00:00.0019Z"), 1);
    CHECK_EQ(parsed("1970-01-01T00:00:00.999999999Z"), 999);
    CHECK_EQ(parsed("1970-01-01T00:00:00.9999999999Z"), -ERR_PARSE);
    CHECK_EQ(parsed("1970-01-01T00:00:00.Z"), -ERR_PARSE);
}

static void a_leap_second_is_the_last_millisecond_before_it(void)
{
    CHECK_EQ(parsed("2016-12-31T23:59:60Z"), INT64_C(1483228799999));
    CHECK_EQ(parsed("2016-12-31T23:59:60.5Z"), INT64_C(1483228799999));
    CHECK_EQ(parsed("2016-12-31T23:59:61Z"), -ERR_PARSE);
}

static void other_forms_are_refused(void)
{
    static const char *const bad[] = {
        "",
        "2026-02-13",
        "2026-02-13T10:00:00",
        "2026-02-13t10:00:00Z",
        "2026-02-13 10:00:00Z",
        "2026-02-13T10:00:00z",
        "2026-02-13T10:00Z",
        "2026-02-13T10:00:00+0800",
        "2026-02-13T10:00:00+08",
        "2026-02-13T10:00:00+08:00 ",
        " 2026-02-13T10:00:00+08:00",
        "2026-02-29T10:00:00Z",
        "1900-02-29T10:00:00Z",
        "2026-04-31T10:00:00Z",
        "2026-13-01T10:00:00Z",
        "2026-00-01T10:00:00Z",
        "2026-01-00T10:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T10:60:00Z",
        "2026-01-01T10:00:00+24:00",
        "2026-01-01T10:00:00+08:60",
        "+026-01-01T10:00:00Z",
        "12026-01-01T10:00:00Z",
        "2026-1-01T10:00:00Z",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        check_note("%s", bad[i]);
        CHECK_EQ(parsed(bad[i]), -ERR_PARSE);
    }
}

static void every_prefix_of_an_instant_is_refused(void)
{
    const char *const text = "2026-02-13T10:00:00.25+08:00";
    for (size_t bytes = 0; bytes < strlen(text); bytes++) {
        struct wall_ms at = {0};
        CHECK_EQ(wall_parse(text, bytes, &at), ERR_PARSE);
    }
}

static void instants_that_cannot_be_held_are_out_of_range(void)
{
    CHECK_EQ(parsed("1969-12-31T23:59:59.999Z"), -ERR_RANGE);
    CHECK_EQ(parsed("1970-01-01T00:00:00+00:01"), -ERR_RANGE);
    CHECK_EQ(parsed("0000-01-01T00:00:00Z"), -ERR_RANGE);
    CHECK_EQ(parsed("9999-12-31T23:59:59.999-00:01"), -ERR_RANGE);
}

static const char *formatted(int64_t ms, int32_t offset_s)
{
    static char text[WALL_TEXT_BYTES];
    return wall_format((struct wall_ms){.ms = ms}, offset_s, text);
}

static void known_instants_are_written(void)
{
    CHECK_STR(formatted(0, 0), "1970-01-01T00:00:00+00:00");
    CHECK_STR(formatted(0, 28800), "1970-01-01T08:00:00+08:00");
    CHECK_STR(formatted(0, -18000), "1969-12-31T19:00:00-05:00");
    CHECK_STR(formatted(7, -1800), "1969-12-31T23:30:00.007-00:30");
    CHECK_STR(formatted(INT64_C(1554087990000), 28800), "2019-04-01T11:06:30+08:00");
    CHECK_STR(formatted(INT64_C(1554087990120), 20700), "2019-04-01T08:51:30.120+05:45");
}

static void what_rfc_3339_cannot_say_keeps_its_instant(void)
{
    /* An offset of whole minutes only, and no year behind 9999. */
    CHECK_STR(formatted(0, 28800 + 343), "1970-01-01T08:05:00+08:05");
    CHECK_STR(formatted(WALL_MS_MAX, 28800), "9999-12-31T23:59:59.999+00:00");
}

static void dates_agree_with_the_c_library(void)
{
    for (int64_t day = 0; day * DAY_MS <= WALL_MS_MAX; day += 13) {
        const time_t seconds = (time_t)(day * 86400);
        struct tm tm;
        char expected[WALL_TEXT_BYTES];
        if (!CHECK(gmtime_r(&seconds, &tm)))
            return;
        CHECK(strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%S+00:00", &tm) > 0);
        if (!CHECK_STR(formatted(day * DAY_MS, 0), expected))
            return;
    }
}

static void random_instants_round_trip(void)
{
    struct prng prng;
    prng_seed(&prng, 20190401);
    for (int i = 0; i < 100000; i++) {
        const struct wall_ms at = {.ms = prng_range(&prng, 0, WALL_MS_MAX)};
        const int32_t offset_s = (int32_t)prng_range(&prng, -86399, 86399);
        char text[WALL_TEXT_BYTES];
        wall_format(at, offset_s, text);
        check_note("%s", text);
        struct wall_ms back = {0};
        if (!CHECK_EQ(wall_parse(text, strlen(text), &back), ERR_OK) || !CHECK_EQ(back.ms, at.ms))
            return;
    }
}

static void sums_saturate(void)
{
    const struct wall_ms wall = {.ms = 1000};
    CHECK_EQ(wall_add(wall, 500).ms, 1500);
    CHECK_EQ(wall_add(wall, -1001).ms, 0);
    CHECK_EQ(wall_add(wall, INT64_MAX).ms, WALL_MS_MAX);
    CHECK_EQ(wall_add(wall, INT64_MIN).ms, 0);
    CHECK_EQ(wall_add((struct wall_ms){.ms = WALL_MS_MAX}, 1).ms, WALL_MS_MAX);
    const struct mono_ms mono = {.ms = 1000};
    CHECK_EQ(mono_add(mono, 500).ms, 1500);
    CHECK_EQ(mono_add(mono, -1001).ms, 0);
    CHECK_EQ(mono_add(mono, INT64_MAX).ms, INT64_MAX);
    CHECK_EQ(mono_add(mono, INT64_MIN).ms, 0);
}

int main(void)
{
    CHECK_RUN(known_instants_are_read);
    CHECK_RUN(fractions_are_cut_to_milliseconds);
    CHECK_RUN(a_leap_second_is_the_last_millisecond_before_it);
    CHECK_RUN(other_forms_are_refused);
    CHECK_RUN(every_prefix_of_an_instant_is_refused);
    CHECK_RUN(instants_that_cannot_be_held_are_out_of_range);
    CHECK_RUN(known_instants_are_written);
    CHECK_RUN(what_rfc_3339_cannot_say_keeps_its_instant);
    CHECK_RUN(dates_agree_with_the_c_library);
    CHECK_RUN(random_instants_round_trip);
    CHECK_RUN(sums_saturate);
    return check_done();
}
