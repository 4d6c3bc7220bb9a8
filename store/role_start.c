/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A role process from its command line to its end: settings, key, clock, store, the shared present
 * (stepped mode), configuration, then the role itself on the event loop. Nothing here knows what
 * a role does. Memory is not given back at the end: the process is over.
 */
#include "store/role_start.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/file.h"
#include "base/log.h"
#include "store/role_kinds.h"
#include "store/store_open.h"

struct role_process {
    struct role_env env;
    const struct role_options *options;
    role_start_fn *start;
    struct arena arena; /* of the settings */
    struct settings settings;
    struct service_clock clock;
    struct store_watcher watcher;
    struct role_policy *policy;
    struct loop_timer *again;  /* reading the present, when that failed */
    struct loop_timer *finish; /* the deadline after SIGTERM */
    bool started;
    bool connected;
    bool terminating;
    char redis_url[ROLE_REDIS_URL_MAX];
};

/* A process has one exit code; role_stop() is also called where there is no role_process. */
static int role_exit_code;
/* Keeps everything reachable for the leak check of test builds. */
static struct role_process *running;

struct wall_ms role_now(struct role_env *env)
{
    return clock_now(env->clock);
}

void role_stop(struct role_env *env, int exit_code)
{
    role_exit_code = exit_code;
    if (env->base) {
        (void)event_base_loopbreak(env->base);
    }
}

/* ---- before the loop ---- */

static bool load_settings(struct role_process *self, struct err_why *why)
{
    const struct role_options *options = self->options;
    struct report report;
    report_init(&report);
    arena_init(&self->arena, 0);
    const bool good = settings_load(options->config_folder, &self->arena, &self->settings, &report);
    if (!good) {
        struct buf text;
        buf_init(&text, (size_t)64 * 1024);
        report_print(&report, &text);
        (void)fprintf(stderr, "%s", text.ptr ? text.ptr : "");
        buf_release(&text);
        (void)err_set(why, ERR_PARSE, "nrt.json has errors; they are listed above");
    }
    report_release(&report);
    return good;
}

static bool choose_addresses(struct role_process *self, struct err_why *why)
{
    const struct role_options *options = self->options;
    int bytes;
    if (options->http_listen) {
        self->settings.http_listen = text_of(options->http_listen);
    }
    if (options->redis_url) {
        bytes = snprintf(self->redis_url, sizeof(self->redis_url), "%s", options->redis_url);
    } else if (self->settings.redis_url.bytes > 0) {
        bytes = snprintf(
            self->redis_url, sizeof(self->redis_url), "%.*s", TEXT_ARGS(self->settings.redis_url));
    } else {
        bytes = snprintf(
            self->redis_url, sizeof(self->redis_url), "unix:%s/redis/redis.sock",
            options->data_folder);
    }
    if (bytes < 0 || (size_t)bytes >= sizeof(self->redis_url)) {
        (void)err_set(why, ERR_FULL, "the address of Redis is too long");
        return false;
    }
    self->settings.redis_url = text_of(self->redis_url);
    return true;
}

static enum err load_files(struct role_process *self, struct err_why *why)
{
    const char *data = self->options->data_folder;
    char path[4096];
    enum err err = file_make_folders(data, 0700, why);
    if (err != ERR_OK) {
        return err;
    }
    if ((size_t)snprintf(path, sizeof(path), "%s/seal.key", data) >= sizeof(path)) {
        return err_set(why, ERR_FULL, "the path of the data folder is too long");
    }
    err = seal_key_load(path, true, self->env.seal_key, why);
    if (err != ERR_OK) {
        return err;
    }
    (void)snprintf(path, sizeof(path), "%s/clock.json", data);
    return clock_load(&self->clock, path, why);
}

/*
 * One process for one instance name: a successor of a role that is still finishing (its supervisor
 * was killed) waits for it, because both would use the same send journal and the same port.
 */
static enum err lock_instance(struct role_process *self, struct err_why *why)
{
    const struct role_options *options = self->options;
    const struct mono_ms end = mono_add(clock_mono(), ROLE_PREDECESSOR_MS);
    char path[4096];
    if ((size_t)snprintf(path, sizeof(path), "%s/run", options->data_folder) >= sizeof(path)) {
        return err_set(why, ERR_FULL, "the path of the data folder is too long");
    }
    enum err err = file_make_folders(path, 0700, why);
    (void)snprintf(path, sizeof(path), "%s/run/%s.lock", options->data_folder, options->instance);
    while (err == ERR_OK) {
        int fd = -1;
        err = file_lock(path, &fd, why);
        if (err == ERR_OK) {
            return ERR_OK; /* held until the process ends */
        }
        if (err == ERR_EXISTS && clock_mono().ms < end.ms) {
            (void)poll(NULL, 0, 50);
            err = ERR_OK;
        }
    }
    return err;
}

