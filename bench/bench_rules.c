/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the rules cost: counting, folding and packing one case, and a simulation of many cases
 * from events in memory (no JSON). Shipped rules, calendar and directory. Prints nanoseconds of
 * one core, cases a second, memory a case. Usage: bench_rules [cases, default 1000000]
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "base/must.h"
#include "base/prng.h"
#include "config/policy.h"
#include "rules/record.h"
#include "rules/simulate.h"

#define ROUNDS     200000L
#define ATTRIBUTES 5

static double now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void report(const char *what, double since_ns, long rounds)
{
    printf("%-32s %8.0f ns\n", what, (now_ns() - since_ns) / (double)rounds);
}

/* ---- one life of a case ---- */

struct life {
    long number;
    char id[32];
    char event_ids[6][48];
    struct event events[6];
    size_t event_count;
};

static void tell(struct life *life, enum event_kind kind, struct wall_ms at)
{
    struct event *event = &life->events[life->event_count];
    char *id = life->event_ids[life->event_count];
    (void)snprintf(id, sizeof(life->event_ids[0]), "B-%ld-%zu", life->number, life->event_count);
    *event = (struct event){
        .kind = kind,
        .kind_name = text_of(event_kind_name(kind)),
        .source = TEXT_LITERAL("/bench"),
        .id = text_of(id),
        .subject = text_of(life->id),
        .time = at,
        .arrived = at,
    };
    life->event_count++;
}

static struct wall_ms hours_later(struct prng *prng, struct wall_ms at, int64_t most)
{
    return wall_add(at, prng_range(prng, 1, most * 3600) * 1000);
}

/* Received in 2019, accepted soon, settled within days; 3 in 100 never, 5 in 100 suspended. */
static void live(struct life *life, struct prng *prng, long number)
{
    static const struct attribute received[ATTRIBUTES] = {
        {{"title", 5}, {"关于取水许可事项的函", 30}},
        {{"matter", 6}, {"m21.4", 5}},
        {{"unit", 4}, {"d17", 3}},
        {{"handler", 7}, {"d17-h2", 6}},
        {{"labels.kind", 11}, {"problem", 7}},
    };
    const struct wall_ms year = {.ms = INT64_C(1546272000000)}; /* 2019-01-01T00:00:00+08:00 */
    struct wall_ms at = hours_later(prng, year, INT64_C(24) * 360);
    life->event_count = 0;
    life->number = number;
    (void)snprintf(life->id, sizeof(life->id), "B-2019-%07ld", number);
    tell(life, EVENT_RECEIVED, at);
    life->events[0].attributes = received;
    life->events[0].attribute_count = ATTRIBUTES;
    tell(life, EVENT_ACCEPTED, at = hours_later(prng, at, 20));
    if (prng_below(prng, 100) < 5) {
        tell(life, EVENT_SUSPENDED, at = hours_later(prng, at, 20));
        tell(life, EVENT_RESUMED, at = hours_later(prng, at, 100));
    }
    if (prng_below(prng, 100) >= 3) {
        tell(life, EVENT_ANSWERED, at = hours_later(prng, at, 70));
        tell(life, EVENT_COMPLETED, hours_later(prng, at, 20));
    }
}

/* ---- single operations ---- */

static void bench_counting(const struct calendar *calendar)
{
    static const char *const words[] = {"15wd", "10d@24:00", "40wh", "50m"};
    for (size_t w = 0; w < sizeof(words) / sizeof(words[0]); w++) {
        struct duration duration;
        struct counted counted = {{0}, false};
        char what[40];
        int64_t sum = 0;
        MUST(duration_parse(text_of(words[w]), &duration, NULL) == ERR_OK);
        const struct count_options options = {.roll_next_working_day = true};
        const double since_ns = now_ns();
        for (long i = 0; i < ROUNDS; i++) {
            const struct wall_ms start = {.ms = INT64_C(1546272000000) + i * 157000};
            const enum err err = duration_after(calendar, start, duration, &options, &counted);
            sum += err == ERR_OK ? counted.at.ms : 0;
        }
        (void)snprintf(what, sizeof(what), "add %s", words[w]);
        report(what, since_ns, ROUNDS);
        MUST(sum > 0);
    }
}

