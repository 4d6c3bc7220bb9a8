/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nrt rules diff OLD NEW: two folders or files, compared here. nrt rules diff --config DIR: the
 * folder and what is applied, compared by the service. nrt rules diff 3 5: two versions.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/args.h"
#include "cli/commands.h"
#include "cli/complain.h"
#include "cli/rules.h"
#include "config/diff.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define ARRAY_BYTES_MAX ((size_t)64 << 20)
#define BODY_BYTES_MAX  ((size_t)64 << 20)

struct diff_command {
    struct rules rules;
    const char *from;
    const char *to;
    bool exit_code; /* 1 where there are differences */
};

/* ---- results ---- */

static int conclude(const struct diff_command *command, size_t count)
{
    return command->exit_code && count > 0 ? EXIT_FOUND : EXIT_FINE;
}

static int show(const struct diff_command *command, const struct json_value *changes)
{
    const struct rules *rules = &command->rules;
    if (rules->json) {
        struct buf text;
        struct json_out out;
        buf_init(&text, RULES_ANSWER_BYTES_MAX);
        json_out_init(&out, &text);
        json_out_open(&out, '{');
        json_out_key(&out, "changes");
        if (changes) {
            json_out_value(&out, changes);
        } else {
            json_out_raw(&out, TEXT_LITERAL("[]"));
        }
        json_out_close(&out, '}');
        printf("%.*s\n", TEXT_ARGS(buf_view(&text)));
        buf_release(&text);
        return conclude(command, json_count(changes));
    }
    const size_t count = rules_print_changes(rules, changes, "");
    if (count == 0) {
        printf("%s\n", rules_say(rules, "没有差别。", "No difference."));
    }
    return conclude(command, count);
}

/* ---- without the service ---- */

/* With the service's key, if it is here, sealed addresses can be compared too. */
static struct bundle *load_folder(
    const struct rules *rules,
    const char *path,
    const struct settings *settings,
    struct report *report)
{
    char key_path[4096];
    uint8_t key[SEAL_KEY_BYTES];
    (void)snprintf(key_path, sizeof(key_path), "%s/seal.key", rules->data ? rules->data : "./data");
    return seal_key_load(key_path, false, key, NULL) == ERR_OK
               ? bundle_load_folder_sealed(path, settings, key, report)
               : bundle_load_folder(path, settings, report);
}

/* A folder as it would be applied, or a single file of rules. NULL after saying why. */
static struct bundle *load(const struct rules *rules, const char *path)
{
    struct report report;
    struct settings settings;
    struct arena arena;
    struct stat status;
    struct bundle *bundle = NULL;
    report_init(&report);
    arena_init(&arena, 0);
    settings_defaults(&settings);
    if (stat(path, &status) != 0) {
        (void)args_fail(EXIT_FOUND, "rules", "%s: there is no such folder or file", path);
    } else if (S_ISDIR(status.st_mode)) {
        (void)settings_check(path, &arena, &settings, &report);
        bundle = load_folder(rules, path, &settings, &report);
    } else {
        const struct bundle_files files = {.rules = path};
        bundle = bundle_load_files(&files, &report);
    }
    if (!bundle) {
        complain_report(&report);
    }
    arena_release(&arena);
    report_release(&report);
    return bundle;
}

static int compare_here(const struct diff_command *command)
{
    struct buf array;
    struct json_doc *doc = NULL;
    int code = EXIT_FOUND;
    const struct json_limits limits = {ARRAY_BYTES_MAX, 64, (size_t)8 << 20};
    struct bundle *from = load(&command->rules, command->from);
    struct bundle *to = load(&command->rules, command->to);
    buf_init(&array, ARRAY_BYTES_MAX);
    if (from && to) {
        if (bundle_diff(from, to, &array) == ERR_OK &&
            json_parse(buf_view(&array), &limits, &doc, NULL) == ERR_OK) {
            code = show(command, json_root(doc));
        } else {
            code = args_fail(EXIT_FOUND, "rules", "out of memory");
        }
    }
    json_free(doc);
    buf_release(&array);
    bundle_free(from);
    bundle_free(to);
    return code;
}

/* ---- with it ---- */

static int compare_folder(const struct diff_command *command)
{
    struct buf body;
    struct json_out out;
    struct json_doc *doc = NULL;
    int code = EXIT_FOUND;
    buf_init(&body, BODY_BYTES_MAX);
    json_out_init(&out, &body);
    if (rules_open_body(&command->rules, &out)) {
        json_out_key(&out, "dry_run");
        json_out_bool(&out, true);
        json_out_close(&out, '}');
        code = rules_send(&command->rules, "PUT", "/api/v1/config", &body, &doc);
    }
    if (code == EXIT_FINE) {
        code = show(command, json_get(json_root(doc), "changes"));
    }
    json_free(doc);
    buf_release(&body);
    return code;
}

static int compare_versions(const struct diff_command *command)
{
    struct buf path;
    struct json_doc *doc = NULL;
    buf_init(&path, 4096);
    buf_string(&path, "/api/v1/config/diff");
    api_query(&path, "from", command->from);
    api_query(&path, "to", command->to);
    int code = api_get_json(&command->rules.api, path.ptr, &doc);
    if (code == EXIT_FINE) {
        code = show(command, json_get(json_root(doc), "changes"));
    }
    json_free(doc);
    buf_release(&path);
    return code;
}

/* "7" or "draft:d1": what only the service knows. */
static bool is_version(const char *word)
{
    int64_t number = 0;
    return text_parse_i64(text_of(word), &number) == ERR_OK || strncmp(word, "draft:", 6) == 0;
}

int rules_diff(int argc, char **argv)
{
    struct diff_command command = {0};
    struct rules *rules = &command.rules;
    const char *verb = NULL;
    const struct arg args[] = {
        {.name = "diff", .text = &verb, .required = true},
        {.name = "FROM", .text = &command.from},
        {.name = "TO", .text = &command.to},
        {.name = "--config", .text = &rules->config},
        {.name = "--exit-code", .flag = &command.exit_code},
        {.name = "--lang", .text = &rules->lang},
        {.name = "--data", .text = &rules->data},
        {.name = "--json", .flag = &rules->json},
    };
    int code = args_read(argc, argv, args, COUNT_OF(args));
    if (code == EXIT_FINE) {
        code = rules_begin(rules);
    }
    if (code != EXIT_FINE) {
        return code;
    }
    if (rules->config && !command.from) {
        return compare_folder(&command);
    }
    if (rules->config || !command.from || !command.to) {
        return args_misuse("rules", "diff takes --config DIR, or what to compare: FROM TO");
    }
    return is_version(command.from) && is_version(command.to) ? compare_versions(&command)
                                                              : compare_here(&command);
}
