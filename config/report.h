/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a reader of configuration has to say: one line for each mistake, with file:line:column,
 * path, what was expected and the nearest known word. Readers go on after a mistake to find the
 * others; nothing is used when there is an error.
 */
#ifndef NRT_CONFIG_REPORT_H
#define NRT_CONFIG_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"

enum finding_level { FINDING_ERROR, FINDING_WARNING };

struct finding {
    enum finding_level level;
    const char *code; /* "red-before-due": stable, for programs (docs/lint.md); a constant */
    char *file;
    size_t line; /* 0: the file as a whole */
    size_t column;
    char *path;    /* "clocks[0].limit" */
    char *message; /* "expected a duration such as \"5wd\" or \"4wh\", got \"5xd\"" */
};

/* The codes of what the readers say: not to be used at all, and to be looked at again. */
#define FINDING_CODE_INVALID  "invalid"
#define FINDING_CODE_DOUBTFUL "doubtful"

struct report {
    struct finding *findings;
    size_t count;
    size_t capacity;
    size_t error_count;
    size_t warning_count;
    size_t hint_steps; /* what looking for similar names has cost so far; see nearest_among() */
};

#define REPORT_FINDINGS_MAX 1000 /* beyond, findings are counted and one last line says so */

void report_init(struct report *report);
void report_release(struct report *report);
/* Nothing more will be listed: what only serves the words of a finding can be left out. */
bool report_full(const struct report *report);
void report_add(
    struct report *report,
    enum finding_level level,
    const char *file,
    size_t line,
    size_t column,
    const char *path,
    const char *format,
    ...) __attribute__((format(printf, 7, 8)));
/* The same of a finding with a code of its own; its texts are copied, the code is not. */
void report_finding(struct report *report, const struct finding *finding);
/* "file:line:column: error: path: message" lines, in file order. */
void report_print(const struct report *report, struct buf *buf);
void report_print_json(const struct report *report, struct buf *buf);

#endif
