/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connection: a bufferevent, the parser, and the requests under way in the order they were
 * sent. Requests that cannot be answered any more move to a list of failures that an event of
 * its own delivers, so that no callback runs inside a send or a break. One timer stands at the
 * next instant at which something can be overdue; it does not move with every request.
 */
#include "store/redis_transport.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/dns.h>
#include <event2/event.h>

#include "base/clock.h"
#include "base/lap.h"
#include "base/must.h"
#include "base/prng.h"
#include "store/redis_address.h"
#include "store/redis_request.h"

#define BACKOFF_FIRST_MS 50
#define BACKOFF_MAX_MS   2000
#define IDLE_MS          4000 /* silence after which a PING is sent */
#define BLOCK_EXTRA_MS   2000 /* beyond what Redis may wait */
#define REQUESTS_MAX     4096
#define UNSENT_BYTES_MAX ((size_t)64 << 20)

enum transport_state { TRANSPORT_DOWN, TRANSPORT_CONNECTING, TRANSPORT_GREETING, TRANSPORT_UP };

struct redis_transport {
    struct redis_transport_options options;
    struct redis_address address;
    char *user;
    char *password;
    enum transport_state state;
    struct bufferevent *bev;
    struct evdns_base *dns;
    struct redis_wire *wire;
    struct redis_request_list sent;
    struct redis_request_list failed;
    uint64_t written_bytes;
    struct event *timer;   /* overdue requests, silence, reconnecting */
    struct event *deliver; /* failures */
    int64_t timer_at_ms;   /* 0: not armed */
    int64_t heard_ms;
    int64_t connect_at_ms; /* when down */
    int64_t backoff_ms;
    struct prng prng;
    int depth; /* of callbacks we are in */
    bool freed;
};

static void transport_connect(struct redis_transport *transport);

/* ---- life ---- */

static void transport_destroy(struct redis_transport *transport)
{
    if (transport->bev)
        bufferevent_free(transport->bev);
    if (transport->dns)
        evdns_base_free(transport->dns, /* fail_requests= */ 0);
    if (transport->timer)
        event_free(transport->timer);
    if (transport->deliver)
        event_free(transport->deliver);
    redis_requests_free(&transport->sent);
    redis_requests_free(&transport->failed);
    redis_wire_free(transport->wire);
    free(transport->user);
    free(transport->password);
    free(transport);
}

void redis_transport_free(struct redis_transport *transport)
{
    if (!transport)
        return;
    transport->freed = true;
    if (transport->depth == 0)
        transport_destroy(transport);
}

/* Around everything that calls out; false when the transport was freed meanwhile and is gone. */
static void callbacks_begin(struct redis_transport *transport)
{
    lap_begin();
    transport->depth++;
}

static bool callbacks_end(struct redis_transport *transport)
{
    lap_end();
    transport->depth--;
    if (!transport->freed)
        return true;
    if (transport->depth == 0)
        transport_destroy(transport);
    return false;
}

bool redis_transport_is_up(const struct redis_transport *transport)
{
    return transport && transport->state == TRANSPORT_UP;
}

/* ---- the timer ---- */

static void timer_arm(struct redis_transport *transport, int64_t at_ms)
{
    if (transport->timer_at_ms && transport->timer_at_ms <= at_ms)
        return;
    const int64_t now_ms = clock_mono().ms;
    const int64_t left_ms = at_ms > now_ms ? at_ms - now_ms : 0;
    const struct timeval left = {
        .tv_sec = left_ms / 1000, .tv_usec = (suseconds_t)(left_ms % 1000) * 1000};
    transport->timer_at_ms = at_ms;
    (void)event_add(transport->timer, &left);
}

/* When something is overdue next, in the present state. */
static int64_t next_check_ms(const struct redis_transport *transport)
{
    if (transport->state == TRANSPORT_DOWN)
        return transport->connect_at_ms;
    if (transport->sent.first)
        return transport->sent.first->deadline_ms;
    if (transport->state == TRANSPORT_CONNECTING)
        return transport->heard_ms + transport->options.request_ms;
    return transport->heard_ms + IDLE_MS;
}

/* ---- failures ---- */

static void fail_later(
    struct redis_transport *transport, struct redis_request *request, enum err err, const char *why)
{
    request->err = err;
    request->why = why;
    redis_requests_append(&transport->failed, request);
    event_active(transport->deliver, 0, 0);
}

