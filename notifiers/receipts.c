/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Call-backs of gateways, as they came in at the HTTP door: each is read by the pure function of
 * its channel. What they say is noted in the store, makes the messages ready that wait for it, is
 * journalled, and acknowledged, in this order; a crash anywhere repeats it all, which changes
 * nothing, because states only ever rise. One that cannot be read is journalled as such.
 */
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "notifiers/notifier_parts.h"
#include "notifiers/receipt_key.h"
#include "notifiers/unreadable.h"

#define RECEIPTS_MAX      STORE_BATCH_MAX /* call-backs a round */
#define RECEIPTS_WAIT_MS  5000
#define RECEIPTS_BYTES    ((size_t)16 * 1024 * 1024)
#define RECEIPT_PARTITION 0

struct receipts_part {
    struct notifier *notifier;
    struct loop_timer *timer;
    struct arena arena;
    struct store_ack acks[RECEIPTS_MAX];
    size_t ack_count; /* 0: nothing in hand */
    struct buf facts; /* still to be told */
    struct receipt_note *notes;
    size_t note_count;
    size_t note_room;
    size_t noted;              /* of them */
    struct mail_name *hurries; /* messages that wait for what was noted */
    size_t hurry_count;
    size_t hurry_room;
    size_t hurrying; /* of them, in the call under way */
    size_t hurried;
    bool out_of_memory;
};

static void receipts_step(struct receipts_part *receipts);

static void receipts_trouble(
    struct receipts_part *receipts, const char *what, enum err err, const char *why)
{
    notifier_store_trouble(receipts->notifier, what, err, why);
    loop_timer_arm(receipts->timer, RETRY_STORE_MS);
}

static void on_timer(void *context)
{
    receipts_step(context);
}

/* What the door sealed: the gateway's own words. */
static enum err open_words(
    const struct receipts_part *receipts,
    const struct json_value *call,
    const char *name,
    struct buf *words)
{
    const struct text sealed = json_get_string(call, name);
    buf_init(words, RECEIPTS_BYTES);
    if (sealed.bytes == 0) {
        return ERR_OK;
    }
    return crypto_open(
        receipts->notifier->env->seal_key, TEXT_LITERAL(RECEIPT_SEAL_CONTEXT), sealed, words);
}

static enum err decode(
    struct receipts_part *receipts,
    const struct json_value *call,
    struct channel_receipts *ret_receipts,
    struct err_why *why)
{
    struct buf query;
    struct buf body;
    const struct channel_settings *settings =
        settings_channel(receipts->notifier->env->settings, json_get_string(call, "channel"));
    if (!settings) {
        return err_set(why, ERR_NOT_FOUND, "no channel has that name");
    }
    enum err err = open_words(receipts, call, "sealed_query", &query);
    const enum err other = open_words(receipts, call, "sealed_body", &body);
    if (err || other) {
        err = err_set(why, ERR_PARSE, "it was sealed with another key");
    } else {
        err =
            channel_decode_receipts(settings, buf_view(&query), buf_view(&body), ret_receipts, why);
    }
    buf_release(&query);
    buf_release(&body);
    return err;
}

/* Room for one more; the old array stays behind in the arena. */
static void *grown(
    struct receipts_part *receipts, void *items, size_t count, size_t *room, size_t item_bytes)
{
    if (count < *room) {
        return items;
    }
    const size_t more = *room > 0 ? *room * 2 : 64;
    void *copy = arena_array(&receipts->arena, more, item_bytes);
    receipts->out_of_memory |= !copy;
    if (copy && count > 0) {
        memcpy(copy, items, count * item_bytes);
    }
    *room = copy ? more : *room;
    return copy;
}

static void add_note(
    struct receipts_part *receipts, struct text channel, const struct channel_receipt *receipt)
{
    const struct text message = text_of(receipt->message);
    struct receipt_note *notes = grown(
        receipts, receipts->notes, receipts->note_count, &receipts->note_room, sizeof(*notes));
    if (!notes) {
        return;
    }
    const struct receipt_note note = {
        .key = message.bytes > 0 ? receipt_key_of_message(&receipts->arena, message)
                                 : receipt_key_of_gateway(
                                       &receipts->arena, channel, text_of(receipt->gateway_id)),
        .rank = receipt_rank(receipt->state),
    };
    receipts->notes = notes;
    receipts->out_of_memory |= !note.key.ptr;
    receipts->notes[receipts->note_count++] = note;
}

