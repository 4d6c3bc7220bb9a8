/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the steps of a case tell beside alerts: other systems of alerts, misses and
 * acknowledgements, and the all-clear to those who were told that it is overdue.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/must.h"
#include "config/event_json.h"
#include "monitor/step.h"
#include "tests/support/check.h"

#define TOLD_MAX 32

static struct bundle *bundle;
static const struct policy *policies[1];
static struct rulebook rulebook;
static struct arena arena;

/* One case through its steps, and the notices it made. */
struct told {
    char kind[16];
    char id[32];
    char to[128];
    char via[64];
    char case_id[32];
    char body[2048];
};

struct life {
    struct settings settings;
    char *record;
    size_t bytes;
    struct told told[TOLD_MAX];
    size_t count;
    size_t alerts;
};

static const struct webhook_settings hooks[] = {
    {.name = {"oa", 2}, .alerts = true, .misses = true, .acknowledged = true},
    {.name = {"bi", 2}, .misses = true},
};

static void life_begin(struct life *life)
{
    *life = (struct life){.record = NULL};
    settings_defaults(&life->settings);
    life->settings.all_clear = true;
    life->settings.webhooks = hooks;
    life->settings.webhook_count = 2;
}

static void life_end(struct life *life)
{
    free(life->record);
}

static struct wall_ms at(const char *text)
{
    struct wall_ms instant = {0};
    MUST(wall_parse(text, strlen(text), &instant) == ERR_OK);
    return instant;
}

static void keep_text(char *to, size_t bytes, struct text text)
{
    (void)snprintf(to, bytes, "%.*s", TEXT_ARGS(text));
}

static void join(char *to, size_t bytes, const struct json_value *list)
{
    to[0] = '\0';
    for (const struct json_value *item = json_first(list); item; item = json_next(item)) {
        const size_t used = strlen(to);
        const struct text word = json_string(item);
        (void)snprintf(to + used, bytes - used, "%s%.*s", used > 0 ? "," : "", TEXT_ARGS(word));
    }
}

static void keep(struct life *life, const struct json_value *item)
{
    const struct text kind = json_get_string(item, "notice");
    if (kind.bytes == 0) {
        life->alerts++;
        return;
    }
    MUST(life->count < TOLD_MAX);
    struct told *told = &life->told[life->count++];
    keep_text(told->kind, sizeof(told->kind), kind);
    keep_text(told->id, sizeof(told->id), json_get_string(item, "id"));
    keep_text(told->case_id, sizeof(told->case_id), json_get_string(item, "case"));
    keep_text(told->body, sizeof(told->body), json_get_string(item, "text"));
    join(told->to, sizeof(told->to), json_get(item, "to"));
    join(told->via, sizeof(told->via), json_get(item, "via"));
}

static void take(struct life *life, struct step_result *result)
{
    struct buf list;
    struct json_doc *doc = NULL;
    buf_init(&list, (size_t)1 << 20);
    buf_char(&list, '[');
    buf_text(&list, buf_view(&result->outbox));
    buf_char(&list, ']');
    if (CHECK_EQ(json_parse(buf_view(&list), &json_limits_config, &doc, NULL), ERR_OK)) {
        for (const struct json_value *item = json_first(json_root(doc)); item;
             item = json_next(item)) {
            keep(life, item);
        }
    }
    json_free(doc);
    buf_release(&list);
    if (result->changed) {
        free(life->record);
        life->record = buf_take(&result->record, &life->bytes);
    }
    step_result_release(result);
}

static struct step_context context_of(const struct life *life, const char *now)
{
    return (struct step_context){
        .rulebook = &rulebook,
        .now = at(now),
        .case_id = TEXT_LITERAL("K1"),
        .record = {.ptr = life->record, .bytes = life->bytes},
        .settings = &life->settings,
        .bundle = bundle,
    };
}

