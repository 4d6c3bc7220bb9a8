/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Child processes of the supervisor: started with a clean signal state, in a process group of
 * their own (Ctrl-C is ours to pass on), and told to end when the supervisor dies.
 */
#ifndef NRT_CLI_CHILD_H
#define NRT_CLI_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#define CHILD_ARGS_MAX 24
#define CHILD_ENV_MAX  8

struct child_spec {
    const char *program;                  /* path, or a name to look up in PATH */
    const char *argv[CHILD_ARGS_MAX + 1]; /* NULL-terminated; argv[0] is the name shown by ps */
    const char *env[CHILD_ENV_MAX + 1]; /* "NAME=value" put beside what we have; NULL-terminated */
    const char *log_path;               /* stderr and stdout go there; NULL: where ours go */
    /* Instead of a program: called in the child, which ends with what it returns. */
    int (*call)(void *context);
    void *context;
    int keep_fd; /* handed down open, -1: none */
};

/* The pid, or -1 with errno. A program that cannot be run shows as exit code 127. */
pid_t child_start(const struct child_spec *spec);

/* Words for a wait status: "exit code 1", "signal 9 (Killed)". Returns text. */
#define CHILD_END_BYTES 64
const char *child_end(int status, char text[static CHILD_END_BYTES]);

#endif
