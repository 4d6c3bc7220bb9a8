/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a mobile number to what a gateway calls its owner, where the directory has no such id: asked
 * of the gateway in the steps its type has, and kept in the send journal's file under a keyed hash
 * of the number (never the number), for 30 days; that nobody has the number, for one.
 */
#ifndef NRT_NOTIFIERS_LOOKUP_H
#define NRT_NOTIFIERS_LOOKUP_H

#include "base/arena.h"
#include "notifiers/channel.h"
#include "notifiers/fetch.h"
#include "notifiers/tokens.h"

struct lookups;

/* NULL when memory is out. */
struct lookups *lookups_create(struct notifier *notifier);
void lookups_free(struct lookups *lookups); /* accepts NULL */

struct lookup_question {
    const struct channel_settings *settings; /* of a type with lookup_steps */
    struct text mobile;
    struct token_given token;
    struct arena *arena; /* where the answer lives */
};
/*
 * FETCH_READY: ret_user is empty when nobody there has that number. FETCH_FAILED:
 * ret_failure says what became of the question. On the way: all jobs in JOB_FETCH are told.
 */
enum fetch_answer lookups_ask(
    struct lookups *lookups,
    const struct lookup_question *question,
    struct fetch_wait *wait,
    struct text *ret_user,
    struct outcome *ret_failure);
/* Is it known by now that nobody there has that number? Asks nobody. */
bool lookups_know_nobody(
    struct lookups *lookups, const struct channel_settings *settings, struct text mobile);

#endif
