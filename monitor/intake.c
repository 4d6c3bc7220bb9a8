/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Intake: takes events from the queue, sorts them by case, folds each case with what is new
 * and commits record, timer, facts and acknowledgements as one step. Never fires what has an
 * instant; acts of oversight go out with the event that brings them. An event is
 * acknowledged only inside the step that stores it, so a crash anywhere repeats and never loses.
 *
 * Work goes in chunks: the events of up to INTAKE_CASES_MAX cases of one partition. A chunk loads
 * records, computes, commits; cases that lost a race are loaded again. While the store is
 * in trouble the chunk waits and no more is taken.
 */
#include <stdlib.h>
#include <string.h>

#include "base/failpoint.h"
#include "base/log.h"
#include "config/event_json.h"
#include "monitor/internal.h"
#include "rules/simulate.h"

#define INTAKE_TAKE_MAX       ((size_t)256)
#define INTAKE_WAIT_MS        ((int64_t)5000)
#define INTAKE_CHUNKS_MAX     ((size_t)4)
#define INTAKE_CASES_MAX      (STORE_BATCH_MAX - 1) /* one place for the rejects */
#define CHUNK_ARENA_BYTES_MAX ((size_t)256 * 1024 * 1024)
/* An event handed out this often ended the process every time: it goes to the rejects. */
#define POISON_DELIVERIES_MAX 8

struct group {
    struct text case_id;
    struct step_event *events;
    size_t event_count;
    bool done;
    int64_t version;
    struct step_result result; /* valid while a commit is under way */
};

struct chunk {
    struct intake *intake;
    struct chunk *next;
    int32_t partition;
    struct arena arena; /* bodies and parsed events */
    struct group groups[INTAKE_CASES_MAX];
    size_t group_count;
    struct buf reject_facts;
    struct text reject_acks[INTAKE_TAKE_MAX];
    size_t reject_count;
    bool rejects_done;
    size_t asked[INTAKE_CASES_MAX]; /* groups of the call under way */
    size_t asked_count;
    bool waiting; /* for the retry timer */
};

struct intake {
    struct monitor *monitor;
    struct loop_timer *retry;
    int64_t backoff_ms;
    size_t load_max; /* cases at once; fewer after trouble, since large ones may be too much */
    bool taking;
    struct chunk *chunks; /* under way or waiting */
    size_t chunk_count;
};

static void intake_go_on(struct intake *intake);
static void chunk_load(struct chunk *chunk);

/* ---- chunks ---- */

static struct chunk *chunk_create(struct intake *intake, int32_t partition)
{
    struct chunk *chunk = calloc(1, sizeof(*chunk));
    if (!chunk) {
        return NULL;
    }
    chunk->intake = intake;
    chunk->partition = partition;
    arena_init(&chunk->arena, CHUNK_ARENA_BYTES_MAX);
    buf_init(&chunk->reject_facts, (size_t)16 * 1024 * 1024);
    chunk->rejects_done = true;
    chunk->next = intake->chunks;
    intake->chunks = chunk;
    intake->chunk_count++;
    return chunk;
}

static void chunk_free(struct chunk *chunk)
{
    for (size_t index = 0; index < chunk->group_count; index++) {
        step_result_release(&chunk->groups[index].result);
    }
    buf_release(&chunk->reject_facts);
    arena_release(&chunk->arena);
    free(chunk);
}

static void chunk_finish(struct chunk *chunk)
{
    struct intake *intake = chunk->intake;
    struct chunk **link = &intake->chunks;
    while (*link != chunk) {
        MUST(*link);
        link = &(*link)->next;
    }
    *link = chunk->next;
    intake->chunk_count--;
    if (intake->monitor->env->clock->mode == CLOCK_STEPPED) {
        /* There timers wait until the events are through, and perhaps waited for these. */
        wake_hint(intake->monitor->wake, chunk->partition, (struct wall_ms){0});
    }
    chunk_free(chunk);
    intake_go_on(intake);
}

