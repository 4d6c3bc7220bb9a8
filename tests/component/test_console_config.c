/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changing the configuration through the console's socket: files in, versions out, what lies
 * between them, going back, drafts with the approval of a second person, and what is refused.
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
    check_note("looking for %s in %.600s", part, kept ? kept : "(nothing)");
    return kept && strstr(kept, part) != NULL;
}

static int call(const char *method, const char *path, const char *body)
{
    free(kept);
    const int status = console_rig_call(&rig, method, path, body, &kept);
    check_note("%s %s -> %d %.300s", method, path, status, kept);
    return status;
}

#define RULES(limit)                                                                               \
    "{\\\"id\\\":\\\"r\\\",\\\"version\\\":\\\"1\\\",\\\"clocks\\\":[{\\\"id\\\":\\\"reply\\\","   \
    "\\\"limit\\\":\\\"" limit                                                                     \
    "\\\",\\\"stages\\\":[{\\\"id\\\":\\\"s\\\",\\\"at\\\":\\\"due+0\\\","                         \
    "\\\"light\\\":\\\"red\\\",\\\"notify\\\":[\\\"handler\\\"]}]}]}"
#define FILES(limit) "\"files\":[{\"name\":\"rules/r.json\",\"text\":\"" RULES(limit) "\"}]"
#define BY           "\"by\":\"li\",\"note\":\"as decided\""

/* ---- applying ---- */

static void what_is_in_force_is_shown_as_files_without_addresses(void)
{
    CHECK_EQ(call("GET", "/api/v1/config?after=0:0-0", NULL), 200);
    CHECK(has("\"version\":1,\"at\":\"2026-03-02T08:00:00+08:00\""));
    CHECK(has("\"name\":\"rules/dongyang.json\"") && has("\"name\":\"directory.json\""));
    CHECK(has("\"note\":\"first start\""));
    CHECK(has("\\\"sealed\\\": \\\"intl:") || has("\\\"sealed\\\":\\\"intl:"));
    CHECK(!strstr(kept, "199000000"));
    CHECK_EQ(call("GET", "/api/v1/calendars", NULL), 200);
    CHECK(has("calendars/cn.json") && !strstr(kept, "rules/dongyang.json"));
    CHECK_EQ(call("GET", "/api/v1/colours", NULL), 404);
}

static void new_rules_become_the_next_version_and_say_what_they_mean(void)
{
    CHECK_EQ(call("PUT", "/api/v1/rules", "{" FILES("5wd") "," BY "}"), 200);
    CHECK(has("\"version\":2,\"applied\":true") && has("\"findings\":["));
    CHECK_EQ(call("PUT", "/api/v1/rules", "{" FILES("3wd") "," BY ",\"dry_run\":true}"), 200);
    CHECK(has("\"version\":2,\"applied\":false"));
    CHECK(has("limit of clock reply: 5wd -> 3wd"));
    CHECK_EQ(call("PUT", "/api/v1/rules", "{" FILES("3wd") "," BY ",\"base_version\":2}"), 200);
    CHECK(has("\"version\":3,\"applied\":true") && has("limit of clock reply: 5wd -> 3wd"));
    CHECK_EQ(call("PUT", "/api/v1/rules", "{" FILES("3wd") "," BY "}"), 200);
    CHECK(has("\"version\":3,\"applied\":false"));
    CHECK_EQ(call("GET", "/api/v1/rules", NULL), 200);
    CHECK(has("\"version\":3") && has("3wd") && has("\"files\":[{\"name\":\"rules/r.json\""));
    CHECK_EQ(call("GET", "/api/v1/directory", NULL), 200);
    CHECK(has("unit-a-head")); /* the others stayed */
}

