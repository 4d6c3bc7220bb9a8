/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order is that of the vendor's library, which sorts a tree map whose comparator ignores
 * case; libraries of other hands differ (encoded values, order of insertion) and fail.
 */
#include "notifiers/zwdd_sign.h"

#include <inttypes.h>
#include <stdio.h>
#include <strings.h>

#include "base/crypto.h"
#include "base/must.h"

#define CHINA_OFFSET_S   (8 * 3600)
#define SECOND_BYTES     19 /* "2026-01-02T11:04:05" */
#define OFFSET_BYTES     6  /* "+08:00" */
#define SIGNED_BYTES_MAX ((size_t)64 * 1024)

void zwdd_stamp(struct wall_ms at, char ret_stamp[static ZWDD_STAMP_BYTES])
{
    char second[WALL_TEXT_BYTES];
    const struct wall_ms whole = {.ms = at.ms - at.ms % 1000};
    (void)wall_format(whole, CHINA_OFFSET_S, second);
    (void)snprintf(
        ret_stamp, ZWDD_STAMP_BYTES, "%.*s.%03d%.*s", SECOND_BYTES, second, (int)(at.ms % 1000),
        OFFSET_BYTES, second + SECOND_BYTES);
}

static bool stands_before(const struct zwdd_param *a, const struct zwdd_param *b)
{
    const int names = strcasecmp(a->name, b->name);
    return names < 0 || (names == 0 && text_compare(a->value, b->value) < 0);
}

/* In their order, without empty ones. */
static size_t sort_params(
    const struct zwdd_param *params,
    size_t param_count,
    const struct zwdd_param *ret_sorted[static ZWDD_PARAMS_MAX])
{
    size_t count = 0;
    MUST(param_count <= ZWDD_PARAMS_MAX);
    for (size_t index = 0; index < param_count; index++) {
        const struct zwdd_param *param = &params[index];
        if (param->name[0] == '\0' || param->value.bytes == 0) {
            continue;
        }
        size_t place = count++;
        while (place > 0 && stands_before(param, ret_sorted[place - 1])) {
            ret_sorted[place] = ret_sorted[place - 1];
            place--;
        }
        ret_sorted[place] = param;
    }
    return count;
}

static void add_lines(const struct zwdd_request *request, struct buf *lines)
{
    const struct zwdd_param *sorted[ZWDD_PARAMS_MAX];
    const size_t count = sort_params(request->params, request->param_count, sorted);
    buf_format(lines, "%s\n%s\n%s\n", request->method, request->stamp, request->nonce);
    buf_text(lines, request->path);
    for (size_t index = 0; index < count; index++) {
        buf_format(lines, "%c%s=", index == 0 ? '\n' : '&', sorted[index]->name);
        buf_text(lines, sorted[index]->value);
    }
}

static enum err sign_md5(struct buf *lines, struct text secret, struct buf *signature)
{
    uint8_t digest[MD5_BYTES];
    buf_char(lines, '\n');
    buf_text(lines, secret);
    enum err err = buf_error(lines);
    if (!err) {
        err = crypto_md5(buf_view(lines), digest);
    }
    if (!err) {
        crypto_hex(signature, digest, sizeof(digest));
    }
    return err;
}

static enum err sign_hmac(const struct buf *lines, struct text secret, struct buf *signature)
{
    uint8_t mac[SHA256_BYTES];
    const enum err err = buf_error(lines);
    if (!err) {
        crypto_hmac_sha256(secret, buf_view(lines), mac);
        crypto_base64(signature, mac, sizeof(mac));
    }
    return err;
}

enum err zwdd_sign(
    const struct zwdd_request *request, struct text secret, bool md5, struct buf *signature)
{
    struct buf lines;
    buf_init(&lines, SIGNED_BYTES_MAX);
    add_lines(request, &lines);
    enum err err = md5 ? sign_md5(&lines, secret, signature) : sign_hmac(&lines, secret, signature);
    buf_release(&lines);
    return err ? err : buf_error(signature);
}

void zwdd_form(const struct zwdd_param *params, size_t param_count, struct buf *body)
{
    const struct zwdd_param *sorted[ZWDD_PARAMS_MAX];
    const size_t count = sort_params(params, param_count, sorted);
    for (size_t index = 0; index < count; index++) {
        buf_format(body, "%s%s=", index == 0 ? "" : "&", sorted[index]->name);
        crypto_url_encode(body, sorted[index]->value);
    }
}
