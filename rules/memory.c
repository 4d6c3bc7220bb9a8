/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is remembered of a case: two ordered sets that only grow. Arrays grow by doubling in the
 * arena; an array that came from elsewhere is copied before it is touched.
 */
#include <string.h>

#include "rules/fold.h"

/* Beyond CASE_EVENTS_MAX only events that stop, close or replan are taken, but not for ever. */
#define CLOSING_EVENTS_MAX ((size_t)2 * CASE_EVENTS_MAX)

const char *alert_status_name(enum alert_status status)
{
    static const char *const names[ALERT_STATUS_COUNT] = {
        [ALERT_FIRED] = "fired",           [ALERT_SUPERSEDED] = "superseded",
        [ALERT_SUPPRESSED] = "suppressed", [ALERT_SKIPPED] = "skipped",
        [ALERT_OVERTAKEN] = "overtaken",   [ALERT_COLLAPSED] = "collapsed",
    };
    return names[status];
}

int fired_compare(const struct fired *a, const struct fired *b)
{
    const int clock = text_compare(a->clock, b->clock);
    if (clock != 0)
        return clock;
    if (a->run != b->run)
        return a->run < b->run ? -1 : 1;
    const int stage = text_compare(a->stage, b->stage);
    if (stage != 0)
        return stage;
    return (a->instant.ms > b->instant.ms) - (a->instant.ms < b->instant.ms);
}

/* An array of ours with room for one more; NULL when memory is out. */
static void *with_room(
    struct arena *arena, const void *items, size_t count, size_t item_bytes, size_t *capacity)
{
    const size_t wanted = *capacity ? *capacity * 2 : (count < 4 ? 8 : count * 2);
    char *grown = arena_array(arena, wanted, item_bytes);
    if (!grown)
        return NULL;
    if (count > 0)
        memcpy(grown, items, count * item_bytes);
    *capacity = wanted;
    return grown;
}

static struct event *writable_events(struct case_memory *memory, struct arena *arena)
{
    if (memory->event_capacity <= memory->event_count) {
        struct event *grown = with_room(
            arena, memory->events, memory->event_count, sizeof(*grown), &memory->event_capacity);
        if (!grown)
            return NULL;
        memory->events = grown;
    }
    /* Ours, because its capacity says so: const is for the readers. */
    return (struct event *)(uintptr_t)memory->events;
}

static struct fired *writable_fired(struct case_memory *memory, struct arena *arena)
{
    if (memory->fired_capacity <= memory->fired_count) {
        struct fired *grown = with_room(
            arena, memory->fired, memory->fired_count, sizeof(*grown), &memory->fired_capacity);
        if (!grown)
            return NULL;
        memory->fired = grown;
    }
    return (struct fired *)(uintptr_t)memory->fired;
}

/* ---- events ---- */

/* Index of the event with that (source, id), or event_count. */
static size_t find_event(const struct case_memory *memory, const struct event *event)
{
    size_t at = 0;
    while (at < memory->event_count && !(text_equal(memory->events[at].id, event->id) &&
                                         text_equal(memory->events[at].source, event->source)))
        at++;
    return at;
}

static bool stops_or_closes(const struct event *event, const struct policy *policy)
{
    if (event->kind == EVENT_COMPLETED || event->kind == EVENT_WITHDRAWN ||
        event->kind == EVENT_REPLANNED) /* other rules come to all open cases, or to none */
        return true;
    for (size_t s = 0; policy && s < policy->set_count; s++) {
        const struct ruleset *set = &policy->sets[s];
        for (size_t c = 0; c < set->clock_count; c++) {
            if (clock_stops_at(&set->clocks[c], event->kind_name))
                return true;
        }
    }
    return false;
}

static bool has_room(
    const struct case_memory *memory, const struct event *event, const struct policy *policy)
{
    if (memory->event_count < CASE_EVENTS_MAX)
        return true;
    return memory->event_count < CLOSING_EVENTS_MAX && stops_or_closes(event, policy);
}

void memory_note_arrival(struct case_memory *memory, struct wall_ms arrived)
{
    const bool known = memory->event_count > 0 || memory->first_arrived.ms > 0;
    if (arrived.ms == 0)
        return; /* the first arrival of a memory that has none */
    if (!known || arrived.ms < memory->first_arrived.ms)
        memory->first_arrived = arrived;
}

static void insert_event(
    struct case_memory *memory, struct event *events, const struct event *event)
{
    size_t at = memory->event_count;
    while (at > 0 && event_compare(event, &events[at - 1]) < 0)
        at--;
    memmove(&events[at + 1], &events[at], (memory->event_count - at) * sizeof(*events));
    events[at] = *event;
    memory->event_count++;
}

enum memory_add memory_add_event(
    struct case_memory *memory,
    struct arena *arena,
    const struct event *event,
    const struct policy *policy)
{
    const size_t known = find_event(memory, event);
    const bool is_known = known < memory->event_count;
    if (is_known && memory->events[known].arrived.ms <= event->arrived.ms)
        return MEMORY_REPEATED;
    if (!is_known && !has_room(memory, event, policy))
        return MEMORY_FULL;
    struct event *events = writable_events(memory, arena);
    if (!events)
        return MEMORY_NO_ROOM;
    memory_note_arrival(memory, event->arrived);
    if (is_known) { /* this one arrived before the one we have: it counts instead */
        memmove(
            &events[known], &events[known + 1],
            (memory->event_count - known - 1) * sizeof(*events));
        memory->event_count--;
    }
    insert_event(memory, events, event);
    return MEMORY_ADDED;
}

/* ---- fired occurrences ---- */

/* The first index whose entry is not before `wanted`. */
static size_t fired_lower_bound(const struct case_memory *memory, const struct fired *wanted)
{
    size_t low = 0;
    size_t high = memory->fired_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (fired_compare(&memory->fired[middle], wanted) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

bool memory_add_fired(
    struct case_memory *memory, struct arena *arena, const struct fired *fired, size_t fired_count)
{
    for (size_t i = 0; i < fired_count; i++) {
        const size_t at = fired_lower_bound(memory, &fired[i]);
        if (at < memory->fired_count && fired_compare(&memory->fired[at], &fired[i]) == 0)
            continue;
        struct fired *all = writable_fired(memory, arena);
        if (!all)
            return false;
        memmove(&all[at + 1], &all[at], (memory->fired_count - at) * sizeof(*all));
        all[at] = fired[i];
        memory->fired_count++;
    }
    return true;
}

struct fired_list memory_fired_of(
    const struct case_memory *memory, struct text clock, int32_t run, struct text stage)
{
    const struct fired from = {.clock = clock, .run = run, .stage = stage, .instant = {.ms = 0}};
    const size_t first = fired_lower_bound(memory, &from);
    size_t end = first;
    while (end < memory->fired_count && memory->fired[end].run == run &&
           text_equal(memory->fired[end].clock, clock) &&
           text_equal(memory->fired[end].stage, stage))
        end++;
    return (struct fired_list){
        .first = end > first ? memory->fired + first : NULL,
        .count = end - first,
    };
}
