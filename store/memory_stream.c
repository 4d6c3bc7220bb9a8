/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Queue streams as linked lists (acknowledgements come from near the front), the journal as an
 * array (reads start anywhere).
 */
#include "store/memory_stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "store/memory_map.h"
#include "store/store.h"

static void entry_free(struct memory_entry *entry)
{
    memory_text_free(entry->body);
    free(entry);
}

void memory_stream_release(struct memory_stream *stream)
{
    while (stream->first) {
        struct memory_entry *const next = stream->first->next;
        entry_free(stream->first);
        stream->first = next;
    }
    *stream = (struct memory_stream){0};
}

int64_t memory_stream_add(struct memory_stream *stream, struct wall_ms arrived, struct text body)
{
    struct memory_entry *const entry = memory_alloc(sizeof *entry);
    entry->number = ++stream->number_last;
    entry->arrived = arrived;
    entry->body = memory_text_copy(body);
    entry->previous = stream->last;
    if (stream->last) {
        stream->last->next = entry;
    } else {
        stream->first = entry;
    }
    stream->last = entry;
    if (!stream->first_new)
        stream->first_new = entry;
    stream->count++;
    return entry->number;
}

void memory_stream_remove(struct memory_stream *stream, int64_t number)
{
    struct memory_entry *entry = stream->first;
    while (entry && entry->number < number)
        entry = entry->next;
    if (!entry || entry->number != number)
        return;
    if (stream->first_new == entry)
        stream->first_new = entry->next;
    if (entry->previous) {
        entry->previous->next = entry->next;
    } else {
        stream->first = entry->next;
    }
    if (entry->next) {
        entry->next->previous = entry->previous;
    } else {
        stream->last = entry->previous;
    }
    stream->count--;
    entry_free(entry);
}

/* Is this pending entry one the consumer lost sight of? */
static bool is_recoverable(
    const struct memory_entry *entry,
    const struct memory_reader *reader,
    const struct memory_instance *consumer)
{
    return reader->recovering && entry->consumer == consumer && entry->number > reader->seen;
}

static bool is_left(const struct memory_entry *entry, int64_t real_ms)
{
    return real_ms - entry->handed_ms >= STORE_LEASE_MS;
}

static void entry_hand(
    struct memory_entry *entry,
    struct memory_reader *reader,
    const struct memory_instance *consumer,
    int64_t real_ms)
{
    if (entry->consumer == consumer || !entry->consumer)
        reader->seen = entry->number > reader->seen ? entry->number : reader->seen;
    entry->consumer = consumer;
    entry->handed_ms = real_ms;
    entry->deliveries++;
}

size_t memory_stream_take(
    struct memory_stream *stream,
    struct memory_reader *reader,
    const struct memory_instance *consumer,
    int64_t real_ms,
    size_t max,
    struct memory_entry **ret_entries)
{
    size_t count = 0;
    struct memory_entry *entry = stream->first;
    for (; entry != stream->first_new && count < max; entry = entry->next) {
        if (!is_recoverable(entry, reader, consumer))
            continue;
        entry_hand(entry, reader, consumer, real_ms);
        ret_entries[count++] = entry;
    }
    if (count == max)
        return count; /* perhaps more of the past: stay in recovery */
    reader->recovering = false;
    for (entry = stream->first; entry != stream->first_new && count < max; entry = entry->next) {
        if (!is_left(entry, real_ms))
            continue;
        entry->consumer = consumer;
        entry->handed_ms = real_ms;
        entry->deliveries++;
        ret_entries[count++] = entry;
    }
    while (stream->first_new && count < max) {
        entry = stream->first_new;
        stream->first_new = entry->next;
        entry_hand(entry, reader, consumer, real_ms);
        ret_entries[count++] = entry;
    }
    return count;
}

bool memory_stream_has(
    const struct memory_stream *stream,
    const struct memory_reader *reader,
    const struct memory_instance *consumer,
    int64_t real_ms)
{
    if (stream->first_new)
        return true;
    for (const struct memory_entry *entry = stream->first; entry; entry = entry->next) {
        if (is_recoverable(entry, reader, consumer) || is_left(entry, real_ms))
            return true;
    }
    return false;
}

void memory_log_release(struct memory_log *log)
{
    for (size_t i = 0; i < log->count; i++)
        memory_text_free(log->facts[i]);
    free(log->facts);
    *log = (struct memory_log){0};
}

void memory_log_add(struct memory_log *log, struct text facts)
{
    if (log->count == log->capacity) {
        log->capacity = log->capacity ? log->capacity * 2 : 64;
        struct text *const grown = realloc(log->facts, log->capacity * sizeof *grown);
        MUST(grown);
        log->facts = grown;
    }
    log->facts[log->count++] = memory_text_copy(facts);
}

int64_t memory_position_parse(struct text position)
{
    int64_t number = 0;
    if (position.bytes == 0)
        return 0;
    const char *const dash = memchr(position.ptr, '-', position.bytes);
    if (!dash)
        return -1;
    const struct text head = {.ptr = position.ptr, .bytes = (size_t)(dash - position.ptr)};
    return text_parse_i64(head, &number) == ERR_OK ? number : -1;
}
