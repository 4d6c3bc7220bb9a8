/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moves forward from edge to edge (end of quiet hours, next opening) until both rules are
 * content. Each move goes to a later instant, so the walk ends.
 */
#include "rules/hold.h"

#define HOLD_MOVES_MAX 200 /* a handful a day */
#define HOLD_MS_MAX    ((int64_t)31 * 24 * 3600 * 1000)
#define LAST_MOMENT_MS 1000

static bool is_quiet(struct quiet_hours quiet, int32_t second)
{
    if (quiet.from_s == quiet.until_s) {
        return false;
    }
    if (quiet.from_s < quiet.until_s) {
        return second >= quiet.from_s && second < quiet.until_s;
    }
    return second >= quiet.from_s || second < quiet.until_s;
}

static struct civil_day next_day(struct civil_day day)
{
    return (struct civil_day){.number = day.number + 1};
}

static struct wall_ms after_quiet(
    const struct calendar *calendar, struct quiet_hours quiet, struct wall_ms at)
{
    const struct civil_day day = calendar_local_day(calendar, at);
    const int32_t second = calendar_local_second(calendar, at);
    if (!is_quiet(quiet, second)) {
        return at;
    }
    const bool today = second < quiet.until_s;
    return calendar_instant(calendar, today ? day : next_day(day), quiet.until_s);
}

static struct wall_ms at_office(const struct calendar *calendar, struct wall_ms at)
{
    const struct civil_day day = calendar_local_day(calendar, at);
    if (!calendar_is_working(calendar, day)) {
        return calendar_instant(calendar, next_day(day), 0);
    }
    const struct office_hours hours = calendar_hours_on(calendar, day);
    const struct wall_ms opening = calendar_instant(calendar, day, hours.intervals[0].from_s);
    const struct wall_ms closing =
        calendar_instant(calendar, day, hours.intervals[hours.interval_count - 1].to_s);
    if (at.ms < opening.ms) {
        return opening;
    }
    return at.ms < closing.ms ? at : calendar_instant(calendar, next_day(day), 0);
}

static struct wall_ms first_opening(const struct calendar *calendar, struct wall_ms at)
{
    for (int move = 0; move < HOLD_MOVES_MAX; move++) {
        const struct wall_ms moved = at_office(calendar, at);
        if (moved.ms <= at.ms) {
            break;
        }
        at = moved;
    }
    return at;
}

struct wall_ms hold_until(
    const struct calendar *calendar,
    struct quiet_hours quiet,
    enum send_when send,
    struct wall_ms now)
{
    if (send == SEND_NOW) {
        return now;
    }
    struct wall_ms at = now;
    for (int move = 0; move < HOLD_MOVES_MAX && at.ms - now.ms < HOLD_MS_MAX; move++) {
        struct wall_ms moved = after_quiet(calendar, quiet, at);
        if (send == SEND_OFFICE) {
            moved = at_office(calendar, moved);
        }
        if (moved.ms <= at.ms) { /* both content, or a clock change that would turn us round */
            return at;
        }
        at = moved;
    }
    return first_opening(calendar, now);
}

struct wall_ms hold_window(struct wall_ms at, int64_t window_ms)
{
    return window_ms > 0 ? wall_add(at, -(at.ms % window_ms)) : at;
}

struct wall_ms hold_gather(struct wall_ms ready, struct wall_ms now, int64_t window_ms)
{
    const struct wall_ms begin = hold_window(ready, window_ms);
    if (window_ms <= 0 || (begin.ms == ready.ms && ready.ms > now.ms)) {
        return ready;
    }
    return wall_add(begin, window_ms);
}

struct wall_ms hold_gathered(
    const struct calendar *calendar,
    struct quiet_hours quiet,
    enum send_when send,
    struct wall_ms now,
    int64_t window_ms)
{
    const struct wall_ms ready = hold_until(calendar, quiet, send, now);
    const struct wall_ms end = hold_gather(ready, now, window_ms);
    if (hold_until(calendar, quiet, send, end).ms == end.ms) {
        return end;
    }
    const struct wall_ms moment = wall_add(end, -LAST_MOMENT_MS);
    const bool fits =
        moment.ms > ready.ms && hold_until(calendar, quiet, send, moment).ms == moment.ms;
    return fits ? moment : ready;
}
