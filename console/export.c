/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See export.h. What all exports have: the lines above the table, its name, its end.
 */
#include "console/export.h"

#include <stdio.h>
#include <string.h>

#include "console/case_filter.h"
#include "console/export_parts.h"

#define LINE_BYTES   ((size_t)8 * 1024)
#define COLUMNS_MAX  32
#define UNIT_FILTERS "month from to family unit misses_min sort"
#define LIST_FILTERS "state unit policy"

struct kind {
    const char *name;
    const char *filters;
    struct export_words title;
    export_count_fn *count;
    export_rows_fn *rows;
};

static const struct kind kinds[EXPORT_WHAT_COUNT] = {
    [EXPORT_OVERDUE] =
        {"overdue",
         OVERDUE_FILTERS,
         {"超期清单", "Overdue"},
         export_overdue_count,
         export_overdue_rows},
    [EXPORT_CASES] =
        {"cases", CASE_FILTERS, {"办件清单", "Cases"}, export_cases_count, export_cases_rows},
    [EXPORT_UNITS] =
        {"units", UNIT_FILTERS, {"单位排名", "Ranking"}, export_units_count, export_units_rows},
    [EXPORT_ACCOUNTABILITY] =
        {"accountability",
         LIST_FILTERS,
         {"问责线索", "Accountability"},
         export_accountability_count,
         export_accountability_rows},
};

bool export_what_read(struct text word, enum export_what *ret_what)
{
    for (int what = 0; what < EXPORT_WHAT_COUNT; what++) {
        if (text_is(word, kinds[what].name)) {
            *ret_what = (enum export_what)what;
            return true;
        }
    }
    return false;
}

const char *export_what_name(enum export_what what)
{
    return kinds[what].name;
}

const char *export_filters(enum export_what what)
{
    return kinds[what].filters;
}

static bool is_english(const struct export_wish *wish)
{
    return text_is(http_param(wish->head, "lang"), "en");
}

static void local_time(const struct view *view, const char *format, char *ret, size_t bytes)
{
    const struct calendar *calendar = view_policy(view)->calendar;
    const struct civil_date date = civil_date_of(calendar_local_day(calendar, view->now));
    const int minute = (int)(calendar_local_second(calendar, view->now) / 60);
    (void)snprintf(
        ret, bytes, "%04d%s%02d%s%02d%s%02d%s%02d", (int)date.year, format[0] == '-' ? "-" : "",
        (int)date.month, format[0] == '-' ? "-" : "", (int)date.day, format[0] == '-' ? " " : "-",
        minute / 60, format[0] == '-' ? ":" : "", minute % 60);
}

void export_file_name(const struct view *view, const struct export_wish *wish, struct buf *ret_name)
{
    char at[32];
    const struct export_words title = kinds[wish->what].title;
    local_time(view, "", at, sizeof(at));
    buf_format(
        ret_name, "%s-%s.%s", is_english(wish) ? title.en : title.zh, at,
        sheet_format_name(wish->format));
}

/* ---- cells ---- */

void export_heading(struct exporting *exporting, const struct export_words *words, size_t count)
{
    struct text names[COLUMNS_MAX];
    for (size_t index = 0; index < count && index < COLUMNS_MAX; index++) {
        names[index] = text_of(export_word(exporting, words[index]));
    }
    sheet_heading(exporting->sheet, names, count);
}

bool export_row_end(struct exporting *exporting)
{
    struct export_progress *progress = exporting->wish->progress;
    const bool goes_on = sheet_row_end(exporting->sheet);
    if (progress) {
        atomic_fetch_add_explicit(&progress->done, 1, memory_order_relaxed);
        if (atomic_load_explicit(&progress->stop, memory_order_relaxed)) {
            exporting->err = ERR_TIMEOUT;
            return false;
        }
    }
    return goes_on;
}

void export_unit(struct exporting *exporting, struct text id)
{
    const struct unit *unit = directory_unit(view_policy(exporting->view)->directory, id);
    sheet_text(exporting->sheet, unit ? unit->name : id);
}

void export_person(struct exporting *exporting, struct text id)
{
    const struct person *person = directory_person(view_policy(exporting->view)->directory, id);
    sheet_text(exporting->sheet, person ? person->name : id);
}

void export_instant(struct exporting *exporting, struct ledger_instant at)
{
    if (at.known) {
        sheet_time(exporting->sheet, (struct wall_ms){at.ms});
    } else {
        sheet_blank(exporting->sheet);
    }
}

