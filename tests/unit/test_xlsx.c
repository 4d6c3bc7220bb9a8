/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Workbooks: what is in the file that comes out, read as the archive of XML it is (by python's
 * zipfile, beside); that memory does not grow with the rows; that what is refused leaves no file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/xlsx.h"
#include "tests/support/check.h"

#define ROWS_FEW   2000
#define ROWS_MANY  100000
#define GROWTH_KIB 4096
#define PATH_BYTES 300

static char folder[200];
static char path[PATH_BYTES];

/* Prints the parts of the workbook one after the other. */
static const char reader[] = "import sys, zipfile\n"
                             "z = zipfile.ZipFile(sys.argv[1])\n"
                             "assert z.testzip() is None\n"
                             "for n in sorted(z.namelist()):\n"
                             "    print('##', n); print(z.read(n).decode())\n";

static void read_parts(struct buf *parts)
{
    char script[PATH_BYTES];
    char out[PATH_BYTES];
    struct err_why why = {0};
    (void)snprintf(script, sizeof(script), "%s/read.py", folder);
    (void)snprintf(out, sizeof(out), "%s/parts", folder);
    CHECK_EQ(file_write(script, text_of(reader), 0600, &why), ERR_OK);
    const pid_t pid = fork();
    if (pid == 0) {
        if (freopen(out, "w", stdout)) {
            (void)execlp("python3", "python3", script, path, (char *)NULL);
        }
        _exit(127);
    }
    int status = -1;
    CHECK(waitpid(pid, &status, 0) == pid && status == 0);
    buf_init(parts, (size_t)64 << 20);
    CHECK_EQ(file_read(out, parts, &why), ERR_OK);
}

static bool charts;

static struct xlsx *begin(void)
{
    struct xlsx *xlsx = NULL;
    struct err_why why = {0};
    const struct xlsx_wish wish = {
        .path = path,
        .temp_folder = folder,
        .author = TEXT_LITERAL("王科长"),
        .created_s = 1562000000,
        .charts = charts,
    };
    CHECK_EQ(xlsx_create(&wish, &xlsx, &why), ERR_OK);
    check_note("%s", why.text);
    return xlsx;
}

static void finish(struct xlsx *xlsx)
{
    struct err_why why = {0};
    CHECK_EQ(xlsx_finish(xlsx, &why), ERR_OK);
    check_note("%s", why.text);
}

static bool has(const struct buf *parts, const char *part)
{
    return parts->ptr && strstr(parts->ptr, part) != NULL;
}

static void a_cell_is_a_text_a_number_or_a_time_and_never_a_formula(void)
{
    static const char *const hostile[] = {
        "=1+1", "＝1+1", "+1", "@SUM(A1)", "http://a.example/x", "internal:'1'!A1", "-2", "{=1}"};
    const struct text names[] = {TEXT_LITERAL("办件"), TEXT_LITERAL("到期")};
    struct buf parts;
    struct xlsx *xlsx = begin();
    xlsx_sheet(xlsx, TEXT_LITERAL("超期清单"));
    xlsx_title(xlsx, TEXT_LITERAL("超期清单"));
    xlsx_row_end(xlsx);
    xlsx_heading(xlsx, names, 2);
    for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
        xlsx_text(xlsx, text_of(hostile[i]));
        xlsx_local_time(xlsx, INT64_C(1562779800000)); /* 2019-07-10 17:30 */
        xlsx_rate(xlsx, 0.971);
        xlsx_number(xlsx, 825);
        xlsx_row_end(xlsx);
    }
    finish(xlsx);
    read_parts(&parts);
    CHECK(!has(&parts, "<f>") && !has(&parts, "<f ") && !has(&parts, "<hyperlink"));
    CHECK(has(&parts, "t=\"inlineStr\"><is><t>=1+1</t></is>"));
    CHECK(has(&parts, "t=\"inlineStr\"><is><t>＝1+1</t></is>"));
    CHECK(has(&parts, "t=\"inlineStr\"><is><t>http://a.example/x</t></is>"));
    CHECK(has(&parts, "<v>43656.72916666667</v>"));
    CHECK(has(&parts, "<v>0.971</v>") && has(&parts, "<v>825</v>"));
    CHECK(has(&parts, "<sheet name=\"超期清单\""));
    /* Printed on A4 across, heading on each page, numbered; the heading stays in sight. */
    CHECK(has(&parts, "<pageSetup paperSize=\"9\" fitToHeight=\"0\" orientation=\"landscape\"/>"));
    CHECK(has(&parts, "&amp;P / &amp;N"));
    CHECK(has(&parts, "Print_Titles") && has(&parts, "$2:$2"));
    CHECK(has(&parts, "ySplit=\"2\"") && has(&parts, "state=\"frozen\""));
    CHECK(has(&parts, "<dc:creator>王科长</dc:creator>"));
    buf_release(&parts);
}

