/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The small readers: instants, numbers, base64, percent-encoding, UTF-8, quoted log values.
 * What one of them accepts must come back the same; nothing may look past the end.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/log.h"
#include "base/must.h"
#include "base/text.h"
#include "base/wall.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count);

static void try_wall(struct text text)
{
    struct wall_ms at = {0};
    struct wall_ms back = {0};
    char written[WALL_TEXT_BYTES];
    if (wall_parse(text.ptr, text.bytes, &at) != ERR_OK)
        return;
    MUST(at.ms >= 0 && at.ms <= WALL_MS_MAX);
    wall_format(at, 28800, written);
    MUST(wall_parse(written, strlen(written), &back) == ERR_OK && back.ms == at.ms);
}

static void try_number(struct text text)
{
    int64_t number = 0;
    int64_t back = 0;
    char written[24];
    if (text_parse_i64(text, &number) != ERR_OK)
        return;
    (void)snprintf(written, sizeof written, "%" PRId64, number);
    MUST(text_parse_i64(text_of(written), &back) == ERR_OK && back == number);
}

static void try_base64(struct text text)
{
    struct buf raw;
    struct buf back;
    buf_init(&raw, SIZE_MAX);
    buf_init(&back, SIZE_MAX);
    if (crypto_base64_decode(text, &raw) == ERR_OK) {
        crypto_base64(&back, (const uint8_t *)raw.ptr, raw.bytes);
        MUST(text_equal(buf_view(&back), text));
    }
    MUST(raw.bytes <= text.bytes);
    buf_release(&raw);
    buf_release(&back);
}

static void try_url(struct text text)
{
    struct buf encoded;
    struct buf decoded;
    buf_init(&encoded, SIZE_MAX);
    buf_init(&decoded, SIZE_MAX);
    crypto_url_encode(&encoded, text);
    const bool has_nul = text.bytes && memchr(text.ptr, 0, text.bytes);
    const enum err err = crypto_url_decode(&decoded, buf_view(&encoded), true);
    MUST(err == (has_nul ? ERR_PARSE : ERR_OK));
    MUST(has_nul || text_equal(buf_view(&decoded), text));
    buf_clear(&decoded);
    if (crypto_url_decode(&decoded, text, true) == ERR_OK)
        MUST(decoded.bytes <= text.bytes);
    buf_release(&encoded);
    buf_release(&decoded);
}

static void try_utf8(struct text text)
{
    const bool valid = utf8_valid(text);
    size_t at = 0;
    while (at < text.bytes) {
        const size_t bytes = utf8_char_bytes(text.ptr + at, text.bytes - at);
        if (bytes == 0)
            break;
        at += bytes;
    }
    MUST(valid == (at == text.bytes));
    MUST(utf8_columns(text) <= 2 * text.bytes);
    MUST(utf8_utf16_units(text) <= 2 * text.bytes);
    for (size_t cut = 0; valid && cut <= text.bytes; cut += 1 + cut / 4) {
        const struct text kept = utf8_cut(text, cut);
        MUST(utf8_valid(kept) && kept.bytes <= cut && kept.bytes + 4 > cut);
    }
}

static void try_quote(struct text text)
{
    char quoted[LOG_QUOTED_BYTES];
    log_quote(text, quoted);
    const size_t bytes = strlen(quoted);
    MUST(bytes > 0 && bytes < sizeof quoted);
    MUST(quoted[0] != '"' ? !strpbrk(quoted, "\" =\\") : bytes >= 2 && quoted[bytes - 1] == '"');
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count)
{
    /* An exact copy on the heap: the sanitizer sees a look past the end. */
    char *const copy = malloc(byte_count ? byte_count : 1);
    MUST(copy);
    if (byte_count)
        memcpy(copy, bytes, byte_count);
    const struct text text = {.ptr = copy, .bytes = byte_count};
    try_wall(text);
    try_number(text);
    try_base64(text);
    try_url(text);
    try_utf8(text);
    try_quote(text);
    (void)text_distance(text, text_of("title"));
    free(copy);
    return 0;
}
