/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making requests, and lists of them in the order in which they are to be answered.
 */
#include "store/redis_request.h"

#include <stdlib.h>

#include "base/must.h"

struct redis_request *redis_request_create(redis_reply_fn *done, void *context)
{
    struct redis_request *const request = calloc(1, sizeof *request);
    MUST(request); /* the answer could not even be told */
    request->done = done;
    request->context = context;
    return request;
}

void redis_requests_append(struct redis_request_list *list, struct redis_request *request)
{
    request->next = NULL;
    if (list->last) {
        list->last->next = request;
    } else {
        list->first = request;
    }
    list->last = request;
    list->count++;
}

struct redis_request *redis_requests_pop(struct redis_request_list *list)
{
    struct redis_request *const request = list->first;
    if (!request)
        return NULL;
    list->first = request->next;
    if (!list->first)
        list->last = NULL;
    list->count--;
    return request;
}

void redis_requests_free(struct redis_request_list *list)
{
    for (struct redis_request *request = redis_requests_pop(list); request;
         request = redis_requests_pop(list))
        free(request);
}
