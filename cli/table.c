/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Collects the cells, then prints them: the widths are known only at the end.
 */
#include "cli/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/wall.h"
#include "cli/args.h"

#define CELL_COLUMNS_MAX ((size_t)60) /* a longer cell is cut, unless it is the last of its row */

void table_init(struct table *table, const char *const *headings, size_t column_count)
{
    *table = (struct table){.column_count = column_count};
    arena_init(&table->arena, 0);
    for (size_t i = 0; i < column_count; i++) {
        table_cell(table, text_of(headings[i]));
    }
}

void table_release(struct table *table)
{
    arena_release(&table->arena);
    free(table->cells);
    *table = (struct table){0};
}

static bool is_unwanted(const char *ptr, size_t bytes)
{
    const unsigned char *c = (const unsigned char *)ptr;
    if (bytes == 1) {
        return c[0] < 0x20 || c[0] == 0x7f;
    }
    if (bytes == 2) {
        return c[0] == 0xc2 && c[1] < 0xa0; /* C1 controls */
    }
    /* U+2028..202E, U+2066..2069, U+200E, U+200F: line ends and directions */
    return bytes == 3 && c[0] == 0xe2 &&
           ((c[1] == 0x80 && (c[2] >= 0xa8 || c[2] == 0x8e || c[2] == 0x8f) && c[2] <= 0xae) ||
            (c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9));
}

void table_clean(struct text text, struct buf *buf)
{
    while (text.bytes > 0) {
        const size_t bytes = utf8_char_bytes(text.ptr, text.bytes);
        if (bytes == 0 || is_unwanted(text.ptr, bytes)) {
            buf_char(buf, '?');
        } else {
            buf_add(buf, text.ptr, bytes);
        }
        text.ptr += bytes == 0 ? 1 : bytes;
        text.bytes -= bytes == 0 ? 1 : bytes;
    }
}

void table_cell(struct table *table, struct text text)
{
    if (table->count == table->capacity) {
        const size_t capacity = table->capacity ? table->capacity * 2 : 256;
        struct text *cells = realloc(table->cells, capacity * sizeof(*cells));
        if (!cells) {
            table->failed = true;
            return;
        }
        table->cells = cells;
        table->capacity = capacity;
    }
    struct buf clean;
    buf_init(&clean, (size_t)64 * 1024);
    table_clean(text, &clean);
    const struct text copy = arena_text(&table->arena, buf_view(&clean));
    table->failed = table->failed || !copy.ptr;
    table->cells[table->count++] = copy;
    buf_release(&clean);
}

size_t table_rows(const struct table *table)
{
    return table->column_count ? table->count / table->column_count - 1 : 0;
}

bool table_colours(void)
{
    const char *no = args_environment("NO_COLOR");
    return isatty(STDOUT_FILENO) && !(no && *no);
}

static const char *colour_of(struct text cell)
{
    if (text_is(cell, "red") || text_is(cell, "fail") || text_is(cell, "missed")) {
        return "\033[31m";
    }
    if (text_is(cell, "yellow") || text_is(cell, "warn")) {
        return "\033[33m";
    }
    if (text_is(cell, "green") || text_is(cell, "ok") || text_is(cell, "met")) {
        return "\033[32m";
    }
    return NULL;
}

/* The longest prefix of so many columns. */
static struct text cut_columns(struct text text, size_t columns)
{
    struct text prefix = {.ptr = text.ptr, .bytes = 0};
    while (prefix.bytes < text.bytes) {
        const size_t bytes = utf8_char_bytes(text.ptr + prefix.bytes, text.bytes - prefix.bytes);
        const struct text longer = {.ptr = text.ptr, .bytes = prefix.bytes + (bytes ? bytes : 1)};
        if (utf8_columns(longer) > columns) {
            break;
        }
        prefix = longer;
    }
    return prefix;
}

static void print_cell(struct text cell, size_t width, bool last, bool colours)
{
    const char *colour = colours ? colour_of(cell) : NULL;
    struct text shown = cell;
    bool was_cut = false;
    if (!last && utf8_columns(cell) > width) {
        shown = cut_columns(cell, width - 1);
        was_cut = true;
    }
    printf(
        "%s%.*s%s%s", colour ? colour : "", TEXT_ARGS(shown), was_cut ? "…" : "",
        colour ? "\033[0m" : "");
    for (size_t i = utf8_columns(shown) + was_cut; !last && i < width + 2; i++) {
        putchar(' ');
    }
}

void table_print(const struct table *table)
{
    size_t widths[TABLE_COLUMNS_MAX] = {0};
    const size_t columns = table->column_count;
    const bool colours = table_colours();
    if (table->failed) {
        (void)fputs("nrt: memory is out; the table is not complete\n", stderr);
    }
    for (size_t i = 0; i < table->count; i++) {
        const size_t width = utf8_columns(table->cells[i]);
        size_t *column = &widths[i % columns];
        *column = width > *column ? width : *column;
        *column = *column > CELL_COLUMNS_MAX ? CELL_COLUMNS_MAX : *column;
    }
    for (size_t i = 0; i < table->count; i++) {
        const size_t column = i % columns;
        const bool last = column + 1 == columns;
        print_cell(table->cells[i], widths[column], last, colours);
        if (last) {
            putchar('\n');
        }
    }
}

struct text table_time(struct text rfc3339, char text[static 24])
{
    struct wall_ms at;
    if (rfc3339.bytes < 16 || wall_parse(rfc3339.ptr, rfc3339.bytes, &at) != ERR_OK) {
        return rfc3339;
    }
    memcpy(text, rfc3339.ptr, 16);
    text[10] = ' ';
    text[16] = '\0';
    return text_of(text);
}
