/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often one may ask: buckets of their own for signing in, for exports, for previews, for
 * requests that were refused, and one for all the rest. By account where there is one, else by
 * address (of a client behind a trusted proxy: the client's). The service's own token and what a
 * program of this machine asks for itself are not counted.
 */
#ifndef NRT_CONSOLE_LIMITS_H
#define NRT_CONSOLE_LIMITS_H

#include "base/address.h"
#include "console/routes.h"

struct limits;

/* Who asks, by address: of a trusted proxy, or one on this machine, whom it asks for. */
struct address limits_client(const struct console *console, const struct http_call *call);

struct limits *limits_create(void); /* NULL when memory is out */
void limits_free(struct limits *limits);

/* Before anybody is known: a request of this address. False when it was answered with 429. */
bool limits_address(struct console *console, struct http_call *call);
/* Who asks is known (call->asker). False when the call was answered with 429. */
bool limits_actor(struct console *console, const struct route *route, struct http_call *call);
/* A request is being refused for want of a key. False when it was answered with 429. */
bool limits_refused(struct console *console, struct http_call *call);
/* Requests that were answered with 429 here. */
int64_t limits_count(const struct console *console);

#endif
