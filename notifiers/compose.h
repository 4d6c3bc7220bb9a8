/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of a message: template and values, in the form and language of the channel, within two
 * SMS segments; where the vendor has the words, the values it fills in. Pure: the instant is
 * handed in.
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
    /* For a link that opens without a sign-in; without them it is the case's own page. */
    struct text mailbox;     /* the person; "robot:NAME" and "many:CHANNEL" get no such link */
    struct text message;     /* its id */
    const uint8_t *link_key; /* [LINK_KEY_BYTES]; NULL: none */
    int64_t link_ms;         /* how long it counts */
};

struct composed {
    struct text title; /* what a list of chats shows */
    struct text text;  /* what is sent, or with a vendor's template what the phone will show */
    struct text link;  /* where to look; also part of the text where the text has it */
    struct text vendor_template; /* empty: the text is sent */
    const struct channel_param *params;
    size_t param_count;
};

/* All in the arena, or as old as `from` and the entry; ERR_NO_MEMORY. */
enum err compose_message(
    const struct compose_from *from,
    const struct mail_entry *entry,
    struct arena *arena,
    struct composed *ret_composed) ERR_MUST_USE;

/* Title and text alone. */
enum err compose(
    const struct compose_from *from,
    const struct mail_entry *entry,
    struct arena *arena,
    struct text *ret_title,
    struct text *ret_text) ERR_MUST_USE;

#endif
