/* SPDX-License-Identifier: Apache-2.0 */
/* Explanations in words: the Spring Festival, pauses, extensions, rolls, years without notice. */
#include <string.h>

#include "config/explain_text.h"
#include "tests/support/check.h"
#include "tests/support/national.h"
#include "tests/support/rule_world.h"

static struct rule_world world;
static struct bundle *national;
static char written[1 << 16];

static const char *text_in(const struct explanation *explanation, enum explain_language language)
{
    struct buf buf;
    buf_init(&buf, sizeof(written) - 1);
    explain_write_text(explanation, language, &buf);
    memcpy(written, buf.ptr ? buf.ptr : "", buf.bytes + 1);
    buf_release(&buf);
    return written;
}

static const char *json_of(const struct explanation *explanation)
{
    struct buf buf;
    struct json_out out;
    buf_init(&buf, sizeof(written) - 1);
    json_out_init(&out, &buf);
    json_out_open(&out, '{');
    explain_write_members(explanation, &out);
    json_out_close(&out, '}');
    memcpy(written, buf.ptr ? buf.ptr : "", buf.bytes + 1);
    buf_release(&buf);
    return written;
}

/* ---- bare durations on the national calendar ---- */

static struct explanation explained(const char *start, const char *words)
{
    static const struct count_options options = {.roll_next_working_day = true};
    struct explanation explanation = {0};
    const struct duration_question question = {
        .calendar = national->policy.calendar,
        .start = world_at(start),
        .duration = world_duration(words),
        .options = &options,
    };
    CHECK_EQ(explain_duration(&question, &world.arena, &explanation), ERR_OK);
    return explanation;
}

static void five_working_days_over_the_spring_festival(void)
{
    const struct explanation explanation = explained("2026-02-13T10:00:00+08:00", "5wd");
    CHECK_STR(
        text_in(&explanation, EXPLAIN_CHINESE),
        "期限 5 个工作日，自 2026-02-13 10:00\n"
        "2026-02-13 周五  起算当日，不计（民法典第二百零一条）\n"
        "2026-02-14 周六  调休上班日，第 1 天，共 5 天\n"
        "2026-02-15 至 02-23  节假日，不计（9 天）\n"
        "2026-02-24 周二  工作日，第 2 天，共 5 天\n"
        "2026-02-25 周三  工作日，第 3 天，共 5 天\n"
        "2026-02-26 周四  工作日，第 4 天，共 5 天\n"
        "2026-02-27 周五  工作日，第 5 天，共 5 天\n"
        "截止时间：2026-02-27T17:30:00+08:00\n");
    CHECK_STR(
        text_in(&explanation, EXPLAIN_ENGLISH),
        "limit 5 working days, from 2026-02-13 10:00\n"
        "2026-02-13 Fri  day of the start, not counted itself\n"
        "2026-02-14 Sat  make-up working day, day 1 of 5\n"
        "2026-02-15 to 02-23  holiday, not counted (9 days)\n"
        "2026-02-24 Tue  working day, day 2 of 5\n"
        "2026-02-25 Wed  working day, day 3 of 5\n"
        "2026-02-26 Thu  working day, day 4 of 5\n"
        "2026-02-27 Fri  working day, day 5 of 5\n"
        "due: 2026-02-27T17:30:00+08:00\n");
}

