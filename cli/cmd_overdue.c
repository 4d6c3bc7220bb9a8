/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `nrt overdue` and `nrt alerts list`: two lists of the API.
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

static const struct column alert_columns[] = {
    {"FIRED", "fired_at", COLUMN_TIME}, {"CASE", "case", COLUMN_TEXT},
    {"CLOCK", "clock", COLUMN_TEXT},    {"STAGE", "stage", COLUMN_TEXT},
    {"LIGHT", "light", COLUMN_TEXT},    {"STATUS", "status", COLUMN_TEXT},
    {"TO", "to", COLUMN_LIST},          {"MESSAGES", "messages", COLUMN_MESSAGES},
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

static int read_limit(const char *command, const char *text, int64_t *ret_limit)
{
    if (text && (text_parse_i64(text_of(text), ret_limit) != ERR_OK || *ret_limit < 1)) {
        return args_misuse(command, "--limit must be a number from 1, not '%s'", text);
    }
    return EXIT_FINE;
}

int cmd_alerts(int argc, char **argv)
{
    const char *verb = NULL;
    const char *unit = NULL;
    const char *case_id = NULL;
    const char *status = NULL;
    const char *limit_text = NULL;
    const char *data = NULL;
    int64_t limit = 50;
    bool json = false;
    const struct arg args[] = {
        {.name = "list", .text = &verb, .required = true},
        {.name = "--unit", .text = &unit},
        {.name = "--case", .text = &case_id},
        {.name = "--status", .text = &status},
        {.name = "--limit", .text = &limit_text},
        {.name = "--data", .text = &data},
        {.name = "--json", .flag = &json},
    };
    struct api api;
    int code = args_read(argc, argv, args, COUNT_OF(args));
    if (code == EXIT_FINE) {
        code = read_limit("alerts", limit_text, &limit);
    }
    if (code != EXIT_FINE) {
        return code;
    }
    if (strcmp(verb, "list") != 0) {
        return args_misuse("alerts", "there is no '%s'; there is: list", verb);
    }
    struct buf path;
    buf_init(&path, PATH_BYTES_MAX);
    buf_string(&path, "/api/v1/alerts");
    api_query(&path, "unit", unit);
    api_query(&path, "case", case_id);
    api_query(&path, "status", status);
    api_init(&api, "alerts", data);
    const struct list list = {
        .api = &api,
        .path = path.ptr,
        .columns = alert_columns,
        .column_count = COUNT_OF(alert_columns),
        .limit = limit,
        .json = json,
        .when_empty = "No alerts.",
    };
    code = list_print(&list);
    buf_release(&path);
    return code;
}