static void on_deliver(evutil_socket_t fd, short what, void *context)
{
    struct redis_transport *const transport = context;
    (void)fd;
    (void)what;
    callbacks_begin(transport);
    struct redis_request_list failed = transport->failed;
    transport->failed = (struct redis_request_list){0};
    for (struct redis_request *request = redis_requests_pop(&failed); request;
         request = redis_requests_pop(&failed)) {
        if (!transport->freed)
            request->done(request->context, request->err, request->why, NULL);
        free(request);
    }
    (void)callbacks_end(transport);
}

/*
 * End this connection. What had not left our buffer certainly had no effect; the rest may have.
 */
static void transport_break(struct redis_transport *transport, enum err err, const char *why)
{
    const size_t unsent_bytes =
        transport->bev ? evbuffer_get_length(bufferevent_get_output(transport->bev)) : 0;
    const uint64_t gone_bytes = transport->written_bytes - unsent_bytes;
    for (struct redis_request *request = redis_requests_pop(&transport->sent); request;
         request = redis_requests_pop(&transport->sent)) {
        if (request->first_byte >= gone_bytes) {
            fail_later(transport, request, ERR_AWAY, "the connection to Redis broke");
        } else {
            fail_later(
                transport, request, ERR_TIMEOUT,
                "the connection to Redis broke before the answer came");
        }
    }
    if (transport->bev)
        bufferevent_free(transport->bev);
    transport->bev = NULL;
    redis_wire_free(transport->wire);
    transport->wire = NULL;
    transport->state = TRANSPORT_DOWN;
    const int64_t half_ms = transport->backoff_ms / 2;
    transport->connect_at_ms =
        clock_mono().ms + prng_range(&transport->prng, half_ms, transport->backoff_ms);
    if (transport->backoff_ms < BACKOFF_MAX_MS)
        transport->backoff_ms *= 2;
    transport->timer_at_ms = 0; /* whatever was armed was for the old connection */
    timer_arm(transport, transport->connect_at_ms);
    char kept[sizeof((struct err_why *)0)->text];
    (void)snprintf(kept, sizeof kept, "%s", why);
    transport->options.on_down(transport->options.context, err, kept);
}

/* ---- sending ---- */

static enum err request_write(
    struct redis_transport *transport,
    const struct redis_command *command,
    int64_t wait_ms,
    struct redis_request *request)
{
    size_t byte_count = 0;
    char *const bytes = redis_command_format(command, &byte_count);
    if (!bytes)
        return ERR_NO_MEMORY;
    const int failed = evbuffer_add(bufferevent_get_output(transport->bev), bytes, byte_count);
    redis_command_bytes_free(bytes);
    if (failed)
        return ERR_NO_MEMORY;
    request->first_byte = transport->written_bytes;
    transport->written_bytes += byte_count;
    request->deadline_ms = clock_mono().ms + transport->options.request_ms;
    if (wait_ms > 0)
        request->deadline_ms = clock_mono().ms + wait_ms + BLOCK_EXTRA_MS;
    redis_requests_append(&transport->sent, request);
    timer_arm(transport, request->deadline_ms);
    return ERR_OK;
}

static bool is_full(const struct redis_transport *transport)
{
    return transport->sent.count >= REQUESTS_MAX ||
           evbuffer_get_length(bufferevent_get_output(transport->bev)) > UNSENT_BYTES_MAX;
}

/* In the states in which the connection can carry requests at all. */
static void send_now(
    struct redis_transport *transport,
    struct redis_command *command,
    int64_t wait_ms,
    struct redis_request *request)
{
    if (!transport->bev) {
        fail_later(transport, request, ERR_AWAY, "there is no connection to Redis now");
    } else if (is_full(transport)) {
        fail_later(transport, request, ERR_FULL, "too many requests to Redis are under way");
    } else if (request_write(transport, command, wait_ms, request)) {
        fail_later(transport, request, ERR_NO_MEMORY, "memory ran out for a request to Redis");
    }
    redis_command_release(command);
}

void redis_transport_send(
    struct redis_transport *transport,
    struct redis_command *command,
    int64_t wait_ms,
    redis_reply_fn *done,
    void *context)
{
    struct redis_request *const request = redis_request_create(done, context);
    if (transport->state == TRANSPORT_UP) {
        send_now(transport, command, wait_ms, request);
        return;
    }
    fail_later(transport, request, ERR_AWAY, "there is no connection to Redis now");
    redis_command_release(command);
}

