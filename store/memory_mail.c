/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The twin's mailboxes: a message waits in the schedule, is claimed, marked, settled. Its
 * identity stays known for ever, so that a second put does nothing.
 */
#include "base/must.h"
#include "store/memory.h"

#define FACTS_BYTES_MAX ((size_t)64 << 20)

static struct text mail_key(
    struct memory_call *call, struct text person, struct text channel, struct text id)
{
    struct buf buf;
    buf_init(&buf, FACTS_BYTES_MAX);
    buf_text(&buf, person);
    buf_char(&buf, '\0');
    buf_text(&buf, channel);
    buf_char(&buf, '\0');
    buf_text(&buf, id);
    MUST(buf_error(&buf) == ERR_OK);
    const struct text key = memory_call_text(call, buf_view(&buf));
    buf_release(&buf);
    return key;
}

static struct memory_mail *mail_find(
    struct memory_call *call, struct memory_partition *partition, const struct mail_name *name)
{
    return memory_map_get(&partition->mails, mail_key(call, name->person, name->channel, name->id));
}

/* ---- put ---- */

struct put_args {
    struct mail_item *items;
    size_t count;
};

static bool item_put(struct memory_call *call, const struct mail_item *item, struct buf *facts)
{
    struct memory_partition *const partition =
        memory_partition_of(call, store_partition_of(&call->handle->store, item->person));
    const struct text key = mail_key(call, item->person, item->channel, item->id);
    if (memory_map_get(&partition->mails, key))
        return false;
    struct memory_mail *const mail = memory_alloc(sizeof *mail);
    mail->key = memory_text_copy(key);
    mail->timed.key = mail->key;
    mail->person = (struct text){.ptr = mail->key.ptr, .bytes = item->person.bytes};
    mail->channel =
        (struct text){.ptr = mail->person.ptr + item->person.bytes + 1, item->channel.bytes};
    mail->id = (struct text){.ptr = mail->channel.ptr + item->channel.bytes + 1, item->id.bytes};
    mail->entry = memory_text_copy(item->entry);
    mail->gather_ms = item->gather.ms;
    memory_map_put(&partition->mails, mail->key, mail);
    memory_schedule_set(&partition->due, &mail->timed, item->ready.ms);
    partition->mail_count++;
    memory_add_joined(facts, item->facts);
    return true;
}

static void put_run(struct memory_call *call)
{
    const struct put_args *const args = call->args;
    bool *const is_new = memory_call_array(call, args->count, sizeof *is_new);
    struct buf facts;
    buf_init(&facts, FACTS_BYTES_MAX);
    for (int32_t p = 0; p < call->handle->world->partition_count; p++) {
        for (size_t i = 0; i < args->count; i++) {
            if (store_partition_of(&call->handle->store, args->items[i].person) == p)
                is_new[i] = item_put(call, &args->items[i], &facts);
        }
        memory_journal_append(memory_partition_of(call, p), &facts);
        buf_clear(&facts);
    }
    buf_release(&facts);
    call->result = is_new;
    call->count = args->count;
}

static void put_answer(struct memory_call *call)
{
    call->done.put(call->context, call->err, call->why, call->result, call->count);
}

static void item_copy(
    struct memory_call *call, struct mail_item *copy, const struct mail_item *item)
{
    *copy = (struct mail_item){
        .person = memory_call_text(call, item->person),
        .channel = memory_call_text(call, item->channel),
        .id = memory_call_text(call, item->id),
        .ready = item->ready,
        .gather = item->gather,
        .entry = memory_call_text(call, item->entry),
        .facts = memory_call_text(call, item->facts),
    };
}

void memory_mail_put(
    struct store *store,
    const struct mail_item *items,
    size_t count,
    store_put_done *done,
    void *context)
{
    struct memory_call *const call = memory_call_create(store, sizeof(struct put_args), context);
    struct put_args *const args = call->args;
    args->count = count;
    args->items = memory_call_array(call, count, sizeof *args->items);
    for (size_t i = 0; i < count; i++)
        item_copy(call, &args->items[i], &items[i]);
    call->run = put_run;
    call->answer = put_answer;
    call->done.put = done;
    memory_call_queue(call, LANE_MAIN);
}

/* ---- claim ---- */

struct mail_claim_args {
    int32_t partition;
    struct wall_ms now;
    size_t max;
};

