/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a preview of a new rule set over many open cases costs, against `nrt simulate` of the same
 * cases up to the same horizon: both are the built program, run one after the other on one ledger
 * and one file of events made here. Prints times, the ratio and the peak memory of each.
 * Usage: bench_preview NRT FOLDER [cases, default 1000000 [days, default 30]]. The folder is made
 * and stays; about 2 KB a case.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/must.h"
#include "base/prng.h"
#include "config/event_json.h"
#include "tests/support/ledger_maker.h"

#define CHUNK_CASES     10000
#define UNITS           24
#define EVENTS_PER_CASE 6
#define PATH_BYTES      512
#define NOW             "2019-05-20T10:00:00+08:00"
#define NOW_MS          INT64_C(1558317600000)
#define DAY_MS          INT64_C(86400000)
#define HOUR_MS         INT64_C(3600000)

struct bench {
    const char *nrt;
    const char *folder;
    int64_t case_count;
    int days;
    struct bundle *old_bundle;
    struct bundle *new_bundle;
    char paths[5][PATH_BYTES];
};
enum bench_path { PATH_OLD_RULES, PATH_NEW_RULES, PATH_EVENTS, PATH_CANDIDATE, PATH_DIRECTORY };

/* ---- cases ---- */

struct chunk {
    struct arena arena;
    struct made_event events[(size_t)CHUNK_CASES * EVENTS_PER_CASE];
    size_t count;
    int sequence; /* of the case in hand */
    FILE *file;
};

static void tell(
    struct chunk *chunk, int64_t number, const char *kind, int64_t at_ms, const char *data)
{
    char body[1024];
    char time[WALL_TEXT_BYTES];
    struct made_event *made = &chunk->events[chunk->count++];
    const int bytes = snprintf(
        body, sizeof(body),
        "{\"specversion\":\"1.0\",\"id\":\"B-2019-%07" PRId64 "-%d\",\"source\":\"/bench/oa\","
        "\"type\":\"case.%s\",\"subject\":\"B-2019-%07" PRId64 "\",\"time\":\"%s\","
        "\"datacontenttype\":\"application/json\",\"data\":{%s}}",
        number, ++chunk->sequence, kind, number, wall_format((struct wall_ms){at_ms}, 28800, time),
        data);
    MUST(bytes > 0 && (size_t)bytes < sizeof(body));
    made->body = arena_text(&chunk->arena, (struct text){body, (size_t)bytes});
    MUST(event_read(made->body, (struct wall_ms){-1}, &chunk->arena, &made->event, NULL) == ERR_OK);
    (void)fprintf(chunk->file, "%s\n", body);
}

/*
 * Received in the 14 days before now and not settled: 8 in 100 to the city government, 6 suspended
 * (half of them still), 4 extended, 5 handed to another unit.
 */
static void live(struct chunk *chunk, struct prng *prng, int64_t number)
{
    char data[512];
    const bool report = prng_below(prng, 100) < 8;
    char unit[16];
    int64_t at = NOW_MS - prng_range(prng, 2 * HOUR_MS, 14 * DAY_MS);
    chunk->sequence = 0;
    (void)snprintf(unit, sizeof(unit), report ? "gov" : "d%02d", 1 + (int)prng_below(prng, UNITS));
    (void)snprintf(
        data, sizeof(data),
        "\"title\":\"关于取水许可事项的函（%07" PRId64 "号）\",\"matter\":\"m21.4\",\"from_unit\":"
        "\"t13\",\"unit\":\"%s\",\"handler\":\"%s-h%d\",\"labels\":{%s}",
        number, unit, unit, 1 + (int)prng_below(prng, 3),
        report ? "\"kind\":\"request-report\",\"to\":\"city-government\"" : "");
    tell(chunk, number, "received", at, data);
    tell(chunk, number, "accepted", at += prng_range(prng, 1, HOUR_MS), "\"by\":\"d01-h1\"");
    const uint64_t fate = prng_below(prng, 100);
    if (fate < 5) {
        tell(
            chunk, number, "assigned", at + 1000,
            "\"unit\":\"d07\",\"handler\":\"d07-h2\",\"reason\":\"x\"");
    } else if (fate < 11) {
        tell(chunk, number, "suspended", at += HOUR_MS / 2, "\"reason\":\"听证\"");
        if (fate < 8 && at + 20 * HOUR_MS < NOW_MS) {
            tell(chunk, number, "resumed", at + 20 * HOUR_MS, "");
        }
    } else if (fate < 15) {
        tell(
            chunk, number, "extended", at + 1000,
            "\"by\":\"2wd\",\"approved_by\":\"d01-head\",\"reason\":\"情况复杂\"");
    }
}

