/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cookie that holds a session's key. Over TLS its name begins with "__Host-", which browsers
 * take from this very host only, over TLS, for all of its paths. On a plain network (this machine,
 * an intranet without certificates) it has another name, which is never read over TLS: nobody who
 * can write into a plain connection can plant a session into a protected one.
 */
#ifndef NRT_CONSOLE_COOKIE_H
#define NRT_CONSOLE_COOKIE_H

#include <stdbool.h>

#include "base/text.h"

/* The value of that name in a Cookie header; empty when absent or there twice. */
struct text cookie_find(struct text header, const char *name);

const char *cookie_name(bool secure);
/* A Set-Cookie header's value; an empty key takes the cookie away. */
#define COOKIE_BYTES 192
const char *cookie_set(bool secure, const char *key, char text[static COOKIE_BYTES]);

#endif