static void json_tells_every_day_by_itself(void)
{
    const struct explanation explanation = explained("2026-02-13T10:00:00+08:00", "1d");
    CHECK_STR(
        json_of(&explanation),
        "{\"start\":\"2026-02-13T10:00:00+08:00\",\"limit\":\"1d\","
        "\"due\":\"2026-02-14T17:30:00+08:00\",\"provisional\":false,\"lines\":["
        "{\"step\":\"start\",\"date\":\"2026-02-13\",\"day\":\"working\","
        "\"at\":\"2026-02-13T10:00:00+08:00\","
        "\"zh\":\"起算当日，不计（民法典第二百零一条）\","
        "\"en\":\"day of the start, not counted itself\"},"
        "{\"step\":\"counted\",\"date\":\"2026-02-14\",\"day\":\"make_up\",\"n\":1,\"of\":1,"
        "\"zh\":\"调休上班日，第 1 天，共 1 天\",\"en\":\"make-up working day, day 1 of 1\"},"
        "{\"step\":\"due\",\"at\":\"2026-02-14T17:30:00+08:00\","
        "\"zh\":\"截止时间：2026-02-14T17:30:00+08:00\","
        "\"en\":\"due: 2026-02-14T17:30:00+08:00\"}],"
        "\"text\":{\"zh\":\"期限 1 天，自 2026-02-13 10:00\\n"
        "2026-02-13 周五  起算当日，不计（民法典第二百零一条）\\n"
        "2026-02-14 周六  调休上班日，第 1 天，共 1 天\\n"
        "截止时间：2026-02-14T17:30:00+08:00\\n\","
        "\"en\":\"limit 1 day, from 2026-02-13 10:00\\n"
        "2026-02-13 Fri  day of the start, not counted itself\\n"
        "2026-02-14 Sat  make-up working day, day 1 of 1\\n"
        "due: 2026-02-14T17:30:00+08:00\\n\"}}");
    const struct explanation long_one = explained("2026-02-13T10:00:00+08:00", "5wd");
    size_t left_out = 0;
    for (size_t i = 0; i < long_one.line_count; i++)
        left_out += long_one.lines[i].step == EXPLAIN_LEFT_OUT;
    CHECK_EQ(left_out, 9);
}

static void a_limit_in_calendar_days_rolls_off_the_holiday(void)
{
    const struct explanation explanation = explained("2026-02-13T10:00:00+08:00", "3d");
    CHECK_STR(
        text_in(&explanation, EXPLAIN_CHINESE),
        "期限 3 天，自 2026-02-13 10:00\n"
        "2026-02-13 周五  起算当日，不计（民法典第二百零一条）\n"
        "2026-02-14 周六  调休上班日，第 1 天，共 3 天\n"
        "2026-02-15 周日  节假日，第 2 天，共 3 天\n"
        "2026-02-16 周一  节假日，第 3 天，共 3 天\n"
        "2026-02-17 至 02-23  节假日，期限最后一日遇休息日，顺延（7 天）\n"
        "2026-02-24 周二  顺延至此工作日（民法典第二百零三条）\n"
        "截止时间：2026-02-24T17:30:00+08:00\n");
}

static void a_year_without_a_notice_is_told_before_the_due(void)
{
    const struct explanation explanation = explained("2026-12-30T10:00:00+08:00", "2wd");
    CHECK_STR(
        text_in(&explanation, EXPLAIN_CHINESE),
        "期限 2 个工作日，自 2026-12-30 10:00\n"
        "2026-12-30 周三  起算当日，不计（民法典第二百零一条）\n"
        "2026-12-31 周四  工作日，第 1 天，共 2 天\n"
        "2027-01-01 周五  工作日，第 2 天，共 2 天\n"
        "暂定：所涉年份的放假安排尚未公布，公布后重新计算\n"
        "截止时间：2027-01-01T17:30:00+08:00\n");
}

static void working_time_tells_what_counts_and_what_is_left_out(void)
{
    const struct explanation explanation = explained("2026-02-14T16:00:00+08:00", "4wh");
    CHECK_STR(
        text_in(&explanation, EXPLAIN_CHINESE),
        "期限 4 个工作小时，自 2026-02-14 16:00\n"
        "2026-02-14 16:00  起算\n"
        "2026-02-14 16:00–17:30  计入，累计 1 小时 30 分，共 4 小时\n"
        "2026-02-14 17:30–24:00  办公时间以外，不计\n"
        "2026-02-15 至 02-23  节假日，不计（9 天）\n"
        "2026-02-24 00:00–08:30  办公时间以外，不计\n"
        "2026-02-24 08:30–11:00  计入，累计 4 小时，共 4 小时\n"
        "截止时间：2026-02-24T11:00:00+08:00\n");
}

