/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP server: connections, limits, deadlines. One thread, on libevent's buffered sockets. It
 * knows nothing of routes. Each request becomes a call that its handler answers exactly once,
 * at once or later; a client that goes away meanwhile is the server's business alone.
 *
 * Bounds: HTTP_CONNECTIONS_MAX connections, HTTP_STREAMS_MAX of them streams, HTTP_PER_PLACE_MAX of
 * one address; where there is no room the one that has been idle longest goes. Heads of 16 KiB;
 * bodies as the handler allows, HTTP_BODIES_BYTES_MAX of all the large ones together; of answers
 * that nobody reads HTTP_HELD_BYTES_MAX, then the longest waiting go; 15 s for a head, 60 s for a
 * whole request, 60 s of silence between two.
 */
#ifndef NRT_CONSOLE_HTTP_H
#define NRT_CONSOLE_HTTP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/err.h"
#include "console/http_head.h"

#define HTTP_CONNECTIONS_MAX  2048
#define HTTP_PER_PLACE_MAX    256
#define HTTP_STREAMS_MAX      256
#define HTTP_BODIES_BYTES_MAX ((size_t)64 * 1024 * 1024)
#define HTTP_HELD_BYTES_MAX   ((size_t)192 * 1024 * 1024)

struct event_base;
struct http_server;
struct http_conn;
struct tls;
struct http_kept;

struct http_call {
    struct arena arena; /* lives as long as the call: for what a handler wants to keep */
    struct http_head head;
    struct text body;
    bool from_loopback; /* by the peer's address, and no proxy says it forwards */
    char peer[48];      /* the address at the other end, "192.0.2.7" */
    bool peer_is_loopback;
    bool over_tls;       /* on our own listener; of a proxy's nothing is known here */
    int64_t received_ms; /* monotonic */
    const void *route;   /* the handler's own */
    void *handler_data;  /* the handler's own */
    const void *asker;   /* the handler's own: who asks */
    void *act;           /* the handler's own: what the audit trail will say */
    /* Unless NULL, called once on the loop when the call is answered, before it is given back. */
    void (*on_answered)(struct http_call *call, int status);
    /* A stream's end: called once when the client has gone, after http_stream_begin. */
    void (*on_gone)(struct http_call *call);

    atomic_bool gone; /* the client has: what is being made is for nobody; read in any thread */

    /* The server's own. */
    struct http_conn *conn; /* NULL once the client has gone */
    struct http_kept *kept; /* the answer is kept until the loop sends it */
    char *body_memory;
    struct buf extra_headers;
    bool streaming;
};

struct http_admission {
    int64_t body_bytes_max; /* a longer body is refused with 413 without being read */
};

struct http_handler {
    /*
     * The head is there: say how long the body may be, or answer now (then return false). Called
     * before anything of the body is read.
     */
    bool (*admit)(void *context, struct http_call *call, struct http_admission *ret_admission);
    /* The body is there too. */
    void (*handle)(void *context, struct http_call *call);
    /* The request was refused by the server; answer it (the head may be empty). */
    void (*refuse)(void *context, struct http_call *call, int status, const char *why);
    void *context;
};

/* Zeroes stand for the usual. The server keeps a copy; texts and TLS stay the caller's. */
struct http_options {
    const char *listen;       /* "127.0.0.1:8420", "[::1]:0" */
    const char *listen_key;   /* what complaints call it: "http.listen" */
    struct tls *tls;          /* NULL: without */
    size_t connections_max;   /* HTTP_CONNECTIONS_MAX */
    size_t per_place_max;     /* of one address, or one IPv6 network: HTTP_PER_PLACE_MAX */
    bool loopback_is_counted; /* the connections of this machine, too; a proxy has many */
};

/* The server keeps `handler` by pointer. */
enum err http_server_create(
    struct event_base *base,
    const struct http_options *options,
    const struct http_handler *handler,
    struct http_server **ret_server,
    struct err_why *why) ERR_MUST_USE;
void http_server_free(struct http_server *server); /* accepts NULL; drops connections */
int http_server_port(const struct http_server *server);
/* Take no new connections and close each after its answer. */
void http_server_drain(struct http_server *server);
/* Connections with a request that is not answered yet (streams not counted). */
size_t http_server_busy(const struct http_server *server);
size_t http_server_connections(const struct http_server *server);
int64_t http_server_requests(const struct http_server *server);
/* Connections that were closed to make room. */
int64_t http_server_evicted(const struct http_server *server);

/* A header of the answer to come; name and value are ours, never from outside. */
void http_add_header(struct http_call *call, const char *name, const char *value);
/* Answer and give the call back: it must not be used afterwards. */
void http_answer(struct http_call *call, int status, const char *type, struct text body);
/* The same with bytes that last as long as the process: they are not copied. */
void http_answer_lasting(struct http_call *call, int status, const char *type, struct text body);
/*
 * The same with the next `bytes` of a regular file, sent piece by piece. The descriptor is taken
 * over and closed in any case. download_name: what a browser saves it as, UTF-8, no path; NULL:
 * it is shown. The name may come from outside: it is encoded.
 */
void http_answer_file(
    struct http_call *call,
    int status,
    const char *type,
    int fd,
    int64_t bytes,
    const char *download_name);

/*
 * Beside the loop: from here on answering the call only keeps the answer (compressed where the
 * client takes that), so that one other thread may have the call. Then, on the loop again,
 * http_kept_send() gives the call back. False when memory is out.
 */
bool http_keep(struct http_call *call) ERR_MUST_USE;
/* The status of the kept answer; 0: there is none. */
int http_kept_status(const struct http_call *call);
/* Forget the kept answer and its headers, to give another one. */
void http_kept_clear(struct http_call *call);
void http_kept_send(struct http_call *call);

/*
 * Answer with a stream that goes on until http_stream_end or the client leaves (on_gone, after
 * which the call must be given back with http_stream_end as well). False: no room for a further
 * stream; the call is still to be answered.
 */
bool http_stream_begin(struct http_call *call, const char *type);
/* False when the client does not keep up (256 KiB unread): end the stream then. */
bool http_stream_write(struct http_call *call, struct text bytes);
void http_stream_end(struct http_call *call);

const char *http_status_text(int status);
/* Who counts as one: an address, or the whole network (/64) of an IPv6 address. */
struct address http_place(struct address address);

#endif
