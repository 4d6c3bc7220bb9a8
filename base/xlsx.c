/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See xlsx.h. The library keeps one row in memory and the rest in nameless files of our folder;
 * strings stand inside the sheet, not in a table beside it. Of its functions for cells only those
 * for strings and numbers are used here, so no cell can become a formula.
 */
#include "base/xlsx.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <xlsxwriter.h>

#include "base/must.h"

#define DAY_MS          INT64_C(86400000)
#define DAYS_TO_1970    25569 /* of the day numbers that spreadsheets count */
#define WIDTH_MIN       6
#define WIDTH_MAX       60
#define WIDTH_PADDING   2
#define SHEET_NAME_MAX  31 /* characters */
#define CELL_BYTES_MAX  (XLSX_CELL_CHARS_MAX * 3 + 1)
#define FOOTER          "&C&P / &N"
#define MARGIN_SIDE     0.4 /* inches */
#define MARGIN_END      0.6
#define TITLE_SIZE      16
#define BODY_SIZE       10
#define HEADING_COLOR   0xDCE6F1
#define REMARK_COLOR    0x595959
#define LOCAL_TIME_COLS 16
#define ROOM_BYTES_MIN  ((uint64_t)1024 * 1024)

enum look {
    LOOK_TEXT,
    LOOK_NUMBER,
    LOOK_DECIMAL,
    LOOK_RATE,
    LOOK_TIME,
    LOOK_TITLE,
    LOOK_REMARK,
    LOOK_HEADING,
    LOOK_COUNT
};

struct xlsx {
    lxw_workbook *workbook;
    lxw_worksheet *sheet; /* NULL before the first */
    lxw_format *looks[LOOK_COUNT];
    char *path;
    char *folder; /* the library keeps no copy */
    char *cell;   /* CELL_BYTES_MAX: what the library gets ends with NUL */
    char sheet_name[SHEET_NAME_MAX * 4 + 1];
    int sheet_count;
    uint64_t row_bytes; /* of the sheets that are whole */
    int64_t row;
    int column;
    size_t widths[XLSX_COLUMNS_MAX];
    enum err error;
};

/* ---- looks ---- */

static lxw_format *look_make(lxw_workbook *workbook, const char *number_format)
{
    lxw_format *format = workbook_add_format(workbook);
    if (!format) {
        return NULL;
    }
    format_set_font_size(format, BODY_SIZE);
    format_set_align(format, LXW_ALIGN_VERTICAL_TOP);
    if (number_format) {
        format_set_num_format(format, number_format);
    }
    return format;
}

static bool looks_make(struct xlsx *xlsx)
{
    static const char *const number_formats[LOOK_COUNT] = {
        [LOOK_TEXT] = "@",
        [LOOK_NUMBER] = "0",
        [LOOK_DECIMAL] = "0.0",
        [LOOK_RATE] = "0.0%",
        [LOOK_TIME] = "yyyy-mm-dd hh:mm",
    };
    for (int look = 0; look < LOOK_COUNT; look++) {
        xlsx->looks[look] = look_make(xlsx->workbook, number_formats[look]);
        if (!xlsx->looks[look]) {
            return false;
        }
    }
    format_set_text_wrap(xlsx->looks[LOOK_TEXT]);
    format_set_bold(xlsx->looks[LOOK_TITLE]);
    format_set_font_size(xlsx->looks[LOOK_TITLE], TITLE_SIZE);
    format_set_font_color(xlsx->looks[LOOK_REMARK], REMARK_COLOR);
    format_set_bold(xlsx->looks[LOOK_HEADING]);
    format_set_text_wrap(xlsx->looks[LOOK_HEADING]);
    format_set_border(xlsx->looks[LOOK_HEADING], LXW_BORDER_THIN);
    format_set_bg_color(xlsx->looks[LOOK_HEADING], HEADING_COLOR);
    return true;
}

/* ---- beginning and end ---- */

static void xlsx_free(struct xlsx *xlsx)
{
    free(xlsx->path);
    free(xlsx->folder);
    free(xlsx->cell);
    free(xlsx);
}

static void properties_set(struct xlsx *xlsx, const struct xlsx_wish *wish)
{
    char author[128];
    (void)snprintf(author, sizeof(author), "%.*s", TEXT_ARGS(utf8_cut(wish->author, 120)));
    lxw_doc_properties properties = {.author = author, .created = (time_t)wish->created_s};
    (void)workbook_set_properties(xlsx->workbook, &properties); /* what it copies it may lack */
}

const char *xlsx_version(void)
{
    return lxw_version();
}

