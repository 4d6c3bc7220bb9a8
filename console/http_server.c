/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections of the HTTP server: reading heads and bodies, deadlines, closing. A connection
 * handles one request at a time; a pipelined one waits in the socket's buffer. It is freed only in
 * libevent's callbacks, never from inside a handler.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>

#include "base/clock.h"
#include "base/must.h"
#include "base/tls.h"
#include "console/http_conn.h"

#define REQUEST_DEADLINE_MS  60000
#define HANDLING_DEADLINE_MS 900000 /* stepping over months of service time is one request */
#define LINGER_DEADLINE_MS   2000
#define CALL_ARENA_BYTES_MAX ((size_t)16 * 1024 * 1024)
#define INPUT_BYTES_MAX      ((size_t)64 * 1024)
/* Bodies up to this size grow as they arrive; nobody reserves them by announcing them. */
#define SMALL_BODY_BYTES ((int64_t)64 * 1024)
#define SMALL_BODY_FIRST ((size_t)4 * 1024)

static void conn_read(struct http_conn *conn);

struct timeval http_timeval(int64_t ms)
{
    return (struct timeval){
        .tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000) * 1000};
}

void http_conn_deadline(struct http_conn *conn, int64_t ms)
{
    const struct timeval wait = http_timeval(ms);
    evtimer_add(conn->deadline, &wait);
}

/* ---- calls ---- */

static struct http_call *call_create(struct http_conn *conn)
{
    struct http_call *call = calloc(1, sizeof(*call));
    if (!call) {
        return NULL;
    }
    arena_init(&call->arena, CALL_ARENA_BYTES_MAX);
    buf_init(&call->extra_headers, 0);
    call->conn = conn;
    call->received_ms = clock_mono().ms;
    conn->call = call;
    return call;
}

static void body_release(struct http_conn *conn)
{
    conn->server->body_bytes -= conn->body_bytes;
    conn->body_bytes = 0;
}

void http_call_free(struct http_call *call)
{
    if (call->conn) {
        call->conn->call = NULL;
        body_release(call->conn);
    }
    free(call->body_memory);
    http_kept_free(call->kept);
    buf_release(&call->extra_headers);
    arena_release(&call->arena);
    free(call);
}

/* ---- connections ---- */

static void conn_release_held(struct http_conn *conn)
{
    conn->server->held_bytes -= conn->held_bytes;
    conn->held_bytes = 0;
}

void http_conn_hold(struct http_conn *conn, size_t bytes)
{
    conn->held_bytes += bytes;
    conn->server->held_bytes += bytes;
}

static void conn_unlink(struct http_conn *conn)
{
    struct http_server *server = conn->server;
    *(conn->previous ? &conn->previous->next : &server->conns) = conn->next;
    *(conn->next ? &conn->next->previous : &server->last) = conn->previous;
    server->conn_count--;
}

static void conn_link(struct http_conn *conn)
{
    struct http_server *server = conn->server;
    conn->previous = NULL;
    conn->next = server->conns;
    *(conn->next ? &conn->next->previous : &server->last) = conn;
    server->conns = conn;
    server->conn_count++;
}

/* The next step of a connection; the list of them is kept in the order of these. */
static void conn_enter(struct http_conn *conn, enum conn_state state)
{
    if (conn->state == CONN_WRITING && state != CONN_WRITING) {
        conn_release_held(conn);
    }
    conn->state = state;
    conn->since_ms = clock_mono().ms;
    conn_unlink(conn);
    conn_link(conn);
}

/* libevent frees a bufferevent later; what it was to send is given back now. */
static void output_drop(struct http_conn *conn)
{
    struct evbuffer *out = bufferevent_get_output(conn->bev);
    (void)evbuffer_unfreeze(out, 1);
    (void)evbuffer_drain(out, evbuffer_get_length(out));
}

