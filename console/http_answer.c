/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing answers: status line, the headers every answer carries, body or stream. Nothing from
 * outside ever gets into a header.
 */
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>

#include "base/must.h"
#include "console/http_conn.h"

#define STREAM_BACKLOG_BYTES_MAX ((size_t)256 * 1024)
#define EXTRA_HEADERS_BYTES_MAX  ((size_t)4096)
#define COPIED_BYTES_MAX         ((size_t)64 * 1024)

static const char common_headers[] =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self';"
    " img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-ancestors 'none';"
    " base-uri 'none'; form-action 'self'\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "X-Frame-Options: DENY\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n";

/* Half a year: who has come by TLS once is not led away from it. */
static const char only_tls[] = "Strict-Transport-Security: max-age=15552000\r\n";

const char *http_status_text(int status)
{
    static const struct {
        int status;
        const char *text;
    } texts[] = {
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {411, "Length Required"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {415, "Unsupported Media Type"},
        {417, "Expectation Failed"},
        {421, "Misdirected Request"},
        {422, "Unprocessable Content"},
        {428, "Precondition Required"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
        {505, "HTTP Version Not Supported"},
        {507, "Insufficient Storage"},
    };
    for (size_t index = 0; index < sizeof(texts) / sizeof(texts[0]); index++) {
        if (texts[index].status == status) {
            return texts[index].text;
        }
    }
    return "Other";
}

void http_add_header(struct http_call *call, const char *name, const char *value)
{
    MUST(!strpbrk(name, "\r\n") && !strpbrk(value, "\r\n"));
    call->extra_headers.bytes_max = EXTRA_HEADERS_BYTES_MAX;
    buf_format(&call->extra_headers, "%s: %s\r\n", name, value);
}

static bool has_extra(const struct http_call *call, const char *name)
{
    return call->extra_headers.bytes > 0 && strstr(call->extra_headers.ptr, name) != NULL;
}

void http_head_write(struct http_call *call, int status, const char *type, int64_t body_bytes)
{
    struct http_conn *conn = call->conn;
    struct evbuffer *out = bufferevent_get_output(conn->bev);
    if (!call->head.keep_alive || conn->unread_bytes > 0 || conn->server->draining) {
        conn->close_after = true;
    }
    evbuffer_add_printf(out, "HTTP/1.1 %d %s\r\n", status, http_status_text(status));
    if (type) {
        evbuffer_add_printf(out, "Content-Type: %s\r\n", type);
    }
    if (body_bytes >= 0 && status != 204 && status != 304) {
        evbuffer_add_printf(out, "Content-Length: %lld\r\n", (long long)body_bytes);
    }
    if (!has_extra(call, "Cache-Control: ")) {
        evbuffer_add_printf(out, "Cache-Control: no-store\r\n");
    }
    evbuffer_add(out, common_headers, sizeof(common_headers) - 1);
    if (call->extra_headers.bytes > 0) {
        evbuffer_add(out, call->extra_headers.ptr, call->extra_headers.bytes);
    }
    if (call->over_tls) {
        evbuffer_add(out, only_tls, sizeof(only_tls) - 1);
    }
    if (conn->close_after) {
        evbuffer_add_printf(out, "Connection: close\r\n");
    }
    evbuffer_add_printf(out, "\r\n");
}

bool http_body_wanted(const struct http_call *call, int status, int64_t body_bytes)
{
    return call->head.method != HTTP_HEAD && status != 204 && status != 304 && body_bytes > 0;
}

void http_call_answered(struct http_call *call, int status)
{
    if (call->on_answered) {
        call->on_answered(call, status);
        call->on_answered = NULL;
    }
}

static void memory_free(const void *bytes, size_t byte_count, void *context)
{
    (void)bytes;
    (void)byte_count;
    free(context);
}

bool http_memory_write(struct http_conn *conn, char *memory, size_t bytes)
{
    struct evbuffer *out = bufferevent_get_output(conn->bev);
    if (evbuffer_add_reference(out, memory, bytes, memory_free, memory) != 0) {
        free(memory);
        return false;
    }
    http_conn_hold(conn, bytes);
    return true;
}

/* The buffer rounds what it copies up to a power of two: long bodies are copied to fit. */
static bool body_write(struct http_conn *conn, struct text body, bool lasting)
{
    struct evbuffer *out = bufferevent_get_output(conn->bev);
    if (lasting) {
        return evbuffer_add_reference(out, body.ptr, body.bytes, NULL, NULL) == 0;
    }
    if (body.bytes <= COPIED_BYTES_MAX) {
        http_conn_hold(conn, body.bytes);
        return evbuffer_add(out, body.ptr, body.bytes) == 0;
    }
    char *memory = malloc(body.bytes);
    if (memory) {
        memcpy(memory, body.ptr, body.bytes);
    }
    return memory && http_memory_write(conn, memory, body.bytes);
}

static void answer(
    struct http_call *call, int status, const char *type, struct text body, bool lasting)
{
    if (call->kept) {
        http_kept_take(call, status, type, body);
        return;
    }
    http_call_answered(call, status);
    struct http_conn *conn = call->conn;
    if (conn) {
        http_head_write(call, status, type, (int64_t)body.bytes);
        if (http_body_wanted(call, status, (int64_t)body.bytes) &&
            !body_write(conn, body, lasting)) {
            conn->close_after = true; /* short, and so it must look */
        }
        http_conn_answered(conn);
    }
    http_call_free(call);
}

void http_answer(struct http_call *call, int status, const char *type, struct text body)
{
    answer(call, status, type, body, false);
}

void http_answer_lasting(struct http_call *call, int status, const char *type, struct text body)
{
    answer(call, status, type, body, true);
}

bool http_stream_begin(struct http_call *call, const char *type)
{
    MUST(!call->kept); /* a stream belongs to the loop */
    struct http_conn *conn = call->conn;
    if (!conn) {
        return false;
    }
    if (conn->server->stream_count >= HTTP_STREAMS_MAX || conn->server->draining) {
        return false;
    }
    /* Without a length the stream ends with the connection. */
    conn->close_after = true;
    call->streaming = true;
    http_call_answered(call, 200);
    http_head_write(call, 200, type, -1);
    http_conn_streaming(conn);
    return true;
}

bool http_stream_write(struct http_call *call, struct text bytes)
{
    if (!call->conn) {
        return false;
    }
    struct evbuffer *out = bufferevent_get_output(call->conn->bev);
    if (evbuffer_get_length(out) + bytes.bytes > STREAM_BACKLOG_BYTES_MAX) {
        return false;
    }
    return bytes.bytes == 0 || evbuffer_add(out, bytes.ptr, bytes.bytes) == 0;
}

void http_stream_end(struct http_call *call)
{
    if (call->conn) {
        http_conn_stream_ended(call->conn);
    }
    http_call_free(call);
}
