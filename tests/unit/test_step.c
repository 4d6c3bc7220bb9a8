/* SPDX-License-Identifier: Apache-2.0 */
/* One case, one step: what intake and wake make of a record, and what they tell. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "config/event_json.h"
#include "config/policy.h"
#include "monitor/step.h"
#include "tests/support/check.h"

static struct bundle *bundle;
static const struct policy *policies[1];
static struct rulebook rulebook;
static struct arena arena;

static const char received[] =
    "{\"specversion\":\"1.0\",\"id\":\"e1\",\"source\":\"/oa\",\"type\":\"case.received\","
    "\"subject\":\"K1\",\"time\":\"2019-04-02T10:00:00+08:00\",\"data\":{\"title\":"
    "\"关于用地的函\","
    "\"matter\":\"m01.1\",\"unit\":\"d06\",\"handler\":\"d06-h1\",\"from_unit\":\"d02\","
    "\"labels\":{\"kind\":\"letter\"}}}";
static const char completed[] =
    "{\"specversion\":\"1.0\",\"id\":\"e2\",\"source\":\"/oa\",\"type\":\"case.completed\","
    "\"subject\":\"K1\",\"time\":\"2019-04-03T10:00:00+08:00\",\"data\":{\"result\":\"办结\"}}";
static const char noted[] =
    "{\"specversion\":\"1.0\",\"id\":\"e3\",\"source\":\"/oa\",\"type\":\"case.noted\","
    "\"subject\":\"K1\",\"time\":\"2019-04-03T11:00:00+08:00\",\"data\":{\"text\":\"已电话联系\"}}";

static struct wall_ms at(const char *text)
{
    struct wall_ms instant = {0};
    CHECK_EQ(wall_parse(text, strlen(text), &instant), ERR_OK);
    return instant;
}

static struct step_event step_event_of(const char *json, const char *arrived)
{
    struct step_event event = {.position = TEXT_LITERAL("7-0"), .cloud_event = text_of(json)};
    struct err_why why = {{0}};
    const enum err err = event_read(
        text_of(json), arrived ? at(arrived) : at("2019-04-02T10:00:00+08:00"), &arena,
        &event.event, &why);
    check_note("%s", why.text);
    CHECK_EQ(err, ERR_OK);
    return event;
}

static struct step_context context_at(const char *now, struct text record)
{
    return (struct step_context){
        .rulebook = &rulebook,
        .partition = 2,
        .now = at(now),
        .case_id = TEXT_LITERAL("K1"),
        .record = record};
}

static void intake(
    const char *now, struct text record, const char *json, struct step_result *result)
{
    const struct step_context context = context_at(now, record);
    const struct step_event event = step_event_of(json, now);
    struct err_why why = {{0}};
    step_result_init(result);
    const enum err err = step_intake(&context, &event, 1, result, &why);
    check_note("%s", why.text);
    CHECK_EQ(err, ERR_OK);
}

/* The facts as one parsed array; the caller frees. */
static struct json_doc *parse_list(struct text parts)
{
    struct buf list;
    buf_init(&list, 1 << 20);
    buf_char(&list, '[');
    buf_text(&list, parts);
    buf_char(&list, ']');
    struct json_doc *doc = NULL;
    struct err_why why = {{0}};
    const enum err err = json_parse(buf_view(&list), &json_limits_config, &doc, &why);
    check_note("%s: %s", why.text, list.ptr);
    CHECK_EQ(err, ERR_OK);
    buf_release(&list);
    return doc;
}

static const struct json_value *fact_of_kind(const struct json_doc *doc, const char *kind)
{
    const struct json_value *fact = json_first(json_root(doc));
    while (fact && !text_is(json_get_string(fact, "k"), kind)) {
        fact = json_next(fact);
    }
    return fact;
}

