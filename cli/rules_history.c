/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nrt rules history: the versions, newest first. With --export DIR all of them as folders, for
 * `nrt simulate --history DIR`: DIR/versions.json and DIR/0001/rules/..., addresses sealed or
 * masked as the service gives them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/list.h"
#include "cli/rules.h"
#include "config/policy.h"

#define COUNT_OF(array)    (sizeof(array) / sizeof((array)[0]))
#define PATH_BYTES         4096
#define VERSIONS_BYTES_MAX ((size_t)64 << 20)
#define PAGE_ROWS          "200"

/* ---- the list ---- */

static int show_list(const struct rules *rules, const char *kind, int64_t limit)
{
    static const struct column columns[] = {
        {"VERSION", "version", COLUMN_TEXT}, {"APPLIED", "at", COLUMN_TIME},
        {"BY", "by", COLUMN_TEXT},           {"FROM", "from", COLUMN_ORIGIN},
        {"REPLANS", "replans", COLUMN_LIST}, {"NOTE", "note", COLUMN_TEXT},
    };
    struct buf path;
    buf_init(&path, PATH_BYTES);
    buf_string(&path, "/api/v1");
    api_segment(&path, kind);
    buf_string(&path, "/versions");
    const struct list list = {
        .api = &rules->api,
        .path = path.ptr,
        .columns = columns,
        .column_count = COUNT_OF(columns),
        .limit = limit,
        .json = rules->json,
        .when_empty = rules_say(rules, "尚无版本。", "No versions yet."),
    };
    const int code = list_print(&list);
    buf_release(&path);
    return code;
}

/* ---- the export ---- */

struct exporting {
    const struct rules *rules;
    const char *folder;
    struct json_out out; /* of versions.json */
    int64_t count;
};

/* A name from outside becomes a path: only the known places of a configuration will do. */
static bool is_safe(struct text name)
{
    bool dots = false;
    for (size_t i = 1; i < name.bytes; i++) {
        dots = dots || (name.ptr[i] == '.' && name.ptr[i - 1] == '.');
    }
    return !dots && name.bytes < 512 && !memchr(name.ptr, '\0', name.bytes) &&
           config_kind_of(name) != CONFIG_KIND_COUNT;
}

static int write_one(const char *folder, struct text name, struct text bytes)
{
    char path[PATH_BYTES];
    struct err_why why = {.text = ""};
    const int length = snprintf(path, sizeof(path), "%s/%.*s", folder, TEXT_ARGS(name));
    if (length < 0 || (size_t)length >= sizeof(path)) {
        return args_fail(EXIT_FOUND, "rules", "%s: the path is too long", folder);
    }
    char *slash = strrchr(path, '/');
    *slash = '\0';
    enum err err = file_make_folders(path, 0700, &why);
    *slash = '/';
    if (err == ERR_OK) {
        err = file_write(path, bytes, 0600, &why);
    }
    return err == ERR_OK ? EXIT_FINE : args_fail(EXIT_FOUND, "rules", "%s: %s", path, why.text);
}

static int write_files(
    const struct exporting *export, int64_t version, const struct json_value *files)
{
    char folder[PATH_BYTES];
    int code = EXIT_FINE;
    const int bytes =
        snprintf(folder, sizeof(folder), "%s/%04lld", export->folder, (long long)version);
    if (bytes < 0 || (size_t)bytes >= sizeof(folder)) {
        return args_fail(EXIT_FOUND, "rules", "%s: the path is too long", export->folder);
    }
    for (const struct json_value *file = json_first(files); file && code == EXIT_FINE;
         file = json_next(file)) {
        const struct text name = json_get_string(file, "name");
        code = is_safe(name)
                   ? write_one(folder, name, json_get_string(file, "text"))
                   : args_fail(
                         EXIT_FOUND, "rules", "version %lld has a file of the unusable name '%.*s'",
                         (long long)version, TEXT_ARGS(name));
    }
    return code;
}

