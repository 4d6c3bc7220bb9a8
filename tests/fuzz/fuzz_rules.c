/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A rule set from an editor: see tests/support/fuzz_config.h. What is accepted is in order.
 */
#include "base/must.h"
#include "config/files.h"
#include "tests/support/fuzz_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count);

static void check_clock(const struct clock_rule *clock)
{
    MUST(clock->id.bytes > 0 && clock->family.bytes > 0);
    MUST(clock->start_count > 0 && clock->stop_count > 0 && clock->extensions_max >= 0);
    for (size_t i = 0; i < clock->stage_count; i++) {
        const struct stage *stage = &clock->stages[i];
        MUST(stage->id.bytes > 0 && stage->notify_count > 0 && stage->template_id.bytes > 0);
        MUST(stage->light < LIGHT_COUNT && stage->send < SEND_WHEN_COUNT);
        for (size_t k = 1; k < stage->repeat.second_count; k++) {
            MUST(stage->repeat.seconds_of_day[k - 1] < stage->repeat.seconds_of_day[k]);
        }
    }
}

static bool read_rules(const struct source *source, const struct reading *reading)
{
    struct rule_ids ids = {.sets.across_files = true, .clocks.across_files = true};
    struct ruleset set = {0};
    const bool good = ruleset_read(source, reading, &ids, &set);
    MUST(!good || set.clock_count > 0);
    for (size_t i = 0; good && i < set.clock_count; i++) {
        check_clock(&set.clocks[i]);
    }
    id_table_release(&ids.sets);
    id_table_release(&ids.clocks);
    return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count)
{
    fuzz_config(bytes, byte_count, read_rules);
    return 0;
}
