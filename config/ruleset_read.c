/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules/<name>.json: clocks, accountability, figures, acts. Stages and matches have readers of
 * their own. After reading, names inside the set are followed: families that policies and
 * figures speak of, ids used twice.
 */
#include <string.h>

#include "config/describe.h"
#include "config/files.h"
#include "config/refer.h"
#include "config/rule_parts.h"

struct ruleset_file {
    struct ruleset set;
    struct clock_rule *clocks;
    struct accountability *policies;
};

/* ---- event kinds ---- */

/* A kind of the producer's own may be named, so a near miss of a known one is only a warning. */
static void warn_about_kind(struct reader *reader, const struct json_value *value, struct text kind)
{
    struct nearest nearest;
    char hint[READ_HINT_BYTES];
    if (event_kind_of(kind) != EVENT_OTHER) {
        return;
    }
    nearest_init(&nearest, kind);
    for (int i = 0; i < EVENT_OTHER; i++) {
        nearest_try(&nearest, text_of(event_kind_name((enum event_kind)i)));
    }
    if (nearest_hint(&nearest, hint)[0]) {
        reader_warning(
            reader, value, "\"%.*s\" is a kind of your own%s", TEXT_ARGS(utf8_cut(kind, 48)), hint);
    }
}

static void read_kind(struct reader *reader, const struct json_value *value, void *target)
{
    struct text *kind = target;
    struct text text = {0};
    const struct text prefix = TEXT_LITERAL("case.");
    if (describe_value(reader, "event_kind")) {
        return;
    }
    read_id(reader, value, &text);
    if (text_starts_with(text, prefix)) {
        text.ptr += prefix.bytes;
        text.bytes -= prefix.bytes;
    }
    if (text.bytes > 0) {
        warn_about_kind(reader, value, text);
        *kind = text;
    }
}

static void read_kind_list(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct read_items items = {
        read_kind, sizeof(struct text), "an event kind or a list of them"};
    struct text_list *kinds = target;
    describe_also(reader, "at_least_one");
    kinds->items = read_list(reader, value, &items, &kinds->count);
    if (json_type(value) == JSON_ARRAY && kinds->count == 0) {
        reader_error(reader, value, "at least one event kind is needed");
    }
}

void read_kinds(struct reader *reader, const struct json_value *value, void *target)
{
    static read_fn *const shapes[] = {read_kind, read_kind_list};
    struct text_list *kinds = target;
    if (describe_either(reader, shapes, 2, target)) {
        return;
    }
    if (json_type(value) != JSON_STRING) {
        read_kind_list(reader, value, target);
        return;
    }
    struct text *kind = arena_alloc(reader->arena, sizeof *kind);
    if (!kind) {
        reader_error(reader, value, "out of memory");
        return;
    }
    read_kind(reader, value, kind);
    kinds->items = kind;
    kinds->count = 1;
}

/* ---- clocks ---- */

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
    {"limit", read_limit, 0, FIELD_REQUIRED},
    {"statutory_limit", read_statutory, 0, FIELD_OPTIONAL},
    {"roll", read_roll, 0, FIELD_OPTIONAL},
    {"late_arrival", read_late_arrival, 0, FIELD_OPTIONAL},
    {"pause", read_bool, CLOCK_FIELD(pause), FIELD_OPTIONAL},
    {"pause_max", read_pause_max, 0, FIELD_OPTIONAL},
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

static void read_clock(struct reader *reader, const struct json_value *value, void *target)
{
    struct clock_rule *rule = target;
    struct clock_file file;
    clock_init(&file);
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
    check_stages(reader, value, rule);
}

static void read_clocks(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct read_items items = {
        read_clock, sizeof(struct clock_rule), "a list of clocks"};
    struct ruleset_file *file = target;
    describe_also(reader, "at_least_one");
    file->clocks = read_list(reader, value, &items, &file->set.clock_count);
    file->set.clocks = file->clocks;
    if (json_type(value) == JSON_ARRAY && file->set.clock_count == 0) {
        reader_error(reader, value, "a rule set needs at least one clock");
    }
}

/* ---- accountability, figures, acts ---- */

static void read_family(struct reader *reader, const struct json_value *value, void *target)
{
    read_id(reader, value, target);
}

static const struct read_items family_items = {
    read_family, sizeof(struct text), "a list of families such as [\"reply\"]"};

static void read_families(struct reader *reader, const struct json_value *value, void *target)
{
    struct text_list *families = target;
    families->items = read_list(reader, value, &family_items, &families->count);
}

