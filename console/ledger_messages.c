/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages and their receipts. A message's row says what the notifier last told of it; when it was
 * queued, delivered, read stands beside that, computed anew from all its receipts whenever one of
 * both comes, so that neither order nor repetition can matter. A receipt is known by our id, by
 * the gateway's, or is kept until its message is told. Members of a digest show what became of
 * the digest.
 */
#include "console/ledger_internal.h"

static enum err run_by_id(
    struct ledger *ledger, enum ledger_stmt which, struct text id, struct err_why *why)
{
    struct sql_stmt *stmt = ledger->stmts[which];
    sql_bind_text(stmt, 1, id);
    return sql_run(stmt, why);
}

/* ---- messages ---- */

static void bind_message(
    struct sql_stmt *stmt, const struct fact_place *place, const struct json_value *fact)
{
    static const char *const texts[] = {"id",    "alert",  "case",    "clock",
                                        "stage", "person", "channel", "state"};
    for (size_t index = 0; index < sizeof(texts) / sizeof(texts[0]); index++) {
        bind_member(stmt, (int)index + 1, fact, texts[index]);
    }
    bind_number(stmt, 9, fact, "at");
    bind_number(stmt, 10, fact, "attempts");
    bind_instant_or_null(stmt, 11, fact, "ready");
    bind_member(stmt, 12, fact, "reason");
    bind_member(stmt, 13, fact, "text");
    bind_member(stmt, 14, fact, "gateway_id");
    if (text_is(json_get_string(fact, "state"), "accepted")) {
        bind_number(stmt, 15, fact, "at");
    } else {
        sql_bind_null(stmt, 15);
    }
    sql_bind_text(stmt, 16, text_of(place->key));
    bind_member(stmt, 17, fact, "digest");
    bind_member(stmt, 18, fact, "notice");
    bind_instant_or_null(stmt, 19, fact, "sent_at");
    bind_member(stmt, 20, fact, "for");
}

/* The gateway's name of it: receipts may know no other. */
static enum err write_gateway_id(
    struct ledger *ledger, const struct json_value *fact, struct err_why *why)
{
    static const enum ledger_stmt both[] = {STMT_GATEWAY_ID, STMT_RECEIPTS_KNOWN_BY_GATEWAY};
    if (json_get_string(fact, "gateway_id").bytes == 0) {
        return ERR_OK;
    }
    enum err err = ERR_OK;
    for (size_t index = 0; index < 2 && !err; index++) {
        struct sql_stmt *stmt = ledger->stmts[both[index]];
        bind_member(stmt, 1, fact, "gateway_id");
        bind_member(stmt, 2, fact, "channel");
        if (both[index] == STMT_GATEWAY_ID) {
            bind_member(stmt, 3, fact, "id");
        }
        err = sql_run(stmt, why);
    }
    return err;
}

/* What else of a message there is to look after; of most there is nothing. */
struct beside {
    bool digest;   /* it is in a digest, was, or is one */
    bool receipts; /* there may be receipts of it */
};

static enum err look_beside(
    struct ledger *ledger, struct text id, struct beside *ret_beside, struct err_why *why)
{
    struct sql_stmt *stmt = ledger->stmts[STMT_BESIDE];
    bool row = false;
    sql_bind_text(stmt, 1, id);
    const enum err err = sql_step(stmt, &row, why);
    if (!err && row) {
        ret_beside->digest = sql_i64(stmt, 0) != 0;
        ret_beside->receipts = sql_i64(stmt, 1) != 0;
    }
    sql_reset(stmt);
    return err;
}

static enum err look_after(
    struct ledger *ledger, struct text id, const struct json_value *fact, struct err_why *why)
{
    struct beside beside = {0};
    enum err err = look_beside(ledger, id, &beside, why);
    const bool overtaken = text_is(json_get_string(fact, "reason"), "overtaken");
    /* In this order: what members show is taken from the digest's own row. */
    const struct {
        enum ledger_stmt stmt;
        bool wanted;
    } after[] = {
        {STMT_RECEIPTS_KNOWN, beside.receipts},         {STMT_WENT_AS, beside.digest},
        {STMT_DIGEST_TO_MEMBERS, beside.digest},        {STMT_DIGEST_OF_MEMBER, beside.digest},
        {STMT_MARKS, beside.receipts || beside.digest}, {STMT_OVERTAKEN, overtaken},
    };
    for (size_t index = 0; index < sizeof(after) / sizeof(after[0]) && !err; index++) {
        if (after[index].wanted) {
            err = run_by_id(ledger, after[index].stmt, id, why);
        }
    }
    return err;
}

enum err ledger_write_message(
    struct ledger *ledger,
    const struct fact_place *place,
    const struct json_value *fact,
    struct err_why *why)
{
    const struct text id = json_get_string(fact, "id");
    if (id.bytes == 0) {
        return fact_lacks(why, "message", "id");
    }
    struct sql_stmt *stmt = ledger->stmts[STMT_MESSAGE];
    bind_message(stmt, place, fact);
    enum err err = sql_run(stmt, why);
    if (!err) {
        err = write_gateway_id(ledger, fact, why);
    }
    return err ? err : look_after(ledger, id, fact, why);
}

/* ---- receipts ---- */

static bool is_state(struct text state)
{
    static const char *const states[] = {"queued", "undelivered", "delivered", "read"};
    for (size_t index = 0; index < sizeof(states) / sizeof(states[0]); index++) {
        if (text_is(state, states[index])) {
            return true;
        }
    }
    return false;
}

enum err ledger_write_receipt(
    struct ledger *ledger, const struct json_value *fact, struct err_why *why)
{
    static const char *const names[] = {"message", "gateway_id", "channel"};
    if (json_get_string(fact, "message").bytes == 0 &&
        json_get_string(fact, "gateway_id").bytes == 0) {
        return fact_lacks(why, "receipt", "message\" or \"gateway_id");
    }
    if (!is_state(json_get_string(fact, "state"))) {
        return err_set(why, ERR_PARSE, "a receipt of an unknown state");
    }
    struct sql_stmt *stmt = ledger->stmts[STMT_RECEIPT];
    for (int index = 0; index < 3; index++) {
        bind_member(stmt, index + 1, fact, names[index]);
    }
    bind_member(stmt, 4, fact, "state");
    bind_number(stmt, 5, fact, "at");
    bind_member(stmt, 6, fact, "code");
    enum err err = sql_run(stmt, why);
    if (err) {
        return err;
    }
    stmt = ledger->stmts[STMT_MARKS_BY_RECEIPT];
    for (int index = 0; index < 3; index++) {
        bind_member(stmt, index + 1, fact, names[index]);
    }
    return sql_run(stmt, why);
}
