/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Through the console's socket: every event out again as it came in, and why somebody got, or did
 * not get, an alert on a day.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "tests/support/check.h"
#include "tests/support/console_rig.h"

static struct console_rig rig;
static char *kept;

static bool has(const char *part)
{
    check_note("looking for %s in %.1500s", part, kept ? kept : "(nothing)");
    return kept && strstr(kept, part) != NULL;
}

static int call(const char *method, const char *path, const char *body)
{
    free(kept);
    const int status = console_rig_call(&rig, method, path, body, &kept);
    check_note("%s %s -> %d %.300s", method, path, status, kept);
    return status;
}

#define RULES                                                                                      \
    "{\\\"id\\\":\\\"r\\\",\\\"version\\\":\\\"1\\\",\\\"clocks\\\":[{\\\"id\\\":\\\"reply\\\","   \
    "\\\"limit\\\":\\\"5wd\\\",\\\"stages\\\":[{\\\"id\\\":\\\"soon\\\",\\\"at\\\":\\\"due-1wd@"   \
    "09:00\\\","                                                                                   \
    "\\\"light\\\":\\\"yellow\\\",\\\"notify\\\":[\\\"handler\\\"],\\\"send\\\":\\\"now\\\"},"     \
    "{\\\"id\\\":\\\"also\\\",\\\"at\\\":\\\"due-1wd@09:00\\\",\\\"light\\\":\\\"yellow\\\","      \
    "\\\"notify\\\":[\\\"handler\\\"]},"                                                           \
    "{\\\"id\\\":\\\"late\\\",\\\"at\\\":\\\"due+0\\\",\\\"light\\\":\\\"red\\\","                 \
    "\\\"notify\\\":[\\\"unit_head\\\"],\\\"send\\\":\\\"now\\\"}]}]}"

#define EVENT(id, kind, time, data)                                                                \
    "{\"specversion\":\"1.0\",\"id\":\"" id "\",\"source\":\"/oa\",\"type\":\"case." kind          \
    "\",\"subject\":\"W-1\",\"time\":\"" time "\",\"data\":" data "}"

static void step(const char *to)
{
    char body[96];
    (void)snprintf(body, sizeof(body), "{\"to\":\"%s\"}", to);
    CHECK_EQ(call("POST", "/api/v1/clock/step", body), 200);
}

/* Received on Monday the 2nd: due on the 9th, told on the 6th at nine. */
static void begin(void)
{
    CHECK_EQ(
        call(
            "PUT", "/api/v1/rules",
            "{\"files\":[{\"name\":\"rules/r.json\",\"text\":\"" RULES "\"}],\"by\":\"li\"}"),
        200);
    CHECK_EQ(
        call(
            "POST", "/api/v1/events",
            EVENT(
                "1", "received", "2026-03-02T07:59:00+08:00",
                "{\"title\":\"Water\",\"unit\":\"unit-a\",\"handler\":\"unit-a-1\"}")),
        202);
    step("2026-03-03T08:00:00+08:00");
}

static void where_there_was_nothing_it_says_when_the_next_one_comes(void)
{
    CHECK_EQ(call("GET", "/api/v1/alerts/why?person=unit-a-1&date=2026-03-02", NULL), 200);
    CHECK(has("\"reason\":\"next_alert\"") && has("\"at\":\"2026-03-06T09:00:00+08:00\""));
    CHECK(has("\"clock\":\"reply\"") && has("this is when it rings next"));
    CHECK_EQ(call("GET", "/api/v1/alerts/why?person=unit-b-1&date=2026-03-02", NULL), 200);
    CHECK(has("\"items\":[]"));
    CHECK_EQ(call("GET", "/api/v1/alerts/why?person=nobody&date=2026-03-02", NULL), 404);
    CHECK_EQ(call("GET", "/api/v1/alerts/why?person=unit-a-1&date=soon", NULL), 400);
}

