/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The console role's start and end: ledger, feed, server. One console runs per data folder: the
 * ledger has one writer.
 */
#include "console/console.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "console/account_watch.h"
#include "console/audit.h"
#include "console/backup.h"
#include "console/backup_night.h"
#include "console/calendar_watch.h"
#include "console/changes.h"
#include "console/daily.h"
#include "console/exports.h"
#include "console/front.h"
#include "console/jobs.h"
#include "console/limits.h"
#include "console/paper_tell.h"
#include "console/rate.h"
#include "console/readers.h"
#include "console/routes.h"
#include "console/sign_in.h"
#include "console/start.h"
#include "console/sweep.h"
#include "console/view.h"
#include "store/ops_notice.h"

#define DRAIN_LOOK_MS 20
#define DRAIN_MS_MAX  3000

void console_on_progress(struct console *console)
{
    waiters_progress(console->waiters);
    live_progress(console->live);
}

struct view console_view(const struct console *console, const struct http_call *call)
{
    static const struct actor service = {
        .kind = ACTOR_SERVICE, .rights = UINT32_MAX, .scope = {.all = true}};
    struct role_env *env = console->env;
    return (struct view){
        .ledger = console->ledger,
        .bundle = env->bundle,
        .rulebook = env->rulebook,
        .settings = env->settings,
        .now = role_now(env),
        .clock_mode = env->clock->mode,
        .clock_speed = env->clock->speed,
        .calendar_missing_year = calendar_watch_horizon(console).missing_year,
        .revision = ledger_revision(console->ledger),
        .links_shown = console->open_on_loopback,
        .data_folder = env->data_folder,
        .actor = call && call->asker ? call->asker : &service,
    };
}

static size_t console_counters(void *role, struct role_counter *ret_counters, size_t max)
{
    const struct console *console = role;
    const struct role_counter counters[] = {
        {"events_queued_total", console->events_queued},
        {"events_rejected_total", console->events_rejected},
        {"receipts_taken_total", console->receipts_taken},
        {"replies_taken_total", console->replies_taken},
        {"replies_ignored_total", console->replies_ignored},
        {"http_requests_total", http_server_requests(console->http)},
        {"http_too_often_total", limits_count(console)},
        {"ledger_commits_total", ledger_revision(console->ledger)},
        {"ledger_failing", feed_trouble(console->feed)[0] != '\0'},
    };
    size_t count = sizeof(counters) / sizeof(counters[0]);
    count = count < max ? count : max;
    memcpy(ret_counters, counters, count * sizeof(counters[0]));
    return count;
}

/* ---- stopping ---- */

static void drain_look(void *context)
{
    struct console *console = context;
    const bool busy = front_busy(console->front) > 0 || readers_busy(console->readers) > 0;
    if (busy && clock_mono().ms < console->drain_until_ms) {
        loop_timer_arm(console->drain, DRAIN_LOOK_MS);
        return;
    }
    audit_trail_end(console->audit);
    role_stop(console->env, 0);
}

/* Finish what was asked; take nothing new. The ledger's positions make any moment a good one. */
static void console_on_terminate(void *role)
{
    struct console *console = role;
    if (console->terminating) {
        return;
    }
    console->terminating = true;
    console->drain_until_ms = clock_mono().ms + DRAIN_MS_MAX;
    front_drain(console->front);
    live_end(console->live);
    jobs_stop(console->jobs);
    exports_stop(console->exports);
    loop_timer_arm(console->drain, DRAIN_LOOK_MS);
}

void console_free(struct console *console)
{
    if (!console) {
        return;
    }
    readers_free(console->readers); /* first: what they finish looks for the other parts */
    exports_free(console->exports);
    paper_teller_free(console->paper_teller);
    backup_night_free(console->backup_night);
    account_watch_free(console->account_watch);
    daily_free(console->daily);
    ops_release(console->env);
    changes_free(console->changes);
    sweeper_free(console->sweeper);
    jobs_free(console->jobs);
    live_free(console->live);
    waiters_free(console->waiters);
    front_free(console->front);
    stepper_free(console->stepper);
    feed_free(console->feed);
    calendar_watch_free(console->calendar_watch);
    loop_timer_free(console->drain);
    rate_free(console->tap_rate);
    limits_free(console->limits);
    audit_trail_free(console->audit);
    sign_in_free(console->sign_in);
    ledger_close(console->ledger);
    free(console);
}