/* ---- receiving ---- */

/* "message", channel, body: belongs to a subscription, not to a request. */
static bool is_message(const struct redisReply *reply)
{
    return redis_reply_count(reply) == 3 &&
           text_is(redis_reply_text(redis_reply_at(reply, 0)), "message");
}

static void reply_answer(struct redis_transport *transport, const struct redisReply *reply)
{
    struct err_why why = {.text = ""};
    enum err err = ERR_OK;
    struct redis_request *const request = redis_requests_pop(&transport->sent);
    if (redis_reply_kind(reply) == REDIS_ERROR)
        err = redis_error_read(redis_reply_text(reply), &why);
    request->done(request->context, err, why.text, reply);
    free(request);
}

/* False when the connection is no longer usable. */
static bool reply_handle(struct redis_transport *transport, const struct redisReply *reply)
{
    if (transport->options.on_message && is_message(reply)) {
        transport->options.on_message(
            transport->options.context, redis_reply_text(redis_reply_at(reply, 1)),
            redis_reply_text(redis_reply_at(reply, 2)));
        return true;
    }
    if (!transport->sent.first) {
        transport_break(transport, ERR_PROTO, "Redis answered what nobody had asked");
        return false;
    }
    reply_answer(transport, reply);
    return true;
}

static void replies_handle(struct redis_transport *transport)
{
    struct redis_wire *const wire = transport->wire;
    /* Ends: each turn takes a reply from the buffer; a broken or freed connection has no wire. */
    while (!transport->freed && transport->wire == wire) {
        struct redisReply *reply = NULL;
        struct err_why why;
        const enum err err = redis_wire_next(wire, &reply, &why);
        if (err) {
            transport_break(transport, err, why.text);
            return;
        }
        if (!reply)
            return;
        const bool goes_on = reply_handle(transport, reply);
        redis_reply_free(reply);
        if (!goes_on)
            return;
    }
}

static void on_read(struct bufferevent *bev, void *context)
{
    struct redis_transport *const transport = context;
    struct evbuffer *const input = bufferevent_get_input(bev);
    callbacks_begin(transport);
    transport->heard_ms = clock_mono().ms;
    while (!transport->freed && transport->bev == bev && evbuffer_get_length(input)) {
        struct evbuffer_iovec piece;
        if (evbuffer_peek(input, -1, NULL, &piece, 1) < 1)
            break;
        const enum err err = redis_wire_feed(transport->wire, piece.iov_base, piece.iov_len);
        (void)evbuffer_drain(input, piece.iov_len);
        if (err) {
            transport_break(
                transport, err,
                err == ERR_PROTO ? "an answer of Redis was longer than it may be"
                                 : "memory ran out for an answer of Redis");
            break;
        }
        replies_handle(transport);
    }
    (void)callbacks_end(transport);
}

/* ---- connecting ---- */

static void greeted(void *context, enum err err, const char *why, const struct redisReply *reply)
{
    struct redis_transport *const transport = context;
    (void)reply;
    if (transport->state != TRANSPORT_GREETING)
        return; /* the connection had broken; that was told already */
    if (err) {
        transport_break(transport, err, why);
        return;
    }
    transport->state = TRANSPORT_UP;
    transport->backoff_ms = BACKOFF_FIRST_MS;
    transport->options.on_up(transport->options.context);
}

/* AUTH, or a PING that shows whether Redis lets us in without. */
static void greet(struct redis_transport *transport)
{
    struct redis_command command;
    transport->state = TRANSPORT_GREETING;
    if (transport->password) {
        redis_command_init(&command, "AUTH");
        if (transport->user)
            redis_command_string(&command, transport->user);
        redis_command_string(&command, transport->password);
    } else {
        redis_command_init(&command, "PING");
    }
    send_now(transport, &command, 0, redis_request_create(greeted, transport));
}

static void connected(struct redis_transport *transport)
{
    const int yes = 1;
    const evutil_socket_t fd = bufferevent_getfd(transport->bev);
    if (transport->address.is_name || transport->address.socket.ss_family != AF_UNIX)
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    (void)bufferevent_enable(transport->bev, EV_READ | EV_WRITE);
    transport->heard_ms = clock_mono().ms;
    greet(transport);
}

