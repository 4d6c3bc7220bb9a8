/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See two_words.h.
 */
#include "console/two_words.h"

#define ERRORS_BYTES_MAX ((size_t)64 * 1024)

const char *words_for(const struct http_call *call, struct two_words words)
{
    const struct text language = http_header(&call->head, "accept-language");
    return text_starts_with(language, text_of("zh")) ? words.zh : words.en;
}

static void put_both(struct json_out *out, struct two_words words)
{
    json_out_open(out, '{');
    json_out_member(out, "zh", text_of(words.zh));
    json_out_member(out, "en", text_of(words.en));
    json_out_close(out, '}');
}

void words_answer(struct http_call *call, enum problem problem, struct two_words words)
{
    struct buf both;
    struct json_out out;
    buf_init(&both, ERRORS_BYTES_MAX);
    json_out_init(&out, &both);
    put_both(&out, words);
    problem_answer_with(call, problem, words_for(call, words), "details", buf_view(&both));
    buf_release(&both);
}

void field_error_write(
    const struct http_call *call, struct json_out *out, const struct field_error *error)
{
    json_out_open(out, '{');
    json_out_member(out, "field", text_of(error->field));
    json_out_member(out, "message", text_of(words_for(call, error->words)));
    json_out_close(out, '}');
}

void field_errors_answer(struct http_call *call, const struct field_error *errors, size_t count)
{
    struct buf list;
    struct json_out out;
    buf_init(&list, ERRORS_BYTES_MAX);
    json_out_init(&out, &list);
    json_out_open(&out, '[');
    for (size_t index = 0; index < count; index++) {
        field_error_write(call, &out, &errors[index]);
    }
    json_out_close(&out, ']');
    problem_answer_with(
        call, PROBLEM_INVALID, count > 0 ? words_for(call, errors[0].words) : NULL, "errors",
        buf_view(&list));
    buf_release(&list);
}
