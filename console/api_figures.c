/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The figures over HTTP: by unit, by month, by matter, and what each of them means. Everything is
 * of the actor's scope. The numbers come from console/figure_table.h.
 */
#include <stdio.h>
#include <string.h>

#include "console/api.h"
#include "console/figure_members.h"
#include "console/figure_words.h"

#define ARENA_BYTES_MAX ((size_t)256 * 1024 * 1024)

/* A month of a parameter; true when it is absent. */
static bool month_param(struct http_call *call, const char *name, int32_t *ret_month)
{
    const struct text given = http_param(&call->head, name);
    if (given.bytes == 0 || figure_month_read(given, ret_month)) {
        return true;
    }
    char detail[96];
    (void)snprintf(detail, sizeof(detail), "%s must be a month, such as 2019-07", name);
    problem_answer(call, PROBLEM_BAD_REQUEST, detail);
    return false;
}

static bool query_read(
    const struct view *view, struct http_call *call, struct figure_query *ret_query)
{
    *ret_query = (struct figure_query){
        .family = http_param(&call->head, "family"),
        .unit = http_param(&call->head, "unit"),
        .scope = &view->actor->scope,
    };
    int32_t month = 0;
    if (!month_param(call, "month", &month) || !month_param(call, "from", &ret_query->from) ||
        !month_param(call, "to", &ret_query->until)) {
        return false;
    }
    if (month > 0) {
        ret_query->from = month;
        ret_query->until = month;
    }
    return true;
}

/* ---- families, units ---- */

static void put_families(struct json_out *out, const struct figure_table *table, int32_t month)
{
    json_out_key(out, "families");
    json_out_open(out, '[');
    for (size_t index = 0; index < table->count; index++) {
        const struct figure_line *line = &table->items[index];
        if (month > 0 && line->month != month) {
            continue;
        }
        json_out_open(out, '{');
        json_out_member(out, "family", line->key);
        json_out_member_i64(out, "met", line->sums.met);
        json_out_member_i64(out, "missed", line->sums.missed);
        figure_rate_member(out, "on_time_rate", &line->on_time);
        json_out_close(out, '}');
    }
    json_out_close(out, ']');
}

struct unit_rows {
    const struct view *view;
    struct json_out *out;
    int64_t misses_min;
};

static bool put_unit_family(void *context, const struct figure_sums *sums)
{
    const struct unit_rows *rows = context;
    struct json_out *out = rows->out;
    struct figure_rate rate = {0};
    if (sums->row.missed < rows->misses_min) {
        return true;
    }
    rate.known = figure_share(sums->row.met, sums->row.met + sums->row.missed, &rate.share);
    json_out_open(out, '{');
    json_out_member(out, "family", sums->row.family);
    api_member_unit(rows->view, out, "unit", sums->row.unit);
    json_out_member_i64(out, "met", sums->row.met);
    json_out_member_i64(out, "missed", sums->row.missed);
    figure_rate_member(out, "on_time_rate", &rate);
    json_out_close(out, '}');
    return true;
}

enum err figure_unit_members(
    const struct view *view,
    struct json_out *out,
    const struct figure_query *query,
    int64_t misses_min)
{
    struct unit_rows rows = {.view = view, .out = out, .misses_min = misses_min};
    struct figure_query asked = *query;
    asked.by = FIGURE_BY_FAMILY | FIGURE_BY_UNIT;
    json_out_key(out, "units");
    json_out_open(out, '[');
    const enum err err = ledger_run_sums(view->ledger, &asked, put_unit_family, &rows);
    json_out_close(out, ']');
    return err;
}

void api_member_ranking(
    const struct view *view, struct json_out *out, const struct figure_table *table)
{
    json_out_key(out, "ranking");
    json_out_open(out, '[');
    for (size_t index = 0; index < table->count; index++) {
        const struct figure_line *line = &table->items[index];
        json_out_open(out, '{');
        api_member_unit(view, out, "unit", line->key);
        json_out_key(out, "rank");
        if (line->rank > 0) {
            json_out_i64(out, line->rank);
        } else {
            json_out_null(out);
        }
        figure_line_members(out, line);
        json_out_close(out, '}');
    }
    json_out_close(out, ']');
}

static void put_total(struct json_out *out, const struct figure_table *table)
{
    const struct figure_line none = {0};
    json_out_key(out, "total");
    json_out_open(out, '{');
    figure_line_members(out, table->count > 0 ? &table->items[0] : &none);
    json_out_close(out, '}');
}

enum err figure_families_member(
    const struct view *view,
    struct json_out *out,
    const struct figure_query *query,
    struct arena *arena)
{
    struct figure_query asked = *query;
    struct figure_table families = {0};
    asked.by = 0;
    const enum err err = figure_table_families(view, &asked, arena, &families);
    put_families(out, &families, 0);
    return err;
}

static enum err units_write(
    const struct view *view,
    struct json_out *out,
    const struct figure_query *query,
    struct figure_table *ranking,
    int64_t misses_min)
{
    struct arena arena;
    struct figure_table total = {0};
    struct figure_query all = *query;
    arena_init(&arena, ARENA_BYTES_MAX);
    all.by = 0;
    enum err err = figure_families_member(view, out, query, &arena);
    if (!err) {
        err = figure_unit_members(view, out, query, misses_min);
    }
    if (!err) {
        err = figure_table_make(view, &all, &arena, &total);
    }
    put_total(out, &total);
    api_member_ranking(view, out, ranking);
    arena_release(&arena);
    return err;
}

