/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Foreign ways in: the front door stream (XADD by producers that know nothing else) and PUBLISH.
 * Each event is stamped with its arrival and put into its case's partition; judging it is
 * intake's work, so that every way in has one set of rules. The door's entry is acknowledged
 * only after the partition has the event: a crash between the two brings it twice, and (source, id)
 * makes one of the two.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/failpoint.h"
#include "base/json.h"
#include "base/log.h"
#include "config/event_json.h"
#include "monitor/internal.h"

#define DOOR_TAKE_MAX ((size_t)64)
#define DOOR_WAIT_MS  ((int64_t)5000)

struct door {
    struct monitor *monitor;
    struct loop_timer *retry;
    int64_t backoff_ms;
    struct arena arena; /* the batch under way */
    struct store_item items[DOOR_TAKE_MAX];
    size_t item_count;
    struct store_ack acks[DOOR_TAKE_MAX];
    size_t ack_count;
    struct buf reject_facts;
    bool taking;
};

static void door_take(struct door *door);
static void door_add(struct door *door);
static void door_ack(struct door *door);

static void door_wait(struct door *door, const char *operation, enum err err, const char *why)
{
    monitor_store_trouble(door->monitor, operation, err, why);
    loop_timer_arm(door->retry, monitor_backoff(&door->backoff_ms));
}

/* Why the door itself does not take an event; NULL: it does, and intake judges it. */
struct door_look {
    int32_t partition; /* of its case; anything unreadable goes to the first */
    const char *refused;
};

static struct door_look door_look_at(const struct door *door, struct text body)
{
    struct json_doc *doc = NULL;
    struct door_look look = {0};
    if (body.bytes > EVENT_BYTES_MAX) {
        look.refused = "too large";
    } else if (json_parse(body, &json_limits_event, &doc, NULL) == ERR_OK) {
        const struct text subject = json_get_string(json_root(doc), "subject");
        look.partition = store_partition_of(door->monitor->env->store, subject);
        if (text_is(json_get_string(json_root(doc), "source"), EVENT_SOURCE_OWN)) {
            look.refused = "source: reserved for the service itself";
        }
        json_free(doc);
    }
    return look;
}

/* What an event that is not taken leaves behind: head, length and hash. */
struct refusal {
    struct text body;
    struct text position;
    const char *via;
    const char *why;
};

static void door_reject(struct door *door, struct buf *facts, const struct refusal *refusal)
{
    const struct text body = refusal->body;
    const char *via = refusal->via;
    char reason[96];
    (void)snprintf(
        reason, sizeof(reason), "%s: %zu bytes; an event is at most %zu", refusal->why, body.bytes,
        (size_t)EVENT_BYTES_MAX);
    if (body.bytes <= EVENT_BYTES_MAX) {
        (void)snprintf(reason, sizeof(reason), "%s", refusal->why);
    }
    const struct reject_fact fact = {
        .at = role_now(door->monitor->env),
        .via = via,
        .reason = reason,
        .position = refusal->position,
        .body = body,
    };
    fact_reject(facts, &fact);
    door->monitor->counts.events_rejected++;
    log_warn("event_rejected", "via=%s reason=\"%s\"", via, reason);
}

static void door_acked(void *context, enum err err, const char *why)
{
    struct door *door = context;
    if (err) {
        door_wait(door, "door_ack", err, why);
        return;
    }
    door->backoff_ms = 0;
    door->ack_count = 0;
    door->item_count = 0;
    buf_clear(&door->reject_facts);
    arena_reset(&door->arena);
    monitor_maybe_stop(door->monitor);
    door_take(door);
}

static void door_ack(struct door *door)
{
    store_queue_ack(
        door->monitor->env->store, QUEUE_DOOR, door->acks, door->ack_count, door_acked, door);
}

static void door_rejected(void *context, enum err err, const char *why)
{
    struct door *door = context;
    if (err) {
        door_wait(door, "door_reject", err, why);
        return;
    }
    buf_clear(&door->reject_facts);
    door_ack(door);
}

static void door_rejects_then_ack(struct door *door)
{
    if (door->reject_facts.bytes > 0) {
        store_journal_add(
            door->monitor->env->store, 0, buf_view(&door->reject_facts), door_rejected, door);
    } else {
        door_ack(door);
    }
}