/* ---- starting ---- */

static enum err data_path(
    const struct console *console, const char *name, char ret_path[static 512], struct err_why *why)
{
    const int bytes = snprintf(ret_path, 512, "%s/%s", console->env->data_folder, name);
    return bytes < 512 ? ERR_OK
                       : err_set(why, ERR_RANGE, "the path of the data folder is too long");
}

static enum err open_files(struct console *console, struct err_why *why)
{
    char path[512];
    enum err err = data_path(console, "token", path, why);
    if (!err) {
        err = token_load(path, console->token, why);
    }
    if (!err) {
        err = backup_heal(console->env->data_folder, why);
    }
    if (!err) {
        err = data_path(console, "ledger.db", path, why);
    }
    if (!err) {
        err = ledger_open(path, &console->ledger, why);
    }
    return err ? err : readers_create(console, &console->readers, why);
}

static enum err make_parts(struct console *console, struct err_why *why)
{
    console->waiters = waiters_create(console);
    console->live = live_create(console);
    console->stepper = stepper_create(console);
    console->calendar_watch = calendar_watch_create(console);
    console->drain = loop_timer_create(console->env->loop, drain_look, console);
    console->tap_rate = rate_create();
    console->limits = limits_create();
    console->audit = audit_trail_create(console);
    if (!console->tap_rate || !console->limits || !console->audit || !console->waiters ||
        !console->live || !console->stepper || !console->drain || !console->calendar_watch) {
        return err_set(why, ERR_NO_MEMORY, "no memory for the console");
    }
    return ERR_OK;
}

/* What works by itself once the door is open. */
static enum err make_workers(struct console *console, struct err_why *why)
{
    console->feed = feed_create(console);
    console->sweeper = sweeper_create(console);
    console->jobs = jobs_create(console);
    console->changes = changes_create(console);
    console->daily = daily_create(console);
    console->account_watch = account_watch_create(console);
    console->backup_night = backup_night_create(console);
    console->paper_teller = paper_teller_create(console);
    console->exports = exports_create(console);
    return console->feed && console->sweeper && console->jobs && console->changes &&
                   console->daily && console->account_watch && console->backup_night &&
                   console->paper_teller && console->exports
               ? ERR_OK
               : err_set(why, ERR_NO_MEMORY, "no memory for the feed, or no folder for jobs");
}

enum err console_create(struct role_env *env, struct console **ret_console, struct err_why *why)
{
    const char *demo = getenv("NRT_DEMO"); /* NOLINT(concurrency-mt-unsafe): one thread */
    struct console *console = calloc(1, sizeof(*console));
    if (!console) {
        return err_set(why, ERR_NO_MEMORY, "no memory for the console");
    }
    console->env = env;
    console->open_on_loopback = demo && strcmp(demo, "1") == 0;
    enum err err = open_files(console, why);
    if (!err) {
        err = make_parts(console, why);
    }
    if (!err) {
        err = front_open(console, &console->front, why);
    }
    if (!err) {
        err = sign_in_create(console, &console->sign_in, why);
    }
    if (!err) {
        err = make_workers(console, why);
    }
    if (err) {
        console_free(console);
        return err;
    }
    *ret_console = console;
    return ERR_OK;
}

enum err console_start(struct role_env *env, struct err_why *why)
{
    struct console *console = NULL;
    const enum err err = console_create(env, &console, why);
    if (err || !console) {
        return err;
    }
    env->counters = console_counters;
    env->on_terminate = console_on_terminate;
    env->role = console;
    log_info(
        "console_ready", "listen=%.*s port=%d open_on_loopback=%d",
        TEXT_ARGS(env->settings->http_listen), http_server_port(console->http),
        console->open_on_loopback);
    return ERR_OK;
}
