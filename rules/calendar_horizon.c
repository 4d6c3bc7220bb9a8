/* SPDX-License-Identifier: Apache-2.0 */
/* See calendar_horizon.h. */
#include "rules/calendar_horizon.h"

struct calendar_horizon calendar_horizon_at(const struct calendar *calendar, struct wall_ms now)
{
    const int32_t last_year = calendar_official_until(calendar);
    if (last_year == INT32_MIN)
        return (struct calendar_horizon){0};
    const struct civil_day today = calendar_local_day(calendar, now);
    const struct civil_day last = civil_day_of((struct civil_date){last_year, 12, 31});
    const struct civil_date date = civil_date_of(today);
    const int32_t needed = date.month >= CALENDAR_NOTICE_MONTH ? date.year + 1 : date.year;
    return (struct calendar_horizon){
        .known = true,
        .last_year = last_year,
        .days = (int64_t)last.number - today.number,
        .missing_year = needed > last_year ? last_year + 1 : 0,
    };
}
