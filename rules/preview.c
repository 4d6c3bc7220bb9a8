/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two sides of a case joined: their runs, and the messages that differ, run by run.
 */
#include <string.h>

#include "rules/preview_data.h"

void preview_room_init(struct preview_room *room)
{
    arena_init(&room->lasting, 0);
    arena_init(&room->passing, 0);
}

void preview_room_release(struct preview_room *room)
{
    arena_release(&room->lasting);
    arena_release(&room->passing);
}

/* ---- runs ---- */

static int compare_names(struct text a, int32_t a_number, struct text b, int32_t b_number)
{
    const int order = text_compare(a, b);
    return order != 0 ? order : (a_number > b_number) - (a_number < b_number);
}

static bool states_differ(const struct preview_run_state *a, const struct preview_run_state *b)
{
    return a->exists != b->exists || a->has_due != b->has_due ||
           (a->has_due && a->due.ms != b->due.ms) || a->provisional != b->provisional ||
           a->outcome != b->outcome || a->light != b->light;
}

struct joining {
    const struct preview_side *before;
    const struct preview_side *after;
    struct preview_message_list messages; /* by (clock, run) */
    size_t b;
    size_t a;
    size_t m;
};

/* The first of (clock, number) that is left anywhere; NULL texts when there is none. */
static struct preview_run next_run(const struct joining *joining)
{
    struct preview_run first = {.clock = {NULL, 0}};
    const struct preview_side *const sides[] = {joining->before, joining->after};
    const size_t at[] = {joining->b, joining->a};
    for (size_t i = 0; i < 2; i++) {
        if (at[i] >= sides[i]->run_count)
            continue;
        const struct preview_run *run = &sides[i]->runs[at[i]];
        if (!first.clock.ptr ||
            compare_names(run->clock, run->number, first.clock, first.number) < 0)
            first = (struct preview_run){.clock = run->clock, .number = run->number};
    }
    if (joining->m < joining->messages.count) {
        const struct preview_message *message = &joining->messages.items[joining->m];
        if (!first.clock.ptr ||
            compare_names(message->clock, message->run, first.clock, first.number) < 0)
            first = (struct preview_run){.clock = message->clock, .number = message->run};
    }
    return first;
}

static bool take_state(
    const struct preview_side *side,
    size_t *at,
    const struct preview_run *run,
    struct preview_run_state *ret_state)
{
    if (*at >= side->run_count ||
        compare_names(side->runs[*at].clock, side->runs[*at].number, run->clock, run->number) != 0)
        return false;
    *ret_state = side->runs[(*at)++].before;
    return true;
}

static void take_messages(struct joining *joining, struct preview_run *run)
{
    const size_t first = joining->m;
    const struct preview_message *items = joining->messages.items;
    while (joining->m < joining->messages.count &&
           compare_names(items[joining->m].clock, items[joining->m].run, run->clock, run->number) ==
               0)
        joining->m++;
    run->message_count = joining->m - first;
    run->messages = run->message_count > 0 ? items + first : NULL;
}

static bool is_running(const struct preview_run_state *state)
{
    return state->exists && (state->outcome == RUN_RUNNING || state->outcome == RUN_PAUSED);
}

static enum err join(struct joining *joining, struct arena *arena, struct preview *preview)
{
    const size_t room =
        joining->before->run_count + joining->after->run_count + joining->messages.count;
    struct preview_run *runs = arena_array(arena, room, sizeof(*runs));
    if (!runs)
        return ERR_NO_MEMORY;
    preview->runs = runs;
    for (;;) { /* ends: each turn takes a name from the lists */
        struct preview_run run = next_run(joining);
        if (!run.clock.ptr)
            return ERR_OK;
        (void)take_state(joining->before, &joining->b, &run, &run.before);
        (void)take_state(joining->after, &joining->a, &run, &run.after);
        take_messages(joining, &run);
        run.missed_only_by_change = run.before.exists && run.before.outcome != RUN_MISSED &&
                                    run.after.exists && run.after.outcome == RUN_MISSED;
        preview->running_count += is_running(&run.before) || is_running(&run.after);
        if (run.message_count > 0 || states_differ(&run.before, &run.after))
            runs[preview->run_count++] = run;
    }
}

enum err preview_case(
    struct preview_room *room, const struct preview_question *question, struct preview *ret_preview)
{
    struct case_memory settled;
    struct preview_side before = {.memory = &settled, .rulebook = question->before};
    struct preview_side after = {
        .memory = &settled, .rulebook = question->after, .replan = question->replan};
    struct joining joining = {
        .before = &before, .after = &after, .messages = {.arena = &room->lasting}};
    struct preview preview = {0};
    arena_reset(&room->lasting);
    enum err err = preview_settle(room, question, &settled);
    if (err == ERR_OK)
        err = preview_forward(room, question, &before);
    if (err == ERR_OK)
        err = preview_forward(room, question, &after);
    if (err != ERR_OK)
        return err;
    preview_messages(&joining.messages, &before, &after);
    if (joining.messages.out_of_memory)
        return ERR_NO_MEMORY;
    preview.title = before.title;
    preview.unit = before.unit;
    preview.before = (struct preview_sent_list){before.sent, before.sent_count};
    preview.after = (struct preview_sent_list){after.sent, after.sent_count};
    err = join(&joining, &room->lasting, &preview);
    if (err == ERR_OK)
        *ret_preview = preview;
    return err;
}
