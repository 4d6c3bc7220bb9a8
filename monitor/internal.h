/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared by the files of monitor/ only: the role's parts and its counters. The parts talk to
 * each other through the three functions at the end and nothing else.
 */
#ifndef NRT_MONITOR_INTERNAL_H
#define NRT_MONITOR_INTERNAL_H

#include "base/must.h"
#include "monitor/monitor.h"
#include "monitor/step.h"

struct intake;
struct wake;
struct door;

struct monitor_counts {
    int64_t events_applied;
    int64_t events_repeated;
    int64_t events_ledger_only;
    int64_t events_full;
    int64_t events_rejected;
    int64_t events_forwarded; /* through the doors */
    int64_t commits;
    int64_t conflicts;
    int64_t alerts;
    int64_t alerts_late_ms_max;
    int64_t directory_faults;
    int64_t store_errors;
    int64_t cases_damaged;
};

struct monitor {
    struct role_env *env;
    struct intake *intake;
    struct wake *wake;
    struct door *door;
    struct monitor_counts counts;
    int64_t trouble_quiet_until_ms; /* real time */
    int64_t version_awaited_ms;     /* real time since when a version is waited for; 0: none is */
    bool terminating;
};

/* How long to wait after the store said no: 100 ms doubling to 5 s. */
#define STORE_RETRY_MS_MIN ((int64_t)100)
#define STORE_RETRY_MS_MAX ((int64_t)5000)
int64_t monitor_backoff(int64_t *backoff_ms);
/* Count store trouble, and log it unless that was done a moment ago: an outage may last hours. */
#define STORE_TROUBLE_EVERY_MS ((int64_t)5000)
void monitor_store_trouble(
    struct monitor *monitor, const char *operation, enum err err, const char *why);
/*
 * A case speaks of a version of the configuration that this process has not read. Asks for it; the
 * caller waits as for the store. A version that is nowhere to be found after VERSION_WAIT_MS is
 * lost (a restored backup): then monitor_takes_any_version() and the newest serves instead.
 */
#define VERSION_WAIT_MS ((int64_t)30000)
void monitor_await_version(struct monitor *monitor);
bool monitor_takes_any_version(const struct monitor *monitor);
void monitor_count_step(struct monitor *monitor, const struct step_result *result);
/* When the role is stopping and nothing is in flight any more, leave the loop. */
void monitor_maybe_stop(struct monitor *monitor);

/* One commit carries about this much, or one case: the journal's readers hold an entry whole. */
#define COMMIT_BYTES_MAX ((size_t)2 * 1024 * 1024)

struct intake *intake_create(struct monitor *monitor);
void intake_free(struct intake *intake);
bool intake_is_idle(const struct intake *intake);

struct wake *wake_create(struct monitor *monitor);
void wake_free(struct wake *wake);
bool wake_is_idle(const struct wake *wake);
/* A timer of this partition may be earlier than known: look again by then. */
void wake_hint(struct wake *wake, int32_t partition, struct wall_ms at);
/* The present moved or the connection came back: look at all partitions now. */
void wake_all(struct wake *wake);

struct door *door_create(struct monitor *monitor);
void door_free(struct door *door);
bool door_is_idle(const struct door *door);
/* An event that came by PUBLISH. */
void door_published(struct door *door, struct text body);

#endif
