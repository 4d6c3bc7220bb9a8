/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The applied configuration inside of a process, shared by store/role_policy.c (reading and
 * following versions) and store/role_apply.c (making the next one).
 */
#ifndef NRT_STORE_ROLE_POLICY_H
#define NRT_STORE_ROLE_POLICY_H

#include "store/role_apply.h"
#include "store/role_kinds.h"

#define POLICY_ARRAYS_MAX 32 /* each has twice the room of the one before */

enum policy_doing { DOING_NOTHING, DOING_NEWEST, DOING_OLDER, DOING_APPLY };

struct role_policy {
    struct role_policy_options options;
    struct loop_timer *again;
    enum policy_doing doing;
    bool begun;
    bool is_ready;
    bool look_again;     /* somebody asked while we were busy */
    bool reload_asked;   /* the files are to be read once more after what is under way */
    bool reload_waiting; /* `reload` stands in the queue */
    struct reload_state state;
    int64_t newest_version;  /* to be had */
    struct bundle **bundles; /* [i] is version i + 1 */
    const struct policy **policies;
    size_t policies_room;
    const struct policy **outgrown[POLICY_ARRAYS_MAX]; /* a thread may still read them */
    size_t outgrown_count;
    size_t count;

    /* What is applied now (NULL: nothing) and what waits for its turn. */
    struct role_apply *current;
    struct role_apply *first;
    struct role_apply **last;
    size_t waiting;
    struct report report;     /* of the current one */
    int64_t applied_version;  /* of the current one, once the store has it */
    struct role_apply reload; /* the files again */
};

/* Try again in a moment (store/role_policy.c). */
void policy_try_again(struct role_policy *self, const char *event, enum err err, const char *why);
void policy_read_newest(struct role_policy *self);
void policy_give_up(struct role_policy *self, const char *why);
void policy_log_findings(const struct report *report, const char *event);

/* Nothing is being read: go on with the queue. False when there is nothing to apply. */
bool policy_apply_next(struct role_policy *self);
/* All versions have been read: what was applied is in force now, or must be tried again. */
void policy_applied_settled(struct role_policy *self);
/* What was under way cannot come to its end. */
void policy_apply_failed(struct role_policy *self, const char *why);
/* The files, as the next version (as version 1 where there is none). */
void policy_apply_files(struct role_policy *self);
void policy_apply_init(struct role_policy *self);

#endif
