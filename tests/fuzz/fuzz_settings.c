/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nrt.json: what is accepted has bounds that hold and channels of known types.
 */
#include "base/must.h"
#include "config/settings_parts.h"
#include "tests/support/fuzz_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count);

static bool read_settings(const struct source *source, const struct reading *reading)
{
    /* No file is looked for: secrets are missing, which is only a warning here. */
    const struct secrets secrets = {.folder = "/nonexistent", .only_looking = true};
    struct settings settings;
    settings_defaults(&settings);
    if (!settings_parse(source->json, &secrets, reading, &settings)) {
        return false;
    }
    MUST(settings.partitions >= 1 && settings.partitions <= 64);
    MUST(settings.default_via_count > 0 && settings.backfill_ms > 0 && settings.retention_ms > 0);
    for (size_t i = 0; i < settings.channel_count; i++) {
        const struct channel_settings *const channel = &settings.channels[i];
        MUST(channel->name.bytes > 0 && channel->type.bytes > 0);
        MUST(channel->quiet_from_s >= 0 && channel->quiet_until_s <= 86400);
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count)
{
    fuzz_config(bytes, byte_count, read_settings);
    return 0;
}