static void door_added(
    void *context, enum err err, const char *why, const struct text *positions, size_t count)
{
    (void)positions;
    struct door *door = context;
    if (err) {
        door_wait(door, "door_add", err, why);
        return;
    }
    failpoint_hit("door_after_add");
    door->monitor->counts.events_forwarded += (int64_t)count;
    door->item_count = 0;
    door_rejects_then_ack(door);
}

static void door_add(struct door *door)
{
    if (door->item_count > 0) {
        store_queue_add(
            door->monitor->env->store, QUEUE_EVENTS, door->items, door->item_count, door_added,
            door);
    } else {
        door_rejects_then_ack(door);
    }
}

static void door_taken(
    void *context, enum err err, const char *why, const struct store_entry *entries, size_t count)
{
    struct door *door = context;
    door->taking = false;
    if (err) {
        door_wait(door, "door_take", err, why);
        return;
    }
    MUST(count <= DOOR_TAKE_MAX);
    const struct wall_ms now = role_now(door->monitor->env);
    for (size_t index = 0; index < count; index++) {
        const struct text position = arena_text(&door->arena, entries[index].position);
        const struct text body = arena_text(&door->arena, entries[index].body);
        door->acks[door->ack_count++] = (struct store_ack){.position = position};
        const struct door_look look = door_look_at(door, body);
        if (look.refused) {
            const struct refusal refusal = {body, position, "door", look.refused};
            door_reject(door, &door->reject_facts, &refusal);
            continue;
        }
        door->items[door->item_count++] =
            (struct store_item){.partition = look.partition, .arrived = now, .body = body};
    }
    if (count > 0) {
        door_add(door);
    } else {
        door_take(door);
    }
}

static void door_take(struct door *door)
{
    if (door->taking || door->monitor->terminating) {
        return;
    }
    door->taking = true;
    store_queue_take(
        door->monitor->env->store, QUEUE_DOOR, DOOR_TAKE_MAX, DOOR_WAIT_MS, door_taken, door);
}

/* Go on where the trouble was: a batch in hand first. */
static void door_retry(void *context)
{
    struct door *door = context;
    if (door->ack_count > 0) {
        door_add(door);
    } else {
        door_take(door);
    }
}

/* ---- PUBLISH ---- */

static void published_added(
    void *context, enum err err, const char *why, const struct text *positions, size_t count)
{
    (void)positions;
    struct door *door = context;
    if (err) {
        /* PUBLISH promises nothing and there is nobody to ask again: say that it is gone. */
        log_error(
            "published_event_lost", "err=%s why=\"%s\" next=\"use XADD or HTTP to lose nothing\"",
            err_name(err), why ? why : "");
        return;
    }
    door->monitor->counts.events_forwarded += (int64_t)count;
}

static void published_rejected(void *context, enum err err, const char *why)
{
    (void)context;
    if (err) {
        log_error("reject_lost", "err=%s why=\"%s\"", err_name(err), why ? why : "");
    }
}

void door_published(struct door *door, struct text body)
{
    struct role_env *env = door->monitor->env;
    const struct door_look look = door_look_at(door, body);
    if (look.refused) {
        const struct refusal refusal = {body, {0}, "publish", look.refused};
        struct buf facts;
        buf_init(&facts, (size_t)64 * 1024);
        door_reject(door, &facts, &refusal);
        store_journal_add(env->store, 0, buf_view(&facts), published_rejected, door);
        buf_release(&facts);
        return;
    }
    const struct store_item item = {
        .partition = look.partition, .arrived = role_now(env), .body = body};
    store_queue_add(env->store, QUEUE_EVENTS, &item, 1, published_added, door);
}

struct door *door_create(struct monitor *monitor)
{
    struct door *door = calloc(1, sizeof(*door));
    if (!door) {
        return NULL;
    }
    door->monitor = monitor;
    arena_init(&door->arena, 0);
    buf_init(&door->reject_facts, (size_t)4 * 1024 * 1024); /* 64 heads, escaped */
    door->retry = loop_timer_create(monitor->env->loop, door_retry, door);
    if (!door->retry) {
        door_free(door);
        return NULL;
    }
    loop_timer_arm(door->retry, 0);
    return door;
}

void door_free(struct door *door)
{
    if (!door) {
        return;
    }
    buf_release(&door->reject_facts);
    arena_release(&door->arena);
    loop_timer_free(door->retry);
    free(door);
}

bool door_is_idle(const struct door *door)
{
    return door->ack_count == 0;
}