static void arrive(struct life *life, const char *now, const char *kind, const char *data)
{
    static int number;
    char json[2048];
    struct step_result result;
    struct err_why why = {{0}};
    (void)snprintf(
        json, sizeof(json),
        "{\"specversion\":\"1.0\",\"id\":\"e%d\",\"source\":\"/oa\",\"type\":\"case.%s\","
        "\"subject\":\"K1\",\"time\":\"%s\",\"data\":{%s}}",
        number++, kind, now, data);
    const struct text kept = arena_text(&arena, text_of(json));
    struct step_event event = {.position = TEXT_LITERAL("1-0"), .cloud_event = kept};
    MUST(event_read(kept, at(now), &arena, &event.event, &why) == ERR_OK);
    const struct step_context context = context_of(life, now);
    step_result_init(&result);
    CHECK_EQ(step_intake(&context, &event, 1, &result, &why), ERR_OK);
    take(life, &result);
}

static void wake(struct life *life, const char *now)
{
    struct step_result result;
    const struct step_context context = context_of(life, now);
    step_result_init(&result);
    CHECK_EQ(step_wake(&context, &result, NULL), ERR_OK);
    take(life, &result);
}

#define RECEIVED                                                                                   \
    "\"title\":\"关于用地的函\",\"matter\":\"m01.1\","                                       \
    "\"unit\":\"d06\",\"handler\":\"d06-h1\",\"from_unit\":\"d02\",\"labels\":{\"kind\":"          \
    "\"letter\"}"
#define BEGAN   "2019-04-02T10:00:00+08:00"
#define WARNED  "2019-04-08T00:00:00+08:00"
#define DUE     "2019-04-10T17:30:00+08:00"
#define MISSED  "2019-04-10T17:30:00.001+08:00"
#define SETTLED "2019-04-11T09:00:00+08:00"

/* How many notices of the kind (and type, of hooks) to that receiver there are. */
static size_t count_of(const struct life *life, const char *kind, const char *to, const char *type)
{
    size_t count = 0;
    for (size_t i = 0; i < life->count; i++) {
        const struct told *told = &life->told[i];
        count += strcmp(told->kind, kind) == 0 && (!to || strcmp(told->to, to) == 0) &&
                         (!type || strstr(told->body, type))
                     ? 1
                     : 0;
    }
    return count;
}

static const struct told *find(const struct life *life, const char *kind, const char *type)
{
    for (size_t i = 0; i < life->count; i++) {
        if (strcmp(life->told[i].kind, kind) == 0 && strstr(life->told[i].body, type)) {
            return &life->told[i];
        }
    }
    CHECK(!"there is such a notice");
    return &life->told[0];
}

static void live_until_overdue(struct life *life)
{
    life_begin(life);
    arrive(life, BEGAN, "received", RECEIVED);
    wake(life, WARNED);
    wake(life, DUE); /* a stop at this instant would still be in time */
    wake(life, MISSED);
}

static void a_fired_alert_and_a_miss_are_told_to_whoever_wants_them(void)
{
    struct life life;
    live_until_overdue(&life);
    CHECK_EQ(life.alerts, 2);
    CHECK_EQ(count_of(&life, "hook", "hook:oa", "\"type\":\"alert.fired\""), 2);
    CHECK_EQ(count_of(&life, "hook", "hook:bi", "alert.fired"), 0);
    CHECK_EQ(count_of(&life, "hook", "hook:bi", "\"type\":\"clock.missed\""), 1);
    const struct told *fired = find(&life, "hook", "\"stage\":\"overdue\"");
    CHECK_STR(fired->via, "oa");
    CHECK(strstr(fired->body, "\"timestamp\":\"2019-04-10T17:30:00+08:00\""));
    CHECK(strstr(fired->body, "\"case\":\"K1\",\"title\":\"关于用地的函\""));
    CHECK(strstr(fired->body, "\"to\":[\"d06-head\"]"));
    const struct told *missed = find(&life, "hook", "clock.missed");
    CHECK(strstr(missed->body, "\"due\":\"2019-04-10T17:30:00+08:00\""));
    CHECK(strstr(missed->body, "\"unit_at_due\":\"d06\""));
    life_end(&life);
}

