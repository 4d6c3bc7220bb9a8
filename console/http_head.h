/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the head of an HTTP/1.x request: a pure function from bytes to a checked struct, so that
 * every rule can be tested without a socket. Strict where two readers of one request could
 * differ: how long the body is, where a header ends, what a path means.
 */
#ifndef NRT_CONSOLE_HTTP_HEAD_H
#define NRT_CONSOLE_HTTP_HEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"

#define HTTP_HEAD_BYTES_MAX ((size_t)16 * 1024)
#define HTTP_HEADERS_MAX    64
#define HTTP_PARAMS_MAX     16

enum http_method {
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_PUT,
    HTTP_DELETE,
    HTTP_OPTIONS,
    HTTP_OTHER,
    HTTP_METHOD_COUNT
};
const char *http_method_name(enum http_method method);

struct http_pair {
    struct text name; /* of headers: lower case */
    struct text value;
};

struct http_head {
    enum http_method method;
    struct text target; /* as sent */
    struct text path;   /* decoded; begins with '/', no control byte, no empty or dotted segment */
    struct text query;  /* as sent, without '?' */
    struct http_pair params[HTTP_PARAMS_MAX];
    size_t param_count;
    struct http_pair headers[HTTP_HEADERS_MAX];
    size_t header_count;
    int64_t body_bytes; /* Content-Length, 0 when absent */
    bool keep_alive;
    bool expects_continue;
};

/*
 * Read a whole head, from the first byte to the empty line's end. Texts live in the arena or
 * point into `bytes`. 0, or the HTTP status to refuse it with, and why.
 */
int http_head_read(
    struct text bytes, struct arena *arena, struct http_head *ret_head, const char **ret_why);

/* The value, .ptr NULL when absent. `name` in lower case. */
struct text http_header(const struct http_head *head, const char *name);
struct text http_param(const struct http_head *head, const char *name);

/* Does Accept-Encoding name this coding, and not with q=0? */
bool http_accepts_coding(const struct http_head *head, const char *coding);

/* A Host header's value without its port: "[::1]:8420" gives "[::1]". */
struct text http_host_name(struct text host);

#endif
