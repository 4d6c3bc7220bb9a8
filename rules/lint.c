/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of findings, and what can be said of a clock from its keys alone.
 */
#include "rules/lint.h"

#include <string.h>

#include "rules/directory_data.h"
#include "rules/lint_match.h"

/* ---- the list ---- */

struct lint_finding *lint_add(struct lint *lint, const struct lint_finding *finding)
{
    if (lint->finding_count == lint->finding_capacity) {
        const size_t capacity = lint->finding_capacity > 0 ? lint->finding_capacity * 2 : 16;
        struct lint_finding *grown = arena_array(lint->arena, capacity, sizeof(*grown));
        if (!grown) {
            lint->out_of_memory = true;
            return NULL;
        }
        if (lint->finding_count > 0)
            memcpy(grown, lint->findings, lint->finding_count * sizeof(*grown));
        lint->findings = grown;
        lint->finding_capacity = capacity;
    }
    lint->findings[lint->finding_count] = *finding;
    return &lint->findings[lint->finding_count++];
}

void lint_add_name(struct lint_finding *finding, struct text name)
{
    if (finding->name_count < LINT_NAMES_MAX)
        finding->names[finding->name_count] = name;
    finding->name_count++;
}

/* One clock and where it stands. */
struct place {
    size_t set;
    size_t clock;
};

static const struct clock_rule *clock_at(const struct lint *lint, struct place place)
{
    return &lint->policy->sets[place.set].clocks[place.clock];
}

static void say(struct lint *lint, enum lint_code code, struct place place, struct text name)
{
    struct lint_finding finding = {
        .code = code, .place = LINT_AT_CLOCK, .set = place.set, .clock = place.clock};
    if (name.bytes > 0)
        lint_add_name(&finding, name);
    (void)lint_add(lint, &finding);
}

/* ---- match ---- */

static bool path_has_name(const struct directory *directory, struct text path, struct text name)
{
    if (text_is(path, "unit"))
        return directory_unit(directory, name) != NULL;
    if (text_is(path, "handler"))
        return directory_person(directory, name) != NULL;
    return directory_matter(directory, name) != NULL;
}

/* Paths whose values are ids that this configuration itself lists. */
static bool path_is_listed(const struct directory *directory, struct text path)
{
    return text_is(path, "unit") || text_is(path, "handler") ||
           (text_is(path, "matter") && directory->matter_count > 0);
}

