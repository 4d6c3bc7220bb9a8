/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which mailbox a message goes to: the first channel of a list by which somebody can be reached.
 * Channels passed over are journalled with their reason, and so is who cannot be reached at all.
 */
#ifndef NRT_NOTIFIERS_ROUTE_H
#define NRT_NOTIFIERS_ROUTE_H

#include "config/policy.h"
#include "notifiers/channel.h"
#include "notifiers/entry.h"
#include "store/store.h"

struct route_from {
    const struct bundle *bundle;
    const struct settings *settings;
    struct wall_ms now;
};

/* Somebody whom no channel reaches. */
struct unreached {
    struct text person;
    struct text facts;
};

/* Grows in the arena; of one alert, an item of an id that is there already is left out. */
struct routes {
    struct arena *arena;
    struct mail_item *items;
    size_t item_count;
    size_t item_room;
    struct unreached *unreached;
    size_t unreached_count;
    size_t unreached_room;
    size_t alert_from; /* the first item of the alert at hand */
    bool out_of_memory;
};

/* All people of an outbox item. */
void route_alert(
    const struct route_from *from, const struct mail_entry *entry, struct routes *routes);
/*
 * The channels left (entry->rest) for the person of a message, or for all people of the alert
 * when that person is a group.
 */
void route_rest(
    const struct route_from *from,
    const struct mail_entry *entry,
    struct text person,
    struct routes *routes);

/* Is this mailbox a group's? Its NAME then. */
bool route_is_group(struct text person, struct text *ret_name);
/* The mobile number a channel needs, empty where there is none. */
struct text route_mobile(const struct bundle *bundle, struct text person);
/* When a message of this entry may go out by this channel. */
struct wall_ms route_hold(
    const struct route_from *from,
    const struct channel_settings *settings,
    const struct mail_entry *entry);

#endif
