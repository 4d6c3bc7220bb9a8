/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page and its files: a fixed table in the binary, never a path that was joined. Each answer
 * has an ETag, so that a reload costs nothing and a new version shows at once.
 */
#include <stdio.h>

#include "base/crypto.h"
#include "base/embed.h"
#include "console/api.h"

static const char *type_of(const char *name)
{
    static const struct {
        const char *end;
        const char *type;
    } types[] = {
        {".html", "text/html; charset=utf-8"},        {".css", "text/css; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},    {".svg", "image/svg+xml"},
        {".json", "application/json; charset=utf-8"},
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

static void etag_of(struct text bytes, char ret_etag[static 40])
{
    uint8_t digest[SHA256_BYTES];
    struct buf hex;
    buf_init(&hex, 64);
    crypto_sha256(bytes, digest);
    crypto_hex(&hex, digest, 16);
    (void)snprintf(ret_etag, 40, "\"%s\"", hex.ptr ? hex.ptr : "");
    buf_release(&hex);
}

void api_page(struct console *console, struct http_call *call)
{
    (void)console;
    char etag[40];
    const struct text path = call->head.path;
    const char *name = "index.html";
    if (path.bytes > 1) {
        name = arena_string(&call->arena, (struct text){path.ptr + 1, path.bytes - 1});
    }
    const struct text bytes =
        name ? embedded_find(nrt_embedded_web, nrt_embedded_web_count, name) : (struct text){0};
    if (!bytes.ptr) {
        problem_answer(call, PROBLEM_NOT_FOUND, "there is no such file");
        return;
    }
    etag_of(bytes, etag);
    http_add_header(call, "ETag", etag);
    http_add_header(call, "Cache-Control", "no-cache");
    if (text_is(http_header(&call->head, "if-none-match"), etag)) {
        http_answer(call, 304, NULL, (struct text){0});
    } else {
        http_answer(call, 200, type_of(name), bytes);
    }
}
