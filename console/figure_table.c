/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sums of three kinds are joined by their key, then every rate is made from them, then ranks.
 */
#include "console/figure_table.h"

#include <stdlib.h>
#include <string.h>

#define MONTHS_MAX 1200
#define LINES_MAX  ((size_t)1 << 20)

struct making {
    const struct view *view;
    const struct figure_query *query;
    struct arena *arena;
    struct figure_line *lines;
    size_t count;
    size_t capacity;
    bool by_family;
    bool out_of_memory;
};

/* ---- joining ---- */

static struct text key_of(const struct making *making, const struct figure_sums *sums)
{
    if (making->by_family) {
        return sums->row.family;
    }
    return making->query->by & FIGURE_BY_MATTER ? sums->matter : sums->row.unit;
}

static int compare_lines(const void *a, const void *b)
{
    const struct figure_line *left = a;
    const struct figure_line *right = b;
    const int order = text_compare(left->key, right->key);
    return order != 0 ? order : (left->month > right->month) - (left->month < right->month);
}

static struct figure_line *line_find(const struct making *making, const struct figure_line *wanted)
{
    size_t from = 0;
    size_t until = making->count;
    while (from < until) {
        const size_t middle = from + (until - from) / 2;
        const int order = compare_lines(&making->lines[middle], wanted);
        if (order == 0) {
            return &making->lines[middle];
        }
        if (order < 0) {
            from = middle + 1;
        } else {
            until = middle;
        }
    }
    return NULL;
}

static bool grow(struct making *making)
{
    const size_t capacity = making->capacity ? making->capacity * 2 : 64;
    struct figure_line *lines =
        capacity > LINES_MAX ? NULL : arena_array(making->arena, capacity, sizeof(*lines));
    if (!lines) {
        making->out_of_memory = true;
        return false;
    }
    if (making->count > 0) {
        memcpy(lines, making->lines, making->count * sizeof(*lines));
    }
    making->lines = lines;
    making->capacity = capacity;
    return true;
}

/*
 * The line of these sums, added when there is none. The rows of one question come by family, so
 * one unit's may be apart: lines stay sorted, and the new one is moved to its place.
 */
static struct figure_line *line_of(struct making *making, const struct figure_sums *sums)
{
    struct figure_line wanted = {.key = key_of(making, sums), .month = sums->row.month};
    struct figure_line *line = line_find(making, &wanted);
    if (line) {
        return line;
    }
    if (making->count == making->capacity && !grow(making)) {
        return NULL;
    }
    wanted.key = arena_text(making->arena, wanted.key);
    if (!wanted.key.ptr) {
        making->out_of_memory = true;
        return NULL;
    }
    size_t at = making->count++;
    for (; at > 0 && compare_lines(&making->lines[at - 1], &wanted) > 0; at--) {
        making->lines[at] = making->lines[at - 1];
    }
    making->lines[at] = wanted;
    return &making->lines[at];
}

/* Of no month: a due that nobody has told. Such sums are in totals, not in a row of months. */
static bool is_wanted(const struct making *making, const struct figure_sums *sums)
{
    return !(making->query->by & FIGURE_BY_MONTH) || sums->row.month > 0;
}

static bool take_runs(void *context, const struct figure_sums *sums)
{
    struct making *making = context;
    const bool shown = making->query->family.bytes > 0 ||
                       figure_is_shown(view_policy(making->view), sums->row.family);
    struct figure_line *line = shown && is_wanted(making, sums) ? line_of(making, sums) : NULL;
    if (line) {
        line->sums.met += sums->row.met;
        line->sums.missed += sums->row.missed;
    }
    return !making->out_of_memory;
}

static bool take_cases(void *context, const struct figure_sums *sums)
{
    struct making *making = context;
    struct figure_line *line = is_wanted(making, sums) ? line_of(making, sums) : NULL;
    if (line) {
        const int64_t met = line->sums.met;
        const int64_t missed = line->sums.missed;
        line->sums = sums->row;
        line->sums.met = met;
        line->sums.missed = missed;
        line->urged = sums->urged;
    }
    return !making->out_of_memory;
}

static bool take_overdue(void *context, const struct figure_sums *sums)
{
    struct making *making = context;
    struct figure_line *line = is_wanted(making, sums) ? line_of(making, sums) : NULL;
    if (line) {
        line->overdue_open = sums->row.missed;
    }
    return !making->out_of_memory;
}

/* ---- rates and ranks ---- */

static struct figure_rate rate_of(int64_t part, int64_t whole)
{
    struct figure_rate rate = {0};
    rate.known = figure_share(part, whole, &rate.share);
    return rate;
}

