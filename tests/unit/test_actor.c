/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From roles to rights, and from units to scopes.
 */
#include <string.h>

#include "console/actor.h"
#include "rules/directory.h"
#include "tests/support/check.h"

#define WORD(string)                                                                               \
    {                                                                                              \
        .ptr = (string), .bytes = sizeof(string) - 1                                               \
    }

/* city: county: town, county2; city2; office oversees county; hall oversees nothing; bureau all. */
static const struct text county[] = {WORD("county")};
static const struct unit units[] = {
    {.id = WORD("city")},
    {.id = WORD("county"), .parent = WORD("city")},
    {.id = WORD("town"), .parent = WORD("county")},
    {.id = WORD("county2"), .parent = WORD("city")},
    {.id = WORD("city2")},
    {.id = WORD("office"), .oversees = county, .oversees_count = 1, .oversees_given = true},
    {.id = WORD("hall"), .oversees_given = true},
    {.id = WORD("bureau"), .oversight = true},
};

static struct arena arena;
static const struct directory *directory;

static struct actor account(uint32_t roles, const char *unit)
{
    struct actor actor = {.kind = ACTOR_SESSION, .roles = roles, .unit = text_of(unit)};
    actor_set_rights(&actor);
    CHECK_EQ(actor_set_scope(&actor, directory, &arena), ERR_OK);
    return actor;
}

static uint32_t bit(int number)
{
    return UINT32_C(1) << number;
}

static const char *units_of(const struct scope *scope)
{
    return scope->all ? "all" : scope->units.ptr;
}

static void a_unit_sees_itself_and_all_below(void)
{
    const struct actor actor = account(bit(DUTY_UNIT), "county");
    CHECK_STR(units_of(&actor.scope), "[\"county\",\"town\"]");
    CHECK(scope_has(&actor.scope, TEXT_LITERAL("town")));
    CHECK(!scope_has(&actor.scope, TEXT_LITERAL("city")));
    CHECK(!scope_has(&actor.scope, TEXT_LITERAL("county2")));
    CHECK(!scope_has(&actor.scope, TEXT_LITERAL("")));
    CHECK(scope_has(actor_scope(&actor, RIGHT_WORK), TEXT_LITERAL("town")));
}

static void a_unit_that_the_directory_does_not_know_sees_itself(void)
{
    const struct actor actor = account(bit(DUTY_UNIT), "gone");
    CHECK_STR(units_of(&actor.scope), "[\"gone\"]");
}

static void without_a_unit_a_unit_account_sees_nothing(void)
{
    const struct actor actor = account(bit(DUTY_UNIT), "");
    CHECK_STR(units_of(&actor.scope), "[]");
    CHECK_STR(units_of(&actor.own), "[]");
}

static void oversight_sees_what_its_unit_oversees_and_its_own(void)
{
    const struct actor office = account(bit(DUTY_OVERSIGHT), "office");
    CHECK_STR(units_of(&office.area), "[\"county\",\"office\",\"town\"]");
    CHECK_STR(units_of(&office.scope), "[\"county\",\"office\",\"town\"]");
    const struct actor hall = account(bit(DUTY_OVERSIGHT), "hall");
    CHECK_STR(units_of(&hall.scope), "[\"hall\"]");
    const struct actor bureau = account(bit(DUTY_OVERSIGHT), "bureau");
    CHECK_STR(units_of(&bureau.scope), "all");
    const struct actor unbound = account(bit(DUTY_OVERSIGHT), "");
    CHECK_STR(units_of(&unbound.scope), "all");
    const struct actor lost = account(bit(DUTY_OVERSIGHT), "gone");
    CHECK_STR(units_of(&lost.scope), "[\"gone\"]");
}

static void the_others_see_all_and_work_nowhere(void)
{
    const int wide[] = {DUTY_OPS, DUTY_APPROVER, DUTY_AUDITOR};
    for (size_t index = 0; index < sizeof(wide) / sizeof(wide[0]); index++) {
        const struct actor actor = account(bit(wide[index]), "county");
        CHECK_STR(units_of(&actor.scope), "all");
        CHECK_STR(units_of(actor_scope(&actor, RIGHT_OVERSEE)), "[]");
        CHECK(!actor_can(&actor, RIGHT_WORK));
    }
    const struct actor admin = account(bit(DUTY_ADMIN), "county");
    CHECK_STR(units_of(&admin.scope), "[]");
    CHECK(!actor_can(&admin, RIGHT_READ));
}

/* Who reads all because of one role does a unit's work in the own unit only because of another. */
static void a_second_role_widens_what_is_seen_not_where_work_is_done(void)
{
    const struct actor actor = account(bit(DUTY_UNIT) | bit(DUTY_AUDITOR), "county");
    CHECK_STR(units_of(&actor.scope), "all");
    CHECK_STR(units_of(actor_scope(&actor, RIGHT_WORK)), "[\"county\",\"town\"]");
    CHECK_STR(units_of(actor_scope(&actor, RIGHT_REGISTER)), "[\"county\",\"town\"]");
    CHECK(actor_can(&actor, RIGHT_AUDIT_READ));
}

static void nobody_may_and_sees_nothing(void)
{
    struct actor actor = {.kind = ACTOR_NOBODY, .roles = UINT32_MAX};
    actor_set_rights(&actor);
    CHECK_EQ(actor_set_scope(&actor, directory, &arena), ERR_OK);
    for (int right = 0; right < RIGHT_COUNT; right++) {
        CHECK(!actor_can(&actor, (enum right)right));
    }
    CHECK_STR(units_of(&actor.scope), "[]");
}

