/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Charsets that gateways and tables of mainland China still come in (iconv of the C library is
 * used in base/charset.c only).
 */
#ifndef NRT_BASE_CHARSET_H
#define NRT_BASE_CHARSET_H

#include <stdbool.h>

#include "base/err.h"
#include "base/text.h"

enum charset {
    CHARSET_GB18030, /* reads all of GBK */
    CHARSET_UTF16_LE,
    CHARSET_UTF16_BE,
};

/* False on a machine whose C library came without its table of GBK. */
bool charset_has_gbk(void);
/*
 * Append; what the other charset has no character for becomes '?'. Errors are the buffer's;
 * ERR_USAGE in it where the machine does not know GBK.
 */
void charset_to_gbk(struct buf *buf, struct text utf8);
void charset_from_gbk(struct buf *buf, struct text gbk);
/*
 * Append as UTF-8, up to what is no character of the charset: ERR_PARSE. ERR_NOT_FOUND: a charset
 * this machine does not know. Also the buffer's own errors.
 */
enum err charset_decode(struct buf *utf8, struct text bytes, enum charset charset) ERR_MUST_USE;

#endif
