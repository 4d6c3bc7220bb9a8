/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory twin's world and its handles: opening, closing, breaking, and the step that moves
 * one call on. The order in which calls of different handles and lanes move is the caller's
 * prng's alone, so that a seed repeats a run.
 */
#include "store/memory.h"

#include <stdlib.h>

#include "base/must.h"

static const struct store_ops memory_ops;

struct memory_world *memory_world_create(int32_t partitions)
{
    MUST(partitions > 0 && partitions <= STORE_PARTITIONS_MAX);
    struct memory_world *const world = memory_alloc(sizeof *world);
    world->partition_count = partitions;
    return world;
}

static void case_free(void *value)
{
    struct memory_case *const record = value;
    memory_text_free(record->id);
    memory_text_free(record->record);
    free(record);
}

static void mail_free(void *value)
{
    struct memory_mail *const mail = value;
    memory_text_free(mail->key);
    memory_text_free(mail->entry);
    free(mail);
}

static void partition_release(struct memory_partition *partition)
{
    for (size_t i = 0; i < STORE_QUEUE_COUNT; i++)
        memory_stream_release(&partition->queues[i]);
    memory_log_release(&partition->journal);
    memory_map_release(&partition->cases, case_free);
    memory_schedule_release(&partition->timers);
    memory_map_release(&partition->mails, mail_free);
    memory_map_release(&partition->receipts, memory_receipt_free);
    memory_schedule_release(&partition->due);
    memory_throttles_release(partition);
}

void memory_world_free(struct memory_world *world)
{
    if (!world)
        return;
    while (world->handles)
        store_close(&world->handles->store);
    for (int32_t i = 0; i < world->partition_count; i++)
        partition_release(&world->partitions[i]);
    memory_stream_release(&world->door);
    for (size_t i = 0; i < world->bundle_count; i++)
        memory_text_free(world->bundles[i]);
    free(world->bundles);
    memory_text_free(world->control);
    while (world->instances) {
        struct memory_instance *const next = world->instances->next;
        memory_text_free(world->instances->name);
        memory_text_free(world->instances->json);
        free(world->instances);
        world->instances = next;
    }
    free(world);
}

void memory_world_set_real(struct memory_world *world, int64_t real_ms)
{
    world->real_ms = real_ms > world->real_ms ? real_ms : world->real_ms;
}

void memory_world_publish(struct memory_world *world, struct text body)
{
    memory_tell_published(world, body);
}

static struct memory_instance *instance_of(struct memory_world *world, struct text name)
{
    struct memory_instance **link = &world->instances;
    for (; *link; link = &(*link)->next) {
        if (text_equal((*link)->name, name))
            return *link;
    }
    *link = memory_alloc(sizeof **link);
    (*link)->name = memory_text_copy(name);
    return *link;
}

struct store *store_memory_open(struct memory_world *world, struct text instance)
{
    struct memory_handle *const handle = memory_alloc(sizeof *handle);
    handle->store = (struct store){.ops = &memory_ops, .partitions = world->partition_count};
    handle->world = world;
    handle->instance = instance_of(world, instance);
    handle->session = ++world->session_last;
    for (int32_t i = 0; i < world->partition_count; i++) {
        const struct memory_claim_state fresh = {.take_older = true, .lost_from = 1, .lost_to = 0};
        handle->timer_claims[i] = handle->mail_claims[i] = fresh;
        for (size_t queue = 0; queue < STORE_QUEUE_COUNT; queue++)
            handle->readers[queue][i].recovering = true;
    }
    handle->next = world->handles;
    world->handles = handle;
    return &handle->store;
}

static void calls_free(struct memory_queue_of_calls *queue)
{
    for (struct memory_call *call = memory_call_pop(queue); call; call = memory_call_pop(queue))
        memory_call_free(call);
}

static void memory_close(struct store *store)
{
    struct memory_handle *const handle = (struct memory_handle *)store;
    struct memory_handle **link = &handle->world->handles;
    while (*link != handle)
        link = &(*link)->next;
    *link = handle->next;
    for (size_t lane = 0; lane < LANE_COUNT; lane++) {
        calls_free(&handle->waiting[lane]);
        calls_free(&handle->answers[lane]);
    }
    free(handle);
}

/* A subscription loses what is said while it is away, so what stands is told after a connect. */
static void tell_what_stands(struct memory_handle *handle)
{
    memory_tell_connected(handle, true);
    if (handle->world->has_clock)
        memory_tell_clock(handle);
    if (handle->world->bundle_count)
        memory_tell_config(handle);
}

static void memory_watch(struct store *store, const struct store_watcher *watcher)
{
    struct memory_handle *const handle = (struct memory_handle *)store;
    handle->watcher = watcher;
    tell_what_stands(handle);
}

/* An answer that is under way gets lost; the call then ends with err. */
static void call_break(struct memory_call *call, enum err err, const char *why)
{
    if (err == ERR_TIMEOUT && call->on_lost)
        call->on_lost(call);
    call->err = err;
    call->why = why;
    call->result = NULL;
    call->count = 0;
}

