/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options and positional arguments of one command, from a table of the words it knows. Options may
 * stand anywhere; "--name value" and "--name=value" are the same; "--" ends the options.
 */
#ifndef NRT_CLI_ARGS_H
#define NRT_CLI_ARGS_H

#include <stdbool.h>
#include <stddef.h>

struct arg {
    const char *name;  /* "--data" for an option, "FILE" for the next positional argument */
    const char **text; /* receives the value; points into argv */
    bool *flag;        /* instead of text: an option without a value */
    bool required;
};

/*
 * Read argv[1..] into the table. EXIT_FINE, or EXIT_USAGE after one line on stderr that names the
 * word and the nearest one known. Repeating an option lets the last one win.
 */
int args_read(int argc, char **argv, const struct arg *args, size_t arg_count);

/* One line "nrt COMMAND: ..." on stderr; returns EXIT_USAGE. */
int args_misuse(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same for any other failure; returns `code`. */
int args_fail(int code, const char *command, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* getenv(), in the one place where this program reads its environment at the command line. */
const char *args_environment(const char *name);

/* The word of the list nearest to `word`, NULL when none is near. For "did you mean". */
const char *args_nearest(const char *word, const char *const *known, size_t known_count);

#endif
