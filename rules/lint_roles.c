/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Roles that come to nobody, found by resolving them for every unit that may hold a case. Units
 * of oversight are left out: they watch, and get no cases. Each role is told once, at its first
 * use, with the units that lack it.
 */
#include "rules/directory_data.h"
#include "rules/lint.h"

/* Where a list of roles stands, and for which units it may be asked. */
struct use {
    struct lint_finding where;
    bool per_co_unit;
    bool of_clock; /* else it may be asked in any unit */
    const struct role *roles;
    size_t role_count;
};

struct uses {
    struct use *items;
    size_t count;
};

/* ---- collecting ---- */

static void add_use(struct uses *uses, struct use use)
{
    if (use.role_count > 0)
        uses->items[uses->count++] = use;
}

static void add_clock_uses(struct lint *lint, struct uses *uses, size_t set, size_t clock)
{
    const struct clock_rule *rule = &lint->policy->sets[set].clocks[clock];
    for (size_t i = 0; i < rule->stage_count; i++) {
        add_use(
            uses,
            (struct use){
                .where = {.place = LINT_AT_STAGE_ROLE, .set = set, .clock = clock, .stage = i},
                .per_co_unit = rule->per_co_unit,
                .of_clock = true,
                .roles = rule->stages[i].notify,
                .role_count = rule->stages[i].notify_count,
            });
    }
}

static void add_set_uses(struct lint *lint, struct uses *uses, size_t index)
{
    const struct ruleset *set = &lint->policy->sets[index];
    for (size_t c = 0; c < set->clock_count; c++)
        add_clock_uses(lint, uses, index, c);
    for (size_t p = 0; p < set->accountability_count; p++) {
        add_use(
            uses, (struct use){
                      .where = {.place = LINT_AT_ACCOUNTABILITY_ROLE, .set = index, .index = p},
                      .roles = set->accountability[p].notify,
                      .role_count = set->accountability[p].notify_count,
                  });
    }
    for (size_t a = 0; a < ACT_COUNT; a++) {
        const struct act_rule *act = &set->acts[a];
        add_use(
            uses, (struct use){
                      .where = {.place = LINT_AT_ACT_TO, .set = index, .index = a},
                      .roles = act->to,
                      .role_count = act->to_count,
                  });
        add_use(
            uses, (struct use){
                      .where = {.place = LINT_AT_ACT_COPY, .set = index, .index = a},
                      .roles = act->copy_to,
                      .role_count = act->copy_count,
                  });
    }
}

static size_t count_uses(const struct policy *policy)
{
    size_t count = 0;
    for (size_t s = 0; s < policy->set_count; s++) {
        const struct ruleset *set = &policy->sets[s];
        for (size_t c = 0; c < set->clock_count; c++)
            count += set->clocks[c].stage_count;
        count += set->accountability_count + (size_t)2 * ACT_COUNT;
    }
    return count;
}

/* ---- one role ---- */

static bool same_role(const struct role *a, const struct role *b)
{
    return a->kind == b->kind && a->levels == b->levels && text_equal(a->name, b->name);
}

/*
 * A unit that lists handlers is taken to name one of them in each of its cases; where it only
 * helps with a case, its handler is its clerk.
 */
static bool needs_clerk(const struct use *use, const struct role *role, const struct unit *unit)
{
    return role->kind != ROLE_HANDLER || unit->handler_count == 0 || use->per_co_unit;
}

/* A role in the list of a use. */
struct asked {
    size_t use;
    size_t role;
};

static bool may_be_in(const struct lint *lint, const struct use *use, size_t unit)
{
    return !use->of_clock || lint_may_have_unit(lint, use->where.set, use->where.clock, unit);
}

/* The first use from `from` on that may ask for the role in that unit; use SIZE_MAX: none. */
static struct asked find_asked(
    struct lint *lint, const struct uses *uses, struct asked from, size_t unit)
{
    const struct role *role = &uses->items[from.use].roles[from.role];
    for (size_t u = from.use; u < uses->count && lint->work_left > 0; u++) {
        const struct use *use = &uses->items[u];
        lint->work_left--;
        if (!may_be_in(lint, use, unit) ||
            !needs_clerk(use, role, &lint->policy->directory->units[unit]))
            continue;
        for (size_t r = 0; r < use->role_count; r++) {
            if (same_role(&use->roles[r], role))
                return (struct asked){u, r};
        }
    }
    return (struct asked){SIZE_MAX, 0};
}

static bool is_first_use(const struct uses *uses, size_t index, size_t role)
{
    const struct role *wanted = &uses->items[index].roles[role];
    for (size_t u = 0; u <= index; u++) {
        const size_t end = u == index ? role : uses->items[u].role_count;
        for (size_t r = 0; r < end; r++) {
            if (same_role(&uses->items[u].roles[r], wanted))
                return false;
        }
    }
    return true;
}

