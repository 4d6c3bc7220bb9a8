/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Redis store when Redis is not well: foreign keys, no memory, no replicas, a replica, a
 * restart, lost functions and groups, silence, passwords, another shape of data. Nothing is
 * lost, nothing half done, and the store goes on by itself afterwards.
 */
#include <stdio.h>
#include <string.h>

#include "tests/support/check.h"
#include "tests/support/store_rig.h"

#define TRIES_MAX 200

static struct store *store;

static void open_store(void)
{
    store = store_rig_open(rig, "monitor-1");
}

static void redis(const char *command, const char *expected)
{
    CHECK_STR(redis_server_command(rig->server, command), expected);
}

static bool why_has(const char *part)
{
    const bool has = strstr(got.why, part);
    if (!CHECK(has))
        printf("      why: %s\n", got.why);
    return has;
}

static struct store_step step_of(const char *id)
{
    return (struct store_step){
        .case_id = text_of(id),
        .record = TEXT_LITERAL("r"),
        .has_wake = true,
        .wake = {.ms = 1000},
        .facts = TEXT_LITERAL("1"),
        .outbox = TEXT_LITERAL("2"),
    };
}

static void commit(enum err expected, const char *id)
{
    const struct store_step step = step_of(id);
    STORE_DO_ERR(expected, store_commit(store, 0, &step, 1, answer_commit, &got));
}

static void pause_a_little(void)
{
    const bool never = false;
    store_rig_turn(rig, &never, 20);
}

/* Outages answer with ERR_AWAY: try until it works again. */
static void commit_until_done(const char *id)
{
    const struct store_step step = step_of(id);
    for (int try = 0; try < TRIES_MAX; try++) {
        store_answer_clear(&got);
        store_commit(store, 0, &step, 1, answer_commit, &got);
        if (!CHECK(store_rig_pump(rig, &got.done)))
            return;
        if (got.err == ERR_OK)
            return;
        CHECK(got.err == ERR_AWAY || got.err == ERR_TIMEOUT || got.err == ERR_REFUSED);
        pause_a_little();
    }
    CHECK(false);
}

static struct store_stats stats(void)
{
    STORE_DO(store_overview_read(store, answer_overview, &got));
    return got.overview.partitions[0];
}

static void add_event(const char *body)
{
    const struct store_item item = {.body = text_of(body)};
    STORE_DO(store_queue_add(store, QUEUE_EVENTS, &item, 1, answer_add, &got));
}

static void take_until_some(void)
{
    for (int try = 0; try < TRIES_MAX; try++) {
        store_answer_clear(&got);
        store_queue_take(store, QUEUE_EVENTS, 64, 100, answer_take, &got);
        if (!CHECK(store_rig_pump(rig, &got.done)) || got.count)
            return;
        if (got.err)
            pause_a_little();
    }
    CHECK(false);
}

static void a_foreign_key_stops_the_commit_before_it_writes(void)
{
    static const char *const foreign[] = {
        "t:{p0}:timers", "t:{p0}:journal", "t:{p0}:outbox", "t:{p0}:claimed", "t:{p0}:case:a"};
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        char command[64];
        open_store();
        (void)snprintf(command, sizeof command, "DEL %s", foreign[i]);
        (void)redis_server_command(rig->server, command);
        (void)snprintf(command, sizeof command, "LPUSH %s x", foreign[i]);
        redis(command, ":1");
        commit(ERR_PROTO, "a");
        why_has(foreign[i]);
        (void)snprintf(command, sizeof command, "DEL %s", foreign[i]);
        redis(command, ":1");
        const struct store_stats now = stats();
        CHECK_EQ(now.timers + now.journal + now.outbox, 0);
        redis("EXISTS t:{p0}:case:a t:{p0}:version", ":0");
        store_close(store);
        store_rig_clear(rig);
    }
}

static void foreign_bytes_in_a_record_are_never_overwritten(void)
{
    open_store();
    redis("SET t:{p0}:case:a whatever", "+OK");
    commit(ERR_CORRUPT, "a");
    redis("GET t:{p0}:case:a", "$8");
    const struct text id = TEXT_LITERAL("a");
    STORE_DO_ERR(ERR_CORRUPT, store_cases_load(store, 0, &id, 1, answer_cases, &got));
    store_close(store);
}

