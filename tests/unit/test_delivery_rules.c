/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pure rules of delivery: when a message may ring, how fast a mailbox may be filled, when a
 * channel is closed, what follows an attempt.
 */
#include <string.h>

#include "base/must.h"
#include "notifiers/course.h"
#include "notifiers/fuse.h"
#include "notifiers/throttle.h"
#include "rules/hold.h"
#include "tests/support/check.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- holds ---- */

static const struct day_interval plain_hours[] = {
    {.from_s = 30600, .to_s = 43200}, /* 08:30-12:00 */
    {.from_s = 50400, .to_s = 63000}, /* 14:00-17:30 */
};
static const struct day_interval summer_hours[] = {
    {.from_s = 28800, .to_s = 43200}, /* 08:00-12:00 */
    {.from_s = 54000, .to_s = 66600}, /* 15:00-18:30 */
};
static const struct quiet_hours night = {.from_s = 21 * 3600, .until_s = 8 * 3600};
static const struct quiet_hours never = {.from_s = 0, .until_s = 0};

static struct civil_day day(const char *text)
{
    struct civil_day result = {0};
    MUST(!civil_parse(text_of(text), &result));
    return result;
}

/* A year in China: National Day off, a Saturday worked, summer hours, a typhoon. */
static const struct calendar *china(struct arena *arena)
{
    static struct civil_day holidays[7];
    static struct civil_day workdays[1];
    static struct closure closures[1];
    static struct season seasons[1];
    static struct calendar_spec spec;
    for (int index = 0; index < 7; index++) {
        holidays[index].number = day("2026-10-01").number + index;
    }
    workdays[0] = day("2026-10-10");
    closures[0] = (struct closure){.day = day("2026-08-12")};
    seasons[0] = (struct season){
        .from_month_day = 701,
        .to_month_day = 831,
        .hours = {.intervals = summer_hours, .interval_count = 2},
    };
    spec = (struct calendar_spec){
        .zone = {.name = TEXT_LITERAL("Asia/Shanghai"), .first_offset_s = 8 * 3600},
        .working_weekday = {false, true, true, true, true, true, false, false},
        .hours = {.intervals = plain_hours, .interval_count = 2},
        .seasons = seasons,
        .season_count = 1,
        .holidays = holidays,
        .holiday_count = 7,
        .workdays = workdays,
        .workday_count = 1,
        .closures = closures,
        .closure_count = 1,
    };
    const struct calendar *calendar = calendar_build(&spec, arena);
    MUST(calendar);
    return calendar;
}

struct held {
    enum send_when send;
    struct quiet_hours quiet;
    const char *now;
    const char *until;
};

static void check_holds(const struct held *table, size_t count)
{
    struct arena arena;
    arena_init(&arena, 0);
    const struct calendar *calendar = china(&arena);
    for (size_t index = 0; index < count; index++) {
        struct wall_ms now = {0};
        char text[WALL_TEXT_BYTES];
        MUST(!wall_parse(table[index].now, strlen(table[index].now), &now));
        check_note("%s", table[index].now);
        const struct wall_ms until =
            hold_until(calendar, table[index].quiet, table[index].send, now);
        CHECK_STR(calendar_format(calendar, until, text), table[index].until);
    }
    arena_release(&arena);
}

static void now_is_never_held(void)
{
    const struct held table[] = {
        {SEND_NOW, night, "2026-10-03T02:00:00+08:00", "2026-10-03T02:00:00+08:00"},
    };
    check_holds(table, COUNT(table));
}

static void day_waits_for_the_end_of_the_quiet_hours(void)
{
    const struct held table[] = {
        {SEND_DAY, night, "2026-10-03T07:59:59.999+08:00", "2026-10-03T08:00:00+08:00"},
        {SEND_DAY, night, "2026-10-03T08:00:00+08:00", "2026-10-03T08:00:00+08:00"},
        {SEND_DAY, night, "2026-10-03T20:59:59.999+08:00", "2026-10-03T20:59:59.999+08:00"},
        {SEND_DAY, night, "2026-10-03T21:00:00+08:00", "2026-10-04T08:00:00+08:00"},
        {SEND_DAY, night, "2026-10-03T23:59:59.999+08:00", "2026-10-04T08:00:00+08:00"},
        {SEND_DAY, night, "2026-10-04T00:00:00+08:00", "2026-10-04T08:00:00+08:00"},
        {SEND_DAY, never, "2026-10-04T00:00:00+08:00", "2026-10-04T00:00:00+08:00"},
        {SEND_DAY, {43200, 50400}, "2026-10-04T12:00:00+08:00", "2026-10-04T14:00:00+08:00"},
        {SEND_DAY, {43200, 50400}, "2026-10-04T02:00:00+08:00", "2026-10-04T02:00:00+08:00"},
        {SEND_DAY, {72000, 86400}, "2026-10-04T21:00:00+08:00", "2026-10-05T00:00:00+08:00"},
    };
    check_holds(table, COUNT(table));
}

