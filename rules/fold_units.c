/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clocks of co-handling units (semantics section 3): one for each unit that the case lists, named
 * "id@unit", stopped by what that unit does; and whom the host waits for.
 */
#include <stdlib.h>
#include <string.h>

#include "rules/fold.h"

bool co_unit_next(struct text *rest, struct text *ret_unit)
{
    while (rest->bytes > 0) {
        const char *comma = memchr(rest->ptr, ',', rest->bytes);
        const size_t bytes = comma ? (size_t)(comma - rest->ptr) : rest->bytes;
        const size_t past = comma ? bytes + 1 : bytes;
        *ret_unit = (struct text){.ptr = rest->ptr, .bytes = bytes};
        rest->ptr += past;
        rest->bytes -= past;
        if (bytes > 0)
            return true;
    }
    return false;
}

struct text co_clock_name(struct arena *arena, const struct clock_rule *rule, struct text unit)
{
    const size_t bytes = rule->id.bytes + 1 + unit.bytes;
    char *name = arena_alloc(arena, bytes);
    if (!name)
        return (struct text){0};
    memcpy(name, rule->id.ptr, rule->id.bytes);
    name[rule->id.bytes] = '@';
    memcpy(name + rule->id.bytes + 1, unit.ptr, unit.bytes);
    return (struct text){.ptr = name, .bytes = bytes};
}

static bool has_run_of(const struct fold *fold, struct text unit)
{
    for (size_t i = 0; unit.bytes > 0 && i < fold->run_count; i++) {
        if (text_equal(fold->runs[i]->co_unit, unit))
            return true;
    }
    return false;
}

bool event_reaches_run(
    const struct fold *fold, const struct event *event, const struct fold_run *run)
{
    if (fold->co_run_count == 0 || event->kind == EVENT_COMPLETED)
        return true;
    const struct text unit = event_attribute(event, "unit");
    if (run->co_unit.bytes > 0)
        return text_equal(run->co_unit, unit);
    return !has_run_of(fold, unit);
}

static int by_bytes(const void *a, const void *b)
{
    const struct text *left = a;
    const struct text *right = b;
    return text_compare(*left, *right);
}

bool fold_note_waiting(struct fold *fold)
{
    struct text *units = arena_array(fold->arena, fold->co_run_count, sizeof(*units));
    size_t open_count = 0;
    size_t count = 0;
    if (!units)
        return false;
    for (size_t i = 0; i < fold->run_count; i++) {
        if (fold->runs[i]->co_unit.bytes > 0 && !fold->runs[i]->ended)
            units[open_count++] = fold->runs[i]->co_unit;
    }
    if (open_count > 1)
        qsort(units, open_count, sizeof(*units), by_bytes);
    for (size_t i = 0; i < open_count; i++) { /* a unit with two such clocks is named once */
        if (i == 0 || !text_equal(units[i], units[count - 1]))
            units[count++] = units[i];
    }
    for (size_t i = 0; i < fold->run_count; i++) {
        struct fold_run *run = fold->runs[i];
        if (run->co_unit.bytes == 0 && !run->ended) {
            run->waiting_for = units;
            run->waiting_count = count;
        }
    }
    return true;
}

struct role_subject run_subject(
    const struct case_state *state, const struct directory *directory, struct text co_unit)
{
    struct role_subject subject = {
        .unit = state->unit, .handler = state->handler, .matter = state->matter};
    if (co_unit.bytes > 0) {
        const struct unit *unit = directory ? directory_unit(directory, co_unit) : NULL;
        subject.unit = co_unit;
        subject.handler = unit ? unit->clerk : (struct text){0};
    }
    return subject;
}
