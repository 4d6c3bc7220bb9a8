/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Printing of findings.
 */
#include "cli/complain.h"

#include <stdio.h>

#define LINES_BYTES_MAX ((size_t)4 << 20)

void complain_report(const struct report *report)
{
    struct buf lines;
    buf_init(&lines, LINES_BYTES_MAX);
    report_print(report, &lines);
    if (lines.ptr) {
        (void)fwrite(lines.ptr, 1, lines.bytes, stderr);
    }
    buf_release(&lines);
}
