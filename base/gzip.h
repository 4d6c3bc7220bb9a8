/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compression behind one door (zlib.h is used in base/gzip.c only): whole texts that are in
 * memory anyway. Thread-safe.
 */
#ifndef NRT_BASE_GZIP_H
#define NRT_BASE_GZIP_H

#include "base/text.h"

/*
 * Append the text as one gzip member, without a time or a name: the same text gives the same
 * bytes. level: 1 (quick) to 9 (small). False when memory is out or the buffer is full; the
 * buffer then holds what it held.
 */
bool gzip_add(struct buf *buf, struct text text, int level);

#endif
