/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening the ledger, its transactions and its positions. The facts themselves are written by
 * ledger_facts.c. One call of ledger_apply is one transaction; the caller bounds it.
 */
#include "console/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/failpoint.h"
#include "base/log.h"
#include "base/must.h"
#include "console/backup.h"
#include "console/ledger_figures_sql.h"
#include "console/ledger_internal.h"
#include "console/search_words.h"

/* A journal entry holds up to a batch of cases, each with events of up to 64 KiB. */
static const struct json_limits entry_limits = {
    .bytes_max = (size_t)64 * 1024 * 1024, .depth_max = 32, .values_max = 4000000};

/*
 * Cases change in random order: the pages of their indexes should stay in memory (KiB, negative),
 * and be written back once for many transactions (pages of 4 KiB).
 */
static const char open_settings[] = "PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 8192";

struct stream_place {
    int64_t ms;
    int64_t sequence;
};

static struct stream_place place_of(struct text position)
{
    struct stream_place place = {0};
    const char *dash = position.bytes > 0 ? memchr(position.ptr, '-', position.bytes) : NULL;
    if (!dash) {
        return place;
    }
    const size_t ms_bytes = (size_t)(dash - position.ptr);
    const struct text ms = {.ptr = position.ptr, .bytes = ms_bytes};
    const struct text sequence = {.ptr = dash + 1, .bytes = position.bytes - ms_bytes - 1};
    struct stream_place read = {0};
    if (text_parse_i64(ms, &read.ms) || text_parse_i64(sequence, &read.sequence)) {
        return place;
    }
    return read;
}

int position_compare(struct text a, struct text b)
{
    const struct stream_place left = place_of(a);
    const struct stream_place right = place_of(b);
    if (left.ms != right.ms) {
        return left.ms < right.ms ? -1 : 1;
    }
    return (left.sequence > right.sequence) - (left.sequence < right.sequence);
}

static enum err positions_read(struct ledger *ledger, struct err_why *why)
{
    for (int32_t partition = 0; partition < STORE_PARTITIONS_MAX; partition++) {
        (void)snprintf(ledger->positions[partition], POSITION_BYTES, "0-0");
    }
    struct sql_stmt *stmt = NULL;
    enum err err = sql_prepare(ledger->db, "SELECT partition, position FROM positions", &stmt, why);
    bool row = false;
    while (!err && !(err = sql_step(stmt, &row, why)) && row) {
        const int64_t partition = sql_i64(stmt, 0);
        const struct text position = sql_text(stmt, 1);
        if (partition < 0 || partition >= STORE_PARTITIONS_MAX ||
            position.bytes >= POSITION_BYTES) {
            err = err_set(why, ERR_CORRUPT, "the ledger holds a position that cannot be");
            break;
        }
        (void)snprintf(ledger->positions[partition], POSITION_BYTES, "%.*s", TEXT_ARGS(position));
    }
    sql_finalize(stmt);
    return err;
}

static enum err prepare_all(struct ledger *ledger, struct err_why *why)
{
    for (int stmt = 0; stmt < LEDGER_STMT_COUNT; stmt++) {
        const enum err err = sql_prepare(
            ledger->db, ledger_stmt_text((enum ledger_stmt)stmt), &ledger->stmts[stmt], why);
        if (err) {
            return err;
        }
    }
    return ERR_OK;
}

/* To the format of this program; the file as it was is kept where the backups are. */
static enum err bring_up(struct sql_db *db, const char *path, struct err_why *why)
{
    int64_t format = 0;
    enum err err = ledger_format(db, &format, why);
    if (!err && format > 0 && format < LEDGER_FORMAT) {
        err = backup_before_format(db, path, format, why);
    }
    return err ? err : ledger_migrate(db, why);
}

