/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The supervisor's loop: wait for a signal or the next restart, reap, start, stop.
 */
#include "cli/supervisor.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/must.h"
#include "cli/commands.h"
#include "store/role_start.h"

#define BACKOFF_FIRST_MS   ((int64_t)200)
#define BACKOFF_MAX_MS     ((int64_t)10000)
#define HEALTHY_AFTER_MS   ((int64_t)30000)
#define REDIS_SILENT_MS    ((int64_t)20000) /* at the start, without any sign of life */
#define REDIS_ASK_EVERY_MS ((int64_t)20)
#define REDIS_STARTS_MAX   3 /* at the start: one that was killed may still come up */
#define ADOPTED_LOOK_MS    ((int64_t)200)
#define ADOPT_AFTER_MS     ((int64_t)700) /* one that was told to end has ended by then */
#define ADOPT_LOOK_MS      ((int64_t)20)
#define HURRY_AFTER_MS     ((int64_t)1000)
#define FOREVER_MS         INT64_MAX

void supervisor_init(struct supervisor *supervisor)
{
    memset(supervisor, 0, sizeof(*supervisor));
}

struct supervised *supervisor_add(struct supervisor *supervisor, const char *format, ...)
{
    MUST(supervisor->child_count < SUPERVISED_MAX);
    struct supervised *child = &supervisor->children[supervisor->child_count++];
    va_list list;
    va_start(list, format);
    (void)vsnprintf(child->name, sizeof(child->name), format, list);
    va_end(list);
    child->spec.keep_fd = -1;
    child->finish_ms = 10000;
    child->backoff_ms = BACKOFF_FIRST_MS;
    return child;
}

/* ---- signals ---- */

static void block_signals(sigset_t *ret_set)
{
    (void)sigemptyset(ret_set);
    (void)sigaddset(ret_set, SIGCHLD);
    (void)sigaddset(ret_set, SIGTERM);
    (void)sigaddset(ret_set, SIGINT);
    (void)sigaddset(ret_set, SIGHUP);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
    (void)sigprocmask(SIG_BLOCK, ret_set, NULL);
}

static void pass_reload(const struct supervisor *supervisor)
{
    for (size_t i = 0; i < supervisor->child_count; i++) {
        const struct supervised *child = &supervisor->children[i];
        if (child->takes_reload && child->state == SUPERVISED_ALIVE) {
            (void)kill(child->pid, SIGHUP);
        }
    }
}

/* Waits for one signal, at most so long. SIGCHLD only wakes: the caller reaps. */
static void wait_signal(struct supervisor *supervisor, const sigset_t *set, int64_t wait_ms)
{
    const int64_t bounded_ms = wait_ms > 3600000 ? 3600000 : wait_ms < 0 ? 0 : wait_ms;
    const struct timespec wait = {
        .tv_sec = bounded_ms / 1000,
        .tv_nsec = bounded_ms % 1000 * 1000000,
    };
    const int number = sigtimedwait(set, NULL, &wait);
    if (number == SIGTERM || number == SIGINT) {
        const int64_t now_ms = clock_mono().ms;
        /* A signal for a whole group of processes may come twice: that is no second thought. */
        if (!supervisor->stopping) {
            supervisor->stop_asked_at_ms = now_ms;
        } else if (now_ms - supervisor->stop_asked_at_ms > HURRY_AFTER_MS) {
            supervisor->hurry = true;
        }
        supervisor->stopping = true;
    } else if (number == SIGHUP && supervisor->has_terminal && !isatty(STDIN_FILENO)) {
        supervisor->stopping = true; /* the terminal we were started from is gone */
    } else if (number == SIGHUP) {
        pass_reload(supervisor);
    }
}

/* ---- starting ---- */

static void start_later(struct supervised *child)
{
    child->state = SUPERVISED_WAITING;
    child->again_at_ms = clock_mono().ms + child->backoff_ms;
    child->backoff_ms =
        child->backoff_ms * 2 > BACKOFF_MAX_MS ? BACKOFF_MAX_MS : child->backoff_ms * 2;
}

static void became_alive(struct supervised *child, pid_t pid, bool adopted)
{
    child->pid = pid;
    child->adopted = adopted;
    child->state = SUPERVISED_ALIVE;
    child->started_at_ms = clock_mono().ms;
    child->starts++;
}

