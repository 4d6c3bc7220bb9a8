/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a stage falls due, and the occurrences of one that repeats (semantics section 6).
 */
#include "rules/fold.h"

/* How many occurrences a repeat without a maximum looks back: far more than can be unfired
 * after any outage, and a bound on the work for a case that is nagged for years. */
#define LOOK_BACK_MAX 1000

enum { SECONDS_PER_DAY = 86400, MS_PER_DAY = 86400000 };

bool stage_is_tied(const struct stage *stage)
{
    const bool counts_itself = stage->at.anchor == ANCHOR_START || stage->at.anchor == ANCHOR_ACKED;
    return !counts_itself || stage->light == LIGHT_RED;
}

static struct stage_instant after(
    const struct fold_run *run, struct wall_ms start, struct duration duration)
{
    const struct count_options options = {
        .late_arrival_next_working_day = run->rule->late_arrival_next_working_day,
        .pauses = run->pauses,
        .pause_count = run->pause_count,
    };
    struct counted counted;
    if (duration_after(run->calendar, start, duration, &options, &counted) != ERR_OK)
        return (struct stage_instant){.known = false};
    return (struct stage_instant){.known = true, .at = counted.at};
}

static struct stage_instant from_due(
    const struct fold_run *run, struct duration duration, bool back)
{
    struct stage_instant instant = {.known = run->has_due};
    if (run->has_due &&
        duration_from_due(run->calendar, run->due, duration, back, &instant.at) != ERR_OK)
        instant.known = false;
    return instant;
}

/* ceil(n x share) days with the limit's own time of day, or exactly that share of the time. */
static struct stage_instant at_share(const struct fold_run *run, int32_t percent)
{
    struct duration part = run->limit;
    if (run->rule->limit_from_case ||
        run->rule->recurs) { /* no length of its own: the time from start to due */
        const int64_t span_ms = run->has_due ? run->due.ms - run->start.ms : 0;
        return (struct stage_instant){
            .known = run->has_due,
            .at = wall_add(run->start, span_ms / 100 * percent + span_ms % 100 * percent / 100),
        };
    }
    const bool in_days = part.unit == UNIT_WORKING_DAY || part.unit == UNIT_CALENDAR_DAY;
    part.amount = in_days ? (part.amount * percent + 99) / 100 : part.amount / 100 * percent;
    if (part.amount <= 0)
        return (struct stage_instant){.known = true, .at = run->start};
    return after(run, run->start, part);
}

static struct stage_instant by_anchor(const struct fold_run *run, const struct stage_at *at)
{
    switch (at->anchor) {
    case ANCHOR_START:
        return after(run, run->start, at->duration);
    case ANCHOR_DUE_BEFORE:
        return from_due(run, at->duration, true);
    case ANCHOR_DUE_AFTER:
        return from_due(run, at->duration, false);
    case ANCHOR_SHARE:
        return at_share(run, at->percent);
    case ANCHOR_ACKED:
        if (run->acked.ms > 0)
            return after(run, run->acked, at->duration);
        break;
    case ANCHOR_COUNT:
        break;
    }
    return (struct stage_instant){.known = false};
}

struct stage_instant stage_instant_of(const struct fold_run *run, const struct stage *stage)
{
    struct stage_instant instant = by_anchor(run, &stage->at);
    if (stage->light == LIGHT_RED) { /* never before due */
        instant.known = instant.known && run->has_due;
        if (instant.known && instant.at.ms < run->due.ms)
            instant.at = run->due;
    }
    if (instant.known && instant.at.ms < run->start.ms)
        instant.at = run->start;
    return instant;
}

/* ---- repeats ---- */

/* The end of the pause the instant lies in; the instant itself when it lies in none. */
static struct wall_ms end_of_pause(const struct fold_run *run, struct wall_ms at)
{
    for (size_t i = run->pause_count; i-- > 0;) {
        if (run->pauses[i].from.ms <= at.ms)
            return at.ms < run->pauses[i].to.ms ? run->pauses[i].to : at;
    }
    return at;
}

