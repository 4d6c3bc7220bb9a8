/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of cases, by any filters and any offered order. Which index to enter by is decided here,
 * not by SQLite: of each filter it is counted how many cases it leaves, as far as ledger_few().
 * Where one leaves fewer, those are looked at and sorted. Where all leave more, the cases are
 * walked in the order asked for, which soon fills a page; LEDGER_SCAN_MAX rows at most, then the
 * page ends short and says where to go on.
 */
#include <stdio.h>

#include "console/ledger_overdue_sql.h"
#include "console/ledger_rows.h"

enum driver {
    BY_UNIT,
    BY_UNIT_STATUS,
    BY_HANDLER,
    BY_MATTER,
    BY_STATUS,
    BY_STATE,
    BY_LIGHT,
    BY_TIME,
    BY_LABEL,
    BY_WORDS,
    BY_SCOPE,
    DRIVER_COUNT,
    WALK = DRIVER_COUNT
};

/* So that the index by state and light can be entered by the light alone. */
#define ANY_STATE(column) column " IN ('unknown', 'open', 'suspended', 'completed', 'withdrawn')"

/* How many does it leave, and where to read them; both take the values of bind_driver(). */
static const struct {
    const char *probe;
    const char *from;
    int binds; /* of those, in `from`: the others are among the conditions */
} drivers[DRIVER_COUNT] = {
    [BY_UNIT] =
        {"SELECT 1 FROM cases INDEXED BY cases_of_unit WHERE unit = ?",
         "cases c INDEXED BY cases_of_unit", 0},
    [BY_UNIT_STATUS] =
        {"SELECT 1 FROM cases INDEXED BY cases_of_unit_by_status WHERE unit = ? AND status = ?",
         "cases c INDEXED BY cases_of_unit_by_status", 0},
    [BY_HANDLER] =
        {"SELECT 1 FROM cases INDEXED BY cases_of_handler WHERE handler = ?",
         "cases c INDEXED BY cases_of_handler", 0},
    [BY_MATTER] =
        {"SELECT 1 FROM cases INDEXED BY cases_of_matter WHERE matter = ?",
         "cases c INDEXED BY cases_of_matter", 0},
    [BY_STATUS] =
        {"SELECT 1 FROM cases INDEXED BY cases_by_status WHERE status = ?",
         "cases c INDEXED BY cases_by_status", 0},
    [BY_STATE] =
        {"SELECT 1 FROM cases INDEXED BY cases_by_state WHERE state = ?",
         "cases c INDEXED BY cases_by_state", 0},
    [BY_LIGHT] =
        {"SELECT 1 FROM cases INDEXED BY cases_by_state WHERE " ANY_STATE("state") " AND light = ?",
         "cases c INDEXED BY cases_by_state", 0},
    [BY_TIME] =
        {"SELECT 1 FROM cases INDEXED BY cases_by_created WHERE created >= ?"
         " AND created < ?",
         "cases c INDEXED BY cases_by_created", 0},
    [BY_LABEL] =
        {"SELECT 1 FROM case_labels WHERE label = ?",
         "(SELECT case_id FROM case_labels WHERE label = ?) x CROSS JOIN cases c"
         " ON c.id = x.case_id",
         1},
    [BY_WORDS] =
        {"SELECT 1 FROM search WHERE search MATCH ?",
         CASES_FOUND " x CROSS JOIN cases c ON c.id = x.case_id", 1},
    [BY_SCOPE] =
        {"SELECT 1 FROM case_units WHERE unit IN (SELECT value FROM json_each(?))",
         CASES_SEEN " x CROSS JOIN cases c ON c.id = x.case_id", 1},
};

struct plan {
    const struct case_query *query;
    struct search_phrases phrases;
    enum driver driver;
    int filters;  /* that can be entered by */
    int64_t left; /* by the driver */
    bool nothing; /* a filter leaves none */
};

static bool is_scoped(const struct case_query *query)
{
    return query->scope && !query->scope->all;
}

