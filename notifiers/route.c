/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A list of channels is walked for one person at a time. Deterministic: the same alert gives
 * the same message ids, so a crash half way through puts nothing twice.
 */
#include "notifiers/route.h"

#include <stdio.h>
#include <string.h>

#include "notifiers/hold.h"

#define GROUP_PREFIX  "robot:"
#define GROUP_DEFAULT "default"
#define ROUTE_BYTES   ((size_t)1024 * 1024)

bool route_is_group(struct text person, struct text *ret_name)
{
    const struct text prefix = TEXT_LITERAL(GROUP_PREFIX);
    if (!text_starts_with(person, prefix)) {
        return false;
    }
    *ret_name =
        (struct text){.ptr = person.ptr + prefix.bytes, .bytes = person.bytes - prefix.bytes};
    return true;
}

struct text route_mobile(const struct bundle *bundle, struct text person)
{
    const struct contact *contact = bundle_contact(bundle, person);
    return contact ? contact->mobile : (struct text){0};
}

struct wall_ms route_hold(
    const struct route_from *from,
    const struct channel_settings *settings,
    const struct mail_entry *entry)
{
    const struct quiet_hours quiet = {
        .from_s = settings->quiet_from_s,
        .until_s = settings->quiet_until_s,
    };
    return hold_until(from->bundle->policy.calendar, quiet, entry->send, from->now);
}

static struct text kept(struct routes *routes, const struct buf *buf)
{
    struct text text = {0};
    if (!buf->error) {
        text = arena_text(routes->arena, buf_view(buf));
    }
    routes->out_of_memory |= !text.ptr;
    return text;
}

static struct text kept_text(struct routes *routes, struct text text)
{
    const struct text copy = arena_text(routes->arena, text);
    routes->out_of_memory |= !copy.ptr;
    return copy;
}

/* Room for one more; the old array stays behind in the arena. */
static void *grown(
    struct routes *routes, void *items, size_t count, size_t *room, size_t item_bytes)
{
    if (count < *room) {
        return items;
    }
    const size_t more = *room > 0 ? *room * 2 : 8;
    void *copy = arena_array(routes->arena, more, item_bytes);
    if (!copy) {
        routes->out_of_memory = true;
        return NULL;
    }
    if (count > 0) {
        memcpy(copy, items, count * item_bytes);
    }
    *room = more;
    return copy;
}

static bool has_item(const struct routes *routes, const char *id)
{
    for (size_t index = routes->alert_from; index < routes->item_count; index++) {
        if (text_is(routes->items[index].id, id)) {
            return true;
        }
    }
    return false;
}

static void add_item(struct routes *routes, const struct mail_item *item)
{
    struct mail_item *items =
        grown(routes, routes->items, routes->item_count, &routes->item_room, sizeof(*items));
    if (items) {
        routes->items = items;
        routes->items[routes->item_count++] = *item;
    }
}

static void add_unreached(struct routes *routes, const struct unreached *unreached)
{
    struct unreached *items = grown(
        routes, routes->unreached, routes->unreached_count, &routes->unreached_room,
        sizeof(*items));
    if (items) {
        routes->unreached = items;
        routes->unreached[routes->unreached_count++] = *unreached;
    }
}

/* One walk along channels for one person. */
struct walk {
    const struct route_from *from;
    const struct mail_entry *entry;
    struct text person;
    struct buf facts;     /* of the channels passed over */
    const char *obstacle; /* of the last of them */
};

static void add_fact(
    struct walk *walk, struct text mailbox, struct text channel, const char *reason)
{
    char id[NRT_ID_BYTES];
    entry_message_id(walk->entry, mailbox, channel, id);
    const struct message_fact fact = {
        .id = text_of(id),
        .person = mailbox,
        .channel = channel,
        .state = "rejected",
        .at = walk->from->now,
        .reason = text_of(reason),
    };
    fact_message(&walk->facts, walk->entry, &fact);
}

static void group_of(const struct walk *walk, struct buf *mailbox)
{
    const struct unit *unit =
        directory_unit(walk->from->bundle->policy.directory, walk->entry->values.unit_id);
    buf_string(mailbox, GROUP_PREFIX);
    buf_text(mailbox, unit && unit->robot.bytes > 0 ? unit->robot : TEXT_LITERAL(GROUP_DEFAULT));
}

/* Why this channel cannot reach the person, NULL when it can. */
static const char *obstacle(
    const struct walk *walk,
    const struct channel_settings *settings,
    const struct channel_type *type)
{
    if (!settings) {
        return "no channel of that name";
    }
    if (!type) {
        return "no channel of that type";
    }
    if (type->address == ADDRESS_MOBILE &&
        route_mobile(walk->from->bundle, walk->person).bytes == 0) {
        return "no mobile number";
    }
    return NULL;
}

