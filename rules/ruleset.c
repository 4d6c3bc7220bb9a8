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

const char *send_when_name(enum send_when send)
{
    static const char *const names[SEND_WHEN_COUNT] = {
        [SEND_NOW] = "now",
        [SEND_DAY] = "day",
        [SEND_OFFICE] = "office",
    };
    return names[send];
}

const struct policy *rulebook_newest(const struct rulebook *rulebook)
{
    return rulebook->policy_count > 0 ? rulebook->policies[rulebook->policy_count - 1] : NULL;
}

const struct policy *rulebook_version(const struct rulebook *rulebook, int64_t version)
{
    for (size_t i = rulebook->policy_count; i-- > 0;) {
        if (rulebook->policies[i]->version == version)
            return rulebook->policies[i];
    }
    return NULL;
}

const struct policy *rulebook_policy(const struct rulebook *rulebook, int64_t version)
{
    const struct policy *policy = rulebook_version(rulebook, version);
    return policy ? policy : rulebook_newest(rulebook);
}

const struct policy *rulebook_applied_by(const struct rulebook *rulebook, struct wall_ms at)
{
    for (size_t i = rulebook->policy_count; i-- > 0;) {
        if (rulebook->policies[i]->since.ms <= at.ms)
            return rulebook->policies[i];
    }
    return NULL;
}

bool clock_starts_at(const struct clock_rule *rule, struct text kind)
{
    return text_is_among(kind, rule->start, rule->start_count);
}

bool clock_stops_at(const struct clock_rule *rule, struct text kind)
{
    return text_is_among(kind, rule->stop, rule->stop_count);
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

bool event_is_ledger_only(const struct event *event, const struct rulebook *rulebook)
{
    if (!event_kind_is_ledger_only(event->kind))
        return false;
    if (event->kind == EVENT_NOTED && event_attribute(event, "ruling").bytes > 0)
        return false;
    for (size_t i = 0; i < rulebook->policy_count; i++) {
        if (policy_names_kind(rulebook->policies[i], event->kind_name))
            return false;
    }
    return true;
}

bool clock_is_of_one_kind(const struct clock_rule *a, const struct clock_rule *b)
{
    return a->limit_from_case == b->limit_from_case && a->recurs == b->recurs &&
           a->per_co_unit == b->per_co_unit;
}

const struct ruleset *policy_set_of(const struct policy *policy, const struct clock_rule *rule)
{
    for (size_t s = 0; s < policy->set_count; s++) {
        const struct ruleset *set = &policy->sets[s];
        if (rule >= set->clocks && rule < set->clocks + set->clock_count)
            return set;
    }
    return NULL;
}
