/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a case's memory from bytes (docs/record.md). The bytes come from outside: every count is
 * bounded by what is left, every instant and index by its range, and both sets must be in order.
 */
#include <string.h>

#include "rules/pack.h"
#include "rules/record.h"
#include "rules/record_layout.h"

struct unpacker {
    struct unpack in;
    struct arena *arena;
    struct text *texts;
    size_t text_count;
    size_t text_capacity;
    bool out_of_memory;
    const char *fault; /* the first, NULL: none named */
};

static void fail(struct unpacker *unpacker, const char *fault)
{
    unpacker->in.failed = true;
    if (!unpacker->fault)
        unpacker->fault = fault;
}

static void *take_array(struct unpacker *unpacker, uint64_t count, size_t item_bytes)
{
    void *items = arena_array(unpacker->arena, (size_t)count, item_bytes);
    if (!items && count > 0) {
        unpacker->out_of_memory = true;
        unpacker->in.failed = true;
    }
    return items;
}

/* A count of things that take at least `bytes_min` each of what is left. */
static size_t take_count(struct unpacker *unpacker, size_t bytes_min)
{
    return (size_t)unpack_upto(&unpacker->in, unpack_left(&unpacker->in) / bytes_min);
}

static struct text new_text(struct unpacker *unpacker)
{
    const struct text text = unpack_bytes(&unpacker->in, unpack_number(&unpacker->in));
    if (unpacker->in.failed)
        return text;
    if (unpacker->text_count == unpacker->text_capacity) {
        const size_t capacity = unpacker->text_capacity ? unpacker->text_capacity * 2 : 64;
        struct text *grown = take_array(unpacker, capacity, sizeof(*grown));
        if (!grown)
            return text;
        if (unpacker->text_count > 0)
            memcpy(grown, unpacker->texts, unpacker->text_count * sizeof(*grown));
        unpacker->texts = grown;
        unpacker->text_capacity = capacity;
    }
    unpacker->texts[unpacker->text_count++] = text;
    return text;
}

static struct text take_text(struct unpacker *unpacker)
{
    const uint64_t number = unpack_upto(&unpacker->in, unpacker->text_count);
    if (number > 0)
        return unpacker->texts[number - 1];
    return new_text(unpacker);
}

/* base_ms + a stored difference, within the instants we hold. */
static struct wall_ms take_instant(struct unpacker *unpacker, int64_t base_ms)
{
    int64_t ms = unpack_ms(&unpacker->in);
    if (__builtin_add_overflow(ms, base_ms, &ms) || ms < 0 || ms > WALL_MS_MAX) {
        fail(unpacker, "an instant is out of range");
        ms = 0;
    }
    return (struct wall_ms){.ms = ms};
}

static void take_event(
    struct unpacker *unpacker, struct text subject, struct wall_ms previous, struct event *event)
{
    event->subject = subject;
    event->time = take_instant(unpacker, previous.ms);
    event->arrived = take_instant(unpacker, event->time.ms);
    event->rules_version = unpack_signed(&unpacker->in);
    event->kind = (enum event_kind)unpack_upto(&unpacker->in, EVENT_OTHER);
    event->kind_name =
        event->kind == EVENT_OTHER ? take_text(unpacker) : text_of(event_kind_name(event->kind));
    event->source = take_text(unpacker);
    event->id = take_text(unpacker);
    const size_t count = take_count(unpacker, RECORD_ATTRIBUTE_BYTES_MIN);
    struct attribute *attributes = take_array(unpacker, count, sizeof(*attributes));
    for (size_t i = 0; i < count && !unpacker->in.failed; i++) {
        attributes[i].path = take_text(unpacker);
        attributes[i].value = take_text(unpacker);
    }
    event->attributes = attributes;
    event->attribute_count = count;
}

static void take_events(struct unpacker *unpacker, struct case_memory *memory)
{
    const size_t count = take_count(unpacker, RECORD_EVENT_BYTES_MIN);
    struct event *events = take_array(unpacker, count, sizeof(*events));
    struct wall_ms previous = {.ms = 0};
    for (size_t i = 0; i < count && !unpacker->in.failed; i++) {
        take_event(unpacker, memory->id, previous, &events[i]);
        if (i > 0 && event_compare(&events[i - 1], &events[i]) >= 0)
            fail(unpacker, "the events are not in order");
        previous = events[i].time;
    }
    memory->events = events;
    memory->event_count = count;
}

