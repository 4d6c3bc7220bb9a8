/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counts by size: eight buckets to each doubling, so that a quantile is off by an eighth at most
 * and the whole takes two pages.
 */
#include "base/lap.h"

#include <stddef.h>

#include "base/clock.h"

#define PARTS       8 /* buckets to a doubling */
#define PART_BITS   3
#define DOUBLINGS   40
#define BUCKETS     ((size_t)PARTS * DOUBLINGS)
#define NS_OF_US    1000
#define OF_THOUSAND 999

static struct {
    int depth;
    int64_t began_ns;
    int64_t count;
    int64_t max_ns;
    int64_t buckets[BUCKETS];
} laps;

static size_t bucket_of(int64_t ns)
{
    if (ns < PARTS) {
        return ns > 0 ? (size_t)ns : 0;
    }
    const int top = 63 - __builtin_clzll((unsigned long long)ns);
    const size_t part = (size_t)(ns >> (top - PART_BITS)) & (PARTS - 1);
    const size_t bucket = (size_t)(top - PART_BITS + 1) * PARTS + part;
    return bucket < BUCKETS ? bucket : BUCKETS - 1;
}

/* The largest value of a bucket. */
static int64_t bucket_end(size_t bucket)
{
    if (bucket < PARTS) {
        return (int64_t)bucket;
    }
    const int shift = (int)(bucket / PARTS) - 1;
    return ((int64_t)(PARTS + bucket % PARTS + 1) << shift) - 1;
}

void lap_begin(void)
{
    if (laps.depth++ == 0) {
        laps.began_ns = clock_mono_ns();
    }
}

void lap_end(void)
{
    if (--laps.depth > 0) {
        return;
    }
    const int64_t took_ns = clock_mono_ns() - laps.began_ns;
    laps.count++;
    laps.max_ns = took_ns > laps.max_ns ? took_ns : laps.max_ns;
    laps.buckets[bucket_of(took_ns)]++;
}

struct lap_figures lap_figures(void)
{
    struct lap_figures figures = {.count = laps.count, .max_us = laps.max_ns / NS_OF_US};
    const int64_t wanted = laps.count - laps.count * OF_THOUSAND / 1000;
    int64_t slower = 0; /* those in this bucket and above */
    for (size_t bucket = BUCKETS; bucket > 0 && laps.count > 0; bucket--) {
        slower += laps.buckets[bucket - 1];
        if (slower >= wanted) {
            const int64_t end_ns = bucket_end(bucket - 1);
            figures.p999_us = (end_ns < laps.max_ns ? end_ns : laps.max_ns) / NS_OF_US;
            break;
        }
    }
    return figures;
}

void lap_forget(void)
{
    laps.count = 0;
    laps.max_ns = 0;
    for (size_t bucket = 0; bucket < BUCKETS; bucket++) {
        laps.buckets[bucket] = 0;
    }
}
