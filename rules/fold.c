/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fold: the events of a case in their order, applied one by one (semantics sections 4, 5, 7).
 * The state depends on the set of events alone; the same events in any order of arrival give
 * the same runs. Cost: events x runs, a due is only computed when an event could change it.
 */
#include "rules/fold.h"

#include <string.h>

/* ---- attributes of the case ---- */

static size_t attribute_place(const struct fold *fold, struct text path)
{
    size_t low = 0;
    size_t high = fold->attribute_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (text_compare(fold->attributes[middle].path, path) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool attribute_room(struct fold *fold)
{
    if (fold->attribute_count < fold->attribute_capacity)
        return true;
    const size_t capacity = fold->attribute_capacity ? fold->attribute_capacity * 2 : 16;
    struct attribute *grown = arena_array(fold->arena, capacity, sizeof(*grown));
    if (!grown) {
        fold->out_of_memory = true;
        return false;
    }
    if (fold->attribute_count > 0)
        memcpy(grown, fold->attributes, fold->attribute_count * sizeof(*grown));
    fold->attributes = grown;
    fold->attribute_capacity = capacity;
    return true;
}

static void set_attribute(struct fold *fold, struct text path, struct text value)
{
    const size_t at = attribute_place(fold, path);
    if (at < fold->attribute_count && text_equal(fold->attributes[at].path, path)) {
        fold->attributes[at].value = value;
        return;
    }
    if (!attribute_room(fold))
        return;
    memmove(
        &fold->attributes[at + 1], &fold->attributes[at],
        (fold->attribute_count - at) * sizeof(*fold->attributes));
    fold->attributes[at] = (struct attribute){.path = path, .value = value};
    fold->attribute_count++;
}

struct known_field {
    const char *path;
    size_t offset; /* of a struct text in struct case_state */
};

static const struct known_field known_fields[] = {
    {"title", offsetof(struct case_state, title)},
    {"matter", offsetof(struct case_state, matter)},
    {"unit", offsetof(struct case_state, unit)},
    {"handler", offsetof(struct case_state, handler)},
    {"from_unit", offsetof(struct case_state, from_unit)},
    {"number", offsetof(struct case_state, number)},
};

/* A received event creates the case or updates its attributes. */
static void take_attributes(struct fold *fold, const struct event *event)
{
    for (size_t i = 0; i < event->attribute_count; i++)
        set_attribute(fold, event->attributes[i].path, event->attributes[i].value);
    for (size_t i = 0; i < sizeof(known_fields) / sizeof(known_fields[0]); i++) {
        const struct text value = event_attribute(event, known_fields[i].path);
        if (value.ptr)
            memcpy((char *)fold->state + known_fields[i].offset, &value, sizeof(value));
    }
    if (fold->state->phase == CASE_UNKNOWN) {
        fold->state->phase = CASE_OPEN;
        fold->state->created = event->time;
    }
}

/* ---- starting ---- */

bool fold_add_run(struct fold *fold, const struct run_start *start)
{
    if (fold->run_count == fold->run_capacity) {
        const size_t capacity = fold->run_capacity ? fold->run_capacity * 2 : 8;
        struct fold_run **grown = arena_array(fold->arena, capacity, sizeof(struct fold_run *));
        if (!grown) {
            fold->out_of_memory = true;
            return false;
        }
        if (fold->run_count > 0)
            memcpy(grown, fold->runs, fold->run_count * sizeof(struct fold_run *));
        fold->runs = grown;
        fold->run_capacity = capacity;
    }
    struct fold_run *run = run_create(fold, start);
    if (!run)
        return false;
    fold->runs[fold->run_count++] = run;
    fold->co_run_count += run->co_unit.bytes > 0;
    return true;
}

static struct match_subject subject_of(const struct fold *fold, const struct event *event)
{
    return (struct match_subject){
        .own = event->attributes,
        .own_count = event->attribute_count,
        .attributes = fold->attributes,
        .attribute_count = fold->attribute_count,
    };
}

/* {"from":"due"}: RFC 3339, or a date, meaning its end. */
static bool brought_due(
    const struct fold *fold,
    const struct event *event,
    const struct run_start *start,
    struct wall_ms *ret_due)
{
    const struct match_subject subject = subject_of(fold, event);
    const struct text value = match_attribute(&subject, start->rule->limit_path);
    struct civil_day day;
    if (!value.ptr)
        return false;
    if (wall_parse(value.ptr, value.bytes, ret_due) == ERR_OK)
        return true;
    if (civil_parse(value, &day) != ERR_OK)
        return false;
    const struct text clock = start->clock.ptr ? start->clock : start->rule->id;
    *ret_due = calendar_end_of(fold_calendar_of(fold, clock, start->number), day);
    return true;
}

static bool is_of_clock(
    const struct fold_run *run, const struct clock_rule *rule, struct text co_unit)
{
    return text_equal(run->rule->id, rule->id) && text_equal(run->co_unit, co_unit);
}

/*
 * The number of the run that a start event would begin; 0: none. One clock per case and family;
 * a clock that has started does not start again by itself, unless its rule says `again`.
 */
static int32_t next_number(
    const struct fold *fold, const struct clock_rule *rule, struct text co_unit)
{
    bool taken = false;
    for (size_t i = fold->run_count; i-- > 0;) {
        const struct fold_run *run = fold->runs[i];
        if (is_of_clock(run, rule, co_unit)) /* the last of its runs */
            return rule->again && run->ended ? run->number + 1 : 0;
        taken = taken ||
                (text_equal(run->rule->family, rule->family) && text_equal(run->co_unit, co_unit));
    }
    return taken ? 0 : 1;
}

static size_t count_co_units(const struct fold *fold, const struct clock_rule *rule)
{
    size_t count = 0;
    for (size_t i = 0; i < fold->run_count; i++) {
        const struct fold_run *run = fold->runs[i];
        count += run->co_unit.bytes > 0 && run->number == 1 && text_equal(run->rule->id, rule->id);
    }
    return count;
}

/* One run for each unit listed that has none yet. */
static void start_for_units(struct fold *fold, const struct event *event, struct run_start *start)
{
    const struct match_subject subject = subject_of(fold, event);
    struct text rest = match_attribute(&subject, TEXT_LITERAL("co_units"));
    size_t unit_count = count_co_units(fold, start->rule);
    while (co_unit_next(&rest, &start->co_unit)) {
        start->number = next_number(fold, start->rule, start->co_unit);
        if (start->number == 0 || (start->number == 1 && unit_count++ >= CO_UNITS_MAX))
            continue;
        start->clock = co_clock_name(fold->arena, start->rule, start->co_unit);
        if (!start->clock.ptr) {
            fold->out_of_memory = true;
            return;
        }
        (void)fold_add_run(fold, start);
    }
}

static void start_clock(
    struct fold *fold, size_t index, const struct policy *policy, const struct clock_rule *rule)
{
    const struct event *event = &fold->memory->events[index];
    const struct match_subject subject = subject_of(fold, event);
    const int32_t number = rule->per_co_unit ? 0 : next_number(fold, rule, (struct text){0});
    if ((number == 0 && !rule->per_co_unit) || !match_holds(&rule->match, &subject))
        return;
    struct run_start start = {
        .policy = policy,
        .rule = rule,
        .at = event->time,
        .number = number,
        .event_index = index,
    };
    if (rule->limit_from_case && !brought_due(fold, event, &start, &start.brought_due))
        return;
    if (rule->per_co_unit) {
        start_for_units(fold, event, &start);
    } else {
        (void)fold_add_run(fold, &start);
    }
}

static void start_clocks(struct fold *fold, size_t index)
{
    const struct event *event = &fold->memory->events[index];
    const struct policy *policy = rulebook_policy(fold->rulebook, event->rules_version);
    if (fold->closed)
        return;
    for (size_t s = 0; s < policy->set_count; s++) {
        const struct ruleset *set = &policy->sets[s];
        for (size_t c = 0; c < set->clock_count; c++) {
            if (clock_starts_at(&set->clocks[c], event->kind_name))
                start_clock(fold, index, policy, &set->clocks[c]);
        }
    }
}

/* The run after `run`, by the rules now in force; those of the run where its clock is gone. */
static void start_next_run(struct fold *fold, struct fold_run *run, size_t index)
{
    const struct event *event = &fold->memory->events[index];
    const struct policy *policy = rulebook_policy(fold->rulebook, event->rules_version);
    const struct clock_rule *rule = policy_clock(policy, run->rule->id);
    if (rule && !clock_is_of_one_kind(rule, run->rule))
        rule = NULL; /* it has become another clock under the old name */
    struct run_start start = {
        .policy = rule ? policy : run->policy,
        .rule = rule ? rule : run->rule,
        .clock = run->clock,
        .co_unit = run->co_unit,
        .at = event->time,
        .number = run->number + 1,
        .followed = run->followed,
        .brought_due = run->brought_due,
        .event_index = index,
    };
    if (start.rule->limit_from_case)
        (void)brought_due(fold, event, &start, &start.brought_due);
    run->follows = false; /* this one follows it already */
    (void)fold_add_run(fold, &start);
}

/* ---- the effects of each kind ---- */

static void stop_runs(struct fold *fold, size_t index)
{
    const struct event *event = &fold->memory->events[index];
    for (size_t i = 0; i < fold->run_count; i++) {
        struct fold_run *run = fold->runs[i];
        if (run->ended || !clock_stops_at(run->rule, event->kind_name) ||
            !event_reaches_run(fold, event, run))
            continue;
        if (!run->missed)
            run_note_holder(fold, run);
        run_end(run, event->time, RUN_MET, index);
    }
}

static void suspend_case(struct fold *fold, const struct event *event)
{
    if (!fold->suspended)
        fold->suspended_by = event;
    fold->suspended = true;
    for (size_t i = 0; i < fold->run_count; i++) {
        if (!fold->runs[i]->ended)
            run_pause(fold, fold->runs[i], event->time);
    }
}

static void resume_case(struct fold *fold, const struct event *event)
{
    fold->suspended = false;
    for (size_t i = 0; i < fold->run_count; i++) {
        if (!fold->runs[i]->ended)
            run_resume(fold->runs[i], event->time);
    }
}

static void close_case(struct fold *fold, size_t index)
{
    const struct event *event = &fold->memory->events[index];
    resume_case(fold, event);
    settle_objection(fold);
    fold->closed = true;
    fold->withdrawn = event->kind == EVENT_WITHDRAWN;
    for (size_t i = 0; i < fold->run_count; i++) {
        struct fold_run *run = fold->runs[i];
        run->follows = false;
        if (!run->ended && (fold->withdrawn || run->rule->recurs))
            run_end(run, event->time, RUN_CANCELLED, index);
    }
}

static bool is_last_of_its_clock(const struct fold *fold, size_t run_index)
{
    const struct fold_run *run = fold->runs[run_index];
    for (size_t i = run_index + 1; i < fold->run_count; i++) {
        if (is_of_clock(fold->runs[i], run->rule, run->co_unit))
            return false;
    }
    return true;
}

static void restart_transferred(struct fold *fold, size_t index)
{
    const struct event *event = &fold->memory->events[index];
    const size_t run_count = fold->run_count; /* not those that begin here */
    for (size_t i = 0; i < run_count; i++) {
        struct fold_run *run = fold->runs[i];
        if (run->ended || run->rule->on_transfer != ON_RESTART || run->start.ms >= event->time.ms)
            continue;
        if (run->co_unit.bytes > 0) /* it is with that unit, whoever the host is */
            continue;
        if (run->rule->recurs && !is_last_of_its_clock(fold, i))
            continue; /* missed, and waits for its stop */
        run_end(run, event->time, RUN_REPLACED, index);
        start_next_run(fold, run, index);
    }
}

static void assign_case(struct fold *fold, size_t index)
{
    const struct event *event = &fold->memory->events[index];
    const struct text unit = event_attribute(event, "unit");
    const struct text handler = event_attribute(event, "handler");
    const bool elsewhere = unit.bytes > 0 && !text_equal(unit, fold->state->unit);
    if (elsewhere) {
        fold->state->unit = unit;
        set_attribute(fold, TEXT_LITERAL("unit"), unit);
    }
    if (elsewhere || handler.bytes > 0) { /* a transfer without a handler leaves none */
        fold->state->handler = handler;
        set_attribute(fold, TEXT_LITERAL("handler"), handler);
    }
    if (elsewhere)
        restart_transferred(fold, index);
}

static void reopen_case(struct fold *fold, size_t index)
{
    const struct event *event = &fold->memory->events[index];
    const size_t run_count = fold->run_count;
    const bool was_closed = fold->closed;
    fold->closed = false;
    fold->withdrawn = false;
    for (size_t i = 0; i < run_count; i++) {
        struct fold_run *run = fold->runs[i];
        if (!run->ended || run->ended_by == index || !is_last_of_its_clock(fold, i))
            continue;
        if (run->rule->recurs && !was_closed)
            continue;
        if (run->rule->recurs || run->rule->on_reopen == ON_RESTART) {
            start_next_run(fold, run, index);
        } else {
            run_continue(fold, run, event->time);
        }
    }
}

static void extend_runs(struct fold *fold, const struct event *event)
{
    for (size_t i = 0; i < fold->run_count; i++)
        run_extend(fold->runs[i], event);
}

static void apply_kind(struct fold *fold, size_t index)
{
    const struct event *event = &fold->memory->events[index];
    switch (event->kind) {
    case EVENT_RECEIVED:
        take_attributes(fold, event);
        break;
    case EVENT_ASSIGNED:
        assign_case(fold, index);
        settle_objection(fold);
        break;
    case EVENT_SUSPENDED:
        suspend_case(fold, event);
        break;
    case EVENT_RESUMED:
        resume_case(fold, event);
        break;
    case EVENT_EXTENDED:
        extend_runs(fold, event);
        break;
    case EVENT_COMPLETED:
    case EVENT_WITHDRAWN:
        close_case(fold, index);
        break;
    case EVENT_RETURNED:
    case EVENT_REOPENED:
        reopen_case(fold, index);
        break;
    case EVENT_WAIVED:
    case EVENT_APPEALED:
        judge_miss(fold, event);
        break;
    case EVENT_OBJECTED:
        object_case(fold, event);
        break;
    case EVENT_NOTED:
        if (event_attribute(event, "ruling").bytes > 0)
            settle_objection(fold);
        break;
    case EVENT_REPLANNED:
        replan_case(fold, index);
        break;
    case EVENT_ACCEPTED:
    case EVENT_ANSWERED:
    case EVENT_FEEDBACK:
    case EVENT_STRUCK_OFF:
    case EVENT_URGED:
    case EVENT_SUPERVISED:
    case EVENT_ACKNOWLEDGED:
    case EVENT_RATED:
    case EVENT_RECOUNTED:
    case EVENT_OTHER:
    case EVENT_KIND_COUNT:
        break; /* stop and start by name only */
    }
}

void fold_pass_time(struct fold *fold, struct wall_ms now, struct wall_ms until)
{
    for (size_t i = 0; i < fold->run_count; i++) { /* more may come while it goes */
        struct fold_run *run = fold->runs[i];
        if (!run->ended)
            run_advance(fold, run, now);
        if (run->follows)
            recur_follow(fold, run, until);
    }
}

/* Stops first, so that the event that starts a run does not stop it. */
static void apply_event(struct fold *fold, size_t index)
{
    const struct event *event = &fold->memory->events[index];
    fold->applied = event;
    fold_pass_time(fold, event->time, event->time);
    if (event->kind != EVENT_WITHDRAWN)
        stop_runs(fold, index);
    apply_kind(fold, index);
    start_clocks(fold, index);
    fold->state->updated = event->time;
}

static enum err fold_once(struct fold *fold, struct wall_ms now)
{
    fold->state = arena_alloc(fold->arena, sizeof(*fold->state));
    if (!fold->state || !fold->newest)
        return ERR_NO_MEMORY;
    fold->state->id = fold->memory->id;
    fold->state->memory = fold->memory;
    for (size_t i = 0; i < fold->memory->event_count; i++)
        apply_event(fold, i);
    const enum err err = fold_finish(fold, now);
    return err != ERR_OK || fold->out_of_memory ? ERR_NO_MEMORY : ERR_OK;
}

enum err fold_events(struct fold *fold, struct wall_ms now)
{
    struct fold again = *fold;
    const enum err err = fold_once(fold, now);
    if (err != ERR_OK || !fold_settle(&again, fold))
        return again.out_of_memory ? ERR_NO_MEMORY : err;
    *fold = again;
    return fold_once(fold, now);
}

enum err case_fold(
    const struct case_memory *memory,
    const struct rulebook *rulebook,
    struct wall_ms now,
    struct arena *arena,
    const struct case_state **ret_state)
{
    struct fold fold = {
        .memory = memory,
        .rulebook = rulebook,
        .newest = rulebook_newest(rulebook),
        .arena = arena,
    };
    const enum err err = fold_events(&fold, now);
    if (err == ERR_OK)
        *ret_state = fold.state;
    return err;
}
