/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nrt config init DIR [--rules ID]: the compiled-in configuration as files to start from.
 * nrt config list: the rule sets that --rules can name.
 * nrt config schema [KIND]: the JSON Schema of a kind of file, or the kinds there are.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "config/policy.h"
#include "config/rule_library.h"
#include "config/schema.h"

#define COMMAND "config"

#define OUTPUT_BYTES_MAX ((size_t)1 << 20)
#define ENTRIES_MAX      64

struct words {
    const char *verb;
    const char *folder;
    const char *rules;
    bool json;
};

static int print_buf(struct buf *buf)
{
    const bool wrote = buf_error(buf) == ERR_OK &&
                       fwrite(buf->ptr, 1, buf->bytes, stdout) == buf->bytes && fflush(stdout) == 0;
    buf_release(buf);
    return wrote ? EXIT_FINE : args_fail(EXIT_FOUND, COMMAND, "cannot write the result");
}

/* ---- list ---- */

static void list_json(const struct library *library, struct buf *buf)
{
    struct json_out out;
    json_out_init(&out, buf);
    json_out_open(&out, '{');
    json_out_key(&out, "rules");
    json_out_open(&out, '[');
    for (size_t i = 0; i < library->count; i++) {
        const struct library_entry *entry = &library->entries[i];
        json_out_open(&out, '{');
        json_out_member(&out, "id", entry->id);
        json_out_member(&out, "title", entry->title);
        json_out_member(&out, "note", entry->note);
        json_out_key(&out, "default");
        json_out_bool(&out, entry->is_default);
        json_out_close(&out, '}');
    }
    json_out_close(&out, ']');
    json_out_close(&out, '}');
    buf_string(buf, "\n");
}

static void list_table(const struct library *library, struct buf *buf)
{
    for (size_t i = 0; i < library->count; i++) {
        const struct library_entry *entry = &library->entries[i];
        buf_format(
            buf, "%-22.*s %.*s%s\n", TEXT_ARGS(entry->id), TEXT_ARGS(entry->title),
            entry->is_default ? " (default)" : "");
    }
}

static int list(const struct library *library, bool json)
{
    struct buf buf;
    buf_init(&buf, OUTPUT_BYTES_MAX);
    if (json) {
        list_json(library, &buf);
    } else {
        list_table(library, &buf);
    }
    return print_buf(&buf);
}

/* ---- schema ---- */

static int unknown_kind(const char *kind)
{
    const char *known[ENTRIES_MAX];
    size_t count = 0;
    for (; count < schema_kind_count && count < ENTRIES_MAX; count++) {
        known[count] = schema_kinds[count].name;
    }
    const char *nearest = args_nearest(kind, known, count);
    return args_misuse(
        COMMAND, "schema: there is no kind of file '%s'%s%s%s; nrt config schema shows them", kind,
        nearest ? ", did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
}

static int schema(const char *kind)
{
    struct buf buf;
    struct err_why why = {0};
    buf_init(&buf, OUTPUT_BYTES_MAX);
    if (!kind) {
        for (size_t i = 0; i < schema_kind_count; i++) {
            buf_format(&buf, "%-10s %s\n", schema_kinds[i].name, schema_kinds[i].title);
        }
        return print_buf(&buf);
    }
    const enum err err = schema_write(kind, &buf, &why);
    if (err == ERR_OK) {
        return print_buf(&buf);
    }
    buf_release(&buf);
    return err == ERR_NOT_FOUND ? unknown_kind(kind)
                                : args_fail(EXIT_FOUND, COMMAND, "%s", why.text);
}

/* ---- init ---- */

static int unknown_rules(const struct library *library, const char *rules)
{
    const char *known[ENTRIES_MAX];
    size_t count = 0;
    for (; count < library->count && count < ENTRIES_MAX; count++) {
        known[count] = library->entries[count].id.ptr;
    }
    const char *nearest = args_nearest(rules, known, count);
    return args_misuse(
        COMMAND, "--rules: there is no rule set '%s'%s%s%s; nrt config list shows them", rules,
        nearest ? ", did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
}

static int init_folder(const struct library *library, const struct words *words)
{
    struct err_why why = {0};
    if (words->rules && !library_find(library, text_of(words->rules))) {
        return unknown_rules(library, words->rules);
    }
    if (config_write_defaults(words->folder, words->rules, &why) != ERR_OK) {
        return args_fail(EXIT_FOUND, COMMAND, "%s", why.text);
    }
    const char *rules = words->rules ? words->rules : library->entries[0].id.ptr;
    struct buf buf;
    buf_init(&buf, OUTPUT_BYTES_MAX);
    if (words->json) {
        struct json_out out;
        json_out_init(&out, &buf);
        json_out_open(&out, '{');
        json_out_member(&out, "folder", text_of(words->folder));
        json_out_member(&out, "rules", text_of(rules));
        json_out_close(&out, '}');
        buf_string(&buf, "\n");
    } else {
        buf_format(
            &buf,
            "wrote the default configuration with the rules %s to %s; check changes with: "
            "nrt check --config %s\n",
            rules, words->folder, words->folder);
    }
    return print_buf(&buf);
}

static int run(const struct library *library, const struct words *words)
{
    if (strcmp(words->verb, "list") == 0) {
        if (words->folder || words->rules) {
            return args_misuse(COMMAND, "list takes no folder and no --rules");
        }
        return list(library, words->json);
    }
    if (strcmp(words->verb, "schema") == 0) {
        if (words->rules || words->json) {
            return args_misuse(COMMAND, "schema takes a kind of file only");
        }
        return schema(words->folder);
    }
    if (!words->folder) {
        return args_misuse(COMMAND, "DIR is missing; see: nrt config --help");
    }
    return init_folder(library, words);
}

int cmd_config(int argc, char **argv)
{
    static const char *const verbs[] = {"init", "list", "schema"};
    struct words words = {0};
    const struct arg args[] = {
        {.name = "init", .text = &words.verb, .required = true},
        {.name = "DIR", .text = &words.folder},
        {.name = "--rules", .text = &words.rules},
        {.name = "--json", .flag = &words.json},
    };
    int code = args_read(argc, argv, args, sizeof args / sizeof args[0]);
    if (code != EXIT_FINE) {
        return code;
    }
    size_t verb = 0;
    while (verb < 3 && strcmp(words.verb, verbs[verb]) != 0) {
        verb++;
    }
    if (verb == 3) {
        const char *nearest = args_nearest(words.verb, verbs, 3);
        return args_misuse(
            COMMAND, "unknown word '%s'; did you mean '%s'?", words.verb,
            nearest ? nearest : "init");
    }
    struct arena arena;
    struct library library = {0};
    arena_init(&arena, 0);
    if (library_list(&arena, &library) != ERR_OK) {
        code = args_fail(EXIT_FOUND, COMMAND, "out of memory");
    } else {
        code = run(&library, &words);
    }
    arena_release(&arena);
    return code;
}
