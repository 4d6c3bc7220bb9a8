/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections of the HTTP server: accepting, reading heads and bodies, deadlines, closing. A
 * connection handles one request at a time; a pipelined one waits in the socket's buffer. It is
 * freed only in its own libevent callbacks, never from inside a handler.
 */
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/must.h"
#include "console/http_conn.h"

#define HEAD_DEADLINE_MS     15000
#define REQUEST_DEADLINE_MS  60000
#define HANDLING_DEADLINE_MS 900000 /* stepping over months of service time is one request */
#define LINGER_DEADLINE_MS   2000
#define ACCEPT_PAUSE_MS      500
#define CALL_ARENA_BYTES_MAX ((size_t)16 * 1024 * 1024)
#define INPUT_BYTES_MAX      ((size_t)64 * 1024)

static void conn_read(struct http_conn *conn);

static struct timeval timeval_of(int64_t ms)
{
    return (struct timeval){
        .tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000) * 1000};
}

static void deadline_arm(struct http_conn *conn, int64_t ms)
{
    const struct timeval wait = timeval_of(ms);
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

static void conn_unlink(struct http_conn *conn)
{
    struct http_server *server = conn->server;
    if (conn->previous) {
        conn->previous->next = conn->next;
    } else {
        server->conns = conn->next;
    }
    if (conn->next) {
        conn->next->previous = conn->previous;
    }
    server->conn_count--;
}

static void conn_free(struct http_conn *conn)
{
    struct http_call *call = conn->call;
    const bool handed_over = conn->state == CONN_HANDLING || conn->state == CONN_STREAM;
    if (conn->state == CONN_STREAM) {
        conn->server->stream_count--;
    }
    body_release(conn);
    conn_unlink(conn);
    event_free(conn->deadline);
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
    conn->state = CONN_HANDLING;
    handler->refuse(handler->context, conn->call, status, why);
}

static void conn_handle(struct http_conn *conn)
{
    const struct http_handler *handler = conn->server->handler;
    conn->state = CONN_HANDLING;
    deadline_arm(conn, HANDLING_DEADLINE_MS);
    handler->handle(handler->context, conn->call);
}

static void conn_read_body(struct http_conn *conn)
{
    struct http_call *call = conn->call;
    struct evbuffer *in = bufferevent_get_input(conn->bev);
    const int count =
        evbuffer_remove(in, call->body_memory + call->body.bytes, (size_t)conn->unread_bytes);
    if (count > 0) {
        call->body.bytes += (size_t)count;
        conn->unread_bytes -= count;
    }
    if (conn->unread_bytes == 0) {
        conn_handle(conn);
    }
}

static void conn_body_begin(struct http_conn *conn)
{
    struct http_server *server = conn->server;
    struct http_call *call = conn->call;
    const size_t bytes = (size_t)call->head.body_bytes;
    if (server->body_bytes + bytes > HTTP_BODIES_BYTES_MAX) {
        conn_refuse(conn, 503, "too many large requests at once; send it again in a moment");
        return;
    }
    call->body_memory = malloc(bytes);
    if (!call->body_memory) {
        conn_refuse(conn, 503, "out of memory");
        return;
    }
    server->body_bytes += bytes;
    conn->body_bytes = bytes;
    call->body = (struct text){.ptr = call->body_memory, .bytes = 0};
    if (call->head.expects_continue) {
        static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
        evbuffer_add(bufferevent_get_output(conn->bev), go_on, sizeof(go_on) - 1);
    }
    conn->state = CONN_BODY;
    deadline_arm(conn, REQUEST_DEADLINE_MS);
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
    memcpy(call->peer, conn->peer, sizeof(call->peer));
    conn->unread_bytes = call->head.body_bytes;
    conn->state = CONN_HANDLING;
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
        conn_free(conn);
    }
}

static void on_read(struct bufferevent *bev, void *context)
{
    (void)bev;
    conn_read(context);
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
        deadline_arm(conn, REQUEST_DEADLINE_MS);
        return;
    }
    if (conn->close_after && conn->unread_bytes == 0) {
        conn_free(conn);
        return;
    }
    if (conn->close_after) {
        conn->state = CONN_LINGER;
        (void)shutdown(bufferevent_getfd(bev), SHUT_WR);
        deadline_arm(conn, LINGER_DEADLINE_MS);
    } else {
        conn->state = CONN_HEAD;
        deadline_arm(conn, conn->server->draining ? 0 : REQUEST_DEADLINE_MS);
    }
    bufferevent_trigger(bev, EV_READ, BEV_TRIG_IGNORE_WATERMARKS | BEV_TRIG_DEFER_CALLBACKS);
}

