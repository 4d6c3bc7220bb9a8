/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of a rule file that rules/ reads itself: durations, times of day, dates, roles. What
 * is accepted lies in its range; what is refused has a reason.
 */
#include <stdint.h>
#include <string.h>

#include "base/must.h"
#include "rules/directory.h"
#include "rules/duration.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count);

static void check_duration(struct text text)
{
    struct duration duration;
    struct err_why why = {0};
    if (duration_parse(text, &duration, &why) != ERR_OK) {
        MUST(strlen(why.text) > 0);
        return;
    }
    const bool in_days = duration.unit == UNIT_WORKING_DAY || duration.unit == UNIT_CALENDAR_DAY;
    MUST(duration.amount > 0 && duration.amount <= INT64_C(36500) * (in_days ? 1 : 86400000));
    MUST(duration.at_second >= -1 && duration.at_second <= 86400);
    MUST(in_days || (duration.at_second == -1 && duration.amount % duration.step_ms == 0));
}

static void check_role(struct text text)
{
    struct role role;
    struct err_why why = {0};
    if (role_parse(text, &role, &why) != ERR_OK) {
        MUST(strlen(why.text) > 0);
        return;
    }
    MUST(role.kind < ROLE_KIND_COUNT);
    MUST(role.name.bytes <= text.bytes);
    MUST((role.kind == ROLE_UP) == (role.levels > 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count)
{
    const struct text text = {.ptr = (const char *)bytes, .bytes = byte_count};
    struct civil_day day;
    int32_t second = 0;
    check_duration(text);
    check_role(text);
    if (civil_parse(text, &day) == ERR_OK) {
        const struct civil_date date = civil_date_of(day);
        MUST(date.year >= 0 && date.year <= 9999 && civil_day_of(date).number == day.number);
    }
    if (duration_parse_time(text, &second) == ERR_OK)
        MUST(second >= 0 && second <= 86400);
    return 0;
}
