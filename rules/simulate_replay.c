/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One case in ideal time: arrivals merged with the instants its plan asks to be woken at. All
 * events of one arrival instant are folded before anything fires at it (semantics section 7).
 */
#include <stdlib.h>
#include <string.h>

#include "rules/simulate_data.h"

/* ---- unpacking ---- */

static const char *take_text(const char *at, struct text *ret_text)
{
    uint32_t bytes = 0;
    memcpy(&bytes, at, sizeof(bytes));
    *ret_text = (struct text){.ptr = at + sizeof(bytes), .bytes = bytes};
    return at + sizeof(bytes) + bytes;
}

static bool unpack_event(
    const struct packed_event *packed,
    struct text subject,
    struct arena *arena,
    struct event *ret_event)
{
    struct attribute *attributes = arena_array(arena, packed->attribute_count, sizeof(*attributes));
    if (!attributes && packed->attribute_count > 0)
        return false;
    *ret_event = (struct event){
        .kind = packed->kind,
        .subject = subject,
        .time = packed->time,
        .arrived = packed->arrived,
        .rules_version = packed->rules_version,
        .attributes = attributes,
        .attribute_count = packed->attribute_count,
    };
    const char *at = take_text(packed->texts, &ret_event->kind_name);
    at = take_text(at, &ret_event->source);
    at = take_text(at, &ret_event->id);
    for (size_t i = 0; i < packed->attribute_count; i++) {
        at = take_text(at, &attributes[i].path);
        at = take_text(at, &attributes[i].value);
    }
    return true;
}

/* ---- arrivals ---- */

/* Stable: file order breaks ties of arrival. Insertion, because events come nearly in order. */
static bool list_arrivals(struct sim_replay *replay, const struct sim_case *of, size_t *ret_count)
{
    if (of->event_count > replay->arrival_capacity) {
        const size_t capacity = of->event_count * 2;
        const struct packed_event **grown =
            realloc(replay->arrivals, capacity * sizeof(const void *));
        if (!grown)
            return false;
        replay->arrivals = grown;
        replay->arrival_capacity = capacity;
    }
    size_t count = 0;
    for (const struct packed_event *event = of->first; event; event = event->next) {
        if (event->arrived.ms > replay->until.ms)
            continue; /* later events are not read */
        size_t at = count++;
        for (; at > 0 && replay->arrivals[at - 1]->arrived.ms > event->arrived.ms; at--)
            replay->arrivals[at] = replay->arrivals[at - 1];
        replay->arrivals[at] = event;
    }
    *ret_count = count;
    return true;
}

/* ---- results ---- */

static void *grow(void *items, size_t item_bytes, size_t count, size_t *capacity)
{
    if (count < *capacity)
        return items;
    const size_t wanted = *capacity ? *capacity + *capacity / 2 : 1024;
    void *grown = realloc(items, wanted * item_bytes);
    if (grown)
        *capacity = wanted;
    return grown;
}

static bool keep_alert(
    struct simulation *simulation, const struct sim_case *of, const struct firing *firing)
{
    const struct fired *fired = &firing->fired;
    if (!simulation->is_written || fired->status == ALERT_COLLAPSED)
        return true;
    struct sim_alert *alerts = grow(
        simulation->alerts, sizeof(*alerts), simulation->alert_count, &simulation->alert_capacity);
    if (!alerts)
        return false;
    simulation->alerts = alerts;
    struct text *to = arena_array(&simulation->kept, fired->to_count, sizeof(*to));
    const struct text clock = forward_name(&simulation->kept, firing->run);
    if (!clock.ptr || (!to && fired->to_count > 0))
        return false;
    if (fired->to_count > 0) /* the ids themselves belong to the directory */
        memcpy(to, fired->to, fired->to_count * sizeof(*to));
    alerts[simulation->alert_count++] = (struct sim_alert){
        .of = of,
        .clock = clock,
        .stage = firing->stage,
        .run = fired->run,
        .status = fired->status,
        .instant = fired->instant,
        .fired_at = fired->fired_at,
        .to = to,
        .to_count = fired->to_count,
    };
    return true;
}

static bool keep_clock(
    struct simulation *simulation, const struct sim_case *of, const struct run *run)
{
    struct sim_clock *clocks = grow(
        simulation->clocks, sizeof(*clocks), simulation->clock_count, &simulation->clock_capacity);
    const struct text clock = forward_name(&simulation->kept, run);
    if (!clocks)
        return false;
    simulation->clocks = clocks;
    if (!clock.ptr)
        return false;
    clocks[simulation->clock_count++] = (struct sim_clock){
        .of = of,
        .clock = clock,
        .run = run->number,
        .outcome = run->outcome,
        .has_due = run->has_due,
        .has_stopped = run->has_stopped,
        .start = run->start,
        .due = run->due,
        .stopped = run->stopped,
    };
    return true;
}

/* ---- the replay ---- */