static void add_fact(
    struct receipts_part *receipts,
    struct text channel,
    const struct channel_receipt *receipt,
    int64_t at_ms)
{
    const struct receipt_fact fact = {
        .message = text_of(receipt->message),
        .gateway_id = text_of(receipt->gateway_id),
        .channel = channel,
        .state = receipt_state_name(receipt->state),
        .at = wall_add((struct wall_ms){.ms = 0}, at_ms),
        .code = text_of(receipt->code),
    };
    receipts->notifier->counts.receipts_total++;
    fact_receipt(&receipts->facts, &fact);
}

static void keep_unreadable(
    struct receipts_part *receipts, const struct store_entry *entry, const char *why)
{
    const struct unreadable unreadable = {
        .via = "receipt",
        .position = entry->position,
        .body = entry->body,
        .why = why,
        .at = role_now(receipts->notifier->env),
        .may_hold_numbers = true,
    };
    receipts->notifier->counts.receipts_unreadable_total++;
    log_warn("receipt_unreadable", "position=%.*s why=\"%s\"", TEXT_ARGS(entry->position), why);
    fact_unreadable(&receipts->facts, &unreadable);
}

static void take_found(
    struct receipts_part *receipts,
    struct text channel,
    const struct channel_receipts *found,
    int64_t at_ms)
{
    receipts->notifier->counts.receipts_left_out_total += (int64_t)found->left_out;
    if (found->left_out > 0) {
        log_warn(
            "receipts_left_out", "channel=%.*s count=%zu", TEXT_ARGS(channel), found->left_out);
    }
    for (size_t index = 0; index < found->count; index++) {
        add_fact(receipts, channel, &found->items[index], at_ms);
        add_note(receipts, channel, &found->items[index]);
    }
}

static void read_call(struct receipts_part *receipts, const struct store_entry *entry)
{
    struct json_doc *doc = NULL;
    struct err_why why = {0};
    struct channel_receipts found = {0};
    int64_t at_ms = 0;
    enum err err = json_parse(entry->body, &json_limits_answer, &doc, &why);
    if (!err) {
        err = decode(receipts, json_root(doc), &found, &why);
    }
    if (!err && json_i64(json_get(json_root(doc), "at"), &at_ms)) {
        at_ms = role_now(receipts->notifier->env).ms;
    }
    if (err) {
        keep_unreadable(receipts, entry, why.text);
    } else {
        take_found(receipts, json_get_string(json_root(doc), "channel"), &found, at_ms);
    }
    json_free(doc);
}

static void on_taken(
    void *context, enum err err, const char *why, const struct store_entry *entries, size_t count)
{
    struct receipts_part *receipts = context;
    if (err) {
        receipts_trouble(receipts, "receipts_take", err, why);
        return;
    }
    if (count > 0) {
        failpoint_hit("receipt_after_take");
    }
    buf_clear(&receipts->facts);
    arena_reset(&receipts->arena);
    receipts->notes = NULL;
    receipts->hurries = NULL;
    receipts->note_count = receipts->note_room = receipts->noted = 0;
    receipts->hurry_count = receipts->hurry_room = receipts->hurried = 0;
    receipts->ack_count = count;
    for (size_t index = 0; index < count; index++) {
        receipts->acks[index] = (struct store_ack){
            .partition = entries[index].partition,
            .position = arena_text(&receipts->arena, entries[index].position),
        };
        read_call(receipts, &entries[index]);
    }
    if (receipts->out_of_memory || receipts->facts.error) { /* they come again, to a fresh start */
        log_error("receipts_no_memory", "call_backs=%zu", count);
        role_stop(receipts->notifier->env, 1);
        return;
    }
    receipts_step(receipts);
}

/* ---- noting, and waking who waits ---- */

static void add_hurry(struct receipts_part *receipts, const struct mail_name *name)
{
    struct mail_name *hurries = grown(
        receipts, receipts->hurries, receipts->hurry_count, &receipts->hurry_room,
        sizeof(*hurries));
    if (!hurries) {
        return;
    }
    receipts->hurries = hurries;
    receipts->hurries[receipts->hurry_count++] = (struct mail_name){
        .person = arena_text(&receipts->arena, name->person),
        .channel = arena_text(&receipts->arena, name->channel),
        .id = arena_text(&receipts->arena, name->id),
    };
}

