/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Builds worlds for tests of rules/. Strings are cut at spaces; nothing here is fast.
 */
#include "tests/support/rule_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_YEAR 2010
#define LAST_YEAR  2040

#define NEED(cond) need((cond), #cond, __LINE__)

static void need(bool held, const char *what, int line)
{
    if (!held) {
        fprintf(stderr, "rule_world.c:%d: the test is wrong: %s\n", line, what);
        exit(2);
    }
}

/* ---- zones ---- */

/* The n-th Sunday of a month, the last one for n = 0, as a day number. */
static int32_t sunday(int32_t year, int32_t month, int32_t n)
{
    if (n == 0) {
        struct civil_day day = civil_day_of((struct civil_date){year, month, 31});
        while (civil_weekday(day) != 7)
            day.number--;
        return day.number;
    }
    struct civil_day day = civil_day_of((struct civil_date){year, month, 1});
    while (civil_weekday(day) != 7)
        day.number++;
    return day.number + (n - 1) * 7;
}

struct switching {
    int32_t winter_s;
    int32_t summer_s;
    int32_t on_month;
    int32_t on_sunday;
    int32_t on_utc_s;
    int32_t off_month;
    int32_t off_sunday;
    int32_t off_utc_s;
    bool southern; /* the year begins in summer */
};

static struct zone switching_zone(struct arena *arena, struct switching rule)
{
    struct zone_change *changes =
        arena_array(arena, 2 * (LAST_YEAR - FIRST_YEAR + 1), sizeof(*changes));
    size_t count = 0;
    NEED(changes);
    for (int32_t year = FIRST_YEAR; year <= LAST_YEAR; year++) {
        const struct zone_change on = {
            .at_s = (int64_t)sunday(year, rule.on_month, rule.on_sunday) * 86400 + rule.on_utc_s,
            .offset_s = rule.summer_s,
        };
        const struct zone_change off = {
            .at_s = (int64_t)sunday(year, rule.off_month, rule.off_sunday) * 86400 + rule.off_utc_s,
            .offset_s = rule.winter_s,
        };
        changes[count++] = rule.southern ? off : on;
        changes[count++] = rule.southern ? on : off;
    }
    return (struct zone){
        .first_offset_s = rule.southern ? rule.summer_s : rule.winter_s,
        .changes = changes,
        .change_count = count,
    };
}

struct zone world_zone(struct arena *arena, enum world_zone zone)
{
    switch (zone) {
    case WORLD_SHANGHAI:
        return (struct zone){.name = text_of("Asia/Shanghai"), .first_offset_s = 8 * 3600};
    case WORLD_KOLKATA:
        return (struct zone){.name = text_of("Asia/Kolkata"), .first_offset_s = 19800};
    case WORLD_BERLIN:
        return switching_zone(
            arena, (struct switching){3600, 7200, 3, 0, 3600, 10, 0, 3600, false});
    case WORLD_NEW_YORK:
        return switching_zone(
            arena, (struct switching){-18000, -14400, 3, 2, 25200, 11, 1, 21600, false});
    case WORLD_LORD_HOWE: /* 02:00 local: the Saturday before in UTC */
        return switching_zone(
            arena, (struct switching){37800, 39600, 10, 1, 7200 - 37800, 4, 1, 7200 - 39600, true});
    }
    return (struct zone){0};
}

/* ---- words ---- */

static struct text next_word(struct text *rest)
{
    size_t at = 0;
    while (rest->bytes > 0 && rest->ptr[0] == ' ') {
        rest->ptr++;
        rest->bytes--;
    }
    while (at < rest->bytes && rest->ptr[at] != ' ')
        at++;
    const struct text word = {.ptr = rest->ptr, .bytes = at};
    rest->ptr += at;
    rest->bytes -= at;
    return word;
}

static size_t count_words(struct text text)
{
    size_t count = 0;
    while (next_word(&text).bytes > 0)
        count++;
    return count;
}

struct wall_ms world_at(const char *rfc3339)
{
    struct wall_ms at = {0};
    NEED(wall_parse(rfc3339, strlen(rfc3339), &at) == ERR_OK);
    return at;
}

struct duration world_duration(const char *text)
{
    struct duration duration = {0};
    NEED(duration_parse(text_of(text), &duration, NULL) == ERR_OK);
    return duration;
}

/* ---- the world ---- */

static const struct text d1_handlers[] = {{"d1-a", 4}, {"d1-b", 4}};
static const struct text d2_handlers[] = {{"d2-a", 4}};
static const struct text ov_handlers[] = {{"ov-1", 4}, {"ov-2", 4}};

#define WORD(s)                                                                                    \
    {                                                                                              \
        .ptr = (s), .bytes = sizeof(s) - 1                                                         \
    }

