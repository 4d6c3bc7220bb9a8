/* SPDX-License-Identifier: Apache-2.0 */
/* See calendar_watch.h. */
#include "console/calendar_watch.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

#define LOOK_MS 1000 /* real time: in scaled and stepped mode days pass sooner */

struct calendar_watch {
    struct console *console;
    struct loop_timer *timer;
    int32_t told_day; /* the last day of service time with a line */
};

struct calendar_horizon calendar_watch_horizon(const struct console *console)
{
    return calendar_horizon_at(console->env->bundle->policy.calendar, role_now(console->env));
}

const char *calendar_watch_warning(
    const struct console *console, char warning[static CALENDAR_WARNING_BYTES])
{
    const int year = (int)calendar_watch_horizon(console).missing_year;
    const struct text id = utf8_cut(console->env->bundle->calendar_id, 64);
    warning[0] = '\0';
    if (year != 0) {
        (void)snprintf(
            warning, CALENDAR_WARNING_BYTES,
            "the calendar has no official days of %d yet, and dues in that year are provisional: "
            "bring the published notice in with nrt calendar import FILE --into "
            "calendars/%.*s.json --official %d, then apply the configuration",
            year, TEXT_ARGS(id), year);
    }
    return warning;
}

static void look(void *context)
{
    struct calendar_watch *watch = context;
    const struct console *console = watch->console;
    const struct calendar_horizon horizon = calendar_watch_horizon(console);
    const int32_t today =
        calendar_local_day(console->env->bundle->policy.calendar, role_now(console->env)).number;
    if (horizon.missing_year != 0 && today != watch->told_day) {
        char quoted[LOG_QUOTED_BYTES];
        watch->told_day = today;
        log_warn(
            "calendar_year_missing", "year=%d calendar=%s official_until=%d horizon_days=%lld",
            (int)horizon.missing_year, log_quote(console->env->bundle->calendar_id, quoted),
            (int)horizon.last_year, (long long)horizon.days);
    }
    loop_timer_arm(watch->timer, LOOK_MS);
}

struct calendar_watch *calendar_watch_create(struct console *console)
{
    struct calendar_watch *watch = calloc(1, sizeof(*watch));
    if (!watch) {
        return NULL;
    }
    watch->console = console;
    watch->told_day = INT32_MIN;
    watch->timer = loop_timer_create(console->env->loop, look, watch);
    if (!watch->timer) {
        free(watch);
        return NULL;
    }
    loop_timer_arm(watch->timer, 0);
    return watch;
}

void calendar_watch_free(struct calendar_watch *watch)
{
    if (watch) {
        loop_timer_free(watch->timer);
        free(watch);
    }
}