static void look_at_day_before(struct occurrence_walk *walk, struct wall_ms at)
{
    walk->day = calendar_local_day(walk->run->calendar, at);
    walk->day.number--; /* its 24:00 may be the first occurrence */
}

void occurrence_begin(
    struct occurrence_walk *walk,
    const struct fold_run *run,
    const struct stage *stage,
    struct wall_ms base,
    struct wall_ms now)
{
    const struct repeat *repeat = &stage->repeat;
    *walk =
        (struct occurrence_walk){.run = run, .stage = stage, .base = base, .last_ms = base.ms - 1};
    struct wall_ms from = base;
    if (repeat->max == 0 && repeat->kind == REPEAT_EVERY) {
        const int64_t passed = now.ms > base.ms ? (now.ms - base.ms) / repeat->every_ms : 0;
        walk->step = passed > LOOK_BACK_MAX ? passed - LOOK_BACK_MAX : 0;
    }
    if (repeat->max == 0 && repeat->kind == REPEAT_TIMES_OF_DAY) {
        const int64_t days = LOOK_BACK_MAX / (int64_t)repeat->second_count;
        const struct wall_ms oldest = wall_add(now, -days * MS_PER_DAY);
        if (oldest.ms > from.ms)
            from = oldest;
    }
    look_at_day_before(walk, from);
}

/* The first of the day's listed times after the last occurrence; false when there is none. */
static bool next_of_day(struct occurrence_walk *walk, struct wall_ms *ret_at)
{
    const struct calendar *calendar = walk->run->calendar;
    const struct repeat *repeat = &walk->stage->repeat;
    bool found = false;
    if (repeat->working_days_only && !calendar_is_working(calendar, walk->day))
        return false;
    for (size_t i = 0; i < repeat->second_count; i++) {
        const struct wall_ms at = calendar_instant(calendar, walk->day, repeat->seconds_of_day[i]);
        if (at.ms > walk->last_ms && (!found || at.ms < ret_at->ms)) {
            *ret_at = at;
            found = true;
        }
    }
    return found;
}

/* A year without a working day ends the list. */
#define EMPTY_DAYS_MAX 366

static bool next_time_of_day(struct occurrence_walk *walk, struct wall_ms *ret_at)
{
    for (int32_t empty_days = 0; empty_days <= EMPTY_DAYS_MAX; empty_days++) {
        if (next_of_day(walk, ret_at))
            return true;
        walk->day.number++;
    }
    return false;
}

static bool next_step(struct occurrence_walk *walk, struct wall_ms *ret_at)
{
    const int64_t every_ms = walk->stage->repeat.every_ms;
    if (walk->step > (WALL_MS_MAX - walk->base.ms) / every_ms)
        return false;
    ret_at->ms = walk->base.ms + walk->step * every_ms;
    walk->step++;
    return true;
}

/* Go on behind a pause: what lies in it is skipped for good. */
static void leave_pause(struct occurrence_walk *walk, struct wall_ms resumed)
{
    walk->last_ms = resumed.ms - 1;
    if (walk->stage->repeat.kind == REPEAT_TIMES_OF_DAY) {
        look_at_day_before(walk, resumed);
    } else {
        const int64_t every_ms = walk->stage->repeat.every_ms;
        walk->step = (resumed.ms - walk->base.ms + every_ms - 1) / every_ms;
    }
}

bool occurrence_next(struct occurrence_walk *walk, struct wall_ms *ret_at)
{
    const struct repeat *repeat = &walk->stage->repeat;
    struct wall_ms at = {0};
    if (repeat->max > 0 && walk->given_count >= repeat->max)
        return false;
    for (;;) { /* ends: each round leaves one more pause behind, or gives an occurrence */
        const bool any =
            repeat->kind == REPEAT_EVERY ? next_step(walk, &at) : next_time_of_day(walk, &at);
        if (!any || at.ms > WALL_MS_MAX)
            return false;
        const struct wall_ms out = end_of_pause(walk->run, at);
        if (out.ms == at.ms)
            break;
        if (out.ms >= WALL_MS_MAX)
            return false; /* the pause is open */
        leave_pause(walk, out);
    }
    walk->last_ms = at.ms;
    walk->given_count++;
    *ret_at = at;
    return true;
}
