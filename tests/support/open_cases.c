/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cases made from one seed.
 */
#include "tests/support/open_cases.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/must.h"
#include "config/event_json.h"

#define UNITS   24
#define DAY_MS  INT64_C(86400000)
#define HOUR_MS INT64_C(3600000)

void open_cases_init(struct open_cases *cases, FILE *file, size_t chunk_cases)
{
    *cases = (struct open_cases){.capacity = chunk_cases * OPEN_CASE_EVENTS, .file = file};
    cases->events = calloc(cases->capacity, sizeof(*cases->events));
    MUST(cases->events && file);
    arena_init(&cases->arena, 0);
    prng_seed(&cases->prng, 7);
}

void open_cases_release(struct open_cases *cases)
{
    arena_release(&cases->arena);
    free(cases->events);
}

/* ---- cases ---- */

static void tell(struct open_cases *cases, const char *kind, int64_t at_ms, const char *data)
{
    char body[1024];
    char time[WALL_TEXT_BYTES];
    struct made_event *made = &cases->events[cases->count++];
    const int bytes = snprintf(
        body, sizeof(body),
        "{\"specversion\":\"1.0\",\"id\":\"B-2019-%07" PRId64 "-%d\",\"source\":\"/bench/oa\","
        "\"type\":\"case.%s\",\"subject\":\"B-2019-%07" PRId64 "\",\"time\":\"%s\","
        "\"datacontenttype\":\"application/json\",\"data\":{%s}}",
        cases->number, ++cases->sequence, kind, cases->number,
        wall_format((struct wall_ms){at_ms}, 28800, time), data);
    MUST(bytes > 0 && (size_t)bytes < sizeof(body));
    made->body = arena_text(&cases->arena, (struct text){body, (size_t)bytes});
    MUST(event_read(made->body, (struct wall_ms){-1}, &cases->arena, &made->event, NULL) == ERR_OK);
    MUST(fprintf(cases->file, "%s\n", body) == bytes + 1);
}

/*
 * Received in the 14 days before now and not settled: 8 in 100 to the city government, 6 suspended
 * (half of them still), 4 extended, 5 handed to another unit.
 */
static void live(struct open_cases *cases)
{
    struct prng *prng = &cases->prng;
    char data[512];
    const bool report = prng_below(prng, 100) < 8;
    char unit[16];
    int64_t at = OPEN_CASES_NOW_MS - prng_range(prng, 2 * HOUR_MS, 14 * DAY_MS);
    cases->sequence = 0;
    (void)snprintf(unit, sizeof(unit), report ? "gov" : "d%02d", 1 + (int)prng_below(prng, UNITS));
    (void)snprintf(
        data, sizeof(data),
        "\"title\":\"关于取水许可事项的函（%07" PRId64 "号）\",\"matter\":\"m21.4\",\"from_unit\":"
        "\"t13\",\"unit\":\"%s\",\"handler\":\"%s-h%d\",\"labels\":{%s}",
        cases->number, unit, unit, 1 + (int)prng_below(prng, 3),
        report ? "\"kind\":\"request-report\",\"to\":\"city-government\"" : "");
    tell(cases, "received", at, data);
    tell(cases, "accepted", at += prng_range(prng, 1, HOUR_MS), "\"by\":\"d01-h1\"");
    const uint64_t fate = prng_below(prng, 100);
    if (fate < 5) {
        tell(
            cases, "assigned", at + 1000,
            "\"unit\":\"d07\",\"handler\":\"d07-h2\",\"reason\":\"x\"");
    } else if (fate < 11) {
        tell(cases, "suspended", at += HOUR_MS / 2, "\"reason\":\"听证\"");
        if (fate < 8 && at + 20 * HOUR_MS < OPEN_CASES_NOW_MS) {
            tell(cases, "resumed", at + 20 * HOUR_MS, "");
        }
    } else if (fate < 15) {
        tell(
            cases, "extended", at + 1000,
            "\"by\":\"2wd\",\"approved_by\":\"d01-head\",\"reason\":\"情况复杂\"");
    }
}

void open_cases_next(struct open_cases *cases, size_t case_count)
{
    MUST(case_count * OPEN_CASE_EVENTS <= cases->capacity);
    arena_reset(&cases->arena);
    cases->count = 0;
    for (size_t i = 0; i < case_count; i++) {
        live(cases);
        cases->number++;
    }
}

/* ---- their directory ---- */

static void put_unit(struct buf *units, struct buf *people, const char *id)
{
    static const char *const posts[] = {"head", "h1", "h2", "h3"};
    buf_format(
        units,
        "%s{\"id\":\"%s\",\"name\":\"%s\",%s\"head\":\"%s-head\",\"handlers\":[\"%s-h1\","
        "\"%s-h2\",\"%s-h3\"]}",
        units->bytes > 0 ? "," : "", id, id, strcmp(id, "gov") == 0 ? "" : "\"parent\":\"gov\",",
        id, id, id, id);
    for (size_t i = 0; i < sizeof(posts) / sizeof(posts[0]); i++) {
        buf_format(
            people, "%s{\"id\":\"%s-%s\",\"name\":\"%s\",\"unit\":\"%s\"}",
            people->bytes > 0 ? "," : "", id, posts[i], posts[i], id);
    }
}

/* A government and its units, each with a head and three handlers. */
void open_cases_write_directory(const char *path)
{
    struct buf units;
    struct buf people;
    struct buf all;
    buf_init(&units, 1 << 20);
    buf_init(&people, 1 << 20);
    buf_init(&all, 1 << 20);
    put_unit(&units, &people, "gov");
    for (int i = 1; i <= UNITS; i++) {
        char id[16];
        (void)snprintf(id, sizeof(id), "d%02d", i % 100);
        put_unit(&units, &people, id);
    }
    buf_format(&all, "{\"units\":[%s],\"people\":[%s]}", units.ptr, people.ptr);
    MUST(file_write(path, buf_view(&all), 0600, NULL) == ERR_OK);
    buf_release(&units);
    buf_release(&people);
    buf_release(&all);
}

/* ---- what a child costs ---- */

static double seconds(struct timeval at)
{
    return (double)at.tv_sec + (double)at.tv_usec / 1e6;
}

static double now_s(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void hand_over(int fd, child_line_fn *take, void *context)
{
    FILE *file = fdopen(fd, "r");
    char *line = NULL;
    size_t capacity = 0;
    MUST(file);
    while (getline(&line, &capacity, file) > 0) {
        take(context, line);
    }
    free(line);
    (void)fclose(file);
}

bool child_measure(
    const char *const *argv, child_line_fn *take, void *context, struct child_cost *ret_cost)
{
    int ends[2];
    int status = 0;
    struct rusage usage;
    MUST(pipe(ends) == 0);
    (void)fflush(stdout);
    const double since = now_s();
    const pid_t pid = fork();
    MUST(pid >= 0);
    if (pid == 0) {
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)close(ends[0]);
        (void)close(ends[1]);
        /* execv does not write to them, though its type says it may */
        (void)execv(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    (void)close(ends[1]);
    hand_over(ends[0], take, context);
    MUST(wait4(pid, &status, 0, &usage) == pid);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        (void)fprintf(stderr, "%s %s failed\n", argv[0], argv[1]);
        return false;
    }
    *ret_cost = (struct child_cost){
        .elapsed_s = now_s() - since,
        .cpu_s = seconds(usage.ru_utime) + seconds(usage.ru_stime),
        .peak_mb = (double)usage.ru_maxrss / 1024.0,
    };
    return true;
}
