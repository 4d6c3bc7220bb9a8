/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commits a second: store_commit in batches of 64 cases against the same writes as plain
 * pipelined commands without any safety (SET and ZADD for each case, one XADD for each batch),
 * over the same transport, alternating, on a Redis of its own with AOF everysec. Prints each
 * round, then medians and their ratio.
 *
 *   bench_store [CASES] [SECONDS]     open cases (default 100000), length of a round (default 2)
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/must.h"
#include "base/prng.h"
#include "store/redis_transport.h"
#include "store/store_open.h"

#define ROUNDS       5
#define WINDOW       16
#define BATCH        STORE_BATCH_MAX
#define RECORD_BYTES 250
#define FACTS_BYTES  120
#define ID_BYTES     24

struct slot {
    size_t cases[BATCH];
    size_t replies; /* plain: still to come */
};

static struct bench {
    struct event_base *base;
    struct store *store;
    struct redis_transport *plain;
    char folder[32];
    char url[64];
    pid_t server;
    size_t case_count;
    int64_t *versions;
    bool *taken; /* in a batch under way: a case stands in one at a time */
    char record[RECORD_BYTES];
    char facts[FACTS_BYTES + 1];
    struct prng prng;
    struct slot slots[WINDOW];
    size_t under_way;
    bool stopping;
    size_t committed;
    size_t conflicts;
    size_t filled;
} bench;

/* ---- Redis ---- */

static void server_start(void)
{
    char socket[48];
    (void)snprintf(bench.folder, sizeof bench.folder, "/tmp/nrt-bench-XXXXXX");
    MUST(mkdtemp(bench.folder));
    (void)snprintf(socket, sizeof socket, "%s/s", bench.folder);
    (void)snprintf(bench.url, sizeof bench.url, "unix:%s", socket);
    bench.server = fork();
    if (bench.server == 0) {
        (void)execlp(
            "redis-server", "redis-server", "--port", "0", "--unixsocket", socket, "--dir",
            bench.folder, "--appendonly", "yes", "--appendfsync", "everysec", "--save", "",
            "--logfile", "/dev/null", "--auto-aof-rewrite-percentage", "0", (char *)NULL);
        _exit(127);
    }
}

static void server_end(void)
{
    (void)kill(bench.server, SIGKILL);
    (void)waitpid(bench.server, NULL, 0);
    const pid_t pid = fork();
    if (pid == 0) {
        (void)execlp("rm", "rm", "-rf", bench.folder, (char *)NULL);
        _exit(127);
    }
    (void)waitpid(pid, NULL, 0);
}

static void on_ready(void *context, enum err err, const char *why)
{
    (void)context;
    if (err)
        (void)fprintf(stderr, "store: %s\n", why);
    (void)event_base_loopbreak(bench.base);
}

static void on_up(void *context)
{
    (void)context;
    (void)event_base_loopbreak(bench.base);
}

static void on_down(void *context, enum err err, const char *why)
{
    (void)context;
    (void)err;
    (void)why;
}

static void connect_both(void)
{
    struct err_why why;
    const struct store_redis_options store_options = {
        .base = bench.base,
        .url = text_of(bench.url),
        .prefix = TEXT_LITERAL("bench"),
        .partitions = 1,
        .instance = TEXT_LITERAL("bench-1"),
    };
    const struct redis_transport_options plain_options = {
        .base = bench.base,
        .url = text_of(bench.url),
        .request_ms = 30000,
        .on_up = on_up,
        .on_down = on_down,
    };
    bench.store = store_redis_open(&store_options, on_ready, NULL);
    (void)event_base_dispatch(bench.base);
    bench.plain = redis_transport_create(&plain_options, &why);
    MUST(bench.store && bench.plain);
    (void)event_base_dispatch(bench.base);
}

/* ---- batches ---- */

static void id_of(size_t index, char id[static ID_BYTES])
{
    (void)snprintf(id, ID_BYTES, "2019-04-%08zu", index);
}

/* The first fill goes through all cases in order; afterwards any that is free. */
static void slot_choose(struct slot *slot)
{
    for (size_t i = 0; i < BATCH; i++) {
        size_t index = 0;
        do
            index = bench.filled < bench.case_count
                        ? bench.filled++
                        : (size_t)prng_below(&bench.prng, bench.case_count);
        while (bench.taken[index]);
        bench.taken[index] = true;
        slot->cases[i] = index;
    }
}

static void slot_end(struct slot *slot)
{
    for (size_t i = 0; i < BATCH; i++)
        bench.taken[slot->cases[i]] = false;
    bench.committed += BATCH;
    bench.under_way--;
    if (bench.stopping && bench.under_way == 0)
        (void)event_base_loopbreak(bench.base);
}

static void store_batch(struct slot *slot);

static void on_commit(
    void *context, enum err err, const char *why, const int64_t *versions, size_t count)
{
    struct slot *const slot = context;
    if (err)
        (void)fprintf(stderr, "commit: %s\n", why);
    for (size_t i = 0; i < count; i++) {
        bench.conflicts += versions[i] == 0;
        bench.versions[slot->cases[i]] = versions[i];
    }
    slot_end(slot);
    if (!bench.stopping)
        store_batch(slot);
}

static void store_batch(struct slot *slot)
{
    struct store_step steps[BATCH];
    char ids[BATCH][ID_BYTES];
    slot_choose(slot);
    for (size_t i = 0; i < BATCH; i++) {
        id_of(slot->cases[i], ids[i]);
        steps[i] = (struct store_step){
            .case_id = text_of(ids[i]),
            .expected_version = bench.versions[slot->cases[i]],
            .record = {.ptr = bench.record, .bytes = RECORD_BYTES},
            .has_wake = true,
            .wake.ms = (int64_t)(prng_next(&bench.prng) >> 24),
            .facts = text_of(bench.facts),
        };
    }
    bench.under_way++;
    store_commit(bench.store, 0, steps, BATCH, on_commit, slot);
}

