/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See step.h. The arena lives for one step; a record of a few hundred bytes folds in it without
 * touching the heap twice.
 */
#include "monitor/step.h"

#include "rules/record.h"

#define STEP_ARENA_BYTES_MAX ((size_t)64 * 1024 * 1024)
#define STEP_BUF_BYTES_MAX   ((size_t)32 * 1024 * 1024)

void step_result_init(struct step_result *result)
{
    *result = (struct step_result){0};
    buf_init(&result->record, STEP_BUF_BYTES_MAX);
    buf_init(&result->facts, STEP_BUF_BYTES_MAX);
    buf_init(&result->outbox, STEP_BUF_BYTES_MAX);
}

void step_result_release(struct step_result *result)
{
    buf_release(&result->record);
    buf_release(&result->facts);
    buf_release(&result->outbox);
}

static enum err memory_load(
    const struct step_context *context,
    struct arena *arena,
    struct case_memory *ret_memory,
    struct err_why *why)
{
    if (context->record.bytes == 0) {
        *ret_memory = (struct case_memory){.id = context->case_id};
        return ERR_OK;
    }
    const enum err err = record_unpack(context->record, arena, ret_memory, why);
    if (err == ERR_OK && !text_equal(ret_memory->id, context->case_id)) {
        return err_set(why, ERR_CORRUPT, "the record belongs to another case");
    }
    return err;
}

static enum err result_check(const struct step_result *result, struct err_why *why)
{
    const struct buf *bufs[] = {&result->record, &result->facts, &result->outbox};
    for (size_t index = 0; index < sizeof(bufs) / sizeof(bufs[0]); index++) {
        const enum err err = buf_error(bufs[index]);
        if (err) {
            return err_set(why, err, "the step's result does not fit");
        }
    }
    return ERR_OK;
}

/* Does the event change the record, or is it for the ledger alone? */
static bool is_for_ledger(const struct event *event, const struct policy *policy)
{
    const bool plain = event_kind_is_ledger_only(event->kind) || event->kind == EVENT_OTHER;
    return plain && !policy_names_kind(policy, event->kind_name);
}

static enum err add_event(
    const struct step_context *context,
    struct case_memory *memory,
    struct arena *arena,
    const struct step_event *incoming,
    struct step_result *result)
{
    const struct policy *policy = rulebook_newest(context->rulebook);
    struct event_fact fact = {
        .event = &incoming->event,
        .partition = context->partition,
        .position = incoming->position,
        .verdict = VERDICT_LEDGER,
        .cloud_event = incoming->cloud_event,
    };
    if (is_for_ledger(&incoming->event, policy)) {
        /* Only that it arrived concerns the rules: what is older than a case's first arrival is
         * skipped. */
        const struct wall_ms first_arrived = memory->first_arrived;
        memory_note_arrival(memory, incoming->event.arrived);
        result->changed = result->changed || memory->first_arrived.ms != first_arrived.ms;
        result->ledger_count++;
        fact_event(&result->facts, &fact);
        return ERR_OK;
    }
    switch (memory_add_event(memory, arena, &incoming->event, policy)) {
    case MEMORY_ADDED:
        fact.verdict = VERDICT_APPLIED;
        result->applied_count++;
        result->changed = true;
        break;
    case MEMORY_REPEATED:
        fact.verdict = VERDICT_REPEATED;
        result->repeated_count++;
        break;
    case MEMORY_FULL:
        fact.verdict = VERDICT_FULL;
        result->full_count++;
        break;
    case MEMORY_NO_ROOM:
        return ERR_NO_MEMORY;
    }
    fact_event(&result->facts, &fact);
    return ERR_OK;
}