static void read_window(struct reader *reader, const struct json_value *value, void *target)
{
    struct text *window = target;
    const struct text text = json_string(value);
    struct duration duration = {0};
    if (describe_value(reader, "window")) {
        return;
    }
    const bool days = json_type(value) == JSON_STRING &&
                      duration_parse(text, &duration, NULL) == ERR_OK &&
                      duration.unit == UNIT_CALENDAR_DAY && duration.at_second < 0;
    if (days || text_is(text, "year") || text_is(text, "quarter") || text_is(text, "month")) {
        *window = reader_keep(reader, text);
        return;
    }
    char got[READ_GOT_BYTES];
    reader_error(
        reader, value,
        "expected days such as \"365d\", or \"year\", \"quarter\" or \"month\", got %s",
        read_got(value, got));
}

struct accountability_file {
    struct accountability policy;
    struct text_list families;
    struct role_list notify;
};

static void read_scope(struct reader *reader, const struct json_value *value, void *target)
{
    static const char *const words[] = {"unit", "person"};
    struct accountability_file *file = target;
    size_t index = 0;
    if (read_choice(reader, value, words, 2, &index)) {
        file->policy.by_person = index == 1;
    }
}

#define POLICY_FIELD(name) offsetof(struct accountability_file, policy.name)

static void read_accountability(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct field fields[] = {
        {"id", read_id, POLICY_FIELD(id), FIELD_REQUIRED},
        {"title", read_string, POLICY_FIELD(title), FIELD_OPTIONAL},
        {"families", read_families, offsetof(struct accountability_file, families), FIELD_REQUIRED},
        {"misses", read_positive, POLICY_FIELD(misses), FIELD_REQUIRED},
        {"window", read_window, POLICY_FIELD(window), FIELD_REQUIRED},
        {"scope", read_scope, 0, FIELD_OPTIONAL},
        {"notify", read_roles, offsetof(struct accountability_file, notify), FIELD_OPTIONAL},
    };
    struct accountability *policy = target;
    struct accountability_file file = {0};
    (void)read_object(reader, value, fields, FIELD_COUNT(fields), &file);
    file.policy.families = file.families.items;
    file.policy.family_count = file.families.count;
    file.policy.notify = file.notify.items;
    file.policy.notify_count = file.notify.count;
    *policy = file.policy;
}

static void read_policies(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct read_items items = {
        read_accountability, sizeof(struct accountability), "a list of policies"};
    struct ruleset_file *file = target;
    file->policies = read_list(reader, value, &items, &file->set.accountability_count);
    file->set.accountability = file->policies;
}

static void read_figures(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct field fields[] = {{"on_time", read_families, 0, FIELD_OPTIONAL}};
    struct ruleset_file *file = target;
    struct text_list families = {0};
    (void)read_object(reader, value, fields, FIELD_COUNT(fields), &families);
    file->set.on_time_families = families.items;
    file->set.on_time_family_count = families.count;
}

/* How urging and supervising are sent: checked now, used once those messages are. */
struct act_file {
    struct text template_id;
    struct via via;
    struct role_list copy_to;
};

static void read_act(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct field fields[] = {
        {"template", read_template_id, offsetof(struct act_file, template_id), FIELD_OPTIONAL},
        {"via", read_via, offsetof(struct act_file, via), FIELD_OPTIONAL},
        {"copy_to", read_roles, offsetof(struct act_file, copy_to), FIELD_OPTIONAL},
    };
    struct act_file act = {0};
    (void)target;
    (void)read_object(reader, value, fields, FIELD_COUNT(fields), &act);
}

static void read_acts(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct field fields[] = {
        {"urged", read_act, 0, FIELD_OPTIONAL},
        {"supervised", read_act, 0, FIELD_OPTIONAL},
    };
    if (read_object(reader, value, fields, FIELD_COUNT(fields), target)) {
        reader_warning(
            reader, value, "is checked, but this version does not send messages for acts yet");
    }
}

/* ---- names within the set ---- */

static void check_family(
    struct reader *reader,
    const struct json_value *value,
    const struct ruleset *set,
    struct text family)
{
    struct nearest nearest;
    char hint[READ_HINT_BYTES];
    if (family.bytes == 0) {
        return;
    }
    nearest_init(&nearest, family);
    for (size_t i = 0; i < set->clock_count; i++) {
        if (text_equal(set->clocks[i].family, family)) {
            return;
        }
        nearest_try(&nearest, set->clocks[i].family);
    }
    reader_error(
        reader, value, "no clock of this rule set has the family \"%.*s\"%s", TEXT_ARGS(family),
        nearest_hint(&nearest, hint));
}

