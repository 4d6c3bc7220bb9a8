/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules/<name>.json: accountability and figures. Clocks, stages, matches and acts have readers of
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

/* ---- accountability, figures, acts, reasons ---- */

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

static void read_acts_of(struct reader *reader, const struct json_value *value, void *target)
{
    struct ruleset_file *file = target;
    read_acts(reader, value, file->set.acts);
}

static void read_waive_reasons(struct reader *reader, const struct json_value *value, void *target)
{
    struct ruleset_file *file = target;
    struct text_list reasons = {0};
    read_reasons(reader, value, &reasons);
    file->set.waive_reasons = reasons.items;
    file->set.waive_reason_count = reasons.count;
}

/* ---- names within the set ---- */

struct set_families {
    const struct ruleset *set;
    struct id_table names;
};

static void check_family(
    struct reader *reader,
    const struct json_value *value,
    const struct set_families *known,
    struct text family)
{
    struct nearest nearest;
    char hint[READ_HINT_BYTES];
    if (family.bytes == 0 || id_table_has(&known->names, family)) {
        return;
    }
    nearest_among(&nearest, reader, family);
    for (size_t i = 0; i < known->set->clock_count && nearest_goes_on(&nearest); i++) {
        nearest_try(&nearest, known->set->clocks[i].family);
    }
    reader_error(
        reader, value, "no clock of this rule set has the family \"%.*s\"%s", TEXT_ARGS(family),
        nearest_hint(&nearest, hint));
}

static void check_families(
    struct reader *reader,
    const struct json_value *list,
    const struct set_families *known,
    const struct text_list *families)
{
    const size_t key_mark = reader_enter_key(reader, json_key(list));
    const struct json_value *item = json_first(list);
    for (size_t i = 0; i < families->count; i++, item = json_next(item)) {
        const size_t mark = reader_enter_index(reader, i);
        check_family(reader, item, known, families->items[i]);
        reader_leave(reader, mark);
    }
    reader_leave(reader, key_mark);
}

static void check_policies(
    struct reader *reader, const struct json_value *root, const struct set_families *known)
{
    const struct ruleset *set = known->set;
    struct id_table ids = {0};
    const struct json_value *item = json_first(json_get(root, "accountability"));
    const size_t key_mark = reader_enter_key(reader, TEXT_LITERAL("accountability"));
    for (size_t i = 0; i < set->accountability_count; i++, item = json_next(item)) {
        const struct accountability *policy = &set->accountability[i];
        const struct text_list families = {policy->families, policy->family_count};
        const size_t mark = reader_enter_index(reader, i);
        (void)id_table_add(&ids, reader, item, policy->id);
        check_families(reader, json_get(item, "families"), known, &families);
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
    struct set_families known = {.set = set};
    for (size_t i = 0; i < set->clock_count; i++) {
        if (!id_table_put(&known.names, set->clocks[i].family)) {
            reader_error(reader, NULL, "out of memory");
        }
    }
    check_policies(reader, root, &known);
    const size_t mark = reader_enter_key(reader, TEXT_LITERAL("figures"));
    check_families(reader, json_get(json_get(root, "figures"), "on_time"), &known, &on_time);
    reader_leave(reader, mark);
    id_table_release(&known.names);
}

#define SET_FIELD(name) offsetof(struct ruleset_file, set.name)

static const struct field set_fields[] = {
    {"id", read_id, SET_FIELD(id), FIELD_REQUIRED},
    {"title", read_string, SET_FIELD(title), FIELD_OPTIONAL},
    {"version", read_words, SET_FIELD(version), FIELD_REQUIRED},
    {"clocks", read_clocks, 0, FIELD_REQUIRED},
    {"accountability", read_policies, 0, FIELD_OPTIONAL},
    {"figures", read_figures, 0, FIELD_OPTIONAL},
    {"acts", read_acts_of, 0, FIELD_OPTIONAL},
    {"waive_reasons", read_waive_reasons, 0, FIELD_OPTIONAL},
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
