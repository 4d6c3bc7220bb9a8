/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happens to one run (semantics sections 4 and 5). Pauses and the gaps of reopened runs are
 * kept in one ascending list of disjoint intervals; due is computed from it only when asked for.
 */
#include <string.h>

#include "rules/calendar_count.h"
#include "rules/fold.h"

static const struct wall_ms never = {.ms = WALL_MS_MAX};

/* ---- what an explanation needs ---- */

void run_tell(struct fold_run *run, struct run_note note)
{
    struct run_trace *trace = run->trace;
    if (!trace)
        return;
    struct run_note *kept = arena_alloc(trace->arena, sizeof(*kept));
    if (!kept) {
        trace->out_of_memory = true;
        return;
    }
    *kept = note;
    if (trace->last) {
        trace->last->next = kept;
    } else {
        trace->first = kept;
    }
    trace->last = kept;
}

/* ---- pauses ---- */

static bool add_interval(
    struct fold *fold, struct fold_run *run, struct wall_ms from, struct wall_ms to)
{
    if (run->pause_count > 0 && run->pauses[run->pause_count - 1].to.ms >= from.ms) {
        run->pauses[run->pause_count - 1].to = to; /* it follows at once: one longer interval */
        return true;
    }
    if (run->pause_count == run->pause_capacity) {
        const size_t capacity = run->pause_capacity ? run->pause_capacity * 2 : 4;
        struct interval *grown = arena_array(fold->arena, capacity, sizeof(*grown));
        if (!grown) {
            fold->out_of_memory = true;
            return false;
        }
        if (run->pause_count > 0)
            memcpy(grown, run->pauses, run->pause_count * sizeof(*grown));
        run->pauses = grown;
        run->pause_capacity = capacity;
    }
    run->pauses[run->pause_count++] = (struct interval){.from = from, .to = to};
    return true;
}

/* What of pause_max the interval [from, to) uses. */
static int64_t paused_within(
    const struct calendar *calendar, enum unit_kind unit, struct wall_ms from, struct wall_ms to)
{
    switch (unit) {
    case UNIT_WORKING_DAY:
    case UNIT_CALENDAR_DAY: {
        struct civil_day before = calendar_day_of(calendar, from);
        struct civil_day last = calendar_day_of(calendar, to);
        before.number--;
        last.number--;
        return unit == UNIT_WORKING_DAY ? calendar_working_count(calendar, before, last)
                                        : last.number - before.number;
    }
    case UNIT_WORKING_TIME:
        return calendar_office_ms(calendar, from, to);
    case UNIT_ELAPSED:
        return to.ms - from.ms;
    case UNIT_KIND_COUNT:
        break;
    }
    return 0;
}

/* The instant at which `left` more of pause_max is used up by a pause from `from` on. */
static struct wall_ms cap_of_pause(
    const struct calendar *calendar, struct duration left, struct wall_ms from)
{
    struct civil_day day = calendar_day_of(calendar, from);
    struct wall_ms at = never;
    day.number--;
    switch (left.unit) {
    case UNIT_WORKING_DAY:
        return calendar_working_after(calendar, day, left.amount, &day)
                   ? calendar_end_of(calendar, day)
                   : never;
    case UNIT_CALENDAR_DAY:
        day.number += (int32_t)left.amount;
        return calendar_end_of(calendar, day);
    case UNIT_WORKING_TIME:
        return calendar_office_after(calendar, from, left.amount, &at) ? at : never;
    case UNIT_ELAPSED:
        return wall_add(from, left.amount);
    case UNIT_KIND_COUNT:
        break;
    }
    return never;
}

/* Does the pause of the case that is open concern the clock, by its reason? */
static bool pauses_for_reason(const struct fold *fold, const struct clock_rule *rule)
{
    if (rule->pause_reason_count == 0)
        return true;
    const struct text reason = event_attribute(fold->suspended_by, "reason");
    return text_is_among(reason, rule->pause_reasons, rule->pause_reason_count);
}

void run_pause(struct fold *fold, struct fold_run *run, struct wall_ms at)
{
    if (!run->rule->pause || run->fixed || run->pausing || run->pauses_used_up ||
        !pauses_for_reason(fold, run->rule))
        return;
    if (!add_interval(fold, run, at, never))
        return;
    run_tell(run, (struct run_note){.kind = NOTE_PAUSED, .at = at, .event = fold->suspended_by});
    run->pausing = true;
    run->paused_from = at;
    run->due_computed = run->missed; /* a missed due stays what it was */
    run->pause_cap = never;
    if (run->rule->has_pause_max) {
        struct duration left = run->rule->pause_max;
        left.amount -= run->paused_amount;
        run->pause_cap = cap_of_pause(run->calendar, left, at);
    }
}