static void office_waits_for_the_first_opening_of_a_working_day(void)
{
    const struct held table[] = {
        /* from the first opening on, also over lunch, and before the last closing */
        {SEND_OFFICE, night, "2026-09-21T08:29:59.999+08:00", "2026-09-21T08:30:00+08:00"},
        {SEND_OFFICE, night, "2026-09-21T08:30:00+08:00", "2026-09-21T08:30:00+08:00"},
        {SEND_OFFICE, night, "2026-09-21T13:00:00+08:00", "2026-09-21T13:00:00+08:00"},
        {SEND_OFFICE, night, "2026-09-21T17:29:59.999+08:00", "2026-09-21T17:29:59.999+08:00"},
        {SEND_OFFICE, night, "2026-09-21T17:30:00+08:00", "2026-09-22T08:30:00+08:00"},
        /* midnight, the stage of "after five days" */
        {SEND_OFFICE, night, "2026-09-22T00:00:00+08:00", "2026-09-22T08:30:00+08:00"},
        /* Friday evening, Saturday, Sunday */
        {SEND_OFFICE, night, "2026-09-25T18:00:00+08:00", "2026-09-28T08:30:00+08:00"},
        {SEND_OFFICE, night, "2026-09-26T10:00:00+08:00", "2026-09-28T08:30:00+08:00"},
        {SEND_OFFICE, night, "2026-09-27T23:59:59.999+08:00", "2026-09-28T08:30:00+08:00"},
        /* National Day week, and the Saturday worked for it */
        {SEND_OFFICE, night, "2026-09-30T17:30:00+08:00", "2026-10-08T08:30:00+08:00"},
        {SEND_OFFICE, night, "2026-10-09T20:00:00+08:00", "2026-10-10T08:30:00+08:00"},
        /* summer hours begin and end */
        {SEND_OFFICE, night, "2026-06-30T17:45:00+08:00", "2026-07-01T08:00:00+08:00"},
        {SEND_OFFICE, night, "2026-07-01T18:29:59+08:00", "2026-07-01T18:29:59+08:00"},
        {SEND_OFFICE, night, "2026-08-31T18:30:00+08:00", "2026-09-01T08:30:00+08:00"},
        /* a typhoon */
        {SEND_OFFICE, night, "2026-08-12T09:00:00+08:00", "2026-08-13T08:00:00+08:00"},
    };
    check_holds(table, COUNT(table));
}

static void quiet_hours_and_office_hours_hold_together(void)
{
    const struct held table[] = {
        /* quiet until ten: the opening is later than the office's */
        {SEND_OFFICE, {75600, 36000}, "2026-09-21T08:30:00+08:00", "2026-09-21T10:00:00+08:00"},
        /* quiet from five: the closing is earlier */
        {SEND_OFFICE, {61200, 28800}, "2026-09-21T17:00:00+08:00", "2026-09-22T08:30:00+08:00"},
        /* over lunch */
        {SEND_OFFICE, {43200, 50400}, "2026-09-21T12:30:00+08:00", "2026-09-21T14:00:00+08:00"},
        /* nothing is left of the office day: rather loud than never */
        {SEND_OFFICE, {64800, 64799}, "2026-09-21T03:00:00+08:00", "2026-09-21T08:30:00+08:00"},
    };
    check_holds(table, COUNT(table));
}

/* ---- windows of digests ---- */

static struct wall_ms minute(int64_t number, int64_t ms)
{
    return (struct wall_ms){.ms = number * 60000 + ms};
}