static enum err fire(
    struct sim_replay *replay, const struct sim_case *of, const struct forward_step *step)
{
    const struct simulation_watcher *watcher = replay->simulation->watcher;
    for (size_t i = 0; i < step->plan.firing_count; i++) {
        const struct firing *firing = &step->plan.firings[i];
        enum err err = ERR_OK;
        if (watcher && watcher->on_firing)
            err = watcher->on_firing(watcher->context, step->state, firing);
        if (err != ERR_OK)
            return err;
        if (!keep_alert(replay->simulation, of, firing) ||
            !forward_remember(&replay->forward, firing))
            return ERR_NO_MEMORY;
    }
    return ERR_OK;
}

static enum err take_step(
    struct sim_replay *replay,
    const struct sim_case *of,
    struct wall_ms now,
    struct case_plan *ret_plan)
{
    const struct rulebook rulebook = rulebook_at(replay->simulation->rulebook, now);
    struct forward_step step;
    enum err err = forward_look(&replay->forward, &rulebook, now, &step);
    if (err == ERR_OK)
        err = fire(replay, of, &step);
    if (err == ERR_OK)
        *ret_plan = step.plan;
    return err;
}

static enum err arrive(struct sim_replay *replay, const struct packed_event *packed)
{
    struct case_memory *memory = &replay->forward.memory;
    const struct rulebook rulebook = rulebook_at(replay->simulation->rulebook, packed->arrived);
    const struct policy *policy = rulebook_newest(&rulebook);
    struct event event;
    if (!unpack_event(packed, memory->id, &replay->lasting, &event))
        return ERR_NO_MEMORY;
    event.rules_version = policy->version;
    memory_note_arrival(memory, event.arrived);
    if (event_is_ledger_only(&event, &rulebook))
        return ERR_OK;
    const enum memory_add added = memory_add_event(memory, &replay->lasting, &event, policy);
    return added == MEMORY_NO_ROOM ? ERR_NO_MEMORY : ERR_OK;
}

static enum err show_case(
    struct sim_replay *replay, const struct case_state *state, size_t arrival_count)
{
    const struct simulation_watcher *watcher = replay->simulation->watcher;
    if (!watcher || !watcher->on_case)
        return ERR_OK;
    struct event *events = arena_array(&replay->passing, arrival_count, sizeof(*events));
    if (!events)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < arrival_count; i++) {
        if (!unpack_event(replay->arrivals[i], state->id, &replay->passing, &events[i]))
            return ERR_NO_MEMORY;
    }
    const struct simulated_case of = {state, events, arrival_count};
    return watcher->on_case(watcher->context, &of);
}

static enum err finish_case(
    struct sim_replay *replay, const struct sim_case *of, size_t arrival_count)
{
    const struct rulebook rulebook = rulebook_at(replay->simulation->rulebook, replay->until);
    const struct case_state *state = NULL;
    arena_reset(&replay->passing);
    const enum err err =
        case_fold(&replay->forward.memory, &rulebook, replay->until, &replay->passing, &state);
    if (err != ERR_OK)
        return err;
    for (size_t i = 0; i < state->run_count && replay->simulation->is_written; i++) {
        if (!keep_clock(replay->simulation, of, &state->runs[i]))
            return ERR_NO_MEMORY;
    }
    return arrival_count > 0 ? show_case(replay, state, arrival_count) : ERR_OK;
}

static void note_earliest(struct wall_ms *earliest, struct wall_ms at)
{
    if (at.ms < earliest->ms)
        *earliest = at;
}

/*
 * The next arrival, wake, or application of a version, whichever is earliest; false when there is
 * none up to `until`. A version that was applied before the case began changes nothing for it.
 */
static bool next_moment(
    const struct sim_replay *replay,
    const struct case_plan *plan,
    const struct packed_event *arrival,
    struct wall_ms *now)
{
    const struct rulebook *rulebook = replay->simulation->rulebook;
    struct wall_ms earliest = {.ms = INT64_MAX};
    if (arrival)
        note_earliest(&earliest, arrival->arrived);
    if (plan->has_next)
        note_earliest(&earliest, plan->next);
    for (size_t i = 1; now->ms >= 0 && i < rulebook->policy_count; i++) {
        if (rulebook->policies[i]->since.ms > now->ms)
            note_earliest(&earliest, rulebook->policies[i]->since);
    }
    if (earliest.ms > replay->until.ms)
        return false;
    *now = earliest;
    return true;
}

enum err sim_replay_case(struct sim_replay *replay, const struct sim_case *of)
{
    struct case_plan plan = {0};
    size_t arrival_count = 0;
    size_t at = 0;
    enum err err = ERR_OK;
    arena_reset(&replay->lasting);
    replay->forward = (struct forward){
        .memory = {.id = of->id}, .lasting = &replay->lasting, .passing = &replay->passing};
    if (!list_arrivals(replay, of, &arrival_count))
        return ERR_NO_MEMORY;
    struct wall_ms now = {.ms = -1};
    /* Ends: each turn takes an arrival or moves on to a later moment. */
    while (err == ERR_OK &&
           next_moment(replay, &plan, at < arrival_count ? replay->arrivals[at] : NULL, &now)) {
        while (err == ERR_OK && at < arrival_count && replay->arrivals[at]->arrived.ms <= now.ms)
            err = arrive(replay, replay->arrivals[at++]);
        if (err == ERR_OK)
            err = take_step(replay, of, now, &plan);
    }
    return err == ERR_OK ? finish_case(replay, of, arrival_count) : err;
}
