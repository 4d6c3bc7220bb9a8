/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The overdue list: runs that were missed and have not ended, from a table that holds just those,
 * by any filters and any offered order. A page's keys are found first, its cases and runs after.
 */
#include <stdio.h>
#include <string.h>

#include "console/ledger_rows.h"

#define KEYS      "o.case_id, o.clock, o.run"
#define KEY_PARTS 4 /* of a cursor: case, clock, run, what it is sorted by beside the due */

struct order {
    const char *column; /* before the due; NULL: none */
    bool has_due;
    const char *from; /* the index in that order */
};

#define PAGE_ROWS_MAX 1000
#define WORDS_SHARE   10 /* finding a case by its words costs as much as looking at ten rows */
#define BY_TABLE      "overdue o"
#define BY_HANDLER    "overdue o INDEXED BY overdue_of_handler"

static const struct order orders[OVERDUE_SORT_COUNT] = {
    [OVERDUE_BY_DUE] = {NULL, true, "overdue o INDEXED BY overdue_by_due"},
    [OVERDUE_BY_UNIT] = {"o.unit", true, "overdue o INDEXED BY overdue_of_unit"},
    [OVERDUE_BY_MATTER] = {"o.matter", true, "overdue o INDEXED BY overdue_of_matter"},
    [OVERDUE_BY_CASE] = {NULL, false, BY_TABLE},
    [OVERDUE_BY_URGED] = {"o.urged", true, "overdue o INDEXED BY overdue_by_urged"},
};

/* Cases with something overdue that a scope shows: `?` takes the JSON array of its units. */
#define OVERDUE_SEEN                                                                               \
    "(SELECT DISTINCT u.case_id FROM overdue_units u"                                              \
    " WHERE u.unit IN (SELECT value FROM json_each(?))) x CROSS JOIN overdue o"                    \
    " ON o.case_id = x.case_id"

/* What a list is made from. */
struct plan {
    const struct overdue_query *query;
    struct search_phrases phrases;
    const char *from;
    struct text from_value; /* the `?` in it, if it has one */
    bool by_words;
    bool by_scope;
    bool nothing;
};

/* How many cases the words leave, as far as ledger_few(). */
static enum err count_found(struct ledger *ledger, const struct plan *plan, int64_t *ret_found)
{
    struct select select;
    count_begin(&select);
    buf_string(&select.sql, "SELECT 1 FROM search WHERE search MATCH ?");
    select_text(&select, text_of(plan->phrases.match));
    return count_end(&select, ledger, ret_found);
}

/* Some filters have no index: the table, which holds what is overdue alone, is looked through. */
static bool looks_through(const struct plan *plan)
{
    const struct overdue_query *query = plan->query;
    return query->clock.bytes > 0 || query->stage.bytes > 0 || query->alert_state.bytes > 0 ||
           query->units.bytes > 0 || plan->phrases.count > 0 ||
           ((query->due_from > 0 || query->due_until > 0) && query->sort != OVERDUE_BY_DUE);
}

static const char *from_of(const struct plan *plan)
{
    const struct overdue_query *query = plan->query;
    if (query->unit.bytes > 0) {
        return orders[OVERDUE_BY_UNIT].from;
    }
    if (query->handler.bytes > 0) {
        return BY_HANDLER;
    }
    if (query->matter.bytes > 0) {
        return orders[OVERDUE_BY_MATTER].from;
    }
    return looks_through(plan) ? BY_TABLE : orders[query->sort].from;
}

static enum err make_plan(
    struct ledger *ledger, const struct overdue_query *query, struct plan *ret_plan)
{
    struct plan *plan = ret_plan;
    *plan = (struct plan){.query = query};
    if (query->q.bytes > 0 && !search_phrases_read(query->q, &plan->phrases)) {
        plan->nothing = true; /* marks and spaces only */
        return ERR_OK;
    }
    int64_t found = ledger_few(ledger) + 1;
    enum err err = ERR_OK;
    if (plan->phrases.count > 0) {
        err = count_found(ledger, plan, &found);
    }
    plan->nothing = found == 0;
    plan->from = from_of(plan);
    if (query->scope && !query->scope->all) {
        plan->by_scope = true;
        plan->from = OVERDUE_SEEN;
        plan->from_value = query->scope->units.bytes > 0 ? query->scope->units : TEXT_LITERAL("[]");
    } else if (found <= ledger_few(ledger) / WORDS_SHARE) {
        plan->by_words = true;
        plan->from = CASES_FOUND " x CROSS JOIN overdue o ON o.case_id = x.case_id";
        plan->from_value = text_of(plan->phrases.match);
    }
    return err;
}

