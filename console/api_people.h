/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The handlers of sessions, accounts and tokens, and what they share.
 */
#ifndef NRT_CONSOLE_API_PEOPLE_H
#define NRT_CONSOLE_API_PEOPLE_H

#include "console/accounts.h"
#include "console/api.h"

#define ACCOUNT_NAME_RULE                                                                          \
    "a name has 1 to 48 letters a-z, digits and . _ - @, and begins with none of . and -"
/* Who sets the service up must be able to see it work; others get what they need. */
#define ACCOUNT_FIRST_ROLES                                                                        \
    (UINT32_C(1) << DUTY_ADMIN | UINT32_C(1) << DUTY_OPS | UINT32_C(1) << DUTY_OVERSIGHT)

api_fn api_session_show;
api_fn api_session_begin;
api_fn api_session_dingtalk;
api_fn api_session_end;
api_fn api_session_password;
api_fn api_session_setup;
api_fn api_session_link;
api_fn api_session_list;
api_fn api_session_remove;
api_fn api_user_list;
api_fn api_user_add;
api_fn api_user_show;
api_fn api_user_put;
api_fn api_user_remove;
api_fn api_user_link;
api_fn api_user_password;
api_fn api_token_list;
api_fn api_token_add;
api_fn api_token_remove;

/* A session has begun, or goes on: its cookie is on its way, this is the answer. */
void session_answer_begun(
    struct console *console, struct http_call *call, int64_t account, int status);
/* The answer of GET /api/v1/session for this actor. */
void session_answer(
    struct console *console, struct http_call *call, const struct actor *actor, int status);

/* A system instant as the API shows it; null for 0. */
void people_instant(
    const struct view *view, struct json_out *out, const char *key, struct wall_ms at);
/* accounts.db could not be used: 503, or 507 when the disk is full. */
void people_failed(struct http_call *call, enum err err);
/* 422 and, for the page, which rule a new password breaks. */
struct password_flaw;
void people_flawed(struct http_call *call, const struct password_flaw *flaw);

#endif
