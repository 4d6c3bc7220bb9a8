/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key is CHANNEL:NAME, with an empty channel for our own ids, which are unique everywhere. Never
 * a number of a person.
 */
#include "notifiers/receipt_key.h"

#define KEY_BYTES_MAX 4096

struct text receipt_key_of_message(struct arena *arena, struct text message)
{
    return receipt_key_of_gateway(arena, (struct text){0}, message);
}

struct text receipt_key_of_gateway(struct arena *arena, struct text channel, struct text gateway_id)
{
    struct buf buf;
    struct text key = {0};
    buf_init(&buf, KEY_BYTES_MAX);
    buf_text(&buf, channel);
    buf_char(&buf, ':');
    buf_text(&buf, gateway_id);
    if (!buf.error) {
        key = arena_text(arena, buf_view(&buf));
    }
    buf_release(&buf);
    return key;
}

int32_t receipt_rank(enum receipt_state state)
{
    static const int32_t ranks[RECEIPT_STATE_COUNT] = {
        [RECEIPT_QUEUED] = 1,
        [RECEIPT_UNDELIVERED] = RECEIPT_RANK_TELLS,
        [RECEIPT_DELIVERED] = 3,
        [RECEIPT_READ] = 4,
    };
    return state < RECEIPT_STATE_COUNT ? ranks[state] : ranks[RECEIPT_QUEUED];
}

enum course_known receipt_known(int32_t rank)
{
    static const enum course_known known[] = {
        COURSE_NOTHING, COURSE_NOTHING, COURSE_UNDELIVERED, COURSE_DELIVERED, COURSE_READ,
    };
    return rank >= 0 && rank < (int32_t)(sizeof(known) / sizeof(known[0])) ? known[rank]
                                                                           : COURSE_NOTHING;
}
