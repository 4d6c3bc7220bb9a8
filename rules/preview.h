/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a change of the rules, the calendar or the directory would do to one case, before it is
 * done: the case goes forward twice from now to a horizon, under the old versions and under the
 * new ones, with no further events, and the differences are told. The same fold and plan as
 * everywhere; nothing is computed here but differences.
 */
#ifndef NRT_RULES_PREVIEW_H
#define NRT_RULES_PREVIEW_H

#include "rules/case.h"
#include "rules/sms.h"

struct preview_question {
    const struct case_memory *memory;
    const struct rulebook *before;
    const struct rulebook *after; /* its newest is the change, applied (`since`) at `now` */
    struct wall_ms now;
    struct wall_ms horizon; /* included */
    bool replan;            /* running runs are replanned to the newest, as an event of `now` */
    const struct sms_channels *channels;
};

/* An alert that is sent between now and the horizon. */
struct preview_sent {
    struct text clock;
    int32_t run;
    struct text stage;
    struct wall_ms instant;
    struct wall_ms fired_at;
    const struct text *to; /* ascending */
    size_t to_count;
    bool is_sms;
};

struct preview_sent_list {
    const struct preview_sent *items; /* by (clock, run, stage, instant) */
    size_t count;
};

/* A run as of now, on one side. */
struct preview_run_state {
    bool exists;
    bool has_due;
    bool provisional;
    struct wall_ms due;
    enum run_outcome outcome;
    enum light light;
};

enum preview_change { PREVIEW_NEW, PREVIEW_GONE, PREVIEW_MOVED, PREVIEW_CHANGE_COUNT };
const char *preview_change_name(enum preview_change change); /* "new", "gone", "moved" */

/* Messages that one side sends and the other does not, or not at that instant. */
struct preview_message {
    enum preview_change change;
    struct text clock;
    int32_t run;
    struct text stage;
    struct wall_ms instant; /* under the new rules; of what is gone: under the old */
    struct wall_ms was;     /* moved: under the old */
    const struct text *to;
    size_t to_count;
};

/* A run that differs, or whose messages do. */
struct preview_run {
    struct text clock;
    int32_t number;
    struct preview_run_state before;
    struct preview_run_state after;
    bool missed_only_by_change; /* missed as soon as the change is made */
    const struct preview_message *messages;
    size_t message_count;
};

struct preview {
    struct text title; /* of the case as of now; texts of the memory */
    struct text unit;
    size_t running_count;           /* runs that have not ended */
    const struct preview_run *runs; /* by (clock, number) */
    size_t run_count;
    struct preview_sent_list before;
    struct preview_sent_list after;
};

/* Arenas that are used again for each case. */
struct preview_room {
    struct arena lasting; /* the answer lives here */
    struct arena passing; /* one step */
};
void preview_room_init(struct preview_room *room);
void preview_room_release(struct preview_room *room);

/*
 * The answer lives in the room until the next question. What has fired but was only remembered as
 * collapsed may be missing in the memory: of a repeat that has fired, what the old versions would
 * still ring for and is older is taken as
 * fired. ERR_NO_MEMORY; ERR_FULL when a side would go on for more than PREVIEW_STEPS_MAX steps.
 */
#define PREVIEW_STEPS_MAX 100000
enum err preview_case(
    struct preview_room *room,
    const struct preview_question *question,
    struct preview *ret_preview) ERR_MUST_USE;

#endif
