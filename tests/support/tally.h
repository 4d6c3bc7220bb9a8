/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a history came to, in one comparable form: sorted lines for alerts ("case clock run stage
 * instant status to") and runs ("case clock run start due outcome stopped"). Made from the
 * simulation's output or from journal facts, so that the two can be compared line by line.
 */
#ifndef NRT_TESTS_SUPPORT_TALLY_H
#define NRT_TESTS_SUPPORT_TALLY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"

struct tally {
    char **alerts;
    size_t alert_count;
    char **runs; /* of each (case, clock, run) the last one told */
    size_t run_count;
    size_t early_count; /* alerts with fired_at before their instant */
    size_t bytes;       /* allocated entries, internal */
    size_t run_bytes;
};

void tally_init(struct tally *tally);
void tally_release(struct tally *tally);
/* One NDJSON line of `nrt simulate`. */
void tally_add_line(struct tally *tally, const struct json_value *line);
/* One journal fact; kinds other than alert and case are passed over. */
void tally_add_fact(struct tally *tally, const struct json_value *fact);
void tally_sort(struct tally *tally);
/* Does an alert (case, clock, run, stage, instant) stand twice? Must be sorted; says which. */
bool tally_has_doubles(const struct tally *tally);
void tally_forget_alerts(struct tally *tally);
/* Prints the first differences to stderr; both must be sorted. */
bool tally_equal(const struct tally *expected, const struct tally *actual);

#endif
