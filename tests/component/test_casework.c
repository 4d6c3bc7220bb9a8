/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The work on cases through the console: registering, acts by what a case stands at, requests for
 * more time, urging many at once, the figures of all that, the accountability list. The demo's
 * actor is judged as people are; the service's token posts what programs post.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "tests/support/check.h"
#include "tests/support/console_rig.h"

static struct console_rig rig;
static char *kept;
static struct json_doc *doc;

/* A request without a token, as a page of the demo sends it; its answer is kept as JSON. */
static int page(const char *method, const char *path, const char *body)
{
    char *bytes = NULL;
    const size_t room = strlen(path) + (body ? strlen(body) : 0) + 400;
    bytes = malloc(room);
    if (!CHECK(bytes)) {
        return 0;
    }
    (void)snprintf(
        bytes, room,
        "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%s",
        method, path, body ? strlen(body) : 0, body ? body : "");
    free(kept);
    kept = console_rig_ask(&rig, bytes, strlen(bytes));
    free(bytes);
    check_note("%s %s -> %.600s", method, path, kept ? kept : "(nothing)");
    const char *answer = kept ? strstr(kept, "\r\n\r\n") : NULL;
    json_free(doc);
    doc = NULL;
    if (answer && answer[4]) {
        CHECK_EQ(json_parse(text_of(answer + 4), &json_limits_config, &doc, NULL), ERR_OK);
    }
    return kept && strlen(kept) > 12 ? (int)strtol(kept + 9, NULL, 10) : 0;
}

static const struct json_value *member(const char *key)
{
    return json_get(json_root(doc), key);
}

static int64_t number(const struct json_value *value)
{
    int64_t number = -1;
    return json_i64(value, &number) ? -1 : number;
}

/* Steps the clock, as a program. */
static void step(const char *to)
{
    char body[96];
    (void)snprintf(body, sizeof(body), "{\"to\":\"%s\"}", to);
    CHECK_EQ(page("POST", "/api/v1/clock/step", body), 200);
}

static int act(const char *id, const char *body)
{
    char path[256];
    (void)snprintf(path, sizeof(path), "/api/v1/cases/%s/events", id);
    return page("POST", path, body);
}

/* GET with the last answer's position, so that what was posted is there. */
static int look(const char *path)
{
    char with[512];
    char position[128];
    const struct text at = json_string(member("position"));
    (void)snprintf(position, sizeof(position), "%.*s", TEXT_ARGS(at));
    (void)snprintf(
        with, sizeof(with), "%s%s%s", path,
        position[0] ? (strchr(path, '?') ? "&after=" : "?after=") : "", position);
    return page("GET", with, NULL);
}

static int show(const char *id)
{
    char path[256];
    (void)snprintf(path, sizeof(path), "/api/v1/cases/%s", id);
    return look(path);
}

static bool offers(const char *kind)
{
    const struct json_value *action = json_first(member("actions"));
    while (action && !text_is(json_get_string(action, "kind"), kind)) {
        action = json_next(action);
    }
    return action != NULL;
}

#define CASE(title) "{\"title\":\"" title "\",\"matter\":\"m01.1\",\"unit\":\"unit-a\"}"

static void register_case(const char *title, char ret_id[static 64])
{
    char body[512];
    (void)snprintf(
        body, sizeof(body), "{\"title\":\"%s\",\"matter\":\"m01.1\",\"unit\":\"unit-a\"}", title);
    CHECK_EQ(page("POST", "/api/v1/cases", body), 201);
    (void)snprintf(ret_id, 64, "%.*s", TEXT_ARGS(json_string(member("id"))));
}

/* Nothing is done to cases before the ledger has read the journal. */
static void wait_until_ready(void)
{
    for (int tries = 0; tries < 4000 && page("POST", "/api/v1/urge", "{}") == 503; tries++) {
        (void)poll(NULL, 0, 5);
    }
    CHECK_EQ(page("POST", "/api/v1/urge", "{}"), 422);
}

/* ---- registering ---- */

static void a_case_without_an_id_gets_the_next_of_the_day(void)
{
    char first[64];
    char second[64];
    register_case("关于道路的函", first);
    CHECK_STR(first, "20260302-0001");
    CHECK_EQ(show(first), 200);
    CHECK(text_is(json_string(member("title")), "关于道路的函"));
    CHECK(text_is(json_string(member("state")), "open"));
    register_case("关于桥梁的函", second);
    CHECK_STR(second, "20260302-0002");
}

