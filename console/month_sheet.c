/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The monthly report as a workbook of four sheets. The columns of figures are those of the export
 * of the ranking.
 */
#include "console/figure_sheet.h"
#include "console/month_report.h"

#define LINE_BYTES   ((size_t)4096)
#define CHART_COLUMN 19
#define CHART_UNITS  40 /* more bars than that nobody reads */

static const char *word(bool english, const char *zh, const char *en)
{
    return english ? en : zh;
}

static void put_line(void *context, struct text line)
{
    struct sheet *sheet = context;
    sheet_remark(sheet, line);
}

static void title_of(const struct month_report *report, bool english, struct sheet *sheet)
{
    struct buf title;
    buf_init(&title, LINE_BYTES);
    month_report_title(report, english, &title);
    sheet_title(sheet, buf_view(&title));
    buf_release(&title);
}

/* ---- words and comparison ---- */

struct compared {
    const char *zh;
    const char *en;
    const struct figure_line *line;
    bool there;
};

static void comparison(const struct month_report *report, bool english, struct sheet *sheet)
{
    const struct compared rows[] = {
        {"本月", "This month", &report->total, true},
        {"上月", "The month before", &report->previous, report->has_previous},
        {"去年同期", "The same month of last year", &report->last_year, report->has_last_year},
    };
    for (size_t index = 0; index < sizeof(rows) / sizeof(rows[0]); index++) {
        const struct figure_line *line = rows[index].line;
        if (!rows[index].there) {
            continue;
        }
        sheet_text(sheet, text_of(word(english, rows[index].zh, rows[index].en)));
        figure_sheet_rate(sheet, &line->on_time);
        sheet_number(sheet, line->sums.met);
        sheet_number(sheet, line->sums.missed);
        sheet_number(sheet, line->sums.received);
        sheet_number(sheet, line->sums.completed);
        figure_sheet_rate(sheet, &line->acceptance);
        figure_sheet_rate(sheet, &line->completion);
        figure_sheet_rate(sheet, &line->satisfaction);
        sheet_number(sheet, line->overdue_open);
        (void)sheet_row_end(sheet);
    }
}

static void overall(
    const struct view *view, const struct month_report *report, bool english, struct sheet *sheet)
{
    const struct text heading[] = {
        text_of(word(english, "月份", "Month")),
        text_of(word(english, "按时办结率", "On-time rate")),
        text_of(word(english, "按时办结数", "Met")),
        text_of(word(english, "超期数", "Missed")),
        text_of(word(english, "收件数", "Received")),
        text_of(word(english, "办结数", "Completed")),
        text_of(word(english, "受理率", "Acceptance rate")),
        text_of(word(english, "办结率", "Completion rate")),
        text_of(word(english, "满意率", "Satisfaction rate")),
        text_of(word(english, "超期未办数", "Overdue and open")),
    };
    sheet_page(sheet, text_of(word(english, "总体情况", "In all")));
    title_of(report, english, sheet);
    month_report_lines(view, report, english, put_line, sheet);
    sheet_heading(sheet, heading, sizeof(heading) / sizeof(heading[0]));
    comparison(report, english, sheet);
}

/* ---- ranking ---- */

static void ranking(
    const struct view *view, const struct month_report *report, bool english, struct sheet *sheet)
{
    const struct figure_table *table = &report->ranking;
    size_t rated = 0;
    sheet_page(sheet, text_of(word(english, "单位排名", "Ranking")));
    figure_sheet_heading(sheet, english);
    for (size_t index = 0; index < table->count; index++) {
        figure_sheet_row(view, sheet, &table->items[index]);
        rated += table->items[index].rank > 0 ? 1 : 0;
        if (!sheet_row_end(sheet)) {
            break;
        }
    }
    if (rated > 0) {
        const struct xlsx_bars bars = {
            .title = text_of(word(english, "按时办结率", "On-time rate")),
            .name_column = FIGURE_SHEET_UNIT,
            .value_column = FIGURE_SHEET_ON_TIME,
            .first_row = 1,
            .last_row = (int64_t)(rated < CHART_UNITS ? rated : CHART_UNITS),
            .at_column = CHART_COLUMN,
            .at_row = 1,
            .rate = true,
        };
        sheet_bars(sheet, &bars);
    }
}

/* ---- months ---- */

static void months(const struct month_report *report, bool english, struct sheet *sheet)
{
    const struct text heading[] = {
        text_of(word(english, "月份", "Month")),
        text_of(word(english, "按时办结率", "On-time rate")),
        text_of(word(english, "按时办结数", "Met")),
        text_of(word(english, "超期数", "Missed")),
        text_of(word(english, "收件数", "Received")),
        text_of(word(english, "办结数", "Completed")),
    };
    sheet_page(sheet, text_of(word(english, "逐月", "Months")));
    sheet_heading(sheet, heading, sizeof(heading) / sizeof(heading[0]));
    for (size_t index = 0; index < report->months.count; index++) {
        char month[FIGURE_MONTH_BYTES];
        const struct figure_line *line = &report->months.items[index];
        sheet_text(sheet, text_of(figure_month_text(line->month, month)));
        figure_sheet_rate(sheet, &line->on_time);
        sheet_number(sheet, line->sums.met);
        sheet_number(sheet, line->sums.missed);
        sheet_number(sheet, line->sums.received);
        sheet_number(sheet, line->sums.completed);
        (void)sheet_row_end(sheet);
    }
    if (report->months.count > 0) {
        const struct xlsx_bars bars = {
            .title = text_of(word(english, "按时办结率", "On-time rate")),
            .value_column = 1,
            .first_row = 1,
            .last_row = (int64_t)report->months.count,
            .at_column = 7,
            .at_row = 1,
            .rate = true,
        };
        sheet_bars(sheet, &bars);
    }
}

/* ---- accountability ---- */

static void opened(
    const struct view *view, const struct month_report *report, bool english, struct sheet *sheet)
{
    const struct directory *directory = view_policy(view)->directory;
    const struct text heading[] = {
        text_of(word(english, "规则", "Policy")),   text_of(word(english, "对象", "Who")),
        text_of(word(english, "单位", "Unit")),     text_of(word(english, "列入时间", "Opened")),
        text_of(word(english, "超期数", "Misses")),
    };
    sheet_page(sheet, text_of(word(english, "问责线索", "Accountability")));
    sheet_heading(sheet, heading, sizeof(heading) / sizeof(heading[0]));
    for (size_t index = 0; index < report->opened_count; index++) {
        const struct account_entry *entry = &report->opened[index];
        const struct unit *unit = directory_unit(directory, entry->unit);
        const struct person *person = directory_person(directory, entry->who);
        sheet_text(
            sheet, entry->policy->title.bytes > 0 ? entry->policy->title : entry->policy->id);
        sheet_text(sheet, person ? person->name : unit ? unit->name : entry->who);
        sheet_text(sheet, unit ? unit->name : entry->unit);
        sheet_time(sheet, entry->opened);
        sheet_number(sheet, (int64_t)entry->evidence_count);
        if (!sheet_row_end(sheet)) {
            break;
        }
    }
}

void month_report_sheet(
    const struct view *view, const struct month_report *report, bool english, struct sheet *sheet)
{
    overall(view, report, english, sheet);
    ranking(view, report, english, sheet);
    months(report, english, sheet);
    opened(view, report, english, sheet);
}
