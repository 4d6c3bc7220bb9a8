/* SPDX-License-Identifier: Apache-2.0 */
/* Who a role means, and who hears when it means nobody. */
#include <string.h>

#include "rules/directory.h"
#include "tests/support/check.h"
#include "tests/support/rule_world.h"

static struct rule_world world;

static const char *names(const struct people_list *people)
{
    struct buf buf;
    buf_init(&buf, 4096);
    for (size_t i = 0; i < people->count; i++) {
        buf_string(&buf, i > 0 ? "," : "");
        buf_text(&buf, people->ids[i]);
    }
    buf_string(&buf, people->fault ? "!" : "");
    const char *text = arena_string(&world.arena, buf_view(&buf));
    buf_release(&buf);
    return text;
}

static const char *who_in(
    const struct directory *directory, const char *role, const char *unit, const char *handler)
{
    struct role parsed;
    struct people_list people;
    const struct role_subject subject = {
        .unit = text_of(unit), .handler = text_of(handler), .matter = text_of("m1.1")};
    CHECK(role_parse(text_of(role), &parsed, NULL) == ERR_OK);
    CHECK(directory_resolve(directory, &parsed, 1, &subject, &world.arena, &people) == ERR_OK);
    return names(&people);
}

static const char *who(const char *role, const char *unit, const char *handler)
{
    return who_in(world.policy.directory, role, unit, handler);
}

static void roles_of_the_unit_are_its_people(void)
{
    CHECK_STR(who("unit_head", "d1", "d1-a"), "d1-head");
    CHECK_STR(who("leader", "d1", "d1-a"), "gov-head");
    CHECK_STR(who("clerk", "d1", "d1-a"), "d1-clerk");
    CHECK_STR(who("parent_head", "d1", "d1-a"), "gov-head");
    CHECK_STR(who("up:1", "d1", "d1-a"), "gov-head");
    CHECK_STR(who("person:ov-2", "d1", "d1-a"), "ov-2");
    CHECK_STR(who("unit:d2", "d1", "d1-a"), "d2-head");
    CHECK_STR(who("oversight", "d1", "d1-a"), "ov-1,ov-2");
}

static void an_unknown_handler_is_the_clerk(void)
{
    CHECK_STR(who("handler", "d1", "d1-b"), "d1-b");
    CHECK_STR(who("handler", "d1", "gone"), "d1-clerk");
    CHECK_STR(who("handler", "d1", ""), "d1-clerk");
}

static void a_role_that_means_nobody_falls_to_the_parent_then_to_oversight(void)
{
    CHECK_STR(who("handler", "d2", ""), "gov-head!");
    CHECK_STR(who("deputy_head", "d1", "d1-a"), "gov-head!");
    CHECK_STR(who("up:3", "d1", "d1-a"), "gov-head!");
    CHECK_STR(who("parent_head", "gov", ""), "ov-1,ov-2!");
    CHECK_STR(who("unit_head", "nowhere", "nobody"), "ov-1,ov-2!");
    CHECK_STR(who("person:gone", "d1", "d1-a"), "gov-head!");
    CHECK_STR(who("unit:gone", "d1", "d1-a"), "gov-head!");
    CHECK_STR(who("matter_owner", "d1", "d1-a"), "gov-head!");
}

static void people_are_sorted_and_named_once(void)
{
    static const char *const words[] = {"oversight", "unit_head", "handler", "person:d1-head"};
    struct role roles[4];
    struct people_list people;
    const struct role_subject subject = {.unit = text_of("d1"), .handler = text_of("d1-head")};
    for (size_t i = 0; i < 4; i++)
        CHECK(role_parse(text_of(words[i]), &roles[i], NULL) == ERR_OK);
    CHECK(
        directory_resolve(world.policy.directory, roles, 4, &subject, &world.arena, &people) ==
        ERR_OK);
    CHECK_STR(names(&people), "d1-head,ov-1,ov-2");
}