/* The mean of the four figures (四项指标) that can be had, half up. */
static struct figure_rate score_of(const struct figure_line *line)
{
    const struct figure_rate *const parts[] = {
        &line->completion, &line->on_time, &line->resolution, &line->satisfaction};
    int64_t sum = 0;
    int64_t count = 0;
    for (size_t index = 0; index < sizeof(parts) / sizeof(parts[0]); index++) {
        sum += parts[index]->known ? parts[index]->share : 0;
        count += parts[index]->known;
    }
    return (struct figure_rate){
        .known = count > 0, .share = count > 0 ? (int32_t)((sum + count / 2) / count) : 0};
}

static void rates_make(struct figure_line *line)
{
    const struct figure_row *sums = &line->sums;
    line->on_time = rate_of(sums->met, sums->met + sums->missed);
    line->acceptance = rate_of(sums->accepted, sums->received);
    line->completion = rate_of(sums->completed, sums->received);
    line->resolution = rate_of(sums->resolved, sums->handled);
    line->satisfaction = rate_of(sums->satisfied, sums->ratings);
    line->score = score_of(line);
    line->has_handling = sums->handled > 0;
    line->handling_s =
        sums->handled > 0 ? (sums->handled_s + sums->handled / 2) / sums->handled : 0;
}

static int by_rate(const void *a, const void *b)
{
    const struct figure_line *left = a;
    const struct figure_line *right = b;
    if (left->on_time.known != right->on_time.known) {
        return left->on_time.known ? -1 : 1;
    }
    if (left->on_time.share != right->on_time.share) {
        return left->on_time.share > right->on_time.share ? -1 : 1;
    }
    if (left->sums.missed != right->sums.missed) {
        return left->sums.missed < right->sums.missed ? -1 : 1;
    }
    return text_compare(left->key, right->key);
}

static void rank(struct figure_table *table)
{
    if (table->count > 1) {
        qsort(table->items, table->count, sizeof(*table->items), by_rate);
    }
    for (size_t index = 0; index < table->count; index++) {
        struct figure_line *line = &table->items[index];
        const struct figure_line *before = index > 0 ? line - 1 : NULL;
        if (line->on_time.known) {
            line->rank = before && before->on_time.share == line->on_time.share
                             ? before->rank
                             : (int32_t)index + 1;
        }
    }
}

/* A chart wants the months nothing happened in too. */
static bool fill_months(struct making *making)
{
    if (making->count == 0 && making->query->from == 0) {
        return true;
    }
    const struct figure_query *query = making->query;
    int32_t month = query->from > 0 ? query->from : 0;
    int32_t last = query->until;
    for (size_t index = 0; index < making->count; index++) {
        const int32_t here = making->lines[index].month;
        month = month == 0 || (here > 0 && here < month) ? here : month;
        last = query->until == 0 && here > last ? here : last;
    }
    const struct figure_sums none = {0};
    struct figure_sums wanted = none;
    for (int32_t steps = 0; month > 0 && month <= last && steps < MONTHS_MAX; steps++) {
        wanted.row.month = month;
        if (!line_of(making, &wanted)) {
            return false;
        }
        month = figure_month_next(month, 1);
    }
    return true;
}

enum err figure_table_make(
    const struct view *view,
    const struct figure_query *query,
    struct arena *arena,
    struct figure_table *ret_table)
{
    struct making making = {.view = view, .query = query, .arena = arena};
    struct figure_query runs = *query;
    runs.by |= FIGURE_BY_FAMILY;
    enum err err = ledger_run_sums(view->ledger, &runs, take_runs, &making);
    if (!err) {
        err = ledger_case_sums(view->ledger, query, take_cases, &making);
    }
    if (!err) {
        err = ledger_overdue_sums(view->ledger, query, take_overdue, &making);
    }
    if (!err && (query->by & FIGURE_BY_MONTH) && !fill_months(&making)) {
        err = ERR_NO_MEMORY;
    }
    if (err || making.out_of_memory) {
        return err ? err : ERR_NO_MEMORY;
    }
    *ret_table = (struct figure_table){making.lines, making.count};
    for (size_t index = 0; index < making.count; index++) {
        rates_make(&making.lines[index]);
    }
    if (query->by & FIGURE_BY_UNIT) {
        rank(ret_table);
    }
    return ERR_OK;
}

enum err figure_table_families(
    const struct view *view,
    const struct figure_query *query,
    struct arena *arena,
    struct figure_table *ret_table)
{
    struct making making = {.view = view, .query = query, .arena = arena, .by_family = true};
    struct figure_query runs = *query;
    runs.by = (query->by & FIGURE_BY_MONTH) | FIGURE_BY_FAMILY;
    const enum err err = ledger_run_sums(view->ledger, &runs, take_runs, &making);
    if (err || making.out_of_memory) {
        return err ? err : ERR_NO_MEMORY;
    }
    *ret_table = (struct figure_table){making.lines, making.count};
    for (size_t index = 0; index < making.count; index++) {
        rates_make(&making.lines[index]);
    }
    return ERR_OK;
}
