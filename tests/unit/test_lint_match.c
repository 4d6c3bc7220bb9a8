/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What follows from conditions alone: which exclude each other, which contain each other. Random
 * pairs are compared with match_holds() over every case of a small world.
 */
#include "base/prng.h"
#include "rules/lint_match.h"
#include "rules/match.h"
#include "tests/support/check.h"

#define LITERAL(s)                                                                                 \
    {                                                                                              \
        (s), sizeof(s) - 1                                                                         \
    }

static const struct text a_only[] = {LITERAL("a")};
static const struct text ab_only[] = {LITERAL("ab")};
static const struct text b_only[] = {LITERAL("b")};
static const struct text a_or_b[] = {LITERAL("a"), LITERAL("b")};
static const struct text a_star[] = {LITERAL("a*")};
static const struct text star[] = {LITERAL("*")};

#define PLENTY INT64_C(1000000000)

static bool implies(const struct match *narrow, const struct match *wide)
{
    int64_t work_left = PLENTY;
    return match_implies(narrow, wide, &work_left);
}

static struct match is(const char *path, const struct text *values, size_t count)
{
    return (struct match){
        .kind = MATCH_EQUAL_ANY_OF, .path = text_of(path), .values = values, .value_count = count};
}

static struct match group(enum match_kind kind, const struct match *children, size_t count)
{
    return (struct match){.kind = kind, .children = children, .child_count = count};
}

static bool possible(struct match match)
{
    const struct match_goal goal = {&match, false};
    int64_t work_left = PLENTY;
    return match_possible(&goal, 1, &work_left);
}

static bool both(struct match a, struct match b)
{
    const struct match children[] = {a, b};
    return possible(group(MATCH_ALL, children, 2));
}

static void two_values_of_one_path_exclude_each_other(void)
{
    CHECK(possible(is("x", a_only, 1)));
    CHECK(!both(is("x", a_only, 1), is("x", b_only, 1)));
    CHECK(both(is("x", a_only, 1), is("y", b_only, 1)));
    CHECK(both(is("x", a_only, 1), is("x", a_or_b, 2)));
}

static void a_prefix_meets_what_begins_with_it(void)
{
    CHECK(both(is("x", a_star, 1), is("x", ab_only, 1)));
    CHECK(!both(is("x", a_star, 1), is("x", b_only, 1)));
    CHECK(both(is("x", star, 1), is("x", b_only, 1)));
}

static void nothing_is_what_it_is_not(void)
{
    const struct match a = is("x", a_only, 1);
    const struct match any_value = is("x", star, 1);
    CHECK(!both(a, group(MATCH_NOT, &a, 1)));
    CHECK(!both(a, group(MATCH_NOT, &any_value, 1)));
    CHECK(both(is("x", a_or_b, 2), group(MATCH_NOT, &a, 1)));
    CHECK(both(is("x", a_star, 1), group(MATCH_NOT, &a, 1)));
    CHECK(possible(group(MATCH_NOT, &any_value, 1))); /* it may be absent */
    const struct match everything = group(MATCH_ALL, NULL, 0);
    CHECK(!possible(group(MATCH_NOT, &everything, 1)));
}

static void alternatives_are_all_tried(void)
{
    const struct match choice[] = {is("x", a_only, 1), is("x", ab_only, 1)};
    const struct match any = group(MATCH_ANY, choice, 2);
    CHECK(both(any, is("x", ab_only, 1)));
    CHECK(!both(any, is("x", b_only, 1)));
    const struct match not_any = group(MATCH_NOT, &any, 1);
    CHECK(!both(not_any, is("x", ab_only, 1)));
    const struct match pair[] = {is("x", a_only, 1), is("y", a_only, 1)};
    const struct match all = group(MATCH_ALL, pair, 2);
    CHECK(both(group(MATCH_NOT, &all, 1), is("x", a_only, 1)));
}

static void the_narrower_implies_the_wider(void)
{
    const struct match everything = group(MATCH_ALL, NULL, 0);
    const struct match a = is("x", a_only, 1);
    const struct match many = is("x", a_or_b, 2);
    const struct match prefix = is("x", a_star, 1);
    CHECK(implies(&a, &everything));
    CHECK(!implies(&everything, &a));
    CHECK(implies(&a, &many));
    CHECK(!implies(&many, &a));
    CHECK(implies(&a, &prefix));
    CHECK(!implies(&prefix, &many));
    CHECK(implies(&many, &many));
}

static void a_value_can_be_asked_for(void)
{
    const struct match a = is("unit", a_only, 1);
    const struct text unit = TEXT_LITERAL("unit");
    int64_t work_left = PLENTY;
    CHECK(match_possible_with(&a, unit, TEXT_LITERAL("a"), &work_left));
    CHECK(!match_possible_with(&a, unit, TEXT_LITERAL("b"), &work_left));
    CHECK(match_possible_with(&a, TEXT_LITERAL("matter"), TEXT_LITERAL("b"), &work_left));
    CHECK(match_names(&a, unit));
    CHECK(!match_names(&a, TEXT_LITERAL("matter")));
    const struct match not_a = group(MATCH_NOT, &a, 1);
    CHECK(match_names(&not_a, unit));
}

