/* SPDX-License-Identifier: Apache-2.0 */
/* The service clock in its three modes, and its file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "tests/support/check.h"

static char path[200];

static struct wall_ms wall(int64_t ms)
{
    return (struct wall_ms){.ms = ms};
}

static void the_real_clock_is_the_systems(void)
{
    struct service_clock clock;
    clock_init_real(&clock);
    const int64_t before = clock_system().ms;
    const int64_t now = clock_now(&clock).ms;
    CHECK_GE(now, before);
    CHECK_GE(clock_system().ms, now);
    const int64_t left_ms = clock_real_ms_until(&clock, wall_add(clock_now(&clock), 5000));
    CHECK(left_ms > 4000 && left_ms <= 5000);
    CHECK_EQ(clock_real_ms_until(&clock, wall(0)), 0);
}

static void the_monotonic_clock_never_goes_back(void)
{
    int64_t last = clock_mono().ms;
    for (int i = 0; i < 1000; i++) {
        const int64_t now = clock_mono().ms;
        CHECK_GE(now, last);
        last = now;
    }
}

static void a_stepped_clock_stands_still_until_it_is_set(void)
{
    struct service_clock clock;
    clock_init_stepped(&clock, wall(1000));
    CHECK_EQ(clock_now(&clock).ms, 1000);
    CHECK_EQ(clock_now(&clock).ms, 1000);
    CHECK_EQ(clock_real_ms_until(&clock, wall(1001)), INT64_MAX);
    CHECK_EQ(clock_real_ms_until(&clock, wall(1000)), 0);
    clock_set(&clock, wall(5000));
    CHECK_EQ(clock_now(&clock).ms, 5000);
    clock_set(&clock, wall(4000));
    CHECK_EQ(clock_now(&clock).ms, 5000);
}

static void a_scaled_clock_runs_from_its_two_instants(void)
{
    struct service_clock clock;
    const struct wall_ms hour_ago = wall_add(clock_system(), -3600000);
    clock_init_scaled(&clock, hour_ago, wall(1000000), 43200);
    const int64_t now = clock_now(&clock).ms;
    const int64_t expected = 1000000 + INT64_C(3600000) * 43200;
    CHECK_GE(now, expected);
    CHECK_GE(expected + INT64_C(60000) * 43200, now); /* within a minute of running this */
    /* One service day takes two real seconds. */
    const int64_t left_ms = clock_real_ms_until(&clock, wall_add(wall(now), 86400000));
    CHECK(left_ms > 1000 && left_ms <= 2000);
}

static void a_slow_clock_waits_longer_than_the_service_span(void)
{
    struct service_clock clock;
    clock_init_scaled(&clock, clock_system(), wall(0), 0.5);
    const int64_t left_ms = clock_real_ms_until(&clock, wall(10000));
    CHECK(left_ms > 19000 && left_ms <= 20000);
}

static void a_scaled_clock_saturates(void)
{
    struct service_clock clock;
    clock_init_scaled(&clock, wall(0), wall(WALL_MS_MAX - 10), 1e6);
    CHECK_EQ(clock_now(&clock).ms, WALL_MS_MAX);
    clock_init_scaled(&clock, wall(WALL_MS_MAX), wall(10), 1e6); /* long before its real0 */
    CHECK_EQ(clock_now(&clock).ms, 0);
    CHECK_GE(clock_real_ms_until(&clock, wall(5)), 1);
}

static void service_time_holds_still_while_the_system_is_behind(void)
{
    struct service_clock clock;
    clock_init_real(&clock);
    clock.newest = wall_add(clock_system(), 100000); /* as if the system had stepped back */
    const int64_t held = clock.newest.ms;
    CHECK_EQ(clock_now(&clock).ms, held);
    CHECK_EQ(clock_real_ms_until(&clock, wall(held)), 0);
    const int64_t left_ms = clock_real_ms_until(&clock, wall(held + 5000));
    CHECK(left_ms > 100000 && left_ms <= 105000);
}

