/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bucket is filled when it is looked at: a knock costs as many units as a minute has
 * milliseconds, so that filling needs no division. A name may stand in any of WAYS places behind
 * its hash.
 */
#include "console/rate.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"

#define BUCKETS    4096
#define WAYS       8
#define SALT_BYTES 16
#define KNOCK      INT64_C(60000)

struct bucket {
    uint64_t name; /* 0: free */
    int64_t at_ms;
    int64_t left;
};

struct rate {
    uint8_t salt[SALT_BYTES];
    struct bucket buckets[BUCKETS];
};

struct rate *rate_create(void)
{
    struct rate *rate = calloc(1, sizeof *rate);
    if (rate) {
        crypto_random(rate->salt, sizeof rate->salt);
    }
    return rate;
}

void rate_free(struct rate *rate)
{
    free(rate);
}

static uint64_t name_hash(const struct rate *rate, struct text name)
{
    uint8_t mac[SHA256_BYTES];
    uint64_t hash = 0;
    crypto_hmac_sha256((struct text){(const char *)rate->salt, SALT_BYTES}, name, mac);
    memcpy(&hash, mac, sizeof hash);
    return hash ? hash : 1;
}

/* The name's bucket, or the quietest of those it may take over. */
static struct bucket *bucket_find(struct rate *rate, uint64_t name)
{
    struct bucket *found = &rate->buckets[name % BUCKETS];
    for (uint64_t way = 0; way < WAYS; way++) {
        struct bucket *const bucket = &rate->buckets[(name + way) % BUCKETS];
        if (bucket->name == name) {
            return bucket;
        }
        if (bucket->at_ms < found->at_ms) {
            found = bucket;
        }
    }
    return found;
}

bool rate_take(
    struct rate *rate,
    struct text name,
    struct rate_limit limit,
    struct mono_ms now,
    int32_t *ret_wait_s)
{
    const uint64_t hash = name_hash(rate, name);
    const int64_t full = limit.burst * KNOCK;
    struct bucket *const bucket = bucket_find(rate, hash);
    if (bucket->name != hash) {
        *bucket = (struct bucket){.name = hash, .at_ms = now.ms, .left = full};
    }
    const int64_t passed_ms = now.ms > bucket->at_ms ? now.ms - bucket->at_ms : 0;
    const int64_t lacking = full - bucket->left;
    const bool filled = passed_ms > lacking / limit.per_minute;
    bucket->left += filled ? lacking : passed_ms * limit.per_minute;
    bucket->at_ms = now.ms;
    if (bucket->left >= KNOCK) {
        bucket->left -= KNOCK;
        return true;
    }
    *ret_wait_s = (int32_t)((KNOCK - bucket->left) / limit.per_minute / 1000) + 1;
    return false;
}