static const struct unit units[] = {
    {.id = WORD("gov"), .head = WORD("gov-head")},
    {.id = WORD("d1"),
     .parent = WORD("gov"),
     .head = WORD("d1-head"),
     .clerk = WORD("d1-clerk"),
     .leader = WORD("gov-head"),
     .handlers = d1_handlers,
     .handler_count = 2},
    {.id = WORD("d2"),
     .parent = WORD("gov"),
     .head = WORD("d2-head"),
     .handlers = d2_handlers,
     .handler_count = 1},
    {.id = WORD("ov"),
     .parent = WORD("gov"),
     .head = WORD("ov-1"),
     .handlers = ov_handlers,
     .handler_count = 2,
     .oversight = true},
};

static const struct person people[] = {
    {.id = WORD("gov-head")}, {.id = WORD("d1-head")}, {.id = WORD("d1-clerk")},
    {.id = WORD("d1-a")},     {.id = WORD("d1-b")},    {.id = WORD("d2-head")},
    {.id = WORD("d2-a")},     {.id = WORD("ov-1")},    {.id = WORD("ov-2")},
};

static const struct day_interval office[] = {{30600, 43200}, {50400, 63000}};

void world_init(struct rule_world *world, enum world_zone zone)
{
    *world = (struct rule_world){0};
    arena_init(&world->arena, 0);
    world->spec.zone = world_zone(&world->arena, zone);
    for (int weekday = 1; weekday <= 5; weekday++)
        world->spec.working_weekday[weekday] = true;
    world->spec.hours = (struct office_hours){.intervals = office, .interval_count = 2};
    world->set.clocks = world->clocks;
    world->policy.sets = &world->set;
    world->policy.set_count = 1;
    world->policy.backfill_ms = 3600000;
    world->policy.directory = directory_build(
        &world->arena, units, sizeof(units) / sizeof(units[0]), people,
        sizeof(people) / sizeof(people[0]));
    NEED(world->policy.directory);
    world->policies[0] = &world->policy;
    world->rulebook = (struct rulebook){.policies = world->policies, .policy_count = 1};
    world->memory.id = text_of("K1");
}

void world_release(struct rule_world *world)
{
    arena_release(&world->arena);
}

const struct calendar *world_calendar(struct rule_world *world)
{
    if (!world->policy.calendar)
        world->policy.calendar = calendar_build(&world->spec, &world->arena);
    NEED(world->policy.calendar);
    return world->policy.calendar;
}

/* ---- rules ---- */

struct clock_rule *world_clock(struct rule_world *world, const char *id, const char *limit)
{
    static const struct text start[] = {WORD("received")};
    static const struct text stop[] = {WORD("answered"), WORD("completed")};
    NEED(world->set.clock_count < WORLD_CLOCKS_MAX);
    struct clock_rule *clock = &world->clocks[world->set.clock_count];
    *clock = (struct clock_rule){
        .id = text_of(id),
        .family = text_of(id),
        .match = {.kind = MATCH_ALL},
        .start = start,
        .start_count = 1,
        .stop = stop,
        .stop_count = 2,
        .limit_from_case = !limit,
        .limit_path = text_of("due"),
        .roll_next_working_day = true,
        .pause = true,
        .on_reopen = ON_RESTART,
        .extensions_max = 1,
        .stages = world->stages[world->set.clock_count],
    };
    if (limit)
        clock->limit = world_duration(limit);
    world->set.clock_count++;
    return clock;
}

static struct stage_at parse_at(struct text text)
{
    struct stage_at at = {.anchor = ANCHOR_START};
    struct text rest = text;
    if (text_starts_with(text, text_of("due"))) {
        at.anchor = text.ptr[3] == '-' ? ANCHOR_DUE_BEFORE : ANCHOR_DUE_AFTER;
        rest.ptr += 4;
        rest.bytes -= 4;
        at.duration.at_second = -1;
        if (text_is(rest, "0"))
            return at;
    } else if (text.ptr[text.bytes - 1] == '%') {
        at.anchor = ANCHOR_SHARE;
        at.percent = (int32_t)strtol(text.ptr, NULL, 10);
        return at;
    }
    NEED(duration_parse(rest, &at.duration, NULL) == ERR_OK);
    return at;
}

struct stage *world_stage(
    struct rule_world *world,
    struct clock_rule *clock,
    const char *id_and_at,
    enum light light,
    const char *roles)
{
    struct text words = text_of(id_and_at);
    struct text role_words = text_of(roles);
    const size_t role_count = count_words(role_words);
    struct role *notify = arena_array(&world->arena, role_count, sizeof(*notify));
    NEED(clock->stage_count < WORLD_STAGES_MAX && notify);
    for (size_t i = 0; i < role_count; i++)
        NEED(role_parse(next_word(&role_words), &notify[i], NULL) == ERR_OK);
    struct stage *stage = &world->stages[clock - world->clocks][clock->stage_count++];
    *stage = (struct stage){
        .id = next_word(&words), .light = light, .notify = notify, .notify_count = role_count};
    stage->at = parse_at(next_word(&words));
    return stage;
}