static bool is_given(const struct plan *plan, enum driver driver)
{
    const struct case_query *query = plan->query;
    switch (driver) {
    case BY_UNIT:
        return query->unit.bytes > 0;
    case BY_UNIT_STATUS:
        return query->unit.bytes > 0 && query->status.bytes > 0;
    case BY_HANDLER:
        return query->handler.bytes > 0;
    case BY_MATTER:
        return query->matter.bytes > 0;
    case BY_STATUS:
        return query->status.bytes > 0;
    case BY_STATE:
        return query->state.bytes > 0;
    case BY_LIGHT:
        return query->light.bytes > 0;
    case BY_TIME:
        return query->from > 0 || query->until > 0;
    case BY_LABEL:
        return query->label.bytes > 0;
    case BY_WORDS:
        return query->q.bytes > 0;
    case BY_SCOPE:
        return is_scoped(query);
    case DRIVER_COUNT:
        break;
    }
    return false;
}

static int64_t time_end(const struct case_query *query)
{
    return query->until > 0 ? query->until : INT64_MAX;
}

static void bind_driver(struct select *select, const struct plan *plan, enum driver driver)
{
    const struct case_query *query = plan->query;
    const struct text texts[DRIVER_COUNT] = {
        [BY_UNIT] = query->unit,
        [BY_HANDLER] = query->handler,
        [BY_MATTER] = query->matter,
        [BY_STATUS] = query->status,
        [BY_STATE] = query->state,
        [BY_LIGHT] = query->light,
        [BY_LABEL] = query->label,
        [BY_WORDS] = text_of(plan->phrases.match),
        [BY_SCOPE] = query->scope ? query->scope->units : (struct text){0},
    };
    if (driver == BY_TIME) {
        select_number(select, query->from);
        select_number(select, time_end(query));
    } else if (driver == BY_UNIT_STATUS) {
        select_text(select, query->unit);
        select_text(select, query->status);
    } else {
        const bool empty = texts[driver].bytes == 0;
        select_text(select, empty ? TEXT_LITERAL("[]") : texts[driver]); /* an empty scope */
    }
}

static enum err probe(
    struct ledger *ledger, const struct plan *plan, enum driver driver, int64_t *ret_left)
{
    struct select select;
    count_begin(&select);
    buf_string(&select.sql, drivers[driver].probe);
    bind_driver(&select, plan, driver);
    return count_end(&select, ledger, ret_left);
}

/* Where a walk goes along; its order is the one asked for. */
struct walk {
    const char *index;
    bool by_unit;
    bool by_handler;
    bool by_status;
};

static struct walk walk_by_updated(bool unit, bool handler)
{
    if (unit) {
        return (struct walk){.index = "INDEXED BY cases_of_unit", .by_unit = true};
    }
    if (handler) {
        return (struct walk){.index = "INDEXED BY cases_of_handler", .by_handler = true};
    }
    return (struct walk){.index = "INDEXED BY cases_by_updated"};
}

static struct walk walk_by_due(bool unit, bool status)
{
    if (unit && status) {
        return (struct walk){
            .index = "INDEXED BY cases_of_unit_by_status", .by_unit = true, .by_status = true};
    }
    if (unit) {
        return (struct walk){.index = "INDEXED BY cases_of_unit_by_due", .by_unit = true};
    }
    if (status) {
        return (struct walk){.index = "INDEXED BY cases_by_status", .by_status = true};
    }
    return (struct walk){.index = "INDEXED BY cases_by_due"};
}

static struct walk walk_of(const struct case_query *query)
{
    const bool unit = query->unit.bytes > 0;
    switch (query->sort) {
    case SORT_UPDATED:
        return walk_by_updated(unit, query->handler.bytes > 0);
    case SORT_CREATED:
        return unit ? (struct walk){.index = "INDEXED BY cases_of_unit_by_created", .by_unit = true}
                    : (struct walk){.index = "INDEXED BY cases_by_created"};
    case SORT_DUE:
        return walk_by_due(unit, query->status.bytes > 0);
    case SORT_ID:
    case CASE_SORT_COUNT:
        break;
    }
    return (struct walk){.index = ""};
}

