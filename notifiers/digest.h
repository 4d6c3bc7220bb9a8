/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several messages of one mailbox as one: which may go together, and in which window. What is said
 * of them is the business of compose_digest.c. Pure: data and instants are handed in.
 */
#ifndef NRT_NOTIFIERS_DIGEST_H
#define NRT_NOTIFIERS_DIGEST_H

#include "notifiers/channel.h"
#include "notifiers/entry.h"

/* A channel and its type; both may be NULL: nothing is gathered there. */
struct digest_place {
    const struct channel_settings *settings;
    const struct channel_type *type;
};

/* The length of the windows, 0: none; a channel of one call for many gathers what is there. */
int64_t digest_window(const struct digest_place *place);
/*
 * May it go together with others? Not what is urgent or an act of people (unless one call has to
 * do for many), a notice, a test, or what may have been sent already: that is repeated as it was.
 */
bool digest_takes(const struct digest_place *place, const struct mail_entry *entry);
/* From when on something ready at that instant may be gathered; ms 0: it goes alone. */
struct wall_ms digest_from(
    const struct digest_place *place, const struct mail_entry *entry, struct wall_ms ready);

/*
 * One entry for these messages, which it keeps in order of their ids; `to` are all people of a
 * group's, and the receivers of one call for many. With the course of the parts: the most attempts,
 * the first of them. ERR_NO_MEMORY.
 */
enum err digest_make(
    const struct entry_member *members,
    size_t count,
    struct arena *arena,
    struct mail_entry *ret_digest) ERR_MUST_USE;
/* What is not written down with a digest but follows from its members: `to`. ERR_NO_MEMORY. */
enum err digest_fill(struct mail_entry *digest, struct arena *arena) ERR_MUST_USE;

#endif