void world_repeat(struct rule_world *world, struct stage *stage, const char *words, int64_t max)
{
    struct text rest = text_of(words);
    struct text word = next_word(&rest);
    stage->repeat = (struct repeat){.kind = REPEAT_TIMES_OF_DAY, .max = max};
    if (text_is(word, "every")) {
        struct duration every;
        NEED(duration_parse(next_word(&rest), &every, NULL) == ERR_OK);
        stage->repeat.kind = REPEAT_EVERY;
        stage->repeat.every_ms = every.amount;
        return;
    }
    if (text_is(word, "working")) {
        stage->repeat.working_days_only = true;
        word = next_word(&rest);
    }
    int32_t *seconds = arena_array(&world->arena, count_words(rest) + 1, sizeof(*seconds));
    NEED(seconds);
    for (; word.bytes > 0; word = next_word(&rest))
        NEED(duration_parse_time(word, &seconds[stage->repeat.second_count++]) == ERR_OK);
    stage->repeat.seconds_of_day = seconds;
}

/* ---- events ---- */

struct event world_event(struct rule_world *world, const char *at, const char *words)
{
    struct text rest = text_of(words);
    struct attribute *attributes =
        arena_array(&world->arena, count_words(rest), sizeof(*attributes));
    char id[16];
    (void)snprintf(id, sizeof(id), "e%04d", world->event_count++);
    struct event event = {
        .kind_name = next_word(&rest),
        .source = text_of("/test"),
        .id = arena_text(&world->arena, text_of(id)),
        .subject = world->memory.id,
        .time = world_at(at),
        .arrived = world_at(at),
        .attributes = attributes,
    };
    event.kind = event_kind_of(event.kind_name);
    for (struct text word = next_word(&rest); word.bytes > 0; word = next_word(&rest)) {
        const char *equals = memchr(word.ptr, '=', word.bytes);
        NEED(equals && attributes);
        const size_t path_bytes = (size_t)(equals - word.ptr);
        attributes[event.attribute_count++] = (struct attribute){
            .path = {.ptr = word.ptr, .bytes = path_bytes},
            .value = {.ptr = equals + 1, .bytes = word.bytes - path_bytes - 1},
        };
    }
    return event;
}

void world_add_event(struct rule_world *world, const struct event *event)
{
    NEED(memory_add_event(&world->memory, &world->arena, event, &world->policy) != MEMORY_NO_ROOM);
}

void world_add(struct rule_world *world, const char *at, const char *words)
{
    const struct event event = world_event(world, at, words);
    world_add_event(world, &event);
}

const struct case_state *world_fold(struct rule_world *world, const char *now)
{
    const struct case_state *state = NULL;
    (void)world_calendar(world);
    NEED(
        case_fold(&world->memory, &world->rulebook, world_at(now), &world->arena, &state) ==
        ERR_OK);
    return state;
}

struct case_plan world_fire(struct rule_world *world, const char *now)
{
    struct case_plan plan;
    const struct case_state *state = world_fold(world, now);
    NEED(
        case_plan(state, &world->memory, &world->rulebook, world_at(now), &world->arena, &plan) ==
        ERR_OK);
    for (size_t i = 0; i < plan.firing_count; i++)
        NEED(memory_add_fired(&world->memory, &world->arena, &plan.firings[i].fired, 1));
    return plan;
}

const struct run *world_run(const struct case_state *state, const char *clock, int32_t number)
{
    for (size_t i = 0; i < state->run_count; i++) {
        if (text_is(state->runs[i].clock, clock) && state->runs[i].number == number)
            return &state->runs[i];
    }
    return NULL;
}

/* ---- texts ---- */

const char *world_text(struct rule_world *world, struct wall_ms at)
{
    char text[WALL_TEXT_BYTES];
    return arena_string(&world->arena, text_of(calendar_format(world_calendar(world), at, text)));
}

const char *world_outcome(struct rule_world *world, const struct run *run)
{
    char text[160];
    if (!run)
        return "no run";
    (void)snprintf(
        text, sizeof(text), "%s due=%s stopped=%s", run_outcome_name(run->outcome),
        run->has_due ? world_text(world, run->due) : "-",
        run->has_stopped ? world_text(world, run->stopped) : "-");
    return arena_string(&world->arena, text_of(text));
}

const char *world_firings(struct rule_world *world, const struct case_plan *plan)
{
    struct buf buf;
    buf_init(&buf, 65536);
    for (size_t i = 0; i < plan->firing_count; i++) {
        const struct fired *fired = &plan->firings[i].fired;
        if (fired->status == ALERT_COLLAPSED)
            continue;
        buf_string(&buf, buf.bytes > 0 ? "; " : "");
        buf_text(&buf, fired->stage);
        buf_format(&buf, " %s", alert_status_name(fired->status));
        for (size_t p = 0; p < fired->to_count; p++) {
            buf_char(&buf, p > 0 ? ',' : ' ');
            buf_text(&buf, fired->to[p]);
        }
    }
    const char *text = arena_string(&world->arena, buf_view(&buf));
    buf_release(&buf);
    return text;
}
