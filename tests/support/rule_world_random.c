/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random rules and random lives of a case: everything the rules know, in odd mixtures. One seed
 * gives one world.
 */
#include "tests/support/rule_world_random.h"

#include <stdio.h>
#include <string.h>

#define PICK(prng, words) pick((prng), (words), sizeof(words) / sizeof((words)[0]))

static const char *pick(struct prng *prng, const char *const *words, size_t count)
{
    return words[prng_below(prng, count)];
}

static const char *const limits[] = {"5wd",   "3d",  "7wd@16:00", "12d", "16wh", "644wm",
                                     "1230m", "48h", "2wd",       "90m", NULL};
static const char *const anchors[] = {
    "2d",     "3wd@09:00", "10d@24:00", "30m",           "8wh", "due-1wd", "due-4wh",
    "due-2h", "due+0",     "due+1d",    "due+2wd@09:00", "80%", "50%",     "due+3wh"};
static const char *const notified[] = {
    "handler",           "unit_head", "oversight",        "parent_head", "clerk",
    "handler unit_head", "up:2",      "leader oversight", "person:d2-a", "unit:d2 handler"};
static const char *const repeats[] = {"08:30 12:00 17:30", "working 09:00", "every 7h",
                                      "every 24h",         "00:00 24:00",   "every 90m"};

static void random_stage(struct rule_world *world, struct clock_rule *clock, struct prng *prng)
{
    static const char *const ids[] = {"s0", "s1", "s2", "s3", "s4", "s5"};
    char words[32];
    (void)snprintf(words, sizeof(words), "%s %s", ids[clock->stage_count], PICK(prng, anchors));
    const char *kept = arena_string(&world->arena, text_of(words));
    const enum light light = prng_one_in(prng, 3) ? LIGHT_RED : LIGHT_YELLOW;
    struct stage *stage = world_stage(world, clock, kept, light, PICK(prng, notified));
    stage->if_acked = prng_one_in(prng, 4) ? IF_ACKED_SUPPRESS : IF_ACKED_SEND;
    if (prng_one_in(prng, 3))
        world_repeat(world, stage, PICK(prng, repeats), (int64_t)prng_below(prng, 6));
}

static void random_clock(struct rule_world *world, struct prng *prng)
{
    static const char *const ids[] = {"c0", "c1", "c2", "c3"};
    static const char *const families[] = {"f0", "f1", "f2"};
    struct clock_rule *clock = world_clock(world, ids[world->set.clock_count], PICK(prng, limits));
    clock->family = text_of(PICK(prng, families));
    clock->pause = !prng_one_in(prng, 4);
    clock->roll_next_working_day = !prng_one_in(prng, 3);
    clock->late_arrival_next_working_day = prng_one_in(prng, 3);
    clock->on_transfer = prng_one_in(prng, 2) ? ON_RESTART : ON_CONTINUE;
    clock->on_reopen = prng_one_in(prng, 2) ? ON_RESTART : ON_CONTINUE;
    clock->extensions_max = (int64_t)prng_below(prng, 3);
    clock->has_pause_max = prng_one_in(prng, 4);
    if (clock->has_pause_max)
        clock->pause_max = world_duration(prng_one_in(prng, 2) ? "2wd" : "30h");
    const uint64_t stage_count = 1 + prng_below(prng, 4);
    for (uint64_t i = 0; i < stage_count; i++)
        random_stage(world, clock, prng);
}

void world_randomize(struct rule_world *world, struct prng *prng)
{
    world->spec.day_ends_at_midnight = prng_one_in(prng, 4);
    const uint64_t clock_count = 1 + prng_below(prng, 4);
    for (uint64_t i = 0; i < clock_count; i++)
        random_clock(world, prng);
}

static void make_recurring(struct clock_rule *clock, struct prng *prng)
{
    clock->recurs = true;
    clock->limit_from_case = false;
    clock->limit = (struct duration){0};
    clock->late_arrival_next_working_day = false;
    clock->recur_second = prng_one_in(prng, 3) ? 24 * 3600 : 17 * 3600;
    clock->recur_weekday[1 + prng_below(prng, 7)] = true;
    clock->recur_weekday[1 + prng_below(prng, 7)] = true;
}

static void enrich_clock(struct clock_rule *clock, struct stage *stages, struct prng *prng)
{
    static const struct text reasons[] = {{"x", 1}};
    static const struct text again_starts[] = {{"objected", 8}, {"supervised", 10}};
    if (prng_one_in(prng, 4)) {
        make_recurring(clock, prng);
    } else if (prng_one_in(prng, 3)) {
        clock->again = true;
        clock->start = again_starts;
        clock->start_count = 2;
    }
    clock->per_co_unit = prng_one_in(prng, 4);
    clock->pause_reasons = reasons;
    clock->pause_reason_count = prng_one_in(prng, 4) ? 1 : 0;
    for (size_t i = 0; i < clock->stage_count; i++) {
        if (prng_one_in(prng, 6) && stages[i].at.anchor == ANCHOR_START)
            stages[i].at.anchor = ANCHOR_ACKED;
        if (prng_one_in(prng, 4))
            stages[i].if_acked = IF_ACKED_EACH;
    }
}

