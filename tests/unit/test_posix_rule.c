/* SPDX-License-Identifier: Apache-2.0 */
/*
 * POSIX TZ rules: all three ways to name a day, both hemispheres, and what is not a rule.
 */
#include <string.h>

#include "config/posix_rule.h"
#include "tests/support/check.h"

static struct posix_rule parse(const char *text)
{
    struct posix_rule rule = {0};
    check_note("%s", text);
    CHECK(posix_rule_parse(text_of(text), &rule) == ERR_OK);
    return rule;
}

static int64_t utc_s(const char *rfc3339)
{
    struct wall_ms at = {0};
    CHECK(wall_parse(rfc3339, strlen(rfc3339), &at) == ERR_OK);
    return at.ms / 1000;
}

static void offsets_are_east_of_utc(void)
{
    CHECK_EQ(parse("CST-8").standard_offset_s, 8 * 3600);
    CHECK_EQ(parse("<+0545>-5:45").standard_offset_s, 5 * 3600 + 45 * 60);
    CHECK_EQ(parse("<-03>3").standard_offset_s, -3 * 3600);
    CHECK(!parse("CST-8").has_summer);
    CHECK_EQ(parse("CET-1CEST,M3.5.0,M10.5.0/3").summer_offset_s, 2 * 3600);
    CHECK_EQ(parse("IST-1GMT0,M10.5.0,M3.5.0/1").summer_offset_s, 0);
}

static void weekdays_of_months_are_found(void)
{
    struct zone_change changes[2];
    const struct posix_rule berlin = parse("CET-1CEST,M3.5.0,M10.5.0/3");
    posix_rule_changes(&berlin, 2026, changes);
    CHECK_EQ(changes[0].at_s, utc_s("2026-03-29T01:00:00Z"));
    CHECK_EQ(changes[0].offset_s, 7200);
    CHECK_EQ(changes[1].at_s, utc_s("2026-10-25T01:00:00Z"));
    const struct posix_rule york = parse("EST5EDT,M3.2.0,M11.1.0");
    posix_rule_changes(&york, 2026, changes);
    CHECK_EQ(changes[0].at_s, utc_s("2026-03-08T07:00:00Z"));
    CHECK_EQ(changes[1].at_s, utc_s("2026-11-01T06:00:00Z"));
}

static void in_the_south_the_year_begins_in_summer(void)
{
    struct zone_change changes[2];
    const struct posix_rule sydney = parse("AEST-10AEDT,M10.1.0,M4.1.0/3");
    posix_rule_changes(&sydney, 2026, changes);
    CHECK_EQ(changes[0].at_s, utc_s("2026-04-04T16:00:00Z"));
    CHECK_EQ(changes[0].offset_s, 10 * 3600);
    CHECK_EQ(changes[1].at_s, utc_s("2026-10-03T16:00:00Z"));
}

static void numbered_days_know_leap_years(void)
{
    struct zone_change changes[2];
    const struct posix_rule julian = parse("XXX0YYY,J60/0,J365/0");
    posix_rule_changes(&julian, 2023, changes);
    CHECK_EQ(changes[0].at_s, utc_s("2023-03-01T00:00:00Z"));
    posix_rule_changes(&julian, 2024, changes);
    CHECK_EQ(changes[0].at_s, utc_s("2024-03-01T00:00:00Z"));
    CHECK_EQ(changes[1].at_s, utc_s("2024-12-30T23:00:00Z"));
    const struct posix_rule counted = parse("XXX0YYY,59/0,364/0");
    posix_rule_changes(&counted, 2024, changes);
    CHECK_EQ(changes[0].at_s, utc_s("2024-02-29T00:00:00Z"));
}

static void times_may_lie_outside_the_day(void)
{
    struct zone_change changes[2];
    const struct posix_rule nuuk = parse("<-02>2<-01>,M3.5.0/-1,M10.5.0/0");
    posix_rule_changes(&nuuk, 2026, changes);
    CHECK_EQ(changes[0].at_s, utc_s("2026-03-29T01:00:00Z"));
}

static void what_is_no_rule_is_refused(void)
{
    static const char *const bad[] = {
        "",
        "C",
        "CST",
        "CST-",
        "CST-8 ",
        "CST-200",
        "<+08-8",
        "CET-1CEST",
        "CET-1CEST,M3.5.0",
        "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1CEST,M3.6.0,M10.5.0",
        "CET-1CEST,M3.0.0,M10.5.0",
        "CET-1CEST,M3.5.7,M10.5.0",
        "CET-1CEST,J0,J365",
        "CET-1CEST,J1,J366",
        "CET-1CEST,0,366",
        "CET-1CEST,M3.5.0/,M10.5.0",
        "CET-1CEST,M3.5.0,M10.5.0/3x",
        "CET-1:60",
        "CET-99999999999999999999",
    };
    struct posix_rule rule;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        check_note("%s", bad[i]);
        CHECK(posix_rule_parse(text_of(bad[i]), &rule) == ERR_PARSE);
    }
}

int main(void)
{
    CHECK_RUN(offsets_are_east_of_utc);
    CHECK_RUN(weekdays_of_months_are_found);
    CHECK_RUN(in_the_south_the_year_begins_in_summer);
    CHECK_RUN(numbered_days_know_leap_years);
    CHECK_RUN(times_may_lie_outside_the_day);
    CHECK_RUN(what_is_no_rule_is_refused);
    return check_done();
}
