/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See accountability.h. For each policy: its misses are counted into entries, which end at the
 * outcomes; then each decision goes to the entry it was made about.
 */
#include "console/accountability.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"

#define LIST_MAX      ((size_t)1 << 20)
#define ID_BYTES      512
#define DECISIONS_MAX ((size_t)1 << 20)

struct decided {
    struct text who;
    struct account_decision decision;
};

struct decided_list {
    struct decided *items; /* by who, then time */
    size_t count;
    size_t capacity;
};

struct building {
    const struct view *view;
    const struct account_query *query;
    struct arena *arena;
    struct figures *figures;
    struct account_entry *items;
    size_t count;
    size_t capacity;
    struct decided_list outcomes; /* of the policy in hand */
    struct decided_list statements;
    struct decided_list *taking;
    enum err err;
};

/* An array in the arena with room for one more; NULL when memory is out. */
static void *with_room(
    struct building *building, void *items, size_t count, size_t *capacity, size_t item_bytes)
{
    if (count < *capacity) {
        return items;
    }
    const size_t wanted = *capacity ? *capacity * 2 : 32;
    void *grown = wanted > LIST_MAX ? NULL : arena_array(building->arena, wanted, item_bytes);
    if (!grown) {
        building->err = ERR_NO_MEMORY;
        return NULL;
    }
    if (count > 0) {
        memcpy(grown, items, count * item_bytes);
    }
    *capacity = wanted;
    return grown;
}

/* ---- misses and decisions ---- */

static bool add_miss(void *context, const struct figure_run *miss)
{
    struct building *building = context;
    building->err = figures_add_run(building->figures, miss);
    return !building->err;
}

static bool add_decision(void *context, const struct ledger_decision *row)
{
    struct building *building = context;
    struct decided_list *list = building->taking;
    struct decided *items =
        with_room(building, list->items, list->count, &list->capacity, sizeof(*items));
    if (!items) {
        return false;
    }
    list->items = items;
    items[list->count++] = (struct decided){
        .who = arena_text(building->arena, row->who),
        .decision =
            {
                .kind = arena_text(building->arena, row->kind),
                .by = arena_text(building->arena, row->by),
                .note = arena_text(building->arena, row->note),
                .at = row->at,
                .interview_at = row->interview_at,
            },
    };
    return true;
}

static void read_decisions(struct building *building, const struct accountability *policy)
{
    static const enum decision_kind kinds[] = {DECISION_OUTCOME, DECISION_STATEMENT};
    for (size_t index = 0; index < 2 && !building->err; index++) {
        building->taking = index == 0 ? &building->outcomes : &building->statements;
        *building->taking = (struct decided_list){0};
        const struct decision_query wanted = {
            .kind = kinds[index], .policy = policy->id, .who = building->query->who};
        const enum err err =
            ledger_decisions(building->view->ledger, &wanted, add_decision, building);
        building->err = building->err ? building->err : err;
    }
}

/* ---- one entry ---- */

static struct text unit_of(const struct view *view, const struct figure_entry *entry)
{
    if (!entry->policy->by_person) {
        return entry->who;
    }
    const struct person *person = directory_person(view_policy(view)->directory, entry->who);
    return person ? person->unit : entry->evidence[entry->evidence_count - 1]->unit;
}

static struct text id_of(struct arena *arena, const struct figure_entry *entry)
{
    char id[ID_BYTES];
    (void)snprintf(
        id, sizeof(id), "%.*s~%.*s~%" PRId64, TEXT_ARGS(entry->policy->id), TEXT_ARGS(entry->who),
        entry->opened.ms);
    return arena_text(arena, text_of(id));
}

/* The first decision about `who` at or after an instant; the count when there is none. */
static size_t first_from(const struct decided_list *list, struct text who, int64_t at)
{
    size_t index = 0;
    while (index < list->count &&
           (text_compare(list->items[index].who, who) < 0 ||
            (text_equal(list->items[index].who, who) && list->items[index].decision.at < at))) {
        index++;
    }
    return index;
}