/* As if another console had given the next number at the same moment. */
static void take_number(const char *id)
{
    char body[512];
    (void)snprintf(
        body, sizeof(body),
        "{\"specversion\":\"1.0\",\"id\":\"-register-%s\",\"source\":\"/nrt/console\",\"type\":"
        "\"case.noted\",\"subject\":\"%s\",\"time\":\"2026-03-02T08:00:00+08:00\",\"data\":"
        "{\"text\":\"x\",\"registration\":\"another\"}}",
        id, id);
    CHECK_EQ(page("POST", "/api/v1/events", body), 202);
    CHECK_EQ(look("/api/v1/cases?limit=1"), 200);
}

static void who_finds_a_number_taken_takes_the_next(void)
{
    char id[64];
    take_number("20260302-0003");
    register_case("关于隧道的函", id);
    CHECK_STR(id, "20260302-0004");
    CHECK_EQ(show(id), 200);
    CHECK(text_is(json_string(member("title")), "关于隧道的函"));
}

static void an_id_is_taken_once(void)
{
    CHECK_EQ(
        page(
            "POST", "/api/v1/cases",
            "{\"id\":\"A-1\",\"title\":\"甲\",\"matter\":\"m01.1\",\"unit\":\"unit-a\"}"),
        201);
    CHECK_EQ(
        page(
            "POST", "/api/v1/cases",
            "{\"id\":\"A-1\",\"title\":\"乙\",\"matter\":\"m01.1\",\"unit\":\"unit-a\"}"),
        422);
    CHECK(strstr(kept, "\"field\":\"id\"") != NULL);
}

static void what_is_filled_in_wrongly_is_told_beside_its_field(void)
{
    CHECK_EQ(
        page(
            "POST", "/api/v1/cases",
            "{\"title\":\"\",\"matter\":\"m01.1\",\"unit\":\"nowhere\",\"due\":\"2026-03-01\","
            "\"received\":\"2027-01-01T00:00:00+08:00\"}"),
        422);
    static const char *const fields[] = {"title", "unit", "due", "received"};
    const struct json_value *error = json_first(member("errors"));
    for (size_t index = 0; index < 4; index++) {
        CHECK(text_is(json_get_string(error, "field"), fields[index]));
        error = json_next(error);
    }
}

static void a_case_that_no_address_would_lead_to_is_not_registered(void)
{
    static const char *const ids[] = {".", "..", "a/b", "a?b", "\\\\"};
    for (size_t index = 0; index < sizeof(ids) / sizeof(ids[0]); index++) {
        char body[256];
        (void)snprintf(
            body, sizeof(body),
            "{\"id\":\"%s\",\"title\":\"x\",\"matter\":\"m01.1\",\"unit\":\"unit-a\"}", ids[index]);
        CHECK_EQ(page("POST", "/api/v1/cases", body), 422);
    }
}

static void an_import_is_all_or_nothing(void)
{
    static const char rows[] =
        "{\"rows\":[" CASE("一") "," CASE("二") ",{\"title\":\"三\",\"matter\":\"m01.1\","
                                                "\"unit\":\"unit-a\",\"handler\":\"nobody\"}]%s}";
    char body[1024];
    (void)snprintf(body, sizeof(body), rows, ",\"dry_run\":true");
    CHECK_EQ(page("POST", "/api/v1/cases/import", body), 200);
    const struct json_value *result = json_first(member("results"));
    CHECK(json_is_true(json_get(result, "ok")));
    CHECK(!json_is_true(json_get(json_next(json_next(result)), "ok")));
    (void)snprintf(body, sizeof(body), rows, "");
    CHECK_EQ(page("POST", "/api/v1/cases/import", body), 422);
    CHECK_EQ(page("GET", "/api/v1/cases?limit=100", NULL), 200);
    const size_t before = json_count(member("items"));
    (void)snprintf(body, sizeof(body), rows, ",\"partial\":true");
    CHECK_EQ(page("POST", "/api/v1/cases/import", body), 201);
    CHECK_EQ(look("/api/v1/cases?limit=100"), 200);
    CHECK_EQ(json_count(member("items")), before + 2);
}

