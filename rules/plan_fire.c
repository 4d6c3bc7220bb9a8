/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who hears of what fires (semantics section 7): of several occurrences that fire at one moment
 * for one run, a person is sent only the last one addressed to them.
 */
#include <stdlib.h>
#include <string.h>

#include "rules/plan.h"

static int by_instant_and_order(const void *a, const void *b)
{
    const struct candidate *left = a;
    const struct candidate *right = b;
    if (left->instant.ms != right->instant.ms)
        return left->instant.ms < right->instant.ms ? -1 : 1;
    return (left->order > right->order) - (left->order < right->order);
}

static bool firing_room(struct planner *planner, size_t more)
{
    if (planner->firing_count + more <= planner->firing_capacity)
        return true;
    size_t capacity = planner->firing_capacity ? planner->firing_capacity * 2 : 8;
    while (capacity < planner->firing_count + more)
        capacity *= 2;
    struct firing *grown = arena_array(planner->arena, capacity, sizeof(*grown));
    if (!grown)
        return false;
    if (planner->firing_count > 0)
        memcpy(grown, planner->firings, planner->firing_count * sizeof(*grown));
    planner->firings = grown;
    planner->firing_capacity = capacity;
    return true;
}

/* Was an earlier stage of this run sent to that person? */
static bool was_told(
    const struct planner *planner, const struct run *run, struct text stage, struct text person)
{ /* `stage`: the one that does not count; empty: all do */
    for (size_t i = 0; i < planner->memory->fired_count; i++) {
        const struct fired *fired = &planner->memory->fired[i];
        if (fired->run != run->number || fired->status != ALERT_FIRED ||
            !text_equal(fired->clock, run->clock) || text_equal(fired->stage, stage))
            continue;
        if (text_is_among(person, fired->to, fired->to_count))
            return true;
    }
    return false;
}

/* An acknowledgement of this run's clock, between the run's start and now? */
static bool acknowledges(
    const struct planner *planner, const struct run *run, const struct event *event)
{
    return event->kind == EVENT_ACKNOWLEDGED && event->time.ms >= run->start.ms &&
           event->time.ms <= planner->now.ms &&
           text_equal(event_attribute(event, "clock"), run->clock);
}

/* Has somebody who was told acknowledged? */
static bool is_acked(const struct planner *planner, const struct run *run, struct text stage)
{
    for (size_t i = 0; i < planner->memory->event_count; i++) {
        const struct event *event = &planner->memory->events[i];
        if (acknowledges(planner, run, event) &&
            was_told(planner, run, stage, event_attribute(event, "by")))
            return true;
    }
    return false;
}

/* Has this person acknowledged, and was told by some stage? */
static bool has_acked(const struct planner *planner, const struct run *run, struct text person)
{
    for (size_t i = 0; i < planner->memory->event_count; i++) {
        const struct event *event = &planner->memory->events[i];
        if (acknowledges(planner, run, event) && text_equal(event_attribute(event, "by"), person))
            return was_told(planner, run, (struct text){0}, person);
    }
    return false;
}

/* "unless_acked": "each": only those who have not. */
static enum err leave_out_acked(
    const struct planner *planner, const struct run *run, struct fired *fired)
{
    struct text *kept = arena_array(planner->arena, fired->to_count, sizeof(*kept));
    size_t kept_count = 0;
    if (!kept && fired->to_count > 0)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < fired->to_count; i++) {
        if (!has_acked(planner, run, fired->to[i]))
            kept[kept_count++] = fired->to[i];
    }
    if (kept_count == 0 && fired->to_count > 0)
        fired->status = ALERT_SUPPRESSED;
    fired->to = kept;
    fired->to_count = kept_count;
    return ERR_OK;
}

/* Old cases imported today ring nobody. */
static bool is_too_old(const struct planner *planner, struct wall_ms instant)
{
    return instant.ms < planner->memory->first_arrived.ms - planner->newest->backfill_ms;
}

/* Status, and for what is sent everybody it is addressed to. */
static enum err decide(
    struct planner *planner,
    const struct run *run,
    const struct candidate *candidate,
    struct firing *firing)
{
    const struct stage *stage = candidate->stage;
    struct people_list people = {0};
    *firing = (struct firing){
        .run = run,
        .stage = stage,
        .fired =
            {
                .clock = run->clock,
                .run = run->number,
                .stage = stage->id,
                .instant = candidate->instant,
                .fired_at = planner->now,
                .status = ALERT_FIRED,
            },
        .ordinal = candidate->ordinal,
    };
    if (candidate->collapsed) {
        firing->fired.status = ALERT_COLLAPSED;
    } else if (is_too_old(planner, candidate->instant)) {
        firing->fired.status = ALERT_SKIPPED;
    } else if (stage->if_acked == IF_ACKED_SUPPRESS && is_acked(planner, run, stage->id)) {
        firing->fired.status = ALERT_SUPPRESSED;
    }
    if (firing->fired.status != ALERT_FIRED)
        return ERR_OK;
    const struct role_subject subject =
        run_subject(planner->state, planner->newest->directory, run->co_unit);
    const enum err err = directory_resolve(
        planner->newest->directory, stage->notify, stage->notify_count, &subject, planner->arena,
        &people);
    firing->fired.to = people.ids;
    firing->fired.to_count = people.count;
    firing->directory_fault = people.fault;
    if (err != ERR_OK || stage->if_acked != IF_ACKED_EACH)
        return err;
    return leave_out_acked(planner, run, &firing->fired);
}

static bool addressed_later(const struct firing *firings, size_t count, struct text person)
{
    for (size_t i = 0; i < count; i++) {
        if (firings[i].fired.status == ALERT_FIRED &&
            text_is_among(person, firings[i].fired.to, firings[i].fired.to_count))
            return true;
    }
    return false;
}

/* Takes out the people who get a later one of the same moment. */
static enum err leave_the_last(struct planner *planner, struct firing *firings, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct fired *fired = &firings[i].fired;
        if (fired->status != ALERT_FIRED || fired->to_count == 0)
            continue;
        struct text *kept = arena_array(planner->arena, fired->to_count, sizeof(*kept));
        size_t kept_count = 0;
        if (!kept)
            return ERR_NO_MEMORY;
        for (size_t p = 0; p < fired->to_count; p++) {
            if (!addressed_later(firings + i + 1, count - i - 1, fired->to[p]))
                kept[kept_count++] = fired->to[p];
        }
        fired->to = kept;
        fired->to_count = kept_count;
        if (kept_count == 0)
            fired->status = ALERT_SUPERSEDED;
    }
    return ERR_OK;
}

enum err plan_fire(struct planner *planner, const struct run *run)
{
    struct candidate_list *list = &planner->candidates;
    if (list->out_of_memory || !firing_room(planner, list->count))
        return ERR_NO_MEMORY;
    if (list->count == 0)
        return ERR_OK;
    if (list->count > 1)
        qsort(list->items, list->count, sizeof(*list->items), by_instant_and_order);
    struct firing *firings = planner->firings + planner->firing_count;
    for (size_t i = 0; i < list->count; i++) {
        const enum err err = decide(planner, run, &list->items[i], &firings[i]);
        if (err != ERR_OK)
            return err;
    }
    planner->firing_count += list->count;
    return leave_the_last(planner, firings, list->count);
}
