/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the stages of a clock come to, tried by the counting code itself: a case that starts on
 * every day of this year and the next, at a few times of the day. Nothing is concluded that the
 * tries did not show.
 */
#include "rules/calendar_count.h"
#include "rules/fold.h"
#include "rules/lint.h"

#define STAGES_MAX 24 /* of a clock that are looked at */

/* Night, morning, just before noon, afternoon, the end of the usual office hours, evening. */
static const int32_t tried_seconds[] = {600, 32400, 42600, 57600, 63000, 75600};

/* How often something was so, with the first example. A day counts once. */
struct tally {
    int64_t days;
    int32_t last_day;
    struct wall_ms start;
    struct wall_ms instant;
    struct wall_ms due;
};

/* How two stages stood to each other, the earlier of the file first. */
struct pair {
    int64_t before; /* the later of the file came before the earlier one */
    int64_t equal;
    int64_t tried;
    struct tally yellow_after_red;
};

struct tried_stage {
    struct stage raw; /* in yellow: a red one's instant is then its own, however early */
    int64_t known;
    int64_t tried_with_due;
    int64_t at_due; /* or later */
    struct tally red_before_due;
};

struct trial {
    struct lint *lint;
    const struct clock_rule *rule;
    size_t set;
    size_t clock;
    size_t stage_count;
    struct tried_stage stages[STAGES_MAX];
    struct pair pairs[STAGES_MAX][STAGES_MAX];
    struct tally statutory;
    int64_t days;
    int32_t day;     /* in hand */
    bool confirming; /* tries only serve to refute what has been so always */
    struct fold_run run;
    struct stage_instant instants[STAGES_MAX];
};

static void count_day(
    struct tally *tally, const struct trial *trial, struct wall_ms instant, struct wall_ms due)
{
    if (trial->confirming || (tally->days > 0 && tally->last_day == trial->day))
        return;
    if (tally->days == 0) {
        tally->start = trial->run.start;
        tally->instant = instant;
        tally->due = due;
    }
    tally->last_day = trial->day;
    tally->days++;
}

/* ---- one start ---- */

/* A due that the case brings, and the stages before it that lie behind every start by far. */
#define BROUGHT_MS   (INT64_C(60) * 86400000)
#define NEAR_DAYS    30
#define NEAR_TIME_MS (INT64_C(200) * 3600000)

/* Of such a clock only what is counted from due stands in any order. */
static bool is_tried(const struct clock_rule *rule, const struct stage *stage)
{
    const struct duration duration = stage->at.duration;
    const bool days = duration.unit == UNIT_WORKING_DAY || duration.unit == UNIT_CALENDAR_DAY;
    const bool from_due =
        stage->at.anchor == ANCHOR_DUE_BEFORE || stage->at.anchor == ANCHOR_DUE_AFTER;
    return !rule->limit_from_case ||
           (from_due && duration.amount <= (days ? NEAR_DAYS : NEAR_TIME_MS));
}

static struct stage_instant instant_of(const struct trial *trial, const struct stage *stage)
{
    if (!is_tried(trial->rule, stage))
        return (struct stage_instant){.known = false};
    return stage_instant_of(&trial->run, stage);
}

static void try_red(struct trial *trial, size_t index)
{
    struct tried_stage *stage = &trial->stages[index];
    if (trial->rule->stages[index].light != LIGHT_RED || !trial->run.has_due)
        return;
    const struct stage_instant own = instant_of(trial, &stage->raw);
    if (own.known && own.at.ms < trial->run.due.ms)
        count_day(&stage->red_before_due, trial, own.at, trial->run.due);
}

