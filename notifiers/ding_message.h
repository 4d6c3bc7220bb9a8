/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The "msg" object that DingTalk's work notification and its government edition take: a card
 * with a button where there is somewhere to look, else words alone. Both count its bytes and
 * swallow a second one with the same words to one person on one day, so it is cut to size and
 * ends with the beginning of the message's id. Nothing in it depends on the time of sending: a
 * repeat of one message is the same bytes.
 */
#ifndef NRT_NOTIFIERS_DING_MESSAGE_H
#define NRT_NOTIFIERS_DING_MESSAGE_H

#include "notifiers/channel.h"

enum ding_edition {
    DING_WORK,       /* markdown everywhere */
    DING_GOVERNMENT, /* plain words, even in the card's "markdown" */
};

#define DING_MESSAGE_BYTES ((size_t)2048)

/* ERR_FULL when title and link alone fill it; ERR_NO_MEMORY. */
enum err ding_message_write(
    const struct channel_message *message, enum ding_edition edition, struct buf *msg) ERR_MUST_USE;
/* "u1,u2" of those who have an address of the channel; ERR_NOT_FOUND when nobody has. */
enum err ding_receivers(const struct channel_message *message, struct buf *list) ERR_MUST_USE;

#endif
