/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who a role means (semantics section 7, Roles). A person the directory does not know counts as
 * nobody; a role that comes to nobody falls to the head of the parent unit, then to oversight of
 * the unit, then to every oversight unit, and the fall is reported as a directory fault.
 */
#include <string.h>

#include "rules/directory_data.h"

/* Bounds the walk to the top: a directory whose parents form a ring must not hang us. */
#define LEVELS_MAX 32

struct people_set {
    const struct directory *directory;
    struct arena *arena;
    struct text *ids; /* ascending, no repeats */
    size_t count;
    size_t capacity;
    bool out_of_memory;
};

/* ---- role names ---- */

struct role_word {
    const char *word;
    enum role_kind kind;
};

static const struct role_word role_words[] = {
    {"handler", ROLE_HANDLER},
    {"unit_head", ROLE_UNIT_HEAD},
    {"deputy_head", ROLE_DEPUTY_HEAD},
    {"leader", ROLE_LEADER},
    {"clerk", ROLE_CLERK},
    {"oversight", ROLE_OVERSIGHT},
    {"matter_owner", ROLE_MATTER_OWNER},
};

static bool take_prefix(struct text *text, const char *prefix)
{
    const struct text wanted = text_of(prefix);
    if (!text_starts_with(*text, wanted))
        return false;
    text->ptr += wanted.bytes;
    text->bytes -= wanted.bytes;
    return true;
}

static enum err unknown_role(struct text text, struct err_why *why)
{
    return err_set(
        why, ERR_PARSE,
        "unknown role \"%.*s\": expected handler, unit_head, deputy_head, leader, clerk, "
        "parent_head, up:<levels>, oversight, matter_owner, person:<id> or unit:<id>",
        text.bytes < 64 ? (int)text.bytes : 64, text.ptr);
}

static bool parse_levels(struct text digits, int32_t *ret_levels)
{
    int64_t levels = 0;
    if (text_parse_i64(digits, &levels) != ERR_OK || levels < 1 || levels > LEVELS_MAX)
        return false;
    *ret_levels = (int32_t)levels;
    return true;
}

enum err role_parse(struct text text, struct role *ret_role, struct err_why *why)
{
    struct text rest = text;
    struct role role = {0};
    for (size_t i = 0; i < sizeof(role_words) / sizeof(role_words[0]); i++) {
        if (text_is(text, role_words[i].word)) {
            ret_role->kind = role_words[i].kind;
            ret_role->levels = 0;
            ret_role->name = (struct text){0};
            return ERR_OK;
        }
    }
    if (text_is(text, "parent_head")) {
        role = (struct role){.kind = ROLE_UP, .levels = 1};
    } else if (take_prefix(&rest, "up:")) {
        role.kind = ROLE_UP;
        if (!parse_levels(rest, &role.levels))
            return err_set(why, ERR_PARSE, "up: takes a number of levels from 1 to %d", LEVELS_MAX);
    } else if (take_prefix(&rest, "person:") && rest.bytes > 0) {
        role = (struct role){.kind = ROLE_PERSON, .name = rest};
    } else if (take_prefix(&rest, "unit:") && rest.bytes > 0) {
        role = (struct role){.kind = ROLE_UNIT, .name = rest};
    } else {
        return unknown_role(text, why);
    }
    *ret_role = role;
    return ERR_OK;
}

/* ---- the set of people ---- */

static bool grow(struct people_set *set)
{
    const size_t capacity = set->capacity ? set->capacity * 2 : 8;
    struct text *ids = arena_array(set->arena, capacity, sizeof(*ids));
    if (!ids) {
        set->out_of_memory = true;
        return false;
    }
    if (set->count > 0)
        memcpy(ids, set->ids, set->count * sizeof(*ids));
    set->ids = ids;
    set->capacity = capacity;
    return true;
}

/* True when the person is (now) in the set: known to the directory. */
static bool add_person(struct people_set *set, struct text id)
{
    const struct person *person = id.bytes > 0 ? directory_person(set->directory, id) : NULL;
    if (!person)
        return false;
    size_t at = 0;
    while (at < set->count && text_compare(set->ids[at], id) < 0)
        at++;
    if (at < set->count && text_equal(set->ids[at], id))
        return true;
    if (set->count == set->capacity && !grow(set))
        return false;
    memmove(&set->ids[at + 1], &set->ids[at], (set->count - at) * sizeof(*set->ids));
    set->ids[at] = person->id;
    set->count++;
    return true;
}