enum err xlsx_create(const struct xlsx_wish *wish, struct xlsx **ret_xlsx, struct err_why *why)
{
    struct xlsx *xlsx = calloc(1, sizeof(*xlsx));
    if (!xlsx) {
        return err_set(why, ERR_NO_MEMORY, "no memory for a workbook");
    }
    xlsx->path = text_copy(text_of(wish->path));
    xlsx->folder = text_copy(text_of(wish->temp_folder));
    xlsx->cell = malloc(CELL_BYTES_MAX);
    lxw_workbook_options options = {
        .constant_memory = wish->charts ? LXW_FALSE : LXW_TRUE,
        .tmpdir = xlsx->folder,
        .use_zip64 = LXW_FALSE};
    if (xlsx->path && xlsx->folder && xlsx->cell) {
        xlsx->workbook = workbook_new_opt(xlsx->path, &options);
    }
    if (!xlsx->workbook || !looks_make(xlsx)) {
        xlsx_abandon(xlsx);
        return err_set(why, ERR_NO_MEMORY, "no memory for a workbook");
    }
    properties_set(xlsx, wish);
    *ret_xlsx = xlsx;
    return ERR_OK;
}

static void fail(struct xlsx *xlsx, lxw_error error)
{
    if (xlsx->error || error == LXW_NO_ERROR) {
        return;
    }
    xlsx->error = error == LXW_ERROR_MEMORY_MALLOC_FAILED           ? ERR_NO_MEMORY
                  : error == LXW_ERROR_WORKSHEET_INDEX_OUT_OF_RANGE ? ERR_FULL
                  : error == LXW_ERROR_PARAMETER_VALIDATION         ? ERR_USAGE
                                                                    : ERR_IO;
}

/* The library does not look whether its own files take what it writes: a full disk goes unseen. */
static void rows_check(struct xlsx *xlsx)
{
    FILE *const rows = xlsx->sheet ? xlsx->sheet->optimize_tmpfile : NULL;
    if (!rows) {
        return;
    }
    if (fflush(rows) != 0 || ferror(rows)) {
        fail(xlsx, LXW_ERROR_CREATING_TMPFILE);
    } else {
        xlsx->row_bytes += (uint64_t)ftello(rows);
    }
}

/*
 * Nor whether there is room for the sheets that are made of the rows, as large again, and for the
 * file itself: asked beforehand.
 */
static void room_check(struct xlsx *xlsx)
{
    struct statvfs at;
    const uint64_t wanted = xlsx->row_bytes * 2 + ROOM_BYTES_MIN;
    if (statvfs(xlsx->folder, &at) == 0 && (uint64_t)at.f_bavail * at.f_frsize < wanted) {
        fail(xlsx, LXW_ERROR_CREATING_TMPFILE);
    }
}

/* The widths are known only now; the library writes them in front of the rows all the same. */
static void sheet_end(struct xlsx *xlsx)
{
    rows_check(xlsx);
    for (int column = 0; xlsx->sheet && column < XLSX_COLUMNS_MAX; column++) {
        if (xlsx->widths[column] == 0) {
            continue;
        }
        size_t width = xlsx->widths[column] + WIDTH_PADDING;
        width = width < WIDTH_MIN ? WIDTH_MIN : width > WIDTH_MAX ? WIDTH_MAX : width;
        fail(
            xlsx, worksheet_set_column(
                      xlsx->sheet, (lxw_col_t)column, (lxw_col_t)column, (double)width, NULL));
    }
    memset(xlsx->widths, 0, sizeof(xlsx->widths));
    xlsx->row = 0;
    xlsx->column = 0;
}

void xlsx_abandon(struct xlsx *xlsx)
{
    if (xlsx) {
        lxw_workbook_free(xlsx->workbook);
        xlsx_free(xlsx);
    }
}

enum err xlsx_finish(struct xlsx *xlsx, struct err_why *why)
{
    if (xlsx->sheet_count == 0) {
        xlsx_sheet(xlsx, TEXT_LITERAL("1"));
    }
    sheet_end(xlsx);
    room_check(xlsx);
    enum err err = xlsx->error;
    if (err) {
        xlsx_abandon(xlsx);
        return err_set(why, err, "a row of the workbook could not be written: is the disk full?");
    }
    /* The library asks gmtime(3), which has one answer for all threads. */
    static pthread_mutex_t closing = PTHREAD_MUTEX_INITIALIZER;
    (void)pthread_mutex_lock(&closing);
    const lxw_error error = workbook_close(xlsx->workbook); /* frees it in any case */
    (void)pthread_mutex_unlock(&closing);
    xlsx->workbook = NULL;
    fail(xlsx, error);
    err = xlsx->error;
    if (err) {
        (void)remove(xlsx->path);
        (void)err_set(
            why, err, "the workbook could not be written (%s): is the disk full?",
            lxw_strerror(error));
    }
    xlsx_free(xlsx);
    return err;
}

