/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP server's door: listening, accepting, and making room. A connection that asks for
 * nothing gives way to a new one, the longest idle first, so that however many are held open by
 * somebody who never asks, whoever asks is served.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/listener.h>

#include "base/clock.h"
#include "base/log.h"
#include "console/http_conn.h"

#define HEAD_DEADLINE_MS  15000
#define ACCEPT_PAUSE_MS   500
#define LISTEN_WAITING    512
#define UNANSWERED_MS     60000 /* sent and not acknowledged by the other machine */
#define LONG_ANSWER_BYTES ((size_t)256 * 1024)
#define SLOW_MS           10000 /* so long in a body or an answer may make way, too */
#define PLACE_BYTES_IPV6  8     /* a network of one owner: /64 */

/* ---- who it is ---- */

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

struct address http_place(struct address address)
{
    static const struct address_range old_ones = {
        .first.bytes = {[10] = 0xff, [11] = 0xff}, .bits = 96};
    if (!address_in(&address, &old_ones)) {
        memset(address.bytes + PLACE_BYTES_IPV6, 0, ADDRESS_BYTES - PLACE_BYTES_IPV6);
    }
    return address;
}

static bool same_place(const struct address *a, const struct address *b)
{
    return memcmp(a->bytes, b->bytes, ADDRESS_BYTES) == 0;
}

/* ---- making room ---- */

/* Does it ask for nothing, or has it been about the same thing for long? */
static bool may_go(const struct http_conn *conn, bool slow_ones)
{
    switch (conn->state) {
    case CONN_HEAD:
    case CONN_LINGER:
        return true;
    case CONN_BODY:
    case CONN_WRITING:
        return slow_ones && clock_mono().ms - conn->since_ms > SLOW_MS;
    case CONN_HANDLING:
    case CONN_STREAM:
    case CONN_STATE_COUNT:
        break;
    }
    return false;
}

/* The one that goes, of `place` or of all (NULL); NULL when each is at work. */
static struct http_conn *idlest(const struct http_server *server, const struct address *place)
{
    for (int slow_ones = 0; slow_ones < 2; slow_ones++) {
        struct http_conn *conn = server->last;
        while (conn && ((place && !same_place(place, &conn->place)) || !may_go(conn, slow_ones))) {
            conn = conn->previous;
        }
        if (conn) {
            return conn;
        }
    }
    return NULL;
}

void http_relieve(struct http_server *server)
{
    struct http_conn *conn = server->held_bytes > HTTP_HELD_BYTES_MAX ? server->last : NULL;
    while (conn && server->held_bytes > HTTP_HELD_BYTES_MAX / 2) {
        struct http_conn *newer = conn->previous;
        if (conn->state == CONN_WRITING && conn->held_bytes >= LONG_ANSWER_BYTES) {
            server->evicted_count++;
            http_conn_free(conn);
        }
        conn = newer;
    }
}

static size_t count_of(const struct http_server *server, const struct address *place)
{
    size_t count = 0;
    for (const struct http_conn *conn = server->conns; conn; conn = conn->next) {
        count += same_place(place, &conn->place);
    }
    return count;
}

/* Room for one more; false: everybody is at work. */
static bool make_room(struct http_server *server, const struct address *place, bool is_counted)
{
    const struct http_options *options = &server->options;
    struct http_conn *leaving = NULL;
    if (is_counted && count_of(server, place) >= options->per_place_max) {
        leaving = idlest(server, place);
    } else if (server->conn_count >= options->connections_max) {
        leaving = idlest(server, NULL);
    } else {
        return true;
    }
    if (leaving) {
        server->evicted_count++;
        http_conn_free(leaving);
    }
    return leaving != NULL;
}

/* ---- accepting ---- */

