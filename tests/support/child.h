/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A helper program beside a test: it prints one line when it is ready and ends when its stdin
 * does.
 */
#ifndef NRT_TESTS_SUPPORT_CHILD_H
#define NRT_TESTS_SUPPORT_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#define CHILD_LINE_BYTES 1024

struct child {
    pid_t pid; /* 0: not running */
    int stdin_fd;
    int stdout_fd;
    char ready[CHILD_LINE_BYTES]; /* its first line, without the newline */
};

/*
 * Start tests/support/PROGRAM (of NRT_SOURCE_DIR) with arguments (NULL-terminated, without its
 * name) and wait for its first line, at most 60 s. False, with a line on stderr, when that fails.
 */
bool child_start(struct child *child, const char *program, const char *const *arguments);
/* Close its stdin and wait; after 20 s it is killed and false is returned. */
bool child_stop(struct child *child);

#endif