/* ---- sheets ---- */

static void sheet_name_set(struct xlsx *xlsx, struct text name)
{
    size_t bytes = 0;
    size_t at = 0;
    for (int count = 0; count < SHEET_NAME_MAX && at < name.bytes; count++) {
        const size_t char_bytes = utf8_char_bytes(name.ptr + at, name.bytes - at);
        const bool clean = char_bytes > 1 || (char_bytes == 1 && name.ptr[at] >= ' ' &&
                                              !strchr("[]:*?/\\'", name.ptr[at]));
        if (clean) {
            memcpy(xlsx->sheet_name + bytes, name.ptr + at, char_bytes);
        } else {
            xlsx->sheet_name[bytes] = ' ';
        }
        bytes += clean ? char_bytes : 1;
        at += char_bytes > 0 ? char_bytes : 1;
    }
    xlsx->sheet_name[bytes] = '\0';
}

void xlsx_sheet(struct xlsx *xlsx, struct text name)
{
    sheet_end(xlsx);
    MUST(xlsx->sheet_count < XLSX_SHEETS_MAX);
    xlsx->sheet_count++;
    sheet_name_set(xlsx, name);
    if (workbook_validate_sheet_name(xlsx->workbook, xlsx->sheet_name) != LXW_NO_ERROR) {
        (void)snprintf(xlsx->sheet_name, sizeof(xlsx->sheet_name), "%d", xlsx->sheet_count);
    }
    xlsx->sheet = workbook_add_worksheet(xlsx->workbook, xlsx->sheet_name);
    if (!xlsx->sheet) {
        fail(xlsx, LXW_ERROR_MEMORY_MALLOC_FAILED);
        return;
    }
    worksheet_set_paper(xlsx->sheet, 9); /* A4 */
    worksheet_set_landscape(xlsx->sheet);
    worksheet_fit_to_pages(xlsx->sheet, 1, 0); /* as wide as one page, as long as it takes */
    worksheet_set_margins(xlsx->sheet, MARGIN_SIDE, MARGIN_SIDE, MARGIN_END, MARGIN_END);
    fail(xlsx, worksheet_set_footer(xlsx->sheet, FOOTER));
}

/* ---- cells ---- */

static bool has_cell(struct xlsx *xlsx)
{
    if (!xlsx->sheet || xlsx->row >= XLSX_ROWS_MAX) {
        fail(xlsx, LXW_ERROR_WORKSHEET_INDEX_OUT_OF_RANGE);
    }
    MUST(xlsx->column < XLSX_COLUMNS_MAX);
    return !xlsx->error;
}

/*
 * What XML cannot hold becomes a replacement character, other controls a blank; the length is
 * counted as spreadsheets do.
 */
static const char *cell_text(struct xlsx *xlsx, struct text text)
{
    static const char replacement[] = "\xef\xbf\xbd";
    size_t bytes = 0;
    size_t units = 0;
    for (size_t at = 0; at < text.bytes && units < XLSX_CELL_CHARS_MAX - 1;) {
        const size_t have = utf8_char_bytes(text.ptr + at, text.bytes - at);
        const char *from = text.ptr + at;
        size_t char_bytes = have;
        const unsigned char first = (unsigned char)from[0];
        const bool no_character =
            have == 3 && memcmp(from, "\xef\xbf", 2) == 0 &&
            ((unsigned char)from[2] == 0xbe || (unsigned char)from[2] == 0xbf);
        if (have == 0 || no_character) {
            from = replacement;
            char_bytes = sizeof(replacement) - 1;
        } else if (have == 1 && (first < ' ' || first == 0x7f) && first != '\n' && first != '\t') {
            from = " ";
        }
        memcpy(xlsx->cell + bytes, from, char_bytes);
        bytes += char_bytes;
        units += char_bytes == 4 ? 2 : 1;
        at += have > 0 ? have : 1;
    }
    xlsx->cell[bytes] = '\0';
    return xlsx->cell;
}

static void widen(struct xlsx *xlsx, size_t columns)
{
    if (columns > xlsx->widths[xlsx->column]) {
        xlsx->widths[xlsx->column] = columns < WIDTH_MAX ? columns : WIDTH_MAX;
    }
}

