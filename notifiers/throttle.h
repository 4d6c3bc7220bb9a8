/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast a channel may be used: the limits of its type and those of the settings hold together,
 * so the narrower one wins. They are counted in the store, over all notifiers. An urgent message
 * may use what is kept in reserve and goes before those that wait.
 */
#ifndef NRT_NOTIFIERS_THROTTLE_H
#define NRT_NOTIFIERS_THROTTLE_H

#include "notifiers/channel.h"
#include "store/store.h"

struct mail_job;
struct notifier;

/* What is counted for a message. */
struct throttle_of {
    const struct channel_settings *settings;
    const struct channel_type *type;
    struct text mailbox;
    struct text template_id; /* the vendor's, or ours */
    struct text text;
    bool urgent;
};
/* The limits in force, of one ask; their keys live in the arena. ERR_NO_MEMORY. */
enum err throttle_limits(
    const struct throttle_of *of,
    struct arena *arena,
    struct throttle_limit ret_limits[static STORE_LIMITS_MAX],
    size_t *ret_count) ERR_MUST_USE;

/* Does anything have to be asked before a message of this channel goes? */
bool throttle_is_needed(const struct mail_job *job);
/* It may go, but goes back: the place it was given is its own when it comes again. */
void throttle_keep_place(struct mail_job *job);
/* JOB_ASK: asks the store; what may go goes on, the others wait for their place. */
void throttle_ask_jobs(struct notifier *notifier);
/* The gateway said: too fast. Closes the job's mailbox, or the channel, for all notifiers. */
void throttle_heed(struct mail_job *job);

#endif
