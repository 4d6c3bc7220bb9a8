/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a composed message leads to, for channels that show it as a button. It is taken out of the
 * text, which is kept from the first attempt on: so a repeat leads to the same place with the
 * same bytes, and a button opens what the words say.
 */
#ifndef NRT_NOTIFIERS_MESSAGE_LINK_H
#define NRT_NOTIFIERS_MESSAGE_LINK_H

#include "base/text.h"

/*
 * The first link in the text that begins with public_url; empty when there is none, or nothing
 * is behind it but the front page. A part of the text.
 */
struct text message_link(struct text text, struct text public_url);

#endif