static void what_was_sent_and_what_gave_way_are_told(void)
{
    step("2026-03-06T12:00:00+08:00");
    CHECK_EQ(call("GET", "/api/v1/alerts/why?person=unit-a-1&date=2026-03-06", NULL), 200);
    CHECK(has("\"stage\":\"also\"") && has("\"reason\":\"sent\""));
    CHECK(has("\"state\":\"accepted\"") && has("\"channel\":\"sms\""));
    CHECK(has("\"stage\":\"soon\"") && has("\"reason\":\"superseded\""));
    CHECK(has("a later stage fired at the same moment instead") && has("同一时刻有更后一级的提醒"));
    CHECK_EQ(call("GET", "/api/v1/alerts/why?person=unit-a-head&date=2026-03-06", NULL), 200);
    CHECK(has("\"items\":[]")); /* not handled by them, and no stage of that day was for them */
    CHECK_EQ(
        call("GET", "/api/v1/alerts/why?person=unit-a-1&date=2026-03-06&channel=wecom", NULL), 200);
    CHECK(!strstr(kept, "\"reason\":\"sent\""));
}

static void a_clock_that_had_stopped_is_named(void)
{
    CHECK_EQ(
        call("POST", "/api/v1/events", EVENT("2", "answered", "2026-03-06T11:00:00+08:00", "{}")),
        202);
    step("2026-03-10T12:00:00+08:00");
    CHECK_EQ(call("GET", "/api/v1/alerts/why?person=unit-a-1&date=2026-03-09", NULL), 200);
    CHECK(has("\"reason\":\"run_ended\"") && has("\"status\":\"met\""));
    CHECK(has("2026-03-06T11:00:00+08:00"));
}

static void all_events_come_out_as_they_arrived(void)
{
    char bytes[512];
    CHECK_EQ(call("GET", "/api/v1/events?from=2026-13-01", NULL), 400);
    (void)snprintf(
        bytes, sizeof(bytes),
        "GET /api/v1/events?to=2026-03-05 HTTP/1.1\r\nHost: localhost\r\n"
        "Authorization: Bearer %s\r\n\r\n",
        rig.token);
    free(kept);
    kept = console_rig_ask(&rig, bytes, strlen(bytes));
    CHECK(has("HTTP/1.1 200 OK") && has("Transfer-Encoding: chunked"));
    CHECK(has("\"id\":\"1\"") && !strstr(kept, "\"id\":\"2\""));
    CHECK(has("\"arrived\":\"2026-03-02T08:00:00+08:00\"}\n"));
    CHECK(has("\r\n0\r\n\r\n"));
}

/* More than one part, and more than a socket takes at once. */
static void a_large_export_is_whole(void)
{
    struct buf body;
    size_t count = 0;
    char bytes[512];
    buf_init(&body, (size_t)4 << 20);
    for (int round = 0; round < 2; round++) {
        buf_clear(&body);
        for (int i = 0; i < 400; i++) {
            buf_format(
                &body,
                "{\"specversion\":\"1.0\",\"id\":\"n%d-%d\",\"source\":\"/oa\",\"type\":"
                "\"case.noted\",\"subject\":\"N-%d\",\"time\":\"2026-03-10T12:00:00+08:00\","
                "\"data\":{\"text\":\"%01500d\"}}\n",
                round, i, i, i);
        }
        CHECK_EQ(call("POST", "/api/v1/events", body.ptr), 202);
    }
    buf_release(&body);
    CHECK_EQ(call("GET", "/api/v1/cases?after=0:0-0", NULL), 200);
    (void)snprintf(
        bytes, sizeof(bytes),
        "GET /api/v1/events?from=2026-03-10 HTTP/1.1\r\nHost: localhost\r\n"
        "Authorization: Bearer %s\r\n\r\n",
        rig.token);
    free(kept);
    kept = console_rig_ask(&rig, bytes, strlen(bytes));
    for (const char *at = kept; (at = strstr(at, "\"case.noted\"")); at++) {
        count++;
    }
    CHECK_EQ(count, 800);
    CHECK(has("\r\n0\r\n\r\n"));
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    const struct console_rig_options stepped = {.with_roles = true, .stepped = true};
    if (console_rig_start(&rig, &stepped)) {
        begin();
        CHECK_RUN(where_there_was_nothing_it_says_when_the_next_one_comes);
        CHECK_RUN(what_was_sent_and_what_gave_way_are_told);
        CHECK_RUN(a_clock_that_had_stopped_is_named);
        CHECK_RUN(all_events_come_out_as_they_arrived);
        CHECK_RUN(a_large_export_is_whole);
        CHECK_EQ(console_rig_stop(&rig), 0);
    }
    free(kept);
    return check_done();
}