static void a_mistake_is_told_with_its_place_and_changes_nothing(void)
{
    CHECK_EQ(call("PUT", "/api/v1/rules", "{" FILES("3xd") "," BY "}"), 422);
    CHECK(has("\"severity\":\"error\"") && has("\"file\":\"rules/r.json\""));
    CHECK(has("\"line\":1,\"column\":") && has("\"path\":\"clocks[0].limit\""));
    CHECK(has("urn:nrt:problem:configuration"));
    CHECK_EQ(call("PUT", "/api/v1/rules", "{" FILES("3xd") "," BY ",\"dry_run\":true}"), 422);
    CHECK_EQ(call("PUT", "/api/v1/matters", "{" FILES("3wd") "," BY "}"), 422);
    CHECK(has("only files of the kind \\\"matters\\\" are taken here"));
    CHECK_EQ(call("PUT", "/api/v1/rules", "{" FILES("2wd") "}"), 400);
    CHECK(has("by: missing"));
    CHECK_EQ(call("PUT", "/api/v1/rules", "{" BY "}"), 400);
    CHECK_EQ(call("PUT", "/api/v1/rules", "{" BY ",\"files\":[{\"name\":7}]}"), 400);
    CHECK_EQ(call("PUT", "/api/v1/rules", "[]"), 400);
    CHECK_EQ(call("PUT", "/api/v1/rules", "{"), 400);
    CHECK_EQ(call("PUT", "/api/v1/rules", "{" FILES("2wd") "," BY ",\"base_version\":1}"), 409);
    CHECK(has("\"version\":3"));
    CHECK_EQ(call("GET", "/api/v1/config", NULL), 200);
    CHECK(has("\"version\":3"));
}

/* A misspelt wish to look only must not apply; neither must a folder that is not there. */
static void what_is_not_understood_is_not_applied(void)
{
    CHECK_EQ(call("PUT", "/api/v1/rules", "{" FILES("2wd") "," BY ",\"dryrun\":true}"), 400);
    CHECK(has("unknown member \\\"dryrun\\\"") && has("dry_run"));
    CHECK_EQ(call("PUT", "/api/v1/rules", "{" FILES("2wd") "," BY ",\"dry_run\":\"true\"}"), 400);
    CHECK_EQ(call("PUT", "/api/v1/rules", "{" FILES("2wd") "," BY ",\"dry_run\":1}"), 400);
    CHECK_EQ(call("PUT", "/api/v1/config", "{\"files\":[]," BY "}"), 400);
    CHECK(has("files: none"));
    CHECK_EQ(call("POST", "/api/v1/drafts", "{\"files\":[]," BY "}"), 400);
    CHECK_EQ(call("POST", "/api/v1/drafts", "{" FILES("2wd") "," BY ",\"apply\":1}"), 400);
    CHECK_EQ(call("POST", "/api/v1/config/rollback", "{\"to\":2,\"dry_run\":true," BY "}"), 400);
    CHECK_EQ(call("GET", "/api/v1/config", NULL), 200);
    CHECK(has("\"version\":3"));
}

static void versions_are_listed_with_who_and_why(void)
{
    CHECK_EQ(call("GET", "/api/v1/rules/versions?after=0:0-0&limit=2", NULL), 200);
    CHECK(has("{\"items\":[{\"version\":3,") && has("\"by\":\"li\",\"note\":\"as decided\""));
    CHECK(has("\"from\":null,\"replans\":[]") && has("\"next\":\"2~\""));
    CHECK_EQ(call("GET", "/api/v1/config/versions?cursor=2~", NULL), 200);
    CHECK(has("{\"items\":[{\"version\":1,") && has("\"next\":null"));
    CHECK_EQ(call("GET", "/api/v1/config/versions/2", NULL), 200);
    CHECK(has("\"version\":2") && has("5wd"));
    CHECK_EQ(call("GET", "/api/v1/config/versions/99", NULL), 404);
    CHECK_EQ(call("GET", "/api/v1/config/versions/x", NULL), 400);
    CHECK_EQ(call("GET", "/api/v1/config/diff?from=2&to=3", NULL), 200);
    CHECK(has("limit of clock reply: 5wd -> 3wd"));
    CHECK_EQ(call("GET", "/api/v1/config/diff?from=3", NULL), 200);
    CHECK(has("\"changes\":[]"));
}

static void going_back_makes_a_new_version_that_says_what_the_old_one_said(void)
{
    CHECK_EQ(call("POST", "/api/v1/rules/rollback", "{\"to\":2," BY "}"), 200);
    CHECK(has("\"version\":4,\"applied\":true") && has("3wd -> 5wd"));
    CHECK_EQ(call("GET", "/api/v1/config/diff?from=2&to=4", NULL), 200);
    CHECK(has("\"changes\":[]"));
    CHECK_EQ(call("GET", "/api/v1/config/versions?after=0:0-0", NULL), 200);
    CHECK(has("\"from\":{\"rollback\":2}"));
    CHECK_EQ(call("POST", "/api/v1/config/rollback", "{\"to\":1," BY "}"), 200);
    CHECK_EQ(call("GET", "/api/v1/config/diff?from=1&to=5", NULL), 200);
    CHECK(has("\"changes\":[]"));
    CHECK_EQ(call("POST", "/api/v1/config/rollback", "{\"to\":99," BY "}"), 404);
    CHECK_EQ(call("POST", "/api/v1/config/rollback", "{" BY "}"), 400);
}