static void a_new_case_gets_a_record_a_timer_and_both_facts(void)
{
    struct step_result result;
    intake("2019-04-02T10:00:00+08:00", (struct text){0}, received, &result);
    CHECK(result.changed);
    CHECK(result.has_wake);
    /* 5d@24:00 of 2019-04-02 is the midnight after 2019-04-07. */
    CHECK_EQ(result.wake.ms, at("2019-04-08T00:00:00+08:00").ms);
    CHECK_EQ(result.applied_count, 1);
    CHECK_EQ(result.outbox.bytes, 0);
    struct json_doc *doc = parse_list(buf_view(&result.facts));
    const struct json_value *event = fact_of_kind(doc, "event");
    CHECK(text_is(json_get_string(event, "verdict"), "applied"));
    CHECK(text_is(json_get_string(event, "pos"), "7-0"));
    CHECK_EQ((int64_t)json_number(json_get(event, "p")), 2);
    CHECK(text_is(json_get_string(json_get(event, "ce"), "subject"), "K1"));
    const struct json_value *state = fact_of_kind(doc, "case");
    CHECK(text_is(json_get_string(state, "state"), "open"));
    CHECK(text_is(json_get_string(json_get(state, "labels"), "kind"), "letter"));
    const struct json_value *run = json_first(json_get(state, "runs"));
    CHECK(text_is(json_get_string(run, "clock"), "reply-within-a-week"));
    CHECK_EQ((int64_t)json_number(json_get(run, "due")), at("2019-04-10T17:30:00+08:00").ms);
    json_free(doc);
    step_result_release(&result);
}

static void a_repeated_event_changes_nothing_and_is_told(void)
{
    struct step_result first;
    intake("2019-04-02T10:00:00+08:00", (struct text){0}, received, &first);
    struct step_result second;
    intake("2019-04-02T10:05:00+08:00", buf_view(&first.record), received, &second);
    CHECK(!second.changed);
    CHECK_EQ(second.repeated_count, 1);
    struct json_doc *doc = parse_list(buf_view(&second.facts));
    CHECK(text_is(json_get_string(fact_of_kind(doc, "event"), "verdict"), "repeated"));
    CHECK(!fact_of_kind(doc, "case"));
    json_free(doc);
    step_result_release(&first);
    step_result_release(&second);
}

static void a_note_goes_to_the_ledger_only(void)
{
    struct step_result first;
    intake("2019-04-02T10:00:00+08:00", (struct text){0}, received, &first);
    struct step_result second;
    intake("2019-04-03T11:00:00+08:00", buf_view(&first.record), noted, &second);
    CHECK(!second.changed);
    CHECK_EQ(second.ledger_count, 1);
    step_result_release(&first);
    step_result_release(&second);
}

static void a_note_before_the_case_leaves_its_arrival(void)
{
    struct step_result result;
    intake("2019-04-03T11:00:00+08:00", (struct text){0}, noted, &result);
    CHECK(result.changed);
    CHECK(!result.has_wake);
    CHECK_EQ(result.ledger_count, 1);
    step_result_release(&result);
}

static void intake_of_an_old_case_never_fires(void)
{
    struct step_result result;
    intake("2019-05-20T09:00:00+08:00", (struct text){0}, received, &result);
    CHECK_EQ(result.outbox.bytes, 0);
    CHECK(result.has_wake);
    CHECK(result.wake.ms <= at("2019-05-20T09:00:00+08:00").ms);
    step_result_release(&result);
}

static void wake_fires_what_is_due_and_sets_the_next_timer(void)
{
    struct step_result first;
    intake("2019-04-02T10:00:00+08:00", (struct text){0}, received, &first);
    const struct step_context context =
        context_at("2019-04-08T00:00:00+08:00", buf_view(&first.record));
    struct step_result fired;
    step_result_init(&fired);
    CHECK_EQ(step_wake(&context, &fired, NULL), ERR_OK);
    CHECK_EQ(fired.fired_count, 1);
    CHECK(fired.has_wake);
    CHECK_EQ(fired.wake.ms, at("2019-04-10T17:30:00+08:00").ms); /* due: the light turns red */
    struct json_doc *doc = parse_list(buf_view(&fired.outbox));
    const struct json_value *item = json_first(json_root(doc));
    CHECK(text_is(json_get_string(item, "stage"), "warn"));
    CHECK_EQ(json_count(json_get(item, "to")), 2);
    CHECK(text_is(json_get_string(item, "send"), "office"));
    CHECK_EQ(json_get_string(item, "alert").bytes, NRT_ID_BYTES - 1);
    const struct json_value *values = json_get(item, "values");
    CHECK(text_is(json_get_string(values, "unit"), "市市场监督管理局"));
    CHECK(text_is(json_get_string(values, "title"), "关于用地的函"));
    json_free(doc);

    const struct step_context later =
        context_at("2019-04-08T00:00:00+08:00", buf_view(&fired.record));
    struct step_result again;
    step_result_init(&again);
    CHECK_EQ(step_wake(&later, &again, NULL), ERR_OK);
    CHECK_EQ(again.fired_count, 0);
    CHECK_EQ(again.outbox.bytes, 0);
    step_result_release(&first);
    step_result_release(&fired);
    step_result_release(&again);
}

