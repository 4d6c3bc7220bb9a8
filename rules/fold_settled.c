/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is settled stays settled (semantics section 7): a run that has ended counts by the calendar
 * that was in force when the event that ended it arrived, however the calendar changes later.
 * Which runs have ended does not depend on calendars, so one fold tells, and where it matters a
 * second one counts.
 */
#include "rules/fold.h"

static const struct calendar *calendar_at_end(const struct fold *fold, const struct fold_run *run)
{
    const struct event *event = &fold->memory->events[run->ended_by];
    return rulebook_policy(fold->rulebook, event->rules_version)->calendar;
}

static bool is_settled(const struct fold_run *run)
{
    return run->ended && run->ended_by != SIZE_MAX;
}

/* Does some run have another calendar than it was counted with? */
static bool some_differ(const struct fold *fold)
{
    for (size_t i = 0; i < fold->run_count; i++) {
        if (is_settled(fold->runs[i]) &&
            calendar_at_end(fold, fold->runs[i]) != fold->runs[i]->calendar)
            return true;
    }
    return false;
}

bool fold_settle(struct fold *fold, const struct fold *counted)
{
    if (counted->rulebook->policy_count <= 1 || !some_differ(counted))
        return false;
    struct settled_run *settled = arena_array(fold->arena, counted->run_count, sizeof(*settled));
    if (!settled) {
        fold->out_of_memory = true;
        return false;
    }
    for (size_t i = 0; i < counted->run_count; i++) {
        const struct fold_run *run = counted->runs[i];
        if (!is_settled(run))
            continue;
        settled[fold->settled_count++] = (struct settled_run){
            .clock = run->clock,
            .number = run->number,
            .calendar = calendar_at_end(counted, run),
        };
    }
    fold->settled = settled;
    return true;
}

const struct calendar *fold_calendar_of(const struct fold *fold, struct text clock, int32_t number)
{
    for (size_t i = 0; i < fold->settled_count; i++) {
        if (fold->settled[i].number == number && text_equal(fold->settled[i].clock, clock))
            return fold->settled[i].calendar;
    }
    return fold->newest->calendar;
}
