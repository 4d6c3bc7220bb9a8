/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading alerts, messages and rejects, newest first.
 */
#include "console/ledger_sql.h"

#define ALERT_COLUMNS                                                                              \
    "a.id, a.case_id, a.clock, a.run, a.stage, a.title, a.instant, a.fired_at, a.status, a.light," \
    " a.late, a.recipients, a.via, a.ordinal, a.fault, c.title, c.unit,"                           \
    " (SELECT iif(count(*) = sum(x.shown = 'dropped'), max(x.reason), '') FROM messages x"         \
    " WHERE x.alert = a.id), a.template"
#define ALERT_SEEN 19 /* the column after these: does the scope show it? */

static void alert_of_row(struct sql_stmt *stmt, struct ledger_alert *row)
{
    *row = (struct ledger_alert){
        .id = sql_text(stmt, 0),
        .case_id = sql_text(stmt, 1),
        .clock = sql_text(stmt, 2),
        .run = sql_i64(stmt, 3),
        .stage = sql_text(stmt, 4),
        .title = sql_text(stmt, 5),
        .instant = sql_i64(stmt, 6),
        .fired_at = sql_i64(stmt, 7),
        .status = sql_text(stmt, 8),
        .light = sql_text(stmt, 9),
        .late = sql_i64(stmt, 10) != 0,
        .recipients = sql_text(stmt, 11),
        .via = sql_text(stmt, 12),
        .ordinal = sql_i64(stmt, 13),
        .fault = sql_i64(stmt, 14) != 0,
        .case_title = sql_text(stmt, 15),
        .case_unit = sql_text(stmt, 16),
        .dropped = sql_text(stmt, 17),
        .template_id = sql_text(stmt, 18),
    };
}

enum err ledger_alerts(
    struct ledger *ledger,
    const struct alert_query *query,
    ledger_alert_fn *take,
    void *context,
    struct list_end *ret_end)
{
    struct select select;
    struct sql_stmt *stmt = NULL;
    select_init(&select, "SELECT " ALERT_COLUMNS ", (true");
    select_seen(&select, "a.case_id", query->scope, select_and);
    buf_string(&select.sql, ") FROM alerts a LEFT JOIN cases c ON c.id = a.case_id");
    select_equal(&select, "a.id", query->id);
    select_equal(&select, "a.case_id", query->case_id);
    select_equal(&select, "a.status", query->status);
    if (query->fired_until > 0) {
        select_where(&select, "a.fired_at >= ? AND a.fired_at < ?");
        select_number(&select, query->fired_from);
        select_number(&select, query->fired_until);
    }
    select_after(&select, "a.fired_at, a.id", true, &query->after);
    /* An alert's units are its case's now: looked up row by row, for so many rows at most. */
    const bool by_unit = query->unit.bytes > 0;
    const bool picks = by_unit || (query->scope && !query->scope->all);
    select_end(&select, "a.fired_at DESC, a.id DESC", picks ? LEDGER_SCAN_MAX : query->limit + 1);
    enum err err = select_prepare(&select, ledger, &stmt);
    int64_t taken = 0;
    int64_t seen = 0;
    *ret_end = (struct list_end){0};
    while (!err && select_row(stmt, &err)) {
        struct ledger_alert row;
        if (taken == query->limit) {
            ret_end->more = true;
            break;
        }
        alert_of_row(stmt, &row);
        seen++;
        list_end_set(ret_end, row.fired_at, row.id);
        if (sql_i64(stmt, ALERT_SEEN) == 0 ||
            (by_unit && !text_equal(row.case_unit, query->unit))) {
            continue;
        }
        taken++;
        if (!take(context, &row)) {
            break;
        }
    }
    ret_end->more = ret_end->more || seen == LEDGER_SCAN_MAX;
    sql_finalize(stmt);
    select_release(&select);
    return err;
}

