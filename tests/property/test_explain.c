/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Laws of explanations: asking changes nothing, every date between start and due is told once and
 * counted rightly, and the last line is the due. Worlds are random; a failure prints the seed that
 * makes it again (NRT_SIM_SEED=n runs it alone).
 * nrt-test: timeout=300
 */
#include "rules/explain.h"
#include "rules/fold.h"
#include "tests/support/check.h"
#include "tests/support/rule_world_random.h"
#include "tests/support/seeds.h"

#define WORLDS 1000

struct scene {
    struct rule_world world;
    struct prng prng;
    struct world_events events;
    struct wall_ms now;
};

static void scene_init(struct scene *scene, uint64_t seed)
{
    check_note("seed %llu", (unsigned long long)seed);
    const bool rich = seed % 2 == 1;
    prng_seed(&scene->prng, seed);
    world_init(&scene->world, prng_one_in(&scene->prng, 4) ? WORLD_BERLIN : WORLD_SHANGHAI);
    world_randomize(&scene->world, &scene->prng);
    if (rich)
        world_enrich(&scene->world, &scene->prng);
    world_randomize_calendar(&scene->world, &scene->prng);
    scene->events = rich ? world_rich_events(&scene->world, &scene->prng)
                         : world_random_events(&scene->world, &scene->prng);
    for (size_t i = 0; i < scene->events.count; i++)
        world_add_event(&scene->world, &scene->events.events[i]);
    scene->now = wall_add(
        world_at("2026-03-02T00:00:00+08:00"), prng_range(&scene->prng, 1, 60 * 24 * 60) * 60000);
    (void)world_calendar(&scene->world);
}

/* ---- what every explanation must be ---- */

static bool is_end(enum explain_step step)
{
    return step == EXPLAIN_COUNTED || step == EXPLAIN_ROLLED;
}

struct tally {
    struct civil_day last_day; /* of any line */
    struct civil_day end;      /* counted or rolled to */
    int64_t n;
    int64_t counted_ms;
    struct wall_ms at; /* up to where time has been told */
    bool any_day;
    bool any_end;
    bool moved_out;
    struct wall_ms out_of; /* where the count ended */
};

static void check_day(
    const struct explanation *explanation, const struct explain_line *line, struct tally *tally)
{
    if (tally->any_day)
        CHECK_EQ(line->day.number, tally->last_day.number + 1); /* each date once, none missing */
    else
        CHECK_EQ(
            line->day.number, calendar_local_day(explanation->calendar, explanation->start).number);
    CHECK_EQ(line->day_kind, calendar_day_kind(explanation->calendar, line->day));
    tally->any_day = true;
    tally->last_day = line->day;
    const bool working = calendar_is_working(explanation->calendar, line->day);
    if (line->step == EXPLAIN_COUNTED) {
        CHECK(working || explanation->limit.unit == UNIT_CALENDAR_DAY);
        CHECK_EQ(line->n, ++tally->n);
        CHECK_EQ(line->of, explanation->limit.amount);
    } else if (line->step == EXPLAIN_LEFT_OUT || line->step == EXPLAIN_PASSED) {
        CHECK(!working);
    } else if (line->step == EXPLAIN_ROLLED || line->step == EXPLAIN_START_MOVED) {
        CHECK(working);
    }
    if (is_end(line->step)) {
        tally->any_end = true;
        tally->end = line->day;
    }
}

static void check_time(
    const struct explanation *explanation, const struct explain_line *line, struct tally *tally)
{
    CHECK_EQ(line->at.ms, tally->at.ms); /* intervals follow each other without a gap */
    CHECK_GE(line->until.ms, line->at.ms + 1);
    tally->at = line->until;
    if (line->step != EXPLAIN_TIME_COUNTED)
        return;
    tally->counted_ms += line->until.ms - line->at.ms;
    CHECK_EQ(line->n, tally->counted_ms);
    CHECK_EQ(line->of, explanation->limit.amount);
}

static struct tally check_lines(const struct explanation *explanation)
{
    struct tally tally = {.at = explanation->start};
    for (size_t i = 0; i < explanation->line_count; i++) {
        const struct explain_line *line = &explanation->lines[i];
        const bool interval =
            line->until.ms > 0 &&
            (line->step == EXPLAIN_TIME_COUNTED || line->has_day ||
             line->step == EXPLAIN_TIME_LEFT_OUT || line->step == EXPLAIN_TIME_PAUSED);
        if (interval)
            check_time(explanation, line, &tally);
        else if (line->has_day)
            check_day(explanation, line, &tally);
        if (line->step == EXPLAIN_MOVED_OUT) {
            tally.moved_out = true;
            tally.out_of = line->at;
            CHECK_EQ(line->until.ms, explanation->due.ms);
        }
    }
    return tally;
}