/* ---- one role ---- */

static const struct unit *unit_above(
    const struct directory *directory, const struct unit *unit, int32_t levels)
{
    while (unit && levels-- > 0)
        unit = unit->parent.bytes > 0 ? directory_unit(directory, unit->parent) : NULL;
    return unit;
}

static bool oversees(
    const struct directory *directory, const struct unit *overseer, struct text unit_id)
{
    if (!overseer->oversees_given)
        return true;
    const struct unit *unit = NULL;
    for (int level = 0; level <= LEVELS_MAX && unit_id.bytes > 0; level++) {
        for (size_t i = 0; i < overseer->oversees_count; i++) {
            if (text_equal(overseer->oversees[i], unit_id))
                return true;
        }
        unit = directory_unit(directory, unit_id);
        unit_id = unit ? unit->parent : (struct text){0};
    }
    return false;
}

static bool add_oversight(struct people_set *set, struct text unit_id, bool every)
{
    bool found = false;
    for (size_t u = 0; u < set->directory->unit_count; u++) {
        const struct unit *unit = &set->directory->units[u];
        if (!unit->oversight || (!every && !oversees(set->directory, unit, unit_id)))
            continue;
        found |= add_person(set, unit->head);
        for (size_t h = 0; h < unit->handler_count; h++)
            found |= add_person(set, unit->handlers[h]);
    }
    return found;
}

static bool add_handler(
    struct people_set *set, const struct unit *unit, const struct role_subject *subject)
{
    return add_person(set, subject->handler) || (unit && add_person(set, unit->clerk));
}

static bool add_matter_owner(struct people_set *set, struct text matter_id)
{
    const struct matter *matter = directory_matter(set->directory, matter_id);
    if (matter && matter->owner.bytes == 0)
        matter = directory_matter(set->directory, matter->parent);
    return matter && add_person(set, matter->owner);
}

static bool add_role(
    struct people_set *set, const struct role *role, const struct role_subject *subject)
{
    const struct unit *unit = directory_unit(set->directory, subject->unit);
    switch (role->kind) {
    case ROLE_HANDLER:
        return add_handler(set, unit, subject);
    case ROLE_UNIT_HEAD:
        return unit && add_person(set, unit->head);
    case ROLE_DEPUTY_HEAD:
        return unit && add_person(set, unit->deputy_head);
    case ROLE_LEADER:
        return unit && add_person(set, unit->leader);
    case ROLE_CLERK:
        return unit && add_person(set, unit->clerk);
    case ROLE_UP:
        unit = unit_above(set->directory, unit, role->levels);
        return unit && add_person(set, unit->head);
    case ROLE_OVERSIGHT:
        return add_oversight(set, subject->unit, false);
    case ROLE_PERSON:
        return add_person(set, role->name);
    case ROLE_UNIT:
        unit = directory_unit(set->directory, role->name);
        return unit && add_person(set, unit->head);
    case ROLE_MATTER_OWNER:
        return add_matter_owner(set, subject->matter);
    case ROLE_KIND_COUNT:
        break;
    }
    return false;
}

static bool add_fallback(struct people_set *set, const struct role_subject *subject)
{
    const struct unit *unit = directory_unit(set->directory, subject->unit);
    const struct unit *parent = unit_above(set->directory, unit, 1);
    if (parent && add_person(set, parent->head))
        return true;
    return add_oversight(set, subject->unit, false) || add_oversight(set, subject->unit, true);
}

/* NOLINTNEXTLINE(readability-function-size): two lists and where to put the third */
enum err directory_resolve(
    const struct directory *directory,
    const struct role *roles,
    size_t role_count,
    const struct role_subject *subject,
    struct arena *arena,
    struct people_list *ret_people)
{
    struct people_set set = {.directory = directory, .arena = arena};
    bool fault = false;
    for (size_t i = 0; i < role_count; i++) {
        if (!add_role(&set, &roles[i], subject)) {
            fault = true;
            (void)add_fallback(&set, subject);
        }
    }
    if (set.out_of_memory)
        return ERR_NO_MEMORY;
    *ret_people = (struct people_list){.ids = set.ids, .count = set.count, .fault = fault};
    return ERR_OK;
}
