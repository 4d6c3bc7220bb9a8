/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes from something that is not quite Redis. Whatever they are: refused, or replies whose
 * accessors stay inside them, whole or cut anywhere.
 */
#include <stdint.h>

#include "base/must.h"
#include "store/redis_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count);

/* Reads every byte of what the accessors give, so that a wrong length shows. */
static uint64_t look_at(const struct redisReply *reply)
{
    const struct text text = redis_reply_text(reply);
    int64_t number = 0;
    uint64_t sum = redis_reply_i64(reply, &number) == ERR_OK ? (uint64_t)number : 0;
    for (size_t i = 0; i < text.bytes; i++)
        sum += (unsigned char)text.ptr[i];
    MUST(!redis_reply_at(reply, redis_reply_count(reply)));
    if (redis_reply_kind(reply) == REDIS_ERROR) {
        struct err_why why;
        MUST(redis_error_read(text, &why) != ERR_OK);
    }
    return sum;
}

/* The parser allows a few levels only, so three are enough to look at. */
static uint64_t look_into(const struct redisReply *reply)
{
    uint64_t sum = look_at(reply);
    for (size_t i = 0; i < redis_reply_count(reply); i++) {
        const struct redisReply *const item = redis_reply_at(reply, i);
        sum += look_at(item);
        for (size_t k = 0; k < redis_reply_count(item); k++)
            sum += look_at(redis_reply_at(item, k));
    }
    return sum;
}

static bool take_replies(struct redis_wire *wire, uint64_t *sum)
{
    for (;;) { /* ends: each turn takes bytes that were fed */
        struct redisReply *reply = NULL;
        if (redis_wire_next(wire, &reply, NULL))
            return false;
        if (!reply)
            return true;
        *sum += look_into(reply);
        redis_reply_free(reply);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count)
{
    const size_t cut = byte_count ? bytes[0] % (byte_count + 1) : 0;
    const char *const text = (const char *)bytes;
    uint64_t sum = 0;
    struct redis_wire *const wire = redis_wire_create();
    MUST(wire);
    if (redis_wire_feed(wire, text, cut) == ERR_OK && take_replies(wire, &sum) &&
        redis_wire_feed(wire, text + cut, byte_count - cut) == ERR_OK) {
        (void)take_replies(wire, &sum);
    }
    redis_wire_free(wire);
    return sum == UINT64_MAX ? 1 : 0; /* uses what was read */
}
