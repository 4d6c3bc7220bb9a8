/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One HTTP exchange as data, and the engine that carries it out, behind two function pointers so
 * that a simulation can put a gateway of its own there. An answer tells apart "nothing left us"
 * from "it left us and no answer came": only the first may be repeated freely.
 *
 * Everything in url, headers and body may be secret; `shown` alone may be logged.
 */
#ifndef NRT_NOTIFIERS_HTTP_H
#define NRT_NOTIFIERS_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

#define HTTP_HEADERS_MAX      16
#define HTTP_URL_BYTES_MAX    ((size_t)16 * 1024)
#define HTTP_BODY_BYTES_MAX   ((size_t)8 * 1024 * 1024)
#define HTTP_ANSWER_BYTES_MAX ((size_t)64 * 1024) /* of a gateway; what is beyond is not read */
#define HTTP_SMALL_BYTES_MAX  ((size_t)4 * 1024)  /* proxy, CA file, mail addresses */
#define HTTP_TIMEOUT_MS       20000
#define HTTP_CONNECT_MS       5000

typedef bool http_sink_fn(void *context, struct text bytes);

struct http_request {
    const char *method; /* "GET", "POST"; static */
    struct buf url;
    struct buf shown; /* "POST http://host/path": no query, no secret */
    struct buf body;
    struct buf headers[HTTP_HEADERS_MAX]; /* "Name: value" */
    size_t header_count;
    enum err error;          /* ERR_FULL: more headers than there is room for */
    int64_t timeout_ms;      /* 0: HTTP_TIMEOUT_MS */
    size_t answer_bytes_max; /* 0: HTTP_ANSWER_BYTES_MAX */
    struct buf proxy;        /* "http://proxy:3128"; empty: none, whatever the environment says */
    struct buf ca_file;      /* whose certificates are trusted; empty: the system's */
    bool pinned;             /* it holds the server's own certificate, whatever names are in it */
    struct buf mail_from;    /* smtp:// and smtps:// only: envelope */
    struct buf mail_to;
    struct buf user; /* smtp: name and password; never shown */
    struct buf password;
    /* The body of a 2xx answer goes here as it comes, however long; false ends the exchange. */
    http_sink_fn *sink; /* NULL: it is kept, up to the maximum */
    void *sink_context;
};

void http_request_init(struct http_request *request, const char *method);
void http_request_release(struct http_request *request);
/*
 * Adds "name: value". A value with a line break is left out: it would forge headers. One header
 * too many is an error of the request.
 */
void http_request_header(struct http_request *request, const char *name, struct text value);
/* The first failure of any of its buffers. */
enum err http_request_error(const struct http_request *request) ERR_MUST_USE;
/* Sets url and shown from a base URL; a base without a path gets default_path. */
void http_request_url(struct http_request *request, struct text base, const char *default_path);
/* Appends "?name=value" or "&name=value", percent-encoded. */
void http_request_query(struct http_request *request, const char *name, struct text value);

enum http_result {
    HTTP_ANSWERED,  /* a status and (up to the maximum) a body */
    HTTP_NOT_SENT,  /* no name, no connection, no TLS: the request never left */
    HTTP_NO_ANSWER, /* it left, or may have; no whole answer came */
    HTTP_FORBIDDEN, /* the address is not one this service may talk to */
    HTTP_RESULT_COUNT
};
/* "answered", "not_sent" ... */
const char *http_result_name(enum http_result result);

struct http_answer {
    enum http_result result;
    int32_t status; /* 0 unless answered */
    struct text body;
    bool truncated;         /* the body was longer than the maximum */
    int64_t retry_after_ms; /* -1: the answer did not say */
    const char *reason;     /* unless answered: one line without secrets; never NULL */
};

/* The answer is valid only until the function returns. */
typedef void http_done_fn(void *context, const struct http_answer *answer);

struct http_engine;
struct http_engine_ops {
    /* Copies the request. done is called exactly once, later, never from inside the call. */
    void (*post)(
        struct http_engine *engine,
        const struct http_request *request,
        http_done_fn *done,
        void *context);
    /* Drops what is under way without calling done; accepts NULL. */
    void (*free)(struct http_engine *engine);
};
struct http_engine {
    const struct http_engine_ops *ops;
};

#endif
