/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The twin's streams. struct memory_stream is a queue with one consumer group, whose entries
 * are deleted when acknowledged; struct memory_log is the journal, which only grows. Positions
 * are "NUMBER-0", counted from 1.
 */
#ifndef NRT_STORE_MEMORY_STREAM_H
#define NRT_STORE_MEMORY_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "base/wall.h"

struct memory_instance;

struct memory_entry {
    struct memory_entry *next;
    struct memory_entry *previous;
    int64_t number;
    struct wall_ms arrived;
    struct text body;                       /* owned */
    const struct memory_instance *consumer; /* NULL: not handed out yet */
    int64_t handed_ms;                      /* real time of that */
    int32_t deliveries;
};

struct memory_stream {
    struct memory_entry *first;
    struct memory_entry *last;
    struct memory_entry *first_new; /* the oldest that was never handed out */
    int64_t number_last;
    size_t count;
};

/* What one consumer knows of its past, see memory_stream_take. */
struct memory_reader {
    bool recovering;
    int64_t seen; /* largest number of a new entry that reached the consumer */
};

void memory_stream_release(struct memory_stream *stream);
/* The number of the new entry. */
int64_t memory_stream_add(struct memory_stream *stream, struct wall_ms arrived, struct text body);
/*
 * Up to max entries for the consumer: first what it had pending beyond reader->seen (all of it
 * after a start, an answer that got lost later), then what anybody left longer than the lease, then
 * new ones.
 */
size_t memory_stream_take(
    struct memory_stream *stream,
    struct memory_reader *reader,
    const struct memory_instance *consumer,
    int64_t real_ms,
    size_t max,
    struct memory_entry **ret_entries);
/* Would a take find anything? */
bool memory_stream_has(
    const struct memory_stream *stream,
    const struct memory_reader *reader,
    const struct memory_instance *consumer,
    int64_t real_ms);
/* Acknowledge and delete; nothing when it is gone already. */
void memory_stream_remove(struct memory_stream *stream, int64_t number);

struct memory_log {
    struct text *facts; /* entry NUMBER is at NUMBER - 1; owned */
    size_t count;
    size_t capacity;
};

void memory_log_release(struct memory_log *log);
void memory_log_add(struct memory_log *log, struct text facts);

/* "NUMBER-0"; the empty text gives 0, anything else that is no position -1. */
int64_t memory_position_parse(struct text position);

#endif
