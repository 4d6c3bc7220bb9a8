/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables as spreadsheets write them: encodings, partings, quotes, line ends, bounds.
 */
#include <stdio.h>
#include <string.h>

#include "config/csv.h"
#include "tests/support/check.h"

static struct arena arena;

static enum err read_csv(const char *text, struct csv *ret_csv, struct err_why *why)
{
    return csv_read(text_of(text), &arena, ret_csv, why);
}

/* All cells as "[number:a|b]". */
static void check_rows(const char *text, const char *expected)
{
    struct csv csv = {0};
    struct err_why why = {0};
    struct buf shown;
    buf_init(&shown, 100000);
    check_note("%s", text);
    CHECK_EQ(read_csv(text, &csv, &why), ERR_OK);
    for (size_t i = 0; i < csv.row_count; i++) {
        buf_format(&shown, "[%zu:", csv.rows[i].number);
        for (size_t k = 0; k < csv.rows[i].cell_count; k++) {
            buf_string(&shown, k ? "|" : "");
            buf_text(&shown, csv.rows[i].cells[k]);
        }
        buf_char(&shown, ']');
    }
    CHECK_STR(shown.ptr ? shown.ptr : "", expected);
    buf_release(&shown);
}

static void cells_are_parted_by_what_the_heading_uses(void)
{
    check_rows("a,b\n1,2\n", "[1:a|b][2:1|2]");
    check_rows("a;b\n1,5;2\n", "[1:a|b][2:1,5|2]");
    check_rows("a\tb\n1;5\t2", "[1:a|b][2:1;5|2]");
    check_rows("\"x,y\";b\n1;2", "[1:x,y|b][2:1|2]");
    check_rows("alone\n1,2", "[1:alone][2:1|2]");
}

static void any_line_end_ends_a_row_and_blank_rows_are_counted(void)
{
    check_rows("a,b\r\n1,2\r\n", "[1:a|b][2:1|2]");
    check_rows("a\rb\rc", "[1:a][2:b][3:c]");
    check_rows("a\n\n ,\n1\n", "[1:a][4:1]");
    check_rows("", "");
    check_rows("\n\n", "");
}

static void quotes_hold_anything(void)
{
    check_rows("\"a \"\"b\"\"\",\"x\ny\"\n1,2", "[1:a \"b\"|x\ny][2:1|2]");
    check_rows("a,5\" pipe\n", "[1:a|5\" pipe]");
    check_rows("\"a\"b,c\n", "[1:ab|c]");
    check_rows("\"\",b\n", "[1:|b]");
}

static void blanks_around_a_cell_are_nothing(void)
{
    check_rows(
        " a ,\xe3\x80\x80"
        "b\xc2\xa0,\t\n",
        "[1:a|b|]");
}

static void what_does_not_end_or_is_too_much_is_refused(void)
{
    struct csv csv;
    struct err_why why = {0};
    struct buf text;
    CHECK_EQ(read_csv("a,b\n1,\"2\n3\n", &csv, &why), ERR_PARSE);
    CHECK(strstr(why.text, "row 2, column 2"));
    CHECK_EQ(csv_read((struct text){"a\0b", 3}, &arena, &csv, &why), ERR_PARSE);
    buf_init(&text, 100000);
    for (int i = 0; i < CSV_CELLS_MAX; i++) {
        buf_string(&text, ",");
    }
    CHECK_EQ(read_csv(text.ptr, &csv, &why), ERR_FULL);
    CHECK(strstr(why.text, "columns"));
    buf_clear(&text);
    for (size_t i = 0; i <= CSV_CELL_BYTES_MAX; i++) {
        buf_char(&text, 'x');
    }
    CHECK_EQ(read_csv(text.ptr, &csv, &why), ERR_FULL);
    buf_release(&text);
}

static void check_decoded(const char *bytes, size_t byte_count, const char *expected)
{
    struct buf utf8;
    struct err_why why = {0};
    buf_init(&utf8, 1000);
    const enum err err = csv_decode((struct text){bytes, byte_count}, &utf8, &why);
    if (expected) {
        CHECK_EQ(err, ERR_OK);
        CHECK_STR(utf8.ptr ? utf8.ptr : "", expected);
    } else {
        CHECK_EQ(err, ERR_PARSE);
        CHECK(strstr(why.text, "CSV UTF-8"));
    }
    buf_release(&utf8);
}

static void every_encoding_of_an_office_is_read(void)
{
    check_decoded("姓名", 6, "姓名");
    check_decoded("\xef\xbb\xbf姓名", 9, "姓名");
    check_decoded("\xd0\xd5\xc3\xfb", 4, "姓名");             /* GBK */
    check_decoded("\x82\x32\xa6\x36,a", 6, "\xe3\xbf\xbf,a"); /* four bytes of GB18030 */
    check_decoded("\xff\xfe\xd3\x59\x0d\x54", 6, "姓名");     /* UTF-16 of Excel's Unicode text */
    check_decoded("\xfe\xff\x59\xd3\x54\x0d", 6, "姓名");
    check_decoded("", 0, "");
    check_decoded("\xff\xff\xff", 3, NULL);
    check_decoded("\xff\xfe\x00", 3, NULL);
    check_decoded("\xd0", 1, NULL);
}

int main(void)
{
    arena_init(&arena, 10000000);
    CHECK_RUN(cells_are_parted_by_what_the_heading_uses);
    CHECK_RUN(any_line_end_ends_a_row_and_blank_rows_are_counted);
    CHECK_RUN(quotes_hold_anything);
    CHECK_RUN(blanks_around_a_cell_are_nothing);
    CHECK_RUN(what_does_not_end_or_is_too_much_is_refused);
    CHECK_RUN(every_encoding_of_an_office_is_read);
    arena_release(&arena);
    return check_done();
}
