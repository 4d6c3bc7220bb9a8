/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The patterns of a gateway that is described in configuration alone (http-sms):
 *
 *     {mobile} {text} {time:yyyyMMddHHmmss} {md5:{username}{secret}} {upper:{md5-base64:{text}}}
 *
 * A name in braces is a value, a name with a colon a function of what follows it, in which other
 * placeholders may stand. "{{" and "}}" are one brace each outside of functions. Pure and bounded:
 * checked when the configuration is read, so that writing cannot fail but for room.
 */
#ifndef NRT_CONFIG_GATEWAY_TEXT_H
#define NRT_CONFIG_GATEWAY_TEXT_H

#include "base/text.h"
#include "base/wall.h"

enum gateway_name {
    GATEWAY_MOBILE,    /* 13800000001 */
    GATEWAY_MOBILE_86, /* 8613800000001 */
    GATEWAY_TEXT,      /* what the phone will show */
    GATEWAY_TITLE,     /* a short heading */
    GATEWAY_ID,        /* our id of the message, 26 characters */
    GATEWAY_LINK,      /* where to look */
    GATEWAY_NONCE,     /* 32 random hex digits */
    GATEWAY_USERNAME,  /* settings */
    GATEWAY_SECRET,
    GATEWAY_SIGNATURE,   /* without its 【】 */
    GATEWAY_RECEIPT_URL, /* where call-backs reach us */
    GATEWAY_UNIX,        /* seconds */
    GATEWAY_UNIX_MS,
    GATEWAY_NAME_COUNT
};
/* "mobile", "mobile86" ... */
const char *gateway_name_text(enum gateway_name name);

#define GATEWAY_PATTERN_BYTES_MAX ((size_t)4096)
#define GATEWAY_BYTES_MAX         ((size_t)64 << 10) /* of what one pattern becomes */

struct gateway_values {
    struct text value[GATEWAY_NAME_COUNT]; /* UTF-8 */
    struct wall_ms now;                    /* {time:...}, in the time of mainland China */
    bool gbk;                              /* functions see the bytes the gateway will see */
};

/* ERR_PARSE with why, which says what is known. */
enum err gateway_text_check(struct text pattern, struct err_why *why) ERR_MUST_USE;

/* How one value becomes part of what surrounds it; NULL: as it is. */
typedef void gateway_escape_fn(struct buf *buf, struct text value, bool gbk);
/*
 * Append the pattern, placeholders escaped, all else as it stands. In UTF-8, except for what
 * escape writes. The pattern has passed gateway_text_check. Errors are the buffer's.
 */
void gateway_text_write(
    struct text pattern,
    const struct gateway_values *values,
    gateway_escape_fn *escape,
    struct buf *buf);

/* For a URL or a form: percent-encoded, in the gateway's charset. */
gateway_escape_fn gateway_escape_url;
gateway_escape_fn gateway_escape_xml;

#endif
