/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order, form and bounds of findings.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "config/report.h"
#include "tests/support/check.h"

static void findings_come_out_in_file_order(void)
{
    struct report report;
    struct buf buf;
    report_init(&report);
    buf_init(&buf, 4096);
    report_add(&report, FINDING_ERROR, "b.json", 9, 2, "x[0]", "late %d", 1);
    report_add(&report, FINDING_WARNING, "a.json", 1, 1, "", "other file");
    report_add(&report, FINDING_ERROR, "b.json", 2, 7, "y", "early");
    report_add(&report, FINDING_ERROR, "b.json", 0, 0, "", "as a whole");
    report_add(&report, FINDING_ERROR, "b.json", 2, 7, "y", "same place, second");
    report_print(&report, &buf);
    CHECK_STR(
        buf.ptr, "b.json: error: as a whole\n"
                 "b.json:2:7: error: y: early\n"
                 "b.json:2:7: error: y: same place, second\n"
                 "b.json:9:2: error: x[0]: late 1\n"
                 "a.json:1:1: warning: other file\n");
    CHECK_EQ(report.error_count, 4);
    CHECK_EQ(report.warning_count, 1);
    buf_release(&buf);
    report_release(&report);
    CHECK_EQ(report.count, 0);
}

static void json_output_is_json_whatever_the_words(void)
{
    struct report report;
    struct buf buf;
    struct json_doc *doc = NULL;
    report_init(&report);
    buf_init(&buf, 1 << 16);
    report_add(&report, FINDING_ERROR, "a\"b.json", 1, 2, "p\\q", "got \"%s\"", "x\ny");
    report_print_json(&report, &buf);
    CHECK(json_parse(buf_view(&buf), &json_limits_config, &doc, NULL) == ERR_OK);
    const struct json_value *finding = json_first(json_get(json_root(doc), "findings"));
    CHECK(text_is(json_get_string(finding, "message"), "got \"x\ny\""));
    CHECK(text_is(json_get_string(finding, "file"), "a\"b.json"));
    json_free(doc);
    buf_release(&buf);
    report_release(&report);
}

static void every_finding_has_a_code(void)
{
    struct report report;
    struct buf buf;
    char file[] = "c.json";
    char path[] = "x";
    char message[] = "odd";
    const struct finding own = {
        .level = FINDING_WARNING,
        .code = "odd-thing",
        .file = file,
        .path = path,
        .message = message};
    report_init(&report);
    buf_init(&buf, 1 << 16);
    report_add(&report, FINDING_ERROR, "a.json", 1, 2, "", "wrong");
    report_add(&report, FINDING_WARNING, "b.json", 1, 2, "", "strange");
    report_finding(&report, &own);
    report_print_json(&report, &buf);
    CHECK_STR(
        buf.ptr,
        "{\"findings\":["
        "{\"level\":\"error\",\"code\":\"invalid\",\"file\":\"a.json\",\"line\":1,\"column\":2,"
        "\"path\":\"\",\"message\":\"wrong\"},"
        "{\"level\":\"warning\",\"code\":\"doubtful\",\"file\":\"b.json\",\"line\":1,"
        "\"column\":2,\"path\":\"\",\"message\":\"strange\"},"
        "{\"level\":\"warning\",\"code\":\"odd-thing\",\"file\":\"c.json\",\"path\":\"x\","
        "\"message\":\"odd\"}],\"errors\":1,\"warnings\":2}\n");
    buf_release(&buf);
    report_release(&report);
}

static void a_long_message_is_cut_between_characters(void)
{
    struct report report;
    char words[3001];
    for (size_t i = 0; i < 1000; i++) {
        memcpy(words + 3 * i, "长", 3);
    }
    words[3000] = '\0';
    report_init(&report);
    for (int shift = 0; shift < 3; shift++) {
        report_add(&report, FINDING_ERROR, "a", 1, 1, "", "%.*s%s", shift, "xxx", words);
        const char *message = report.findings[report.count - 1].message;
        CHECK(utf8_valid(text_of(message)));
        CHECK_GE(strlen(message), 500);
    }
    report_release(&report);
}

static void beyond_the_bound_findings_are_only_counted(void)
{
    struct report report;
    report_init(&report);
    for (int i = 0; i < REPORT_FINDINGS_MAX + 500; i++) {
        report_add(&report, FINDING_ERROR, "a", 1, 1, "", "number %d", i);
    }
    CHECK_EQ(report.error_count, REPORT_FINDINGS_MAX + 500);
    CHECK_EQ(report.count, REPORT_FINDINGS_MAX + 1);
    CHECK_STR(
        report.findings[REPORT_FINDINGS_MAX].message, "too many findings; the rest are not listed");
    report_release(&report);
}

int main(void)
{
    CHECK_RUN(findings_come_out_in_file_order);
    CHECK_RUN(json_output_is_json_whatever_the_words);
    CHECK_RUN(every_finding_has_a_code);
    CHECK_RUN(a_long_message_is_cut_between_characters);
    CHECK_RUN(beyond_the_bound_findings_are_only_counted);
    return check_done();
}
