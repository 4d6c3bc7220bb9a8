/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Message texts: patterns, what values may do to them, and that SMS of real cases fit.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "config/bundle_make.h"
#include "config/template.h"
#include "tests/support/check.h"
#include "tests/support/config_rig.h"

static const char *check_words(const char *pattern, struct err_why *why)
{
    why->text[0] = '\0';
    return template_check(text_of(pattern), why) == ERR_OK ? "fine" : why->text;
}

static void only_known_names_and_doubled_braces_are_patterns(void)
{
    struct err_why why;
    CHECK_STR(check_words("{sign}{unit}：{{x}}", &why), "fine");
    CHECK_STR(check_words("", &why), "fine");
    for (int i = 0; i < TPL_NAME_COUNT; i++) {
        char pattern[40];
        (void)snprintf(pattern, sizeof pattern, "{%s}", template_name_text((enum template_name)i));
        CHECK_STR(check_words(pattern, &why), "fine");
    }
    CHECK(strstr(check_words("{titel}", &why), "unknown name {titel}; known are: case title"));
    CHECK(strstr(check_words("{}", &why), "unknown name {}"));
    const char *const single[] = {"{", "}", "a}b", "{unit", "{{{", "{unit}}"};
    for (size_t i = 0; i < sizeof single / sizeof single[0]; i++) {
        check_note("%s", single[i]);
        CHECK(strstr(check_words(single[i], &why), "a single brace"));
    }
}

static const char *render(
    void (*fn)(struct text, const struct template_values *, struct buf *),
    const char *pattern,
    const struct template_values *values,
    struct buf *buf)
{
    buf_clear(buf);
    fn(text_of(pattern), values, buf);
    return buf->ptr;
}

static void values_stand_where_their_names_stood(void)
{
    struct buf buf;
    struct template_values values = {0};
    values.value[TPL_UNIT] = TEXT_LITERAL("市财政局");
    values.value[TPL_CASE] = TEXT_LITERAL("DY-1");
    buf_init(&buf, 1024);
    CHECK_STR(
        render(template_render, "{unit}（{case}）{{{late_d}}}", &values, &buf),
        "市财政局（DY-1）{}");
    buf_release(&buf);
}

static void a_title_cannot_bring_markup_into_markdown(void)
{
    struct buf buf;
    struct template_values values = {0};
    values.value[TPL_TITLE] = TEXT_LITERAL("# [点此](http://x) <b>`*\n");
    values.value[TPL_LINK] = TEXT_LITERAL("https://nrt/c_1#a");
    buf_init(&buf, 1024);
    CHECK_STR(
        render(template_render_markdown, "**{title}** {link}", &values, &buf),
        "**＃ ［点此］(http://x) ＜b＞｀＊ ** https://nrt/c_1#a");
    buf_release(&buf);
}

static size_t fit(const char *pattern, const struct template_values *values, struct buf *buf)
{
    buf_clear(buf);
    const bool fits = template_fit_sms(text_of(pattern), values, SMS_SEGMENTS_MAX, buf);
    CHECK(buf_error(buf) == ERR_OK);
    CHECK_EQ(fits, sms_segments(buf_view(buf)) <= SMS_SEGMENTS_MAX);
    return sms_segments(buf_view(buf));
}

static void an_sms_has_one_signature_and_no_control_characters(void)
{
    struct buf buf;
    struct template_values values = {0};
    values.value[TPL_SIGN] = TEXT_LITERAL("【东阳督查】");
    values.value[TPL_TITLE] = TEXT_LITERAL("【假】\r\n标题");
    buf_init(&buf, 4096);
    CHECK_EQ(fit("{sign}{title}", &values, &buf), 1);
    CHECK_STR(buf.ptr, "【东阳督查】〔假〕  标题");
    buf_release(&buf);
}

