/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nrt simulate: fold and plan over a file of events with ideal time. Needs nothing running. An
 * event file with a bad line is refused as a whole, with every bad line named: a simulation of
 * only some of the events would be an answer to another question.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/args.h"
#include "cli/commands.h"
#include "cli/complain.h"
#include "config/event_json.h"
#include "config/event_lines.h"
#include "config/policy.h"
#include "rules/simulate.h"

#define BAD_LINES_MAX 20 /* listed one by one; beyond, only counted */

#define COMMAND "simulate"

struct words {
    struct bundle_files files;
    const char *events;
    const char *until;
    bool json; /* the output is JSON anyway */
};

static int words_read(int argc, char **argv, struct words *words)
{
    const struct arg args[] = {
        {.name = "--rules", .text = &words->files.rules},
        {.name = "--calendar", .text = &words->files.calendar},
        {.name = "--directory", .text = &words->files.directory},
        {.name = "--events", .text = &words->events, .required = true},
        {.name = "--until", .text = &words->until},
        {.name = "--json", .flag = &words->json},
    };
    return args_read(argc, argv, args, sizeof args / sizeof args[0]);
}

/* ---- events ---- */

struct intake {
    struct simulation *simulation;
    struct arena arena; /* one event at a time */
    const char *path;
    size_t bad_count;
};

static void bad_line(struct intake *intake, const struct event_line *line, const char *reason)
{
    if (intake->bad_count++ < BAD_LINES_MAX) {
        (void)fprintf(stderr, "%s:%zu: error: %s\n", intake->path, line->number, reason);
    }
}

static enum err take_event(struct intake *intake, const struct event_line *line)
{
    struct event event;
    struct err_why why = {0};
    if (line->bytes > EVENT_BYTES_MAX) {
        (void)err_set(
            &why, ERR_RANGE, "too large: %zu bytes; an event is at most %zu", line->bytes,
            EVENT_BYTES_MAX);
        bad_line(intake, line, why.text);
        return ERR_OK;
    }
    arena_reset(&intake->arena);
    const struct wall_ms as_it_happened = {.ms = -1};
    const enum err err = event_read(line->text, as_it_happened, &intake->arena, &event, &why);
    if (err == ERR_NO_MEMORY) {
        return err;
    }
    if (err != ERR_OK) {
        bad_line(intake, line, why.text);
        return ERR_OK;
    }
    /* After a bad line nothing will be simulated: go on only to find the others. */
    return intake->bad_count > 0 ? ERR_OK : simulation_add(intake->simulation, &event);
}

static enum err take_events(struct intake *intake, struct err_why *why)
{
    struct event_lines lines;
    enum err err = event_lines_open(&lines, intake->path, why);
    while (err == ERR_OK) {
        struct event_line line;
        bool found = false;
        err = event_lines_next(&lines, &line, &found, why);
        if (err != ERR_OK || !found) {
            break;
        }
        err = take_event(intake, &line);
        if (err != ERR_OK) {
            (void)err_set(why, err, "line %zu: %s", line.number, err_name(err));
        }
    }
    event_lines_close(&lines);
    return err;
}

static int read_events(struct intake *intake)
{
    struct err_why why = {0};
    arena_init(&intake->arena, 0);
    const enum err err = take_events(intake, &why);
    arena_release(&intake->arena);
    if (err != ERR_OK) {
        return args_fail(EXIT_FOUND, COMMAND, "%s", why.text);
    }
    if (intake->bad_count > 0) {
        return args_fail(
            EXIT_FOUND, COMMAND, "%zu unusable line%s in %s; nothing was simulated",
            intake->bad_count, intake->bad_count == 1 ? "" : "s", intake->path);
    }
    return EXIT_FINE;
}

/* ---- run ---- */

static enum err write_line(void *context, struct text line)
{
    FILE *file = context;
    return fwrite(line.ptr, 1, line.bytes, file) == line.bytes ? ERR_OK : ERR_IO;
}

static int run(struct simulation *simulation, struct wall_ms until)
{
    enum err err = simulation_run(simulation, until, write_line, stdout);
    if (err == ERR_OK && fflush(stdout) != 0) {
        err = ERR_IO;
    }
    if (err == ERR_IO) {
        return args_fail(EXIT_FOUND, COMMAND, "cannot write the result");
    }
    if (err != ERR_OK) {
        return args_fail(EXIT_FOUND, COMMAND, "the simulation stopped: %s", err_name(err));
    }
    return EXIT_FINE;
}

static int simulate(const struct bundle *bundle, const struct words *words, struct wall_ms until)
{
    const struct policy *const policies[] = {&bundle->policy};
    const struct rulebook rulebook = {policies, 1};
    struct intake intake = {
        .simulation = simulation_create(&rulebook),
        .path = words->events,
    };
    if (!intake.simulation) {
        return args_fail(EXIT_FOUND, COMMAND, "out of memory");
    }
    int code = read_events(&intake);
    if (code == EXIT_FINE) {
        const bool open_end = until.ms < 0;
        code =
            run(intake.simulation, open_end ? simulation_last_arrival(intake.simulation) : until);
    }
    simulation_free(intake.simulation);
    return code;
}

int cmd_simulate(int argc, char **argv)
{
    struct words words = {0};
    struct wall_ms until = {.ms = -1};
    int code = words_read(argc, argv, &words);
    if (code != EXIT_FINE) {
        return code;
    }
    if (words.until && wall_parse(words.until, strlen(words.until), &until) != ERR_OK) {
        return args_misuse(
            COMMAND, "--until: expected a time such as 2019-08-31T00:00:00+08:00, got '%s'",
            words.until);
    }
    struct report report;
    report_init(&report);
    struct bundle *bundle = bundle_load_files(&words.files, &report);
    complain_report(&report);
    code = bundle ? simulate(bundle, &words, until) : EXIT_FOUND;
    bundle_free(bundle);
    report_release(&report);
    return code;
}