/* The store said no: keep the chunk, try again later. */
static void chunk_wait(struct chunk *chunk, const char *operation, enum err err, const char *why)
{
    struct intake *intake = chunk->intake;
    monitor_store_trouble(intake->monitor, operation, err, why);
    chunk->waiting = true;
    loop_timer_arm(intake->retry, monitor_backoff(&intake->backoff_ms));
}

static void chunk_reject(
    struct chunk *chunk, const struct store_entry *entry, const char *reason, struct wall_ms now)
{
    const struct text position = arena_text(&chunk->arena, entry->position);
    const struct reject_fact fact = {
        .at = entry->arrived.ms >= 0 ? entry->arrived : now,
        .via = "events",
        .reason = reason,
        .position = position,
        .body = entry->body,
    };
    fact_reject(&chunk->reject_facts, &fact);
    chunk->reject_acks[chunk->reject_count++] = position;
    chunk->rejects_done = false;
    chunk->intake->monitor->counts.events_rejected++;
    log_warn("event_rejected", "position=%.*s reason=\"%s\"", TEXT_ARGS(position), reason);
}

/* ---- sorting a batch by case ---- */

static struct group *chunk_group(struct chunk *chunk, struct text case_id)
{
    for (size_t index = 0; index < chunk->group_count; index++) {
        if (text_equal(chunk->groups[index].case_id, case_id)) {
            return &chunk->groups[index];
        }
    }
    struct group *group = &chunk->groups[chunk->group_count++];
    group->case_id = case_id;
    step_result_init(&group->result);
    return group;
}

/* The version in force when it arrived, however long it waited since. */
static int64_t version_at(const struct role_env *env, struct wall_ms arrived)
{
    const struct rulebook then = rulebook_at(&env->rulebook, arrived);
    return rulebook_newest(&then)->version;
}

/* Read one entry into a step_event. False: it was rejected (or memory is out, then nothing was). */
static bool entry_read(
    struct chunk *chunk,
    const struct store_entry *entry,
    struct wall_ms now,
    struct step_event *ret_event)
{
    struct err_why why = {{0}};
    const struct wall_ms arrived = entry->arrived.ms >= 0 ? entry->arrived : now;
    if (entry->deliveries > POISON_DELIVERIES_MAX) {
        chunk_reject(chunk, entry, "this event ended the monitor several times", now);
        return false;
    }
    struct event *event = &ret_event->event;
    if (event_read(entry->body, arrived, &chunk->arena, event, &why)) {
        chunk_reject(chunk, entry, why.text, now);
        return false;
    }
    if (event_kind_is_reserved(event->kind) &&
        !text_equal(event->source, TEXT_LITERAL(EVENT_SOURCE_OWN))) {
        chunk_reject(chunk, entry, "type: this kind is made by the service itself", now);
        return false;
    }
    event->arrived = arrived; /* our own stamp, whatever the producer wrote */
    event->rules_version = version_at(chunk->intake->monitor->env, arrived);
    if (event->time.ms > arrived.ms + EVENT_FUTURE_MS_MAX) {
        chunk_reject(chunk, entry, "time: more than 10 minutes in the future", now);
        return false;
    }
    ret_event->position = arena_text(&chunk->arena, entry->position);
    ret_event->cloud_event = arena_text(&chunk->arena, entry->body);
    return true;
}

/* The group's events are one array in the arena; it grows by doubling. */
static bool group_add(struct chunk *chunk, struct group *group, const struct step_event *event)
{
    const size_t count = group->event_count;
    if ((count & (count - 1)) == 0) { /* 0, 1, 2, 4 ...: full */
        const size_t capacity = count ? count * 2 : 1;
        struct step_event *grown = arena_array(&chunk->arena, capacity, sizeof(struct step_event));
        if (!grown) {
            return false;
        }
        if (count) {
            memcpy(grown, group->events, count * sizeof(struct step_event));
        }
        group->events = grown;
    }
    group->events[group->event_count++] = *event;
    return true;
}

