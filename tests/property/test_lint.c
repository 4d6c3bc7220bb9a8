/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Laws of lint: a clock that is called dead has no run in any life of a case, and what is said of
 * the stages of a clock "always" or not at all is so for starts that were not tried. Worlds are
 * random; a failure prints the seed that makes it again (NRT_SIM_SEED=n runs it alone).
 * nrt-test: timeout=300
 */
#include "rules/fold.h"
#include "rules/lint.h"
#include "tests/support/check.h"
#include "tests/support/rule_world_random.h"
#include "tests/support/seeds.h"

#define WORLDS 300
#define STARTS 60

struct scene {
    struct rule_world world;
    struct prng prng;
    struct arena arena;
    struct lint lint;
};

/* How often each law was put to the test: laws that never are would prove nothing. */
static int64_t seen[LINT_CODE_COUNT];
static int64_t silent_starts;

static const struct clock_rule *clock_of(const struct scene *scene, size_t clock)
{
    return &scene->world.policy.sets[0].clocks[clock];
}

/* A few clocks share families and conditions, so that some are dead. */
static void make_families(struct scene *scene)
{
    static const char *const names[] = {"f", "g"};
    for (size_t c = 0; c < scene->world.set.clock_count; c++) {
        if (prng_one_in(&scene->prng, 2))
            scene->world.clocks[c].family = text_of(names[prng_below(&scene->prng, 2)]);
    }
}

static void scene_init(struct scene *scene, uint64_t seed)
{
    check_note("seed %llu", (unsigned long long)seed);
    prng_seed(&scene->prng, seed);
    world_init(&scene->world, prng_one_in(&scene->prng, 4) ? WORLD_BERLIN : WORLD_SHANGHAI);
    world_randomize(&scene->world, &scene->prng);
    world_randomize_calendar(&scene->world, &scene->prng);
    make_families(scene);
    (void)world_calendar(&scene->world);
    arena_init(&scene->arena, 0);
    const struct civil_day today = civil_day_of((struct civil_date){2026, 3, 2});
    CHECK_EQ(lint_policy(&scene->world.policy, today, &scene->arena, &scene->lint), ERR_OK);
}

static void scene_release(struct scene *scene)
{
    arena_release(&scene->arena);
    world_release(&scene->world);
}

/* ---- clocks that never run ---- */

static bool is_dead(enum lint_code code)
{
    return code == LINT_NEVER_MATCHES || code == LINT_NEVER_STARTS || code == LINT_ALWAYS_HIDDEN;
}

static void check_dead(struct scene *scene)
{
    const struct world_events events = world_random_events(&scene->world, &scene->prng);
    for (size_t i = 0; i < events.count; i++)
        world_add_event(&scene->world, &events.events[i]);
    const struct case_state *state = world_fold(&scene->world, "2026-12-31T00:00:00+08:00");
    for (size_t f = 0; f < scene->lint.finding_count; f++) {
        const struct lint_finding *finding = &scene->lint.findings[f];
        if (!is_dead(finding->code))
            continue;
        seen[finding->code]++;
        for (size_t r = 0; r < state->run_count; r++)
            CHECK(!text_equal(state->runs[r].rule->id, clock_of(scene, finding->clock)->id));
    }
}

/* ---- stages, for starts at any minute ---- */

struct tried {
    struct fold_run run;
    struct stage_instant instants[WORLD_STAGES_MAX];
};

static void try_start(const struct scene *scene, size_t clock, int64_t minute, struct tried *tried)
{
    const struct clock_rule *rule = clock_of(scene, clock);
    tried->run = (struct fold_run){
        .rule = rule,
        .first_rule = rule,
        .policy = &scene->world.policy,
        .calendar = scene->world.policy.calendar,
        .start = wall_add(world_at("2026-01-01T00:00:00+08:00"), minute * 60000),
        .number = 1,
        .limit = rule->limit,
        .pause_cap = {.ms = WALL_MS_MAX},
    };
    run_compute_due(&tried->run);
    for (size_t i = 0; i < rule->stage_count; i++)
        tried->instants[i] = stage_instant_of(&tried->run, &rule->stages[i]);
}

static void check_finding(const struct lint_finding *finding, const struct tried *tried)
{
    const struct stage_instant *one = &tried->instants[finding->stage];
    if (finding->code == LINT_NO_INSTANT) {
        CHECK(!one->known);
    } else if (finding->code == LINT_SAME_INSTANT) {
        CHECK_EQ(one->at.ms, tried->instants[finding->other_stage].at.ms);
    } else if (finding->code == LINT_STAGES_OUT_OF_ORDER) {
        CHECK_GE(tried->instants[finding->other_stage].at.ms, one->at.ms);
    } else if (finding->code == LINT_SHARE_IS_DUE) {
        CHECK_GE(one->at.ms, tried->run.due.ms);
    } else {
        return;
    }
    seen[finding->code]++;
}

static bool is_said(const struct scene *scene, enum lint_code code, size_t clock, size_t stage)
{
    for (size_t f = 0; f < scene->lint.finding_count; f++) {
        const struct lint_finding *finding = &scene->lint.findings[f];
        if (finding->code == code && finding->clock == clock && finding->stage == stage)
            return true;
    }
    return false;
}

/* What nothing was said of does not happen either: a red stage's own instant is not before due. */
static void check_silence(const struct scene *scene, size_t clock, const struct tried *tried)
{
    const struct clock_rule *rule = clock_of(scene, clock);
    for (size_t i = 0; i < rule->stage_count; i++) {
        struct stage yellow = rule->stages[i];
        if (yellow.light != LIGHT_RED || is_said(scene, LINT_RED_BEFORE_DUE, clock, i))
            continue;
        yellow.light = LIGHT_YELLOW;
        const struct stage_instant own = stage_instant_of(&tried->run, &yellow);
        CHECK(!own.known || !tried->run.has_due || own.at.ms >= tried->run.due.ms);
        silent_starts++;
    }
}

static void check_clock(struct scene *scene, size_t clock)
{
    struct tried tried;
    for (int i = 0; i < STARTS; i++) {
        try_start(scene, clock, prng_range(&scene->prng, 0, (int64_t)2 * 365 * 24 * 60), &tried);
        for (size_t f = 0; f < scene->lint.finding_count; f++) {
            if (scene->lint.findings[f].clock == clock)
                check_finding(&scene->lint.findings[f], &tried);
        }
        check_silence(scene, clock, &tried);
    }
}

static void what_is_said_holds(uint64_t seed)
{
    struct scene scene;
    scene_init(&scene, seed);
    check_dead(&scene);
    for (size_t c = 0; c < scene.world.set.clock_count; c++) {
        if (!clock_of(&scene, c)->limit_from_case)
            check_clock(&scene, c);
    }
    scene_release(&scene);
}

static void findings_hold_in_random_worlds(void)
{
    const uint64_t only = seeds_only();
    const uint64_t worlds = seeds_count(WORLDS);
    for (uint64_t seed = 1; seed <= worlds; seed++)
        what_is_said_holds(only > 0 ? only : seed);
    if (only > 0 || worlds < WORLDS)
        return;
    CHECK_GE(seen[LINT_ALWAYS_HIDDEN], 100);
    CHECK_GE(seen[LINT_SAME_INSTANT], 100);
    CHECK_GE(seen[LINT_STAGES_OUT_OF_ORDER], 100);
    CHECK_GE(silent_starts, 10000);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(findings_hold_in_random_worlds);
    return check_done();
}
