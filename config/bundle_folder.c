/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bundle from a configuration folder. What the folder does not have comes from the shipped
 * defaults, kind by kind; templates one by one, so that one text can be changed alone. The
 * shipped catalogue of matters goes with the shipped directory only: its units are that one's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "config/bundle_make.h"
#include "config/folder_list.h"
#include "rules/directory.h"

#define FILE_BYTES_MAX ((size_t)16 << 20)
#define PATH_BYTES     1280
#define SHIPPED_MAX    64

static bool path_join(char path[static PATH_BYTES], const char *folder, const char *name)
{
    const int bytes = snprintf(path, PATH_BYTES, "%s/%s", folder, name);
    return bytes > 0 && bytes < PATH_BYTES;
}

/* The file's text on the heap. A missing file is no mistake; false when one was reported. */
static bool load_source(
    const char *folder,
    const char *name,
    struct report *report,
    bool *ret_there,
    struct source *ret_source)
{
    char path[PATH_BYTES];
    struct err_why why = {0};
    struct buf buf;
    *ret_there = false;
    if (!path_join(path, folder, name)) {
        report_add(report, FINDING_ERROR, name, 0, 0, "", "the path is too long");
        return false;
    }
    buf_init(&buf, FILE_BYTES_MAX);
    const enum err err = file_read(path, &buf, &why);
    if (err != ERR_OK) {
        buf_release(&buf);
        if (err == ERR_NOT_FOUND) {
            return true;
        }
        report_add(report, FINDING_ERROR, name, 0, 0, "", "%s", why.text);
        return false;
    }
    size_t bytes = 0;
    char *text = buf_take(&buf, &bytes);
    char *label = strdup(name);
    if (!text || !label) {
        free(text);
        free(label);
        report_add(report, FINDING_ERROR, name, 0, 0, "", "out of memory");
        return false;
    }
    *ret_there = true;
    *ret_source = (struct source){.file = label, .json = {text, bytes}};
    return true;
}

static void source_free(const struct source *source)
{
    /* Both were made by load_source; the const is only for the readers. */
    free((void *)(uintptr_t)source->file);
    free((void *)(uintptr_t)source->json.ptr);
}

/* ---- one kind of files ---- */

struct files_of_kind {
    struct source sources[FOLDER_FILES_MAX + SHIPPED_MAX];
    size_t own_count;
    size_t count;
};

static bool load_own(
    const char *folder, const char *subfolder, struct report *report, struct files_of_kind *files)
{
    char path[PATH_BYTES];
    char name[PATH_BYTES];
    struct folder_list list;
    struct err_why why = {0};
    bool loaded = path_join(path, folder, subfolder);
    if (!loaded || folder_list_load(&list, path, &why) != ERR_OK) {
        report_add(report, FINDING_ERROR, subfolder, 0, 0, "", "%s", why.text);
        return false;
    }
    for (size_t i = 0; i < list.count; i++) {
        bool there = false;
        const int bytes = snprintf(name, sizeof name, "%s/%s", subfolder, list.names[i]);
        loaded = bytes > 0 && (size_t)bytes < sizeof name &&
                 load_source(folder, name, report, &there, &files->sources[files->count]) && loaded;
        files->count += there ? 1 : 0;
    }
    files->own_count = files->count;
    folder_list_release(&list);
    return loaded;
}

static void add_shipped(const char *subfolder, struct files_of_kind *files)
{
    char prefix[64];
    (void)snprintf(prefix, sizeof prefix, "%s/", subfolder);
    files->count += bundle_shipped_all(prefix, files->sources + files->count, SHIPPED_MAX);
}

static void files_release(struct files_of_kind *files)
{
    for (size_t i = 0; i < files->own_count; i++) {
        source_free(&files->sources[i]);
    }
}

/* ---- the folder ---- */

struct folder_files {
    struct files_of_kind calendars;
    struct files_of_kind rules;
    struct files_of_kind templates;
    struct source directory;
    struct source matters;
    bool own_directory;
    bool own_matters;
};

