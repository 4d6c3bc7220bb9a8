/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings of the configuration readers: kept in a bounded list, printed in file order. It
 * never decides anything: who may go on with warnings is the caller's business.
 */
#include "config/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_BYTES 512

void report_init(struct report *report)
{
    *report = (struct report){0};
}

bool report_full(const struct report *report)
{
    return report->count > REPORT_FINDINGS_MAX;
}

static void finding_release(struct finding *finding)
{
    free(finding->file);
    free(finding->path);
    free(finding->message);
}

void report_release(struct report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        finding_release(&report->findings[i]);
    }
    free(report->findings);
    report_init(report);
}

static bool report_grow(struct report *report)
{
    if (report->count < report->capacity) {
        return true;
    }
    const size_t capacity = report->capacity > 0 ? report->capacity * 2 : 16;
    struct finding *findings = realloc(report->findings, capacity * sizeof *findings);
    if (!findings) {
        return false;
    }
    report->findings = findings;
    report->capacity = capacity;
    return true;
}

/* Words that did not fit may end within a character: they go to terminals and into JSON. */
static void drop_cut_character(char *message)
{
    const size_t whole = strlen(message);
    for (size_t cut = 0; cut < 4 && cut <= whole; cut++) {
        if (utf8_valid((struct text){message, whole - cut})) {
            message[whole - cut] = '\0';
            return;
        }
    }
}

/* An error counts even when there is no memory to keep its words: nothing may then be used. */
static void report_keep(struct report *report, const struct finding *finding)
{
    struct finding copy = *finding;
    copy.file = strdup(finding->file);
    copy.path = strdup(finding->path);
    copy.message = strdup(finding->message);
    if (!copy.file || !copy.path || !copy.message || !report_grow(report)) {
        finding_release(&copy);
        return;
    }
    drop_cut_character(copy.path);
    drop_cut_character(copy.message);
    report->findings[report->count++] = copy;
}

void report_finding(struct report *report, const struct finding *finding)
{
    static char no_more[] = "too many findings; the rest are not listed";
    static char no_path[] = "";
    struct finding kept = *finding;
    if (finding->level == FINDING_ERROR) {
        report->error_count++;
    } else {
        report->warning_count++;
    }
    if (report_full(report)) {
        return;
    }
    if (report->count == REPORT_FINDINGS_MAX) {
        kept.path = no_path;
        kept.message = no_more;
    }
    report_keep(report, &kept);
}

/* NOLINTNEXTLINE(readability-function-size): a place is three things, and all callers know it */
void report_add(
    struct report *report,
    enum finding_level level,
    const char *file,
    size_t line,
    size_t column,
    const char *path,
    const char *format,
    ...)
{
    char message[MESSAGE_BYTES];
    char name[MESSAGE_BYTES];
    char place[MESSAGE_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(message, sizeof message, format, args);
    va_end(args);
    (void)snprintf(name, sizeof name, "%s", file ? file : "");
    (void)snprintf(place, sizeof place, "%s", path ? path : "");
    report_finding(
        report, &(struct finding){
                    .level = level,
                    .code = level == FINDING_ERROR ? FINDING_CODE_INVALID : FINDING_CODE_DOUBTFUL,
                    .file = name,
                    .line = line,
                    .column = column,
                    .path = place,
                    .message = message,
                });
}

/* Files in the order in which they were first mentioned; then by place; then as found. */
struct ranked {
    const struct finding *finding;
    size_t file_rank;
    size_t index;
};

static int size_compare(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

static int ranked_compare(const void *a, const void *b)
{
    const struct ranked *left = a;
    const struct ranked *right = b;
    int order = size_compare(left->file_rank, right->file_rank);
    if (order == 0) {
        order = size_compare(left->finding->line, right->finding->line);
    }
    if (order == 0) {
        order = size_compare(left->finding->column, right->finding->column);
    }
    return order != 0 ? order : size_compare(left->index, right->index);
}

static size_t file_rank(const struct report *report, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(report->findings[i].file, report->findings[index].file) == 0) {
            return i;
        }
    }
    return index;
}

/* NULL when memory is out or there is nothing. */
static struct ranked *report_ranked(const struct report *report)
{
    struct ranked *ranked = calloc(report->count + 1, sizeof *ranked);
    if (!ranked) {
        return NULL;
    }
    for (size_t i = 0; i < report->count; i++) {
        ranked[i] = (struct ranked){
            .finding = &report->findings[i], .file_rank = file_rank(report, i), .index = i};
    }
    qsort(ranked, report->count, sizeof *ranked, ranked_compare);
    return ranked;
}

static const char *level_name(enum finding_level level)
{
    return level == FINDING_ERROR ? "error" : "warning";
}

static void print_finding(const struct finding *finding, struct buf *buf)
{
    buf_string(buf, finding->file);
    if (finding->line > 0) {
        buf_format(buf, ":%zu:%zu", finding->line, finding->column);
    }
    buf_format(buf, ": %s: ", level_name(finding->level));
    if (finding->path[0]) {
        buf_format(buf, "%s: ", finding->path);
    }
    buf_format(buf, "%s\n", finding->message);
}

void report_print(const struct report *report, struct buf *buf)
{
    struct ranked *ranked = report_ranked(report);
    for (size_t i = 0; ranked && i < report->count; i++) {
        print_finding(ranked[i].finding, buf);
    }
    free(ranked);
}

static void print_finding_json(const struct finding *finding, struct json_out *out)
{
    json_out_open(out, '{');
    json_out_member(out, "level", text_of(level_name(finding->level)));
    json_out_member(out, "code", text_of(finding->code));
    json_out_member(out, "file", text_of(finding->file));
    if (finding->line > 0) {
        json_out_member_i64(out, "line", (int64_t)finding->line);
        json_out_member_i64(out, "column", (int64_t)finding->column);
    }
    json_out_member(out, "path", text_of(finding->path));
    json_out_member(out, "message", text_of(finding->message));
    json_out_close(out, '}');
}

void report_print_json(const struct report *report, struct buf *buf)
{
    struct ranked *ranked = report_ranked(report);
    struct json_out out;
    json_out_init(&out, buf);
    json_out_open(&out, '{');
    json_out_key(&out, "findings");
    json_out_open(&out, '[');
    for (size_t i = 0; ranked && i < report->count; i++) {
        print_finding_json(ranked[i].finding, &out);
    }
    json_out_close(&out, ']');
    json_out_member_i64(&out, "errors", (int64_t)report->error_count);
    json_out_member_i64(&out, "warnings", (int64_t)report->warning_count);
    json_out_close(&out, '}');
    buf_char(buf, '\n');
    free(ranked);
}
