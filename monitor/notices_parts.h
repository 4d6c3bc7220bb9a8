/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the monitor's notices share; private to them. */
#ifndef NRT_MONITOR_NOTICES_PARTS_H
#define NRT_MONITOR_NOTICES_PARTS_H

#include "config/notice.h"
#include "monitor/notices.h"

/* One more item of the outbox. */
void notices_append(const struct notices *notices, const struct notice *notice);
/* The run of that clock and number in another state of the case; NULL: there is none. */
const struct run *notices_find_run(const struct case_state *state, const struct run *run);
/* All-clears of the runs that were going in the past state and have ended since. */
void notices_clear(
    const struct notices *notices, const struct case_state *past, const struct case_state *state);

#endif
