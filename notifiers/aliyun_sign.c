/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The signature covers method, path, query, host, every x-acs-* header and the hash of the body.
 * No content type: the engine is told to send none, because one that is sent has to be signed.
 */
#include "notifiers/aliyun_sign.h"

#include <stdio.h>

#include "base/crypto.h"
#include "notifiers/cloud.h"

#define ACS3_ALGORITHM   "ACS3-HMAC-SHA256"
#define ACS3_HEADERS_MAX 7
#define DATE_BYTES       19 /* "2026-01-02T03:04:05" */
#define ACS3_BYTES_MAX   (2 * HTTP_URL_BYTES_MAX)

struct acs3_headers {
    struct {
        const char *name;
        struct text value;
    } items[ACS3_HEADERS_MAX]; /* names ascending */
    size_t count;
    char date[WALL_TEXT_BYTES];
    struct buf body_hash;
};

static void add(struct acs3_headers *headers, const char *name, struct text value)
{
    headers->items[headers->count].name = name;
    headers->items[headers->count].value = value;
    headers->count++;
}

static void headers_init(
    struct acs3_headers *headers, const struct acs3 *acs3, const struct http_request *request)
{
    headers->count = 0;
    buf_init(&headers->body_hash, 128);
    crypto_sha256_hex(&headers->body_hash, buf_view(&request->body));
    (void)wall_format(acs3->now, 0, headers->date);
    (void)snprintf(headers->date + DATE_BYTES, sizeof("Z"), "Z"); /* for fraction and offset */
    add(headers, "host", url_parts_of(buf_view(&request->url)).host);
    add(headers, "x-acs-action", acs3->action);
    add(headers, "x-acs-content-sha256", buf_view(&headers->body_hash));
    add(headers, "x-acs-date", text_of(headers->date));
    if (acs3->security_token.bytes > 0) {
        add(headers, "x-acs-security-token", acs3->security_token);
    }
    add(headers, "x-acs-signature-nonce", acs3->nonce);
    add(headers, "x-acs-version", acs3->version);
}

static void add_names(const struct acs3_headers *headers, struct buf *buf)
{
    for (size_t index = 0; index < headers->count; index++) {
        buf_format(buf, "%s%s", index > 0 ? ";" : "", headers->items[index].name);
    }
}

static void add_canonical(
    const struct acs3_headers *headers, const struct http_request *request, struct buf *canonical)
{
    const struct url_parts parts = url_parts_of(buf_view(&request->url));
    buf_format(
        canonical, "%s\n%.*s\n%.*s\n", request->method, TEXT_ARGS(parts.path),
        TEXT_ARGS(parts.query));
    for (size_t index = 0; index < headers->count; index++) {
        buf_format(
            canonical, "%s:%.*s\n", headers->items[index].name,
            TEXT_ARGS(headers->items[index].value));
    }
    buf_char(canonical, '\n');
    add_names(headers, canonical);
    buf_char(canonical, '\n');
    buf_text(canonical, buf_view(&headers->body_hash));
}

void acs3_canonical(
    const struct acs3 *acs3, const struct http_request *request, struct buf *canonical)
{
    struct acs3_headers headers;
    headers_init(&headers, acs3, request);
    add_canonical(&headers, request, canonical);
    buf_release(&headers.body_hash);
}

static enum err add_authorization(
    const struct acs3 *acs3, const struct acs3_headers *headers, struct http_request *request)
{
    struct buf canonical;
    struct buf to_sign;
    struct buf value;
    buf_init(&canonical, ACS3_BYTES_MAX);
    buf_init(&to_sign, 256);
    buf_init(&value, HTTP_SMALL_BYTES_MAX);
    add_canonical(headers, request, &canonical);
    buf_string(&to_sign, ACS3_ALGORITHM "\n");
    crypto_sha256_hex(&to_sign, buf_view(&canonical));
    buf_format(&value, ACS3_ALGORITHM " Credential=%.*s,SignedHeaders=", TEXT_ARGS(acs3->key_id));
    add_names(headers, &value);
    buf_string(&value, ",Signature=");
    crypto_hmac_sha256_hex(&value, acs3->key_secret, buf_view(&to_sign));
    http_request_header(request, "Authorization", buf_view(&value));
    enum err err = buf_error(&canonical);
    err = err ? err : buf_error(&to_sign);
    err = err ? err : buf_error(&value);
    buf_release(&canonical);
    buf_release(&to_sign);
    buf_release(&value);
    return err;
}

enum err acs3_sign(const struct acs3 *acs3, struct http_request *request)
{
    struct acs3_headers headers;
    headers_init(&headers, acs3, request);
    http_request_header(request, "Content-Type", (struct text){0});
    for (size_t index = 1; index < headers.count; index++) { /* the host is the engine's */
        http_request_header(request, headers.items[index].name, headers.items[index].value);
    }
    const enum err err = add_authorization(acs3, &headers, request);
    buf_release(&headers.body_hash);
    return err ? err : http_request_error(request);
}
