/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See csv_out.h. What counts as a blank or as the beginning of a formula is listed here once; the
 * lists are wider than any one spreadsheet's.
 */
#include "console/csv_out.h"

#include <stdint.h>
#include <string.h>

#define CELL_BYTES_MAX ((size_t)1024 * 1024)
#define MARK           "\xef\xbb\xbf"
#define REPLACEMENT    "\xef\xbf\xbd"

/* ---- what a line begins with ---- */

static bool is_among(struct text one, const char *const *list)
{
    for (; *list; list++) {
        if (text_is(one, *list)) {
            return true;
        }
    }
    return false;
}

/* Blanks, and characters that show as nothing. */
static bool is_blank(struct text one)
{
    static const char *const blanks[] = {
        " ",      "\u00a0", "\u00ad", "\u1680", "\u180e", "\u202f",
        "\u205f", "\u2060", "\u3000", "\u3164", "\ufeff", NULL,
    };
    const bool general =
        one.bytes == 3 && memcmp(one.ptr, "\xe2\x80", 2) == 0 && (unsigned char)one.ptr[2] <= 0x8f;
    return general || is_among(one, blanks); /* U+2000 to U+200F */
}

static bool begins_formula(struct text one)
{
    static const char *const signs[] = {
        "=",      "+",      "-",      "@",      "\t",     "\uff1d", "\uff0b", "\uff0d",
        "\uff20", "\ufe66", "\ufe62", "\ufe63", "\ufe6b", "\u2212", NULL,
    };
    return is_among(one, signs);
}

static struct text first_char(const char *ptr, size_t bytes)
{
    const size_t char_bytes = utf8_char_bytes(ptr, bytes);
    return (struct text){.ptr = ptr, .bytes = char_bytes > 0 ? char_bytes : 1};
}

/* A character behind which a new line begins, for some program at least. */
static bool ends_line(struct text one)
{
    static const char *const ends[] = {"\n",       "\r",     "\v",     "\f",
                                       "\xc2\x85", "\u2028", "\u2029", NULL};
    return is_among(one, ends);
}

/* Would a spreadsheet take this line, of a cell or a cell's beginning, for a formula? */
static bool line_is_risky(const char *ptr, size_t bytes)
{
    while (bytes > 0) {
        const struct text one = first_char(ptr, bytes);
        const bool control = one.bytes == 1 && ptr[0] >= 0 && ptr[0] < ' ' && ptr[0] != '\t';
        if (ends_line(one) || (!is_blank(one) && !control)) {
            return begins_formula(one); /* what follows a line's end is looked at by itself */
        }
        ptr += one.bytes;
        bytes -= one.bytes;
    }
    return false;
}

/* ---- cells ---- */

/* Controls other than line ends and tabs show as nothing anyhow. */
static void put_char(struct buf *buf, struct text one)
{
    const unsigned char first = (unsigned char)one.ptr[0];
    if (one.bytes == 1 && first >= 0x80) {
        buf_string(buf, REPLACEMENT);
    } else if (one.bytes == 1 && first == '"') {
        buf_string(buf, "\"\"");
    } else if (
        one.bytes == 1 && (first < ' ' || first == 0x7f) && first != '\n' && first != '\r' &&
        first != '\t') {
        buf_char(buf, ' ');
    } else {
        buf_text(buf, one);
    }
}

void csv_cell(struct buf *buf, struct text text)
{
    bool at_line_start = true;
    buf_char(buf, '"');
    if (text.bytes > 0 && text.ptr[0] == '\r') {
        buf_char(buf, '\'');
    }
    for (size_t at = 0; at < text.bytes;) {
        const struct text one = first_char(text.ptr + at, text.bytes - at);
        if (at_line_start && line_is_risky(one.ptr, text.bytes - at)) {
            buf_char(buf, '\'');
        }
        put_char(buf, one);
        at_line_start = ends_line(one);
        at += one.bytes;
    }
    buf_char(buf, '"');
}

/* ---- a file of them ---- */

static void put(struct csv_out *csv, const char *ptr, size_t bytes)
{
    if (!csv->failed && bytes > 0 && fwrite(ptr, 1, bytes, csv->file) != bytes) {
        csv->failed = true;
    }
}

void csv_out_init(struct csv_out *csv, FILE *file)
{
    *csv = (struct csv_out){.file = file};
    buf_init(&csv->cell, CELL_BYTES_MAX);
    put(csv, MARK, sizeof(MARK) - 1);
}

void csv_out_release(struct csv_out *csv)
{
    buf_release(&csv->cell);
}

static void cell_begin(struct csv_out *csv)
{
    put(csv, ",", csv->row_begun ? 1 : 0);
    csv->row_begun = true;
}

void csv_out_text(struct csv_out *csv, struct text text)
{
    cell_begin(csv);
    csv->cell.bytes = 0;
    csv_cell(&csv->cell, text);
    put(csv, csv->cell.ptr, csv->cell.bytes);
}

void csv_out_number(struct csv_out *csv, const char *digits)
{
    cell_begin(csv);
    put(csv, digits, strlen(digits));
}

void csv_out_row_end(struct csv_out *csv)
{
    put(csv, "\r\n", 2);
    csv->row_begun = false;
}

enum err csv_out_error(const struct csv_out *csv)
{
    return buf_error(&csv->cell) ? buf_error(&csv->cell) : csv->failed ? ERR_IO : ERR_OK;
}
