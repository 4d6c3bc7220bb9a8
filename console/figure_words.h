/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each figure means, in both languages: one table, from which the API answers
 * GET /api/v1/figures/definitions and which docs/figures.md is checked with. The id of a
 * definition is the name of the member that carries the figure.
 */
#ifndef NRT_CONSOLE_FIGURE_WORDS_H
#define NRT_CONSOLE_FIGURE_WORDS_H

#include <stddef.h>

struct figure_word {
    const char *id;
    const char *title_zh;
    const char *title_en;
    const char *text_zh;
    const char *text_en;
};
extern const struct figure_word figure_words[];
extern const size_t figure_word_count;

#endif