static void work_is_bounded(void)
{
    const struct match both_values[] = {is("x", a_only, 1), is("x", b_only, 1)};
    const struct match match = group(MATCH_ALL, both_values, 2);
    const struct match_goal goal = {&match, false};
    int64_t work_left = 100;
    CHECK(!match_possible(&goal, 1, &work_left));
    CHECK(work_left < 100 && work_left > 0);
    work_left = 2;
    CHECK(match_possible(&goal, 1, &work_left));
    work_left = 0;
    CHECK(match_possible(&goal, 1, &work_left));
}

/* ---- against every case of a small world ---- */

#define DEPTH_MAX 3
#define NODES_MAX 64

/* Absent, all that conditions name, and one more behind each prefix: no other kind of value. */
static const struct text world_values[] = {
    {NULL, 0},     LITERAL("a"),  LITERAL("ab"),  LITERAL("abc"), LITERAL("b"),
    LITERAL("bc"), LITERAL("aq"), LITERAL("abq"), LITERAL("bq"),  LITERAL("z")};
#define VALUE_COUNT (sizeof world_values / sizeof world_values[0])
static const struct text pool[] = {LITERAL("a"),  LITERAL("ab"), LITERAL("abc"), LITERAL("b"),
                                   LITERAL("bc"), LITERAL("a*"), LITERAL("ab*"), LITERAL("b*")};
static const char *const paths[] = {"x", "y"};

struct grown {
    struct match nodes[NODES_MAX];
    size_t count;
    struct prng prng;
};

static struct match statement(struct grown *grown)
{
    const size_t from = prng_below(&grown->prng, 7);
    return is(paths[prng_below(&grown->prng, 2)], &pool[from], 1 + prng_below(&grown->prng, 2));
}

/* NOLINTNEXTLINE(misc-no-recursion): DEPTH_MAX deep */
static struct match grow(struct grown *grown, int depth)
{
    const uint64_t pick = prng_below(&grown->prng, 5);
    if (depth == 0 || pick < 2 || grown->count + 3 > NODES_MAX) {
        return statement(grown);
    }
    const enum match_kind kinds[] = {MATCH_ALL, MATCH_ANY, MATCH_NOT};
    const enum match_kind kind = kinds[pick - 2];
    const size_t count = kind == MATCH_NOT ? 1 : 1 + prng_below(&grown->prng, 3);
    struct match *children = &grown->nodes[grown->count];
    grown->count += count;
    for (size_t i = 0; i < count; i++) {
        children[i] = grow(grown, depth - 1);
    }
    return group(kind, children, count);
}

static size_t attributes_of(size_t x, size_t y, struct attribute attributes[static 2])
{
    size_t count = 0;
    if (world_values[x].ptr) {
        attributes[count++] = (struct attribute){text_of("x"), world_values[x]};
    }
    if (world_values[y].ptr) {
        attributes[count++] = (struct attribute){text_of("y"), world_values[y]};
    }
    return count;
}

/* In how many cases of the world `a` holds, and `a` without `b`. */
static void count_cases(const struct match *a, const struct match *b, int *ret_a, int *ret_only_a)
{
    *ret_a = 0;
    *ret_only_a = 0;
    for (size_t i = 0; i < VALUE_COUNT * VALUE_COUNT; i++) {
        struct attribute attributes[2];
        struct match_subject subject = {.attributes = attributes};
        subject.attribute_count = attributes_of(i / VALUE_COUNT, i % VALUE_COUNT, attributes);
        const bool holds = match_holds(a, &subject);
        *ret_a += holds;
        *ret_only_a += holds && !match_holds(b, &subject);
    }
}

static void what_is_said_is_so_in_every_case(void)
{
    struct grown grown;
    int impossible = 0;
    int implied = 0;
    prng_seed(&grown.prng, 20260302);
    for (int turn = 0; turn < 20000; turn++) {
        grown.count = 0;
        const struct match a = grow(&grown, DEPTH_MAX);
        const struct match b = grow(&grown, DEPTH_MAX);
        int cases = 0;
        int only = 0;
        count_cases(&a, &b, &cases, &only);
        impossible += cases == 0;
        implied += only == 0;
        CHECK_EQ(possible(a), cases > 0);
        CHECK_EQ(implies(&a, &b), only == 0);
    }
    CHECK(impossible > 100);
    CHECK(implied > 1000);
}

/* A million branches, and all of them end in x being two things at once. */
static void what_takes_too_long_is_called_possible(void)
{
    static const char *const many[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j",
                                       "k", "l", "m", "n", "o", "p", "q", "r", "s", "t"};
    struct match pairs[40];
    struct match all[22] = {is("x", a_only, 1), is("x", b_only, 1)};
    CHECK(!possible(group(MATCH_ALL, all, 2)));
    for (size_t i = 0; i < 20; i++) {
        pairs[2 * i] = is(many[i], a_only, 1);
        pairs[2 * i + 1] = is(many[i], b_only, 1);
        all[2 + i] = group(MATCH_ANY, &pairs[2 * i], 2);
    }
    CHECK(possible(group(MATCH_ALL, all, 22)));
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(two_values_of_one_path_exclude_each_other);
    CHECK_RUN(a_prefix_meets_what_begins_with_it);
    CHECK_RUN(nothing_is_what_it_is_not);
    CHECK_RUN(alternatives_are_all_tried);
    CHECK_RUN(the_narrower_implies_the_wider);
    CHECK_RUN(a_value_can_be_asked_for);
    CHECK_RUN(work_is_bounded);
    CHECK_RUN(what_is_said_is_so_in_every_case);
    CHECK_RUN(what_takes_too_long_is_called_possible);
    return check_done();
}
