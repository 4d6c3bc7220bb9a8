/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clocks of a rule set. What goes with what is checked here, so that the rules never meet a clock
 * with a limit and a recurrence, or with neither.
 */
#include <string.h>

#include "config/describe.h"
#include "config/rule_parts.h"

struct clock_file {
    struct clock_rule rule;
    struct text_list start;
    struct text_list stop;
};

static void read_limit_path(struct reader *reader, const struct json_value *value, void *target)
{
    struct clock_file *file = target;
    file->rule.limit_from_case = true;
    read_words(reader, value, &file->rule.limit_path);
}

static void read_limit_object(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct field fields[] = {{"from", read_limit_path, 0, FIELD_REQUIRED}};
    (void)read_object(reader, value, fields, FIELD_COUNT(fields), target);
}

static void read_limit(struct reader *reader, const struct json_value *value, void *target)
{
    static read_fn *const shapes[] = {read_duration, read_limit_object};
    struct clock_file *file = target;
    if (describe_either(reader, shapes, 2, target)) {
        return;
    }
    if (json_type(value) == JSON_OBJECT) {
        read_limit_object(reader, value, target);
    } else {
        read_duration(reader, value, &file->rule.limit);
    }
}

/* ---- recur, per ---- */

static const char *const weekday_words[] = {"MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"};

static void read_recur_day(struct reader *reader, const struct json_value *value, void *target)
{
    int32_t *weekday = target;
    size_t index = 0;
    if (read_choice(reader, value, weekday_words, 7, &index)) {
        *weekday = (int32_t)index + 1;
    }
}

static void read_recur_days(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct read_items items = {
        read_recur_day, sizeof(int32_t), "a list of weekdays such as [\"FRI\"]"};
    struct clock_file *file = target;
    size_t count = 0;
    describe_also(reader, "at_least_one");
    describe_also(reader, "no_two_alike");
    const int32_t *weekdays = read_list(reader, value, &items, &count);
    if (json_type(value) == JSON_ARRAY && count == 0) {
        reader_error(reader, value, "at least one weekday is needed, such as \"FRI\"");
    }
    for (size_t i = 0; i < count; i++) {
        if (weekdays[i] > 0 && file->rule.recur_weekday[weekdays[i]]) {
            reader_error(reader, value, "a weekday is listed twice");
        }
        file->rule.recur_weekday[weekdays[i]] = true;
    }
}

static void read_recur_at(struct reader *reader, const struct json_value *value, void *target)
{
    struct clock_file *file = target;
    (void)read_time_of_day(reader, value, &file->rule.recur_second);
}

static void read_recur(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct field fields[] = {
        {"days", read_recur_days, 0, FIELD_REQUIRED},
        {"at", read_recur_at, 0, FIELD_REQUIRED},
    };
    struct clock_file *file = target;
    file->rule.recurs = true;
    (void)read_object(reader, value, fields, FIELD_COUNT(fields), file);
}

static void read_per(struct reader *reader, const struct json_value *value, void *target)
{
    static const char *const words[] = {"co_unit"};
    struct clock_file *file = target;
    size_t index = 0;
    file->rule.per_co_unit = read_choice(reader, value, words, 1, &index);
}

/* ---- the other keys ---- */

static void read_reason(struct reader *reader, const struct json_value *value, void *target)
{
    read_words(reader, value, target);
}

void read_reasons(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct read_items items = {
        read_reason, sizeof(struct text), "a list of reasons such as [\"补正材料\"]"};
    struct text_list *reasons = target;
    describe_also(reader, "at_least_one");
    reasons->items = read_list(reader, value, &items, &reasons->count);
    if (json_type(value) == JSON_ARRAY && reasons->count == 0) {
        reader_error(
            reader, value,
            "at least one reason is needed; leave the key out if any reason will do");
    }
}

static void read_pause_reasons(struct reader *reader, const struct json_value *value, void *target)
{
    struct clock_file *file = target;
    struct text_list reasons = {0};
    read_reasons(reader, value, &reasons);
    file->rule.pause_reasons = reasons.items;
    file->rule.pause_reason_count = reasons.count;
}

static void read_statutory(struct reader *reader, const struct json_value *value, void *target)
{
    struct clock_file *file = target;
    file->rule.has_statutory_limit = true;
    read_duration(reader, value, &file->rule.statutory_limit);
}

static void read_pause_max(struct reader *reader, const struct json_value *value, void *target)
{
    struct clock_file *file = target;
    file->rule.has_pause_max = true;
    read_duration(reader, value, &file->rule.pause_max);
}

static void read_roll(struct reader *reader, const struct json_value *value, void *target)
{
    static const char *const words[] = {"none", "next_working_day"};
    struct clock_file *file = target;
    size_t index = 0;
    if (read_choice(reader, value, words, 2, &index)) {
        file->rule.roll_next_working_day = index == 1;
    }
}

static void read_late_arrival(struct reader *reader, const struct json_value *value, void *target)
{
    static const char *const words[] = {"same_day", "next_working_day"};
    struct clock_file *file = target;
    size_t index = 0;
    if (read_choice(reader, value, words, 2, &index)) {
        file->rule.late_arrival_next_working_day = index == 1;
    }
}

static void read_on_event(struct reader *reader, const struct json_value *value, void *target)
{
    static const char *const words[] = {[ON_CONTINUE] = "continue", [ON_RESTART] = "restart"};
    enum on_event *on_event = target;
    size_t index = 0;
    if (read_choice(reader, value, words, 2, &index)) {
        *on_event = (enum on_event)index;
    }
}

