/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See leave.h. A circle needs no memory of whom was passed: walking on in it uses up the steps,
 * and everybody in it is on leave.
 */
#include "rules/leave.h"

const struct leave *leave_on(
    const struct directory *directory, struct text person, struct civil_day day)
{
    const struct person *found = directory_person(directory, person);
    const struct leave *without = NULL;
    for (size_t i = 0; found && i < found->leave_count; i++) {
        const struct leave *leave = &found->leaves[i];
        if (day.number < leave->from.number || day.number > leave->to.number)
            continue;
        if (directory_person(directory, leave->delegate))
            return leave;
        without = without ? without : leave;
    }
    return without;
}

struct text leave_stand_in(
    const struct directory *directory, struct text person, struct civil_day day)
{
    struct text at = person;
    for (int step = 0; step <= LEAVE_CHAIN_MAX; step++) {
        const struct leave *leave = leave_on(directory, at, day);
        const struct person *delegate = leave && leave->delegate.bytes > 0
                                            ? directory_person(directory, leave->delegate)
                                            : NULL;
        if (!delegate)
            return at;
        at = delegate->id;
    }
    return person;
}