static void a_message_goes_at_the_end_of_the_window_that_holds_it(void)
{
    CHECK_EQ(hold_gather(minute(7, 1), minute(7, 1), 60000).ms, minute(8, 0).ms);
    CHECK_EQ(hold_gather(minute(7, 59999), minute(7, 0), 60000).ms, minute(8, 0).ms);
    CHECK_EQ(hold_gather(minute(7, 0), minute(6, 0), 60000).ms, minute(7, 0).ms);
    CHECK_EQ(hold_gather(minute(7, 0), minute(7, 0), 60000).ms, minute(8, 0).ms);
    CHECK_EQ(hold_gather(minute(7, 5), minute(7, 5), 0).ms, minute(7, 5).ms);
    CHECK_EQ(hold_window(minute(7, 5), 60000).ms, minute(7, 0).ms);
    CHECK_EQ(hold_window(minute(7, 0), 60000).ms, minute(7, 0).ms);
    CHECK_EQ(hold_window(minute(7, 5), 0).ms, minute(7, 5).ms);
}

static void check_gathered(const char *when, int64_t window_ms, const char *expected)
{
    struct arena arena;
    struct wall_ms now = {0};
    struct wall_ms at = {0};
    arena_init(&arena, 0);
    check_note("%s", when);
    CHECK_EQ(wall_parse(when, strlen(when), &now), ERR_OK);
    CHECK_EQ(wall_parse(expected, strlen(expected), &at), ERR_OK);
    CHECK_EQ(hold_gathered(china(&arena), night, SEND_DAY, now, window_ms).ms, at.ms);
    arena_release(&arena);
}

static void a_window_that_ends_in_the_quiet_hours_goes_just_before_them(void)
{
    check_gathered("2026-03-04T10:00:20+08:00", 60000, "2026-03-04T10:01:00+08:00");
    check_gathered("2026-03-04T22:00:20+08:00", 60000, "2026-03-05T08:00:00+08:00");
    check_gathered("2026-03-04T20:59:20+08:00", 60000, "2026-03-04T20:59:59+08:00");
    check_gathered("2026-03-04T20:45:00+08:00", 1800000, "2026-03-04T20:59:59+08:00");
    check_gathered("2026-03-04T20:59:59.500+08:00", 60000, "2026-03-04T20:59:59.500+08:00");
}

/* ---- throttle ---- */

static struct wall_ms second(int64_t number)
{
    return (struct wall_ms){.ms = number * 1000};
}

static const struct channel_type narrow = {
    .name = "narrow",
    .limits =
        {
            {LIMIT_MAILBOX, 60000, 20, 2},
            {LIMIT_TEMPLATE, 3600000, 5, 0},
            {LIMIT_TEXT, 86400000, 1, 0},
            {LIMIT_CHANNEL, 1000, 50, 0},
        },
};

static size_t limits_of(
    bool urgent,
    const struct channel_limit_setting *settings,
    size_t setting_count,
    struct throttle_limit limits[static STORE_LIMITS_MAX])
{
    static struct arena arena;
    arena_release(&arena);
    arena_init(&arena, 0);
    const struct channel_settings channel = {
        .name = TEXT_LITERAL("sms"), .limits = settings, .limit_count = setting_count};
    const struct throttle_of of = {
        .settings = &channel,
        .type = &narrow,
        .mailbox = TEXT_LITERAL("li"),
        .template_id = TEXT_LITERAL("T1"),
        .text = TEXT_LITERAL("words"),
        .urgent = urgent,
    };
    size_t count = 0;
    CHECK_EQ(throttle_limits(&of, &arena, limits, &count), ERR_OK);
    return count;
}

static void each_scope_is_counted_under_its_own_key(void)
{
    struct throttle_limit limits[STORE_LIMITS_MAX];
    CHECK_EQ(limits_of(false, NULL, 0, limits), 4);
    CHECK(text_is(limits[0].key, "sms|mailbox|60000|li"));
    CHECK(text_is(limits[1].key, "sms|template|3600000|li|T1"));
    CHECK(text_starts_with(limits[2].key, TEXT_LITERAL("sms|text|86400000|li|")));
    CHECK(text_is(limits[3].key, "sms|channel|1000"));
    CHECK_EQ(limits[3].window_ms, 1000);
}

static void the_reserve_is_for_urgent_ones(void)
{
    struct throttle_limit limits[STORE_LIMITS_MAX];
    (void)limits_of(false, NULL, 0, limits);
    CHECK_EQ(limits[0].max, 18);
    (void)limits_of(true, NULL, 0, limits);
    CHECK_EQ(limits[0].max, 20);
}

