/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The twin's case records: loading, the one atomic commit, and claims of due timers.
 */
#include <string.h>

#include "base/must.h"
#include "store/memory.h"

#define FACTS_BYTES_MAX ((size_t)64 << 20)

void memory_add_joined(struct buf *buf, struct text json)
{
    if (json.bytes == 0)
        return;
    if (buf->bytes)
        buf_char(buf, ',');
    buf_text(buf, json);
}

static void array_of(struct buf *array, const struct buf *members)
{
    buf_init(array, FACTS_BYTES_MAX);
    buf_char(array, '[');
    buf_text(array, buf_view(members));
    buf_char(array, ']');
    MUST(buf_error(array) == ERR_OK && buf_error(members) == ERR_OK);
}

void memory_journal_append(struct memory_partition *partition, const struct buf *facts)
{
    struct buf array;
    if (facts->bytes == 0)
        return;
    array_of(&array, facts);
    memory_log_add(&partition->journal, buf_view(&array));
    buf_release(&array);
}

/* ---- load ---- */

struct load_args {
    int32_t partition;
    struct text *ids;
    size_t count;
};

static struct store_case case_answer(
    struct memory_call *call, const struct memory_case *record, struct text id)
{
    struct store_case answer = {.id = id, .record = TEXT_LITERAL("")};
    if (record) {
        answer.version = record->version;
        answer.record = memory_call_text(call, record->record);
    }
    return answer;
}

static void load_run(struct memory_call *call)
{
    const struct load_args *const args = call->args;
    const struct memory_partition *const partition = memory_partition_of(call, args->partition);
    struct store_case *const cases = memory_call_array(call, args->count, sizeof *cases);
    for (size_t i = 0; i < args->count; i++)
        cases[i] = case_answer(call, memory_map_get(&partition->cases, args->ids[i]), args->ids[i]);
    call->result = cases;
    call->count = args->count;
}

static void load_answer(struct memory_call *call)
{
    call->done.cases(call->context, call->err, call->why, call->result, call->count);
}

void memory_cases_load(
    struct store *store,
    int32_t partition,
    const struct text *ids,
    size_t count,
    store_cases_done *done,
    void *context)
{
    struct memory_call *const call = memory_call_create(store, sizeof(struct load_args), context);
    struct load_args *const args = call->args;
    args->partition = partition;
    args->count = count;
    args->ids = memory_call_array(call, count, sizeof *args->ids);
    for (size_t i = 0; i < count; i++)
        args->ids[i] = memory_call_text(call, ids[i]);
    call->run = load_run;
    call->answer = load_answer;
    call->done.cases = done;
    memory_call_queue(call, LANE_MAIN);
}

/* ---- commit ---- */

struct commit_args {
    int32_t partition;
    struct store_step *steps;
    size_t count;
};

static struct memory_case *case_create(struct memory_partition *partition, struct text id)
{
    struct memory_case *const record = memory_alloc(sizeof *record);
    record->id = memory_text_copy(id);
    record->timed.key = record->id;
    memory_map_put(&partition->cases, record->id, record);
    return record;
}

static void case_write(
    struct memory_call *call,
    struct memory_partition *partition,
    struct memory_case *record,
    const struct store_step *step)
{
    if (!record)
        record = case_create(partition, step->case_id);
    memory_text_free(record->record);
    record->record = memory_text_copy(step->record);
    record->version = partition->version_last;
    if (step->has_wake) {
        memory_schedule_set(&partition->timers, &record->timed, step->wake.ms);
    } else {
        memory_schedule_unset(&partition->timers, &record->timed);
    }
    if (step->release_claim && record->timed.claim_owner == call->handle->instance)
        memory_schedule_unclaim(&partition->timers, &record->timed);
}

/* Returns the new version, 0 when the step does not fit. */
static int64_t step_apply(
    struct memory_call *call, struct memory_partition *partition, const struct store_step *step)
{
    struct memory_case *record = NULL;
    if (step->case_id.bytes) {
        record = memory_map_get(&partition->cases, step->case_id);
        if ((record ? record->version : 0) != step->expected_version)
            return 0;
    }
    partition->version_last++;
    if (step->case_id.bytes)
        case_write(call, partition, record, step);
    for (size_t i = 0; i < step->ack_count; i++) {
        memory_stream_remove(
            &partition->queues[QUEUE_EVENTS], memory_position_parse(step->acks[i]));
    }
    return partition->version_last;
}

static void outbox_append(struct memory_partition *partition, const struct buf *outbox)
{
    struct buf array;
    if (outbox->bytes == 0)
        return;
    array_of(&array, outbox);
    memory_stream_add(
        &partition->queues[QUEUE_OUTBOX], (struct wall_ms){.ms = -1}, buf_view(&array));
    buf_release(&array);
}

static void commit_run(struct memory_call *call)
{
    const struct commit_args *const args = call->args;
    struct memory_partition *const partition = memory_partition_of(call, args->partition);
    int64_t *const versions = memory_call_array(call, args->count, sizeof *versions);
    struct buf facts;
    struct buf outbox;
    buf_init(&facts, FACTS_BYTES_MAX);
    buf_init(&outbox, FACTS_BYTES_MAX);
    for (size_t i = 0; i < args->count; i++) {
        versions[i] = step_apply(call, partition, &args->steps[i]);
        if (versions[i]) {
            memory_add_joined(&facts, args->steps[i].facts);
            memory_add_joined(&outbox, args->steps[i].outbox);
        }
    }
    memory_journal_append(partition, &facts);
    outbox_append(partition, &outbox);
    buf_release(&facts);
    buf_release(&outbox);
    call->result = versions;
    call->count = args->count;
}

