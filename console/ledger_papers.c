/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See ledger_papers.h. Papers are told in partition 0 alone: the journal has one order of them.
 * A fact names the last place that its console knew of, so that a ledger made from what a trimmed
 * journal still had goes on from there and not from one.
 */
#include "console/ledger_papers.h"

#include <inttypes.h>
#include <stdio.h>

#include "console/ledger_sql.h"

#define CASES_MAX 500

void paper_number(struct text prefix, int64_t year, int64_t place, char *ret, size_t bytes)
{
    (void)snprintf(
        ret, bytes, "%.*s〔%" PRId64 "〕%" PRId64 "号", TEXT_ARGS(utf8_cut(prefix, 60)), year,
        place);
}

/* ---- writing ---- */

/* Papers are few: their statements are prepared when one comes. */
static const char paper_insert[] =
    "INSERT INTO papers SELECT ?1, ?2, ?3, max(coalesce((SELECT max(place) FROM papers"
    " WHERE kind = ?2 AND year = ?3), 0), ?4) + 1, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15"
    " WHERE true ON CONFLICT DO NOTHING";

static enum err write_row(
    struct ledger *ledger,
    const struct fact_place *place,
    const struct json_value *fact,
    struct err_why *why)
{
    struct sql_stmt *stmt = NULL;
    enum err err = sql_prepare(ledger->db, paper_insert, &stmt, why);
    if (err) {
        return err;
    }
    bind_member(stmt, 1, fact, "id");
    bind_member(stmt, 2, fact, "kind");
    bind_number(stmt, 3, fact, "year");
    bind_number(stmt, 4, fact, "after");
    bind_member(stmt, 5, fact, "prefix");
    bind_number(stmt, 6, fact, "at");
    bind_member(stmt, 7, fact, "by");
    bind_member(stmt, 8, fact, "office");
    bind_member(stmt, 9, fact, "unit");
    bind_member(stmt, 10, fact, "unit_name");
    bind_member(stmt, 11, fact, "words");
    bind_instant_or_null(stmt, 12, fact, "reply_by");
    bind_json(stmt, 13, fact, "copy_to", "[]");
    bind_json(stmt, 14, fact, "items", "[]");
    sql_bind_text(stmt, 15, text_of(place->key));
    err = sql_run(stmt, why);
    sql_finalize(stmt);
    return err;
}

static enum err write_cases(
    struct ledger *ledger, const struct json_value *fact, struct err_why *why)
{
    static const char text[] = "INSERT INTO paper_cases VALUES(?1, ?2, ?3)";
    struct sql_stmt *stmt = NULL;
    enum err err = sql_prepare(ledger->db, text, &stmt, why);
    int64_t place = 0;
    const struct json_value *item = json_first(json_get(fact, "items"));
    for (; !err && item && place < CASES_MAX; item = json_next(item)) {
        bind_member(stmt, 1, fact, "id");
        sql_bind_i64(stmt, 2, place++);
        bind_member(stmt, 3, item, "case");
        err = sql_run(stmt, why);
    }
    sql_finalize(stmt);
    return err;
}

enum err ledger_write_paper(
    struct ledger *ledger,
    const struct fact_place *place,
    const struct json_value *fact,
    struct err_why *why)
{
    if (json_get_string(fact, "id").bytes == 0 || json_get_string(fact, "kind").bytes == 0) {
        return fact_lacks(why, "paper", "id\" or \"kind");
    }
    const enum err err = write_row(ledger, place, fact, why);
    /* Told a second time: it has its number, and its cases. */
    return err || sql_changes(ledger->db) == 0 ? err : write_cases(ledger, fact, why);
}

/* ---- reading ---- */