static void put_text(struct xlsx *xlsx, struct text text, enum look look)
{
    if (!has_cell(xlsx)) {
        return;
    }
    fail(
        xlsx, worksheet_write_string(
                  xlsx->sheet, (lxw_row_t)xlsx->row, (lxw_col_t)xlsx->column, cell_text(xlsx, text),
                  xlsx->looks[look]));
    xlsx->column++;
}

static void put_number(struct xlsx *xlsx, double number, enum look look)
{
    if (!has_cell(xlsx)) {
        return;
    }
    fail(
        xlsx,
        worksheet_write_number(
            xlsx->sheet, (lxw_row_t)xlsx->row, (lxw_col_t)xlsx->column, number, xlsx->looks[look]));
    xlsx->column++;
}

void xlsx_title(struct xlsx *xlsx, struct text text)
{
    put_text(xlsx, text, LOOK_TITLE);
}

void xlsx_remark(struct xlsx *xlsx, struct text text)
{
    put_text(xlsx, text, LOOK_REMARK);
}

void xlsx_text(struct xlsx *xlsx, struct text text)
{
    if (has_cell(xlsx)) {
        widen(xlsx, utf8_columns(utf8_cut(text, (size_t)4 * WIDTH_MAX)));
        put_text(xlsx, text, LOOK_TEXT);
    }
}

void xlsx_number(struct xlsx *xlsx, int64_t number)
{
    put_number(xlsx, (double)number, LOOK_NUMBER);
}

void xlsx_decimal(struct xlsx *xlsx, double number)
{
    put_number(xlsx, number, LOOK_DECIMAL);
}

void xlsx_rate(struct xlsx *xlsx, double rate)
{
    put_number(xlsx, rate, LOOK_RATE);
}

void xlsx_local_time(struct xlsx *xlsx, int64_t local_ms)
{
    if (has_cell(xlsx)) {
        widen(xlsx, LOCAL_TIME_COLS);
        put_number(xlsx, (double)local_ms / (double)DAY_MS + DAYS_TO_1970, LOOK_TIME);
    }
}

void xlsx_blank(struct xlsx *xlsx)
{
    if (has_cell(xlsx)) {
        xlsx->column++;
    }
}

void xlsx_row_end(struct xlsx *xlsx)
{
    xlsx->row++;
    xlsx->column = 0;
}

void xlsx_heading(struct xlsx *xlsx, const struct text *names, size_t count)
{
    const lxw_row_t row = (lxw_row_t)xlsx->row;
    for (size_t index = 0; index < count && has_cell(xlsx); index++) {
        widen(xlsx, utf8_columns(names[index]));
        put_text(xlsx, names[index], LOOK_HEADING);
    }
    if (xlsx->error) {
        return;
    }
    worksheet_freeze_panes(xlsx->sheet, row + 1, 0);
    fail(xlsx, worksheet_repeat_rows(xlsx->sheet, row, row));
    xlsx_row_end(xlsx);
}

int64_t xlsx_rows_left(const struct xlsx *xlsx)
{
    return XLSX_ROWS_MAX - xlsx->row;
}

int64_t xlsx_row_number(const struct xlsx *xlsx)
{
    return xlsx->row;
}

/* ---- charts ---- */

void xlsx_bars(struct xlsx *xlsx, const struct xlsx_bars *bars)
{
    lxw_chart *chart = has_cell(xlsx) ? workbook_add_chart(xlsx->workbook, LXW_CHART_BAR) : NULL;
    lxw_chart_series *series = chart ? chart_add_series(chart, NULL, NULL) : NULL;
    if (!series) {
        fail(xlsx, LXW_ERROR_MEMORY_MALLOC_FAILED);
        return;
    }
    const lxw_row_t first = (lxw_row_t)bars->first_row;
    const lxw_row_t last = (lxw_row_t)bars->last_row;
    const lxw_col_t names = (lxw_col_t)bars->name_column;
    const lxw_col_t values = (lxw_col_t)bars->value_column;
    chart_series_set_categories(series, xlsx->sheet_name, first, names, last, names);
    chart_series_set_values(series, xlsx->sheet_name, first, values, last, values);
    chart_title_set_name(chart, cell_text(xlsx, bars->title));
    chart_legend_set_position(chart, LXW_CHART_LEGEND_NONE);
    chart_axis_set_reverse(chart->y_axis); /* of bars that lie: the first one on top */
    if (bars->rate) {
        chart_axis_set_max(chart->x_axis, 1);
        chart_axis_set_min(chart->x_axis, 0);
        chart_axis_set_num_format(chart->x_axis, "0%");
    }
    fail(
        xlsx, worksheet_insert_chart(
                  xlsx->sheet, (lxw_row_t)bars->at_row, (lxw_col_t)bars->at_column, chart));
}
