/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The role itself: makes its three parts, hands news to them, counts for the heartbeat, and ends
 * cleanly when asked to.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/log.h"
#include "monitor/internal.h"

int64_t monitor_backoff(int64_t *backoff_ms)
{
    const int64_t now_ms = *backoff_ms < STORE_RETRY_MS_MIN ? STORE_RETRY_MS_MIN : *backoff_ms;
    *backoff_ms = now_ms * 2 > STORE_RETRY_MS_MAX ? STORE_RETRY_MS_MAX : now_ms * 2;
    return now_ms;
}

void monitor_store_trouble(
    struct monitor *monitor, const char *operation, enum err err, const char *why)
{
    const int64_t real_ms = loop_real_ms(monitor->env->loop);
    monitor->counts.store_errors++;
    if (real_ms < monitor->trouble_quiet_until_ms) {
        return;
    }
    monitor->trouble_quiet_until_ms = real_ms + STORE_TROUBLE_EVERY_MS;
    log_warn(
        "store_trouble",
        "operation=%s err=%s why=\"%s\" next=\"nothing is acknowledged; trying again\"", operation,
        err_name(err), why ? why : "");
}

void monitor_await_version(struct monitor *monitor)
{
    if (monitor->version_awaited_ms == 0) {
        monitor->version_awaited_ms = loop_real_ms(monitor->env->loop);
    } else if (monitor_takes_any_version(monitor)) {
        log_error(
            "configuration_version_lost",
            "newest=%" PRId64 " next=\"cases that ran by a lost version go by the newest\"",
            monitor->env->bundle->version);
    }
    role_look_for_versions(monitor->env);
}

bool monitor_takes_any_version(const struct monitor *monitor)
{
    return monitor->version_awaited_ms > 0 &&
           loop_real_ms(monitor->env->loop) - monitor->version_awaited_ms > VERSION_WAIT_MS;
}

void monitor_count_step(struct monitor *monitor, const struct step_result *result)
{
    struct monitor_counts *counts = &monitor->counts;
    counts->events_applied += (int64_t)result->applied_count;
    counts->events_repeated += (int64_t)result->repeated_count;
    counts->events_ledger_only += (int64_t)result->ledger_count;
    counts->events_full += (int64_t)result->full_count;
    counts->alerts += (int64_t)result->fired_count;
    counts->directory_faults += result->directory_fault ? 1 : 0;
    if (result->late_ms_max > counts->alerts_late_ms_max) {
        counts->alerts_late_ms_max = result->late_ms_max;
    }
}

static size_t monitor_counters(void *role, struct role_counter *ret_counters, size_t max)
{
    const struct monitor_counts *counts = &((const struct monitor *)role)->counts;
    const struct role_counter all[] = {
        {"events_applied_total", counts->events_applied},
        {"events_repeated_total", counts->events_repeated},
        {"events_ledger_only_total", counts->events_ledger_only},
        {"events_over_limit_total", counts->events_full},
        {"events_rejected_total", counts->events_rejected},
        {"events_forwarded_total", counts->events_forwarded},
        {"commits_total", counts->commits},
        {"commit_conflicts_total", counts->conflicts},
        {"alerts_fired_total", counts->alerts},
        {"alert_lateness_max_ms", counts->alerts_late_ms_max},
        {"directory_faults_total", counts->directory_faults},
        {"store_errors_total", counts->store_errors},
        {"cases_damaged_total", counts->cases_damaged},
    };
    const size_t count = sizeof(all) / sizeof(all[0]);
    size_t index = 0;
    for (; index < count && index < max; index++) {
        ret_counters[index] = all[index];
    }
    return index;
}

static void monitor_on_clock(void *role)
{
    wake_all(((struct monitor *)role)->wake);
}

static void monitor_on_config(void *role)
{
    struct monitor *monitor = role;
    monitor->version_awaited_ms = 0;
    log_info("config_in_force", "version=%" PRId64, monitor->env->bundle->version);
}

static void monitor_on_published(void *role, struct text body)
{
    door_published(((struct monitor *)role)->door, body);
}

static void monitor_on_connected(void *role, bool connected)
{
    struct monitor *monitor = role;
    if (connected) {
        wake_all(monitor->wake);
    }
}

void monitor_maybe_stop(struct monitor *monitor)
{
    if (!monitor->terminating) {
        return;
    }
    if (intake_is_idle(monitor->intake) && wake_is_idle(monitor->wake) &&
        door_is_idle(monitor->door)) {
        role_stop(monitor->env, 0);
    }
}

static void monitor_on_terminate(void *role)
{
    struct monitor *monitor = role;
    monitor->terminating = true;
    monitor_maybe_stop(monitor);
}

void monitor_free(struct monitor *monitor)
{
    if (!monitor) {
        return;
    }
    intake_free(monitor->intake);
    wake_free(monitor->wake);
    door_free(monitor->door);
    free(monitor);
}

struct monitor *monitor_create(struct role_env *env)
{
    struct monitor *monitor = calloc(1, sizeof(*monitor));
    if (!monitor) {
        return NULL;
    }
    monitor->env = env;
    env->role = monitor;
    env->counters = monitor_counters;
    env->on_clock = monitor_on_clock;
    env->on_config = monitor_on_config;
    env->on_published = monitor_on_published;
    env->on_connected = monitor_on_connected;
    env->on_terminate = monitor_on_terminate;
    monitor->wake = wake_create(monitor);
    monitor->intake = monitor->wake ? intake_create(monitor) : NULL;
    monitor->door = monitor->intake ? door_create(monitor) : NULL;
    if (!monitor->door) {
        monitor_free(monitor);
        return NULL;
    }
    return monitor;
}

enum err monitor_start(struct role_env *env, struct err_why *why)
{
    if (!monitor_create(env)) {
        return err_set(why, ERR_NO_MEMORY, "no memory for the monitor");
    }
    return ERR_OK;
}