static void on_event(struct bufferevent *bev, short what, void *context)
{
    (void)bev;
    if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR | BEV_EVENT_TIMEOUT)) {
        conn_free(context);
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
        conn_free(conn);
        return;
    }
    conn_refuse(conn, 408, "the request did not arrive in time");
    if (conn->gone) {
        conn_free(conn);
    }
}

void http_conn_answered(struct http_conn *conn)
{
    conn->state = CONN_WRITING;
    deadline_arm(conn, REQUEST_DEADLINE_MS);
}

void http_conn_streaming(struct http_conn *conn)
{
    conn->state = CONN_STREAM;
    conn->server->stream_count++;
    evtimer_del(conn->deadline);
}

void http_conn_stream_ended(struct http_conn *conn)
{
    conn->server->stream_count--;
    conn->state = CONN_WRITING;
    conn->unread_bytes = 0;
    deadline_arm(conn, LINGER_DEADLINE_MS);
    bufferevent_trigger(conn->bev, EV_WRITE, BEV_TRIG_DEFER_CALLBACKS);
}

/* ---- accepting ---- */

static bool is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof(in));
        return (ntohl(in.sin_addr.s_addr) >> 24) == 127;
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, address, sizeof(in6));
        return IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr) ||
               (IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr) && in6.sin6_addr.s6_addr[12] == 127);
    }
    return false;
}

static void peer_name(const struct sockaddr *address, char ret_name[static 48])
{
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    const void *bytes = NULL;
    if (address->sa_family == AF_INET) {
        memcpy(&in, address, sizeof(in));
        bytes = &in.sin_addr;
    } else if (address->sa_family == AF_INET6) {
        memcpy(&in6, address, sizeof(in6));
        bytes = &in6.sin6_addr;
    }
    ret_name[0] = '\0';
    if (bytes) {
        (void)evutil_inet_ntop(address->sa_family, bytes, ret_name, 48);
    }
}

