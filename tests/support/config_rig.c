/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Set-up of reader tests. It reads files of tests/data only.
 */
#include "tests/support/config_rig.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/must.h"

#define FILE_BYTES_MAX ((size_t)4 << 20)

void config_rig_init(struct config_rig *rig)
{
    *rig = (struct config_rig){0};
    arena_init(&rig->arena, 0);
    report_init(&rig->report);
    buf_init(&rig->lines, FILE_BYTES_MAX);
    rig->reading = (struct reading){.arena = &rig->arena, .report = &rig->report};
}

void config_rig_release(struct config_rig *rig)
{
    arena_release(&rig->arena);
    report_release(&rig->report);
    buf_release(&rig->lines);
}

const char *config_rig_lines(struct config_rig *rig)
{
    buf_clear(&rig->lines);
    report_print(&rig->report, &rig->lines);
    return rig->lines.ptr && rig->lines.bytes > 0 ? rig->lines.ptr : "";
}

struct source config_source(const char *file, const char *json)
{
    return (struct source){.file = file, .json = text_of(json)};
}

char *config_test_data(const char *name)
{
    char path[1024];
    struct buf buf;
    const char *root = getenv("NRT_SOURCE_DIR");
    (void)snprintf(path, sizeof path, "%s/tests/data/%s", root ? root : ".", name);
    buf_init(&buf, FILE_BYTES_MAX);
    const enum err err = file_read(path, &buf, NULL);
    MUST(err == ERR_OK);
    size_t bytes = 0;
    return buf_take(&buf, &bytes);
}