/* ---- acts ---- */

static void what_a_case_stands_at_decides_what_can_be_done(void)
{
    char id[64];
    register_case("状态", id);
    CHECK_EQ(show(id), 200);
    CHECK(offers("answered") && offers("suspended") && !offers("resumed") && !offers("reopened"));
    CHECK_EQ(act(id, "{\"kind\":\"resumed\"}"), 409);
    CHECK(strstr(kept, "办件没有挂起") != NULL);
    CHECK_EQ(act(id, "{\"kind\":\"suspended\",\"data\":{\"approved_by\":\"x\"}}"), 422);
    CHECK(strstr(kept, "\"field\":\"reason\"") != NULL);
    CHECK_EQ(
        act(id, "{\"kind\":\"suspended\",\"data\":{\"reason\":\"听证\",\"approved_by\":\"x\"}}"),
        202);
    CHECK_EQ(show(id), 200);
    CHECK(offers("resumed") && !offers("suspended"));
    CHECK_EQ(act(id, "{\"kind\":\"resumed\"}"), 202);
    CHECK_EQ(show(id), 200);
    CHECK_EQ(act(id, "{\"kind\":\"completed\",\"data\":{\"result\":\"办好了\"}}"), 202);
    CHECK_EQ(show(id), 200);
    CHECK(text_is(json_string(member("state")), "completed"));
    CHECK(!offers("answered") && offers("reopened") && offers("rated"));
    CHECK_EQ(act(id, "{\"kind\":\"answered\",\"data\":{\"result\":\"又答\"}}"), 409);
    CHECK_EQ(act(id, "{\"kind\":\"rated\",\"data\":{\"score\":9}}"), 422);
    CHECK_EQ(act(id, "{\"kind\":\"received\",\"data\":{}}"), 422);
    CHECK_EQ(act("no-such-case", "{\"kind\":\"noted\",\"data\":{\"text\":\"x\"}}"), 404);
}

static void more_time_is_asked_for_once_and_before_the_due(void)
{
    static const char ask[] =
        "{\"kind\":\"extension_requested\",\"data\":{\"by\":\"3wd\",\"reason\":\"材料多\"}}";
    char id[64];
    register_case("延期", id);
    CHECK_EQ(show(id), 200);
    CHECK_EQ(json_type(member("extension")), JSON_NULL);
    CHECK_EQ(
        act(id, "{\"kind\":\"noted\",\"data\":{\"text\":\"不行\",\"refuses\":\"extension\"}}"),
        409);
    CHECK_EQ(act(id, "{\"kind\":\"extension_requested\",\"data\":{\"reason\":\"x\"}}"), 422);
    CHECK_EQ(
        act(id, "{\"kind\":\"extension_requested\",\"data\":{\"by\":\"3d\",\"reason\":\"x\"}}"),
        422);
    CHECK(strstr(kept, "no effect") != NULL);
    CHECK_EQ(act(id, ask), 202);
    CHECK_EQ(show(id), 200);
    CHECK(text_is(json_get_string(member("extension"), "state"), "open"));
    CHECK_EQ(act(id, ask), 409);
    CHECK_EQ(look("/api/v1/overview"), 200);
    const struct json_value *todo = json_first(member("todo"));
    CHECK(text_is(json_get_string(todo, "kind"), "extension"));
    CHECK_EQ(number(json_get(todo, "count")), 1);
    CHECK_EQ(
        act(id, "{\"kind\":\"noted\",\"data\":{\"text\":\"不行\",\"refuses\":\"extension\"}}"),
        202);
    CHECK_EQ(show(id), 200);
    CHECK(text_is(json_get_string(member("extension"), "state"), "refused"));
    CHECK(text_is(json_get_string(member("extension"), "decided"), "不行"));
    CHECK_EQ(act(id, ask), 202);
    CHECK_EQ(show(id), 200);
    CHECK_EQ(
        act(id, "{\"kind\":\"extended\",\"data\":{\"by\":\"3wd\",\"reason\":\"同意\","
                "\"approved_by\":\"supervision-1\"}}"),
        202);
    CHECK_EQ(show(id), 200);
    CHECK(text_is(json_get_string(member("extension"), "state"), "granted"));
}

