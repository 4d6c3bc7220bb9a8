/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of two sides against each other. Within one stage of one run an alert of the same
 * instant is the same alert; of the others the first that is gone has moved to the first that is
 * new, and so on. Person by person: who is told by both has been moved, the others gain or lose a
 * message.
 */
#include <string.h>

#include "rules/preview_data.h"

const char *preview_change_name(enum preview_change change)
{
    static const char *const names[PREVIEW_CHANGE_COUNT] = {
        [PREVIEW_NEW] = "new", [PREVIEW_GONE] = "gone", [PREVIEW_MOVED] = "moved"};
    return names[change];
}

/* ---- who ---- */

static bool contains(const struct preview_sent *sent, struct text person)
{
    return sent && text_is_among(person, sent->to, sent->to_count);
}

/* The people of `sent` who are, or are not, among those of the other. */
static const struct text *people_of(
    struct arena *arena,
    const struct preview_sent *sent,
    const struct preview_sent *other,
    bool among,
    size_t *ret_count)
{
    struct text *people = arena_array(arena, sent->to_count, sizeof(*people));
    *ret_count = 0;
    for (size_t i = 0; people && i < sent->to_count; i++) {
        if (contains(other, sent->to[i]) == among)
            people[(*ret_count)++] = sent->to[i];
    }
    return people;
}

/* ---- one alert ---- */

static void add_message(struct preview_message_list *list, const struct preview_message *message)
{
    if (list->count == list->capacity) {
        const size_t capacity = list->capacity ? list->capacity * 2 : 16;
        struct preview_message *grown = arena_array(list->arena, capacity, sizeof(*grown));
        if (!grown) {
            list->out_of_memory = true;
            return;
        }
        if (list->count > 0)
            memcpy(grown, list->items, list->count * sizeof(*grown));
        list->items = grown;
        list->capacity = capacity;
    }
    list->items[list->count++] = *message;
}

static void tell(
    struct preview_message_list *list,
    enum preview_change change,
    const struct preview_sent *sent,
    const struct preview_sent *other)
{
    struct preview_message message = {
        .change = change,
        .clock = sent->clock,
        .run = sent->run,
        .stage = sent->stage,
        .instant = sent->instant,
        .was = change == PREVIEW_MOVED ? other->instant : (struct wall_ms){0},
    };
    message.to = people_of(list->arena, sent, other, change == PREVIEW_MOVED, &message.to_count);
    list->out_of_memory = list->out_of_memory || !message.to;
    if (message.to && message.to_count > 0)
        add_message(list, &message);
}

/* Either may be NULL: there is none on that side. */
static void compare_alert(
    struct preview_message_list *list,
    const struct preview_sent *before,
    const struct preview_sent *after)
{
    if (before)
        tell(list, PREVIEW_GONE, before, after);
    if (before && after && before->instant.ms != after->instant.ms)
        tell(list, PREVIEW_MOVED, after, before);
    if (after)
        tell(list, PREVIEW_NEW, after, before);
}

/* ---- one stage of one run ---- */

struct span {
    const struct preview_sent *items;
    size_t count;
    size_t at; /* how far the search for unmatched ones is */
};

static int compare_stage(const struct preview_sent *a, const struct preview_sent *b)
{
    const struct fired first = {.clock = a->clock, .run = a->run, .stage = a->stage};
    const struct fired second = {.clock = b->clock, .run = b->run, .stage = b->stage};
    return fired_compare(&first, &second);
}

static size_t find_instant(const struct span *span, struct wall_ms instant)
{
    size_t low = 0;
    size_t high = span->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (span->items[middle].instant.ms < instant.ms) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static const struct preview_sent *same_instant(const struct span *span, struct wall_ms instant)
{
    const size_t at = find_instant(span, instant);
    return at < span->count && span->items[at].instant.ms == instant.ms ? &span->items[at] : NULL;
}

/* The next of the span that the other has not at its instant. */
static const struct preview_sent *next_unmatched(struct span *span, const struct span *other)
{
    while (span->at < span->count) {
        const struct preview_sent *sent = &span->items[span->at++];
        if (!same_instant(other, sent->instant))
            return sent;
    }
    return NULL;
}

static void compare_spans(
    struct preview_message_list *list, struct span *before, struct span *after)
{
    for (size_t i = 0; i < before->count; i++) {
        const struct preview_sent *same = same_instant(after, before->items[i].instant);
        if (same)
            compare_alert(list, &before->items[i], same);
    }
    for (;;) { /* ends: each turn takes one of either, or there is none left */
        const struct preview_sent *gone = next_unmatched(before, after);
        const struct preview_sent *come = next_unmatched(after, before);
        if (!gone && !come)
            return;
        compare_alert(list, gone, come);
    }
}

static struct span span_of(
    const struct preview_side *side, size_t from, const struct preview_sent *key)
{
    size_t end = from;
    while (end < side->sent_count && compare_stage(&side->sent[end], key) == 0)
        end++;
    return (struct span){.items = side->sent + from, .count = end - from};
}

void preview_messages(
    struct preview_message_list *list,
    const struct preview_side *before,
    const struct preview_side *after)
{
    size_t b = 0;
    size_t a = 0;
    while (b < before->sent_count || a < after->sent_count) {
        const bool is_after =
            b == before->sent_count ||
            (a < after->sent_count && compare_stage(&after->sent[a], &before->sent[b]) < 0);
        const struct preview_sent *key = is_after ? &after->sent[a] : &before->sent[b];
        struct span from = span_of(before, b, key);
        struct span to = span_of(after, a, key);
        b += from.count;
        a += to.count;
        compare_spans(list, &from, &to);
    }
}
