/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalogue of matters: what is accepted has two levels.
 */
#include "base/must.h"
#include "config/files.h"
#include "tests/support/fuzz_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count);

static bool read_matters(const struct source *source, const struct reading *reading)
{
    struct matters_file file = {0};
    if (!matters_read(source, reading, &file)) {
        return false;
    }
    for (size_t i = 0; i < file.matter_count; i++) {
        MUST(file.matters[i].id.bytes > 0 && file.matters[i].title.bytes > 0);
        MUST(!text_equal(file.matters[i].id, file.matters[i].parent));
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count)
{
    fuzz_config(bytes, byte_count, read_matters);
    return 0;
}
