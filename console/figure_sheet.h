/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The figures of units as rows of a sheet: the same columns in the export of the ranking and in
 * the monthly report.
 */
#ifndef NRT_CONSOLE_FIGURE_SHEET_H
#define NRT_CONSOLE_FIGURE_SHEET_H

#include "console/figure_table.h"
#include "console/sheet.h"

/* Columns, from 0, that a chart is made of. */
#define FIGURE_SHEET_UNIT    1
#define FIGURE_SHEET_ON_TIME 2
#define FIGURE_SHEET_COLUMNS 18

void figure_sheet_heading(struct sheet *sheet, bool english);
/* One unit; the row is not ended. */
void figure_sheet_row(const struct view *view, struct sheet *sheet, const struct figure_line *line);
/* A share, or a blank cell. */
void figure_sheet_rate(struct sheet *sheet, const struct figure_rate *rate);

#endif