static void a_settled_case_has_no_timer(void)
{
    struct step_result first;
    intake("2019-04-02T10:00:00+08:00", (struct text){0}, received, &first);
    struct step_result second;
    intake("2019-04-03T10:00:00+08:00", buf_view(&first.record), completed, &second);
    CHECK(second.changed);
    CHECK(!second.has_wake);
    step_result_release(&first);
    step_result_release(&second);
}

static const char urged[] =
    "{\"specversion\":\"1.0\",\"id\":\"u1\",\"source\":\"/oa\",\"type\":\"case.urged\","
    "\"subject\":\"K1\",\"time\":\"2019-04-03T11:00:00+08:00\",\"data\":{\"by\":\"d01-h1\"}}";

/* The shipped rules, and what they would be with an act or as a later version. */
static struct policy policy_with_act(struct ruleset *set, struct role *role)
{
    struct policy policy = bundle->policy;
    *role = (struct role){.kind = ROLE_UNIT_HEAD};
    *set = policy.sets[0];
    set->acts[ACT_URGED] = (struct act_rule){.given = true, .to = role, .to_count = 1};
    policy.sets = set;
    policy.set_count = 1;
    return policy;
}

static void an_urging_goes_out_with_its_event(void)
{
    struct ruleset set;
    struct role role;
    const struct policy policy = policy_with_act(&set, &role);
    struct step_result first;
    struct step_result second;
    intake("2019-04-02T10:00:00+08:00", (struct text){0}, received, &first);
    policies[0] = &policy;
    intake("2019-04-03T11:00:00+08:00", buf_view(&first.record), urged, &second);
    policies[0] = &bundle->policy;
    CHECK(second.changed);
    CHECK_EQ(second.ledger_count, 1);
    CHECK_EQ(second.fired_count, 1);
    struct json_doc *doc = parse_list(buf_view(&second.outbox));
    const struct json_value *item = json_first(json_root(doc));
    CHECK(text_is(json_get_string(item, "clock"), "act:urged"));
    CHECK(text_is(json_get_string(item, "stage"), "/oa#u1"));
    CHECK_EQ(json_count(json_get(item, "to")), 1);
    json_free(doc);
    CHECK(text_equal(buf_view(&first.record), buf_view(&second.record)));
    step_result_release(&first);
    step_result_release(&second);
}

static void an_urging_without_a_case_is_only_recorded(void)
{
    struct ruleset set;
    struct role role;
    const struct policy policy = policy_with_act(&set, &role);
    struct step_result result;
    policies[0] = &policy;
    intake("2019-04-03T11:00:00+08:00", (struct text){0}, urged, &result);
    policies[0] = &bundle->policy;
    CHECK_EQ(result.outbox.bytes, 0);
    step_result_release(&result);
}

static const char recounted[] =
    "{\"specversion\":\"1.0\",\"id\":\"r1:K1\",\"source\":\"nrt:replan\","
    "\"type\":\"case.recounted\",\"subject\":\"K1\",\"time\":\"2019-04-03T11:00:00+08:00\","
    "\"data\":{\"version\":\"1\"}}";

