/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking another service, and waiting for its answer: for threads beside the loop only (curl is
 * used in console/fetch.c only). Over https, or plain http to this machine; certificates are
 * checked, no redirect is followed, no proxy but the one named here, no cookies, no .netrc. Few
 * seconds and FETCH_ANSWER_BYTES_MAX at most.
 */
#ifndef NRT_CONSOLE_FETCH_H
#define NRT_CONSOLE_FETCH_H

#include <stdbool.h>

#include "base/err.h"
#include "base/text.h"

#define FETCH_CONNECT_MS       3000
#define FETCH_MS               5000
#define FETCH_ANSWER_BYTES_MAX ((size_t)64 * 1024)

struct fetch {
    const char *url;     /* may be secret: never shown */
    struct text json;    /* posted; .ptr NULL: GET */
    const char *proxy;   /* "": none */
    const char *ca_file; /* "": the system's certificates */
    bool loopback_only;  /* the clock is not real: nobody outside may hear of it */
};

/* Once, before there are threads. */
enum err fetch_start(struct err_why *why) ERR_MUST_USE;
/*
 * ERR_OK with whatever status the answer has, its body appended. ERR_REFUSED: not such an address;
 * ERR_AWAY, ERR_TIMEOUT; ERR_FULL: too long an answer.
 */
enum err fetch_run(
    const struct fetch *fetch, struct buf *body, int *ret_status, struct err_why *why) ERR_MUST_USE;

/* Is it https, or plain http to an address of this machine? */
bool fetch_may(struct text url, bool loopback_only);

#endif
