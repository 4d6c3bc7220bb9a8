/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Roles to rights by one table, and units to scopes by the directory. What the table does not
 * give, nobody has; docs/roles.md is made from it.
 */
#include "console/actor.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "rules/directory.h"

#define LEVELS_MAX      64 /* of units above units */
#define UNITS_BYTES_MAX ((size_t)8 * 1024 * 1024)

#define BIT(right) (UINT32_C(1) << (right))
#define READING    (BIT(RIGHT_READ) | BIT(RIGHT_EXPORT) | BIT(RIGHT_MESSAGES_READ))
#define LOOKING_ON (READING | BIT(RIGHT_CONFIG_READ) | BIT(RIGHT_HEALTH))

/* The others are about the whole service: who speaks for one unit cannot have them. */
#define ABOUT_CASES                                                                                \
    (READING | BIT(RIGHT_REGISTER) | BIT(RIGHT_WORK) | BIT(RIGHT_OVERSEE) | BIT(RIGHT_STATEMENT))

static const struct {
    const char *word;
    uint32_t rights;
} duties[DUTY_COUNT] = {
    [DUTY_UNIT] = {"unit", READING | BIT(RIGHT_REGISTER) | BIT(RIGHT_WORK) | BIT(RIGHT_STATEMENT)},
    [DUTY_OVERSIGHT] = {"oversight", LOOKING_ON | BIT(RIGHT_REGISTER) | BIT(RIGHT_OVERSEE)},
    [DUTY_OPS] = {"ops", LOOKING_ON | BIT(RIGHT_OPERATE)},
    [DUTY_APPROVER] = {"approver", LOOKING_ON | BIT(RIGHT_APPROVE)},
    [DUTY_ADMIN] = {"admin", BIT(RIGHT_PEOPLE) | BIT(RIGHT_HEALTH)},
    [DUTY_AUDITOR] = {"auditor", LOOKING_ON | BIT(RIGHT_AUDIT_READ)},
};

static const char *const right_words[RIGHT_COUNT] = {
    [RIGHT_NONE] = "",
    [RIGHT_READ] = "read",
    [RIGHT_EXPORT] = "export",
    [RIGHT_REGISTER] = "register",
    [RIGHT_WORK] = "work",
    [RIGHT_OVERSEE] = "oversee",
    [RIGHT_STATEMENT] = "statement",
    [RIGHT_OPERATE] = "operate",
    [RIGHT_APPROVE] = "approve",
    [RIGHT_CONFIG_READ] = "config.read",
    [RIGHT_MESSAGES_READ] = "messages.read",
    [RIGHT_PEOPLE] = "people",
    [RIGHT_AUDIT_READ] = "audit.read",
    [RIGHT_HEALTH] = "health",
};

/* ---- words ---- */

const char *duty_name(enum duty duty)
{
    return duties[duty].word;
}

bool duty_parse(struct text word, enum duty *ret_duty)
{
    for (int duty = 0; duty < DUTY_COUNT; duty++) {
        if (text_is(word, duties[duty].word)) {
            *ret_duty = (enum duty)duty;
            return true;
        }
    }
    return false;
}

const char *right_name(enum right right)
{
    return right_words[right];
}

bool right_parse(struct text word, enum right *ret_right)
{
    for (int right = RIGHT_NONE + 1; right < RIGHT_COUNT; right++) {
        if (text_is(word, right_words[right])) {
            *ret_right = (enum right)right;
            return true;
        }
    }
    return false;
}

/* ---- rights ---- */

uint32_t duty_rights(enum duty duty)
{
    return duties[duty].rights;
}

uint32_t roles_rights(uint32_t roles)
{
    uint32_t rights = 0;
    for (int duty = 0; duty < DUTY_COUNT; duty++) {
        rights |= (roles >> duty & 1U) != 0 ? duties[duty].rights : 0;
    }
    return rights;
}

