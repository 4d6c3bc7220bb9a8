/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast the ledger takes the journal: entries of 64 steps, each an event and its case's state,
 * first for new cases, then as updates in random order over all of them, then as steps that move
 * the due of a run; and messages, told twice each: as they are made, and as a gateway has them.
 * Prints steps (messages: facts) per second of processor time. Usage: bench_ledger FILE [cases,
 * default 100000 [journal entries a transaction, default 64]]. The file is made, and stays.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/must.h"
#include "base/prng.h"
#include "console/ledger.h"

#define STEPS_PER_ENTRY 64
#define ENTRIES_MAX     64

static double now_s(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

enum round { ROUND_NEW, ROUND_UPDATES, ROUND_RUNS, ROUND_MESSAGES, ROUND_COUNT };
static const char *const round_names[ROUND_COUNT] = {"new", "updates", "runs", "messages"};

/* `step` is of all rounds. */
static void add_step(struct buf *facts, int64_t number, int64_t step, enum round round)
{
    buf_format(
        facts,
        "%s{\"k\":\"event\",\"case\":\"DY-%07" PRId64 "\",\"p\":0,\"pos\":\"1-0\",\"source\":"
        "\"/dongyang/oa\",\"id\":\"e-%" PRId64 "-%" PRId64 "\",\"type\":\"case.received\","
        "\"time\":1554000000000,\"arrived\":1554000000000,\"rules\":1,\"verdict\":\"applied\","
        "\"ce\":{\"specversion\":\"1.0\",\"id\":\"e-%" PRId64 "\",\"source\":\"/dongyang/oa\","
        "\"type\":\"case.received\",\"time\":\"2019-04-01T06:44:10+08:00\",\"data\":{\"title\":"
        "\"关于取水许可事项的函\",\"matter\":\"m21.4\",\"unit\":\"d17\",\"handler\":\"d17-h2\"}}},",
        facts->bytes > 1 ? "," : "", number, number, step, number);
    buf_format(
        facts,
        "{\"k\":\"case\",\"id\":\"DY-%07" PRId64 "\",\"title\":\"关于取水许可事项的函\",\"matter\":"
        "\"m21.4\",\"unit\":\"d%02" PRId64 "\",\"handler\":\"d17-h2\",\"from_unit\":\"t13\","
        "\"number\":\"\",\"labels\":{},\"state\":\"open\",\"light\":\"green\",\"created\":"
        "1554000000000,\"updated\":%" PRId64
        ",\"fault\":false,\"figures\":{\"accepted\":true,\"sent_back\":false},\"runs\":[{\"clock\":"
        "\"reply-within-a-week\",\"run\":1,\"family\":\"reply\",\"title\":\"R\",\"start\":"
        "1554000000000,\"due\":%" PRId64 ",\"provisional\":false,\"outcome\":\"running\","
        "\"stopped\":null,\"light\":\"green\",\"unit\":\"d17\",\"handler\":\"d17-h2\","
        "\"rules\":1}]}",
        number, number % 40, 1554000000000 + step * 1000 + number,
        1554600000000 + number + (round == ROUND_RUNS ? step : 0));
}

/* Two facts of one message. */
static void add_message(struct buf *facts, int64_t number)
{
    static const char *const states[] = {"queued", "accepted"};
    for (size_t index = 0; index < 2; index++) {
        buf_format(
            facts,
            "%s{\"k\":\"message\",\"id\":\"m-%" PRId64 "\",\"alert\":\"a-%" PRId64
            "\",\"case\":\"DY-%07" PRId64 "\",\"clock\":\"reply-within-a-week\",\"stage\":"
            "\"overdue\",\"person\":\"d17-h%d\",\"channel\":\"sms\",\"state\":\"%s\",\"at\":"
            "%" PRId64
            ",\"attempts\":%zu,\"reason\":\"\",\"text\":\"超期提醒：关于取水许可事项的函\","
            "\"gateway_id\":\"%s%.0" PRId64 "\"}",
            facts->bytes > 1 ? "," : "", number, number, number, (int)(number % 300), states[index],
            1554600000000 + number, index, index > 0 ? "g-" : "", index > 0 ? number : 0);
    }
}

/* Entries that wait to be applied together, as the feed gets them when it is behind. */
struct batch {
    struct ledger *ledger;
    struct buf facts[ENTRIES_MAX];
    char positions[ENTRIES_MAX][32];
    struct journal_entry entries[ENTRIES_MAX];
    size_t count;
    size_t entries_max;
    int64_t place;
};

static void batch_apply(struct batch *batch)
{
    MUST(ledger_apply(batch->ledger, batch->entries, batch->count, NULL) == ERR_OK);
    for (size_t index = 0; index < batch->count; index++) {
        buf_clear(&batch->facts[index]);
    }
    batch->count = 0;
}

static void entry_end(struct batch *batch)
{
    struct buf *facts = &batch->facts[batch->count];
    char *position = batch->positions[batch->count];
    (void)snprintf(position, sizeof(batch->positions[0]), "%" PRId64 "-0", ++batch->place);
    buf_char(facts, ']');
    batch->entries[batch->count] = (struct journal_entry){
        .partition = 0, .position = text_of(position), .facts = buf_view(facts)};
    if (++batch->count == batch->entries_max) {
        batch_apply(batch);
    }
}

static void run(struct batch *batch, int64_t cases, enum round round)
{
    struct prng prng;
    const double since = now_s();
    const bool in_order = round == ROUND_NEW || round == ROUND_MESSAGES;
    prng_seed(&prng, (uint64_t)round + 1);
    for (int64_t step = 0; step < cases; step++) {
        const int64_t number = in_order ? step : (int64_t)prng_below(&prng, (uint64_t)cases);
        struct buf *facts = &batch->facts[batch->count];
        if (facts->bytes == 0) {
            buf_char(facts, '[');
        }
        if (round == ROUND_MESSAGES) {
            add_message(facts, number);
        } else {
            add_step(facts, number, (int64_t)round * cases + step, round);
        }
        if ((step + 1) % STEPS_PER_ENTRY == 0) {
            entry_end(batch);
        }
    }
    batch_apply(batch);
    printf(
        "%-10s %8.0f /s, %zu entries a transaction\n", round_names[round],
        (double)cases * (round == ROUND_MESSAGES ? 2 : 1) / (now_s() - since), batch->entries_max);
    (void)fflush(stdout);
}

int main(int argc, char **argv)
{
    static struct batch batch;
    struct err_why why = {0};
    const int64_t cases = argc > 2 ? strtoll(argv[2], NULL, 10) : 100000;
    const int64_t entries = argc > 3 ? strtoll(argv[3], NULL, 10) : ENTRIES_MAX;
    if (argc < 2 || entries < 1 || entries > ENTRIES_MAX ||
        ledger_open(argv[1], &batch.ledger, &why)) {
        (void)fprintf(stderr, "usage: bench_ledger FILE [CASES [ENTRIES]] %s\n", why.text);
        return 2;
    }
    batch.entries_max = (size_t)entries;
    for (size_t index = 0; index < ENTRIES_MAX; index++) {
        buf_init(&batch.facts[index], (size_t)8 * 1024 * 1024);
    }
    for (int round = 0; round < ROUND_COUNT; round++) {
        run(&batch, cases, (enum round)round);
    }
    for (size_t index = 0; index < ENTRIES_MAX; index++) {
        buf_release(&batch.facts[index]);
    }
    ledger_close(batch.ledger);
    return 0;
}
