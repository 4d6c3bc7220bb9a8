/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What becomes of a message that has left us: accepted and waiting for its receipt, or unsure at a
 * gateway that can be asked or knows repeats. Pure decisions, as tables.
 */
#include "notifiers/course.h"
#include "tests/support/check.h"

#define MINUTE_MS ((int64_t)60000)
#define HOUR_MS   (60 * MINUTE_MS)

static const struct wall_ms start = {.ms = 1000000000};

static struct course_wait waiting(enum course_known known, int64_t waited_ms)
{
    return (struct course_wait){
        .known = known,
        .has_rest = true,
        .accepted_at = start,
        .now = wall_add(start, waited_ms),
        .fallback_after_ms = 10 * MINUTE_MS,
    };
}

static void a_receipt_decides_whatever_the_time(void)
{
    static const struct {
        enum course_known known;
        bool has_rest;
        enum course_step step;
    } cases[] = {
        {COURSE_UNDELIVERED, true, COURSE_NEXT_CHANNEL},
        {COURSE_UNDELIVERED, false, COURSE_END},
        {COURSE_DELIVERED, true, COURSE_END},
        {COURSE_READ, true, COURSE_END},
    };
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        for (int64_t waited_ms = 0; waited_ms < HOUR_MS; waited_ms += 7 * MINUTE_MS) {
            struct course_wait wait = waiting(cases[index].known, waited_ms);
            wait.has_rest = cases[index].has_rest;
            CHECK_EQ(course_while_waiting(&wait).step, cases[index].step);
        }
    }
}

static void without_a_receipt_time_decides(void)
{
    struct course_wait wait = waiting(COURSE_NOTHING, 10 * MINUTE_MS - 1);
    const struct course_waited early = course_while_waiting(&wait);
    CHECK_EQ(early.step, COURSE_LATER);
    CHECK_EQ(early.ready.ms, start.ms + 10 * MINUTE_MS);
    wait = waiting(COURSE_NOTHING, 10 * MINUTE_MS);
    CHECK_EQ(course_while_waiting(&wait).step, COURSE_NEXT_CHANNEL);
    wait.can_be_asked = true;
    CHECK_EQ(course_while_waiting(&wait).step, COURSE_ASK);
    wait.just_asked = true;
    CHECK_EQ(course_while_waiting(&wait).step, COURSE_NEXT_CHANNEL);
}

static void a_fallback_of_nothing_still_gives_the_receipt_a_moment(void)
{
    struct course_wait wait = waiting(COURSE_NOTHING, 1);
    wait.fallback_after_ms = 0;
    CHECK_EQ(course_while_waiting(&wait).ready.ms, start.ms + COURSE_RECEIPT_MS_MIN);
}

static void on_the_last_channel_a_gateway_is_asked_with_growing_gaps_and_then_no_more(void)
{
    struct course_wait wait = waiting(COURSE_NOTHING, 0);
    int64_t gap_ms = 0;
    wait.has_rest = false;
    CHECK_EQ(course_while_waiting(&wait).step, COURSE_END); /* it cannot be asked */
    wait.can_be_asked = true;
    for (wait.polls = 0; wait.polls < COURSE_POLLS_MAX; wait.polls++) {
        const struct course_waited later = course_while_waiting(&wait);
        CHECK_EQ(later.step, COURSE_LATER);
        CHECK_GE(later.ready.ms - wait.now.ms, gap_ms + 1);
        gap_ms = later.ready.ms - wait.now.ms;
        wait.now = later.ready;
        CHECK_EQ(course_while_waiting(&wait).step, COURSE_ASK);
    }
    wait.just_asked = true;
    CHECK_EQ(course_while_waiting(&wait).step, COURSE_END);
}

static void who_can_be_read_is_asked_on_after_delivery(void)
{
    struct course_wait wait = waiting(COURSE_DELIVERED, 2 * MINUTE_MS);
    wait.can_be_asked = true;
    CHECK_EQ(course_while_waiting(&wait).step, COURSE_END);
    wait.can_be_read = true;
    CHECK_EQ(course_while_waiting(&wait).step, COURSE_ASK);
    wait.just_asked = true;
    wait.polls = 1;
    CHECK_EQ(course_while_waiting(&wait).step, COURSE_LATER);
}

