/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The laws of readers under fuzzing. The input is an exact copy on the heap, so that the sanitizer
 * sees a look past its end.
 */
#include "tests/support/fuzz_config.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"

#define ARENA_BYTES_MAX ((size_t)64 << 20)
#define LINES_BYTES_MAX ((size_t)16 << 20)

struct outcome {
    bool good;
    struct buf lines;
};

static size_t line_count(struct text text)
{
    size_t count = 1;
    for (size_t i = 0; i < text.bytes; i++) {
        count += text.ptr[i] == '\n';
    }
    return count;
}

static void check_findings(const struct report *report, struct text text)
{
    const size_t lines = line_count(text);
    for (size_t i = 0; i < report->count; i++) {
        const struct finding *finding = &report->findings[i];
        MUST(finding->line <= lines && (finding->line == 0 || finding->column > 0));
        MUST(strlen(finding->message) > 0);
        MUST(utf8_valid(text_of(finding->message)) && utf8_valid(text_of(finding->path)));
    }
}

static struct outcome read_once(struct text text, fuzz_read_fn *read)
{
    struct arena arena;
    struct report report;
    struct outcome outcome;
    arena_init(&arena, ARENA_BYTES_MAX);
    report_init(&report);
    const struct reading reading = {.arena = &arena, .report = &report};
    const struct source source = {.file = "file", .json = text};
    outcome.good = read(&source, &reading);
    MUST(outcome.good == (report.error_count == 0));
    check_findings(&report, text);
    buf_init(&outcome.lines, LINES_BYTES_MAX);
    report_print(&report, &outcome.lines);
    report_release(&report);
    arena_release(&arena);
    return outcome;
}

void fuzz_config(const uint8_t *bytes, size_t byte_count, fuzz_read_fn *read)
{
    char *const copy = malloc(byte_count ? byte_count : 1);
    MUST(copy);
    if (byte_count) {
        memcpy(copy, bytes, byte_count);
    }
    const struct text text = {.ptr = copy, .bytes = byte_count};
    struct outcome first = read_once(text, read);
    struct outcome second = read_once(text, read);
    MUST(first.good == second.good);
    MUST(text_equal(buf_view(&first.lines), buf_view(&second.lines)));
    buf_release(&first.lines);
    buf_release(&second.lines);
    free(copy);
}
