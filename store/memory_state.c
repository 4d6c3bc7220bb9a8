/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The twin's remaining calls: the journal, where things stand, the applied configuration,
 * heartbeats, and the shared present.
 */
#include <stdlib.h>

#include "base/must.h"
#include "store/memory.h"

#define FACTS_BYTES_MAX ((size_t)64 << 20)

/* ---- journal ---- */

struct read_args {
    int64_t *numbers;
    size_t max;
};

static bool read_is_ready(const struct memory_call *call)
{
    const struct read_args *const args = call->args;
    if (call->wait_until_ms <= call->handle->world->real_ms)
        return true;
    for (int32_t i = 0; i < call->handle->world->partition_count; i++) {
        if (args->numbers[i] < (int64_t)memory_partition_of(call, i)->journal.count)
            return true;
    }
    return false;
}

static void read_run(struct memory_call *call)
{
    const struct read_args *const args = call->args;
    struct journal_entry *const entries = memory_call_array(call, args->max, sizeof *entries);
    size_t count = 0;
    for (int32_t i = 0; i < call->handle->world->partition_count; i++) {
        const struct memory_log *const log = &memory_partition_of(call, i)->journal;
        const int64_t after = args->numbers[i] > 0 ? args->numbers[i] : 0;
        for (size_t k = (size_t)after; k < log->count && count < args->max; k++) {
            entries[count++] = (struct journal_entry){
                .partition = i,
                .position = memory_call_position(call, (int64_t)k + 1),
                .facts = memory_call_text(call, log->facts[k]),
            };
        }
    }
    call->result = entries;
    call->count = count;
}

static void read_answer(struct memory_call *call)
{
    call->done.journal(call->context, call->err, call->why, call->result, call->count);
}

void memory_journal_read(
    struct store *store,
    const struct text *positions,
    size_t max,
    int64_t wait_ms,
    store_journal_done *done,
    void *context)
{
    struct memory_call *const call = memory_call_create(store, sizeof(struct read_args), context);
    struct read_args *const args = call->args;
    args->max = max;
    args->numbers = memory_call_array(call, (size_t)store->partitions, sizeof *args->numbers);
    for (int32_t i = 0; i < store->partitions; i++)
        args->numbers[i] = memory_position_parse(positions[i]);
    call->wait_until_ms = call->handle->world->real_ms + wait_ms;
    call->is_ready = read_is_ready;
    call->run = read_run;
    call->answer = read_answer;
    call->done.journal = done;
    memory_call_queue(call, LANE_JOURNAL);
}

struct add_facts_args {
    int32_t partition;
    struct text facts;
};

static void journal_write(struct memory_partition *partition, struct text facts)
{
    struct buf buf;
    buf_init(&buf, FACTS_BYTES_MAX);
    buf_text(&buf, facts);
    memory_journal_append(partition, &buf);
    buf_release(&buf);
}

static void add_facts_run(struct memory_call *call)
{
    const struct add_facts_args *const args = call->args;
    journal_write(memory_partition_of(call, args->partition), args->facts);
}

static void plain_answer(struct memory_call *call)
{
    call->done.plain(call->context, call->err, call->why);
}

void memory_journal_add(
    struct store *store,
    int32_t partition,
    struct text facts,
    store_plain_done *done,
    void *context)
{
    struct memory_call *const call =
        memory_call_create(store, sizeof(struct add_facts_args), context);
    *(struct add_facts_args *)call->args =
        (struct add_facts_args){.partition = partition, .facts = memory_call_text(call, facts)};
    call->run = add_facts_run;
    call->answer = plain_answer;
    call->done.plain = done;
    memory_call_queue(call, LANE_MAIN);
}

/* ---- overview ---- */

static struct store_stats stats_of(
    struct memory_call *call, const struct memory_partition *partition)
{
    const struct memory_timed *const timer = memory_schedule_first(&partition->timers);
    const struct memory_timed *const mail = memory_schedule_first(&partition->due);
    return (struct store_stats){
        .events = (int64_t)partition->queues[QUEUE_EVENTS].count,
        .outbox = (int64_t)partition->queues[QUEUE_OUTBOX].count,
        .receipts = (int64_t)partition->queues[QUEUE_RECEIPTS].count,
        .timers = (int64_t)partition->timers.count,
        .has_timer = timer,
        .oldest_timer.ms = timer ? timer->score_ms : 0,
        .claims = (int64_t)partition->timers.claim_count,
        .mails = (int64_t)partition->due.count,
        .has_mail = mail,
        .oldest_mail.ms = mail ? mail->score_ms : 0,
        .mail_claims = (int64_t)partition->due.claim_count,
        .journal = (int64_t)partition->journal.count,
        .journal_last = memory_call_position(call, (int64_t)partition->journal.count),
    };
}

