/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of the figures (private to rules/figures*.c): a table of sums, and the misses that
 * count.
 */
#ifndef NRT_RULES_FIGURES_DATA_H
#define NRT_RULES_FIGURES_DATA_H

#include "rules/figures.h"

struct figures {
    struct arena *arena;
    const struct calendar *calendar;
    struct figure_row **rows; /* in the order they came to be */
    size_t row_count;
    size_t row_capacity;
    uint32_t *slots; /* hash table: row index + 1, 0 empty; a power of two */
    size_t slot_count;
    struct figure_run **misses; /* those that count */
    size_t miss_count;
    size_t miss_capacity;
};

/* The local month, 201904. */
int32_t figure_month(const struct figures *figures, struct wall_ms at);

#endif
