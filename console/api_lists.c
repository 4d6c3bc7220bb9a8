/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Alerts with their messages, messages, rejects, figures, and the overview the page shows.
 */
#include <stdio.h>

#include "console/api.h"

struct writing {
    const struct view *view;
    struct json_out *out;
    enum err err;
};

/* ---- alerts and messages ---- */

static bool put_message(void *context, const struct ledger_message *row)
{
    struct writing *writing = context;
    api_message_object(writing->view, writing->out, row);
    return true;
}

static bool put_alert(void *context, const struct ledger_alert *row)
{
    struct writing *writing = context;
    struct json_out *out = writing->out;
    json_out_open(out, '{');
    json_out_member(out, "id", row->id);
    json_out_member(out, "case", row->case_id);
    json_out_member(out, "case_title", row->case_title);
    api_member_unit(writing->view, out, "unit", row->case_unit);
    json_out_member(out, "clock", row->clock);
    json_out_member_i64(out, "run", row->run);
    json_out_member(out, "stage", row->stage);
    json_out_member(out, "stage_title", row->title);
    api_member_ms(writing->view, out, "instant", row->instant);
    api_member_ms(writing->view, out, "fired_at", row->fired_at);
    json_out_member(out, "status", row->status);
    json_out_member(out, "dropped", row->dropped);
    json_out_member(out, "light", row->light);
    api_member_bool(out, "late", row->late);
    json_out_member_i64(out, "ordinal", row->ordinal);
    api_member_bool(out, "directory_fault", row->fault);
    json_out_key(out, "to");
    json_out_raw(out, row->recipients);
    json_out_key(out, "via");
    json_out_raw(out, row->via);
    json_out_key(out, "messages");
    json_out_open(out, '[');
    const struct message_query query = {.alert = row->id, .limit = API_LIMIT_MAX};
    struct list_end end;
    writing->err = ledger_messages(writing->view->ledger, &query, put_message, writing, &end);
    json_out_close(out, ']');
    json_out_close(out, '}');
    return !writing->err;
}

enum err api_alert_objects(
    const struct view *view,
    struct json_out *out,
    const struct alert_query *query,
    struct list_end *ret_end)
{
    struct writing writing = {.view = view, .out = out};
    const enum err err = ledger_alerts(view->ledger, query, put_alert, &writing, ret_end);
    return err ? err : writing.err;
}

static void list_open(struct api_json *json)
{
    api_json_init(json);
    json_out_open(&json->out, '{');
    json_out_key(&json->out, "items");
    json_out_open(&json->out, '[');
}

void api_alerts(const struct view *view, struct http_call *call)
{
    struct api_page page;
    if (!api_page_read(call, &page)) {
        return;
    }
    const struct alert_query query = {
        .id = http_param(&call->head, "id"),
        .case_id = http_param(&call->head, "case"),
        .unit = http_param(&call->head, "unit"),
        .status = http_param(&call->head, "status"),
        .after = page.after,
        .limit = page.limit,
    };
    struct api_json json;
    struct list_end end;
    list_open(&json);
    const enum err err = api_alert_objects(view, &json.out, &query, &end);
    api_list_close(&json.out, &end);
    api_json_answer(call, 200, &json, err);
}

void api_messages(const struct view *view, struct http_call *call)
{
    struct api_page page;
    if (!api_page_read(call, &page)) {
        return;
    }
    const struct message_query query = {
        .alert = http_param(&call->head, "alert"),
        .person = http_param(&call->head, "person"),
        .channel = http_param(&call->head, "channel"),
        .state = http_param(&call->head, "state"),
        .digest = http_param(&call->head, "digest"),
        .handed_over = text_is(http_param(&call->head, "handed_over"), "1"),
        .after = page.after,
        .limit = page.limit,
    };
    struct api_json json;
    struct list_end end;
    list_open(&json);
    struct writing writing = {.view = view, .out = &json.out};
    const enum err err = ledger_messages(view->ledger, &query, put_message, &writing, &end);
    api_list_close(&json.out, &end);
    api_json_answer(call, 200, &json, err);
}

