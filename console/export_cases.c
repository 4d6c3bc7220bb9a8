/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The overdue list and the list of cases, row by row.
 */
#include "console/case_filter.h"
#include "console/export_parts.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static void put_matter(struct exporting *exporting, struct text id)
{
    const struct matter *matter = directory_matter(view_policy(exporting->view)->directory, id);
    sheet_text(exporting->sheet, matter ? matter->title : id);
}

/* ---- overdue ---- */

static enum err overdue_query(
    const struct exporting *exporting, struct overdue_query *ret_query, struct err_why *why)
{
    return overdue_filter_read(
               exporting->view, exporting->wish->head, exporting->arena, ret_query, why)
               ? ERR_OK
               : ERR_USAGE;
}

enum err export_overdue_count(
    const struct exporting *exporting, struct ledger_total *ret_total, struct err_why *why)
{
    struct overdue_query query;
    const enum err err = overdue_query(exporting, &query, why);
    return err ? err : ledger_overdue_total(exporting->view->ledger, &query, ret_total);
}

static void put_unit_head(struct exporting *exporting, const struct unit *unit)
{
    if (unit) {
        export_person(exporting, unit->head);
    } else {
        sheet_blank(exporting->sheet);
    }
}

static bool put_overdue(void *context, const struct ledger_overdue_row *row)
{
    struct exporting *exporting = context;
    struct sheet *sheet = exporting->sheet;
    const struct view *view = exporting->view;
    const struct unit *unit = directory_unit(view_policy(view)->directory, row->unit);
    const struct lateness late = lateness_of(view, (struct wall_ms){row->run.due.ms}, view->now);
    sheet_text(sheet, row->of.id);
    sheet_text(sheet, row->of.title);
    sheet_text(sheet, row->of.number);
    put_matter(exporting, row->of.matter);
    export_unit(exporting, row->unit);
    sheet_text(sheet, unit ? unit->area : (struct text){0});
    put_unit_head(exporting, unit);
    export_person(exporting, row->handler);
    sheet_text(sheet, row->run.title);
    sheet_time(sheet, (struct wall_ms){row->run.start});
    export_instant(exporting, row->run.due);
    sheet_number(sheet, late.working_days);
    sheet_number(sheet, late.calendar_days);
    sheet_text(sheet, row->alert_title);
    export_status(exporting, row->alert_state);
    sheet_number(sheet, row->urged);
    export_instant(exporting, row->last_urged);
    return export_row_end(exporting);
}

enum err export_overdue_rows(struct exporting *exporting, struct err_why *why)
{
    static const struct export_words heading[] = {
        {"编号", "Case"},
        {"标题", "Title"},
        {"文号", "Number"},
        {"事项", "Matter"},
        {"承办单位", "Unit"},
        {"片区", "Area"},
        {"主要负责人", "Unit head"},
        {"经办人", "Handler"},
        {"计时", "Clock"},
        {"开始", "Start"},
        {"到期", "Due"},
        {"超期（工作日）", "Late (working days)"},
        {"超期（自然日）", "Late (calendar days)"},
        {"最近提醒", "Last alert"},
        {"提醒状态", "State of the alert"},
        {"催办次数", "Urged"},
        {"最近催办", "Last urged"},
    };
    struct overdue_query query;
    struct list_end end;
    const enum err err = overdue_query(exporting, &query, why);
    if (err) {
        return err;
    }
    query.limit = XLSX_ROWS_MAX;
    export_heading(exporting, heading, COUNT_OF(heading));
    return ledger_overdue(exporting->view->ledger, &query, put_overdue, exporting, &end);
}

/* ---- cases ---- */

static enum err case_query(
    const struct exporting *exporting, struct case_query *ret_query, struct err_why *why)
{
    return case_filter_read(exporting->view, exporting->wish->head, ret_query, why) ? ERR_OK
                                                                                    : ERR_USAGE;
}

enum err export_cases_count(
    const struct exporting *exporting, struct ledger_total *ret_total, struct err_why *why)
{
    struct case_query query;
    const enum err err = case_query(exporting, &query, why);
    return err ? err : ledger_cases_total(exporting->view->ledger, &query, ret_total);
}

static void put_lateness(struct exporting *exporting, const struct ledger_case *row)
{
    const struct view *view = exporting->view;
    struct lateness late = {0};
    if (row->late_due.known && !text_is(row->status, "withdrawn")) {
        late = lateness_of(
            view, (struct wall_ms){row->late_due.ms},
            row->late_end.known ? (struct wall_ms){row->late_end.ms} : view->now);
    }
    sheet_number(exporting->sheet, late.working_days);
    sheet_number(exporting->sheet, late.calendar_days);
}

static bool put_case(void *context, const struct ledger_case *row)
{
    struct exporting *exporting = context;
    struct sheet *sheet = exporting->sheet;
    sheet_text(sheet, row->id);
    sheet_text(sheet, row->title);
    sheet_text(sheet, row->number);
    put_matter(exporting, row->matter);
    export_unit(exporting, row->unit);
    export_person(exporting, row->handler);
    export_unit(exporting, row->from_unit);
    export_status(exporting, row->status);
    sheet_time(sheet, (struct wall_ms){row->created});
    sheet_time(sheet, (struct wall_ms){row->updated});
    export_instant(exporting, row->next_due);
    put_lateness(exporting, row);
    return export_row_end(exporting);
}

enum err export_cases_rows(struct exporting *exporting, struct err_why *why)
{
    static const struct export_words heading[] = {
        {"编号", "Case"},
        {"标题", "Title"},
        {"文号", "Number"},
        {"事项", "Matter"},
        {"承办单位", "Unit"},
        {"经办人", "Handler"},
        {"来文单位", "From"},
        {"状态", "Status"},
        {"收件", "Received"},
        {"最近变动", "Last change"},
        {"下一到期", "Next due"},
        {"超期（工作日）", "Late (working days)"},
        {"超期（自然日）", "Late (calendar days)"},
    };
    struct case_query query;
    struct list_end end;
    const enum err err = case_query(exporting, &query, why);
    if (err) {
        return err;
    }
    query.limit = XLSX_ROWS_MAX;
    export_heading(exporting, heading, COUNT_OF(heading));
    return ledger_cases(exporting->view->ledger, &query, put_case, exporting, &end);
}
