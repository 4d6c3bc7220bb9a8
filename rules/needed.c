/* SPDX-License-Identifier: Apache-2.0 */
/* See needed.h. */
#include "rules/needed.h"

int64_t event_version_needed(const struct event *event)
{
    int64_t named = 0;
    if (!event_kind_is_reserved(event->kind) ||
        text_parse_i64(event_attribute(event, "version"), &named) != ERR_OK)
        named = 0;
    return named > event->rules_version ? named : event->rules_version;
}

int64_t memory_version_needed(const struct case_memory *memory)
{
    int64_t needed = 0;
    for (size_t i = 0; i < memory->event_count; i++) {
        const int64_t version = event_version_needed(&memory->events[i]);
        needed = version > needed ? version : needed;
    }
    return needed;
}
