/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TZif file, and the POSIX rule that closes one: refused, or changes in ascending order.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "config/posix_rule.h"
#include "config/zone_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count);

#define ARENA_BYTES_MAX ((size_t)16 << 20)

static void try_file(struct text text)
{
    struct arena arena;
    struct zone zone;
    struct err_why why = {0};
    arena_init(&arena, ARENA_BYTES_MAX);
    if (zone_parse(text, &arena, &zone, &why) == ERR_OK) {
        for (size_t i = 1; i < zone.change_count; i++) {
            MUST(zone.changes[i - 1].at_s < zone.changes[i].at_s);
        }
    } else {
        MUST(strlen(why.text) > 0);
    }
    arena_release(&arena);
}

static void try_rule(struct text text)
{
    struct posix_rule rule;
    struct zone_change changes[2];
    if (posix_rule_parse(text, &rule) != ERR_OK || !rule.has_summer) {
        return;
    }
    for (int32_t year = 1970; year < 2100; year += 7) {
        posix_rule_changes(&rule, year, changes);
        MUST(changes[0].at_s <= changes[1].at_s);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count)
{
    char *const copy = malloc(byte_count ? byte_count : 1);
    MUST(copy);
    if (byte_count) {
        memcpy(copy, bytes, byte_count);
    }
    const struct text text = {.ptr = copy, .bytes = byte_count};
    try_file(text);
    try_rule(text);
    free(copy);
    return 0;
}
