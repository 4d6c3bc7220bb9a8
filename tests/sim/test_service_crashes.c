/* SPDX-License-Identifier: Apache-2.0 */
/* nrt-test: timeout=1800 */
/*
 * Intake, wake and sending together over the memory twin, before a gateway that misbehaves, with
 * crashes between any two steps. Checked at the end of each seed: the journal equals the
 * simulation; every message of every fired alert (or the digest it went with) has come to an end,
 * or waits for an instant to come; what the journal calls accepted the gateway has; the gateway has
 * no message twice but after an answer or a sender was lost, never more than once again, and then
 * with the same bytes. tests/support/seeds.h says how many seeds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/must.h"
#include "notifiers/notifier.h"
#include "tests/support/check.h"
#include "tests/support/history.h"
#include "tests/support/seeds.h"
#include "tests/support/sim_gateway.h"
#include "tests/support/sim_roles.h"

#define SEEDS_USUAL 1000
#define DIGEST_MS   ((int64_t)600000)

static struct history *histories[HISTORY_WORLDS];

/* ---- roles ---- */

/* What a notifier's host keeps over crashes. */
struct host {
    struct sim_gateway *gateway;
    struct send_journal *journal;
};

struct sender {
    struct notifier *notifier;
    struct http_engine *engine;
};

static void *create_notifier(struct role_env *env, void *lasting)
{
    struct host *host = lasting;
    struct sender *sender = calloc(1, sizeof(*sender));
    MUST(sender);
    sender->engine = sim_gateway_engine(host->gateway, env->loop);
    sender->notifier = notifier_create(env, sender->engine, host->journal);
    MUST(sender->notifier);
    return sender;
}

static void drop_notifier(void *role)
{
    struct sender *sender = role;
    sender->engine->ops->free(sender->engine);
    notifier_free(sender->notifier);
    free(sender);
}

/* ---- what came of it ---- */

struct message {
    char id[NRT_ID_BYTES];
    char state[16];
    char digest[NRT_ID_BYTES]; /* gathered: the message in whose place it goes */
    bool is_digest;
    bool ended;
    int64_t ready_ms; /* while held or retrying */
};

struct ends {
    struct tally tally;
    struct message *messages;
    size_t message_count;
    size_t message_capacity;
    size_t wanted_count; /* alerts x people */
};

static void copy_text(char *place, size_t place_bytes, struct text text)
{
    const size_t bytes = text.bytes < place_bytes ? text.bytes : place_bytes - 1;
    if (bytes > 0) {
        memcpy(place, text.ptr, bytes);
    }
    place[bytes] = '\0';
}

static struct message *message_of(struct ends *ends, struct text id)
{
    for (size_t index = 0; index < ends->message_count; index++) {
        if (text_is(id, ends->messages[index].id)) {
            return &ends->messages[index];
        }
    }
    if (ends->message_count == ends->message_capacity) {
        ends->message_capacity = ends->message_capacity ? ends->message_capacity * 2 : 64;
        ends->messages = realloc(ends->messages, ends->message_capacity * sizeof(*ends->messages));
        MUST(ends->messages);
    }
    struct message *message = &ends->messages[ends->message_count++];
    *message = (struct message){{0}, {0}, {0}, false, false, 0};
    copy_text(message->id, sizeof(message->id), id);
    return message;
}

static bool state_ends(struct text state)
{
    return text_is(state, "accepted") || text_is(state, "dropped") || text_is(state, "dead") ||
           text_is(state, "rejected") || text_is(state, "unsure");
}

static void take_fact(void *context, const struct json_value *fact)
{
    struct ends *ends = context;
    tally_add_fact(&ends->tally, fact);
    const struct text kind = json_get_string(fact, "k");
    if (text_is(kind, "alert") && text_is(json_get_string(fact, "status"), "fired")) {
        ends->wanted_count += json_count(json_get(fact, "to"));
    } else if (text_is(kind, "message")) {
        struct message *message = message_of(ends, json_get_string(fact, "id"));
        const struct text state = json_get_string(fact, "state");
        copy_text(message->state, sizeof(message->state), state);
        message->ended = state_ends(state);
        message->is_digest = message->is_digest || json_get(fact, "members");
        copy_text(message->digest, sizeof(message->digest), json_get_string(fact, "digest"));
        message->ready_ms = (int64_t)json_number(json_get(fact, "ready"));
    }
}