static void a_miss_that_is_told_again_has_the_same_id(void)
{
    struct life life;
    live_until_overdue(&life);
    wake(&life, "2019-04-10T17:30:30+08:00");
    CHECK_GE(count_of(&life, "hook", "hook:bi", "clock.missed"), 2);
    const struct told *first = find(&life, "hook", "clock.missed");
    for (size_t i = 0; i < life.count; i++) {
        if (strcmp(life.told[i].to, first->to) == 0 && strstr(life.told[i].body, "clock.missed")) {
            CHECK_STR(life.told[i].id, first->id);
        }
    }
    const size_t before = count_of(&life, "hook", "hook:bi", "clock.missed");
    arrive(&life, "2019-04-10T18:00:00+08:00", "assigned", "\"unit\":\"d06\",\"handler\":\"\"");
    const size_t after = count_of(&life, "hook", "hook:bi", "clock.missed");
    wake(&life, "2019-04-10T19:00:00+08:00"); /* the case remembers something later */
    CHECK_EQ(count_of(&life, "hook", "hook:bi", "clock.missed"), after);
    CHECK_GE(before + 1, after);
    life_end(&life);
}

static void an_event_that_comes_before_the_wake_tells_the_miss(void)
{
    struct life life;
    life_begin(&life);
    arrive(&life, BEGAN, "received", RECEIVED);
    arrive(
        &life, "2019-04-10T17:31:00+08:00", "assigned", "\"unit\":\"d06\",\"handler\":\"d06-h1\"");
    CHECK_EQ(count_of(&life, "hook", "hook:bi", "clock.missed"), 1);
    life_end(&life);
}

static void an_old_case_imported_today_tells_no_miss(void)
{
    struct life life;
    life_begin(&life);
    arrive(&life, BEGAN, "received", RECEIVED);
    life_end(&life);
    life_begin(&life);
    struct step_context context = context_of(&life, "2019-06-01T09:00:00+08:00");
    char json[] =
        "{\"specversion\":\"1.0\",\"id\":\"old\",\"source\":\"/oa\",\"type\":"
        "\"case.received\",\"subject\":\"K1\",\"time\":\"" BEGAN "\",\"data\":{" RECEIVED "}}";
    struct step_event event = {.position = TEXT_LITERAL("1-0"), .cloud_event = text_of(json)};
    struct step_result result;
    MUST(event_read(text_of(json), context.now, &arena, &event.event, NULL) == ERR_OK);
    step_result_init(&result);
    CHECK_EQ(step_intake(&context, &event, 1, &result, NULL), ERR_OK);
    take(&life, &result);
    wake(&life, "2019-06-01T09:00:00+08:00");
    CHECK_EQ(count_of(&life, "hook", NULL, "clock.missed"), 0);
    life_end(&life);
}

static void an_acknowledgement_is_told_once(void)
{
    struct life life;
    live_until_overdue(&life);
    arrive(
        &life, "2019-04-10T18:00:00+08:00", "acknowledged",
        "\"by\":\"d06-head\",\"clock\":\"reply-within-a-week\",\"stage\":\"overdue\",\"via\":"
        "\"link\"");
    CHECK_EQ(count_of(&life, "hook", "hook:oa", "\"type\":\"alert.acknowledged\""), 1);
    const struct told *told = find(&life, "hook", "alert.acknowledged");
    CHECK(strstr(told->body, "\"by\":\"d06-head\""));
    CHECK(strstr(told->body, "\"via\":\"link\""));
    life_end(&life);
}

static void who_was_told_of_the_overdue_case_is_told_that_it_is_settled(void)
{
    struct life life;
    live_until_overdue(&life);
    CHECK_EQ(count_of(&life, "cleared", NULL, NULL), 0);
    arrive(&life, SETTLED, "completed", "\"result\":\"办结\"");
    CHECK_EQ(count_of(&life, "cleared", "d06-head", NULL), 1);
    const struct told *told = find(&life, "cleared", "");
    CHECK_STR(told->case_id, "K1");
    arrive(&life, "2019-04-12T09:00:00+08:00", "rated", "\"score\":5");
    arrive(&life, "2019-04-12T10:00:00+08:00", "struck_off", "\"by\":\"d01-h1\"");
    CHECK_EQ(count_of(&life, "cleared", NULL, NULL), 1);
    life_end(&life);
}