static void show_progress(const char *what, int64_t done, int64_t total)
{
    if (isatty(STDERR_FILENO)) {
        (void)fprintf(
            stderr, "\r%s %" PRId64 " of %" PRId64 "%s", what, done, total,
            done >= total ? "\n" : "");
    }
}

static void make_cases(const struct bench *bench)
{
    struct ledger_maker maker;
    struct prng prng;
    struct chunk *chunk = calloc(1, sizeof(*chunk));
    MUST(chunk);
    prng_seed(&prng, 7);
    arena_init(&chunk->arena, 0);
    chunk->file = fopen(bench->paths[PATH_EVENTS], "w");
    MUST(chunk->file);
    ledger_maker_open(&maker, bench->folder, bench->old_bundle);
    for (int64_t number = 0; number < bench->case_count;) {
        arena_reset(&chunk->arena);
        chunk->count = 0;
        for (int i = 0; i < CHUNK_CASES && number < bench->case_count; i++) {
            live(chunk, &prng, number++);
        }
        ledger_maker_add(&maker, chunk->events, chunk->count, (struct wall_ms){NOW_MS});
        show_progress("made", number, bench->case_count);
    }
    ledger_maker_write_bundle(&maker, bench->new_bundle, bench->paths[PATH_CANDIDATE]);
    ledger_maker_close(&maker);
    MUST(fclose(chunk->file) == 0);
    arena_release(&chunk->arena);
    free(chunk);
}

/* In a process of its own: what is measured afterwards begins as big as the one it comes from. */
static void make_apart(const struct bench *bench)
{
    int status = 0;
    const pid_t pid = fork();
    MUST(pid >= 0);
    if (pid == 0) {
        make_cases(bench);
        _exit(0);
    }
    MUST(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* ---- configuration ---- */

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
static void make_directory(const struct bench *bench)
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
    MUST(file_write(bench->paths[PATH_DIRECTORY], buf_view(&all), 0600, NULL) == ERR_OK);
    buf_release(&units);
    buf_release(&people);
    buf_release(&all);
}

static struct bundle *load(const struct bench *bench, const char *rules)
{
    struct report report;
    const struct bundle_files files = {.rules = rules, .directory = bench->paths[PATH_DIRECTORY]};
    report_init(&report);
    struct bundle *bundle = bundle_load_files(&files, &report);
    if (!bundle && report.count > 0) {
        (void)fprintf(stderr, "bench_preview: %s\n", report.findings[0].message);
    }
    report_release(&report);
    MUST(bundle);
    return bundle;
}

/* The shipped rules, and the same with a limit of 3 working days for 5. */
static void make_configuration(struct bench *bench)
{
    make_directory(bench);
    bench->old_bundle = load(bench, NULL);
    const struct text json = bench->old_bundle->sources.rules[0].json;
    const char *at = strstr(json.ptr, "\"5wd\"");
    struct buf text;
    MUST(at);
    buf_init(&text, 1 << 20);
    buf_add(&text, json.ptr, (size_t)(at - json.ptr));
    buf_string(&text, "\"3wd\"");
    buf_string(&text, at + 5);
    MUST(file_write(bench->paths[PATH_OLD_RULES], json, 0600, NULL) == ERR_OK);
    MUST(file_write(bench->paths[PATH_NEW_RULES], buf_view(&text), 0600, NULL) == ERR_OK);
    buf_release(&text);
    bench->new_bundle = load(bench, bench->paths[PATH_NEW_RULES]);
}

/* ---- running ---- */

struct cost {
    double elapsed_s;
    double cpu_s;
    double peak_mb;
};

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

/* What the worker tells of its progress is shown; the rest is dropped but for the last line. */
static void follow(int fd, char *last, size_t last_bytes)
{
    FILE *file = fdopen(fd, "r");
    char *line = NULL;
    size_t capacity = 0;
    int64_t done = 0;
    int64_t total = 0;
    MUST(file);
    while (getline(&line, &capacity, file) > 0) {
        if (sscanf(
                line, "{\"type\":\"progress\",\"done\":%" SCNd64 ",\"total\":%" SCNd64, &done,
                &total) == 2) {
            show_progress("previewed", done, total);
        }
        (void)snprintf(last, last_bytes, "%s", line);
    }
    free(line);
    (void)fclose(file);
}

static struct cost run(char *const argv[], char *last, size_t last_bytes)
{
    int ends[2];
    int status = 0;
    struct rusage usage;
    MUST(pipe(ends) == 0);
    const double since = now_s();
    const pid_t pid = fork();
    MUST(pid >= 0);
    if (pid == 0) {
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)close(ends[0]);
        (void)close(ends[1]);
        (void)execv(argv[0], argv);
        _exit(127);
    }
    (void)close(ends[1]);
    follow(ends[0], last, last_bytes);
    MUST(wait4(pid, &status, 0, &usage) == pid);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        (void)fprintf(stderr, "bench_preview: %s %s failed\n", argv[0], argv[1]);
        exit(1);
    }
    return (struct cost){
        .elapsed_s = now_s() - since,
        .cpu_s = seconds(usage.ru_utime) + seconds(usage.ru_stime),
        .peak_mb = (double)usage.ru_maxrss / 1024.0,
    };
}