static void overview_run(struct memory_call *call)
{
    const struct memory_world *const world = call->handle->world;
    const size_t count = (size_t)world->partition_count;
    struct store_stats *const stats = memory_call_array(call, count, sizeof *stats);
    for (size_t i = 0; i < count; i++)
        stats[i] = stats_of(call, &world->partitions[i]);
    struct store_overview *const overview = memory_call_array(call, 1, sizeof *overview);
    *overview = (struct store_overview){
        .door = (int64_t)world->door.count,
        .partitions = stats,
        .partition_count = count,
        .run_id = TEXT_LITERAL("memory"),
        .server = TEXT_LITERAL("memory"),
        .durable = true,
        .durable_why = TEXT_LITERAL(""),
    };
    call->result = overview;
}

static void overview_answer(struct memory_call *call)
{
    static const struct store_overview nothing;
    call->done.overview(
        call->context, call->err, call->why, call->result ? call->result : &nothing);
}

void memory_overview_read(struct store *store, store_overview_done *done, void *context)
{
    struct memory_call *const call = memory_call_create(store, 0, context);
    call->run = overview_run;
    call->answer = overview_answer;
    call->done.overview = done;
    memory_call_queue(call, LANE_MAIN);
}

/* ---- configuration ---- */

struct config_args {
    int64_t version; /* wanted, or the base of the new one */
    struct text bundle;
    struct text facts;
    struct text from; /* what is to be replaced */
};

struct config_result {
    int64_t version;
    struct text bundle;
};

static void config_fill(struct memory_call *call, int64_t version, struct text bundle)
{
    struct config_result *const result = memory_call_array(call, 1, sizeof *result);
    result->version = version;
    result->bundle = memory_call_text(call, bundle);
    call->result = result;
}

static void config_read_run(struct memory_call *call)
{
    const struct memory_world *const world = call->handle->world;
    const struct config_args *const args = call->args;
    const int64_t newest = (int64_t)world->bundle_count;
    const int64_t version = args->version ? args->version : newest;
    if (version < 1 || version > newest) {
        call->err = ERR_NOT_FOUND;
        call->why = "no such version of the configuration has been applied";
        return;
    }
    config_fill(call, version, world->bundles[version - 1]);
}

static void config_apply_run(struct memory_call *call)
{
    struct memory_world *const world = call->handle->world;
    const struct config_args *const args = call->args;
    if (args->version != (int64_t)world->bundle_count) {
        call->err = ERR_CONFLICT;
        call->why = "another version of the configuration was applied meanwhile";
        return;
    }
    struct text *const grown = realloc(world->bundles, (world->bundle_count + 1) * sizeof *grown);
    MUST(grown);
    world->bundles = grown;
    world->bundles[world->bundle_count++] = memory_text_copy(args->bundle);
    journal_write(&world->partitions[0], args->facts);
    config_fill(call, (int64_t)world->bundle_count, args->bundle);
    memory_tell_all(world, memory_tell_config);
}

static void config_replace_run(struct memory_call *call)
{
    struct memory_world *const world = call->handle->world;
    const struct config_args *const args = call->args;
    const bool there = args->version >= 1 && args->version <= (int64_t)world->bundle_count;
    struct text *const held = there ? &world->bundles[args->version - 1] : NULL;
    if (!held || !text_equal(*held, args->from)) {
        call->err = ERR_CONFLICT;
        call->why = "the version holds something else by now";
        return;
    }
    memory_text_free(*held);
    *held = memory_text_copy(args->bundle);
    config_fill(call, args->version, *held);
}

static void config_answer(struct memory_call *call)
{
    const struct config_result *const result = call->result;
    call->done.config(
        call->context, call->err, call->why, result ? result->version : 0,
        result ? result->bundle : TEXT_LITERAL(""));
}

