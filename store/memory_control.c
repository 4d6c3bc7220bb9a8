/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The twin's sending control, and waking what waits in mailboxes.
 */
#include "base/must.h"
#include "store/memory.h"

struct control_args {
    int64_t base_revision;
    struct text text;
    struct text facts;
};

struct control_result {
    int64_t revision;
    struct text text;
};

static void control_fill(struct memory_call *call)
{
    const struct memory_world *const world = call->handle->world;
    struct control_result *const result = memory_call_array(call, 1, sizeof *result);
    result->revision = world->control_revision;
    result->text = memory_call_text(call, world->control);
    call->result = result;
}

static void control_answer(struct memory_call *call)
{
    const struct control_result *const result = call->result;
    call->done.config(
        call->context, call->err, call->why, result ? result->revision : 0,
        result ? result->text : TEXT_LITERAL(""));
}

void memory_control_read(struct store *store, store_config_done *done, void *context)
{
    struct memory_call *const call = memory_call_create(store, 0, context);
    call->run = control_fill;
    call->answer = control_answer;
    call->done.config = done;
    memory_call_queue(call, LANE_MAIN);
}

static void control_write_run(struct memory_call *call)
{
    struct memory_world *const world = call->handle->world;
    const struct control_args *const args = call->args;
    struct buf facts;
    if (args->base_revision != world->control_revision) {
        call->err = ERR_CONFLICT;
        call->why = "somebody else changed the sending control meanwhile";
        return;
    }
    memory_text_free(world->control);
    world->control = memory_text_copy(args->text);
    world->control_revision++;
    buf_init(&facts, args->facts.bytes + 1);
    buf_text(&facts, args->facts);
    memory_journal_append(&world->partitions[0], &facts);
    buf_release(&facts);
    control_fill(call);
}

void memory_control_write(
    struct store *store,
    int64_t base_revision,
    const struct control_text *control,
    store_config_done *done,
    void *context)
{
    struct memory_call *const call =
        memory_call_create(store, sizeof(struct control_args), context);
    *(struct control_args *)call->args = (struct control_args){
        .base_revision = base_revision,
        .text = memory_call_text(call, control->text),
        .facts = memory_call_text(call, control->facts),
    };
    call->run = control_write_run;
    call->answer = control_answer;
    call->done.config = done;
    memory_call_queue(call, LANE_MAIN);
}

/* ---- waking ---- */

struct wake_args {
    int32_t partition;
    int64_t now_ms;
};

static void wake_run(struct memory_call *call)
{
    const struct wake_args *const args = call->args;
    struct memory_schedule *const due = &memory_partition_of(call, args->partition)->due;
    struct memory_timed **const later =
        memory_call_array(call, due->count + 1, sizeof(struct memory_timed *));
    for (size_t slot = 1; slot <= due->count && call->count < STORE_CLAIM_MAX; slot++) {
        if (due->heap[slot]->score_ms > args->now_ms) {
            later[call->count++] = due->heap[slot];
        }
    }
    for (size_t index = 0; index < call->count; index++) {
        memory_schedule_set(due, later[index], args->now_ms);
    }
}

static void wake_answer(struct memory_call *call)
{
    call->done.count(call->context, call->err, call->why, (int64_t)call->count);
}

void memory_mail_wake(
    struct store *store,
    int32_t partition,
    struct wall_ms now,
    store_count_done *done,
    void *context)
{
    struct memory_call *const call = memory_call_create(store, sizeof(struct wake_args), context);
    *(struct wake_args *)call->args = (struct wake_args){.partition = partition, .now_ms = now.ms};
    call->run = wake_run;
    call->answer = wake_answer;
    call->done.count = done;
    memory_call_queue(call, LANE_MAIN);
}