void actor_set_rights(struct actor *actor)
{
    switch (actor->kind) {
    case ACTOR_SERVICE:
    case ACTOR_DEMO:
        actor->rights = UINT32_MAX;
        break;
    case ACTOR_SESSION:
    case ACTOR_PROXY:
        actor->rights = roles_rights(actor->roles);
        break;
    case ACTOR_TOKEN:
        actor->rights &= actor->unit.bytes > 0 ? ABOUT_CASES : UINT32_MAX;
        break;
    case ACTOR_NOBODY:
    case ACTOR_KIND_COUNT:
        actor->rights = 0;
        break;
    }
}

/* ---- scopes ---- */

/* The tops of a scope: each unit of them and all below are in it. */
struct tops {
    const struct text *ids;
    size_t count;
};

static bool is_below(const struct directory *directory, struct text unit_id, struct tops tops)
{
    for (int level = 0; level < LEVELS_MAX && unit_id.bytes > 0; level++) {
        if (text_is_among(unit_id, tops.ids, tops.count)) {
            return true;
        }
        const struct unit *unit = directory_unit(directory, unit_id);
        unit_id = unit ? unit->parent : (struct text){0};
    }
    return false;
}

static int by_bytes(const void *a, const void *b)
{
    return text_compare(*(const struct text *)a, *(const struct text *)b);
}

static size_t without_repeats(struct text *ids, size_t count)
{
    size_t kept = 0;
    for (size_t index = 0; index < count; index++) {
        if (kept == 0 || !text_equal(ids[kept - 1], ids[index])) {
            ids[kept++] = ids[index];
        }
    }
    return kept;
}

static enum err scope_json(struct scope *scope, struct arena *arena)
{
    struct buf buf;
    struct json_out out;
    buf_init(&buf, UNITS_BYTES_MAX);
    json_out_init(&out, &buf);
    json_out_open(&out, '[');
    for (size_t index = 0; index < scope->id_count; index++) {
        json_out_string(&out, scope->ids[index]);
    }
    json_out_close(&out, ']');
    scope->units = buf_error(&buf) ? (struct text){0} : arena_text(arena, buf_view(&buf));
    buf_release(&buf);
    return scope->units.ptr ? ERR_OK : ERR_NO_MEMORY;
}

/*
 * The tops themselves count even where the directory does not know them (any more). The ids are
 * copied: an answer may be made under a directory that is replaced meanwhile.
 */
static enum err scope_make(
    const struct directory *directory, struct tops tops, struct arena *arena, struct scope *scope)
{
    size_t unit_count = 0;
    const struct unit *units = directory_units(directory, &unit_count);
    struct text *ids = arena_array(arena, unit_count + tops.count + 1, sizeof(*ids));
    if (!ids) {
        return ERR_NO_MEMORY;
    }
    size_t count = 0;
    for (size_t index = 0; index < unit_count && tops.count > 0; index++) {
        if (is_below(directory, units[index].id, tops)) {
            ids[count++] = arena_text(arena, units[index].id);
        }
    }
    for (size_t index = 0; index < tops.count; index++) {
        ids[count++] = arena_text(arena, tops.ids[index]);
    }
    for (size_t index = 0; index < count; index++) {
        if (!ids[index].ptr) {
            return ERR_NO_MEMORY;
        }
    }
    qsort(ids, count, sizeof(*ids), by_bytes);
    *scope = (struct scope){.ids = ids, .id_count = without_repeats(ids, count)};
    return scope_json(scope, arena);
}

static bool has_duty(const struct actor *actor, enum duty duty)
{
    return (actor->roles >> duty & 1U) != 0;
}

/* Whoever oversees without a unit, or for a unit that names none, oversees all. */
static bool oversees_all(const struct actor *actor, const struct unit *unit)
{
    return has_duty(actor, DUTY_OVERSIGHT) &&
           (actor->unit.bytes == 0 || (unit && !unit->oversees_given));
}

