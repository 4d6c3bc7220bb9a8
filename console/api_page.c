/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page and its files: a fixed table in the binary, never a path that was joined; beside each
 * that shrinks stands its gzip. Files whose names are made of their content may be kept for good,
 * the others are asked for again each time, which their ETag makes cheap: a new version shows at
 * once. All of this runs on the loop.
 */
#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "base/embed.h"
#include "console/api.h"

#define ETAG_BYTES    40
#define ETAGS_MAX     512
#define NAME_BYTES    160
#define KEPT_FOR_GOOD "public, max-age=31536000, immutable"

static const char *type_of(const char *name)
{
    static const struct {
        const char *end;
        const char *type;
    } types[] = {
        {".html", "text/html; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".svg", "image/svg+xml"},
        {".json", "application/json; charset=utf-8"},
        {".woff2", "font/woff2"},
        {".png", "image/png"},
        {".ico", "image/x-icon"},
        {".webmanifest", "application/manifest+json"},
    };
    const struct text text = text_of(name);
    for (size_t index = 0; index < sizeof(types) / sizeof(types[0]); index++) {
        const struct text end = text_of(types[index].end);
        if (text.bytes > end.bytes &&
            text_is((struct text){text.ptr + text.bytes - end.bytes, end.bytes}, end.ptr)) {
            return types[index].type;
        }
    }
    return "application/octet-stream";
}

static void etag_make(struct text bytes, char ret_etag[static ETAG_BYTES])
{
    uint8_t digest[SHA256_BYTES];
    struct buf hex;
    buf_init(&hex, 64);
    crypto_sha256(bytes, digest);
    crypto_hex(&hex, digest, 16);
    (void)snprintf(ret_etag, ETAG_BYTES, "\"%s\"", hex.ptr ? hex.ptr : "");
    buf_release(&hex);
}

/* Made when a file is first asked for, and kept: the largest would take milliseconds each time. */
static const char *etag_of(struct text bytes, char ret_etag[static ETAG_BYTES])
{
    static struct {
        const char *of;
        char etag[ETAG_BYTES];
    } known[ETAGS_MAX];
    size_t at = 0;
    while (at < ETAGS_MAX && known[at].of && known[at].of != bytes.ptr) {
        at++;
    }
    if (at == ETAGS_MAX) {
        etag_make(bytes, ret_etag);
        return ret_etag;
    }
    if (!known[at].of) {
        etag_make(bytes, known[at].etag);
        known[at].of = bytes.ptr;
    }
    return known[at].etag;
}

static struct text file_of(const char *name)
{
    return embedded_find(nrt_embedded_web, nrt_embedded_web_count, name);
}

static bool ends_in(const char *name, const char *end)
{
    const size_t name_bytes = strlen(name);
    const size_t end_bytes = strlen(end);
    return name_bytes > end_bytes && strcmp(name + name_bytes - end_bytes, end) == 0;
}

/* "assets/index-BxYz0123.js": another content has another name; the build sees to that. */
static bool is_named_by_content(const char *name)
{
    return strncmp(name, "assets/", 7) == 0;
}

/* Among those that a client has; the header may list several. */
static bool has_it(const struct http_call *call, const char *etag)
{
    const struct text known = http_header(&call->head, "if-none-match");
    return known.bytes > 0 && memmem(known.ptr, known.bytes, etag, strlen(etag)) != NULL;
}

/* The bytes to send: compressed where there are such and the client takes them. */
static struct text choose(struct http_call *call, const char *name)
{
    char packed_name[NAME_BYTES];
    (void)snprintf(packed_name, sizeof(packed_name), "%s.gz", name);
    const struct text plain = file_of(name);
    const struct text packed = file_of(packed_name);
    if (!packed.ptr) {
        return plain;
    }
    http_add_header(call, "Vary", "Accept-Encoding");
    if (!http_accepts_coding(&call->head, "gzip")) {
        return plain;
    }
    http_add_header(call, "Content-Encoding", "gzip");
    return packed;
}

void api_page(struct console *console, struct http_call *call)
{
    (void)console;
    char made[ETAG_BYTES];
    char name[NAME_BYTES - 8] = "index.html";
    const struct text path = call->head.path;
    if (path.bytes > 1) {
        (void)snprintf(name, sizeof(name), "%.*s", (int)path.bytes - 1, path.ptr + 1);
    }
    if (!file_of(name).ptr || ends_in(name, ".gz")) {
        problem_answer(call, PROBLEM_NOT_FOUND, "there is no such file");
        return;
    }
    const struct text bytes = choose(call, name);
    const char *const etag = etag_of(bytes, made);
    http_add_header(call, "ETag", etag);
    http_add_header(call, "Cache-Control", is_named_by_content(name) ? KEPT_FOR_GOOD : "no-cache");
    if (has_it(call, etag)) {
        http_answer(call, 304, NULL, (struct text){0});
    } else {
        http_answer_lasting(call, 200, type_of(name), bytes);
    }
}
