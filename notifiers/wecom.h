/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What WeCom's app messages and group robots share: where they live, and words that must not be
 * read as markup.
 */
#ifndef NRT_NOTIFIERS_WECOM_H
#define NRT_NOTIFIERS_WECOM_H

#include "base/text.h"

#define WECOM_BASE     "https://qyapi.weixin.qq.com"
#define WECOM_ID_BYTES 8 /* of the message id, at the end of the text */

/*
 * Appends text and the beginning of the id, at most bytes_max together, cut between characters.
 * '<' becomes its full-width sister: a case's title must not make links.
 */
void wecom_words(struct text text, struct text id, size_t bytes_max, struct buf *words);

#endif
