/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the ledger knows of the channels: how many of their messages are under way or came to
 * nothing, and how many a gateway has taken.
 */
#ifndef NRT_CONSOLE_LEDGER_CHANNELS_H
#define NRT_CONSOLE_LEDGER_CHANNELS_H

#include "console/ledger_read.h"

/*
 * Counts by channel (word) and state (other) of messages that changed since `since_ms`: of those
 * not yet handed over or not received, and of those a gateway accepted since (state "accepted").
 */
enum err ledger_channel_counts(
    struct ledger *ledger, int64_t since_ms, ledger_count_fn *take, void *context) ERR_MUST_USE;

#endif
