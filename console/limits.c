/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The buckets and who draws from them.
 */
#include "console/limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/log.h"
#include "console/actor.h"
#include "console/rate.h"

enum bucket {
    BUCKET_ADDRESS,
    BUCKET_REFUSED,
    BUCKET_ACCOUNT,
    BUCKET_SIGN_IN,
    BUCKET_EXPORT,
    BUCKET_PREVIEW,
    BUCKET_COUNT
};

/* Burst and refill: beyond what a person does with the pages, far below what hurts. */
static const struct {
    const char *name;
    struct rate_limit limit;
} buckets[BUCKET_COUNT] = {
    [BUCKET_ADDRESS] = {"address", {600, 3000}}, [BUCKET_REFUSED] = {"refused", {60, 60}},
    [BUCKET_ACCOUNT] = {"account", {600, 3000}}, [BUCKET_SIGN_IN] = {"sign-in", {60, 60}},
    [BUCKET_EXPORT] = {"export", {20, 20}},      [BUCKET_PREVIEW] = {"preview", {20, 20}},
};

struct limits {
    struct rate *rate;
    int64_t count;
};

struct limits *limits_create(void)
{
    struct limits *limits = calloc(1, sizeof(*limits));
    if (limits) {
        limits->rate = rate_create();
    }
    if (limits && !limits->rate) {
        free(limits);
        return NULL;
    }
    return limits;
}

void limits_free(struct limits *limits)
{
    if (limits) {
        rate_free(limits->rate);
        free(limits);
    }
}

int64_t limits_count(const struct console *console)
{
    return console->limits->count;
}

static bool refuse(
    struct console *console, struct http_call *call, enum bucket bucket, int32_t wait_s)
{
    char seconds[16];
    char detail[128];
    console->limits->count++;
    (void)snprintf(seconds, sizeof(seconds), "%d", (int)wait_s);
    (void)snprintf(
        detail, sizeof(detail), "too often (%s); try again in %s s", buckets[bucket].name, seconds);
    log_warn("http_too_often", "bucket=%s peer=%s", buckets[bucket].name, call->peer);
    http_add_header(call, "Retry-After", seconds);
    problem_answer(call, PROBLEM_TOO_MANY, detail);
    return false;
}

static bool take(
    struct console *console, struct http_call *call, enum bucket bucket, const char *name)
{
    char key[160];
    int32_t wait_s = 0;
    const int bytes = snprintf(key, sizeof(key), "%s %s", buckets[bucket].name, name);
    const struct text key_text = {.ptr = key, .bytes = (size_t)bytes};
    if (rate_take(console->limits->rate, key_text, buckets[bucket].limit, clock_mono(), &wait_s)) {
        return true;
    }
    return refuse(console, call, bucket, wait_s);
}

/* Does whoever forwards for others stand at the other end? */
static bool is_believed(const struct sign_in_settings *settings, const struct http_call *call)
{
    struct address peer;
    bool believed = call->peer_is_loopback;
    const bool known = address_read(text_of(call->peer), &peer);
    for (size_t index = 0; known && index < settings->proxy_count; index++) {
        believed = believed || address_in(&peer, &settings->proxies[index]);
    }
    return believed;
}

/* The last name in the header is the one that our own proxy has seen. */
struct address limits_client(const struct console *console, const struct http_call *call)
{
    struct address client = {0};
    struct text forwarded = http_header(&call->head, "x-forwarded-for");
    (void)address_read(text_of(call->peer), &client);
    if (forwarded.bytes > 0 && is_believed(&console->env->settings->sign_in, call)) {
        const char *comma = memrchr(forwarded.ptr, ',', forwarded.bytes);
        const size_t skipped = comma ? (size_t)(comma - forwarded.ptr) + 1 : 0;
        forwarded = (struct text){forwarded.ptr + skipped, forwarded.bytes - skipped};
        while (forwarded.bytes > 0 && forwarded.ptr[0] == ' ') {
            forwarded = (struct text){forwarded.ptr + 1, forwarded.bytes - 1};
        }
        (void)address_read(forwarded, &client);
    }
    return client;
}

/* A program of this machine is not counted; what a proxy on it forwards is its clients'. */
static bool take_by_address(struct console *console, struct http_call *call, enum bucket bucket)
{
    char name[ADDRESS_TEXT_BYTES];
    const struct address client = http_place(limits_client(console, call));
    return call->from_loopback || take(console, call, bucket, address_text(&client, name));
}

bool limits_address(struct console *console, struct http_call *call)
{
    return take_by_address(console, call, BUCKET_ADDRESS);
}

bool limits_refused(struct console *console, struct http_call *call)
{
    return take_by_address(console, call, BUCKET_REFUSED);
}

static bool ends_in(struct text text, struct text end)
{
    return text.bytes >= end.bytes &&
           text_equal((struct text){text.ptr + text.bytes - end.bytes, end.bytes}, end);
}

/* POST to an address of the sessions is a try to sign in, to set up or to change a password. */
static bool is_sign_in(const struct route *route)
{
    return route->method == HTTP_POST &&
           text_starts_with(text_of(route->pattern), TEXT_LITERAL("/api/v1/session"));
}

bool limits_actor(struct console *console, const struct route *route, struct http_call *call)
{
    const struct actor *actor = call->asker;
    if (is_sign_in(route) && !take_by_address(console, call, BUCKET_SIGN_IN)) {
        return false;
    }
    if (!actor || actor->kind == ACTOR_NOBODY || actor_speaks_for_others(actor)) {
        return true;
    }
    if (!take(console, call, BUCKET_ACCOUNT, actor->name)) {
        return false;
    }
    if ((route->rights & RIGHT_BIT(RIGHT_EXPORT)) != 0) {
        return take(console, call, BUCKET_EXPORT, actor->name);
    }
    return !ends_in(text_of(route->pattern), TEXT_LITERAL("/preview")) ||
           take(console, call, BUCKET_PREVIEW, actor->name);
}
