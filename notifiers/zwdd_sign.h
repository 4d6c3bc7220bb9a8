/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How requests to 政务钉钉 are signed: five lines, as the vendor's Java library writes them. The
 * parameters in the fifth are raw, ordered without regard to case, and empty ones are left out,
 * of the signature and of the body.
 */
#ifndef NRT_NOTIFIERS_ZWDD_SIGN_H
#define NRT_NOTIFIERS_ZWDD_SIGN_H

#include <stdbool.h>

#include "base/text.h"
#include "base/wall.h"

struct zwdd_param {
    const char *name; /* a name may stand more than once */
    struct text value;
};

#define ZWDD_STAMP_BYTES 40

struct zwdd_request {
    const char *method;
    const char *stamp; /* zwdd_stamp() */
    const char *nonce;
    struct text path; /* of the URL: no host, no query */
    const struct zwdd_param *params;
    size_t param_count; /* at most ZWDD_PARAMS_MAX */
};

#define ZWDD_PARAMS_MAX 8

/* "2026-01-02T11:04:05.678+08:00": always with milliseconds, always Chinese time. */
void zwdd_stamp(struct wall_ms at, char ret_stamp[static ZWDD_STAMP_BYTES]);
/* Appends HMAC-SHA256 in base64, or (md5) MD5 in lower-case hex. ERR_NOT_FOUND: no MD5 here. */
enum err zwdd_sign(
    const struct zwdd_request *request, struct text secret, bool md5, struct buf *signature)
    ERR_MUST_USE;
/* Appends the parameters as application/x-www-form-urlencoded. */
void zwdd_form(const struct zwdd_param *params, size_t param_count, struct buf *body);

#endif
