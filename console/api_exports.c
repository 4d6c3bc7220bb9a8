/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists as files: at once where they have few rows, as a job where they have many.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "console/audit.h"
#include "console/exports.h"

#define PATH_BYTES 700
#define NAME_BYTES ((size_t)256)

/* ---- at once ---- */

/* The file has no name any more once it is open: nothing is left behind. */
static bool take_file(const char *path, int *ret_fd, int64_t *ret_bytes)
{
    struct stat at;
    *ret_fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    (void)unlink(path);
    if (*ret_fd < 0) {
        return false;
    }
    if (fstat(*ret_fd, &at) != 0) {
        (void)close(*ret_fd);
        return false;
    }
    *ret_bytes = at.st_size;
    return true;
}

static void answer_file(
    const struct view *view, struct http_call *call, const struct export_wish *wish)
{
    struct buf name;
    int fd = -1;
    int64_t bytes = 0;
    buf_init(&name, NAME_BYTES);
    export_file_name(view, wish, &name);
    if (take_file(wish->path, &fd, &bytes)) {
        http_answer_file(call, 200, sheet_format_type(wish->format), fd, bytes, name.ptr);
    } else {
        problem_answer(call, PROBLEM_INTERNAL, "the file could not be read back; see the log");
    }
    buf_release(&name);
}

static void answer_trouble(struct http_call *call, enum err err, const struct err_why *why)
{
    if (err == ERR_USAGE) {
        problem_answer(call, PROBLEM_BAD_REQUEST, why->text);
    } else if (err == ERR_IO || err == ERR_FULL) {
        problem_answer(
            call, PROBLEM_NO_SPACE, why->text[0] ? why->text : "the disk of the service is full");
    } else if (err == ERR_TIMEOUT) {
        problem_answer(
            call, PROBLEM_UNAVAILABLE, "it took too long: ask for a job with POST /api/v1/exports");
    } else {
        problem_answer(call, PROBLEM_INTERNAL, "the ledger could not be read; see the log");
    }
}

static enum err write_file(
    const struct view *view, struct export_wish *wish, struct err_why *why, bool *ret_too_many)
{
    struct arena arena;
    struct ledger_total total = {0};
    arena_init(&arena, 0);
    enum err err = export_count(view, wish, &arena, &total, why);
    *ret_too_many = !err && total.count > EXPORT_ROWS_AT_ONCE;
    if (!err && !*ret_too_many) {
        err = export_write(view, wish, &arena, why);
    }
    arena_release(&arena);
    return err;
}

static void export_at_once(
    const struct view *view,
    struct http_call *call,
    enum export_what what,
    enum sheet_format format)
{
    char folder[PATH_BYTES - 64];
    char path[PATH_BYTES];
    struct err_why why = {0};
    bool too_many = false;
    (void)snprintf(folder, sizeof(folder), "%s/" EXPORT_FOLDER_NAME, view->data_folder);
    (void)snprintf(path, sizeof(path), "%s/export-at-once-%p", folder, (void *)call);
    struct export_wish wish = {
        .what = what, .format = format, .head = &call->head, .path = path, .temp_folder = folder};
    const enum err err = write_file(view, &wish, &why, &too_many);
    if (err) {
        answer_trouble(call, err, &why);
    } else if (too_many) {
        problem_answer(
            call, PROBLEM_TOO_LARGE,
            "more than 5000 rows are made as a job: POST /api/v1/exports with what, format and "
            "filter, or narrow the filter");
    } else {
        answer_file(view, call, &wish);
    }
}

#define EXPORT_HANDLER(name, what, format)                                                         \
    void name(const struct view *view, struct http_call *call)                                     \
    {                                                                                              \
        export_at_once(view, call, what, format);                                                  \
    }
EXPORT_HANDLER(api_overdue_csv, EXPORT_OVERDUE, SHEET_CSV)
EXPORT_HANDLER(api_overdue_xlsx, EXPORT_OVERDUE, SHEET_XLSX)
EXPORT_HANDLER(api_cases_csv, EXPORT_CASES, SHEET_CSV)
EXPORT_HANDLER(api_cases_xlsx, EXPORT_CASES, SHEET_XLSX)
EXPORT_HANDLER(api_units_csv, EXPORT_UNITS, SHEET_CSV)
EXPORT_HANDLER(api_units_xlsx, EXPORT_UNITS, SHEET_XLSX)
EXPORT_HANDLER(api_accountability_csv, EXPORT_ACCOUNTABILITY, SHEET_CSV)
EXPORT_HANDLER(api_accountability_xlsx, EXPORT_ACCOUNTABILITY, SHEET_XLSX)

/* ---- as a job ---- */

static bool is_among(const char *words, struct text word)
{
    while (*words) {
        const size_t bytes = strcspn(words, " ");
        if (text_equal(word, (struct text){.ptr = words, .bytes = bytes})) {
            return true;
        }
        words += bytes + (words[bytes] == ' ');
    }
    return false;
}

/* The members of "filter" become the parameters of a list; false when the call was answered. */
static bool filter_read(
    struct http_call *call,
    const struct json_value *filter,
    enum export_what what,
    struct http_head *head)
{
    char detail[320];
    const struct json_value *member = json_type(filter) == JSON_OBJECT ? json_first(filter) : NULL;
    for (; member; member = json_next(member)) {
        const struct text name = json_key(member);
        const bool known = is_among(export_filters(what), name) || text_is(name, "lang");
        if (!known || json_type(member) != JSON_STRING || head->param_count == HTTP_PARAMS_MAX) {
            (void)snprintf(
                detail, sizeof(detail), "filter: \"%.*s\" must be a text; there are: %s lang",
                TEXT_ARGS(utf8_cut(name, 64)), export_filters(what));
            problem_answer(call, PROBLEM_BAD_REQUEST, detail);
            return false;
        }
        if (json_string(member).bytes > 0) {
            head->params[head->param_count++] =
                (struct http_pair){.name = name, .value = json_string(member)};
        }
    }
    return true;
}