static bool goes_along(const struct case_query *query, enum driver driver)
{
    const struct walk walk = walk_of(query);
    return (driver == BY_UNIT && walk.by_unit) || (driver == BY_HANDLER && walk.by_handler) ||
           (driver == BY_STATUS && walk.by_status) ||
           (driver == BY_TIME && query->sort == SORT_CREATED);
}

static enum err make_plan(
    struct ledger *ledger, const struct case_query *query, struct plan *ret_plan)
{
    struct plan *plan = ret_plan;
    *plan = (struct plan){.query = query, .driver = WALK, .left = ledger_few(ledger) + 1};
    if (query->q.bytes > 0 && !search_phrases_read(query->q, &plan->phrases)) {
        plan->nothing = true; /* marks and spaces only */
        return ERR_OK;
    }
    enum err err = ERR_OK;
    for (int driver = 0; driver < DRIVER_COUNT && !err && plan->left > 0; driver++) {
        int64_t left = 0;
        if (!is_given(plan, (enum driver)driver)) {
            continue;
        }
        plan->filters++;
        err = probe(ledger, plan, (enum driver)driver, &left);
        if (!err && left < plan->left) {
            plan->left = left;
            plan->driver = (enum driver)driver;
        }
    }
    plan->nothing = plan->left == 0;
    if (plan->filters == 1 && goes_along(query, plan->driver)) {
        plan->driver = WALK; /* in the order asked for, and through nothing else */
    }
    return err;
}

/* ---- the statement ---- */

/* All filters but the one that `from` has, as " AND ...". */
static void add_conditions(struct select *select, const struct plan *plan)
{
    const struct case_query *query = plan->query;
    select_and_equal(select, "c.unit", query->unit);
    select_and_equal(select, "c.handler", query->handler);
    select_and_equal(select, "c.matter", query->matter);
    select_and_equal(select, "c.status", query->status);
    select_and_equal(select, "c.state", query->state);
    select_and_equal(select, "c.light", query->light);
    if (plan->driver == BY_LIGHT) {
        select_and(select, ANY_STATE("c.state"));
    }
    if (is_given(plan, BY_TIME)) {
        select_and(select, "c.created >= ? AND c.created < ?");
        bind_driver(select, plan, BY_TIME);
    }
    if (query->label.bytes > 0 && plan->driver != BY_LABEL) {
        select_and(
            select, "EXISTS (SELECT 1 FROM case_labels l WHERE l.label = ? AND l.case_id = c.id)");
        select_text(select, query->label);
    }
    if (plan->driver != BY_WORDS) {
        select_and_found(select, CASE_WORDS("c"), &plan->phrases);
    }
    if (plan->driver != BY_SCOPE) {
        select_seen(select, "c.id", query->scope, select_and);
    }
}

static void add_walk(struct select *select, const struct plan *plan)
{
    const struct case_query *query = plan->query;
    const struct walk walk = walk_of(query);
    buf_format(
        &select->sql, " FROM cases c %s WHERE %s", walk.index,
        query->sort == SORT_ID ? "c.id >= ''" : "true");
    if (walk.by_unit) {
        select_and_equal(select, "c.unit", query->unit);
    }
    if (walk.by_handler) {
        select_and_equal(select, "c.handler", query->handler);
    }
    if (walk.by_status) {
        select_and_equal(select, "c.status", query->status);
    }
    if (query->sort == SORT_CREATED && is_given(plan, BY_TIME)) {
        select_and(select, "c.created >= ? AND c.created < ?");
        bind_driver(select, plan, BY_TIME);
    }
}

/*
 * "SELECT columns, does it fit FROM ... WHERE ...": of a walk every row comes, so that it can be
 * said where it ended.
 */
