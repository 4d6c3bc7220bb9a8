/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passwords being tried and made, in a working thread: the loop must not stand still for them. One
 * at a time for each name, so that nobody can have many tried before the first failure counts, and
 * PASSWORDS_WAITING_MAX of all names. And what a new password must be like.
 */
#ifndef NRT_CONSOLE_PASSWORDS_H
#define NRT_CONSOLE_PASSWORDS_H

#include "base/crypto_password.h"
#include "console/accounts.h"
#include "console/console.h"

#define PASSWORDS_WAITING_MAX 24
#define PASSWORDS_PER_ADDRESS 12
#define PASSWORD_CHARS_MIN    10

/* NULL when memory is out. */
struct passwords;
struct passwords *passwords_create(void);
void passwords_free(struct passwords *passwords); /* accepts NULL; nothing may be under way */

/* A password in memory of its own, wiped when the work is over. */
struct password {
    char ptr[PASSWORD_BYTES_MAX + 1];
    size_t bytes;
};
/* Longer than any password: an empty one, which fits nothing. */
struct password password_of(struct text text);

struct password_work {
    char name[ACCOUNT_NAME_BYTES_MAX + 1]; /* whose: one at a time for each */
    bool verify;                           /* `given` against `hash` first */
    struct password given;
    char hash[PASSWORD_HASH_BYTES_MAX]; /* what stands there; empty: as long, and in vain */
    bool make;                          /* then a hash of `next`; without: of what is stale */
    struct password next;

    /* What came out: ERR_OK, ERR_REFUSED when it is not the password, ERR_NO_MEMORY. */
    enum err err;
    char made[PASSWORD_HASH_BYTES_MAX]; /* empty: none was made */

    /* For who comes back with it. */
    int64_t account;
    void *context; /* lives as long as the call */
};

/* On the loop again; answers the call. */
typedef void password_done_fn(
    struct console *console, struct http_call *call, const struct password_work *work);

/*
 * Takes a copy of the work and wipes the caller's passwords. Answers by itself: with 429 when this
 * name, or too many, are being looked at, with 503 when there is no memory or the service stops.
 */
void passwords_work(
    struct console *console,
    struct http_call *call,
    struct password_work *work,
    password_done_fn *done);

/* Why it may not be the password of that account: a word for the page; NULL: it may. */
struct password_flaw {
    const char *word;   /* "short", "long", "name", "common" */
    const char *detail; /* what to do */
};
const struct password_flaw *password_flaw(struct text password, struct text name);

#endif
