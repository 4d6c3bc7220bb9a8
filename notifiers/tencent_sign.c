/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key of the day is derived from the secret key, date, service and a fixed word; with it the
 * hash of the canonical request is signed. The day is that of UTC.
 */
#include "notifiers/tencent_sign.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/crypto.h"
#include "notifiers/cloud.h"

#define TC3_ALGORITHM     "TC3-HMAC-SHA256"
#define TC3_END           "tc3_request"
#define TC3_CONTENT_TYPE  "application/json"
#define TC3_KEY_BYTES_MAX ((size_t)1024)

static void derive(uint8_t key[static SHA256_BYTES], const char *word)
{
    const struct text from = {.ptr = (const char *)key, .bytes = SHA256_BYTES};
    uint8_t next[SHA256_BYTES];
    crypto_hmac_sha256(from, text_of(word), next);
    for (size_t index = 0; index < SHA256_BYTES; index++) {
        key[index] = next[index];
    }
}

/* HMACs of date, service and the last word, one keyed with the other. */
static enum err signing_key(
    const struct tc3 *tc3, const char *day, uint8_t ret_key[static SHA256_BYTES])
{
    struct buf first;
    buf_init(&first, TC3_KEY_BYTES_MAX);
    buf_string(&first, "TC3");
    buf_text(&first, tc3->secret_key);
    const enum err err = buf_error(&first);
    if (!err) {
        crypto_hmac_sha256(buf_view(&first), text_of(day), ret_key);
        derive(ret_key, tc3->service);
        derive(ret_key, TC3_END);
    }
    buf_release(&first);
    return err;
}

enum err tc3_authorize(
    const struct tc3 *tc3,
    struct text canonical,
    const char *signed_headers,
    struct buf *authorization)
{
    uint8_t key[SHA256_BYTES];
    char day[WALL_TEXT_BYTES];
    char scope[WALL_TEXT_BYTES + 64];
    (void)wall_format(tc3->now, 0, day);
    day[10] = '\0';
    (void)snprintf(scope, sizeof(scope), "%s/%s/" TC3_END, day, tc3->service);
    const enum err err = signing_key(tc3, day, key);
    if (err) {
        return err;
    }
    struct buf to_sign;
    buf_init(&to_sign, 512);
    buf_format(&to_sign, TC3_ALGORITHM "\n%" PRId64 "\n%s\n", tc3->now.ms / 1000, scope);
    crypto_sha256_hex(&to_sign, canonical);
    buf_format(
        authorization, TC3_ALGORITHM " Credential=%.*s/%s, SignedHeaders=%s, Signature=",
        TEXT_ARGS(tc3->secret_id), scope, signed_headers);
    crypto_hmac_sha256_hex(
        authorization, (struct text){.ptr = (const char *)key, .bytes = sizeof(key)},
        buf_view(&to_sign));
    const enum err full = buf_error(&to_sign);
    buf_release(&to_sign);
    return full ? full : buf_error(authorization);
}

enum err tc3_sign(const struct tc3 *tc3, struct http_request *request)
{
    const struct url_parts parts = url_parts_of(buf_view(&request->url));
    struct buf canonical;
    struct buf authorization;
    buf_init(&canonical, HTTP_URL_BYTES_MAX);
    buf_init(&authorization, HTTP_SMALL_BYTES_MAX);
    buf_format(
        &canonical, "%s\n%.*s\n%.*s\ncontent-type:" TC3_CONTENT_TYPE "\nhost:%.*s\n\n",
        request->method, TEXT_ARGS(parts.path), TEXT_ARGS(parts.query), TEXT_ARGS(parts.host));
    buf_string(&canonical, "content-type;host\n");
    crypto_sha256_hex(&canonical, buf_view(&request->body));
    enum err err = buf_error(&canonical);
    err = err ? err : tc3_authorize(tc3, buf_view(&canonical), "content-type;host", &authorization);
    http_request_header(request, "Content-Type", TEXT_LITERAL(TC3_CONTENT_TYPE));
    http_request_header(request, "Authorization", buf_view(&authorization));
    buf_release(&canonical);
    buf_release(&authorization);
    return err ? err : http_request_error(request);
}