static void add_conditions(struct select *select, const struct plan *plan)
{
    const struct overdue_query *query = plan->query;
    select_and_equal(select, "o.unit", query->unit);
    select_and_equal(select, "o.matter", query->matter);
    select_and_equal(select, "o.handler", query->handler);
    select_and_equal(select, "o.stage", query->stage);
    select_and_equal(select, "o.alert_state", query->alert_state);
    /* A clock also means those that run in each co-handling unit: "reply@d03". */
    select_and_equal(
        select,
        "iif(instr(o.clock, '@') > 0, substr(o.clock, 1, instr(o.clock, '@') - 1), o.clock)",
        query->clock);
    if (query->units.bytes > 0) {
        select_and(select, "o.unit IN (SELECT value FROM json_each(?))");
        select_text(select, query->units);
    }
    if (query->due_from > 0) {
        select_and(select, "o.due >= ?");
        select_number(select, query->due_from);
    }
    if (query->due_until > 0) {
        select_and(select, "o.due < ?");
        select_number(select, query->due_until);
    }
    if (plan->phrases.count > 0 && !plan->by_words) {
        select_and_found(select, "o.words", &plan->phrases);
    }
    if (!plan->by_scope) {
        select_seen(select, "o.case_id", query->scope, select_and);
    }
}

/* "FROM ... WHERE ..." without the page; `shown` joins what else is shown of a row. */
static void add_rows(struct select *select, const struct plan *plan, const char *shown)
{
    /* For the order of the table itself, which has no index to name. */
    const bool by_table = strcmp(plan->from, BY_TABLE) == 0;
    buf_format(
        &select->sql, " FROM %s%s WHERE %s", plan->from, shown,
        by_table ? "o.case_id >= ''" : "true");
    if (plan->from_value.bytes > 0) {
        select_text(select, plan->from_value);
    }
    add_conditions(select, plan);
}

/* ---- pages ---- */

/* The tie of a row: its case, clock and run, and what it is sorted by, one a line. */
static void overdue_end(
    struct list_end *end, enum overdue_sort sort, const struct ledger_overdue_row *row)
{
    char tie[sizeof(end->tie)];
    char urged[24];
    (void)snprintf(urged, sizeof(urged), "%lld", (long long)row->urged);
    const struct text by[OVERDUE_SORT_COUNT] = {
        [OVERDUE_BY_UNIT] = row->unit,
        [OVERDUE_BY_MATTER] = row->of.matter,
        [OVERDUE_BY_URGED] = text_of(urged),
    };
    (void)snprintf(
        tie, sizeof(tie), "%.*s\n%.*s\n%lld%s%.*s", TEXT_ARGS(row->of.id),
        TEXT_ARGS(row->run.clock), (long long)row->run.run, by[sort].bytes > 0 ? "\n" : "",
        TEXT_ARGS(by[sort]));
    list_end_set(end, row->run.due.ms, text_of(tie));
}

static void tie_parts(struct text tie, struct text ret_parts[KEY_PARTS])
{
    for (int index = 0; index < KEY_PARTS; index++) {
        const char *end = tie.bytes > 0 ? memchr(tie.ptr, '\n', tie.bytes) : NULL;
        const size_t bytes = end ? (size_t)(end - tie.ptr) : tie.bytes;
        ret_parts[index] = (struct text){.ptr = tie.ptr, .bytes = bytes};
        tie.ptr = end ? end + 1 : tie.ptr + bytes;
        tie.bytes -= end ? bytes + 1 : bytes;
    }
}

static void add_after(struct select *select, const struct overdue_query *query)
{
    const struct order *order = &orders[query->sort];
    struct text parts[KEY_PARTS];
    int64_t run = 0;
    int64_t urged = 0;
    tie_parts(query->after.tie, parts);
    if (!query->after.given || text_parse_i64(parts[2], &run)) {
        return;
    }
    buf_format(
        &select->sql, " AND (%s%s%s" KEYS ") %c (%s%s?, ?, ?)", order->column ? order->column : "",
        order->column ? ", " : "", order->has_due ? "o.due, " : "", query->descending ? '<' : '>',
        order->column ? "?, " : "", order->has_due ? "?, " : "");
    if (query->sort == OVERDUE_BY_URGED) {
        const bool unreadable = text_parse_i64(parts[3], &urged) != ERR_OK;
        select_number(select, unreadable ? 0 : urged);
    } else if (order->column) {
        select_text(select, parts[3]);
    }
    if (order->has_due) {
        select_number(select, query->after.number);
    }
    select_text(select, parts[0]);
    select_text(select, parts[1]);
    select_number(select, run);
}

