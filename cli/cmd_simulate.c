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
#include "cli/simulate_parts.h"
#include "config/event_json.h"
#include "config/event_lines.h"
#include "rules/figures_lines.h"

#define BAD_LINES_MAX 20 /* listed one by one; beyond, only counted */

#define COMMAND SIMULATE_COMMAND

struct words {
    struct bundle_files files;
    const char *events;
    const char *until_text;
    const char *history; /* folder of versions, instead of the files */
    const char *against; /* rules to compare with */
    const char *format;  /* of the comparison: table, json */
    bool figures;
    bool json; /* all but the comparison is JSON anyway */
    struct wall_ms until;
};

static int options_check(const struct words *words)
{
    const struct bundle_files *files = &words->files;
    const char *format = words->format ? words->format : "table";
    if (words->history && (files->rules || files->calendar || files->directory)) {
        return args_misuse(
            COMMAND, "--history brings rules, calendars and directories of its own; leave out "
                     "--rules, --calendar and --directory");
    }
    if (words->against && (words->history || words->figures)) {
        return args_misuse(
            COMMAND, "--against compares --rules with one other file; it does not go with %s",
            words->history ? "--history" : "--figures");
    }
    if ((words->format && !words->against) ||
        (strcmp(format, "table") != 0 && strcmp(format, "json") != 0)) {
        return args_misuse(COMMAND, "--format: table or json, of the comparison by --against");
    }
    return EXIT_FINE;
}

static int words_check(struct words *words)
{
    words->until.ms = -1;
    if (words->until_text &&
        wall_parse(words->until_text, strlen(words->until_text), &words->until) != ERR_OK) {
        return args_misuse(
            COMMAND, "--until: expected a time such as 2019-08-31T00:00:00+08:00, got '%s'",
            words->until_text);
    }
    words->json = words->json || (words->format && strcmp(words->format, "json") == 0);
    return options_check(words);
}