static void start_program(struct supervised *child)
{
    struct child_spec spec = child->spec;
    if (child->first_env && child->starts == 0) {
        size_t count = 0;
        while (spec.env[count]) {
            count++;
        }
        MUST(count < CHILD_ENV_MAX);
        spec.env[count] = child->first_env;
    }
    const pid_t pid = child_start(&spec);
    if (pid < 0) {
        log_error("child_not_started", "name=%s why=\"%s\"", child->name, strerrordesc_np(errno));
        start_later(child);
        return;
    }
    became_alive(child, pid, false);
}

/* A live server of ours; it may be on its way out, because its supervisor has died just now. */
static void meet_redis(struct supervised *child, pid_t pid)
{
    const int64_t now_ms = clock_mono().ms;
    if (child->met_at_ms == 0) {
        child->met_at_ms = now_ms;
    }
    if (now_ms - child->met_at_ms < ADOPT_AFTER_MS) {
        child->state = SUPERVISED_WAITING;
        child->again_at_ms = now_ms + ADOPT_LOOK_MS;
        return;
    }
    log_info("redis_adopted", "pid=%d", (int)pid);
    became_alive(child, pid, true);
}

/* One server for one folder: a live one is adopted, else ours is started with the lock. */
static void start_redis(struct supervisor *supervisor, struct supervised *child)
{
    struct err_why why = {.text = ""};
    int lock_fd = -1;
    const enum err err = redis_server_lock(&supervisor->redis, &lock_fd, &why);
    if (err == ERR_OK) {
        redis_server_spec(&supervisor->redis, lock_fd, &child->spec);
        start_program(child);
        (void)close(lock_fd);
        return;
    }
    pid_t pid = -1;
    if (err == ERR_EXISTS && redis_server_ask(&supervisor->redis, &pid) == REDIS_OURS) {
        meet_redis(child, pid);
        return;
    }
    if (err == ERR_EXISTS && child->starts == 0) {
        child->state = SUPERVISED_WAITING; /* it is ending, or reading its files */
        child->again_at_ms = clock_mono().ms + ADOPT_LOOK_MS;
        return;
    }
    log_warn(
        "redis_not_started", "why=\"%s\" retry_in_ms=%lld", why.text, (long long)child->backoff_ms);
    start_later(child);
}

static void start_child(struct supervisor *supervisor, struct supervised *child)
{
    if (child->is_redis) {
        start_redis(supervisor, child);
    } else {
        start_program(child);
    }
}

/* ---- ends ---- */

static void child_ended(struct supervisor *supervisor, struct supervised *child, int status)
{
    char text[CHILD_END_BYTES];
    const bool clean = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    child->state = SUPERVISED_DONE;
    if (child->decides) {
        supervisor->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FOUND;
        supervisor->stopping = true;
        return;
    }
    if (supervisor->stopping && !clean && !child->once) {
        log_warn("child_ended", "name=%s how=\"%s\"", child->name, child_end(status, text));
    }
    if (supervisor->stopping || (child->once && clean)) {
        return;
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == ROLE_EXIT_HOPELESS) {
        log_error(
            "child_hopeless", "name=%s what=\"it cannot start; its last lines say why\"",
            child->name);
        supervisor->exit_code = EXIT_FOUND;
        supervisor->stopping = true;
        return;
    }
    if (clock_mono().ms - child->started_at_ms >= HEALTHY_AFTER_MS) {
        child->backoff_ms = BACKOFF_FIRST_MS;
    }
    log_warn(
        "child_ended", "name=%s pid=%d how=\"%s\" again_in_ms=%lld", child->name, (int)child->pid,
        child_end(status, text), (long long)child->backoff_ms);
    start_later(child);
}

static struct supervised *find_alive(struct supervisor *supervisor, pid_t pid)
{
    for (size_t i = 0; i < supervisor->child_count; i++) {
        struct supervised *child = &supervisor->children[i];
        if (child->state == SUPERVISED_ALIVE && !child->adopted && child->pid == pid) {
            return child;
        }
    }
    return NULL;
}

/* Its lock tells; its pid may stay for a while after the end, until somebody else reaps it. */
static bool adopted_has_ended(const struct supervisor *supervisor)
{
    int fd = -1;
    if (redis_server_lock(&supervisor->redis, &fd, NULL) != ERR_OK) {
        return false;
    }
    (void)close(fd);
    return true;
}

