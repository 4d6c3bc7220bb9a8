/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See step.h. The arena lives for one step; a record of a few hundred bytes folds in it without
 * touching the heap twice.
 */
#include "monitor/step.h"

#include "monitor/notices.h"
#include "rules/acts.h"
#include "rules/needed.h"
#include "rules/record.h"

#define STEP_ARENA_BYTES_MAX ((size_t)64 * 1024 * 1024)
#define STEP_BUF_BYTES_MAX   ((size_t)32 * 1024 * 1024)

/* The events of a step that somebody is told of at once, and new as far as the record can tell. */
struct told {
    const struct event **events;
    size_t count;
};

/* What one step of one case works on. */
struct working {
    const struct step_context *context;
    struct case_memory *memory;
    struct case_memory before; /* as it was stored */
    struct arena *arena;
    struct step_result *result;
    struct told acts;         /* of oversight */
    struct told acknowledged; /* alerts somebody has seen */
};

static struct notices notices_of(const struct working *working)
{
    return (struct notices){
        .settings = working->context->settings,
        .bundle = working->context->bundle,
        .rulebook = working->context->rulebook,
        .now = working->context->now,
        .arena = working->arena,
        .outbox = &working->result->outbox,
    };
}

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

size_t step_bytes(const struct step_result *result)
{
    return result->record.bytes + result->facts.bytes + result->outbox.bytes;
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

/* Does it call for a step although nothing of it is remembered? */
static bool asks_for_a_step(const struct event *event)
{
    return event->kind == EVENT_RECOUNTED || event->kind == EVENT_URGED ||
           event->kind == EVENT_SUPERVISED;
}

static enum err add_event(
    struct working *working, const struct step_event *incoming, enum event_verdict *ret_verdict)
{
    const struct step_context *context = working->context;
    struct case_memory *memory = working->memory;
    struct step_result *result = working->result;
    const struct policy *policy = rulebook_newest(context->rulebook);
    struct event_fact fact = {
        .event = &incoming->event,
        .partition = context->partition,
        .position = incoming->position,
        .verdict = VERDICT_LEDGER,
        .cloud_event = incoming->cloud_event,
    };
    if (event_is_ledger_only(&incoming->event, context->rulebook)) {
        /* Only that it arrived concerns the rules: what is older than a case's first arrival is
         * skipped. */
        const struct wall_ms first_arrived = memory->first_arrived;
        memory_note_arrival(memory, incoming->event.arrived);
        result->changed = result->changed || memory->first_arrived.ms != first_arrived.ms ||
                          (memory->event_count > 0 && asks_for_a_step(&incoming->event));
        result->ledger_count++;
        *ret_verdict = fact.verdict;
        fact_event(&result->facts, &fact);
        return ERR_OK;
    }
    switch (memory_add_event(memory, working->arena, &incoming->event, policy)) {
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
    *ret_verdict = fact.verdict;
    fact_event(&result->facts, &fact);
    return ERR_OK;
}

static void note_event(
    struct working *working, const struct event *event, enum event_verdict verdict)
{
    const bool is_act = event->kind == EVENT_URGED || event->kind == EVENT_SUPERVISED;
    if (is_act && (verdict == VERDICT_APPLIED || verdict == VERDICT_LEDGER)) {
        working->acts.events[working->acts.count++] = event;
    }
    if (event->kind == EVENT_ACKNOWLEDGED && verdict == VERDICT_APPLIED) {
        working->acknowledged.events[working->acknowledged.count++] = event;
    }
}

/* An urging that comes twice is the same alert and the same message: the mailbox takes one. */
static enum err acts_send(const struct working *working, const struct case_state *state)
{
    const struct step_context *context = working->context;
    struct step_result *result = working->result;
    const struct notices notices = notices_of(working);
    for (size_t index = 0; index < working->acts.count; index++) {
        struct firing firing;
        bool sends = false;
        const struct act_question question = {
            .state = state,
            .event = working->acts.events[index],
            .rulebook = context->rulebook,
            .now = context->now,
        };
        const enum err err = act_firing(&question, working->arena, &sends, &firing);
        if (err) {
            return err;
        }
        if (sends) {
            fact_alert(&result->facts, state, &firing);
            outbox_alert(
                &result->outbox, state, &firing, rulebook_newest(context->rulebook)->directory);
            notices_alert(&notices, state, &firing);
            result->fired_count++;
        }
    }
    return ERR_OK;
}

/* Misses, all-clears and acknowledgements that this step makes. */
static enum err notices_send(const struct working *working, const struct case_state *state)
{
    const struct notices notices = notices_of(working);
    for (size_t index = 0; index < working->acknowledged.count; index++) {
        notices_acknowledged(&notices, state, working->acknowledged.events[index]);
    }
    return notices_change(&notices, &working->before, state);
}

/* Record, timer and case fact of the state as it now is. */
static enum err settle(const struct working *working)
{
    const struct step_context *context = working->context;
    const struct case_memory *memory = working->memory;
    struct arena *arena = working->arena;
    struct step_result *result = working->result;
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
    fact_case(&result->facts, state, rulebook_newest(context->rulebook)->calendar);
    record_pack(memory, &result->record);
    err = notices_send(working, state);
    return err ? err : acts_send(working, state);
}

static bool make_room(struct working *working, size_t event_count)
{
    const size_t bytes = sizeof(void *);
    working->acts.events = arena_array(working->arena, event_count, bytes);
    working->acknowledged.events = arena_array(working->arena, event_count, bytes);
    return event_count == 0 || (working->acts.events && working->acknowledged.events);
}

static enum err take_events(
    struct working *working, const struct step_event *events, size_t event_count)
{
    if (!make_room(working, event_count)) {
        return ERR_NO_MEMORY;
    }
    for (size_t index = 0; index < event_count; index++) {
        enum event_verdict verdict = VERDICT_LEDGER;
        const enum err err = add_event(working, &events[index], &verdict);
        if (err) {
            return err;
        }
        note_event(working, &events[index].event, verdict);
    }
    return working->result->changed ? settle(working) : ERR_OK;
}

/* A case that has met a newer version must not be computed by an older one. */
static enum err check_versions(
    const struct working *working,
    const struct step_event *events,
    size_t event_count,
    struct err_why *why)
{
    const int64_t newest = rulebook_newest(working->context->rulebook)->version;
    int64_t needed = memory_version_needed(working->memory);
    for (size_t index = 0; index < event_count; index++) {
        const int64_t version = event_version_needed(&events[index].event);
        needed = version > needed ? version : needed;
    }
    if (needed > newest && !working->context->any_version) {
        return err_set(
            why, ERR_NOT_FOUND, "version %lld of the configuration is not known here yet",
            (long long)needed);
    }
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
    struct working working = {
        .context = context, .memory = &memory, .arena = &arena, .result = ret_result};
    enum err err = memory_load(context, &arena, &memory, why);
    if (!err) {
        working.before = memory;
        err = check_versions(&working, events, event_count, why);
    }
    if (!err) {
        err = take_events(&working, events, event_count);
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

/* Tell journal and outbox what fired, and remember it. */
static enum err fire_all(
    struct working *working, const struct case_state *state, const struct case_plan *plan)
{
    const struct step_context *context = working->context;
    struct step_result *result = working->result;
    const struct directory *directory = rulebook_newest(context->rulebook)->directory;
    const struct notices notices = notices_of(working);
    for (size_t index = 0; index < plan->firing_count; index++) {
        const struct firing *firing = &plan->firings[index];
        if (!memory_add_fired(working->memory, working->arena, &firing->fired, 1)) {
            return ERR_NO_MEMORY;
        }
        if (firing->fired.status == ALERT_COLLAPSED) {
            continue;
        }
        fact_alert(&result->facts, state, firing);
        if (firing_goes_out(firing)) {
            outbox_alert(&result->outbox, state, firing, directory);
            notices_alert(&notices, state, firing);
            result->fired_count++;
            const int64_t late_ms = context->now.ms - firing->fired.instant.ms;
            result->late_ms_max = late_ms > result->late_ms_max ? late_ms : result->late_ms_max;
        }
    }
    return ERR_OK;
}

static enum err wake_case(struct working *working)
{
    const struct step_context *context = working->context;
    struct step_result *result = working->result;
    const struct case_state *state = NULL;
    enum err err =
        case_fold(working->memory, context->rulebook, context->now, working->arena, &state);
    if (err) {
        return err;
    }
    struct case_plan plan = {0};
    err = case_plan(state, working->memory, context->rulebook, context->now, working->arena, &plan);
    if (err) {
        return err;
    }
    err = fire_all(working, state, &plan);
    if (err) {
        return err;
    }
    result->has_wake = plan.has_next;
    result->wake = plan.next;
    result->directory_fault = state->directory_fault;
    result->changed = true;
    fact_case(&result->facts, state, rulebook_newest(context->rulebook)->calendar);
    record_pack(working->memory, &result->record);
    return notices_send(working, state);
}

enum err step_wake(
    const struct step_context *context, struct step_result *ret_result, struct err_why *why)
{
    struct arena arena;
    arena_init(&arena, STEP_ARENA_BYTES_MAX);
    struct case_memory memory;
    enum err err = memory_load(context, &arena, &memory, why);
    struct working working = {
        .context = context, .memory = &memory, .arena = &arena, .result = ret_result};
    if (!err) {
        working.before = memory;
        err = check_versions(&working, NULL, 0, why);
    }
    if (!err) {
        err = wake_case(&working);
        if (err) {
            (void)err_set(why, err, "the case cannot be computed (%s)", err_name(err));
        }
    }
    arena_release(&arena);
    return err ? err : result_check(ret_result, why);
}