void api_figures_units(const struct view *view, struct http_call *call)
{
    const struct text misses = http_param(&call->head, "misses_min");
    const struct text sort = http_param(&call->head, "sort");
    struct figure_query query;
    struct figure_table ranking = {0};
    struct api_json json;
    struct arena arena;
    int64_t misses_min = 0;
    if (misses.bytes > 0 && text_parse_i64(misses, &misses_min)) {
        problem_answer(call, PROBLEM_BAD_REQUEST, "misses_min must be a number");
        return;
    }
    if (!query_read(view, call, &query)) {
        return;
    }
    query.by = FIGURE_BY_UNIT;
    arena_init(&arena, ARENA_BYTES_MAX);
    enum err err = figure_table_make(view, &query, &arena, &ranking);
    if (!err && sort.bytes > 0 && !figure_table_sort(&ranking, sort)) {
        problem_answer(call, PROBLEM_BAD_REQUEST, "sort must be one of: " FIGURE_SORTS);
        arena_release(&arena);
        return;
    }
    api_json_init(&json);
    json_out_open(&json.out, '{');
    if (!err) {
        err = units_write(view, &json.out, &query, &ranking, misses_min);
    }
    json_out_close(&json.out, '}');
    api_json_answer(call, 200, &json, err);
    arena_release(&arena);
}

/* ---- months ---- */

static void put_month(
    struct json_out *out, const struct figure_line *line, const struct figure_table *families)
{
    char month[FIGURE_MONTH_BYTES];
    json_out_open(out, '{');
    json_out_member(out, "month", text_of(figure_month_text(line->month, month)));
    put_families(out, families, line->month);
    figure_line_members(out, line);
    json_out_close(out, '}');
}

enum err figure_months_member(
    const struct view *view,
    struct json_out *out,
    const char *key,
    const struct figure_query *query)
{
    struct arena arena;
    struct figure_table months = {0};
    struct figure_table families = {0};
    struct figure_query asked = *query;
    arena_init(&arena, ARENA_BYTES_MAX);
    asked.by = FIGURE_BY_MONTH;
    enum err err = figure_table_make(view, &asked, &arena, &months);
    if (!err) {
        err = figure_table_families(view, &asked, &arena, &families);
    }
    json_out_key(out, key);
    json_out_open(out, '[');
    for (size_t index = 0; index < months.count && !err; index++) {
        put_month(out, &months.items[index], &families);
    }
    json_out_close(out, ']');
    arena_release(&arena);
    return err;
}

void api_figures_months(const struct view *view, struct http_call *call)
{
    struct figure_query query;
    struct api_json json;
    if (!query_read(view, call, &query)) {
        return;
    }
    api_json_init(&json);
    json_out_open(&json.out, '{');
    const enum err err = figure_months_member(view, &json.out, "months", &query);
    json_out_close(&json.out, '}');
    api_json_answer(call, 200, &json, err);
}

/* ---- matters ---- */

static void put_matter(
    const struct view *view, struct json_out *out, const struct figure_line *line)
{
    const struct matter *matter = directory_matter(view_policy(view)->directory, line->key);
    struct figure_rate compression = {0};
    compression.known = figure_matter_compression(view_policy(view), line->key, &compression.share);
    json_out_open(out, '{');
    json_out_member(out, "matter", line->key);
    json_out_member(out, "title", matter ? matter->title : line->key);
    json_out_member(out, "parent", matter ? matter->parent : (struct text){0});
    figure_line_members(out, line);
    figure_rate_member(out, "compression", &compression);
    json_out_close(out, '}');
}

void api_figures_matters(const struct view *view, struct http_call *call)
{
    struct figure_query query;
    struct figure_table matters = {0};
    struct api_json json;
    struct arena arena;
    if (!query_read(view, call, &query)) {
        return;
    }
    query.by = FIGURE_BY_MATTER;
    arena_init(&arena, ARENA_BYTES_MAX);
    const enum err err = figure_table_make(view, &query, &arena, &matters);
    api_json_init(&json);
    json_out_open(&json.out, '{');
    json_out_key(&json.out, "matters");
    json_out_open(&json.out, '[');
    for (size_t index = 0; index < matters.count && !err; index++) {
        put_matter(view, &json.out, &matters.items[index]);
    }
    json_out_close(&json.out, ']');
    json_out_close(&json.out, '}');
    api_json_answer(call, 200, &json, err);
    arena_release(&arena);
}

/* ---- definitions ---- */

static void put_both(struct json_out *out, const char *key, const char *zh, const char *en)
{
    json_out_key(out, key);
    json_out_open(out, '{');
    json_out_member(out, "zh", text_of(zh));
    json_out_member(out, "en", text_of(en));
    json_out_close(out, '}');
}

void api_figures_definitions(const struct view *view, struct http_call *call)
{
    struct api_json json;
    (void)view;
    api_json_init(&json);
    json_out_open(&json.out, '{');
    json_out_key(&json.out, "items");
    json_out_open(&json.out, '[');
    for (size_t index = 0; index < figure_word_count; index++) {
        const struct figure_word *word = &figure_words[index];
        json_out_open(&json.out, '{');
        json_out_member(&json.out, "id", text_of(word->id));
        put_both(&json.out, "title", word->title_zh, word->title_en);
        put_both(&json.out, "text", word->text_zh, word->text_en);
        json_out_close(&json.out, '}');
    }
    json_out_close(&json.out, ']');
    json_out_close(&json.out, '}');
    api_json_answer(call, 200, &json, ERR_OK);
}
