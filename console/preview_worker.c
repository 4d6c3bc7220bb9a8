/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The open cases in the order of their ids, a few hundred at a time, so that no reading of the
 * ledger lasts long enough to hold up its writer.
 */
#include "console/preview_worker.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "console/ledger.h"
#include "console/preview_parts.h"

#define PATH_BYTES           1024
#define BATCH_CASES          500
#define CASE_ID_BYTES        160
#define PROGRESS_MIN_MS      200
#define DAY_MS               INT64_C(86400000)
#define FORMAT_WITH_VERSIONS 2

/* What a sweep goes over: open cases, and closed ones with a clock that goes on. */
#define CASES                                                                                      \
    "SELECT id FROM cases WHERE state NOT IN ('completed', 'withdrawn') AND id > ?1"               \
    " UNION SELECT case_id FROM runs WHERE stopped IS NULL"                                        \
    " AND outcome IN ('running', 'paused', 'missed') AND case_id > ?1"

struct worker {
    const struct preview_job *job;
    FILE *out;
    struct sql_db *db;
    struct sql_stmt *ids;
    struct preview_versions versions;
    struct preview_reader reader;
    struct preview_report report;
    struct preview_room room;
    int64_t total;
    int64_t done;
    struct mono_ms told;
};

/* ---- the ledger ---- */

/* The one number that a statement gives, `after` bound to ?1 where it has one. */
static enum err read_number(
    struct sql_db *db,
    const char *text,
    const char *after,
    int64_t *ret_number,
    struct err_why *why)
{
    struct sql_stmt *stmt = NULL;
    bool row = false;
    enum err err = sql_prepare(db, text, &stmt, why);
    if (err == ERR_OK) {
        if (after) {
            sql_bind_text(stmt, 1, text_of(after));
        }
        err = sql_step(stmt, &row, why);
    }
    if (err == ERR_OK) {
        *ret_number = row ? sql_i64(stmt, 0) : 0;
    }
    sql_finalize(stmt);
    return err;
}

static enum err ledger_open_to_read(struct worker *worker, struct err_why *why)
{
    char path[PATH_BYTES];
    int64_t format = 0;
    const int bytes = snprintf(path, sizeof(path), "%s/ledger.db", worker->job->data_folder);
    if (bytes < 0 || (size_t)bytes >= sizeof(path)) {
        return err_set(why, ERR_RANGE, "the path of the data folder is too long");
    }
    enum err err = sql_open(path, SQL_READ_ONLY, &worker->db, why);
    if (err == ERR_OK) {
        err = read_number(worker->db, "PRAGMA user_version", NULL, &format, why);
    }
    if (err == ERR_OK && (format < FORMAT_WITH_VERSIONS || format > LEDGER_FORMAT)) {
        err = err_set(
            why, ERR_CORRUPT,
            "the ledger %s has format %" PRId64 ", this program reads %d to %d: %s", path, format,
            FORMAT_WITH_VERSIONS, LEDGER_FORMAT,
            format > LEDGER_FORMAT ? "use the newer program"
                                   : "start its console once, it brings the ledger up to date");
    }
    if (err == ERR_OK) {
        err = read_number(worker->db, "SELECT count(*) FROM (" CASES ")", "", &worker->total, why);
    }
    if (err == ERR_OK) {
        err = sql_prepare(worker->db, CASES " ORDER BY 1 LIMIT ?2", &worker->ids, why);
    }
    return err;
}

/* ---- progress ---- */

/* ERR_IO when nobody listens any more: then the work is for nothing. */
static enum err tell_progress(struct worker *worker, bool at_once)
{
    const struct mono_ms now = clock_mono();
    if (!at_once && now.ms - worker->told.ms < PROGRESS_MIN_MS) {
        return ERR_OK;
    }
    worker->told = now;
    (void)fprintf(
        worker->out, "{\"type\":\"progress\",\"done\":%" PRId64 ",\"total\":%" PRId64 "}\n",
        worker->done, worker->total < worker->done ? worker->done : worker->total);
    return fflush(worker->out) == 0 ? ERR_OK : ERR_IO;
}

/* ---- the cases ---- */

