/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one binary: finds the command, answers --help from the table (cli/commands.c), and hands
 * over. Owns nothing else.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/args.h"
#include "cli/commands.h"

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static void print_all(FILE *file)
{
    (void)fputs(
        "nrt: a deadline monitor for the cases of an administration\n\n"
        "Usage: nrt COMMAND [ARGUMENTS]\n\n",
        file);
    for (size_t i = 0; i < command_count; i++) {
        if (commands[i].summary[0]) { /* without one it is for the service's own use */
            (void)fprintf(file, "  %-12s %s\n", commands[i].name, commands[i].summary);
        }
    }
    (void)fputs(
        "\nnrt COMMAND --help shows arguments and an example.\n\n"
        "Environment: NRT_URL (default http://127.0.0.1:8420), NRT_TOKEN (default: the file token\n"
        "of the data folder), NRT_LOG (debug, info, warn, error), NO_COLOR.\n"
        "Exit codes: 0 fine, 1 problems found, 2 wrong usage, 3 the service cannot be reached.\n",
        file);
}

static void print_one(const struct command *command)
{
    const char *form = command->arguments;
    printf("nrt %s: %s\n\nUsage:\n", command->name, command->summary);
    do {
        const size_t bytes = strcspn(form, "\n");
        printf("  nrt %s%s%.*s\n", command->name, bytes > 0 ? " " : "", (int)bytes, form);
        form += bytes + (form[bytes] == '\n');
    } while (*form);
    printf("\n%s", command->details);
}

static const struct command *find(const char *name)
{
    for (size_t i = 0; i < command_count; i++) {
        if (strcmp(commands[i].name, name) == 0) {
            return &commands[i];
        }
    }
    return NULL;
}

static int unknown(const char *name)
{
    const char *nearest = NULL;
    size_t best = 4;
    for (size_t i = 0; i < command_count; i++) {
        const size_t distance = text_distance(text_of(name), text_of(commands[i].name));
        if (distance < best) {
            best = distance;
            nearest = commands[i].name;
        }
    }
    (void)fprintf(stderr, "nrt: unknown command '%s'", name);
    if (nearest) {
        (void)fprintf(stderr, "; did you mean '%s'?", nearest);
    }
    (void)fputs(" (`nrt --help` lists them all)\n", stderr);
    return EXIT_USAGE;
}

static int run(const struct command *command, int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (is_help(argv[i])) {
            print_one(command);
            return EXIT_FINE;
        }
    }
    return command->run(argc, argv);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_all(stderr);
        return EXIT_USAGE;
    }
    if (is_help(argv[1])) {
        print_all(stdout);
        return EXIT_FINE;
    }
    if (strcmp(argv[1], "help") == 0) {
        const struct command *asked = argc > 2 ? find(argv[2]) : NULL;
        if (asked) {
            print_one(asked);
            return EXIT_FINE;
        }
        if (argc > 2) {
            return unknown(argv[2]);
        }
        print_all(stdout);
        return EXIT_FINE;
    }
    const bool asks_version = strcmp(argv[1], "--version") == 0;
    const struct command *command = find(asks_version ? "version" : argv[1]);
    if (!command) {
        return unknown(argv[1]);
    }
    const int code = run(command, argc - 1, argv + 1);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        (void)fputs("nrt: the output could not be written\n", stderr);
        return code == EXIT_FINE ? EXIT_FOUND : code;
    }
    return code;
}
