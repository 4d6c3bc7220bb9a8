/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The twin's receipts: for each key who waits and the highest rank noted, until three days of
 * real time after the last call that changed it; and making what waits ready.
 */
#include <stdlib.h>

#include "base/must.h"
#include "store/memory.h"

struct memory_receipt {
    struct text key;    /* owned, as the three below */
    struct text person; /* empty: nobody waits */
    struct text channel;
    struct text id;
    int32_t rank;
    int64_t expires_ms;
};

static void receipt_forget(struct memory_receipt *receipt)
{
    memory_text_free(receipt->person);
    memory_text_free(receipt->channel);
    memory_text_free(receipt->id);
    receipt->person = receipt->channel = receipt->id = (struct text){0};
    receipt->rank = 0;
}

void memory_receipt_free(void *value)
{
    struct memory_receipt *const receipt = value;
    receipt_forget(receipt);
    memory_text_free(receipt->key);
    free(receipt);
}

/* That of the key, empty when there was none or it has expired. */
static struct memory_receipt *receipt_of(struct memory_call *call, struct text key)
{
    struct memory_partition *const partition =
        memory_partition_of(call, store_partition_of(&call->handle->store, key));
    struct memory_receipt *receipt = memory_map_get(&partition->receipts, key);
    if (!receipt) {
        receipt = memory_alloc(sizeof *receipt);
        receipt->key = memory_text_copy(key);
        memory_map_put(&partition->receipts, receipt->key, receipt);
    } else if (receipt->expires_ms <= call->handle->world->real_ms) {
        receipt_forget(receipt);
    }
    return receipt;
}

static void receipt_renew(const struct memory_call *call, struct memory_receipt *receipt)
{
    receipt->expires_ms = call->handle->world->real_ms + STORE_RECEIPT_MS;
}

/* ---- awaiting ---- */

struct await_args {
    struct receipt_await *awaits;
    size_t count;
};

static void await_run(struct memory_call *call)
{
    const struct await_args *const args = call->args;
    int32_t *const ranks = memory_call_array(call, args->count, sizeof *ranks);
    for (size_t index = 0; index < args->count; index++) {
        const struct receipt_await *const await = &args->awaits[index];
        struct memory_receipt *const receipt = receipt_of(call, await->key);
        ranks[index] = receipt->rank;
        receipt_forget(receipt);
        receipt->rank = ranks[index];
        receipt->person = memory_text_copy(await->name.person);
        receipt->channel = memory_text_copy(await->name.channel);
        receipt->id = memory_text_copy(await->name.id);
        receipt_renew(call, receipt);
    }
    call->result = ranks;
    call->count = args->count;
}

static void await_answer(struct memory_call *call)
{
    call->done.receipts_await(call->context, call->err, call->why, call->result, call->count);
}

static struct mail_name name_copy(struct memory_call *call, const struct mail_name *name)
{
    return (struct mail_name){
        .person = memory_call_text(call, name->person),
        .channel = memory_call_text(call, name->channel),
        .id = memory_call_text(call, name->id),
    };
}

void memory_receipts_await(
    struct store *store,
    const struct receipt_await *awaits,
    size_t count,
    store_receipts_await_done *done,
    void *context)
{
    struct memory_call *const call = memory_call_create(store, sizeof(struct await_args), context);
    struct await_args *const args = call->args;
    args->count = count;
    args->awaits = memory_call_array(call, count, sizeof *args->awaits);
    for (size_t index = 0; index < count; index++) {
        args->awaits[index].key = memory_call_text(call, awaits[index].key);
        args->awaits[index].name = name_copy(call, &awaits[index].name);
    }
    call->run = await_run;
    call->answer = await_answer;
    call->done.receipts_await = done;
    memory_call_queue(call, LANE_MAIN);
}

/* ---- noting ---- */

struct note_args {
    struct receipt_note *notes;
    size_t count;
};

static void note_run(struct memory_call *call)
{
    const struct note_args *const args = call->args;
    struct mail_name *const names = memory_call_array(call, args->count, sizeof *names);
    for (size_t index = 0; index < args->count; index++) {
        const struct receipt_note *const note = &args->notes[index];
        struct memory_receipt *const receipt = receipt_of(call, note->key);
        if (note->rank > receipt->rank) {
            receipt->rank = note->rank;
            receipt_renew(call, receipt);
        }
        const struct mail_name name = {
            .person = receipt->person, .channel = receipt->channel, .id = receipt->id};
        names[index] = name_copy(call, &name);
    }
    call->result = names;
    call->count = args->count;
}

static void note_answer(struct memory_call *call)
{
    call->done.receipts_note(call->context, call->err, call->why, call->result, call->count);
}

void memory_receipts_note(
    struct store *store,
    const struct receipt_note *notes,
    size_t count,
    store_receipts_note_done *done,
    void *context)
{
    struct memory_call *const call = memory_call_create(store, sizeof(struct note_args), context);
    struct note_args *const args = call->args;
    args->count = count;
    args->notes = memory_call_array(call, count, sizeof *args->notes);
    for (size_t index = 0; index < count; index++) {
        args->notes[index].key = memory_call_text(call, notes[index].key);
        args->notes[index].rank = notes[index].rank;
    }
    call->run = note_run;
    call->answer = note_answer;
    call->done.receipts_note = done;
    memory_call_queue(call, LANE_MAIN);
}

/* ---- hurrying ---- */

struct hurry_args {
    int32_t partition;
    struct wall_ms now;
    struct text *keys; /* as the schedule knows them: person \0 channel \0 id */
    size_t count;
};

static void hurry_run(struct memory_call *call)
{
    const struct hurry_args *const args = call->args;
    struct memory_partition *const partition = memory_partition_of(call, args->partition);
    for (size_t index = 0; index < args->count; index++) {
        struct memory_mail *const mail = memory_map_get(&partition->mails, args->keys[index]);
        if (mail && mail->timed.slot > 0 && mail->timed.score_ms > args->now.ms) {
            memory_schedule_set(&partition->due, &mail->timed, args->now.ms);
        }
    }
}

static void hurry_answer(struct memory_call *call)
{
    call->done.plain(call->context, call->err, call->why);
}

static struct text mail_key(struct memory_call *call, const struct mail_name *name)
{
    struct buf buf;
    buf_init(&buf, (size_t)1 << 20);
    buf_text(&buf, name->person);
    buf_char(&buf, '\0');
    buf_text(&buf, name->channel);
    buf_char(&buf, '\0');
    buf_text(&buf, name->id);
    MUST(buf_error(&buf) == ERR_OK);
    const struct text key = memory_call_text(call, buf_view(&buf));
    buf_release(&buf);
    return key;
}

void memory_mail_hurry(
    struct store *store,
    int32_t partition,
    const struct mail_name *names,
    size_t count,
    struct wall_ms now,
    store_plain_done *done,
    void *context)
{
    struct memory_call *const call = memory_call_create(store, sizeof(struct hurry_args), context);
    struct hurry_args *const args = call->args;
    args->partition = partition;
    args->now = now;
    args->count = count;
    args->keys = memory_call_array(call, count, sizeof *args->keys);
    for (size_t index = 0; index < count; index++) {
        args->keys[index] = mail_key(call, &names[index]);
    }
    call->run = hurry_run;
    call->answer = hurry_answer;
    call->done.plain = done;
    memory_call_queue(call, LANE_MAIN);
}