void http_conn_free(struct http_conn *conn)
{
    struct http_call *call = conn->call;
    const bool handed_over = conn->state == CONN_HANDLING || conn->state == CONN_STREAM;
    if (conn->state == CONN_STREAM) {
        conn->server->stream_count--;
    }
    body_release(conn);
    conn_release_held(conn);
    conn_unlink(conn);
    event_free(conn->deadline);
    if (conn->server->options.tls) {
        tls_session_end(bufferevent_openssl_get_ssl(conn->bev));
    }
    output_drop(conn);
    bufferevent_free(conn->bev);
    http_file_close(conn);
    free(conn);
    if (!call) {
        return;
    }
    call->conn = NULL;
    atomic_store(&call->gone, true);
    if (!handed_over) {
        http_call_free(call);
    } else if (call->streaming && call->on_gone) {
        call->on_gone(call);
    }
}

static void conn_refuse(struct http_conn *conn, int status, const char *why)
{
    const struct http_handler *handler = conn->server->handler;
    if (!conn->call && !call_create(conn)) {
        conn->gone = true;
        return;
    }
    conn->close_after = true;
    conn->unread_bytes = conn->unread_bytes > 0 ? conn->unread_bytes : 1;
    conn_enter(conn, CONN_HANDLING);
    handler->refuse(handler->context, conn->call, status, why);
}

static void conn_handle(struct http_conn *conn)
{
    const struct http_handler *handler = conn->server->handler;
    conn_enter(conn, CONN_HANDLING);
    http_conn_deadline(conn, HANDLING_DEADLINE_MS);
    handler->handle(handler->context, conn->call);
}

/* Room for more of a small body: twice as much as it has. False when memory is out. */
static bool body_grow(struct http_conn *conn)
{
    struct http_call *call = conn->call;
    const size_t whole = call->body.bytes + (size_t)conn->unread_bytes;
    const size_t twice = conn->body_room ? conn->body_room * 2 : SMALL_BODY_FIRST;
    const size_t room = twice < whole ? twice : whole;
    char *memory = realloc(call->body_memory, room);
    if (memory) {
        call->body_memory = memory;
        call->body.ptr = memory;
        conn->body_room = room;
    }
    return memory != NULL;
}

static void conn_read_body(struct http_conn *conn)
{
    struct http_call *call = conn->call;
    struct evbuffer *in = bufferevent_get_input(conn->bev);
    while (conn->unread_bytes > 0 && evbuffer_get_length(in) > 0) {
        if (call->body.bytes == conn->body_room && !body_grow(conn)) {
            conn_refuse(conn, 503, "out of memory");
            return;
        }
        const size_t room = conn->body_room - call->body.bytes;
        const int count = evbuffer_remove(in, call->body_memory + call->body.bytes, room);
        if (count <= 0) {
            break;
        }
        call->body.bytes += (size_t)count;
        conn->unread_bytes -= count;
    }
    if (conn->unread_bytes == 0) {
        conn_handle(conn);
    }
}

/* A large body gets its room at once, from what all of them share. */
static bool body_reserve(struct http_conn *conn, size_t bytes)
{
    struct http_server *server = conn->server;
    if (server->body_bytes + bytes > HTTP_BODIES_BYTES_MAX) {
        conn_refuse(conn, 503, "too many large requests at once; send it again in a moment");
        return false;
    }
    conn->call->body_memory = malloc(bytes);
    if (!conn->call->body_memory) {
        conn_refuse(conn, 503, "out of memory");
        return false;
    }
    server->body_bytes += bytes;
    conn->body_bytes = bytes;
    conn->body_room = bytes;
    return true;
}

static void conn_body_begin(struct http_conn *conn)
{
    struct http_call *call = conn->call;
    conn->body_room = 0;
    if (call->head.body_bytes > SMALL_BODY_BYTES &&
        !body_reserve(conn, (size_t)call->head.body_bytes)) {
        return;
    }
    call->body = (struct text){.ptr = call->body_memory, .bytes = 0};
    if (call->head.expects_continue) {
        static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
        evbuffer_add(bufferevent_get_output(conn->bev), go_on, sizeof(go_on) - 1);
    }
    conn_enter(conn, CONN_BODY);
    http_conn_deadline(conn, REQUEST_DEADLINE_MS);
    conn_read_body(conn);
}

