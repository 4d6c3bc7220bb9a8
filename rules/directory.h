/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Units, people, matters, and who a role means. Read-only data built by config/. People's
 * addresses (mobile, userids) are not here: rules never need them.
 */
#ifndef NRT_RULES_DIRECTORY_H
#define NRT_RULES_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"

struct unit {
    struct text id;
    struct text name;
    struct text parent; /* empty: none */
    struct text head;
    struct text deputy_head;
    struct text leader;
    struct text clerk;
    const struct text *handlers;
    size_t handler_count;
    bool oversight;
    const struct text *oversees;
    size_t oversees_count;
    bool oversees_given; /* an empty list is not the same as none */
    struct text area;
    struct text robot; /* name of the group robot of the unit, empty: the channel's default */
};

struct leave; /* rules/leave.h */

struct person {
    struct text id;
    struct text name;
    struct text unit;
    const struct leave *leaves; /* in the order of the file */
    size_t leave_count;
};

struct matter {
    struct text id;
    struct text title;
    struct text parent;
    struct text owner; /* person */
    struct text unit;
};

struct directory; /* indexed by id; lives in the arena given */

/* Keeps the arrays by pointer. NULL when memory is out. */
struct directory *directory_build(
    struct arena *arena,
    const struct unit *units,
    size_t unit_count,
    const struct person *people,
    size_t person_count);
/* Matters may come from a file of their own; keeps the array. False when memory is out. */
bool directory_set_matters(
    struct directory *directory,
    struct arena *arena,
    const struct matter *matters,
    size_t matter_count);

const struct unit *directory_unit(const struct directory *directory, struct text id);
const struct person *directory_person(const struct directory *directory, struct text id);
const struct matter *directory_matter(const struct directory *directory, struct text id);
const struct unit *directory_units(const struct directory *directory, size_t *ret_count);
const struct person *directory_people(const struct directory *directory, size_t *ret_count);
const struct matter *directory_matters(const struct directory *directory, size_t *ret_count);

enum role_kind {
    ROLE_HANDLER,
    ROLE_UNIT_HEAD,
    ROLE_DEPUTY_HEAD,
    ROLE_LEADER,
    ROLE_CLERK,
    ROLE_UP, /* parent_head is up:1 */
    ROLE_OVERSIGHT,
    ROLE_PERSON,
    ROLE_UNIT,
    ROLE_MATTER_OWNER,
    ROLE_KIND_COUNT
};

struct role {
    enum role_kind kind;
    int32_t levels;   /* ROLE_UP */
    struct text name; /* ROLE_PERSON: person id; ROLE_UNIT: unit id */
};

/* "unit_head", "up:2", "person:x" ... ; name points into text. ERR_PARSE names the known roles. */
enum err role_parse(struct text text, struct role *ret_role, struct err_why *why) ERR_MUST_USE;

/* What of a case a role needs. */
struct role_subject {
    struct text unit;
    struct text handler;
    struct text matter;
};

struct people_list {
    const struct text *ids; /* ascending by bytes, no repeats */
    size_t count;
    bool fault; /* a role fell back: a directory fault to report */
};

/*
 * Who these roles mean for this case now, with the fallbacks of semantics.md section 7: never
 * empty unless the directory names nobody at all. ERR_NO_MEMORY only.
 */
enum err directory_resolve(
    const struct directory *directory,
    const struct role *roles,
    size_t role_count,
    const struct role_subject *subject,
    struct arena *arena,
    struct people_list *ret_people) ERR_MUST_USE;

#endif
