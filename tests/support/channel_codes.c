/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each line of a table is one answer of the gateway, read by the channel's own classify().
 */
#include "tests/support/channel_codes.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "tests/support/check.h"

#define ANSWER_BYTES 1024

struct outcome outcome_of_answer(const struct channel_type *type, int32_t status, const char *body)
{
    const struct http_answer answer = {
        .result = HTTP_ANSWERED,
        .status = status,
        .body = text_of(body),
        .retry_after_ms = -1,
        .reason = "",
    };
    struct outcome outcome;
    memset(&outcome, 'x', sizeof(outcome)); /* every field has to be set */
    type->classify(&answer, &outcome);
    return outcome;
}

/* The answer with the code where its %s stands. */
static void fill(const char *answer, const char *code, char *body)
{
    const char *place = strstr(answer, "%s");
    CHECK(place);
    (void)snprintf(
        body, ANSWER_BYTES, "%.*s%s%s", place ? (int)(place - answer) : 0, answer, code,
        place ? place + 2 : "");
}

void check_codes(
    const struct channel_type *type,
    const char *answer,
    const struct code_class *table,
    size_t count)
{
    for (size_t index = 0; index < count; index++) {
        char body[ANSWER_BYTES];
        const struct code_class *line = &table[index];
        check_note("%s: %s", type->name, line->code);
        fill(answer, line->code, body);
        const struct outcome outcome = outcome_of_answer(type, 200, body);
        CHECK_STR(outcome_kind_name(outcome.kind), outcome_kind_name(line->kind));
        CHECK_STR(outcome_cause_name(outcome.cause), outcome_cause_name(line->cause));
        CHECK_EQ(outcome.after_ms, line->after_ms);
        CHECK(outcome.kind == OUTCOME_ACCEPTED || strstr(outcome.reason, line->code));
    }
}

struct http_request request_of(const struct channel_type *type, const struct channel_call *call)
{
    struct http_request request;
    struct err_why why = {0};
    http_request_init(&request, type->method);
    CHECK_EQ(type->encode(call, &request, &why), ERR_OK);
    CHECK_STR(why.text, "");
    CHECK_EQ(http_request_error(&request), ERR_OK);
    return request;
}

void check_refused(
    const struct channel_type *type, const struct channel_call *call, const char *why_text)
{
    struct http_request request;
    struct err_why why = {0};
    http_request_init(&request, type->method);
    CHECK_EQ(type->encode(call, &request, &why), ERR_USAGE);
    CHECK_STR(why.text, why_text);
    http_request_release(&request);
}

const char *header_of(const struct http_request *request, const char *name)
{
    const size_t bytes = strlen(name);
    for (size_t index = 0; index < request->header_count; index++) {
        const char *header = request->headers[index].ptr;
        if (strncasecmp(header, name, bytes) == 0 && header[bytes] == ':') {
            return header + bytes + 2;
        }
    }
    return "";
}