/* At the top there is nobody above, and that is no fault. */
static bool is_beyond_top(
    const struct directory *directory, const struct unit *unit, const struct role *role)
{
    int32_t levels = role->kind == ROLE_UP ? role->levels : 0;
    if (role->kind == ROLE_LEADER) /* the leader in charge of a unit is somebody of the one above */
        levels = 1;
    for (int32_t i = 0; i < levels; i++) {
        unit = unit->parent.bytes > 0 ? directory_unit(directory, unit->parent) : NULL;
        if (!unit)
            return true;
    }
    return false;
}

static void resolve(
    struct lint *lint,
    const struct role *role,
    struct role_subject subject,
    struct people_list *ret_people)
{
    *ret_people = (struct people_list){0};
    if (directory_resolve(lint->policy->directory, role, 1, &subject, lint->arena, ret_people) !=
        ERR_OK)
        lint->out_of_memory = true;
}

/* Notes the unit or matter when the role is nobody there, and to whom that falls. */
static void ask(
    struct lint *lint,
    const struct role *role,
    struct role_subject subject,
    struct text name,
    struct lint_finding *finding)
{
    struct people_list people;
    resolve(lint, role, subject, &people);
    if (!people.fault)
        return;
    for (size_t i = 0; i < people.count && finding->name_count == 0; i++) {
        if (i < LINT_NAMES_MAX)
            finding->falls[i] = people.ids[i];
        finding->falls_count = people.count;
    }
    lint_add_name(finding, name);
}

/* The finding stands at the first use that asks for the role where it is nobody. */
static void ask_units(
    struct lint *lint, const struct uses *uses, struct asked asked, struct lint_finding *finding)
{
    const struct directory *directory = lint->policy->directory;
    const struct role *role = &uses->items[asked.use].roles[asked.role];
    struct asked first = {SIZE_MAX, 0};
    for (size_t i = 0; i < directory->unit_count; i++) {
        const struct unit *unit = &directory->units[i];
        const struct asked here = find_asked(lint, uses, asked, i);
        const size_t names_before = finding->name_count;
        if (here.use == SIZE_MAX || unit->oversight || is_beyond_top(directory, unit, role))
            continue;
        ask(lint, role, (struct role_subject){.unit = unit->id}, unit->id, finding);
        if (finding->name_count > names_before && here.use < first.use)
            first = here;
    }
    if (first.use != SIZE_MAX) {
        const struct lint_finding where = uses->items[first.use].where;
        finding->place = where.place;
        finding->set = where.set;
        finding->clock = where.clock;
        finding->stage = where.stage;
        finding->index = where.index;
        finding->role = first.role;
    }
}

static bool has_parts(const struct directory *directory, struct text matter)
{
    for (size_t i = 0; i < directory->matter_count; i++) {
        if (text_equal(directory->matters_by_id[i]->parent, matter))
            return true;
    }
    return false;
}

/* A main item that has sub-items is a heading, not what a case is about. */
static void ask_matters(struct lint *lint, const struct role *role, struct lint_finding *finding)
{
    const struct directory *directory = lint->policy->directory;
    for (size_t i = 0; i < directory->matter_count; i++) {
        const struct text id = directory->matters_by_id[i]->id;
        struct lint_finding one = *finding;
        ask(lint, role, (struct role_subject){.matter = id}, id, &one);
        if (one.name_count > finding->name_count && !has_parts(directory, id))
            *finding = one;
    }
    if (directory->matter_count == 0)
        lint_add_name(finding, (struct text){0});
}

static void check_role(struct lint *lint, const struct uses *uses, size_t use, size_t role)
{
    const struct role *wanted = &uses->items[use].roles[role];
    struct lint_finding finding = uses->items[use].where;
    finding.code = LINT_ROLE_NOBODY;
    finding.role = role;
    switch (wanted->kind) {
    case ROLE_MATTER_OWNER:
        ask_matters(lint, wanted, &finding);
        break;
    case ROLE_PERSON:
    case ROLE_UNIT: /* the same in every unit */
        ask(lint, wanted, (struct role_subject){0}, (struct text){0}, &finding);
        break;
    case ROLE_HANDLER:
    case ROLE_UNIT_HEAD:
    case ROLE_DEPUTY_HEAD:
    case ROLE_LEADER:
    case ROLE_CLERK:
    case ROLE_UP:
    case ROLE_OVERSIGHT:
        ask_units(lint, uses, (struct asked){use, role}, &finding);
        break;
    case ROLE_KIND_COUNT:
        break;
    }
    if (finding.name_count > 0)
        (void)lint_add(lint, &finding);
}

void lint_roles(struct lint *lint)
{
    const struct policy *policy = lint->policy;
    struct uses uses = {
        .items = arena_array(lint->arena, count_uses(policy) + 1, sizeof(*uses.items))};
    if (!uses.items) {
        lint->out_of_memory = true;
        return;
    }
    for (size_t s = 0; s < policy->set_count; s++)
        add_set_uses(lint, &uses, s);
    for (size_t u = 0; u < uses.count; u++) {
        for (size_t r = 0; r < uses.items[u].role_count; r++) {
            if (is_first_use(&uses, u, r))
                check_role(lint, &uses, u, r);
        }
    }
}
