/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbered notices through the console's socket, with monitor and notifier beside: what one would
 * say, what is refused, its number, its lines in both languages, that each case and the unit hear
 * of it, and that the same request is one notice.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/json.h"
#include "tests/support/check.h"
#include "tests/support/console_rig.h"

static struct console_rig rig;
static char *kept;

static bool has(const char *part)
{
    check_note("looking for %s in %.1800s", part, kept ? kept : "(nothing)");
    return kept && strstr(kept, part) != NULL;
}

static int call(const char *method, const char *path, const char *body)
{
    free(kept);
    const int status = console_rig_call(&rig, method, path, body, &kept);
    check_note("%s %s -> %d %.600s", method, path, status, kept);
    return status;
}

/* Asks until the answer has this part, 10 s at most. */
static bool comes_to(const char *path, const char *part)
{
    const int64_t end = clock_mono().ms + 10000;
    while (clock_mono().ms < end) {
        (void)call("GET", path, NULL);
        if (strstr(kept, part)) {
            return true;
        }
        (void)poll(NULL, 0, 10);
    }
    return CHECK(has(part));
}

/* A case of that unit, received long before the clock's present: overdue. */
static void register_case(const char *id, const char *unit, const char *title)
{
    char body[1024];
    char path[200];
    (void)snprintf(
        body, sizeof(body),
        "{\"specversion\":\"1.0\",\"id\":\"e-%s\",\"source\":\"/oa\",\"type\":\"case.received\","
        "\"subject\":\"%s\",\"time\":\"2026-02-02T09:00:00+08:00\",\"data\":{\"title\":\"%s\","
        "\"matter\":\"m01.1\",\"unit\":\"%s\",\"handler\":\"%s-1\",\"number\":"
        "\"东政函〔2026〕3号\"}}",
        id, id, title, unit, unit);
    CHECK_EQ(call("POST", "/api/v1/events", body), 202);
    (void)snprintf(path, sizeof(path), "/api/v1/cases/%s", id);
    CHECK(comes_to(path, "\"outcome\":\"missed\""));
}

#define TO_A(kind, cases, more)                                                                    \
    "{\"kind\":\"" kind "\",\"unit\":\"unit-a\",\"cases\":[" cases "]" more "}"

static void a_preview_shows_the_lines_and_issues_nothing(void)
{
    const char *body = TO_A(
        "supervise", "\"C-1\",\"C-2\",\"C-1\"",
        ",\"text\":\"务必落实。\\n\\n专人跟进。\",\"reply_by\":\"2026-03-06\","
        "\"copy_to\":[\"leader\",\"office\"]");
    CHECK_EQ(call("POST", "/api/v1/notices/preview", body), 200);
    CHECK(has("\"number\":\"督〔2026〕1号\"") && has("\"issued_at\":null"));
    CHECK(has(
        "\"lines\":[\"督办通知书\",\"督〔2026〕1号\",\"甲局：\",\"你单位承办的下列办件已列入督办"));
    CHECK(
        has("\"1. 《关于用水的函》（东政函〔2026〕3号，编号 C-1），时限2026年2月9日17:30，已超期"));
    CHECK(has("\"2. 《=1+1》（") && !has("3. "));
    CHECK(has("\"务必落实。\",\"专人跟进。\",\"请于2026年3月6日17:30前反馈。\","
              "\"抄送：分管领导、政府办公室\",\"2026年3月2日\"]"));
    CHECK_EQ(call("POST", "/api/v1/notices/preview?lang=en", body), 200);
    CHECK(has("\"lines\":[\"Notice of supervision\",") && has("due 9 February 2026, 17:30"));
    CHECK(has("Please report by 6 March 2026, 17:30."));
    CHECK_EQ(call("GET", "/api/v1/notices", NULL), 200);
    CHECK(has("{\"items\":[],\"next\":null}"));
}

static void what_is_wrong_is_told(void)
{
    static const struct {
        const char *body;
        const char *why;
    } wrong[] = {
        {TO_A("scold", "\"C-1\"", ""), "kind: must be"},
        {TO_A("urge", "", ""), "cases: missing"},
        {TO_A("urge", "\"C-9\"", ""), "cases: one of them is not a case of this unit"},
        {TO_A("urge", "\"B-1\"", ""), "cases: one of them is not a case of this unit"},
        {TO_A("supervise", "\"C-1\"", ""), "reply_by: missing"},
        {TO_A("urge", "\"C-1\"", ",\"reply_by\":\"2026-02-27\""), "reply_by: must be"},
        {TO_A("urge", "\"C-1\"", ",\"reply_by\":\"soon\""), "reply_by: must be"},
        {TO_A("urge", "\"C-1\"", ",\"copy_to\":[\"boss\"]"), "copy_to: each must be"},
        {"{\"kind\":\"urge\",\"unit\":\"unit-z\",\"cases\":[\"C-1\"]}", "unit: must be"},
        {TO_A("urge", "\"C-1\"", ",\"colour\":1"), "unknown member"},
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        const int expected = i + 1 == sizeof(wrong) / sizeof(wrong[0]) ? 400 : 422;
        CHECK_EQ(call("POST", "/api/v1/notices", wrong[i].body), expected);
        CHECK(has(wrong[i].why));
    }
    CHECK_EQ(call("GET", "/api/v1/notices/nothing", NULL), 404);
}

