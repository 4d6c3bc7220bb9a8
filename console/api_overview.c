/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The overview: how many cases stand at what, what is due today, how the last months went, where
 * it is worst, and what waits for whoever asks. All of it is of the actor's scope; what no unit
 * owns (messages, drafts, rejects) is shown by right.
 */
#include <stdio.h>
#include <string.h>

#include "console/accountability.h"
#include "console/api.h"
#include "console/figure_members.h"
#include "console/ledger_todo.h"

#define ARENA_BYTES_MAX ((size_t)64 * 1024 * 1024)
#define ITEMS_SHOWN     10
#define WORST_SHOWN     10
#define TREND_MONTHS    12
#define NEXT_DAYS_MAX   40
#define MISSES_MAX      10000 /* so many are counted into entries for the overview */

struct overview {
    const struct view *view;
    struct json_out *out;
    struct arena arena;
    struct figure_query all; /* of the scope, over all time */
    enum err err;
};

static void note(struct overview *overview, enum err err)
{
    overview->err = overview->err ? overview->err : err;
}

/* ---- how many cases stand at what ---- */

static const char *const statuses[] = {"not_due",  "near",      "overdue",  "met",
                                       "met_late", "suspended", "withdrawn"};
#define STATUS_COUNT (sizeof(statuses) / sizeof(statuses[0]))

struct status_counts {
    int64_t of[STATUS_COUNT];
};

static bool take_status(void *context, const struct ledger_count *row)
{
    struct status_counts *counts = context;
    for (size_t index = 0; index < STATUS_COUNT; index++) {
        counts->of[index] += text_is(row->word, statuses[index]) ? row->count : 0;
    }
    return true;
}

/* The three lights count what is under way; what is suspended is listed apart. */
static void put_lights(struct json_out *out, const struct status_counts *counts)
{
    json_out_key(out, "cases");
    json_out_open(out, '{');
    json_out_member_i64(out, "green", counts->of[0]);
    json_out_member_i64(out, "yellow", counts->of[1]);
    json_out_member_i64(out, "red", counts->of[2]);
    json_out_member_i64(out, "suspended", counts->of[5]);
    json_out_member_i64(out, "completed", counts->of[3] + counts->of[4]);
    json_out_member_i64(out, "withdrawn", counts->of[6]);
    json_out_close(out, '}');
}

static bool take_number(void *context, const struct figure_sums *sums)
{
    int64_t *number = context;
    *number = sums->row.missed;
    return false;
}

static void put_counts(struct overview *overview)
{
    const struct view *view = overview->view;
    struct status_counts counts = {0};
    int64_t overdue = 0;
    note(overview, ledger_status_counts(view->ledger, &view->actor->scope, take_status, &counts));
    note(overview, ledger_overdue_sums(view->ledger, &overview->all, take_number, &overdue));
    put_lights(overview->out, &counts);
    json_out_key(overview->out, "statuses");
    json_out_open(overview->out, '{');
    for (size_t index = 0; index < STATUS_COUNT; index++) {
        json_out_member_i64(overview->out, statuses[index], counts.of[index]);
    }
    json_out_close(overview->out, '}');
    json_out_member_i64(overview->out, "overdue", overdue);
}

/* ---- what is due ---- */

static bool put_waiting(void *context, const struct waiting_case *row)
{
    const struct overview *overview = context;
    struct json_out *out = overview->out;
    const struct matter *matter =
        directory_matter(view_policy(overview->view)->directory, row->matter);
    json_out_open(out, '{');
    json_out_member(out, "case", row->id);
    json_out_member(out, "case_title", row->title);
    json_out_member(out, "number", row->number);
    json_out_member(out, "matter", row->matter);
    json_out_member(out, "matter_name", matter ? matter->title : row->matter);
    api_member_unit(overview->view, out, "unit", row->unit);
    api_member_person(overview->view, out, "handler", row->handler);
    json_out_member(out, "state", row->state);
    json_out_member(out, "status", row->status);
    json_out_member(out, "clock", row->clock);
    json_out_member(out, "title", row->clock_title);
    api_member_instant(overview->view, out, "due", row->due);
    api_member_instant(overview->view, out, "since", row->since);
    json_out_close(out, '}');
    return true;
}

static void put_items(struct overview *overview, const struct todo_query *query)
{
    json_out_key(overview->out, "items");
    json_out_open(overview->out, '[');
    if (!overview->err) {
        note(overview, ledger_todo(overview->view->ledger, query, put_waiting, overview));
    }
    json_out_close(overview->out, ']');
}