static struct memory_call *config_create(
    struct store *store, int64_t version, store_config_done *done, void *context)
{
    struct memory_call *const call = memory_call_create(store, sizeof(struct config_args), context);
    ((struct config_args *)call->args)->version = version;
    call->answer = config_answer;
    call->done.config = done;
    return call;
}

void memory_config_read(
    struct store *store, int64_t version, store_config_done *done, void *context)
{
    struct memory_call *const call = config_create(store, version, done, context);
    call->run = config_read_run;
    memory_call_queue(call, LANE_MAIN);
}

void memory_config_replace(
    struct store *store,
    int64_t version,
    struct text from,
    struct text to,
    store_config_done *done,
    void *context)
{
    struct memory_call *const call = config_create(store, version, done, context);
    struct config_args *const args = call->args;
    args->from = memory_call_text(call, from);
    args->bundle = memory_call_text(call, to);
    call->run = config_replace_run;
    memory_call_queue(call, LANE_MAIN);
}

void memory_config_apply(
    struct store *store,
    int64_t base_version,
    struct text bundle,
    struct text facts,
    store_config_done *done,
    void *context)
{
    struct memory_call *const call = config_create(store, base_version, done, context);
    struct config_args *const args = call->args;
    args->bundle = memory_call_text(call, bundle);
    args->facts = memory_call_text(call, facts);
    call->run = config_apply_run;
    memory_call_queue(call, LANE_MAIN);
}

/* ---- instances ---- */

struct beat_args {
    struct text json;
    int64_t ttl_ms;
};

static void beat_run(struct memory_call *call)
{
    const struct beat_args *const args = call->args;
    struct memory_instance *const instance = call->handle->instance;
    memory_text_free(instance->json);
    instance->json = memory_text_copy(args->json);
    instance->expires_ms = call->handle->world->real_ms + args->ttl_ms;
}

void memory_instance_beat(
    struct store *store, struct text json, int64_t ttl_ms, store_plain_done *done, void *context)
{
    struct memory_call *const call = memory_call_create(store, sizeof(struct beat_args), context);
    struct beat_args *const args = call->args;
    args->json = memory_call_text(call, json);
    args->ttl_ms = ttl_ms;
    call->run = beat_run;
    call->answer = plain_answer;
    call->done.plain = done;
    memory_call_queue(call, LANE_MAIN);
}

static void instances_run(struct memory_call *call)
{
    const struct memory_world *const world = call->handle->world;
    size_t count = 0;
    for (const struct memory_instance *one = world->instances; one; one = one->next)
        count++;
    struct store_instance *const instances = memory_call_array(call, count, sizeof *instances);
    count = 0;
    for (const struct memory_instance *one = world->instances; one; one = one->next) {
        if (one->json.bytes == 0 || one->expires_ms <= world->real_ms)
            continue;
        instances[count++] = (struct store_instance){
            .name = memory_call_text(call, one->name), .json = memory_call_text(call, one->json)};
    }
    call->result = instances;
    call->count = count;
}

static void instances_answer(struct memory_call *call)
{
    call->done.instances(call->context, call->err, call->why, call->result, call->count);
}

void memory_instances_read(struct store *store, store_instances_done *done, void *context)
{
    struct memory_call *const call = memory_call_create(store, 0, context);
    call->run = instances_run;
    call->answer = instances_answer;
    call->done.instances = done;
    memory_call_queue(call, LANE_MAIN);
}

/* ---- the shared present ---- */

static void clock_run(struct memory_call *call)
{
    const struct memory_world *const world = call->handle->world;
    struct wall_ms *const now = memory_call_array(call, 1, sizeof *now);
    *now = world->clock;
    call->result = now;
    if (!world->has_clock) {
        call->err = ERR_NOT_FOUND;
        call->why = "the shared present was never set";
    }
}

static void clock_answer(struct memory_call *call)
{
    const struct wall_ms *const now = call->result;
    call->done.clock(call->context, call->err, call->why, now ? *now : (struct wall_ms){0});
}

void memory_clock_read(struct store *store, store_clock_done *done, void *context)
{
    struct memory_call *const call = memory_call_create(store, 0, context);
    call->run = clock_run;
    call->answer = clock_answer;
    call->done.clock = done;
    memory_call_queue(call, LANE_MAIN);
}