static void reap(struct supervisor *supervisor)
{
    int status = 0;
    for (pid_t pid = waitpid(-1, &status, WNOHANG); pid > 0; pid = waitpid(-1, &status, WNOHANG)) {
        struct supervised *child = find_alive(supervisor, pid);
        if (child) {
            child_ended(supervisor, child, status);
        }
    }
    for (size_t i = 0; i < supervisor->child_count; i++) {
        struct supervised *child = &supervisor->children[i];
        if (child->state == SUPERVISED_ALIVE && child->adopted && adopted_has_ended(supervisor)) {
            child_ended(supervisor, child, 0);
        }
    }
}

/* ---- the loop ---- */

/* Starts what is due; the real time until the next thing to do. */
static int64_t start_due(struct supervisor *supervisor)
{
    const int64_t now_ms = clock_mono().ms;
    int64_t wait_ms = FOREVER_MS;
    for (size_t i = 0; i < supervisor->child_count; i++) {
        struct supervised *child = &supervisor->children[i];
        if (child->state == SUPERVISED_WAITING && child->again_at_ms <= now_ms) {
            start_child(supervisor, child);
        }
        if (child->state == SUPERVISED_WAITING && child->again_at_ms - now_ms < wait_ms) {
            wait_ms = child->again_at_ms - now_ms;
        }
        if (child->state == SUPERVISED_ALIVE && child->adopted && wait_ms > ADOPTED_LOOK_MS) {
            wait_ms = ADOPTED_LOOK_MS;
        }
    }
    return wait_ms;
}

static void redis_failed(struct supervisor *supervisor, const char *what)
{
    log_error("redis_not_ready", "what=\"%s\" log=%s", what, supervisor->redis.log_path);
    supervisor->exit_code = EXIT_FOUND;
    supervisor->stopping = true;
}

/* The roles would wait for it too; but here a failure can be said in one line. */
static void wait_redis(struct supervisor *supervisor, struct supervised *child, const sigset_t *set)
{
    int64_t silent_since_ms = clock_mono().ms;
    pid_t pid = -1;
    start_child(supervisor, child);
    while (!supervisor->stopping) {
        const enum redis_answer answer = redis_server_ask(&supervisor->redis, &pid);
        if (answer == REDIS_OURS && child->state == SUPERVISED_ALIVE) {
            return;
        }
        if (answer == REDIS_FOREIGN) {
            redis_failed(supervisor, "another Redis listens on our socket");
            return;
        }
        if (answer == REDIS_LOADING) {
            silent_since_ms = clock_mono().ms;
        }
        if (clock_mono().ms - silent_since_ms > REDIS_SILENT_MS) {
            redis_failed(supervisor, "Redis does not answer");
            return;
        }
        if (child->starts >= REDIS_STARTS_MAX && child->state != SUPERVISED_ALIVE &&
            !child->adopted) {
            redis_failed(supervisor, "Redis ended at once, again and again; its log says why");
            return;
        }
        wait_signal(supervisor, set, REDIS_ASK_EVERY_MS);
        reap(supervisor);
        (void)start_due(supervisor);
    }
}

static void stop_child(struct supervisor *supervisor, struct supervised *child, const sigset_t *set)
{
    const int64_t began_ms = clock_mono().ms;
    if (child->state != SUPERVISED_ALIVE) {
        return;
    }
    (void)kill(child->pid, SIGTERM);
    while (child->state == SUPERVISED_ALIVE) {
        const int64_t left_ms = began_ms + child->finish_ms - clock_mono().ms;
        if (left_ms <= 0 || (supervisor->hurry && !child->is_redis)) {
            log_warn("child_killed", "name=%s pid=%d", child->name, (int)child->pid);
            (void)kill(child->pid, SIGKILL);
        }
        wait_signal(supervisor, set, child->adopted || left_ms <= 0 ? 20 : left_ms);
        reap(supervisor);
    }
}

int supervisor_run(struct supervisor *supervisor)
{
    sigset_t set;
    block_signals(&set);
    supervisor->has_terminal = isatty(STDIN_FILENO);
    (void)signal(SIGPIPE, SIG_IGN); /* whoever read our log may leave; the service stays */
    for (size_t i = 0; i < supervisor->child_count && !supervisor->stopping; i++) {
        struct supervised *child = &supervisor->children[i];
        if (child->is_redis) {
            wait_redis(supervisor, child, &set);
        } else {
            start_child(supervisor, child);
        }
    }
    while (!supervisor->stopping) {
        const int64_t wait_ms = start_due(supervisor);
        wait_signal(supervisor, &set, wait_ms);
        reap(supervisor);
    }
    for (size_t i = supervisor->child_count; i > 0; i--) {
        stop_child(supervisor, &supervisor->children[i - 1], &set);
    }
    return supervisor->exit_code;
}