static void try_pair(struct trial *trial, size_t earlier, size_t later)
{
    const struct stage_instant a = trial->instants[earlier];
    const struct stage_instant b = trial->instants[later];
    struct pair *pair = &trial->pairs[earlier][later];
    if (!a.known || !b.known)
        return;
    pair->tried++;
    pair->equal += a.at.ms == b.at.ms;
    pair->before += b.at.ms < a.at.ms;
    const enum light light_a = trial->rule->stages[earlier].light;
    const enum light light_b = trial->rule->stages[later].light;
    if (light_a == LIGHT_YELLOW && light_b == LIGHT_RED && a.at.ms > b.at.ms)
        count_day(&pair->yellow_after_red, trial, a.at, b.at);
    if (light_b == LIGHT_YELLOW && light_a == LIGHT_RED && b.at.ms > a.at.ms)
        count_day(&pair->yellow_after_red, trial, b.at, a.at);
}

static void try_statutory(struct trial *trial)
{
    const struct clock_rule *rule = trial->rule;
    const struct count_options options = {
        .late_arrival_next_working_day = rule->late_arrival_next_working_day,
        .roll_next_working_day = rule->roll_next_working_day,
    };
    struct counted counted;
    if (!rule->has_statutory_limit || !trial->run.has_due || rule->limit_from_case)
        return;
    if (duration_after(
            trial->run.calendar, trial->run.start, rule->statutory_limit, &options, &counted) ==
            ERR_OK &&
        counted.at.ms < trial->run.due.ms)
        count_day(&trial->statutory, trial, counted.at, trial->run.due);
}

static void try_start(struct trial *trial, struct wall_ms start)
{
    trial->lint->work_left -= 1 + (int64_t)trial->stage_count;
    const struct policy *policy = trial->lint->policy;
    trial->run = (struct fold_run){
        .rule = trial->rule,
        .first_rule = trial->rule,
        .policy = policy,
        .calendar = policy->calendar,
        .start = start,
        .number = 1,
        .limit = trial->rule->limit,
        .pause_cap = {.ms = WALL_MS_MAX},
    };
    if (trial->rule->limit_from_case) {
        trial->run.fixed = true;
        trial->run.fixed_due = wall_add(start, BROUGHT_MS);
    }
    run_compute_due(&trial->run);
    for (size_t i = 0; i < trial->stage_count; i++) {
        struct tried_stage *stage = &trial->stages[i];
        trial->instants[i] = instant_of(trial, &trial->rule->stages[i]);
        stage->known += trial->instants[i].known;
        if (trial->instants[i].known && trial->run.has_due) {
            stage->tried_with_due++;
            stage->at_due += trial->instants[i].at.ms >= trial->run.due.ms;
        }
        try_red(trial, i);
        for (size_t e = 0; e < i; e++)
            try_pair(trial, e, i);
    }
    try_statutory(trial);
}

static struct civil_day first_of_year(const struct trial *trial, int32_t later)
{
    const int32_t year = civil_date_of(trial->lint->today).year + later;
    return civil_day_of((struct civil_date){year, 1, 1});
}

static void try_all(struct trial *trial)
{
    const struct calendar *calendar = trial->lint->policy->calendar;
    const struct civil_day end = first_of_year(trial, 2);
    struct civil_day day = first_of_year(trial, 0);
    for (; day.number < end.number; day.number++) {
        trial->day = day.number;
        trial->days++;
        for (size_t i = 0; i < sizeof(tried_seconds) / sizeof(tried_seconds[0]); i++)
            try_start(trial, calendar_instant(calendar, day, tried_seconds[i]));
    }
}

/* Every hour of every day, at a minute that moves from day to day. */
static void try_to_refute(struct trial *trial)
{
    const struct calendar *calendar = trial->lint->policy->calendar;
    const struct civil_day end = first_of_year(trial, 2);
    struct civil_day day = first_of_year(trial, 0);
    trial->confirming = true;
    for (; day.number < end.number; day.number++) {
        const int32_t minute = day.number * 37 % 60;
        for (int32_t hour = 0; hour < 24; hour++)
            try_start(trial, calendar_instant(calendar, day, hour * 3600 + minute * 60));
    }
}

/* ---- what the tries showed ---- */

