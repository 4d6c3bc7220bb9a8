/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of messages, from the shipped templates and calendar.
 */
#include <stdio.h>
#include <string.h>

#include "base/must.h"
#include "notifiers/compose.h"
#include "tests/support/check.h"

static struct bundle *bundle;
static struct arena arena;

static const struct channel_option options[] = {
    {.name = {"signature", 9}, .value = {"水务局", 9}},
};
static const struct channel_settings sms = {
    .name = {"sms", 3}, .type = {"kannel", 6}, .options = options, .option_count = 1};
static const struct channel_settings robot = {.name = {"dd", 2}, .type = {"dingtalk-robot", 14}};

static struct wall_ms at(const char *text)
{
    struct wall_ms instant = {0};
    MUST(!wall_parse(text, strlen(text), &instant));
    return instant;
}

static struct mail_entry overdue(const char *title)
{
    return (struct mail_entry){
        .case_id = TEXT_LITERAL("2026-00017"),
        .template_id = TEXT_LITERAL("overdue"),
        .ordinal = 1,
        .values =
            {
                .title = text_of(title),
                .unit = TEXT_LITERAL("甲局"),
                .clock = TEXT_LITERAL("答复"),
                .stage = TEXT_LITERAL("超期"),
                .has_due = true,
                .due = at("2026-09-21T17:30:00+08:00"),
            },
    };
}

static struct text words(
    const struct channel_settings *settings,
    const struct channel_type *type,
    const struct mail_entry *entry,
    const char *now)
{
    const struct compose_from from = {
        .bundle = bundle,
        .settings = settings,
        .type = type,
        .public_url = TEXT_LITERAL("http://city.test/"),
        .now = at(now),
    };
    struct text title = {0};
    struct text text = {0};
    CHECK_EQ(compose(&from, entry, &arena, &title, &text), ERR_OK);
    return text;
}

static bool says(struct text text, const char *part)
{
    return strstr(text.ptr, part) != NULL;
}

static void an_sms_says_who_what_how_late_and_what_to_do(void)
{
    const struct mail_entry entry = overdue("关于河道清淤的请示");
    const struct text text = words(&sms, &channel_kannel, &entry, "2026-09-28T08:30:00+08:00");
    CHECK_STR(
        text.ptr,
        "【水务局】甲局：关于河道清淤的请示（2026-00017）已超期4个工作日，请今日办结并回复。");
    CHECK_EQ(sms_segments(text), 1);
}

static void lateness_counts_working_days_of_the_calendar(void)
{
    const struct mail_entry entry = overdue("清淤");
    /* 22 to 30 September less Mid-Autumn and a weekend, then a week off. */
    CHECK(says(words(&sms, &channel_kannel, &entry, "2026-10-07T09:00:00+08:00"), "超期6个"));
    CHECK(says(words(&sms, &channel_kannel, &entry, "2026-09-21T17:30:00+08:00"), "超期不足1个"));
}

static void a_long_title_is_shortened_so_that_the_rest_stays(void)
{
    static char title[1200];
    for (size_t index = 0; index + 3 < sizeof(title); index += 3) {
        memcpy(title + index, "河", 3);
    }
    const struct mail_entry entry = overdue(title);
    const struct text text = words(&sms, &channel_kannel, &entry, "2026-09-28T08:30:00+08:00");
    CHECK(sms_segments(text) <= 2);
    CHECK(says(text, "…（2026-00017）已超期4个工作日，请今日办结并回复。"));
    CHECK_GE(utf8_utf16_units(text), 120); /* and not shorter than it must be */
}

static void whatever_the_values_an_sms_has_two_segments_at_most(void)
{
    static char unit[3000];
    memset(unit, 'u', sizeof(unit) - 1);
    struct mail_entry entry = overdue("清淤");
    entry.values.unit = text_of(unit);
    const struct text text = words(&sms, &channel_kannel, &entry, "2026-09-28T08:30:00+08:00");
    CHECK_EQ(sms_segments(text), 2);
}

static void markdown_has_due_and_link_and_no_signature(void)
{
    const struct mail_entry entry = overdue("清淤");
    const struct text text =
        words(&robot, &channel_dingtalk_robot, &entry, "2026-09-28T08:30:00+08:00");
    CHECK(says(text, "9月21日17:30"));
    CHECK(says(text, "http://city.test/cases/2026-00017"));
    CHECK(!says(text, "【"));
}

static void a_title_brings_neither_a_link_nor_a_signature(void)
{
    const struct mail_entry entry = overdue("[点此](http://x)【假】");
    const char *now = "2026-09-28T08:30:00+08:00";
    CHECK(says(words(&robot, &channel_dingtalk_robot, &entry, now), "［点此］(http://x)"));
    CHECK(says(words(&sms, &channel_kannel, &entry, now), "〔假〕"));
}

static void a_due_at_midnight_is_the_end_of_its_day(void)
{
    struct mail_entry entry = overdue("清淤");
    entry.values.due = at("2026-09-22T00:00:00+08:00");
    CHECK(says(
        words(&robot, &channel_dingtalk_robot, &entry, "2026-09-28T08:30:00+08:00"),
        "9月21日24:00"));
    CHECK(says(
        words(&robot, &channel_dingtalk_robot, &entry, "2027-01-04T08:30:00+08:00"),
        "2026年9月21日24:00"));
}

static void an_unknown_template_still_says_what_matters(void)
{
    struct mail_entry entry = overdue("清淤");
    entry.template_id = TEXT_LITERAL("gone");
    const struct text text = words(&sms, &channel_kannel, &entry, "2026-09-28T08:30:00+08:00");
    CHECK_STR(text.ptr, "【水务局】甲局：清淤（2026-00017）超期，期限9月21日17:30，请及时办理。");
}

static void a_test_message_says_that_it_is_one(void)
{
    struct mail_entry entry = {.test = true};
    const struct text text = words(&sms, &channel_kannel, &entry, "2026-09-28T08:30:00+08:00");
    CHECK(says(text, "测试消息"));
}

int main(int argc, char **argv)
{
    struct report report;
    report_init(&report);
    arena_init(&arena, 0);
    bundle = bundle_load_files(&(struct bundle_files){0}, &report);
    MUST(bundle);
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(an_sms_says_who_what_how_late_and_what_to_do);
    CHECK_RUN(lateness_counts_working_days_of_the_calendar);
    CHECK_RUN(a_long_title_is_shortened_so_that_the_rest_stays);
    CHECK_RUN(whatever_the_values_an_sms_has_two_segments_at_most);
    CHECK_RUN(markdown_has_due_and_link_and_no_signature);
    CHECK_RUN(a_title_brings_neither_a_link_nor_a_signature);
    CHECK_RUN(a_due_at_midnight_is_the_end_of_its_day);
    CHECK_RUN(an_unknown_template_still_says_what_matters);
    CHECK_RUN(a_test_message_says_that_it_is_one);
    bundle_free(bundle);
    arena_release(&arena);
    report_release(&report);
    return check_done();
}
