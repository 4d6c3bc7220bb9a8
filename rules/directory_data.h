/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of a directory (private to rules/directory.c and rules/roles.c).
 */
#ifndef NRT_RULES_DIRECTORY_DATA_H
#define NRT_RULES_DIRECTORY_DATA_H

#include "rules/directory.h"

struct directory {
    const struct unit *units;
    size_t unit_count;
    const struct unit *const *units_by_id;
    const struct person *people;
    size_t person_count;
    const struct person *const *people_by_id;
    const struct matter *matters;
    const struct matter *const *matters_by_id; /* NULL: none given */
    size_t matter_count;
};

#endif