struct mail_claim_result {
    struct mail_claimed claimed;
    int64_t sequence;
};

static struct mail_claim mail_answer(struct memory_call *call, const struct memory_mail *mail)
{
    return (struct mail_claim){
        .partition = ((const struct mail_claim_args *)call->args)->partition,
        .person = memory_call_text(call, mail->person),
        .channel = memory_call_text(call, mail->channel),
        .id = memory_call_text(call, mail->id),
        .entry = memory_call_text(call, mail->entry),
        .marked = mail->marked,
    };
}

static bool same_mailbox(const struct memory_mail *a, const struct memory_mail *b)
{
    return text_equal(a->person, b->person) && text_equal(a->channel, b->channel);
}

/* Is it to come along with one of those that were claimed? */
static bool comes_along(
    const struct memory_mail *mail,
    struct memory_timed *const *taken,
    size_t count,
    struct wall_ms now)
{
    if (mail->gather_ms == 0 || (mail->gather_ms > now.ms && mail->timed.score_ms > now.ms))
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct memory_mail *const with = (const struct memory_mail *)taken[i];
        if (with->gather_ms > 0 && !with->marked && same_mailbox(mail, with))
            return true;
    }
    return false;
}

/* Those that come along are claimed as well; how many there are now. */
static size_t gather(
    struct memory_schedule *due,
    const struct memory_claimer *claimer,
    struct wall_ms now,
    struct memory_timed *taken[static STORE_GATHER_MAX],
    size_t count)
{
    size_t all = count;
    for (size_t slot = 1; slot <= due->count && all < STORE_GATHER_MAX; slot++) {
        if (comes_along((const struct memory_mail *)due->heap[slot], taken, count, now))
            taken[all++] = due->heap[slot];
    }
    for (size_t i = count; i < all; i++)
        memory_schedule_take(due, taken[i], claimer);
    return all;
}

static void mail_claim_run(struct memory_call *call)
{
    const struct mail_claim_args *const args = call->args;
    struct memory_partition *const partition = memory_partition_of(call, args->partition);
    struct memory_claim_state *const state = &call->handle->mail_claims[args->partition];
    const struct memory_claimer claimer = memory_claimer_next(call->handle, state);
    struct memory_timed *taken[STORE_GATHER_MAX];
    size_t count = memory_schedule_claim(&partition->due, &claimer, args->now.ms, args->max, taken);
    memory_claims_asked(state, count == args->max);
    count = gather(&partition->due, &claimer, args->now, taken, count);
    struct mail_claim *const mails = memory_call_array(call, count, sizeof *mails);
    for (size_t i = 0; i < count; i++)
        mails[i] = mail_answer(call, (const struct memory_mail *)taken[i]);
    const struct memory_timed *const first = memory_schedule_first(&partition->due);
    struct mail_claim_result *const result = memory_call_array(call, 1, sizeof *result);
    *result = (struct mail_claim_result){
        .claimed =
            {
                .mails = mails,
                .mail_count = count,
                .has_next = first,
                .next.ms = first ? first->score_ms : 0,
            },
        .sequence = claimer.sequence,
    };
    call->result = result;
}

static void mail_claim_lost(struct memory_call *call)
{
    const struct mail_claim_args *const args = call->args;
    const struct mail_claim_result *const result = call->result;
    memory_claims_lost(&call->handle->mail_claims[args->partition], result->sequence);
}

static void mail_claim_answer(struct memory_call *call)
{
    const struct mail_claim_result *const result = call->result;
    static const struct mail_claimed nothing;
    call->done.mail_claim(
        call->context, call->err, call->why, result ? &result->claimed : &nothing);
}

void memory_mail_claim(
    struct store *store,
    int32_t partition,
    struct wall_ms now,
    size_t max,
    store_mail_claim_done *done,
    void *context)
{
    struct memory_call *const call =
        memory_call_create(store, sizeof(struct mail_claim_args), context);
    *(struct mail_claim_args *)call->args =
        (struct mail_claim_args){.partition = partition, .now = now, .max = max};
    call->run = mail_claim_run;
    call->on_lost = mail_claim_lost;
    call->answer = mail_claim_answer;
    call->done.mail_claim = done;
    memory_call_queue(call, LANE_MAIN);
}

/* ---- mark ---- */

struct mark_args {
    int32_t partition;
    struct mail_name *names;
    size_t count;
};