static void what_xml_cannot_hold_is_replaced_and_what_is_too_long_cut(void)
{
    struct buf parts;
    struct xlsx *xlsx = begin();
    char *longer = malloc(40001);
    if (!CHECK(longer)) {
        return;
    }
    memset(longer, 'x', 40000);
    longer[40000] = '\0';
    xlsx_sheet(xlsx, TEXT_LITERAL("a[b]:*?/\\'c, and a name that is too long for a sheet"));
    xlsx_text(xlsx, (struct text){"a\x01\xff\xef\xbf\xbf<&\x1b", 9});
    xlsx_text(xlsx, text_of(longer));
    xlsx_row_end(xlsx);
    finish(xlsx);
    read_parts(&parts);
    CHECK(
        has(&parts, "<t>a \xef\xbf\xbd\xef\xbf\xbd&lt;&amp; </t>") ||
        has(&parts, "<t xml:space=\"preserve\">a \xef\xbf\xbd\xef\xbf\xbd&lt;&amp; </t>"));
    CHECK(
        has(&parts, "<sheet name=\"a b       c, and a name that is\"") ||
        has(&parts, "<sheet name=\"a b       c, and a name that is"));
    CHECK(has(&parts, "xxxx</t>"));
    buf_release(&parts);
    free(longer);
}

static void several_sheets_and_bars(void)
{
    struct buf parts;
    charts = true;
    struct xlsx *xlsx = begin();
    charts = false;
    for (int sheet = 0; sheet < 2; sheet++) {
        xlsx_sheet(xlsx, TEXT_LITERAL("排名")); /* the same name again: a number instead */
        for (int row = 0; row < 3; row++) {
            xlsx_text(xlsx, TEXT_LITERAL("市资源规划局"));
            xlsx_rate(xlsx, 0.5);
            xlsx_row_end(xlsx);
        }
        const struct xlsx_bars bars = {
            .title = TEXT_LITERAL("按时办结率"),
            .value_column = 1,
            .last_row = 2,
            .at_column = 4,
            .rate = true};
        xlsx_bars(xlsx, &bars);
    }
    finish(xlsx);
    read_parts(&parts);
    CHECK(has(&parts, "<sheet name=\"排名\"") && has(&parts, "<sheet name=\"2\""));
    CHECK(has(&parts, "## xl/charts/chart2.xml") && has(&parts, "按时办结率"));
    CHECK(has(&parts, "<c:v>市资源规划局</c:v>") && has(&parts, "<c:v>0.5</c:v>"));
    CHECK(!has(&parts, "<f>"));
    buf_release(&parts);
}

static void an_empty_workbook_can_be_opened(void)
{
    struct buf parts;
    finish(begin());
    read_parts(&parts);
    CHECK(has(&parts, "<sheetData/>"));
    buf_release(&parts);
}

static void what_is_abandoned_or_cannot_be_written_leaves_no_file(void)
{
    struct stat at;
    struct err_why why = {0};
    (void)unlink(path);
    struct xlsx *xlsx = begin();
    xlsx_sheet(xlsx, TEXT_LITERAL("1"));
    xlsx_text(xlsx, TEXT_LITERAL("a"));
    xlsx_abandon(xlsx);
    CHECK(stat(path, &at) != 0);
    const struct xlsx_wish wish = {.path = "/dev/null/none.xlsx", .temp_folder = folder};
    CHECK_EQ(xlsx_create(&wish, &xlsx, &why), ERR_OK);
    CHECK_EQ(xlsx_finish(xlsx, &why), ERR_IO);
    CHECK(strlen(why.text) > 0);
    xlsx_abandon(NULL);
}

