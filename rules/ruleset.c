/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of rule values and the choice of a policy version.
 */
#include "rules/ruleset.h"

const char *light_name(enum light light)
{
    static const char *const names[LIGHT_COUNT] = {
        [LIGHT_GREEN] = "green",
        [LIGHT_YELLOW] = "yellow",
        [LIGHT_RED] = "red",
    };
    return names[light];
}

const struct policy *rulebook_newest(const struct rulebook *rulebook)
{
    return rulebook->policy_count > 0 ? rulebook->policies[rulebook->policy_count - 1] : NULL;
}

const struct policy *rulebook_policy(const struct rulebook *rulebook, int64_t version)
{
    for (size_t i = rulebook->policy_count; i-- > 0;) {
        if (rulebook->policies[i]->version == version)
            return rulebook->policies[i];
    }
    return rulebook_newest(rulebook);
}

static bool names(const struct text *kinds, size_t count, struct text kind)
{
    for (size_t i = 0; i < count; i++) {
        if (text_equal(kinds[i], kind))
            return true;
    }
    return false;
}

bool clock_starts_at(const struct clock_rule *rule, struct text kind)
{
    return names(rule->start, rule->start_count, kind);
}

bool clock_stops_at(const struct clock_rule *rule, struct text kind)
{
    return names(rule->stop, rule->stop_count, kind);
}

const struct clock_rule *policy_clock(const struct policy *policy, struct text id)
{
    for (size_t s = 0; s < policy->set_count; s++) {
        const struct ruleset *set = &policy->sets[s];
        for (size_t c = 0; c < set->clock_count; c++) {
            if (text_equal(set->clocks[c].id, id))
                return &set->clocks[c];
        }
    }
    return NULL;
}

bool policy_names_kind(const struct policy *policy, struct text kind)
{
    for (size_t s = 0; s < policy->set_count; s++) {
        const struct ruleset *set = &policy->sets[s];
        for (size_t c = 0; c < set->clock_count; c++) {
            if (clock_starts_at(&set->clocks[c], kind) || clock_stops_at(&set->clocks[c], kind))
                return true;
        }
    }
    return false;
}
