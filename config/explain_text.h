/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Explanations of dues as text in Chinese and English and as JSON, all from one table of words
 * per step. The text folds neighbouring days that are alike into one line; JSON never does.
 */
#ifndef NRT_CONFIG_EXPLAIN_TEXT_H
#define NRT_CONFIG_EXPLAIN_TEXT_H

#include "base/json.h"
#include "rules/explain.h"

enum explain_language { EXPLAIN_CHINESE, EXPLAIN_ENGLISH, EXPLAIN_LANGUAGE_COUNT };

/* "zh" or "en". ERR_PARSE. */
enum err explain_language_parse(struct text text, enum explain_language *ret_language) ERR_MUST_USE;

/* A heading line, one line a day or run of like days, the due as the last line. */
void explain_write_text(
    const struct explanation *explanation, enum explain_language language, struct buf *buf);

/*
 * The members of one object, which the caller opens and closes: clock and run where there is
 * one, start, limit, due, provisional, lines, and text.zh and text.en as above.
 */
void explain_write_members(const struct explanation *explanation, struct json_out *out);

#endif
