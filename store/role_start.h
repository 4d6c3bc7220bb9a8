/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running one role as a process: everything from the command line to role_stop(). The entry point
 * comes as an argument, because a role's folder lies above this one.
 */
#ifndef NRT_STORE_ROLE_START_H
#define NRT_STORE_ROLE_START_H

#include "store/role.h"

/* A start that no restart can mend (bad files, another format): the supervisor gives up. */
#define ROLE_EXIT_HOPELESS 78

typedef enum err role_start_fn(struct role_env *env, struct err_why *why);

struct role_options {
    const char *role;          /* "monitor"; kept by pointer, as all of these */
    const char *instance;      /* "monitor-1": stable over restarts, unique in the installation */
    const char *data_folder;   /* made (0700) when absent */
    const char *config_folder; /* NULL: what is compiled in */
    const char *redis_url;     /* NULL: the settings', else DATA/redis/redis.sock */
    const char *http_listen;   /* NULL: the settings' */
};

/*
 * Runs until role_stop(), SIGTERM or SIGINT; SIGHUP reads the configuration folder again and
 * applies it as the next version. Returns the exit code of the process. One role a process.
 */
int role_run(const struct role_options *options, role_start_fn *start);

#endif