void store_memory_break(struct store *store)
{
    struct memory_handle *const handle = (struct memory_handle *)store;
    memory_tell_connected(handle, false);
    for (size_t lane = 0; lane < LANE_NOTICES; lane++) {
        struct memory_queue_of_calls *const answers = &handle->answers[lane];
        for (struct memory_call *call = answers->first; call; call = call->next)
            call_break(call, ERR_TIMEOUT, "the connection broke before the answer came");
        struct memory_queue_of_calls *const waiting = &handle->waiting[lane];
        for (struct memory_call *call = memory_call_pop(waiting); call;
             call = memory_call_pop(waiting)) {
            call_break(call, ERR_AWAY, "the connection broke before the call was sent");
            memory_call_append(answers, call);
        }
    }
    tell_what_stands(handle);
}

/* ---- stepping ---- */

static bool lane_can_run(const struct memory_handle *handle, size_t lane)
{
    const struct memory_call *const call = handle->waiting[lane].first;
    return call && (!call->is_ready || call->is_ready(call));
}

static void lane_run(struct memory_handle *handle, size_t lane)
{
    struct memory_call *const call = memory_call_pop(&handle->waiting[lane]);
    MUST(call);
    call->run(call);
    memory_call_append(&handle->answers[lane], call);
}

static void lane_answer(struct memory_handle *handle, size_t lane)
{
    struct memory_call *const call = memory_call_pop(&handle->answers[lane]);
    MUST(call);
    call->answer(call); /* may close the handle: it is not touched any more */
    memory_call_free(call);
}

/* What a lane can do next: answer, carry out, both or nothing. */
static uint64_t lane_moves(const struct memory_handle *handle, size_t lane)
{
    return (handle->answers[lane].first ? 1U : 0U) + (lane_can_run(handle, lane) ? 1U : 0U);
}

static uint64_t handle_moves(const struct memory_handle *handle)
{
    uint64_t count = 0;
    for (size_t lane = 0; lane < LANE_COUNT; lane++)
        count += lane_moves(handle, lane);
    return count;
}

/* The handle's move of that index, answers before calls in each lane. */
static void handle_move(struct memory_handle *handle, uint64_t index)
{
    size_t lane = 0;
    for (; index >= lane_moves(handle, lane); lane++)
        index -= lane_moves(handle, lane);
    if (handle->answers[lane].first && index == 0) {
        lane_answer(handle, lane);
    } else {
        lane_run(handle, lane);
    }
}

bool memory_world_step(struct memory_world *world, struct prng *prng)
{
    uint64_t count = 0;
    for (struct memory_handle *handle = world->handles; handle; handle = handle->next)
        count += handle_moves(handle);
    if (count == 0)
        return false;
    uint64_t index = prng_below(prng, count);
    for (struct memory_handle *handle = world->handles; handle; handle = handle->next) {
        const uint64_t moves = handle_moves(handle);
        if (index < moves) {
            handle_move(handle, index);
            return true;
        }
        index -= moves;
    }
    return false; /* not reached: the index is below the sum */
}

int64_t memory_world_next_wait(const struct memory_world *world)
{
    int64_t next_ms = INT64_MAX;
    for (const struct memory_handle *handle = world->handles; handle; handle = handle->next) {
        for (size_t lane = 0; lane < LANE_COUNT; lane++) {
            const struct memory_call *const call = handle->waiting[lane].first;
            if (call && call->wait_until_ms < next_ms)
                next_ms = call->wait_until_ms;
        }
    }
    return next_ms;
}

static const struct store_ops memory_ops = {
    .close = memory_close,
    .watch = memory_watch,
    .queue_add = memory_queue_add,
    .queue_take = memory_queue_take,
    .queue_ack = memory_queue_ack,
    .cases_load = memory_cases_load,
    .commit = memory_commit,
    .timers_claim = memory_timers_claim,
    .mail_put = memory_mail_put,
    .mail_claim = memory_mail_claim,
    .mail_mark = memory_mail_mark,
    .mail_settle = memory_mail_settle,
    .mail_merge = memory_mail_merge,
    .throttle_take = memory_throttle_take,
    .throttle_close = memory_throttle_close,
    .journal_read = memory_journal_read,
    .journal_add = memory_journal_add,
    .overview_read = memory_overview_read,
    .events_settled = memory_events_settled,
    .config_read = memory_config_read,
    .config_apply = memory_config_apply,
    .config_replace = memory_config_replace,
    .control_read = memory_control_read,
    .control_write = memory_control_write,
    .mail_wake = memory_mail_wake,
    .receipts_await = memory_receipts_await,
    .receipts_note = memory_receipts_note,
    .mail_hurry = memory_mail_hurry,
    .instance_beat = memory_instance_beat,
    .instances_read = memory_instances_read,
    .clock_read = memory_clock_read,
    .clock_move = memory_clock_move,
};
