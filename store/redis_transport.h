/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection to Redis: pipelined requests answered in order, each with a deadline; a PING
 * when nothing has been heard, so that a half-open connection is found within ten seconds;
 * reconnecting with jittered backoff. It knows the protocol but no command except AUTH and PING.
 * Callbacks are never called from inside redis_transport_send(); the transport may be freed in
 * any of them.
 */
#ifndef NRT_STORE_REDIS_TRANSPORT_H
#define NRT_STORE_REDIS_TRANSPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "store/redis_wire.h"

struct event_base;
struct redis_transport;

struct redis_transport_options {
    struct event_base *base;
    struct text url;              /* "unix:PATH", "redis://HOST[:PORT]" */
    struct text user;             /* empty: the default user */
    struct text password;         /* empty: no AUTH */
    int64_t request_ms;           /* deadline of a request, and of getting connected */
    void (*on_up)(void *context); /* connected, AUTH accepted */
    /* The connection broke, or an attempt to connect failed; it is tried again by itself. */
    void (*on_down)(void *context, enum err err, const char *why);
    /* What came for a subscription; NULL where there is none. */
    void (*on_message)(void *context, struct text channel, struct text body);
    void *context;
};

/*
 * Begins to connect. NULL with why: ERR_USAGE for a URL that cannot be used, ERR_NO_MEMORY.
 */
struct redis_transport *redis_transport_create(
    const struct redis_transport_options *options, struct err_why *why);
void redis_transport_free(struct redis_transport *transport); /* no callbacks; accepts NULL */
bool redis_transport_is_up(const struct redis_transport *transport);

/*
 * err is ERR_OK; what an error reply means (the reply is given too); ERR_AWAY when nothing was
 * sent; ERR_TIMEOUT when it was sent but the answer did not come; ERR_FULL when too much is under
 * way; ERR_NO_MEMORY.
 */
typedef void redis_reply_fn(
    void *context, enum err err, const char *why, const struct redisReply *reply);
/* Send, and release the command. wait_ms: what Redis may wait before it answers (BLOCK). */
void redis_transport_send(
    struct redis_transport *transport,
    struct redis_command *command,
    int64_t wait_ms,
    redis_reply_fn *done,
    void *context);

#endif