static void a_recount_looks_at_the_case_again_and_remembers_nothing(void)
{
    struct step_result first;
    struct step_result second;
    struct policy policy = bundle->policy;
    policy.version = 1;
    intake("2019-04-02T10:00:00+08:00", (struct text){0}, received, &first);
    policies[0] = &policy;
    intake("2019-04-03T11:00:00+08:00", buf_view(&first.record), recounted, &second);
    policies[0] = &bundle->policy;
    CHECK(second.changed);
    CHECK_EQ(second.wake.ms, first.wake.ms);
    CHECK(text_equal(buf_view(&first.record), buf_view(&second.record)));
    struct json_doc *doc = parse_list(buf_view(&second.facts));
    CHECK(fact_of_kind(doc, "case"));
    json_free(doc);
    step_result_release(&first);
    step_result_release(&second);
}

static void a_version_that_is_not_here_yet_is_waited_for(void)
{
    struct step_result first;
    struct step_result second;
    intake("2019-04-02T10:00:00+08:00", (struct text){0}, received, &first);
    struct step_context context = context_at("2019-04-03T11:00:00+08:00", buf_view(&first.record));
    const struct step_event event = step_event_of(recounted, "2019-04-03T11:00:00+08:00");
    struct err_why why = {{0}};
    step_result_init(&second);
    CHECK_EQ(step_intake(&context, &event, 1, &second, &why), ERR_NOT_FOUND);
    CHECK(strstr(why.text, "version 1"));
    step_result_release(&second);
    step_result_init(&second);
    context.any_version = true; /* it is lost: the newest serves */
    CHECK_EQ(step_intake(&context, &event, 1, &second, &why), ERR_OK);
    step_result_release(&first);
    step_result_release(&second);
}

static void a_damaged_record_is_never_overwritten(void)
{
    const struct step_context context =
        context_at("2019-04-08T00:00:00+08:00", TEXT_LITERAL("\x01garbage"));
    struct step_result result;
    step_result_init(&result);
    struct err_why why = {{0}};
    CHECK_EQ(step_wake(&context, &result, &why), ERR_CORRUPT);
    CHECK(why.text[0] != '\0');
    CHECK_EQ(result.record.bytes, 0);
    step_result_release(&result);
}

static void load_bundle(void)
{
    const char *source = getenv("NRT_SOURCE_DIR");
    char paths[3][512];
    const char *names[3] = {"rules-dongyang.json", "calendar-cn.json", "directory.json"};
    for (size_t index = 0; index < 3; index++) {
        (void)snprintf(
            paths[index], sizeof(paths[index]), "%s/tests/data/%s", source ? source : ".",
            names[index]);
    }
    struct report report;
    report_init(&report);
    const struct bundle_files files = {paths[0], paths[1], paths[2]};
    bundle = bundle_load_files(&files, &report);
    report_release(&report);
    if (!bundle) {
        (void)fprintf(stderr, "tests/data cannot be loaded\n");
        exit(1);
    }
    policies[0] = &bundle->policy;
    rulebook = (struct rulebook){.policies = policies, .policy_count = 1};
}

int main(void)
{
    arena_init(&arena, 0);
    load_bundle();
    CHECK_RUN(a_new_case_gets_a_record_a_timer_and_both_facts);
    CHECK_RUN(a_repeated_event_changes_nothing_and_is_told);
    CHECK_RUN(a_note_goes_to_the_ledger_only);
    CHECK_RUN(a_note_before_the_case_leaves_its_arrival);
    CHECK_RUN(intake_of_an_old_case_never_fires);
    CHECK_RUN(wake_fires_what_is_due_and_sets_the_next_timer);
    CHECK_RUN(a_settled_case_has_no_timer);
    CHECK_RUN(an_urging_goes_out_with_its_event);
    CHECK_RUN(an_urging_without_a_case_is_only_recorded);
    CHECK_RUN(a_recount_looks_at_the_case_again_and_remembers_nothing);
    CHECK_RUN(a_version_that_is_not_here_yet_is_waited_for);
    CHECK_RUN(a_damaged_record_is_never_overwritten);
    bundle_free(bundle);
    arena_release(&arena);
    return check_done();
}
