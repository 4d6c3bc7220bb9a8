/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of the preview worker (private to console/preview_*.c): versions on demand, a case's
 * memory from the ledger, totals and items.
 */
#ifndef NRT_CONSOLE_PREVIEW_PARTS_H
#define NRT_CONSOLE_PREVIEW_PARTS_H

#include "base/sql.h"
#include "config/policy.h"
#include "console/preview_worker.h"
#include "rules/preview.h"

/* ---- preview_versions.c ---- */

/* The versions that cases refer to, read when the first one does, and the candidate. */
struct preview_versions {
    struct sql_stmt *read;
    uint8_t key[SEAL_KEY_BYTES];
    struct bundle **bundles;        /* by version; the newest is always there */
    const struct policy **policies; /* theirs, then the candidate's */
    size_t count;                   /* without the candidate */
    size_t capacity;
    int64_t lacking; /* the last version that the ledger was asked for and does not have */
    struct bundle *candidate;
    struct rulebook before;
    struct rulebook after;
};
/* Released in any case. */
enum err preview_versions_open(
    struct preview_versions *versions,
    struct sql_db *db,
    const struct preview_job *job,
    struct err_why *why) ERR_MUST_USE;
void preview_versions_release(struct preview_versions *versions);
/* See that this version is there, if the ledger has it; 0 is none. */
enum err preview_versions_need(
    struct preview_versions *versions, int64_t version, struct err_why *why) ERR_MUST_USE;

/* ---- preview_memory.c ---- */

struct preview_reader {
    struct sql_stmt *events;
    struct sql_stmt *alerts;
    struct preview_versions *versions;
    struct arena arena; /* the memory of the case in hand */
};
enum err preview_reader_open(
    struct preview_reader *reader,
    struct sql_db *db,
    struct preview_versions *versions,
    struct err_why *why) ERR_MUST_USE;
void preview_reader_release(struct preview_reader *reader);
/* The memory lives until the next call. */
enum err preview_read_case(
    struct preview_reader *reader,
    struct text id,
    struct case_memory *ret_memory,
    struct err_why *why) ERR_MUST_USE;

/* ---- preview_report.c ---- */

struct preview_person {
    struct text id;
    int64_t messages[2]; /* before, after */
};

struct preview_report {
    const struct calendar *calendar; /* of the texts: the candidate's */
    FILE *items;
    struct buf line;
    struct arena arena; /* people, days */
    struct civil_day first_day;
    int day_count;
    int64_t (*by_day)[2];
    struct preview_person **people; /* by id */
    size_t person_count;
    size_t person_capacity;
    int64_t cases;
    int64_t runs;
    int64_t due_changed;
    int64_t due_earlier;
    int64_t due_later;
    int64_t light_changed[LIGHT_COUNT][LIGHT_COUNT];
    int64_t provisional_now_firm;
    int64_t missed_only_by_change;
    int64_t messages[2];
    int64_t sms[2];
};
enum err preview_report_open(
    struct preview_report *report,
    const struct preview_job *job,
    const struct calendar *calendar,
    struct err_why *why) ERR_MUST_USE;
/* Closes the items; ERR_IO when they could not all be written. */
enum err preview_report_close(struct preview_report *report, struct err_why *why) ERR_MUST_USE;
/* Count a case and write its items. */
enum err preview_report_add(
    struct preview_report *report, struct text case_id, const struct preview *preview) ERR_MUST_USE;
/* The line of totals. */
enum err preview_report_totals(struct preview_report *report, FILE *out) ERR_MUST_USE;

#endif
