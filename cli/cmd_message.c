/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nrt message preview TEMPLATE: how a text looks on the phone before anybody gets it. From a
 * configuration folder, with sample values; needs nothing running.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/complain.h"
#include "cli/message_preview.h"

#define COMMAND          "message"
#define OUTPUT_BYTES_MAX ((size_t)1 << 20)
#define NAMES_MAX        256

struct words {
    const char *verb;
    const char *template;
    const char *folder;
    const char *channel;
    const char *language;
    const char *title;
    const char *unit;
    const char *case_id;
    const char *handler;
    const char *at;
    bool long_values;
    bool json;
};

static int unknown(const char *kind, const char *word, const char *const *known, size_t count)
{
    const char *nearest = args_nearest(word, known, count);
    return args_misuse(
        COMMAND, "no %s is called '%s'%s%s%s", kind, word, nearest ? "; did you mean '" : "",
        nearest ? nearest : "", nearest ? "'?" : "");
}

static int unknown_template(const struct bundle *bundle, const char *word)
{
    const char *known[NAMES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < bundle->template_count && count < NAMES_MAX; i++) {
        known[count++] = bundle->templates[i].id.ptr;
    }
    return unknown("template", word, known, count);
}

static int unknown_channel(const struct settings *settings, const char *word)
{
    const char *known[NAMES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < settings->channel_count && count < NAMES_MAX; i++) {
        known[count++] = settings->channels[i].name.ptr;
    }
    return unknown("channel", word, known, count);
}

static int read_rest(const struct words *words, struct preview_ask *ask)
{
    ask->long_values = words->long_values;
    ask->title = text_of(words->title);
    ask->unit = text_of(words->unit);
    ask->case_id = text_of(words->case_id);
    ask->handler = text_of(words->handler);
    ask->at = clock_system();
    if (words->at && wall_parse(words->at, strlen(words->at), &ask->at) != ERR_OK) {
        return args_misuse(
            COMMAND, "expected a time such as 2026-02-13T10:00:00+08:00, got '%s'", words->at);
    }
    return EXIT_FINE;
}

static int print_preview(const struct words *words, const struct preview_ask *ask)
{
    struct arena arena;
    struct preview preview;
    struct buf buf;
    arena_init(&arena, 0);
    buf_init(&buf, OUTPUT_BYTES_MAX);
    int code = EXIT_FINE;
    const enum err err = message_preview(ask, &arena, &preview);
    if (err == ERR_USAGE) {
        code = args_misuse(COMMAND, "a webhook is told JSON, not a text");
    } else if (err) {
        code = args_fail(EXIT_FOUND, COMMAND, "out of memory");
    } else {
        (words->json ? preview_print_json : preview_print)(ask, &preview, &buf);
        const bool wrote = buf_error(&buf) == ERR_OK &&
                           fwrite(buf.ptr, 1, buf.bytes, stdout) == buf.bytes &&
                           fflush(stdout) == 0;
        code = wrote ? EXIT_FINE : args_fail(EXIT_FOUND, COMMAND, "cannot write the result");
    }
    buf_release(&buf);
    arena_release(&arena);
    return code;
}

static int preview_with(
    const struct words *words, const struct bundle *bundle, const struct settings *settings)
{
    const char *name = words->channel ? words->channel : settings->default_via[0].ptr;
    const struct channel_settings *found = settings_channel(settings, text_of(name));
    struct preview_ask ask = {
        .bundle = bundle,
        .settings = settings,
        .template = bundle_template(bundle, text_of(words->template)),
    };
    if (!ask.template) {
        return unknown_template(bundle, words->template);
    }
    if (!found) {
        return unknown_channel(settings, name);
    }
    struct channel_settings channel = *found;
    if (words->language) {
        channel.english = strcmp(words->language, "en") == 0;
        if (!channel.english && strcmp(words->language, "zh") != 0) {
            return args_misuse(COMMAND, "--lang must be zh or en, not '%s'", words->language);
        }
    }
    ask.channel = &channel;
    const int code = read_rest(words, &ask);
    return code == EXIT_FINE ? print_preview(words, &ask) : code;
}

static int preview(const struct words *words)
{
    struct arena arena;
    struct settings settings;
    struct report report;
    int code = EXIT_FOUND;
    arena_init(&arena, 0);
    report_init(&report);
    settings_defaults(&settings);
    const bool read = settings_check(words->folder, &arena, &settings, &report);
    struct bundle *bundle = read ? bundle_load_folder(words->folder, &settings, &report) : NULL;
    if (bundle) {
        code = preview_with(words, bundle, &settings);
    } else {
        complain_report(&report);
    }
    bundle_free(bundle);
    report_release(&report);
    arena_release(&arena);
    return code;
}

int cmd_message(int argc, char **argv)
{
    struct words words = {0};
    const struct arg args[] = {
        {"VERB", &words.verb, NULL, true},           {"TEMPLATE", &words.template, NULL, true},
        {"--config", &words.folder, NULL, false},    {"--channel", &words.channel, NULL, false},
        {"--lang", &words.language, NULL, false},    {"--title", &words.title, NULL, false},
        {"--unit", &words.unit, NULL, false},        {"--case", &words.case_id, NULL, false},
        {"--handler", &words.handler, NULL, false},  {"--at", &words.at, NULL, false},
        {"--long", NULL, &words.long_values, false}, {"--json", NULL, &words.json, false},
    };
    const int code = args_read(argc, argv, args, sizeof args / sizeof args[0]);
    if (code != EXIT_FINE) {
        return code;
    }
    if (strcmp(words.verb, "preview") != 0) {
        return args_misuse(COMMAND, "expected preview, got '%s'", words.verb);
    }
    return preview(&words);
}
