/* SPDX-License-Identifier: Apache-2.0 */
/*
 * posix_spawn with two pipes; waiting is polling with a deadline.
 */
#include "tests/support/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

#define READY_MS      60000
#define STOP_MS       20000
#define ARGUMENTS_MAX 32

extern char **environ;

static bool failed(const char *what, const char *program)
{
    fprintf(stderr, "child: %s: %s: %s\n", program, what, strerror(errno));
    return false;
}

static bool spawn(struct child *child, char *const *arguments)
{
    int in[2];
    int out[2];
    if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC)) {
        return failed("pipe", arguments[0]);
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    errno = posix_spawn(&child->pid, arguments[0], &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    child->stdin_fd = in[1];
    child->stdout_fd = out[0];
    return errno == 0 || failed("spawn", arguments[0]);
}

static bool read_ready(struct child *child)
{
    const struct mono_ms until = mono_add(clock_mono(), READY_MS);
    size_t used = 0;
    while (used + 1 < sizeof(child->ready)) {
        struct pollfd wait = {.fd = child->stdout_fd, .events = POLLIN};
        const int64_t left_ms = until.ms - clock_mono().ms;
        if (left_ms <= 0 || poll(&wait, 1, (int)left_ms) <= 0) {
            return false;
        }
        const ssize_t got = read(child->stdout_fd, child->ready + used, 1);
        if (got <= 0) {
            return false;
        }
        if (child->ready[used] == '\n') {
            child->ready[used] = '\0';
            return true;
        }
        used++;
    }
    return false;
}

bool child_start(struct child *child, const char *program, const char *const *arguments)
{
    char path[1024];
    char *all[ARGUMENTS_MAX + 2] = {path};
    const char *source = getenv("NRT_SOURCE_DIR");
    *child = (struct child){0};
    (void)snprintf(path, sizeof(path), "%s/tests/support/%s", source ? source : ".", program);
    for (size_t index = 0; arguments[index] && index < ARGUMENTS_MAX; index++) {
        all[index + 1] = strdup(arguments[index]);
    }
    bool started = spawn(child, all);
    if (started && !read_ready(child)) {
        fprintf(stderr, "child: %s did not get ready\n", program);
        (void)child_stop(child);
        started = false;
    }
    for (size_t index = 1; all[index]; index++) {
        free(all[index]);
    }
    return started;
}

bool child_stop(struct child *child)
{
    if (child->pid <= 0) {
        return true;
    }
    const struct mono_ms until = mono_add(clock_mono(), STOP_MS);
    close(child->stdin_fd);
    int status = 0;
    bool in_time = true;
    while (waitpid(child->pid, &status, WNOHANG) == 0) {
        if (in_time && clock_mono().ms > until.ms) {
            in_time = false;
            kill(child->pid, SIGKILL);
        }
        (void)poll(NULL, 0, 10);
    }
    close(child->stdout_fd);
    child->pid = 0;
    return in_time && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