static int words_read(int argc, char **argv, struct words *words)
{
    const struct arg args[] = {
        {.name = "--rules", .text = &words->files.rules},
        {.name = "--calendar", .text = &words->files.calendar},
        {.name = "--directory", .text = &words->files.directory},
        {.name = "--events", .text = &words->events, .required = true},
        {.name = "--until", .text = &words->until_text},
        {.name = "--history", .text = &words->history},
        {.name = "--against", .text = &words->against},
        {.name = "--format", .text = &words->format},
        {.name = "--figures", .flag = &words->figures},
        {.name = "--json", .flag = &words->json},
    };
    const int code = args_read(argc, argv, args, sizeof args / sizeof args[0]);
    return code == EXIT_FINE ? words_check(words) : code;
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

static int result_of(enum err err)
{
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

static enum err count_case(void *context, const struct simulated_case *of)
{
    return figures_add_state(context, of->state, of->events, of->event_count);
}

static enum err run_with_figures(
    struct simulation *simulation, const struct policy *policy, struct wall_ms until)
{
    struct arena arena;
    arena_init(&arena, 0);
    struct figures *figures = figures_create(&arena, policy->calendar);
    const struct simulation_watcher watcher = {.context = figures, .on_case = count_case};
    simulation_watch(simulation, &watcher);
    enum err err = figures ? simulation_run(simulation, until, write_line, stdout) : ERR_NO_MEMORY;
    if (err == ERR_OK) {
        err = figures_write(figures, policy, write_line, stdout);
    }
    simulation_watch(simulation, NULL);
    arena_release(&arena);
    return err;
}

static int simulate(const struct rulebook *rulebook, const struct words *words)
{
    struct intake intake = {
        .simulation = simulation_create(rulebook),
        .path = words->events,
    };
    if (!intake.simulation) {
        return args_fail(EXIT_FOUND, COMMAND, "out of memory");
    }
    int code = read_events(&intake);
    if (code == EXIT_FINE) {
        const struct wall_ms until =
            words->until.ms < 0 ? simulation_last_arrival(intake.simulation) : words->until;
        const struct rulebook at_end = rulebook_at(rulebook, until);
        code = result_of(
            words->figures ? run_with_figures(intake.simulation, rulebook_newest(&at_end), until)
                           : simulation_run(intake.simulation, until, write_line, stdout));
    }
    simulation_free(intake.simulation);
    return code;
}

/* ---- the same events under other rules ---- */

struct rivals {
    const struct policy *sides[COMPARE_SIDES];
    const struct words *words;
};

static int compare(
    struct simulation *simulation, const struct rivals *rivals, struct comparison *comparison)
{
    const struct words *words = rivals->words;
    const struct compare_heading heading = {
        .old_rules = words->files.rules,
        .new_rules = words->against,
        .directory = rivals->sides[COMPARE_OLD]->directory,
        .until = words->until.ms < 0 ? simulation_last_arrival(simulation) : words->until,
        .json = words->json,
    };
    enum err err = ERR_OK;
    for (int side = 0; side < COMPARE_SIDES && err == ERR_OK; side++) {
        const struct rulebook rulebook = {&rivals->sides[side], 1};
        const struct simulation_watcher watcher =
            comparison_watcher(comparison, (enum compare_side)side);
        simulation_use(simulation, &rulebook);
        simulation_watch(simulation, &watcher);
        err = simulation_run(simulation, heading.until, NULL, NULL);
    }
    const int code = result_of(err);
    return code == EXIT_FINE ? comparison_print(comparison, &heading) : code;
}

static int compare_rivals(const struct rivals *rivals)
{
    struct settings settings;
    struct comparison comparison;
    struct arena arena;
    const struct rulebook rulebook = {rivals->sides, 1};
    struct intake intake = {
        .simulation = simulation_create(&rulebook),
        .path = rivals->words->events,
    };
    if (!intake.simulation) {
        return args_fail(EXIT_FOUND, COMMAND, "out of memory");
    }
    settings_defaults(&settings);
    const struct sms_channels channels = {
        .default_via = settings.default_via, .default_via_count = settings.default_via_count};
    arena_init(&arena, 0);
    comparison_init(&comparison, &arena, rivals->sides[COMPARE_OLD]->calendar, &channels);
    int code = read_events(&intake);
    if (code == EXIT_FINE) {
        code = compare(intake.simulation, rivals, &comparison);
    }
    arena_release(&arena);
    simulation_free(intake.simulation);
    return code;
}

/* ---- the command ---- */

static struct bundle *load(const struct bundle_files *files)
{
    struct report report;
    report_init(&report);
    struct bundle *bundle = bundle_load_files(files, &report);
    complain_report(&report);
    report_release(&report);
    return bundle;
}

static int simulate_against(const struct bundle *bundle, const struct words *words)
{
    struct bundle_files files = words->files;
    files.rules = words->against;
    struct bundle *other = load(&files);
    if (!other) {
        return EXIT_FOUND;
    }
    const struct rivals rivals = {{&bundle->policy, &other->policy}, words};
    const int code = compare_rivals(&rivals);
    bundle_free(other);
    return code;
}

static int simulate_history(const struct words *words)
{
    struct history history;
    int code = history_load(&history, words->history);
    if (code == EXIT_FINE) {
        const struct rulebook rulebook = {history.policies, history.count};
        code = simulate(&rulebook, words);
    }
    history_release(&history);
    return code;
}

int cmd_simulate(int argc, char **argv)
{
    struct words words = {0};
    int code = words_read(argc, argv, &words);
    if (code != EXIT_FINE) {
        return code;
    }
    if (words.history) {
        return simulate_history(&words);
    }
    struct bundle *bundle = load(&words.files);
    if (!bundle) {
        return EXIT_FOUND;
    }
    const struct policy *const policies[] = {&bundle->policy};
    const struct rulebook rulebook = {policies, 1};
    code = words.against ? simulate_against(bundle, &words) : simulate(&rulebook, &words);
    bundle_free(bundle);
    return code;
}
