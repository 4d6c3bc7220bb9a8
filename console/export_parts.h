/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the export share and nobody else sees: one table of words for each kind of
 * export, and its rows put into a sheet.
 */
#ifndef NRT_CONSOLE_EXPORT_PARTS_H
#define NRT_CONSOLE_EXPORT_PARTS_H

#include "console/export.h"

struct exporting {
    const struct view *view;
    const struct export_wish *wish;
    struct arena *arena;
    struct sheet *sheet;
    bool english;
    enum err err; /* of the rows: ERR_TIMEOUT when told to stop */
};

struct export_words {
    const char *zh;
    const char *en;
};

static inline const char *export_word(const struct exporting *exporting, struct export_words words)
{
    return exporting->english ? words.en : words.zh;
}

/* The heading from the words; at most 32. */
void export_heading(struct exporting *exporting, const struct export_words *words, size_t count);
/* A row is whole. False when no further one is wanted. */
bool export_row_end(struct exporting *exporting);
void export_unit(struct exporting *exporting, struct text id);
void export_person(struct exporting *exporting, struct text id);
void export_instant(struct exporting *exporting, struct ledger_instant at);
/* 未到期、临期 ... of the words the API uses; others as they are. */
void export_status(struct exporting *exporting, struct text status);

/* Count, and rows, of one kind. */
typedef enum err export_count_fn(
    const struct exporting *exporting, struct ledger_total *ret_total, struct err_why *why);
typedef enum err export_rows_fn(struct exporting *exporting, struct err_why *why);

export_count_fn export_overdue_count;
export_rows_fn export_overdue_rows;
export_count_fn export_cases_count;
export_rows_fn export_cases_rows;
export_count_fn export_units_count;
export_rows_fn export_units_rows;
export_count_fn export_accountability_count;
export_rows_fn export_accountability_rows;

#endif