static void check_values(struct lint *lint, struct place place, const struct match *match)
{
    const struct directory *directory = lint->policy->directory;
    if (match->kind != MATCH_EQUAL_ANY_OF || !path_is_listed(directory, match->path))
        return;
    for (size_t i = 0; i < match->value_count; i++) {
        const struct text value = match->values[i];
        const bool prefix = value.bytes > 0 && value.ptr[value.bytes - 1] == '*';
        if (prefix || path_has_name(directory, match->path, value))
            continue;
        struct lint_finding finding = {
            .code = LINT_UNKNOWN_NAME,
            .place = LINT_AT_CLOCK,
            .set = place.set,
            .clock = place.clock,
        };
        lint_add_name(&finding, match->path);
        lint_add_name(&finding, value);
        (void)lint_add(lint, &finding);
    }
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the reader of the rule file allows */
static void check_names(struct lint *lint, struct place place, const struct match *match)
{
    check_values(lint, place, match);
    for (size_t i = 0; i < match->child_count; i++)
        check_names(lint, place, &match->children[i]);
}

/* ---- units ---- */

static bool *units_of_clock(struct lint *lint, const struct clock_rule *rule)
{
    const struct directory *directory = lint->policy->directory;
    const struct text path = TEXT_LITERAL("unit");
    /* per: the condition is about the unit that holds the case, not about the one that helps */
    if (rule->per_co_unit || !match_names(&rule->match, path) || lint->work_left <= 0)
        return NULL;
    bool *units = arena_array(lint->arena, directory->unit_count + 1, sizeof(*units));
    for (size_t i = 0; units && i < directory->unit_count; i++) {
        lint->work_left--;
        units[i] =
            match_possible_with(&rule->match, path, directory->units[i].id, &lint->work_left);
    }
    lint->out_of_memory |= !units;
    return units;
}

static size_t clock_number(const struct policy *policy, size_t set, size_t clock)
{
    for (size_t s = 0; s < set; s++)
        clock += policy->sets[s].clock_count;
    return clock;
}

static void find_units(struct lint *lint)
{
    const struct policy *policy = lint->policy;
    const size_t clock_count = clock_number(policy, policy->set_count, 0);
    lint->units = arena_array(lint->arena, clock_count + 1, sizeof(void *));
    lint->out_of_memory |= !lint->units;
    size_t number = 0;
    for (size_t s = 0; lint->units && s < policy->set_count; s++) {
        for (size_t c = 0; c < policy->sets[s].clock_count; c++)
            lint->units[number++] = units_of_clock(lint, &policy->sets[s].clocks[c]);
    }
}

bool lint_may_have_unit(const struct lint *lint, size_t set, size_t clock, size_t unit)
{
    const bool *units = lint->units ? lint->units[clock_number(lint->policy, set, clock)] : NULL;
    return !units || units[unit];
}

/* ---- starting ---- */

static bool closes_the_case(struct text kind)
{
    const enum event_kind known = event_kind_of(kind);
    return known == EVENT_COMPLETED || known == EVENT_WITHDRAWN;
}

static bool only_closing_starts(const struct clock_rule *rule)
{
    for (size_t i = 0; i < rule->start_count; i++) {
        if (!closes_the_case(rule->start[i]))
            return false;
    }
    return rule->start_count > 0;
}

static bool starts_are_among(const struct clock_rule *rule, const struct clock_rule *other)
{
    for (size_t i = 0; i < rule->start_count; i++) {
        if (!clock_starts_at(other, rule->start[i]))
            return false;
    }
    return true;
}

/*
 * Whenever `rule` could start, `before` starts at the same event or has its family already. A
 * clock whose limit the case brings may not start although its match holds.
 */
static bool is_hidden_by(
    struct lint *lint, const struct clock_rule *rule, const struct clock_rule *before)
{
    return text_equal(rule->family, before->family) && !before->limit_from_case &&
           rule->per_co_unit == before->per_co_unit && starts_are_among(rule, before) &&
           match_implies(&rule->match, &before->match, &lint->work_left);
}

static void check_hidden(struct lint *lint, struct place place)
{
    const struct clock_rule *rule = clock_at(lint, place);
    for (size_t s = 0; s <= place.set; s++) {
        const struct ruleset *set = &lint->policy->sets[s];
        const size_t end = s == place.set ? place.clock : set->clock_count;
        for (size_t c = 0; c < end; c++) {
            lint->work_left--;
            if (!is_hidden_by(lint, rule, &set->clocks[c]))
                continue;
            (void)lint_add(
                lint, &(struct lint_finding){
                          .code = LINT_ALWAYS_HIDDEN,
                          .place = LINT_AT_CLOCK,
                          .set = place.set,
                          .clock = place.clock,
                          .other_set = s,
                          .other_clock = c,
                      });
            return;
        }
    }
}

static void check_start(struct lint *lint, struct place place)
{
    const struct clock_rule *rule = clock_at(lint, place);
    const struct match_goal goal = {&rule->match, false};
    const struct text none = {0};
    if (!match_possible(&goal, 1, &lint->work_left)) {
        say(lint, LINT_NEVER_MATCHES, place, none);
    } else if (only_closing_starts(rule)) {
        say(lint, LINT_NEVER_STARTS, place, none);
    } else {
        check_hidden(lint, place);
    }
    check_names(lint, place, &rule->match);
    for (size_t i = 0; i < rule->start_count && !rule->again && !rule->recurs; i++) {
        if (clock_stops_at(rule, rule->start[i]))
            say(lint, LINT_START_STOPS, place, rule->start[i]);
    }
}

/* ---- keys that do nothing ---- */

static bool in_days(struct duration duration)
{
    return duration.unit == UNIT_WORKING_DAY || duration.unit == UNIT_CALENDAR_DAY;
}

/* Does anything of the clock count days from the start? */
static bool counts_days(const struct clock_rule *rule)
{
    if (!rule->limit_from_case && !rule->recurs && in_days(rule->limit))
        return true;
    if (rule->has_statutory_limit && in_days(rule->statutory_limit))
        return true;
    for (size_t i = 0; i < rule->stage_count; i++) {
        const struct stage_at *at = &rule->stages[i].at;
        if ((at->anchor == ANCHOR_START || at->anchor == ANCHOR_ACKED) && in_days(at->duration))
            return true;
    }
    return false;
}

static void check_idle_keys(struct lint *lint, struct place place)
{
    const struct clock_rule *rule = clock_at(lint, place);
    const bool never_paused = !rule->pause || rule->limit_from_case; /* a given due is fixed */
    if (never_paused && rule->has_pause_max)
        say(lint, LINT_KEY_IDLE, place, TEXT_LITERAL("pause_max"));
    if (never_paused && rule->pause_reason_count > 0)
        say(lint, LINT_KEY_IDLE, place, TEXT_LITERAL("pause_reasons"));
    if (rule->late_arrival_next_working_day && !counts_days(rule))
        say(lint, LINT_KEY_IDLE, place, TEXT_LITERAL("late_arrival"));
    if (rule->per_co_unit && rule->on_transfer == ON_RESTART)
        say(lint, LINT_KEY_IDLE, place, TEXT_LITERAL("on_transfer"));
}

static void check_stop(struct lint *lint, struct place place)
{
    const struct clock_rule *rule = clock_at(lint, place);
    for (size_t i = 0; i < rule->stop_count; i++) {
        if (event_kind_of(rule->stop[i]) != EVENT_WITHDRAWN)
            return;
    }
    say(lint, LINT_NEVER_MET, place, (struct text){0});
}

static bool is_of_the_unit(enum role_kind kind)
{
    return kind == ROLE_HANDLER || kind == ROLE_UNIT_HEAD || kind == ROLE_DEPUTY_HEAD ||
           kind == ROLE_LEADER || kind == ROLE_CLERK;
}

/* A co-handling unit has a clock of its own, and nobody in it hears of that. */
static void check_co_unit(struct lint *lint, struct place place)
{
    const struct clock_rule *rule = clock_at(lint, place);
    bool told = !rule->per_co_unit || rule->stage_count == 0;
    for (size_t s = 0; s < rule->stage_count; s++) {
        for (size_t r = 0; r < rule->stages[s].notify_count; r++)
            told = told || is_of_the_unit(rule->stages[s].notify[r].kind);
    }
    if (!told)
        say(lint, LINT_CO_UNIT_NOT_TOLD, place, (struct text){0});
}

/* ---- stages whose order needs no counting ---- */

static void say_stage(struct lint *lint, enum lint_code code, struct place place, size_t stage)
{
    (void)lint_add(
        lint, &(struct lint_finding){
                  .code = code,
                  .place = LINT_AT_STAGE,
                  .set = place.set,
                  .clock = place.clock,
                  .stage = stage,
              });
}

/* Nobody can acknowledge what nobody has been told. */
static void check_acked(struct lint *lint, struct place place)
{
    const struct clock_rule *rule = clock_at(lint, place);
    for (size_t i = 0; i < rule->stage_count; i++) {
        if (rule->stages[i].at.anchor != ANCHOR_ACKED)
            return;
    }
    if (rule->stage_count > 0)
        say_stage(lint, LINT_ACKED_UNTOLD, place, 0);
}

static void check_clock(struct lint *lint, struct place place)
{
    check_start(lint, place);
    check_stop(lint, place);
    check_idle_keys(lint, place);
    check_co_unit(lint, place);
    check_acked(lint, place);
    lint_clock_times(lint, place.set, place.clock);
}

/* ---- the rule set ---- */

/* Only where some families are shown: a set without figures shows none on purpose. */
static void check_figures(struct lint *lint, size_t set_index)
{
    const struct ruleset *set = &lint->policy->sets[set_index];
    for (size_t p = 0; p < set->accountability_count && set->on_time_family_count > 0; p++) {
        const struct accountability *policy = &set->accountability[p];
        for (size_t f = 0; f < policy->family_count; f++) {
            if (text_is_among(
                    policy->families[f], set->on_time_families, set->on_time_family_count))
                continue;
            struct lint_finding finding = {
                .code = LINT_FAMILY_WITHOUT_FIGURE,
                .place = LINT_AT_ACCOUNTABILITY,
                .set = set_index,
                .index = p,
            };
            lint_add_name(&finding, policy->families[f]);
            (void)lint_add(lint, &finding);
        }
    }
}

/* The first rule set that says something about an act decides. */
static void check_acts(struct lint *lint, size_t set_index)
{
    const struct ruleset *sets = lint->policy->sets;
    for (size_t a = 0; a < ACT_COUNT; a++) {
        size_t first = 0;
        while (first < set_index && !sets[first].acts[a].given)
            first++;
        if (first == set_index || !sets[set_index].acts[a].given)
            continue;
        (void)lint_add(
            lint, &(struct lint_finding){
                      .code = LINT_ACT_HIDDEN,
                      .place = LINT_AT_ACT,
                      .set = set_index,
                      .index = a,
                      .other_set = first,
                  });
    }
}

/* Said once, where it happened. */
static void check_work(struct lint *lint, size_t set_index)
{
    if (lint->work_left > 0 || lint->cut_short)
        return;
    lint->cut_short = true;
    (void)lint_add(
        lint,
        &(struct lint_finding){.code = LINT_CUT_SHORT, .place = LINT_AT_SET, .set = set_index});
}

enum err lint_policy(
    const struct policy *policy, struct civil_day today, struct arena *arena, struct lint *ret_lint)
{
    struct lint lint = {
        .policy = policy, .today = today, .arena = arena, .work_left = LINT_WORK_MAX};
    find_units(&lint);
    for (size_t s = 0; s < policy->set_count; s++) {
        for (size_t c = 0; c < policy->sets[s].clock_count; c++)
            check_clock(&lint, (struct place){s, c});
        check_figures(&lint, s);
        check_acts(&lint, s);
        check_work(&lint, s);
    }
    lint_roles(&lint);
    if (policy->set_count > 0)
        check_work(&lint, policy->set_count - 1);
    lint_calendar(&lint);
    *ret_lint = lint;
    return lint.out_of_memory ? ERR_NO_MEMORY : ERR_OK;
}
