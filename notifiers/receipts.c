/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Call-backs of gateways, as they came in at the HTTP door: each is read by the pure function of
 * its channel and journalled as a receipt. One that cannot be read is logged and counted, and
 * is done with. A repeat journals the same receipt again, which changes nothing.
 */
#include <stdlib.h>

#include "base/failpoint.h"
#include "base/log.h"
#include "notifiers/notifier_parts.h"

#define RECEIPTS_MAX      STORE_BATCH_MAX
#define RECEIPTS_WAIT_MS  5000
#define RECEIPTS_BYTES    ((size_t)4 * 1024 * 1024)
#define RECEIPT_PARTITION 0

struct receipts_part {
    struct notifier *notifier;
    struct loop_timer *timer;
    struct arena arena;
    struct store_ack acks[RECEIPTS_MAX];
    size_t ack_count; /* 0: nothing in hand */
    struct buf facts; /* still to be told */
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

static enum err decode(
    struct receipts_part *receipts,
    const struct json_value *call,
    struct channel_receipts *ret_receipts,
    struct err_why *why)
{
    const struct channel_settings *settings =
        settings_channel(receipts->notifier->env->settings, json_get_string(call, "channel"));
    if (!settings) {
        return err_set(why, ERR_NOT_FOUND, "no channel has that name");
    }
    return channel_decode_receipts(
        settings, json_get_string(call, "query"), json_get_string(call, "body"), ret_receipts, why);
}

static void add_fact(
    struct receipts_part *receipts,
    struct text channel,
    const struct channel_receipt *receipt,
    int64_t at_ms)
{
    const struct receipt_fact fact = {
        .message = text_of(receipt->message),
        .channel = channel,
        .state = receipt_state_name(receipt->state),
        .at = wall_add((struct wall_ms){.ms = 0}, at_ms),
        .code = text_of(receipt->code),
    };
    receipts->notifier->counts.receipts_total++;
    fact_receipt(&receipts->facts, &fact);
}

static void read_call(struct receipts_part *receipts, const struct store_entry *entry)
{
    struct notifier_counts *counts = &receipts->notifier->counts;
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
        counts->receipts_unreadable_total++;
        log_warn(
            "receipt_unreadable", "position=%.*s why=\"%s\"", TEXT_ARGS(entry->position), why.text);
    } else {
        for (size_t index = 0; index < found.count; index++) {
            add_fact(
                receipts, json_get_string(json_root(doc), "channel"), &found.items[index], at_ms);
        }
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
    receipts->ack_count = count;
    for (size_t index = 0; index < count; index++) {
        receipts->acks[index] = (struct store_ack){
            .partition = entries[index].partition,
            .position = arena_text(&receipts->arena, entries[index].position),
        };
        read_call(receipts, &entries[index]);
    }
    receipts_step(receipts);
}

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
    if (receipts->facts.bytes > 0 && !receipts->facts.error) {
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