static void of_type_and_settings_the_narrower_limit_holds(void)
{
    static const struct channel_limit_setting settings[] = {
        {.per_person = true, .window_ms = 60000, .max = 3, .reserve = 1},
        {.per_person = false, .window_ms = 1000, .max = 500},
        {.per_person = false, .window_ms = 86400000, .max = 1, .reserve = 1},
    };
    struct throttle_limit limits[STORE_LIMITS_MAX];
    CHECK_EQ(limits_of(false, settings, 3, limits), 5);
    CHECK_EQ(limits[0].max, 2);
    CHECK_EQ(limits[3].max, 50);
    CHECK(text_is(limits[4].key, "sms|channel|86400000"));
    CHECK_EQ(limits[4].max, 1); /* all of it in reserve would be none ever */
}

/* ---- fuse ---- */

static void a_fuse_opens_after_five_failures_in_a_row(void)
{
    struct fuse fuse = {0};
    for (int index = 0; index < 4; index++) {
        CHECK(!fuse_bad(&fuse, second(0), false));
    }
    CHECK(fuse_lets_through(&fuse, second(0)));
    CHECK(fuse_bad(&fuse, second(0), false));
    CHECK(!fuse_lets_through(&fuse, second(29)));
}

static void a_success_in_between_starts_the_count_anew(void)
{
    struct fuse fuse = {0};
    for (int index = 0; index < 20; index++) {
        CHECK(!fuse_bad(&fuse, second(index), false));
        fuse_good(&fuse);
    }
    CHECK(fuse_lets_through(&fuse, second(20)));
}

static void a_bad_password_opens_it_at_once(void)
{
    struct fuse fuse = {0};
    CHECK(fuse_bad(&fuse, second(0), true));
    CHECK(!fuse_lets_through(&fuse, second(0)));
}

static void an_open_fuse_lets_one_probe_through_and_waits_longer_each_time(void)
{
    struct fuse fuse = {0};
    (void)fuse_bad(&fuse, second(0), true);
    CHECK(fuse_lets_through(&fuse, second(30)));
    CHECK(!fuse_lets_through(&fuse, second(30)));
    CHECK(!fuse_bad(&fuse, second(31), true));
    CHECK(!fuse_lets_through(&fuse, second(90)));
    CHECK(fuse_lets_through(&fuse, second(91)));
    fuse_good(&fuse);
    CHECK(fuse_lets_through(&fuse, second(91)));
}

static void probes_are_at_most_ten_minutes_apart(void)
{
    struct fuse fuse = {0};
    for (int index = 0; index < 30; index++) {
        (void)fuse_bad(&fuse, second(0), true);
    }
    CHECK_EQ(fuse.open_ms, 600000);
}

/* ---- course ---- */

static struct course after(
    enum outcome_kind kind, enum outcome_cause cause, const struct course_question *more)
{
    static struct outcome outcome;
    outcome_set(&outcome, kind, cause, "", (struct text){0});
    struct course_question question = *more;
    question.outcome = &outcome;
    return course_after(&question);
}

static const struct course_question first_try = {
    .attempts = 1,
    .first_at = {.ms = 1000000},
    .now = {.ms = 1000000},
    .fallback_after_ms = 600000,
};

static void accepted_is_the_end(void)
{
    struct course_question question = first_try;
    question.has_rest = true;
    const struct course course = after(OUTCOME_ACCEPTED, CAUSE_NONE, &question);
    CHECK_STR(course.state, "accepted");
    CHECK(course.final && !course.next_channel);
}

static void rejected_goes_on_or_is_dead(void)
{
    struct course_question question = first_try;
    struct course course = after(OUTCOME_REJECTED, CAUSE_NONE, &question);
    CHECK_STR(course.state, "dead");
    CHECK(course.final && !course.next_channel);
    question.has_rest = true;
    course = after(OUTCOME_REJECTED, CAUSE_NONE, &question);
    CHECK_STR(course.state, "rejected");
    CHECK(course.final && course.next_channel);
}

static void unsure_is_repeated_once(void)
{
    struct course_question question = first_try;
    question.has_rest = true;
    struct course course = after(OUTCOME_UNSURE, CAUSE_TRANSPORT, &question);
    CHECK_STR(course.state, "unsure");
    CHECK(!course.final);
    CHECK_EQ(course.unsures, 1);
    question.unsures = 1;
    course = after(OUTCOME_UNSURE, CAUSE_TRANSPORT, &question);
    CHECK_STR(course.state, "unsure");
    CHECK(course.final && course.next_channel);
}

