/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long somebody who failed to sign in has to wait: arithmetic alone. The first few failures
 * cost nothing; from then on each further one doubles the wait, up to a maximum. While the wait
 * lasts nothing is tried and nothing counted, so that knocking on does not prolong it. A day of
 * quiet, or a sign-in that succeeds, and all is forgotten.
 */
#ifndef NRT_CONSOLE_LOCKOUT_H
#define NRT_CONSOLE_LOCKOUT_H

#include <stdint.h>

#include "base/wall.h"

#define LOCKOUT_MS_FIRST  (INT64_C(60) * 1000)
#define LOCKOUT_MS_MAX    (INT64_C(30) * 60 * 1000)
#define LOCKOUT_MS_FORGET (INT64_C(24) * 3600 * 1000)

struct lockout_rule {
    int64_t free;    /* so many failures cost nothing */
    int64_t leak_ms; /* one is forgotten each so often; 0: none is */
};
/* The fifth failure of a name in a row locks it. */
extern const struct lockout_rule lockout_of_name;
/* Many people may stand behind one address, and somebody always mistypes. */
extern const struct lockout_rule lockout_of_address;

struct lockout {
    int64_t count;
    struct wall_ms last;
    struct wall_ms until; /* 0: not locked */
};

/* What is known after one more failure now. */
struct lockout lockout_after_failure(
    const struct lockout *before, const struct lockout_rule *rule, struct wall_ms now);
/* 0 when one may try now. */
int64_t lockout_left_ms(const struct lockout *lockout, struct wall_ms now);

#endif
