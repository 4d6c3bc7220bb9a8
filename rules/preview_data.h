/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of a preview (private to rules/preview*.c).
 */
#ifndef NRT_RULES_PREVIEW_DATA_H
#define NRT_RULES_PREVIEW_DATA_H

#include "rules/preview.h"

/* One side: how its runs stand now, and what it sends up to the horizon. */
struct preview_side {
    const struct case_memory *memory;
    const struct rulebook *rulebook;
    bool replan; /* begins with the event */
    struct text title;
    struct text unit;
    struct preview_sent *sent;
    size_t sent_count;
    size_t sent_capacity;
    struct preview_run *runs; /* clock, number and `before` alone, by (clock, number) */
    size_t run_count;
};

/*
 * preview_forward.c: the memory with what the old versions take as collapsed; fill a side.
 */
enum err preview_settle(
    struct preview_room *room,
    const struct preview_question *question,
    struct case_memory *ret_memory) ERR_MUST_USE;
enum err preview_forward(
    struct preview_room *room,
    const struct preview_question *question,
    struct preview_side *side) ERR_MUST_USE;

/* preview_messages.c: what differs between what two sides send, by (clock, run). */
struct preview_message_list {
    struct arena *arena;
    struct preview_message *items;
    size_t count;
    size_t capacity;
    bool out_of_memory;
};
void preview_messages(
    struct preview_message_list *list,
    const struct preview_side *before,
    const struct preview_side *after);

#endif