static void what_can_be_retried_is_retried_until_another_channel_is_better(void)
{
    struct course_question question = first_try;
    question.has_rest = true;
    CHECK(!after(OUTCOME_RETRY_LATER, CAUSE_TRANSPORT, &question).final);
    question.now.ms = question.first_at.ms + 599000;
    const struct course course = after(OUTCOME_RETRY_LATER, CAUSE_TRANSPORT, &question);
    CHECK_STR(course.state, "rejected");
    CHECK(course.next_channel);
    question.has_rest = false;
    CHECK_STR(after(OUTCOME_RETRY_LATER, CAUSE_TRANSPORT, &question).state, "retrying");
    question.now.ms = question.first_at.ms + COURSE_GIVE_UP_MS;
    CHECK_STR(after(OUTCOME_RETRY_LATER, CAUSE_TRANSPORT, &question).state, "dead");
}

static void a_bad_password_does_not_wait_where_another_channel_is_left(void)
{
    struct course_question question = first_try;
    CHECK_STR(after(OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, &question).state, "retrying");
    question.has_rest = true;
    CHECK(after(OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, &question).next_channel);
}

static void a_wish_of_the_gateway_is_kept_up_to_an_hour(void)
{
    struct outcome outcome;
    outcome_set(&outcome, OUTCOME_RETRY_LATER, CAUSE_RATE, "", (struct text){0});
    outcome.after_ms = 3600000;
    struct course_question question = first_try;
    question.outcome = &outcome;
    CHECK_EQ(course_after(&question).ready.ms, question.now.ms + 3600000);
    outcome.after_ms = 10 * COURSE_GIVE_UP_MS;
    CHECK_EQ(course_after(&question).ready.ms, question.now.ms + 3600000);
    CHECK(!course_after(&question).final);
}

static void backoff_doubles_to_ten_minutes_with_the_upper_half_at_random(void)
{
    CHECK_EQ(course_backoff(1, 0), 2500);
    CHECK_EQ(course_backoff(1, 2500), 5000);
    CHECK_EQ(course_backoff(2, 0), 5000);
    CHECK_EQ(course_backoff(7, 0), 160000);
    CHECK_EQ(course_backoff(8, 0), 300000);
    CHECK_EQ(course_backoff(8, 300000), 600000);
    CHECK_EQ(course_backoff(1000, 0), 300000);
    for (uint64_t random = 0; random < 10000; random++) {
        const int64_t wait_ms = course_backoff(3, random * UINT64_C(0x9E3779B97F4A7C15));
        if (!CHECK(wait_ms >= 10000 && wait_ms <= 20000)) {
            break;
        }
    }
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(now_is_never_held);
    CHECK_RUN(day_waits_for_the_end_of_the_quiet_hours);
    CHECK_RUN(office_waits_for_the_first_opening_of_a_working_day);
    CHECK_RUN(quiet_hours_and_office_hours_hold_together);
    CHECK_RUN(a_message_goes_at_the_end_of_the_window_that_holds_it);
    CHECK_RUN(a_window_that_ends_in_the_quiet_hours_goes_just_before_them);
    CHECK_RUN(each_scope_is_counted_under_its_own_key);
    CHECK_RUN(the_reserve_is_for_urgent_ones);
    CHECK_RUN(of_type_and_settings_the_narrower_limit_holds);
    CHECK_RUN(a_fuse_opens_after_five_failures_in_a_row);
    CHECK_RUN(a_success_in_between_starts_the_count_anew);
    CHECK_RUN(a_bad_password_opens_it_at_once);
    CHECK_RUN(an_open_fuse_lets_one_probe_through_and_waits_longer_each_time);
    CHECK_RUN(probes_are_at_most_ten_minutes_apart);
    CHECK_RUN(accepted_is_the_end);
    CHECK_RUN(rejected_goes_on_or_is_dead);
    CHECK_RUN(unsure_is_repeated_once);
    CHECK_RUN(what_can_be_retried_is_retried_until_another_channel_is_better);
    CHECK_RUN(a_bad_password_does_not_wait_where_another_channel_is_left);
    CHECK_RUN(a_wish_of_the_gateway_is_kept_up_to_an_hour);
    CHECK_RUN(backoff_doubles_to_ten_minutes_with_the_upper_half_at_random);
    return check_done();
}
