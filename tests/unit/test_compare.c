/* SPDX-License-Identifier: Apache-2.0 */
/* Two simulations side by side: what is counted where, and which messages are SMS. */
#include <stdio.h>

#include "rules/compare.h"
#include "tests/support/check.h"
#include "tests/support/rule_world.h"

static struct rule_world old_world;
static struct rule_world new_world;
static struct comparison comparison;

static void begin(const char *old_limit, const char *new_limit)
{
    struct rule_world *const worlds[] = {&old_world, &new_world};
    const char *const limits[] = {old_limit, new_limit};
    for (int i = 0; i < 2; i++) {
        world_release(worlds[i]);
        world_init(worlds[i], WORLD_SHANGHAI);
        struct clock_rule *clock = world_clock(worlds[i], "reply", limits[i]);
        (void)world_stage(worlds[i], clock, "over due+0", LIGHT_RED, "handler unit_head");
        (void)world_calendar(worlds[i]);
    }
}

/* One case, answered on Thursday, under both. */
static void compare(void)
{
    static const struct text via[] = {{"sms", 3}};
    const struct sms_channels channels = {.default_via = via, .default_via_count = 1};
    const struct rulebook *const rulebooks[] = {&old_world.rulebook, &new_world.rulebook};
    const struct event events[] = {
        world_event(&old_world, "2026-03-02T09:00:00+08:00", "received unit=d1 handler=d1-a"),
        world_event(&old_world, "2026-03-05T09:00:00+08:00", "completed"),
    };
    struct simulation *simulation = simulation_create(rulebooks[0]);
    if (!CHECK(simulation))
        return;
    for (size_t i = 0; i < 2; i++)
        CHECK_EQ(simulation_add(simulation, &events[i]), ERR_OK);
    comparison_init(&comparison, &old_world.arena, world_calendar(&old_world), &channels);
    for (int side = 0; side < COMPARE_SIDES; side++) {
        const struct simulation_watcher watcher =
            comparison_watcher(&comparison, (enum compare_side)side);
        simulation_use(simulation, rulebooks[side]);
        simulation_watch(simulation, &watcher);
        CHECK_EQ(
            simulation_run(simulation, world_at("2026-03-31T00:00:00+08:00"), NULL, NULL), ERR_OK);
    }
    simulation_free(simulation);
}

/* "alerts/messages/sms/misses" of old and new. */
static const char *row(enum compare_by by, const char *name, const char *stage)
{
    char text[160] = "none";
    for (size_t i = 0; i < comparison.row_count; i++) {
        const struct compare_row *found = comparison.rows[i];
        const struct compare_counts *from = &found->counts[COMPARE_OLD];
        const struct compare_counts *to = &found->counts[COMPARE_NEW];
        if (found->by != by || !text_is(found->name, name) || !text_is(found->stage, stage))
            continue;
        (void)snprintf(
            text, sizeof(text), "%d/%d/%d/%d -> %d/%d/%d/%d", (int)from->alerts,
            (int)from->messages, (int)from->sms, (int)from->misses, (int)to->alerts,
            (int)to->messages, (int)to->sms, (int)to->misses);
    }
    return arena_string(&old_world.arena, text_of(text));
}

static void alerts_people_and_misses_are_counted_on_their_side(void)
{
    begin("5wd", "2wd");
    compare();
    CHECK_STR(row(COMPARE_TOTAL, "", ""), "0/0/0/0 -> 1/2/2/1");
    CHECK_STR(row(COMPARE_STAGE, "reply", "over"), "0/0/0/0 -> 1/2/2/0");
    CHECK_STR(row(COMPARE_STAGE, "reply", ""), "0/0/0/0 -> 0/0/0/1");
    CHECK_STR(row(COMPARE_UNIT, "d1", ""), "0/0/0/0 -> 1/2/2/1");
    CHECK_EQ(comparison.row_count, 5);
}

static void alerts_are_of_the_local_day_they_fire_on(void)
{
    begin("2wd", "2wd");
    compare();
    const struct compare_row *last = comparison.rows[comparison.row_count - 1];
    CHECK_EQ(last->by, COMPARE_DAY);
    CHECK_EQ(last->day.number, civil_day_of((struct civil_date){2026, 3, 4}).number);
    CHECK_EQ(last->counts[COMPARE_OLD].alerts, 1);
    CHECK_EQ(last->counts[COMPARE_NEW].alerts, 1);
}

static void sms_are_those_whose_via_names_an_sms_channel(void)
{
    static const struct text robot[] = {{"robot", 5}};
    static const struct text both[] = {{"robot", 5}, {"gateway", 7}};
    static const struct text names[] = {{"gateway", 7}};
    const struct sms_channels channels = {
        .default_via = robot, .default_via_count = 1, .names = names, .name_count = 1};
    struct stage stage = {.via = both, .via_count = 2};
    CHECK(stage_names_sms(&stage, &channels)); /* by the list of names */
    stage.via_count = 1;
    CHECK(!stage_names_sms(&stage, &channels));
    stage.via_count = 0;
    CHECK(!stage_names_sms(&stage, &channels)); /* the default names none */
    static const struct text second[] = {{"sms-2", 5}};
    stage.via = second;
    stage.via_count = 1;
    CHECK(stage_names_sms(&stage, &channels)); /* by its own name */
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(alerts_people_and_misses_are_counted_on_their_side);
    CHECK_RUN(alerts_are_of_the_local_day_they_fire_on);
    CHECK_RUN(sms_are_those_whose_via_names_an_sms_channel);
    world_release(&old_world);
    world_release(&new_world);
    return check_done();
}