static bool is_forwarded(const struct http_head *head)
{
    return http_header(head, "x-forwarded-for").ptr || http_header(head, "forwarded").ptr ||
           http_header(head, "x-real-ip").ptr || http_header(head, "via").ptr;
}

static void conn_admit(struct http_conn *conn)
{
    const struct http_handler *handler = conn->server->handler;
    struct http_call *call = conn->call;
    struct http_admission admission = {0};
    call->from_loopback = conn->loopback && !is_forwarded(&call->head);
    call->peer_is_loopback = conn->loopback;
    call->over_tls = conn->server->options.tls != NULL;
    memcpy(call->peer, conn->peer, sizeof(call->peer));
    conn->unread_bytes = call->head.body_bytes;
    conn_enter(conn, CONN_HANDLING);
    if (!handler->admit(handler->context, call, &admission)) {
        return; /* answered */
    }
    if (call->head.body_bytes > admission.body_bytes_max) {
        conn_refuse(conn, 413, "the body is too large");
    } else if (call->head.body_bytes > 0) {
        conn_body_begin(conn);
    } else {
        conn_handle(conn);
    }
}

/* A whole head of so many bytes stands in the input. */
static void conn_take_head(struct http_conn *conn, size_t head_bytes)
{
    struct evbuffer *in = bufferevent_get_input(conn->bev);
    struct http_call *call = call_create(conn);
    char *copy = call ? arena_alloc(&call->arena, head_bytes) : NULL;
    if (!copy || evbuffer_remove(in, copy, head_bytes) != (int)head_bytes) {
        conn->gone = true;
        return;
    }
    conn->server->request_count++;
    http_relieve(conn->server);
    const char *why = "";
    const struct text bytes = {.ptr = copy, .bytes = head_bytes};
    const int status = http_head_read(bytes, &call->arena, &call->head, &why);
    if (status) {
        conn_refuse(conn, status, why);
    } else {
        conn_admit(conn);
    }
}

static void conn_read_head(struct http_conn *conn)
{
    struct evbuffer *in = bufferevent_get_input(conn->bev);
    const struct evbuffer_ptr end = evbuffer_search(in, "\r\n\r\n", 4, NULL);
    if (end.pos >= 0 && (size_t)end.pos + 4 <= HTTP_HEAD_BYTES_MAX) {
        conn_take_head(conn, (size_t)end.pos + 4);
    } else if (evbuffer_get_length(in) >= HTTP_HEAD_BYTES_MAX) {
        conn_refuse(conn, 431, "the head of a request is at most 16 KiB");
    }
}

static void conn_read(struct http_conn *conn)
{
    struct evbuffer *in = bufferevent_get_input(conn->bev);
    switch (conn->state) {
    case CONN_HEAD:
        if (evbuffer_get_length(in) > 0) {
            conn_read_head(conn);
        }
        break;
    case CONN_BODY:
        conn_read_body(conn);
        break;
    case CONN_STREAM:
    case CONN_LINGER:
        evbuffer_drain(in, evbuffer_get_length(in));
        break;
    case CONN_HANDLING:
    case CONN_WRITING: /* the next request waits in the buffer, which is bounded */
    case CONN_STATE_COUNT:
        break;
    }
    if (conn->gone) {
        http_conn_free(conn);
    }
}

static void on_read(struct bufferevent *bev, void *context)
{
    (void)bev;
    conn_read(context);
}

static void conn_end_output(struct http_conn *conn)
{
    if (conn->server->options.tls) {
        tls_session_end(bufferevent_openssl_get_ssl(conn->bev));
    } else {
        (void)shutdown(bufferevent_getfd(conn->bev), SHUT_WR);
    }
}

