/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The head of a request, from anybody who can reach the port: refused with a status, or texts
 * that stay inside the bytes, a path without tricks, and one length of the body.
 */
#include <stdint.h>
#include <string.h>

#include "base/must.h"
#include "console/http_head.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count);

static uint64_t read_all(struct text text)
{
    uint64_t sum = 0;
    for (size_t index = 0; index < text.bytes; index++) {
        sum += (unsigned char)text.ptr[index];
    }
    return sum;
}

static void check_path(struct text path)
{
    MUST(path.bytes > 0 && path.ptr[0] == '/' && utf8_valid(path));
    MUST(!memmem(path.ptr, path.bytes, "/../", 4) && !memmem(path.ptr, path.bytes, "//", 2));
    for (size_t index = 0; index < path.bytes; index++) {
        MUST((unsigned char)path.ptr[index] >= 0x20 && path.ptr[index] != '\\');
    }
}

static uint64_t check_pairs(const struct http_pair *pairs, size_t count)
{
    uint64_t sum = 0;
    for (size_t index = 0; index < count; index++) {
        sum += read_all(pairs[index].name) + read_all(pairs[index].value);
        MUST(
            !pairs[index].value.bytes ||
            !memchr(pairs[index].value.ptr, '\0', pairs[index].value.bytes));
    }
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count)
{
    struct arena arena;
    struct http_head head;
    const char *why = NULL;
    uint64_t sum = 0;
    if (byte_count > HTTP_HEAD_BYTES_MAX) {
        return 0; /* the server refuses these before they are read */
    }
    arena_init(&arena, (size_t)1024 * 1024);
    const struct text text = {.ptr = (const char *)bytes, .bytes = byte_count};
    const int status = http_head_read(text, &arena, &head, &why);
    MUST(status == 0 || (status >= 400 && status < 600 && why));
    if (status == 0) {
        MUST(head.body_bytes >= 0 && http_header(&head, "host").ptr);
        MUST(!http_header(&head, "transfer-encoding").ptr);
        check_path(head.path);
        sum += http_accepts_coding(&head, "gzip");
        sum += check_pairs(head.headers, head.header_count);
        sum += check_pairs(head.params, head.param_count);
    }
    arena_release(&arena);
    return sum == UINT64_MAX; /* keeps the reading from being optimised away */
}