static void many_are_urged_at_once_and_once_a_day(void)
{
    char body[512];
    char id[64];
    register_case("催办", id);
    CHECK_EQ(show(id), 200);
    (void)snprintf(
        body, sizeof(body),
        "{\"items\":[{\"case\":\"%s\",\"clock\":\"reply-within-a-week\"},{\"case\":\"nowhere\"},"
        "{\"case\":\"%s\"}],\"text\":\"请尽快\"}",
        id, id);
    CHECK_EQ(page("POST", "/api/v1/urge", body), 200);
    const struct json_value *result = json_first(member("results"));
    CHECK(json_is_true(json_get(result, "ok")));
    CHECK(!json_is_true(json_get(json_next(result), "ok")));
    CHECK(!json_is_true(json_get(json_next(json_next(result)), "ok")));
    CHECK_EQ(show(id), 200);
    CHECK_EQ(number(member("urged")), 1);
    (void)snprintf(body, sizeof(body), "{\"items\":[{\"case\":\"%s\"}],\"text\":\"再催\"}", id);
    CHECK_EQ(page("POST", "/api/v1/urge", body), 200);
    CHECK(strstr(kept, "urged today") != NULL);
    (void)snprintf(
        body, sizeof(body), "{\"items\":[{\"case\":\"%s\"}],\"text\":\"再催\",\"again\":true}", id);
    CHECK_EQ(page("POST", "/api/v1/urge", body), 200);
    CHECK_EQ(show(id), 200);
    CHECK_EQ(number(member("urged")), 2);
}

/* ---- what comes of it ---- */

static void misses_open_an_entry_and_an_outcome_closes_it(void)
{
    char path[256];
    char id[128];
    step("2026-04-01T09:00:00+08:00"); /* everything open is late by now */
    CHECK_EQ(page("GET", "/api/v1/accountability?state=open", NULL), 200);
    const struct json_value *entry = json_first(member("items"));
    if (!CHECK(entry)) {
        return;
    }
    CHECK(text_is(json_get_string(entry, "who"), "unit-a"));
    CHECK_GE(number(json_get(entry, "misses")), 3);
    CHECK_EQ(json_count(json_get(entry, "evidence")), (size_t)number(json_get(entry, "misses")));
    (void)snprintf(id, sizeof(id), "%.*s", TEXT_ARGS(json_get_string(entry, "id")));
    (void)snprintf(path, sizeof(path), "/api/v1/accountability/%s/statement", id);
    CHECK_EQ(page("POST", path, "{\"text\":\"人手不足\",\"by\":\"unit-a-head\"}"), 200);
    CHECK(text_is(json_get_string(json_first(member("statements")), "text"), "人手不足"));
    (void)snprintf(path, sizeof(path), "/api/v1/accountability/%s/outcome", id);
    CHECK_EQ(page("POST", path, "{\"kind\":\"forgotten\",\"text\":\"x\",\"by\":\"s\"}"), 422);
    CHECK_EQ(
        page("POST", path, "{\"kind\":\"interviewed\",\"text\":\"已约谈\",\"by\":\"s\"}"), 200);
    CHECK(text_is(json_string(member("state")), "closed"));
    CHECK_EQ(page("POST", path, "{\"kind\":\"excused\",\"text\":\"x\",\"by\":\"s\"}"), 409);
    CHECK_EQ(page("GET", "/api/v1/accountability?state=open", NULL), 200);
    CHECK_EQ(json_count(member("items")), 0);
    CHECK_EQ(page("GET", "/api/v1/accountability/no~such~1", NULL), 404);
}

static void a_waived_miss_is_out_of_the_figures(void)
{
    CHECK_EQ(page("GET", "/api/v1/figures/units?month=2026-03", NULL), 200);
    const struct json_value *family = json_first(member("families"));
    const int64_t missed = number(json_get(family, "missed"));
    CHECK_GE(missed, 3);
    CHECK_EQ(
        act("20260302-0001",
            "{\"kind\":\"waived\",\"data\":{\"clock\":\"reply-within-a-week\",\"reason\":\"台风\","
            "\"approved_by\":\"supervision-1\"}}"),
        202);
    CHECK_EQ(look("/api/v1/figures/months?family=reply"), 200);
    const struct json_value *month = json_first(member("months"));
    CHECK(text_is(json_get_string(month, "month"), "2026-03"));
    CHECK_EQ(number(json_get(month, "missed")), missed - 1);
    CHECK_EQ(
        act("20260302-0001",
            "{\"kind\":\"waived\",\"data\":{\"clock\":\"reply-within-a-week\",\"reason\":\"台风\","
            "\"approved_by\":\"supervision-1\"}}"),
        409);
}

