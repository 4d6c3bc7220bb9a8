/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fork and exec. Between the two only calls that are safe there, and none that can block.
 */
#include "cli/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void redirect(const char *log_path)
{
    const int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (input >= 0) {
        (void)dup2(input, STDIN_FILENO);
    }
    if (!log_path) {
        return;
    }
    const int output = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (output >= 0) {
        (void)dup2(output, STDOUT_FILENO);
        (void)dup2(output, STDERR_FILENO);
    }
}

static void reset_signals(void)
{
    sigset_t none;
    (void)sigemptyset(&none);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)signal(SIGPIPE, SIG_DFL);
}

__attribute__((noreturn)) static void become(const struct child_spec *spec, pid_t parent)
{
    (void)setpgid(0, 0);
    /* Survives the exec. A parent that died before this line is noticed by the next. */
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
    if (getppid() != parent) {
        _exit(127);
    }
    reset_signals();
    redirect(spec->log_path);
    if (spec->keep_fd >= 0) {
        (void)fcntl(spec->keep_fd, F_SETFD, 0);
    }
    if (spec->call) {
        const int code = spec->call(spec->context);
        (void)fflush(NULL);
        _exit(code);
    }
    for (size_t i = 0; spec->env[i]; i++) {
        /* NOLINTNEXTLINE(concurrency-mt-unsafe): a fresh child has one thread */
        (void)putenv((char *)(uintptr_t)spec->env[i]); /* exec copies it */
    }
    (void)execvp(spec->program, (char *const *)(uintptr_t)spec->argv);
    (void)dprintf(STDERR_FILENO, "nrt: cannot run %s: %s\n", spec->program, strerrordesc_np(errno));
    _exit(127);
}

pid_t child_start(const struct child_spec *spec)
{
    const pid_t parent = getpid();
    (void)fflush(NULL);
    const pid_t pid = fork();
    if (pid == 0) {
        become(spec, parent);
    }
    return pid;
}

const char *child_end(int status, char text[static CHILD_END_BYTES])
{
    if (WIFSIGNALED(status)) {
        const int number = WTERMSIG(status);
        const char *name = sigdescr_np(number);
        (void)snprintf(text, CHILD_END_BYTES, "signal %d (%s)", number, name ? name : "unknown");
    } else {
        (void)snprintf(text, CHILD_END_BYTES, "exit code %d", WEXITSTATUS(status));
    }
    return text;
}