enum err ledger_open(const char *path, struct ledger **ret_ledger, struct err_why *why)
{
    struct ledger *ledger = calloc(1, sizeof(*ledger));
    if (!ledger) {
        return err_set(why, ERR_NO_MEMORY, "no memory for the ledger");
    }
    /* RELAXED: a commit lost with the power is read from the journal again. */
    enum err err = sql_open(path, SQL_RELAXED, &ledger->db, why);
    if (!err) {
        err = sql_exec(ledger->db, open_settings, why);
    }
    if (!err) {
        err = sql_add_function(ledger->db, LEDGER_WORDS, search_words, why);
    }
    if (!err) {
        err = bring_up(ledger->db, path, why);
    }
    if (!err) {
        err = sql_exec(ledger->db, FIGURES_NOTES, why);
    }
    if (!err) {
        err = prepare_all(ledger, why);
    }
    if (!err) {
        err = positions_read(ledger, why);
    }
    if (err) {
        ledger_close(ledger);
        return err;
    }
    *ret_ledger = ledger;
    return ERR_OK;
}

void ledger_close(struct ledger *ledger)
{
    if (!ledger) {
        return;
    }
    for (int stmt = 0; stmt < LEDGER_STMT_COUNT; stmt++) {
        sql_finalize(ledger->stmts[stmt]);
    }
    sql_close(ledger->db);
    free(ledger);
}

struct text ledger_position(const struct ledger *ledger, int32_t partition)
{
    MUST(partition >= 0 && partition < STORE_PARTITIONS_MAX);
    return text_of(ledger->positions[partition]);
}

bool ledger_has_reached(const struct ledger *ledger, int32_t partition, struct text position)
{
    return position_compare(ledger_position(ledger, partition), position) >= 0;
}

int64_t ledger_revision(const struct ledger *ledger)
{
    return ledger->revision;
}

static enum err oddity_keep(
    struct ledger *ledger,
    const struct fact_place *place,
    struct text body,
    const struct err_why *reason,
    struct err_why *why)
{
    log_warn(
        "ledger_oddity", "partition=%d fact=%s why=\"%s\" next=kept_as_it_is",
        (int)place->partition, place->key, reason->text);
    struct sql_stmt *stmt = ledger->stmts[STMT_ODDITY];
    sql_bind_i64(stmt, 1, place->partition);
    sql_bind_text(stmt, 2, text_of(place->key));
    sql_bind_text(stmt, 3, text_of(reason->text));
    sql_bind_text(stmt, 4, body);
    return sql_run(stmt, why);
}

static void place_set(struct fact_place *place, const struct journal_entry *entry, size_t index)
{
    const struct stream_place at = place_of(entry->position);
    place->partition = entry->partition;
    (void)snprintf(
        place->key, sizeof(place->key), "%015lld-%010lld-%06zu", (long long)at.ms,
        (long long)at.sequence, index);
}

static enum err fact_apply(
    struct ledger *ledger,
    const struct fact_place *place,
    const struct json_value *fact,
    struct err_why *why)
{
    struct err_why reason = {0};
    enum err err = ledger_write_fact(ledger, place, fact, &reason);
    if (err != ERR_PARSE) {
        if (err && why) {
            *why = reason;
        }
        return err;
    }
    struct buf body;
    struct json_out out;
    buf_init(&body, entry_limits.bytes_max);
    json_out_init(&out, &body);
    json_out_value(&out, fact);
    err = oddity_keep(ledger, place, buf_view(&body), &reason, why);
    buf_release(&body);
    return err;
}

static enum err entry_apply(
    struct ledger *ledger, const struct journal_entry *entry, struct err_why *why)
{
    struct fact_place place;
    struct err_why reason = {0};
    struct json_doc *doc = NULL;
    enum err err = json_parse(entry->facts, &entry_limits, &doc, &reason);
    if (err == ERR_NO_MEMORY) {
        return err_set(why, err, "no memory to read a journal entry");
    }
    if (err || json_type(json_root(doc)) != JSON_ARRAY) {
        place_set(&place, entry, 0);
        json_free(doc);
        if (!err) {
            (void)err_set(&reason, ERR_PARSE, "a journal entry must be an array of facts");
        }
        return oddity_keep(ledger, &place, entry->facts, &reason, why);
    }
    size_t index = 0;
    const struct json_value *fact = json_first(json_root(doc));
    for (; fact && !err; fact = json_next(fact)) {
        place_set(&place, entry, index++);
        err = fact_apply(ledger, &place, fact, why);
    }
    json_free(doc);
    return err;
}

