/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The monthly report over HTTP, as JSON for the page and as a workbook. Of what the actor may see.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "console/api.h"
#include "console/exports.h"
#include "console/month_report.h"

#define ARENA_BYTES_MAX ((size_t)256 * 1024 * 1024)
#define TITLE_BYTES     ((size_t)256)
#define PATH_BYTES      700

/* "2019-07", or "2019-07.xlsx". False when it is neither. */
static bool month_of(struct text word, int32_t *ret_month, bool *ret_xlsx)
{
    const struct text ending = TEXT_LITERAL(".xlsx");
    *ret_xlsx =
        word.bytes > ending.bytes &&
        text_equal((struct text){word.ptr + word.bytes - ending.bytes, ending.bytes}, ending);
    word.bytes -= *ret_xlsx ? ending.bytes : 0;
    return figure_month_read(word, ret_month);
}

static bool wants_english(const struct http_call *call)
{
    return text_is(http_param(&call->head, "lang"), "en");
}

/* ---- as JSON ---- */

static void put_line(void *context, struct text line)
{
    json_out_string(context, line);
}

static void put_figures(
    struct json_out *out, const char *key, const struct figure_line *line, bool there)
{
    json_out_key(out, key);
    if (there) {
        json_out_open(out, '{');
        figure_line_members(out, line);
        json_out_close(out, '}');
    } else {
        json_out_null(out);
    }
}

static void put_families(struct json_out *out, const struct figure_table *table)
{
    json_out_key(out, "families");
    json_out_open(out, '[');
    for (size_t index = 0; index < table->count; index++) {
        const struct figure_line *line = &table->items[index];
        json_out_open(out, '{');
        json_out_member(out, "family", line->key);
        json_out_member_i64(out, "met", line->sums.met);
        json_out_member_i64(out, "missed", line->sums.missed);
        figure_rate_member(out, "on_time_rate", &line->on_time);
        json_out_close(out, '}');
    }
    json_out_close(out, ']');
}

static void put_opened(
    const struct view *view, struct json_out *out, const struct month_report *report)
{
    json_out_key(out, "accountability");
    json_out_open(out, '[');
    for (size_t index = 0; index < report->opened_count; index++) {
        const struct account_entry *entry = &report->opened[index];
        json_out_open(out, '{');
        json_out_member(out, "id", entry->id);
        json_out_member(out, "policy", entry->policy->id);
        if (entry->policy->by_person) {
            api_member_person(view, out, "who", entry->who);
        } else {
            api_member_unit(view, out, "who", entry->who);
        }
        api_member_unit(view, out, "unit", entry->unit);
        api_member_ms(view, out, "opened", entry->opened.ms);
        json_out_member(out, "state", text_of(entry->outcome ? "closed" : "open"));
        json_out_member_i64(out, "misses", (int64_t)entry->evidence_count);
        json_out_close(out, '}');
    }
    json_out_close(out, ']');
}

/* Values as a chart takes them, one list for each series. */
static void put_charts(struct json_out *out, const struct month_report *report)
{
    const struct figure_table *months = &report->months;
    json_out_key(out, "charts");
    json_out_open(out, '{');
    json_out_key(out, "months");
    json_out_open(out, '[');
    for (size_t index = 0; index < months->count; index++) {
        const struct figure_line *line = &months->items[index];
        char month[FIGURE_MONTH_BYTES];
        json_out_open(out, '{');
        json_out_member(out, "month", text_of(figure_month_text(line->month, month)));
        figure_rate_member(out, "on_time_rate", &line->on_time);
        json_out_member_i64(out, "met", line->sums.met);
        json_out_member_i64(out, "missed", line->sums.missed);
        json_out_member_i64(out, "received", line->sums.received);
        json_out_close(out, '}');
    }
    json_out_close(out, ']');
    json_out_close(out, '}');
}

