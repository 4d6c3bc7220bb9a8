/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `nrt overdue`: a list of the API.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/args.h"
#include "cli/commands.h"
#include "cli/export_file.h"
#include "cli/list.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define PATH_BYTES_MAX  ((size_t)16 * 1024)

static const struct column overdue_columns[] = {
    {"CASE", "case", COLUMN_TEXT},
    {"UNIT", "unit_name", COLUMN_TEXT},
    {"HANDLER", "handler", COLUMN_TEXT},
    {"CLOCK", "clock", COLUMN_TEXT},
    {"DUE", "due", COLUMN_TIME},
    {"LATE", "late_seconds", COLUMN_SECONDS},
    {"WORKING DAYS", "late_working_days", COLUMN_TEXT},
    {"TITLE", "case_title", COLUMN_TEXT},
};

/* The console's own file, with what stands above it. */
static int overdue_file(
    const struct api *api, const char *format, const char *unit, const char *out)
{
    struct buf path;
    buf_init(&path, PATH_BYTES_MAX);
    buf_format(&path, "/api/v1/overdue.%s", format);
    api_query(&path, "unit", unit);
    const struct export_order order = {
        .api = api,
        .path = path.ptr,
        .what = "overdue",
        .format = format,
        .unit = unit,
        .out = out,
    };
    const int code = export_file(&order);
    buf_release(&path);
    return code;
}

int cmd_overdue(int argc, char **argv)
{
    const char *unit = NULL;
    const char *out = NULL;
    const char *format = "table";
    const char *data = NULL;
    bool json = false;
    const struct arg args[] = {
        {.name = "--unit", .text = &unit}, {.name = "--format", .text = &format},
        {.name = "--out", .text = &out},   {.name = "--data", .text = &data},
        {.name = "--json", .flag = &json},
    };
    struct api api;
    int code = args_read(argc, argv, args, COUNT_OF(args));
    if (code != EXIT_FINE) {
        return code;
    }
    api_init(&api, "overdue", data);
    const bool csv = strcmp(format, "csv") == 0;
    const bool xlsx = strcmp(format, "xlsx") == 0;
    if (!csv && !xlsx && strcmp(format, "table") != 0 && strcmp(format, "json") != 0) {
        return args_misuse("overdue", "--format is table, csv, xlsx or json, not '%s'", format);
    }
    if (xlsx && !out) {
        return args_misuse("overdue", "a workbook needs --out FILE");
    }
    if (out && !csv && !xlsx) {
        return args_misuse("overdue", "--out goes with --format csv or xlsx");
    }
    if (out) {
        return overdue_file(&api, format, unit, out);
    }
    struct buf path;
    buf_init(&path, PATH_BYTES_MAX);
    buf_string(&path, "/api/v1/overdue");
    api_query(&path, "unit", unit);
    const struct list list = {
        .api = &api,
        .path = path.ptr,
        .columns = overdue_columns,
        .column_count = COUNT_OF(overdue_columns),
        .json = json || strcmp(format, "json") == 0,
        .csv = csv,
        .when_empty = "Nothing is overdue.",
    };
    code = list_print(&list);
    buf_release(&path);
    return code;
}