static void add_rows(struct select *select, const struct plan *plan)
{
    if (plan->driver == WALK) {
        buf_string(&select->sql, "(true");
        add_conditions(select, plan);
        buf_string(&select->sql, ") AS fits");
        add_walk(select, plan);
        return;
    }
    buf_format(&select->sql, "true AS fits FROM %s WHERE true", drivers[plan->driver].from);
    if (drivers[plan->driver].binds > 0) {
        bind_driver(select, plan, plan->driver);
    }
    add_conditions(select, plan);
}

static void add_page(struct select *select, const struct case_query *query, bool walks)
{
    static const char *const columns[CASE_SORT_COUNT] = {"c.updated", "c.created", "c.due", "c.id"};
    char order[64];
    const char *direction = query->descending ? "DESC" : "ASC";
    const char *column = columns[query->sort];
    const char sign = query->descending ? '<' : '>';
    if (query->sort == SORT_ID) {
        (void)snprintf(order, sizeof(order), "c.id %s", direction);
    } else {
        (void)snprintf(order, sizeof(order), "%s %s, c.id %s", column, direction, direction);
    }
    if (query->after.given && query->sort == SORT_ID) {
        buf_format(&select->sql, " AND c.id %c ?", sign);
        select_text(select, query->after.tie);
    } else if (query->after.given) {
        buf_format(&select->sql, " AND (%s, c.id) %c (?, ?)", column, sign);
        select_number(select, query->after.number);
        select_text(select, query->after.tie);
    }
    select_end(select, order, walks ? LEDGER_SCAN_MAX : query->limit + 1);
}

/* ---- reading ---- */

/* Of several misses the one that still runs counts, else the one that was the latest. */
static bool is_later(const struct ledger_case *row, int64_t due, struct ledger_instant end)
{
    const bool open = row->late_due.known && !row->late_end.known;
    return !row->late_due.known || (!end.known && !open) ||
           (!end.known && due < row->late_due.ms) ||
           (end.known && !open && end.ms - due > row->late_end.ms - row->late_due.ms);
}

/* The runs of a case, as its row in a list shows them. */
static enum err add_standing(struct ledger *ledger, struct sql_stmt **stmt, struct ledger_case *row)
{
    struct err_why why = {0};
    enum err err = ERR_OK;
    if (!*stmt) {
        err = sql_prepare(
            ledger->db,
            "SELECT outcome, due, stopped, coalesce(waived, 0) OR rule_change FROM runs"
            " WHERE case_id = ?1 AND due IS NOT NULL",
            stmt, &why);
    }
    if (err) {
        return err;
    }
    sql_bind_text(*stmt, 1, row->id);
    while (select_row(*stmt, &err)) {
        const int64_t due = sql_i64(*stmt, 1);
        const struct ledger_instant end = sql_instant(*stmt, 2);
        const bool running = text_is(sql_text(*stmt, 0), "running");
        const bool missed = text_is(sql_text(*stmt, 0), "missed");
        if (running && (!row->next_due.known || due < row->next_due.ms)) {
            row->next_due = (struct ledger_instant){.known = true, .ms = due};
        }
        if (!missed || (end.known && sql_i64(*stmt, 3) != 0)) {
            continue;
        }
        if (is_later(row, due, end)) {
            row->late_due = (struct ledger_instant){.known = true, .ms = due};
            row->late_end = end;
        }
    }
    sql_reset(*stmt);
    return err;
}

static int64_t sort_number(const struct ledger_case *row, enum case_sort sort)
{
    const int64_t numbers[CASE_SORT_COUNT] = {row->updated, row->created, row->due, 0};
    return numbers[sort];
}

