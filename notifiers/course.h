/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What becomes of a message after an attempt: pure, one decision from one outcome. Times are
 * service time.
 */
#ifndef NRT_NOTIFIERS_COURSE_H
#define NRT_NOTIFIERS_COURSE_H

#include "notifiers/channel.h"

#define COURSE_BACKOFF_FIRST_MS ((int64_t)5000)
#define COURSE_BACKOFF_MAX_MS   ((int64_t)600000)
/* What a gateway asks for is kept up to this: a wish of days would be the end of a message. */
#define COURSE_WISH_MAX_MS ((int64_t)3600000)
/* The last channel of a message is tried for so long before the message is given up. */
#define COURSE_GIVE_UP_MS ((int64_t)24 * 3600 * 1000)

struct course_question {
    const struct outcome *outcome;
    int32_t attempts; /* with this one */
    int32_t unsures;  /* before this one */
    bool has_rest;    /* another channel is left */
    struct wall_ms first_at;
    struct wall_ms now;
    int64_t fallback_after_ms;
    uint64_t random;
};

struct course {
    const char *state;    /* as journalled */
    bool final;           /* nothing more comes on this channel */
    bool next_channel;    /* final, and the next channel takes over */
    struct wall_ms ready; /* unless final: when to try again */
    int32_t unsures;
};

struct course course_after(const struct course_question *question);

/* Doubling from 5 s to 10 minutes, the upper half of it at random. attempt from 1. */
int64_t course_backoff(int32_t attempt, uint64_t random);

#endif