/* The shipped calendar names its days, the one of the tests above does not. */
static void named_days_are_told_by_their_names(void)
{
    static const struct count_options options = {.roll_next_working_day = true};
    const struct bundle_files files = {0};
    struct report report;
    struct explanation explanation = {0};
    report_init(&report);
    struct bundle *shipped = bundle_load_files(&files, &report);
    report_release(&report);
    CHECK(shipped != NULL);
    if (!shipped)
        return;
    const struct duration_question question = {
        .calendar = shipped->policy.calendar,
        .start = world_at("2025-09-26T10:00:00+08:00"),
        .duration = world_duration("3wd"),
        .options = &options,
    };
    CHECK_EQ(explain_duration(&question, &world.arena, &explanation), ERR_OK);
    CHECK_STR(
        text_in(&explanation, EXPLAIN_CHINESE),
        "期限 3 个工作日，自 2025-09-26 10:00\n"
        "2025-09-26 周五  起算当日，不计（民法典第二百零一条）\n"
        "2025-09-27 周六  休息日，不计\n"
        "2025-09-28 周日  调休上班日（国庆节、中秋节），第 1 天，共 3 天\n"
        "2025-09-29 周一  工作日，第 2 天，共 3 天\n"
        "2025-09-30 周二  工作日，第 3 天，共 3 天\n"
        "截止时间：2025-09-30T17:30:00+08:00\n");
    CHECK(strstr(
        text_in(&explanation, EXPLAIN_ENGLISH),
        "make-up working day (National Day, Mid-Autumn Festival), day 1 of 3"));
    CHECK(strstr(
        json_of(&explanation), "\"date\":\"2025-09-28\",\"day\":\"make_up\","
                               "\"name\":\"国庆节、中秋节\",\"n\":1,"));
    bundle_free(shipped);
}

/* ---- cases ---- */

static struct clock_rule *begin(const char *limit)
{
    world_release(&world);
    world_init(&world, WORLD_SHANGHAI);
    struct clock_rule *clock = world_clock(&world, "reply", limit);
    world_add(&world, "2026-03-02T09:00:00+08:00", "received unit=d1 handler=d1-a");
    return clock;
}

static const char *case_text(const char *now, enum explain_language language)
{
    const struct explanation *all = NULL;
    size_t count = 0;
    (void)world_calendar(&world);
    const struct explain_question question = {
        .memory = &world.memory,
        .rulebook = &world.rulebook,
        .now = world_at(now),
        .clock = TEXT_LITERAL("reply"),
    };
    CHECK_EQ(explain_case(&question, &world.arena, &all, &count), ERR_OK);
    return CHECK_GE(count, 1) ? text_in(&all[count - 1], language) : "";
}

static void a_pause_and_an_extension_are_told_where_they_happen(void)
{
    (void)begin("3wd");
    world_add(&world, "2026-03-03T10:00:00+08:00", "suspended reason=补正材料");
    world_add(&world, "2026-03-05T10:00:00+08:00", "resumed");
    world_add(
        &world, "2026-03-06T11:00:00+08:00", "extended by=1wd approved_by=gov-head reason=会商");
    world_add(&world, "2026-03-06T12:00:00+08:00", "extended by=1wd approved_by=gov-head reason=x");
    CHECK_STR(
        case_text("2026-03-06T13:00:00+08:00", EXPLAIN_CHINESE),
        "reply 第 1 次，期限 4 个工作日，自 2026-03-02 09:00\n"
        "2026-03-02 周一  起算当日，不计（民法典第二百零一条）\n"
        "2026-03-03 至 03-04  中止计时，不计（补正材料）（2 天）\n"
        "2026-03-05 周四  工作日，第 1 天，共 4 天\n"
        "2026-03-06 周五  工作日，第 2 天，共 4 天\n"
        "2026-03-06 11:00  延长 1 个工作日，批准人 gov-head（会商）\n"
        "2026-03-06 12:00  延长申请未生效：延长次数已用完\n"
        "2026-03-07 至 03-08  休息日，不计（2 天）\n"
        "2026-03-09 周一  工作日，第 3 天，共 4 天\n"
        "2026-03-10 周二  工作日，第 4 天，共 4 天\n"
        "截止时间：2026-03-10T17:30:00+08:00\n");
}

