/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an export of the overdue list costs: a ledger of that many overdue cases of ten units,
 * written as a workbook and as CSV, with the time it took and the most memory the process held
 * before and after. Usage: bench_xlsx FOLDER [cases, default 100000 [unit, default all]]. The
 * folder must be there; the ledger in it is made when it is not, and stays.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/must.h"
#include "console/export.h"
#include "console/ledger_figures.h"
#include "console/ledger_reader.h"

#define CASES_PER_ENTRY 500
#define UNITS           10

static double now_s(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double peak_mib(void)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

static void put_case(struct buf *facts, int64_t number)
{
    buf_format(
        facts,
        "%s{\"k\":\"case\",\"id\":\"DY-%07" PRId64 "\",\"title\":\"关于第%" PRId64
        "件取水许可事项的函\",\"matter\":\"m21.4\",\"unit\":\"d%02" PRId64
        "\",\"handler\":\"d17-h2\",\"from_unit\":\"t13\",\"number\":\"东政函〔2019〕%" PRId64
        "号\",\"labels\":{},\"state\":\"open\",\"light\":\"red\",\"created\":1554000000000,"
        "\"updated\":%" PRId64 ",\"fault\":false,\"runs\":[{\"clock\":\"reply\",\"run\":1,"
        "\"family\":\"reply\",\"title\":\"限时答复\",\"start\":1554000000000,\"due\":%" PRId64
        ",\"provisional\":false,\"outcome\":\"missed\",\"stopped\":null,\"light\":\"red\",\"unit\":"
        "\"d%02" PRId64 "\",\"handler\":\"d17-h2\",\"rules\":1,\"waived\":false}]}",
        facts->bytes > 1 ? "," : "", number, number, number % UNITS, number % 900,
        1554000000000 + number, 1554600000000 + number * 1000, number % UNITS);
}

static void fill(struct ledger *ledger, int64_t rows)
{
    for (int64_t first = 0; first < rows; first += CASES_PER_ENTRY) {
        struct buf facts;
        char position[32];
        buf_init(&facts, (size_t)16 << 20);
        buf_char(&facts, '[');
        for (int64_t i = first; i < first + CASES_PER_ENTRY && i < rows; i++) {
            put_case(&facts, i);
        }
        buf_char(&facts, ']');
        (void)snprintf(position, sizeof(position), "%" PRId64 "-0", first + 1);
        const struct journal_entry entry = {
            .partition = 0, .position = text_of(position), .facts = buf_view(&facts)};
        MUST(ledger_apply(ledger, &entry, 1, NULL) == ERR_OK);
        buf_release(&facts);
    }
}

/* One export, with what it cost. */
static void measure(
    const struct view *view,
    const char *folder,
    const struct http_head *head,
    enum sheet_format format)
{
    char path[600];
    struct stat at;
    struct arena arena;
    struct err_why why = {0};
    struct export_progress progress = {0};
    (void)snprintf(path, sizeof(path), "%s/export.%s", folder, sheet_format_name(format));
    const struct export_wish wish = {
        .what = EXPORT_OVERDUE,
        .format = format,
        .head = head,
        .path = path,
        .temp_folder = folder,
        .progress = &progress,
    };
    arena_init(&arena, 0);
    const double before_mib = peak_mib();
    const double start = now_s();
    MUST(export_write(view, &wish, &arena, &why) == ERR_OK);
    const double seconds = now_s() - start;
    MUST(stat(path, &at) == 0);
    printf(
        "%-4s %" PRId64 " rows: %.2f s, %.1f MiB of file, peak memory %.1f MiB before and %.1f MiB "
        "after\n",
        sheet_format_name(format), (int64_t)progress.done, seconds,
        (double)at.st_size / 1024 / 1024, before_mib, peak_mib());
    (void)fflush(stdout);
    arena_release(&arena);
    (void)unlink(path);
}

int main(int argc, char **argv)
{
    const int64_t rows = argc > 2 ? strtoll(argv[2], NULL, 10) : 100000;
    const struct actor actor = {.kind = ACTOR_SERVICE, .name = "bench", .scope = {.all = true}};
    char path[600];
    struct stat at;
    struct settings settings;
    struct report report;
    struct err_why why = {0};
    MUST(argc > 1 && rows > 0);
    report_init(&report);
    struct bundle *bundle = bundle_load_folder(NULL, NULL, &report);
    report_release(&report);
    MUST(bundle);
    settings_defaults(&settings);
    (void)snprintf(path, sizeof(path), "%s/ledger-%" PRId64 ".db", argv[1], rows);
    struct ledger *ledger = NULL;
    const bool there = stat(path, &at) == 0;
    MUST(ledger_open(path, &ledger, &why) == ERR_OK);
    if (!there) {
        fill(ledger, rows);
    }
    ledger_close(ledger);
    MUST(ledger_open_reader(path, &ledger, &why) == ERR_OK);
    const struct view view = {
        .ledger = ledger,
        .bundle = bundle,
        .settings = &settings,
        .now = {.ms = 1567000000000},
        .actor = &actor,
        .data_folder = argv[1],
    };
    struct http_head head = {.param_count = argc > 3 ? 1 : 0};
    head.params[0].name = TEXT_LITERAL("unit");
    head.params[0].value = text_of(argc > 3 ? argv[3] : "");
    measure(&view, argv[1], &head, SHEET_CSV);
    measure(&view, argv[1], &head, SHEET_XLSX);
    ledger_close(ledger);
    bundle_free(bundle);
    return 0;
}