static void an_overdue_alert_nobody_has_heard_yet_needs_no_all_clear(void)
{
    struct life life;
    live_until_overdue(&life); /* after closing: its message waits for the morning */
    arrive(&life, "2019-04-10T20:00:00+08:00", "completed", "\"result\":\"办结\"");
    CHECK_EQ(count_of(&life, "cleared", NULL, NULL), 0);
    life_end(&life);
}

static void a_case_settled_in_time_is_no_all_clear(void)
{
    struct life life;
    life_begin(&life);
    arrive(&life, BEGAN, "received", RECEIVED);
    wake(&life, WARNED);
    arrive(&life, "2019-04-09T09:00:00+08:00", "completed", "\"result\":\"办结\"");
    CHECK_EQ(count_of(&life, "cleared", NULL, NULL), 0);
    life_end(&life);
}

static void a_case_that_comes_back_and_is_overdue_again_is_cleared_again(void)
{
    struct life life;
    live_until_overdue(&life);
    arrive(&life, SETTLED, "completed", "\"result\":\"办结\"");
    arrive(&life, "2019-04-12T09:00:00+08:00", "reopened", "\"reason\":\"x\"");
    wake(&life, "2019-04-18T00:00:00+08:00");
    wake(&life, "2019-04-22T00:00:00+08:00");
    arrive(&life, "2019-04-22T10:00:00+08:00", "completed", "\"result\":\"办结\"");
    CHECK_EQ(count_of(&life, "cleared", NULL, NULL), 2);
    CHECK(strcmp(life.told[life.count - 1].id, find(&life, "cleared", "")->id) != 0);
    life_end(&life);
}

static void without_the_settings_nothing_is_told(void)
{
    struct life life;
    life_begin(&life);
    life.settings.all_clear = false;
    life.settings.webhook_count = 0;
    arrive(&life, BEGAN, "received", RECEIVED);
    wake(&life, WARNED);
    wake(&life, DUE);
    wake(&life, MISSED);
    arrive(&life, SETTLED, "completed", "\"result\":\"办结\"");
    CHECK_EQ(life.alerts, 2);
    CHECK_EQ(life.count, 0);
    life_end(&life);
}

static void load_bundle(void)
{
    const char *source = getenv("NRT_SOURCE_DIR");
    const char *names[3] = {"rules-dongyang.json", "calendar-cn.json", "directory.json"};
    char paths[3][512];
    struct report report;
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(
            paths[i], sizeof(paths[i]), "%s/tests/data/%s", source ? source : ".", names[i]);
    }
    report_init(&report);
    bundle = bundle_load_files(&(struct bundle_files){paths[0], paths[1], paths[2]}, &report);
    report_release(&report);
    MUST(bundle);
    policies[0] = &bundle->policy;
    rulebook = (struct rulebook){.policies = policies, .policy_count = 1};
}

int main(void)
{
    arena_init(&arena, 0);
    load_bundle();
    CHECK_RUN(a_fired_alert_and_a_miss_are_told_to_whoever_wants_them);
    CHECK_RUN(a_miss_that_is_told_again_has_the_same_id);
    CHECK_RUN(an_event_that_comes_before_the_wake_tells_the_miss);
    CHECK_RUN(an_old_case_imported_today_tells_no_miss);
    CHECK_RUN(an_acknowledgement_is_told_once);
    CHECK_RUN(who_was_told_of_the_overdue_case_is_told_that_it_is_settled);
    CHECK_RUN(an_overdue_alert_nobody_has_heard_yet_needs_no_all_clear);
    CHECK_RUN(a_case_settled_in_time_is_no_all_clear);
    CHECK_RUN(a_case_that_comes_back_and_is_overdue_again_is_cleared_again);
    CHECK_RUN(without_the_settings_nothing_is_told);
    bundle_free(bundle);
    arena_release(&arena);
    return check_done();
}
