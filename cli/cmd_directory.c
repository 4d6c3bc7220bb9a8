/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nrt directory import FILE.csv, nrt matters import FILE.csv: tables of an office into the files of
 * the configuration. Says what would change; writes only with --into, and nothing while a row has a
 * mistake, unless --skip-bad-rows leaves those rows out. Needs nothing running; what is written
 * counts once it is applied.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/complain.h"
#include "config/import.h"
#include "console/pretty.h"

#define FILE_BYTES_MAX ((size_t)64 << 20)
#define PATH_BYTES     1024

struct words {
    const char *verb;
    const char *file;
    const char *into;
    const char *directory;
    bool dry_run;
    bool skip_bad_rows;
    bool json;
};

/* What the two commands differ in. */
struct importer {
    const char *command;
    bool (*import)(
        const struct import_from *from,
        const struct reading *reading,
        struct import_result *ret_result);
    bool needs_matters;
    const char *empty; /* the file where there is none yet; NULL: it has to be there */
};

struct importing {
    const struct importer *importer;
    struct words words;
    struct arena arena;
    struct report report;
    struct csv csv;
    struct import_from from;
    struct import_result result;
    bool written;
};

static int words_read(const struct importer *importer, int argc, char **argv, struct words *words)
{
    const struct arg args[] = {
        {.name = "import", .text = &words->verb, .required = true},
        {.name = "FILE", .text = &words->file, .required = true},
        {.name = "--into", .text = &words->into},
        {.name = "--dry-run", .flag = &words->dry_run},
        {.name = "--skip-bad-rows", .flag = &words->skip_bad_rows},
        {.name = "--json", .flag = &words->json},
        {.name = "--directory", .text = &words->directory}, /* of matters alone */
    };
    const size_t count = sizeof args / sizeof args[0] - (importer->needs_matters ? 0 : 1);
    const int code = args_read(argc, argv, args, count);
    if (code == EXIT_FINE && strcmp(words->verb, "import") != 0) {
        return args_misuse(
            importer->command, "unknown word '%s'; did you mean 'import'?", words->verb);
    }
    return code;
}

/* ---- files ---- */

static bool file_take(struct importing *importing, const char *path, struct text *ret_text)
{
    struct buf buf;
    struct err_why why = {0};
    buf_init(&buf, FILE_BYTES_MAX);
    const enum err err = file_read(path, &buf, &why);
    if (err) {
        (void)args_fail(EXIT_FOUND, importing->importer->command, "%s", why.text);
    } else {
        *ret_text = arena_text(&importing->arena, buf_view(&buf));
    }
    buf_release(&buf);
    return !err && ret_text->ptr;
}

static bool table_take(struct importing *importing)
{
    struct text bytes;
    struct buf utf8;
    struct err_why why = {0};
    if (!file_take(importing, importing->words.file, &bytes)) {
        return false;
    }
    buf_init(&utf8, 4 * CSV_BYTES_MAX);
    enum err err = csv_decode(bytes, &utf8, &why);
    if (!err) {
        err = csv_read(buf_view(&utf8), &importing->arena, &importing->csv, &why);
    }
    buf_release(&utf8);
    if (err) {
        (void)args_fail(
            EXIT_FOUND, importing->importer->command, "%s: %s", importing->words.file,
            why.text[0] ? why.text : "out of memory");
    }
    return !err;
}

/* directory.json beside the file that is changed, unless another is named. */
static bool directory_path(const struct importing *importing, char path[static PATH_BYTES])
{
    const struct words *words = &importing->words;
    const char *into = words->into ? words->into : "";
    const char *const slash = strrchr(into, '/');
    const int folder_bytes = slash ? (int)(slash - into) + 1 : 0;
    int bytes = 0;
    if (!importing->importer->needs_matters && words->into) {
        bytes = snprintf(path, PATH_BYTES, "%s", into);
    } else if (words->directory) {
        bytes = snprintf(path, PATH_BYTES, "%s", words->directory);
    } else {
        bytes = snprintf(path, PATH_BYTES, "%.*sdirectory.json", folder_bytes, into);
    }
    return bytes >= 0 && bytes < PATH_BYTES;
}

static bool matters_take(struct importing *importing)
{
    const char *const path = importing->words.into ? importing->words.into : "matters.json";
    FILE *file = fopen(path, "re");
    importing->from.matters = (struct source){path, text_of(importing->importer->empty)};
    if (!file) {
        return true; /* a new catalogue */
    }
    (void)fclose(file);
    return file_take(importing, path, &importing->from.matters.json);
}

static bool files_take(struct importing *importing)
{
    char path[PATH_BYTES];
    importing->from.file = importing->words.file;
    importing->from.csv = &importing->csv;
    if (!directory_path(importing, path)) {
        (void)args_misuse(importing->importer->command, "the path is too long");
        return false;
    }
    importing->from.directory.file = arena_string(&importing->arena, text_of(path));
    return importing->from.directory.file && table_take(importing) &&
           file_take(importing, path, &importing->from.directory.json) &&
           (!importing->importer->needs_matters || matters_take(importing));
}