/* The whole count is told, and it ends where due is. */
static void check_end(const struct explanation *explanation, const struct tally *tally)
{
    const struct duration limit = explanation->limit;
    const struct wall_ms end = tally->moved_out ? tally->out_of : explanation->due;
    if (!explanation->has_due || limit.amount == 0)
        return;
    if (limit.unit == UNIT_WORKING_TIME || limit.unit == UNIT_ELAPSED) {
        CHECK_EQ(tally->counted_ms, limit.amount);
        CHECK_EQ(tally->at.ms, end.ms);
        return;
    }
    CHECK_EQ(tally->n, limit.amount);
    if (CHECK(tally->any_end))
        CHECK_EQ(duration_on_date(explanation->calendar, tally->end, limit.at_second).ms, end.ms);
}

/* Listed dates with what they give way to; what lies in a pause is left for the next. */
static void check_occurrences(const struct explanation *explanation)
{
    const struct calendar *calendar = explanation->calendar;
    struct civil_day last = {0};
    bool paused = false;
    for (size_t i = 0; i < explanation->line_count; i++) {
        const struct explain_line *line = &explanation->lines[i];
        if (!line->has_day)
            continue;
        paused = line->step == EXPLAIN_PAUSED;
        if (paused || line->step == EXPLAIN_START)
            continue;
        if (line->step == EXPLAIN_RECURS) {
            CHECK(explanation->rule->recur_weekday[civil_weekday(line->day)]);
        } else {
            CHECK_EQ(line->day.number, last.number + 1);
            CHECK_EQ(line->step == EXPLAIN_ROLLED, calendar_is_working(calendar, line->day));
        }
        last = line->day;
    }
    if (!explanation->has_due)
        return;
    CHECK(!paused);
    CHECK_EQ(
        calendar_instant(calendar, last, explanation->rule->recur_second).ms, explanation->due.ms);
}

static void check_explanation(const struct explanation *explanation)
{
    if (!CHECK_GE(explanation->line_count, 1))
        return;
    const struct explain_line *last = &explanation->lines[explanation->line_count - 1];
    CHECK_EQ(last->step, explanation->has_due ? EXPLAIN_DUE : EXPLAIN_NO_DUE);
    CHECK_EQ(last->at.ms, explanation->due.ms);
    if (explanation->rule && explanation->rule->recurs) {
        check_occurrences(explanation);
        return;
    }
    const struct tally tally = check_lines(explanation);
    check_end(explanation, &tally);
}

/* ---- cases ---- */

/* No date is counted that a pause of the run takes out. */
static void check_pauses(const struct explanation *explanation, const struct fold_run *run)
{
    for (size_t i = 0; i < explanation->line_count; i++) {
        const struct explain_line *line = &explanation->lines[i];
        bool paused = false;
        if (!line->has_day || (line->step != EXPLAIN_COUNTED && line->step != EXPLAIN_PAUSED))
            continue;
        for (size_t p = 0; p < run->pause_count; p++) {
            const struct civil_day from = calendar_day_of(run->calendar, run->pauses[p].from);
            const struct civil_day to = calendar_day_of(run->calendar, run->pauses[p].to);
            paused = paused || (from.number <= line->day.number && line->day.number < to.number);
        }
        CHECK_EQ(paused, line->step == EXPLAIN_PAUSED);
    }
}

static void check_one_run(const struct explanation *explanation, const struct run *run)
{
    const struct fold_run *inner = run->internal;
    CHECK(explanation->rule == run->rule);
    CHECK_EQ(explanation->run, run->number);
    CHECK_EQ(explanation->outcome, run->outcome);
    CHECK_EQ(explanation->has_due, run->has_due);
    if (run->has_due)
        CHECK_EQ(explanation->due.ms, run->due.ms);
    CHECK_EQ(explanation->provisional, run->provisional);
    check_explanation(explanation);
    /* a miss keeps the due it had before later pauses; an occurrence is paused, not its date */
    if (!inner->fixed && !inner->missed && !run->rule->recurs)
        check_pauses(explanation, inner);
}

