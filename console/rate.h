/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often somebody may knock: a fixed table of token buckets, keyed by a salted hash of whatever
 * names them. Bounded: where the table is full the bucket that was quiet longest is given away, so
 * that a flood of names costs no memory and locks nobody else out for good.
 */
#ifndef NRT_CONSOLE_RATE_H
#define NRT_CONSOLE_RATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "base/wall.h"

struct rate; /* one table */

struct rate_limit {
    int32_t burst;      /* at once */
    int32_t per_minute; /* in the long run */
};

/* NULL when memory is out. */
struct rate *rate_create(void);
void rate_free(struct rate *rate); /* accepts NULL */
/* True and one taken; false when there is nothing left, and how many seconds to wait. */
bool rate_take(
    struct rate *rate,
    struct text name,
    struct rate_limit limit,
    struct mono_ms now,
    int32_t *ret_wait_s);

#endif