static void on_noted(
    void *context, enum err err, const char *why, const struct mail_name *names, size_t count)
{
    struct receipts_part *receipts = context;
    if (err) {
        receipts_trouble(receipts, "receipts_note", err, why);
        return;
    }
    for (size_t index = 0; index < count; index++) {
        const struct receipt_note *note = &receipts->notes[receipts->noted + index];
        if (names[index].person.bytes > 0 && note->rank >= RECEIPT_RANK_TELLS) {
            add_hurry(receipts, &names[index]);
        }
    }
    receipts->noted += count;
    failpoint_hit("receipt_after_note");
    receipts_step(receipts);
}

static void note_some(struct receipts_part *receipts)
{
    const size_t left = receipts->note_count - receipts->noted;
    store_receipts_note(
        receipts->notifier->env->store, receipts->notes + receipts->noted,
        left < STORE_BATCH_MAX ? left : STORE_BATCH_MAX, on_noted, receipts);
}

static void on_hurried(void *context, enum err err, const char *why)
{
    struct receipts_part *receipts = context;
    if (err) {
        receipts_trouble(receipts, "mail_hurry", err, why);
        return;
    }
    receipts->hurried += receipts->hurrying;
    if (receipts->hurried == receipts->hurry_count) {
        mail_claim_all(receipts->notifier);
    }
    receipts_step(receipts);
}

/* As many as stand together for one partition. */
static void hurry_some(struct receipts_part *receipts)
{
    struct role_env *env = receipts->notifier->env;
    const struct mail_name *names = &receipts->hurries[receipts->hurried];
    const size_t left = receipts->hurry_count - receipts->hurried;
    const int32_t partition = store_partition_of(env->store, names[0].person);
    size_t count = 1;
    while (count < left && count < STORE_BATCH_MAX &&
           store_partition_of(env->store, names[count].person) == partition) {
        count++;
    }
    receipts->hurrying = count;
    store_mail_hurry(env->store, partition, names, count, role_now(env), on_hurried, receipts);
}

/* ---- telling, acknowledging ---- */

static void on_told(void *context, enum err err, const char *why)
{
    struct receipts_part *receipts = context;
    if (err) {
        receipts_trouble(receipts, "journal_add", err, why);
        return;
    }
    buf_clear(&receipts->facts);
    receipts_step(receipts);
}

static void on_acked(void *context, enum err err, const char *why)
{
    struct receipts_part *receipts = context;
    if (err) {
        receipts_trouble(receipts, "receipts_ack", err, why);
        return;
    }
    receipts->ack_count = 0;
    receipts_step(receipts);
}

/* One call to the store, for whatever is to be done next. */
static void receipts_step(struct receipts_part *receipts)
{
    struct notifier *notifier = receipts->notifier;
    struct store *store = notifier->env->store;
    if (receipts->noted < receipts->note_count) {
        note_some(receipts);
    } else if (receipts->hurried < receipts->hurry_count) {
        hurry_some(receipts);
    } else if (receipts->facts.bytes > 0) {
        store_journal_add(store, RECEIPT_PARTITION, buf_view(&receipts->facts), on_told, receipts);
    } else if (receipts->ack_count > 0) {
        store_queue_ack(
            store, QUEUE_RECEIPTS, receipts->acks, receipts->ack_count, on_acked, receipts);
    } else if (notifier->terminating) {
        notifier_maybe_stop(notifier);
    } else {
        store_queue_take(store, QUEUE_RECEIPTS, RECEIPTS_MAX, RECEIPTS_WAIT_MS, on_taken, receipts);
    }
}

bool receipts_is_idle(const struct receipts_part *receipts)
{
    return receipts->ack_count == 0;
}

struct receipts_part *receipts_create(struct notifier *notifier)
{
    struct receipts_part *receipts = calloc(1, sizeof(*receipts));
    if (!receipts) {
        return NULL;
    }
    receipts->notifier = notifier;
    arena_init(&receipts->arena, 0);
    buf_init(&receipts->facts, RECEIPTS_BYTES);
    receipts->timer = loop_timer_create(notifier->env->loop, on_timer, receipts);
    if (!receipts->timer) {
        receipts_free(receipts);
        return NULL;
    }
    receipts_step(receipts);
    return receipts;
}

void receipts_free(struct receipts_part *receipts)
{
    if (receipts) {
        loop_timer_free(receipts->timer);
        arena_release(&receipts->arena);
        buf_release(&receipts->facts);
        free(receipts);
    }
}
