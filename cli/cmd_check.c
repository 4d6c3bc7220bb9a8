/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nrt check, nrt rules lint: read a configuration folder as strictly as the service does, look
 * for what would go wrong with it, and list every mistake. Needs nothing running; secrets that
 * this machine does not have are warnings here.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/embed.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "config/lint.h"
#include "config/policy.h"

#define OUTPUT_BYTES_MAX ((size_t)4 << 20)

/* What was looked at; all 0 when something could not be read. */
struct looked_at {
    size_t own_files; /* that differ from what is compiled in; nrt.json not counted */
    size_t clocks;
    size_t units;
    size_t people;
};

/* Not just as compiled in. */
static bool is_own(const struct bundle_source *source)
{
    for (size_t i = 0; i < nrt_embedded_config_count; i++) {
        const struct embedded_file *file = &nrt_embedded_config[i];
        const struct text text = {(const char *)file->bytes, file->byte_count};
        if (text_equal(text, source->json)) {
            return false;
        }
    }
    return source->json.bytes > 0;
}

static size_t count_own(const struct bundle_source *sources, size_t count)
{
    size_t own = 0;
    for (size_t i = 0; i < count; i++) {
        own += is_own(&sources[i]) ? 1 : 0;
    }
    return own;
}

static struct looked_at look(const struct bundle *bundle)
{
    const struct bundle_sources *sources = &bundle->sources;
    struct looked_at at = {
        .own_files = count_own(&sources->calendar, 1) + count_own(&sources->directory, 1) +
                     count_own(&sources->matters, 1) +
                     count_own(sources->rules, sources->rule_count) +
                     count_own(sources->templates, sources->template_count),
    };
    for (size_t s = 0; s < bundle->policy.set_count; s++) {
        at.clocks += bundle->policy.sets[s].clock_count;
    }
    (void)directory_units(bundle->policy.directory, &at.units);
    (void)directory_people(bundle->policy.directory, &at.people);
    return at;
}

struct checking {
    const char *folder;
    bool has_today; /* else as the calendar has it now */
    struct civil_day today;
    struct report report;
    struct looked_at looked_at;
};

static void check_folder(struct checking *checking)
{
    struct arena arena;
    struct settings settings;
    arena_init(&arena, 0);
    settings_defaults(&settings);
    (void)settings_check(checking->folder, &arena, &settings, &checking->report);
    struct bundle *bundle = bundle_load_folder(checking->folder, &settings, &checking->report);
    if (bundle) {
        const struct civil_day today =
            checking->has_today ? checking->today
                                : calendar_local_day(bundle->policy.calendar, clock_system());
        if (checking->report.error_count == 0) { /* those of the settings count, too */
            checking->looked_at = look(bundle);
            bundle_lint(bundle, &settings, today, &checking->report);
        }
        bundle_free(bundle);
    }
    arena_release(&arena);
}

static const char *plural(size_t count, const char *one, const char *many)
{
    return count == 1 ? one : many;
}

static void print_looked_at(const struct looked_at *at, struct buf *buf)
{
    if (at->clocks > 0) {
        buf_format(
            buf, "%zu own %s, %zu %s, %zu %s, %zu %s: ", at->own_files,
            plural(at->own_files, "file", "files"), at->clocks,
            plural(at->clocks, "clock", "clocks"), at->units, plural(at->units, "unit", "units"),
            at->people, plural(at->people, "person", "people"));
    }
}

static int print_report(const char *command, const struct checking *checking, bool json)
{
    const struct report *report = &checking->report;
    struct buf buf;
    buf_init(&buf, OUTPUT_BYTES_MAX);
    if (json) {
        report_print_json(report, &buf);
    } else {
        report_print(report, &buf);
        print_looked_at(&checking->looked_at, &buf);
        buf_format(
            &buf, "%zu %s, %zu %s\n", report->error_count,
            plural(report->error_count, "error", "errors"), report->warning_count,
            plural(report->warning_count, "warning", "warnings"));
    }
    const bool wrote = buf_error(&buf) == ERR_OK &&
                       fwrite(buf.ptr, 1, buf.bytes, stdout) == buf.bytes && fflush(stdout) == 0;
    buf_release(&buf);
    if (!wrote) {
        return args_fail(EXIT_FOUND, command, "cannot write the result");
    }
    return report->error_count > 0 ? EXIT_FOUND : EXIT_FINE;
}

int cmd_check(int argc, char **argv)
{
    struct checking checking = {0};
    const char *today = NULL;
    bool json = false;
    const struct arg args[] = {
        {.name = "--config", .text = &checking.folder},
        {.name = "--today", .text = &today},
        {.name = "--json", .flag = &json},
    };
    int code = args_read(argc, argv, args, sizeof args / sizeof args[0]);
    if (code != EXIT_FINE) {
        return code;
    }
    checking.has_today = today != NULL;
    if (today && civil_parse(text_of(today), &checking.today) != ERR_OK) {
        return args_misuse(argv[0], "\"%s\" is no date such as 2026-10-01", today);
    }
    report_init(&checking.report);
    check_folder(&checking);
    code = print_report(argv[0], &checking, json);
    report_release(&checking.report);
    return code;
}