/* Record, timer and case fact of the state as it now is. */
static enum err settle(
    const struct step_context *context,
    const struct case_memory *memory,
    struct arena *arena,
    struct step_result *result)
{
    const struct case_state *state = NULL;
    enum err err = case_fold(memory, context->rulebook, context->now, arena, &state);
    if (err) {
        return err;
    }
    struct case_plan plan = {0};
    err = case_plan(state, memory, context->rulebook, context->now, arena, &plan);
    if (err) {
        return err;
    }
    result->has_wake = plan.has_next || plan.firing_count > 0;
    result->wake = plan.firing_count > 0 ? context->now : plan.next;
    result->directory_fault = state->directory_fault;
    fact_case(&result->facts, state);
    record_pack(memory, &result->record);
    return ERR_OK;
}

enum err step_intake(
    const struct step_context *context,
    const struct step_event *events,
    size_t event_count,
    struct step_result *ret_result,
    struct err_why *why)
{
    struct arena arena;
    arena_init(&arena, STEP_ARENA_BYTES_MAX);
    struct case_memory memory;
    enum err err = memory_load(context, &arena, &memory, why);
    for (size_t index = 0; !err && index < event_count; index++) {
        err = add_event(context, &memory, &arena, &events[index], ret_result);
    }
    if (!err && ret_result->changed) {
        err = settle(context, &memory, &arena, ret_result);
        if (err) {
            (void)err_set(why, err, "the case cannot be computed (%s)", err_name(err));
        }
    }
    arena_release(&arena);
    return err ? err : result_check(ret_result, why);
}

static bool firing_goes_out(const struct firing *firing)
{
    return firing->fired.status == ALERT_FIRED && firing->fired.to_count > 0;
}

/* What waking one case works on. */
struct waking {
    const struct step_context *context;
    struct case_memory *memory;
    struct arena *arena;
    struct step_result *result;
};

/* Tell journal and outbox what fired, and remember it. */
static enum err fire_all(
    struct waking *waking, const struct case_state *state, const struct case_plan *plan)
{
    const struct step_context *context = waking->context;
    struct step_result *result = waking->result;
    const struct directory *directory = rulebook_newest(context->rulebook)->directory;
    for (size_t index = 0; index < plan->firing_count; index++) {
        const struct firing *firing = &plan->firings[index];
        if (!memory_add_fired(waking->memory, waking->arena, &firing->fired, 1)) {
            return ERR_NO_MEMORY;
        }
        if (firing->fired.status == ALERT_COLLAPSED) {
            continue;
        }
        fact_alert(&result->facts, state, firing);
        if (firing_goes_out(firing)) {
            outbox_alert(&result->outbox, state, firing, directory);
            result->fired_count++;
            const int64_t late_ms = context->now.ms - firing->fired.instant.ms;
            result->late_ms_max = late_ms > result->late_ms_max ? late_ms : result->late_ms_max;
        }
    }
    return ERR_OK;
}

static enum err wake_case(struct waking *waking)
{
    const struct step_context *context = waking->context;
    struct step_result *result = waking->result;
    const struct case_state *state = NULL;
    enum err err =
        case_fold(waking->memory, context->rulebook, context->now, waking->arena, &state);
    if (err) {
        return err;
    }
    struct case_plan plan = {0};
    err = case_plan(state, waking->memory, context->rulebook, context->now, waking->arena, &plan);
    if (err) {
        return err;
    }
    err = fire_all(waking, state, &plan);
    if (err) {
        return err;
    }
    result->has_wake = plan.has_next;
    result->wake = plan.next;
    result->directory_fault = state->directory_fault;
    result->changed = true;
    fact_case(&result->facts, state);
    record_pack(waking->memory, &result->record);
    return ERR_OK;
}

enum err step_wake(
    const struct step_context *context, struct step_result *ret_result, struct err_why *why)
{
    struct arena arena;
    arena_init(&arena, STEP_ARENA_BYTES_MAX);
    struct case_memory memory;
    enum err err = memory_load(context, &arena, &memory, why);
    if (!err) {
        err = wake_case(&(struct waking){context, &memory, &arena, ret_result});
        if (err) {
            (void)err_set(why, err, "the case cannot be computed (%s)", err_name(err));
        }
    }
    arena_release(&arena);
    return err ? err : result_check(ret_result, why);
}
