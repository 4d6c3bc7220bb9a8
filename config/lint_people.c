/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leaves and heads of the directory. Whoever is on leave names a delegate, who may be on leave as
 * well, and so on for eight steps at most: what such a walk comes to on every day still to come is
 * looked at here. The rules never see leaves, so they are read again from the text.
 */
#include <stdlib.h>
#include <string.h>

#include "config/lint_place.h"
#include "rules/directory.h"

#define CHAIN_MAX 8
#define WALKS_MAX 200000 /* steps of all walks together: a bound, not a hope */

struct leave {
    size_t person; /* index in the file */
    size_t index;  /* in their list */
    int32_t from;
    int32_t to;
    struct text delegate; /* empty: none */
    size_t delegate_person;
    const struct json_value *value;
    const struct json_value *person_value;
};

struct leaves {
    struct linting *linting;
    struct leave *items; /* ascending by person, as in the file */
    size_t count;
    const struct person *people;
    size_t person_count;
    bool *has_office; /* [person_count]: some unit or matter names them */
    size_t walk_steps;
    size_t passed[CHAIN_MAX + 1]; /* the people of the walk in hand */
};

/* ---- reading ---- */

static size_t index_of(const struct leaves *leaves, struct text id)
{
    const struct directory *directory = leaves->linting->bundle->policy.directory;
    const struct person *person = directory_person(directory, id);
    return person ? (size_t)(person - leaves->people) : SIZE_MAX;
}

static bool read_leave(struct leaves *leaves, struct leave *leave)
{
    struct civil_day from;
    struct civil_day to;
    if (civil_parse(json_get_string(leave->value, "from"), &from) != ERR_OK ||
        civil_parse(json_get_string(leave->value, "to"), &to) != ERR_OK ||
        to.number < leaves->linting->today.number) {
        return false;
    }
    leave->from = from.number;
    leave->to = to.number;
    leave->delegate = json_get_string(leave->value, "delegate");
    leave->delegate_person =
        leave->delegate.bytes > 0 ? index_of(leaves, leave->delegate) : SIZE_MAX;
    return true;
}

static void read_person(struct leaves *leaves, const struct json_value *value, size_t person)
{
    size_t index = 0;
    const struct json_value *item = json_first(json_get(value, "leave"));
    for (; item; item = json_next(item), index++) {
        struct leave leave = {
            .person = person, .index = index, .value = item, .person_value = value};
        if (read_leave(leaves, &leave)) {
            leaves->items[leaves->count++] = leave;
        }
    }
}

static size_t count_leaves(const struct json_value *people)
{
    size_t count = 0;
    for (const struct json_value *person = json_first(people); person; person = json_next(person)) {
        count += json_count(json_get(person, "leave"));
    }
    return count;
}

static void note_office(struct leaves *leaves, struct text id)
{
    const size_t index = id.bytes > 0 ? index_of(leaves, id) : SIZE_MAX;
    if (index < leaves->person_count) {
        leaves->has_office[index] = true;
    }
}

static void note_offices(struct leaves *leaves)
{
    size_t count = 0;
    const struct unit *units = directory_units(leaves->linting->bundle->policy.directory, &count);
    for (size_t i = 0; i < count; i++) {
        note_office(leaves, units[i].head);
        note_office(leaves, units[i].deputy_head);
        note_office(leaves, units[i].leader);
        note_office(leaves, units[i].clerk);
        for (size_t h = 0; h < units[i].handler_count; h++) {
            note_office(leaves, units[i].handlers[h]);
        }
    }
}

static bool leaves_read(struct leaves *leaves, const struct json_value *people)
{
    struct arena *arena = &leaves->linting->arena;
    leaves->people =
        directory_people(leaves->linting->bundle->policy.directory, &leaves->person_count);
    leaves->items = arena_array(arena, count_leaves(people) + 1, sizeof *leaves->items);
    leaves->has_office = arena_array(arena, leaves->person_count + 1, sizeof(bool));
    if (!leaves->items || !leaves->has_office) {
        return false;
    }
    size_t person = 0;
    for (const struct json_value *value = json_first(people); value; value = json_next(value)) {
        read_person(leaves, value, person++);
    }
    note_offices(leaves);
    return true;
}

/* ---- the walk ---- */

static const struct leave *first_leave_of(const struct leaves *leaves, size_t person)
{
    size_t low = 0;
    size_t high = leaves->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (leaves->items[middle].person < person) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return leaves->items + low;
}

struct span {
    int32_t from;
    int32_t to;
};

enum chain { CHAIN_ENDS, CHAIN_CIRCLE, CHAIN_LONG };

/* A circle further on is told where it begins. */
static bool was_passed(const struct leaves *leaves, size_t person, size_t step)
{
    for (size_t i = 1; i < step; i++) {
        if (leaves->passed[i] == person) {
            return true;
        }
    }
    return false;
}

