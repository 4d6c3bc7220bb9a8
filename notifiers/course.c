/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accepted ends it, unless a receipt may send it to the next channel or the gateway can be asked.
 * Rejected goes to the next channel, or is dead. Unsure is repeated once with the same bytes and
 * identity (more often where the gateway tells, or knows a repeat); unsure again ends it there.
 * Retry later waits, until another channel would be faster or the message is a day old. A token
 * that is not good any more waits for nothing: it is fetched anew first.
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
    struct course later = again(question, "retrying");
    if (question->outcome->cause == CAUSE_TOKEN) {
        later.ready = question->now;
    }
    const int64_t waited_ms = later.ready.ms - question->first_at.ms;
    if (question->has_rest && waited_ms >= question->fallback_after_ms) {
        return ended(question, "rejected");
    }
    return waited_ms >= COURSE_GIVE_UP_MS ? ended(question, "dead") : later;
}

struct wall_ms course_poll_at(struct wall_ms accepted_at, int32_t polls)
{
    static const int64_t minutes[COURSE_POLLS_MAX] = {1, 6, 30, 120, 480};
    const int32_t index = polls < COURSE_POLLS_MAX ? polls : COURSE_POLLS_MAX - 1;
    return wall_add(accepted_at, minutes[index] * 60000);
}

static struct wall_ms fallback_at(struct wall_ms accepted_at, int64_t fallback_after_ms)
{
    const bool least = fallback_after_ms < COURSE_RECEIPT_MS_MIN;
    return wall_add(accepted_at, least ? COURSE_RECEIPT_MS_MIN : fallback_after_ms);
}

static struct course accepted(const struct course_question *question)
{
    struct course course = ended(question, "accepted");
    course.next_channel = false;
    if (question->has_rest && (question->has_receipts || question->can_be_asked)) {
        course.awaiting = true;
        course.ready = fallback_at(question->now, question->fallback_after_ms);
    } else if (question->can_be_asked) {
        course.awaiting = true;
        course.ready = course_poll_at(question->now, 0);
    }
    course.final = !course.awaiting;
    return course;
}

static struct course unsure(const struct course_question *question)
{
    struct course course = again(question, "unsure");
    const int64_t waited_ms = course.ready.ms - question->first_at.ms;
    const int64_t most_ms = question->has_rest ? question->fallback_after_ms : COURSE_GIVE_UP_MS;
    const int32_t most = question->can_be_asked ? COURSE_UNSURE_MAX : 1;
    const bool over = question->deduplicates ? question->unsures > 0 && waited_ms >= most_ms
                                             : question->unsures >= most;
    if (over) {
        return ended(question, "unsure");
    }
    const struct wall_ms soonest = wall_add(question->now, COURSE_ASK_FIRST_MS);
    if (question->can_be_asked && course.ready.ms < soonest.ms) {
        course.ready = soonest;
    }
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

/* ---- accepted, and waiting ---- */

static struct course_waited waited(enum course_step step)
{
    return (struct course_waited){.step = step};
}

static struct course_waited waited_until(struct wall_ms ready)
{
    return (struct course_waited){.step = COURSE_LATER, .ready = ready};
}

/* Asked now and then, until the gateway has said all it will or was asked often enough. */
static struct course_waited ask_again(const struct course_wait *wait)
{
    if (!wait->can_be_asked || wait->polls >= COURSE_POLLS_MAX) {
        return waited(COURSE_END);
    }
    const struct wall_ms at = course_poll_at(wait->accepted_at, wait->polls);
    if (!wait->just_asked && at.ms <= wait->now.ms) {
        return waited(COURSE_ASK);
    }
    return waited_until(at.ms > wait->now.ms ? at : wall_add(wait->now, 60000));
}

static struct course_waited nothing_known(const struct course_wait *wait)
{
    if (!wait->has_rest) {
        return ask_again(wait);
    }
    const struct wall_ms at = fallback_at(wait->accepted_at, wait->fallback_after_ms);
    if (wait->now.ms < at.ms) {
        return waited_until(at);
    }
    return waited(wait->can_be_asked && !wait->just_asked ? COURSE_ASK : COURSE_NEXT_CHANNEL);
}

struct course_waited course_while_waiting(const struct course_wait *wait)
{
    switch (wait->known) {
    case COURSE_NOTHING:
        return nothing_known(wait);
    case COURSE_UNDELIVERED:
        return waited(wait->has_rest ? COURSE_NEXT_CHANNEL : COURSE_END);
    case COURSE_DELIVERED:
        return wait->can_be_read ? ask_again(wait) : waited(COURSE_END);
    case COURSE_READ:
        break;
    }
    return waited(COURSE_END);
}
