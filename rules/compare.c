/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows stand in their order from the beginning: there are few names and many alerts.
 */
#include "rules/compare.h"

#include <string.h>

void comparison_init(
    struct comparison *comparison,
    struct arena *arena,
    const struct calendar *calendar,
    const struct sms_channels *channels)
{
    *comparison = (struct comparison){.arena = arena, .calendar = calendar, .channels = *channels};
}

/* ---- rows ---- */

static int compare_rows(const struct compare_row *a, const struct compare_row *b)
{
    if (a->by != b->by)
        return a->by < b->by ? -1 : 1;
    int order = text_compare(a->name, b->name);
    if (order == 0)
        order = text_compare(a->stage, b->stage);
    return order != 0 ? order : (a->day.number > b->day.number) - (a->day.number < b->day.number);
}

static size_t find_place(const struct comparison *comparison, const struct compare_row *key)
{
    size_t low = 0;
    size_t high = comparison->row_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (compare_rows(comparison->rows[middle], key) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool has_room(struct comparison *comparison)
{
    if (comparison->row_count < comparison->row_capacity)
        return true;
    const size_t capacity = comparison->row_capacity ? comparison->row_capacity * 2 : 64;
    struct compare_row **rows = arena_array(comparison->arena, capacity, sizeof(void *));
    if (!rows)
        return false;
    if (comparison->row_count > 0)
        memcpy(rows, comparison->rows, comparison->row_count * sizeof(void *));
    comparison->rows = rows;
    comparison->row_capacity = capacity;
    return true;
}

static struct compare_row *row_of(struct comparison *comparison, const struct compare_row *key)
{
    const size_t at = find_place(comparison, key);
    if (at < comparison->row_count && compare_rows(comparison->rows[at], key) == 0)
        return comparison->rows[at];
    struct compare_row *row = arena_alloc(comparison->arena, sizeof(*row));
    if (!row || !has_room(comparison))
        return NULL;
    row->by = key->by;
    row->day = key->day;
    row->name = arena_text(comparison->arena, key->name);
    row->stage = arena_text(comparison->arena, key->stage);
    if (!row->name.ptr || !row->stage.ptr)
        return NULL;
    memmove(
        &comparison->rows[at + 1], &comparison->rows[at],
        (comparison->row_count - at) * sizeof(void *));
    comparison->rows[at] = row;
    comparison->row_count++;
    return row;
}

/* ---- counting ---- */

struct counted_at {
    struct text clock;
    struct text stage;
    struct text unit;
    struct wall_ms at;
};

static enum err add(
    struct comparison *comparison,
    const struct counted_at *where,
    const struct compare_counts *more)
{
    const struct compare_row keys[COMPARE_BY_COUNT] = {
        [COMPARE_TOTAL] = {.by = COMPARE_TOTAL},
        [COMPARE_STAGE] = {.by = COMPARE_STAGE, .name = where->clock, .stage = where->stage},
        [COMPARE_UNIT] = {.by = COMPARE_UNIT, .name = where->unit},
        [COMPARE_DAY] =
            {.by = COMPARE_DAY, .day = calendar_local_day(comparison->calendar, where->at)},
    };
    for (size_t i = 0; i < COMPARE_BY_COUNT; i++) {
        struct compare_row *row = row_of(comparison, &keys[i]);
        if (!row)
            return ERR_NO_MEMORY;
        struct compare_counts *counts = &row->counts[comparison->side];
        counts->alerts += more->alerts;
        counts->messages += more->messages;
        counts->sms += more->sms;
        counts->misses += more->misses;
    }
    return ERR_OK;
}

static enum err on_firing(
    void *context, const struct case_state *state, const struct firing *firing)
{
    struct comparison *comparison = context;
    const struct fired *fired = &firing->fired;
    if (fired->status != ALERT_FIRED)
        return ERR_OK;
    const int64_t messages = (int64_t)fired->to_count;
    const struct counted_at where = {
        .clock = firing->run->clock,
        .stage = fired->stage,
        .unit = firing->run->co_unit.bytes > 0 ? firing->run->co_unit : state->unit,
        .at = fired->fired_at,
    };
    const struct compare_counts more = {
        .alerts = 1,
        .messages = messages,
        .sms = stage_names_sms(firing->stage, &comparison->channels) ? messages : 0,
    };
    return add(comparison, &where, &more);
}

static enum err on_case(void *context, const struct simulated_case *of)
{
    struct comparison *comparison = context;
    const struct compare_counts miss = {.misses = 1};
    enum err err = ERR_OK;
    for (size_t i = 0; i < of->state->run_count && err == ERR_OK; i++) {
        const struct run *run = &of->state->runs[i];
        if (run->outcome != RUN_MISSED || run->waived || run->caused_by_rule_change)
            continue;
        const struct counted_at where = {
            .clock = run->clock,
            .unit = run->co_unit.bytes > 0 ? run->co_unit : run->unit_at_due,
            .at = run->due,
        };
        err = add(comparison, &where, &miss);
    }
    return err;
}

struct simulation_watcher comparison_watcher(struct comparison *comparison, enum compare_side side)
{
    comparison->side = side;
    return (struct simulation_watcher){
        .context = comparison,
        .on_firing = on_firing,
        .on_case = on_case,
    };
}