static void put_item(
    struct walk *walk,
    struct routes *routes,
    const struct channel_settings *settings,
    struct text mailbox,
    struct text_list rest)
{
    char id[NRT_ID_BYTES];
    entry_message_id(walk->entry, mailbox, settings->name, id);
    if (has_item(routes, id)) {
        return; /* people of one alert who share a group */
    }
    struct mail_entry entry = *walk->entry;
    entry.rest = rest;
    entry.attempts = 0;
    struct buf json;
    buf_init(&json, ROUTE_BYTES);
    entry_write(&entry, &json);
    struct mail_item item = {
        .person = kept_text(routes, mailbox),
        .channel = kept_text(routes, settings->name),
        .id = kept_text(routes, text_of(id)),
        .ready = route_hold(walk->from, settings, walk->entry),
        .entry = kept(routes, &json),
    };
    const bool held = item.ready.ms > walk->from->now.ms;
    const struct message_fact fact = {
        .id = item.id,
        .person = item.person,
        .channel = item.channel,
        .state = held ? "held" : "sending",
        .at = walk->from->now,
        .has_ready = held,
        .ready = item.ready,
    };
    fact_message(&walk->facts, walk->entry, &fact);
    item.facts = kept(routes, &walk->facts);
    add_item(routes, &item);
    buf_release(&json);
}

static bool try_channel(
    struct walk *walk, struct routes *routes, struct text channel, struct text_list rest)
{
    const struct channel_settings *settings = settings_channel(walk->from->settings, channel);
    const struct channel_type *type = settings ? channel_type_find(settings->type) : NULL;
    if (type && type->to_group) {
        struct buf mailbox;
        buf_init(&mailbox, 1024);
        group_of(walk, &mailbox);
        put_item(walk, routes, settings, buf_view(&mailbox), rest);
        buf_release(&mailbox);
        return true;
    }
    const char *why_not = obstacle(walk, settings, type);
    if (why_not) {
        add_fact(walk, walk->person, channel, why_not);
        walk->obstacle = why_not;
        return false;
    }
    put_item(walk, routes, settings, walk->person, rest);
    return true;
}

/* Nobody reached: the last channel's message is told once more, as dead. */
static void give_up(struct walk *walk, struct routes *routes, struct text last_channel)
{
    char id[NRT_ID_BYTES];
    entry_message_id(walk->entry, walk->person, last_channel, id);
    const struct message_fact fact = {
        .id = text_of(id),
        .person = walk->person,
        .channel = last_channel,
        .state = "dead",
        .at = walk->from->now,
        .reason = text_of(walk->obstacle ? walk->obstacle : "no channel to try"),
    };
    fact_message(&walk->facts, walk->entry, &fact);
    const struct unreached unreached = {
        .person = kept_text(routes, walk->person),
        .facts = kept(routes, &walk->facts),
    };
    add_unreached(routes, &unreached);
}

static void route_person(
    const struct route_from *from,
    const struct mail_entry *entry,
    struct text person,
    struct text_list via,
    struct routes *routes)
{
    struct walk walk = {.from = from, .entry = entry, .person = person};
    buf_init(&walk.facts, ROUTE_BYTES);
    size_t index = 0;
    bool reached = false;
    for (; index < via.count && !reached; index++) {
        const struct text_list rest = {
            .items = via.items + index + 1,
            .count = via.count - index - 1,
        };
        reached = try_channel(&walk, routes, via.items[index], rest);
    }
    if (!reached) {
        give_up(&walk, routes, via.count > 0 ? via.items[via.count - 1] : (struct text){0});
    }
    buf_release(&walk.facts);
}

static struct text_list via_of(const struct route_from *from, const struct mail_entry *entry)
{
    if (entry->rest.count > 0) {
        return entry->rest;
    }
    return (struct text_list){
        .items = from->settings->default_via,
        .count = from->settings->default_via_count,
    };
}

void route_alert(
    const struct route_from *from, const struct mail_entry *entry, struct routes *routes)
{
    const struct text_list via = via_of(from, entry);
    routes->alert_from = routes->item_count;
    for (size_t person = 0; person < entry->to.count; person++) {
        if (!entry->all) {
            route_person(from, entry, entry->to.items[person], via, routes);
            continue;
        }
        for (size_t index = 0; index < via.count; index++) {
            const struct text_list one = {.items = &via.items[index], .count = 1};
            route_person(from, entry, entry->to.items[person], one, routes);
        }
    }
}

void route_rest(
    const struct route_from *from,
    const struct mail_entry *entry,
    struct text person,
    struct routes *routes)
{
    struct text group;
    if (!route_is_group(person, &group)) {
        route_person(from, entry, person, entry->rest, routes);
        return;
    }
    for (size_t index = 0; index < entry->to.count; index++) {
        route_person(from, entry, entry->to.items[index], entry->rest, routes);
    }
}