static bool is_ours(const struct memory_call *call, const struct memory_mail *mail)
{
    return mail && !mail->final && mail->timed.claim_owner == call->handle->instance;
}

static void mark_run(struct memory_call *call)
{
    const struct mark_args *const args = call->args;
    struct memory_partition *const partition = memory_partition_of(call, args->partition);
    bool *const ours = memory_call_array(call, args->count, sizeof *ours);
    for (size_t i = 0; i < args->count; i++) {
        struct memory_mail *const mail = mail_find(call, partition, &args->names[i]);
        ours[i] = is_ours(call, mail);
        if (!ours[i])
            continue;
        mail->marked = true;
        memory_schedule_renew(&partition->due, &mail->timed, call->handle->world->real_ms);
    }
    call->result = ours;
    call->count = args->count;
}

static void mark_answer(struct memory_call *call)
{
    call->done.mark(call->context, call->err, call->why, call->result, call->count);
}

static struct mail_name name_copy(struct memory_call *call, const struct mail_name *name)
{
    return (struct mail_name){
        .person = memory_call_text(call, name->person),
        .channel = memory_call_text(call, name->channel),
        .id = memory_call_text(call, name->id),
    };
}

void memory_mail_mark(
    struct store *store,
    int32_t partition,
    const struct mail_name *names,
    size_t count,
    store_mark_done *done,
    void *context)
{
    struct memory_call *const call = memory_call_create(store, sizeof(struct mark_args), context);
    struct mark_args *const args = call->args;
    args->partition = partition;
    args->count = count;
    args->names = memory_call_array(call, count, sizeof *args->names);
    for (size_t i = 0; i < count; i++)
        args->names[i] = name_copy(call, &names[i]);
    call->run = mark_run;
    call->answer = mark_answer;
    call->done.mark = done;
    memory_call_queue(call, LANE_MAIN);
}

/* ---- settle ---- */

struct settle_args {
    int32_t partition;
    struct mail_settle *settles;
    size_t count;
};

static bool settle_apply(
    struct memory_call *call, const struct mail_settle *settle, struct buf *facts)
{
    const struct settle_args *const args = call->args;
    struct memory_partition *const partition = memory_partition_of(call, args->partition);
    struct memory_mail *const mail = mail_find(call, partition, &settle->name);
    if (!is_ours(call, mail))
        return false;
    memory_schedule_unclaim(&partition->due, &mail->timed);
    mail->marked = false;
    mail->final = settle->final;
    memory_text_free(mail->entry);
    mail->entry = memory_text_copy(settle->final ? (struct text){0} : settle->entry);
    if (settle->final) {
        partition->mail_count--;
    } else {
        mail->gather_ms = settle->gather.ms;
        memory_schedule_set(&partition->due, &mail->timed, settle->ready.ms);
    }
    memory_add_joined(facts, settle->facts);
    if (settle->has_follower)
        (void)item_put(call, &settle->follower, facts);
    return true;
}

static void settle_run(struct memory_call *call)
{
    const struct settle_args *const args = call->args;
    bool *const ours = memory_call_array(call, args->count, sizeof *ours);
    struct buf facts;
    buf_init(&facts, FACTS_BYTES_MAX);
    for (size_t i = 0; i < args->count; i++)
        ours[i] = settle_apply(call, &args->settles[i], &facts);
    memory_journal_append(memory_partition_of(call, args->partition), &facts);
    buf_release(&facts);
    call->result = ours;
    call->count = args->count;
}

void memory_mail_settle(
    struct store *store,
    int32_t partition,
    const struct mail_settle *settles,
    size_t count,
    store_mark_done *done,
    void *context)
{
    struct memory_call *const call = memory_call_create(store, sizeof(struct settle_args), context);
    struct settle_args *const args = call->args;
    args->partition = partition;
    args->count = count;
    args->settles = memory_call_array(call, count, sizeof *args->settles);
    for (size_t i = 0; i < count; i++) {
        struct mail_settle *const copy = &args->settles[i];
        *copy = settles[i];
        copy->name = name_copy(call, &settles[i].name);
        copy->entry = memory_call_text(call, settles[i].entry);
        copy->facts = memory_call_text(call, settles[i].facts);
        if (!settles[i].has_follower)
            continue;
        MUST(text_equal(settles[i].follower.person, settles[i].name.person));
        item_copy(call, &copy->follower, &settles[i].follower);
    }
    call->run = settle_run;
    call->answer = mark_answer;
    call->done.mark = done;
    memory_call_queue(call, LANE_MAIN);
}

