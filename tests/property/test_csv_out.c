/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cells of random hostile pieces: read back by a reader written here from RFC 4180 alone, they
 * are as many as were written, none of their lines begins like a formula, and without the
 * apostrophes put in they are what was written.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/prng.h"
#include "console/csv_out.h"
#include "tests/support/check.h"

#define ROUNDS     20000
#define CELL_BYTES 512
#define ROW_CELLS  4

static uint64_t seed = 20260301;

static const char *const pieces[] = {
    "=",      "+",    "-",        "@",    "\t",   "\r",     "\n", "\r\n", " ",      "　",
    "\u00a0", "＝",   "＋",       "－",   "＠",   "'",      "\"", ",",    ";",      "1",
    "+1",     "=1+1", "关于用地", "|",    "!A",   "\v",     "\f", "﹦",   "\u200b", "\ufeff",
    "\u2028", "cmd",  "a",        "\x01", "\x1b", "\u2212", "。",
};
#define PIECE_COUNT (sizeof(pieces) / sizeof(pieces[0]))

/* ---- the other side ---- */

/* The next cell of a row that begins at *at; false at the end of the row. */
static bool read_cell(const char *bytes, size_t *at, char *ret_cell)
{
    size_t length = 0;
    if (bytes[*at] != '"') {
        return false;
    }
    for ((*at)++;; (*at)++) {
        if (bytes[*at] == '"' && bytes[*at + 1] == '"') {
            (*at)++;
        } else if (bytes[*at] == '"') {
            break;
        } else if (!bytes[*at]) {
            return false;
        }
        ret_cell[length++] = bytes[*at];
    }
    (*at)++;
    *at += bytes[*at] == ',' ? 1 : 0;
    ret_cell[length] = '\0';
    return true;
}

static bool starts_with_any(const char *text, const char *const *list)
{
    for (; *list; list++) {
        if (strncmp(text, *list, strlen(*list)) == 0) {
            return true;
        }
    }
    return false;
}

static const char *behind_blanks(const char *line)
{
    static const char *const blanks[] = {" ",      "\u00a0", "　",     "\v",     "\f", "\x01",
                                         "\u200b", "\ufeff", "\u2028", "\u2029", NULL};
    while (starts_with_any(line, blanks)) {
        const unsigned char first = (unsigned char)line[0];
        line += first < 0x80 ? 1 : first < 0xe0 ? 2 : 3;
    }
    return line;
}

static bool line_is_formula(const char *line)
{
    static const char *const signs[] = {"=",  "+",  "-",  "@",  "\t",     "＝",
                                        "＋", "－", "＠", "﹦", "\u2212", NULL};
    return starts_with_any(behind_blanks(line), signs);
}

/* Every line of the cell, whatever of CR and LF parts them. */
static bool cell_is_inert(const char *cell)
{
    if (cell[0] == '\r' || line_is_formula(cell)) {
        return false;
    }
    for (const char *at = cell; *at; at++) {
        if ((*at == '\n' || *at == '\r') && line_is_formula(at + 1)) {
            return false;
        }
    }
    return true;
}

/* ---- facts ---- */

static void random_text(struct prng *prng, char text[static CELL_BYTES])
{
    const uint64_t count = prng_below(prng, 12);
    text[0] = '\0';
    for (uint64_t i = 0; i < count; i++) {
        const char *piece = pieces[prng_below(prng, PIECE_COUNT)];
        (void)snprintf(text + strlen(text), CELL_BYTES - strlen(text), "%s", piece);
    }
}

/* The same text but for apostrophes that were put in, and controls that show as nothing. */
static bool means_the_same(const char *written, const char *read)
{
    for (; *written; written++, read++) {
        const bool control = (unsigned char)*written < ' ' && !strchr("\t\r\n", *written);
        if (*read == '\'' && *written != '\'') {
            read++;
        } else if (*read == '\'' && read[1] == '\'' && written[1] != '\'') {
            read++;
        }
        if (*read != (control ? ' ' : *written)) {
            return false;
        }
    }
    return *read == '\0';
}

