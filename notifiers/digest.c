/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A digest's members stand in order of their ids, so that the same messages give the same digest
 * whoever gathers them.
 */
#include "notifiers/digest.h"

#include <stdlib.h>
#include <string.h>

#include "rules/acts.h"
#include "rules/hold.h"

/* ---- what goes together ---- */

static bool is_for_many(const struct channel_type *type)
{
    return type->receivers_max > 1;
}

/*
 * How far apart the calls for many have to be. Their windows are as long: else what comes one by
 * one between two calls would get a call of its own each, one gap after the other.
 */
static int64_t gap_ms(const struct channel_type *type)
{
    const struct channel_limit *limit =
        is_for_many(type) ? channel_limit_of(type, LIMIT_CHANNEL) : NULL;
    return limit ? limit->window_ms / limit->max : 0;
}

int64_t digest_window(const struct digest_place *place)
{
    const int64_t gap = place->type ? gap_ms(place->type) : 0;
    const int64_t digest_ms = place->settings ? place->settings->digest_ms : 0;
    return digest_ms > gap ? digest_ms : gap;
}

/*
 * People who urge or supervise, try or are told something are not to be counted with others. Where
 * one call has to do for many, only what has words of its own goes alone: the urgent ones
 * would else wait for each other, one gap after the other.
 */
static bool is_alone(const struct mail_entry *entry, bool for_many)
{
    return entry->kind == ENTRY_NOTICE || entry->test ||
           (!for_many && (entry->urgent || act_is_clock(entry->clock)));
}

bool digest_takes(const struct digest_place *place, const struct mail_entry *entry)
{
    if (!place->settings || !place->type || entry->unsures > 0 || entry->accepted_at.ms > 0) {
        return false;
    }
    const bool for_many = is_for_many(place->type);
    return !is_alone(entry, for_many) && (place->settings->digest_ms > 0 || for_many);
}

struct wall_ms digest_from(
    const struct digest_place *place, const struct mail_entry *entry, struct wall_ms ready)
{
    if (!digest_takes(place, entry)) {
        return (struct wall_ms){0};
    }
    return hold_window(ready, digest_window(place));
}

/* ---- one of many ---- */

static int by_id(const void *a, const void *b)
{
    const struct entry_member *const left = a;
    const struct entry_member *const right = b;
    return text_compare(left->id, right->id);
}

/* The people one message is for, beside those of the others. */
static void add_people(const struct mail_entry *entry, struct text *people, size_t *count)
{
    const struct text_list one = {.items = &entry->receiver, .count = 1};
    const struct text_list *mine = entry->receiver.bytes > 0 ? &one : &entry->to;
    for (size_t index = 0; index < mine->count; index++) {
        if (!text_is_among(mine->items[index], people, *count)) {
            people[(*count)++] = mine->items[index];
        }
    }
}

enum err digest_fill(struct mail_entry *digest, struct arena *arena)
{
    size_t room = 1;
    size_t count = 0;
    for (size_t index = 0; index < digest->member_count; index++) {
        room += digest->members[index].entry.to.count + 1;
    }
    struct text *people = arena_array(arena, room, sizeof(*people));
    if (!people) {
        return ERR_NO_MEMORY;
    }
    for (size_t index = 0; index < digest->member_count; index++) {
        add_people(&digest->members[index].entry, people, &count);
    }
    digest->to = (struct text_list){.items = people, .count = count};
    return ERR_OK;
}

static enum send_when stricter(enum send_when a, enum send_when b)
{
    return a > b ? a : b; /* now, day, office */
}

/* The channels left are those of the first, unless one has none: then it is not moved by waiting.
 */
static void join(struct mail_entry *digest, const struct mail_entry *part, bool first)
{
    digest->send = stricter(digest->send, part->send);
    digest->urgent = digest->urgent || part->urgent;
    if (first || part->rest.count == 0) {
        digest->rest = part->rest;
    } else if (digest->rest.count > 0) {
        digest->rest = digest->rest.count <= part->rest.count ? digest->rest : part->rest;
    }
}

enum err digest_make(
    const struct entry_member *members,
    size_t count,
    struct arena *arena,
    struct mail_entry *ret_digest)
{
    struct entry_member *sorted = arena_array(arena, count, sizeof(*sorted));
    if (!sorted) {
        return ERR_NO_MEMORY;
    }
    memcpy(sorted, members, count * sizeof(*sorted));
    qsort(sorted, count, sizeof(*sorted), by_id);
    struct mail_entry digest = {
        .kind = ENTRY_DIGEST, .members = sorted, .member_count = count, .send = SEND_NOW};
    for (size_t index = 0; index < count; index++) {
        join(&digest, &sorted[index].entry, index == 0);
    }
    for (size_t index = 0; index < count; index++) {
        if (sorted[index].entry.rest.count == 0) {
            digest.rest = (struct text_list){0};
        }
    }
    const enum err err = digest_fill(&digest, arena);
    if (!err) {
        *ret_digest = digest;
    }
    return err;
}
