/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where things stand: figures of each partition, and what Redis says about itself. INFO alone
 * tells whether the append-only file is on and what happens when memory runs out, so no right
 * to CONFIG is needed.
 */
#include <string.h>

#include "store/redis_store.h"

struct overview_state {
    struct store_stats *stats;
    struct store_overview overview;
};

/* Parts 0.. are the partitions; behind them come these. */
enum extra_part { PART_DOOR, PART_INFO };

static void number_fill(struct redis_call *call, const struct redisReply *reply, int64_t *ret)
{
    if (redis_reply_i64(reply, ret))
        redis_call_fail_shape(call);
}

static bool score_fill(struct redis_call *call, const struct redisReply *reply, int64_t *ret_ms)
{
    const struct text score = redis_reply_text(reply);
    if (score.bytes && text_parse_i64(score, ret_ms))
        redis_call_fail_shape(call);
    return score.bytes > 0;
}

/* In the order in which nrt1_stats answers. */
static void stats_fill(
    struct redis_call *call, struct store_stats *stats, const struct redisReply *reply)
{
    number_fill(call, redis_reply_at(reply, 0), &stats->events);
    number_fill(call, redis_reply_at(reply, 1), &stats->outbox);
    number_fill(call, redis_reply_at(reply, 2), &stats->receipts);
    number_fill(call, redis_reply_at(reply, 3), &stats->timers);
    stats->has_timer = score_fill(call, redis_reply_at(reply, 4), &stats->oldest_timer.ms);
    number_fill(call, redis_reply_at(reply, 5), &stats->claims);
    number_fill(call, redis_reply_at(reply, 6), &stats->mails);
    stats->has_mail = score_fill(call, redis_reply_at(reply, 7), &stats->oldest_mail.ms);
    number_fill(call, redis_reply_at(reply, 8), &stats->mail_claims);
    number_fill(call, redis_reply_at(reply, 9), &stats->journal);
    stats->journal_last = redis_call_text(call, redis_reply_text(redis_reply_at(reply, 10)));
}

/* The value of "name:value\r\n" in an INFO answer; empty when it is not there. */
static struct text info_find(struct text info, const char *name)
{
    const size_t name_bytes = strlen(name);
    for (size_t at = 0; at < info.bytes;) {
        const char *const line = info.ptr + at;
        const char *const newline = memchr(line, '\n', info.bytes - at);
        size_t line_bytes = newline ? (size_t)(newline - line) : info.bytes - at;
        at += line_bytes + 1;
        if (line_bytes && line[line_bytes - 1] == '\r')
            line_bytes--;
        if (line_bytes > name_bytes && line[name_bytes] == ':' &&
            memcmp(line, name, name_bytes) == 0) {
            return (struct text){
                .ptr = line + name_bytes + 1, .bytes = line_bytes - name_bytes - 1};
        }
    }
    return TEXT_LITERAL("");
}

static const char *durable_advice(struct text info)
{
    if (!text_is(info_find(info, "aof_enabled"), "1"))
        return "set appendonly yes in Redis's configuration: without it a restart loses cases";
    if (!text_is(info_find(info, "maxmemory_policy"), "noeviction"))
        return "set maxmemory-policy noeviction in Redis's configuration: others delete cases";
    if (text_is(info_find(info, "aof_last_write_status"), "err"))
        return "Redis cannot write its append-only file: free space or mend the disk of its dir";
    return "";
}

static void info_fill(struct redis_call *call, struct store_overview *overview, struct text info)
{
    const char *const advice = durable_advice(info);
    (void)!text_parse_i64(info_find(info, "used_memory"), &overview->memory_bytes);
    overview->run_id = redis_call_text(call, info_find(info, "run_id"));
    overview->server = redis_call_text(call, info_find(info, "redis_version"));
    overview->durable = advice[0] == '\0';
    overview->durable_why = text_of(advice);
}

static void overview_reply(struct redis_call *call, size_t part, const struct redisReply *reply)
{
    struct overview_state *const state = call->state;
    const size_t partitions = state->overview.partition_count;
    if (part < partitions) {
        stats_fill(call, &state->stats[part], reply);
    } else if (part == partitions + PART_DOOR) {
        number_fill(call, reply, &state->overview.door);
    } else {
        info_fill(call, &state->overview, redis_reply_text(reply));
    }
}

static void overview_answer(struct redis_call *call)
{
    static const struct store_overview nothing;
    const struct overview_state *const state = call->state;
    call->done.overview(
        call->context, call->err, call->why.text, call->err ? &nothing : &state->overview);
}

void redis_overview_read(struct store *store, store_overview_done *done, void *context)
{
    struct redis_call *const call =
        redis_call_create(store, sizeof(struct overview_state), context);
    struct overview_state *const state = call->state;
    const size_t partitions = (size_t)store->partitions;
    struct redis_command command;
    call->done.overview = done;
    call->on_reply = overview_reply;
    call->answer = overview_answer;
    state->stats = redis_call_array(call, partitions, sizeof *state->stats);
    state->overview.partitions = state->stats;
    state->overview.partition_count = partitions;
    for (size_t i = 0; i < partitions; i++) {
        redis_function(call, &command, "nrt1_stats", (int32_t)i, "");
        redis_call_send(call, i, &command, 0);
    }
    redis_command_init(&command, "XLEN");
    redis_command_text(&command, redis_queue_key(call->self, &command.arena, QUEUE_DOOR, 0));
    redis_call_send(call, partitions + PART_DOOR, &command, 0);
    redis_command_init(&command, "INFO");
    redis_call_send(call, partitions + PART_INFO, &command, 0);
    redis_call_sent(call);
}
