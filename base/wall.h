/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two kinds of time. Wall instants (service time) decide what is due; monotonic ones
 * decide leases and I/O deadlines and are never stored. Wall instants are checked at every
 * door to 0..WALL_MS_MAX, exact as a Redis score, so their differences cannot overflow.
 */
#ifndef NRT_BASE_WALL_H
#define NRT_BASE_WALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define WALL_MS_MAX INT64_C(253402300799999) /* 9999-12-31T23:59:59.999Z */

struct wall_ms {
    int64_t ms; /* since 1970-01-01T00:00:00Z */
};

struct mono_ms {
    int64_t ms; /* CLOCK_MONOTONIC; dies with the process */
};

/* Both saturate at 0 and WALL_MS_MAX / INT64_MAX. */
struct wall_ms wall_add(struct wall_ms at, int64_t delta_ms);
struct mono_ms mono_add(struct mono_ms at, int64_t delta_ms);

/*
 * Parse RFC 3339 with a mandatory offset ("2026-02-13T10:00:00+08:00", "...Z", "t" and " " are
 * refused; up to 9 fraction digits, cut to milliseconds; second 60 is read as 59.999).
 * ERR_PARSE or ERR_RANGE.
 */
enum err wall_parse(const char *text, size_t bytes, struct wall_ms *ret_at) ERR_MUST_USE;

#define WALL_TEXT_BYTES 40
/*
 * Write RFC 3339 with the given offset from UTC in seconds, milliseconds only if there are any:
 * "2019-04-01T11:06:30+08:00". Returns text.
 */
const char *wall_format(struct wall_ms at, int32_t offset_s, char text[static WALL_TEXT_BYTES]);

#endif
