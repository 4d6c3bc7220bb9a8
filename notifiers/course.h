/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What becomes of a message after an attempt, and of an accepted one while its receipt is waited
 * for: pure, one decision from what is known. Times are service time.
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
/* How often an unsure message is handed over again where the gateway can be asked in between. */
#define COURSE_UNSURE_MAX 3
/* A gateway needs a moment before it can tell what became of a message. */
#define COURSE_ASK_FIRST_MS ((int64_t)15000)
/* No channel is left for less than this, however small fallback_after is. */
#define COURSE_RECEIPT_MS_MIN ((int64_t)10000)
/* Times an accepted message is asked for, see course_poll_at(). */
#define COURSE_POLLS_MAX 5

struct course_question {
    const struct outcome *outcome;
    int32_t attempts;  /* with this one */
    int32_t unsures;   /* before this one */
    bool has_rest;     /* another channel is left */
    bool has_receipts; /* the gateway calls back */
    bool can_be_asked; /* the gateway tells what became of a message */
    bool deduplicates; /* a repeat with the same identity is no second message */
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
    bool awaiting; /* accepted, and what became of it is still to be heard; not final */
};

struct course course_after(const struct course_question *question);

/* What is known of an accepted message whose receipt is waited for. */
enum course_known {
    COURSE_NOTHING, /* or no more than that it is queued */
    COURSE_UNDELIVERED,
    COURSE_DELIVERED,
    COURSE_READ,
};

struct course_wait {
    enum course_known known;
    bool has_rest;
    bool can_be_asked;
    bool can_be_read; /* the gateway knows who has read */
    bool just_asked;  /* `known` is what the gateway says now */
    int32_t polls;    /* with that one */
    struct wall_ms accepted_at;
    struct wall_ms now;
    int64_t fallback_after_ms;
};

enum course_step {
    COURSE_END,          /* nothing more is to be done for it */
    COURSE_ASK,          /* ask the gateway now */
    COURSE_LATER,        /* look again at `ready` */
    COURSE_NEXT_CHANNEL, /* undelivered, or no receipt in time */
};

struct course_waited {
    enum course_step step;
    struct wall_ms ready; /* COURSE_LATER */
};
struct course_waited course_while_waiting(const struct course_wait *wait);
/* When an accepted message is asked for after so many times; each gap is longer. */
struct wall_ms course_poll_at(struct wall_ms accepted_at, int32_t polls);

/* Doubling from 5 s to 10 minutes, the upper half of it at random. attempt from 1. */
int64_t course_backoff(int32_t attempt, uint64_t random);

#endif
