/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When may a message ring? Pure: calendar, the channel's quiet hours and the stage's `send` give
 * the earliest instant from `now` on.
 */
#ifndef NRT_RULES_HOLD_H
#define NRT_RULES_HOLD_H

#include "rules/calendar.h"
#include "rules/ruleset.h"

struct quiet_hours {
    int32_t from_s;  /* local second of the day, first quiet one */
    int32_t until_s; /* first one that is not; equal ends: never quiet; may wrap over midnight */
};

/*
 * now: at once. day: outside the quiet hours. office: also on a working day, from its first
 * opening on and before its last closing. Returns now where that already fits. Where quiet
 * hours leave no office time within a month, the first opening is given: better loud than so late.
 */
struct wall_ms hold_until(
    const struct calendar *calendar,
    struct quiet_hours quiet,
    enum send_when send,
    struct wall_ms now);

/*
 * Messages of one mailbox that become ready in the same window go together at its end. Windows of
 * one length lie end to end since 1970, so that everybody cuts time in the same places. An instant
 * to come that is the end of a window stays; one that is already here waits for the next end,
 * because what goes at this one is being sent. No length: ready as it is.
 */
struct wall_ms hold_gather(struct wall_ms ready, struct wall_ms now, int64_t window_ms);
/* The begin of the window that holds the instant. */
struct wall_ms hold_window(struct wall_ms at, int64_t window_ms);
/*
 * Both: when a message that is gathered goes. Where it may not ring any more at the end of its
 * window, it goes a moment before that.
 */
struct wall_ms hold_gathered(
    const struct calendar *calendar,
    struct quiet_hours quiet,
    enum send_when send,
    struct wall_ms now,
    int64_t window_ms);

#endif