static void an_open_pause_tells_what_was_used_and_has_no_due(void)
{
    (void)begin("3wd");
    world_add(&world, "2026-03-04T10:00:00+08:00", "suspended reason=听证");
    CHECK_STR(
        case_text("2026-03-06T13:00:00+08:00", EXPLAIN_ENGLISH),
        "reply run 1, limit 3 working days, from 2026-03-02 09:00\n"
        "2026-03-02 Mon  day of the start, not counted itself\n"
        "2026-03-03 Tue  working day, day 1 of 3\n"
        "2026-03-04 10:00  paused since, not resumed (听证)\n"
        "no due\n");
}

static void an_instant_given_is_told_as_such(void)
{
    (void)begin("3wd");
    world_add(
        &world, "2026-03-03T11:00:00+08:00",
        "extended until=2026-03-20T12:00:00+08:00 approved_by=gov-head reason=会商");
    CHECK_STR(
        case_text("2026-03-06T13:00:00+08:00", EXPLAIN_CHINESE),
        "reply 第 1 次，截止时间为指定时刻，自 2026-03-02 09:00\n"
        "2026-03-02 09:00  起算\n"
        "2026-03-03 11:00  延长至 2026-03-20 12:00，批准人 gov-head（会商）\n"
        "2026-03-20 12:00  期限为指定时刻，不按日计算\n"
        "截止时间：2026-03-20T12:00:00+08:00\n");
}

static void a_closure_is_told_with_its_reason(void)
{
    static struct closure closure;
    (void)begin("2wd");
    closure = (struct closure){
        .day = civil_day_of((struct civil_date){2026, 3, 3}), .reason = TEXT_LITERAL("台风")};
    world.spec.closures = &closure;
    world.spec.closure_count = 1;
    CHECK_STR(
        case_text("2026-03-03T13:00:00+08:00", EXPLAIN_CHINESE),
        "reply 第 1 次，期限 2 个工作日，自 2026-03-02 09:00\n"
        "2026-03-02 周一  起算当日，不计（民法典第二百零一条）\n"
        "2026-03-03 周二  临时停止办公（台风），不计\n"
        "2026-03-04 周三  工作日，第 1 天，共 2 天\n"
        "2026-03-05 周四  工作日，第 2 天，共 2 天\n"
        "截止时间：2026-03-05T17:30:00+08:00\n");
}

static void a_late_arrival_starts_on_the_next_working_day(void)
{
    begin("1wd")->late_arrival_next_working_day = true;
    world.memory = (struct case_memory){.id = TEXT_LITERAL("K1")};
    world_add(&world, "2026-03-06T18:00:00+08:00", "received unit=d1");
    CHECK_STR(
        case_text("2026-03-07T13:00:00+08:00", EXPLAIN_CHINESE),
        "reply 第 1 次，期限 1 个工作日，自 2026-03-06 18:00\n"
        "2026-03-06 周五  工作日，收到时不在办公时间内，改自下一工作日起算\n"
        "2026-03-07 至 03-08  休息日，不计（2 天）\n"
        "2026-03-09 周一  视为起算当日，不计\n"
        "2026-03-10 周二  工作日，第 1 天，共 1 天\n"
        "截止时间：2026-03-10T17:30:00+08:00\n");
}

static void a_recurring_clock_tells_its_days_and_what_was_passed_over(void)
{
    static const struct civil_day off[] = {{20525}}; /* 2026-03-13 */
    struct clock_rule *clock = begin("1wd");
    world.spec.holidays = off;
    world.spec.holiday_count = 1;
    clock->limit = (struct duration){0};
    clock->recurs = true;
    clock->recur_weekday[5] = true;
    clock->recur_weekday[3] = true;
    clock->recur_second = 17 * 3600;
    world_add(&world, "2026-03-04T09:00:00+08:00", "suspended reason=鉴定");
    world_add(&world, "2026-03-12T09:00:00+08:00", "resumed");
    CHECK_STR(
        case_text("2026-03-12T13:00:00+08:00", EXPLAIN_CHINESE),
        "reply 第 1 次，每周三、周五 17:00，自 2026-03-02 09:00\n"
        "2026-03-02 09:00  起算\n"
        "2026-03-04 周三  工作日，每周三、周五 17:00 一次\n"
        "2026-03-04 周三  中止计时，不计（鉴定）\n"
        "2026-03-13 周五  节假日，每周三、周五 17:00 一次\n"
        "2026-03-14 至 03-15  休息日，期限最后一日遇休息日，顺延（2 天）\n"
        "2026-03-16 周一  顺延至此工作日（民法典第二百零三条）\n"
        "截止时间：2026-03-16T17:00:00+08:00\n");
    CHECK(strstr(
        case_text("2026-03-12T13:00:00+08:00", EXPLAIN_ENGLISH),
        "reply run 1, each Wed, Fri 17:00, from 2026-03-02 09:00\n"));
}