static void without_memory_nothing_is_done_and_the_setting_is_named(void)
{
    open_store();
    add_event("e");
    take_until_some();
    char position[64];
    (void)snprintf(position, sizeof position, "%.*s", TEXT_ARGS(got.entries[0].position));
    redis("CONFIG SET maxmemory 1", "+OK");
    struct store_step step = step_of("a");
    const struct text acked = text_of(position);
    step.acks = &acked;
    step.ack_count = 1;
    STORE_DO_ERR(ERR_REFUSED, store_commit(store, 0, &step, 1, answer_commit, &got));
    why_has("maxmemory");
    CHECK_EQ(stats().events, 1);
    redis("CONFIG SET maxmemory 0", "+OK");
    STORE_DO(store_commit(store, 0, &step, 1, answer_commit, &got));
    CHECK_GE(got.versions[0], 1);
    CHECK_EQ(stats().events, 0);
    store_close(store);
}

static void what_only_deletes_works_without_memory(void)
{
    open_store();
    const struct store_item item = {.body = TEXT_LITERAL("o")};
    STORE_DO(store_queue_add(store, QUEUE_OUTBOX, &item, 1, answer_add, &got));
    STORE_DO(store_queue_take(store, QUEUE_OUTBOX, 64, 0, answer_take, &got));
    const struct store_ack ack = {.position = got.entries[0].position};
    redis("CONFIG SET maxmemory 1", "+OK");
    STORE_DO(store_queue_ack(store, QUEUE_OUTBOX, &ack, 1, answer_plain, &got));
    CHECK_EQ(stats().outbox, 0);
    redis("CONFIG SET maxmemory 0", "+OK");
    store_close(store);
}

static void missing_replicas_are_named(void)
{
    open_store();
    redis("CONFIG SET min-replicas-to-write 1", "+OK");
    commit(ERR_REFUSED, "a");
    why_has("min-replicas-to-write");
    redis("CONFIG SET min-replicas-to-write 0", "+OK");
    commit(ERR_OK, "a");
    store_close(store);
}

static void a_replica_is_not_written_to(void)
{
    open_store();
    redis("REPLICAOF 127.0.0.1 1", "+OK");
    commit(ERR_REFUSED, "a");
    why_has("replica");
    redis("REPLICAOF NO ONE", "+OK");
    commit(ERR_OK, "a");
    store_close(store);
}

static void a_restart_under_use_loses_nothing(void)
{
    open_store();
    commit(ERR_OK, "before");
    redis_server_kill(rig->server);
    commit(ERR_AWAY, "during");
    CHECK(redis_server_start(rig->server));
    commit_until_done("after");
    const struct text ids[] = {TEXT_LITERAL("before"), TEXT_LITERAL("after")};
    STORE_DO(store_cases_load(store, 0, ids, 2, answer_cases, &got));
    CHECK_GE(got.cases[0].version, 1);
    CHECK_GE(got.cases[1].version, got.cases[0].version + 1);
    add_event("e");
    take_until_some();
    CHECK_EQ(got.count, 1);
    store_close(store);
}

static void a_waiting_take_survives_a_restart(void)
{
    open_store();
    struct store_answer waiting;
    store_answer_init(&waiting);
    store_queue_take(store, QUEUE_EVENTS, 64, 3000, answer_take, &waiting);
    commit(ERR_OK, "turn"); /* the take is under way by now, or will be */
    redis_server_kill(rig->server);
    CHECK(store_rig_pump(rig, &waiting.done));
    CHECK(waiting.err == ERR_AWAY || waiting.err == ERR_TIMEOUT);
    CHECK(redis_server_start(rig->server));
    commit_until_done("up");
    add_event("e");
    take_until_some();
    CHECK_EQ(got.count, 1);
    store_answer_release(&waiting);
    store_close(store);
}

static void lost_functions_are_loaded_again(void)
{
    open_store();
    commit(ERR_OK, "a");
    redis("FUNCTION FLUSH", "+OK");
    commit(ERR_AWAY, "b");
    why_has("functions");
    commit_until_done("b");
    store_close(store);
}

