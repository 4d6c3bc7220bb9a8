/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many seeds a seeded test runs, and which: NRT_SIM_SEEDS and NRT_SIM_SEED from outside, a
 * tenth of the usual under the sanitizers (they cost as much), ten times as many with NRT_LONG.
 */
#ifndef NRT_TESTS_SUPPORT_SEEDS_H
#define NRT_TESTS_SUPPORT_SEEDS_H

#include <stdint.h>

/* The number of seeds to run where `usual` is that of an ordinary ./check. */
uint64_t seeds_count(uint64_t usual);
/* The one seed asked for, 0 for none. */
uint64_t seeds_only(void);

#endif
