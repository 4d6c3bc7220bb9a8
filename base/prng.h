/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small seeded pseudo-random generator (splitmix64 into xoshiro256**) for jitter, tests and
 * simulation: one seed gives the same run everywhere. Not for secrets: crypto_random is.
 */
#ifndef NRT_BASE_PRNG_H
#define NRT_BASE_PRNG_H

#include <stdbool.h>
#include <stdint.h>

struct prng {
    uint64_t state[4];
};

void prng_seed(struct prng *prng, uint64_t seed);
uint64_t prng_next(struct prng *prng);
/* Uniform in 0..bound-1, without bias; bound > 0. */
uint64_t prng_below(struct prng *prng, uint64_t bound);
/* Uniform in low..high, both included. */
int64_t prng_range(struct prng *prng, int64_t low, int64_t high);
/* True once in n times. */
bool prng_one_in(struct prng *prng, uint64_t n);

#endif
