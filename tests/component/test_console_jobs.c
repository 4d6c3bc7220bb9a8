/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Long work through the console's socket: previews (here a stand-in for the worker: this program
 * itself), replans over the open cases with monitor and notifier beside, taking back, recounts
 * after a calendar changed, and kinds of events that nobody else may send.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "tests/support/check.h"
#include "tests/support/console_rig.h"

static struct console_rig rig;
static char *kept;

static bool has(const char *part)
{
    check_note("looking for %s in %.900s", part, kept ? kept : "(nothing)");
    return kept && strstr(kept, part) != NULL;
}

static int call(const char *method, const char *path, const char *body)
{
    free(kept);
    const int status = console_rig_call(&rig, method, path, body, &kept);
    check_note("%s %s -> %d %.300s", method, path, status, kept);
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

/* ---- the stand-in for the worker ---- */

static const char *word_after(int argc, char **argv, const char *name)
{
    for (int i = 1; i + 1 < argc; i++) {
        if (strcmp(argv[i], name) == 0) {
            return argv[i + 1];
        }
    }
    return "";
}

/* --days tells what it does: 1 fails, 2 hangs, else it writes so many items. */
static int work(int argc, char **argv)
{
    const int days = (int)strtol(word_after(argc, argv, "--days"), NULL, 10);
    if (days == 1) {
        (void)fprintf(stderr, "the seal key is another one\n");
        return 1;
    }
    if (days == 2) {
        (void)poll(NULL, 0, 600000);
        return 0;
    }
    FILE *items = fopen(word_after(argc, argv, "--items"), "we");
    (void)printf("{\"type\":\"progress\",\"done\":1,\"total\":%d}\n", days);
    for (int i = 0; items && i < days; i++) {
        (void)fprintf(items, "{\"case\":\"C-%d\"}\n", i);
    }
    if (items) {
        (void)fclose(items);
    }
    (void)printf(
        "{\"type\":\"totals\",\"cases\":%d,\"replan\":\"%s\",\"sms\":\"%s\"}\n", days,
        word_after(argc, argv, "--replan"), word_after(argc, argv, "--sms"));
    return items && access(word_after(argc, argv, "--bundle"), R_OK) == 0 ? 0 : 3;
}

/* ---- bodies ---- */

#define RULES(limit)                                                                               \
    "{\\\"id\\\":\\\"r\\\",\\\"version\\\":\\\"1\\\",\\\"clocks\\\":[{\\\"id\\\":\\\"reply\\\","   \
    "\\\"limit\\\":\\\"" limit                                                                     \
    "\\\",\\\"stages\\\":[{\\\"id\\\":\\\"s\\\",\\\"at\\\":\\\"due+0\\\","                         \
    "\\\"light\\\":\\\"red\\\",\\\"notify\\\":[\\\"handler\\\"]}]}]}"
#define FILES(limit) "\"files\":[{\"name\":\"rules/r.json\",\"text\":\"" RULES(limit) "\"}]"
#define BY           "\"by\":\"li\",\"note\":\"as decided\""

static void put_rules(const char *body, const char *version)
{
    CHECK_EQ(call("PUT", "/api/v1/rules", body), 200);
    CHECK(has(version));
}

/* ---- previews ---- */

static void a_preview_is_run_beside_and_its_list_is_paged(void)
{
    CHECK_EQ(call("POST", "/api/v1/rules/preview", "{" FILES("3wd") ",\"days\":7}"), 202);
    CHECK(has("{\"job\":\"p1\"}"));
    CHECK(comes_to("/api/v1/jobs/p1", "\"state\":\"done\""));
    CHECK(has("\"kind\":\"preview\"") && has("\"done\":7,\"total\":7"));
    CHECK(has("\"totals\":{\"type\":\"totals\",\"cases\":7,\"replan\":\"yes\",\"sms\":\"sms\"}"));
    CHECK_EQ(call("GET", "/api/v1/jobs/p1/items?limit=4", NULL), 200);
    CHECK(has("{\"items\":[{\"case\":\"C-0\"}") && has("{\"case\":\"C-3\"}],\"next\":\"60~\"}"));
    CHECK_EQ(call("GET", "/api/v1/jobs/p1/items?limit=4&cursor=60~", NULL), 200);
    CHECK(has("{\"items\":[{\"case\":\"C-4\"}") && has("\"next\":null"));
    CHECK_EQ(call("POST", "/api/v1/rules/preview", "{\"version\":1,\"replan\":false}"), 202);
    CHECK(comes_to("/api/v1/jobs/p2", "\"cases\":30,\"replan\":\"no\""));
}

static void a_preview_that_fails_says_why(void)
{
    CHECK_EQ(call("POST", "/api/v1/rules/preview", "{" FILES("3wd") ",\"days\":1}"), 202);
    CHECK(comes_to("/api/v1/jobs/p3", "\"state\":\"failed\""));
    CHECK(has("the seal key is another one"));
    CHECK_EQ(call("GET", "/api/v1/jobs/p3/items", NULL), 409);
    CHECK_EQ(call("GET", "/api/v1/jobs/p99/items", NULL), 404);
    CHECK_EQ(call("GET", "/api/v1/jobs/p99", NULL), 404);
    CHECK_EQ(call("POST", "/api/v1/rules/preview", "{" FILES("3xd") "}"), 422);
    CHECK_EQ(call("POST", "/api/v1/rules/preview", "{" FILES("3wd") ",\"days\":0}"), 400);
    CHECK_EQ(call("POST", "/api/v1/rules/preview", "{\"draft\":\"d7\"}"), 404);
    CHECK_EQ(call("POST", "/api/v1/rules/preview", "{\"version\":7}"), 404);
    CHECK_EQ(call("POST", "/api/v1/rules/preview", "{}"), 400);
}

static void two_previews_run_at_once_and_can_be_ended(void)
{
    CHECK_EQ(call("POST", "/api/v1/rules/preview", "{" FILES("3wd") ",\"days\":2}"), 202);
    CHECK_EQ(call("POST", "/api/v1/rules/preview", "{" FILES("3wd") ",\"days\":2}"), 202);
    CHECK_EQ(call("POST", "/api/v1/rules/preview", "{" FILES("3wd") ",\"days\":2}"), 503);
    CHECK_EQ(call("DELETE", "/api/v1/jobs/p4", NULL), 202);
    CHECK(comes_to("/api/v1/jobs/p4", "\"state\":\"cancelled\""));
    CHECK_EQ(call("DELETE", "/api/v1/jobs/p5", NULL), 202);
    CHECK_EQ(call("DELETE", "/api/v1/jobs/p77", NULL), 404);
    /* Its child must be gone before there is room again. */
    for (int turn = 0; turn < 1000; turn++) {
        if (call("POST", "/api/v1/rules/preview", "{" FILES("3wd") ",\"days\":3}") == 202) {
            break;
        }
        (void)poll(NULL, 0, 10);
    }
    CHECK(comes_to("/api/v1/jobs/p6", "\"state\":\"done\""));
}

/* ---- replans ---- */

#define CASES 150

static void send_cases(void)
{
    struct buf body;
    buf_init(&body, (size_t)1 << 20);
    for (int i = 0; i < CASES; i++) {
        buf_format(
            &body,
            "{\"specversion\":\"1.0\",\"id\":\"e%d\",\"source\":\"/oa\",\"type\":\"case.received\","
            "\"subject\":\"C-%03d\",\"time\":\"2026-03-02T07:59:00+08:00\",\"data\":{\"title\":"
            "\"T\",\"unit\":\"unit-a\"}}\n",
            i, i);
    }
    CHECK_EQ(call("POST", "/api/v1/events", body.ptr), 202);
    buf_release(&body);
    CHECK_EQ(call("GET", "/api/v1/cases/C-149?after=0:0-0", NULL), 200);
}

/* How many cases the list shows with this part. */
static int count_cases(const char *part)
{
    int count = 0;
    CHECK_EQ(call("GET", "/api/v1/cases?limit=500&after=0:0-0", NULL), 200);
    for (const char *at = kept; (at = strstr(at, part)); at++) {
        count++;
    }
    return count;
}

static void a_replan_puts_every_open_case_under_the_new_rules(void)
{
    put_rules("{" FILES("5wd") "," BY "}", "\"version\":2");
    send_cases();
    CHECK_EQ(count_cases("\"due\":\"2026-03-09T17:30:00+08:00\""), CASES);
    put_rules("{" FILES("3wd") "," BY "}", "\"version\":3");
    CHECK_EQ(count_cases("\"due\":\"2026-03-09T17:30:00+08:00\""), CASES); /* as they began */
    CHECK_EQ(call("POST", "/api/v1/rules/replan", "{\"by\":\"li\",\"note\":\"all\"}"), 202);
    CHECK(has("{\"job\":\"r1\",\"replan\":\"r1\"}"));
    CHECK(comes_to("/api/v1/jobs/r1", "\"state\":\"done\""));
    CHECK(has("\"done\":150,\"total\":150") && has("\"kind\":\"replan\"") && has("\"version\":3"));
    CHECK_EQ(call("POST", "/api/v1/clock/step", "{\"to\":\"2026-03-02T08:00:01+08:00\"}"), 200);
    CHECK_EQ(count_cases("\"due\":\"2026-03-05T17:30:00+08:00\""), CASES);
    CHECK_EQ(call("GET", "/api/v1/cases/C-007", NULL), 200);
    CHECK(has("\"type\":\"case.replanned\"") && has("\"id\":\"r1:C-007\""));
    CHECK(has("\"rule_version\":3"));
    CHECK_EQ(call("GET", "/api/v1/rules/versions", NULL), 200);
    CHECK(has("\"replans\":[{\"id\":\"r1\",\"kind\":\"replan\""));
}

static void a_replan_can_be_taken_back(void)
{
    CHECK_EQ(
        call("POST", "/api/v1/rules/replan", "{\"undo\":\"r1\",\"by\":\"li\",\"note\":\"no\"}"),
        202);
    CHECK(comes_to("/api/v1/jobs/r2", "\"state\":\"done\""));
    CHECK(has("\"done\":150,\"total\":150") && has("\"undo\":\"r1\""));
    CHECK_EQ(call("POST", "/api/v1/clock/step", "{\"to\":\"2026-03-02T08:00:02+08:00\"}"), 200);
    CHECK_EQ(count_cases("\"due\":\"2026-03-09T17:30:00+08:00\""), CASES);
    CHECK_EQ(call("GET", "/api/v1/replans", NULL), 200);
    CHECK(has("{\"items\":[{\"id\":\"r2\"") && has("{\"id\":\"r1\""));
    CHECK_EQ(call("POST", "/api/v1/rules/replan", "{\"undo\":\"r9\",\"by\":\"li\"}"), 400);
    CHECK_EQ(call("POST", "/api/v1/rules/replan", "{\"undo\":\"r2\",\"by\":\"li\"}"), 400);
    CHECK_EQ(call("POST", "/api/v1/rules/replan", "{\"version\":77,\"by\":\"li\"}"), 400);
    CHECK_EQ(call("POST", "/api/v1/rules/replan", "{}"), 400);
    CHECK_EQ(call("DELETE", "/api/v1/jobs/r1", NULL), 409);
}

/* What a script with an empty variable asks for is not a replan of everything. */
static void an_undo_of_nothing_replans_nothing(void)
{
    static const char *const bodies[] = {
        "{\"undo\":\"\",\"by\":\"li\"}", "{\"undo\":null,\"by\":\"li\"}",
        "{\"undo\":5,\"by\":\"li\"}",    "{\"undo\":\"r1\",\"version\":2,\"by\":\"li\"}",
        "{\"verison\":2,\"by\":\"li\"}", "{\"version\":null,\"by\":\"li\"}",
    };
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        CHECK_EQ(call("POST", "/api/v1/rules/replan", bodies[i]), 400);
    }
    CHECK_EQ(call("GET", "/api/v1/replans", NULL), 200);
    CHECK(has("{\"items\":[{\"id\":\"r2\""));
}