static size_t count_until(
    const struct decided_list *list, size_t from, struct text who, int64_t until)
{
    size_t count = 0;
    while (from + count < list->count && text_equal(list->items[from + count].who, who) &&
           list->items[from + count].decision.at < until) {
        count++;
    }
    return count;
}

static bool give_decisions(
    struct building *building, struct account_entry *entry, int64_t next_opened)
{
    const struct decided_list *outcomes = &building->outcomes;
    const struct decided_list *statements = &building->statements;
    size_t first = first_from(outcomes, entry->who, entry->opened.ms);
    if (count_until(outcomes, first, entry->who, next_opened) > 0) {
        entry->outcome = &outcomes->items[first].decision;
    }
    first = first_from(statements, entry->who, entry->opened.ms);
    const size_t count = count_until(statements, first, entry->who, next_opened);
    struct account_decision *said = arena_array(building->arena, count + 1, sizeof(*said));
    if (!said) {
        building->err = ERR_NO_MEMORY;
        return false;
    }
    for (size_t index = 0; index < count; index++) {
        said[index] = statements->items[first + index].decision;
    }
    entry->statements = said;
    entry->statement_count = count;
    return true;
}

static bool is_asked_for(const struct account_query *query, const struct account_entry *entry)
{
    return !(query->open_only && entry->outcome) && !(query->closed_only && !entry->outcome) &&
           (query->unit.bytes == 0 || text_equal(query->unit, entry->unit)) &&
           (!query->scope || scope_has(query->scope, entry->unit));
}

/* `next`: the following entry of the same policy, or NULL. */
static bool add_entry(
    struct building *building, const struct figure_entry *from, const struct figure_entry *next)
{
    const bool goes_on = next && text_equal(next->who, from->who);
    struct account_entry entry = {
        .id = id_of(building->arena, from),
        .policy = from->policy,
        .who = from->who,
        .unit = unit_of(building->view, from),
        .opened = from->opened,
        .evidence = from->evidence,
        .evidence_count = from->evidence_count,
    };
    if (!give_decisions(building, &entry, goes_on ? next->opened.ms : INT64_MAX)) {
        return false;
    }
    if (!is_asked_for(building->query, &entry)) {
        return true;
    }
    struct account_entry *items =
        with_room(building, building->items, building->count, &building->capacity, sizeof(*items));
    if (!items) {
        return false;
    }
    building->items = items;
    items[building->count++] = entry;
    return true;
}

/* ---- one policy ---- */

static struct figure_closing *closings_of(
    struct building *building, const struct accountability *policy)
{
    const size_t count = building->outcomes.count;
    struct figure_closing *closings = arena_array(building->arena, count + 1, sizeof(*closings));
    for (size_t index = 0; closings && index < count; index++) {
        const struct decided *outcome = &building->outcomes.items[index];
        closings[index] = (struct figure_closing){
            .policy = policy->id, .who = outcome->who, .at = {outcome->decision.at}};
    }
    return closings;
}

static void add_policy(struct building *building, const struct accountability *policy)
{
    struct figure_entries entries = {0};
    read_decisions(building, policy);
    struct figure_closing *closings = building->err ? NULL : closings_of(building, policy);
    if (!closings) {
        building->err = building->err ? building->err : ERR_NO_MEMORY;
        return;
    }
    building->err =
        figures_entries(building->figures, policy, closings, building->outcomes.count, &entries);
    MUST(building->err || entries.count == 0 || entries.items);
    for (size_t index = 0; index < entries.count && !building->err; index++) {
        const struct figure_entry *next =
            index + 1 < entries.count ? &entries.items[index + 1] : NULL;
        if (!add_entry(building, &entries.items[index], next)) {
            return;
        }
    }
}

static void add_policies_of(struct building *building, const struct ruleset *set)
{
    const struct text asked = building->query->policy;
    for (size_t index = 0; index < set->accountability_count && !building->err; index++) {
        const struct accountability *rule = &set->accountability[index];
        if (asked.bytes == 0 || text_equal(asked, rule->id)) {
            add_policy(building, rule);
        }
    }
}

