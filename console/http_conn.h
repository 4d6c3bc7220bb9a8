/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the HTTP server share.
 */
#ifndef NRT_CONSOLE_HTTP_CONN_H
#define NRT_CONSOLE_HTTP_CONN_H

#include <sys/time.h>

#include <event2/util.h>

#include "base/address.h"
#include "console/http.h"

struct bufferevent;
struct event;
struct evconnlistener;

enum conn_state {
    CONN_HEAD,     /* waiting for a head, or reading it */
    CONN_BODY,     /* reading the body */
    CONN_HANDLING, /* the handler has the call */
    CONN_WRITING,  /* the answer is on its way */
    CONN_STREAM,
    CONN_LINGER, /* answered without having read all: the rest is read and thrown away */
    CONN_STATE_COUNT
};

struct http_conn {
    struct http_server *server;
    struct http_conn *previous;
    struct http_conn *next;
    struct bufferevent *bev;
    struct event *deadline;
    struct http_call *call;
    enum conn_state state;
    int64_t since_ms;     /* monotonic: in this state */
    struct address place; /* of the peer; of an IPv6 address its network */
    char peer[48];
    bool loopback;
    bool close_after;     /* this answer is the last one */
    bool gone;            /* to be freed at the end of the callback that found it out */
    int64_t unread_bytes; /* of the body of the present request */
    size_t body_bytes;    /* reserved in the server's budget */
    size_t body_room;     /* bytes at the call's body_memory */
    size_t held_bytes;    /* of the answer on its way, in the server's sum */
    int file;             /* what is sent piece by piece; -1: nothing */
    int64_t file_bytes;   /* still to be read of it */
};

/* An answer that waits for the loop (console/http_keep.c). */
struct http_kept {
    int status; /* 0: not answered yet */
    char type[96];
    struct buf body;
    int file; /* instead of the body; -1: none */
    int64_t file_bytes;
};
void http_kept_free(struct http_kept *kept); /* accepts NULL */
void http_kept_take(struct http_call *call, int status, const char *type, struct text body);
void http_kept_take_file(
    struct http_call *call, int status, const char *type, int fd, int64_t bytes);

/* An answer's head and the end of it, for whoever writes the body (console/http_answer.c). */
void http_head_write(struct http_call *call, int status, const char *type, int64_t body_bytes);
/* Tells whoever wants to know how the call was answered. */
void http_call_answered(struct http_call *call, int status);
/* malloc'd bytes of a body: they are given over, in any case. False when memory is out. */
bool http_memory_write(struct http_conn *conn, char *memory, size_t bytes);
bool http_body_wanted(const struct http_call *call, int status, int64_t body_bytes);

struct http_server {
    struct event_base *base;
    const struct http_handler *handler;
    struct http_options options;
    struct evconnlistener *listener;
    struct event *resume;    /* accepting again after running out of descriptors */
    struct http_conn *conns; /* the newest change of state first */
    struct http_conn *last;
    size_t conn_count;
    size_t stream_count;
    size_t body_bytes;
    size_t held_bytes; /* of all answers that wait for their readers */
    int64_t request_count;
    int64_t evicted_count;
    int port;
    bool draining;
};

/*
 * The beginning of an accepted connection: its place in the server's list and its callbacks. False
 * when memory is out; what was made of it is then still there.
 */
bool http_conn_begin(struct http_conn *conn, evutil_socket_t fd);
/* What http_conn_begin() could not begin; the descriptor is closed. */
void http_conn_drop(struct http_conn *conn, evutil_socket_t fd);
void http_conn_free(struct http_conn *conn);
void http_conn_deadline(struct http_conn *conn, int64_t ms);
struct timeval http_timeval(int64_t ms);

/* Where the connection goes after an answer was written to its buffer (console/http_server.c). */
void http_conn_answered(struct http_conn *conn);
void http_conn_streaming(struct http_conn *conn);
void http_conn_stream_ended(struct http_conn *conn);
void http_call_free(struct http_call *call);
/* So many bytes of an answer are ours until its reader has taken them. */
void http_conn_hold(struct http_conn *conn, size_t bytes);
/* Where too much is held, the longest waiting readers of long answers are let go. */
void http_relieve(struct http_server *server);
/* The next piece of the connection's file goes into its output; false: that was all. */
bool http_file_next(struct http_conn *conn);
void http_file_close(struct http_conn *conn);

#endif
