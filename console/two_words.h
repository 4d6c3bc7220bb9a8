/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sentence to people in both languages, and answering with the one the request asks for.
 */
#ifndef NRT_CONSOLE_TWO_WORDS_H
#define NRT_CONSOLE_TWO_WORDS_H

#include "base/json.h"
#include "console/problem.h"

/* Static texts; en NULL: there is nothing to say. */
struct two_words {
    const char *zh;
    const char *en;
};

#define NO_WORDS ((struct two_words){NULL, NULL})

/* By Accept-Language, English where it names no Chinese first. */
const char *words_for(const struct http_call *call, struct two_words words);
/* The problem with the sentence as its detail, and in both languages under "details". */
void words_answer(struct http_call *call, enum problem problem, struct two_words words);

/* One thing wrong with what was filled in. */
struct field_error {
    const char *field; /* "handler"; NULL: nothing is wrong */
    struct two_words words;
};
/* {"field","message"} in the language of the request. */
void field_error_write(
    const struct http_call *call, struct json_out *out, const struct field_error *error);
/* 422 with these errors. */
void field_errors_answer(struct http_call *call, const struct field_error *errors, size_t count);

#endif
