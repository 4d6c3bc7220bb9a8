/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers of 政务钉钉: {"success", "content"}, or the gateway's own {"Code", "Message"}. content is
 * an object, or in some editions a string that holds one.
 */
#ifndef NRT_NOTIFIERS_ZWDD_ANSWER_H
#define NRT_NOTIFIERS_ZWDD_ANSWER_H

#include "base/json.h"
#include "notifiers/channel.h"

#define ZWDD_LEVELS_MAX 4

struct zwdd_answer {
    struct json_doc *doc;
    struct json_doc *inner; /* content that came as a string */
    /* The root, its content, that one's content ... as far as they are objects. */
    const struct json_value *levels[ZWDD_LEVELS_MAX];
    size_t level_count;
    const struct json_value *content; /* the last of them; NULL: none */
};

/* Sets outcome and answer, which is to be released whatever comes out. */
void zwdd_answer_read(
    const struct http_answer *http, struct zwdd_answer *ret_answer, struct outcome *ret_outcome);
void zwdd_answer_release(struct zwdd_answer *answer);
/* A string or a whole number as text; "" for anything else, and for what does not fit. */
void zwdd_text_of(const struct json_value *value, char *ret_text, size_t text_bytes);

#endif
