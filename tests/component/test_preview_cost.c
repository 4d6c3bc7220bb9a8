/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nrt-test: plain
 *
 * A preview of a new rule set costs at most three times what `nrt simulate` takes for the same
 * cases, and no more memory the more cases there are. The bench says it of a million cases; here
 * it is a few thousand, processor time, the best of three if need be.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/must.h"
#include "tests/support/check.h"
#include "tests/support/open_cases.h"

#define CASES     2000
#define CHUNK     500
#define TRIES     3
#define RATIO_MAX 3.0
#define GROWTH_MB 8.0

static char folder[256];

static const char *const names[] = {"ledger.db",     "ledger.db-wal",  "ledger.db-shm",
                                    "seal.key",      "candidate.json", "items.ndjson",
                                    "events.ndjson", "directory.json"};
enum file { FILE_CANDIDATE = 4, FILE_ITEMS, FILE_EVENTS, FILE_DIRECTORY };

static const char *in_folder(enum file file)
{
    static char paths[sizeof(names) / sizeof(names[0])][512];
    (void)snprintf(paths[file], sizeof(paths[file]), "%s/%s", folder, names[file]);
    return paths[file];
}

static void fill_folder(int64_t case_count)
{
    struct ledger_maker maker;
    struct open_cases cases;
    struct report report;
    const struct bundle_files files = {.directory = in_folder(FILE_DIRECTORY)};
    FILE *file = fopen(in_folder(FILE_EVENTS), "we");
    open_cases_write_directory(in_folder(FILE_DIRECTORY));
    report_init(&report);
    struct bundle *bundle = bundle_load_files(&files, &report);
    report_release(&report);
    MUST(bundle && file);
    open_cases_init(&cases, file, CHUNK);
    ledger_maker_open(&maker, folder, bundle);
    while (cases.number < case_count) {
        open_cases_next(&cases, CHUNK);
        ledger_maker_add(&maker, cases.events, cases.count, (struct wall_ms){OPEN_CASES_NOW_MS});
    }
    ledger_maker_write_bundle(&maker, bundle, in_folder(FILE_CANDIDATE));
    ledger_maker_close(&maker);
    open_cases_release(&cases);
    bundle_free(bundle);
    MUST(fclose(file) == 0);
}

/* In a process of its own: a child's peak is at least what its parent held when it was started. */
static void make_cases(int64_t case_count)
{
    int status = 0;
    (void)fflush(stdout);
    const pid_t pid = fork();
    if (pid == 0) {
        fill_folder(case_count);
        _exit(0);
    }
    CHECK(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0);
}

static void remove_files(void)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void)unlink(in_folder((enum file)i));
    }
}

static void drop_line(void *context, const char *line)
{
    (void)context;
    (void)line;
}

static struct child_cost simulate(void)
{
    const char *const argv[] = {
        getenv("NRT_BIN"),
        "simulate",
        "--directory",
        in_folder(FILE_DIRECTORY),
        "--events",
        in_folder(FILE_EVENTS),
        "--until",
        "2019-06-19T10:00:00+08:00",
        NULL};
    struct child_cost cost = {0};
    CHECK(child_measure(argv, drop_line, NULL, &cost));
    return cost;
}

static struct child_cost preview(void)
{
    const char *const argv[] = {
        getenv("NRT_BIN"),
        "worker",
        "preview",
        "--data",
        folder,
        "--bundle",
        in_folder(FILE_CANDIDATE),
        "--now",
        "1558317600000",
        "--days",
        "30",
        "--replan",
        "yes",
        "--items",
        in_folder(FILE_ITEMS),
        NULL};
    struct child_cost cost = {0};
    CHECK(child_measure(argv, drop_line, NULL, &cost));
    return cost;
}

static void a_preview_costs_at_most_three_simulations(void)
{
    double best = 1000.0;
    make_cases(CASES);
    for (int i = 0; i < TRIES && best > RATIO_MAX; i++) {
        const double simulated_s = simulate().cpu_s;
        const double ratio = preview().cpu_s / simulated_s;
        best = ratio < best ? ratio : best;
    }
    printf("preview of %d cases: %.2f times simulate\n", CASES, best);
    check_note("%.2f times", best);
    CHECK(best <= RATIO_MAX);
    remove_files();
}

static void its_memory_does_not_grow_with_the_cases(void)
{
    make_cases(CHUNK);
    const struct child_cost few = preview();
    remove_files();
    make_cases(4 * CASES);
    const struct child_cost many = preview();
    remove_files();
    printf(
        "memory at most %.1f MB for %d cases, %.1f MB for %d\n", few.peak_mb, CHUNK, many.peak_mb,
        4 * CASES);
    CHECK(many.peak_mb - few.peak_mb < GROWTH_MB);
}

int main(int argc, char **argv)
{
    const char *tmp = getenv("TMPDIR");
    check_filter(argc > 1 ? argv[1] : NULL);
    (void)snprintf(folder, sizeof(folder), "%s/cost-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(folder)) {
        return 2;
    }
    CHECK_RUN(a_preview_costs_at_most_three_simulations);
    CHECK_RUN(its_memory_does_not_grow_with_the_cases);
    (void)rmdir(folder);
    return check_done();
}