/* Two oversight units: one for d1 and what is below it, one that watches nothing. */
static const struct directory *with_lists(void)
{
    static const struct text for_gov[] = {{"mid", 3}};
    static const struct unit units[] = {
        {.id = {"top", 3}},
        {.id = {"mid", 3}, .parent = {"top", 3}},
        {.id = {"low", 3}, .parent = {"mid", 3}},
        {.id = {"ring", 4}, .parent = {"ring", 4}},
        {.id = {"o1", 2},
         .head = {"p1", 2},
         .oversight = true,
         .oversees = for_gov,
         .oversees_count = 1,
         .oversees_given = true},
        {.id = {"o2", 2}, .head = {"p2", 2}, .oversight = true, .oversees_given = true},
    };
    static const struct person people[] = {{.id = {"p1", 2}}, {.id = {"p2", 2}}};
    return directory_build(&world.arena, units, 6, people, 2);
}

static void oversight_is_by_the_unit_or_one_above_it(void)
{
    const struct directory *directory = with_lists();
    CHECK_STR(who_in(directory, "oversight", "mid", ""), "p1");
    CHECK_STR(who_in(directory, "oversight", "low", ""), "p1");
    CHECK_STR(who_in(directory, "oversight", "top", ""), "p1,p2!");
    CHECK_STR(who_in(directory, "unit_head", "low", ""), "p1!");
}

static void a_ring_of_parents_does_not_hang(void)
{
    const struct directory *directory = with_lists();
    CHECK_STR(who_in(directory, "up:32", "ring", ""), "p1,p2!");
    CHECK_STR(who_in(directory, "oversight", "ring", ""), "p1,p2!");
}

static void an_empty_directory_means_nobody_and_says_so(void)
{
    const struct directory *directory = directory_build(&world.arena, NULL, 0, NULL, 0);
    CHECK_STR(who_in(directory, "unit_head", "d1", "x"), "!");
}

static void the_owner_of_a_matter_or_of_its_main_item(void)
{
    static const struct matter matters[] = {
        {.id = {"m1", 2}, .owner = {"ov-1", 4}},
        {.id = {"m1.1", 4}, .parent = {"m1", 2}},
        {.id = {"m1.2", 4}, .parent = {"m1", 2}, .owner = {"ov-2", 4}},
    };
    struct rule_world own;
    world_init(&own, WORLD_SHANGHAI);
    const struct unit unit = {.id = {"d1", 2}};
    const struct person people[] = {{.id = {"ov-1", 4}}, {.id = {"ov-2", 4}}};
    struct directory *directory = directory_build(&own.arena, &unit, 1, people, 2);
    CHECK(directory_set_matters(directory, &own.arena, matters, 3));
    CHECK(directory_matter(directory, text_of("m1.2")) == &matters[2]);
    CHECK(!directory_matter(directory, text_of("m2")));
    CHECK_STR(who_in(directory, "matter_owner", "d1", ""), "ov-1");
    world_release(&own);
}

static void wrong_roles_are_refused_and_the_known_ones_named(void)
{
    static const char *const wrong[] = {"",    "head",    "up:0",  "up:x",
                                        "up:", "person:", "unit:", "UP"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct role role;
        struct err_why why = {0};
        check_note("\"%s\"", wrong[i]);
        CHECK_EQ(role_parse(text_of(wrong[i]), &role, &why), ERR_PARSE);
        CHECK(strlen(why.text) > 10);
    }
}

int main(int argc, char **argv)
{
    world_init(&world, WORLD_SHANGHAI);
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(roles_of_the_unit_are_its_people);
    CHECK_RUN(an_unknown_handler_is_the_clerk);
    CHECK_RUN(a_role_that_means_nobody_falls_to_the_parent_then_to_oversight);
    CHECK_RUN(people_are_sorted_and_named_once);
    CHECK_RUN(oversight_is_by_the_unit_or_one_above_it);
    CHECK_RUN(a_ring_of_parents_does_not_hang);
    CHECK_RUN(an_empty_directory_means_nobody_and_says_so);
    CHECK_RUN(the_owner_of_a_matter_or_of_its_main_item);
    CHECK_RUN(wrong_roles_are_refused_and_the_known_ones_named);
    world_release(&world);
    return check_done();
}
