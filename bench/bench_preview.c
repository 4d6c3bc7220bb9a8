/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a preview of a new rule set over many open cases costs, against `nrt simulate` of the same
 * cases up to the same horizon: both are the built program, run one after the other on one ledger
 * and one file of events made here. Prints times, the ratio and the peak memory of each.
 * Usage: bench_preview NRT FOLDER [cases, default 1000000 [days, default 30]]. The folder is made
 * and stays; about 2 KB a case.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/must.h"
#include "tests/support/open_cases.h"

#define CHUNK_CASES 10000
#define PATH_BYTES  512
#define DAY_MS      INT64_C(86400000)

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
    struct open_cases cases;
    FILE *file = fopen(bench->paths[PATH_EVENTS], "w");
    open_cases_init(&cases, file, CHUNK_CASES);
    ledger_maker_open(&maker, bench->folder, bench->old_bundle);
    while (cases.number < bench->case_count) {
        const int64_t left = bench->case_count - cases.number;
        open_cases_next(&cases, left < CHUNK_CASES ? (size_t)left : CHUNK_CASES);
        ledger_maker_add(&maker, cases.events, cases.count, (struct wall_ms){OPEN_CASES_NOW_MS});
        show_progress("made", cases.number, bench->case_count);
    }
    ledger_maker_write_bundle(&maker, bench->new_bundle, bench->paths[PATH_CANDIDATE]);
    ledger_maker_close(&maker);
    open_cases_release(&cases);
    MUST(fclose(file) == 0);
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
    open_cases_write_directory(bench->paths[PATH_DIRECTORY]);
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

struct told {
    char last[65536];
};

/* What the worker tells of its progress is shown; the rest is dropped but for the last line. */
static void take_line(void *context, const char *line)
{
    struct told *told = context;
    int64_t done = 0;
    int64_t total = 0;
    if (sscanf(
            line, "{\"type\":\"progress\",\"done\":%" SCNd64 ",\"total\":%" SCNd64, &done,
            &total) == 2) {
        show_progress("previewed", done, total);
    }
    (void)snprintf(told->last, sizeof(told->last), "%s", line);
}

static void print_cost(const char *what, const struct child_cost *cost, int64_t case_count)
{
    printf(
        "%-10s %7.1f s, %7.1f s of processor, %6.1f us a case, %7.1f MB at most\n", what,
        cost->elapsed_s, cost->cpu_s, cost->elapsed_s * 1e6 / (double)case_count, cost->peak_mb);
}

static void measure(const struct bench *bench)
{
    static struct told told;
    struct child_cost simulated;
    struct child_cost previewed;
    char until[WALL_TEXT_BYTES];
    char days[16];
    char now[32];
    char items[PATH_BYTES];
    (void)wall_format((struct wall_ms){OPEN_CASES_NOW_MS + bench->days * DAY_MS}, 28800, until);
    (void)snprintf(days, sizeof(days), "%d", bench->days);
    (void)snprintf(now, sizeof(now), "%" PRId64, OPEN_CASES_NOW_MS);
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
    if (!child_measure(simulate, take_line, &told, &simulated) ||
        !child_measure(preview, take_line, &told, &previewed)) {
        exit(1);
    }
    print_cost("simulate", &simulated, bench->case_count);
    print_cost("preview", &previewed, bench->case_count);
    printf("%.300s\n", told.last);
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