/* What comes of a message on some day of the span, handed to that person at that step. */
/* NOLINTNEXTLINE(misc-no-recursion): CHAIN_MAX deep */
static enum chain follow(
    struct leaves *leaves, size_t origin, size_t person, struct span span, size_t step)
{
    const struct leave *end = leaves->items + leaves->count;
    if (person == origin) {
        return CHAIN_CIRCLE;
    }
    if (was_passed(leaves, person, step) || ++leaves->walk_steps > WALKS_MAX) {
        return CHAIN_ENDS;
    }
    leaves->passed[step] = person;
    enum chain worst = CHAIN_ENDS;
    const struct leave *leave = first_leave_of(leaves, person);
    for (; leave < end && leave->person == person && worst == CHAIN_ENDS; leave++) {
        const struct span both = {
            .from = leave->from > span.from ? leave->from : span.from,
            .to = leave->to < span.to ? leave->to : span.to,
        };
        if (both.from > both.to || leave->delegate_person == SIZE_MAX) {
            continue;
        }
        worst = step == CHAIN_MAX ? CHAIN_LONG
                                  : follow(leaves, origin, leave->delegate_person, both, step + 1);
    }
    return worst;
}

/* ---- findings ---- */

static struct spot spot_of_leave(struct leaves *leaves, const struct leave *leave)
{
    const struct spot root = spot_of_directory(leaves->linting);
    return spot_at(
        spot_at(root, "people", leave->person, leave->person_value), "leave", leave->index,
        leave->value);
}

static void check_chain(struct leaves *leaves, const struct leave *leave)
{
    const struct span span = {leave->from, leave->to};
    const enum chain chain = follow(leaves, leave->person, leave->delegate_person, span, 1);
    const struct text id = leaves->people[leave->person].id;
    const struct spot spot = spot_of_leave(leaves, leave);
    if (chain == CHAIN_CIRCLE) {
        lint_say(
            leaves->linting, &spot, FINDING_WARNING, "leave-circle",
            "the delegates go round in a circle back to \"%.*s\" while all of them are on leave; "
            "name somebody who is there",
            TEXT_ARGS(id));
    } else if (chain == CHAIN_LONG) {
        lint_say(
            leaves->linting, &spot, FINDING_WARNING, "leave-chain-long",
            "more than %d delegates are on leave one after another; %d is the most there may be",
            CHAIN_MAX, CHAIN_MAX);
    }
}

static void check_leave(struct leaves *leaves, const struct leave *leave)
{
    const struct text id = leaves->people[leave->person].id;
    if (leave->delegate.bytes > 0) {
        check_chain(leaves, leave);
        return;
    }
    if (leaves->has_office[leave->person]) {
        const struct spot spot = spot_of_leave(leaves, leave);
        lint_say(
            leaves->linting, &spot, FINDING_WARNING, "leave-no-delegate",
            "\"%.*s\" is on leave and names no delegate: what comes meanwhile waits for them",
            TEXT_ARGS(id));
    }
}

static void check_overlap(
    struct leaves *leaves, const struct leave *leave, const struct leave *other)
{
    if (other->from > leave->to || other->to < leave->from) {
        return;
    }
    const struct spot spot = spot_of_leave(leaves, leave);
    lint_say(
        leaves->linting, &spot, FINDING_WARNING, "leaves-overlap",
        "overlaps leave[%zu] of the same person; on the days of both it is not clear who stands "
        "in",
        other->index);
}

static void check_leaves(struct leaves *leaves)
{
    for (size_t i = 0; i < leaves->count && !report_full(leaves->linting->report); i++) {
        check_leave(leaves, &leaves->items[i]);
        for (size_t k = i; k-- > 0 && leaves->items[k].person == leaves->items[i].person;) {
            check_overlap(leaves, &leaves->items[i], &leaves->items[k]);
        }
    }
}

/* ---- units ---- */

/* Oversight may be a pool of people without a head. */
static void check_heads(struct linting *linting)
{
    size_t count = 0;
    const struct unit *units = directory_units(linting->bundle->policy.directory, &count);
    const struct spot root = spot_of_directory(linting);
    const struct json_value *value = json_first(json_get(root.value, "units"));
    for (size_t i = 0; i < count && !report_full(linting->report); i++) {
        if (units[i].head.bytes == 0 && !(units[i].oversight && units[i].handler_count > 0)) {
            const struct spot spot = spot_at(root, "units", i, value);
            lint_say(
                linting, &spot, FINDING_WARNING, "unit-without-head",
                "unit \"%.*s\" has no head: what is for its head falls to others",
                TEXT_ARGS(units[i].id));
        }
        value = json_next(value);
    }
}

void lint_people(struct linting *linting)
{
    const struct spot root = spot_of_directory(linting);
    struct leaves leaves = {.linting = linting};
    check_heads(linting);
    if (leaves_read(&leaves, json_get(root.value, "people"))) {
        check_leaves(&leaves);
    } else {
        report_add(linting->report, FINDING_ERROR, "", 0, 0, "", "out of memory");
    }
}
