/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the runs after the last event to the public state as of now: outcomes (semantics section
 * 7), stage instants, lights.
 */
#include <stdlib.h>
#include <string.h>

#include "rules/fold.h"

const char *run_outcome_name(enum run_outcome outcome)
{
    static const char *const names[RUN_OUTCOME_COUNT] = {
        [RUN_RUNNING] = "running", [RUN_PAUSED] = "paused",       [RUN_MET] = "met",
        [RUN_MISSED] = "missed",   [RUN_CANCELLED] = "cancelled", [RUN_REPLACED] = "replaced",
    };
    return names[outcome];
}

const char *case_phase_name(enum case_phase phase)
{
    static const char *const names[CASE_PHASE_COUNT] = {
        [CASE_UNKNOWN] = "unknown",     [CASE_OPEN] = "open",
        [CASE_SUSPENDED] = "suspended", [CASE_COMPLETED] = "completed",
        [CASE_WITHDRAWN] = "withdrawn",
    };
    return names[phase];
}

static enum run_outcome outcome_of(const struct fold_run *run)
{
    if (run->missed)
        return RUN_MISSED;
    if (run->ended)
        return run->end_outcome;
    return run->pausing ? RUN_PAUSED : RUN_RUNNING;
}

static bool compute_stages(struct fold *fold, struct fold_run *run)
{
    run->stages = arena_array(fold->arena, run->rule->stage_count, sizeof(*run->stages));
    if (!run->stages && run->rule->stage_count > 0)
        return false;
    for (size_t i = 0; i < run->rule->stage_count; i++) {
        const struct stage *stage = &run->rule->stages[i];
        if (stage->at.anchor == ANCHOR_ACKED && run->acked.ms == 0)
            run->acked = first_acknowledged(fold, run);
        run->stages[i] = stage_instant_of(run, stage);
    }
    return true;
}

/* The colour of a run that still runs: what its stages have reached; a miss is red. */
static enum light light_of(const struct fold_run *run, struct wall_ms now)
{
    enum light light = run->missed ? LIGHT_RED : LIGHT_GREEN;
    if (run->ended)
        return LIGHT_GREEN;
    if (run->pausing)
        return light;
    for (size_t i = 0; i < run->rule->stage_count; i++) {
        const struct stage *stage = &run->rule->stages[i];
        const struct stage_instant *instant = &run->stages[i];
        if (instant->known && instant->at.ms <= now.ms && stage->light > light)
            light = stage->light;
    }
    return light;
}

/* Whose a run is that was neither missed nor met is who holds the case now. */
static bool has_holder(const struct fold_run *run)
{
    return run->missed || (run->ended && run->end_outcome == RUN_MET);
}

static void publish_run(const struct fold_run *run, struct wall_ms now, struct run *ret_run)
{
    *ret_run = (struct run){
        .clock = run->clock,
        .co_unit = run->co_unit,
        .rule = run->rule,
        .policy = run->policy,
        .number = run->number,
        .start = run->start,
        .has_due = run->has_due,
        .due = run->due,
        .provisional = run->provisional,
        .outcome = outcome_of(run),
        .has_stopped = run->ended,
        .stopped = run->ended ? run->stopped : (struct wall_ms){0},
        .light = light_of(run, now),
        .pausing = run->pausing && !run->ended,
        .extension_count = run->extension_count,
        .unit_at_due = run->unit_at_due,
        .handler_at_due = run->handler_at_due,
        .waived = run->waived,
        .appeal = run->appeal,
        .caused_by_rule_change = run->caused_by_rule_change,
        .waiting_for = run->waiting_for,
        .waiting_count = run->waiting_count,
        .internal = run,
    };
}

static int by_clock_and_number(const void *a, const void *b)
{
    const struct run *left = a;
    const struct run *right = b;
    const int clock = text_compare(left->clock, right->clock);
    return clock != 0 ? clock : (left->number > right->number) - (left->number < right->number);
}

static void set_phase(struct fold *fold)
{
    struct case_state *state = fold->state;
    if (fold->closed) {
        state->phase = fold->withdrawn ? CASE_WITHDRAWN : CASE_COMPLETED;
    } else if (state->phase != CASE_UNKNOWN && fold->suspended) {
        state->phase = CASE_SUSPENDED;
    }
}

static bool is_fault(const struct fold *fold)
{
    const struct directory *directory = fold->newest->directory;
    const struct case_state *state = fold->state;
    if (!directory)
        return false;
    return (state->unit.bytes > 0 && !directory_unit(directory, state->unit)) ||
           (state->handler.bytes > 0 && !directory_person(directory, state->handler)) ||
           (state->matter.bytes > 0 && !directory_matter(directory, state->matter));
}

/* One run as of now. False when memory is out. */
static bool finish_run(
    struct fold *fold, struct fold_run *run, struct wall_ms now, struct run *ret_run)
{
    run_compute_due(run);
    if (run->rule != run->first_rule && run->missed)
        replan_find_cause(fold, run, now);
    if (!run->ended && !compute_stages(fold, run))
        return false;
    if (!has_holder(run))
        run_note_holder(fold, run);
    publish_run(run, now, ret_run);
    return true;
}

enum err fold_finish(struct fold *fold, struct wall_ms now)
{
    struct case_state *state = fold->state;
    fold_pass_time(fold, now, wall_add(now, 1)); /* at `now` = due the next run is there */
    if (fold->co_run_count > 0 && !fold_note_waiting(fold))
        return ERR_NO_MEMORY;
    const size_t run_count = fold->run_count;
    struct run *runs = arena_array(fold->arena, run_count, sizeof(*runs));
    for (size_t i = 0; i < run_count; i++) {
        if (!runs || !finish_run(fold, fold->runs[i], now, &runs[i]))
            return ERR_NO_MEMORY;
        if (runs[i].light > state->light)
            state->light = runs[i].light;
    }
    if (run_count > 1)
        qsort(runs, run_count, sizeof(*runs), by_clock_and_number);
    state->runs = runs;
    state->run_count = run_count;
    state->attributes = fold->attributes;
    state->attribute_count = fold->attribute_count;
    set_phase(fold);
    state->directory_fault = is_fault(fold);
    return ERR_OK;
}
