/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A gateway without a network: an HTTP engine whose answers a script decides. What it was handed
 * outlives the role that handed it over, as the world outside does.
 */
#ifndef NRT_TESTS_SUPPORT_FAKE_GATEWAY_H
#define NRT_TESTS_SUPPORT_FAKE_GATEWAY_H

#include "base/clock.h"
#include "notifiers/http.h"
#include "store/loop.h"

struct fake_gateway;

/* One request as it reached the gateway. */
struct fake_post {
    char *url;
    char *body;
    struct wall_ms at; /* service time */
    enum http_result result;
    int32_t status;
};

/*
 * Decides the answer to the post (its result and status are filled in from it). The body it
 * points at must be static. NULL script: 202 "0: Accepted for delivery".
 */
typedef void fake_script(
    void *context, const struct fake_post *post, struct http_answer *ret_answer);

struct fake_gateway *fake_gateway_create(fake_script *script, void *context);
void fake_gateway_free(struct fake_gateway *gateway);

/* The engine over this loop; answers come after delay_ms of it. */
struct http_engine *fake_gateway_attach(
    struct fake_gateway *gateway, struct loop *loop, struct service_clock *clock);
/* Drops what is under way: the role is gone. */
void fake_gateway_detach(struct fake_gateway *gateway);
void fake_gateway_delay(struct fake_gateway *gateway, int64_t delay_ms);

size_t fake_gateway_count(const struct fake_gateway *gateway);
const struct fake_post *fake_gateway_post(const struct fake_gateway *gateway, size_t index);

/* Some answers for scripts. */
struct http_answer fake_answer(int32_t status, const char *body);
struct http_answer fake_failure(enum http_result result);

#endif