static void a_typhoon_day_is_counted_without_anybody_asking(void)
{
    struct json_doc *doc = NULL;
    struct buf body;
    struct json_out out;
    CHECK_EQ(call("GET", "/api/v1/calendars", NULL), 200);
    CHECK_EQ(json_parse(text_of(kept), &json_limits_config, &doc, NULL), ERR_OK);
    const struct json_value *file = json_first(json_get(json_root(doc), "files"));
    const struct text text = json_get_string(file, "text");
    struct buf calendar;
    buf_init(&calendar, (size_t)1 << 20);
    const char *none = memmem(text.ptr, text.bytes, "\"closures\": []", 14);
    if (!CHECK(none != NULL)) {
        return;
    }
    const size_t before = (size_t)(none - text.ptr) + 13;
    buf_text(&calendar, (struct text){.ptr = text.ptr, .bytes = before});
    buf_string(&calendar, "{\"date\":\"2026-03-04\",\"reason\":\"typhoon\"}");
    buf_text(&calendar, (struct text){.ptr = text.ptr + before, .bytes = text.bytes - before});
    buf_init(&body, (size_t)2 << 20);
    json_out_init(&out, &body);
    json_out_open(&out, '{');
    json_out_member(&out, "by", text_of("li"));
    json_out_key(&out, "files");
    json_out_open(&out, '[');
    json_out_open(&out, '{');
    json_out_member(&out, "name", json_get_string(file, "name"));
    json_out_member(&out, "text", buf_view(&calendar));
    json_out_close(&out, '}');
    json_out_close(&out, ']');
    json_out_close(&out, '}');
    CHECK_EQ(call("PUT", "/api/v1/calendars", body.ptr), 200);
    CHECK(has("\"version\":4,\"applied\":true"));
    CHECK(comes_to("/api/v1/jobs/v4", "\"state\":\"done\""));
    CHECK(has("\"kind\":\"recount\"") && has("\"done\":150"));
    CHECK_EQ(call("POST", "/api/v1/clock/step", "{\"to\":\"2026-03-02T08:00:03+08:00\"}"), 200);
    CHECK_EQ(count_cases("\"due\":\"2026-03-10T17:30:00+08:00\""), CASES);
    buf_release(&calendar);
    buf_release(&body);
    json_free(doc);
}