static void add_order(struct select *select, const struct overdue_query *query)
{
    const struct order *order = &orders[query->sort];
    const char *direction = query->descending ? "DESC" : "ASC";
    buf_string(&select->sql, " ORDER BY ");
    if (order->column) {
        buf_format(&select->sql, "%s %s, ", order->column, direction);
    }
    if (order->has_due) {
        buf_format(&select->sql, "o.due %s, ", direction);
    }
    buf_format(&select->sql, "o.case_id %s, o.clock %s, o.run %s", direction, direction, direction);
}

#define SHOWN                                                                                      \
    " CROSS JOIN cases c ON c.id = o.case_id CROSS JOIN runs r ON r.case_id = o.case_id"           \
    " AND r.clock = o.clock AND r.run = o.run"

/*
 * The keys of the page in order, then what is shown of each; sorted again, being so few. What is
 * longer than a page, an export, is not gathered: its rows come as an index has them in order.
 */
static void page_select(struct select *select, const struct plan *plan)
{
    const struct overdue_query *query = plan->query;
    const bool is_page = query->limit <= PAGE_ROWS_MAX;
    select_init(
        select, "SELECT " CASE_COLUMNS ", " RUN_COLUMNS ", o.unit, o.handler, o.urged,"
                " o.last_urged, o.alert, o.stage, coalesce((SELECT a.title FROM alerts a"
                " WHERE a.id = o.alert), ''), o.alert_state");
    buf_string(&select->sql, is_page ? " FROM (SELECT o.*" : "");
    add_rows(select, plan, is_page ? "" : SHOWN);
    add_after(select, query);
    add_order(select, query);
    buf_format(&select->sql, " LIMIT %lld", (long long)query->limit + 1);
    if (is_page) {
        buf_string(&select->sql, ") o" SHOWN);
        add_order(select, query);
    }
}

static void row_read(struct sql_stmt *stmt, struct ledger_overdue_row *row)
{
    const int first = CASE_COLUMN_COUNT + RUN_COLUMN_COUNT;
    case_of_row(stmt, &row->of);
    run_of_row(stmt, CASE_COLUMN_COUNT, &row->run);
    row->unit = sql_text(stmt, first);
    row->handler = sql_text(stmt, first + 1);
    row->urged = sql_i64(stmt, first + 2);
    row->last_urged = sql_instant(stmt, first + 3);
    row->alert = sql_text(stmt, first + 4);
    row->alert_stage = sql_text(stmt, first + 5);
    row->alert_title = sql_text(stmt, first + 6);
    row->alert_state = sql_text(stmt, first + 7);
}

enum err ledger_overdue(
    struct ledger *ledger,
    const struct overdue_query *query,
    ledger_overdue_fn *take,
    void *context,
    struct list_end *ret_end)
{
    struct select select;
    struct sql_stmt *stmt = NULL;
    struct plan plan;
    *ret_end = (struct list_end){0};
    enum err err = make_plan(ledger, query, &plan);
    if (err || plan.nothing) {
        return err;
    }
    page_select(&select, &plan);
    err = select_prepare(&select, ledger, &stmt);
    int64_t taken = 0;
    while (!err && select_row(stmt, &err)) {
        struct ledger_overdue_row row;
        if (taken++ == query->limit) {
            ret_end->more = true;
            break;
        }
        row_read(stmt, &row);
        overdue_end(ret_end, query->sort, &row);
        if (!take(context, &row)) {
            break;
        }
    }
    sql_finalize(stmt);
    select_release(&select);
    return err;
}

enum err ledger_overdue_total(
    struct ledger *ledger, const struct overdue_query *query, struct ledger_total *ret_total)
{
    struct select select;
    struct plan plan;
    *ret_total = (struct ledger_total){0};
    enum err err = make_plan(ledger, query, &plan);
    if (err || plan.nothing) {
        return err;
    }
    if (strcmp(plan.from, orders[query->sort].from) == 0 && query->unit.bytes == 0 &&
        query->matter.bytes == 0 && query->sort != OVERDUE_BY_DUE) {
        plan.from = BY_TABLE; /* no order is asked for: the table is read as it lies */
    }
    select_init(&select, "SELECT count(*)");
    add_rows(&select, &plan, "");
    return select_count(&select, ledger, &ret_total->count);
}
