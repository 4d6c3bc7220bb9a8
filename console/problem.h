/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors as RFC 9457 problem details. One table holds status, code and title of each problem in
 * both languages; `detail` says what to do about this one.
 */
#ifndef NRT_CONSOLE_PROBLEM_H
#define NRT_CONSOLE_PROBLEM_H

#include "console/http.h"

enum problem {
    PROBLEM_BAD_REQUEST,
    PROBLEM_NO_USABLE_EVENT,
    PROBLEM_UNAUTHORIZED,
    PROBLEM_SIGN_IN,
    PROBLEM_FORBIDDEN,
    PROBLEM_FOREIGN_ORIGIN,
    PROBLEM_CSRF,
    PROBLEM_NOT_FOUND,
    PROBLEM_METHOD,
    PROBLEM_TIMEOUT,
    PROBLEM_CONFLICT,
    PROBLEM_LENGTH,
    PROBLEM_CHANGED,
    PROBLEM_TOO_LARGE,
    PROBLEM_MEDIA_TYPE,
    PROBLEM_EXPECTATION,
    PROBLEM_HOST,
    PROBLEM_CONFIGURATION,
    PROBLEM_INVALID,
    PROBLEM_PRECONDITION,
    PROBLEM_TOO_MANY,
    PROBLEM_HEAD_TOO_LARGE,
    PROBLEM_INTERNAL,
    PROBLEM_UNAVAILABLE,
    PROBLEM_STUCK,
    PROBLEM_VERSION,
    PROBLEM_NO_SPACE,
    PROBLEM_COUNT
};

/* The problem of a status that the server refuses a request with. */
enum problem problem_of_status(int status);
int problem_status(enum problem problem);
const char *problem_code(enum problem problem);

/* Answer the call with this problem. */
void problem_answer(struct http_call *call, enum problem problem, const char *detail);
/* The same with one more member, `key`, that holds a complete JSON value. */
void problem_answer_with(
    struct http_call *call,
    enum problem problem,
    const char *detail,
    const char *key,
    struct text json);

#endif