void run_resume(struct fold_run *run, struct wall_ms at)
{
    if (!run->pausing)
        return;
    struct interval *open = &run->pauses[run->pause_count - 1];
    if (run->rule->has_pause_max) {
        const struct duration max = run->rule->pause_max;
        run->paused_amount += paused_within(run->calendar, max.unit, run->paused_from, at);
        run->pauses_used_up = run->paused_amount >= max.amount;
    }
    open->to = at;
    if (open->from.ms == at.ms)
        run->pause_count--;
    run->pausing = false;
    run->due_computed = run->missed;
}

/* ---- due ---- */

/* A due that would lie inside a pause is the end of that pause. */
static struct wall_ms out_of_pauses(const struct fold_run *run, struct wall_ms due)
{
    for (size_t i = 0; i < run->pause_count; i++) {
        if (run->pauses[i].from.ms <= due.ms && due.ms < run->pauses[i].to.ms)
            return run->pauses[i].to;
    }
    return due;
}

/* The count begins anew. NULL where nobody asks. */
static struct count_trace *begin_trace(struct fold_run *run)
{
    if (!run->trace)
        return NULL;
    run->trace->count.step_count = 0;
    run->trace->moved_out = false;
    return &run->trace->count;
}

static enum err count_due(struct fold_run *run, struct counted *ret_counted)
{
    const struct count_options options = {
        .trace = begin_trace(run),
        .late_arrival_next_working_day = run->rule->late_arrival_next_working_day,
        .roll_next_working_day = run->rule->roll_next_working_day,
        .pauses = run->pauses,
        .pause_count = run->pause_count,
    };
    if (run->rule->recurs)
        return recur_due(run, ret_counted) ? ERR_OK : ERR_RANGE;
    return duration_after(run->calendar, run->start, run->limit, &options, ret_counted);
}

void run_compute_due(struct fold_run *run)
{
    struct counted counted;
    if (run->due_computed)
        return;
    run->due_computed = true;
    run->has_due = false;
    run->provisional = false;
    if (run->fixed) {
        run->has_due = true;
        run->due = run->fixed_due;
        return;
    }
    if (run->pausing && !run->trace)
        return;
    if (count_due(run, &counted) != ERR_OK)
        return;
    if (run->pausing) /* counted for the trace: what was used before the pause */
        return;
    run->has_due = true;
    run->due = out_of_pauses(run, counted.at);
    run->provisional = counted.provisional;
    if (run->trace) {
        run->trace->moved_out = run->due.ms != counted.at.ms;
        run->trace->counted = counted.at;
    }
}

void run_note_holder(const struct fold *fold, struct fold_run *run)
{
    if (run->co_unit.bytes == 0) {
        run->unit_at_due = fold->state->unit;
        run->handler_at_due = fold->state->handler;
        return;
    }
    const struct role_subject holder =
        run_subject(fold->state, fold->newest->directory, run->co_unit);
    run->unit_at_due = holder.unit;
    run->handler_at_due = holder.handler;
}

static void mark_missed(const struct fold *fold, struct fold_run *run)
{
    run->missed = true;
    run_note_holder(fold, run);
}

void run_advance(struct fold *fold, struct fold_run *run, struct wall_ms now)
{
    if (run->ended)
        return;
    if (run->pausing && run->pause_cap.ms <= now.ms) { /* a missed run must ring again too */
        run_tell(run, (struct run_note){.kind = NOTE_PAUSE_MAX, .at = run->pause_cap});
        run_resume(run, run->pause_cap);
    }
    if (run->missed)
        return;
    run_compute_due(run);
    if (run->has_due && run->due.ms < now.ms)
        mark_missed(fold, run);
}

/* ---- start, end, again ---- */

static bool add_trace(struct fold *fold, struct fold_run *run)
{
    run->trace = arena_alloc(fold->arena, sizeof(*run->trace));
    if (!run->trace) {
        fold->out_of_memory = true;
        return false;
    }
    run->trace->arena = fold->arena;
    run->trace->count.arena = fold->arena;
    return true;
}

