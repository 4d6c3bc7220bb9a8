/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A configuration from a store that somebody else wrote to: refused with findings, or one that is
 * written and read again as the same.
 */
#include <string.h>

#include "base/must.h"
#include "config/policy.h"
#include "tests/support/fuzz_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count);

#define JSON_BYTES_MAX ((size_t)16 << 20)

static const uint8_t key[SEAL_KEY_BYTES] = {1, 2, 3};

static bool read_bundle(const struct source *source, const struct reading *reading)
{
    struct bundle *const bundle = bundle_from_json(source->json, key, reading->report);
    if (!bundle) {
        return false;
    }
    struct report report;
    struct buf json;
    report_init(&report);
    buf_init(&json, JSON_BYTES_MAX);
    MUST(bundle_to_json(bundle, key, &json) == ERR_OK);
    struct bundle *const again = bundle_from_json(buf_view(&json), key, &report);
    MUST(again && strcmp(again->digest, bundle->digest) == 0);
    bundle_free(again);
    bundle_free(bundle);
    buf_release(&json);
    report_release(&report);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count)
{
    fuzz_config(bytes, byte_count, read_bundle);
    return 0;
}