static struct lint_finding of_stage(const struct trial *trial, enum lint_code code, size_t stage)
{
    return (struct lint_finding){
        .code = code,
        .place = LINT_AT_STAGE,
        .set = trial->set,
        .clock = trial->clock,
        .stage = stage,
        .other_set = trial->set,
        .other_clock = trial->clock,
        .other_stage = LINT_NONE,
        .of_days = trial->days,
    };
}

static void say_tally(
    const struct trial *trial, struct lint_finding finding, const struct tally *tally)
{
    if (tally->days == 0)
        return;
    finding.days = tally->days;
    finding.start = tally->start;
    finding.instant = tally->instant;
    finding.due = tally->due;
    (void)lint_add(trial->lint, &finding);
}

static bool same_role(const struct role *a, const struct role *b)
{
    return a->kind == b->kind && a->levels == b->levels && text_equal(a->name, b->name);
}

static bool addresses(const struct stage *stage, const struct role *role)
{
    for (size_t i = 0; i < stage->notify_count; i++) {
        if (same_role(&stage->notify[i], role))
            return true;
    }
    return false;
}

static bool shares_people(const struct stage *a, const struct stage *b)
{
    for (size_t i = 0; i < a->notify_count; i++) {
        if (addresses(b, &a->notify[i]))
            return true;
    }
    return false;
}

/*
 * Both fire at one moment, and who is addressed by both hears the later one of the file only. A
 * repeat at fixed times begins later than its instant; one that may be suppressed takes nobody's
 * place.
 */
static bool takes_its_people(const struct stage *earlier, const struct stage *later)
{
    return earlier->repeat.kind == REPEAT_NONE && later->repeat.kind != REPEAT_TIMES_OF_DAY &&
           later->if_acked == IF_ACKED_SEND && shares_people(earlier, later);
}

static bool is_always_before(const struct trial *trial, size_t earlier, size_t later)
{
    const struct pair *pair = &trial->pairs[earlier][later];
    return pair->tried > 0 && pair->before == pair->tried &&
           trial->rule->stages[later].repeat.kind == REPEAT_NONE;
}

/* Two shares that were meant to be apart. */
static bool are_shares(const struct stage *a, const struct stage *b)
{
    return a->at.anchor == ANCHOR_SHARE && b->at.anchor == ANCHOR_SHARE &&
           a->at.percent != b->at.percent && a->light != LIGHT_RED && b->light != LIGHT_RED;
}

static bool is_always_together(const struct trial *trial, size_t earlier, size_t later)
{
    const struct pair *pair = &trial->pairs[earlier][later];
    const struct stage *a = &trial->rule->stages[earlier];
    const struct stage *b = &trial->rule->stages[later];
    return pair->tried > 0 && pair->equal == pair->tried &&
           (takes_its_people(a, b) || are_shares(a, b));
}

static bool say_order(const struct trial *trial, size_t earlier, size_t later)
{
    const struct pair *pair = &trial->pairs[earlier][later];
    const struct stage *stages = trial->rule->stages;
    const size_t yellow = stages[earlier].light == LIGHT_YELLOW ? earlier : later;
    struct lint_finding finding = of_stage(trial, LINT_YELLOW_AFTER_RED, yellow);
    finding.other_stage = yellow == earlier ? later : earlier;
    say_tally(trial, finding, &pair->yellow_after_red);
    if (pair->yellow_after_red.days > 0)
        return true;
    if (is_always_before(trial, earlier, later)) {
        finding = of_stage(trial, LINT_STAGES_OUT_OF_ORDER, later);
        finding.other_stage = earlier;
        (void)lint_add(trial->lint, &finding);
        return true;
    }
    if (is_always_together(trial, earlier, later)) {
        finding = of_stage(trial, LINT_SAME_INSTANT, earlier);
        finding.other_stage = later;
        finding.index = takes_its_people(&stages[earlier], &stages[later]) ? 1 : 0;
        (void)lint_add(trial->lint, &finding);
    }
    return false;
}

