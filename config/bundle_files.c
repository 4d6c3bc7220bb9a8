/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bundle from single files, for commands that need nothing running. Where a file is not given
 * the shipped one stands in. Channels and templates play no part there and are not checked.
 */
#include <stdlib.h>

#include "base/file.h"
#include "config/bundle_make.h"

#define FILE_BYTES_MAX ((size_t)16 << 20)
#define SHIPPED_MAX    64

/* Read a named file, or take the shipped one. The buffer must outlive the source. */
static bool take_file(
    const char *path,
    const char *shipped,
    struct buf *buf,
    struct report *report,
    struct source *ret_source)
{
    struct err_why why = {0};
    if (!path) {
        *ret_source = bundle_shipped(shipped);
        return true;
    }
    if (file_read(path, buf, &why) != ERR_OK) {
        report_add(report, FINDING_ERROR, path, 0, 0, "", "%s", why.text);
        return false;
    }
    *ret_source = (struct source){.file = path, .json = buf_view(buf)};
    return true;
}

struct bundle *bundle_load_files(const struct bundle_files *files, struct report *report)
{
    struct source templates[SHIPPED_MAX];
    struct source rules = {0};
    struct source calendar = {0};
    struct buf bufs[3];
    for (size_t i = 0; i < 3; i++) {
        buf_init(&bufs[i], FILE_BYTES_MAX);
    }
    struct bundle_input input = {
        .calendars = &calendar,
        .calendar_count = 1,
        .rules = &rules,
        .rule_count = 1,
        .templates = templates,
        .backfill_ms = BUNDLE_BACKFILL_MS,
    };
    bool taken = take_file(files->rules, "rules/dongyang.json", &bufs[0], report, &rules);
    taken = take_file(files->calendar, "calendars/cn.json", &bufs[1], report, &calendar) && taken;
    taken =
        take_file(files->directory, "directory.json", &bufs[2], report, &input.directory) && taken;
    if (!files->directory) {
        input.matters = bundle_shipped("matters.json");
    }
    input.template_count = bundle_shipped_all("templates/", templates, SHIPPED_MAX);
    struct bundle *bundle = taken ? bundle_make(&input, report) : NULL;
    for (size_t i = 0; i < 3; i++) {
        buf_release(&bufs[i]);
    }
    return bundle;
}
