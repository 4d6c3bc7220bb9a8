/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any number of open cases of a government and its units, the same ones each time, for measuring
 * what goes over all of them; and what a child process costs.
 */
#ifndef NRT_TESTS_SUPPORT_OPEN_CASES_H
#define NRT_TESTS_SUPPORT_OPEN_CASES_H

#include <stdio.h>

#include "base/prng.h"
#include "tests/support/ledger_maker.h"

#define OPEN_CASES_NOW_MS INT64_C(1558317600000) /* 2019-05-20T10:00:00+08:00 */
#define OPEN_CASE_EVENTS  6                      /* at most */

struct open_cases {
    struct arena arena;
    struct prng prng;
    struct made_event *events; /* of the chunk in hand */
    size_t count;
    size_t capacity;
    int64_t number;
    int sequence; /* of the case in hand */
    FILE *file;   /* gets each event as a line */
};

/* A failure of these ends the program. */
void open_cases_init(struct open_cases *cases, FILE *file, size_t chunk_cases);
void open_cases_release(struct open_cases *cases);
/* The next chunk of cases, in place of the one before. */
void open_cases_next(struct open_cases *cases, size_t case_count);
/* Write the directory of the units that the cases name. */
void open_cases_write_directory(const char *path);

struct child_cost {
    double elapsed_s;
    double cpu_s;
    double peak_mb;
};
/*
 * Run a program and wait; each line it prints is handed over. False, with a word on stderr, when
 * it does not end with 0. The peak is at least what the caller itself holds when it starts it.
 */
typedef void child_line_fn(void *context, const char *line);
bool child_measure(
    const char *const *argv, child_line_fn *take, void *context, struct child_cost *ret_cost);

#endif