static int64_t overdue_of(const char *path)
{
    CHECK_EQ(page("GET", path, NULL), 200);
    return number(json_get(member("total"), "overdue_open"));
}

static void what_is_overdue_belongs_to_the_month_of_its_due(void)
{
    const int64_t all = overdue_of("/api/v1/figures/units");
    CHECK_GE(all, 3);
    CHECK_EQ(overdue_of("/api/v1/figures/units?month=2026-03"), all);
    CHECK_EQ(overdue_of("/api/v1/figures/units?month=2026-02"), 0);
    CHECK_EQ(overdue_of("/api/v1/figures/units?from=2026-02&to=2026-12&family=reply"), all);
    CHECK_EQ(page("GET", "/api/v1/figures/months?from=2026-02&to=2026-04", NULL), 200);
    const struct json_value *month = json_first(member("months"));
    CHECK_EQ(json_count(member("months")), 3);
    CHECK_EQ(number(json_get(month, "overdue_open")), 0);
    CHECK_EQ(number(json_get(json_next(month), "overdue_open")), all);
    CHECK_EQ(page("GET", "/api/v1/figures/units?month=2026-13", NULL), 400);
    CHECK_EQ(page("GET", "/api/v1/figures/units?sort=colour", NULL), 400);
}

static void every_figure_shown_has_its_definition(void)
{
    CHECK_EQ(page("GET", "/api/v1/figures/definitions", NULL), 200);
    char ids[2048] = " ";
    for (const struct json_value *item = json_first(member("items")); item;
         item = json_next(item)) {
        (void)snprintf(
            ids + strlen(ids), sizeof(ids) - strlen(ids), "%.*s ",
            TEXT_ARGS(json_get_string(item, "id")));
    }
    CHECK_EQ(page("GET", "/api/v1/figures/units", NULL), 200);
    const struct json_value *figure = json_first(json_first(member("ranking")));
    for (; figure; figure = json_next(figure)) {
        char id[64];
        (void)snprintf(id, sizeof(id), " %.*s ", TEXT_ARGS(json_key(figure)));
        const bool is_name = strcmp(id, " unit ") == 0 || strcmp(id, " unit_name ") == 0;
        check_note("%s", id);
        CHECK(is_name || strstr(ids, id));
    }
}

int main(int argc, char **argv)
{
    const struct console_rig_options options = {.demo = true, .with_roles = true, .stepped = true};
    check_filter(argc > 1 ? argv[1] : NULL);
    if (!console_rig_start(&rig, &options)) {
        return check_done();
    }
    wait_until_ready();
    CHECK_RUN(a_case_without_an_id_gets_the_next_of_the_day);
    CHECK_RUN(who_finds_a_number_taken_takes_the_next);
    CHECK_RUN(an_id_is_taken_once);
    CHECK_RUN(what_is_filled_in_wrongly_is_told_beside_its_field);
    CHECK_RUN(a_case_that_no_address_would_lead_to_is_not_registered);
    CHECK_RUN(an_import_is_all_or_nothing);
    CHECK_RUN(what_a_case_stands_at_decides_what_can_be_done);
    CHECK_RUN(more_time_is_asked_for_once_and_before_the_due);
    CHECK_RUN(many_are_urged_at_once_and_once_a_day);
    CHECK_RUN(misses_open_an_entry_and_an_outcome_closes_it);
    CHECK_RUN(a_waived_miss_is_out_of_the_figures);
    CHECK_RUN(what_is_overdue_belongs_to_the_month_of_its_due);
    CHECK_RUN(every_figure_shown_has_its_definition);
    CHECK_EQ(console_rig_stop(&rig), 0);
    free(kept);
    json_free(doc);
    return check_done();
}