/* The chunks that one batch is sorted into. */
struct sorting {
    struct intake *intake;
    struct chunk *chunks[INTAKE_TAKE_MAX];
    size_t chunk_count;
};

/* The chunk with room for another case of that partition; NULL when memory is out. */
static struct chunk *sorting_chunk(struct sorting *sorting, int32_t partition)
{
    for (size_t index = sorting->chunk_count; index > 0; index--) {
        struct chunk *chunk = sorting->chunks[index - 1];
        if (chunk->partition == partition && chunk->group_count < INTAKE_CASES_MAX) {
            return chunk;
        }
    }
    struct chunk *chunk = chunk_create(sorting->intake, partition);
    if (chunk) {
        sorting->chunks[sorting->chunk_count++] = chunk;
    }
    return chunk;
}

/* False: memory is out. A rejected entry is sorted too. */
static bool entry_sort(struct sorting *sorting, const struct store_entry *entry, struct wall_ms now)
{
    struct chunk *chunk = sorting_chunk(sorting, entry->partition);
    if (!chunk) {
        return false;
    }
    struct step_event event;
    if (!entry_read(chunk, entry, now, &event)) {
        return true;
    }
    return group_add(chunk, chunk_group(chunk, event.event.subject), &event);
}

/* What cannot be sorted for lack of memory stays pending in the queue and comes again after a
 * restart. */
static void batch_sort(
    struct sorting *sorting, const struct store_entry *entries, size_t entry_count)
{
    const struct wall_ms now = role_now(sorting->intake->monitor->env);
    for (size_t index = 0; index < entry_count; index++) {
        if (!entry_sort(sorting, &entries[index], now)) {
            log_error("no_memory", "what=\"an event\" next=\"events stay pending\"");
            return;
        }
    }
}

/* ---- load, compute, commit ---- */

/* The latest of the clock and the arrivals: in stepped mode events come with their instant. */
static struct wall_ms group_now(const struct group *group, struct wall_ms now)
{
    for (size_t index = 0; index < group->event_count; index++) {
        const struct wall_ms arrived = group->events[index].event.arrived;
        now = arrived.ms > now.ms ? arrived : now;
    }
    return now;
}

/* A case that cannot be computed must not stop the others: its events go to the rejects. */
static void group_give_up(struct chunk *chunk, struct group *group, const char *reason)
{
    struct monitor *monitor = chunk->intake->monitor;
    monitor->counts.cases_damaged++;
    log_error(
        "case_not_computed", "case=%.*s why=\"%s\" next=\"its new events are kept as rejects\"",
        TEXT_ARGS(group->case_id), reason);
    buf_clear(&group->result.facts);
    buf_clear(&group->result.record);
    buf_clear(&group->result.outbox);
    group->result.changed = false;
    for (size_t index = 0; index < group->event_count; index++) {
        const struct step_event *event = &group->events[index];
        const struct reject_fact fact = {
            .at = event->event.arrived,
            .via = "events",
            .reason = reason,
            .position = event->position,
            .body = event->cloud_event,
        };
        fact_reject(&group->result.facts, &fact);
        monitor->counts.events_rejected++;
    }
}

/* False: the case has met a version of the rules that is not here yet. */
static bool group_compute(struct chunk *chunk, struct group *group, struct text record)
{
    struct monitor *monitor = chunk->intake->monitor;
    struct role_env *env = monitor->env;
    const struct step_context context = {
        .rulebook = &env->rulebook,
        .partition = chunk->partition,
        .now = group_now(group, role_now(env)),
        .case_id = group->case_id,
        .record = record,
        .any_version = monitor_takes_any_version(monitor),
        .settings = env->settings,
        .bundle = env->bundle,
    };
    step_result_release(&group->result);
    step_result_init(&group->result);
    struct err_why why = {{0}};
    const enum err err =
        step_intake(&context, group->events, group->event_count, &group->result, &why);
    if (err == ERR_NOT_FOUND) {
        monitor_await_version(monitor);
        return false;
    }
    if (err) {
        group_give_up(chunk, group, why.text);
    }
    return true;
}

