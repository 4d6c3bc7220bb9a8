/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Other rules for runs that run (semantics section 4, Replan). A replan that was taken back is
 * left out as if it had not been; one that stands gives the run another clock and counts it anew
 * from its start: the pauses of the case as that clock sees them, the extensions as they stand.
 * A case without such an event is not touched by anything here.
 */
#include <string.h>

#include "rules/fold.h"

static const struct wall_ms never = {.ms = WALL_MS_MAX};

/* ---- what the events say of the case itself ---- */

/* A pause of the case, whatever clocks it concerns. */
struct case_pause {
    const struct event *event;
    struct interval in;
};

struct fold_pauses {
    struct case_pause *items; /* ascending */
    size_t count;
    size_t event_count; /* of so many events */
};

static bool ends_pause(enum event_kind kind)
{
    return kind == EVENT_RESUMED || kind == EVENT_COMPLETED || kind == EVENT_WITHDRAWN;
}

/* The pauses among the first events of the case; NULL when memory is out. */
static const struct fold_pauses *pauses_of_case(struct fold *fold, size_t event_count)
{
    if (fold->pauses && fold->pauses->event_count == event_count)
        return fold->pauses;
    struct fold_pauses *pauses = arena_alloc(fold->arena, sizeof(*pauses));
    struct case_pause *items = arena_array(fold->arena, event_count, sizeof(*items));
    bool open = false;
    if (!pauses || (!items && event_count > 0)) {
        fold->out_of_memory = true;
        return NULL;
    }
    *pauses = (struct fold_pauses){.items = items, .event_count = event_count};
    for (size_t i = 0; i < event_count; i++) {
        const struct event *event = &fold->memory->events[i];
        if (event->kind == EVENT_SUSPENDED && !open) {
            items[pauses->count++] =
                (struct case_pause){.event = event, .in = {.from = event->time, .to = never}};
            open = true;
        } else if (open && ends_pause(event->kind)) {
            items[pauses->count - 1].in.to = event->time;
            open = false;
        }
    }
    fold->pauses = pauses;
    return pauses;
}

struct holding {
    struct text unit;
    struct text handler;
};

/* Who holds the case after an event, as fold.c reads it. */
static void pass_on(struct holding *holding, const struct event *event)
{
    const struct text unit = event_attribute(event, "unit");
    const struct text handler = event_attribute(event, "handler");
    if (event->kind == EVENT_RECEIVED) {
        holding->unit = unit.ptr ? unit : holding->unit;
        holding->handler = handler.ptr ? handler : holding->handler;
    } else if (event->kind == EVENT_ASSIGNED) {
        const bool elsewhere = unit.bytes > 0 && !text_equal(unit, holding->unit);
        holding->unit = elsewhere ? unit : holding->unit;
        holding->handler = elsewhere || handler.bytes > 0 ? handler : holding->handler;
    }
}

/* A miss in the past is of whoever held the case then. */
static void set_holder(const struct fold *fold, struct fold_run *run)
{
    struct holding holding = {0};
    const struct case_memory *memory = fold->memory;
    if (run->co_unit.bytes > 0)
        return;
    for (size_t i = 0; i < memory->event_count && memory->events[i].time.ms <= run->due.ms; i++)
        pass_on(&holding, &memory->events[i]);
    run->unit_at_due = holding.unit;
    run->handler_at_due = holding.handler;
}

/* Kept in an array of its own: a run that ends and goes on is rare. */
void replan_note_gap(
    struct fold *fold, struct fold_run *run, struct wall_ms from, struct wall_ms to)
{
    if (!run->gaps) /* it ends as often as there are events at most */
        run->gaps = arena_array(fold->arena, fold->memory->event_count, sizeof(*run->gaps));
    if (!run->gaps) {
        fold->out_of_memory = true;
        return;
    }
    run->gaps[run->gap_count++] = (struct interval){.from = from, .to = to};
}

/* ---- counting anew ---- */

