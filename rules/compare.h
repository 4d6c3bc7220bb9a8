/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two simulations of the same events side by side: alerts, messages, SMS and misses under the old
 * rules and the new ones, in all, per stage, per unit and per local day. Each simulation is
 * watched by one side of the comparison. All memory is the caller's arena: a row for each name.
 */
#ifndef NRT_RULES_COMPARE_H
#define NRT_RULES_COMPARE_H

#include "rules/simulate.h"
#include "rules/sms.h"

enum compare_side { COMPARE_OLD, COMPARE_NEW, COMPARE_SIDES };
enum compare_by { COMPARE_TOTAL, COMPARE_STAGE, COMPARE_UNIT, COMPARE_DAY, COMPARE_BY_COUNT };

struct compare_counts {
    int64_t alerts;   /* that were sent to somebody */
    int64_t messages; /* alerts x people */
    int64_t sms;      /* messages of stages that name an SMS channel */
    int64_t misses;   /* that count (docs/semantics.md section 9), by the day of their due */
};

struct compare_row {
    enum compare_by by;
    struct text name;     /* clock or unit; empty: none */
    struct text stage;    /* COMPARE_STAGE: empty for the misses of its clock */
    struct civil_day day; /* COMPARE_DAY */
    struct compare_counts counts[COMPARE_SIDES];
};

struct comparison {
    struct arena *arena;
    const struct calendar *calendar;
    struct sms_channels channels;
    enum compare_side side;    /* whose turn it is */
    struct compare_row **rows; /* by (by, name, stage, day) */
    size_t row_count;
    size_t row_capacity;
};

void comparison_init(
    struct comparison *comparison,
    struct arena *arena,
    const struct calendar *calendar,
    const struct sms_channels *channels);
/* What a simulation of that side is to be watched by, one after the other. */
struct simulation_watcher comparison_watcher(struct comparison *comparison, enum compare_side side);

#endif