/* A share of days is rounded up, here to the whole of the limit: it warns of nothing. */
static bool share_is_due(const struct trial *trial, size_t index)
{
    const struct tried_stage *tried = &trial->stages[index];
    const struct stage *stage = &trial->rule->stages[index];
    return stage->at.anchor == ANCHOR_SHARE && stage->at.percent < 100 &&
           stage->light != LIGHT_RED && tried->tried_with_due > 0 &&
           tried->at_due == tried->tried_with_due;
}

static bool has_no_instant(const struct trial *trial, size_t index)
{
    const struct stage *stage = &trial->rule->stages[index];
    return trial->stages[index].known == 0 && stage->at.anchor != ANCHOR_ACKED &&
           is_tried(trial->rule, stage);
}

/* Is there, so far, something to be said that is so always? */
static bool has_claim(const struct trial *trial)
{
    for (size_t later = 0; later < trial->stage_count; later++) {
        if (share_is_due(trial, later) || has_no_instant(trial, later))
            return true;
        for (size_t earlier = 0; earlier < later; earlier++) {
            if (is_always_before(trial, earlier, later) ||
                is_always_together(trial, earlier, later))
                return true;
        }
    }
    return false;
}

/* Nobody can have been told of this run before: the stage comes before every other. */
static bool is_always_first(const struct trial *trial, size_t index)
{
    for (size_t i = 0; i < trial->rule->stage_count; i++) {
        if (i == index)
            continue;
        if (i >= trial->stage_count)
            return false;
        const struct pair *pair = i < index ? &trial->pairs[i][index] : &trial->pairs[index][i];
        const int64_t after = i < index ? pair->before : pair->tried - pair->before - pair->equal;
        if (pair->tried == 0 || after < pair->tried)
            return false;
    }
    return true;
}

static void say_stage(const struct trial *trial, size_t index)
{
    const struct stage *stage = &trial->rule->stages[index];
    struct lint_finding finding = of_stage(trial, LINT_RED_BEFORE_DUE, index);
    say_tally(trial, finding, &trial->stages[index].red_before_due);
    bool ordered = true; /* one word about the order is enough */
    for (size_t e = 0; e < index && ordered; e++)
        ordered = !say_order(trial, e, index);
    if (share_is_due(trial, index)) {
        finding = of_stage(trial, LINT_SHARE_IS_DUE, index);
        (void)lint_add(trial->lint, &finding);
    }
    if (has_no_instant(trial, index)) {
        finding = of_stage(trial, LINT_NO_INSTANT, index);
        (void)lint_add(trial->lint, &finding);
    }
    if (stage->if_acked != IF_ACKED_SEND && stage->repeat.kind == REPEAT_NONE &&
        is_always_first(trial, index)) {
        finding = of_stage(trial, LINT_UNLESS_ACKED_IDLE, index);
        (void)lint_add(trial->lint, &finding);
    }
}

static struct stage in_yellow(struct stage stage)
{
    stage.light = LIGHT_YELLOW;
    return stage;
}

void lint_clock_times(struct lint *lint, size_t set, size_t clock)
{
    const struct clock_rule *rule = &lint->policy->sets[set].clocks[clock];
    if (lint->work_left <= 0)
        return;
    struct trial *trial = arena_alloc(lint->arena, sizeof(*trial));
    if (!trial) {
        lint->out_of_memory = true;
        return;
    }
    trial->lint = lint;
    trial->rule = rule;
    trial->set = set;
    trial->clock = clock;
    trial->stage_count = rule->stage_count < STAGES_MAX ? rule->stage_count : STAGES_MAX;
    for (size_t i = 0; i < trial->stage_count; i++)
        trial->stages[i].raw = in_yellow(rule->stages[i]);
    try_all(trial);
    if (has_claim(trial))
        try_to_refute(trial);
    for (size_t i = 0; i < trial->stage_count; i++)
        say_stage(trial, i);
    struct lint_finding finding = of_stage(trial, LINT_STATUTORY_SHORTER, 0);
    finding.place = LINT_AT_CLOCK;
    say_tally(trial, finding, &trial->statutory);
}
