/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bundles out of the ledger when a case first refers to their version; most open cases refer to
 * the last few of what may be hundreds.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "console/preview_parts.h"

#define BUNDLE_BYTES_MAX ((size_t)64 << 20)
#define PATH_BYTES       1024

/* The first finding says it; a bundle was checked when it was made. */
static enum err unusable(const struct report *report, const char *what, struct err_why *why)
{
    const bool any = report->count > 0;
    return err_set(
        why, ERR_CORRUPT, "%s cannot be used: %s", what,
        any ? report->findings[0].message : "out of memory");
}

static enum err read_json(
    const struct preview_versions *versions,
    struct text json,
    const char *what,
    struct bundle **ret_bundle,
    struct err_why *why)
{
    struct report report;
    report_init(&report);
    struct bundle *bundle = bundle_from_json(json, versions->key, &report);
    const enum err err = bundle ? ERR_OK : unusable(&report, what, why);
    report_release(&report);
    if (err == ERR_OK) {
        *ret_bundle = bundle;
    }
    return err;
}

/* ---- the list ---- */

static bool has_room(struct preview_versions *versions)
{
    if (versions->count + 1 < versions->capacity) {
        return true; /* one place is the candidate's */
    }
    const size_t capacity = versions->capacity ? versions->capacity * 2 : 8;
    struct bundle **bundles = realloc(versions->bundles, capacity * sizeof(struct bundle *));
    if (bundles) {
        versions->bundles = bundles;
    }
    const struct policy **policies = realloc(versions->policies, capacity * sizeof(void *));
    if (policies) {
        versions->policies = policies;
    }
    if (!bundles || !policies) {
        return false;
    }
    versions->capacity = capacity;
    return true;
}

static void make_rulebooks(struct preview_versions *versions)
{
    const size_t count = versions->count;
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            bundle_share_calendar(versions->bundles[i], versions->bundles[i - 1]);
        }
        versions->policies[i] = &versions->bundles[i]->policy;
    }
    if (count > 0) {
        bundle_share_calendar(versions->candidate, versions->bundles[count - 1]);
    }
    versions->policies[count] = &versions->candidate->policy;
    versions->before = (struct rulebook){versions->policies, count};
    versions->after = (struct rulebook){versions->policies, count + 1};
}

static enum err insert(struct preview_versions *versions, struct bundle *bundle)
{
    if (!has_room(versions)) {
        bundle_free(bundle);
        return ERR_NO_MEMORY;
    }
    size_t at = versions->count++;
    for (; at > 0 && versions->bundles[at - 1]->policy.version > bundle->policy.version; at--) {
        versions->bundles[at] = versions->bundles[at - 1];
    }
    versions->bundles[at] = bundle;
    return ERR_OK;
}

static bool is_there(const struct preview_versions *versions, int64_t version)
{
    for (size_t i = versions->count; i-- > 0;) {
        if (versions->bundles[i]->policy.version == version) {
            return true;
        }
    }
    return false;
}

/* ERR_NOT_FOUND when the ledger does not have its bundle. */
static enum err load(struct preview_versions *versions, int64_t version, struct err_why *why)
{
    char what[48];
    struct bundle *bundle = NULL;
    bool row = false;
    sql_bind_i64(versions->read, 1, version);
    enum err err = sql_step(versions->read, &row, why);
    if (err == ERR_OK && (!row || sql_is_null(versions->read, 1))) {
        err = ERR_NOT_FOUND;
    }
    if (err == ERR_OK) {
        const struct wall_ms since = {.ms = sql_i64(versions->read, 0)};
        (void)snprintf(what, sizeof(what), "version %" PRId64, version);
        err = read_json(versions, sql_text(versions->read, 1), what, &bundle, why);
        if (err == ERR_OK) {
            bundle->policy.version = version;
            bundle->policy.since = since;
        }
    }
    sql_reset(versions->read);
    return err == ERR_OK ? insert(versions, bundle) : err;
}

enum err preview_versions_need(
    struct preview_versions *versions, int64_t version, struct err_why *why)
{
    if (version <= 0 || version == versions->lacking || is_there(versions, version)) {
        return ERR_OK;
    }
    const enum err err = load(versions, version, why);
    if (err == ERR_NOT_FOUND) { /* those runs go by the newest, as they do in the service */
        versions->lacking = version;
        return ERR_OK;
    }
    if (err == ERR_OK) {
        make_rulebooks(versions);
    }
    return err;
}

/* ---- opening ---- */

static enum err newest_version(struct sql_db *db, int64_t *ret_version, struct err_why *why)
{
    struct sql_stmt *stmt = NULL;
    bool row = false;
    enum err err = sql_prepare(db, "SELECT max(version) FROM config_versions", &stmt, why);
    if (err == ERR_OK) {
        err = sql_step(stmt, &row, why);
    }
    if (err == ERR_OK && (!row || sql_is_null(stmt, 0))) {
        err = err_set(
            why, ERR_NOT_FOUND,
            "no configuration has been applied yet; `nrt rules apply` applies the first one");
    }
    if (err == ERR_OK) {
        *ret_version = sql_i64(stmt, 0);
    }
    sql_finalize(stmt);
    return err;
}

static enum err load_newest(
    struct preview_versions *versions, struct sql_db *db, int64_t *ret_version, struct err_why *why)
{
    enum err err = newest_version(db, ret_version, why);
    if (err == ERR_OK) {
        err = sql_prepare(
            db, "SELECT at, bundle FROM config_versions WHERE version = ?1", &versions->read, why);
    }
    if (err == ERR_OK) {
        err = load(versions, *ret_version, why);
    }
    return err == ERR_NOT_FOUND && versions->read ? err_set(
                                                        why, err,
                                                        "the ledger does not hold version %" PRId64
                                                        " whole yet; try again in a moment",
                                                        *ret_version)
                                                  : err;
}

static enum err load_candidate(
    struct preview_versions *versions, const struct preview_job *job, struct err_why *why)
{
    struct buf json;
    buf_init(&json, BUNDLE_BYTES_MAX);
    enum err err = file_read(job->bundle_path, &json, why);
    if (err == ERR_OK) {
        err = read_json(versions, buf_view(&json), job->bundle_path, &versions->candidate, why);
    }
    buf_release(&json);
    return err;
}

enum err preview_versions_open(
    struct preview_versions *versions,
    struct sql_db *db,
    const struct preview_job *job,
    struct err_why *why)
{
    char path[PATH_BYTES];
    int64_t newest = 0;
    *versions = (struct preview_versions){0};
    const int bytes = snprintf(path, sizeof(path), "%s/seal.key", job->data_folder);
    if (bytes < 0 || (size_t)bytes >= sizeof(path)) {
        return err_set(why, ERR_RANGE, "the path of the data folder is too long");
    }
    enum err err = seal_key_load(path, false, versions->key, why);
    if (err == ERR_OK) {
        err = load_newest(versions, db, &newest, why);
    }
    if (err == ERR_OK) {
        err = load_candidate(versions, job, why);
    }
    if (err == ERR_OK) {
        versions->candidate->policy.version = newest + 1;
        versions->candidate->policy.since = job->now;
        make_rulebooks(versions);
    }
    return err;
}

void preview_versions_release(struct preview_versions *versions)
{
    sql_finalize(versions->read);
    for (size_t i = 0; i < versions->count; i++) {
        bundle_free(versions->bundles[i]);
    }
    bundle_free(versions->candidate);
    free(versions->bundles);
    free(versions->policies);
    *versions = (struct preview_versions){0};
}