/* ---- becoming ready ---- */

/* Changed files are applied when somebody says so. One role says that nobody has. */
static void compare_files(const struct role_process *self)
{
    const struct role_options *options = self->options;
    if (!options->config_folder || strcmp(options->role, "console") != 0) {
        return;
    }
    struct report report;
    report_init(&report);
    struct bundle *files = bundle_load_folder_sealed(
        options->config_folder, &self->settings, self->env.seal_key, &report);
    if (!files || strcmp(files->digest, self->env.bundle->digest) != 0) {
        log_warn(
            "configuration_files_differ", "folder=\"%s\" applied=%lld why=\"%s\" next=\"%s\"",
            options->config_folder, (long long)self->env.bundle->version,
            files ? "the files were changed after they were applied" : "the files have mistakes",
            files ? "nrt rules apply, or SIGHUP, applies them" : "nrt check --config lists them");
    }
    bundle_free(files);
    report_release(&report);
}

static void start_role(void *context)
{
    struct role_process *self = context;
    struct err_why why = {.text = ""};
    const enum err err = self->start(&self->env, &why);
    if (err != ERR_OK) {
        log_error("role_not_started", "err=%s why=\"%s\"", err_name(err), why.text);
        role_stop(&self->env, 1);
        return;
    }
    self->started = true;
    if (!role_beat_create(&self->env, self->options->role)) {
        log_error("role_not_started", "err=no_memory");
        role_stop(&self->env, 1);
        return;
    }
    log_info(
        "role_started", "instance=%s config=%lld clock=%s", self->env.instance,
        (long long)self->env.bundle->version, clock_mode_name(self->clock.mode));
    compare_files(self);
}

static void configuration_is_hopeless(void *context, const char *why)
{
    struct role_process *self = context;
    log_error("role_not_started", "why=\"%s\"", why);
    role_stop(&self->env, ROLE_EXIT_HOPELESS);
}

static void on_present(void *context, enum err err, const char *why, struct wall_ms now)
{
    struct role_process *self = context;
    if (err == ERR_OK) {
        clock_set(&self->clock, now);
    } else if (err != ERR_NOT_FOUND) {
        log_warn("present_not_read", "err=%s why=\"%s\"", err_name(err), why ? why : "");
        loop_timer_arm(self->again, ROLE_TRY_AGAIN_MS);
        return;
    }
    role_policy_begin(self->policy);
}

static void read_present(void *context)
{
    struct role_process *self = context;
    store_clock_read(self->env.store, on_present, self);
}

static void on_store_ready(void *context, enum err err, const char *why)
{
    struct role_process *self = context;
    if (err != ERR_OK) {
        log_error("store_refused", "err=%s why=\"%s\"", err_name(err), why ? why : "");
        role_stop(&self->env, ROLE_EXIT_HOPELESS);
        return;
    }
    self->connected = true;
    store_watch(self->env.store, &self->watcher);
    if (self->clock.mode == CLOCK_STEPPED) {
        read_present(self);
    } else {
        role_policy_begin(self->policy);
    }
}

/* ---- what the store tells ---- */

static void on_clock(void *context, struct wall_ms now)
{
    struct role_process *self = context;
    if (self->clock.mode != CLOCK_STEPPED) {
        return;
    }
    clock_set(&self->clock, now);
    if (self->started && self->env.on_clock) {
        self->env.on_clock(self->env.role);
    }
}

static void on_config(void *context, int64_t version)
{
    struct role_process *self = context;
    (void)version;
    role_policy_look(self->policy);
}

static void on_published(void *context, struct text body)
{
    struct role_process *self = context;
    if (self->started && self->env.on_published) {
        self->env.on_published(self->env.role, body);
    }
}

/* The present again, after a connection that may have missed a step. */
static void on_present_again(void *context, enum err err, const char *why, struct wall_ms now)
{
    (void)why;
    if (err == ERR_OK) {
        on_clock(context, now);
    }
}