#define MESSAGE_COLUMNS                                                                            \
    "m.id, m.alert, m.case_id, m.clock, m.stage, m.person, m.channel, m.shown, m.at,"              \
    " m.attempts, m.ready, m.reason, m.body, m.accepted_at, m.undelivered_at, m.delivered_at,"     \
    " m.read_at, (SELECT min(k.at) FROM acks k WHERE k.alert = m.alert AND m.alert <> ''"          \
    " AND k.by_person = m.person), c.title, c.unit, r.title, a.title, a.light, a.fired_at,"        \
    " r.start, r.due, m.held_until, r.rules, a.run, m.gateway_id, m.went_as, m.notice, m.sent_at," \
    " m.queued_at, m.stands_in_for"
#define MESSAGE_SEEN            35 /* the columns after these: does the scope show it, */
#define MESSAGE_TELLS_OF_OTHERS 36 /* and has its text what the scope does not show? */

static void message_of_row(struct sql_stmt *stmt, struct ledger_message *row)
{
    *row = (struct ledger_message){
        .id = sql_text(stmt, 0),
        .alert = sql_text(stmt, 1),
        .case_id = sql_text(stmt, 2),
        .clock = sql_text(stmt, 3),
        .stage = sql_text(stmt, 4),
        .person = sql_text(stmt, 5),
        .channel = sql_text(stmt, 6),
        .state = sql_text(stmt, 7),
        .at = sql_i64(stmt, 8),
        .attempts = sql_i64(stmt, 9),
        .ready = sql_instant(stmt, 10),
        .reason = sql_text(stmt, 11),
        .body = sql_text(stmt, 12),
        .accepted = sql_instant(stmt, 13),
        .undelivered = sql_instant(stmt, 14),
        .delivered = sql_instant(stmt, 15),
        .read = sql_instant(stmt, 16),
        .acked = sql_instant(stmt, 17),
        .case_title = sql_text(stmt, 18),
        .case_unit = sql_text(stmt, 19),
        .clock_title = sql_text(stmt, 20),
        .stage_title = sql_text(stmt, 21),
        .light = sql_text(stmt, 22),
        .fired = sql_instant(stmt, 23),
        .start = sql_instant(stmt, 24),
        .due = sql_instant(stmt, 25),
        .held_until = sql_instant(stmt, 26),
        .rules = sql_i64(stmt, 27),
        .run = sql_i64(stmt, 28),
        .gateway_id = sql_text(stmt, 29),
        .digest = sql_text(stmt, 30),
        .notice = sql_text(stmt, 31),
        .sent = sql_instant(stmt, 32),
        .queued = sql_instant(stmt, 33),
        .stands_in_for = sql_text(stmt, 34),
    };
}

static bool is_scoped(const struct message_query *query)
{
    return query->scope && !query->scope->all;
}

/* Gathered with a message about a case that the scope does not show: they have one text. */
static void tells_of_others(struct select *select, const struct scope *scope)
{
    if (!scope || scope->all) {
        return;
    }
    buf_string(
        &select->sql, " OR (m.went_as <> '' AND EXISTS (SELECT 1 FROM messages o"
                      " WHERE o.went_as = m.went_as AND o.went_as <> '' AND o.case_id <> '' AND NOT"
                      " (true");
    select_seen(select, "o.case_id", scope, select_and);
    buf_string(&select->sql, ")))");
}