static void add_all_policies(struct building *building)
{
    const struct policy *policy = view_policy(building->view);
    for (size_t index = 0; index < policy->set_count; index++) {
        add_policies_of(building, &policy->sets[index]);
    }
}

static int newest_first(const void *a, const void *b)
{
    const struct account_entry *left = a;
    const struct account_entry *right = b;
    if (left->opened.ms != right->opened.ms) {
        return left->opened.ms > right->opened.ms ? -1 : 1;
    }
    return text_compare(left->id, right->id);
}

static bool has_one_by_person(const struct ruleset *set, struct text policy_id)
{
    for (size_t index = 0; index < set->accountability_count; index++) {
        const struct accountability *rule = &set->accountability[index];
        if (rule->by_person && (policy_id.bytes == 0 || text_equal(policy_id, rule->id))) {
            return true;
        }
    }
    return false;
}

/* Of a person the misses of every unit count; of a unit only its own. */
static bool goes_by_unit(const struct view *view, struct text policy_id)
{
    const struct policy *policy = view_policy(view);
    for (size_t index = 0; index < policy->set_count; index++) {
        if (has_one_by_person(&policy->sets[index], policy_id)) {
            return false;
        }
    }
    return true;
}

static struct miss_query misses_of(const struct view *view, const struct account_query *query)
{
    struct miss_query misses = {0};
    if (goes_by_unit(view, query->policy)) {
        misses.unit = query->who.bytes > 0 ? query->who : query->unit;
        misses.scope = query->scope;
    } else if (query->policy.bytes > 0) {
        misses.handler = query->who;
    }
    return misses;
}

enum err accountability_list(
    const struct view *view,
    const struct account_query *query,
    struct arena *arena,
    struct account_list *ret_list)
{
    struct building building = {.view = view, .query = query, .arena = arena};
    const struct miss_query misses = misses_of(view, query);
    building.figures = figures_create(arena, view_policy(view)->calendar);
    if (!building.figures) {
        return ERR_NO_MEMORY;
    }
    const enum err err = ledger_misses(view->ledger, &misses, add_miss, &building);
    building.err = building.err ? building.err : err;
    if (!building.err) {
        add_all_policies(&building);
    }
    if (building.err) {
        return building.err;
    }
    if (building.count > 1) {
        qsort(building.items, building.count, sizeof(*building.items), newest_first);
    }
    *ret_list = (struct account_list){building.items, building.count};
    return ERR_OK;
}

/* ---- one, by its id ---- */

/* `end`: behind the last '~' of the id. */
static bool id_of_set(
    const struct ruleset *set, struct text id, size_t end, struct account_query *query)
{
    for (size_t index = 0; index < set->accountability_count; index++) {
        const struct text name = set->accountability[index].id;
        if (text_starts_with(id, name) && name.bytes + 1 < end - 1 && id.ptr[name.bytes] == '~') {
            query->policy = name;
            query->who =
                (struct text){.ptr = id.ptr + name.bytes + 1, .bytes = end - 1 - name.bytes - 1};
            return true;
        }
    }
    return false;
}

/* The policy is one of ours; what stands between it and the last '~' is who. */
static bool id_read(const struct view *view, struct text id, struct account_query *query)
{
    const struct policy *policy = view_policy(view);
    size_t end = id.bytes;
    while (end > 0 && id.ptr[end - 1] != '~') {
        end--;
    }
    for (size_t index = 0; index < policy->set_count && end > 0; index++) {
        if (id_of_set(&policy->sets[index], id, end, query)) {
            return true;
        }
    }
    return false;
}

enum err accountability_find(
    const struct view *view,
    struct text id,
    const struct scope *scope,
    struct arena *arena,
    struct account_entry *ret_entry)
{
    struct account_query query = {.scope = scope};
    struct account_list list = {0};
    if (!id_read(view, id, &query)) {
        return ERR_NOT_FOUND;
    }
    const enum err err = accountability_list(view, &query, arena, &list);
    for (size_t index = 0; index < list.count && !err; index++) {
        if (text_equal(list.items[index].id, id)) {
            *ret_entry = list.items[index];
            return ERR_OK;
        }
    }
    return err ? err : ERR_NOT_FOUND;
}
