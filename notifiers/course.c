/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accepted ends it. Rejected goes to the next channel, or is dead. Unsure is repeated once with
 * the same bytes and identity; unsure again ends it there. Retry later waits, until another
 * channel would be faster or the message is a day old.
 */
#include "notifiers/course.h"

int64_t course_backoff(int32_t attempt, uint64_t random)
{
    int64_t full_ms = COURSE_BACKOFF_FIRST_MS;
    for (int32_t done = 1; done < attempt && full_ms < COURSE_BACKOFF_MAX_MS; done++) {
        full_ms *= 2;
    }
    if (full_ms > COURSE_BACKOFF_MAX_MS) {
        full_ms = COURSE_BACKOFF_MAX_MS;
    }
    const int64_t half_ms = full_ms / 2;
    return half_ms + (int64_t)(random % (uint64_t)(half_ms + 1));
}

static struct course ended(const struct course_question *question, const char *state)
{
    return (struct course){
        .state = state,
        .final = true,
        .next_channel = question->has_rest,
        .unsures = question->unsures,
    };
}

static struct course again(const struct course_question *question, const char *state)
{
    const int64_t backoff_ms = course_backoff(question->attempts, question->random);
    int64_t asked_ms = question->outcome->after_ms;
    asked_ms = asked_ms < COURSE_WISH_MAX_MS ? asked_ms : COURSE_WISH_MAX_MS;
    return (struct course){
        .state = state,
        .ready = wall_add(question->now, asked_ms > backoff_ms ? asked_ms : backoff_ms),
        .unsures = question->unsures,
    };
}

static struct course retried(const struct course_question *question)
{
    if (question->outcome->cause == CAUSE_CREDENTIAL && question->has_rest) {
        return ended(question, "rejected"); /* nothing but an operator mends this */
    }
    const struct course later = again(question, "retrying");
    const int64_t waited_ms = later.ready.ms - question->first_at.ms;
    if (question->has_rest && waited_ms >= question->fallback_after_ms) {
        return ended(question, "rejected");
    }
    return waited_ms >= COURSE_GIVE_UP_MS ? ended(question, "dead") : later;
}

static struct course accepted(const struct course_question *question)
{
    struct course course = ended(question, "accepted");
    course.next_channel = false;
    return course;
}

static struct course unsure(const struct course_question *question)
{
    if (question->unsures > 0) {
        return ended(question, "unsure");
    }
    struct course course = again(question, "unsure");
    course.unsures++;
    return course;
}

struct course course_after(const struct course_question *question)
{
    switch (question->outcome->kind) {
    case OUTCOME_ACCEPTED:
        return accepted(question);
    case OUTCOME_REJECTED:
        return ended(question, question->has_rest ? "rejected" : "dead");
    case OUTCOME_UNSURE:
        return unsure(question);
    case OUTCOME_RETRY_LATER:
    case OUTCOME_KIND_COUNT:
        break;
    }
    return retried(question);
}