static enum err position_write(
    struct ledger *ledger, const struct journal_entry *entry, struct err_why *why)
{
    struct sql_stmt *stmt = ledger->stmts[STMT_POSITION];
    sql_bind_i64(stmt, 1, entry->partition);
    sql_bind_text(stmt, 2, entry->position);
    return sql_run(stmt, why);
}

/* Is this the furthest entry of its partition in the batch, and further than the ledger? */
static bool is_furthest(
    const struct ledger *ledger, const struct journal_entry *entries, size_t count, size_t index)
{
    const struct journal_entry *entry = &entries[index];
    for (size_t other = index + 1; other < count; other++) {
        if (entries[other].partition == entry->partition &&
            position_compare(entries[other].position, entry->position) >= 0) {
            return false;
        }
    }
    return !ledger_has_reached(ledger, entry->partition, entry->position);
}

static enum err batch_apply(
    struct ledger *ledger, const struct journal_entry *entries, size_t count, struct err_why *why)
{
    enum err err = ERR_OK;
    for (size_t index = 0; index < count && !err; index++) {
        err = entry_apply(ledger, &entries[index], why);
        if (!err && is_furthest(ledger, entries, count, index)) {
            err = position_write(ledger, &entries[index], why);
        }
    }
    return err;
}

/* The words of cases that came, or were given another title, in this transaction. */
static enum err words_write(struct ledger *ledger, struct err_why *why)
{
    static const enum ledger_stmt steps[] = {STMT_WORDS_OUT, STMT_WORDS_IN, STMT_WORDS_DONE};
    enum err err = ERR_OK;
    for (size_t index = 0; index < sizeof(steps) / sizeof(steps[0]) && !err; index++) {
        err = sql_run(ledger->stmts[steps[index]], why);
    }
    return err;
}

static bool entries_make_sense(const struct journal_entry *entries, size_t count)
{
    for (size_t index = 0; index < count; index++) {
        if (entries[index].partition < 0 || entries[index].partition >= STORE_PARTITIONS_MAX ||
            entries[index].position.bytes >= POSITION_BYTES) {
            return false;
        }
    }
    return true;
}

enum err ledger_apply(
    struct ledger *ledger, const struct journal_entry *entries, size_t count, struct err_why *why)
{
    if (!entries_make_sense(entries, count)) {
        return err_set(why, ERR_PROTO, "a journal entry has no usable partition or position");
    }
    ledger->moved = false;
    ledger->has_notes = false;
    enum err err = sql_exec(ledger->db, "BEGIN IMMEDIATE", why);
    if (err) {
        return err;
    }
    err = batch_apply(ledger, entries, count, why);
    if (!err) {
        err = ledger_notes_write(ledger, why);
    }
    if (!err) {
        err = words_write(ledger, why);
    }
    if (!err) {
        failpoint_hit("ledger_before_commit");
        err = sql_exec(ledger->db, "COMMIT", why);
    }
    if (err) {
        const enum err ignored = sql_exec(ledger->db, "ROLLBACK", NULL);
        (void)ignored; /* a failed COMMIT may have rolled back already */
        return err;
    }
    failpoint_hit("ledger_after_commit");
    for (size_t index = 0; index < count; index++) {
        const struct journal_entry *entry = &entries[index];
        if (!ledger_has_reached(ledger, entry->partition, entry->position)) {
            (void)snprintf(
                ledger->positions[entry->partition], POSITION_BYTES, "%.*s",
                TEXT_ARGS(entry->position));
        }
    }
    ledger->revision += ledger->moved ? 1 : 0;
    return ERR_OK;
}