static void a_case_is_explained_by_the_fold_that_gives_its_dues(void)
{
    const uint64_t only = seeds_only();
    const uint64_t worlds = seeds_count(WORLDS);
    size_t explained = 0;
    for (uint64_t i = 0; i < (only ? 1 : worlds); i++) {
        struct scene scene;
        const struct case_state *state = NULL;
        const struct explanation *all = NULL;
        size_t count = 0;
        scene_init(&scene, only ? only : 7000 + i);
        struct rule_world *world = &scene.world;
        const struct explain_question question = {
            .memory = &world->memory, .rulebook = &world->rulebook, .now = scene.now};
        CHECK_EQ(
            case_fold(&world->memory, &world->rulebook, scene.now, &world->arena, &state), ERR_OK);
        CHECK_EQ(explain_case(&question, &world->arena, &all, &count), ERR_OK);
        if (CHECK_EQ(count, state->run_count)) {
            for (size_t r = 0; r < count; r++)
                check_one_run(&all[r], &state->runs[r]);
        }
        explained += count;
        world_release(world);
    }
    CHECK_GE(explained, 1);
}

/* ---- bare durations ---- */

static const char *const durations[] = {"1wd", "5wd",  "20wd@09:00", "1d",  "10d", "30d@24:00",
                                        "1wh", "50wh", "644wm",      "36h", "90m", "1s"};

static void a_duration_is_explained_by_the_count_itself(void)
{
    const uint64_t only = seeds_only();
    const uint64_t worlds = seeds_count(WORLDS);
    for (uint64_t i = 0; i < (only ? 1 : worlds); i++) {
        struct scene scene;
        scene_init(&scene, only ? only : 90000 + i);
        const struct calendar *calendar = world_calendar(&scene.world);
        const struct wall_ms start = wall_add(
            world_at("2026-03-01T00:00:00+08:00"), prng_range(&scene.prng, 0, 40 * 86400) * 1000);
        const struct wall_ms from = wall_add(start, prng_range(&scene.prng, 0, 86400 * 6) * 1000);
        const struct interval pause = {
            from, wall_add(from, prng_range(&scene.prng, 1, 86400 * 9) * 1000)};
        const struct count_options options = {
            .late_arrival_next_working_day = prng_one_in(&scene.prng, 2),
            .roll_next_working_day = prng_one_in(&scene.prng, 2),
            .pauses = &pause,
            .pause_count = prng_below(&scene.prng, 2),
        };
        const struct duration_question question = {
            .calendar = calendar,
            .start = start,
            .duration = world_duration(durations[prng_below(&scene.prng, 12)]),
            .options = &options,
        };
        struct counted counted;
        struct explanation explanation = {0};
        CHECK_EQ(duration_after(calendar, start, question.duration, &options, &counted), ERR_OK);
        if (CHECK_EQ(explain_duration(&question, &scene.world.arena, &explanation), ERR_OK)) {
            CHECK_EQ(explanation.due.ms, counted.at.ms);
            CHECK_EQ(explanation.provisional, counted.provisional);
            check_explanation(&explanation);
        }
        world_release(&scene.world);
    }
}

/* ---- running out ---- */

static void running_out_of_memory_is_an_error_not_a_half_told_story(void)
{
    for (uint64_t i = 0; i < 20; i++) {
        struct scene scene;
        scene_init(&scene, 500 + i);
        const struct explain_question question = {
            .memory = &scene.world.memory,
            .rulebook = &scene.world.rulebook,
            .now = scene.now,
        };
        enum err err = ERR_NO_MEMORY;
        for (size_t bytes = 1; err == ERR_NO_MEMORY && bytes < ((size_t)8 << 20); bytes += 997) {
            struct arena arena;
            const struct explanation *all = NULL;
            size_t count = 0;
            arena_init(&arena, bytes);
            err = explain_case(&question, &arena, &all, &count);
            for (size_t r = 0; err == ERR_OK && r < count; r++)
                check_explanation(&all[r]);
            arena_release(&arena);
        }
        CHECK_EQ(err, ERR_OK);
        world_release(&scene.world);
    }
}

static void a_count_of_too_many_days_is_refused(void)
{
    struct rule_world world;
    struct explanation explanation;
    world_init(&world, WORLD_SHANGHAI);
    const struct duration_question question = {
        .calendar = world_calendar(&world),
        .start = world_at("2026-03-02T10:00:00+08:00"),
        .duration = world_duration("200000wh"),
        .options = &(struct count_options){0},
    };
    CHECK_EQ(explain_duration(&question, &world.arena, &explanation), ERR_FULL);
    world_release(&world);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(a_case_is_explained_by_the_fold_that_gives_its_dues);
    CHECK_RUN(a_duration_is_explained_by_the_count_itself);
    CHECK_RUN(running_out_of_memory_is_an_error_not_a_half_told_story);
    CHECK_RUN(a_count_of_too_many_days_is_refused);
    return check_done();
}