static void turn_away(const struct http_server *server, evutil_socket_t fd)
{
    static const char busy[] = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n"
                               "Retry-After: 1\r\nConnection: close\r\n\r\n";
    if (!server->options.tls) {
        (void)send(fd, busy, sizeof(busy) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    (void)evutil_closesocket(fd);
}

/* Answers go out at once, and who is not there any more is noticed. */
static void socket_set_up(evutil_socket_t fd)
{
    const int on = 1;
    const unsigned unanswered_ms = UNANSWERED_MS;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unanswered_ms, sizeof(unanswered_ms));
}

static struct http_conn *conn_make(struct http_server *server, const struct sockaddr *address)
{
    struct http_conn *conn = calloc(1, sizeof(*conn));
    if (!conn) {
        return NULL;
    }
    conn->server = server;
    conn->file = -1;
    conn->loopback = is_loopback(address);
    peer_name(address, conn->peer);
    (void)address_read(text_of(conn->peer), &conn->place);
    conn->place = http_place(conn->place);
    if (!make_room(server, &conn->place, !conn->loopback || server->options.loopback_is_counted)) {
        free(conn);
        return NULL;
    }
    return conn;
}

/* NOLINTNEXTLINE(readability-function-size): libevent's parameters */
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
    struct http_conn *conn = conn_make(server, address);
    if (!conn) {
        turn_away(server, fd);
        return;
    }
    socket_set_up(fd);
    if (http_conn_begin(conn, fd)) {
        http_conn_deadline(conn, HEAD_DEADLINE_MS);
    } else {
        http_conn_drop(conn, fd);
    }
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

/* Out of descriptors, most likely: somebody gives way; trying again at once would spin. */
static void on_accept_error(struct evconnlistener *listener, void *context)
{
    struct http_server *server = context;
    const struct timeval wait = http_timeval(ACCEPT_PAUSE_MS);
    struct http_conn *leaving = idlest(server, NULL);
    if (leaving) {
        server->evicted_count++;
        http_conn_free(leaving);
        return;
    }
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

static struct http_options completed(const struct http_options *given)
{
    struct http_options options = *given;
    options.connections_max =
        given->connections_max ? given->connections_max : HTTP_CONNECTIONS_MAX;
    options.per_place_max = given->per_place_max ? given->per_place_max : HTTP_PER_PLACE_MAX;
    return options;
}

static enum err listen_at(
    struct http_server *server,
    const struct sockaddr_storage *address,
    int address_bytes,
    struct err_why *why)
{
    server->resume = evtimer_new(server->base, on_accept_again, server);
    server->listener = evconnlistener_new_bind(
        server->base, on_accept, server,
        LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE, LISTEN_WAITING,
        (const struct sockaddr *)address, address_bytes);
    if (!server->resume || !server->listener) {
        const char *reason = evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR());
        return err_set(why, ERR_IO, "cannot listen on %s: %s", server->options.listen, reason);
    }
    evconnlistener_set_error_cb(server->listener, on_accept_error);
    server->port = port_of(server->listener);
    return ERR_OK;
}

enum err http_server_create(
    struct event_base *base,
    const struct http_options *options,
    const struct http_handler *handler,
    struct http_server **ret_server,
    struct err_why *why)
{
    struct sockaddr_storage address;
    int bytes = 0;
    if (!listen_address(options->listen, &address, &bytes)) {
        return err_set(
            why, ERR_PARSE, "%s: \"%s\" is not an address such as 127.0.0.1:8420",
            options->listen_key ? options->listen_key : "http.listen", options->listen);
    }
    struct http_server *server = calloc(1, sizeof(*server));
    if (!server) {
        return err_set(why, ERR_NO_MEMORY, "no memory for the HTTP server");
    }
    (void)signal(SIGPIPE, SIG_IGN); /* a client that leaves must not end the process */
    server->base = base;
    server->handler = handler;
    server->options = completed(options);
    const enum err err = listen_at(server, &address, bytes, why);
    if (err) {
        http_server_free(server);
        return err;
    }
    server->options.listen = NULL; /* the caller's */
    server->options.listen_key = NULL;
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
        http_conn_free(conn);
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
            http_conn_deadline(conn, 0);
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

int64_t http_server_evicted(const struct http_server *server)
{
    return server->evicted_count;
}
