/* SPDX-License-Identifier: Apache-2.0 */
/*
 * People at a console: one rig, requests as browsers and programs send them, accounts that are made
 * and signed in. Time is moved by writing into accounts.db.
 */
#ifndef NRT_TESTS_SUPPORT_SIGN_IN_RIG_H
#define NRT_TESTS_SUPPORT_SIGN_IN_RIG_H

#include <stdbool.h>
#include <stddef.h>

#include "tests/support/console_rig.h"

#define PASSWORD "a horse of course"

extern struct console_rig rig;

struct settings;
/* A setting of the rig: passwords that cost next to nothing. */
void cheaply(struct settings *settings);
/* Ends the test program when it does not come up. */
void start(const struct console_rig_options *options);

struct request {
    const char *method;
    const char *path;
    const char *host;   /* NULL: 127.0.0.1 */
    const char *cookie; /* the session's key; NULL: none */
    const char *csrf;
    const char *more; /* whole header lines; NULL: none */
    const char *body; /* NULL: none */
};

/* The last answer, head and body. */
extern char *kept;

struct buf;
void write_request(struct buf *bytes, const struct request *request);
int status_of(const char *answer);
/* The answer's status. */
int ask(const struct request *request);
const char *body_of(const char *answer);
/* Does the last answer hold this? */
bool says(const char *part);
/* With the service's own token. */
int serve(const char *method, const char *path, const char *body);
int get(const char *path, const char *cookie);
/* A string member of the last answer's object. */
void member(const char *key, char *text, size_t text_bytes);

struct signed_in {
    char key[65];
    char csrf[65];
};
/* What the last answer has brought. */
struct signed_in signed_in_now(void);
int sign_in(const char *name, const char *password);
/* The key of a new link of this account. */
void link_of(const char *name, char key[static 65]);
int use_link(const char *key, const char *name, const char *password);
/* A new account with PASSWORD, signed in by its link. */
struct signed_in person(const char *name, const char *role);
bool is_signed_in(const char *cookie);
/* By another connection to accounts.db, as if time had passed. */
void rewrite(const char *script);

#endif
