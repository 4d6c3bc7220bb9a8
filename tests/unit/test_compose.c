/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of messages, from the shipped templates and calendar.
 */
#include <stdio.h>
#include <string.h>

#include "base/must.h"
#include "config/link_token.h"
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

static void a_heading_is_one_line_without_a_signature(void)
{
    const struct mail_entry entry = overdue("清淤\r\nto=1\t【假】");
    const struct compose_from from = {
        .bundle = bundle,
        .settings = &sms,
        .type = &channel_kannel,
        .now = at("2026-09-28T08:30:00+08:00"),
    };
    struct text title = {0};
    struct text text = {0};
    CHECK_EQ(compose(&from, &entry, &arena, &title, &text), ERR_OK);
    CHECK_STR(title.ptr, "超期 清淤  to=1 〔假〕");
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

/* ---- languages ---- */

static void english_channels_get_english_words_and_dates(void)
{
    struct channel_settings settings = sms;
    settings.english = true;
    struct mail_entry entry = overdue("Dredging");
    const char *now = "2026-09-28T08:30:00+08:00";
    CHECK(says(words(&settings, &channel_kannel, &entry, now), "4 working day(s) late"));
    entry.template_id = TEXT_LITERAL("nag");
    CHECK(says(words(&settings, &channel_kannel, &entry, now), "due 21 Sep 17:30"));
    entry.values.due = at("2025-09-22T00:00:00+08:00");
    CHECK(says(words(&settings, &channel_kannel, &entry, now), "due 21 Sep 2025 24:00"));
}

/* ---- links ---- */

static struct composed composed(const struct compose_from *from, const struct mail_entry *entry)
{
    struct composed result = {0};
    CHECK_EQ(compose_message(from, entry, &arena, &result), ERR_OK);
    return result;
}

static const uint8_t link_key[LINK_KEY_BYTES] = {7};

static struct compose_from from_robot(const char *mailbox)
{
    return (struct compose_from){
        .bundle = bundle,
        .settings = &robot,
        .type = &channel_dingtalk_robot,
        .public_url = TEXT_LITERAL("https://city.test"),
        .now = at("2026-09-28T08:30:00+08:00"),
        .mailbox = text_of(mailbox),
        .message = TEXT_LITERAL("abcdefghijklmnopqrstuvwxyz"),
        .link_key = link_key,
        .link_ms = 7 * INT64_C(86400000),
    };
}

static void a_person_gets_a_link_of_their_own_and_a_group_the_case(void)
{
    const struct mail_entry entry = overdue("清淤");
    struct compose_from from = from_robot("li");
    const struct composed personal = composed(&from, &entry);
    CHECK(text_starts_with(personal.link, TEXT_LITERAL("https://city.test/a/")));
    CHECK_EQ(personal.link.bytes, strlen("https://city.test/a/") + LINK_TOKEN_CHARS);
    CHECK(strstr(personal.text.ptr, personal.link.ptr));
    struct link_claim claim;
    const struct text token = {personal.link.ptr + strlen("https://city.test/a/"), 44};
    CHECK_EQ(link_token_read(link_key, token, &claim), ERR_OK);
    CHECK_STR(claim.message, "abcdefghijklmnopqrstuvwxyz");
    CHECK_EQ(claim.expires.ms, from.now.ms + from.link_ms);
    from = from_robot("robot:default");
    CHECK_STR(composed(&from, &entry).link.ptr, "https://city.test/cases/2026-00017");
    from = from_robot("many:zwdd");
    CHECK_STR(composed(&from, &entry).link.ptr, "https://city.test/cases/2026-00017");
    from = from_robot("li");
    from.link_key = NULL;
    CHECK_STR(composed(&from, &entry).link.ptr, "https://city.test/cases/2026-00017");
}

static void an_sms_without_room_for_the_link_has_none_rather_than_half_of_it(void)
{
    static char host[120] = "https://";
    memset(host + 8, 'h', sizeof(host) - 9);
    struct mail_entry member = overdue("关于河道清淤的请示");
    const struct entry_member members[] = {{.entry = member}, {.entry = member}};
    const struct mail_entry digest = {.kind = ENTRY_DIGEST, .members = members, .member_count = 2};
    struct compose_from from = from_robot("li");
    from.settings = &sms;
    from.type = &channel_kannel;
    from.public_url = text_of(host);
    const struct text text = composed(&from, &digest).text;
    CHECK(!strstr(text.ptr, "http"));
    CHECK(strstr(text.ptr, "关于河道清淤的请示"));
    CHECK(sms_segments(text) <= 2);
}

/* ---- digests ---- */

static struct entry_member member(const char *id, const char *title, const char *due, bool red)
{
    struct entry_member made = {.entry = overdue(title)};
    made.entry.case_id = text_of(id);
    made.entry.light = red ? TEXT_LITERAL("red") : TEXT_LITERAL("yellow");
    made.entry.values.due = at(due);
    return made;
}

static void a_digest_says_how_many_the_worst_by_name_and_where_to_look(void)
{
    const struct entry_member members[] = {
        member("2026-1", "取水许可", "2026-09-29T17:30:00+08:00", false),
        member("2026-2", "河道清淤", "2026-09-21T17:30:00+08:00", true),
        member("2026-3", "水库除险", "2026-09-22T17:30:00+08:00", true),
        member("2026-2", "河道清淤", "2026-09-25T17:30:00+08:00", true), /* another clock of it */
    };
    const struct mail_entry digest = {.kind = ENTRY_DIGEST, .members = members, .member_count = 4};
    struct compose_from from = from_robot("li");
    from.settings = &sms;
    from.type = &channel_kannel;
    const struct text text = composed(&from, &digest).text;
    CHECK(says(
        text, "【水务局】3件限时事项待办，超期2件，临期1件。最急：河道清淤。https://city.test/a/"));
    CHECK(sms_segments(text) <= 2);
    from = from_robot("robot:default");
    const struct text markdown = composed(&from, &digest).text;
    CHECK(says(markdown, "最急：河道清淤（2026-2），期限9月21日17:30"));
    CHECK(says(
        markdown, "- 河道清淤（2026-2），期限9月21日17:30\n- 水库除险（2026-3），期限9月22日17:30\n"
                  "- 取水许可（2026-1），期限9月29日17:30"));
}

static void a_digest_for_many_says_nothing_about_any_case(void)
{
    const struct entry_member members[] = {
        member("2026-1", "取水许可", "2026-09-29T17:30:00+08:00", false),
        member("2026-2", "河道清淤", "2026-09-21T17:30:00+08:00", true),
    };
    const struct mail_entry digest = {.kind = ENTRY_DIGEST, .members = members, .member_count = 2};
    struct channel_type many = channel_dingtalk_robot;
    many.receivers_max = 1000;
    struct compose_from from = from_robot("many:zwdd");
    from.type = &many;
    const struct composed result = composed(&from, &digest);
    CHECK(says(result.text, "9月28日8:30"));
    CHECK(!says(result.text, "清淤") && !says(result.text, "取水") && !says(result.text, "2026-"));
    CHECK(!strstr(result.title.ptr, "清淤"));
    CHECK_STR(result.link.ptr, "https://city.test/");
}

/* ---- notices ---- */

static void ready_words_of_a_notice_are_said_as_they_are(void)
{
    const struct mail_entry notice = {
        .kind = ENTRY_NOTICE,
        .notice = TEXT_LITERAL("ops"),
        .subject = TEXT_LITERAL("通道停用"),
        .words = TEXT_LITERAL("短信通道 sms 连续失败。\n请检查【密码】。"),
    };
    const char *now = "2026-09-28T08:30:00+08:00";
    CHECK_STR(
        words(&sms, &channel_kannel, &notice, now).ptr,
        "【水务局】短信通道 sms 连续失败。 请检查〔密码〕。");
    CHECK_STR(
        words(&robot, &channel_dingtalk_robot, &notice, now).ptr,
        "短信通道 sms 连续失败。\n\n请检查【密码】。");
    struct compose_from from = from_robot("li");
    CHECK_STR(composed(&from, &notice).title.ptr, "通道停用");
}

static void a_notice_with_a_template_fills_it_with_its_own_values(void)
{
    const struct entry_value given[] = {
        {"title", TEXT_LITERAL("河道清淤")}, {"unit", TEXT_LITERAL("甲局")}};
    const struct mail_entry notice = {
        .kind = ENTRY_NOTICE,
        .notice = TEXT_LITERAL("cleared"),
        .template_id = TEXT_LITERAL("cleared"),
        .subject = TEXT_LITERAL("超期解除"),
        .case_id = TEXT_LITERAL("2026-00017"),
        .given = given,
        .given_count = 2,
    };
    CHECK_STR(
        words(&sms, &channel_kannel, &notice, "2026-09-28T08:30:00+08:00").ptr,
        "【水务局】甲局承办的河道清淤（2026-00017）已办结，超期提醒解除，无需再办。");
    const struct compose_from from = from_robot("li");
    CHECK_STR(composed(&from, &notice).title.ptr, "超期解除");
}

/* ---- vendors ---- */

static struct bundle *with_vendor(const char *vendor)
{
    char json[2048];
    (void)snprintf(
        json, sizeof(json),
        "{\"id\":\"overdue\",\"texts\":{\"zh\":{\"sms\":\"{sign}{unit}：{title}\","
        "\"markdown\":\"{unit}\"}},\"vendor\":{\"sms\":%s}}",
        vendor);
    struct report report;
    report_init(&report);
    const struct bundle_source files[] = {{TEXT_LITERAL("templates/overdue.json"), text_of(json)}};
    const struct bundle_texts texts = {.files = files, .file_count = 1, .kind = CONFIG_WHOLE};
    struct bundle *made = bundle_load_texts(&texts, NULL, &report);
    MUST(made);
    report_release(&report);
    return made;
}

static const struct channel_settings aliyun = {
    .name = {"sms", 3}, .type = {"aliyun", 6}, .options = options, .option_count = 1};

static void a_vendors_template_gets_its_values_in_order_and_cut_to_size(void)
{
    struct bundle *made =
        with_vendor("{\"template\":\"SMS_1\",\"text\":\"${unit}的{title}超期{3}天\",\"params\":"
                    "{\"unit\":\"{unit}\",\"title\":\"{title}\",\"days\":\"{late_wd}\",\"empty\":"
                    "\"{handler}\"}}");
    const struct mail_entry entry = overdue("关于河道清淤和水库除险加固以及取水许可延续办理情况的报"
                                            "告的请示，见http://a.cn/x或13800000001");
    struct compose_from from = from_robot("li");
    from.bundle = made;
    from.settings = &aliyun;
    from.type = &channel_aliyun;
    const struct composed result = composed(&from, &entry);
    CHECK_STR(result.vendor_template.ptr, "SMS_1");
    if (CHECK_EQ(result.param_count, 4)) {
        CHECK_STR(result.params[0].name.ptr, "unit");
        CHECK_STR(result.params[0].value.ptr, "甲局");
        CHECK_EQ(utf8_utf16_units(result.params[1].value), 35);
        CHECK_STR(
            result.params[1].value.ptr,
            "关于河道清淤和水库除险加固以及取水许可延续办理情况的报告的请示，见……");
        CHECK_STR(result.params[2].value.ptr, "4");
        CHECK_STR(result.params[3].value.ptr, "-");
    }
    CHECK_STR(
        result.text.ptr, "【水务局】甲局的关于河道清淤和水库除险加固以及取水许可延续办理情况的报告"
                         "的请示，见……超期4天");
    bundle_free(made);
}

static void addresses_and_numbers_stay_out_of_a_vendors_values(void)
{
    struct bundle *made = with_vendor("{\"template\":\"1\",\"params\":{\"a\":\"{title}\"}}");
    const struct mail_entry entry =
        overdue("见www.a.cn/x?y=1，电话13800000001，编号2026138000000012");
    struct compose_from from = from_robot("li");
    from.bundle = made;
    from.settings = &aliyun;
    from.type = &channel_aliyun;
    const struct composed result = composed(&from, &entry);
    CHECK_STR(result.params[0].value.ptr, "见…，电话138…0001，编号2026138000000012");
    CHECK_STR(
        result.text.ptr, "【水务局】甲局：见www.a.cn/x?y=1，电话13800000001，编号2026138000000012");
    bundle_free(made);
}

static void a_signature_that_the_gateway_adds_has_its_room(void)
{
    static char title[900];
    for (size_t index = 0; index + 3 < sizeof(title); index += 3) {
        memcpy(title + index, "河", 3);
    }
    const struct channel_settings yunmas = {
        .name = {"mas", 3}, .type = {"yunmas", 6}, .options = options, .option_count = 1};
    const struct mail_entry entry = overdue(title);
    const struct text text = words(&yunmas, &channel_yunmas, &entry, "2026-09-28T08:30:00+08:00");
    CHECK(!says(text, "【"));
    CHECK_EQ(utf8_utf16_units(text) + utf8_utf16_units(TEXT_LITERAL("【水务局】")), 134);
    CHECK(says(text, "…（2026-00017）已超期4个工作日，请今日办结并回复。"));
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
    CHECK_RUN(a_heading_is_one_line_without_a_signature);
    CHECK_RUN(a_due_at_midnight_is_the_end_of_its_day);
    CHECK_RUN(an_unknown_template_still_says_what_matters);
    CHECK_RUN(a_test_message_says_that_it_is_one);
    CHECK_RUN(english_channels_get_english_words_and_dates);
    CHECK_RUN(a_person_gets_a_link_of_their_own_and_a_group_the_case);
    CHECK_RUN(an_sms_without_room_for_the_link_has_none_rather_than_half_of_it);
    CHECK_RUN(a_digest_says_how_many_the_worst_by_name_and_where_to_look);
    CHECK_RUN(a_digest_for_many_says_nothing_about_any_case);
    CHECK_RUN(ready_words_of_a_notice_are_said_as_they_are);
    CHECK_RUN(a_notice_with_a_template_fills_it_with_its_own_values);
    CHECK_RUN(a_vendors_template_gets_its_values_in_order_and_cut_to_size);
    CHECK_RUN(a_signature_that_the_gateway_adds_has_its_room);
    CHECK_RUN(addresses_and_numbers_stay_out_of_a_vendors_values);
    bundle_free(bundle);
    arena_release(&arena);
    report_release(&report);
    return check_done();
}