static void turn_away(evutil_socket_t fd)
{
    static const char busy[] = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n"
                               "Retry-After: 1\r\nConnection: close\r\n\r\n";
    (void)send(fd, busy, sizeof(busy) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    (void)evutil_closesocket(fd);
}

static bool conn_set_up(struct http_conn *conn, evutil_socket_t fd)
{
    conn->bev = bufferevent_socket_new(
        conn->server->base, fd, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
    conn->deadline = evtimer_new(conn->server->base, on_deadline, conn);
    if (!conn->bev || !conn->deadline) {
        return false;
    }
    bufferevent_setcb(conn->bev, on_read, on_written, on_event, conn);
    bufferevent_setwatermark(conn->bev, EV_READ, 0, INPUT_BYTES_MAX);
    return bufferevent_enable(conn->bev, EV_READ | EV_WRITE) == 0;
}

static void on_accept(
    struct evconnlistener *listener,
    evutil_socket_t fd,
    struct sockaddr *address,
    int address_bytes,
    void *context)
{
    (void)listener;
    (void)address_bytes;
    struct http_server *server = context;
    struct http_conn *conn =
        server->conn_count < HTTP_CONNECTIONS_MAX ? calloc(1, sizeof(*conn)) : NULL;
    if (!conn) {
        turn_away(fd);
        return;
    }
    conn->server = server;
    conn->file = -1;
    conn->loopback = is_loopback(address);
    peer_name(address, conn->peer);
    if (!conn_set_up(conn, fd)) {
        if (conn->deadline) {
            event_free(conn->deadline);
        }
        if (conn->bev) {
            bufferevent_free(conn->bev);
        } else {
            turn_away(fd);
        }
        free(conn);
        return;
    }
    conn->next = server->conns;
    if (server->conns) {
        server->conns->previous = conn;
    }
    server->conns = conn;
    server->conn_count++;
    deadline_arm(conn, HEAD_DEADLINE_MS);
}

static void on_accept_again(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct http_server *server = context;
    if (!server->draining) {
        (void)evconnlistener_enable(server->listener);
    }
}

/* Out of descriptors, most likely: trying again at once would spin. */
static void on_accept_error(struct evconnlistener *listener, void *context)
{
    struct http_server *server = context;
    const struct timeval wait = timeval_of(ACCEPT_PAUSE_MS);
    log_warn(
        "http_accept_failed", "why=\"%s\" retry_in_ms=%d",
        evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR()), ACCEPT_PAUSE_MS);
    (void)evconnlistener_disable(listener);
    evtimer_add(server->resume, &wait);
}

static int port_of(struct evconnlistener *listener)
{
    struct sockaddr_storage address = {0};
    socklen_t bytes = sizeof(address);
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    if (getsockname(evconnlistener_get_fd(listener), (struct sockaddr *)&address, &bytes) != 0) {
        return 0;
    }
    if (address.ss_family == AF_INET6) {
        memcpy(&in6, &address, sizeof(in6));
        return ntohs(in6.sin6_port);
    }
    memcpy(&in, &address, sizeof(in));
    return ntohs(in.sin_port);
}

/* "127.0.0.1:8420", "[::1]:8420", "localhost:8420"; port 0 lets the system choose. */
static bool listen_address(const char *listen, struct sockaddr_storage *ret_address, int *ret_bytes)
{
    char host[96];
    int64_t port = 0;
    struct sockaddr_storage address = {0};
    int bytes = sizeof(address);
    const char *colon = strrchr(listen, ':');
    if (!colon || text_parse_i64(text_of(colon + 1), &port) || port < 0 || port > 65535 ||
        (size_t)(colon - listen) >= sizeof(host)) {
        return false;
    }
    (void)snprintf(host, sizeof(host), "%.*s", (int)(colon - listen), listen);
    if (strcmp(host, "localhost") == 0) {
        (void)snprintf(host, sizeof(host), "127.0.0.1");
    }
    if (evutil_parse_sockaddr_port(host, (struct sockaddr *)&address, &bytes) != 0) {
        return false;
    }
    if (address.ss_family == AF_INET6) {
        ((struct sockaddr_in6 *)&address)->sin6_port = htons((uint16_t)port);
    } else {
        ((struct sockaddr_in *)&address)->sin_port = htons((uint16_t)port);
    }
    *ret_address = address;
    *ret_bytes = bytes;
    return true;
}

enum err http_server_create(
    struct event_base *base,
    const char *listen,
    const struct http_handler *handler,
    struct http_server **ret_server,
    struct err_why *why)
{
    struct sockaddr_storage address;
    int bytes = 0;
    if (!listen_address(listen, &address, &bytes)) {
        return err_set(
            why, ERR_PARSE, "http.listen: \"%s\" is not an address such as 127.0.0.1:8420", listen);
    }
    struct http_server *server = calloc(1, sizeof(*server));
    if (!server) {
        return err_set(why, ERR_NO_MEMORY, "no memory for the HTTP server");
    }
    (void)signal(SIGPIPE, SIG_IGN); /* a client that leaves must not end the process */
    server->base = base;
    server->handler = handler;
    server->resume = evtimer_new(base, on_accept_again, server);
    server->listener = evconnlistener_new_bind(
        base, on_accept, server, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE,
        256, (struct sockaddr *)&address, bytes);
    if (!server->resume || !server->listener) {
        const char *reason = evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR());
        const enum err err = err_set(why, ERR_IO, "cannot listen on %s: %s", listen, reason);
        http_server_free(server);
        return err;
    }
    evconnlistener_set_error_cb(server->listener, on_accept_error);
    server->port = port_of(server->listener);
    *ret_server = server;
    return ERR_OK;
}

void http_server_free(struct http_server *server)
{
    if (!server) {
        return;
    }
    server->draining = true;
    if (server->listener) {
        evconnlistener_free(server->listener);
    }
    if (server->resume) {
        event_free(server->resume);
    }
    struct http_conn *next = NULL;
    for (struct http_conn *conn = server->conns; conn; conn = next) {
        next = conn->next;
        conn_free(conn);
    }
    free(server);
}

int http_server_port(const struct http_server *server)
{
    return server->port;
}

void http_server_drain(struct http_server *server)
{
    server->draining = true;
    (void)evconnlistener_disable(server->listener);
    for (struct http_conn *conn = server->conns; conn; conn = conn->next) {
        if (conn->state == CONN_HEAD) {
            deadline_arm(conn, 0);
        }
    }
}

size_t http_server_busy(const struct http_server *server)
{
    size_t busy = 0;
    for (const struct http_conn *conn = server->conns; conn; conn = conn->next) {
        busy +=
            conn->state == CONN_BODY || conn->state == CONN_HANDLING || conn->state == CONN_WRITING;
    }
    return busy;
}

size_t http_server_connections(const struct http_server *server)
{
    return server->conn_count;
}

int64_t http_server_requests(const struct http_server *server)
{
    return server->request_count;
}