/* ---- what comes out ---- */

static int result_write(struct importing *importing)
{
    struct buf pretty;
    struct err_why why = {0};
    buf_init(&pretty, FILE_BYTES_MAX);
    enum err err = pretty_text(importing->result.json, &pretty);
    if (!err) {
        buf_char(&pretty, '\n');
        err = buf_error(&pretty);
    }
    if (!err) {
        err = file_write(importing->words.into, buf_view(&pretty), 0640, &why);
    }
    buf_release(&pretty);
    importing->written = !err;
    return err ? args_fail(
                     EXIT_FOUND, importing->importer->command, "%s",
                     why.text[0] ? why.text : "the result cannot be written")
               : EXIT_FINE;
}

static void tell_text(const struct importing *importing)
{
    const struct import_result *result = &importing->result;
    size_t added = 0;
    for (size_t i = 0; i < result->change_count; i++) {
        const struct import_change *change = &result->changes[i];
        added += change->added;
        (void)printf(
            "%c %.*s  %.*s%s%.*s\n", change->added ? '+' : '~', TEXT_ARGS(change->id),
            TEXT_ARGS(change->name), change->what.bytes > 0 ? ": " : "", TEXT_ARGS(change->what));
    }
    (void)printf(
        "%zu added, %zu changed, %zu as they were, %zu rows left out; %s\n", added,
        result->change_count - added, result->same_count, result->bad_rows,
        importing->written ? "written: `nrt rules apply` puts it in force" : "nothing written");
}

static void tell_json(const struct importing *importing, bool read)
{
    const struct import_result *result = &importing->result;
    struct buf buf;
    struct buf findings;
    struct json_out out;
    buf_init(&buf, FILE_BYTES_MAX);
    buf_init(&findings, FILE_BYTES_MAX);
    json_out_init(&out, &buf);
    report_print_json(&importing->report, &findings);
    json_out_open(&out, '{');
    json_out_key(&out, "written");
    json_out_bool(&out, importing->written);
    json_out_key(&out, "read");
    json_out_bool(&out, read);
    json_out_member_i64(&out, "same", (int64_t)result->same_count);
    json_out_member_i64(&out, "bad_rows", (int64_t)result->bad_rows);
    json_out_key(&out, "changes");
    json_out_open(&out, '[');
    for (size_t i = 0; i < result->change_count; i++) {
        json_out_open(&out, '{');
        json_out_member(&out, "change", text_of(result->changes[i].added ? "added" : "changed"));
        json_out_member(&out, "id", result->changes[i].id);
        json_out_member(&out, "name", result->changes[i].name);
        json_out_member(&out, "what", result->changes[i].what);
        json_out_close(&out, '}');
    }
    json_out_close(&out, ']');
    json_out_key(&out, "findings");
    json_out_raw(&out, buf_view(&findings));
    json_out_close(&out, '}');
    (void)printf("%s\n", buf.ptr ? buf.ptr : "");
    buf_release(&findings);
    buf_release(&buf);
}

static int run(struct importing *importing)
{
    const struct words *words = &importing->words;
    const struct reading reading = {.arena = &importing->arena, .report = &importing->report};
    if (!files_take(importing)) {
        return EXIT_FOUND;
    }
    const bool read = importing->importer->import(&importing->from, &reading, &importing->result);
    const bool clean = read && (importing->result.bad_rows == 0 || words->skip_bad_rows);
    int code = clean ? EXIT_FINE : EXIT_FOUND;
    if (clean && words->into && !words->dry_run && importing->result.change_count > 0) {
        code = result_write(importing);
    }
    complain_report(&importing->report);
    if (words->json) {
        tell_json(importing, read);
    } else if (read) {
        tell_text(importing);
    }
    return code;
}

static int import_run(const struct importer *importer, int argc, char **argv)
{
    struct importing importing = {.importer = importer};
    int code = words_read(importer, argc, argv, &importing.words);
    if (code != EXIT_FINE) {
        return code;
    }
    arena_init(&importing.arena, (size_t)512 << 20);
    report_init(&importing.report);
    code = run(&importing);
    report_release(&importing.report);
    arena_release(&importing.arena);
    return code;
}

int cmd_directory(int argc, char **argv)
{
    static const struct importer people = {.command = "directory", .import = import_people};
    return import_run(&people, argc, argv);
}

int cmd_matters(int argc, char **argv)
{
    static const struct importer matters = {
        .command = "matters",
        .import = import_matters,
        .needs_matters = true,
        .empty = "{\"matters\":[]}",
    };
    return import_run(&matters, argc, argv);
}
