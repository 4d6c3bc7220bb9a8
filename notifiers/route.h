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

/* The reason of a message that somebody else gets; their id follows (docs/journal.md). */
#define ROUTE_ON_LEAVE "on leave: goes to "

struct route_from {
    const struct bundle *bundle;
    const struct settings *settings;
    struct wall_ms now;
};

/* Somebody who gets no message of their own: no channel reaches them, or their delegate has one. */
struct unreached {
    struct text person;
    struct text facts;
    bool on_leave; /* or of nobody: no person is unreached */
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
    size_t dead_count; /* of the unreached: those whom nothing reaches */
    size_t alert_from; /* the first item of the alert at hand */
    bool out_of_memory;
};

/* Facts to be told with them, of nobody in particular. */
void routes_tell(struct routes *routes, struct text facts);
/*
 * All people of an outbox item. Whoever is on leave on the day the message may go is replaced by
 * their delegate (rules/leave.h); of an alert whose delegate is addressed anyway, one message.
 */
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

/*
 * A message that waited and is about to go: to whom it goes now. Empty: it stays where it is. Else
 * the person it was for is on leave by now, and routes hold the message of who stands in, if that
 * one has none yet. A message moves once: a delegate keeps what came to them.
 */
struct text route_moves(
    const struct route_from *from,
    const struct mail_entry *entry,
    struct text mailbox,
    struct text channel,
    struct routes *routes);
/* Who is named in a group's message in the place of a person: who reads their messages today. */
struct text route_named(
    const struct route_from *from, const struct mail_entry *entry, struct text person);
/* For whom the question whether a message is still wanted is asked; empty: a group. */
struct text route_asked_for(const struct mail_entry *entry, struct text mailbox);

/*
 * Others of the alert in whose place the delegate gets this one message, from *index on; empty:
 * nobody (any more).
 */
struct text route_also_for(
    const struct route_from *from,
    const struct mail_entry *entry,
    struct text mailbox,
    size_t *index);

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
