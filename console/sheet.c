/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See sheet.h. A row too many for a spreadsheet ends the table with a line that says so, rather
 * than with a file that no program opens.
 */
#include "console/sheet.h"

#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "console/csv_out.h"
#include "rules/calendar.h"

struct sheet {
    enum sheet_format format;
    const struct calendar *zone;
    char *path;
    FILE *file; /* of CSV */
    struct csv_out csv;
    struct xlsx *xlsx;
    int64_t rows;
    int pages;
    bool full;
};

static const struct {
    const char *name;
    const char *type;
} formats[SHEET_FORMAT_COUNT] = {
    [SHEET_CSV] = {"csv", "text/csv; charset=utf-8"},
    [SHEET_XLSX] = {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
};

bool sheet_format_read(struct text word, enum sheet_format *ret_format)
{
    for (int format = 0; format < SHEET_FORMAT_COUNT; format++) {
        if (text_is(word, formats[format].name)) {
            *ret_format = (enum sheet_format)format;
            return true;
        }
    }
    return false;
}

const char *sheet_format_name(enum sheet_format format)
{
    return formats[format].name;
}

const char *sheet_format_type(enum sheet_format format)
{
    return formats[format].type;
}

/* ---- beginning and end ---- */

static void sheet_free(struct sheet *sheet)
{
    if (sheet->format == SHEET_CSV) {
        csv_out_release(&sheet->csv);
    }
    if (sheet->file) {
        (void)fclose(sheet->file);
    }
    free(sheet->path);
    free(sheet);
}

/* Before the library opens it: what it makes itself, others could read. */
static enum err file_make(struct sheet *sheet, struct err_why *why)
{
    const int fd = open(sheet->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return err_set(why, ERR_IO, "%s cannot be written", sheet->path);
    }
    if (sheet->format == SHEET_XLSX) {
        (void)close(fd);
        return ERR_OK;
    }
    sheet->file = fdopen(fd, "w");
    if (!sheet->file) {
        (void)close(fd);
        return err_set(why, ERR_NO_MEMORY, "no memory for a table");
    }
    csv_out_init(&sheet->csv, sheet->file);
    return ERR_OK;
}

enum err sheet_create(const struct sheet_wish *wish, struct sheet **ret_sheet, struct err_why *why)
{
    struct sheet *sheet = calloc(1, sizeof(*sheet));
    if (!sheet) {
        return err_set(why, ERR_NO_MEMORY, "no memory for a table");
    }
    sheet->format = wish->format;
    sheet->zone = wish->zone;
    sheet->path = text_copy(text_of(wish->path));
    enum err err =
        sheet->path ? file_make(sheet, why) : err_set(why, ERR_NO_MEMORY, "no memory for a table");
    if (!err && sheet->format == SHEET_XLSX) {
        const struct xlsx_wish inner = {
            .path = wish->path,
            .temp_folder = wish->temp_folder,
            .author = wish->author,
            .created_s = wish->now.ms / 1000,
            .charts = wish->charts,
        };
        err = xlsx_create(&inner, &sheet->xlsx, why);
    }
    if (err) {
        sheet_free(sheet);
        return err;
    }
    *ret_sheet = sheet;
    return ERR_OK;
}

static enum err csv_finish(struct sheet *sheet, struct err_why *why)
{
    enum err err = csv_out_error(&sheet->csv);
    if (fclose(sheet->file) != 0 && !err) {
        err = ERR_IO;
    }
    sheet->file = NULL;
    if (err) {
        (void)unlink(sheet->path);
        (void)err_set(why, err, "the table could not be written: is the disk full?");
    }
    return err;
}

enum err sheet_finish(struct sheet *sheet, struct err_why *why)
{
    const enum err err =
        sheet->format == SHEET_CSV ? csv_finish(sheet, why) : xlsx_finish(sheet->xlsx, why);
    sheet->xlsx = NULL;
    if (err) {
        (void)unlink(sheet->path);
    }
    sheet_free(sheet);
    return err;
}

void sheet_abandon(struct sheet *sheet)
{
    if (sheet) {
        xlsx_abandon(sheet->xlsx);
        (void)unlink(sheet->path);
        sheet_free(sheet);
    }
}

/* ---- rows ---- */

void sheet_page(struct sheet *sheet, struct text name)
{
    sheet->pages++;
    sheet->full = false;
    if (sheet->xlsx) {
        xlsx_sheet(sheet->xlsx, name);
    } else if (sheet->pages > 1) {
        csv_out_row_end(&sheet->csv);
    }
}

static void row_end(struct sheet *sheet)
{
    if (sheet->xlsx) {
        xlsx_row_end(sheet->xlsx);
    } else {
        csv_out_row_end(&sheet->csv);
    }
    sheet->rows++;
}

void sheet_title(struct sheet *sheet, struct text text)
{
    if (sheet->xlsx) {
        xlsx_title(sheet->xlsx, text);
    } else {
        csv_out_text(&sheet->csv, text);
    }
    row_end(sheet);
}

void sheet_remark(struct sheet *sheet, struct text text)
{
    if (sheet->xlsx) {
        xlsx_remark(sheet->xlsx, text);
    } else {
        csv_out_text(&sheet->csv, text);
    }
    row_end(sheet);
}

void sheet_heading(struct sheet *sheet, const struct text *names, size_t count)
{
    if (sheet->xlsx) {
        xlsx_heading(sheet->xlsx, names, count);
        sheet->rows++;
        return;
    }
    for (size_t index = 0; index < count; index++) {
        csv_out_text(&sheet->csv, names[index]);
    }
    row_end(sheet);
}

void sheet_text(struct sheet *sheet, struct text text)
{
    if (text.bytes == 0) {
        sheet_blank(sheet);
    } else if (sheet->xlsx) {
        xlsx_text(sheet->xlsx, text);
    } else {
        csv_out_text(&sheet->csv, text);
    }
}

void sheet_number(struct sheet *sheet, int64_t number)
{
    char digits[32];
    if (sheet->xlsx) {
        xlsx_number(sheet->xlsx, number);
    } else {
        (void)snprintf(digits, sizeof(digits), "%" PRId64, number);
        csv_out_number(&sheet->csv, digits);
    }
}

void sheet_decimal(struct sheet *sheet, double number)
{
    char digits[48];
    if (sheet->xlsx) {
        xlsx_decimal(sheet->xlsx, number);
    } else {
        (void)snprintf(digits, sizeof(digits), "%.1f", number);
        csv_out_number(&sheet->csv, digits);
    }
}

void sheet_rate(struct sheet *sheet, double rate)
{
    char digits[48];
    if (sheet->xlsx) {
        xlsx_rate(sheet->xlsx, rate);
    } else {
        const int64_t tenths = llround(rate * 1000); /* half up, as everywhere */
        (void)snprintf(
            digits, sizeof(digits), "%" PRId64 ".%" PRId64 "%%", tenths / 10, tenths % 10);
        csv_out_number(&sheet->csv, digits);
    }
}

/* "2019-07-10 17:30" */
void sheet_time(struct sheet *sheet, struct wall_ms at)
{
    const struct civil_day day = calendar_local_day(sheet->zone, at);
    const int32_t second = calendar_local_second(sheet->zone, at);
    if (sheet->xlsx) {
        const int64_t local_s = (int64_t)day.number * 86400 + second;
        xlsx_local_time(sheet->xlsx, local_s * 1000);
        return;
    }
    char text[48];
    const struct civil_date date = civil_date_of(day);
    (void)snprintf(
        text, sizeof(text), "%04d-%02d-%02d %02d:%02d", (int)date.year, (int)date.month,
        (int)date.day, (int)(second / 3600), (int)(second / 60 % 60));
    csv_out_number(&sheet->csv, text);
}

void sheet_blank(struct sheet *sheet)
{
    if (sheet->xlsx) {
        xlsx_blank(sheet->xlsx);
    } else {
        csv_out_number(&sheet->csv, "");
    }
}

bool sheet_row_end(struct sheet *sheet)
{
    if (sheet->full) {
        return false;
    }
    row_end(sheet);
    if (sheet->xlsx && xlsx_rows_left(sheet->xlsx) == 1) {
        xlsx_remark(
            sheet->xlsx,
            TEXT_LITERAL("已到工作表行数上限 1048576 行，其余未列出；请缩小筛选范围 / "
                         "a sheet holds 1048576 rows, the rest is left out; narrow the filter"));
        row_end(sheet);
        sheet->full = true;
    }
    return !sheet->full;
}

int64_t sheet_rows(const struct sheet *sheet)
{
    return sheet->rows;
}

void sheet_bars(struct sheet *sheet, const struct xlsx_bars *bars)
{
    if (sheet->xlsx) {
        xlsx_bars(sheet->xlsx, bars);
    }
}
