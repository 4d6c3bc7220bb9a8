/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Offsets of a zone by binary search over its changes. Both directions look at the last change
 * first: most instants lie after it, or the zone has none at all.
 */
#include "rules/zone.h"

static int32_t offset_before(const struct zone *zone, size_t change)
{
    return change == 0 ? zone->first_offset_s : zone->changes[change - 1].offset_s;
}

int32_t zone_offset_at(const struct zone *zone, struct wall_ms at)
{
    const int64_t at_s = at.ms / 1000; /* instants are never before 1970 */
    size_t low = 0;                    /* changes before low have happened */
    size_t high = zone->change_count;
    if (high > 0 && zone->changes[high - 1].at_s <= at_s) {
        low = high;
    }
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (zone->changes[middle].at_s <= at_s) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return offset_before(zone, low);
}

/*
 * The first local second that is read with the new offset. Clocks put forward: what the gap
 * skips is still read with the old one; put back: what comes twice too.
 */
static int64_t first_local_after(const struct zone *zone, size_t change)
{
    const int32_t before = offset_before(zone, change);
    const int32_t after = zone->changes[change].offset_s;
    return zone->changes[change].at_s + (before > after ? before : after);
}

int64_t zone_utc_of_local(const struct zone *zone, int64_t local_s)
{
    size_t low = 0;
    size_t high = zone->change_count;
    if (high > 0 && first_local_after(zone, high - 1) <= local_s) {
        low = high;
    }
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (first_local_after(zone, middle) <= local_s) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return local_s - offset_before(zone, low);
}