/* What each of its roles adds to what an account sees. */
static struct tops seen_tops(const struct actor *actor, const struct unit *unit, struct text *room)
{
    size_t count = 0;
    if (actor->unit.bytes > 0 && (has_duty(actor, DUTY_UNIT) || has_duty(actor, DUTY_OVERSIGHT))) {
        room[count++] = actor->unit;
    }
    for (size_t index = 0; has_duty(actor, DUTY_OVERSIGHT) && unit && index < unit->oversees_count;
         index++) {
        room[count++] = unit->oversees[index];
    }
    return (struct tops){.ids = room, .count = count};
}

static enum err account_scopes(
    struct actor *actor, const struct directory *directory, struct arena *arena)
{
    const struct unit *unit = directory_unit(directory, actor->unit);
    struct text *room = arena_array(arena, 1 + (unit ? unit->oversees_count : 0), sizeof(*room));
    if (!room) {
        return ERR_NO_MEMORY;
    }
    const struct tops own = {.ids = &actor->unit, .count = actor->unit.bytes > 0};
    enum err err = scope_make(directory, own, arena, &actor->own);
    if (!err) {
        err = scope_make(directory, seen_tops(actor, unit, room), arena, &actor->area);
    }
    if (err) {
        return err;
    }
    actor->area.all = oversees_all(actor, unit);
    actor->scope = actor->area;
    actor->scope.all = actor->scope.all || has_duty(actor, DUTY_OPS) ||
                       has_duty(actor, DUTY_APPROVER) || has_duty(actor, DUTY_AUDITOR);
    return ERR_OK;
}

static enum err token_scopes(
    struct actor *actor, const struct directory *directory, struct arena *arena)
{
    const struct tops tops = {.ids = &actor->unit, .count = actor->unit.bytes > 0};
    const enum err err = scope_make(directory, tops, arena, &actor->own);
    actor->own.all = !err && actor->unit.bytes == 0;
    actor->area = actor->own;
    actor->scope = actor->own;
    return err;
}

enum err actor_set_scope(
    struct actor *actor, const struct directory *directory, struct arena *arena)
{
    const struct scope none = {.units = TEXT_LITERAL("[]")};
    const struct scope all = {.all = true, .units = TEXT_LITERAL("[]")};
    enum err err = ERR_OK;
    actor->scope = actor->own = actor->area = none;
    switch (actor->kind) {
    case ACTOR_SERVICE:
    case ACTOR_DEMO:
        actor->scope = actor->own = actor->area = all;
        break;
    case ACTOR_SESSION:
    case ACTOR_PROXY:
        err = account_scopes(actor, directory, arena);
        break;
    case ACTOR_TOKEN:
        err = token_scopes(actor, directory, arena);
        break;
    case ACTOR_NOBODY:
    case ACTOR_KIND_COUNT:
        break;
    }
    if (err) {
        actor->scope = actor->own = actor->area = none;
    }
    return err;
}

const struct scope *actor_scope(const struct actor *actor, enum right right)
{
    switch (right) {
    case RIGHT_WORK:
    case RIGHT_STATEMENT:
        return &actor->own;
    case RIGHT_OVERSEE:
    case RIGHT_REGISTER:
        return &actor->area;
    case RIGHT_NONE:
    case RIGHT_READ:
    case RIGHT_EXPORT:
    case RIGHT_OPERATE:
    case RIGHT_APPROVE:
    case RIGHT_CONFIG_READ:
    case RIGHT_MESSAGES_READ:
    case RIGHT_PEOPLE:
    case RIGHT_AUDIT_READ:
    case RIGHT_HEALTH:
    case RIGHT_COUNT:
        break;
    }
    return &actor->scope;
}

bool scope_has(const struct scope *scope, struct text unit)
{
    return scope->all ||
           (scope->id_count > 0 && unit.bytes > 0 &&
            bsearch(&unit, scope->ids, scope->id_count, sizeof(unit), by_bytes) != NULL);
}
