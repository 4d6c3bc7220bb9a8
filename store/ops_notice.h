/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the service tells its operators about itself (settings `ops`): any role raises a trouble
 * and clears it again. Each is told once while it lasts, once more after every further day, and
 * when it is over; by another channel than the one that is dead. Instances that see the same
 * trouble make the same notice, which goes into a mailbox once. Without ops.notify nothing is
 * told and everything is only logged, as it is in any case.
 */
#ifndef NRT_STORE_OPS_NOTICE_H
#define NRT_STORE_OPS_NOTICE_H

#include "store/role.h"

enum ops_trouble {
    OPS_CHANNEL_CLOSED, /* by its fuse; subject: the channel, as in the next three */
    OPS_CREDENTIAL,     /* password, signature, funds */
    OPS_MESSAGES_DEAD,
    OPS_CANARY, /* no receipt in time */
    OPS_LATE,   /* the service's own lateness */
    OPS_STORM_BRAKE,
    OPS_SENDING_STOPPED, /* subject: what is stopped; empty: all */
    OPS_CALENDAR_YEAR,
    OPS_CONFIG_REFUSED,
    OPS_LEDGER,
    OPS_SEND_JOURNAL, /* subject: the instance */
    OPS_ROLE_MISSING, /* subject: the role */
    OPS_CERTIFICATE,  /* of a listener; it ends soon, or has */
    OPS_TROUBLE_COUNT
};
const char *ops_trouble_name(enum ops_trouble trouble);

#define OPS_SUBJECT_BYTES  64
#define OPS_WORDS_BYTES    320
#define OPS_EPISODES_A_DAY 4 /* of one trouble that comes and goes; later ones are not told */
#define OPS_AGAIN_MS       ((int64_t)24 * 3600 * 1000)

/* A trouble and its subject (may be empty) are one thing. `words`: one line for people, without
 * secrets or numbers, in the language of the operators' channel where it can be had. */
struct ops_words {
    const char *zh;
    const char *en; /* NULL: zh */
};

/* There is trouble, now; may be called as often as one likes. */
void ops_raise(
    struct role_env *env, enum ops_trouble trouble, struct text subject, struct ops_words words);
/* There is none (any more). */
void ops_clear(struct role_env *env, enum ops_trouble trouble, struct text subject);
/* Something happened that has no end to tell of: told at most once a day. */
void ops_happened(
    struct role_env *env, enum ops_trouble trouble, struct text subject, struct ops_words words);
/* Is it raised by this instance? */
bool ops_is_raised(const struct role_env *env, enum ops_trouble trouble, struct text subject);

/* Frees what the calls above made; the roles call it at their end. */
void ops_release(struct role_env *env);

#endif