static void put_report(
    const struct view *view,
    const struct http_call *call,
    struct json_out *out,
    const struct month_report *report)
{
    char month[FIGURE_MONTH_BYTES];
    struct buf title;
    buf_init(&title, TITLE_BYTES);
    month_report_title(report, wants_english(call), &title);
    json_out_open(out, '{');
    json_out_member(out, "month", text_of(figure_month_text(report->month, month)));
    json_out_member(out, "title", buf_view(&title));
    json_out_key(out, "lines");
    json_out_open(out, '[');
    month_report_lines(view, report, wants_english(call), put_line, out);
    json_out_close(out, ']');
    put_figures(out, "total", &report->total, true);
    put_families(out, &report->families);
    api_member_ranking(view, out, &report->ranking);
    json_out_key(out, "comparison");
    json_out_open(out, '{');
    put_figures(out, "previous", &report->previous, report->has_previous);
    put_figures(out, "same_month_last_year", &report->last_year, report->has_last_year);
    json_out_close(out, '}');
    put_opened(view, out, report);
    put_charts(out, report);
    json_out_close(out, '}');
    buf_release(&title);
}

/* ---- as a workbook ---- */

static void answer_file(struct http_call *call, const struct month_report *report, const char *path)
{
    struct stat at;
    struct buf name;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    (void)unlink(path);
    if (fd < 0 || fstat(fd, &at) != 0) {
        if (fd >= 0) {
            (void)close(fd);
        }
        problem_answer(call, PROBLEM_INTERNAL, "the file could not be read back; see the log");
        return;
    }
    buf_init(&name, TITLE_BYTES);
    month_report_title(report, wants_english(call), &name);
    buf_string(&name, ".xlsx");
    http_answer_file(call, 200, sheet_format_type(SHEET_XLSX), fd, at.st_size, name.ptr);
    buf_release(&name);
}

static void answer_workbook(
    const struct view *view, struct http_call *call, const struct month_report *report)
{
    char folder[PATH_BYTES - 64];
    char path[PATH_BYTES];
    struct err_why why = {0};
    struct sheet *sheet = NULL;
    (void)snprintf(folder, sizeof(folder), "%s/" EXPORT_FOLDER_NAME, view->data_folder);
    (void)snprintf(path, sizeof(path), "%s/export-month-%p", folder, (void *)call);
    const struct sheet_wish wish = {
        .format = SHEET_XLSX,
        .path = path,
        .temp_folder = folder,
        .zone = view_policy(view)->calendar,
        .author = text_of(view->actor->name),
        .now = view->now,
        .charts = true,
    };
    enum err err = sheet_create(&wish, &sheet, &why);
    if (!err) {
        month_report_sheet(view, report, wants_english(call), sheet);
        err = sheet_finish(sheet, &why);
    }
    if (err) {
        problem_answer(call, PROBLEM_NO_SPACE, why.text);
    } else {
        answer_file(call, report, path);
    }
}

/* ---- both ---- */

static void answer(const struct view *view, struct http_call *call, int32_t month, bool xlsx)
{
    struct api_json json;
    struct arena arena;
    struct month_report report;
    arena_init(&arena, ARENA_BYTES_MAX);
    const enum err err = month_report_make(view, month, &arena, &report);
    if (xlsx && !err) {
        answer_workbook(view, call, &report);
    } else {
        api_json_init(&json);
        if (!err) {
            put_report(view, call, &json.out, &report);
        }
        api_json_answer(call, 200, &json, err);
    }
    arena_release(&arena);
}

void api_report_month(const struct view *view, struct http_call *call)
{
    int32_t month = 0;
    bool xlsx = false;
    if (!month_of(api_path_id(call, 4), &month, &xlsx)) {
        problem_answer(call, PROBLEM_BAD_REQUEST, "the month must be one such as 2019-07");
    } else if (xlsx && !actor_can(view->actor, RIGHT_EXPORT)) {
        problem_answer(call, PROBLEM_FORBIDDEN, "the workbook asks for the right to export");
    } else {
        answer(view, call, month, xlsx);
    }
}
