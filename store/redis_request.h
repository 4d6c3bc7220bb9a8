/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests to Redis on their way: who wants the answer, and until when. A list owns what is in it.
 */
#ifndef NRT_STORE_REDIS_REQUEST_H
#define NRT_STORE_REDIS_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "store/redis_transport.h"

struct redis_request {
    struct redis_request *next;
    uint64_t first_byte; /* where it begins in all that was written to this connection */
    int64_t deadline_ms;
    redis_reply_fn *done;
    void *context;
    enum err err; /* of a failure */
    const char *why;
};

struct redis_request_list {
    struct redis_request *first;
    struct redis_request *last;
    size_t count;
};

struct redis_request *redis_request_create(redis_reply_fn *done, void *context);
void redis_requests_append(struct redis_request_list *list, struct redis_request *request);
/* The oldest, now the caller's to free(); NULL when there is none. */
struct redis_request *redis_requests_pop(struct redis_request_list *list);
void redis_requests_free(struct redis_request_list *list);

#endif
