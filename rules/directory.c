/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Units, people and matters found by id: sorted arrays of pointers, searched by halves. Who a
 * role means is roles.c.
 */
#include "rules/directory.h"

#include <stdlib.h>

#include "rules/directory_data.h"

static int by_unit_id(const void *a, const void *b)
{
    const struct unit *const *left = a;
    const struct unit *const *right = b;
    return text_compare((*left)->id, (*right)->id);
}

static int by_person_id(const void *a, const void *b)
{
    const struct person *const *left = a;
    const struct person *const *right = b;
    return text_compare((*left)->id, (*right)->id);
}

static int by_matter_id(const void *a, const void *b)
{
    const struct matter *const *left = a;
    const struct matter *const *right = b;
    return text_compare((*left)->id, (*right)->id);
}

struct directory *directory_build(
    struct arena *arena,
    const struct unit *units,
    size_t unit_count,
    const struct person *people,
    size_t person_count)
{
    struct directory *directory = arena_alloc(arena, sizeof(*directory));
    const struct unit **by_unit = arena_array(arena, unit_count + 1, sizeof(const void *));
    const struct person **by_person = arena_array(arena, person_count + 1, sizeof(const void *));
    if (!directory || !by_unit || !by_person)
        return NULL;
    for (size_t i = 0; i < unit_count; i++)
        by_unit[i] = &units[i];
    for (size_t i = 0; i < person_count; i++)
        by_person[i] = &people[i];
    qsort(by_unit, unit_count, sizeof(const void *), by_unit_id);
    qsort(by_person, person_count, sizeof(const void *), by_person_id);
    *directory = (struct directory){
        .units = units,
        .unit_count = unit_count,
        .units_by_id = by_unit,
        .people = people,
        .person_count = person_count,
        .people_by_id = by_person,
    };
    return directory;
}

bool directory_set_matters(
    struct directory *directory,
    struct arena *arena,
    const struct matter *matters,
    size_t matter_count)
{
    const struct matter **by_matter = arena_array(arena, matter_count + 1, sizeof(const void *));
    if (!by_matter)
        return false;
    for (size_t i = 0; i < matter_count; i++)
        by_matter[i] = &matters[i];
    qsort(by_matter, matter_count, sizeof(const void *), by_matter_id);
    directory->matters_by_id = by_matter;
    directory->matters = matters;
    directory->matter_count = matter_count;
    return true;
}

const struct unit *directory_unit(const struct directory *directory, struct text id)
{
    const struct unit wanted = {.id = id};
    const struct unit *key = &wanted;
    const struct unit *const *found = bsearch(
        &key, directory->units_by_id, directory->unit_count, sizeof(const void *), by_unit_id);
    return found ? *found : NULL;
}

const struct person *directory_person(const struct directory *directory, struct text id)
{
    const struct person wanted = {.id = id};
    const struct person *key = &wanted;
    const struct person *const *found = bsearch(
        &key, directory->people_by_id, directory->person_count, sizeof(const void *), by_person_id);
    return found ? *found : NULL;
}

const struct matter *directory_matter(const struct directory *directory, struct text id)
{
    if (directory->matter_count == 0)
        return NULL;
    const struct matter wanted = {.id = id};
    const struct matter *key = &wanted;
    const struct matter *const *found = bsearch(
        &key, directory->matters_by_id, directory->matter_count, sizeof(const void *),
        by_matter_id);
    return found ? *found : NULL;
}

const struct unit *directory_units(const struct directory *directory, size_t *ret_count)
{
    *ret_count = directory->unit_count;
    return directory->units;
}

const struct person *directory_people(const struct directory *directory, size_t *ret_count)
{
    *ret_count = directory->person_count;
    return directory->people;
}

const struct matter *directory_matters(const struct directory *directory, size_t *ret_count)
{
    *ret_count = directory->matter_count;
    return directory->matters;
}
