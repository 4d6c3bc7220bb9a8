/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A post is answered by a timer of the loop, never from inside the call. The script is asked at
 * once: what the gateway did is done, whether or not anybody lives to hear of it.
 */
#include "tests/support/fake_gateway.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"

#define PENDING_MAX 128

struct pending {
    struct fake_gateway *gateway; /* NULL: free */
    struct loop_timer *timer;
    http_done_fn *done;
    void *context;
    struct http_answer answer;
};

struct fake_gateway {
    struct http_engine engine;
    fake_script *script;
    void *context;
    struct loop *loop;
    struct service_clock *clock;
    int64_t delay_ms;
    struct pending pending[PENDING_MAX];
    struct fake_post *posts;
    size_t count;
    size_t room;
};

struct http_answer fake_answer(int32_t status, const char *body)
{
    return (struct http_answer){
        .result = HTTP_ANSWERED,
        .status = status,
        .body = text_of(body),
        .retry_after_ms = -1,
        .reason = "",
    };
}

struct http_answer fake_failure(enum http_result result)
{
    return (struct http_answer){.result = result, .retry_after_ms = -1, .reason = "made up"};
}

static void on_answer(void *context)
{
    struct pending *pending = context;
    loop_timer_free(pending->timer);
    pending->gateway = NULL;
    pending->done(pending->context, &pending->answer);
}

static struct fake_post *remember(struct fake_gateway *gateway, const struct http_request *request)
{
    if (gateway->count == gateway->room) {
        gateway->room = gateway->room > 0 ? gateway->room * 2 : 16;
        gateway->posts = realloc(gateway->posts, gateway->room * sizeof(*gateway->posts));
        MUST(gateway->posts);
    }
    struct fake_post *post = &gateway->posts[gateway->count++];
    *post = (struct fake_post){
        .url = text_copy(buf_view(&request->url)),
        .body = text_copy(buf_view(&request->body)),
        .at = clock_now(gateway->clock),
    };
    return post;
}

static void fake_post_fn(
    struct http_engine *engine,
    const struct http_request *request,
    http_done_fn *done,
    void *context)
{
    struct fake_gateway *gateway = (struct fake_gateway *)engine;
    struct pending *pending = gateway->pending;
    while (pending->gateway) {
        pending++;
        MUST(pending < gateway->pending + PENDING_MAX);
    }
    struct fake_post *post = remember(gateway, request);
    *pending = (struct pending){.gateway = gateway, .done = done, .context = context};
    pending->answer = fake_answer(202, "0: Accepted for delivery");
    if (gateway->script) {
        gateway->script(gateway->context, post, &pending->answer);
    }
    post->result = pending->answer.result;
    post->status = pending->answer.status;
    pending->timer = loop_timer_create(gateway->loop, on_answer, pending);
    MUST(pending->timer);
    loop_timer_arm(pending->timer, gateway->delay_ms);
}

static const struct http_engine_ops fake_ops = {.post = fake_post_fn};

struct fake_gateway *fake_gateway_create(fake_script *script, void *context)
{
    struct fake_gateway *gateway = calloc(1, sizeof(*gateway));
    MUST(gateway);
    gateway->engine.ops = &fake_ops;
    gateway->script = script;
    gateway->context = context;
    return gateway;
}

struct http_engine *fake_gateway_attach(
    struct fake_gateway *gateway, struct loop *loop, struct service_clock *clock)
{
    gateway->loop = loop;
    gateway->clock = clock;
    return &gateway->engine;
}

void fake_gateway_detach(struct fake_gateway *gateway)
{
    for (size_t index = 0; index < PENDING_MAX; index++) {
        if (gateway->pending[index].gateway) {
            loop_timer_free(gateway->pending[index].timer);
            gateway->pending[index].gateway = NULL;
        }
    }
}

void fake_gateway_delay(struct fake_gateway *gateway, int64_t delay_ms)
{
    gateway->delay_ms = delay_ms;
}

void fake_gateway_free(struct fake_gateway *gateway)
{
    fake_gateway_detach(gateway);
    for (size_t index = 0; index < gateway->count; index++) {
        free(gateway->posts[index].url);
        free(gateway->posts[index].body);
    }
    free(gateway->posts);
    free(gateway);
}

size_t fake_gateway_count(const struct fake_gateway *gateway)
{
    return gateway->count;
}

const struct fake_post *fake_gateway_post(const struct fake_gateway *gateway, size_t index)
{
    MUST(index < gateway->count);
    return &gateway->posts[index];
}
