/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One table as CSV and as a workbook: the same calls, what stands in the CSV to the byte, how a
 * share and a time are written, where a workbook is full, and what is left behind of one given up.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/must.h"
#include "config/policy.h"
#include "console/sheet.h"
#include "tests/support/check.h"

static struct bundle *bundle;
static char folder[200];
static char path[300];

static struct sheet *begin(enum sheet_format format)
{
    struct sheet *sheet = NULL;
    struct err_why why = {0};
    const struct sheet_wish wish = {
        .format = format,
        .path = path,
        .temp_folder = folder,
        .zone = bundle->policy.calendar,
        .author = TEXT_LITERAL("wang"),
    };
    CHECK_EQ(sheet_create(&wish, &sheet, &why), ERR_OK);
    check_note("%s", why.text);
    return sheet;
}

static void put_all(struct sheet *sheet)
{
    const struct text names[] = {TEXT_LITERAL("a"), TEXT_LITERAL("b,c")};
    sheet_page(sheet, TEXT_LITERAL("one"));
    sheet_title(sheet, TEXT_LITERAL("清单"));
    sheet_remark(sheet, TEXT_LITERAL("=not a formula"));
    sheet_heading(sheet, names, 2);
    sheet_text(sheet, TEXT_LITERAL("x \"y\""));
    sheet_number(sheet, -5);
    sheet_decimal(sheet, 3.25);
    sheet_rate(sheet, 0.9705);
    sheet_time(sheet, (struct wall_ms){1562751000000}); /* 2019-07-10T17:30+08:00 */
    sheet_blank(sheet);
    sheet_text(sheet, (struct text){0});
    sheet_text(sheet, TEXT_LITERAL("-1"));
    CHECK(sheet_row_end(sheet));
    sheet_page(sheet, TEXT_LITERAL("two"));
    sheet_text(sheet, TEXT_LITERAL("z"));
    CHECK(sheet_row_end(sheet));
}

static void a_csv_is_what_was_put_to_the_byte(void)
{
    struct buf text;
    struct err_why why = {0};
    struct stat at;
    struct sheet *sheet = begin(SHEET_CSV);
    put_all(sheet);
    CHECK_EQ(sheet_rows(sheet), 5);
    CHECK_EQ(sheet_finish(sheet, &why), ERR_OK);
    CHECK(stat(path, &at) == 0 && (at.st_mode & 0777) == 0600);
    buf_init(&text, 65536);
    CHECK_EQ(file_read(path, &text, &why), ERR_OK);
    CHECK_STR(
        text.ptr, "\xef\xbb\xbf\"清单\"\r\n\"'=not a formula\"\r\n\"a\",\"b,c\"\r\n"
                  "\"x \"\"y\"\"\",-5,3.2,97.1%,2019-07-10 17:30,,,\"'-1\"\r\n\r\n\"z\"\r\n");
    buf_release(&text);
}

static void a_workbook_takes_the_same_calls(void)
{
    struct err_why why = {0};
    struct stat at;
    struct sheet *sheet = begin(SHEET_XLSX);
    put_all(sheet);
    CHECK_EQ(sheet_finish(sheet, &why), ERR_OK);
    CHECK(stat(path, &at) == 0 && (at.st_mode & 0777) == 0600 && at.st_size > 2000);
}

/* 97.05 is 97.1, whatever a binary fraction makes of it. */
static void shares_are_rounded_half_up(void)
{
    static const double rates[] = {0, 0.0005, 0.0004, 0.5, 0.9994, 0.9995, 1};
    struct buf text;
    struct err_why why = {0};
    struct sheet *sheet = begin(SHEET_CSV);
    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
        sheet_rate(sheet, rates[i]);
    }
    CHECK(sheet_row_end(sheet));
    CHECK_EQ(sheet_finish(sheet, &why), ERR_OK);
    buf_init(&text, 4096);
    CHECK_EQ(file_read(path, &text, &why), ERR_OK);
    CHECK_STR(
        text.ptr, "\xef\xbb\xbf"
                  "0.0%,0.1%,0.0%,50.0%,99.9%,100.0%,100.0%\r\n");
    buf_release(&text);
}

