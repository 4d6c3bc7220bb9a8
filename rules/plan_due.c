/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which occurrences of a run are due and have not fired, and when the next one will be
 * (semantics sections 6 and 7).
 */
#include <string.h>

#include "rules/plan.h"

static void note_next(struct planner *planner, struct wall_ms at)
{
    if (at.ms <= planner->now.ms)
        return;
    if (!planner->has_next || at.ms < planner->next.ms) {
        planner->has_next = true;
        planner->next = at;
    }
}

static void add_candidate(struct planner *planner, struct candidate candidate)
{
    struct candidate_list *list = &planner->candidates;
    if (list->count == list->capacity) {
        const size_t capacity = list->capacity ? list->capacity * 2 : 8;
        struct candidate *grown = arena_array(list->arena, capacity, sizeof(*grown));
        if (!grown) {
            list->out_of_memory = true;
            return;
        }
        if (list->count > 0)
            memcpy(grown, list->items, list->count * sizeof(*grown));
        list->items = grown;
        list->capacity = capacity;
    }
    list->items[list->count++] = candidate;
}

/* How many of a stage's firings were alerts. */
static int32_t alert_count(struct fired_list fired)
{
    int32_t count = 0;
    for (size_t i = 0; i < fired.count; i++)
        count += fired.first[i].status != ALERT_COLLAPSED;
    return count;
}

/* ---- stages that fire once ---- */

/* Once per run; a stage tied to the limit again after each accepted extension, at instants
 * after the time of the extension only. */
static bool has_fired(
    const struct fold_run *run,
    const struct stage *stage,
    struct wall_ms instant,
    struct fired_list fired)
{
    if (fired.count == 0)
        return false;
    if (instant.ms <= run->quiet_until.ms) /* a replan rings nobody for what is past */
        return true;
    if (!stage_is_tied(stage) || run->extension_count == 0)
        return true;
    if (instant.ms <= run->extended_at.ms)
        return true;
    return fired.first[fired.count - 1].instant.ms > run->extended_at.ms;
}

static void collect_single(
    struct planner *planner, const struct fold_run *run, size_t order, struct fired_list fired)
{
    const struct stage *stage = &run->rule->stages[order];
    const struct wall_ms instant = run->stages[order].at;
    if (instant.ms > planner->now.ms) {
        note_next(planner, instant);
    } else if (!has_fired(run, stage, instant, fired)) {
        add_candidate(
            planner, (struct candidate){
                         .stage = stage,
                         .order = order,
                         .instant = instant,
                         .ordinal = alert_count(fired) + 1,
                     });
    }
}

/* ---- stages that repeat ---- */

static bool is_among(struct fired_list fired, size_t *cursor, struct wall_ms instant)
{
    while (*cursor < fired.count && fired.first[*cursor].instant.ms < instant.ms)
        (*cursor)++;
    return *cursor < fired.count && fired.first[*cursor].instant.ms == instant.ms;
}

/* Missed occurrences collapse into the latest. */
static void collect_repeat(
    struct planner *planner, const struct fold_run *run, size_t order, struct fired_list fired)
{
    const struct stage *stage = &run->rule->stages[order];
    const size_t first = planner->candidates.count;
    struct occurrence_walk walk;
    struct wall_ms at;
    size_t cursor = 0;
    occurrence_begin(&walk, run, stage, run->stages[order].at, planner->now);
    while (occurrence_next(&walk, &at)) {
        if (at.ms > planner->now.ms) {
            note_next(planner, at);
            break;
        }
        if (is_among(fired, &cursor, at))
            continue;
        if (fired.count > 0 && at.ms <= run->quiet_until.ms)
            continue;
        add_candidate(
            planner, (struct candidate){
                         .stage = stage,
                         .order = order,
                         .instant = at,
                         .collapsed = true,
                         .ordinal = alert_count(fired) + 1,
                     });
    }
    if (planner->candidates.count > first)
        planner->candidates.items[planner->candidates.count - 1].collapsed = false;
}

void plan_collect(struct planner *planner, const struct fold_run *run)
{
    planner->candidates.count = 0;
    if (run->follows && run->has_due) /* there the next run begins */
        note_next(planner, run->due);
    if (run->ended)
        return;
    if (run->cause_ends.ms > 0)
        note_next(planner, run->cause_ends);
    if (run->pausing) {
        if (run->pause_cap.ms < WALL_MS_MAX)
            note_next(planner, run->pause_cap);
        return;
    }
    if (run->has_due && !run->missed) /* a stop at due is still in time: missed is what is later */
        note_next(planner, wall_add(run->due, 1));
    for (size_t i = 0; i < run->rule->stage_count; i++) {
        const struct stage *stage = &run->rule->stages[i];
        if (!run->stages[i].known)
            continue;
        const struct fired_list fired =
            memory_fired_of(planner->memory, run->clock, run->number, stage->id);
        note_next(planner, run->stages[i].at);
        if (stage->repeat.kind == REPEAT_NONE) {
            collect_single(planner, run, i, fired);
        } else {
            collect_repeat(planner, run, i, fired);
        }
    }
}
