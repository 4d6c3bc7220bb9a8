/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signing in within DingTalk: its app gives the page a code, which counts once and for minutes;
 * whoever has the app's key and secret can ask DingTalk whose it is. One code at a time, so that
 * a DingTalk that does not answer leaves the other working thread to passwords;
 * DINGTALK_WAITING_MAX wait.
 */
#ifndef NRT_CONSOLE_SIGN_IN_DINGTALK_H
#define NRT_CONSOLE_SIGN_IN_DINGTALK_H

#include "console/console.h"

#define DINGTALK_WAITING_MAX 16
#define DINGTALK_CODE_BYTES  256
#define DINGTALK_USER_BYTES  129

struct dingtalk;

/* NULL when memory is out. */
struct dingtalk *dingtalk_create(struct console *console);
void dingtalk_free(struct dingtalk *dingtalk); /* accepts NULL; nothing may be under way */

/* What came of a code. */
struct dingtalk_user {
    enum err err; /* ERR_OK; ERR_REFUSED: no such code (any more); else DingTalk is not to be had */
    char user[DINGTALK_USER_BYTES];
};
typedef void dingtalk_done_fn(
    struct console *console, struct http_call *call, const struct dingtalk_user *user);
/* Asks whose code it is and calls done, which answers; or answers 503 by itself. */
void dingtalk_ask(
    struct console *console, struct http_call *call, struct text code, dingtalk_done_fn *done);

#endif
