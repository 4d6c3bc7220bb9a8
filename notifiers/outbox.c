/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the outbox into the mailboxes: take some entries, make messages of their alerts, put them
 * (a message that is there already stays as it is), tell whom nobody reaches, acknowledge. One
 * round at a time; a crash anywhere in it repeats the round and changes nothing.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/failpoint.h"
#include "base/log.h"
#include "notifiers/notifier_parts.h"
#include "notifiers/unreadable.h"

#define OUTBOX_ENTRIES_MAX 16
#define OUTBOX_WAIT_MS     5000

static const struct json_limits outbox_limits = {
    .bytes_max = (size_t)16 * 1024 * 1024,
    .depth_max = 10,
    .values_max = (size_t)1024 * 1024,
};

enum outbox_state { OUTBOX_TAKE, OUTBOX_PUT, OUTBOX_TELL, OUTBOX_ACK };

struct outbox_part {
    struct notifier *notifier;
    struct loop_timer *timer;
    enum outbox_state state;
    struct arena arena; /* of one round */
    struct store_ack acks[OUTBOX_ENTRIES_MAX];
    size_t ack_count;
    struct routes routes;
    size_t put_count;
    size_t told_count;
};

static void outbox_step(struct outbox_part *outbox);

static void outbox_trouble(
    struct outbox_part *outbox, const char *what, enum err err, const char *why)
{
    notifier_store_trouble(outbox->notifier, what, err, why);
    loop_timer_arm(outbox->timer, RETRY_STORE_MS);
}

static void on_timer(void *context)
{
    outbox_step(context);
}

/* ---- reading ---- */

/* It cannot become a message, but it does not vanish either: the journal has it. */
static void keep_unreadable_text(struct outbox_part *outbox, struct text body, const char *why)
{
    struct buf facts;
    const struct unreadable unreadable = {
        .via = "outbox",
        .body = body,
        .why = why,
        .at = role_now(outbox->notifier->env),
    };
    log_error("outbox_item_unreadable", "why=\"%s\" next=kept_among_rejects", why);
    buf_init(&facts, UNREADABLE_BYTES_MAX);
    fact_unreadable(&facts, &unreadable);
    routes_tell(&outbox->routes, buf_view(&facts));
    buf_release(&facts);
}

static void keep_unreadable(
    struct outbox_part *outbox, const struct json_value *item, const char *why)
{
    struct buf body;
    struct json_out out;
    buf_init(&body, outbox_limits.bytes_max);
    json_out_init(&out, &body);
    json_out_value(&out, item);
    keep_unreadable_text(outbox, buf_view(&body), why);
    buf_release(&body);
}

static void read_alert(struct outbox_part *outbox, const struct json_value *item)
{
    struct notifier *notifier = outbox->notifier;
    struct mail_entry entry;
    struct err_why why = {0};
    const enum err err = entry_read(item, &outbox->arena, &entry, &why);
    if (err == ERR_NO_MEMORY) {
        outbox->routes.out_of_memory = true;
        return;
    }
    if (err) {
        keep_unreadable(outbox, item, why.text);
        return;
    }
    const struct route_from from = notifier_route_from(notifier);
    route_alert(&from, &entry, &outbox->routes);
    notifier->counts.outbox_alerts_total++;
}

static void read_entry(struct outbox_part *outbox, const struct store_entry *entry)
{
    struct json_doc *doc = NULL;
    struct err_why why = {0};
    if (json_parse(entry->body, &outbox_limits, &doc, &why)) {
        keep_unreadable_text(outbox, entry->body, why.text);
        return;
    }
    const struct json_value *root = json_root(doc);
    if (json_type(root) != JSON_ARRAY) {
        read_alert(outbox, root);
    }
    for (const struct json_value *item = json_type(root) == JSON_ARRAY ? json_first(root) : NULL;
         item; item = json_next(item)) {
        read_alert(outbox, item);
    }
    json_free(doc);
}

static void on_taken(
    void *context, enum err err, const char *why, const struct store_entry *entries, size_t count)
{
    struct outbox_part *outbox = context;
    if (err) {
        outbox_trouble(outbox, "outbox_take", err, why);
        return;
    }
    outbox->routes = (struct routes){.arena = &outbox->arena};
    outbox->ack_count = count;
    outbox->put_count = 0;
    outbox->told_count = 0;
    for (size_t index = 0; index < count; index++) {
        const struct store_entry *entry = &entries[index];
        outbox->acks[index] = (struct store_ack){
            .partition = entry->partition,
            .position = arena_text(&outbox->arena, entry->position),
        };
        read_entry(outbox, entry);
    }
    if (outbox->routes.out_of_memory) { /* let the supervisor start us anew, with less in hand */
        log_error("outbox_no_memory", "entries=%zu", count);
        role_stop(outbox->notifier->env, 1);
        return;
    }
    outbox->notifier->counts.messages_unreachable_total += (int64_t)outbox->routes.dead_count;
    outbox->state = count > 0 ? OUTBOX_PUT : OUTBOX_TAKE;
    outbox_step(outbox);
}

