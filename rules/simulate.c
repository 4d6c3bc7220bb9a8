/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Simulation: takes events in file order, keeps them packed per case, then replays each case on
 * its own, because nothing that happens to one case touches another (semantics section 7).
 */
#include <stdlib.h>
#include <string.h>

#include "rules/simulate_data.h"

struct simulation *simulation_create(const struct rulebook *rulebook)
{
    struct simulation *simulation = calloc(1, sizeof(*simulation));
    if (!simulation)
        return NULL;
    simulation->rulebook = rulebook;
    arena_init(&simulation->kept, 0);
    return simulation;
}

struct rulebook rulebook_at(const struct rulebook *rulebook, struct wall_ms now)
{
    struct rulebook prefix = *rulebook;
    while (prefix.policy_count > 1 && prefix.policies[prefix.policy_count - 1]->since.ms > now.ms)
        prefix.policy_count--;
    return prefix;
}

void simulation_use(struct simulation *simulation, const struct rulebook *rulebook)
{
    simulation->rulebook = rulebook;
}

void simulation_watch(struct simulation *simulation, const struct simulation_watcher *watcher)
{
    simulation->watcher = watcher;
}

void simulation_free(struct simulation *simulation)
{
    if (!simulation)
        return;
    arena_release(&simulation->kept);
    free(simulation->cases);
    free(simulation->slots);
    free(simulation->alerts);
    free(simulation->clocks);
    free(simulation);
}

/* ---- finding a case ---- */

static uint64_t hash_of(struct text id)
{
    uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */
    for (size_t i = 0; i < id.bytes; i++)
        hash = (hash ^ (unsigned char)id.ptr[i]) * UINT64_C(1099511628211);
    return hash ^ (hash >> 32);
}

static size_t find_slot(const struct simulation *simulation, struct text id, uint64_t hash)
{
    size_t at = (size_t)hash & (simulation->slot_count - 1);
    while (simulation->slots[at] != 0) {
        const struct sim_case *of = simulation->cases[simulation->slots[at] - 1];
        if (of->hash == hash && text_equal(of->id, id))
            break;
        at = (at + 1) & (simulation->slot_count - 1);
    }
    return at;
}

static bool grow_slots(struct simulation *simulation)
{
    const size_t slot_count = simulation->slot_count ? simulation->slot_count * 2 : 1024;
    uint32_t *slots = calloc(slot_count, sizeof(*slots));
    if (!slots)
        return false;
    free(simulation->slots);
    simulation->slots = slots;
    simulation->slot_count = slot_count;
    for (size_t i = 0; i < simulation->case_count; i++) {
        const struct sim_case *of = simulation->cases[i];
        slots[find_slot(simulation, of->id, of->hash)] = (uint32_t)(i + 1);
    }
    return true;
}

static bool grow_cases(struct simulation *simulation)
{
    const size_t capacity = simulation->case_capacity ? simulation->case_capacity * 2 : 1024;
    struct sim_case **cases = realloc(simulation->cases, capacity * sizeof(struct sim_case *));
    if (!cases)
        return false;
    simulation->cases = cases;
    simulation->case_capacity = capacity;
    return true;
}

static struct sim_case *case_of(struct simulation *simulation, struct text id)
{
    const uint64_t hash = hash_of(id);
    if (simulation->case_count * 2 >= simulation->slot_count && !grow_slots(simulation))
        return NULL;
    const size_t slot = find_slot(simulation, id, hash);
    if (simulation->slots[slot] != 0)
        return simulation->cases[simulation->slots[slot] - 1];
    if (simulation->case_count == simulation->case_capacity && !grow_cases(simulation))
        return NULL;
    struct sim_case *of = arena_alloc(&simulation->kept, sizeof(*of));
    if (!of)
        return NULL;
    of->id = arena_text(&simulation->kept, id);
    of->hash = hash;
    if (!of->id.ptr)
        return NULL;
    simulation->cases[simulation->case_count++] = of;
    simulation->slots[slot] = (uint32_t)simulation->case_count;
    return of;
}

/* ---- packing an event ---- */

static size_t packed_bytes(struct text text)
{
    return sizeof(uint32_t) + text.bytes;
}

static char *put_text(char *at, struct text text)
{
    const uint32_t bytes = (uint32_t)text.bytes;
    memcpy(at, &bytes, sizeof(bytes));
    if (bytes > 0)
        memcpy(at + sizeof(bytes), text.ptr, bytes);
    return at + sizeof(bytes) + bytes;
}

static struct packed_event *pack_event(struct simulation *simulation, const struct event *event)
{
    size_t bytes = offsetof(struct packed_event, texts) + packed_bytes(event->kind_name) +
                   packed_bytes(event->source) + packed_bytes(event->id);
    for (size_t i = 0; i < event->attribute_count; i++)
        bytes += packed_bytes(event->attributes[i].path) + packed_bytes(event->attributes[i].value);
    struct packed_event *packed = arena_alloc(&simulation->kept, bytes);
    if (!packed)
        return NULL;
    packed->time = event->time;
    packed->arrived = event->arrived;
    packed->rules_version = event->rules_version;
    packed->kind = event->kind;
    packed->attribute_count = (uint32_t)event->attribute_count;
    char *at = put_text(packed->texts, event->kind_name);
    at = put_text(at, event->source);
    at = put_text(at, event->id);
    for (size_t i = 0; i < event->attribute_count; i++) {
        at = put_text(at, event->attributes[i].path);
        at = put_text(at, event->attributes[i].value);
    }
    return packed;
}

enum err simulation_add(struct simulation *simulation, const struct event *event)
{
    struct sim_case *of = case_of(simulation, event->subject);
    if (!of)
        return ERR_NO_MEMORY;
    struct packed_event *packed = pack_event(simulation, event);
    if (!packed)
        return ERR_NO_MEMORY;
    if (of->last) {
        of->last->next = packed;
    } else {
        of->first = packed;
    }
    of->last = packed;
    of->event_count++;
    if (event->arrived.ms > simulation->last_arrival.ms)
        simulation->last_arrival = event->arrived;
    return ERR_OK;
}

struct wall_ms simulation_last_arrival(const struct simulation *simulation)
{
    return simulation->last_arrival;
}

enum err simulation_run(
    struct simulation *simulation, struct wall_ms until, simulation_write_fn *write, void *context)
{
    struct sim_replay replay = {.simulation = simulation, .until = until};
    enum err err = ERR_OK;
    arena_init(&replay.lasting, 0);
    arena_init(&replay.passing, 0);
    simulation->is_written = write != NULL;
    simulation->alert_count = 0;
    simulation->clock_count = 0;
    for (size_t i = 0; i < simulation->case_count && err == ERR_OK; i++)
        err = sim_replay_case(&replay, simulation->cases[i]);
    arena_release(&replay.lasting);
    arena_release(&replay.passing);
    free(replay.arrivals);
    return err == ERR_OK && write ? sim_write(&replay, write, context) : err;
}