static void a_missing_file_is_the_real_clock(void)
{
    struct service_clock clock = {.mode = CLOCK_STEPPED};
    (void)unlink(path);
    CHECK_EQ(clock_load(&clock, path, NULL), ERR_OK);
    CHECK_EQ(clock.mode, CLOCK_REAL);
}

static void a_saved_clock_loads_the_same(void)
{
    struct service_clock clock;
    struct service_clock back;
    clock_init_stepped(&clock, wall(INT64_C(1554087990007)));
    CHECK_EQ(clock_save(&clock, path, NULL), ERR_OK);
    CHECK_EQ(clock_load(&back, path, NULL), ERR_OK);
    CHECK_EQ(back.mode, CLOCK_STEPPED);
    CHECK_EQ(clock_now(&back).ms, INT64_C(1554087990007));
    clock_init_scaled(&clock, wall(7), wall(1001), 43200.5);
    CHECK_EQ(clock_save(&clock, path, NULL), ERR_OK);
    CHECK_EQ(clock_load(&back, path, NULL), ERR_OK);
    CHECK_EQ(back.mode, CLOCK_SCALED);
    CHECK_EQ(back.real0.ms, 7);
    CHECK_EQ(back.virtual0.ms, 1001);
    CHECK(back.speed == 43200.5);
    clock_init_real(&clock);
    CHECK_EQ(clock_save(&clock, path, NULL), ERR_OK);
    CHECK_EQ(clock_load(&back, path, NULL), ERR_OK);
    CHECK_EQ(back.mode, CLOCK_REAL);
}

static void check_bad_file(const char *text, const char *what)
{
    struct service_clock clock = {.mode = CLOCK_SCALED, .speed = 17};
    struct err_why why = {0};
    CHECK_EQ(file_write(path, text_of(text), 0600, &why), ERR_OK);
    check_note("%s", text);
    CHECK_EQ(clock_load(&clock, path, &why), ERR_PARSE);
    const char *const after_path = strstr(why.text, ": ");
    CHECK_STR(after_path ? after_path + 2 : why.text, what);
    CHECK(clock.speed == 17); /* untouched */
}

static void a_damaged_file_says_what_it_should_hold(void)
{
    check_bad_file("{", "1:2: the text ends; expected a key in double quotes");
    check_bad_file("{}", "\"mode\" must be \"real\", \"scaled\" or \"stepped\"");
    check_bad_file("[]", "\"mode\" must be \"real\", \"scaled\" or \"stepped\"");
    check_bad_file(
        "{\"mode\":\"stepped\",\"now\":\"today\"}",
        "\"now\" must be an instant such as \"2019-04-01T09:00:00+08:00\"");
    check_bad_file(
        "{\"mode\":\"scaled\",\"real0\":0,\"virtual0\":0,\"speed\":0}",
        "\"speed\" must be a number above 0 and up to 1e+06");
    check_bad_file(
        "{\"mode\":\"scaled\",\"real0\":0,\"virtual0\":-1,\"speed\":1}",
        "\"virtual0\" must be an instant such as \"2019-04-01T09:00:00+08:00\"");
}

int main(void)
{
    const char *const folder = getenv("TMPDIR");
    (void)snprintf(
        path, sizeof path, "%s/clock-%ld.json", folder ? folder : "/tmp", (long)getpid());
    CHECK_RUN(the_real_clock_is_the_systems);
    CHECK_RUN(the_monotonic_clock_never_goes_back);
    CHECK_RUN(a_stepped_clock_stands_still_until_it_is_set);
    CHECK_RUN(a_scaled_clock_runs_from_its_two_instants);
    CHECK_RUN(a_slow_clock_waits_longer_than_the_service_span);
    CHECK_RUN(a_scaled_clock_saturates);
    CHECK_RUN(service_time_holds_still_while_the_system_is_behind);
    CHECK_RUN(a_missing_file_is_the_real_clock);
    CHECK_RUN(a_saved_clock_loads_the_same);
    CHECK_RUN(a_damaged_file_says_what_it_should_hold);
    (void)unlink(path);
    return check_done();
}