/* ---- merge ---- */

struct merge_args {
    int32_t partition;
    struct mail_merge merge;
};

static struct memory_mail *merge_find(
    struct memory_call *call, const struct merge_args *args, struct text id)
{
    const struct mail_name name = {
        .person = args->merge.person, .channel = args->merge.channel, .id = id};
    return mail_find(call, memory_partition_of(call, args->partition), &name);
}

static bool parts_are_ours(struct memory_call *call, const struct merge_args *args)
{
    for (size_t i = 0; i < args->merge.part_count; i++) {
        if (!is_ours(call, merge_find(call, args, args->merge.parts[i])))
            return false;
    }
    return true;
}

static void part_leave(struct memory_partition *partition, struct memory_mail *mail)
{
    memory_schedule_unclaim(&partition->due, &mail->timed);
    memory_text_free(mail->entry);
    mail->entry = (struct text){0};
    mail->marked = false;
    mail->final = true;
    partition->mail_count--;
}

/* The claim it gets is one that this call's forerunner, the claim call, made. */
static void merged_come(
    struct memory_call *call, const struct merge_args *args, struct memory_claimer claimer)
{
    struct memory_partition *const partition = memory_partition_of(call, args->partition);
    const struct mail_merge *const merge = &args->merge;
    struct memory_mail *mail = merge_find(call, args, merge->id);
    if (!mail) {
        const struct mail_item item = {
            .person = merge->person, .channel = merge->channel, .id = merge->id};
        struct buf none;
        buf_init(&none, FACTS_BYTES_MAX);
        (void)item_put(call, &item, &none);
        buf_release(&none);
        mail = merge_find(call, args, merge->id);
    } else {
        mail->final = false;
        partition->mail_count++;
    }
    memory_text_free(mail->entry);
    mail->entry = memory_text_copy(merge->entry);
    mail->gather_ms = 0;
    memory_schedule_take(&partition->due, &mail->timed, &claimer);
}

static bool merge_apply(struct memory_call *call, const struct merge_args *args)
{
    struct memory_partition *const partition = memory_partition_of(call, args->partition);
    const struct mail_merge *const merge = &args->merge;
    if (!parts_are_ours(call, args))
        return merge->id.bytes && is_ours(call, merge_find(call, args, merge->id));
    const struct memory_mail *const first = merge_find(call, args, merge->parts[0]);
    const struct memory_claimer claimer = {
        .owner = first->timed.claim_owner,
        .session = first->timed.claim_session,
        .sequence = first->timed.claim_sequence,
        .real_ms = call->handle->world->real_ms,
    };
    for (size_t i = 0; i < merge->part_count; i++)
        part_leave(partition, merge_find(call, args, merge->parts[i]));
    if (merge->id.bytes)
        merged_come(call, args, claimer);
    struct buf facts;
    buf_init(&facts, FACTS_BYTES_MAX);
    memory_add_joined(&facts, merge->facts);
    memory_journal_append(partition, &facts);
    buf_release(&facts);
    return true;
}

static void merge_run(struct memory_call *call)
{
    bool *const ours = memory_call_array(call, 1, sizeof *ours);
    ours[0] = merge_apply(call, call->args);
    call->result = ours;
    call->count = 1;
}

void memory_mail_merge(
    struct store *store,
    int32_t partition,
    const struct mail_merge *merge,
    store_mark_done *done,
    void *context)
{
    struct memory_call *const call = memory_call_create(store, sizeof(struct merge_args), context);
    struct merge_args *const args = call->args;
    struct text *const parts = memory_call_array(call, merge->part_count, sizeof *parts);
    for (size_t i = 0; i < merge->part_count; i++)
        parts[i] = memory_call_text(call, merge->parts[i]);
    args->partition = partition;
    args->merge = (struct mail_merge){
        .person = memory_call_text(call, merge->person),
        .channel = memory_call_text(call, merge->channel),
        .parts = parts,
        .part_count = merge->part_count,
        .id = memory_call_text(call, merge->id),
        .entry = memory_call_text(call, merge->entry),
        .facts = memory_call_text(call, merge->facts),
    };
    call->run = merge_run;
    call->answer = mark_answer;
    call->done.mark = done;
    memory_call_queue(call, LANE_MAIN);
}
