/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Laws of standing in, on random directories full of leaves: whoever gets a message is there, or
 * nobody could be found the way leaves point; nobody is skipped on that way. A failure prints the
 * seed that makes it again (NRT_SIM_SEED=n runs it alone).
 */
#include <stdio.h>

#include "base/must.h"
#include "base/prng.h"
#include "rules/leave.h"
#include "tests/support/check.h"
#include "tests/support/seeds.h"

#define WORLDS 400
#define PEOPLE 14
#define LEAVES 3
#define DAYS   10

struct scene {
    struct arena arena;
    char ids[PEOPLE][24];
    struct person people[PEOPLE];
    struct leave leaves[PEOPLE][LEAVES];
    struct directory *directory;
};

/* How often each end of a walk was met: laws that never are would prove nothing. */
static int64_t stayed, replaced, stranded, lost;

static struct civil_day day_of(int64_t number)
{
    return (struct civil_day){.number = (int32_t)number};
}

static struct text id_of(const struct scene *scene, size_t person)
{
    return text_of(scene->ids[person]);
}

static void make_leaves(struct scene *scene, struct prng *prng, size_t person)
{
    struct person *row = &scene->people[person];
    row->leaves = scene->leaves[person];
    row->leave_count = prng_below(prng, LEAVES + 1);
    for (size_t i = 0; i < row->leave_count; i++) {
        struct leave *leave = &scene->leaves[person][i];
        leave->from = day_of(prng_range(prng, 0, DAYS - 1));
        leave->to = day_of(prng_range(prng, leave->from.number, DAYS - 1));
        if (!prng_one_in(prng, 5)) {
            leave->delegate = id_of(scene, prng_below(prng, PEOPLE));
        }
        if (prng_one_in(prng, 20)) {
            leave->delegate = TEXT_LITERAL("nobody");
        }
    }
}

static void scene_init(struct scene *scene, uint64_t seed)
{
    struct prng prng;
    check_note("seed %llu", (unsigned long long)seed);
    prng_seed(&prng, seed);
    *scene = (struct scene){0};
    arena_init(&scene->arena, 0);
    for (size_t i = 0; i < PEOPLE; i++) {
        (void)snprintf(scene->ids[i], sizeof(scene->ids[i]), "p%zu", i);
        scene->people[i].id = text_of(scene->ids[i]);
    }
    for (size_t i = 0; i < PEOPLE; i++) {
        if (!prng_one_in(&prng, 3)) {
            make_leaves(scene, &prng, i);
        }
    }
    scene->directory = directory_build(&scene->arena, NULL, 0, scene->people, PEOPLE);
    MUST(scene->directory);
}

static bool has_delegate(const struct scene *scene, struct text person, struct civil_day day)
{
    const struct leave *leave = leave_on(scene->directory, person, day);
    return leave && directory_person(scene->directory, leave->delegate);
}

/* Is `end` reached from the person by following leaves, in at most that many steps? */
static bool is_on_the_way(
    const struct scene *scene, struct text person, struct text end, struct civil_day day)
{
    for (int step = 0; step <= LEAVE_CHAIN_MAX; step++) {
        if (text_equal(person, end)) {
            return true;
        }
        if (!has_delegate(scene, person, day)) {
            return false;
        }
        person = leave_on(scene->directory, person, day)->delegate;
    }
    return false;
}

static void check_person(const struct scene *scene, struct text person, struct civil_day day)
{
    const struct text end = leave_stand_in(scene->directory, person, day);
    const struct leave *own = leave_on(scene->directory, person, day);
    if (!own) {
        stayed++;
        CHECK(text_equal(end, person));
        return;
    }
    CHECK(is_on_the_way(scene, person, end, day));
    if (!leave_on(scene->directory, end, day)) { /* somebody who is there was found */
        replaced++;
        CHECK(!text_equal(end, person));
        return;
    }
    if (!has_delegate(scene, end, day)) { /* on leave, and nobody named */
        stranded++;
        return;
    }
    lost++; /* round in a circle, or too long a way: with the person */
    CHECK(text_equal(end, person));
    struct text at = person;
    for (int step = 0; step < LEAVE_CHAIN_MAX; step++) {
        CHECK(has_delegate(scene, at, day));
        at = leave_on(scene->directory, at, day)->delegate;
    }
}