/* Taken out, and put in again as it came: nothing has changed, no number was lost. */
static void what_was_taken_out_can_be_put_in_again(void)
{
    struct json_doc *doc = NULL;
    struct buf body;
    struct json_out out;
    CHECK_EQ(call("GET", "/api/v1/config", NULL), 200);
    CHECK_EQ(json_parse(text_of(kept), &json_limits_config, &doc, NULL), ERR_OK);
    buf_init(&body, (size_t)16 << 20);
    json_out_init(&out, &body);
    json_out_open(&out, '{');
    json_out_member(&out, "by", text_of("li"));
    json_out_key(&out, "files");
    json_out_value(&out, json_get(json_root(doc), "files"));
    json_out_close(&out, '}');
    CHECK_EQ(call("PUT", "/api/v1/config", body.ptr), 200);
    CHECK(has("\"version\":5,\"applied\":false") && has("\"changes\":[]"));
    buf_release(&body);
    json_free(doc);
}

/* ---- drafts ---- */

static void a_draft_is_made_looked_at_and_applied(void)
{
    CHECK_EQ(call("POST", "/api/v1/drafts", "{\"kind\":\"rules\"," FILES("7wd") "," BY "}"), 201);
    CHECK(has("{\"draft\":\"d1\",\"state\":\"drafted\""));
    CHECK_EQ(call("GET", "/api/v1/drafts/d1", NULL), 200);
    CHECK(has("\"base_version\":5") && has("7wd") && has("directory.json"));
    CHECK_EQ(call("GET", "/api/v1/config/diff?to=draft:d1", NULL), 200);
    CHECK(has("\"from\":5") && has("7wd"));
    CHECK_EQ(call("GET", "/api/v1/config/diff?to=draft:d9", NULL), 404);
    CHECK_EQ(call("POST", "/api/v1/drafts/d1/apply", "{}"), 200);
    CHECK(has("{\"draft\":\"d1\",\"state\":\"applied\",\"version\":6"));
    CHECK_EQ(call("POST", "/api/v1/drafts/d1/apply", "{}"), 409);
    CHECK_EQ(call("GET", "/api/v1/config/versions", NULL), 200);
    CHECK(has("\"from\":{\"draft\":\"d1\"}"));
    CHECK_EQ(call("POST", "/api/v1/drafts", "{\"kind\":\"rules\"," FILES("7xd") "," BY "}"), 422);
    CHECK_EQ(call("POST", "/api/v1/drafts", "{\"kind\":\"paint\"," FILES("7wd") "," BY "}"), 400);
}

static void a_draft_whose_base_has_moved_is_stale(void)
{
    CHECK_EQ(call("POST", "/api/v1/drafts", "{\"kind\":\"rules\"," FILES("8wd") "," BY "}"), 201);
    CHECK_EQ(call("PUT", "/api/v1/rules", "{" FILES("4wd") "," BY "}"), 200);
    CHECK_EQ(call("POST", "/api/v1/drafts/d2/apply", "{}"), 409);
    CHECK_EQ(call("GET", "/api/v1/drafts?state=stale", NULL), 200);
    CHECK(has("\"id\":\"d2\"") && has("\"state\":\"stale\""));
    CHECK_EQ(call("POST", "/api/v1/drafts", "{\"kind\":\"rules\"," FILES("9wd") "," BY "}"), 201);
    CHECK_EQ(call("POST", "/api/v1/drafts/d3/withdraw", "{\"by\":\"li\",\"note\":\"no\"}"), 200);
    CHECK_EQ(call("POST", "/api/v1/drafts/d3/apply", "{}"), 409);
    CHECK_EQ(call("POST", "/api/v1/drafts/d3/withdraw", "{}"), 409);
    CHECK_EQ(call("POST", "/api/v1/drafts/d9/withdraw", "{}"), 404);
}