static void a_lost_group_is_made_again_from_the_beginning(void)
{
    open_store();
    STORE_DO(store_queue_take(store, QUEUE_EVENTS, 64, 0, answer_take, &got));
    redis("DEL t:{p0}:events", ":1");
    redis("XADD t:{p0}:events * at 7 ce lost-and-found", "$15");
    take_until_some();
    if (!CHECK_EQ(got.count, 1))
        return;
    CHECK(text_is(got.entries[0].body, "lost-and-found"));
    CHECK_EQ(got.entries[0].arrived.ms, 7);
    store_close(store);
}

static void a_foreign_producers_entry_without_ce_is_handed_on_whole(void)
{
    open_store();
    redis("XADD t:events * subject 7 type x", "$15");
    STORE_DO(store_queue_take(store, QUEUE_DOOR, 64, 1000, answer_take, &got));
    if (CHECK_EQ(got.count, 1))
        CHECK(text_is(got.entries[0].body, "subject=7\ntype=x\n"));
    store_close(store);
}

/* A store with a short deadline and a lease that does not matter here. */
static struct store *open_hasty(void)
{
    struct store_answer ready;
    struct store_redis_options options = store_rig_options(rig, "monitor-1");
    options.lease_ms = 3600000;
    options.request_ms = 300;
    store_answer_init(&ready);
    struct store *const hasty = store_redis_open(&options, answer_plain, &ready);
    CHECK(store_rig_wait(rig, &ready, ERR_OK));
    store_answer_release(&ready);
    return hasty;
}

static void a_silent_redis_ends_requests_by_their_deadline(void)
{
    store = open_hasty();
    redis_server_freeze(rig->server, true);
    commit(ERR_TIMEOUT, "a");
    commit(ERR_AWAY, "b");
    redis_server_freeze(rig->server, false);
    commit_until_done("c");
    store_close(store);
}

static void entries_of_a_lost_answer_come_again_at_once(void)
{
    store = open_hasty();
    STORE_DO(store_queue_take(store, QUEUE_EVENTS, 64, 0, answer_take, &got));
    add_event("precious");
    redis_server_freeze(rig->server, true);
    STORE_DO_ERR(ERR_TIMEOUT, store_queue_take(store, QUEUE_EVENTS, 64, 0, answer_take, &got));
    redis_server_freeze(rig->server, false);
    take_until_some();
    CHECK_EQ(got.count, 1);
    CHECK(text_is(got.entries[0].body, "precious"));
    STORE_DO(store_queue_take(store, QUEUE_EVENTS, 64, 0, answer_take, &got));
    CHECK_EQ(got.count, 0); /* and then it is in our hands */
    store_close(store);
}

static void claims_of_a_lost_answer_come_again_at_once_and_no_others(void)
{
    store = open_hasty();
    const struct wall_ms now = {.ms = 5000};
    commit(ERR_OK, "held");
    STORE_DO(store_timers_claim(store, 0, now, 64, false, answer_claim, &got));
    CHECK_EQ(got.claimed.due_count, 1);
    commit(ERR_OK, "lost");
    redis_server_freeze(rig->server, true);
    STORE_DO_ERR(ERR_TIMEOUT, store_timers_claim(store, 0, now, 64, false, answer_claim, &got));
    redis_server_freeze(rig->server, false);
    commit_until_done("turn");
    STORE_DO(store_timers_claim(store, 0, now, 64, false, answer_claim, &got));
    for (size_t i = 0; i < got.claimed.due_count; i++)
        CHECK(!text_is(got.claimed.due[i].record.id, "held"));
    CHECK_EQ(got.claimed.due_count, 2); /* "lost" and "turn" */
    store_close(store);
}

static void a_store_opened_before_redis_waits_for_it(void)
{
    struct store_answer ready;
    struct store_redis_options options = store_rig_options(rig, "monitor-1");
    const bool never = false;
    redis_server_kill(rig->server);
    store_answer_init(&ready);
    store = store_redis_open(&options, answer_plain, &ready);
    store_rig_turn(rig, &never, 300);
    CHECK(!ready.done);
    CHECK(redis_server_start(rig->server));
    CHECK(store_rig_wait(rig, &ready, ERR_OK));
    commit(ERR_OK, "a");
    store_answer_release(&ready);
    store_close(store);
}

