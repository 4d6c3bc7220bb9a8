/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `nrt report month|brief|week`: what the office puts on paper or sends round, as text, JSON or a
 * workbook.
 */
#include <stdio.h>
#include <string.h>

#include "cli/api.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/export_file.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define PATH_BYTES_MAX  ((size_t)4096)

struct report {
    const char *what;
    const char *month;
    const char *format;
    const char *out;
    const char *lang;
    const char *unit;
    const char *date;
    const char *data;
    bool json;
};

static void print_text(struct text text)
{
    (void)fwrite(text.ptr, 1, text.bytes, stdout);
    (void)putchar('\n');
}

static int print_lines(const struct api *api, const char *path)
{
    struct json_doc *doc = NULL;
    const int code = api_get_json(api, path, &doc);
    if (code != EXIT_FINE) {
        return code;
    }
    const struct text title = json_get_string(json_root(doc), "title");
    if (title.bytes > 0) {
        print_text(title);
        (void)putchar('\n');
    }
    const struct json_value *line = json_first(json_get(json_root(doc), "lines"));
    if (!line) {
        print_text(TEXT_LITERAL("Nothing to tell."));
    }
    for (; line; line = json_next(line)) {
        print_text(json_string(line));
    }
    json_free(doc);
    return EXIT_FINE;
}

static int print_json(const struct api *api, const char *path)
{
    struct api_answer answer;
    const struct api_call call = {.method = "GET", .path = path};
    const int code = api_send_well(api, &call, &answer);
    if (code == EXIT_FINE) {
        print_text(buf_view(&answer.body));
        buf_release(&answer.body);
    }
    return code;
}

static void path_write(const struct report *report, bool xlsx, struct buf *path)
{
    buf_format(path, "/api/v1/reports/%s", report->what);
    if (report->month) {
        api_segment(path, report->month);
        buf_string(path, xlsx ? ".xlsx" : "");
    }
    api_query(path, "unit", report->unit);
    api_query(path, "date", report->date);
    api_query(path, "lang", report->lang);
}

static int make(const struct api *api, const struct report *report)
{
    const bool xlsx = strcmp(report->format, "xlsx") == 0;
    const bool json = report->json || strcmp(report->format, "json") == 0;
    struct buf path;
    buf_init(&path, PATH_BYTES_MAX);
    path_write(report, xlsx, &path);
    const struct export_order order = {.api = api, .path = path.ptr, .out = report->out};
    const int code = xlsx   ? export_file(&order)
                     : json ? print_json(api, path.ptr)
                            : print_lines(api, path.ptr);
    buf_release(&path);
    return code;
}

/* EXIT_FINE when the words make sense together. */
static int check(const struct report *report)
{
    const bool month = strcmp(report->what, "month") == 0;
    const bool xlsx = strcmp(report->format, "xlsx") == 0;
    if (!month && strcmp(report->what, "brief") != 0 && strcmp(report->what, "week") != 0) {
        return args_misuse(
            "report", "there is no report '%s'; there are: month, brief, week", report->what);
    }
    if (month != (report->month != NULL)) {
        return args_misuse(
            "report", month ? "a month is needed, such as 2019-07" : "only 'month' takes a month");
    }
    if (!xlsx && strcmp(report->format, "text") != 0 && strcmp(report->format, "json") != 0) {
        return args_misuse("report", "--format is text, json or xlsx, not '%s'", report->format);
    }
    if (xlsx && (!month || !report->out)) {
        return args_misuse(
            "report", month ? "a workbook needs --out FILE" : "only the month comes as a workbook");
    }
    return EXIT_FINE;
}

int cmd_report(int argc, char **argv)
{
    struct report report = {.format = "text"};
    const struct arg args[] = {
        {.name = "REPORT", .text = &report.what, .required = true},
        {.name = "MONTH", .text = &report.month},
        {.name = "--format", .text = &report.format},
        {.name = "--out", .text = &report.out},
        {.name = "--lang", .text = &report.lang},
        {.name = "--unit", .text = &report.unit},
        {.name = "--date", .text = &report.date},
        {.name = "--data", .text = &report.data},
        {.name = "--json", .flag = &report.json},
    };
    struct api api;
    int code = args_read(argc, argv, args, COUNT_OF(args));
    if (code == EXIT_FINE) {
        code = check(&report);
    }
    if (code != EXIT_FINE) {
        return code;
    }
    api_init(&api, "report", report.data);
    return make(&api, &report);
}