static void no_line_of_a_cell_begins_a_formula_and_nothing_is_lost(void)
{
    struct prng prng;
    prng_seed(&prng, seed);
    for (int round = 0; round < ROUNDS; round++) {
        char written[ROW_CELLS][CELL_BYTES];
        char read[2 * CELL_BYTES];
        struct buf row;
        size_t at = 0;
        buf_init(&row, (size_t)64 * 1024);
        for (int cell = 0; cell < ROW_CELLS; cell++) {
            random_text(&prng, written[cell]);
            buf_string(&row, cell > 0 ? "," : "");
            csv_cell(&row, text_of(written[cell]));
        }
        check_note("seed %llu round %d: %s", (unsigned long long)seed, round, row.ptr);
        for (int cell = 0; cell < ROW_CELLS; cell++) {
            const bool there = CHECK(read_cell(row.ptr, &at, read));
            if (!there || !CHECK(cell_is_inert(read)) ||
                !CHECK(means_the_same(written[cell], read))) {
                buf_release(&row);
                return;
            }
        }
        CHECK_EQ(at, row.bytes);
        buf_release(&row);
    }
}

static void bytes_that_are_no_text_become_well_formed(void)
{
    struct prng prng;
    prng_seed(&prng, seed);
    for (int round = 0; round < ROUNDS; round++) {
        char bytes[64];
        const size_t count = prng_below(&prng, sizeof(bytes));
        struct buf cell;
        for (size_t i = 0; i < count; i++) {
            bytes[i] = (char)prng_below(&prng, 256);
        }
        buf_init(&cell, 4096);
        csv_cell(&cell, (struct text){bytes, count});
        if (!CHECK(utf8_valid(buf_view(&cell)))) {
            check_note("seed %llu round %d", (unsigned long long)seed, round);
        }
        buf_release(&cell);
    }
}

static const char *cell_of(const char *text)
{
    static char kept[512];
    struct buf cell;
    buf_init(&cell, sizeof(kept));
    csv_cell(&cell, text_of(text));
    (void)snprintf(kept, sizeof(kept), "%s", cell.ptr);
    buf_release(&cell);
    return kept;
}

static void formulas_get_an_apostrophe_and_nothing_else_does(void)
{
    CHECK_STR(cell_of("=1+1"), "\"'=1+1\"");
    CHECK_STR(cell_of("＝1+1"), "\"'＝1+1\"");
    CHECK_STR(cell_of("　 @SUM(A1)"), "\"'　 @SUM(A1)\"");
    CHECK_STR(cell_of("a\n=1"), "\"a\n'=1\"");
    CHECK_STR(cell_of("a\r\n\u00a0＋1"), "\"a\r\n'\u00a0＋1\"");
    CHECK_STR(cell_of("\t1"), "\"'\t1\"");
    CHECK_STR(cell_of("\r1"), "\"'\r1\"");
    CHECK_STR(cell_of("东政发〔2019〕12-3号"), "\"东政发〔2019〕12-3号\"");
    CHECK_STR(cell_of("说\"是\""), "\"说\"\"是\"\"\"");
    CHECK_STR(cell_of(""), "\"\"");
}

/* A line of blanks that do not end must not be looked at again for each of them. */
static void long_runs_of_blanks_cost_one_look(void)
{
    const size_t count = 60000;
    char *text = malloc(count + 1);
    if (!CHECK(text)) {
        return;
    }
    memset(text, '\v', count);
    text[count] = '\0';
    struct buf cell;
    buf_init(&cell, (size_t)1024 * 1024);
    for (int round = 0; round < 50; round++) {
        buf_clear(&cell);
        csv_cell(&cell, text_of(text));
    }
    CHECK_EQ(cell.bytes, count + 2);
    buf_release(&cell);
    free(text);
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        seed = strtoull(argv[1], NULL, 10);
    }
    CHECK_RUN(no_line_of_a_cell_begins_a_formula_and_nothing_is_lost);
    CHECK_RUN(bytes_that_are_no_text_become_well_formed);
    CHECK_RUN(formulas_get_an_apostrophe_and_nothing_else_does);
    CHECK_RUN(long_runs_of_blanks_cost_one_look);
    return check_done();
}
