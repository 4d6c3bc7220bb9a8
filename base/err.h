/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One error vocabulary for the whole program. Functions return enum err; boundary functions
 * also fill a struct err_why, in words an operator can act on. Outside failures never abort;
 * MUST (base/must.h) is for bugs only.
 */
#ifndef NRT_BASE_ERR_H
#define NRT_BASE_ERR_H

enum err {
    ERR_OK = 0,
    ERR_NO_MEMORY,
    ERR_FULL,      /* a bound that we chose was reached */
    ERR_RANGE,     /* a number or an instant outside what can be held */
    ERR_PARSE,     /* text that is not what it should be */
    ERR_PROTO,     /* a peer answered something it should not */
    ERR_IO,        /* file system or socket; errno is in the why */
    ERR_TIMEOUT,   /* our own deadline passed */
    ERR_AWAY,      /* the peer cannot be reached now */
    ERR_REFUSED,   /* the peer understood and said no (OOM, READONLY, NOAUTH ...) */
    ERR_NOT_FOUND, /* it is not there */
    ERR_EXISTS,    /* it is there already */
    ERR_CONFLICT,  /* somebody else was first; load again */
    ERR_CORRUPT,   /* stored bytes that fail their check */
    ERR_USAGE,     /* the caller's words are off */
    ERR_COUNT
};

#define ERR_MUST_USE __attribute__((warn_unused_result))

/* Why something failed: one line, no newline, no secret. */
struct err_why {
    char text[320];
};

/* The name as it appears in logs ("timeout"); never NULL. */
const char *err_name(enum err err);

/* Fill why (may be NULL) and return err, so that a caller can `return err_set(why, ERR_X, ...)`. */
enum err err_set(struct err_why *why, enum err err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
