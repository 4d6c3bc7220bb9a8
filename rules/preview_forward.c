/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One side of a preview goes forward from now to the horizon.
 */
#include <stdlib.h>
#include <string.h>

#include "rules/forward.h"
#include "rules/preview_data.h"

/* ---- what is kept ---- */

static bool keep_sent(
    struct preview_room *room,
    const struct sms_channels *channels,
    struct preview_side *side,
    const struct firing *firing)
{
    const struct fired *fired = &firing->fired;
    if (side->sent_count == side->sent_capacity) {
        const size_t capacity = side->sent_capacity ? side->sent_capacity * 2 : 16;
        struct preview_sent *grown = arena_array(&room->lasting, capacity, sizeof(*grown));
        if (!grown)
            return false;
        if (side->sent_count > 0)
            memcpy(grown, side->sent, side->sent_count * sizeof(*grown));
        side->sent = grown;
        side->sent_capacity = capacity;
    }
    struct text *to = arena_array(&room->lasting, fired->to_count, sizeof(*to));
    const struct text clock = forward_name(&room->lasting, firing->run);
    if (!to || !clock.ptr)
        return false;
    memcpy(to, fired->to, fired->to_count * sizeof(*to));
    side->sent[side->sent_count++] = (struct preview_sent){
        .clock = clock,
        .run = fired->run,
        .stage = fired->stage,
        .instant = fired->instant,
        .fired_at = fired->fired_at,
        .to = to,
        .to_count = fired->to_count,
        .is_sms = channels && stage_names_sms(firing->stage, channels),
    };
    return true;
}

static bool keep_runs(
    struct preview_room *room, struct preview_side *side, const struct case_state *state)
{
    side->runs = arena_array(&room->lasting, state->run_count, sizeof(*side->runs));
    side->run_count = state->run_count;
    side->title = state->title;
    side->unit = state->unit;
    for (size_t i = 0; side->runs && i < state->run_count; i++) {
        const struct run *run = &state->runs[i];
        side->runs[i] = (struct preview_run){
            .clock = forward_name(&room->lasting, run),
            .number = run->number,
            .before =
                {
                    .exists = true,
                    .has_due = run->has_due,
                    .provisional = run->provisional,
                    .due = run->due,
                    .outcome = run->outcome,
                    .light = run->light,
                },
        };
        if (!side->runs[i].clock.ptr)
            return false;
    }
    return side->runs != NULL;
}

/* ---- what fired before and was not told ---- */

static bool has_fired_later(const struct case_memory *memory, const struct fired *fired)
{
    for (size_t i = 0; i < memory->fired_count; i++) {
        const struct fired *other = &memory->fired[i];
        if (other->run == fired->run && other->instant.ms > fired->instant.ms &&
            text_equal(other->clock, fired->clock) && text_equal(other->stage, fired->stage))
            return true;
    }
    return false;
}

enum err preview_settle(
    struct preview_room *room,
    const struct preview_question *question,
    struct case_memory *ret_memory)
{
    struct forward forward = {
        .memory = *question->memory, .lasting = &room->lasting, .passing = &room->passing};
    struct forward_step step = {0};
    enum err err = ERR_OK;
    forward.memory.fired_capacity = 0; /* the arrays are the asker's: copied when they grow */
    if (question->memory->fired_count > 0)
        err = forward_look(&forward, question->before, question->now, &step);
    for (size_t i = 0; err == ERR_OK && i < step.plan.firing_count; i++) {
        struct firing firing = step.plan.firings[i];
        if (firing.stage->repeat.kind == REPEAT_NONE ||
            !has_fired_later(question->memory, &firing.fired))
            continue;
        firing.fired.status = ALERT_COLLAPSED;
        firing.fired.to_count = 0;
        if (!forward_remember(&forward, &firing))
            err = ERR_NO_MEMORY;
    }
    if (err == ERR_OK)
        *ret_memory = forward.memory;
    return err;
}

/* ---- going forward ---- */

static enum err take_firings(
    struct preview_room *room,
    const struct preview_question *question,
    struct preview_side *side,
    struct forward *forward,
    const struct forward_step *step)
{
    for (size_t i = 0; i < step->plan.firing_count; i++) {
        const struct firing *firing = &step->plan.firings[i];
        const bool sent = firing->fired.status == ALERT_FIRED && firing->fired.to_count > 0;
        if ((sent && !keep_sent(room, question->channels, side, firing)) ||
            !forward_remember(forward, firing))
            return ERR_NO_MEMORY;
    }
    return ERR_OK;
}

/* The change as an event of now: running runs go by the newest version. */
static bool add_replan(
    struct preview_room *room, const struct preview_question *question, struct forward *forward)
{
    const struct policy *newest = rulebook_newest(question->after);
    struct attribute *attributes = arena_array(&room->lasting, 2, sizeof(*attributes));
    struct buf version;
    buf_init(&version, 32);
    buf_format(&version, "%lld", (long long)newest->version);
    const struct text number = arena_text(&room->lasting, buf_view(&version));
    buf_release(&version);
    if (!attributes || !number.ptr)
        return false;
    attributes[0] = (struct attribute){TEXT_LITERAL("replan"), TEXT_LITERAL("preview")};
    attributes[1] = (struct attribute){TEXT_LITERAL("version"), number};
    const struct event event = {
        .kind = EVENT_REPLANNED,
        .kind_name = text_of(event_kind_name(EVENT_REPLANNED)),
        .source = TEXT_LITERAL(EVENT_SOURCE_OWN),
        .id = TEXT_LITERAL("preview"),
        .subject = question->memory->id,
        .time = question->now,
        .arrived = question->now,
        .rules_version = newest->version,
        .attributes = attributes,
        .attribute_count = 2,
    };
    return memory_add_event(&forward->memory, &room->lasting, &event, newest) != MEMORY_NO_ROOM;
}

static int by_identity(const void *a, const void *b)
{
    const struct preview_sent *left = a;
    const struct preview_sent *right = b;
    const struct fired first = {
        .clock = left->clock, .run = left->run, .stage = left->stage, .instant = left->instant};
    const struct fired second = {
        .clock = right->clock, .run = right->run, .stage = right->stage, .instant = right->instant};
    return fired_compare(&first, &second);
}

enum err preview_forward(
    struct preview_room *room, const struct preview_question *question, struct preview_side *side)
{
    struct forward forward = {
        .memory = *side->memory, .lasting = &room->lasting, .passing = &room->passing};
    struct forward_step step;
    forward.memory.event_capacity = 0; /* the arrays are for both sides: copied when they grow */
    forward.memory.fired_capacity = 0;
    if (side->replan && !add_replan(room, question, &forward))
        return ERR_NO_MEMORY;
    enum err err = forward_look(&forward, side->rulebook, question->now, &step);
    if (err == ERR_OK && !keep_runs(room, side, step.state))
        err = ERR_NO_MEMORY;
    if (err == ERR_OK)
        err = take_firings(room, question, side, &forward, &step);
    size_t steps = 0;
    while (err == ERR_OK && step.plan.has_next && step.plan.next.ms <= question->horizon.ms) {
        if (++steps > PREVIEW_STEPS_MAX)
            return ERR_FULL;
        err = forward_look(&forward, side->rulebook, step.plan.next, &step);
        if (err == ERR_OK)
            err = take_firings(room, question, side, &forward, &step);
    }
    if (side->sent_count > 1)
        qsort(side->sent, side->sent_count, sizeof(*side->sent), by_identity);
    return err;
}
