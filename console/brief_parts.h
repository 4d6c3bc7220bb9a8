/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the brief share and nobody else sees.
 */
#ifndef NRT_CONSOLE_BRIEF_PARTS_H
#define NRT_CONSOLE_BRIEF_PARTS_H

#include "console/brief.h"

#define BRIEF_ROLES_MAX 32
#define BRIEF_KEY_BYTES 160

struct brief {
    struct brief_wish wish;
    struct arena arena; /* of what is kept */
    struct civil_day day;
    struct civil_day until_day;
    struct wall_ms day_end;
    struct wall_ms until;
    struct wall_ms newly_from;
    struct role roles[BRIEF_ROLES_MAX];
    size_t role_count;
    struct brief_desk *desks; /* heap; ascending by person */
    size_t desk_count;
    size_t desk_room;
    char after_case[BRIEF_KEY_BYTES];
    char after_clock[BRIEF_KEY_BYTES];
    int64_t after_run;
    size_t rows; /* of the page */
    bool out_of_memory;
};

/* What stands in the templates' values. */
struct brief_values {
    char count[24];
    struct buf stage;
    struct buf worst;
    struct buf text; /* where there is no template */
};

/* console/brief_words.c */
void brief_values_make(
    const struct brief *brief,
    const struct brief_desk *desk,
    bool english,
    struct brief_values *values);
void brief_values_release(struct brief_values *values);
const char *brief_title(enum brief_kind kind, bool english);

#endif