static bool folder_files_load(const char *folder, struct report *report, struct folder_files *files)
{
    bool loaded = true;
    if (folder) {
        loaded = load_own(folder, "calendars", report, &files->calendars);
        loaded = load_own(folder, "rules", report, &files->rules) && loaded;
        loaded = load_own(folder, "templates", report, &files->templates) && loaded;
        loaded = load_source(
                     folder, "directory.json", report, &files->own_directory, &files->directory) &&
                 loaded;
        loaded =
            load_source(folder, "matters.json", report, &files->own_matters, &files->matters) &&
            loaded;
    }
    if (files->calendars.count == 0) {
        add_shipped("calendars", &files->calendars);
    }
    if (files->rules.count == 0) {
        add_shipped("rules", &files->rules);
    }
    add_shipped("templates", &files->templates);
    if (!files->own_directory) {
        files->directory = bundle_shipped("directory.json");
    }
    if (!files->own_matters && !files->own_directory) {
        files->matters = bundle_shipped("matters.json");
    }
    return loaded;
}

static void folder_files_free(struct folder_files *files)
{
    files_release(&files->calendars);
    files_release(&files->rules);
    files_release(&files->templates);
    if (files->own_directory) {
        source_free(&files->directory);
    }
    if (files->own_matters) {
        source_free(&files->matters);
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

static bool stage_uses(const struct stage *stage, struct text channel)
{
    for (size_t i = 0; i < stage->via_count; i++) {
        if (text_equal(stage->via[i], channel)) {
            return true;
        }
    }
    return false;
}

static bool set_uses(const struct ruleset *set, struct text channel)
{
    bool uses = false;
    for (size_t c = 0; c < set->clock_count; c++) {
        const struct clock_rule *rule = &set->clocks[c];
        for (size_t i = 0; i < rule->stage_count; i++) {
            uses = uses || stage_uses(&rule->stages[i], channel);
        }
    }
    return uses;
}

static bool policy_uses(const struct policy *policy, struct text channel)
{
    bool uses = false;
    for (size_t s = 0; s < policy->set_count; s++) {
        uses = uses || set_uses(&policy->sets[s], channel);
    }
    return uses;
}

/* Said loudly: nothing is worse than alerts that go nowhere without anybody knowing. */
static void warn_about_sandboxes(
    const struct settings *settings, const struct policy *policy, struct report *report)
{
    for (size_t i = 0; i < settings->channel_count; i++) {
        const struct channel_settings *channel = &settings->channels[i];
        if (channel->implied && policy_uses(policy, channel->name)) {
            report_add(
                report, FINDING_WARNING, "nrt.json", 0, 0, "channels",
                "\"%.*s\" is not configured: its messages go to the sandbox and reach nobody",
                TEXT_ARGS(channel->name));
        }
    }
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

static struct bundle *make(
    const struct folder_files *files, const struct settings *settings, struct report *report)
{
    const struct bundle_input input = {
        .calendars = files->calendars.sources,
        .calendar_count = files->calendars.count,
        .directory = files->directory,
        .matters = files->matters,
        .rules = files->rules.sources,
        .rule_count = files->rules.count,
        .templates = files->templates.sources,
        .template_count = files->templates.count,
        .own_template_count = files->templates.own_count,
        .settings = settings,
        .backfill_ms = settings->backfill_ms,
    };
    return bundle_make(&input, report);
}

struct bundle *bundle_load_folder(
    const char *folder, const struct settings *settings, struct report *report)
{
    const size_t errors_before = report->error_count;
    if (!folder_exists(folder, report)) {
        return NULL;
    }
    struct folder_files *files = calloc(1, sizeof *files);
    if (!files) {
        report_add(report, FINDING_ERROR, "", 0, 0, "", "out of memory");
        return NULL;
    }
    if (folder) {
        warn_about_names(folder, report);
    }
    (void)folder_files_load(folder, report, files);
    struct bundle *bundle = make(files, settings, report);
    folder_files_free(files);
    if (bundle) {
        bundle_set_digest(bundle);
        warn_about_sandboxes(settings, &bundle->policy, report);
    }
    if (report->error_count > errors_before) {
        bundle_free(bundle);
        return NULL;
    }
    return bundle;
}
