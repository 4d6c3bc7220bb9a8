/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entries of the audit trail: written as the journal tells them, read in pages, and checked.
 *
 * The hash of an entry is SHA-256 over the hash before it (64 zeros before the first), a line end,
 * and its words as one JSON array. All of these are columns: what is hashed is what is shown.
 */
#include "console/ledger_audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "base/log.h"
#include "console/ledger_sql.h"

#define RECORD_BYTES_MAX ((size_t)256 * 1024)
#define COLUMNS                                                                                    \
    "partition, seq, at, act, phase, actor, kind, roles, peer, action, object, status, detail,"    \
    " before, after, hash"

static const char first_hash[] = "0000000000000000000000000000000000000000000000000000000000000000";

/* ---- the chain ---- */

static enum err entry_hash(
    const char *previous, const struct audit_row *row, char ret_hash[static AUDIT_HASH_BYTES])
{
    const struct text words[] = {
        row->act,    row->phase,  row->actor,  row->kind,   row->roles, row->peer,
        row->action, row->object, row->detail, row->before, row->after,
    };
    struct buf buf;
    struct json_out out;
    buf_init(&buf, RECORD_BYTES_MAX);
    json_out_init(&out, &buf);
    buf_string(&buf, previous);
    buf_char(&buf, '\n');
    json_out_open(&out, '[');
    json_out_i64(&out, row->partition);
    json_out_i64(&out, row->seq);
    json_out_i64(&out, row->at);
    json_out_i64(&out, row->status);
    for (size_t index = 0; index < sizeof(words) / sizeof(words[0]); index++) {
        json_out_string(&out, words[index]);
    }
    json_out_close(&out, ']');
    struct buf hex;
    buf_init(&hex, AUDIT_HASH_BYTES);
    crypto_sha256_hex(&hex, buf_view(&buf));
    const enum err err = buf_error(&buf) ? buf_error(&buf) : buf_error(&hex);
    if (!err) {
        memcpy(ret_hash, hex.ptr, AUDIT_HASH_BYTES);
    }
    buf_release(&hex);
    buf_release(&buf);
    return err;
}

static void row_read(struct sql_stmt *stmt, struct audit_row *ret_row)
{
    *ret_row = (struct audit_row){
        .partition = sql_i64(stmt, 0),
        .seq = sql_i64(stmt, 1),
        .at = sql_i64(stmt, 2),
        .act = sql_text(stmt, 3),
        .phase = sql_text(stmt, 4),
        .actor = sql_text(stmt, 5),
        .kind = sql_text(stmt, 6),
        .roles = sql_text(stmt, 7),
        .peer = sql_text(stmt, 8),
        .action = sql_text(stmt, 9),
        .object = sql_text(stmt, 10),
        .status = sql_i64(stmt, 11),
        .detail = sql_text(stmt, 12),
        .before = sql_text(stmt, 13),
        .after = sql_text(stmt, 14),
        .hash = sql_text(stmt, 15),
    };
}

/* ---- writing ---- */

struct chain_end {
    int64_t seq;
    char hash[AUDIT_HASH_BYTES];
    char fact[FACT_KEY_BYTES];
};

static enum err chain_end_read(
    struct ledger *ledger, int32_t partition, struct chain_end *ret_end, struct err_why *why)
{
    struct sql_stmt *stmt = NULL;
    bool row = false;
    enum err err = sql_prepare(
        ledger->db,
        "SELECT seq, hash, fact FROM audit WHERE partition = ? ORDER BY seq DESC LIMIT 1", &stmt,
        why);
    *ret_end = (struct chain_end){0};
    (void)snprintf(ret_end->hash, sizeof(ret_end->hash), "%s", first_hash);
    if (err) {
        return err;
    }
    sql_bind_i64(stmt, 1, partition);
    err = sql_step(stmt, &row, why);
    if (!err && row) {
        ret_end->seq = sql_i64(stmt, 0);
        (void)snprintf(ret_end->hash, sizeof(ret_end->hash), "%.*s", TEXT_ARGS(sql_text(stmt, 1)));
        (void)snprintf(ret_end->fact, sizeof(ret_end->fact), "%.*s", TEXT_ARGS(sql_text(stmt, 2)));
    }
    sql_finalize(stmt);
    return err;
}

