/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See month_report.h.
 */
#include "console/month_report.h"

#include <string.h>

static enum err line_of(
    const struct view *view, int32_t month, struct arena *arena, struct figure_line *ret_line)
{
    struct figure_table table = {0};
    const struct figure_query query = {.from = month, .until = month, .scope = &view->actor->scope};
    const enum err err = figure_table_make(view, &query, arena, &table);
    *ret_line = table.count > 0 ? table.items[0] : (struct figure_line){0};
    return err;
}

static bool says_something(const struct figure_line *line)
{
    const struct figure_row *sums = &line->sums;
    return sums->met + sums->missed + sums->received + sums->completed + sums->ratings +
               sums->handled >
           0;
}

static enum err tables_of(
    const struct view *view, int32_t month, struct arena *arena, struct month_report *report)
{
    struct figure_query query = {
        .by = FIGURE_BY_UNIT, .from = month, .until = month, .scope = &view->actor->scope};
    enum err err = figure_table_make(view, &query, arena, &report->ranking);
    query.by = 0;
    if (!err) {
        err = figure_table_families(view, &query, arena, &report->families);
    }
    query.by = FIGURE_BY_MONTH;
    query.from = figure_month_next(month, 1 - MONTH_REPORT_MONTHS);
    return err ? err : figure_table_make(view, &query, arena, &report->months);
}

static bool is_in_month(const struct view *view, struct wall_ms at, int32_t month)
{
    const struct calendar *calendar = view_policy(view)->calendar;
    const struct civil_date date = civil_date_of(calendar_local_day(calendar, at));
    return date.year * 100 + date.month == month;
}

/* Those opened in the month stay in the arena's list, moved to its front. */
static enum err opened_in(
    const struct view *view, int32_t month, struct arena *arena, struct month_report *report)
{
    struct account_list list = {0};
    const struct account_query query = {.scope = &view->actor->scope};
    const enum err err = accountability_list(view, &query, arena, &list);
    report->opened = list.items;
    for (size_t index = 0; !err && index < list.count; index++) {
        if (is_in_month(view, list.items[index].opened, month)) {
            report->opened[report->opened_count++] = list.items[index];
        }
    }
    return err;
}

enum err month_report_make(
    const struct view *view, int32_t month, struct arena *arena, struct month_report *ret_report)
{
    struct month_report report = {.month = month};
    enum err err = line_of(view, month, arena, &report.total);
    if (!err) {
        err = line_of(view, figure_month_next(month, -1), arena, &report.previous);
    }
    if (!err) {
        err = line_of(view, figure_month_next(month, -12), arena, &report.last_year);
    }
    if (!err) {
        err = tables_of(view, month, arena, &report);
    }
    if (!err) {
        err = opened_in(view, month, arena, &report);
    }
    report.has_previous = says_something(&report.previous);
    report.has_last_year = says_something(&report.last_year);
    *ret_report = report;
    return err;
}
