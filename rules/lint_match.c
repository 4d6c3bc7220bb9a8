/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A search over the alternatives of a condition. Every branch ends in a list of plain statements
 * about single paths, "is one of these values" and "is none of those", and these are easy: two
 * values, exact or with a '*', either lie one within the other or have nothing in common.
 */
#include "rules/lint_match.h"

#include "base/must.h"

#define GOALS_MAX      8
#define LINKS_MAX      2048
#define STATEMENTS_MAX 256
#define STEPS_MAX      20000

struct link {
    struct match_goal goal;
    const struct link *next;
};

struct search {
    struct link links[LINKS_MAX]; /* a stack: a branch gives its own back */
    size_t link_count;
    struct match_goal statements[STATEMENTS_MAX]; /* about one path each */
    size_t step_count;
    int64_t *work_left;
    bool gave_up;
};

/* ---- statements about one path ---- */

struct pattern {
    struct text text;
    bool prefix;
};

static struct pattern pattern_of(const struct match *match, size_t index)
{
    struct pattern pattern = {match->values[index], match->kind == MATCH_PREFIX};
    const struct text text = pattern.text;
    if (!pattern.prefix && text.bytes > 0 && text.ptr[text.bytes - 1] == '*') {
        pattern.prefix = true;
        pattern.text.bytes--;
    }
    return pattern;
}

/* Is everything that fits `narrow` also fit for `wide`? */
static bool covers(struct pattern wide, struct pattern narrow)
{
    if (wide.prefix)
        return text_starts_with(narrow.text, wide.text);
    return !narrow.prefix && text_equal(narrow.text, wide.text);
}

static bool some_value_covers(const struct match *match, struct pattern narrow)
{
    for (size_t i = 0; i < match->value_count; i++) {
        if (covers(pattern_of(match, i), narrow))
            return true;
    }
    return false;
}

/* What fits this value would meet every statement about the path. */
static bool value_serves(
    struct search *search, size_t count, struct text path, struct pattern value)
{
    for (size_t i = 0; i < count; i++) {
        const struct match *match = search->statements[i].match;
        if (!text_equal(match->path, path))
            continue;
        *search->work_left -= (int64_t)match->value_count;
        if (some_value_covers(match, value) == search->statements[i].negated)
            return false;
    }
    return true;
}

static bool some_value_serves(struct search *search, size_t count, const struct match *match)
{
    for (size_t v = 0; v<match->value_count && * search->work_left> 0; v++) {
        if (value_serves(search, count, match->path, pattern_of(match, v)))
            return true;
    }
    if (*search->work_left <= 0)
        search->gave_up = true;
    return search->gave_up;
}

static bool is_exact(const struct match *match)
{
    for (size_t v = 0; v < match->value_count; v++) {
        if (pattern_of(match, v).prefix)
            return false;
    }
    return true;
}

/*
 * Of values that all have something in common the narrowest lies within all the others, and it
 * is one of those that are listed: so the listed ones are all that need to be tried. Nothing is
 * narrower than an exact value: a list of such values is enough by itself, the shortest is best.
 */
static bool path_possible(struct search *search, size_t count, struct text path)
{
    const struct match *best = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct match *match = search->statements[i].match;
        if (!search->statements[i].negated && text_equal(match->path, path) && is_exact(match) &&
            (!best || match->value_count < best->value_count))
            best = match;
    }
    if (best)
        return some_value_serves(search, count, best);
    for (size_t i = 0; i < count; i++) {
        const struct match *match = search->statements[i].match;
        if (!search->statements[i].negated && text_equal(match->path, path) &&
            some_value_serves(search, count, match))
            return true;
    }
    return false;
}

/* A path of which it is only said what it is not may simply be absent. */
static bool statements_possible(struct search *search, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct match_goal statement = search->statements[i];
        if (!statement.negated && !path_possible(search, count, statement.match->path))
            return false;
    }
    return true;
}

/* ---- the search ---- */

static bool give_up(struct search *search)
{
    search->gave_up = true;
    return true;
}

static const struct link *add_goal(
    struct search *search, const struct link *next, const struct match *match, bool negated)
{
    if (search->link_count == LINKS_MAX) {
        search->gave_up = true;
        return next;
    }
    struct link *link = &search->links[search->link_count++];
    *link = (struct link){{match, negated}, next};
    return link;
}

static bool branch(struct search *search, const struct link *goals, size_t statement_count);

/* One of the children is enough. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as the reader of the rule file allows */
static bool any_child(
    struct search *search, struct match_goal goal, const struct link *rest, size_t statement_count)
{
    const size_t mark = search->link_count;
    for (size_t i = 0; i < goal.match->child_count; i++) {
        const struct link *goals = add_goal(search, rest, &goal.match->children[i], goal.negated);
        if (search->gave_up || branch(search, goals, statement_count))
            return true;
        search->link_count = mark;
    }
    return false;
}

static const struct link *every_child(
    struct search *search, struct match_goal goal, const struct link *goals)
{
    const bool negated = goal.match->kind == MATCH_NOT ? !goal.negated : goal.negated;
    for (size_t i = 0; i < goal.match->child_count; i++)
        goals = add_goal(search, goals, &goal.match->children[i], negated);
    return goals;
}

/* "not any" is "none", "not all" is "one that is not". */
static bool is_choice(struct match_goal goal)
{
    return goal.match->kind == (goal.negated ? MATCH_ALL : MATCH_ANY);
}

static bool is_statement(struct match_goal goal)
{
    return goal.match->kind == MATCH_EQUAL_ANY_OF || goal.match->kind == MATCH_PREFIX;
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static bool branch(struct search *search, const struct link *goals, size_t statement_count)
{
    while (goals) {
        const struct match_goal goal = goals->goal;
        goals = goals->next;
        if (++search->step_count > STEPS_MAX || --*search->work_left <= 0 || search->gave_up)
            return give_up(search);
        if (is_choice(goal))
            return any_child(search, goal, goals, statement_count);
        if (!is_statement(goal)) {
            goals = every_child(search, goal, goals);
            continue;
        }
        if (statement_count == STATEMENTS_MAX)
            return give_up(search);
        search->statements[statement_count++] = goal;
    }
    return search->gave_up || statements_possible(search, statement_count);
}

bool match_possible(const struct match_goal *goals, size_t goal_count, int64_t *work_left)
{
    MUST(goal_count <= GOALS_MAX);
    struct search search;
    search.link_count = 0;
    search.step_count = 0;
    search.work_left = work_left;
    search.gave_up = *work_left <= 0;
    const struct link *first = NULL;
    for (size_t i = 0; i < goal_count; i++)
        first = add_goal(&search, first, goals[i].match, goals[i].negated);
    return branch(&search, first, 0);
}

bool match_implies(const struct match *narrow, const struct match *wide, int64_t *work_left)
{
    const struct match_goal goals[] = {{narrow, false}, {wide, true}};
    return !match_possible(goals, 2, work_left);
}

bool match_possible_with(
    const struct match *match, struct text path, struct text value, int64_t *work_left)
{
    const struct match is = {
        .kind = MATCH_EQUAL_ANY_OF, .path = path, .values = &value, .value_count = 1};
    const struct match_goal goals[] = {{match, false}, {&is, false}};
    return match_possible(goals, 2, work_left);
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the reader of the rule file allows */
bool match_names(const struct match *match, struct text path)
{
    bool names = match->path.bytes > 0 && text_equal(match->path, path);
    for (size_t i = 0; i < match->child_count && !names; i++)
        names = match_names(&match->children[i], path);
    return names;
}
