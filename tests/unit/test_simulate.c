/* SPDX-License-Identifier: Apache-2.0 */
/* The simulation: grouping per case, order and form of its output, what is read. */
#include <string.h>

#include "rules/simulate.h"
#include "tests/support/check.h"
#include "tests/support/rule_world.h"

static struct rule_world world;
static struct simulation *simulation;
static struct buf output;

static enum err keep(void *context, struct text line)
{
    buf_text(context, line);
    return buf_error(context);
}

static void begin(void)
{
    simulation_free(simulation);
    buf_release(&output);
    world_release(&world);
    world_init(&world, WORLD_SHANGHAI);
    struct clock_rule *clock = world_clock(&world, "c", "1wd");
    (void)world_stage(&world, clock, "warn 10h", LIGHT_YELLOW, "handler unit_head");
    (void)world_calendar(&world);
    buf_init(&output, 1 << 20);
    simulation = simulation_create(&world.rulebook);
    CHECK(simulation);
}

static void add(const char *subject, const char *at, const char *words)
{
    struct event event = world_event(&world, at, words);
    event.subject = text_of(subject);
    CHECK_EQ(simulation_add(simulation, &event), ERR_OK);
}

static const char *run(const char *until)
{
    buf_clear(&output);
    CHECK_EQ(simulation_run(simulation, world_at(until), keep, &output), ERR_OK);
    return output.ptr ? output.ptr : "";
}

static void lines_have_their_keys_in_order(void)
{
    begin();
    add("K\"1", "2026-03-02T09:00:00.500+08:00", "received unit=d1 handler=d1-a");
    add("K\"1", "2026-03-04T09:00:00+08:00", "completed");
    CHECK_STR(
        run("2026-03-05T00:00:00+08:00"),
        "{\"type\":\"alert\",\"case\":\"K\\\"1\",\"clock\":\"c\",\"run\":1,\"stage\":\"warn\","
        "\"instant\":\"2026-03-02T19:00:00.500+08:00\","
        "\"fired_at\":\"2026-03-02T19:00:00.500+08:00\",\"status\":\"fired\",\"light\":\"yellow\","
        "\"to\":[\"d1-a\",\"d1-head\"]}\n"
        "{\"type\":\"clock\",\"case\":\"K\\\"1\",\"clock\":\"c\",\"run\":1,"
        "\"start\":\"2026-03-02T09:00:00.500+08:00\",\"due\":\"2026-03-03T17:30:00+08:00\","
        "\"outcome\":\"missed\",\"stopped\":\"2026-03-04T09:00:00+08:00\"}\n");
}

static void until_is_included_and_later_events_are_not_read(void)
{
    begin();
    add("K1", "2026-03-02T09:00:00+08:00", "received unit=d1 handler=d1-a");
    add("K2", "2026-03-02T19:00:00.001+08:00", "received unit=d1 handler=d1-a");
    const char *text = run("2026-03-02T19:00:00+08:00");
    CHECK_EQ(simulation_last_arrival(simulation).ms, world_at("2026-03-02T19:00:00.001+08:00").ms);
    int lines = 0;
    for (const char *c = text; *c; c++)
        lines += *c == '\n';
    CHECK_EQ(lines, 2);
    CHECK_STR(run("2026-03-02T08:00:00+08:00"), "");
}

static void running_twice_gives_the_same_bytes(void)
{
    begin();
    for (int i = 0; i < 40; i++) {
        char subject[2] = {(char)('a' + i % 7), 0};
        add(arena_string(&world.arena, text_of(subject)), "2026-03-02T09:00:00+08:00",
            i % 3 ? "received unit=d1 handler=d1-a" : "accepted");
    }
    (void)run("2026-03-05T00:00:00+08:00");
    const char *first = arena_string(&world.arena, buf_view(&output));
    CHECK_STR(run("2026-03-05T00:00:00+08:00"), first);
}

static void what_only_the_ledger_keeps_counts_as_the_first_arrival(void)
{
    begin();
    struct event late =
        world_event(&world, "2026-03-02T09:00:00+08:00", "received unit=d1 handler=d1-a");
    late.subject = text_of("K1");
    late.arrived = world_at("2026-03-02T23:00:00+08:00");
    CHECK_EQ(simulation_add(simulation, &late), ERR_OK);
    const char *alone = run("2026-03-02T23:00:00+08:00");
    CHECK(strstr(alone, "\"status\":\"skipped\""));
    add("K1", "2026-03-02T19:30:00+08:00", "urged by=ov-1");
    CHECK(strstr(run("2026-03-02T23:00:00+08:00"), "\"status\":\"fired\""));
}

static enum err refuse(void *context, struct text line)
{
    (void)context;
    (void)line;
    return ERR_IO;
}

static void an_error_of_the_writer_is_handed_on(void)
{
    begin();
    add("K1", "2026-03-02T09:00:00+08:00", "received unit=d1 handler=d1-a");
    CHECK_EQ(
        simulation_run(simulation, world_at("2026-03-05T00:00:00+08:00"), refuse, NULL), ERR_IO);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(lines_have_their_keys_in_order);
    CHECK_RUN(until_is_included_and_later_events_are_not_read);
    CHECK_RUN(running_twice_gives_the_same_bytes);
    CHECK_RUN(what_only_the_ledger_keeps_counts_as_the_first_arrival);
    CHECK_RUN(an_error_of_the_writer_is_handed_on);
    simulation_free(simulation);
    buf_release(&output);
    world_release(&world);
    return check_done();
}