/* What tells of its end: itself, or the digest it went with. */
static const struct message *end_of(struct ends *ends, const struct message *message)
{
    for (size_t step = 0; step < 100 && strcmp(message->state, "gathered") == 0; step++) {
        message = message_of(ends, text_of(message->digest));
    }
    return message;
}

static size_t times_taken(
    const struct sim_taken *taken, size_t taken_count, const char *id, bool *ret_same_bytes)
{
    size_t times = 0;
    uint64_t hash = 0;
    *ret_same_bytes = true;
    for (size_t index = 0; index < taken_count; index++) {
        if (strcmp(taken[index].id, id) == 0) {
            *ret_same_bytes = *ret_same_bytes && (times == 0 || taken[index].bytes_hash == hash);
            hash = taken[index].bytes_hash;
            times++;
        }
    }
    return times;
}

static bool complain(const struct message *message, const char *what, size_t times)
{
    (void)fprintf(
        stderr, "message %s (%s, taken %zu times): %s\n", message->id, message->state, times, what);
    return false;
}

static bool messages_hold(
    struct ends *ends, const struct sim_gateway *gateway, struct wall_ms until, bool trouble)
{
    size_t taken_count;
    const struct sim_taken *taken = sim_gateway_taken(gateway, &taken_count);
    size_t taken_of_messages = 0;
    size_t digest_count = 0;
    bool hold = true;
    for (size_t index = 0; index < ends->message_count; index++) {
        const struct message *message = &ends->messages[index];
        const struct message *end = end_of(ends, message);
        bool same_bytes;
        const size_t times = times_taken(taken, taken_count, message->id, &same_bytes);
        taken_of_messages += times;
        digest_count += message->is_digest ? 1 : 0;
        if (!end->ended && end->ready_ms <= until.ms) {
            hold = complain(message, "has not come to an end", times);
        } else if (strcmp(message->state, "accepted") == 0 && times == 0) {
            hold = complain(message, "called accepted, and the gateway never saw it", times);
        } else if (times > (trouble ? 2 : 1)) {
            hold = complain(message, "taken too often", times);
        } else if (!same_bytes) {
            hold = complain(message, "repeated with other bytes", times);
        }
    }
    if (ends->message_count - digest_count != ends->wanted_count) {
        (void)fprintf(
            stderr, "%zu messages told of beside %zu digests, %zu wanted\n",
            ends->message_count - digest_count, digest_count, ends->wanted_count);
        hold = false;
    }
    if (taken_of_messages != taken_count) {
        (void)fprintf(stderr, "the gateway has messages that the journal does not know\n");
        hold = false;
    }
    return hold;
}

/* ---- one seed ---- */

/* A struct text in a constant initialiser. */
#define STATIC_TEXT(s)                                                                             \
    {                                                                                              \
        .ptr = (s), .bytes = sizeof(s) - 1                                                         \
    }

static const struct channel_option options[] = {
    {.name = STATIC_TEXT("username"), .value = STATIC_TEXT("nrt")},
    {.name = STATIC_TEXT("password"), .value = STATIC_TEXT("secret"), .secret = true},
    {.name = STATIC_TEXT("receipt_secret"), .value = STATIC_TEXT("hook"), .secret = true},
};

static const struct text via[] = {STATIC_TEXT("dingtalk")};

/* The worlds' only channel, played by an SMS gateway. */
static struct channel_settings channel = {
    .name = STATIC_TEXT("dingtalk"),
    .type = STATIC_TEXT("kannel"),
    .quiet_from_s = 21 * 3600,
    .quiet_until_s = 8 * 3600,
    .url = STATIC_TEXT("http://127.0.0.1:13013/cgi-bin/sendsms"),
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
};

static const struct settings settings = {
    .prefix = STATIC_TEXT("nrt"),
    .partitions = 1,
    .public_url = STATIC_TEXT("http://127.0.0.1:8420"),
    .channels = &channel,
    .channel_count = 1,
    .default_via = via,
    .default_via_count = 1,
    .backfill_ms = (int64_t)3600 * 1000,
};

