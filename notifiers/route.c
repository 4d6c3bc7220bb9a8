/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A list of channels is walked for one person at a time. Deterministic: the same alert gives
 * the same message ids, so a crash half way through puts nothing twice.
 */
#include "notifiers/route.h"

#include <stdio.h>
#include <string.h>

#include "notifiers/digest.h"
#include "rules/hold.h"
#include "rules/leave.h"

#define GROUP_PREFIX  "robot:"
#define MANY_PREFIX   "many:"
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

void routes_tell(struct routes *routes, struct text facts)
{
    const struct unreached unreached = {.facts = kept_text(routes, facts), .on_leave = true};
    add_unreached(routes, &unreached);
}

/* One walk along channels for one person. */
struct walk {
    const struct route_from *from;
    const struct mail_entry *entry;
    struct text person;   /* whom the alert is addressed to */
    struct text stand_in; /* who gets it on the channel at hand: the person, or their delegate */
    bool moving;          /* it was in the person's mailbox: its end there is told elsewhere */
    struct buf facts;     /* of the channels passed over */
    const char *obstacle; /* of the last of them */
};

static void add_fact(
    struct walk *walk,
    struct text mailbox,
    struct text channel,
    const char *state,
    const char *reason)
{
    char id[NRT_ID_BYTES];
    entry_message_id(walk->entry, mailbox, channel, id);
    const struct message_fact fact = {
        .id = text_of(id),
        .person = mailbox,
        .channel = channel,
        .state = state,
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

static bool has_address(const struct contact *contact, const struct channel_type *type)
{
    const bool by_mobile = contact->mobile.bytes > 0;
    switch (type->address) {
    case ADDRESS_NONE:
        return true;
    case ADDRESS_MOBILE:
        return by_mobile;
    case ADDRESS_DINGTALK:
        return contact->dingtalk.bytes > 0 || (by_mobile && type->lookup_steps > 0);
    case ADDRESS_ZWDD:
        return contact->zwdd.bytes > 0 || (by_mobile && type->lookup_steps > 0);
    case ADDRESS_WECOM:
        return contact->wecom.bytes > 0 || (by_mobile && type->lookup_steps > 0);
    case ADDRESS_EMAIL:
        return contact->email.bytes > 0;
    case CHANNEL_ADDRESS_COUNT:
        break;
    }
    return false;
}

static const char *lacks_address(const struct channel_type *type)
{
    switch (type->address) {
    case ADDRESS_NONE:
    case ADDRESS_MOBILE:
        return "no mobile number";
    case ADDRESS_DINGTALK:
        return "no DingTalk userid, and no mobile number to look it up by";
    case ADDRESS_ZWDD:
        return "no accountId, and no mobile number to look it up by";
    case ADDRESS_WECOM:
        return "no WeCom userid, and no mobile number to look it up by";
    case ADDRESS_EMAIL:
        return "no e-mail address";
    case CHANNEL_ADDRESS_COUNT:
        break;
    }
    return "no address";
}

/* Why this channel cannot reach whoever gets it, NULL when it can. */
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
    if (type->address == ADDRESS_NONE) {
        return NULL;
    }
    const struct contact *contact = bundle_contact(walk->from->bundle, walk->stand_in);
    return contact && has_address(contact, type) ? NULL : lacks_address(type);
}

/* ---- leave ---- */

/* What is sent to try something, and what is sent to a program, is for nobody else. */
static bool may_be_replaced(const struct mail_entry *entry)
{
    return !entry->test && !text_is(entry->notice, "canary") && !text_is(entry->notice, "hook");
}

/* Who gets the person's message on the day it may go by this channel. */
static struct text stand_in_of(
    const struct route_from *from,
    const struct mail_entry *entry,
    struct text person,
    const struct channel_settings *settings)
{
    const struct policy *policy = &from->bundle->policy;
    if (!may_be_replaced(entry)) {
        return person;
    }
    const struct wall_ms at = settings ? route_hold(from, settings, entry) : from->now;
    return leave_stand_in(policy->directory, person, calendar_local_day(policy->calendar, at));
}

static bool is_addressed(const struct mail_entry *entry, struct text person)
{
    return text_is_among(person, entry->to.items, entry->to.count);
}

/* That the person is on leave is told of their message, and who has it instead. */
static void tell_leave(struct walk *walk, struct text channel)
{
    char reason[256];
    (void)snprintf(reason, sizeof(reason), ROUTE_ON_LEAVE "%.*s", TEXT_ARGS(walk->stand_in));
    if (!walk->moving) {
        add_fact(walk, walk->person, channel, "dropped", reason);
    }
}

/* ---- putting ---- */

/* A place to put a message into: the person's, a group's, or the one of many people. */
struct place {
    const struct channel_settings *settings;
    const struct channel_type *type;
    struct text mailbox;
    struct text identity; /* what stands for the receiver in the message's id */
};

/* When it goes: with others at the end of its window where it may be gathered. */
static struct wall_ms ready_of(
    const struct walk *walk, const struct place *place, const struct mail_entry *entry)
{
    const struct digest_place digest = {.settings = place->settings, .type = place->type};
    const struct quiet_hours quiet = {
        .from_s = place->settings->quiet_from_s, .until_s = place->settings->quiet_until_s};
    if (!digest_takes(&digest, entry)) {
        return route_hold(walk->from, place->settings, entry);
    }
    return hold_gathered(
        walk->from->bundle->policy.calendar, quiet, entry->send, walk->from->now,
        digest_window(&digest));
}

/*
 * On each channel the course of a message begins: what the last one said or called it stays there,
 * and so do the words, which may be values for a template of its vendor.
 */
static void begin_course(struct mail_entry *entry)
{
    entry->attempts = 0;
    entry->unsures = 0;
    entry->first_at = (struct wall_ms){0};
    entry->accepted_at = (struct wall_ms){0};
    entry->gateway_id = (struct text){0};
    entry->polls = 0;
    entry->slot = (struct text){0};
    entry->title = (struct text){0};
    entry->text = (struct text){0};
    entry->vendor_template = (struct text){0};
    entry->params = NULL;
    entry->param_count = 0;
}

static void put_item(
    struct walk *walk, struct routes *routes, const struct place *place, struct text_list rest)
{
    char id[NRT_ID_BYTES];
    entry_message_id(walk->entry, place->identity, place->settings->name, id);
    if (has_item(routes, id)) {
        return; /* people of one alert who share a group, or a delegate */
    }
    const bool replaced = !text_equal(walk->stand_in, walk->person);
    struct mail_entry entry = *walk->entry;
    struct buf json;
    begin_course(&entry);
    entry.rest = rest;
    entry.stood_in_for = replaced && !place->type->to_group ? walk->person : (struct text){0};
    entry.receiver = place->type->receivers_max > 1 ? place->identity : (struct text){0};
    buf_init(&json, ROUTE_BYTES);
    entry_write(&entry, &json);
    struct mail_item item = {
        .person = kept_text(routes, place->mailbox),
        .channel = kept_text(routes, place->settings->name),
        .id = kept_text(routes, text_of(id)),
        .ready = ready_of(walk, place, &entry),
        .entry = kept(routes, &json),
    };
    const struct digest_place digest = {.settings = place->settings, .type = place->type};
    item.gather = digest_from(&digest, &entry, item.ready);
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
    fact_message(&walk->facts, &entry, &fact);
    item.facts = kept(routes, &walk->facts);
    add_item(routes, &item);
    buf_release(&json);
}

static void put_into_group(
    struct walk *walk, struct routes *routes, struct place *place, struct text_list rest)
{
    struct buf mailbox;
    buf_init(&mailbox, 1024);
    group_of(walk, &mailbox);
    place->mailbox = buf_view(&mailbox);
    place->identity = place->mailbox;
    put_item(walk, routes, place, rest);
    buf_release(&mailbox);
}

/* The delegate of somebody on leave has a message of this alert anyway: no second one. */
static void leave_it_to_the_delegate(struct walk *walk, struct routes *routes)
{
    if (walk->facts.bytes == 0) { /* moving: the end in the person's mailbox is told there */
        return;
    }
    const struct unreached told = {
        .person = kept_text(routes, walk->person),
        .facts = kept(routes, &walk->facts),
        .on_leave = true,
    };
    add_unreached(routes, &told);
}

static void put_for_person(
    struct walk *walk, struct routes *routes, struct place *place, struct text_list rest)
{
    if (!text_equal(walk->stand_in, walk->person)) {
        tell_leave(walk, place->settings->name);
        if (is_addressed(walk->entry, walk->stand_in)) {
            leave_it_to_the_delegate(walk, routes);
            return;
        }
    }
    struct buf many;
    buf_init(&many, 1024);
    buf_string(&many, MANY_PREFIX);
    buf_text(&many, place->settings->name);
    place->mailbox = place->type->receivers_max > 1 ? buf_view(&many) : walk->stand_in;
    place->identity = walk->stand_in;
    put_item(walk, routes, place, rest);
    buf_release(&many);
}

static bool try_channel(
    struct walk *walk, struct routes *routes, struct text channel, struct text_list rest)
{
    struct place place = {.settings = settings_channel(walk->from->settings, channel)};
    place.type = place.settings ? channel_type_find(place.settings->type) : NULL;
    walk->stand_in = stand_in_of(walk->from, walk->entry, walk->person, place.settings);
    if (place.type && place.type->to_group) {
        put_into_group(walk, routes, &place, rest);
        return true;
    }
    const char *why_not = obstacle(walk, place.settings, place.type);
    if (why_not) {
        add_fact(walk, walk->stand_in, channel, "rejected", why_not);
        walk->obstacle = why_not;
        return false;
    }
    put_for_person(walk, routes, &place, rest);
    return true;
}

/* Nobody reached: the last channel's message is told once more, as dead. */
static void give_up(struct walk *walk, struct routes *routes, struct text last_channel)
{
    add_fact(
        walk, walk->stand_in.bytes > 0 ? walk->stand_in : walk->person, last_channel, "dead",
        walk->obstacle ? walk->obstacle : "no channel to try");
    const struct unreached unreached = {
        .person = kept_text(routes, walk->person),
        .facts = kept(routes, &walk->facts),
    };
    routes->dead_count++;
    add_unreached(routes, &unreached);
}

static void walk_along(struct walk *walk, struct text_list via, struct routes *routes)
{
    size_t index = 0;
    bool reached = false;
    buf_init(&walk->facts, ROUTE_BYTES);
    for (; index < via.count && !reached; index++) {
        const struct text_list rest = {
            .items = via.items + index + 1,
            .count = via.count - index - 1,
        };
        reached = try_channel(walk, routes, via.items[index], rest);
    }
    if (!reached) {
        give_up(walk, routes, via.count > 0 ? via.items[via.count - 1] : (struct text){0});
    }
    buf_release(&walk->facts);
}

static void route_person(
    const struct route_from *from,
    const struct mail_entry *entry,
    struct text person,
    struct text_list via,
    struct routes *routes)
{
    struct walk walk = {.from = from, .entry = entry, .person = person};
    walk_along(&walk, via, routes);
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

struct text route_named(
    const struct route_from *from, const struct mail_entry *entry, struct text person)
{
    const struct policy *policy = &from->bundle->policy;
    return may_be_replaced(entry)
               ? leave_stand_in(
                     policy->directory, person, calendar_local_day(policy->calendar, from->now))
               : person;
}

struct text route_asked_for(const struct mail_entry *entry, struct text mailbox)
{
    struct text group;
    if (entry->stood_in_for.bytes > 0) {
        return entry->stood_in_for;
    }
    if (entry->receiver.bytes > 0) {
        return entry->receiver;
    }
    return route_is_group(mailbox, &group) ? (struct text){0} : mailbox;
}

struct text route_also_for(
    const struct route_from *from,
    const struct mail_entry *entry,
    struct text mailbox,
    size_t *index)
{
    const struct text delegate = entry->receiver.bytes > 0 ? entry->receiver : mailbox;
    while (entry->stood_in_for.bytes > 0 && *index < entry->to.count) {
        const struct text person = entry->to.items[(*index)++];
        if (!text_equal(person, entry->stood_in_for) &&
            text_equal(route_named(from, entry, person), delegate)) {
            return person;
        }
    }
    return (struct text){0};
}

void route_rest(
    const struct route_from *from,
    const struct mail_entry *entry,
    struct text person,
    struct routes *routes)
{
    struct text group;
    if (!route_is_group(person, &group)) {
        route_person(from, entry, route_asked_for(entry, person), entry->rest, routes);
        return;
    }
    for (size_t index = 0; index < entry->to.count; index++) {
        route_person(from, entry, entry->to.items[index], entry->rest, routes);
    }
}

struct text route_moves(
    const struct route_from *from,
    const struct mail_entry *entry,
    struct text mailbox,
    struct text channel,
    struct routes *routes)
{
    const struct text person = route_asked_for(entry, mailbox);
    const struct text stays = {0};
    if (entry->kind == ENTRY_DIGEST || entry->attempts > 0 || entry->stood_in_for.bytes > 0 ||
        person.bytes == 0) {
        return stays;
    }
    const struct channel_settings *settings = settings_channel(from->settings, channel);
    const struct text stand_in = stand_in_of(from, entry, person, settings);
    if (text_equal(stand_in, person)) {
        return stays;
    }
    struct walk walk = {.from = from, .entry = entry, .person = person, .moving = true};
    struct text *via = arena_array(routes->arena, entry->rest.count + 1, sizeof(*via));
    if (!via) {
        routes->out_of_memory = true;
        return stand_in;
    }
    via[0] = channel;
    if (entry->rest.count > 0) {
        memcpy(via + 1, entry->rest.items, entry->rest.count * sizeof(*via));
    }
    routes->alert_from = routes->item_count;
    walk_along(&walk, (struct text_list){.items = via, .count = entry->rest.count + 1}, routes);
    return stand_in;
}