static struct wall_ms earlier(struct wall_ms a, struct wall_ms b)
{
    return a.ms < b.ms ? a : b;
}

static struct wall_ms later(struct wall_ms a, struct wall_ms b)
{
    return a.ms > b.ms ? a : b;
}

/* Until when pauses of the case concern the run: a given due is not moved. */
static struct wall_ms pausable_until(const struct fold_run *run)
{
    if (run->fixed_at.ms > 0)
        return run->fixed_at;
    return run->fixed ? run->start : never;
}

/* A stretch of a run's life: the pauses of the case in it. */
static void pass_pauses(
    struct fold *fold,
    const struct fold_pauses *pauses,
    struct fold_run *run,
    struct wall_ms from,
    struct wall_ms until)
{
    const struct wall_ms last = earlier(until, pausable_until(run));
    const bool fixed = run->fixed;
    const struct event *suspended_by = fold->suspended_by;
    for (size_t i = 0; i < pauses->count; i++) {
        const struct case_pause *pause = &pauses->items[i];
        const struct wall_ms begin = later(pause->in.from, from);
        const struct wall_ms end = earlier(pause->in.to, last);
        if (begin.ms >= end.ms || pause->in.from.ms >= last.ms || pause->in.to.ms <= from.ms)
            continue;
        run_advance(fold, run, begin);
        fold->suspended_by = pause->event;
        run->fixed = false; /* it became so only at `last` */
        run_pause(fold, run, begin);
        run->fixed = fixed;
        if (end.ms < never.ms) {
            run_advance(fold, run, end);
            run_resume(run, end);
        }
    }
    fold->suspended_by = suspended_by;
}

/* Notes of pauses are made again. */
static void forget_pauses(struct fold_run *run)
{
    struct run_trace *trace = run->trace;
    run->pauses = NULL;
    run->pause_count = 0;
    run->pause_capacity = 0;
    run->pausing = false;
    run->pauses_used_up = false;
    run->paused_amount = 0;
    run->pause_cap = never;
    run->due_computed = false;
    if (!trace)
        return;
    struct run_note *note = trace->first;
    trace->first = NULL;
    trace->last = NULL;
    while (note) {
        struct run_note *next = note->next;
        note->next = NULL;
        if (note->kind != NOTE_PAUSED && note->kind != NOTE_PAUSE_MAX)
            run_tell(run, *note);
        note = next;
    }
}

/*
 * The life of the run up to `until`, its stop if it has ended, by the rule it now has; as far as
 * the first events of the case tell it.
 */
static void count_anew(
    struct fold *fold, struct fold_run *run, size_t event_count, struct wall_ms until)
{
    const struct fold_pauses *pauses = pauses_of_case(fold, event_count);
    struct wall_ms from = run->start;
    if (!pauses)
        return;
    forget_pauses(run);
    for (size_t i = 0; i < run->gap_count; i++) {
        const struct interval gap = run->gaps[i];
        pass_pauses(fold, pauses, run, from, gap.from);
        run_advance(fold, run, gap.from);
        run_resume(run, gap.from);
        (void)run_add_gap(fold, run, gap.from, gap.to);
        from = gap.to;
    }
    pass_pauses(fold, pauses, run, from, until);
}

static void sort_notes(struct fold_run *run)
{
    struct run_note *sorted = NULL;
    struct run_note *next = NULL;
    if (!run->trace)
        return;
    for (struct run_note *note = run->trace->first; note; note = next) {
        struct run_note **place = &sorted;
        next = note->next;
        while (*place && (*place)->at.ms <= note->at.ms)
            place = &(*place)->next;
        note->next = *place;
        *place = note;
    }
    run->trace->first = sorted;
    run->trace->last = sorted;
    while (run->trace->last && run->trace->last->next)
        run->trace->last = run->trace->last->next;
}

/* ---- the replan ---- */

