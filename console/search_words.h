/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How texts are searched. A text is cut into words: each Chinese character is one, and so is each
 * run of Latin letters and digits, in lower case and half width; everything else only separates.
 * A search is some phrases, split at spaces; a text is found when it has all of them, each as words
 * that follow one another. So one character is enough, and nothing that was typed is ever syntax.
 */
#ifndef NRT_CONSOLE_SEARCH_WORDS_H
#define NRT_CONSOLE_SEARCH_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

#define SEARCH_TEXT_BYTES_MAX 240 /* of what was typed; the rest is left out */
#define SEARCH_PHRASES_MAX    8
#define SEARCH_PHRASE_BYTES   512
#define SEARCH_MATCH_BYTES    (SEARCH_PHRASES_MAX * (SEARCH_PHRASE_BYTES + 16))

/* " 取 水 2019 " of "取水(2019)"; a new line becomes a "|" that no phrase goes across. */
void search_words(struct text text, struct buf *out);

struct search_phrases {
    int count;
    /* What search_words() of a text must contain. */
    char phrases[SEARCH_PHRASES_MAX][SEARCH_PHRASE_BYTES];
    char match[SEARCH_MATCH_BYTES]; /* the same for SQLite's full-text search */
};
/* False: there is nothing to search for in it. */
bool search_phrases_read(struct text typed, struct search_phrases *ret_phrases);
/* Is it in the text? By the same rule. */
bool search_finds(const struct search_phrases *phrases, struct text text);

#endif