static void nobody_else_sends_events_of_these_kinds(void)
{
    static const char event[] =
        "{\"specversion\":\"1.0\",\"id\":\"x\",\"source\":\"/oa\",\"type\":\"case.replanned\","
        "\"subject\":\"C-001\",\"time\":\"2026-03-02T07:59:00+08:00\",\"data\":{\"version\":1}}";
    static const char source[] =
        "{\"specversion\":\"1.0\",\"id\":\"x\",\"source\":\"nrt:replan\",\"type\":\"case.noted\","
        "\"subject\":\"C-001\",\"time\":\"2026-03-02T07:59:00+08:00\",\"data\":{}}";
    CHECK_EQ(call("POST", "/api/v1/events", event), 400);
    CHECK(has("reserved kind"));
    CHECK_EQ(call("POST", "/api/v1/events", source), 400);
    CHECK(has("source: reserved"));
    CHECK_EQ(
        call("POST", "/api/v1/cases/C-001/events", "{\"kind\":\"recounted\",\"data\":{}}"), 400);
}

int main(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[1], "worker") == 0) {
        return work(argc, argv);
    }
    check_filter(argc > 1 ? argv[1] : NULL);
    const struct console_rig_options stepped = {.with_roles = true, .stepped = true};
    if (console_rig_start(&rig, &stepped)) {
        CHECK_RUN(a_preview_is_run_beside_and_its_list_is_paged);
        CHECK_RUN(a_preview_that_fails_says_why);
        CHECK_RUN(two_previews_run_at_once_and_can_be_ended);
        CHECK_RUN(a_replan_puts_every_open_case_under_the_new_rules);
        CHECK_RUN(a_replan_can_be_taken_back);
        CHECK_RUN(an_undo_of_nothing_replans_nothing);
        CHECK_RUN(a_typhoon_day_is_counted_without_anybody_asking);
        CHECK_RUN(nobody_else_sends_events_of_these_kinds);
        CHECK_EQ(console_rig_stop(&rig), 0);
    }
    free(kept);
    return check_done();
}
