/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pass over the text. A quote opens a cell only at its beginning, two of them inside are one;
 * what follows the closing quote up to the next parting belongs to the cell, as spreadsheets do it.
 */
#include "config/csv.h"

#include <string.h>

struct reading_csv {
    struct text text;
    size_t at;
    char parting;
    size_t row_number;
    struct arena *arena;
    struct buf cell;
    struct text cells[CSV_CELLS_MAX];
    size_t cell_count;
    size_t row_room;
    struct csv csv;
};

static bool at_end(const struct reading_csv *reading)
{
    return reading->at >= reading->text.bytes;
}

static char here(const struct reading_csv *reading)
{
    return reading->text.ptr[reading->at];
}

/* The sign that stands most often in the heading, outside of quotes. */
static char parting_of(struct text text)
{
    static const char partings[] = ",;\t";
    size_t counts[sizeof partings] = {0};
    bool quoted = false;
    size_t best = 0;
    for (size_t i = 0; i < text.bytes && (quoted || !strchr("\r\n", text.ptr[i])); i++) {
        const char *const found = text.ptr[i] ? strchr(partings, text.ptr[i]) : NULL;
        quoted = quoted != (text.ptr[i] == '"');
        if (found && !quoted) {
            counts[found - partings]++;
        }
    }
    for (size_t i = 1; i < sizeof partings - 1; i++) {
        best = counts[i] > counts[best] ? i : best;
    }
    return partings[best];
}

static const struct text blanks[] = {
    {" ", 1},        {"\t", 1}, {"\r", 1}, {"\n", 1}, {"\xe3\x80\x80", 3}, /* of Chinese type */
    {"\xc2\xa0", 2},
};
#define BLANK_COUNT (sizeof blanks / sizeof blanks[0])

static size_t blank_before(struct text text)
{
    for (size_t i = 0; i < BLANK_COUNT; i++) {
        if (text_starts_with(text, blanks[i])) {
            return blanks[i].bytes;
        }
    }
    return 0;
}

static size_t blank_behind(struct text text)
{
    for (size_t i = 0; i < BLANK_COUNT; i++) {
        const size_t bytes = blanks[i].bytes;
        if (text.bytes >= bytes &&
            memcmp(text.ptr + text.bytes - bytes, blanks[i].ptr, bytes) == 0) {
            return bytes;
        }
    }
    return 0;
}

static struct text trimmed(struct text text)
{
    size_t blank = blank_before(text);
    while (blank > 0) {
        text.ptr += blank;
        text.bytes -= blank;
        blank = blank_before(text);
    }
    blank = blank_behind(text);
    while (blank > 0) {
        text.bytes -= blank;
        blank = blank_behind(text);
    }
    return text;
}

/* The quoted part of a cell, from behind its first quote. */
static bool read_quoted(struct reading_csv *reading)
{
    while (!at_end(reading)) {
        const char c = here(reading);
        reading->at++;
        if (c == '"' && (at_end(reading) || here(reading) != '"')) {
            return true;
        }
        reading->at += c == '"';
        buf_char(&reading->cell, c);
    }
    return false;
}

static bool ends_cell(const struct reading_csv *reading)
{
    return at_end(reading) || here(reading) == reading->parting || here(reading) == '\n' ||
           here(reading) == '\r';
}

static enum err keep_cell(struct reading_csv *reading, struct err_why *why)
{
    if (buf_error(&reading->cell)) {
        return err_set(
            why, ERR_FULL, "row %zu: a cell of more than %zu bytes", reading->row_number,
            CSV_CELL_BYTES_MAX);
    }
    if (reading->cell_count == CSV_CELLS_MAX) {
        return err_set(
            why, ERR_FULL, "row %zu: more than %d columns", reading->row_number, CSV_CELLS_MAX);
    }
    const struct text cell = trimmed(buf_view(&reading->cell));
    const struct text kept = arena_text(reading->arena, cell);
    reading->cells[reading->cell_count++] = kept;
    return cell.bytes > 0 && !kept.ptr ? ERR_NO_MEMORY : ERR_OK;
}

static enum err read_cell(struct reading_csv *reading, struct err_why *why)
{
    buf_clear(&reading->cell);
    if (!at_end(reading) && here(reading) == '"') {
        reading->at++;
        if (!read_quoted(reading)) {
            return err_set(
                why, ERR_PARSE, "row %zu, column %zu: a quote (\") that does not end",
                reading->row_number, reading->cell_count + 1);
        }
    }
    while (!ends_cell(reading)) {
        if (here(reading) == '\0') {
            return err_set(why, ERR_PARSE, "row %zu: a NUL byte", reading->row_number);
        }
        buf_char(&reading->cell, here(reading));
        reading->at++;
    }
    return keep_cell(reading, why);
}

static bool row_is_blank(const struct reading_csv *reading)
{
    for (size_t i = 0; i < reading->cell_count; i++) {
        if (reading->cells[i].bytes > 0) {
            return false;
        }
    }
    return true;
}

static enum err keep_row(struct reading_csv *reading, struct err_why *why)
{
    struct csv *csv = &reading->csv;
    if (row_is_blank(reading)) {
        return ERR_OK;
    }
    if (csv->row_count == CSV_ROWS_MAX) {
        return err_set(why, ERR_FULL, "more than %d rows", CSV_ROWS_MAX);
    }
    if (csv->row_count == reading->row_room) {
        const size_t room = reading->row_room ? reading->row_room * 2 : 64;
        struct csv_row *rows = arena_array(reading->arena, room, sizeof *rows);
        if (!rows) {
            return ERR_NO_MEMORY;
        }
        if (csv->row_count > 0) {
            memcpy(rows, csv->rows, csv->row_count * sizeof *rows);
        }
        csv->rows = rows;
        reading->row_room = room;
    }
    struct text *cells = arena_array(reading->arena, reading->cell_count, sizeof *cells);
    if (!cells) {
        return ERR_NO_MEMORY;
    }
    memcpy(cells, reading->cells, reading->cell_count * sizeof *cells);
    csv->rows[csv->row_count++] = (struct csv_row){
        .number = reading->row_number, .cells = cells, .cell_count = reading->cell_count};
    return ERR_OK;
}

static enum err read_row(struct reading_csv *reading, struct err_why *why)
{
    reading->row_number++;
    reading->cell_count = 0;
    enum err err = read_cell(reading, why);
    while (!err && !at_end(reading) && here(reading) == reading->parting) {
        reading->at++;
        err = read_cell(reading, why);
    }
    if (!err && !at_end(reading) && here(reading) == '\r') {
        reading->at++;
        reading->at += !at_end(reading) && here(reading) == '\n';
    } else if (!err && !at_end(reading)) {
        reading->at++;
    }
    return err ? err : keep_row(reading, why);
}

enum err csv_read(struct text utf8, struct arena *arena, struct csv *ret_csv, struct err_why *why)
{
    struct reading_csv reading = {.text = utf8, .arena = arena, .parting = parting_of(utf8)};
    enum err err = ERR_OK;
    buf_init(&reading.cell, CSV_CELL_BYTES_MAX);
    while (!err && !at_end(&reading)) {
        err = read_row(&reading, why);
    }
    buf_release(&reading.cell);
    if (!err) {
        *ret_csv = reading.csv;
    }
    return err;
}