static void group_to_step(const struct group *group, struct text *acks, struct store_step *ret_step)
{
    for (size_t index = 0; index < group->event_count; index++) {
        acks[index] = group->events[index].position;
    }
    *ret_step = (struct store_step){
        .facts = buf_view(&group->result.facts),
        .outbox = buf_view(&group->result.outbox),
        .acks = acks,
        .ack_count = group->event_count,
    };
    if (group->result.changed) {
        ret_step->case_id = group->case_id;
        ret_step->expected_version = group->version;
        ret_step->record = buf_view(&group->result.record);
        ret_step->has_wake = group->result.has_wake;
        ret_step->wake = group->result.wake;
    }
}

static void group_committed(struct chunk *chunk, struct group *group)
{
    struct monitor *monitor = chunk->intake->monitor;
    group->done = true;
    monitor_count_step(monitor, &group->result);
    if (group->result.changed && group->result.has_wake) {
        wake_hint(monitor->wake, chunk->partition, group->result.wake);
    }
}

static void chunk_committed(
    void *context, enum err err, const char *why, const int64_t *versions, size_t count)
{
    struct chunk *chunk = context;
    struct intake *intake = chunk->intake;
    if (err) {
        chunk_wait(chunk, "commit", err, why);
        return;
    }
    failpoint_hit("intake_after_commit");
    intake->backoff_ms = 0;
    intake->monitor->counts.commits++;
    MUST(count >= chunk->asked_count);
    for (size_t index = 0; index < chunk->asked_count; index++) {
        struct group *group = &chunk->groups[chunk->asked[index]];
        if (!group->result.changed || versions[index] > 0) {
            group_committed(chunk, group);
        } else {
            intake->monitor->counts.conflicts++;
        }
    }
    chunk->rejects_done = true;
    chunk_load(chunk); /* what is left or lost a race; nothing: the end */
}

/* One call for all groups under way, and the rejects as a step of their own at the end. */
static void chunk_commit(struct chunk *chunk)
{
    struct store_step steps[STORE_BATCH_MAX];
    size_t step_count = 0;
    size_t ack_count = chunk->reject_count;
    for (size_t index = 0; index < chunk->asked_count; index++) {
        ack_count += chunk->groups[chunk->asked[index]].event_count;
    }
    struct text *acks = calloc(ack_count ? ack_count : 1, sizeof(*acks));
    if (!acks) {
        chunk_wait(chunk, "commit", ERR_NO_MEMORY, "no memory for acknowledgements");
        return;
    }
    struct text *place = acks;
    size_t bytes = 0;
    for (size_t index = 0; index < chunk->asked_count && bytes < COMMIT_BYTES_MAX; index++) {
        const struct group *group = &chunk->groups[chunk->asked[index]];
        group_to_step(group, place, &steps[step_count++]);
        place += group->event_count;
        bytes += step_bytes(&group->result);
    }
    chunk->asked_count = step_count; /* the others are loaded again afterwards */
    if (!chunk->rejects_done) {
        steps[step_count++] = (struct store_step){
            .facts = buf_view(&chunk->reject_facts),
            .acks = chunk->reject_acks,
            .ack_count = chunk->reject_count,
        };
    }
    failpoint_hit("intake_before_commit");
    store_commit(
        chunk->intake->monitor->env->store, chunk->partition, steps, step_count, chunk_committed,
        chunk);
    free(acks);
}

static void chunk_loaded(
    void *context, enum err err, const char *why, const struct store_case *cases, size_t count)
{
    struct chunk *chunk = context;
    struct intake *intake = chunk->intake;
    if (err) {
        intake->load_max = intake->load_max > 1 ? intake->load_max / 2 : 1;
        chunk_wait(chunk, "load", err, why);
        return;
    }
    MUST(count == chunk->asked_count);
    if (count >= intake->load_max && intake->load_max < INTAKE_CASES_MAX) {
        intake->load_max++;
    }
    for (size_t index = 0; index < count; index++) {
        struct group *group = &chunk->groups[chunk->asked[index]];
        group->version = cases[index].version;
        if (!group_compute(chunk, group, cases[index].record)) {
            chunk_wait(chunk, "configuration", ERR_NOT_FOUND, "a newer version is being read");
            return;
        }
    }
    chunk_commit(chunk);
}

