/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nrt check: read a configuration folder as strictly as the service does and list every mistake.
 * Needs nothing running; secrets that this machine does not have are warnings here.
 */
#include <stdio.h>

#include "cli/args.h"
#include "cli/commands.h"
#include "config/policy.h"

#define COMMAND "check"

#define OUTPUT_BYTES_MAX ((size_t)4 << 20)

static void check_folder(const char *folder, struct report *report)
{
    struct arena arena;
    struct settings settings;
    arena_init(&arena, 0);
    settings_defaults(&settings);
    (void)settings_check(folder, &arena, &settings, report);
    bundle_free(bundle_load_folder(folder, &settings, report));
    arena_release(&arena);
}

static int print_report(const struct report *report, bool json)
{
    struct buf buf;
    buf_init(&buf, OUTPUT_BYTES_MAX);
    if (json) {
        report_print_json(report, &buf);
    } else {
        report_print(report, &buf);
        buf_format(
            &buf, "%zu error%s, %zu warning%s\n", report->error_count,
            report->error_count == 1 ? "" : "s", report->warning_count,
            report->warning_count == 1 ? "" : "s");
    }
    const bool wrote = buf_error(&buf) == ERR_OK &&
                       fwrite(buf.ptr, 1, buf.bytes, stdout) == buf.bytes && fflush(stdout) == 0;
    buf_release(&buf);
    if (!wrote) {
        return args_fail(EXIT_FOUND, COMMAND, "cannot write the result");
    }
    return report->error_count > 0 ? EXIT_FOUND : EXIT_FINE;
}

int cmd_check(int argc, char **argv)
{
    const char *folder = NULL;
    bool json = false;
    const struct arg args[] = {
        {.name = "--config", .text = &folder},
        {.name = "--json", .flag = &json},
    };
    int code = args_read(argc, argv, args, sizeof args / sizeof args[0]);
    if (code != EXIT_FINE) {
        return code;
    }
    struct report report;
    report_init(&report);
    check_folder(folder, &report);
    code = print_report(&report, json);
    report_release(&report);
    return code;
}
