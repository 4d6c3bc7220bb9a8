/* SPDX-License-Identifier: Apache-2.0 */
/* See sim_gateway.h. Speaks Kannel's sendsms: the identity stands in the call-back's address. */
#include "tests/support/sim_gateway.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/must.h"
#include "notifiers/channel.h"

struct sim_gateway {
    struct prng prng;
    uint64_t trouble_one_in;
    struct sim_taken *taken;
    size_t taken_count;
    size_t taken_capacity;
    size_t lost_count;
};

struct pending {
    struct engine *engine;
    struct pending *next;
    struct loop_timer *timer;
    http_done_fn *done;
    void *context;
    enum http_result result;
    int32_t status;
    const char *body;
};

struct engine {
    struct http_engine base;
    struct sim_gateway *gateway;
    struct loop *loop;
    struct pending *pending;
};

static uint64_t hash_of(struct text bytes)
{
    uint8_t digest[SHA256_BYTES];
    crypto_sha256(bytes, digest);
    uint64_t hash = 0;
    memcpy(&hash, digest, sizeof(hash));
    return hash;
}

/* The identity in dlr-url=...?id=ID, and what the person would read. */
static void take_message(struct sim_gateway *gateway, const struct http_request *request)
{
    if (gateway->taken_count == gateway->taken_capacity) {
        gateway->taken_capacity = gateway->taken_capacity ? gateway->taken_capacity * 2 : 64;
        gateway->taken = realloc(gateway->taken, gateway->taken_capacity * sizeof(*gateway->taken));
        MUST(gateway->taken);
    }
    struct sim_taken *taken = &gateway->taken[gateway->taken_count++];
    *taken = (struct sim_taken){{0}, 0};
    const struct text url = buf_view(&request->url);
    const char *mark = memchr(url.ptr, '?', url.bytes);
    MUST(mark);
    const struct text query = {mark + 1, url.bytes - (size_t)(mark + 1 - url.ptr)};
    struct buf value;
    buf_init(&value, 65536);
    MUST(!query_value(query, "text", &value));
    taken->bytes_hash = hash_of(buf_view(&value));
    buf_clear(&value);
    MUST(!query_value(query, "dlr-url", &value));
    struct text callback = buf_view(&value);
    mark = memchr(callback.ptr, '?', callback.bytes);
    MUST(mark);
    callback = (struct text){mark + 1, callback.bytes - (size_t)(mark + 1 - callback.ptr)};
    struct buf id;
    buf_init(&id, sizeof(taken->id) - 1);
    MUST(!query_value(callback, "id", &id));
    memcpy(taken->id, id.ptr, id.bytes);
    buf_release(&id);
    buf_release(&value);
}

static void decide(
    struct sim_gateway *gateway, const struct http_request *request, struct pending *pending)
{
    pending->result = HTTP_ANSWERED;
    pending->status = 202;
    pending->body = "0: Accepted for delivery";
    if (gateway->trouble_one_in == 0 || !prng_one_in(&gateway->prng, gateway->trouble_one_in)) {
        take_message(gateway, request);
        return;
    }
    switch (prng_below(&gateway->prng, 4)) {
    case 0: /* away */
        pending->result = HTTP_NOT_SENT;
        return;
    case 1: /* taken, and the answer is lost */
        take_message(gateway, request);
        gateway->lost_count++;
        pending->result = HTTP_NO_ANSWER;
        return;
    case 2: /* not taken, and nobody says so */
        pending->result = HTTP_NO_ANSWER;
        return;
    default:
        pending->status = 503;
        pending->body = "Temporal failure, try again later.";
        return;
    }
}

static void pending_free(struct pending *pending)
{
    struct pending **link = &pending->engine->pending;
    while (*link != pending) {
        link = &(*link)->next;
    }
    *link = pending->next;
    loop_timer_free(pending->timer);
    free(pending);
}

static void pending_answer(void *context)
{
    struct pending *pending = context;
    const struct http_answer answer = {
        .result = pending->result,
        .status = pending->result == HTTP_ANSWERED ? pending->status : 0,
        .body = pending->result == HTTP_ANSWERED ? text_of(pending->body) : (struct text){0},
        .retry_after_ms = -1,
        .reason = pending->result == HTTP_ANSWERED ? "" : "the simulated network",
    };
    http_done_fn *done = pending->done;
    void *done_context = pending->context;
    pending_free(pending);
    done(done_context, &answer);
}

static void engine_post(
    struct http_engine *base, const struct http_request *request, http_done_fn *done, void *context)
{
    struct engine *engine = (struct engine *)base;
    struct pending *pending = calloc(1, sizeof(*pending));
    MUST(pending);
    pending->engine = engine;
    pending->done = done;
    pending->context = context;
    decide(engine->gateway, request, pending);
    pending->next = engine->pending;
    engine->pending = pending;
    pending->timer = loop_timer_create(engine->loop, pending_answer, pending);
    MUST(pending->timer);
    loop_timer_arm(pending->timer, prng_range(&engine->gateway->prng, 1, 300));
}

static void engine_free(struct http_engine *base)
{
    struct engine *engine = (struct engine *)base;
    if (!engine) {
        return;
    }
    while (engine->pending) {
        pending_free(engine->pending);
    }
    free(engine);
}

static const struct http_engine_ops engine_ops = {.post = engine_post, .free = engine_free};

struct http_engine *sim_gateway_engine(struct sim_gateway *gateway, struct loop *loop)
{
    struct engine *engine = calloc(1, sizeof(*engine));
    MUST(engine);
    engine->base.ops = &engine_ops;
    engine->gateway = gateway;
    engine->loop = loop;
    return &engine->base;
}

struct sim_gateway *sim_gateway_create(uint64_t seed, uint64_t trouble_one_in)
{
    struct sim_gateway *gateway = calloc(1, sizeof(*gateway));
    MUST(gateway);
    prng_seed(&gateway->prng, seed);
    gateway->trouble_one_in = trouble_one_in;
    return gateway;
}

void sim_gateway_free(struct sim_gateway *gateway)
{
    if (gateway) {
        free(gateway->taken);
        free(gateway);
    }
}

const struct sim_taken *sim_gateway_taken(const struct sim_gateway *gateway, size_t *ret_count)
{
    *ret_count = gateway->taken_count;
    return gateway->taken;
}

size_t sim_gateway_lost_answers(const struct sim_gateway *gateway)
{
    return gateway->lost_count;
}
