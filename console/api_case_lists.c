/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lists that the day's work is done from: cases, what is overdue, search. Each within what the
 * actor may see.
 */
#include "console/api.h"
#include "console/case_filter.h"

struct writing {
    const struct view *view;
    struct json_out *out;
    const struct ledger_total *total; /* known when the first row comes */
    bool opened;
};

static void put_total(struct json_out *out, const struct ledger_total *total)
{
    json_out_member_i64(out, "total", total->count);
    if (total->more) {
        api_member_bool(out, "total_more", true);
    }
}

/* The total, then the items: at the first row, or when there is none. */
static void items_open(struct writing *writing)
{
    if (!writing->opened) {
        put_total(writing->out, writing->total);
        json_out_key(writing->out, "items");
        json_out_open(writing->out, '[');
        writing->opened = true;
    }
}

static void put_lateness(struct json_out *out, const struct lateness *late)
{
    json_out_member_i64(out, "late_seconds", late->seconds);
    json_out_member_i64(out, "late_working_days", late->working_days);
    json_out_member_i64(out, "late_calendar_days", late->calendar_days);
}

static void refuse(struct http_call *call, const struct err_why *why)
{
    problem_answer(call, PROBLEM_BAD_REQUEST, why->text);
}

/* ---- cases ---- */

static bool put_case(void *context, const struct ledger_case *row)
{
    struct writing *writing = context;
    const struct view *view = writing->view;
    struct lateness late = {0};
    items_open(writing);
    json_out_open(writing->out, '{');
    api_case_members(view, writing->out, row);
    api_member_instant(view, writing->out, "next_due", row->next_due);
    if (row->late_due.known && !text_is(row->status, "withdrawn")) {
        late = lateness_of(
            view, (struct wall_ms){row->late_due.ms},
            row->late_end.known ? (struct wall_ms){row->late_end.ms} : view->now);
    }
    put_lateness(writing->out, &late);
    json_out_close(writing->out, '}');
    return true;
}

void api_case_list(const struct view *view, struct http_call *call)
{
    struct api_page page;
    struct case_query query;
    struct err_why why = {0};
    if (!api_page_read(call, &page)) {
        return;
    }
    if (!case_filter_read(view, &call->head, &query, &why)) {
        refuse(call, &why);
        return;
    }
    query.limit = page.limit;
    query.after = page.after;
    struct api_json json;
    struct list_end end = {0};
    struct ledger_total total = {0};
    query.ret_total = &total;
    api_json_init(&json);
    json_out_open(&json.out, '{');
    struct writing writing = {.view = view, .out = &json.out, .total = &total};
    const enum err err = ledger_cases(view->ledger, &query, put_case, &writing, &end);
    items_open(&writing);
    api_list_close(&json.out, &end);
    api_json_answer(call, 200, &json, err);
}

/* ---- search ---- */

static bool put_found(void *context, const struct ledger_case *row)
{
    struct writing *writing = context;
    struct json_out *out = writing->out;
    json_out_open(out, '{');
    json_out_member(out, "kind", TEXT_LITERAL("case"));
    json_out_member(out, "id", row->id);
    json_out_member(out, "title", row->title);
    json_out_member(out, "number", row->number);
    api_member_unit(writing->view, out, "unit", row->unit);
    json_out_member(out, "status", row->status);
    json_out_member(out, "snippet", row->title); /* short by nature */
    json_out_close(out, '}');
    return true;
}

/* Newest first. */
void api_search(const struct view *view, struct http_call *call)
{
    struct api_page page;
    if (!api_page_read(call, &page)) {
        return;
    }
    struct case_query query = {
        .q = http_param(&call->head, "q"),
        .scope = &view->actor->scope,
        .sort = SORT_CREATED,
        .descending = true,
        .after = page.after,
        .limit = page.limit,
    };
    if (query.q.bytes == 0) {
        problem_answer(
            call, PROBLEM_BAD_REQUEST, "q must be what to search for: one character is enough");
        return;
    }
    struct api_json json;
    struct list_end end = {0};
    api_json_init(&json);
    struct writing writing = {.view = view, .out = &json.out};
    json_out_open(&json.out, '{');
    json_out_key(&json.out, "items");
    json_out_open(&json.out, '[');
    const enum err err = ledger_cases(view->ledger, &query, put_found, &writing, &end);
    api_list_close(&json.out, &end);
    api_json_answer(call, 200, &json, err);
}

/* ---- overdue ---- */

/* Who answers for the unit, by name. */
static void put_head(const struct view *view, struct json_out *out, const struct unit *unit)
{
    const struct text head = unit ? unit->head : (struct text){0};
    const struct person *person = directory_person(view_policy(view)->directory, head);
    json_out_member(out, "unit_head", person ? person->name : head);
}

static bool put_overdue(void *context, const struct ledger_overdue_row *row)
{
    struct writing *writing = context;
    struct json_out *out = writing->out;
    const struct view *view = writing->view;
    const struct directory *directory = view_policy(view)->directory;
    const struct matter *matter = directory_matter(directory, row->of.matter);
    const struct unit *unit = directory_unit(directory, row->unit);
    const struct lateness late = lateness_of(view, (struct wall_ms){row->run.due.ms}, view->now);
    json_out_open(out, '{');
    json_out_member(out, "case", row->of.id);
    json_out_member(out, "case_title", row->of.title);
    json_out_member(out, "number", row->of.number);
    json_out_member(out, "matter", row->of.matter);
    json_out_member(out, "matter_name", matter ? matter->title : row->of.matter);
    api_member_unit(view, out, "unit", row->unit);
    json_out_member(out, "area", unit ? unit->area : (struct text){0});
    put_head(view, out, unit);
    api_member_person(view, out, "handler", row->handler);
    json_out_member(out, "state", row->of.state);
    json_out_member(out, "status", row->of.status);
    json_out_member(out, "clock", row->run.clock);
    api_run_members(view, out, &row->run);
    json_out_member_i64(out, "late_calendar_days", late.calendar_days);
    json_out_member_i64(out, "late_working_days", late.working_days);
    json_out_member_i64(out, "urged", row->urged);
    api_member_instant(view, out, "last_urged", row->last_urged);
    json_out_member(out, "alert", row->alert);
    json_out_member(out, "stage", row->alert_stage);
    json_out_member(out, "stage_title", row->alert_title);
    json_out_member(out, "alert_state", row->alert_state);
    json_out_key(out, "next_stage");
    json_out_null(out); /* the ledger holds what happened; explain tells what will */
    json_out_close(out, '}');
    return true;
}

void api_overdue(const struct view *view, struct http_call *call)
{
    struct api_page page;
    struct overdue_query query;
    struct err_why why = {0};
    if (!api_page_read(call, &page)) {
        return;
    }
    if (!overdue_filter_read(view, &call->head, &call->arena, &query, &why)) {
        refuse(call, &why);
        return;
    }
    query.limit = page.limit;
    query.after = page.after;
    struct api_json json;
    struct list_end end = {0};
    struct ledger_total total = {0};
    api_json_init(&json);
    struct writing writing = {.view = view, .out = &json.out};
    json_out_open(&json.out, '{');
    enum err err = ledger_overdue_total(view->ledger, &query, &total);
    put_total(&json.out, &total);
    json_out_key(&json.out, "items");
    json_out_open(&json.out, '[');
    if (!err) {
        err = ledger_overdue(view->ledger, &query, put_overdue, &writing, &end);
    }
    api_list_close(&json.out, &end);
    api_json_answer(call, 200, &json, err);
}
