/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables of a gateway's codes and the requests of a channel, for the unit tests of channels.
 */
#ifndef NRT_TESTS_SUPPORT_CHANNEL_CODES_H
#define NRT_TESTS_SUPPORT_CHANNEL_CODES_H

#include "notifiers/channel.h"

struct code_class {
    const char *code;
    enum outcome_kind kind;
    enum outcome_cause cause;
    int64_t after_ms; /* -1: unsaid */
};
/* `answer` is a body with one %s where the code goes. */
void check_codes(
    const struct channel_type *type,
    const char *answer,
    const struct code_class *table,
    size_t count);

/* What that status and body lead to. */
struct outcome outcome_of_answer(const struct channel_type *type, int32_t status, const char *body);

/* The request of a call that must be encoded; release it. */
struct http_request request_of(const struct channel_type *type, const struct channel_call *call);
/* The call must be refused with exactly these words. */
void check_refused(
    const struct channel_type *type, const struct channel_call *call, const char *why);
/* A header's value, "" where there is none. */
const char *header_of(const struct http_request *request, const char *name);

#endif
