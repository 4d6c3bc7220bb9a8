/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bundle from a configuration folder: its files are read, and become a bundle as any named texts
 * do (config/bundle_texts.c).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "config/bundle_make.h"
#include "config/folder_list.h"

#define FILE_BYTES_MAX ((size_t)16 << 20)
#define PATH_BYTES     1280
#define FILES_MAX      (3 * FOLDER_FILES_MAX + 2)

struct folder_files {
    const char *folder;
    struct report *report;
    struct bundle_source files[FILES_MAX]; /* texts on the heap */
    size_t count;
};

static bool path_join(char path[static PATH_BYTES], const char *folder, const char *name)
{
    const int bytes = snprintf(path, PATH_BYTES, "%s/%s", folder, name);
    return bytes > 0 && bytes < PATH_BYTES;
}

static void load_error(const struct folder_files *files, const char *name, const char *why)
{
    report_add(files->report, FINDING_ERROR, name, 0, 0, "", "%s", why);
}

/* A missing file is no mistake. */
static void load_file(struct folder_files *files, const char *name)
{
    char path[PATH_BYTES];
    struct err_why why = {0};
    struct buf buf;
    if (!path_join(path, files->folder, name)) {
        load_error(files, name, "the path is too long");
        return;
    }
    buf_init(&buf, FILE_BYTES_MAX);
    const enum err err = file_read(path, &buf, &why);
    if (err != ERR_OK) {
        buf_release(&buf);
        if (err != ERR_NOT_FOUND) {
            load_error(files, name, why.text);
        }
        return;
    }
    size_t bytes = 0;
    char *text = buf.bytes > 0 ? buf_take(&buf, &bytes) : strdup("");
    char *label = strdup(name);
    buf_release(&buf);
    if (!text || !label || files->count == FILES_MAX) {
        free(text);
        free(label);
        load_error(files, name, "out of memory");
        return;
    }
    files->files[files->count++] =
        (struct bundle_source){.name = {label, strlen(label)}, .json = {text, bytes}};
}

static void load_subfolder(struct folder_files *files, const char *subfolder)
{
    char path[PATH_BYTES];
    char name[PATH_BYTES];
    struct folder_list list;
    struct err_why why = {0};
    if (!path_join(path, files->folder, subfolder) ||
        folder_list_load(&list, path, &why) != ERR_OK) {
        load_error(files, subfolder, why.text[0] ? why.text : "the path is too long");
        return;
    }
    for (size_t i = 0; i < list.count; i++) {
        if (path_join(name, subfolder, list.names[i])) {
            load_file(files, name);
        } else {
            load_error(files, subfolder, "the path is too long");
        }
    }
    folder_list_release(&list);
}

static void files_free(struct folder_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        /* Both were made by load_file; the const is only for the readers. */
        free((void *)(uintptr_t)files->files[i].name.ptr);
        free((void *)(uintptr_t)files->files[i].json.ptr);
    }
    free(files);
}

/* A misspelt file would be read by nobody, and its shipped twin used in silence. */
static void warn_about_names(const char *folder, struct report *report)
{
    static const char *const known[] = {"nrt.json", "directory.json", "matters.json"};
    struct folder_list list;
    if (folder_list_load(&list, folder, NULL) != ERR_OK) {
        return;
    }
    for (size_t i = 0; i < list.count; i++) {
        char hint[READ_HINT_BYTES];
        struct nearest nearest;
        bool is_known = false;
        nearest_init(&nearest, text_of(list.names[i]));
        for (size_t k = 0; k < sizeof known / sizeof known[0]; k++) {
            is_known = is_known || strcmp(list.names[i], known[k]) == 0;
            nearest_try(&nearest, text_of(known[k]));
        }
        if (!is_known) {
            report_add(
                report, FINDING_WARNING, list.names[i], 0, 0, "",
                "this file is not part of the configuration and is not read%s",
                nearest_hint(&nearest, hint));
        }
    }
    folder_list_release(&list);
}

static bool folder_exists(const char *folder, struct report *report)
{
    struct stat info;
    if (!folder || (stat(folder, &info) == 0 && S_ISDIR(info.st_mode))) {
        return true;
    }
    report_add(report, FINDING_ERROR, folder, 0, 0, "", "there is no such folder");
    return false;
}

struct bundle *bundle_load_folder_sealed(
    const char *folder, const struct settings *settings, const uint8_t *key, struct report *report)
{
    const size_t errors_before = report->error_count;
    struct bundle *bundle = NULL;
    if (!folder_exists(folder, report)) {
        return NULL;
    }
    struct folder_files *files = calloc(1, sizeof *files);
    if (!files) {
        report_add(report, FINDING_ERROR, "", 0, 0, "", "out of memory");
        return NULL;
    }
    files->folder = folder;
    files->report = report;
    if (folder) {
        warn_about_names(folder, report);
        load_subfolder(files, "calendars");
        load_subfolder(files, "rules");
        load_subfolder(files, "templates");
        load_file(files, "directory.json");
        load_file(files, "matters.json");
    }
    const struct bundle_texts texts = {
        .files = files->files, .file_count = files->count, .key = key};
    bundle = bundle_load_texts(&texts, settings, report);
    files_free(files);
    if (report->error_count > errors_before) {
        bundle_free(bundle);
        return NULL;
    }
    return bundle;
}

struct bundle *bundle_load_folder(
    const char *folder, const struct settings *settings, struct report *report)
{
    return bundle_load_folder_sealed(folder, settings, NULL, report);
}