void world_enrich(struct rule_world *world, struct prng *prng)
{
    for (size_t c = 0; c < world->set.clock_count; c++) {
        if (!prng_one_in(prng, 3))
            enrich_clock(&world->clocks[c], world->stages[c], prng);
    }
}

#define SPECIAL_DAYS 24

static struct civil_day random_day(struct prng *prng)
{
    const struct civil_day first = civil_day_of((struct civil_date){2026, 2, 26});
    return (struct civil_day){.number = first.number + (int32_t)prng_below(prng, 60)};
}

static const struct civil_day *random_days(
    struct rule_world *world, struct prng *prng, size_t *ret_count)
{
    struct civil_day *days = arena_array(&world->arena, SPECIAL_DAYS, sizeof(*days));
    *ret_count = prng_below(prng, SPECIAL_DAYS);
    for (size_t i = 0; i < *ret_count; i++)
        days[i] = random_day(prng);
    return days;
}

void world_randomize_calendar(struct rule_world *world, struct prng *prng)
{
    static const int32_t official[] = {2026};
    struct closure *closures = arena_array(&world->arena, 4, sizeof(*closures));
    world->spec.holidays = random_days(world, prng, &world->spec.holiday_count);
    world->spec.workdays = random_days(world, prng, &world->spec.workday_count);
    world->spec.closure_count = prng_below(prng, 4);
    for (size_t i = 0; i < world->spec.closure_count; i++)
        closures[i] = (struct closure){.day = random_day(prng), .reason = text_of("typhoon")};
    world->spec.closures = closures;
    world->spec.official_years = official;
    world->spec.official_year_count = prng_one_in(prng, 2) ? 1 : 0;
}

static const char *const lives[] = {
    "accepted by=d1-a",
    "answered",
    "completed",
    "withdrawn",
    "suspended reason=x",
    "suspended reason=x",
    "resumed",
    "resumed",
    "extended by=2wd approved_by=gov-head reason=x",
    "extended by=3d approved_by=gov-head reason=x",
    "extended by=2wh approved_by=gov-head reason=x",
    "extended by=1wd reason=x",
    "extended until=2026-03-20T17:00:00+08:00 approved_by=gov-head reason=x",
    "assigned unit=d2 handler=d2-a",
    "assigned unit=d1",
    "assigned unit=d1 handler=d1-b",
    "returned reason=x",
    "reopened reason=x",
    "acknowledged by=d1-head clock=c0 stage=s0",
    "acknowledged by=ov-1 clock=c1 stage=s0",
    "received title=again labels.k=b",
};

static const char *const rich_lives[] = {
    "answered unit=d2",
    "answered unit=d1",
    "answered",
    "completed unit=d2",
    "received co_units=d1,d2",
    "received co_units=ov",
    "objected by=d1-head",
    "supervised reply_by=2026-03-12",
    "supervised reply_by=2026-03-20T12:00:00+08:00",
    "suspended reason=y",
    "resumed",
    "acknowledged by=d2-head clock=c0@d2",
    "acknowledged by=d1-head clock=c1",
    "waived clock=c0 reason=x approved_by=gov-head",
    "waived clock=c1@d2 reason=x approved_by=gov-head",
    "appealed clock=c0 reason=x by=d1-head",
    "replanned version=2 replan=r1",
    "replanned undo=r1 replan=r2",
};

/* 2026-03-02 and the four weeks after it. */
static struct wall_ms random_instant(struct prng *prng)
{
    const struct wall_ms first = world_at("2026-03-02T00:00:00+08:00");
    return wall_add(first, prng_range(prng, 0, 4 * 7 * 24 * 60) * 60000);
}

#define RECEIVED "received unit=d1 handler=d1-a labels.k=a matter=m1.2 due=2026-03-16"

static const char *pick_life(struct prng *prng, bool rich)
{
    if (rich && prng_one_in(prng, 2))
        return PICK(prng, rich_lives);
    return PICK(prng, lives);
}

static struct world_events random_events(struct rule_world *world, struct prng *prng, bool rich)
{
    struct world_events all = {0};
    const char *first = rich ? RECEIVED " co_units=d2,ov" : RECEIVED;
    const size_t count = 8 + prng_below(prng, 13);
    for (size_t i = 0; i < count; i++) {
        const char *words = i == 0 ? first : pick_life(prng, rich);
        struct event event = world_event(world, "2026-03-02T09:00:00+08:00", words);
        event.time =
            i == 0 ? wall_add(event.time, prng_range(prng, 0, 48) * 3600000) : random_instant(prng);
        event.arrived = event.time;
        if (prng_one_in(prng, 4))
            event.arrived = wall_add(event.time, prng_range(prng, 1, 100) * 3600000);
        all.events[all.count++] = event;
        if (prng_one_in(prng, 5)) { /* told twice, the second time later */
            event.arrived.ms += 60000;
            if (rich && prng_one_in(prng, 2)) /* and not the same: the first to arrive counts */
                event.time.ms += 7200000;
            all.events[all.count++] = event;
        }
    }
    return all;
}

struct world_events world_random_events(struct rule_world *world, struct prng *prng)
{
    return random_events(world, prng, false);
}

struct world_events world_rich_events(struct rule_world *world, struct prng *prng)
{
    return random_events(world, prng, true);
}