static void read_stages(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct read_items items = {read_stage, sizeof(struct stage), "a list of stages"};
    struct clock_file *file = target;
    file->rule.stages = read_list(reader, value, &items, &file->rule.stage_count);
}

#define CLOCK_FIELD(name) offsetof(struct clock_file, rule.name)

static const struct field clock_fields[] = {
    {"id", read_id, CLOCK_FIELD(id), FIELD_REQUIRED},
    {"family", read_id, CLOCK_FIELD(family), FIELD_OPTIONAL},
    {"title", read_string, CLOCK_FIELD(title), FIELD_OPTIONAL},
    {"match", read_match, CLOCK_FIELD(match), FIELD_OPTIONAL},
    {"start", read_kinds, offsetof(struct clock_file, start), FIELD_OPTIONAL},
    {"stop", read_kinds, offsetof(struct clock_file, stop), FIELD_OPTIONAL},
    {"limit", read_limit, 0, FIELD_OPTIONAL},
    {"recur", read_recur, 0, FIELD_OPTIONAL},
    {"per", read_per, 0, FIELD_OPTIONAL},
    {"again", read_bool, CLOCK_FIELD(again), FIELD_OPTIONAL},
    {"statutory_limit", read_statutory, 0, FIELD_OPTIONAL},
    {"roll", read_roll, 0, FIELD_OPTIONAL},
    {"late_arrival", read_late_arrival, 0, FIELD_OPTIONAL},
    {"pause", read_bool, CLOCK_FIELD(pause), FIELD_OPTIONAL},
    {"pause_max", read_pause_max, 0, FIELD_OPTIONAL},
    {"pause_reasons", read_pause_reasons, 0, FIELD_OPTIONAL},
    {"on_transfer", read_on_event, CLOCK_FIELD(on_transfer), FIELD_OPTIONAL},
    {"on_reopen", read_on_event, CLOCK_FIELD(on_reopen), FIELD_OPTIONAL},
    {"extensions_max", read_count, CLOCK_FIELD(extensions_max), FIELD_OPTIONAL},
    {"stages", read_stages, 0, FIELD_REQUIRED},
};

static const struct text default_start[] = {{"received", 8}};
static const struct text default_stop[] = {{"answered", 8}, {"completed", 9}};

static void clock_init(struct clock_file *file)
{
    *file = (struct clock_file){
        .rule =
            {
                .match = {.kind = MATCH_ALL},
                .roll_next_working_day = true,
                .pause = true,
                .on_transfer = ON_CONTINUE,
                .on_reopen = ON_RESTART,
                .extensions_max = 1,
            },
        .start = {default_start, 1},
        .stop = {default_stop, 2},
    };
}

/* A share needs something to be a share of: a limit brought by the case has no length. */
static void check_stages(
    struct reader *reader, const struct json_value *value, const struct clock_rule *rule)
{
    struct id_table ids = {0};
    const struct json_value *item = json_first(json_get(value, "stages"));
    const size_t key_mark = reader_enter_key(reader, TEXT_LITERAL("stages"));
    for (size_t i = 0; i < rule->stage_count; i++, item = json_next(item)) {
        const size_t mark = reader_enter_index(reader, i);
        (void)id_table_add(&ids, reader, item, rule->stages[i].id);
        if (rule->limit_from_case && rule->stages[i].at.anchor == ANCHOR_SHARE) {
            const size_t at_mark = reader_enter_key(reader, TEXT_LITERAL("at"));
            reader_error(
                reader, json_get(item, "at"),
                "a share needs a limit that is a duration; here the limit comes from the case");
            reader_leave(reader, at_mark);
        }
        reader_leave(reader, mark);
    }
    reader_leave(reader, key_mark);
    id_table_release(&ids);
}

/* A run has an end of its own, or one follows the other: never both. */
static void check_end(
    struct reader *reader, const struct json_value *value, const struct clock_rule *rule)
{
    static const char *const others[] = {
        "limit", "statutory_limit", "extensions_max", "late_arrival", "again"};
    if (!rule->recurs && !json_get(value, "limit")) {
        reader_error(
            reader, value,
            "missing key \"limit\": how long a run lasts, such as \"5wd\"; or \"recur\" for runs "
            "that follow each other, such as {\"days\": [\"FRI\"], \"at\": \"17:00\"}");
    }
    for (size_t i = 0; rule->recurs && i < sizeof others / sizeof others[0]; i++) {
        const struct json_value *other = json_get(value, others[i]);
        if (!other) {
            continue;
        }
        const size_t mark = reader_enter_key(reader, text_of(others[i]));
        reader_error(
            reader, other,
            "does not go with \"recur\", where a run lasts until the next time listed");
        reader_leave(reader, mark);
    }
}

void read_clock(struct reader *reader, const struct json_value *value, void *target)
{
    struct clock_rule *rule = target;
    struct clock_file file;
    clock_init(&file);
    describe_also(reader, "clock_end");
    if (!read_object(reader, value, clock_fields, FIELD_COUNT(clock_fields), &file)) {
        return;
    }
    file.rule.start = file.start.items;
    file.rule.start_count = file.start.count;
    file.rule.stop = file.stop.items;
    file.rule.stop_count = file.stop.count;
    if (file.rule.family.bytes == 0) {
        file.rule.family = file.rule.id;
    }
    *rule = file.rule;
    check_end(reader, value, rule);
    check_stages(reader, value, rule);
}