static void an_approved_draft_is_applied_at_its_time(void)
{
    CHECK_EQ(call("POST", "/api/v1/drafts", "{\"kind\":\"rules\"," FILES("9wd") "," BY "}"), 201);
    CHECK_EQ(
        call(
            "POST", "/api/v1/drafts/d4/approve",
            "{\"by\":\"wang\",\"apply_at\":\"2026-03-03T00:00:00+08:00\"}"),
        200);
    CHECK(has("\"state\":\"approved\""));
    CHECK_EQ(call("POST", "/api/v1/clock/step", "{\"to\":\"2026-03-02T23:59:59+08:00\"}"), 200);
    CHECK_EQ(call("GET", "/api/v1/rules", NULL), 200);
    CHECK(has("\"version\":7"));
    CHECK_EQ(call("POST", "/api/v1/clock/step", "{\"to\":\"2026-03-04T08:00:00+08:00\"}"), 200);
    CHECK_EQ(call("GET", "/api/v1/rules", NULL), 200);
    CHECK(has("\"version\":8,\"at\":\"2026-03-03T00:00:00+08:00\"") && has("9wd"));
    CHECK_EQ(call("GET", "/api/v1/drafts/d4", NULL), 200);
    CHECK(has("\"state\":\"applied\"") && has("\"approved_by\":\"wang\""));
    CHECK(has("\"version\":8"));
    CHECK_EQ(call("GET", "/api/v1/audit?action=draft.apply&object=d4", NULL), 200);
    CHECK(has("\"phase\":\"once\"") && has("\"detail\":\"version 8\""));
}

/* ---- where a second person must approve ---- */

static void without_approval_nothing_is_applied(void)
{
    CHECK_EQ(call("PUT", "/api/v1/rules", "{" FILES("3wd") "," BY "}"), 409);
    CHECK(has("changes.approval"));
    CHECK_EQ(call("POST", "/api/v1/rules/rollback", "{\"to\":1," BY "}"), 409);
    CHECK_EQ(call("POST", "/api/v1/drafts", "{\"kind\":\"rules\"," FILES("3wd") "," BY "}"), 201);
    CHECK_EQ(call("POST", "/api/v1/drafts/d1/apply", "{}"), 409);
    CHECK_EQ(call("POST", "/api/v1/drafts/d1/approve", "{\"by\":\"li\"}"), 409);
    CHECK_EQ(call("POST", "/api/v1/drafts/d1/approve", "{\"by\":\"Li\"}"), 409);
    CHECK(has("somebody else"));
    CHECK_EQ(call("POST", "/api/v1/drafts/d1/approve", "{}"), 400);
    CHECK_EQ(
        call("POST", "/api/v1/drafts/d1/approve", "{\"by\":\"wang\",\"apply_at\":\"soon\"}"), 400);
    CHECK_EQ(call("POST", "/api/v1/drafts/d1/approve", "{\"by\":\"wang\"}"), 200);
    CHECK_EQ(call("POST", "/api/v1/drafts/d1/apply", "{}"), 200);
    CHECK(has("\"version\":2"));
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    const struct console_rig_options stepped = {.with_roles = true, .stepped = true};
    if (console_rig_start(&rig, &stepped)) {
        CHECK_RUN(what_is_in_force_is_shown_as_files_without_addresses);
        CHECK_RUN(new_rules_become_the_next_version_and_say_what_they_mean);
        CHECK_RUN(a_mistake_is_told_with_its_place_and_changes_nothing);
        CHECK_RUN(what_is_not_understood_is_not_applied);
        CHECK_RUN(versions_are_listed_with_who_and_why);
        CHECK_RUN(going_back_makes_a_new_version_that_says_what_the_old_one_said);
        CHECK_RUN(what_was_taken_out_can_be_put_in_again);
        CHECK_RUN(a_draft_is_made_looked_at_and_applied);
        CHECK_RUN(a_draft_whose_base_has_moved_is_stale);
        CHECK_RUN(an_approved_draft_is_applied_at_its_time);
        CHECK_EQ(console_rig_stop(&rig), 0);
    }
    const struct console_rig_options strict = {
        .with_roles = true, .stepped = true, .approval = true};
    if (console_rig_start(&rig, &strict)) {
        CHECK_RUN(without_approval_nothing_is_applied);
        CHECK_EQ(console_rig_stop(&rig), 0);
    }
    free(kept);
    return check_done();
}
