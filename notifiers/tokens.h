/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Access tokens, one for each channel whose type wants one: fetched before the first message, again
 * some minutes before they end, and once after the gateway has refused one. In memory only:
 * never in a log, the journal, the store.
 */
#ifndef NRT_NOTIFIERS_TOKENS_H
#define NRT_NOTIFIERS_TOKENS_H

#include "notifiers/channel.h"
#include "notifiers/fetch.h"

struct notifier;
struct tokens;

/* NULL when memory is out. */
struct tokens *tokens_create(struct notifier *notifier);
void tokens_free(struct tokens *tokens); /* accepts NULL */

struct token_given {
    struct text text; /* valid until the loop turns; empty where the type wants none */
    int64_t number;   /* which token this is */
};
/*
 * FETCH_FAILED: ret_failure says why the gateway gave none; the channel's fuse has heard of it. On
 * the way: jobs of the channel in JOB_FETCH are told when it is there.
 */
enum fetch_answer tokens_ask(
    struct tokens *tokens,
    const struct channel_settings *settings,
    struct fetch_wait *wait,
    struct token_given *ret_given,
    struct outcome *ret_failure);
/*
 * What came of a request made with that token. CAUSE_TOKEN becomes CAUSE_CREDENTIAL when the token
 * had been fetched because the one before was refused: the credentials are what is wrong.
 */
void tokens_answered(
    struct tokens *tokens,
    const struct channel_settings *settings,
    int64_t number,
    struct outcome *outcome);

#endif
