/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nrt worker preview: what the console starts beside itself for a preview over the whole ledger.
 * Its standard output is for the console: progress, then totals; not listed in the help.
 */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "config/settings.h"
#include "console/preview_worker.h"

#define COMMAND "worker"

struct words {
    const char *what;
    const char *data;
    const char *bundle;
    const char *now;
    const char *days;
    const char *replan;
    const char *items;
    const char *sms;         /* names of SMS channels, commas between */
    const char *default_via; /* likewise; NULL: that of the shipped settings */
};

static bool read_number(const char *word, int64_t least, int64_t most, int64_t *ret_number)
{
    return text_parse_i64(text_of(word), ret_number) == ERR_OK && *ret_number >= least &&
           *ret_number <= most;
}

static int words_check(const struct words *words, struct preview_job *job)
{
    int64_t days = 0;
    if (strcmp(words->what, "preview") != 0) {
        return args_misuse(COMMAND, "'%s' is no work known here; there is: preview", words->what);
    }
    if (!read_number(words->now, 0, WALL_MS_MAX, &job->now.ms)) {
        return args_misuse(
            COMMAND, "--now: expected milliseconds since 1970, got '%s'", words->now);
    }
    if (!read_number(words->days, 1, PREVIEW_DAYS_MAX, &days)) {
        return args_misuse(
            COMMAND, "--days: expected 1 to %d, got '%s'", PREVIEW_DAYS_MAX, words->days);
    }
    job->replan = strcmp(words->replan, "yes") == 0;
    if (!job->replan && strcmp(words->replan, "no") != 0) {
        return args_misuse(COMMAND, "--replan: yes or no, got '%s'", words->replan);
    }
    job->days = (int)days;
    job->data_folder = words->data;
    job->bundle_path = words->bundle;
    job->items_path = words->items;
    return EXIT_FINE;
}

/* The names between commas; NULL when memory is out. */
static const struct text *split(struct arena *arena, const char *names, size_t *ret_count)
{
    struct text *list = arena_array(arena, strlen(names) + 1, sizeof(*list));
    *ret_count = 0;
    while (list && *names) {
        const size_t bytes = strcspn(names, ",");
        if (bytes > 0) {
            list[(*ret_count)++] = (struct text){.ptr = names, .bytes = bytes};
        }
        names += bytes + (names[bytes] == ',');
    }
    return list;
}

static bool set_channels(
    const struct words *words, struct arena *arena, struct sms_channels *channels)
{
    struct settings settings;
    settings_defaults(&settings);
    channels->default_via = settings.default_via;
    channels->default_via_count = settings.default_via_count;
    if (words->default_via) {
        channels->default_via = split(arena, words->default_via, &channels->default_via_count);
    }
    channels->names = split(arena, words->sms ? words->sms : "", &channels->name_count);
    return channels->default_via && channels->names;
}

static int preview(struct preview_job *job, const struct words *words)
{
    struct arena arena;
    struct err_why why = {0};
    arena_init(&arena, 0);
    const enum err err = set_channels(words, &arena, &job->channels)
                             ? preview_work(job, stdout, &why)
                             : err_set(&why, ERR_NO_MEMORY, "out of memory");
    arena_release(&arena);
    return err == ERR_OK ? EXIT_FINE : args_fail(EXIT_FOUND, COMMAND, "%s", why.text);
}

int cmd_worker(int argc, char **argv)
{
    struct words words = {0};
    struct preview_job job = {0};
    const struct arg args[] = {
        {.name = "WORK", .text = &words.what, .required = true},
        {.name = "--data", .text = &words.data, .required = true},
        {.name = "--bundle", .text = &words.bundle, .required = true},
        {.name = "--now", .text = &words.now, .required = true},
        {.name = "--days", .text = &words.days, .required = true},
        {.name = "--replan", .text = &words.replan, .required = true},
        {.name = "--items", .text = &words.items, .required = true},
        {.name = "--sms", .text = &words.sms},
        {.name = "--default-via", .text = &words.default_via},
    };
    int code = args_read(argc, argv, args, sizeof args / sizeof args[0]);
    if (code == EXIT_FINE) {
        code = words_check(&words, &job);
    }
    return code == EXIT_FINE ? preview(&job, &words) : code;
}
