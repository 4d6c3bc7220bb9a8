/* SPDX-License-Identifier: Apache-2.0 */
/* Civil dates as day numbers. */
#include "rules/calendar.h"
#include "tests/support/check.h"

static int32_t number_of(const char *text)
{
    struct civil_day day = {.number = -1};
    return civil_parse(text_of(text), &day) == ERR_OK ? day.number : INT32_MIN;
}

static void the_epoch_is_day_zero_and_a_thursday(void)
{
    CHECK_EQ(number_of("1970-01-01"), 0);
    CHECK_EQ(civil_weekday((struct civil_day){0}), 4);
    CHECK_EQ(civil_weekday((struct civil_day){-1}), 3);
    CHECK_EQ(civil_weekday((struct civil_day){3}), 7);
    CHECK_EQ(civil_weekday((struct civil_day){4}), 1);
}

static void known_dates_have_known_numbers(void)
{
    CHECK_EQ(number_of("2000-02-29"), 11016);
    CHECK_EQ(number_of("2026-02-13"), 20497);
    CHECK_EQ(number_of("9999-12-31"), 2932896);
    CHECK_EQ(number_of("1969-12-31"), -1);
    CHECK_EQ(number_of("0001-01-01"), -719162);
}

static void every_day_of_four_centuries_comes_back(void)
{
    struct civil_date before = civil_date_of((struct civil_day){-719163});
    for (int32_t number = -719162; number < 2932896; number += 1) {
        const struct civil_date date = civil_date_of((struct civil_day){number});
        if (civil_day_of(date).number != number)
            CHECK_EQ(civil_day_of(date).number, number);
        const bool next_day = date.day == before.day + 1 && date.month == before.month;
        const bool next_month = date.day == 1 && before.day >= 28;
        if (!next_day && !next_month)
            CHECK_EQ(number, INT32_MIN);
        before = date;
    }
    CHECK_EQ(before.year, 9999);
}

static void dates_that_do_not_exist_are_refused(void)
{
    CHECK_EQ(number_of("2019-02-29"), INT32_MIN);
    CHECK_EQ(number_of("1900-02-29"), INT32_MIN);
    CHECK_EQ(number_of("2026-04-31"), INT32_MIN);
    CHECK_EQ(number_of("2026-13-01"), INT32_MIN);
    CHECK_EQ(number_of("2026-00-10"), INT32_MIN);
    CHECK_EQ(number_of("2026-01-00"), INT32_MIN);
    CHECK_EQ(number_of("2026-1-01"), INT32_MIN);
    CHECK_EQ(number_of("2026/01/01"), INT32_MIN);
    CHECK_EQ(number_of("2026-01-01 "), INT32_MIN);
    CHECK_EQ(number_of(""), INT32_MIN);
    CHECK_EQ(number_of("-026-01-01"), INT32_MIN);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(the_epoch_is_day_zero_and_a_thursday);
    CHECK_RUN(known_dates_have_known_numbers);
    CHECK_RUN(every_day_of_four_centuries_comes_back);
    CHECK_RUN(dates_that_do_not_exist_are_refused);
    return check_done();
}
