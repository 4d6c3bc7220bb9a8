/* SPDX-License-Identifier: Apache-2.0 */
/* See seeds.h. */
#include "tests/support/seeds.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static uint64_t number_from(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 10) : otherwise;
}

static bool is_set(const char *name)
{
    const char *text = getenv(name);
    return text && strcmp(text, "1") == 0;
}

uint64_t seeds_count(uint64_t usual)
{
    uint64_t count = usual;
    if (is_set("NRT_LONG")) {
        count *= 10;
    }
    if (is_set("NRT_SANITIZED")) {
        count /= 10;
    }
    return number_from("NRT_SIM_SEEDS", count);
}

uint64_t seeds_only(void)
{
    return number_from("NRT_SIM_SEED", 0);
}
