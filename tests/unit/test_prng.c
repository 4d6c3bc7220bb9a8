/* SPDX-License-Identifier: Apache-2.0 */
/* The seeded generator: the published sequence, and bounds without bias. */
#include "base/prng.h"
#include "tests/support/check.h"

static void the_sequence_is_the_published_one(void)
{
    /* xoshiro256** from the state 1, 2, 3, 4: the first outputs of the reference code. */
    struct prng prng = {.state = {1, 2, 3, 4}};
    CHECK_EQ(prng_next(&prng), 11520);
    CHECK_EQ(prng_next(&prng), 0);
    CHECK_EQ(prng_next(&prng), 1509978240);
    CHECK_EQ(prng_next(&prng), INT64_C(1215971899390074240));
    /* splitmix64 from the seed 0. */
    prng_seed(&prng, 0);
    CHECK(prng.state[0] == UINT64_C(0xe220a8397b1dcdaf));
    CHECK(prng.state[1] == UINT64_C(0x6e789e6aa1b965f4));
}

static void one_seed_gives_one_sequence(void)
{
    struct prng a;
    struct prng b;
    struct prng other;
    prng_seed(&a, 42);
    prng_seed(&b, 42);
    prng_seed(&other, 43);
    int different = 0;
    for (int i = 0; i < 1000; i++) {
        const uint64_t drawn = prng_next(&a);
        CHECK(drawn == prng_next(&b));
        different += drawn != prng_next(&other);
    }
    CHECK_GE(different, 999);
}

static void bounded_draws_are_even(void)
{
    struct prng prng;
    int counts[6] = {0};
    prng_seed(&prng, 6);
    for (int i = 0; i < 60000; i++)
        counts[prng_below(&prng, 6)]++;
    for (int i = 0; i < 6; i++) {
        CHECK_GE(counts[i], 9600); /* 10000 expected, standard deviation 91 */
        CHECK_GE(10400, counts[i]);
    }
}

static void a_range_reaches_both_ends(void)
{
    struct prng prng;
    bool low = false;
    bool high = false;
    prng_seed(&prng, 9);
    for (int i = 0; i < 1000; i++) {
        const int64_t drawn = prng_range(&prng, -3, 3);
        CHECK(drawn >= -3 && drawn <= 3);
        low = low || drawn == -3;
        high = high || drawn == 3;
    }
    CHECK(low && high);
    CHECK_EQ(prng_range(&prng, 5, 5), 5);
    (void)prng_range(&prng, INT64_MIN, INT64_MAX);
    CHECK(prng_one_in(&prng, 1));
}

int main(void)
{
    CHECK_RUN(the_sequence_is_the_published_one);
    CHECK_RUN(one_seed_gives_one_sequence);
    CHECK_RUN(bounded_draws_are_even);
    CHECK_RUN(a_range_reaches_both_ends);
    return check_done();
}