static void chunk_load(struct chunk *chunk)
{
    struct text ids[INTAKE_CASES_MAX];
    chunk->asked_count = 0;
    for (size_t index = 0;
         index < chunk->group_count && chunk->asked_count < chunk->intake->load_max; index++) {
        if (!chunk->groups[index].done) {
            ids[chunk->asked_count] = chunk->groups[index].case_id;
            chunk->asked[chunk->asked_count++] = index;
        }
    }
    if (chunk->asked_count > 0) {
        store_cases_load(
            chunk->intake->monitor->env->store, chunk->partition, ids, chunk->asked_count,
            chunk_loaded, chunk);
    } else if (!chunk->rejects_done) {
        chunk_commit(chunk);
    } else {
        chunk_finish(chunk);
    }
}

/* ---- taking ---- */

static void intake_taken(
    void *context, enum err err, const char *why, const struct store_entry *entries, size_t count)
{
    struct intake *intake = context;
    intake->taking = false;
    if (err) {
        monitor_store_trouble(intake->monitor, "take", err, why);
        loop_timer_arm(intake->retry, monitor_backoff(&intake->backoff_ms));
        monitor_maybe_stop(intake->monitor);
        return;
    }
    if (count > 0) {
        failpoint_hit("intake_after_take");
    }
    MUST(count <= INTAKE_TAKE_MAX);
    struct sorting sorting = {.intake = intake};
    batch_sort(&sorting, entries, count);
    for (size_t index = 0; index < sorting.chunk_count; index++) {
        chunk_load(sorting.chunks[index]);
    }
    intake_go_on(intake);
}

static bool intake_is_stalled(const struct intake *intake)
{
    for (const struct chunk *chunk = intake->chunks; chunk; chunk = chunk->next) {
        if (chunk->waiting) {
            return true;
        }
    }
    return false;
}

static void intake_go_on(struct intake *intake)
{
    monitor_maybe_stop(intake->monitor);
    if (intake->taking || intake->monitor->terminating || intake_is_stalled(intake) ||
        intake->chunk_count >= INTAKE_CHUNKS_MAX) {
        return;
    }
    intake->taking = true;
    store_queue_take(
        intake->monitor->env->store, QUEUE_EVENTS, INTAKE_TAKE_MAX, INTAKE_WAIT_MS, intake_taken,
        intake);
}

static void intake_retry(void *context)
{
    struct intake *intake = context;
    struct chunk *next = NULL;
    for (struct chunk *chunk = intake->chunks; chunk; chunk = next) {
        next = chunk->next; /* chunk_load may finish the chunk */
        if (chunk->waiting) {
            chunk->waiting = false;
            chunk_load(chunk);
        }
    }
    intake_go_on(intake);
}

struct intake *intake_create(struct monitor *monitor)
{
    struct intake *intake = calloc(1, sizeof(*intake));
    if (!intake) {
        return NULL;
    }
    intake->monitor = monitor;
    intake->load_max = INTAKE_CASES_MAX;
    intake->retry = loop_timer_create(monitor->env->loop, intake_retry, intake);
    if (!intake->retry) {
        free(intake);
        return NULL;
    }
    loop_timer_arm(intake->retry, 0); /* the first take, once the role stands */
    return intake;
}

void intake_free(struct intake *intake)
{
    if (!intake) {
        return;
    }
    while (intake->chunks) {
        struct chunk *chunk = intake->chunks;
        intake->chunks = chunk->next;
        chunk_free(chunk);
    }
    loop_timer_free(intake->retry);
    free(intake);
}

bool intake_is_idle(const struct intake *intake)
{
    /* A waiting take holds nothing: the queue keeps what it would have brought. */
    return intake->chunk_count == 0;
}