static int64_t extended_amount(const struct fold_run *run)
{
    return run->limit.amount - run->rule->limit.amount;
}

static bool same_unit(struct duration a, struct duration b)
{
    return a.unit == b.unit && a.step_ms == b.step_ms;
}

/* The clock that this replan gives the run; NULL: the run stays as it is. */
static const struct clock_rule *rule_after(const struct fold_run *run, const struct policy *policy)
{
    const struct clock_rule *rule = policy ? policy_clock(policy, run->rule->id) : NULL;
    if (run->ended || run->missed || !rule || !clock_is_of_one_kind(rule, run->rule))
        return NULL;
    if (!rule->limit_from_case && !rule->recurs && extended_amount(run) > 0 &&
        !same_unit(rule->limit, run->limit))
        return NULL;
    return rule;
}

static void replan_run(
    struct fold *fold,
    struct fold_run *run,
    size_t index,
    const struct policy *policy,
    const struct clock_rule *rule)
{
    const struct event *event = &fold->memory->events[index];
    const int64_t extended = extended_amount(run);
    run->rule = rule;
    run->policy = policy;
    run->limit = rule->limit;
    run->limit.amount += extended;
    run->recur_from = event->time;
    count_anew(fold, run, index, never);
    run_tell(run, (struct run_note){.kind = NOTE_REPLANNED, .at = event->time, .event = event});
    sort_notes(run);
    run_advance(fold, run, event->time);
    if (run->missed)
        set_holder(fold, run);
}

/* The event that takes the replan back; NULL: it stands. */
static const struct event *find_undo(const struct fold *fold, size_t index)
{
    const struct text replan = event_attribute(&fold->memory->events[index], "replan");
    for (size_t i = index + 1; replan.bytes > 0 && i < fold->memory->event_count; i++) {
        const struct event *event = &fold->memory->events[i];
        if (event->kind == EVENT_REPLANNED && text_equal(event_attribute(event, "undo"), replan))
            return event;
    }
    return NULL;
}

void replan_case(struct fold *fold, size_t index)
{
    const struct event *event = &fold->memory->events[index];
    const struct event *undo = find_undo(fold, index);
    int64_t version = 0;
    if (event_attribute(event, "undo").bytes > 0 ||
        text_parse_i64(event_attribute(event, "version"), &version) != ERR_OK)
        return;
    const struct policy *policy = rulebook_version(fold->rulebook, version);
    for (size_t i = 0; i < fold->run_count; i++) {
        struct fold_run *run = fold->runs[i];
        const struct clock_rule *rule = rule_after(run, policy);
        if (!rule)
            continue;
        run->quiet_until = later(run->quiet_until, undo ? undo->time : event->time);
        if (!undo)
            replan_run(fold, run, index, policy, rule);
    }
}

/* ---- missed by the change alone ---- */

/* The run as it would be by the rules it started with. */
static struct fold_run first_life(struct fold *fold, const struct fold_run *run, struct wall_ms now)
{
    const struct wall_ms end = run->ended ? run->stopped : now;
    struct fold_run life = *run;
    const int64_t extended = extended_amount(run);
    life.rule = run->first_rule;
    life.trace = NULL;
    life.missed = false;
    life.ended = false;
    life.recur_from.ms = 0;
    life.limit = life.rule->limit;
    if (same_unit(life.limit, run->limit))
        life.limit.amount += extended;
    count_anew(fold, &life, fold->memory->event_count, run->ended ? end : never);
    run_advance(fold, &life, end);
    run_compute_due(&life);
    return life;
}

void replan_find_cause(struct fold *fold, struct fold_run *run, struct wall_ms now)
{
    const struct fold_run life = first_life(fold, run, now);
    run->caused_by_rule_change = !life.missed;
    if (run->ended || life.missed)
        return;
    if (life.pausing) {
        run->cause_ends = life.pause_cap;
    } else if (life.has_due) {
        run->cause_ends = wall_add(life.due, 1);
    }
}