static void bench_case(const struct rulebook *rulebook)
{
    struct arena lasting;
    struct arena passing;
    struct prng prng;
    struct life life;
    struct case_memory memory = {.id = TEXT_LITERAL("B")};
    struct buf buf;
    prng_seed(&prng, 1);
    live(&life, &prng, 1);
    arena_init(&lasting, 0);
    arena_init(&passing, 0);
    buf_init(&buf, 65536);
    for (size_t i = 0; i < life.event_count; i++)
        (void)memory_add_event(&memory, &lasting, &life.events[i], rulebook_newest(rulebook));
    double since_ns = now_ns();
    for (long i = 0; i < ROUNDS; i++) {
        const struct case_state *state = NULL;
        struct case_plan plan;
        arena_reset(&passing);
        const struct wall_ms now = life.events[1].time;
        MUST(case_fold(&memory, rulebook, now, &passing, &state) == ERR_OK);
        MUST(case_plan(state, &memory, rulebook, now, &passing, &plan) == ERR_OK);
    }
    report("fold and plan a case", since_ns, ROUNDS);
    since_ns = now_ns();
    for (long i = 0; i < ROUNDS; i++) {
        struct case_memory back;
        arena_reset(&passing);
        buf_clear(&buf);
        record_pack(&memory, &buf);
        MUST(record_unpack(buf_view(&buf), &passing, &back, NULL) == ERR_OK);
    }
    report("pack and unpack its record", since_ns, ROUNDS);
    printf("%-32s %8zu bytes\n", "its record", buf.bytes);
    buf_release(&buf);
    arena_release(&lasting);
    arena_release(&passing);
}

/* ---- many cases ---- */

static enum err count_line(void *context, struct text line)
{
    long *count = context;
    *count += line.bytes > 0;
    return ERR_OK;
}

static void bench_simulation(const struct rulebook *rulebook, long case_count)
{
    struct simulation *simulation = simulation_create(rulebook);
    struct prng prng;
    struct rusage usage;
    long lines = 0;
    MUST(simulation);
    prng_seed(&prng, 7);
    const double since_ns = now_ns();
    for (long i = 0; i < case_count; i++) {
        struct life life;
        live(&life, &prng, i);
        for (size_t e = 0; e < life.event_count; e++)
            MUST(simulation_add(simulation, &life.events[e]) == ERR_OK);
    }
    const struct wall_ms until = simulation_last_arrival(simulation);
    MUST(simulation_run(simulation, until, count_line, &lines) == ERR_OK);
    const double seconds = (now_ns() - since_ns) / 1e9;
    (void)getrusage(RUSAGE_SELF, &usage);
    printf(
        "%ld cases: %.1f s, %.0f cases a second, %ld lines, %.2f KiB a case\n", case_count, seconds,
        (double)case_count / seconds, lines, (double)usage.ru_maxrss / (double)case_count);
    simulation_free(simulation);
}

int main(int argc, char **argv)
{
    const long case_count = argc > 1 ? strtol(argv[1], NULL, 10) : 1000000;
    const struct bundle_files shipped = {0};
    struct report problems;
    report_init(&problems);
    struct bundle *bundle = bundle_load_files(&shipped, &problems);
    report_release(&problems);
    if (!bundle || case_count <= 0) {
        fprintf(stderr, "usage: bench_rules [cases]\n");
        return 2;
    }
    const struct policy *policies[] = {&bundle->policy};
    const struct rulebook rulebook = {.policies = policies, .policy_count = 1};
    bench_counting(bundle->policy.calendar);
    bench_case(&rulebook);
    bench_simulation(&rulebook, case_count);
    bundle_free(bundle);
    return 0;
}
