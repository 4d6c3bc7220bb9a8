/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cases: the list, one case with clocks, timeline and alerts, the overdue list.
 */
#include "console/api.h"

/* The notes of a case have no bound, an answer has. */
#define EVENTS_SHOWN_BYTES_MAX ((size_t)8 * 1024 * 1024)
#define EVENTS_SHOWN_MAX       2000

struct writing {
    const struct view *view;
    struct json_out *out;
    size_t events_until_bytes; /* of the answer: where the list of events ends */
    size_t event_count;
    bool events_cut;
};

/* ---- list ---- */

static bool put_case(void *context, const struct ledger_case *row)
{
    struct writing *writing = context;
    json_out_open(writing->out, '{');
    api_case_members(writing->view, writing->out, row);
    json_out_close(writing->out, '}');
    return true;
}

static bool sort_read(struct text word, struct case_query *query)
{
    static const char *const words[CASE_SORT_COUNT] = {"updated", "created", "due"};
    query->sort = SORT_UPDATED;
    query->descending = true;
    if (word.bytes == 0) {
        return true;
    }
    query->descending = word.ptr[0] == '-';
    const struct text name =
        query->descending ? (struct text){.ptr = word.ptr + 1, .bytes = word.bytes - 1} : word;
    for (int sort = 0; sort < CASE_SORT_COUNT; sort++) {
        if (text_is(name, words[sort])) {
            query->sort = (enum case_sort)sort;
            return true;
        }
    }
    return false;
}

void api_case_list(const struct view *view, struct http_call *call)
{
    const struct http_head *head = &call->head;
    struct api_page page;
    struct case_query query = {
        .unit = http_param(head, "unit"),
        .matter = http_param(head, "matter"),
        .handler = http_param(head, "handler"),
        .light = http_param(head, "light"),
        .state = http_param(head, "state"),
        .q = http_param(head, "q"),
    };
    if (!api_page_read(call, &page)) {
        return;
    }
    if (!sort_read(http_param(head, "sort"), &query)) {
        problem_answer(
            call, PROBLEM_BAD_REQUEST,
            "sort must be updated, created or due, with a - in front for descending");
        return;
    }
    query.limit = page.limit;
    query.after = page.after;
    struct api_json json;
    struct list_end end;
    api_json_init(&json);
    json_out_open(&json.out, '{');
    json_out_key(&json.out, "items");
    json_out_open(&json.out, '[');
    struct writing writing = {.view = view, .out = &json.out};
    const enum err err = ledger_cases(view->ledger, &query, put_case, &writing, &end);
    api_list_close(&json.out, &end);
    api_json_answer(call, 200, &json, err);
}

/* ---- one case ---- */

static bool put_case_members(void *context, const struct ledger_case *row)
{
    struct writing *writing = context;
    api_case_members(writing->view, writing->out, row);
    return true;
}

static bool put_clock(void *context, const struct ledger_run *run)
{
    struct writing *writing = context;
    struct json_out *out = writing->out;
    json_out_open(out, '{');
    json_out_member(out, "id", run->clock);
    api_run_members(writing->view, out, run);
    api_member_unit(writing->view, out, "unit", run->unit);
    api_member_person(writing->view, out, "handler", run->handler);
    json_out_close(out, '}');
    return true;
}

static bool put_event(void *context, const struct ledger_event *row)
{
    struct writing *writing = context;
    struct json_out *out = writing->out;
    writing->events_cut = out->buf->bytes >= writing->events_until_bytes ||
                          writing->event_count++ == EVENTS_SHOWN_MAX;
    if (writing->events_cut) {
        return false;
    }
    json_out_open(out, '{');
    json_out_member(out, "source", row->source);
    json_out_member(out, "id", row->id);
    json_out_member(out, "type", row->type);
    api_member_ms(writing->view, out, "time", row->time);
    api_member_ms(writing->view, out, "arrived", row->arrived);
    json_out_member(out, "verdict", row->verdict);
    json_out_member_i64(out, "repeats", row->repeats);
    json_out_key(out, "event");
    json_out_raw(out, row->ce);
    json_out_close(out, '}');
    return true;
}

