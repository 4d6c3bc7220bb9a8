/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a case's memory as bytes (docs/record.md). A text stands in full where it first comes
 * up and as a small number afterwards. Deterministic: equal memories give equal bytes.
 */
#include <stdlib.h>

#include "base/must.h"
#include "rules/pack.h"
#include "rules/record.h"
#include "rules/record_layout.h"

/* The texts written so far, to find the number of one again. */
struct text_table {
    struct text *texts;
    size_t count;
    size_t capacity;
    uint32_t *slots; /* number of the text, 0 empty; a power of two, at most half full */
    size_t slot_count;
};

struct packer {
    struct buf *buf;
    struct text_table table;
};

static uint32_t hash_of(struct text text)
{
    uint32_t hash = UINT32_C(2166136261); /* FNV-1a */
    for (size_t i = 0; i < text.bytes; i++)
        hash = (hash ^ (unsigned char)text.ptr[i]) * UINT32_C(16777619);
    return hash ^ (hash >> 15);
}

static size_t find_slot(const struct text_table *table, struct text text)
{
    size_t at = hash_of(text) & (table->slot_count - 1);
    while (table->slots[at] != 0 && !text_equal(table->texts[table->slots[at] - 1], text))
        at = (at + 1) & (table->slot_count - 1);
    return at;
}

static bool table_grow(struct text_table *table)
{
    const size_t capacity = table->capacity ? table->capacity * 2 : 64;
    struct text *texts = realloc(table->texts, capacity * sizeof(*texts));
    if (!texts)
        return false;
    table->texts = texts;
    table->capacity = capacity;
    uint32_t *slots = calloc(capacity * 2, sizeof(*slots));
    if (!slots)
        return false;
    free(table->slots);
    table->slots = slots;
    table->slot_count = capacity * 2;
    for (size_t i = 0; i < table->count; i++)
        slots[find_slot(table, texts[i])] = (uint32_t)(i + 1);
    return true;
}

static void put_text(struct packer *packer, struct text text)
{
    struct text_table *table = &packer->table;
    if (table->count == table->capacity && !table_grow(table)) {
        packer->buf->error = ERR_NO_MEMORY;
        return;
    }
    MUST(table->slots && table->count < table->capacity);
    const size_t slot = find_slot(table, text);
    pack_number(packer->buf, table->slots[slot]);
    if (table->slots[slot] != 0)
        return;
    pack_number(packer->buf, text.bytes);
    buf_text(packer->buf, text);
    table->texts[table->count++] = text;
    table->slots[slot] = (uint32_t)table->count;
}

static void put_event(struct packer *packer, const struct event *event, struct wall_ms previous)
{
    struct buf *buf = packer->buf;
    pack_ms(buf, event->time.ms - previous.ms);
    pack_ms(buf, event->arrived.ms - event->time.ms);
    pack_signed(buf, event->rules_version);
    pack_number(buf, (uint64_t)event->kind);
    if (event->kind == EVENT_OTHER)
        put_text(packer, event->kind_name);
    put_text(packer, event->source);
    put_text(packer, event->id);
    pack_number(buf, event->attribute_count);
    for (size_t i = 0; i < event->attribute_count; i++) {
        put_text(packer, event->attributes[i].path);
        put_text(packer, event->attributes[i].value);
    }
}

static bool same_stage(const struct fired *a, const struct fired *b)
{
    return a->run == b->run && text_equal(a->clock, b->clock) && text_equal(a->stage, b->stage);
}

static bool same_people(const struct fired *a, const struct fired *b)
{
    if (a->to_count != b->to_count)
        return false;
    for (size_t i = 0; i < a->to_count; i++) {
        if (!text_equal(a->to[i], b->to[i]))
            return false;
    }
    return true;
}

static void put_fired(
    struct packer *packer, const struct fired *fired, const struct fired *previous)
{
    struct buf *buf = packer->buf;
    const bool stage_repeats = previous && same_stage(fired, previous);
    const bool people_repeat = previous && same_people(fired, previous);
    pack_number(
        buf, (uint64_t)fired->status | (stage_repeats ? RECORD_SAME_STAGE : 0U) |
                 (people_repeat ? RECORD_SAME_PEOPLE : 0U));
    if (!stage_repeats) {
        put_text(packer, fired->clock);
        pack_number(buf, (uint64_t)fired->run);
        put_text(packer, fired->stage);
    }
    pack_ms(buf, fired->instant.ms - (stage_repeats ? previous->instant.ms : 0));
    pack_ms(buf, fired->fired_at.ms - fired->instant.ms);
    if (people_repeat)
        return;
    pack_number(buf, fired->to_count);
    for (size_t i = 0; i < fired->to_count; i++)
        put_text(packer, fired->to[i]);
}

void record_pack(const struct case_memory *memory, struct buf *buf)
{
    struct packer packer = {.buf = buf};
    struct wall_ms previous = {.ms = 0};
    buf_char(buf, RECORD_FORMAT);
    put_text(&packer, memory->id);
    pack_ms(buf, memory->first_arrived.ms);
    pack_number(buf, memory->event_count);
    for (size_t i = 0; i < memory->event_count; i++) {
        put_event(&packer, &memory->events[i], previous);
        previous = memory->events[i].time;
    }
    pack_number(buf, memory->fired_count);
    for (size_t i = 0; i < memory->fired_count; i++)
        put_fired(&packer, &memory->fired[i], i > 0 ? &memory->fired[i - 1] : NULL);
    free(packer.table.texts);
    free(packer.table.slots);
}
