/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a test of a configuration reader needs: an arena, a report, and the text of a file as a
 * source. Findings are compared as the lines that `nrt check` would print.
 */
#ifndef NRT_TESTS_SUPPORT_CONFIG_RIG_H
#define NRT_TESTS_SUPPORT_CONFIG_RIG_H

#include "config/read.h"

struct config_rig {
    struct arena arena;
    struct report report;
    struct reading reading; /* of the two above; nothing is known */
    struct buf lines;
};

void config_rig_init(struct config_rig *rig);
void config_rig_release(struct config_rig *rig);
/* All findings so far as text; valid until the next call. */
const char *config_rig_lines(struct config_rig *rig);
struct source config_source(const char *file, const char *json);
/* A file of tests/data, NUL-terminated, on the heap; aborts when it cannot be read. */
char *config_test_data(const char *name);

#endif