struct trouble {
    uint64_t crash_one_in;
    uint64_t gateway_one_in;
};

static bool ends_hold(
    struct ends *ends,
    const struct history *history,
    const struct sim_gateway *gateway,
    bool trouble)
{
    struct tally expected;
    tally_init(&expected);
    history_simulate(history, &expected);
    tally_sort(&ends->tally);
    bool hold = tally_equal(&expected, &ends->tally);
    hold = messages_hold(ends, gateway, history->until, trouble) && hold;
    hold = ends->tally.early_count == 0 && hold;
    tally_release(&expected);
    return hold;
}

static bool seed_holds(uint64_t seed, const struct trouble *trouble)
{
    struct prng prng;
    prng_seed(&prng, seed ^ 0x5e4d);
    const struct history *history = histories[prng_below(&prng, HISTORY_WORLDS)];
    const struct sim_options sim_options = {
        .seed = seed,
        .partitions = prng_one_in(&prng, 2) ? 1 : 3,
        .bundle = history->bundle,
        .settings = &settings,
        .crash_one_in = trouble->crash_one_in,
    };
    channel.digest_ms = prng_one_in(&prng, 3) ? 0 : DIGEST_MS;
    struct host host = {.gateway = sim_gateway_create(seed, trouble->gateway_one_in)};
    MUST(!send_journal_open(":memory:", &host.journal, NULL));
    struct sim_world *world = sim_world_create(&sim_options);
    const struct sim_role notifier = {"notifier", create_notifier, drop_notifier, &host};
    sim_world_add(world, &sim_monitor, "monitor-1");
    sim_world_add(world, &notifier, "notifier-1");
    struct ends ends = {0};
    tally_init(&ends.tally);
    bool holds = sim_replay(world, history);
    sim_world_facts(world, take_fact, &ends);
    const bool troubled = trouble->crash_one_in || trouble->gateway_one_in;
    holds = ends_hold(&ends, history, host.gateway, troubled) && holds;
    if (!holds) {
        (void)fprintf(
            stderr, "NRT_SIM_SEED=%llu crash_one_in=%llu gateway_one_in=%llu crashes=%zu\n",
            (unsigned long long)seed, (unsigned long long)trouble->crash_one_in,
            (unsigned long long)trouble->gateway_one_in, sim_world_crashes(world));
    }
    free(ends.messages);
    tally_release(&ends.tally);
    sim_world_free(world);
    send_journal_close(host.journal);
    sim_gateway_free(host.gateway);
    return holds;
}

static void run_seeds(uint64_t seeds, const struct trouble *trouble)
{
    const uint64_t only = seeds_only();
    const uint64_t first = only ? only : 1;
    const uint64_t last = only ? only : seeds;
    for (uint64_t seed = first; seed <= last; seed++) {
        if (!CHECK(seed_holds(seed, trouble))) {
            return;
        }
    }
}

static uint64_t seeds(void)
{
    return seeds_count(SEEDS_USUAL);
}

static void without_trouble_each_message_goes_once(void)
{
    run_seeds(seeds() / 10, &(struct trouble){0, 0});
}

static void before_a_bad_gateway_nothing_is_lost(void)
{
    run_seeds(seeds() / 5, &(struct trouble){0, 4});
}

static void with_crashes_nothing_is_lost(void)
{
    run_seeds(seeds() / 5, &(struct trouble){200, 0});
}

static void with_crashes_and_a_bad_gateway_nothing_is_lost(void)
{
    run_seeds(seeds() / 2, &(struct trouble){100, 5});
}

int main(void)
{
    log_set_level(LOG_ERROR);
    for (int world = 1; world <= HISTORY_WORLDS; world++) {
        histories[world - 1] = history_load(world);
    }
    CHECK_RUN(without_trouble_each_message_goes_once);
    CHECK_RUN(before_a_bad_gateway_nothing_is_lost);
    CHECK_RUN(with_crashes_nothing_is_lost);
    CHECK_RUN(with_crashes_and_a_bad_gateway_nothing_is_lost);
    for (int world = 0; world < HISTORY_WORLDS; world++) {
        history_free(histories[world]);
    }
    return check_done();
}