static int export_version(struct exporting *export, const struct json_value *item)
{
    static const char *const keys[] = {"at", "by", "note"};
    int64_t version = 0;
    char path[128];
    struct json_doc *doc = NULL;
    if (json_i64(json_get(item, "version"), &version) != ERR_OK) {
        return args_fail(EXIT_FOUND, "rules", "the service named no version");
    }
    json_out_open(&export->out, '{');
    json_out_member_i64(&export->out, "version", version);
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        json_out_member(&export->out, keys[i], json_get_string(item, keys[i]));
    }
    json_out_close(&export->out, '}');
    (void)snprintf(path, sizeof(path), "/api/v1/config/versions/%lld", (long long)version);
    int code = api_get_json(&export->rules->api, path, &doc);
    if (code == EXIT_FINE) {
        code = write_files(export, version, json_get(json_root(doc), "files"));
        json_free(doc);
        export->count++;
    }
    return code;
}

static int export_page(struct exporting *export, struct buf *cursor)
{
    struct buf path;
    struct json_doc *doc = NULL;
    buf_init(&path, PATH_BYTES);
    buf_string(&path, "/api/v1/config/versions");
    api_query(&path, "limit", PAGE_ROWS);
    api_query(&path, "cursor", cursor->bytes > 0 ? cursor->ptr : NULL);
    int code = api_get_json(&export->rules->api, path.ptr, &doc);
    buf_release(&path);
    if (code != EXIT_FINE) {
        return code;
    }
    const struct json_value *items = json_get(json_root(doc), "items");
    for (const struct json_value *item = json_first(items); item && code == EXIT_FINE;
         item = json_next(item)) {
        code = export_version(export, item);
    }
    buf_clear(cursor);
    buf_text(cursor, json_get_string(json_root(doc), "next"));
    json_free(doc);
    return code;
}

static int export_all(const struct rules *rules, const char *folder)
{
    struct exporting export = {.rules = rules, .folder = folder};
    struct buf versions;
    struct buf cursor;
    int code;
    buf_init(&versions, VERSIONS_BYTES_MAX);
    buf_init(&cursor, 1024);
    json_out_init(&export.out, &versions);
    json_out_open(&export.out, '[');
    do {
        code = export_page(&export, &cursor);
    } while (code == EXIT_FINE && cursor.bytes > 0);
    json_out_close(&export.out, ']');
    if (code == EXIT_FINE) {
        code = write_one(folder, TEXT_LITERAL("versions.json"), buf_view(&versions));
    }
    if (code == EXIT_FINE && rules->json) {
        printf("%.*s\n", TEXT_ARGS(buf_view(&versions)));
    } else if (code == EXIT_FINE) {
        printf(
            rules_say(
                rules, "%lld 个版本已写入 %s；nrt simulate --history %s 可按历史重放。\n",
                "%lld versions written to %s; nrt simulate --history %s replays them.\n"),
            (long long)export.count, folder, folder);
    }
    buf_release(&versions);
    buf_release(&cursor);
    return code;
}

int rules_history(int argc, char **argv)
{
    struct rules rules = {0};
    const char *verb = NULL;
    const char *folder = NULL;
    const char *kind = "config";
    const char *limit_text = NULL;
    int64_t limit = 50;
    const struct arg args[] = {
        {.name = "history", .text = &verb, .required = true},
        {.name = "--export", .text = &folder},
        {.name = "--kind", .text = &kind},
        {.name = "--limit", .text = &limit_text},
        {.name = "--lang", .text = &rules.lang},
        {.name = "--data", .text = &rules.data},
        {.name = "--json", .flag = &rules.json},
    };
    int code = args_read(argc, argv, args, COUNT_OF(args));
    if (code == EXIT_FINE) {
        code = rules_begin(&rules);
    }
    if (code != EXIT_FINE) {
        return code;
    }
    if (limit_text && (text_parse_i64(text_of(limit_text), &limit) != ERR_OK || limit < 1)) {
        return args_misuse("rules", "--limit must be a number from 1, not '%s'", limit_text);
    }
    return folder ? export_all(&rules, folder) : show_list(&rules, kind, limit);
}
