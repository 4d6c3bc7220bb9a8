/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clocks that recur (semantics section 3): the local time of listed weekdays, moved to the next
 * working date where they roll; and the run that follows another by itself.
 */
#include "rules/calendar_count.h"
#include "rules/fold.h"

/* Of any week's dates one is listed, so the next occurrence is among the next few candidates. */
#define CANDIDATES_MAX 400

static bool is_listed(const struct clock_rule *rule, struct civil_day day)
{
    return rule->recur_weekday[civil_weekday(day)];
}

/* Is this working date listed, or the one that a listed date before it gives way to? */
static bool collects(
    const struct calendar *calendar, const struct clock_rule *rule, struct civil_day day)
{
    if (is_listed(rule, day))
        return true;
    for (int back = 1; back <= 7; back++) {
        const struct civil_day before = {.number = day.number - back};
        if (calendar_is_working(calendar, before))
            return false;
        if (is_listed(rule, before))
            return true;
    }
    return false;
}

/* The next date that may have an occurrence. */
static bool next_candidate(
    const struct calendar *calendar, const struct clock_rule *rule, struct civil_day *day)
{
    if (rule->roll_next_working_day)
        return calendar_working_after(calendar, *day, 1, day);
    day->number++;
    return day->number <= CIVIL_DAY_MAX;
}

/* The first occurrence after an instant, and its date. False when there is none. */
static bool occurrence_after(
    const struct calendar *calendar,
    const struct clock_rule *rule,
    struct wall_ms after,
    struct counted *ret_counted,
    struct civil_day *ret_day)
{
    struct civil_day day = calendar_local_day(calendar, after);
    day.number -= 2; /* its 24:00 may be the first occurrence */
    for (int i = 0; i < CANDIDATES_MAX && next_candidate(calendar, rule, &day); i++) {
        const bool occurs =
            rule->roll_next_working_day ? collects(calendar, rule, day) : is_listed(rule, day);
        const struct wall_ms at = calendar_instant(calendar, day, rule->recur_second);
        if (!occurs || at.ms <= after.ms)
            continue;
        if (at.ms > WALL_MS_MAX)
            return false;
        *ret_counted = (struct counted){
            .at = at,
            .provisional = calendar_is_provisional(calendar, day),
        };
        *ret_day = day;
        return true;
    }
    return false;
}

static const struct interval *pause_around(const struct fold_run *run, struct wall_ms at)
{
    for (size_t i = 0; i < run->pause_count; i++) {
        if (run->pauses[i].from.ms <= at.ms && at.ms < run->pauses[i].to.ms)
            return &run->pauses[i];
    }
    return NULL;
}

/* The date that the occurrence was listed for, for the explanation. */
static void trace_occurrence(
    struct fold_run *run, struct wall_ms at, struct civil_day to, const struct interval *pause)
{
    struct civil_day from = to;
    if (!run->trace)
        return;
    for (int back = 0; back <= 7 && !is_listed(run->rule, from); back++)
        from.number--;
    count_trace_add(
        &run->trace->count, (struct count_step){
                                .kind = COUNT_OCCURRENCE,
                                .from = from,
                                .to = to,
                                .begin = at,
                                .end = pause ? pause->to : (struct wall_ms){0},
                            });
}

bool recur_due(struct fold_run *run, struct counted *ret_counted)
{
    struct wall_ms after = run->start;
    struct civil_day day;
    if (run->recur_from.ms > after.ms)
        after = wall_add(run->recur_from, -1);
    for (;;) { /* ends: each round leaves one more pause behind */
        if (!occurrence_after(run->calendar, run->rule, after, ret_counted, &day))
            return false;
        const struct interval *pause = pause_around(run, ret_counted->at);
        trace_occurrence(run, ret_counted->at, day, pause);
        if (!pause)
            return true;
        if (pause->to.ms >= WALL_MS_MAX)
            return false;
        after = wall_add(pause->to, -1);
    }
}

/*
 * The rules of a run that begins by itself: those applied by then, or those of the run before
 * where these are newer, or where the clock is gone or has become another.
 */
static void choose_rules(
    const struct fold *fold, const struct fold_run *before, struct run_start *start)
{
    const struct policy *policy = rulebook_applied_by(fold->rulebook, start->at);
    start->policy = before->policy;
    start->rule = before->rule;
    if (!policy || policy->version <= before->policy->version)
        return;
    const struct clock_rule *rule = policy_clock(policy, before->rule->id);
    if (rule && clock_is_of_one_kind(rule, before->rule)) {
        start->policy = policy;
        start->rule = rule;
    }
}

/* Rules that change may begin a run in another way meanwhile. */
static bool is_last(const struct fold *fold, const struct fold_run *run)
{
    size_t at = fold->run_count;
    while (at > 0 && !text_equal(fold->runs[at - 1]->clock, run->clock))
        at--;
    return at > 0 && fold->runs[at - 1] == run;
}

void recur_follow(struct fold *fold, struct fold_run *run, struct wall_ms until)
{
    run_compute_due(run);
    if (!run->has_due || run->due.ms >= until.ms)
        return;
    run->follows = false;
    if (run->followed >= RECUR_RUNS_MAX || !is_last(fold, run))
        return;
    struct run_start start = {
        .clock = run->clock,
        .co_unit = run->co_unit,
        .at = run->due,
        .number = run->number + 1,
        .followed = run->followed + 1,
        .event_index = run->started_by,
    };
    choose_rules(fold, run, &start);
    (void)fold_add_run(fold, &start);
}
