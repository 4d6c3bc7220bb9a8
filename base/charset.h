/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GBK, which many gateways of mainland China still speak (iconv of the C library is used in
 * base/charset.c only). What the other charset has no character for becomes '?'.
 */
#ifndef NRT_BASE_CHARSET_H
#define NRT_BASE_CHARSET_H

#include <stdbool.h>

#include "base/text.h"

/* False on a machine whose C library came without its table of GBK. */
bool charset_has_gbk(void);
/* Append. Errors are the buffer's; ERR_USAGE in it where the machine does not know GBK. */
void charset_to_gbk(struct buf *buf, struct text utf8);
void charset_from_gbk(struct buf *buf, struct text gbk);

#endif