static enum err case_lists(struct writing *writing, struct text id)
{
    struct json_out *out = writing->out;
    struct ledger *ledger = writing->view->ledger;
    json_out_key(out, "clocks");
    json_out_open(out, '[');
    enum err err = ledger_runs(ledger, id, put_clock, writing);
    json_out_close(out, ']');
    json_out_key(out, "events");
    json_out_open(out, '[');
    writing->events_until_bytes = out->buf->bytes + EVENTS_SHOWN_BYTES_MAX;
    if (!err) {
        const struct event_query query = {.case_id = id, .limit = EVENTS_SHOWN_MAX + 1};
        err = ledger_events(ledger, &query, put_event, writing);
    }
    json_out_close(out, ']');
    json_out_key(out, "events_cut");
    json_out_bool(out, writing->events_cut);
    json_out_key(out, "alerts");
    json_out_open(out, '[');
    if (!err) {
        const struct alert_query query = {.case_id = id, .limit = API_LIMIT_MAX};
        struct list_end end;
        err = api_alert_objects(writing->view, out, &query, &end);
    }
    json_out_close(out, ']');
    return err;
}

void api_case_show(const struct view *view, struct http_call *call)
{
    const struct text id = api_path_id(call, 3);
    struct api_json json;
    api_json_init(&json);
    struct writing writing = {.view = view, .out = &json.out};
    json_out_open(&json.out, '{');
    enum err err = ledger_case_read(view->ledger, id, put_case_members, &writing);
    if (!err) {
        err = case_lists(&writing, id);
    }
    json_out_close(&json.out, '}');
    api_json_answer(call, 200, &json, err);
}

/* ---- overdue ---- */

static bool put_overdue(void *context, const struct ledger_case *row, const struct ledger_run *run)
{
    struct writing *writing = context;
    struct json_out *out = writing->out;
    const struct view *view = writing->view;
    const struct between late =
        calendar_between(view_policy(view)->calendar, (struct wall_ms){run->due.ms}, view->now);
    json_out_open(out, '{');
    json_out_member(out, "case", row->id);
    json_out_member(out, "case_title", row->title);
    json_out_member(out, "number", row->number);
    json_out_member(out, "matter", row->matter);
    api_member_unit(view, out, "unit", row->unit);
    api_member_person(view, out, "handler", row->handler);
    json_out_member(out, "state", row->state);
    json_out_member(out, "clock", run->clock);
    api_run_members(view, out, run);
    json_out_member_i64(out, "late_calendar_days", late.calendar_days);
    json_out_member_i64(out, "late_working_days", late.working_days);
    json_out_close(out, '}');
    return true;
}

static bool put_total(void *context, const struct ledger_count *row)
{
    struct json_out *out = context;
    json_out_member_i64(out, "total", row->count);
    return false;
}

void api_overdue(const struct view *view, struct http_call *call)
{
    struct api_page page;
    if (!api_page_read(call, &page)) {
        return;
    }
    const struct overdue_query query = {
        .unit = http_param(&call->head, "unit"), .after = page.after, .limit = page.limit};
    struct api_json json;
    struct list_end end = {0};
    api_json_init(&json);
    struct writing writing = {.view = view, .out = &json.out};
    json_out_open(&json.out, '{');
    enum err err = ledger_counts(view->ledger, COUNT_OVERDUE, put_total, &json.out);
    json_out_key(&json.out, "items");
    json_out_open(&json.out, '[');
    if (!err) {
        err = ledger_overdue(view->ledger, &query, put_overdue, &writing, &end);
    }
    api_list_close(&json.out, &end);
    api_json_answer(call, 200, &json, err);
}
