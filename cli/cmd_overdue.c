/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `nrt overdue`: a list of the API.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/args.h"
#include "cli/commands.h"
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

int cmd_overdue(int argc, char **argv)
{
    const char *unit = NULL;
    const char *format = "table";
    const char *data = NULL;
    bool json = false;
    const struct arg args[] = {
        {.name = "--unit", .text = &unit},
        {.name = "--format", .text = &format},
        {.name = "--data", .text = &data},
        {.name = "--json", .flag = &json},
    };
    struct api api;
    int code = args_read(argc, argv, args, COUNT_OF(args));
    if (code != EXIT_FINE) {
        return code;
    }
    api_init(&api, "overdue", data);
    const bool csv = strcmp(format, "csv") == 0;
    if (!csv && strcmp(format, "table") != 0 && strcmp(format, "json") != 0) {
        return args_misuse("overdue", "--format is table, csv or json, not '%s'", format);
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
