/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of a message: template and values, in the form of the channel, within two SMS
 * segments. Pure: the instant is handed in.
 */
#ifndef NRT_NOTIFIERS_COMPOSE_H
#define NRT_NOTIFIERS_COMPOSE_H

#include "config/policy.h"
#include "notifiers/channel.h"
#include "notifiers/entry.h"

struct compose_from {
    const struct bundle *bundle;
    const struct channel_settings *settings;
    const struct channel_type *type;
    struct text public_url;
    struct wall_ms now;
};

/* title: what a list of chats shows. Both in the arena; ERR_NO_MEMORY. */
enum err compose(
    const struct compose_from *from,
    const struct mail_entry *entry,
    struct arena *arena,
    struct text *ret_title,
    struct text *ret_text) ERR_MUST_USE;

#endif
