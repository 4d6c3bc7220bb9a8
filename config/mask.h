/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Phone numbers as they are shown to whoever has no right to see them: 138****5678, and links of
 * others. The one place where they are masked, for pages, exports, reports and logs alike.
 */
#ifndef NRT_CONFIG_MASK_H
#define NRT_CONFIG_MASK_H

#include "base/text.h"

/* Append a number of which all is hidden but its beginning and end; a short one all of it. */
void mask_number(struct text number, struct buf *buf);

/*
 * Append running text with every mobile number in it masked: 11 digits from 13 to 19 on, with or
 * without 86 before, in one piece or parted by blanks or hyphens. Other digits stay as they are.
 */
void mask_numbers_in(struct text text, struct buf *buf);

/*
 * Append running text with the token of every one-tap link (config/link_token.h) as "…": who reads
 * what was sent to somebody must not be able to act in their name.
 */
void mask_links_in(struct text text, struct buf *buf);

#endif
