/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TC3-HMAC-SHA256: how requests to Tencent Cloud are signed. Pure: the time is given.
 */
#ifndef NRT_NOTIFIERS_TENCENT_SIGN_H
#define NRT_NOTIFIERS_TENCENT_SIGN_H

#include "base/wall.h"
#include "notifiers/http.h"

struct tc3 {
    struct text secret_id;
    struct text secret_key;
    const char *service; /* "sms" */
    struct wall_ms now;
};

/*
 * Adds the headers Content-Type (application/json) and Authorization for URL and body as they
 * stand. The first failure of a buffer.
 */
enum err tc3_sign(const struct tc3 *tc3, struct http_request *request) ERR_MUST_USE;
/* Appends the value of Authorization for a canonical request that signs these headers. */
enum err tc3_authorize(
    const struct tc3 *tc3,
    struct text canonical,
    const char *signed_headers,
    struct buf *authorization) ERR_MUST_USE;

#endif
