/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A gateway that repeats our secrets does not get them into a reason.
 */
#include <stdio.h>
#include <string.h>

#include "notifiers/hide.h"
#include "tests/support/check.h"

#define WORDS(s)                                                                                   \
    {                                                                                              \
        .ptr = (s), .bytes = sizeof(s) - 1                                                         \
    }

static const struct channel_option options[] = {
    {.name = WORDS("username"), .value = WORDS("water")},
    {.name = WORDS("password"), .value = WORDS("p&ss 1234567890 w"), .secret = true},
    {.name = WORDS("robots.a.token"), .value = WORDS("abcdefgh"), .secret = true},
    {.name = WORDS("pin"), .value = WORDS("123"), .secret = true},
    {.name = WORDS("none"), .secret = true},
};
static const struct channel_settings settings = {
    .options = options, .option_count = sizeof options / sizeof options[0]};

static void check_hidden(const char *said, const char *reason)
{
    struct outcome outcome;
    outcome_set(&outcome, OUTCOME_REJECTED, CAUSE_NONE, "HTTP 403", text_of(said));
    hide_secrets(&settings, &outcome);
    check_note("%s", said);
    CHECK_STR(outcome.reason, reason);
}

static void secrets_become_stars_however_they_are_written(void)
{
    check_hidden("token=abcdefgh&x", "HTTP 403: token=********&x");
    check_hidden("abcdefghabcdefgh", "HTTP 403: ****************");
    check_hidden("p&ss 1234567890 w!", "HTTP 403: ********!");
    check_hidden("p%26ss%201234567890%20w", "HTTP 403: ************");
    check_hidden("water has 123 cats", "HTTP 403: water has 123 cats");
    check_hidden("", "HTTP 403");
}

static void a_secret_that_was_cut_at_the_end_is_no_secret_told(void)
{
    for (size_t before = 0; before < OUTCOME_REASON_BYTES; before++) {
        char said[OUTCOME_REASON_BYTES + 16];
        struct outcome outcome;
        memset(said, '.', before);
        memcpy(said + before, "abcdefgh", sizeof "abcdefgh");
        outcome_set(&outcome, OUTCOME_REJECTED, CAUSE_NONE, "", text_of(said));
        hide_secrets(&settings, &outcome);
        CHECK(!strstr(outcome.reason, "abcd"));
    }
}

int main(void)
{
    CHECK_RUN(secrets_become_stars_however_they_are_written);
    CHECK_RUN(a_secret_that_was_cut_at_the_end_is_no_secret_told);
    return check_done();
}
