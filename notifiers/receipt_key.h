/* SPDX-License-Identifier: Apache-2.0 */
/*
 * By what name a receipt and the message that waits for it meet in the store, and how much each
 * state says. Pure.
 */
#ifndef NRT_NOTIFIERS_RECEIPT_KEY_H
#define NRT_NOTIFIERS_RECEIPT_KEY_H

#include "base/arena.h"
#include "notifiers/channel.h"
#include "notifiers/course.h"

/* By our id; by the gateway's, which is unique within a channel only. .ptr NULL: out of memory. */
struct text receipt_key_of_message(struct arena *arena, struct text message);
struct text receipt_key_of_gateway(
    struct arena *arena, struct text channel, struct text gateway_id);

/* From 1; what says more has more. */
int32_t receipt_rank(enum receipt_state state);
enum course_known receipt_known(int32_t rank);
/* From here on, a message that waits is to be looked at. */
#define RECEIPT_RANK_TELLS 2

#endif