static void plain_batch(struct slot *slot);

static void on_plain(void *context, enum err err, const char *why, const struct redisReply *reply)
{
    struct slot *const slot = context;
    (void)reply;
    if (err)
        (void)fprintf(stderr, "plain: %s\n", why);
    if (--slot->replies)
        return;
    slot_end(slot);
    if (!bench.stopping)
        plain_batch(slot);
}

static void plain_send(struct redis_command *command, struct slot *slot)
{
    slot->replies++;
    redis_transport_send(bench.plain, command, 0, on_plain, slot);
}

static void plain_case(struct slot *slot, size_t index)
{
    struct redis_command command;
    char key[64];
    char id[ID_BYTES];
    id_of(index, id);
    (void)snprintf(key, sizeof key, "plain:{p0}:case:%s", id);
    redis_command_init(&command, "SET");
    redis_command_string(&command, key);
    redis_command_text(&command, (struct text){.ptr = bench.record, .bytes = RECORD_BYTES});
    plain_send(&command, slot);
    redis_command_init(&command, "ZADD");
    redis_command_string(&command, "plain:{p0}:timers");
    redis_command_i64(&command, (int64_t)(prng_next(&bench.prng) >> 24));
    redis_command_string(&command, id);
    plain_send(&command, slot);
}

static void plain_batch(struct slot *slot)
{
    struct redis_command command;
    struct buf facts;
    buf_init(&facts, (FACTS_BYTES + 1) * BATCH);
    slot_choose(slot);
    bench.under_way++;
    for (size_t i = 0; i < BATCH; i++) {
        plain_case(slot, slot->cases[i]);
        buf_string(&facts, bench.facts);
    }
    redis_command_init(&command, "XADD");
    redis_command_string(&command, "plain:{p0}:journal");
    redis_command_string(&command, "*");
    redis_command_string(&command, "facts");
    redis_command_text(&command, buf_view(&facts));
    plain_send(&command, slot);
    buf_release(&facts);
}

/* ---- rounds ---- */

static void on_round_end(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    (void)context;
    bench.stopping = true;
}

/* Cases a second. */
static double run_round(void (*batch)(struct slot *slot), int64_t seconds)
{
    struct event *const end = evtimer_new(bench.base, on_round_end, NULL);
    const struct timeval length = {.tv_sec = seconds};
    bench.stopping = false;
    bench.committed = 0;
    const int64_t begin_ms = clock_mono().ms;
    (void)event_add(end, &length);
    for (size_t i = 0; i < WINDOW; i++)
        batch(&bench.slots[i]);
    (void)event_base_dispatch(bench.base);
    event_free(end);
    return (double)bench.committed * 1000 / (double)(clock_mono().ms - begin_ms);
}

static void fill(void (*batch)(struct slot *slot))
{
    bench.filled = 0;
    while (bench.filled < bench.case_count)
        (void)run_round(batch, 1);
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void run_rounds(int64_t seconds)
{
    double ours[ROUNDS];
    double plain[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        ours[i] = run_round(store_batch, seconds);
        plain[i] = run_round(plain_batch, seconds);
        printf("round %d  commits/s %9.0f  plain/s %9.0f\n", i + 1, ours[i], plain[i]);
        (void)fflush(stdout);
    }
    qsort(ours, ROUNDS, sizeof *ours, by_value);
    qsort(plain, ROUNDS, sizeof *plain, by_value);
    const double median = ours[ROUNDS / 2];
    const double plain_median = plain[ROUNDS / 2];
    printf("commits/s  median %.0f (%.0f to %.0f)\n", median, ours[0], ours[ROUNDS - 1]);
    printf("plain/s    median %.0f (%.0f to %.0f)\n", plain_median, plain[0], plain[ROUNDS - 1]);
    printf("ratio      %.2f   conflicts %zu\n", median / plain_median, bench.conflicts);
}

int main(int argc, char **argv)
{
    int64_t cases = 100000;
    int64_t seconds = 2;
    const bool usage = (argc > 1 && text_parse_i64(text_of(argv[1]), &cases)) ||
                       (argc > 2 && text_parse_i64(text_of(argv[2]), &seconds)) ||
                       cases < WINDOW * BATCH * 4 || seconds < 1;
    if (usage) {
        (void)fprintf(stderr, "usage: bench_store [CASES >= 4096] [SECONDS]\n");
        return 2;
    }
    bench.case_count = (size_t)cases / BATCH * BATCH;
    bench.versions = calloc(bench.case_count, sizeof *bench.versions);
    bench.taken = calloc(bench.case_count, sizeof *bench.taken);
    bench.base = event_base_new();
    MUST(bench.versions && bench.taken && bench.base);
    memset(bench.record, 'r', sizeof bench.record);
    memset(bench.facts, '1', FACTS_BYTES);
    prng_seed(&bench.prng, 1);
    server_start();
    connect_both();
    fill(store_batch);
    fill(plain_batch);
    printf("%zu open cases, batches of %d, %d in flight\n", bench.case_count, BATCH, WINDOW);
    run_rounds(seconds);
    store_close(bench.store);
    redis_transport_free(bench.plain);
    event_base_free(bench.base);
    free(bench.versions);
    free(bench.taken);
    server_end();
    return 0;
}