void export_status(struct exporting *exporting, struct text status)
{
    static const struct {
        const char *word;
        struct export_words words;
    } states[] = {
        {"not_due", {"未到期", "not due"}},
        {"near", {"临期", "near its due"}},
        {"overdue", {"超期未办", "overdue"}},
        {"met", {"按时办结", "met"}},
        {"met_late", {"超期办结", "settled late"}},
        {"suspended", {"挂起", "suspended"}},
        {"withdrawn", {"已撤回", "withdrawn"}},
        {"none", {"未发送", "none"}},
        {"sent", {"已发送", "sent"}},
        {"delivered", {"已送达", "delivered"}},
        {"read", {"已读", "read"}},
        {"acked", {"已阅", "acknowledged"}},
        {"failed", {"发送失败", "failed"}},
        {"open", {"未处理", "open"}},
        {"closed", {"已处理", "closed"}},
        {"interviewed", {"已约谈", "interviewed"}},
        {"excused", {"免予追责", "excused"}},
        {"rectified", {"已整改", "rectified"}},
        {"noted", {"已记录", "noted"}},
    };
    for (size_t index = 0; index < sizeof(states) / sizeof(states[0]); index++) {
        if (text_is(status, states[index].word)) {
            sheet_text(exporting->sheet, text_of(export_word(exporting, states[index].words)));
            return;
        }
    }
    sheet_text(exporting->sheet, status);
}

/* ---- above the table ---- */

static void title_line(struct exporting *exporting)
{
    sheet_title(
        exporting->sheet, text_of(export_word(exporting, kinds[exporting->wish->what].title)));
}

static void add_filter(
    const struct exporting *exporting, const struct http_pair *pair, struct buf *line)
{
    buf_text(line, pair->name);
    buf_char(line, '=');
    buf_text(line, utf8_cut(pair->value, 200));
    const struct unit *unit = directory_unit(view_policy(exporting->view)->directory, pair->value);
    if (unit && text_is(pair->name, "unit")) {
        buf_char(line, ' ');
        buf_text(line, unit->name);
    }
}

/* "筛选：unit=d06 市资源规划局；sort=late", or that there is none. */
static void filter_line(struct exporting *exporting)
{
    struct buf line;
    const struct http_head *head = exporting->wish->head;
    bool any = false;
    buf_init(&line, LINE_BYTES);
    buf_string(&line, exporting->english ? "Filter: " : "筛选：");
    for (size_t index = 0; index < head->param_count; index++) {
        const struct http_pair *pair = &head->params[index];
        if (text_is(pair->name, "lang") || text_is(pair->name, "after") || !pair->value.bytes) {
            continue;
        }
        buf_string(&line, any ? (exporting->english ? "; " : "；") : "");
        any = true;
        add_filter(exporting, pair, &line);
    }
    if (!any) {
        buf_string(&line, exporting->english ? "none" : "无");
    }
    sheet_remark(exporting->sheet, buf_view(&line));
    buf_release(&line);
}

/* Whose eyes it was made for: a file is handed on, this line stays. */
static void asker_line(struct exporting *exporting)
{
    char line[256];
    char at[32];
    const struct view *view = exporting->view;
    local_time(view, "-", at, sizeof(at));
    const char *name = view->actor->name[0] ? view->actor->name
                       : exporting->english ? "the service itself"
                                            : "服务本身";
    (void)snprintf(
        line, sizeof(line),
        exporting->english ? "Exported %s by %s%s" : "导出时间：%s；导出人：%s%s", at, name,
        view->actor->scope.all ? ""
        : exporting->english   ? "; within their scope"
                               : "；限本人可见范围");
    sheet_remark(exporting->sheet, text_of(line));
}

/* ---- counting, writing ---- */

enum err export_count(
    const struct view *view,
    const struct export_wish *wish,
    struct arena *arena,
    struct ledger_total *ret_total,
    struct err_why *why)
{
    const struct exporting exporting = {.view = view, .wish = wish, .arena = arena};
    return kinds[wish->what].count(&exporting, ret_total, why);
}

enum err export_write(
    const struct view *view,
    const struct export_wish *wish,
    struct arena *arena,
    struct err_why *why)
{
    struct exporting exporting = {
        .view = view, .wish = wish, .arena = arena, .english = is_english(wish)};
    const struct sheet_wish sheet = {
        .format = wish->format,
        .path = wish->path,
        .temp_folder = wish->temp_folder,
        .zone = view_policy(view)->calendar,
        .author = text_of(view->actor->name),
        .now = view->now,
    };
    enum err err = sheet_create(&sheet, &exporting.sheet, why);
    if (err) {
        return err;
    }
    sheet_page(exporting.sheet, text_of(export_word(&exporting, kinds[wish->what].title)));
    title_line(&exporting);
    filter_line(&exporting);
    asker_line(&exporting);
    err = kinds[wish->what].rows(&exporting, why);
    err = err ? err : exporting.err;
    if (err) {
        sheet_abandon(exporting.sheet);
        return err;
    }
    return sheet_finish(exporting.sheet, why);
}
