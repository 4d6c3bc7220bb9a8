/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of a role process, shared by store/role_*.c only.
 */
#ifndef NRT_STORE_ROLE_KINDS_H
#define NRT_STORE_ROLE_KINDS_H

#include "store/role_start.h"

#define ROLE_VERSIONS_MAX    ((size_t)1024) /* applied configurations a process keeps */
#define ROLE_BEAT_MS         ((int64_t)2000)
#define ROLE_BEAT_TTL_MS     ((int64_t)10000)
#define ROLE_COUNTERS_MAX    ((size_t)192)
#define ROLE_FINISH_MS       ((int64_t)8000) /* from SIGTERM to a forced end */
#define ROLE_FINISH_ALONE_MS ((int64_t)500)  /* the same, when Redis is away: little can be done */
#define ROLE_HEARTBEAT_MAX   ((size_t)64 * 1024)
#define ROLE_BUNDLE_MAX      ((size_t)32 * 1024 * 1024)
#define ROLE_REDIS_URL_MAX   512
#define ROLE_TRY_AGAIN_MS    ((int64_t)1000)
#define ROLE_PREDECESSOR_MS  ((int64_t)15000) /* waiting for one of the same name to end */

struct role_beat; /* heartbeats, store/role_beat.c */

/* `ready` is called once, when env's bundle and rulebook are there (not from inside the call). */
typedef void role_policy_ready_fn(void *context);
/* Called when they cannot be had and trying again is useless. */
typedef void role_policy_hopeless_fn(void *context, const char *why);
struct role_policy_options {
    struct role_env *env;
    const char *config_folder;
    role_policy_ready_fn *ready;
    role_policy_hopeless_fn *hopeless;
    void *context;
};
/* NULL when memory is out. Lives as long as the process. */
struct role_policy *role_policy_create(const struct role_policy_options *options);
/* Begin reading; applies the folder's configuration as version 1 where there is none. */
void role_policy_begin(struct role_policy *policy);
/* There may be a newer version: look, and tell the role. */
void role_policy_look(struct role_policy *policy);
/* Read the folder again and apply it as the next version, if it differs from the newest. */
void role_policy_reload(struct role_policy *policy);

/* Starts beating at once. NULL when memory is out. */
struct role_beat *role_beat_create(struct role_env *env, const char *role);

/* No core files, no reading of our memory by others, files for us alone, no SIGPIPE. */
void role_process_harden(void);
/* Gauges of this process: memory, processor time, wake-ups. Returns how many were filled. */
size_t role_process_counters(struct role_counter *ret_counters, size_t max);

#endif
