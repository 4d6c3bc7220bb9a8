/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Adding working days, against numpy's busday_offset on the same dates with the same holidays in
 * the same run; every result is compared. numpy knows no make-up days, so the national calendar
 * is taken without them; its own speed with them, and that of a whole due in office hours, are
 * printed beside it. Usage: bench_calendar [additions] [path of busday_offset.py]
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/must.h"
#include "base/prng.h"
#include "config/policy.h"
#include "rules/calendar_count.h"
#include "rules/duration.h"

#define ADDITIONS  5000000L
#define AMOUNT_MAX 250
#define ROUNDS     5
#define PYTHON     "/usr/bin/python3" /* Debian's own, with Debian's numpy */
#define SCRIPT     "bench/busday_offset.py"
#define SEED       20260213

extern char **environ;

struct batch {
    size_t count;
    int32_t *days;
    int32_t *amounts; /* negative: backwards; never 0 */
    int32_t *results;
};

static double now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void batch_make(struct batch *batch, size_t count)
{
    struct prng prng;
    const struct civil_day first = civil_day_of((struct civil_date){2018, 1, 1});
    const struct civil_day last = civil_day_of((struct civil_date){2025, 12, 31});
    prng_seed(&prng, SEED);
    *batch = (struct batch){
        .count = count,
        .days = calloc(count, sizeof(int32_t)),
        .amounts = calloc(count, sizeof(int32_t)),
        .results = calloc(count, sizeof(int32_t)),
    };
    MUST(batch->days && batch->amounts && batch->results);
    for (size_t i = 0; i < count; i++) {
        const int64_t amount = prng_range(&prng, 1, AMOUNT_MAX);
        batch->days[i] = (int32_t)prng_range(&prng, first.number, last.number);
        batch->amounts[i] = (int32_t)(prng_below(&prng, 2) ? amount : -amount);
    }
}

static void batch_release(struct batch *batch)
{
    free(batch->days);
    free(batch->amounts);
    free(batch->results);
}

/* Nanoseconds an addition, of the best round. */
static double add_all(const struct calendar *calendar, struct batch *batch)
{
    double best_ns = 1e18;
    for (int round = 0; round < ROUNDS; round++) {
        const double since_ns = now_ns();
        for (size_t i = 0; i < batch->count; i++) {
            struct civil_day found = {0};
            const struct civil_day day = {.number = batch->days[i]};
            const int32_t amount = batch->amounts[i];
            const bool there = amount > 0 ? calendar_working_after(calendar, day, amount, &found)
                                          : calendar_working_before(calendar, day, -amount, &found);
            batch->results[i] = there ? found.number : 0;
        }
        const double ns = (now_ns() - since_ns) / (double)batch->count;
        best_ns = ns < best_ns ? ns : best_ns;
    }
    return best_ns;
}

/* A whole due: from an instant, counting working days, to an instant at close of office. */
static double add_dues(const struct calendar *calendar, const struct batch *batch)
{
    static const struct count_options options = {.roll_next_working_day = true};
    struct duration duration;
    struct counted counted;
    int64_t sum = 0;
    MUST(duration_parse(TEXT_LITERAL("5wd"), &duration, NULL) == ERR_OK);
    const double since_ns = now_ns();
    for (size_t i = 0; i < batch->count; i++) {
        const struct wall_ms start = {.ms = (int64_t)batch->days[i] * 86400000 + 7200000};
        duration.amount = batch->amounts[i] > 0 ? batch->amounts[i] : -batch->amounts[i];
        MUST(duration_after(calendar, start, duration, &options, &counted) == ERR_OK);
        sum += counted.at.ms;
    }
    MUST(sum > 0);
    return (now_ns() - since_ns) / (double)batch->count;
}

static void write_numbers(
    const char *folder, const char *name, const int32_t *numbers, size_t count)
{
    char path[512];
    struct err_why why = {0};
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    const struct text bytes = {(const char *)numbers, count * sizeof(int32_t)};
    MUST(file_write(path, bytes, 0600, &why) == ERR_OK);
}

static void remove_all(const char *folder)
{
    static const char *const names[] = {"holidays", "days", "amounts", "results"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[512];
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(folder);
}

/* The script's exit code. */
static int run_numpy(const char *script, const char *folder, double our_ns)
{
    char number[32];
    pid_t pid = 0;
    int status = 0;
    (void)snprintf(number, sizeof number, "%.3f", our_ns);
    const char *words[] = {PYTHON, script, folder, number, NULL};
    char *argv[5] = {NULL};
    for (size_t i = 0; words[i]; i++) {
        argv[i] = text_copy(text_of(words[i]));
        MUST(argv[i]);
    }
    (void)fflush(stdout);
    const int failed = posix_spawn(&pid, PYTHON, NULL, NULL, argv, environ);
    for (size_t i = 0; argv[i]; i++) {
        free(argv[i]);
    }
    if (failed || waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) {
        return 1;
    }
    return WEXITSTATUS(status);
}

static int compare(const char *script, const struct calendar_spec *spec, struct batch *batch)
{
    char folder[] = "/tmp/nrt-bench-XXXXXX";
    struct arena arena;
    arena_init(&arena, 0);
    const struct calendar *calendar = calendar_build(spec, &arena);
    int32_t *holidays = arena_array(&arena, spec->holiday_count + 1, sizeof(int32_t));
    MUST(calendar && holidays && mkdtemp(folder));
    for (size_t i = 0; i < spec->holiday_count; i++) {
        holidays[i] = spec->holidays[i].number;
    }
    const double our_ns = add_all(calendar, batch);
    printf("%-40s %8.1f ns\n", "add working days", our_ns);
    write_numbers(folder, "holidays", holidays, spec->holiday_count);
    write_numbers(folder, "days", batch->days, batch->count);
    write_numbers(folder, "amounts", batch->amounts, batch->count);
    write_numbers(folder, "results", batch->results, batch->count);
    const int code = run_numpy(script, folder, our_ns);
    remove_all(folder);
    arena_release(&arena);
    return code;
}

int main(int argc, char **argv)
{
    const long count = argc > 1 ? strtol(argv[1], NULL, 10) : ADDITIONS;
    const struct bundle_files shipped = {0};
    struct report problems;
    struct batch batch;
    report_init(&problems);
    struct bundle *bundle = bundle_load_files(&shipped, &problems);
    report_release(&problems);
    if (!bundle || count <= 0) {
        fprintf(stderr, "usage: bench_calendar [additions] [path of busday_offset.py]\n");
        return 2;
    }
    batch_make(&batch, (size_t)count);
    const struct calendar *national = bundle->policy.calendar;
    printf("%-40s %8.1f ns\n", "add working days, make-up days too", add_all(national, &batch));
    printf("%-40s %8.1f ns\n", "a whole due", add_dues(national, &batch));
    struct calendar_spec without = *calendar_spec_of(national);
    without.workday_count = 0;
    without.closure_count = 0;
    const int code = compare(argc > 2 ? argv[2] : SCRIPT, &without, &batch);
    batch_release(&batch);
    bundle_free(bundle);
    return code;
}
