/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests and answers of `nrt rules`, where several verbs need the same.
 */
#include "cli/rules.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/table.h"
#include "config/folder_list.h"

#define FILE_BYTES_MAX  ((size_t)16 << 20)
#define LINE_BYTES_MAX  ((size_t)64 * 1024)
#define PATH_BYTES      1280
#define REQUEST_WAIT_MS ((int64_t)120 * 1000) /* a large directory takes a while to be checked */

/* Names are taken on trust: this is who is at the keyboard, where nobody says otherwise. */
static void read_login(struct rules *rules)
{
    char room[4096];
    struct passwd entry;
    struct passwd *found = NULL;
    const char *sudo = geteuid() == 0 ? args_environment("SUDO_USER") : NULL;
    const char *name = sudo;
    if (!name && getpwuid_r(getuid(), &entry, room, sizeof(room), &found) == 0 && found) {
        name = found->pw_name;
    }
    (void)snprintf(rules->login, sizeof(rules->login), "%s", name ? name : "unknown");
}

int rules_begin(struct rules *rules)
{
    const char *lang = rules->lang ? rules->lang : "zh";
    if (explain_language_parse(text_of(lang), &rules->language) != ERR_OK) {
        return args_misuse("rules", "--lang is zh or en, not '%s'", lang);
    }
    if (!rules->by) {
        read_login(rules);
        rules->by = rules->login;
    }
    api_init(&rules->api, "rules", rules->data);
    return EXIT_FINE;
}

const char *rules_say(const struct rules *rules, const char *zh, const char *en)
{
    return rules->language == EXPLAIN_CHINESE ? zh : en;
}

/* ---- requests ---- */

void rules_open_words(const struct rules *rules, struct json_out *out)
{
    json_out_open(out, '{');
    if (rules->by) {
        json_out_member(out, "by", text_of(rules->by));
    }
    if (rules->note) {
        json_out_member(out, "note", text_of(rules->note));
    }
}

/*
 * Bytes that are no UTF-8 cannot be sent as they are: replaced by marks they would be applied as
 * the names of people. What else is wrong with a file the console says, with its place.
 */
static bool is_text(const struct rules *rules, const char *path, struct text text)
{
    if (utf8_valid(text)) {
        return true;
    }
    (void)args_fail(
        EXIT_FOUND, "rules",
        "%s: is not UTF-8; save the text as UTF-8 (nrt check --config %s shows the place)", path,
        rules->config);
    return false;
}

/* False, said on stderr, when it is there and cannot be read. */
static bool put_file(const struct rules *rules, struct json_out *out, const char *name, bool must)
{
    char path[PATH_BYTES];
    struct buf text;
    struct err_why why = {.text = ""};
    (void)snprintf(path, sizeof(path), "%s/%s", rules->config, name);
    buf_init(&text, FILE_BYTES_MAX);
    const enum err err = file_read(path, &text, &why);
    const bool there = err == ERR_OK && is_text(rules, path, buf_view(&text));
    if (there) {
        json_out_open(out, '{');
        json_out_member(out, "name", text_of(name));
        json_out_member(out, "text", buf_view(&text));
        json_out_close(out, '}');
    } else if (err != ERR_OK && (must || err != ERR_NOT_FOUND)) {
        (void)args_fail(EXIT_FOUND, "rules", "%s: %s", path, why.text);
    }
    buf_release(&text);
    return there || (!must && err == ERR_NOT_FOUND);
}

static bool put_subfolder(const struct rules *rules, struct json_out *out, const char *subfolder)
{
    char path[PATH_BYTES];
    char name[PATH_BYTES];
    struct folder_list list;
    struct err_why why = {.text = ""};
    bool put = true;
    (void)snprintf(path, sizeof(path), "%s/%s", rules->config, subfolder);
    if (folder_list_load(&list, path, &why) != ERR_OK) {
        (void)args_fail(EXIT_FOUND, "rules", "%s", why.text);
        return false;
    }
    for (size_t i = 0; put && i < list.count; i++) {
        (void)snprintf(name, sizeof(name), "%s/%s", subfolder, list.names[i]);
        put = put_file(rules, out, name, true);
    }
    folder_list_release(&list);
    return put;
}

bool rules_open_body(const struct rules *rules, struct json_out *out)
{
    static const char *const subfolders[] = {"rules", "calendars", "templates"};
    static const char *const files[] = {"directory.json", "matters.json"};
    if (access(rules->config, R_OK | X_OK) != 0) {
        (void)args_fail(
            EXIT_FOUND, "rules", "%s is not a folder that can be read; nrt config init makes one",
            rules->config);
        return false;
    }
    bool put = true;
    rules_open_words(rules, out);
    json_out_key(out, "files");
    json_out_open(out, '[');
    const size_t bytes_before = out->buf->bytes;
    for (size_t i = 0; i < sizeof(subfolders) / sizeof(subfolders[0]); i++) {
        put = put_subfolder(rules, out, subfolders[i]) && put;
    }
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        put = put_file(rules, out, files[i], false) && put;
    }
    if (put && out->buf->bytes == bytes_before) {
        put = false; /* what is compiled in would replace all that was applied */
        (void)args_fail(
            EXIT_FOUND, "rules",
            "%s has no file of a configuration (rules/, calendars/, templates/, directory.json, "
            "matters.json); is it the right folder?",
            rules->config);
    }
    json_out_close(out, ']');
    return put;
}

