/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ranking of units and the accountability list with its evidence, row by row. The figures are
 * those of console/figure_table.h, under their names of console/figure_words.h.
 */
#include "console/accountability.h"
#include "console/export_parts.h"
#include "console/figure_sheet.h"
#include "rules/duration.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* ---- units ---- */

static bool month_param(const struct exporting *exporting, const char *name, int32_t *ret_month)
{
    const struct text given = http_param(exporting->wish->head, name);
    return given.bytes == 0 || figure_month_read(given, ret_month);
}

static enum err units_table(
    const struct exporting *exporting, struct figure_table *ret_table, struct err_why *why)
{
    const struct http_head *head = exporting->wish->head;
    const struct text sort = http_param(head, "sort");
    int32_t month = 0;
    struct figure_query query = {
        .by = FIGURE_BY_UNIT,
        .family = http_param(head, "family"),
        .unit = http_param(head, "unit"),
        .scope = &exporting->view->actor->scope,
    };
    if (!month_param(exporting, "month", &month) || !month_param(exporting, "from", &query.from) ||
        !month_param(exporting, "to", &query.until)) {
        return err_set(why, ERR_USAGE, "month, from and to must be months, such as 2019-07");
    }
    query.from = month > 0 ? month : query.from;
    query.until = month > 0 ? month : query.until;
    const enum err err = figure_table_make(exporting->view, &query, exporting->arena, ret_table);
    if (!err && sort.bytes > 0 && !figure_table_sort(ret_table, sort)) {
        return err_set(why, ERR_USAGE, "sort must be one of: " FIGURE_SORTS);
    }
    return err;
}

enum err export_units_count(
    const struct exporting *exporting, struct ledger_total *ret_total, struct err_why *why)
{
    struct figure_table table = {0};
    const enum err err = units_table(exporting, &table, why);
    ret_total->count = err ? 0 : (int64_t)table.count;
    return err;
}

enum err export_units_rows(struct exporting *exporting, struct err_why *why)
{
    struct figure_table table = {0};
    const enum err err = units_table(exporting, &table, why);
    if (err) {
        return err;
    }
    figure_sheet_heading(exporting->sheet, exporting->english);
    for (size_t index = 0; index < table.count; index++) {
        figure_sheet_row(exporting->view, exporting->sheet, &table.items[index]);
        if (!export_row_end(exporting)) {
            break;
        }
    }
    return ERR_OK;
}

/* ---- accountability ---- */

static enum err entries(
    const struct exporting *exporting, struct account_list *ret_list, struct err_why *why)
{
    const struct http_head *head = exporting->wish->head;
    const struct text state = http_param(head, "state");
    const struct account_query query = {
        .policy = http_param(head, "policy"),
        .unit = http_param(head, "unit"),
        .scope = &exporting->view->actor->scope,
        .open_only = text_is(state, "open"),
        .closed_only = text_is(state, "closed"),
    };
    if (state.bytes > 0 && !query.open_only && !query.closed_only) {
        return err_set(why, ERR_USAGE, "state must be open or closed");
    }
    return accountability_list(exporting->view, &query, exporting->arena, ret_list);
}

enum err export_accountability_count(
    const struct exporting *exporting, struct ledger_total *ret_total, struct err_why *why)
{
    struct account_list list = {0};
    const enum err err = entries(exporting, &list, why);
    *ret_total = (struct ledger_total){0};
    for (size_t index = 0; !err && index < list.count; index++) {
        ret_total->count += (int64_t)list.items[index].evidence_count;
    }
    return err;
}

static void put_entry(struct exporting *exporting, const struct account_entry *entry)
{
    struct sheet *sheet = exporting->sheet;
    sheet_text(sheet, entry->policy->title.bytes > 0 ? entry->policy->title : entry->policy->id);
    if (entry->policy->by_person) {
        export_person(exporting, entry->who);
    } else {
        export_unit(exporting, entry->who);
    }
    export_unit(exporting, entry->unit);
    sheet_time(sheet, entry->opened);
    export_status(exporting, text_of(entry->outcome ? "closed" : "open"));
    sheet_number(sheet, (int64_t)entry->evidence_count);
}

/* A person's misses may lie in a unit that whoever asks does not see. */
static enum err put_miss(struct exporting *exporting, const struct figure_run *miss)
{
    struct miss_proof proof = {0};
    struct sheet *sheet = exporting->sheet;
    const struct view *view = exporting->view;
    const bool seen = scope_has(&view->actor->scope, miss->unit);
    const struct wall_ms end = miss->has_stopped ? miss->stopped : view->now;
    const struct between late = calendar_between(view_policy(view)->calendar, miss->due, end);
    const enum err err =
        seen ? ledger_miss_proof(view->ledger, miss, exporting->arena, &proof) : ERR_OK;
    sheet_text(sheet, seen ? miss->case_id : (struct text){0});
    sheet_text(sheet, proof.title);
    sheet_text(sheet, miss->clock);
    sheet_time(sheet, miss->due);
    export_instant(exporting, (struct ledger_instant){miss->has_stopped, miss->stopped.ms});
    sheet_number(sheet, late.working_days);
    sheet_number(sheet, proof.alerts);
    sheet_number(sheet, proof.delivered);
    sheet_number(sheet, proof.acked);
    return err;
}

static void put_outcome(struct exporting *exporting, const struct account_entry *entry)
{
    const struct account_decision *outcome = entry->outcome;
    if (!outcome) {
        sheet_blank(exporting->sheet);
        sheet_blank(exporting->sheet);
        return;
    }
    export_status(exporting, outcome->kind);
    sheet_text(exporting->sheet, outcome->note);
}

enum err export_accountability_rows(struct exporting *exporting, struct err_why *why)
{
    static const struct export_words heading[] = {
        {"规则", "Policy"},      {"对象", "Who"},         {"单位", "Unit"},
        {"列入时间", "Opened"},  {"状态", "State"},       {"超期数", "Misses"},
        {"编号", "Case"},        {"标题", "Title"},       {"计时", "Clock"},
        {"到期", "Due"},         {"停表", "Stopped"},     {"超期（工作日）", "Late (working days)"},
        {"提醒数", "Alerts"},    {"送达数", "Delivered"}, {"已阅数", "Acknowledged"},
        {"处理结果", "Outcome"}, {"说明", "Words"},
    };
    struct account_list list = {0};
    enum err err = entries(exporting, &list, why);
    if (!err) {
        export_heading(exporting, heading, COUNT_OF(heading));
    }
    bool goes_on = true;
    for (size_t index = 0; index < list.count && goes_on && !err; index++) {
        const struct account_entry *entry = &list.items[index];
        for (size_t miss = 0; miss < entry->evidence_count && goes_on && !err; miss++) {
            put_entry(exporting, entry);
            err = put_miss(exporting, entry->evidence[miss]);
            put_outcome(exporting, entry);
            goes_on = export_row_end(exporting);
        }
    }
    return err;
}
