/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A calendar file: what is accepted can be built and asked.
 */
#include "base/must.h"
#include "config/files.h"
#include "tests/support/fuzz_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count);

static bool read_calendar(const struct source *source, const struct reading *reading)
{
    struct calendar_spec spec = {0};
    if (!calendar_read(source, reading, NULL, &spec)) {
        return false;
    }
    const struct calendar *const calendar = calendar_build(&spec, reading->arena);
    MUST(calendar);
    for (size_t i = 0; i < spec.closure_count; i++) {
        MUST(calendar_day_kind(calendar, spec.closures[i].day) == DAY_CLOSURE);
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count)
{
    fuzz_config(bytes, byte_count, read_calendar);
    return 0;
}