static void paper_of_row(struct sql_stmt *stmt, struct ledger_paper *row)
{
    *row = (struct ledger_paper){
        .id = sql_text(stmt, 0),
        .kind = sql_text(stmt, 1),
        .year = sql_i64(stmt, 2),
        .place = sql_i64(stmt, 3),
        .at = sql_i64(stmt, 5),
        .by = sql_text(stmt, 6),
        .office = sql_text(stmt, 7),
        .unit = sql_text(stmt, 8),
        .unit_name = sql_text(stmt, 9),
        .words = sql_text(stmt, 10),
        .reply_by = sql_instant(stmt, 11),
        .copy_to = sql_text(stmt, 12),
        .items = sql_text(stmt, 13),
    };
    paper_number(sql_text(stmt, 4), row->year, row->place, row->number, sizeof(row->number));
}

enum err ledger_papers(
    struct ledger *ledger,
    const struct paper_query *query,
    ledger_paper_fn *take,
    void *context,
    struct list_end *ret_end)
{
    struct select select;
    struct sql_stmt *stmt = NULL;
    select_init(
        &select, "SELECT id, kind, year, place, prefix, at, by_person, office, unit, unit_name,"
                 " words, reply_by, copy_to, items FROM papers");
    select_equal(&select, "id", query->id);
    select_equal(&select, "kind", query->kind);
    select_equal(&select, "unit", query->unit);
    if (query->case_id.bytes > 0) {
        select_where(&select, "id IN (SELECT paper FROM paper_cases WHERE case_id = ?)");
        select_text(&select, query->case_id);
    }
    if (query->scope) {
        select_scope(&select, "unit", query->scope);
    }
    select_after(&select, "at, id", true, &query->after);
    select_end(&select, "at DESC, id DESC", query->limit + 1);
    enum err err = select_prepare(&select, ledger, &stmt);
    int64_t taken = 0;
    *ret_end = (struct list_end){0};
    while (!err && select_row(stmt, &err)) {
        struct ledger_paper row;
        if (taken++ == query->limit) {
            ret_end->more = true;
            break;
        }
        paper_of_row(stmt, &row);
        list_end_set(ret_end, row.at, row.id);
        if (!take(context, &row)) {
            break;
        }
    }
    sql_finalize(stmt);
    select_release(&select);
    return err;
}

enum err ledger_paper_last(
    struct ledger *ledger, struct text kind, int64_t year, int64_t *ret_place)
{
    struct select select;
    struct sql_stmt *stmt = NULL;
    select_init(&select, "SELECT max(place) FROM papers");
    select_equal(&select, "kind", kind);
    select_where(&select, "year = ?");
    select_number(&select, year);
    enum err err = select_prepare(&select, ledger, &stmt);
    if (!err && select_row(stmt, &err)) {
        *ret_place = sql_i64(stmt, 0); /* NULL reads as 0 */
    }
    sql_finalize(stmt);
    select_release(&select);
    return err;
}

enum err ledger_paper_untold(
    struct ledger *ledger,
    int64_t since,
    const char *source,
    char ret_id[static 128],
    int64_t *ret_at)
{
    struct select select;
    struct sql_stmt *stmt = NULL;
    select_init(&select, "SELECT p.id, p.at FROM papers p JOIN paper_cases c ON c.paper = p.id");
    select_where(&select, "p.at >= ?");
    select_number(&select, since);
    select_where(
        &select, "NOT EXISTS (SELECT 1 FROM events e WHERE e.source = ? AND e.id = p.id || ':' ||"
                 " c.place AND e.case_id = c.case_id)");
    select_text(&select, text_of(source));
    select_end(&select, "p.at", 1);
    enum err err = select_prepare(&select, ledger, &stmt);
    bool found = false;
    if (!err && select_row(stmt, &err)) {
        (void)snprintf(ret_id, 128, "%.*s", TEXT_ARGS(sql_text(stmt, 0)));
        *ret_at = sql_i64(stmt, 1);
        found = true;
    }
    sql_finalize(stmt);
    select_release(&select);
    return err || found ? err : ERR_NOT_FOUND;
}