/* Opens and closes; what `ready` said is in got. */
static void open_for(enum err expected, const struct store_redis_options *options)
{
    store_answer_clear(&got);
    store = store_redis_open(options, answer_plain, &got);
    CHECK(store_rig_wait(rig, &got, expected));
    store_close(store);
}

static void another_number_of_partitions_is_refused_in_clear_words(void)
{
    struct store_redis_options options = store_rig_options(rig, "monitor-1");
    open_for(ERR_OK, &options);
    options.partitions = 5;
    open_for(ERR_CONFLICT, &options);
    why_has("partitions");
    why_has("nrt.json");
}

static void data_of_another_format_is_refused(void)
{
    const struct store_redis_options options = store_rig_options(rig, "monitor-1");
    redis("HSET t:meta format 99", ":1");
    open_for(ERR_CONFLICT, &options);
    why_has("format 99");
}

static void a_url_of_an_unknown_kind_is_refused(void)
{
    static const char *const bad[] = {
        "http://x", "redis-sentinel://a,b", "unix:", "redis://", "redis://h:0", "redis://h:x"};
    struct store_redis_options options = store_rig_options(rig, "monitor-1");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        options.url = text_of(bad[i]);
        open_for(ERR_USAGE, &options);
        why_has("redis.url");
    }
}

static void a_password_is_needed_and_enough(void)
{
    struct store_answer ready;
    struct store_redis_options options = store_rig_options(rig, "monitor-1");
    const bool never = false;
    redis("CONFIG SET requirepass secret", "+OK");
    store_answer_init(&ready);
    store = store_redis_open(&options, answer_plain, &ready);
    store_rig_turn(rig, &never, 200);
    CHECK(!ready.done);
    store_close(store);
    options.password = TEXT_LITERAL("wrong");
    store = store_redis_open(&options, answer_plain, &ready);
    store_rig_turn(rig, &never, 200);
    CHECK(!ready.done);
    store_close(store);
    options.password = TEXT_LITERAL("secret");
    open_for(ERR_OK, &options);
    store_answer_release(&ready);
    redis_server_kill(rig->server); /* forgets the password */
    CHECK(redis_server_start(rig->server));
}

static const char newer_library[] =
    "#!lua name=nrt1\n-- revision 999\n"
    "redis.register_function('nrt1_meta', function(k, a)\n"
    "  return {'1', a[4], 'fnv1a64'} end)\n"
    "redis.register_function('nrt1_open', function() return 1 end)\n"
    "redis.register_function('nrt1_newer', function() return 1 end)\n";

static void a_newer_revision_of_the_functions_is_left_in_place(void)
{
    const struct store_redis_options options = store_rig_options(rig, "monitor-1");
    const char *const load[] = {"FUNCTION", "LOAD", "REPLACE", newer_library, NULL};
    redis_server_call(rig->server, load);
    open_for(ERR_OK, &options);
    redis("FCALL nrt1_newer 0", ":1");
}

static void an_older_revision_of_the_functions_is_replaced(void)
{
    const struct store_redis_options options = store_rig_options(rig, "monitor-1");
    const char *const load[] = {
        "FUNCTION", "LOAD", "REPLACE",
        "#!lua name=nrt1\n-- revision 0\n"
        "redis.register_function('nrt1_older', function() return 1 end)\n",
        NULL};
    redis_server_call(rig->server, load);
    redis("FCALL nrt1_older 0", ":1");
    open_for(ERR_OK, &options);
    CHECK(strstr(redis_server_command(rig->server, "FCALL nrt1_older 0"), "not found"));
}

static void unsafe_settings_of_redis_are_told(void)
{
    open_store();
    redis("CONFIG SET maxmemory-policy allkeys-lru", "+OK");
    STORE_DO(store_overview_read(store, answer_overview, &got));
    CHECK(!got.overview.durable);
    CHECK(memmem(got.overview.durable_why.ptr, got.overview.durable_why.bytes, "noeviction", 10));
    redis("CONFIG SET maxmemory-policy noeviction", "+OK");
    redis("CONFIG SET appendonly no", "+OK");
    STORE_DO(store_overview_read(store, answer_overview, &got));
    CHECK(!got.overview.durable);
    CHECK(memmem(got.overview.durable_why.ptr, got.overview.durable_why.bytes, "appendonly", 10));
    store_close(store);
    redis_server_kill(rig->server); /* back to the settings it is started with */
    CHECK(redis_server_start(rig->server));
}

