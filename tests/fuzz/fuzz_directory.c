/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Units and people: what is accepted names only what is there, and superiors end somewhere.
 */
#include "base/must.h"
#include "config/files.h"
#include "tests/support/fuzz_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count);

static void check_units(const struct directory *directory)
{
    size_t count = 0;
    const struct unit *const units = directory_units(directory, &count);
    for (size_t i = 0; i < count; i++) {
        const struct unit *unit = &units[i];
        MUST(unit->head.bytes == 0 || directory_person(directory, unit->head));
        for (size_t steps = 0; unit && unit->parent.bytes > 0; steps++) {
            MUST(steps <= count);
            unit = directory_unit(directory, unit->parent);
            MUST(unit);
        }
    }
}

static bool read_directory(const struct source *source, const struct reading *reading)
{
    struct directory_file file = {0};
    if (!directory_read(source, reading, NULL, &file)) {
        return false;
    }
    check_units(file.directory);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count)
{
    fuzz_config(bytes, byte_count, read_directory);
    return 0;
}
