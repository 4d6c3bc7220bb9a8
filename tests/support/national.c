/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loads tests/data/calendar-cn.json through config/.
 */
#include "tests/support/national.h"

#include <stdio.h>
#include <stdlib.h>

struct bundle *national_calendar(void)
{
    char path[512];
    struct report report;
    const char *source = getenv("NRT_SOURCE_DIR");
    (void)snprintf(path, sizeof(path), "%s/tests/data/calendar-cn.json", source ? source : ".");
    const struct bundle_files files = {.calendar = path};
    report_init(&report);
    struct bundle *bundle = bundle_load_files(&files, &report);
    report_release(&report);
    return bundle;
}