static void print_cost(const char *what, const struct cost *cost, int64_t case_count)
{
    printf(
        "%-10s %7.1f s, %7.1f s of processor, %6.1f us a case, %7.1f MB at most\n", what,
        cost->elapsed_s, cost->cpu_s, cost->elapsed_s * 1e6 / (double)case_count, cost->peak_mb);
}

static void measure(const struct bench *bench)
{
    char last[65536] = "";
    char until[WALL_TEXT_BYTES];
    char days[16];
    char now[32];
    char items[PATH_BYTES];
    (void)wall_format((struct wall_ms){NOW_MS + bench->days * DAY_MS}, 28800, until);
    (void)snprintf(days, sizeof(days), "%d", bench->days);
    (void)snprintf(now, sizeof(now), "%" PRId64, NOW_MS);
    (void)snprintf(items, sizeof(items), "%s/items.ndjson", bench->folder);
    const char *const simulate[] = {bench->nrt, "simulate",
                                    "--rules",  bench->paths[PATH_OLD_RULES],
                                    "--events", bench->paths[PATH_EVENTS],
                                    "--until",  until,
                                    NULL};
    const char *const preview[] = {bench->nrt,
                                   "worker",
                                   "preview",
                                   "--data",
                                   bench->folder,
                                   "--bundle",
                                   bench->paths[PATH_CANDIDATE],
                                   "--now",
                                   now,
                                   "--days",
                                   days,
                                   "--replan",
                                   "yes",
                                   "--items",
                                   items,
                                   NULL};
    /* execv takes pointers to char that it does not write to */
    const struct cost simulated = run((char *const *)(uintptr_t)simulate, last, sizeof(last));
    print_cost("simulate", &simulated, bench->case_count);
    const struct cost previewed = run((char *const *)(uintptr_t)preview, last, sizeof(last));
    print_cost("preview", &previewed, bench->case_count);
    printf("%.300s\n", last);
    printf(
        "preview of %" PRId64 " open cases over %d days: %.2f times simulate (%.2f in processor "
        "time; at most 3 is promised)\n",
        bench->case_count, bench->days, previewed.elapsed_s / simulated.elapsed_s,
        previewed.cpu_s / simulated.cpu_s);
}

int main(int argc, char **argv)
{
    static const char *const names[] = {
        "rules-old.json", "rules-new.json", "events.ndjson", "candidate.json", "directory.json"};
    struct bench bench = {
        .nrt = argc > 1 ? argv[1] : NULL,
        .folder = argc > 2 ? argv[2] : NULL,
        .case_count = argc > 3 ? strtoll(argv[3], NULL, 10) : 1000000,
        .days = argc > 4 ? (int)strtol(argv[4], NULL, 10) : 30,
    };
    if (argc < 3 || bench.case_count < 1 || bench.days < 1 ||
        (mkdir(bench.folder, 0700) != 0 && errno != EEXIST)) {
        (void)fprintf(stderr, "usage: bench_preview NRT FOLDER [CASES [DAYS]]\n");
        return 2;
    }
    for (int i = 0; i < 5; i++) {
        (void)snprintf(bench.paths[i], PATH_BYTES, "%s/%s", bench.folder, names[i]);
    }
    make_configuration(&bench);
    make_apart(&bench);
    measure(&bench);
    bundle_free(bench.old_bundle);
    bundle_free(bench.new_bundle);
    return 0;
}