static void check_world(uint64_t seed)
{
    struct scene scene;
    scene_init(&scene, seed);
    for (int32_t day = -1; day <= DAYS; day++) {
        for (size_t person = 0; person < PEOPLE; person++) {
            check_person(&scene, id_of(&scene, person), day_of(day));
        }
        CHECK(text_is(
            leave_stand_in(scene.directory, TEXT_LITERAL("stranger"), day_of(day)), "stranger"));
    }
    arena_release(&scene.arena);
}

static void who_gets_the_message_is_there_or_nobody_could_be_found(void)
{
    const uint64_t only = seeds_only();
    const uint64_t count = only ? 1 : seeds_count(WORLDS);
    for (uint64_t i = 0; i < count; i++) {
        check_world(only ? only : i + 1);
    }
    if (!only) {
        CHECK_GE(stayed, 1);
        CHECK_GE(replaced, 1);
        CHECK_GE(stranded, 1);
        CHECK_GE(lost, 1);
    }
}

/* ---- the ends of walks, one by one ---- */

struct chain {
    struct arena arena;
    char ids[12][24];
    struct person people[12];
    struct leave leaves[12];
    struct directory *directory;
};

/* p0 -> p1 -> ... -> p(count - 1); the first `away` of them are on leave on day 5. */
static void chain_init(struct chain *chain, size_t count, size_t away, bool round)
{
    *chain = (struct chain){0};
    arena_init(&chain->arena, 0);
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(chain->ids[i], sizeof(chain->ids[i]), "p%zu", i);
        chain->people[i].id = text_of(chain->ids[i]);
    }
    for (size_t i = 0; i < away; i++) {
        const bool last = i + 1 == count;
        chain->leaves[i] = (struct leave){.from = day_of(5), .to = day_of(5)};
        if (!last || round) {
            chain->leaves[i].delegate = text_of(chain->ids[last ? 0 : i + 1]);
        }
        chain->people[i].leaves = &chain->leaves[i];
        chain->people[i].leave_count = 1;
    }
    chain->directory = directory_build(&chain->arena, NULL, 0, chain->people, count);
    MUST(chain->directory);
}

static const char *stand_in(const struct chain *chain, int32_t day)
{
    return leave_stand_in(chain->directory, TEXT_LITERAL("p0"), day_of(day)).ptr;
}

static void a_leave_counts_from_its_first_to_its_last_day(void)
{
    struct chain chain;
    chain_init(&chain, 2, 1, false);
    CHECK_STR(stand_in(&chain, 4), "p0");
    CHECK_STR(stand_in(&chain, 5), "p1");
    CHECK_STR(stand_in(&chain, 6), "p0");
    arena_release(&chain.arena);
}

static void eight_delegates_are_followed_and_not_a_ninth(void)
{
    struct chain chain;
    chain_init(&chain, 9, 8, false);
    CHECK_STR(stand_in(&chain, 5), "p8");
    arena_release(&chain.arena);
    chain_init(&chain, 10, 9, false);
    CHECK_STR(stand_in(&chain, 5), "p0");
    arena_release(&chain.arena);
}

static void a_circle_of_leaves_leaves_it_with_the_person(void)
{
    struct chain chain;
    chain_init(&chain, 3, 3, true);
    CHECK_STR(stand_in(&chain, 5), "p0");
    arena_release(&chain.arena);
}

static void nobody_named_is_the_end_of_the_way(void)
{
    struct chain chain;
    chain_init(&chain, 3, 3, false);
    CHECK_STR(stand_in(&chain, 5), "p2");
    arena_release(&chain.arena);
}

int main(void)
{
    CHECK_RUN(who_gets_the_message_is_there_or_nobody_could_be_found);
    CHECK_RUN(a_leave_counts_from_its_first_to_its_last_day);
    CHECK_RUN(eight_delegates_are_followed_and_not_a_ninth);
    CHECK_RUN(a_circle_of_leaves_leaves_it_with_the_person);
    CHECK_RUN(nobody_named_is_the_end_of_the_way);
    return check_done();
}
