/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers that are made beside the loop and sent by it: kept with the call, compressed in the
 * thread that made them. Answers of the loop itself are never compressed: they are small, and
 * among them are those that carry a secret next to words of the request.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>

#include "base/crypto.h"
#include "base/gzip.h"
#include "base/log.h"
#include "base/must.h"
#include "console/http_conn.h"

#define GZIP_LEVEL          5
#define GZIP_BYTES_MIN      1024
#define KEPT_BYTES_MAX      ((size_t)64 * 1024 * 1024)
#define FILE_PIECE_BYTES    ((size_t)64 * 1024)
#define DOWNLOAD_NAME_BYTES 160

/* ---- keeping ---- */

bool http_keep(struct http_call *call)
{
    struct http_kept *kept = calloc(1, sizeof(*kept));
    if (!kept) {
        return false;
    }
    buf_init(&kept->body, KEPT_BYTES_MAX);
    kept->file = -1;
    call->kept = kept;
    return true;
}

static void kept_empty(struct http_kept *kept)
{
    if (kept->file >= 0) {
        (void)close(kept->file);
        kept->file = -1;
    }
    buf_release(&kept->body);
    kept->status = 0;
}

void http_kept_free(struct http_kept *kept)
{
    if (kept) {
        kept_empty(kept);
        free(kept);
    }
}

int http_kept_status(const struct http_call *call)
{
    return call->kept ? call->kept->status : 0;
}

void http_kept_clear(struct http_call *call)
{
    kept_empty(call->kept);
    buf_clear(&call->extra_headers);
}

static bool is_text(const char *type)
{
    return type && (strstr(type, "json") || strncmp(type, "text/", 5) == 0);
}

static bool compress(struct http_call *call, const char *type, struct text body)
{
    struct http_kept *kept = call->kept;
    if (body.bytes < GZIP_BYTES_MIN || !is_text(type)) {
        return false;
    }
    http_add_header(call, "Vary", "Accept-Encoding");
    if (!http_accepts_coding(&call->head, "gzip") || !gzip_add(&kept->body, body, GZIP_LEVEL)) {
        return false;
    }
    http_add_header(call, "Content-Encoding", "gzip");
    return true;
}

static void keep_head(struct http_kept *kept, int status, const char *type)
{
    MUST(kept->status == 0); /* a handler answers once */
    kept->status = status;
    (void)snprintf(kept->type, sizeof(kept->type), "%s", type ? type : "");
}

void http_kept_take(struct http_call *call, int status, const char *type, struct text body)
{
    struct http_kept *kept = call->kept;
    keep_head(kept, status, type);
    if (!compress(call, type, body)) {
        buf_clear(&kept->body);
        buf_text(&kept->body, body);
    }
    if (buf_error(&kept->body)) {
        kept_empty(kept); /* as if it had never been answered */
    }
}

void http_kept_take_file(
    struct http_call *call, int status, const char *type, int fd, int64_t bytes)
{
    keep_head(call->kept, status, type);
    call->kept->file = fd;
    call->kept->file_bytes = bytes;
}

/* ---- sending ---- */

/* The kept bytes become the connection's. */
static void send_body(struct http_call *call, struct http_kept *kept)
{
    size_t bytes = 0;
    char *memory = buf_take(&kept->body, &bytes);
    if (!memory || !http_memory_write(call->conn, memory, bytes)) {
        call->conn->close_after = true; /* a short answer must not look like a whole one */
    }
}

static void send_bytes(struct http_call *call, struct http_kept *kept, const char *type)
{
    const int64_t bytes = (int64_t)kept->body.bytes;
    http_call_answered(call, kept->status);
    if (call->conn) {
        http_head_write(call, kept->status, type, bytes);
        if (http_body_wanted(call, kept->status, bytes)) {
            send_body(call, kept);
        }
        http_conn_answered(call->conn);
    }
    http_call_free(call);
}

void http_kept_send(struct http_call *call)
{
    struct http_kept *kept = call->kept;
    const char *type = kept->type[0] ? kept->type : NULL;
    MUST(kept->status > 0);
    call->kept = NULL;
    if (kept->file >= 0) {
        const int fd = kept->file;
        kept->file = -1; /* given over */
        http_answer_file(call, kept->status, type, fd, kept->file_bytes, NULL);
    } else {
        send_bytes(call, kept, type);
    }
    http_kept_free(kept);
}

/* ---- files ---- */

/* A name in ASCII for old programs, and the name itself as RFC 6266 has it. */
static void add_download_name(struct http_call *call, const char *name)
{
    struct buf value;
    const struct text cut = utf8_cut(text_of(name), DOWNLOAD_NAME_BYTES);
    buf_init(&value, 2048);
    buf_string(&value, "attachment; filename=\"");
    for (size_t index = 0; index < cut.bytes; index++) {
        const char c = cut.ptr[index];
        const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                           (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == '_';
        const char shown = (char)(plain ? c : '_');
        buf_char(&value, shown);
    }
    buf_string(&value, "\"; filename*=UTF-8''");
    crypto_url_encode(&value, cut);
    if (!buf_error(&value)) {
        http_add_header(call, "Content-Disposition", value.ptr);
    }
    buf_release(&value);
}

void http_file_close(struct http_conn *conn)
{
    if (conn->file >= 0) {
        (void)close(conn->file);
        conn->file = -1;
    }
}

bool http_file_next(struct http_conn *conn)
{
    if (conn->file < 0) {
        return false;
    }
    struct evbuffer *out = bufferevent_get_output(conn->bev);
    const size_t want =
        conn->file_bytes < (int64_t)FILE_PIECE_BYTES ? (size_t)conn->file_bytes : FILE_PIECE_BYTES;
    struct evbuffer_iovec room;
    const bool roomy = want > 0 && evbuffer_reserve_space(out, (ev_ssize_t)want, &room, 1) == 1;
    const ssize_t got = roomy ? read(conn->file, room.iov_base, want) : 0;
    if (got > 0) {
        room.iov_len = (size_t)got;
        conn->file_bytes -= got;
        (void)evbuffer_commit_space(out, &room, 1);
        return true;
    }
    if (conn->file_bytes > 0) {
        log_warn("http_file_short", "missing_bytes=%lld", (long long)conn->file_bytes);
        conn->close_after = true; /* its end is all that tells the client */
        conn->unread_bytes = 0;
    }
    http_file_close(conn);
    return false;
}

/* NOLINTNEXTLINE(readability-function-size): everything a head says */
void http_answer_file(
    struct http_call *call,
    int status,
    const char *type,
    int fd,
    int64_t bytes,
    const char *download_name)
{
    if (download_name) {
        add_download_name(call, download_name);
    }
    if (call->kept) {
        http_kept_take_file(call, status, type, fd, bytes);
        return;
    }
    http_call_answered(call, status);
    struct http_conn *conn = call->conn;
    if (conn && http_body_wanted(call, status, bytes)) {
        http_head_write(call, status, type, bytes);
        conn->file = fd;
        conn->file_bytes = bytes;
        http_conn_answered(conn);
    } else {
        (void)close(fd);
        if (conn) {
            http_head_write(call, status, type, bytes);
            http_conn_answered(conn);
        }
    }
    http_call_free(call);
}
