/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A history of applied versions, from the folder it was exported to. A version that cannot be read
 * whole spoils the history: without it the answer would be to another question.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/complain.h"
#include "cli/simulate_parts.h"

#define LIST_BYTES_MAX   ((size_t)16 << 20)
#define VERSIONS_MAX     ((size_t)10000)
#define VERSION_PATH_MAX ((size_t)1024)

static bool read_at(const struct json_value *value, struct wall_ms *ret_at)
{
    const struct text text = json_string(value);
    if (json_type(value) == JSON_STRING) {
        return wall_parse(text.ptr, text.bytes, ret_at) == ERR_OK;
    }
    return json_type(value) == JSON_NUMBER && json_i64(value, &ret_at->ms) == ERR_OK &&
           ret_at->ms >= 0 && ret_at->ms <= WALL_MS_MAX;
}

/* ---- the list ---- */

struct entry {
    int64_t version;
    struct wall_ms at;
};

static int by_version(const void *a, const void *b)
{
    const struct entry *left = a;
    const struct entry *right = b;
    return (left->version > right->version) - (left->version < right->version);
}

/* Versions ascend, and their instants with them. */
static int entries_check(const char *folder, const struct entry *entries, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (entries[i].version == entries[i - 1].version ||
            entries[i].at.ms < entries[i - 1].at.ms) {
            return args_fail(
                EXIT_FOUND, SIMULATE_COMMAND,
                "%s/versions.json: version %" PRId64 " was not applied after version %" PRId64,
                folder, entries[i].version, entries[i - 1].version);
        }
    }
    return EXIT_FINE;
}

/* In any order in the file. */
static int entries_read(const char *folder, const struct json_value *list, struct entry *entries)
{
    size_t count = 0;
    for (const struct json_value *item = json_first(list); item; item = json_next(item)) {
        struct entry *entry = &entries[count++];
        if (json_i64(json_get(item, "version"), &entry->version) != ERR_OK || entry->version < 1 ||
            !read_at(json_get(item, "at"), &entry->at)) {
            return args_fail(
                EXIT_FOUND, SIMULATE_COMMAND,
                "%s/versions.json: item %zu needs a version from 1 and the time it was applied at",
                folder, count);
        }
    }
    qsort(entries, count, sizeof(*entries), by_version);
    return entries_check(folder, entries, count);
}

/* ---- the versions ---- */

/* What is missing would come from the shipped files: a damaged copy must not pass for a history. */
static bool is_whole(const char *folder)
{
    static const char *const parts[] = {"rules", "calendars", "directory.json"};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        char path[VERSION_PATH_MAX + 32];
        (void)snprintf(path, sizeof(path), "%s/%s", folder, parts[i]);
        if (access(path, R_OK) != 0) {
            return false;
        }
    }
    return true;
}

static int version_load(struct history *history, const char *folder, const struct entry *entry)
{
    char path[VERSION_PATH_MAX];
    struct report report;
    const int bytes = snprintf(path, sizeof(path), "%s/%04" PRId64, folder, entry->version);
    if (bytes < 0 || (size_t)bytes >= sizeof(path)) {
        return args_fail(EXIT_FOUND, SIMULATE_COMMAND, "the path of the history is too long");
    }
    report_init(&report);
    struct bundle *bundle = is_whole(path) ? bundle_load_folder(path, NULL, &report) : NULL;
    if (!bundle) { /* its warnings were told when it was applied */
        complain_report(&report);
    }
    report_release(&report);
    if (!bundle) {
        return args_fail(
            EXIT_FOUND, SIMULATE_COMMAND,
            "version %" PRId64 " cannot be read from %s; export the history again", entry->version,
            path);
    }
    bundle->policy.version = entry->version;
    bundle->policy.since = entry->at;
    if (history->count > 0) {
        bundle_share_calendar(bundle, history->bundles[history->count - 1]);
    }
    history->bundles[history->count] = bundle;
    history->policies[history->count++] = &bundle->policy;
    return EXIT_FINE;
}

static int list_load(struct history *history, const char *folder, const struct json_value *list)
{
    const size_t count = json_count(list);
    if (json_type(list) != JSON_ARRAY || count == 0 || count > VERSIONS_MAX) {
        return args_fail(
            EXIT_FOUND, SIMULATE_COMMAND, "%s/versions.json: expected a list of 1 to %zu versions",
            folder, VERSIONS_MAX);
    }
    struct entry *entries = calloc(count, sizeof(*entries));
    history->bundles = calloc(count, sizeof(struct bundle *));
    history->policies = calloc(count, sizeof(const struct policy *));
    if (!entries || !history->bundles || !history->policies) {
        free(entries);
        return args_fail(EXIT_FOUND, SIMULATE_COMMAND, "out of memory");
    }
    int code = entries_read(folder, list, entries);
    for (size_t i = 0; i < count && code == EXIT_FINE; i++) {
        code = version_load(history, folder, &entries[i]);
    }
    free(entries);
    return code;
}

int history_load(struct history *history, const char *folder)
{
    char path[VERSION_PATH_MAX];
    struct buf bytes;
    struct json_doc *doc = NULL;
    struct err_why why = {0};
    const int path_bytes = snprintf(path, sizeof(path), "%s/versions.json", folder);
    *history = (struct history){0};
    if (path_bytes < 0 || (size_t)path_bytes >= sizeof(path)) {
        return args_fail(EXIT_FOUND, SIMULATE_COMMAND, "the path of the history is too long");
    }
    buf_init(&bytes, LIST_BYTES_MAX);
    enum err err = file_read(path, &bytes, &why);
    if (err != ERR_OK) {
        buf_release(&bytes);
        return args_fail(
            EXIT_FOUND, SIMULATE_COMMAND, "%s; `nrt rules history --export DIR` makes it",
            why.text);
    }
    err = json_parse(buf_view(&bytes), &json_limits_config, &doc, &why);
    const int code = err == ERR_OK
                         ? list_load(history, folder, json_root(doc))
                         : args_fail(EXIT_FOUND, SIMULATE_COMMAND, "%s:%s", path, why.text);
    json_free(doc);
    buf_release(&bytes);
    return code;
}

void history_release(struct history *history)
{
    for (size_t i = 0; i < history->count; i++) {
        bundle_free(history->bundles[i]);
    }
    free(history->bundles);
    free(history->policies);
    *history = (struct history){0};
}
