/* SPDX-License-Identifier: Apache-2.0 */
/* The packed case record. */
#include <string.h>

#include "rules/record.h"
#include "tests/support/check.h"
#include "tests/support/rule_world.h"

static struct rule_world world;

static void begin(void)
{
    world_release(&world);
    world_init(&world, WORLD_SHANGHAI);
    struct clock_rule *clock = world_clock(&world, "reply", "2wd");
    world_repeat(
        &world, world_stage(&world, clock, "nag 1d@12:00", LIGHT_YELLOW, "handler unit_head"),
        "08:30 12:00 17:30", 0);
    world_add(
        &world, "2026-03-02T09:00:00+08:00", "received unit=d1 handler=d1-a title= labels.k=a");
    world_add(&world, "2026-03-02T09:00:00.123+08:00", "whistled by=d1-a");
    (void)world_fire(&world, "2026-03-06T12:00:00+08:00");
    (void)world_fire(&world, "2026-03-06T17:30:00+08:00");
}

static struct buf pack(void)
{
    struct buf buf;
    buf_init(&buf, 1 << 20);
    record_pack(&world.memory, &buf);
    CHECK_EQ(buf_error(&buf), ERR_OK);
    return buf;
}

static enum err unpack(struct text bytes, struct case_memory *memory, struct err_why *why)
{
    return record_unpack(bytes, &world.arena, memory, why);
}

static void a_record_comes_back_as_it_was(void)
{
    begin();
    struct buf buf = pack();
    struct case_memory back;
    if (CHECK_EQ(unpack(buf_view(&buf), &back, NULL), ERR_OK)) {
        CHECK(text_is(back.id, "K1"));
        CHECK_EQ(back.first_arrived.ms, world.memory.first_arrived.ms);
        CHECK_EQ(back.event_count, 2);
        CHECK(text_is(back.events[1].kind_name, "whistled"));
        CHECK(text_is(back.events[0].kind_name, "received"));
        CHECK(text_is(back.events[0].subject, "K1"));
        CHECK_EQ(back.events[1].time.ms, world.memory.events[1].time.ms);
        CHECK(event_attribute(&back.events[0], "title").ptr);
        CHECK(!event_attribute(&back.events[0], "number").ptr);
        CHECK_EQ(back.fired_count, world.memory.fired_count);
        CHECK_EQ(back.fired[back.fired_count - 1].to_count, 2);
        CHECK_EQ(back.fired[0].status, ALERT_COLLAPSED);
    }
    buf_release(&buf);
}

static void equal_memories_give_equal_bytes(void)
{
    begin();
    struct buf first = pack();
    struct case_memory back;
    struct buf second;
    buf_init(&second, 1 << 20);
    CHECK_EQ(unpack(buf_view(&first), &back, NULL), ERR_OK);
    record_pack(&back, &second);
    CHECK(text_equal(buf_view(&first), buf_view(&second)));
    buf_release(&first);
    buf_release(&second);
}

static void a_memory_that_came_back_can_grow(void)
{
    begin();
    struct buf buf = pack();
    CHECK_EQ(unpack(buf_view(&buf), &world.memory, NULL), ERR_OK);
    world_add(&world, "2026-03-07T09:00:00+08:00", "answered");
    CHECK_EQ(world.memory.event_count, 3);
    const struct case_plan plan = world_fire(&world, "2026-03-09T12:00:00+08:00");
    CHECK_EQ(plan.firing_count, 0);
    buf_release(&buf);
}

static void every_cut_is_found(void)
{
    begin();
    struct buf buf = pack();
    for (size_t bytes = 0; bytes < buf.bytes; bytes++) {
        struct case_memory back;
        struct err_why why = {0};
        check_note("cut to %d bytes", (int)bytes);
        CHECK_EQ(unpack((struct text){.ptr = buf.ptr, .bytes = bytes}, &back, &why), ERR_CORRUPT);
        CHECK(strlen(why.text) > 10);
    }
    buf_release(&buf);
}

static void left_over_bytes_and_other_formats_are_refused(void)
{
    begin();
    struct buf buf = pack();
    struct case_memory back;
    buf_char(&buf, 0);
    CHECK_EQ(unpack(buf_view(&buf), &back, NULL), ERR_CORRUPT);
    buf.bytes--;
    CHECK_EQ(unpack(buf_view(&buf), &back, NULL), ERR_OK);
    buf.ptr[0] = 2;
    CHECK_EQ(unpack(buf_view(&buf), &back, NULL), ERR_CORRUPT);
    buf_release(&buf);
}

static void events_out_of_order_are_refused(void)
{
    begin();
    struct event swapped[2] = {world.memory.events[1], world.memory.events[0]};
    struct case_memory wrong = {.id = text_of("K1"), .events = swapped, .event_count = 2};
    struct case_memory back;
    struct buf buf;
    buf_init(&buf, 1 << 20);
    record_pack(&wrong, &buf);
    CHECK_EQ(unpack(buf_view(&buf), &back, NULL), ERR_CORRUPT);
    buf_release(&buf);
}

static void a_reminder_three_times_a_day_costs_a_few_bytes(void)
{
    begin();
    struct buf before = pack();
    const size_t fired_before = world.memory.fired_count;
    struct fired fired[300];
    for (size_t i = 0; i < 300; i++) {
        fired[i] = world.memory.fired[fired_before - 1];
        fired[i].instant = wall_add(fired[i].instant, (int64_t)(i + 1) * 8 * 3600000);
        fired[i].fired_at = fired[i].instant;
    }
    CHECK(memory_add_fired(&world.memory, &world.arena, fired, 300));
    struct buf after = pack();
    CHECK_GE(300 * 6, after.bytes - before.bytes);
    buf_release(&before);
    buf_release(&after);
}

static void an_empty_memory_is_a_record_too(void)
{
    struct case_memory empty = {.id = text_of("K2")};
    struct case_memory back;
    struct buf buf;
    buf_init(&buf, 100);
    record_pack(&empty, &buf);
    CHECK_EQ(record_unpack(buf_view(&buf), &world.arena, &back, NULL), ERR_OK);
    CHECK(text_is(back.id, "K2"));
    CHECK_EQ(back.event_count, 0);
    CHECK_EQ(back.fired_count, 0);
    buf_release(&buf);
}

static void a_buffer_that_is_too_small_says_so(void)
{
    begin();
    struct buf buf;
    buf_init(&buf, 40);
    record_pack(&world.memory, &buf);
    CHECK_EQ(buf_error(&buf), ERR_FULL);
    buf_release(&buf);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(a_record_comes_back_as_it_was);
    CHECK_RUN(equal_memories_give_equal_bytes);
    CHECK_RUN(a_memory_that_came_back_can_grow);
    CHECK_RUN(every_cut_is_found);
    CHECK_RUN(left_over_bytes_and_other_formats_are_refused);
    CHECK_RUN(events_out_of_order_are_refused);
    CHECK_RUN(a_reminder_three_times_a_day_costs_a_few_bytes);
    CHECK_RUN(an_empty_memory_is_a_record_too);
    CHECK_RUN(a_buffer_that_is_too_small_says_so);
    world_release(&world);
    return check_done();
}
