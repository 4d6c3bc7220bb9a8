/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What people say of a miss and of a case (semantics section 4): waived, appealed, objected. None
 * of it moves a clock; the figures ask for it.
 */
#include "rules/fold.h"

const char *appeal_name(enum appeal appeal)
{
    static const char *const names[APPEAL_COUNT] = {
        [APPEAL_NONE] = "none",
        [APPEAL_OPEN] = "open",
        [APPEAL_GRANTED] = "granted",
        [APPEAL_REJECTED] = "rejected",
    };
    return names[appeal];
}

static bool is_given(const struct event *event, const char *path)
{
    return event_attribute(event, path).bytes > 0;
}

/* The run it names, or the last of the clock, that was missed by then. */
static struct fold_run *find_miss(const struct fold *fold, const struct event *event)
{
    const struct text clock = event_attribute(event, "clock");
    const struct text run_text = event_attribute(event, "run");
    int64_t number = 0;
    if (run_text.ptr && text_parse_i64(run_text, &number) != ERR_OK)
        return NULL;
    for (size_t i = fold->run_count; clock.bytes > 0 && i-- > 0;) {
        struct fold_run *run = fold->runs[i];
        if (run->missed && text_equal(run->clock, clock) &&
            (!run_text.ptr || run->number == number))
            return run;
    }
    return NULL;
}

/* Is it a reason that the rule set lets waive a miss? */
static bool is_listed(const struct fold_run *run, struct text reason)
{
    const struct ruleset *set = policy_set_of(run->policy, run->rule);
    if (!set || set->waive_reason_count == 0)
        return true;
    return text_is_among(reason, set->waive_reasons, set->waive_reason_count);
}

static void waive(struct fold_run *run, const struct event *event)
{
    if (!is_given(event, "approved_by") || !is_given(event, "reason") ||
        !is_listed(run, event_attribute(event, "reason")))
        return;
    run->waived = true;
    if (run->appeal == APPEAL_OPEN)
        run->appeal = APPEAL_GRANTED;
}

static void appeal(struct fold_run *run, const struct event *event)
{
    if (!text_is(event_attribute(event, "result"), "rejected")) {
        if (!run->waived)
            run->appeal = APPEAL_OPEN;
    } else if (run->appeal == APPEAL_OPEN && is_given(event, "approved_by")) {
        run->appeal = APPEAL_REJECTED;
    }
}

void judge_miss(struct fold *fold, const struct event *event)
{
    struct fold_run *run = find_miss(fold, event);
    if (!run)
        return;
    if (event->kind == EVENT_WAIVED) {
        waive(run, event);
    } else {
        appeal(run, event);
    }
}

void object_case(struct fold *fold, const struct event *event)
{
    if (fold->closed || fold->state->objected)
        return;
    fold->state->objected = true;
    fold->state->objected_at = event->time;
    fold->state->objected_by = event_attribute(event, "by");
}

void settle_objection(struct fold *fold)
{
    fold->state->objected = false;
    fold->state->objected_at.ms = 0;
    fold->state->objected_by = (struct text){0};
}

struct wall_ms first_acknowledged(const struct fold *fold, const struct fold_run *run)
{
    for (size_t i = 0; i < fold->memory->event_count; i++) {
        const struct event *event = &fold->memory->events[i];
        if (event->kind == EVENT_ACKNOWLEDGED && event->time.ms >= run->start.ms &&
            text_equal(event_attribute(event, "clock"), run->clock))
            return event->time;
    }
    return (struct wall_ms){0};
}
