/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The missing-year alarm: from October on, while the calendar has no official days of the next
 * year, a line in the log at the start and each day of service time, and the words of the warning
 * for /readyz. /metrics and the page ask rules/calendar_horizon.h themselves.
 */
#ifndef NRT_CONSOLE_CALENDAR_WATCH_H
#define NRT_CONSOLE_CALENDAR_WATCH_H

#include "console/console.h"
#include "rules/calendar_horizon.h"

/* NULL when memory is out. */
struct calendar_watch *calendar_watch_create(struct console *console);
void calendar_watch_free(struct calendar_watch *watch); /* accepts NULL */

/* Of the applied calendar, at service time now. */
struct calendar_horizon calendar_watch_horizon(const struct console *console);

/* What to do about it, for people; "" while nothing is missing. Returns warning. */
#define CALENDAR_WARNING_BYTES 400
const char *calendar_watch_warning(
    const struct console *console, char warning[static CALENDAR_WARNING_BYTES]);

#endif