/* The last row of a full sheet says that there is more. */
static void a_full_sheet_says_so_and_takes_no_more(void)
{
    struct err_why why = {0};
    struct sheet *sheet = begin(SHEET_XLSX);
    int64_t rows = 0;
    sheet_page(sheet, TEXT_LITERAL("one"));
    do {
        rows++;
    } while (sheet_row_end(sheet) && rows < XLSX_ROWS_MAX + 10);
    CHECK_EQ(rows, XLSX_ROWS_MAX - 1);
    CHECK_EQ(sheet_rows(sheet), XLSX_ROWS_MAX);
    CHECK(!sheet_row_end(sheet));
    sheet_page(sheet, TEXT_LITERAL("two")); /* another one has room */
    CHECK(sheet_row_end(sheet));
    CHECK_EQ(sheet_finish(sheet, &why), ERR_OK);
}

static void what_is_given_up_leaves_nothing(void)
{
    struct stat at;
    for (int format = 0; format < SHEET_FORMAT_COUNT; format++) {
        struct sheet *sheet = begin((enum sheet_format)format);
        put_all(sheet);
        sheet_abandon(sheet);
        CHECK(stat(path, &at) != 0);
    }
    sheet_abandon(NULL);
}

/* A file that may not grow stands for a disk that is full. */
static void a_full_disk_is_told_and_leaves_nothing(void)
{
    struct err_why why = {0};
    struct stat at;
    struct rlimit before;
    MUST(getrlimit(RLIMIT_FSIZE, &before) == 0);
    (void)signal(SIGXFSZ, SIG_IGN);
    const struct rlimit small = {.rlim_cur = 16384, .rlim_max = before.rlim_max};
    for (int format = 0; format < SHEET_FORMAT_COUNT; format++) {
        struct sheet *sheet = begin((enum sheet_format)format);
        MUST(setrlimit(RLIMIT_FSIZE, &small) == 0);
        sheet_page(sheet, TEXT_LITERAL("one"));
        for (int row = 0; row < 20000; row++) {
            sheet_number(sheet, (int64_t)row * 7919 % 10007);
            CHECK(sheet_row_end(sheet));
        }
        CHECK_EQ(sheet_finish(sheet, &why), ERR_IO);
        MUST(setrlimit(RLIMIT_FSIZE, &before) == 0);
        CHECK(strstr(why.text, "disk") != NULL);
        CHECK(stat(path, &at) != 0);
    }
}

static void formats_have_names_and_types(void)
{
    enum sheet_format format = SHEET_CSV;
    CHECK(sheet_format_read(TEXT_LITERAL("xlsx"), &format) && format == SHEET_XLSX);
    CHECK(!sheet_format_read(TEXT_LITERAL("pdf"), &format));
    CHECK_STR(sheet_format_name(SHEET_CSV), "csv");
    CHECK(strstr(sheet_format_type(SHEET_CSV), "text/csv") != NULL);
}

int main(void)
{
    struct report report;
    const char *base = getenv("TMPDIR");
    report_init(&report);
    bundle = bundle_load_folder(NULL, NULL, &report);
    report_release(&report);
    (void)snprintf(folder, sizeof(folder), "%s/sheet-%d", base ? base : "/tmp", (int)getpid());
    (void)snprintf(path, sizeof(path), "%s/table", folder);
    MUST(bundle && mkdir(folder, 0700) == 0);
    CHECK_RUN(a_csv_is_what_was_put_to_the_byte);
    CHECK_RUN(a_workbook_takes_the_same_calls);
    CHECK_RUN(shares_are_rounded_half_up);
    CHECK_RUN(a_full_sheet_says_so_and_takes_no_more);
    CHECK_RUN(what_is_given_up_leaves_nothing);
    CHECK_RUN(a_full_disk_is_told_and_leaves_nothing);
    CHECK_RUN(formats_have_names_and_types);
    (void)unlink(path);
    CHECK(rmdir(folder) == 0);
    bundle_free(bundle);
    return check_done();
}
