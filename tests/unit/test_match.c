/* SPDX-License-Identifier: Apache-2.0 */
/* The conditions of "match". */
#include "rules/match.h"
#include "tests/support/check.h"

static const struct attribute case_attributes[] = {
    {{"labels.kind", 11}, {"problem", 7}},
    {{"matter", 6}, {"m1.2", 4}},
    {{"title", 5}, {"", 0}},
};
static const struct attribute own_attributes[] = {{{"matter", 6}, {"m9", 2}}};
static const struct match_subject subject = {.attributes = case_attributes, .attribute_count = 3};

static bool holds(const struct match *match)
{
    return match_holds(match, &subject);
}

static void equality_is_exact(void)
{
    static const struct text problem[] = {{"problem", 7}};
    static const struct text problems[] = {{"proble", 6}, {"problems", 8}};
    CHECK(holds(&(struct match){MATCH_EQUAL_ANY_OF, NULL, 0, {"labels.kind", 11}, problem, 1}));
    CHECK(!holds(&(struct match){MATCH_EQUAL_ANY_OF, NULL, 0, {"labels.kind", 11}, problems, 2}));
    CHECK(!holds(&(struct match){MATCH_EQUAL_ANY_OF, NULL, 0, {"labels.kin", 10}, problem, 1}));
}

static void a_list_holds_for_any_of_it_and_items_may_be_prefixes(void)
{
    static const struct text list[] = {{"x", 1}, {"m1*", 3}};
    static const struct text star[] = {{"*", 1}};
    CHECK(holds(&(struct match){MATCH_EQUAL_ANY_OF, NULL, 0, {"matter", 6}, list, 2}));
    CHECK(!holds(&(struct match){MATCH_EQUAL_ANY_OF, NULL, 0, {"matter", 6}, list, 1}));
    CHECK(holds(&(struct match){MATCH_EQUAL_ANY_OF, NULL, 0, {"title", 5}, star, 1}));
    CHECK(!holds(&(struct match){MATCH_EQUAL_ANY_OF, NULL, 0, {"absent", 6}, star, 1}));
}

static void a_prefix_is_one(void)
{
    static const struct text m1[] = {{"m1", 2}};
    static const struct text m2[] = {{"m2", 2}};
    CHECK(holds(&(struct match){MATCH_PREFIX, NULL, 0, {"matter", 6}, m1, 1}));
    CHECK(!holds(&(struct match){MATCH_PREFIX, NULL, 0, {"matter", 6}, m2, 1}));
}

static void all_any_and_not_combine(void)
{
    static const struct text m1[] = {{"m1", 2}};
    static const struct text m2[] = {{"m2", 2}};
    const struct match both[] = {
        {MATCH_PREFIX, NULL, 0, {"matter", 6}, m1, 1},
        {MATCH_PREFIX, NULL, 0, {"matter", 6}, m2, 1}};
    CHECK(!holds(&(struct match){.kind = MATCH_ALL, .children = both, .child_count = 2}));
    CHECK(holds(&(struct match){.kind = MATCH_ANY, .children = both, .child_count = 2}));
    CHECK(!holds(&(struct match){.kind = MATCH_NOT, .children = both, .child_count = 1}));
    CHECK(holds(&(struct match){.kind = MATCH_NOT, .children = both + 1, .child_count = 1}));
    CHECK(holds(&(struct match){.kind = MATCH_ALL}));
    CHECK(!holds(&(struct match){.kind = MATCH_ANY}));
}

static void the_event_in_hand_is_looked_at_first(void)
{
    struct match_subject with_own = subject;
    with_own.own = own_attributes;
    with_own.own_count = 1;
    CHECK(text_is(match_attribute(&with_own, text_of("matter")), "m9"));
    CHECK(text_is(match_attribute(&with_own, text_of("labels.kind")), "problem"));
    CHECK(!match_attribute(&with_own, text_of("none")).ptr);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(equality_is_exact);
    CHECK_RUN(a_list_holds_for_any_of_it_and_items_may_be_prefixes);
    CHECK_RUN(a_prefix_is_one);
    CHECK_RUN(all_any_and_not_combine);
    CHECK_RUN(the_event_in_hand_is_looked_at_first);
    return check_done();
}