static struct civil_day day_after(struct civil_day day)
{
    return (struct civil_day){.number = day.number + 1};
}

static struct civil_day next_working(const struct calendar *calendar, struct civil_day day)
{
    struct civil_day at = day_after(day);
    for (int step = 0; step < NEXT_DAYS_MAX && !calendar_is_working(calendar, at); step++) {
        at = day_after(at);
    }
    return at;
}

static int64_t day_start(const struct calendar *calendar, struct civil_day day)
{
    return calendar_instant(calendar, day, 0).ms;
}

/* 24:00 of a day is a due of that day: days end just after midnight. */
static void put_due(struct overview *overview)
{
    const struct calendar *calendar = view_policy(overview->view)->calendar;
    const struct civil_day today = calendar_local_day(calendar, overview->view->now);
    const struct civil_day next = next_working(calendar, today);
    struct todo_query query = {
        .kind = TODO_DUE,
        .scope = &overview->view->actor->scope,
        .from = day_start(calendar, today) + 1,
        .until = day_start(calendar, day_after(today)) + 1,
        .limit = ITEMS_SHOWN,
    };
    int64_t count = 0;
    json_out_key(overview->out, "due_today");
    json_out_open(overview->out, '{');
    note(overview, ledger_todo_count(overview->view->ledger, &query, &count));
    json_out_member_i64(overview->out, "count", count);
    put_items(overview, &query);
    json_out_close(overview->out, '}');
    query.from = query.until;
    query.until = day_start(calendar, day_after(next)) + 1;
    count = 0;
    note(overview, ledger_todo_count(overview->view->ledger, &query, &count));
    json_out_member_i64(overview->out, "due_tomorrow", count);
}

/* ---- figures ---- */

static void put_trend(struct overview *overview)
{
    const struct civil_date today = civil_date_of(
        calendar_local_day(view_policy(overview->view)->calendar, overview->view->now));
    struct figure_query query = overview->all;
    query.until = today.year * 100 + today.month;
    query.from = figure_month_next(query.until, 1 - TREND_MONTHS);
    note(overview, figure_months_member(overview->view, overview->out, "trend", &query));
}

static void put_worst(struct overview *overview)
{
    struct figure_query query = overview->all;
    struct figure_table table = {0};
    query.by = FIGURE_BY_UNIT;
    note(overview, figure_table_make(overview->view, &query, &overview->arena, &table));
    (void)figure_table_sort(&table, TEXT_LITERAL("-overdue_open"));
    json_out_key(overview->out, "worst_units");
    json_out_open(overview->out, '[');
    for (size_t index = 0; index < table.count && index < WORST_SHOWN; index++) {
        const struct figure_line *line = &table.items[index];
        if (line->overdue_open == 0) {
            break;
        }
        json_out_open(overview->out, '{');
        api_member_unit(overview->view, overview->out, "unit", line->key);
        figure_line_members(overview->out, line);
        json_out_close(overview->out, '}');
    }
    json_out_close(overview->out, ']');
}

/* ---- what waits for whoever asks ---- */

static void put_todo(struct overview *overview, const char *kind, const char *link, int64_t count)
{
    json_out_open(overview->out, '{');
    json_out_member(overview->out, "kind", text_of(kind));
    json_out_member_i64(overview->out, "count", count);
    json_out_member(overview->out, "link", text_of(link));
    json_out_key(overview->out, "items");
    json_out_open(overview->out, '[');
    json_out_close(overview->out, ']');
    json_out_close(overview->out, '}');
}

/* Where the right to decide holds: an overseer sees more than that. */
static void put_todo_cases(struct overview *overview, const char *word, enum todo_kind kind)
{
    const enum right right = kind == TODO_ACCEPT ? RIGHT_WORK : RIGHT_OVERSEE;
    const struct todo_query query = {
        .kind = kind,
        .scope = actor_scope(overview->view->actor, right),
        .limit = ITEMS_SHOWN,
    };
    int64_t count = 0;
    note(overview, ledger_todo_count(overview->view->ledger, &query, &count));
    json_out_open(overview->out, '{');
    json_out_member(overview->out, "kind", text_of(word));
    json_out_member_i64(overview->out, "count", count);
    json_out_member(overview->out, "link", text_of("#/cases"));
    put_items(overview, &query);
    json_out_close(overview->out, '}');
}

