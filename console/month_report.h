/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The monthly report (通报): how a month went, beside the month before and the same month of the
 * year before, who stands where, whom it holds to account. Every figure comes from
 * console/figure_table.h; nothing is counted here.
 */
#ifndef NRT_CONSOLE_MONTH_REPORT_H
#define NRT_CONSOLE_MONTH_REPORT_H

#include "console/accountability.h"
#include "console/figure_table.h"
#include "console/sheet.h"

#define MONTH_REPORT_MONTHS 12 /* of the charts, this one the last */

struct month_report {
    int32_t month; /* 201907 */
    struct figure_line total;
    struct figure_line previous;  /* the month before */
    struct figure_line last_year; /* the same month of the year before */
    bool has_previous;            /* else there is nothing to compare with */
    bool has_last_year;
    struct figure_table families;
    struct figure_table ranking;
    struct figure_table months;
    struct account_entry *opened; /* entries of the accountability list opened in the month */
    size_t opened_count;
};

/* Within what the actor may see; all in the arena. ERR_NO_MEMORY, or the ledger's error. */
enum err month_report_make(
    const struct view *view, int32_t month, struct arena *arena, struct month_report *ret_report)
    ERR_MUST_USE;

/* ---- console/month_words.c ---- */

/* Append "2019年7月办件办理情况通报", "How cases were handled in July 2019". */
void month_report_title(const struct month_report *report, bool english, struct buf *buf);
/* What it says, line by line, as it goes on paper. */
typedef void month_line_fn(void *context, struct text line);
void month_report_lines(
    const struct view *view,
    const struct month_report *report,
    bool english,
    month_line_fn *take,
    void *context);

/* ---- console/month_sheet.c ---- */

/* The report as a workbook: words and comparison, ranking with a chart, months, accountability. */
void month_report_sheet(
    const struct view *view, const struct month_report *report, bool english, struct sheet *sheet);

#endif
