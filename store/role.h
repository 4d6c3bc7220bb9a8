/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every role is started with, and the part all roles share: settings, store, clock, the
 * applied configuration as a rulebook that follows new versions, heartbeats with counters.
 */
#ifndef NRT_STORE_ROLE_H
#define NRT_STORE_ROLE_H

#include "base/clock.h"
#include "config/policy.h"
#include "config/settings.h"
#include "store/loop.h"
#include "store/store.h"

struct json_out;
struct role_policy;
struct ops_board;

/* Counters and gauges of an instance; they travel in its heartbeat and become metrics. */
struct role_counter {
    const char *name; /* "events_committed_total" */
    int64_t value;
};

#define ROLE_TROUBLE_BYTES 320

struct role_env {
    struct event_base *base; /* NULL in simulation */
    struct loop *loop;
    struct store *store;
    struct service_clock *clock;
    const struct settings *settings;
    const char *instance;    /* "monitor-1" */
    const char *data_folder; /* DATA */
    uint8_t seal_key[SEAL_KEY_BYTES];

    /* Applied configuration; never NULL once a role has been started. Swapped on the loop's thread.
     */
    const struct bundle *bundle;
    struct rulebook rulebook;
    struct role_policy *policy; /* what follows new versions; NULL where there are none (tests) */
    struct ops_board *ops;      /* of ops_notice.c, made with the first trouble */

    /* Why the last heartbeat could not be written, which is why nothing can; empty: it was. */
    char trouble[ROLE_TROUBLE_BYTES];

    /* Set by the role: called when the present was moved (stepped mode), configuration changed, an
     * event was published, or the connection came or went. Any may be NULL. */
    void (*on_clock)(void *role);
    void (*on_config)(void *role);
    void (*on_published)(void *role, struct text body);
    void (*on_connected)(void *role, bool connected);
    /* Set by the role: fill up to max counters for the heartbeat. */
    size_t (*counters)(void *role, struct role_counter *ret_counters, size_t max);
    /* Set by the role: write further members of the heartbeat, a few hundred bytes. May be NULL. */
    void (*tell)(void *role, struct json_out *out);
    /* Set by the role: SIGTERM came; finish what is in flight, then call role_stop(). */
    void (*on_terminate)(void *role);
    void *role;
};

/* Service time now, and in stepped mode the shared present. */
struct wall_ms role_now(struct role_env *env);
/* Leave the loop; the process ends with this exit code. */
void role_stop(struct role_env *env, int exit_code);

/*
 * Never a mixture: a record or an event that carries the number of a version this process has not
 * read yet must wait. Ask for the version, leave the record, and go on when on_config was called.
 */
bool role_knows_version(const struct role_env *env, int64_t version);
/* Look for newer versions now; may be called as often as one likes. */
void role_look_for_versions(struct role_env *env);

/*
 * Entry points of the three roles: called once when store and configuration are there. They
 * install their callbacks in env and return; the loop is run by the caller. ERR_* with why when the
 * role cannot start.
 */
enum err monitor_start(struct role_env *env, struct err_why *why) ERR_MUST_USE;
enum err notifier_start(struct role_env *env, struct err_why *why) ERR_MUST_USE;
enum err console_start(struct role_env *env, struct err_why *why) ERR_MUST_USE;

#endif