static void segments_follow_the_law_of_sms(void)
{
    char text[200 * 3 + 1];
    const struct {
        size_t characters;
        size_t segments;
    } rows[] = {{0, 1}, {1, 1}, {70, 1}, {71, 2}, {134, 2}, {135, 3}, {160, 3}, {201, 3}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] - 1; i++) {
        for (size_t k = 0; k < rows[i].characters; k++) {
            memcpy(text + 3 * k, "督", 3);
        }
        check_note("%zu characters", rows[i].characters);
        CHECK_EQ(sms_segments((struct text){text, 3 * rows[i].characters}), rows[i].segments);
    }
    memset(text, 'a', 71);
    CHECK_EQ(sms_segments((struct text){text, 71}), 2);
    for (size_t k = 0; k < 36; k++) {
        memcpy(text + 4 * k, "😀", 4); /* two UTF-16 units */
    }
    CHECK_EQ(sms_segments((struct text){text, 35 * 4}), 1);
    CHECK_EQ(sms_segments((struct text){text, 36 * 4}), 2);
}

static void a_long_title_is_cut_and_nothing_else(void)
{
    struct buf buf;
    char title[300 * 3 + 1] = "";
    struct template_values values = {0};
    for (size_t k = 0; k < 300; k++) {
        memcpy(title + 3 * k, "长", 3);
    }
    values.value[TPL_SIGN] = TEXT_LITERAL("【东阳督查】");
    values.value[TPL_UNIT] = TEXT_LITERAL("市财政局");
    values.value[TPL_TITLE] = (struct text){title, 900};
    values.value[TPL_CASE] = TEXT_LITERAL("DY-2019-000001");
    buf_init(&buf, 8192);
    CHECK_EQ(fit("{sign}{unit}：{title}（{case}）请办结。", &values, &buf), 2);
    CHECK_EQ(utf8_utf16_units(buf_view(&buf)), 134); /* no more is cut than must be */
    CHECK(strstr(buf.ptr, "长…（DY-2019-000001）请办结。"));
    CHECK(strstr(buf.ptr, "【东阳督查】市财政局：长"));
    buf_release(&buf);
}

static void when_cutting_the_title_is_not_enough_other_texts_give_way(void)
{
    struct buf buf;
    char words[200 * 3 + 1] = "";
    struct template_values values = {0};
    for (size_t k = 0; k < 200; k++) {
        memcpy(words + 3 * k, "词", 3);
    }
    values.value[TPL_TITLE] = (struct text){words, 600};
    values.value[TPL_UNIT] = (struct text){words, 600};
    values.value[TPL_CASE] = TEXT_LITERAL("C");
    buf_init(&buf, 8192);
    CHECK_EQ(fit("{title}|{unit}|{case}", &values, &buf), 2);
    CHECK_STR(buf.ptr + buf.bytes - 2, "|C");
    buf_release(&buf);
}

static void a_pattern_that_cannot_fit_is_given_whole(void)
{
    struct buf buf;
    struct template_values values = {0};
    char id[300];
    memset(id, 'x', sizeof id);
    values.value[TPL_CASE] = (struct text){id, sizeof id};
    buf_init(&buf, 8192);
    CHECK_EQ(fit("{case}", &values, &buf), 5);
    CHECK_EQ(buf.bytes, sizeof id);
    buf_release(&buf);
}

static void lateness_of_less_than_a_day_reads_well(void)
{
    char text[TEMPLATE_LATE_BYTES];
    CHECK_STR(template_late(0, true, text), "不足1");
    CHECK_STR(template_late(0, false, text), "less than 1");
    CHECK_STR(template_late(12, true, text), "12");
}

/* ---- the shipped texts over real cases ---- */

struct sms_count {
    size_t one;
    size_t two;
    size_t more;
};

static struct text unit_name(const struct json_value *units, struct text id)
{
    for (const struct json_value *unit = json_first(units); unit; unit = json_next(unit)) {
        if (text_equal(json_get_string(unit, "id"), id)) {
            return json_get_string(unit, "name");
        }
    }
    return (struct text){0};
}