/* ---- putting, telling, acknowledging ---- */

static void on_put(void *context, enum err err, const char *why, const bool *is_new, size_t count)
{
    struct outbox_part *outbox = context;
    if (err) {
        outbox_trouble(outbox, "mail_put", err, why);
        return;
    }
    for (size_t index = 0; index < count; index++) {
        outbox->notifier->counts.messages_put_total += is_new[index] ? 1 : 0;
    }
    outbox->put_count += count;
    outbox_step(outbox);
}

static void put_some(struct outbox_part *outbox)
{
    const size_t left = outbox->routes.item_count - outbox->put_count;
    store_mail_put(
        outbox->notifier->env->store, outbox->routes.items + outbox->put_count,
        left < STORE_BATCH_MAX ? left : STORE_BATCH_MAX, on_put, outbox);
}

static void on_told(void *context, enum err err, const char *why)
{
    struct outbox_part *outbox = context;
    if (err) {
        outbox_trouble(outbox, "journal_add", err, why);
        return;
    }
    outbox->told_count++;
    outbox_step(outbox);
}

static void tell_one(struct outbox_part *outbox)
{
    struct store *store = outbox->notifier->env->store;
    const struct unreached *unreached = &outbox->routes.unreached[outbox->told_count];
    if (!unreached->on_leave) {
        log_error("person_unreachable", "person=%.*s", TEXT_ARGS(unreached->person));
        watch_unreachable(outbox->notifier, unreached->person);
    }
    store_journal_add(
        store, store_partition_of(store, unreached->person), unreached->facts, on_told, outbox);
}

static void on_acked(void *context, enum err err, const char *why)
{
    struct outbox_part *outbox = context;
    if (err) {
        outbox_trouble(outbox, "outbox_ack", err, why);
        return;
    }
    failpoint_hit("outbox_after_ack");
    arena_reset(&outbox->arena);
    outbox->ack_count = 0;
    outbox->state = OUTBOX_TAKE;
    outbox_step(outbox);
}

static void ack_all(struct outbox_part *outbox)
{
    store_queue_ack(
        outbox->notifier->env->store, QUEUE_OUTBOX, outbox->acks, outbox->ack_count, on_acked,
        outbox);
}

static void take_some(struct outbox_part *outbox)
{
    if (outbox->notifier->terminating) {
        notifier_maybe_stop(outbox->notifier);
        return;
    }
    store_queue_take(
        outbox->notifier->env->store, QUEUE_OUTBOX, OUTBOX_ENTRIES_MAX, OUTBOX_WAIT_MS, on_taken,
        outbox);
}

/* One call to the store, for whatever is to be done next. */
static void outbox_step(struct outbox_part *outbox)
{
    if (outbox->state == OUTBOX_PUT && outbox->put_count == outbox->routes.item_count) {
        failpoint_hit("outbox_after_put");
        mail_claim_all(outbox->notifier);
        outbox->state = OUTBOX_TELL;
    }
    if (outbox->state == OUTBOX_TELL && outbox->told_count == outbox->routes.unreached_count) {
        outbox->state = OUTBOX_ACK;
    }
    switch (outbox->state) {
    case OUTBOX_TAKE:
        take_some(outbox);
        break;
    case OUTBOX_PUT:
        put_some(outbox);
        break;
    case OUTBOX_TELL:
        tell_one(outbox);
        break;
    case OUTBOX_ACK:
        ack_all(outbox);
        break;
    }
}

bool outbox_is_idle(const struct outbox_part *outbox)
{
    return outbox->state == OUTBOX_TAKE;
}

struct outbox_part *outbox_create(struct notifier *notifier)
{
    struct outbox_part *outbox = calloc(1, sizeof(*outbox));
    if (!outbox) {
        return NULL;
    }
    outbox->notifier = notifier;
    arena_init(&outbox->arena, 0);
    outbox->timer = loop_timer_create(notifier->env->loop, on_timer, outbox);
    if (!outbox->timer) {
        outbox_free(outbox);
        return NULL;
    }
    outbox_step(outbox);
    return outbox;
}

void outbox_free(struct outbox_part *outbox)
{
    if (outbox) {
        loop_timer_free(outbox->timer);
        arena_release(&outbox->arena);
        free(outbox);
    }
}