static void check_families(
    struct reader *reader,
    const struct json_value *list,
    const struct ruleset *set,
    const struct text_list *families)
{
    const size_t key_mark = reader_enter_key(reader, json_key(list));
    const struct json_value *item = json_first(list);
    for (size_t i = 0; i < families->count; i++, item = json_next(item)) {
        const size_t mark = reader_enter_index(reader, i);
        check_family(reader, item, set, families->items[i]);
        reader_leave(reader, mark);
    }
    reader_leave(reader, key_mark);
}

static void check_policies(
    struct reader *reader, const struct json_value *root, const struct ruleset *set)
{
    struct id_table ids = {0};
    const struct json_value *item = json_first(json_get(root, "accountability"));
    const size_t key_mark = reader_enter_key(reader, TEXT_LITERAL("accountability"));
    for (size_t i = 0; i < set->accountability_count; i++, item = json_next(item)) {
        const struct accountability *policy = &set->accountability[i];
        const struct text_list families = {policy->families, policy->family_count};
        const size_t mark = reader_enter_index(reader, i);
        (void)id_table_add(&ids, reader, item, policy->id);
        check_families(reader, json_get(item, "families"), set, &families);
        reader_leave(reader, mark);
    }
    reader_leave(reader, key_mark);
    id_table_release(&ids);
}

static void check_clock_ids(
    struct reader *reader,
    const struct json_value *root,
    struct id_table *clock_ids,
    const struct ruleset *set)
{
    const struct json_value *item = json_first(json_get(root, "clocks"));
    const size_t key_mark = reader_enter_key(reader, TEXT_LITERAL("clocks"));
    for (size_t i = 0; i < set->clock_count; i++, item = json_next(item)) {
        const size_t mark = reader_enter_index(reader, i);
        (void)id_table_add(clock_ids, reader, item, set->clocks[i].id);
        reader_leave(reader, mark);
    }
    reader_leave(reader, key_mark);
}

static void check_set(
    struct reader *reader,
    const struct json_value *root,
    struct rule_ids *ids,
    const struct ruleset *set)
{
    const struct text_list on_time = {set->on_time_families, set->on_time_family_count};
    const size_t id_mark = reader_enter_key(reader, TEXT_LITERAL("id"));
    (void)id_table_add(&ids->sets, reader, json_get(root, "id"), set->id);
    reader_leave(reader, id_mark);
    check_clock_ids(reader, root, &ids->clocks, set);
    check_policies(reader, root, set);
    const size_t mark = reader_enter_key(reader, TEXT_LITERAL("figures"));
    check_families(reader, json_get(json_get(root, "figures"), "on_time"), set, &on_time);
    reader_leave(reader, mark);
}

#define SET_FIELD(name) offsetof(struct ruleset_file, set.name)

static const struct field set_fields[] = {
    {"id", read_id, SET_FIELD(id), FIELD_REQUIRED},
    {"title", read_string, SET_FIELD(title), FIELD_OPTIONAL},
    {"version", read_words, SET_FIELD(version), FIELD_REQUIRED},
    {"clocks", read_clocks, 0, FIELD_REQUIRED},
    {"accountability", read_policies, 0, FIELD_OPTIONAL},
    {"figures", read_figures, 0, FIELD_OPTIONAL},
    {"acts", read_acts, 0, FIELD_OPTIONAL},
};

void ruleset_describe(struct reader *reader, const struct json_value *value, void *target)
{
    struct ruleset_file file = {0};
    (void)target;
    reader->titles = true;
    (void)read_object(reader, value, set_fields, FIELD_COUNT(set_fields), &file);
}

bool ruleset_read(
    const struct source *source,
    const struct reading *reading,
    struct rule_ids *ids,
    struct ruleset *ret_ruleset)
{
    struct ruleset_file file = {0};
    struct reader reader;
    if (reader_open(&reader, source, reading)) {
        const struct json_value *root = json_root(reader.doc);
        reader.titles = true;
        if (read_object(&reader, root, set_fields, FIELD_COUNT(set_fields), &file)) {
            check_set(&reader, root, ids, &file.set);
        }
    }
    if (!reader_close(&reader)) {
        return false;
    }
    *ret_ruleset = file.set;
    return true;
}
