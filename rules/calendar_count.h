/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counting on a calendar (private to rules/): working dates and office time forwards and
 * backwards. Within the years the calendar has prepared, a working date is found in O(1) and an
 * office instant in O(log n); outside, days are stepped one by one.
 */
#ifndef NRT_RULES_CALENDAR_COUNT_H
#define NRT_RULES_CALENDAR_COUNT_H

#include "rules/calendar.h"

/* Without a working date (or office time) for this long, a search gives up. */
#define CALENDAR_IDLE_DAYS_MAX 7305

/* The last day that can be held: 9999-12-31. */
#define CIVIL_DAY_MAX 2932896

/* Working dates d with after < d <= until; 0 when until <= after. */
int64_t calendar_working_count(
    const struct calendar *calendar, struct civil_day after, struct civil_day until);

/* The n-th working date after `day`, n > 0. False when there is none in reach. */
bool calendar_working_after(
    const struct calendar *calendar, struct civil_day day, int64_t n, struct civil_day *ret_day);

/* The n-th working date before `day`, n > 0. */
bool calendar_working_before(
    const struct calendar *calendar, struct civil_day day, int64_t n, struct civil_day *ret_day);

/* Milliseconds of office time in [from, to). */
int64_t calendar_office_ms(const struct calendar *calendar, struct wall_ms from, struct wall_ms to);

/* The earliest instant with that much office time since `from`, and the latest with that much
 * up to `to`; ms > 0. False when there is none in reach. */
bool calendar_office_after(
    const struct calendar *calendar, struct wall_ms from, int64_t ms, struct wall_ms *ret_at);
bool calendar_office_before(
    const struct calendar *calendar, struct wall_ms to, int64_t ms, struct wall_ms *ret_at);

/* close(d): the end of the last office interval of a working date. */
struct wall_ms calendar_close_of(const struct calendar *calendar, struct civil_day day);

/* Does something computed up to this date rest on a year without an official notice? */
bool calendar_is_provisional(const struct calendar *calendar, struct civil_day day);

#endif