static void messages_select(struct select *select, const struct message_query *query)
{
    select_init(select, "SELECT " MESSAGE_COLUMNS ", (true");
    select_seen(select, "m.case_id", query->scope, select_and);
    buf_string(&select->sql, "), (false");
    tells_of_others(select, query->scope);
    buf_string(
        &select->sql, ") FROM messages m LEFT JOIN alerts a ON a.id = m.alert"
                      " LEFT JOIN cases c ON c.id = m.case_id LEFT JOIN runs r ON"
                      " r.case_id = a.case_id AND r.clock = a.clock AND r.run = a.run");
    select_equal(select, "m.id", query->id);
    select_equal(select, "m.alert", query->alert);
    select_equal(select, "m.person", query->person);
    select_equal(select, "m.channel", query->channel);
    select_equal(select, "m.shown", query->state);
    if (query->digest.bytes > 0) {
        select_where(select, "m.went_as <> ''"); /* so that its index is used */
        select_equal(select, "m.went_as", query->digest);
    }
    if (query->until > 0) {
        select_where(select, "m.at >= ? AND m.at < ?");
        select_number(select, query->from);
        select_number(select, query->until);
    }
    const int64_t rows = is_scoped(query) ? LEDGER_SCAN_MAX : query->limit + 1;
    if (query->handed_over) {
        select_where(select, "m.accepted_at IS NOT NULL");
        select_after(select, "m.accepted_at, m.id", true, &query->after);
        select_end(select, "m.accepted_at DESC, m.id DESC", rows);
    } else {
        select_after(select, "m.at, m.id", true, &query->after);
        select_end(select, "m.at DESC, m.id DESC", rows);
    }
}

enum err ledger_messages(
    struct ledger *ledger,
    const struct message_query *query,
    ledger_message_fn *take,
    void *context,
    struct list_end *ret_end)
{
    struct select select;
    struct sql_stmt *stmt = NULL;
    messages_select(&select, query);
    enum err err = select_prepare(&select, ledger, &stmt);
    int64_t taken = 0;
    int64_t seen = 0;
    *ret_end = (struct list_end){0};
    while (!err && select_row(stmt, &err)) {
        struct ledger_message row;
        if (taken == query->limit) {
            ret_end->more = true;
            break;
        }
        message_of_row(stmt, &row);
        seen++;
        list_end_set(ret_end, query->handed_over ? row.accepted.ms : row.at, row.id);
        if (sql_i64(stmt, MESSAGE_SEEN) == 0) {
            continue;
        }
        if (sql_i64(stmt, MESSAGE_TELLS_OF_OTHERS) != 0) {
            row.body = (struct text){0};
        }
        taken++;
        if (!take(context, &row)) {
            break;
        }
    }
    ret_end->more = ret_end->more || seen == LEDGER_SCAN_MAX;
    sql_finalize(stmt);
    select_release(&select);
    return err;
}

/* Partition and place as one text, so that a list has one tie. */
#define REJECT_TIE "(printf('%03d', partition) || ':' || fact)"

enum err ledger_rejects(
    struct ledger *ledger,
    const struct reject_query *query,
    ledger_reject_fn *take,
    void *context,
    struct list_end *ret_end)
{
    struct select select;
    struct sql_stmt *stmt = NULL;
    select_init(
        &select, "SELECT " REJECT_TIE ", partition, at, via, kind, reason, bytes, sha256, head"
                 " FROM rejects");
    select_after(&select, "at, " REJECT_TIE, true, &query->after);
    select_end(&select, "at DESC, " REJECT_TIE " DESC", query->limit + 1);
    enum err err = select_prepare(&select, ledger, &stmt);
    int64_t taken = 0;
    *ret_end = (struct list_end){0};
    while (!err && select_row(stmt, &err)) {
        const struct ledger_reject row = {
            .fact = sql_text(stmt, 0),
            .partition = sql_i64(stmt, 1),
            .at = sql_i64(stmt, 2),
            .via = sql_text(stmt, 3),
            .kind = sql_text(stmt, 4),
            .reason = sql_text(stmt, 5),
            .bytes = sql_i64(stmt, 6),
            .sha256 = sql_text(stmt, 7),
            .head = sql_text(stmt, 8),
        };
        if (taken++ == query->limit) {
            ret_end->more = true;
            break;
        }
        list_end_set(ret_end, row.at, row.fact);
        if (!take(context, &row)) {
            break;
        }
    }
    sql_finalize(stmt);
    select_release(&select);
    return err;
}