static enum err row_insert(
    struct ledger *ledger,
    const struct audit_row *row,
    const char *hash,
    const struct fact_place *place,
    struct err_why *why)
{
    const struct text words[] = {
        row->act,   row->phase, row->actor,  row->kind,
        row->roles, row->peer,  row->action, row->object,
    };
    const struct text ends[] = {
        row->detail, row->before, row->after, text_of(hash), text_of(place->key)};
    struct sql_stmt *stmt = NULL;
    enum err err = sql_prepare(
        ledger->db, "INSERT INTO audit VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", &stmt, why);
    if (err) {
        return err;
    }
    sql_bind_i64(stmt, 1, row->partition);
    sql_bind_i64(stmt, 2, row->seq);
    sql_bind_i64(stmt, 3, row->at);
    for (int index = 0; index < 8; index++) {
        sql_bind_text(stmt, 4 + index, words[index]);
    }
    sql_bind_i64(stmt, 12, row->status);
    for (int index = 0; index < 5; index++) {
        sql_bind_text(stmt, 13 + index, ends[index]);
    }
    err = sql_run(stmt, why);
    sql_finalize(stmt);
    return err;
}

static int64_t number_of(const struct json_value *fact, const char *key)
{
    int64_t number = 0;
    return json_i64(json_get(fact, key), &number) ? 0 : number;
}

enum err ledger_write_audit(
    struct ledger *ledger,
    const struct fact_place *place,
    const struct json_value *fact,
    struct err_why *why)
{
    struct chain_end end;
    char hash[AUDIT_HASH_BYTES];
    if (json_get_string(fact, "action").bytes == 0) {
        return fact_lacks(why, "audit", "action");
    }
    enum err err = chain_end_read(ledger, place->partition, &end, why);
    if (err || strcmp(place->key, end.fact) <= 0) {
        return err; /* an entry that is fed again stands already */
    }
    const struct audit_row row = {
        .partition = place->partition,
        .seq = end.seq + 1,
        .at = number_of(fact, "at"),
        .act = json_get_string(fact, "act"),
        .phase = json_get_string(fact, "phase"),
        .actor = json_get_string(fact, "actor"),
        .kind = json_get_string(fact, "kind"),
        .roles = json_get_string(fact, "roles"),
        .peer = json_get_string(fact, "peer"),
        .action = json_get_string(fact, "action"),
        .object = json_get_string(fact, "object"),
        .status = number_of(fact, "status"),
        .detail = json_get_string(fact, "detail"),
        .before = json_get_string(fact, "before"),
        .after = json_get_string(fact, "after"),
    };
    if (entry_hash(end.hash, &row, hash)) {
        return err_set(why, ERR_NO_MEMORY, "no memory for an entry of the audit trail");
    }
    return row_insert(ledger, &row, hash, place, why);
}

/* ---- reading ---- */

static void audit_conditions(struct select *select, const struct audit_query *query)
{
    select_where(
        select, "(phase <> 'begun' OR NOT EXISTS (SELECT 1 FROM audit d WHERE d.act = a.act"
                " AND d.phase = 'done'))");
    select_equal(select, "actor", query->actor);
    select_equal(select, "action", query->action);
    select_equal(select, "object", query->object);
    if (query->q.bytes > 0) {
        select_where(
            select, "instr(lower(actor || char(10) || action || char(10) || object || char(10)"
                    " || detail), lower(?)) > 0");
        select_text(select, query->q);
    }
    if (query->from > 0) {
        select_where(select, "at >= ?");
        select_number(select, query->from);
    }
    if (query->until > 0) {
        select_where(select, "at < ?");
        select_number(select, query->until);
    }
    if (query->after.given) {
        select_where(select, "(seq, partition) < (?, CAST(? AS INTEGER))");
        select_number(select, query->after.number);
        select_text(select, query->after.tie);
    }
}