static void on_event(struct bufferevent *bev, short what, void *context)
{
    struct redis_transport *const transport = context;
    struct err_why why;
    (void)bev;
    callbacks_begin(transport);
    if (what & BEV_EVENT_CONNECTED) {
        connected(transport);
    } else if (what & BEV_EVENT_EOF) {
        transport_break(transport, ERR_AWAY, "Redis closed the connection");
    } else if (what & BEV_EVENT_ERROR) {
        const int dns_error = bufferevent_socket_get_dns_error(transport->bev);
        (void)err_set(
            &why, ERR_AWAY, "cannot reach Redis: %s",
            dns_error ? evutil_gai_strerror(dns_error)
                      : evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR()));
        transport_break(transport, ERR_AWAY, why.text);
    }
    (void)callbacks_end(transport);
}

/* The one place that makes the bufferevent: TLS would be made here. */
static void transport_connect(struct redis_transport *transport)
{
    transport->heard_ms = clock_mono().ms;
    transport->written_bytes = 0;
    transport->wire = redis_wire_create();
    transport->bev = bufferevent_socket_new(
        transport->options.base, -1, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
    if (!transport->wire || !transport->bev) {
        transport_break(transport, ERR_NO_MEMORY, "memory ran out for a connection to Redis");
        return;
    }
    transport->state = TRANSPORT_CONNECTING;
    bufferevent_setcb(transport->bev, on_read, NULL, on_event, transport);
    timer_arm(transport, next_check_ms(transport));
    if (redis_address_connect(
            &transport->address, transport->bev, transport->options.base, &transport->dns) < 0) {
        struct err_why why;
        (void)err_set(
            &why, ERR_AWAY, "cannot reach Redis: %s",
            evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR()));
        transport_break(transport, ERR_AWAY, why.text);
    }
}

/* ---- what time brings ---- */

static void ponged(void *context, enum err err, const char *why, const struct redisReply *reply)
{
    (void)context;
    (void)err;
    (void)why;
    (void)reply; /* that something was heard is all that matters */
}

static void check_overdue(struct redis_transport *transport, int64_t now_ms)
{
    struct redis_command command;
    if (now_ms < next_check_ms(transport))
        return;
    if (transport->state == TRANSPORT_DOWN) {
        transport_connect(transport);
    } else if (transport->sent.first) {
        transport_break(transport, ERR_TIMEOUT, "Redis did not answer in time");
    } else if (transport->state == TRANSPORT_CONNECTING) {
        transport_break(transport, ERR_TIMEOUT, "Redis could not be reached in time");
    } else {
        redis_command_init(&command, "PING");
        send_now(transport, &command, 0, redis_request_create(ponged, transport));
    }
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
    struct redis_transport *const transport = context;
    (void)fd;
    (void)what;
    callbacks_begin(transport);
    transport->timer_at_ms = 0;
    check_overdue(transport, clock_mono().ms);
    if (callbacks_end(transport))
        timer_arm(transport, next_check_ms(transport));
}

struct redis_transport *redis_transport_create(
    const struct redis_transport_options *options, struct err_why *why)
{
    struct redis_address address;
    if (redis_address_parse(options->url, &address, why))
        return NULL;
    struct redis_transport *const transport = calloc(1, sizeof *transport);
    if (!transport)
        return NULL;
    transport->options = *options;
    transport->address = address;
    transport->backoff_ms = BACKOFF_FIRST_MS;
    prng_seed(&transport->prng, (uint64_t)clock_mono().ms ^ (uint64_t)(uintptr_t)transport);
    transport->user = options->user.bytes ? text_copy(options->user) : NULL;
    transport->password = options->password.bytes ? text_copy(options->password) : NULL;
    transport->timer = evtimer_new(options->base, on_timer, transport);
    transport->deliver = event_new(options->base, -1, 0, on_deliver, transport);
    const bool whole = transport->timer && transport->deliver &&
                       (!options->user.bytes || transport->user) &&
                       (!options->password.bytes || transport->password);
    if (!whole) {
        transport_destroy(transport);
        (void)err_set(why, ERR_NO_MEMORY, "memory ran out for a connection to Redis");
        return NULL;
    }
    /* From the loop, so that no callback comes before the caller has the pointer. */
    transport->connect_at_ms = clock_mono().ms;
    timer_arm(transport, transport->connect_at_ms);
    return transport;
}
