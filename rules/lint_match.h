/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be known of conditions without any case: whether some case can meet them at all, and
 * whether one follows from another. Exact for the language of "match"; a search that would take
 * too long gives up and says "possible", so what is called impossible is proven.
 */
#ifndef NRT_RULES_LINT_MATCH_H
#define NRT_RULES_LINT_MATCH_H

#include "rules/ruleset.h"

struct match_goal {
    const struct match *match;
    bool negated;
};

/*
 * Is there a case for which all of these hold? At most 8 goals. Every comparison costs one of
 * *work_left; with nothing left the answer is "possible".
 */
bool match_possible(const struct match_goal *goals, size_t goal_count, int64_t *work_left);

/* Does `wide` hold for every case for which `narrow` does? */
bool match_implies(const struct match *narrow, const struct match *wide, int64_t *work_left);

/* Can the match hold for a case of which this attribute has this value? */
bool match_possible_with(
    const struct match *match, struct text path, struct text value, int64_t *work_left);

/* Is there any condition on the path? */
bool match_names(const struct match *match, struct text path);

#endif
