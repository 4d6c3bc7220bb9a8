/* SPDX-License-Identifier: Apache-2.0 */
/* Local times of zones with and without summer time. */
#include "rules/zone.h"
#include "tests/support/check.h"
#include "tests/support/rule_world.h"

static struct arena arena;

static const char *local_as_utc(const struct zone *zone, const char *date, int32_t second)
{
    static char text[WALL_TEXT_BYTES];
    struct civil_day day = {0};
    if (!CHECK(civil_parse(text_of(date), &day) == ERR_OK))
        return "";
    const int64_t utc_s = zone_utc_of_local(zone, (int64_t)day.number * 86400 + second);
    return wall_format((struct wall_ms){.ms = utc_s * 1000}, 0, text);
}

static void a_zone_without_changes_has_one_offset(void)
{
    const struct zone zone = world_zone(&arena, WORLD_KOLKATA);
    CHECK_EQ(zone_offset_at(&zone, (struct wall_ms){0}), 19800);
    CHECK_STR(local_as_utc(&zone, "2026-07-01", 9 * 3600), "2026-07-01T03:30:00+00:00");
}

static void the_offset_changes_at_the_very_second(void)
{
    const struct zone zone = world_zone(&arena, WORLD_BERLIN);
    CHECK_EQ(zone_offset_at(&zone, world_at("2026-03-29T00:59:59Z")), 3600);
    CHECK_EQ(zone_offset_at(&zone, world_at("2026-03-29T00:59:59.999Z")), 3600);
    CHECK_EQ(zone_offset_at(&zone, world_at("2026-03-29T01:00:00Z")), 7200);
    CHECK_EQ(zone_offset_at(&zone, world_at("2026-10-25T00:59:59Z")), 7200);
    CHECK_EQ(zone_offset_at(&zone, world_at("2026-10-25T01:00:00Z")), 3600);
}

static void a_skipped_local_time_is_read_with_the_earlier_offset(void)
{
    const struct zone zone = world_zone(&arena, WORLD_BERLIN);
    CHECK_STR(local_as_utc(&zone, "2026-03-29", 7199), "2026-03-29T00:59:59+00:00");
    CHECK_STR(local_as_utc(&zone, "2026-03-29", 7200), "2026-03-29T01:00:00+00:00");
    CHECK_STR(local_as_utc(&zone, "2026-03-29", 9000), "2026-03-29T01:30:00+00:00");
    CHECK_STR(local_as_utc(&zone, "2026-03-29", 10800), "2026-03-29T01:00:00+00:00");
}

static void a_doubled_local_time_is_the_first_of_the_two(void)
{
    const struct zone zone = world_zone(&arena, WORLD_BERLIN);
    CHECK_STR(local_as_utc(&zone, "2026-10-25", 7200), "2026-10-25T00:00:00+00:00");
    CHECK_STR(local_as_utc(&zone, "2026-10-25", 9000), "2026-10-25T00:30:00+00:00");
    CHECK_STR(local_as_utc(&zone, "2026-10-25", 10800), "2026-10-25T02:00:00+00:00");
}

static void a_change_of_half_an_hour_is_minded(void)
{
    const struct zone zone = world_zone(&arena, WORLD_LORD_HOWE);
    CHECK_EQ(zone_offset_at(&zone, world_at("2026-01-15T00:00:00Z")), 39600);
    CHECK_EQ(zone_offset_at(&zone, world_at("2026-07-15T00:00:00Z")), 37800);
    CHECK_STR(local_as_utc(&zone, "2026-10-04", 7200 + 900), "2026-10-03T15:45:00+00:00");
    CHECK_STR(local_as_utc(&zone, "2026-10-04", 7200 + 1800), "2026-10-03T15:30:00+00:00");
}

static void west_of_greenwich_works_the_same(void)
{
    const struct zone zone = world_zone(&arena, WORLD_NEW_YORK);
    CHECK_STR(local_as_utc(&zone, "2026-03-08", 2 * 3600 + 1800), "2026-03-08T07:30:00+00:00");
    CHECK_STR(local_as_utc(&zone, "2026-11-01", 3600 + 1800), "2026-11-01T05:30:00+00:00");
    CHECK_STR(local_as_utc(&zone, "2026-11-01", 2 * 3600), "2026-11-01T07:00:00+00:00");
}

int main(int argc, char **argv)
{
    arena_init(&arena, 0);
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(a_zone_without_changes_has_one_offset);
    CHECK_RUN(the_offset_changes_at_the_very_second);
    CHECK_RUN(a_skipped_local_time_is_read_with_the_earlier_offset);
    CHECK_RUN(a_doubled_local_time_is_the_first_of_the_two);
    CHECK_RUN(a_change_of_half_an_hour_is_minded);
    CHECK_RUN(west_of_greenwich_works_the_same);
    arena_release(&arena);
    return check_done();
}