void api_message_show(const struct view *view, struct http_call *call)
{
    const struct message_query query = {.id = api_path_id(call, 3), .limit = 1};
    struct api_json json;
    struct list_end end;
    api_json_init(&json);
    struct writing writing = {.view = view, .out = &json.out};
    enum err err = ledger_messages(view->ledger, &query, put_message, &writing, &end);
    if (!err && json.buf.bytes == 0) {
        err = ERR_NOT_FOUND;
    }
    api_json_answer(call, 200, &json, err);
}

/* ---- rejects ---- */

static bool put_reject(void *context, const struct ledger_reject *row)
{
    struct writing *writing = context;
    struct json_out *out = writing->out;
    json_out_open(out, '{');
    json_out_member(out, "id", row->fact);
    api_member_ms(writing->view, out, "at", row->at);
    json_out_member(out, "via", row->via);
    json_out_member(out, "kind", row->kind);
    json_out_member(out, "reason", row->reason);
    json_out_member_i64(out, "bytes", row->bytes);
    json_out_member(out, "sha256", row->sha256);
    json_out_member(out, "head", row->head);
    json_out_close(out, '}');
    return true;
}

void api_rejects(const struct view *view, struct http_call *call)
{
    struct api_page page;
    if (!api_page_read(call, &page)) {
        return;
    }
    const struct reject_query query = {.after = page.after, .limit = page.limit};
    struct api_json json;
    struct list_end end;
    list_open(&json);
    struct writing writing = {.view = view, .out = &json.out};
    const enum err err = ledger_rejects(view->ledger, &query, put_reject, &writing, &end);
    api_list_close(&json.out, &end);
    api_json_answer(call, 200, &json, err);
}

/* ---- figures ---- */

static void put_rate(struct json_out *out, const struct ledger_figure *row)
{
    const int64_t counted = row->met + row->missed;
    json_out_member_i64(out, "met", row->met);
    json_out_member_i64(out, "missed", row->missed);
    json_out_key(out, "on_time_rate");
    if (counted == 0) {
        json_out_null(out);
    } else {
        char text[32];
        (void)snprintf(text, sizeof(text), "%.6f", (double)row->met / (double)counted);
        json_out_raw(out, text_of(text));
    }
}

static bool is_listed(const struct ruleset *rules, struct text family)
{
    return text_is_among(family, rules->on_time_families, rules->on_time_family_count);
}

/* The families a rule set lists under figures.on_time; all of them where none does. */
static bool family_is_shown(const struct view *view, struct text family)
{
    const struct policy *policy = view_policy(view);
    bool some_listed = false;
    for (size_t set = 0; set < policy->set_count; set++) {
        some_listed = some_listed || policy->sets[set].on_time_family_count > 0;
        if (is_listed(&policy->sets[set], family)) {
            return true;
        }
    }
    return !some_listed;
}

static bool put_family(void *context, const struct ledger_figure *row)
{
    struct writing *writing = context;
    if (family_is_shown(writing->view, row->family)) {
        json_out_open(writing->out, '{');
        json_out_member(writing->out, "family", row->family);
        put_rate(writing->out, row);
        json_out_close(writing->out, '}');
    }
    return true;
}

static bool put_unit(void *context, const struct ledger_figure *row)
{
    struct writing *writing = context;
    json_out_open(writing->out, '{');
    json_out_member(writing->out, "family", row->family);
    api_member_unit(writing->view, writing->out, "unit", row->unit);
    put_rate(writing->out, row);
    json_out_close(writing->out, '}');
    return true;
}

static enum err put_figures(struct writing *writing, int64_t misses_min)
{
    struct json_out *out = writing->out;
    json_out_key(out, "families");
    json_out_open(out, '[');
    enum err err = ledger_family_figures(writing->view->ledger, put_family, writing);
    json_out_close(out, ']');
    json_out_key(out, "units");
    json_out_open(out, '[');
    if (!err) {
        err = ledger_unit_figures(writing->view->ledger, misses_min, put_unit, writing);
    }
    json_out_close(out, ']');
    return err;
}

