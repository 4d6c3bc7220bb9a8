/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lines of one explanation while they are made (private to rules/explain*.c).
 */
#ifndef NRT_RULES_EXPLAIN_LINES_H
#define NRT_RULES_EXPLAIN_LINES_H

#include "rules/count_trace.h"
#include "rules/explain.h"
#include "rules/fold.h"

struct explain_list {
    const struct calendar *calendar;
    struct arena *arena;
    struct duration duration;
    struct explain_line *items;
    size_t count;
    size_t capacity;
    /* What is told between the days, of a run: all notes before `until`. NULL: nothing. */
    void (*tell)(struct explain_list *list, struct wall_ms until);
    /* The reason of the pause in force up to an instant. */
    struct text (*pause_reason)(const struct explain_list *list, struct wall_ms at);
    const struct fold *fold;
    const struct fold_run *run;
    const struct run_note *note; /* the next to tell */
    enum err err;                /* ERR_NO_MEMORY or ERR_FULL, once it has happened */
};

void explain_add(struct explain_list *list, struct explain_line line);
/* Every step of a count, day by day or interval by interval. */
void explain_steps(struct explain_list *list, const struct count_trace *trace);
/* Paused since then, and not resumed. */
void explain_open_pause(struct explain_list *list, struct wall_ms since);

#endif
