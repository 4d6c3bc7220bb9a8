/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes round by itself, through a console with monitor and notifier beside on a stepped
 * clock: the brief at its time on a working day, the list on Monday, each once also over a
 * second step to the same time, and both as they are shown beforehand.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static int count_of(const char *part)
{
    int count = 0;
    for (const char *at = kept; at && (at = strstr(at, part)); at++) {
        count++;
    }
    return count;
}

static void step(const char *to)
{
    char body[96];
    (void)snprintf(body, sizeof(body), "{\"to\":\"%s\"}", to);
    CHECK_EQ(call("POST", "/api/v1/clock/step", body), 200);
}

static void both_can_be_seen_beforehand(void)
{
    CHECK_EQ(call("GET", "/api/v1/reports/brief", NULL), 200);
    CHECK(has("{\"date\":\"2026-03-02\",\"at\":\"2026-03-02T08:20:00+08:00\",\"sent\":true"));
    CHECK(has("\"person\":\"supervision-head\"") && has("\"overdue\":1") && has("关于用水的函"));
    CHECK(has("\"lines\":[\"") && has("在办超期1件"));
    CHECK_EQ(call("GET", "/api/v1/reports/brief?lang=en", NULL), 200);
    CHECK(has("1 overdue, "));
    CHECK_EQ(call("GET", "/api/v1/reports/week?unit=unit-a", NULL), 200);
    CHECK(has("\"person\":\"unit-a-head\"") && has("超期和7日内到期1件"));
    CHECK_EQ(call("GET", "/api/v1/reports/week?unit=unit-b", NULL), 200);
    CHECK(has("\"people\":[]"));
    CHECK_EQ(call("GET", "/api/v1/reports/brief?date=tomorrow", NULL), 400);
    CHECK_EQ(call("GET", "/api/v1/reports/brief?date=2026-03-09", NULL), 200);
    CHECK(has("\"date\":\"2026-03-09\""));
}

/* The whole message of that notice and person, once. */
static void each_goes_out_once_at_its_time(void)
{
    step("2026-03-02T08:19:00+08:00");
    CHECK_EQ(call("GET", "/api/v1/messages?person=supervision-head", NULL), 200);
    CHECK_EQ(count_of("\"notice\":\"brief\""), 0);
    step("2026-03-02T08:20:00+08:00");
    step("2026-03-02T08:45:00+08:00");
    CHECK_EQ(call("GET", "/api/v1/messages?person=supervision-head", NULL), 200);
    CHECK_EQ(count_of("\"notice\":\"brief\""), 1);
    CHECK(has("督查简报：在办超期1件"));
    CHECK_EQ(call("GET", "/api/v1/messages?person=unit-a-head", NULL), 200);
    CHECK_EQ(count_of("\"notice\":\"weekly\""), 1);
    CHECK(has("本周清单：超期和7日内到期1件"));
}

static void the_next_working_day_has_a_brief_and_no_list(void)
{
    step("2026-03-03T09:00:00+08:00");
    CHECK_EQ(call("GET", "/api/v1/messages?person=supervision-head", NULL), 200);
    CHECK_EQ(count_of("\"notice\":\"brief\""), 2);
    CHECK_EQ(call("GET", "/api/v1/messages?person=unit-a-head", NULL), 200);
    CHECK_EQ(count_of("\"notice\":\"weekly\""), 1);
}

int main(void)
{
    const struct console_rig_options options = {.with_roles = true, .stepped = true, .brief = true};
    if (!console_rig_start(&rig, &options)) {
        return check_done();
    }
    CHECK_EQ(
        call(
            "POST", "/api/v1/events",
            "{\"specversion\":\"1.0\",\"id\":\"e-1\",\"source\":\"/oa\",\"type\":\"case.received\","
            "\"subject\":\"C-1\",\"time\":\"2026-02-02T09:00:00+08:00\",\"data\":{\"title\":"
            "\"关于用水的函\",\"matter\":\"m01.1\",\"unit\":\"unit-a\",\"handler\":\"unit-a-1\"}}"),
        202);
    step("2026-03-02T08:00:00+08:00");
    CHECK_RUN(both_can_be_seen_beforehand);
    CHECK_RUN(each_goes_out_once_at_its_time);
    CHECK_RUN(the_next_working_day_has_a_brief_and_no_list);
    CHECK_EQ(console_rig_stop(&rig), 0);
    free(kept);
    return check_done();
}
