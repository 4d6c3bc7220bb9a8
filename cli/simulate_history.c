/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A history of applied versions, from the folder it was exported to. A version that cannot be read
 * whole spoils the history: without it the answer would be to another question.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

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

static int version_load(
    struct history *history, const char *folder, int64_t version, struct wall_ms since)
{
    char path[VERSION_PATH_MAX];
    struct report report;
    const int bytes = snprintf(path, sizeof(path), "%s/%04" PRId64, folder, version);
    if (bytes < 0 || (size_t)bytes >= sizeof(path)) {
        return args_fail(EXIT_FOUND, SIMULATE_COMMAND, "the path of the history is too long");
    }
    report_init(&report);
    struct bundle *bundle = bundle_load_folder(path, NULL, &report);
    if (!bundle) { /* its warnings were told when it was applied */
        complain_report(&report);
    }
    report_release(&report);
    if (!bundle) {
        return args_fail(
            EXIT_FOUND, SIMULATE_COMMAND,
            "version %" PRId64 " cannot be read from %s; export the history again", version, path);
    }
    bundle->policy.version = version;
    bundle->policy.since = since;
    history->bundles[history->count] = bundle;
    history->policies[history->count++] = &bundle->policy;
    return EXIT_FINE;
}

/* One {"version","at",...} of the list; versions and instants ascend. */
static int entry_load(struct history *history, const char *folder, const struct json_value *entry)
{
    int64_t version = 0;
    struct wall_ms at = {0};
    const struct policy *last = history->count > 0 ? history->policies[history->count - 1] : NULL;
    if (json_i64(json_get(entry, "version"), &version) != ERR_OK || version < 1 ||
        !read_at(json_get(entry, "at"), &at)) {
        return args_fail(
            EXIT_FOUND, SIMULATE_COMMAND,
            "%s/versions.json: item %zu needs a version from 1 and the time it was applied at",
            folder, history->count + 1);
    }
    if (last && (last->version >= version || last->since.ms > at.ms)) {
        return args_fail(
            EXIT_FOUND, SIMULATE_COMMAND,
            "%s/versions.json: version %" PRId64 " does not come after version %" PRId64, folder,
            version, last->version);
    }
    return version_load(history, folder, version, at);
}

static int list_load(struct history *history, const char *folder, const struct json_value *list)
{
    const size_t count = json_count(list);
    if (json_type(list) != JSON_ARRAY || count == 0 || count > VERSIONS_MAX) {
        return args_fail(
            EXIT_FOUND, SIMULATE_COMMAND, "%s/versions.json: expected a list of 1 to %zu versions",
            folder, VERSIONS_MAX);
    }
    history->bundles = calloc(count, sizeof(struct bundle *));
    history->policies = calloc(count, sizeof(const struct policy *));
    if (!history->bundles || !history->policies) {
        return args_fail(EXIT_FOUND, SIMULATE_COMMAND, "out of memory");
    }
    int code = EXIT_FINE;
    for (const struct json_value *entry = json_first(list); entry && code == EXIT_FINE;
         entry = json_next(entry)) {
        code = entry_load(history, folder, entry);
    }
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
