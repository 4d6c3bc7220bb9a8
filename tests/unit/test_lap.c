/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is told of the callbacks of a loop: how many, the longest, and the one in a thousand.
 */
#include "base/clock.h"
#include "base/lap.h"
#include "tests/support/check.h"

static void busy_for(int64_t ms)
{
    const struct mono_ms until = mono_add(clock_mono(), ms);
    while (clock_mono().ms <= until.ms) {
    }
}

static void nothing_has_no_figures(void)
{
    lap_forget();
    CHECK_EQ(lap_figures().count, 0);
    CHECK_EQ(lap_figures().max_us, 0);
    CHECK_EQ(lap_figures().p999_us, 0);
}

static void the_longest_is_told(void)
{
    lap_forget();
    lap_begin();
    busy_for(5);
    lap_end();
    lap_begin();
    lap_end();
    CHECK_EQ(lap_figures().count, 2);
    CHECK_GE(lap_figures().max_us, 5000);
    CHECK_GE(lap_figures().p999_us, 5000);
    CHECK_GE(lap_figures().max_us, lap_figures().p999_us);
}

static void one_in_ten_thousand_is_beyond_the_quantile(void)
{
    lap_forget();
    for (int index = 0; index < 9999; index++) {
        lap_begin();
        lap_end();
    }
    lap_begin();
    busy_for(20);
    lap_end();
    CHECK_GE(lap_figures().max_us, 20000);
    CHECK_GE(10000, lap_figures().p999_us);
}

static void two_in_a_thousand_are_not(void)
{
    lap_forget();
    for (int index = 0; index < 998; index++) {
        lap_begin();
        lap_end();
    }
    for (int index = 0; index < 2; index++) {
        lap_begin();
        busy_for(5);
        lap_end();
    }
    CHECK_GE(lap_figures().p999_us, 5000);
}

static void a_callback_within_another_is_part_of_it(void)
{
    lap_forget();
    lap_begin();
    lap_begin();
    lap_end();
    busy_for(3);
    lap_end();
    CHECK_EQ(lap_figures().count, 1);
    CHECK_GE(lap_figures().max_us, 3000);
}

int main(void)
{
    CHECK_RUN(nothing_has_no_figures);
    CHECK_RUN(the_longest_is_told);
    CHECK_RUN(one_in_ten_thousand_is_beyond_the_quantile);
    CHECK_RUN(two_in_a_thousand_are_not);
    CHECK_RUN(a_callback_within_another_is_part_of_it);
    return check_done();
}