static void take_people(struct unpacker *unpacker, struct fired *fired)
{
    const size_t count = take_count(unpacker, 1);
    struct text *to = take_array(unpacker, count, sizeof(*to));
    for (size_t i = 0; i < count && !unpacker->in.failed; i++) {
        to[i] = take_text(unpacker);
        if (i > 0 && text_compare(to[i - 1], to[i]) >= 0)
            fail(unpacker, "the people of an alert are not in order");
    }
    fired->to = to;
    fired->to_count = count;
}

static void take_fired(struct unpacker *unpacker, const struct fired *previous, struct fired *fired)
{
    const uint64_t head =
        unpack_upto(&unpacker->in, RECORD_STATUS_MASK | RECORD_SAME_STAGE | RECORD_SAME_PEOPLE);
    const uint64_t status = head & RECORD_STATUS_MASK;
    const bool same_stage = (head & RECORD_SAME_STAGE) != 0;
    if (status >= ALERT_STATUS_COUNT || (head > RECORD_STATUS_MASK && previous->run == 0)) {
        fail(unpacker, "the head of an alert is unknown");
        return;
    }
    fired->status = (enum alert_status)status;
    if (same_stage) {
        fired->clock = previous->clock;
        fired->run = previous->run;
        fired->stage = previous->stage;
    } else {
        fired->clock = take_text(unpacker);
        fired->run = (int32_t)unpack_upto(&unpacker->in, INT32_MAX);
        if (fired->run == 0)
            fail(unpacker, "a run has no number");
        fired->stage = take_text(unpacker);
    }
    fired->instant = take_instant(unpacker, same_stage ? previous->instant.ms : 0);
    fired->fired_at = take_instant(unpacker, fired->instant.ms);
    if (head & RECORD_SAME_PEOPLE) {
        fired->to = previous->to;
        fired->to_count = previous->to_count;
    } else {
        take_people(unpacker, fired);
    }
}

static void take_all_fired(struct unpacker *unpacker, struct case_memory *memory)
{
    static const struct fired none = {.run = 0}; /* nothing to be the same as */
    const size_t count = take_count(unpacker, RECORD_FIRED_BYTES_MIN);
    struct fired *fired = take_array(unpacker, count, sizeof(*fired));
    for (size_t i = 0; i < count && !unpacker->in.failed; i++) {
        take_fired(unpacker, i > 0 ? &fired[i - 1] : &none, &fired[i]);
        if (i > 0 && !unpacker->in.failed && fired_compare(&fired[i - 1], &fired[i]) >= 0)
            fail(unpacker, "the alerts are not in order");
    }
    memory->fired = fired;
    memory->fired_count = count;
}

enum err record_unpack(
    struct text bytes, struct arena *arena, struct case_memory *ret_memory, struct err_why *why)
{
    struct unpacker unpacker = {.arena = arena};
    struct case_memory memory = {0};
    if (bytes.bytes == 0)
        return err_set(why, ERR_CORRUPT, "a case record without a byte");
    if (bytes.ptr[0] != RECORD_FORMAT) {
        return err_set(
            why, ERR_CORRUPT, "a case record of format %d: this version reads format %d",
            (int)(unsigned char)bytes.ptr[0], RECORD_FORMAT);
    }
    unpacker.in = (struct unpack){.at = bytes.ptr + 1, .end = bytes.ptr + bytes.bytes};
    memory.id = take_text(&unpacker);
    memory.first_arrived = take_instant(&unpacker, 0);
    take_events(&unpacker, &memory);
    if (!unpacker.in.failed)
        take_all_fired(&unpacker, &memory);
    if (unpacker.out_of_memory)
        return err_set(why, ERR_NO_MEMORY, "no memory to read a case record");
    if (!unpacker.in.failed && unpack_left(&unpacker.in) > 0)
        fail(&unpacker, "bytes are left over");
    if (unpacker.in.failed) {
        return err_set(
            why, ERR_CORRUPT, "a damaged case record: %s at byte %zu of %zu",
            unpacker.fault ? unpacker.fault : "it ends early or a number is off",
            bytes.bytes - unpack_left(&unpacker.in), bytes.bytes);
    }
    *ret_memory = memory;
    return ERR_OK;
}