/* Is the filter right? Told now, not after the job has failed. */
static bool filter_is_right(
    const struct view *view, struct http_call *call, const struct export_order *order)
{
    struct arena arena;
    struct err_why why = {0};
    struct ledger_total total = {0};
    const struct export_wish wish = {
        .what = order->what, .format = order->format, .head = order->head};
    bool right = true;
    if (order->what == EXPORT_OVERDUE || order->what == EXPORT_CASES) {
        arena_init(&arena, 0);
        right = export_count(view, &wish, &arena, &total, &why) != ERR_USAGE;
        arena_release(&arena);
    }
    if (!right) {
        problem_answer(call, PROBLEM_BAD_REQUEST, why.text);
    }
    return right;
}

static void order_now(
    struct console *console, struct http_call *call, const struct export_order *order)
{
    char id[EXPORT_ID_BYTES];
    struct err_why why = {0};
    struct api_json json;
    if (exports_order(console->exports, order, id, &why)) {
        problem_answer(call, PROBLEM_UNAVAILABLE, why.text);
        return;
    }
    audit_object(call, text_of(id));
    api_json_init(&json);
    json_out_open(&json.out, '{');
    json_out_member(&json.out, "job", text_of(id));
    json_out_close(&json.out, '}');
    api_json_answer(call, 202, &json, ERR_OK);
}

static void order_read(
    struct console *console, struct http_call *call, const struct json_value *body)
{
    const struct view view = console_view(console, call);
    struct http_head *head = arena_alloc(&call->arena, sizeof(*head));
    struct export_order order = {.actor = view.actor, .head = head};
    if (!head) {
        problem_answer(call, PROBLEM_UNAVAILABLE, "out of memory");
    } else if (!export_what_read(json_get_string(body, "what"), &order.what)) {
        problem_answer(
            call, PROBLEM_BAD_REQUEST, "what must be overdue, cases, units or accountability");
    } else if (!sheet_format_read(json_get_string(body, "format"), &order.format)) {
        problem_answer(call, PROBLEM_BAD_REQUEST, "format must be csv or xlsx");
    } else if (
        filter_read(call, json_get(body, "filter"), order.what, head) &&
        filter_is_right(&view, call, &order)) {
        order_now(console, call, &order);
    }
}

void api_export_order(struct console *console, struct http_call *call)
{
    struct json_doc *doc = api_body_object(call);
    if (doc && api_body_only(call, json_root(doc), "what format filter")) {
        order_read(console, call, json_root(doc));
    }
    json_free(doc);
}

/* Whoever may see other jobs is answered by these. */
static bool sees_no_others(struct http_call *call, const struct actor *actor, enum right right)
{
    if (actor_can(actor, right)) {
        return false;
    }
    problem_answer(call, PROBLEM_NOT_FOUND, "there is no such job (any more)");
    return true;
}

bool api_export_show(struct console *console, struct http_call *call)
{
    const struct view view = console_view(console, call);
    struct export_view job;
    struct api_json json;
    if (!exports_view(console->exports, api_path_id(call, 3), view.actor, &job)) {
        return sees_no_others(call, view.actor, RIGHT_CONFIG_READ);
    }
    const bool done = strcmp(job.state, "done") == 0;
    api_json_init(&json);
    json_out_open(&json.out, '{');
    json_out_member(&json.out, "id", text_of(job.id));
    json_out_member(&json.out, "kind", text_of("export"));
    json_out_member(&json.out, "state", text_of(job.state));
    json_out_member_i64(&json.out, "done", job.done);
    json_out_member_i64(&json.out, "total", job.total);
    json_out_member(&json.out, "why", text_of(job.why));
    json_out_key(&json.out, "totals");
    json_out_null(&json.out);
    json_out_member(&json.out, "name", text_of(job.name));
    api_member_instant(&view, &json.out, "until", (struct ledger_instant){done, job.until_ms});
    json_out_close(&json.out, '}');
    api_json_answer(call, 200, &json, ERR_OK);
    return true;
}

bool api_export_cancel(struct console *console, struct http_call *call)
{
    const struct view view = console_view(console, call);
    struct api_json json;
    if (!exports_cancel(console->exports, api_path_id(call, 3), view.actor)) {
        return sees_no_others(call, view.actor, RIGHT_OPERATE);
    }
    api_json_init(&json);
    json_out_open(&json.out, '{');
    json_out_member(&json.out, "job", api_path_id(call, 3));
    json_out_member(&json.out, "state", text_of("cancelled"));
    json_out_close(&json.out, '}');
    api_json_answer(call, 202, &json, ERR_OK);
    return true;
}

void api_export_file(struct console *console, struct http_call *call)
{
    const struct view view = console_view(console, call);
    struct export_view job;
    struct stat at;
    if (!exports_view(console->exports, api_path_id(call, 3), view.actor, &job)) {
        problem_answer(
            call, PROBLEM_NOT_FOUND, "there is no such export (any more); files stay a day");
        return;
    }
    if (strcmp(job.state, "done") != 0) {
        problem_answer(call, PROBLEM_CONFLICT, "the file is there when the export is done");
        return;
    }
    const int fd = open(job.path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 || fstat(fd, &at) != 0) {
        if (fd >= 0) {
            (void)close(fd);
        }
        problem_answer(call, PROBLEM_NOT_FOUND, "the file is gone; make the export anew");
        return;
    }
    audit_object(call, text_of(job.id));
    http_answer_file(call, 200, sheet_format_type(job.format), fd, at.st_size, job.name);
}
