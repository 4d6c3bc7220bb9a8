/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a clock concern a case? (private to rules/; semantics section 3, key "match")
 */
#ifndef NRT_RULES_MATCH_H
#define NRT_RULES_MATCH_H

#include "rules/ruleset.h"

/* Where a dotted path is looked up: the event's own attributes first, then the case's. */
struct match_subject {
    const struct attribute *own;
    size_t own_count;
    const struct attribute *attributes;
    size_t attribute_count;
};

/* .ptr NULL when neither has it. */
struct text match_attribute(const struct match_subject *subject, struct text path);

bool match_holds(const struct match *match, const struct match_subject *subject);

#endif