static void put_todo_number(
    struct overview *overview, const char *kind, const char *link, enum ledger_number which)
{
    int64_t number = 0;
    note(overview, ledger_number(overview->view->ledger, which, &number));
    put_todo(overview, kind, link, number);
}

/*
 * Entries of the accountability list that wait: for their unit's explanation, or for a decision.
 * The list is made from every miss there is; where there are very many, its page counts them.
 */
static void put_todo_entries(
    struct overview *overview, const char *kind, enum right right, bool unexplained)
{
    const struct account_query query = {
        .scope = actor_scope(overview->view->actor, right), .open_only = true};
    struct account_list list = {0};
    int64_t count = 0;
    bool many = false;
    note(overview, ledger_misses_exceed(overview->view->ledger, query.scope, MISSES_MAX, &many));
    if (many || overview->err) {
        return;
    }
    note(overview, accountability_list(overview->view, &query, &overview->arena, &list));
    for (size_t index = 0; index < list.count; index++) {
        count += !unexplained || list.items[index].statement_count == 0;
    }
    put_todo(overview, kind, "#/accountability?state=open", count);
}

static void put_todos(struct overview *overview)
{
    const struct actor *actor = overview->view->actor;
    json_out_key(overview->out, "todo");
    json_out_open(overview->out, '[');
    if (actor_can(actor, RIGHT_OVERSEE)) {
        put_todo_cases(overview, "extension", TODO_EXTENSION);
        put_todo_cases(overview, "objection", TODO_OBJECTION);
        put_todo_entries(overview, "accountability", RIGHT_OVERSEE, false);
    }
    if (actor_can(actor, RIGHT_WORK)) {
        put_todo_cases(overview, "accept", TODO_ACCEPT);
    }
    if (actor_can(actor, RIGHT_STATEMENT)) {
        put_todo_entries(overview, "statement", RIGHT_STATEMENT, true);
    }
    if (actor_can(actor, RIGHT_APPROVE)) {
        put_todo_number(overview, "draft", "#/rules", NUMBER_DRAFTS);
    }
    if (actor_can(actor, RIGHT_OPERATE)) {
        put_todo_number(overview, "dead", "#/messages?state=dead", NUMBER_DEAD);
        put_todo_number(overview, "reject", "#/messages?tab=rejects", NUMBER_REJECTS);
    }
    json_out_close(overview->out, ']');
}

/* ---- messages ---- */

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

/* Their counts are of all units: who sees only some of these sees none. */
static void put_messages(struct overview *overview)
{
    const struct actor *actor = overview->view->actor;
    json_out_key(overview->out, "messages");
    json_out_open(overview->out, '{');
    if (!overview->err && actor->scope.all && actor_can(actor, RIGHT_MESSAGES_READ)) {
        note(
            overview,
            ledger_counts(overview->view->ledger, COUNT_MESSAGES, put_count, overview->out));
    }
    json_out_close(overview->out, '}');
}

static void put_sending(struct overview *overview)
{
    struct sending_state state = {0};
    note(overview, ledger_sending_state(overview->view->ledger, &state));
    json_out_key(overview->out, "sending");
    json_out_open(overview->out, '{');
    api_member_bool(overview->out, "stopped", state.stopped);
    api_member_bool(overview->out, "held", state.held);
    json_out_close(overview->out, '}');
}

static void overview_write(struct overview *overview)
{
    const struct view *view = overview->view;
    json_out_member_i64(overview->out, "revision", view->revision);
    api_member_now(view, overview->out);
    json_out_member_i64(overview->out, "calendar_missing_year", view->calendar_missing_year);
    put_counts(overview);
    put_due(overview);
    if (!overview->err) {
        note(
            overview,
            figure_families_member(view, overview->out, &overview->all, &overview->arena));
    }
    if (!overview->err) {
        note(
            overview,
            figure_unit_members(view, overview->out, &overview->all, LEDGER_MISSES_LISTED));
    }
    put_trend(overview);
    put_worst(overview);
    put_todos(overview);
    put_messages(overview);
    put_sending(overview);
}

void api_overview(const struct view *view, struct http_call *call)
{
    struct api_json json;
    api_json_init(&json);
    struct overview overview = {
        .view = view, .out = &json.out, .all = {.scope = &view->actor->scope}};
    arena_init(&overview.arena, ARENA_BYTES_MAX);
    json_out_open(&json.out, '{');
    overview_write(&overview);
    json_out_close(&json.out, '}');
    api_json_answer(call, 200, &json, overview.err);
    arena_release(&overview.arena);
}