static struct template_values values_of(
    const struct json_value *event, const struct json_value *units)
{
    struct template_values values = {0};
    const struct json_value *data = json_get(event, "data");
    values.value[TPL_SIGN] = TEXT_LITERAL("【限时督办】");
    values.value[TPL_CASE] = json_get_string(event, "subject");
    values.value[TPL_TITLE] = json_get_string(data, "title");
    values.value[TPL_UNIT] = unit_name(units, json_get_string(data, "unit"));
    values.value[TPL_CLOCK] = TEXT_LITERAL("部门间办事“最多一星期”");
    values.value[TPL_DUE] = TEXT_LITERAL("7月10日17:30");
    values.value[TPL_LATE_WD] = TEXT_LITERAL("不足1");
    values.value[TPL_LATE_D] = TEXT_LITERAL("12");
    values.value[TPL_ORDINAL] = TEXT_LITERAL("12");
    return values;
}

static void count_sms(struct text pattern, struct template_values values, struct sms_count *count)
{
    struct buf buf;
    buf_init(&buf, 8192);
    CHECK(template_fit_sms(pattern, &values, SMS_SEGMENTS_MAX, &buf));
    CHECK(!strstr(buf.ptr, "…")); /* of no real title anything is lost */
    switch (sms_segments(buf_view(&buf))) {
    case 1:
        count->one++;
        break;
    case 2:
        count->two++;
        break;
    default:
        count->more++;
        break;
    }
    buf_release(&buf);
}

static void count_cases(
    struct text pattern, char *events, const struct json_value *units, struct sms_count *count)
{
    for (const char *line = events; *line;) {
        const char *end = strchr(line, '\n');
        struct json_doc *doc = NULL;
        const struct text text = {line, end ? (size_t)(end - line) : strlen(line)};
        if (CHECK(json_parse(text, &json_limits_event, &doc, NULL) == ERR_OK) &&
            text_is(json_get_string(json_root(doc), "type"), "case.received")) {
            count_sms(pattern, values_of(json_root(doc), units), count);
        }
        json_free(doc);
        line = end ? end + 1 : line + strlen(line);
    }
}

static void sms_of_the_shipped_texts_fit_all_825_cases(void)
{
    struct report report;
    const struct bundle_files files = {0};
    report_init(&report);
    struct bundle *bundle = bundle_load_files(&files, &report);
    char *events = config_test_data("dongyang-825.ndjson");
    char *directory = config_test_data("directory.json");
    struct json_doc *doc = NULL;
    if (CHECK(bundle) &&
        CHECK(json_parse(text_of(directory), &json_limits_config, &doc, NULL) == ERR_OK)) {
        CHECK_EQ(bundle->template_count, 15);
        for (size_t i = 0; i < bundle->template_count; i++) {
            struct sms_count count = {0};
            const struct template_text *template = &bundle->templates[i];
            count_cases(template->zh_sms, events, json_get(json_root(doc), "units"), &count);
            printf(
                "    %.*s: %zu of one segment, %zu of two\n", TEXT_ARGS(template->id), count.one,
                count.two);
            check_note("%.*s", TEXT_ARGS(template->id));
            CHECK_EQ(count.one + count.two, 825);
            CHECK_GE(count.one, 825 * 9 / 10);
            CHECK_EQ(count.more, 0);
        }
    }
    json_free(doc);
    free(directory);
    free(events);
    bundle_free(bundle);
    report_release(&report);
}

int main(void)
{
    CHECK_RUN(only_known_names_and_doubled_braces_are_patterns);
    CHECK_RUN(values_stand_where_their_names_stood);
    CHECK_RUN(a_title_cannot_bring_markup_into_markdown);
    CHECK_RUN(an_sms_has_one_signature_and_no_control_characters);
    CHECK_RUN(segments_follow_the_law_of_sms);
    CHECK_RUN(a_long_title_is_cut_and_nothing_else);
    CHECK_RUN(when_cutting_the_title_is_not_enough_other_texts_give_way);
    CHECK_RUN(a_pattern_that_cannot_fit_is_given_whole);
    CHECK_RUN(lateness_of_less_than_a_day_reads_well);
    CHECK_RUN(sms_of_the_shipped_texts_fit_all_825_cases);
    return check_done();
}