void api_figures_units(const struct view *view, struct http_call *call)
{
    const struct text misses = http_param(&call->head, "misses_min");
    int64_t misses_min = 0;
    if (misses.bytes > 0 && text_parse_i64(misses, &misses_min)) {
        problem_answer(call, PROBLEM_BAD_REQUEST, "misses_min must be a number");
        return;
    }
    struct api_json json;
    api_json_init(&json);
    struct writing writing = {.view = view, .out = &json.out};
    json_out_open(&json.out, '{');
    const enum err err = put_figures(&writing, misses_min);
    json_out_close(&json.out, '}');
    api_json_answer(call, 200, &json, err);
}

/* ---- overview ---- */

struct tally {
    int64_t lights[LIGHT_COUNT];
    int64_t suspended;
    int64_t completed;
    int64_t withdrawn;
    int64_t overdue;
};

static void add_light(struct tally *tally, const struct ledger_count *row)
{
    for (int light = 0; light < LIGHT_COUNT; light++) {
        if (text_is(row->other, light_name((enum light)light))) {
            tally->lights[light] += row->count;
        }
    }
}

/* The three lights count what is under way; what is suspended is listed apart. */
static bool add_cases(void *context, const struct ledger_count *row)
{
    struct tally *tally = context;
    if (text_is(row->word, "completed")) {
        tally->completed += row->count;
    } else if (text_is(row->word, "withdrawn")) {
        tally->withdrawn += row->count;
    } else if (text_is(row->word, "suspended")) {
        tally->suspended += row->count;
    } else {
        add_light(tally, row);
    }
    return true;
}

static bool add_overdue(void *context, const struct ledger_count *row)
{
    struct tally *tally = context;
    tally->overdue = row->count;
    return false;
}

static void put_tally(struct json_out *out, const struct tally *tally)
{
    json_out_key(out, "cases");
    json_out_open(out, '{');
    for (int light = 0; light < LIGHT_COUNT; light++) {
        json_out_member_i64(out, light_name((enum light)light), tally->lights[light]);
    }
    json_out_member_i64(out, "suspended", tally->suspended);
    json_out_member_i64(out, "completed", tally->completed);
    json_out_member_i64(out, "withdrawn", tally->withdrawn);
    json_out_close(out, '}');
    json_out_member_i64(out, "overdue", tally->overdue);
}

static bool put_count(void *context, const struct ledger_count *row)
{
    struct json_out *out = context;
    if (row->word.bytes > 0 && row->word.bytes < 32) {
        char key[32];
        (void)snprintf(key, sizeof(key), "%.*s", TEXT_ARGS(row->word));
        json_out_member_i64(out, key, row->count);
    }
    return true;
}

void api_overview(const struct view *view, struct http_call *call)
{
    struct ledger *ledger = view->ledger;
    struct tally tally = {0};
    struct api_json json;
    api_json_init(&json);
    struct writing writing = {.view = view, .out = &json.out};
    json_out_open(&json.out, '{');
    json_out_member_i64(&json.out, "revision", view->revision);
    api_member_now(view, &json.out);
    json_out_member_i64(&json.out, "calendar_missing_year", view->calendar_missing_year);
    enum err err = ledger_counts(ledger, COUNT_CASES, add_cases, &tally);
    if (!err) {
        err = ledger_counts(ledger, COUNT_OVERDUE, add_overdue, &tally);
    }
    put_tally(&json.out, &tally);
    if (!err) {
        err = put_figures(&writing, LEDGER_MISSES_LISTED);
    }
    json_out_key(&json.out, "messages");
    json_out_open(&json.out, '{');
    if (!err) {
        err = ledger_counts(ledger, COUNT_MESSAGES, put_count, &json.out);
    }
    json_out_close(&json.out, '}');
    json_out_close(&json.out, '}');
    api_json_answer(call, 200, &json, err);
}