static void commit_answer(struct memory_call *call)
{
    call->done.commit(call->context, call->err, call->why, call->result, call->count);
}

static void step_copy(
    struct memory_call *call, struct store_step *copy, const struct store_step *step)
{
    *copy = *step;
    copy->case_id = memory_call_text(call, step->case_id);
    copy->record = memory_call_text(call, step->record);
    copy->facts = memory_call_text(call, step->facts);
    copy->outbox = memory_call_text(call, step->outbox);
    struct text *const acks = memory_call_array(call, step->ack_count, sizeof *acks);
    for (size_t i = 0; i < step->ack_count; i++)
        acks[i] = memory_call_text(call, step->acks[i]);
    copy->acks = acks;
}

void memory_commit(
    struct store *store,
    int32_t partition,
    const struct store_step *steps,
    size_t count,
    store_commit_done *done,
    void *context)
{
    struct memory_call *const call = memory_call_create(store, sizeof(struct commit_args), context);
    struct commit_args *const args = call->args;
    args->partition = partition;
    args->count = count;
    args->steps = memory_call_array(call, count, sizeof *args->steps);
    for (size_t i = 0; i < count; i++) {
        MUST(!steps[i].case_id.bytes || steps[i].record.bytes);
        step_copy(call, &args->steps[i], &steps[i]);
    }
    call->run = commit_run;
    call->answer = commit_answer;
    call->done.commit = done;
    memory_call_queue(call, LANE_MAIN);
}

/* ---- claim ---- */

struct claim_args {
    int32_t partition;
    struct wall_ms now;
    size_t max;
    bool when_idle;
};

struct claim_result {
    struct store_claimed claimed;
    int64_t sequence; /* 0: nothing was asked of the claims */
};

struct memory_claimer memory_claimer_next(
    struct memory_handle *handle, struct memory_claim_state *state)
{
    return (struct memory_claimer){
        .owner = handle->instance,
        .session = handle->session,
        .sequence = ++state->sequence_last,
        .real_ms = handle->world->real_ms,
        .take_older = state->take_older,
        .lost_from = state->lost_from,
        .lost_to = state->lost_to,
    };
}

void memory_claims_asked(struct memory_claim_state *state, bool more)
{
    if (more)
        return; /* the rest is taken back by the next call */
    state->take_older = false;
    state->lost_from = 1;
    state->lost_to = 0;
}

void memory_claims_lost(struct memory_claim_state *state, int64_t sequence)
{
    if (!sequence)
        return;
    if (state->lost_from > state->lost_to)
        state->lost_from = sequence;
    state->lost_from = sequence < state->lost_from ? sequence : state->lost_from;
    state->lost_to = sequence > state->lost_to ? sequence : state->lost_to;
}

static void claim_run(struct memory_call *call)
{
    const struct claim_args *const args = call->args;
    struct memory_partition *const partition = memory_partition_of(call, args->partition);
    struct claim_result *const result = memory_call_array(call, 1, sizeof *result);
    struct memory_timed *taken[STORE_CLAIM_MAX];
    size_t count = 0;
    if (!args->when_idle || partition->queues[QUEUE_EVENTS].count == 0) {
        struct memory_claim_state *const state = &call->handle->timer_claims[args->partition];
        const struct memory_claimer claimer = memory_claimer_next(call->handle, state);
        count = memory_schedule_claim(&partition->timers, &claimer, args->now.ms, args->max, taken);
        memory_claims_asked(state, count == args->max);
        result->sequence = claimer.sequence;
    }
    struct store_due *const due = memory_call_array(call, count, sizeof *due);
    for (size_t i = 0; i < count; i++) {
        const struct memory_case *const record = (const struct memory_case *)taken[i];
        due[i].partition = args->partition;
        due[i].record = case_answer(call, record, memory_call_text(call, record->id));
        due[i].score.ms = taken[i]->claim_score_ms;
    }
    const struct memory_timed *const first = memory_schedule_first(&partition->timers);
    result->claimed.due = due;
    result->claimed.due_count = count;
    result->claimed.has_next = first;
    result->claimed.next.ms = first ? first->score_ms : 0;
    call->result = result;
}

static void claim_lost(struct memory_call *call)
{
    const struct claim_args *const args = call->args;
    const struct claim_result *const result = call->result;
    memory_claims_lost(&call->handle->timer_claims[args->partition], result->sequence);
}

static void claim_answer(struct memory_call *call)
{
    const struct claim_result *const result = call->result;
    static const struct store_claimed nothing;
    call->done.claim(call->context, call->err, call->why, result ? &result->claimed : &nothing);
}

void memory_timers_claim(
    struct store *store,
    int32_t partition,
    struct wall_ms now,
    size_t max,
    bool when_idle,
    store_claim_done *done,
    void *context)
{
    struct memory_call *const call = memory_call_create(store, sizeof(struct claim_args), context);
    *(struct claim_args *)call->args =
        (struct claim_args){.partition = partition, .now = now, .max = max, .when_idle = when_idle};
    call->run = claim_run;
    call->on_lost = claim_lost;
    call->answer = claim_answer;
    call->done.claim = done;
    memory_call_queue(call, LANE_MAIN);
}
