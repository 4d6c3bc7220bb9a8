/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One case with clocks, timeline and alerts.
 */
#include "console/api.h"
#include "console/case_more.h"

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
    enum err err = ledger_case_is_seen(view->ledger, id, &view->actor->scope);
    if (!err) {
        err = ledger_case_read(view->ledger, id, put_case_members, &writing);
    }
    if (!err) {
        err = case_lists(&writing, id);
    }
    if (!err) {
        err = case_more_members(view, &json.out, id);
    }
    if (!err) {
        err = api_case_papers(view, &json.out, id);
    }
    json_out_close(&json.out, '}');
    api_json_answer(call, 200, &json, err);
}