static void an_issued_notice_has_its_number_and_the_cases_hear_of_it(void)
{
    CHECK_EQ(
        call(
            "POST", "/api/v1/notices",
            TO_A("urge", "\"C-1\",\"C-2\"", ",\"text\":\"请速办\",\"by\":\"王科长\"")),
        201);
    CHECK(has("\"number\":\"催〔2026〕1号\"") && has("\"by\":\"王科长\""));
    CHECK(has("\"cases\":[\"C-1\",\"C-2\"]") && has("\"late\":true"));
    CHECK(comes_to("/api/v1/cases/C-1", "case.urged"));
    CHECK(has("催〔2026〕1号：请速办"));
    CHECK(comes_to("/api/v1/cases/C-2", "case.urged"));
    /* No rule set here says who hears of such acts: the head of the unit gets one message. */
    CHECK(comes_to("/api/v1/messages?person=unit-a-head", "\"notice\":\"paper\""));
}

static void the_same_request_is_one_notice(void)
{
    const char *body = TO_A(
        "supervise", "\"C-1\"", ",\"reply_by\":\"2026-03-06T17:00:00+08:00\",\"request\":\"r1\"");
    CHECK_EQ(call("POST", "/api/v1/notices", body), 201);
    CHECK(has("\"number\":\"督〔2026〕1号\""));
    CHECK_EQ(call("POST", "/api/v1/notices", body), 200);
    CHECK(has("\"number\":\"督〔2026〕1号\""));
    CHECK_EQ(call("POST", "/api/v1/notices", TO_A("urge", "\"C-2\"", ",\"request\":\"r2\"")), 201);
    CHECK(has("\"number\":\"催〔2026〕2号\""));
    CHECK(comes_to("/api/v1/cases/C-1", "case.supervised"));
    CHECK(has("\"reply_by\":\"2026-03-06T17:00:00+08:00\""));
    CHECK(has("\"notices\":[{\"id\":\"") && has("\"number\":\"督〔2026〕1号\",\"kind\":"));
}

/* It stands on the timeline, and the head hears of it whatever the rule sets say. */
static void an_interview_is_noted_and_the_head_is_asked(void)
{
    CHECK_EQ(
        call(
            "POST", "/api/v1/notices",
            TO_A(
                "interview", "\"C-1\"",
                ",\"reply_by\":\"2026-03-05T09:00:00+08:00\",\"copy_to\":[\"supervision-1\"]")),
        201);
    CHECK(has("\"number\":\"约〔2026〕1号\"") && has("约谈时间：2026年3月5日09:00。"));
    CHECK(comes_to("/api/v1/cases/C-1", "case.noted"));
    CHECK(comes_to("/api/v1/messages?person=supervision-1", "\"notice\":\"paper\""));
}

static void notices_are_listed_and_found_by_case(void)
{
    CHECK_EQ(call("GET", "/api/v1/notices?case=C-2&limit=1", NULL), 200);
    CHECK(strstr(kept, "催〔2026〕2号") || has("催〔2026〕1号")); /* of one moment */
    CHECK(!has("督〔2026〕1号") && !has("\"next\":null"));
    CHECK_EQ(call("GET", "/api/v1/notices?kind=supervise&unit=unit-a", NULL), 200);
    CHECK(has("督〔2026〕1号") && !has("催〔") && has("\"next\":null"));
    CHECK_EQ(call("GET", "/api/v1/notices?unit=unit-b", NULL), 200);
    CHECK(has("\"items\":[]"));
}

/* The journal of a console that died between the number and the cases. */
static void what_a_console_left_untold_the_next_one_tells(void)
{
    char facts[2048];
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    const long long ago = ((long long)now.tv_sec - 3600) * 1000;
    (void)snprintf(
        facts, sizeof(facts),
        "[{\"k\":\"case\",\"id\":\"D-1\",\"title\":\"T\",\"unit\":\"unit-a\",\"handler\":"
        "\"unit-a-1\",\"state\":\"open\",\"light\":\"red\",\"created\":%lld,\"updated\":%lld,"
        "\"runs\":[]},{\"k\":\"paper\",\"id\":\"left\",\"kind\":\"urge\",\"year\":2026,\"after\":"
        "6,\"prefix\":\"东督催\",\"at\":%lld,\"by\":\"wang\",\"office\":\"\",\"unit\":\"unit-a\","
        "\"unit_name\":\"甲局\",\"words\":\"\",\"reply_by\":null,\"copy_to\":[],\"items\":["
        "{\"case\":\"D-1\",\"title\":\"T\"}]}]",
        ago, ago, ago);
    const char *const journal[] = {facts, NULL};
    const struct console_rig_options options = {.with_roles = true, .journal = journal};
    if (!console_rig_start(&rig, &options)) {
        return;
    }
    CHECK(comes_to("/api/v1/notices/left", "东督催〔2026〕7号"));
    CHECK(comes_to("/api/v1/cases/D-1", "case.urged"));
    CHECK(has("\"left:0\""));
    CHECK(comes_to("/api/v1/messages?person=unit-a-head", "\"notice\":\"paper\""));
    CHECK_EQ(console_rig_stop(&rig), 0);
}

int main(void)
{
    const struct console_rig_options options = {.with_roles = true, .stepped = true};
    if (!console_rig_start(&rig, &options)) {
        return check_done();
    }
    register_case("C-1", "unit-a", "关于用水的函");
    register_case("C-2", "unit-a", "=1+1");
    register_case("B-1", "unit-b", "关于用地的函");
    CHECK_RUN(a_preview_shows_the_lines_and_issues_nothing);
    CHECK_RUN(what_is_wrong_is_told);
    CHECK_RUN(an_issued_notice_has_its_number_and_the_cases_hear_of_it);
    CHECK_RUN(the_same_request_is_one_notice);
    CHECK_RUN(an_interview_is_noted_and_the_head_is_asked);
    CHECK_RUN(notices_are_listed_and_found_by_case);
    CHECK_EQ(console_rig_stop(&rig), 0);
    CHECK_RUN(what_a_console_left_untold_the_next_one_tells);
    free(kept);
    return check_done();
}