static enum err preview_one(struct worker *worker, struct text id, struct err_why *why)
{
    struct case_memory memory;
    struct preview preview;
    enum err err = preview_read_case(&worker->reader, id, &memory, why);
    if (err != ERR_OK) {
        return err;
    }
    const struct preview_question question = {
        .memory = &memory,
        .before = &worker->versions.before,
        .after = &worker->versions.after,
        .now = worker->job->now,
        .horizon = wall_add(worker->job->now, worker->job->days * DAY_MS),
        .replan = worker->job->replan,
        .channels = &worker->job->channels,
    };
    err = preview_case(&worker->room, &question, &preview);
    if (err == ERR_FULL) {
        return err_set(
            why, err, "case %.*s would ring more than %d times; has a repeat no maximum?",
            TEXT_ARGS(id), PREVIEW_STEPS_MAX);
    }
    return err == ERR_OK ? preview_report_add(&worker->report, id, &preview) : err;
}

struct batch {
    char ids[BATCH_CASES][CASE_ID_BYTES];
    size_t bytes[BATCH_CASES];
    size_t count;
};

static enum err take_ids(
    struct worker *worker, struct batch *batch, struct text after, struct err_why *why)
{
    bool row = false;
    batch->count = 0;
    sql_bind_text(worker->ids, 1, after);
    sql_bind_i64(worker->ids, 2, BATCH_CASES);
    enum err err = sql_step(worker->ids, &row, why);
    while (err == ERR_OK && row && batch->count < BATCH_CASES) {
        const struct text id = sql_text(worker->ids, 0);
        if (id.bytes >= CASE_ID_BYTES) {
            err = err_set(why, ERR_CORRUPT, "the ledger has a case id of %zu bytes", id.bytes);
            break;
        }
        memcpy(batch->ids[batch->count], id.ptr, id.bytes);
        batch->bytes[batch->count++] = id.bytes;
        err = sql_step(worker->ids, &row, why);
    }
    sql_reset(worker->ids);
    return err;
}

static enum err preview_batch(struct worker *worker, const struct batch *batch, struct err_why *why)
{
    enum err err = ERR_OK;
    for (size_t i = 0; i < batch->count && err == ERR_OK; i++) {
        const struct text id = {.ptr = batch->ids[i], .bytes = batch->bytes[i]};
        err = preview_one(worker, id, why);
        worker->done++;
        if (err == ERR_OK) {
            err = tell_progress(worker, false);
        }
    }
    return err;
}

static enum err preview_all(struct worker *worker, struct batch *batch, struct err_why *why)
{
    char last[CASE_ID_BYTES];
    enum err err = take_ids(worker, batch, TEXT_LITERAL(""), why);
    while (err == ERR_OK && batch->count > 0) {
        const size_t end = batch->count - 1;
        const struct text after = {.ptr = last, .bytes = batch->bytes[end]};
        memcpy(last, batch->ids[end], batch->bytes[end]);
        err = preview_batch(worker, batch, why);
        if (err == ERR_OK) {
            err = take_ids(worker, batch, after, why);
        }
    }
    return err;
}

static enum err work(struct worker *worker, struct err_why *why)
{
    enum err err = ledger_open_to_read(worker, why);
    if (err == ERR_OK) {
        err = preview_versions_open(&worker->versions, worker->db, worker->job, why);
    }
    if (err == ERR_OK) {
        err = preview_reader_open(&worker->reader, worker->db, &worker->versions, why);
    }
    if (err == ERR_OK) {
        err = preview_report_open(
            &worker->report, worker->job, worker->versions.candidate->policy.calendar, why);
    }
    if (err == ERR_OK) {
        struct batch *batch = calloc(1, sizeof(*batch)); /* too much for a stack */
        err = batch ? tell_progress(worker, true) : ERR_NO_MEMORY;
        if (err == ERR_OK) {
            err = preview_all(worker, batch, why);
        }
        free(batch);
    }
    if (err == ERR_OK) {
        err = tell_progress(worker, true);
    }
    if (err == ERR_OK) {
        err = preview_report_totals(&worker->report, worker->out);
    }
    return err;
}

enum err preview_work(const struct preview_job *job, FILE *out, struct err_why *why)
{
    struct worker worker = {.job = job, .out = out};
    preview_room_init(&worker.room);
    enum err err = work(&worker, why);
    const enum err closed = preview_report_close(&worker.report, why);
    if (err == ERR_OK) {
        err = closed;
    }
    if (err == ERR_OK && fflush(out) != 0) {
        err = ERR_IO;
    }
    if (err != ERR_OK && why && why->text[0] == '\0') {
        (void)err_set(why, err, "the preview stopped: %s", err_name(err));
    }
    preview_room_release(&worker.room);
    preview_reader_release(&worker.reader);
    preview_versions_release(&worker.versions);
    sql_finalize(worker.ids);
    sql_close(worker.db);
    return err;
}