enum err ledger_audit(
    struct ledger *ledger,
    const struct audit_query *query,
    ledger_audit_fn *take,
    void *context,
    struct list_end *ret_end)
{
    struct select select;
    struct sql_stmt *stmt = NULL;
    int64_t count = 0;
    *ret_end = (struct list_end){0};
    select_init(&select, "SELECT " COLUMNS " FROM audit a");
    audit_conditions(&select, query);
    select_end(&select, "seq DESC, partition DESC", query->limit + 1);
    enum err err = select_prepare(&select, ledger, &stmt);
    while (!err && select_row(stmt, &err)) {
        struct audit_row row;
        if (count++ == query->limit) {
            ret_end->more = true;
            break;
        }
        char tie[24];
        row_read(stmt, &row);
        (void)snprintf(tie, sizeof(tie), "%" PRId64, row.partition);
        list_end_set(ret_end, row.seq, text_of(tie));
        if (!take(context, &row)) {
            break;
        }
    }
    sql_finalize(stmt);
    select_release(&select);
    return err;
}

enum err ledger_audit_head(
    struct ledger *ledger, int64_t partition, int64_t seq, struct audit_head *ret_head)
{
    struct select select;
    struct sql_stmt *stmt = NULL;
    *ret_head = (struct audit_head){.partition = partition};
    select_init(&select, "SELECT seq, hash FROM audit");
    select_where(&select, "partition = ?");
    select_number(&select, partition);
    if (seq > 0) {
        select_where(&select, "seq = ?");
        select_number(&select, seq);
    }
    select_end(&select, "seq DESC", 1);
    enum err err = select_prepare(&select, ledger, &stmt);
    if (!err && select_row(stmt, &err)) {
        ret_head->seq = sql_i64(stmt, 0);
        (void)snprintf(
            ret_head->hash, sizeof(ret_head->hash), "%.*s", TEXT_ARGS(sql_text(stmt, 1)));
    }
    sql_finalize(stmt);
    select_release(&select);
    return err;
}

/* ---- checking ---- */

static void check_breaks(struct audit_check *check, const struct audit_row *row, const char *why)
{
    check->broken = true;
    check->broken_partition = row->partition;
    check->broken_seq = row->seq;
    (void)snprintf(check->why, sizeof(check->why), "%s", why);
}

/* False when the walk ends here. */
static bool check_row(struct audit_check *check, const struct audit_row *row)
{
    char hash[AUDIT_HASH_BYTES];
    const bool first = check->entries == 0 || row->partition != check->head.partition;
    const int64_t expected = first ? 1 : check->head.seq + 1;
    if (row->seq != expected) {
        const struct audit_row gap = {.partition = row->partition, .seq = expected};
        check_breaks(check, &gap, "the entry is missing");
        return false;
    }
    if (entry_hash(first ? first_hash : check->head.hash, row, hash)) {
        check_breaks(check, row, "no memory to check the entry");
        return false;
    }
    if (!text_is(row->hash, hash)) {
        check_breaks(check, row, "the entry, or the one before it, is not what was written");
        return false;
    }
    check->entries++;
    check->head = (struct audit_head){.partition = row->partition, .seq = row->seq};
    memcpy(check->head.hash, hash, sizeof(hash));
    return true;
}

enum err ledger_audit_check(struct ledger *ledger, struct audit_check *ret_check)
{
    struct select select;
    struct sql_stmt *stmt = NULL;
    *ret_check = (struct audit_check){0};
    select_init(&select, "SELECT " COLUMNS " FROM audit");
    buf_string(&select.sql, " ORDER BY partition, seq");
    enum err err = select_prepare(&select, ledger, &stmt);
    while (!err && select_row(stmt, &err)) {
        struct audit_row row;
        row_read(stmt, &row);
        if (!check_row(ret_check, &row)) {
            break;
        }
    }
    sql_finalize(stmt);
    select_release(&select);
    return err;
}
