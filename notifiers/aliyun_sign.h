/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ACS3-HMAC-SHA256: how requests to Alibaba Cloud are signed. Pure: time and nonce are given.
 */
#ifndef NRT_NOTIFIERS_ALIYUN_SIGN_H
#define NRT_NOTIFIERS_ALIYUN_SIGN_H

#include "base/wall.h"
#include "notifiers/http.h"

struct acs3 {
    struct text key_id;
    struct text key_secret;
    struct text security_token; /* of temporary keys; empty: none */
    struct text action;         /* "SendSms" */
    struct text version;        /* "2017-05-25" */
    struct text nonce;          /* never used before with this key */
    struct wall_ms now;
};

/*
 * Adds the headers x-acs-* and Authorization for URL and body as they stand; the query's names
 * must be in ascending order. The first failure of a buffer.
 */
enum err acs3_sign(const struct acs3 *acs3, struct http_request *request) ERR_MUST_USE;
/* Appends the canonical request, whose hash is what is signed. */
void acs3_canonical(
    const struct acs3 *acs3, const struct http_request *request, struct buf *canonical);

#endif
