/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An SMS gateway that misbehaves from a seed: takes messages, refuses, is away, takes one and
 * loses its answer. It outlives the senders that crash, and remembers what it took.
 */
#ifndef NRT_TESTS_SUPPORT_SIM_GATEWAY_H
#define NRT_TESTS_SUPPORT_SIM_GATEWAY_H

#include "base/prng.h"
#include "notifiers/http.h"
#include "store/loop.h"

struct sim_gateway;

/* trouble_one_in: of so many posts one goes wrong in some way; 0: none does. */
struct sim_gateway *sim_gateway_create(uint64_t seed, uint64_t trouble_one_in);
void sim_gateway_free(struct sim_gateway *gateway);
/* One sender's line to it; freed through its ops. */
struct http_engine *sim_gateway_engine(struct sim_gateway *gateway, struct loop *loop);

/* Messages taken, each with its identity and a hash of the bytes sent. */
struct sim_taken {
    char id[64];
    uint64_t bytes_hash;
};
const struct sim_taken *sim_gateway_taken(const struct sim_gateway *gateway, size_t *ret_count);
size_t sim_gateway_lost_answers(const struct sim_gateway *gateway);

#endif
