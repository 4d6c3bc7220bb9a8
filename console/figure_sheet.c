/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See figure_sheet.h. Names of columns come from the definitions of the figures.
 */
#include "console/figure_sheet.h"

#include <string.h>

#include "console/figure_words.h"

static const char *const columns[FIGURE_SHEET_COLUMNS] = {
    "rank",
    NULL, /* the unit */
    "on_time_rate",
    "met",
    "missed",
    "received",
    "accepted",
    "completed",
    "acceptance_rate",
    "completion_rate",
    "resolution_rate",
    "satisfaction_rate",
    "ratings",
    "mean_handling_hours",
    "overdue_open",
    "urged",
    "score",
    NULL, /* the unit's id */
};

static const char *title_of(const char *id, bool english)
{
    for (size_t index = 0; index < figure_word_count; index++) {
        if (strcmp(figure_words[index].id, id) == 0) {
            return english ? figure_words[index].title_en : figure_words[index].title_zh;
        }
    }
    return id;
}

void figure_sheet_heading(struct sheet *sheet, bool english)
{
    struct text names[FIGURE_SHEET_COLUMNS];
    for (size_t index = 0; index < FIGURE_SHEET_COLUMNS; index++) {
        names[index] = columns[index] ? text_of(title_of(columns[index], english))
                                      : text_of(english ? "Unit" : "单位");
    }
    names[FIGURE_SHEET_COLUMNS - 1] = text_of(english ? "Unit id" : "单位编号");
    sheet_heading(sheet, names, FIGURE_SHEET_COLUMNS);
}

void figure_sheet_rate(struct sheet *sheet, const struct figure_rate *rate)
{
    if (rate->known) {
        sheet_rate(sheet, (double)rate->share / 10000);
    } else {
        sheet_blank(sheet);
    }
}

static void put_sums(struct sheet *sheet, const struct figure_line *line)
{
    sheet_number(sheet, line->sums.met);
    sheet_number(sheet, line->sums.missed);
    sheet_number(sheet, line->sums.received);
    sheet_number(sheet, line->sums.accepted);
    sheet_number(sheet, line->sums.completed);
    figure_sheet_rate(sheet, &line->acceptance);
    figure_sheet_rate(sheet, &line->completion);
    figure_sheet_rate(sheet, &line->resolution);
    figure_sheet_rate(sheet, &line->satisfaction);
    sheet_number(sheet, line->sums.ratings);
}

void figure_sheet_row(const struct view *view, struct sheet *sheet, const struct figure_line *line)
{
    const struct unit *unit = directory_unit(view_policy(view)->directory, line->key);
    if (line->rank > 0) {
        sheet_number(sheet, line->rank);
    } else {
        sheet_blank(sheet);
    }
    sheet_text(sheet, unit ? unit->name : line->key);
    figure_sheet_rate(sheet, &line->on_time);
    put_sums(sheet, line);
    if (line->has_handling) {
        sheet_decimal(sheet, figure_hours(line->handling_s));
    } else {
        sheet_blank(sheet);
    }
    sheet_number(sheet, line->overdue_open);
    sheet_number(sheet, line->urged);
    if (line->score.known) {
        sheet_decimal(sheet, (double)line->score.share / 100);
    } else {
        sheet_blank(sheet);
    }
    sheet_text(sheet, line->key);
}