static enum err read_page(
    struct ledger *ledger,
    const struct plan *plan,
    ledger_case_fn *take,
    void *context,
    struct list_end *ret_end)
{
    const struct case_query *query = plan->query;
    struct select select;
    struct sql_stmt *stmt = NULL;
    struct sql_stmt *runs = NULL;
    select_init(&select, "SELECT " CASE_COLUMNS ", ");
    add_rows(&select, plan);
    add_page(&select, query, plan->driver == WALK);
    enum err err = select_prepare(&select, ledger, &stmt);
    int64_t taken = 0;
    int64_t seen = 0;
    bool goes_on = true;
    while (!err && goes_on && select_row(stmt, &err)) {
        struct ledger_case row;
        const bool fits = sql_i64(stmt, CASE_COLUMN_COUNT) != 0;
        if (fits && taken == query->limit) {
            ret_end->more = true;
            break;
        }
        case_of_row(stmt, &row);
        seen++;
        list_end_set(ret_end, sort_number(&row, query->sort), row.id);
        if (fits) {
            taken++;
            err = add_standing(ledger, &runs, &row);
            goes_on = !err && take(context, &row);
        }
    }
    ret_end->more = ret_end->more || seen == LEDGER_SCAN_MAX;
    sql_finalize(runs);
    sql_finalize(stmt);
    select_release(&select);
    return err;
}

/* ---- how many ---- */

/* Of a walk a lower bound: of so many rows. */
#define COUNT_WALK_ROWS 5000

static enum err count_walked(
    struct ledger *ledger, const struct plan *plan, struct ledger_total *ret_total)
{
    char end[48];
    int64_t seen = 0;
    struct select select;
    select_init(&select, "SELECT coalesce(sum(fits), 0) * 1000000 + count(*) FROM (SELECT ");
    add_rows(&select, plan);
    (void)snprintf(end, sizeof(end), " LIMIT %d)", COUNT_WALK_ROWS);
    buf_string(&select.sql, end);
    const enum err err = select_count(&select, ledger, &seen);
    ret_total->count = seen / 1000000;
    ret_total->more = seen % 1000000 == COUNT_WALK_ROWS;
    return err;
}

static enum err count_rows(
    struct ledger *ledger, const struct plan *plan, struct ledger_total *ret_total)
{
    struct select select;
    char end[32];
    select_init(&select, "SELECT count(*) FROM (SELECT ");
    add_rows(&select, plan);
    (void)snprintf(end, sizeof(end), " LIMIT %d)", LEDGER_TOTAL_MAX + 1);
    buf_string(&select.sql, end);
    return select_count(&select, ledger, &ret_total->count);
}

static enum err count_all(
    struct ledger *ledger, const struct plan *plan, struct ledger_total *ret_total)
{
    const bool probed = plan->filters == 1; /* nothing else was asked for */
    struct ledger_total total = {.count = plan->left};
    enum err err = ERR_OK;
    if (plan->driver == WALK && !probed && plan->filters > 0) {
        err = count_walked(ledger, plan, &total);
    } else if (!probed) {
        err = count_rows(ledger, plan, &total);
    }
    if (total.count > LEDGER_TOTAL_MAX) {
        total = (struct ledger_total){.count = LEDGER_TOTAL_MAX, .more = true};
    }
    total.more = total.more || (probed && plan->left > ledger_few(ledger));
    *ret_total = total;
    return err;
}

enum err ledger_cases(
    struct ledger *ledger,
    const struct case_query *query,
    ledger_case_fn *take,
    void *context,
    struct list_end *ret_end)
{
    struct plan plan;
    *ret_end = (struct list_end){0};
    enum err err = make_plan(ledger, query, &plan);
    if (query->ret_total) {
        *query->ret_total = (struct ledger_total){0};
    }
    if (!err && !plan.nothing && query->ret_total) {
        err = count_all(ledger, &plan, query->ret_total);
    }
    return err || plan.nothing ? err : read_page(ledger, &plan, take, context, ret_end);
}

enum err ledger_cases_total(
    struct ledger *ledger, const struct case_query *query, struct ledger_total *ret_total)
{
    struct plan plan;
    *ret_total = (struct ledger_total){0};
    const enum err err = make_plan(ledger, query, &plan);
    return err || plan.nothing ? err : count_all(ledger, &plan, ret_total);
}