/* ---- memory ---- */

static void write_rows(int64_t count)
{
    struct xlsx *xlsx = begin();
    xlsx_sheet(xlsx, TEXT_LITERAL("1"));
    for (int64_t row = 0; row < count; row++) {
        char text[96];
        (void)snprintf(text, sizeof(text), "关于第%lld件取水许可事项的函", (long long)row);
        for (int column = 0; column < 8; column++) {
            xlsx_text(xlsx, text_of(text));
        }
        xlsx_number(xlsx, row);
        xlsx_row_end(xlsx);
    }
    finish(xlsx);
}

/* The most memory that a process of its own took for so many rows, in KiB. */
static long peak_kib(int64_t rows)
{
    int ends[2];
    long kib = -1;
    if (!CHECK(pipe(ends) == 0)) {
        return -1;
    }
    const pid_t pid = fork();
    if (pid == 0) {
        struct rusage usage;
        write_rows(rows);
        (void)getrusage(RUSAGE_SELF, &usage);
        const bool told = write(ends[1], &usage.ru_maxrss, sizeof(long)) == sizeof(long);
        _exit(told ? 0 : 1);
    }
    int status = -1;
    CHECK(read(ends[0], &kib, sizeof(kib)) == sizeof(kib));
    CHECK(waitpid(pid, &status, 0) == pid && status == 0);
    (void)close(ends[0]);
    (void)close(ends[1]);
    return kib;
}

/* The sanitizers keep what is freed for a while: there the count is smaller. */
static void memory_stays_flat_over_a_hundred_thousand_rows(void)
{
    const char *sanitized = getenv("NRT_SANITIZED");
    const bool plain = !sanitized || sanitized[0] != '1';
    const long few = peak_kib(ROWS_FEW);
    const long many = peak_kib(plain ? ROWS_MANY : ROWS_FEW + 100);
    check_note("%ld KiB for %d rows, %ld KiB for %d", few, ROWS_FEW, many, ROWS_MANY);
    CHECK(few > 0 && many > 0);
    if (plain) {
        CHECK_GE(few + GROWTH_KIB, many);
    }
}

static void a_sheet_says_how_many_rows_it_still_takes(void)
{
    struct xlsx *xlsx = begin();
    xlsx_sheet(xlsx, TEXT_LITERAL("1"));
    CHECK_EQ(xlsx_rows_left(xlsx), XLSX_ROWS_MAX);
    for (int64_t row = 0; row < XLSX_ROWS_MAX; row++) {
        xlsx_row_end(xlsx);
    }
    CHECK_EQ(xlsx_rows_left(xlsx), 0);
    xlsx_text(xlsx, TEXT_LITERAL("too low"));
    struct err_why why = {0};
    CHECK_EQ(xlsx_finish(xlsx, &why), ERR_FULL);
}

int main(void)
{
    const char *base = getenv("TMPDIR");
    (void)snprintf(folder, sizeof(folder), "%s/nrt-xlsx-%d", base ? base : "/tmp", (int)getpid());
    (void)snprintf(path, sizeof(path), "%s/book.xlsx", folder);
    CHECK(mkdir(folder, 0700) == 0);
    CHECK_RUN(memory_stays_flat_over_a_hundred_thousand_rows);
    CHECK_RUN(a_cell_is_a_text_a_number_or_a_time_and_never_a_formula);
    CHECK_RUN(what_xml_cannot_hold_is_replaced_and_what_is_too_long_cut);
    CHECK_RUN(several_sheets_and_bars);
    CHECK_RUN(an_empty_workbook_can_be_opened);
    CHECK_RUN(what_is_abandoned_or_cannot_be_written_leaves_no_file);
    CHECK_RUN(a_sheet_says_how_many_rows_it_still_takes);
    static const char *const files[] = {"book.xlsx", "parts", "read.py"};
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        char file[PATH_BYTES];
        (void)snprintf(file, sizeof(file), "%s/%s", folder, files[i]);
        (void)unlink(file);
    }
    CHECK(rmdir(folder) == 0); /* the library's own files have no names */
    return check_done();
}