static void the_service_may_and_sees_all(void)
{
    struct actor actor = {.kind = ACTOR_SERVICE};
    actor_set_rights(&actor);
    CHECK_EQ(actor_set_scope(&actor, directory, &arena), ERR_OK);
    for (int right = 0; right < RIGHT_COUNT; right++) {
        CHECK(actor_can(&actor, (enum right)right));
    }
    CHECK(scope_has(&actor.scope, TEXT_LITERAL("anything")));
    CHECK(actor_speaks_for_others(&actor));
}

static void a_token_has_the_rights_it_was_given_in_its_unit(void)
{
    struct actor actor = {
        .kind = ACTOR_TOKEN, .rights = bit(RIGHT_READ), .unit = TEXT_LITERAL("county")};
    actor_set_rights(&actor);
    CHECK_EQ(actor_set_scope(&actor, directory, &arena), ERR_OK);
    CHECK(actor_can(&actor, RIGHT_READ));
    CHECK(!actor_can(&actor, RIGHT_OPERATE));
    CHECK_STR(units_of(&actor.scope), "[\"county\",\"town\"]");
    CHECK(!actor_speaks_for_others(&actor));
    actor.unit = (struct text){0};
    CHECK_EQ(actor_set_scope(&actor, directory, &arena), ERR_OK);
    CHECK_STR(units_of(&actor.scope), "all");
}

static void a_token_of_a_unit_has_no_right_over_the_whole_service(void)
{
    struct actor actor = {
        .kind = ACTOR_TOKEN, .rights = UINT32_MAX, .unit = TEXT_LITERAL("county")};
    actor_set_rights(&actor);
    CHECK(actor_can(&actor, RIGHT_READ));
    CHECK(actor_can(&actor, RIGHT_OVERSEE));
    const enum right whole[] = {RIGHT_OPERATE,    RIGHT_APPROVE, RIGHT_CONFIG_READ,
                                RIGHT_AUDIT_READ, RIGHT_PEOPLE,  RIGHT_HEALTH};
    for (size_t index = 0; index < sizeof(whole) / sizeof(whole[0]); index++) {
        CHECK(!actor_can(&actor, whole[index]));
    }
}

static void units_that_stand_above_each_other_do_not_hang_it(void)
{
    static const struct unit ring[] = {
        {.id = WORD("a"), .parent = WORD("b")},
        {.id = WORD("b"), .parent = WORD("a")},
    };
    struct actor actor = {
        .kind = ACTOR_SESSION, .roles = bit(DUTY_UNIT), .unit = TEXT_LITERAL("c")};
    const struct directory *rings = directory_build(&arena, ring, 2, NULL, 0);
    CHECK_EQ(actor_set_scope(&actor, rings, &arena), ERR_OK);
    CHECK_STR(units_of(&actor.scope), "[\"c\"]");
}

static void words_and_bits_lead_back_to_each_other(void)
{
    for (int right = RIGHT_NONE + 1; right < RIGHT_COUNT; right++) {
        enum right back = RIGHT_NONE;
        CHECK(right_parse(text_of(right_name((enum right)right)), &back));
        CHECK_EQ(back, right);
    }
    for (int duty = 0; duty < DUTY_COUNT; duty++) {
        enum duty back = DUTY_COUNT;
        CHECK(duty_parse(text_of(duty_name((enum duty)duty)), &back));
        CHECK_EQ(back, duty);
        CHECK_EQ(roles_rights(bit(duty)), duty_rights((enum duty)duty));
    }
    enum right right = RIGHT_NONE;
    enum duty duty = DUTY_COUNT;
    CHECK(!right_parse(TEXT_LITERAL(""), &right));
    CHECK(!duty_parse(TEXT_LITERAL("root"), &duty));
}

/* Nobody who drafts may approve by the same role, and who keeps the accounts sees no case. */
static void duties_are_apart(void)
{
    CHECK((duty_rights(DUTY_OPS) & bit(RIGHT_APPROVE)) == 0);
    CHECK((duty_rights(DUTY_APPROVER) & bit(RIGHT_OPERATE)) == 0);
    CHECK((duty_rights(DUTY_ADMIN) & (bit(RIGHT_READ) | bit(RIGHT_AUDIT_READ))) == 0);
    for (int duty = 0; duty < DUTY_COUNT; duty++) {
        CHECK(duty == DUTY_ADMIN || (duty_rights((enum duty)duty) & bit(RIGHT_PEOPLE)) == 0);
        CHECK(duty == DUTY_AUDITOR || (duty_rights((enum duty)duty) & bit(RIGHT_AUDIT_READ)) == 0);
    }
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    arena_init(&arena, 0);
    directory = directory_build(&arena, units, sizeof(units) / sizeof(units[0]), NULL, 0);
    CHECK_RUN(a_unit_sees_itself_and_all_below);
    CHECK_RUN(a_unit_that_the_directory_does_not_know_sees_itself);
    CHECK_RUN(without_a_unit_a_unit_account_sees_nothing);
    CHECK_RUN(oversight_sees_what_its_unit_oversees_and_its_own);
    CHECK_RUN(the_others_see_all_and_work_nowhere);
    CHECK_RUN(a_second_role_widens_what_is_seen_not_where_work_is_done);
    CHECK_RUN(nobody_may_and_sees_nothing);
    CHECK_RUN(the_service_may_and_sees_all);
    CHECK_RUN(a_token_has_the_rights_it_was_given_in_its_unit);
    CHECK_RUN(a_token_of_a_unit_has_no_right_over_the_whole_service);
    CHECK_RUN(units_that_stand_above_each_other_do_not_hang_it);
    CHECK_RUN(words_and_bits_lead_back_to_each_other);
    CHECK_RUN(duties_are_apart);
    arena_release(&arena);
    return check_done();
}