/* A configuration that was refused: its mistakes are what there is to say. */
static int refused(const struct rules *rules, struct api_answer *answer)
{
    struct json_doc *doc = NULL;
    const struct json_value *findings = NULL;
    if (json_parse(buf_view(&answer->body), &json_limits_config, &doc, NULL) == ERR_OK) {
        findings = json_get(json_root(doc), "findings");
    }
    if (json_count(findings) == 0) {
        json_free(doc);
        return api_problem(&rules->api, answer);
    }
    if (rules->json) {
        rules_print_json(json_root(doc));
    } else {
        rules_print_findings(findings);
        printf(
            "%s\n", rules_say(
                        rules, "配置有错，未作任何改动；现行版本不变。",
                        "The configuration has mistakes; nothing was changed, the version in force "
                        "stays."));
    }
    json_free(doc);
    buf_release(&answer->body);
    return EXIT_FOUND;
}

int rules_send(
    const struct rules *rules,
    const char *method,
    const char *path,
    const struct buf *body,
    struct json_doc **ret_doc)
{
    const struct api_call call = {
        .method = method,
        .path = path,
        .body = body ? buf_view(body) : (struct text){0},
        .timeout_ms = REQUEST_WAIT_MS,
    };
    struct api_answer answer;
    struct err_why why = {.text = ""};
    if (body && buf_error(body) != ERR_OK) {
        return args_fail(EXIT_FOUND, "rules", "the configuration is too large to be sent");
    }
    int code = api_send(&rules->api, &call, &answer);
    if (code != EXIT_FINE) {
        return code;
    }
    if (answer.status == 422) {
        return refused(rules, &answer);
    }
    if (answer.status < 200 || answer.status > 299) {
        return api_problem(&rules->api, &answer);
    }
    if (json_parse(buf_view(&answer.body), &json_limits_config, ret_doc, &why) != ERR_OK) {
        code = args_fail(
            EXIT_FOUND, "rules", "%s did not answer with JSON (%s)", rules->api.url, why.text);
    }
    buf_release(&answer.body);
    return code;
}

/* ---- answers ---- */

void rules_print_json(const struct json_value *value)
{
    struct buf text;
    struct json_out out;
    buf_init(&text, RULES_ANSWER_BYTES_MAX);
    json_out_init(&out, &text);
    json_out_value(&out, value);
    printf("%.*s\n", TEXT_ARGS(buf_view(&text)));
    buf_release(&text);
}

static void print_clean(const char *indent, struct text line)
{
    struct buf clean;
    buf_init(&clean, LINE_BYTES_MAX);
    table_clean(line, &clean);
    printf("%s%.*s\n", indent, TEXT_ARGS(buf_view(&clean)));
    buf_release(&clean);
}

void rules_print_findings(const struct json_value *findings)
{
    for (const struct json_value *item = json_first(findings); item; item = json_next(item)) {
        const struct text severity = json_get_string(item, "severity");
        const struct text path = json_get_string(item, "path");
        struct buf line;
        int64_t row = 0;
        int64_t column = 0;
        buf_init(&line, LINE_BYTES_MAX);
        buf_text(&line, json_get_string(item, "file"));
        if (json_i64(json_get(item, "line"), &row) == ERR_OK && row > 0 &&
            json_i64(json_get(item, "column"), &column) == ERR_OK) {
            buf_format(&line, ":%lld:%lld", (long long)row, (long long)column);
        }
        buf_format(&line, ": %.*s: ", TEXT_ARGS(severity));
        if (path.bytes > 0) {
            buf_format(&line, "%.*s: ", TEXT_ARGS(path));
        }
        buf_text(&line, json_get_string(item, "message"));
        print_clean("", buf_view(&line));
        buf_release(&line);
    }
}

size_t rules_print_changes(
    const struct rules *rules, const struct json_value *changes, const char *indent)
{
    const char *key = rules->language == EXPLAIN_CHINESE ? "zh" : "en";
    size_t count = 0;
    for (const struct json_value *item = json_first(changes); item; item = json_next(item)) {
        const bool plain = json_type(item) == JSON_STRING;
        print_clean(
            indent, plain ? json_string(item) : json_get_string(json_get(item, "text"), key));
        count++;
    }
    return count;
}