static void a_timer_without_a_record_is_dropped(void)
{
    open_store();
    redis("ZADD t:{p0}:timers 5 ghost", ":1");
    const struct wall_ms now = {.ms = 10};
    STORE_DO(store_timers_claim(store, 0, now, 64, false, answer_claim, &got));
    CHECK_EQ(got.claimed.due_count, 0);
    CHECK_EQ(stats().timers, 0);
    store_close(store);
}

/* 400 entries of 1970 and 400 of today; the version is at the threshold of a look at their age. */
static void the_journal_forgets_what_is_older_than_a_week_and_nothing_younger(void)
{
    static const char *const fill[] = {
        "EVAL",
        "for i = 1, 400 do redis.call('XADD', KEYS[1], i .. '-1', 'facts', '[]') end "
        "for i = 1, 400 do redis.call('XADD', KEYS[1], '*', 'facts', '[]') end",
        "1", "t:{p0}:journal", NULL};
    open_store();
    CHECK_STR(redis_server_call(rig->server, fill), "$-1");
    redis("SET t:{p0}:version 1022", "+OK");
    commit(ERR_OK, "a");
    CHECK_EQ(stats().journal, 801);
    commit(ERR_OK, "b");
    const int64_t left = stats().journal;
    CHECK_GE(left, 402);
    CHECK_GE(500, left);
    store_close(store);
}

static void close_when_ready(void *context, enum err err, const char *why)
{
    CHECK_EQ(err, ERR_OK);
    CHECK(why);
    store_close(store);
    *(bool *)context = true;
}

static void a_handle_may_be_closed_when_it_says_ready(void)
{
    bool closed = false;
    const struct store_redis_options options = store_rig_options(rig, "monitor-1");
    store = store_redis_open(&options, close_when_ready, &closed);
    CHECK(store_rig_pump(rig, &closed));
    pause_a_little();
}

static const struct store_test tests[] = {
    STORE_TEST(a_foreign_key_stops_the_commit_before_it_writes),
    STORE_TEST(foreign_bytes_in_a_record_are_never_overwritten),
    STORE_TEST(without_memory_nothing_is_done_and_the_setting_is_named),
    STORE_TEST(what_only_deletes_works_without_memory),
    STORE_TEST(missing_replicas_are_named),
    STORE_TEST(a_replica_is_not_written_to),
    STORE_TEST(a_restart_under_use_loses_nothing),
    STORE_TEST(a_waiting_take_survives_a_restart),
    STORE_TEST(lost_functions_are_loaded_again),
    STORE_TEST(a_lost_group_is_made_again_from_the_beginning),
    STORE_TEST(a_foreign_producers_entry_without_ce_is_handed_on_whole),
    STORE_TEST(a_silent_redis_ends_requests_by_their_deadline),
    STORE_TEST(entries_of_a_lost_answer_come_again_at_once),
    STORE_TEST(claims_of_a_lost_answer_come_again_at_once_and_no_others),
    STORE_TEST(a_store_opened_before_redis_waits_for_it),
    STORE_TEST(another_number_of_partitions_is_refused_in_clear_words),
    STORE_TEST(data_of_another_format_is_refused),
    STORE_TEST(a_url_of_an_unknown_kind_is_refused),
    STORE_TEST(a_password_is_needed_and_enough),
    STORE_TEST(a_newer_revision_of_the_functions_is_left_in_place),
    STORE_TEST(an_older_revision_of_the_functions_is_replaced),
    STORE_TEST(unsafe_settings_of_redis_are_told),
    STORE_TEST(a_timer_without_a_record_is_dropped),
    STORE_TEST(a_handle_may_be_closed_when_it_says_ready),
    STORE_TEST(the_journal_forgets_what_is_older_than_a_week_and_nothing_younger),
};

int main(int argc, char **argv)
{
    return store_rig_main_redis(tests, sizeof tests / sizeof *tests, argc, argv);
}