static void on_connected(void *context, bool connected)
{
    struct role_process *self = context;
    self->connected = connected;
    if (!self->started) {
        return;
    }
    if (!connected && self->terminating) {
        loop_timer_arm(self->finish, ROLE_FINISH_ALONE_MS);
    }
    if (connected) {
        role_policy_look(self->policy);
        if (self->clock.mode == CLOCK_STEPPED) {
            store_clock_read(self->env.store, on_present_again, self);
        }
    }
    if (self->env.on_connected) {
        self->env.on_connected(self->env.role, connected);
    }
}

/* ---- ending ---- */

static void on_finish_deadline(void *context)
{
    struct role_process *self = context;
    log_warn(
        "role_not_finished", "instance=%s after_ms=%lld", self->env.instance,
        (long long)ROLE_FINISH_MS);
    role_stop(&self->env, 1);
}

static void on_terminate_signal(evutil_socket_t fd, short what, void *context)
{
    struct role_process *self = context;
    (void)fd;
    (void)what;
    if (self->terminating) {
        return;
    }
    self->terminating = true;
    log_info("role_stopping", "instance=%s", self->env.instance);
    if (!self->started || !self->env.on_terminate) {
        role_stop(&self->env, 0);
        return;
    }
    loop_timer_arm(self->finish, self->connected ? ROLE_FINISH_MS : ROLE_FINISH_ALONE_MS);
    self->env.on_terminate(self->env.role);
}

static void on_reload_signal(evutil_socket_t fd, short what, void *context)
{
    struct role_process *self = context;
    (void)fd;
    (void)what;
    if (self->started) {
        role_policy_reload(self->policy);
    }
}

/* ---- the process ---- */

static bool add_signal(struct role_process *self, int number, event_callback_fn call)
{
    struct event *event = evsignal_new(self->env.base, number, call, self);
    return event && event_add(event, NULL) == 0;
}

static bool make_loop(struct role_process *self)
{
    struct role_env *env = &self->env;
    env->base = event_base_new();
    env->loop = env->base ? loop_libevent_create(env->base) : NULL;
    if (!env->loop) {
        return false;
    }
    self->again = loop_timer_create(env->loop, read_present, self);
    self->finish = loop_timer_create(env->loop, on_finish_deadline, self);
    const struct role_policy_options policy_options = {
        .env = env,
        .config_folder = self->options->config_folder,
        .ready = start_role,
        .hopeless = configuration_is_hopeless,
        .context = self,
    };
    self->policy = role_policy_create(&policy_options);
    return self->again && self->finish && self->policy &&
           add_signal(self, SIGTERM, on_terminate_signal) &&
           add_signal(self, SIGINT, on_terminate_signal) &&
           add_signal(self, SIGHUP, on_reload_signal);
}

static bool open_store(struct role_process *self)
{
    const struct settings *settings = &self->settings;
    const struct store_redis_options options = {
        .base = self->env.base,
        .url = settings->redis_url,
        .user = settings->redis_user,
        .password = settings->redis_password,
        .prefix = settings->prefix,
        .partitions = settings->partitions,
        .instance = text_of(self->options->instance),
    };
    self->watcher = (struct store_watcher){
        .on_clock = on_clock,
        .on_config = on_config,
        .on_published = on_published,
        .on_connected = on_connected,
        .context = self,
    };
    self->env.store = store_redis_open(&options, on_store_ready, self);
    return self->env.store != NULL;
}

static int run_loop(struct role_process *self)
{
    if (!make_loop(self) || !open_store(self)) {
        log_error("role_not_started", "why=\"memory is out\"");
        return 1;
    }
    if (event_base_dispatch(self->env.base) < 0) {
        log_error("loop_failed", "instance=%s", self->env.instance);
        return 1;
    }
    log_info("role_stopped", "instance=%s exit=%d", self->env.instance, role_exit_code);
    return role_exit_code;
}

int role_run(const struct role_options *options, role_start_fn *start)
{
    struct err_why why = {.text = ""};
    log_init(options->role);
    role_process_harden();
    struct role_process *self = calloc(1, sizeof(*self));
    if (!self) {
        return 1;
    }
    running = self;
    self->options = options;
    self->start = start;
    self->env.clock = &self->clock;
    self->env.settings = &self->settings;
    self->env.instance = options->instance;
    self->env.data_folder = options->data_folder;
    if (!load_settings(self, &why) || !choose_addresses(self, &why) ||
        load_files(self, &why) != ERR_OK) {
        log_error("role_not_started", "why=\"%s\"", why.text);
        return ROLE_EXIT_HOPELESS;
    }
    if (lock_instance(self, &why) != ERR_OK) {
        log_error("role_not_started", "why=\"%s\"", why.text);
        return 1;
    }
    return run_loop(running);
}