/* Answered and written out: close, linger, or read the next request. */
static void on_written(struct bufferevent *bev, void *context)
{
    struct http_conn *conn = context;
    /* Of an interim answer this may come late: the buffer tells. */
    if (conn->state != CONN_WRITING || evbuffer_get_length(bufferevent_get_output(bev)) > 0) {
        return;
    }
    if (http_file_next(conn)) {
        http_conn_deadline(conn, REQUEST_DEADLINE_MS);
        return;
    }
    if (conn->close_after && conn->unread_bytes == 0) {
        http_conn_free(conn);
        return;
    }
    if (conn->close_after) {
        conn_enter(conn, CONN_LINGER);
        conn_end_output(conn);
        http_conn_deadline(conn, LINGER_DEADLINE_MS);
    } else {
        conn_enter(conn, CONN_HEAD);
        http_conn_deadline(conn, conn->server->draining ? 0 : REQUEST_DEADLINE_MS);
    }
    bufferevent_trigger(bev, EV_READ, BEV_TRIG_IGNORE_WATERMARKS | BEV_TRIG_DEFER_CALLBACKS);
}

static void on_event(struct bufferevent *bev, short what, void *context)
{
    (void)bev;
    if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR | BEV_EVENT_TIMEOUT)) {
        http_conn_free(context);
    }
}

static void on_deadline(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct http_conn *conn = context;
    const bool idle =
        conn->state == CONN_HEAD && evbuffer_get_length(bufferevent_get_input(conn->bev)) == 0;
    const bool reading = conn->state == CONN_HEAD || conn->state == CONN_BODY;
    if (idle || !reading) {
        http_conn_free(conn);
        return;
    }
    conn_refuse(conn, 408, "the request did not arrive in time");
    if (conn->gone) {
        http_conn_free(conn);
    }
}

void http_conn_answered(struct http_conn *conn)
{
    conn_enter(conn, CONN_WRITING);
    http_conn_deadline(conn, REQUEST_DEADLINE_MS);
}

void http_conn_streaming(struct http_conn *conn)
{
    conn_enter(conn, CONN_STREAM);
    conn->server->stream_count++;
    evtimer_del(conn->deadline);
}

void http_conn_stream_ended(struct http_conn *conn)
{
    conn->server->stream_count--;
    conn_enter(conn, CONN_WRITING);
    conn->unread_bytes = 0;
    http_conn_deadline(conn, LINGER_DEADLINE_MS);
    bufferevent_trigger(conn->bev, EV_WRITE, BEV_TRIG_DEFER_CALLBACKS);
}

/* ---- the beginning ---- */

static struct bufferevent *bufferevent_make(struct http_conn *conn, evutil_socket_t fd)
{
    struct event_base *base = conn->server->base;
    struct tls *tls = conn->server->options.tls;
    const int how = BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS;
    if (!tls) {
        return bufferevent_socket_new(base, fd, how);
    }
    struct ssl_st *session = tls_session(tls);
    return session
               ? bufferevent_openssl_socket_new(base, fd, session, BUFFEREVENT_SSL_ACCEPTING, how)
               : NULL;
}

bool http_conn_begin(struct http_conn *conn, evutil_socket_t fd)
{
    conn->bev = bufferevent_make(conn, fd);
    conn->deadline = evtimer_new(conn->server->base, on_deadline, conn);
    if (!conn->bev || !conn->deadline || bufferevent_enable(conn->bev, EV_READ | EV_WRITE) != 0) {
        return false;
    }
    bufferevent_setcb(conn->bev, on_read, on_written, on_event, conn);
    bufferevent_setwatermark(conn->bev, EV_READ, 0, INPUT_BYTES_MAX);
    conn->since_ms = clock_mono().ms;
    conn_link(conn);
    return true;
}

void http_conn_drop(struct http_conn *conn, evutil_socket_t fd)
{
    if (conn->deadline) {
        event_free(conn->deadline);
    }
    if (conn->bev) {
        bufferevent_free(conn->bev);
    } else {
        (void)evutil_closesocket(fd);
    }
    free(conn);
}
