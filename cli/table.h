/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables on a terminal: columns aligned by what characters take up there (Chinese ones two), light
 * names coloured where colour is wanted. Cells from outside are shown without control characters.
 */
#ifndef NRT_CLI_TABLE_H
#define NRT_CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

#define TABLE_COLUMNS_MAX 12

struct table {
    struct arena arena; /* owns the cells */
    size_t column_count;
    struct text *cells; /* row by row, the first row is the heading */
    size_t count;
    size_t capacity;
    bool failed; /* memory was out; printing says so */
};

void table_init(struct table *table, const char *const *headings, size_t column_count);
void table_release(struct table *table);
/* The next cell, left to right, row by row; copied. */
void table_cell(struct table *table, struct text text);
size_t table_rows(const struct table *table); /* without the heading */
/* To stdout. */
void table_print(const struct table *table);

/* Is stdout a terminal, and NO_COLOR not set? */
bool table_colours(void);
/* "2019-04-01T11:06:30+08:00" as "2019-04-01 11:06"; other text as it is. */
struct text table_time(struct text rfc3339, char text[static 24]);
/* Control and direction characters become '?'. */
void table_clean(struct text text, struct buf *buf);

#endif
