/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The small supervisor of `nrt up` and `nrt serve`: starts its children in the order of the list,
 * starts again what ends (with backoff and a log line), passes SIGHUP to the console, and on
 * SIGTERM or SIGINT stops them in the opposite order, Redis last. One thread, no polling but for
 * a Redis that was adopted.
 */
#ifndef NRT_CLI_SUPERVISOR_H
#define NRT_CLI_SUPERVISOR_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/child.h"
#include "cli/redis_server.h"

#define SUPERVISED_MAX 72

enum supervised_state {
    SUPERVISED_OFF,
    SUPERVISED_ALIVE,
    SUPERVISED_WAITING, /* ended; to be started again at again_at_ms */
    SUPERVISED_DONE     /* ended and not to be started again */
};

struct supervised {
    char name[48];
    struct child_spec spec;
    const char *first_env; /* "NAME=value" for its first start only; NULL: none */
    bool is_redis;
    bool takes_reload; /* SIGHUP is passed on to it */
    bool once;         /* its end with code 0 is no trouble and it is not started again */
    bool decides;      /* when it ends everything ends, with its exit code */
    int64_t finish_ms; /* from SIGTERM to SIGKILL */

    enum supervised_state state;
    bool adopted; /* a Redis that is not our child */
    pid_t pid;
    int64_t met_at_ms;     /* monotonic: a live Redis of ours was found; 0: not yet */
    int64_t started_at_ms; /* monotonic */
    int64_t again_at_ms;
    int64_t backoff_ms;
    int starts;
};

struct supervisor {
    struct redis_server redis;
    struct supervised children[SUPERVISED_MAX];
    size_t child_count;
    int exit_code;
    bool has_terminal; /* at the start */
    bool stopping;
    int64_t stop_asked_at_ms;
    bool hurry; /* asked again: no patience */
};

void supervisor_init(struct supervisor *supervisor);
/* The new child, for the caller to fill; its name is made from the format. */
struct supervised *supervisor_add(struct supervisor *supervisor, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Runs until everything has ended; returns the exit code. */
int supervisor_run(struct supervisor *supervisor);

#endif