static void a_replan_is_told_when_it_happened(void)
{
    struct clock_rule *clock = begin("5wd");
    struct clock_rule shorter = *clock;
    shorter.limit = world_duration("3wd");
    const struct ruleset set = {.clocks = &shorter, .clock_count = 1};
    world.policy.version = 6;
    world.policy.calendar = world_calendar(&world);
    struct policy next = world.policy;
    next.version = 7;
    next.sets = &set;
    world.memory = (struct case_memory){.id = TEXT_LITERAL("K1")};
    struct event event = world_event(&world, "2026-03-02T09:00:00+08:00", "received unit=d1");
    event.rules_version = 6;
    world_add_event(&world, &event);
    const struct policy *both[] = {&world.policy, &next};
    world.rulebook = (struct rulebook){.policies = both, .policy_count = 2};
    world_add(&world, "2026-03-04T10:00:00+08:00", "replanned version=7 replan=r1");
    CHECK_STR(
        case_text("2026-03-04T11:00:00+08:00", EXPLAIN_CHINESE),
        "reply 第 1 次，期限 3 个工作日，自 2026-03-02 09:00\n"
        "2026-03-02 周一  起算当日，不计（民法典第二百零一条）\n"
        "2026-03-03 周二  工作日，第 1 天，共 3 天\n"
        "2026-03-04 周三  工作日，第 2 天，共 3 天\n"
        "2026-03-04 10:00  起改按第 7 版规则计时\n"
        "2026-03-05 周四  工作日，第 3 天，共 3 天\n"
        "截止时间：2026-03-05T17:30:00+08:00\n");
    CHECK(strstr(
        case_text("2026-03-04T11:00:00+08:00", EXPLAIN_ENGLISH),
        "2026-03-04 10:00  from here on by version 7 of the rules\n"));
}

static void a_foreign_reason_cannot_move_the_cursor(void)
{
    (void)begin("1wd");
    world_add(&world, "2026-03-02T10:00:00+08:00", "suspended reason=a\x1b[2J\nb\xc2\x9b");
    CHECK(strstr(case_text("2026-03-02T13:00:00+08:00", EXPLAIN_ENGLISH), "(a [2J b )") != NULL);
    CHECK(strchr(written, '\x1b') == NULL);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    world_init(&world, WORLD_SHANGHAI);
    national = national_calendar();
    if (CHECK(national != NULL)) {
        CHECK_RUN(five_working_days_over_the_spring_festival);
        CHECK_RUN(json_tells_every_day_by_itself);
        CHECK_RUN(a_limit_in_calendar_days_rolls_off_the_holiday);
        CHECK_RUN(a_year_without_a_notice_is_told_before_the_due);
        CHECK_RUN(named_days_are_told_by_their_names);
        CHECK_RUN(working_time_tells_what_counts_and_what_is_left_out);
    }
    CHECK_RUN(a_pause_and_an_extension_are_told_where_they_happen);
    CHECK_RUN(an_open_pause_tells_what_was_used_and_has_no_due);
    CHECK_RUN(an_instant_given_is_told_as_such);
    CHECK_RUN(a_closure_is_told_with_its_reason);
    CHECK_RUN(a_late_arrival_starts_on_the_next_working_day);
    CHECK_RUN(a_recurring_clock_tells_its_days_and_what_was_passed_over);
    CHECK_RUN(a_replan_is_told_when_it_happened);
    CHECK_RUN(a_foreign_reason_cannot_move_the_cursor);
    bundle_free(national);
    world_release(&world);
    return check_done();
}
