/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of command lines. Knows nothing of what the words mean; every complaint is one line
 * that names the word and what would have been right.
 */
#include "cli/args.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/commands.h"

#define NEAR_DISTANCE_MAX ((size_t)3)

int args_misuse(const char *command, const char *format, ...)
{
    va_list list;
    (void)fprintf(stderr, "nrt %s: ", command);
    va_start(list, format);
    (void)vfprintf(stderr, format, list);
    va_end(list);
    (void)fprintf(stderr, "; see `nrt %s --help`\n", command);
    return EXIT_USAGE;
}

int args_fail(int code, const char *command, const char *format, ...)
{
    va_list list;
    (void)fprintf(stderr, "nrt %s: ", command);
    va_start(list, format);
    (void)vfprintf(stderr, format, list);
    va_end(list);
    (void)fputc('\n', stderr);
    return code;
}

const char *args_environment(const char *name)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): nothing here changes the environment */
    return getenv(name);
}

const char *args_nearest(const char *word, const char *const *known, size_t known_count)
{
    const char *nearest = NULL;
    size_t best = NEAR_DISTANCE_MAX + 1;
    for (size_t i = 0; i < known_count; i++) {
        const size_t distance = text_distance(text_of(word), text_of(known[i]));
        if (distance < best && distance < strlen(known[i])) {
            best = distance;
            nearest = known[i];
        }
    }
    return nearest;
}

static bool is_option(const char *name)
{
    return name[0] == '-' && name[1] == '-';
}

static int unknown_option(
    const char *command, const char *word, const struct arg *args, size_t arg_count)
{
    const char *names[32];
    size_t count = 0;
    for (size_t i = 0; i < arg_count && count < sizeof(names) / sizeof(names[0]); i++) {
        if (is_option(args[i].name)) {
            names[count++] = args[i].name;
        }
    }
    const char *nearest = args_nearest(word, names, count);
    if (nearest) {
        return args_misuse(command, "unknown option '%s'; did you mean '%s'?", word, nearest);
    }
    return args_misuse(command, "unknown option '%s'", word);
}

static const struct arg *find_option(
    const struct arg *args, size_t arg_count, const char *word, size_t name_bytes)
{
    for (size_t i = 0; i < arg_count; i++) {
        if (is_option(args[i].name) && strlen(args[i].name) == name_bytes &&
            memcmp(args[i].name, word, name_bytes) == 0) {
            return &args[i];
        }
    }
    return NULL;
}

struct cursor {
    int argc;
    char **argv;
    int index;
    bool seen[32];
    bool options_ended;
};

static int take_option(struct cursor *at, const struct arg *args, size_t arg_count)
{
    const char *word = at->argv[at->index];
    const char *equals = strchr(word, '=');
    const size_t name_bytes = equals ? (size_t)(equals - word) : strlen(word);
    const struct arg *arg = find_option(args, arg_count, word, name_bytes);
    if (!arg) {
        return unknown_option(at->argv[0], word, args, arg_count);
    }
    at->seen[arg - args] = true;
    if (arg->flag) {
        if (equals) {
            return args_misuse(at->argv[0], "option '%s' takes no value", arg->name);
        }
        *arg->flag = true;
        return EXIT_FINE;
    }
    if (equals) {
        *arg->text = equals + 1;
        return EXIT_FINE;
    }
    if (at->index + 1 >= at->argc) {
        return args_misuse(at->argv[0], "option '%s' needs a value", arg->name);
    }
    at->index++;
    *arg->text = at->argv[at->index];
    return EXIT_FINE;
}

static int take_positional(struct cursor *at, const struct arg *args, size_t arg_count)
{
    for (size_t i = 0; i < arg_count; i++) {
        if (!is_option(args[i].name) && !at->seen[i]) {
            *args[i].text = at->argv[at->index];
            at->seen[i] = true;
            return EXIT_FINE;
        }
    }
    return args_misuse(at->argv[0], "one word too many: '%s'", at->argv[at->index]);
}

int args_read(int argc, char **argv, const struct arg *args, size_t arg_count)
{
    struct cursor at = {.argc = argc, .argv = argv, .index = 1};
    for (; at.index < argc; at.index++) {
        const char *word = argv[at.index];
        int code;
        if (!at.options_ended && strcmp(word, "--") == 0) {
            at.options_ended = true;
            continue;
        }
        if (!at.options_ended && word[0] == '-' && word[1] != '\0') {
            code = take_option(&at, args, arg_count);
        } else {
            code = take_positional(&at, args, arg_count);
        }
        if (code != EXIT_FINE) {
            return code;
        }
    }
    for (size_t i = 0; i < arg_count; i++) {
        if (args[i].required && !at.seen[i]) {
            return args_misuse(argv[0], "%s is missing", args[i].name);
        }
    }
    return EXIT_FINE;
}
