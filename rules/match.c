/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evaluates the small language of "match": equality, lists, prefixes, any, all, not. Depth is
 * bounded by the reader of the rule file; an absent attribute equals nothing.
 */
#include "rules/match.h"

struct text match_attribute(const struct match_subject *subject, struct text path)
{
    const struct text own = attribute_find(subject->own, subject->own_count, path);
    if (own.ptr)
        return own;
    return attribute_find(subject->attributes, subject->attribute_count, path);
}

static bool value_fits(struct text wanted, struct text value)
{
    if (wanted.bytes > 0 && wanted.ptr[wanted.bytes - 1] == '*') {
        wanted.bytes--;
        return text_starts_with(value, wanted);
    }
    return text_equal(wanted, value);
}

static bool any_value_fits(const struct match *match, const struct match_subject *subject)
{
    const struct text value = match_attribute(subject, match->path);
    if (!value.ptr)
        return false;
    for (size_t i = 0; i < match->value_count; i++) {
        if (value_fits(match->values[i], value))
            return true;
    }
    return false;
}

static bool prefix_fits(const struct match *match, const struct match_subject *subject)
{
    const struct text value = match_attribute(subject, match->path);
    return value.ptr && match->value_count > 0 && text_starts_with(value, match->values[0]);
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the reader of the rule file allows */
static size_t count_holding(const struct match *match, const struct match_subject *subject)
{
    size_t count = 0;
    for (size_t i = 0; i < match->child_count; i++) {
        if (match_holds(&match->children[i], subject))
            count++;
    }
    return count;
}

/* NOLINTNEXTLINE(misc-no-recursion) */
bool match_holds(const struct match *match, const struct match_subject *subject)
{
    switch (match->kind) {
    case MATCH_ALL:
        return count_holding(match, subject) == match->child_count;
    case MATCH_ANY:
        return count_holding(match, subject) > 0;
    case MATCH_NOT:
        return count_holding(match, subject) == 0;
    case MATCH_EQUAL_ANY_OF:
        return any_value_fits(match, subject);
    case MATCH_PREFIX:
        return prefix_fits(match, subject);
    case MATCH_KIND_COUNT:
        break;
    }
    return false;
}