struct fold_run *run_create(struct fold *fold, const struct run_start *start)
{
    struct fold_run *run = arena_alloc(fold->arena, sizeof(*run));
    const struct text clock = start->clock.ptr ? start->clock : start->rule->id;
    if (!run) {
        fold->out_of_memory = true;
        return NULL;
    }
    *run = (struct fold_run){
        .rule = start->rule,
        .clock = clock,
        .co_unit = start->co_unit,
        .policy = start->policy,
        .calendar = fold_calendar_of(fold, clock, start->number),
        .first_rule = start->rule,
        .number = start->number,
        .followed = start->followed,
        .follows = start->rule->recurs,
        .start = start->at,
        .limit = start->rule->limit,
        .fixed = start->rule->limit_from_case,
        .fixed_due = start->brought_due,
        .brought_due = start->brought_due,
        .pause_cap = never,
        .started_by = start->event_index,
        .ended_by = SIZE_MAX,
    };
    if (fold->traced && !add_trace(fold, run))
        return NULL;
    if (fold->suspended)
        run_pause(fold, run, start->at);
    return run;
}

void run_end(struct fold_run *run, struct wall_ms at, enum run_outcome outcome, size_t event_index)
{
    run_resume(run, at);
    run->ended = true;
    run->end_outcome = outcome;
    run->stopped = at;
    run->ended_by = event_index;
}

bool run_add_gap(struct fold *fold, struct fold_run *run, struct wall_ms from, struct wall_ms to)
{
    run->due_computed = run->missed;
    return from.ms >= to.ms || add_interval(fold, run, from, to);
}

void run_continue(struct fold *fold, struct fold_run *run, struct wall_ms at)
{
    run->ended = false;
    if (!run_add_gap(fold, run, run->stopped, at))
        return;
    const struct run_note gap = {
        .kind = NOTE_GAP, .at = run->stopped, .until = at, .event = fold->applied};
    run_tell(run, gap);
    replan_note_gap(fold, run, run->stopped, at);
    if (fold->suspended)
        run_pause(fold, run, at);
}

/* ---- extension ---- */

static bool is_given(struct text value)
{
    return value.bytes > 0;
}

static bool extend_by(struct fold_run *run, struct text by)
{
    struct duration more;
    if (run->fixed || duration_parse(by, &more, NULL) != ERR_OK)
        return false;
    if (more.unit != run->limit.unit || more.step_ms != run->limit.step_ms || more.at_second >= 0)
        return false; /* "in the limit's own unit": hours do not extend minutes */
    run->limit.amount += more.amount;
    return true;
}

static bool extend_until(struct fold_run *run, struct text until, struct wall_ms at)
{
    struct wall_ms due;
    if (wall_parse(until.ptr, until.bytes, &due) != ERR_OK)
        return false;
    run_resume(run, at); /* an open pause ends for this run when due becomes fixed */
    if (!run->fixed)
        run->fixed_at = at;
    run->fixed = true;
    run->fixed_due = due;
    return true;
}

static enum extension_refusal extend(struct fold_run *run, const struct event *event)
{
    const struct text by = event_attribute(event, "by");
    const struct text until = event_attribute(event, "until");
    if (run->missed)
        return EXTENSION_TOO_LATE;
    if (run->extension_count >= run->rule->extensions_max)
        return EXTENSION_USED_UP;
    if (!is_given(event_attribute(event, "approved_by")))
        return EXTENSION_NOT_APPROVED;
    if (!is_given(event_attribute(event, "reason")))
        return EXTENSION_WITHOUT_REASON;
    if (run->rule->recurs) /* nothing moves it */
        return EXTENSION_UNUSABLE;
    const bool accepted =
        is_given(until) ? extend_until(run, until, event->time) : extend_by(run, by);
    return accepted ? EXTENSION_ACCEPTED : EXTENSION_UNUSABLE;
}

void run_extend(struct fold_run *run, const struct event *event)
{
    if (run->ended)
        return;
    const enum extension_refusal refusal = extend(run, event);
    const struct run_note told = {
        .kind = refusal == EXTENSION_ACCEPTED ? NOTE_EXTENDED : NOTE_REFUSED,
        .refusal = refusal,
        .at = event->time,
        .event = event,
    };
    run_tell(run, told);
    if (refusal != EXTENSION_ACCEPTED)
        return;
    run->due_computed = false;
    run->extension_count++;
    run->extended_at = event->time;
}