/* However it goes, waiting ends. */
static void waiting_always_ends(void)
{
    for (int bits = 0; bits < 16; bits++) {
        struct course_wait wait = waiting(COURSE_NOTHING, 0);
        wait.has_rest = bits & 1;
        wait.can_be_asked = bits & 2;
        wait.can_be_read = bits & 4;
        wait.known = bits & 8 ? COURSE_DELIVERED : COURSE_NOTHING;
        int turns = 0;
        enum course_step step = COURSE_LATER;
        while (turns++ < 50 && (step == COURSE_LATER || step == COURSE_ASK)) {
            const struct course_waited next = course_while_waiting(&wait);
            step = next.step;
            wait.just_asked = step == COURSE_ASK;
            wait.polls += step == COURSE_ASK;
            wait.now = step == COURSE_LATER ? next.ready : wait.now;
        }
        check_note("bits %d", bits);
        CHECK(step == COURSE_END || step == COURSE_NEXT_CHANNEL);
    }
}

/* ---- unsure ---- */

static struct course_question unsure(const struct outcome *outcome, int32_t unsures)
{
    return (struct course_question){
        .outcome = outcome,
        .attempts = unsures + 1,
        .unsures = unsures,
        .first_at = start,
        .now = wall_add(start, MINUTE_MS),
        .fallback_after_ms = 10 * MINUTE_MS,
    };
}

static void an_unsure_message_is_repeated_as_its_gateway_allows(void)
{
    struct outcome outcome = {0};
    outcome_set(&outcome, OUTCOME_UNSURE, CAUSE_TRANSPORT, "", (struct text){0});
    for (int32_t unsures = 0; unsures < 6; unsures++) {
        struct course_question question = unsure(&outcome, unsures);
        CHECK_EQ(course_after(&question).final, unsures > 0);
        question.can_be_asked = true;
        const struct course asked = course_after(&question);
        CHECK_EQ(asked.final, unsures >= COURSE_UNSURE_MAX);
        CHECK(asked.final || asked.ready.ms >= question.now.ms + COURSE_ASK_FIRST_MS);
        question.can_be_asked = false;
        question.deduplicates = true;
        CHECK(!course_after(&question).final);
        question.has_rest = true;
        question.now = wall_add(start, 10 * MINUTE_MS);
        CHECK_EQ(course_after(&question).next_channel, unsures > 0);
    }
}

static void a_refused_token_waits_for_nothing(void)
{
    struct outcome outcome = {0};
    outcome_set(&outcome, OUTCOME_RETRY_LATER, CAUSE_TOKEN, "", (struct text){0});
    const struct course_question question = unsure(&outcome, 0);
    const struct course course = course_after(&question);
    CHECK_STR(course.state, "retrying");
    CHECK_EQ(course.ready.ms, question.now.ms);
}

static void an_accepted_message_waits_only_where_something_may_come_of_it(void)
{
    struct outcome outcome = {0};
    outcome_set(&outcome, OUTCOME_ACCEPTED, CAUSE_NONE, "", (struct text){0});
    for (int bits = 0; bits < 8; bits++) {
        struct course_question question = unsure(&outcome, 0);
        question.has_rest = bits & 1;
        question.has_receipts = bits & 2;
        question.can_be_asked = bits & 4;
        const bool waits = question.has_rest ? (bits & 6) != 0 : question.can_be_asked;
        const struct course course = course_after(&question);
        check_note("bits %d", bits);
        CHECK_EQ(course.awaiting, waits);
        CHECK_EQ(course.final, !waits);
        CHECK(!course.next_channel);
        CHECK_STR(course.state, "accepted");
    }
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(a_receipt_decides_whatever_the_time);
    CHECK_RUN(without_a_receipt_time_decides);
    CHECK_RUN(a_fallback_of_nothing_still_gives_the_receipt_a_moment);
    CHECK_RUN(on_the_last_channel_a_gateway_is_asked_with_growing_gaps_and_then_no_more);
    CHECK_RUN(who_can_be_read_is_asked_on_after_delivery);
    CHECK_RUN(waiting_always_ends);
    CHECK_RUN(an_unsure_message_is_repeated_as_its_gateway_allows);
    CHECK_RUN(a_refused_token_waits_for_nothing);
    CHECK_RUN(an_accepted_message_waits_only_where_something_may_come_of_it);
    return check_done();
}
