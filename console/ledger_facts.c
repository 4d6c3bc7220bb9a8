/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One function for each kind of fact: read its members, write its rows. Nothing is written from
 * a fact that lacks what identifies it (ERR_PARSE). Acknowledgements and waivers are events too,
 * and get a row of their own from the event fact.
 */
#include <string.h>

#include "console/ledger_audit.h"
#include "console/ledger_internal.h"
#include "console/ledger_papers.h"

static int64_t number_of(const struct json_value *object, const char *key)
{
    int64_t number = 0;
    return json_i64(json_get(object, key), &number) ? 0 : number;
}

void bind_member(struct sql_stmt *stmt, int index, const struct json_value *object, const char *key)
{
    sql_bind_text(stmt, index, json_get_string(object, key));
}

void bind_number(struct sql_stmt *stmt, int index, const struct json_value *object, const char *key)
{
    sql_bind_i64(stmt, index, number_of(object, key));
}

void bind_instant_or_null(
    struct sql_stmt *stmt, int index, const struct json_value *object, const char *key)
{
    int64_t at = 0;
    if (json_i64(json_get(object, key), &at)) {
        sql_bind_null(stmt, index);
    } else {
        sql_bind_i64(stmt, index, at);
    }
}

/* The member as compact JSON, `otherwise` when it is absent. */
void bind_json(
    struct sql_stmt *stmt,
    int index,
    const struct json_value *object,
    const char *key,
    const char *otherwise)
{
    const struct json_value *value = json_get(object, key);
    if (!value) {
        sql_bind_text(stmt, index, text_of(otherwise));
        return;
    }
    struct buf text;
    struct json_out out;
    buf_init(&text, (size_t)1024 * 1024);
    json_out_init(&out, &text);
    json_out_value(&out, value);
    sql_bind_text(stmt, index, buf_view(&text));
    buf_release(&text);
}

enum err fact_lacks(struct err_why *why, const char *kind, const char *key)
{
    return err_set(why, ERR_PARSE, "a fact \"%s\" without \"%s\"", kind, key);
}

/* ---- events ---- */

static enum err write_ack(struct ledger *ledger, const struct json_value *fact, struct err_why *why)
{
    const struct json_value *data = json_get(json_get(fact, "ce"), "data");
    struct sql_stmt *stmt = ledger->stmts[STMT_ACK];
    bind_member(stmt, 1, fact, "source");
    bind_member(stmt, 2, fact, "id");
    bind_member(stmt, 3, fact, "case");
    bind_member(stmt, 4, data, "alert");
    bind_member(stmt, 5, data, "clock");
    bind_member(stmt, 6, data, "stage");
    bind_member(stmt, 7, data, "by");
    bind_member(stmt, 8, data, "via");
    bind_number(stmt, 9, fact, "time");
    return sql_run(stmt, why);
}

/* A waiver without reason or approval is on the timeline, but does not count. */
static enum err write_waiver(
    struct ledger *ledger, const struct json_value *fact, struct err_why *why)
{
    const struct json_value *data = json_get(json_get(fact, "ce"), "data");
    if (json_get_string(data, "clock").bytes == 0 || json_get_string(data, "reason").bytes == 0 ||
        json_get_string(data, "approved_by").bytes == 0) {
        return ERR_OK;
    }
    struct sql_stmt *stmt = ledger->stmts[STMT_WAIVER];
    bind_member(stmt, 1, fact, "source");
    bind_member(stmt, 2, fact, "id");
    bind_member(stmt, 3, fact, "case");
    bind_member(stmt, 4, data, "clock");
    bind_member(stmt, 5, data, "reason");
    bind_member(stmt, 6, data, "approved_by");
    bind_number(stmt, 7, fact, "time");
    const struct text case_id = json_get_string(fact, "case");
    const enum err err = ledger_note_change(ledger, case_id, why);
    return err ? err : sql_run(stmt, why);
}

static enum err write_event(
    struct ledger *ledger,
    const struct fact_place *place,
    const struct json_value *fact,
    struct err_why *why)
{
    if (json_get_string(fact, "id").bytes == 0 || json_get_string(fact, "case").bytes == 0) {
        return fact_lacks(why, "event", "id\" or \"case");
    }
    struct sql_stmt *stmt = ledger->stmts[STMT_EVENT];
    bind_member(stmt, 1, fact, "source");
    bind_member(stmt, 2, fact, "id");
    bind_member(stmt, 3, fact, "case");
    bind_member(stmt, 4, fact, "type");
    bind_number(stmt, 5, fact, "time");
    bind_number(stmt, 6, fact, "arrived");
    bind_number(stmt, 7, fact, "rules");
    bind_member(stmt, 8, fact, "verdict");
    bind_json(stmt, 9, fact, "ce", "{}");
    sql_bind_i64(stmt, 10, place->partition);
    bind_member(stmt, 11, fact, "pos");
    sql_bind_text(stmt, 12, text_of(place->key));
    enum err err = sql_run(stmt, why);
    const struct text type = json_get_string(fact, "type");
    if (!err && text_is(type, "case.acknowledged")) {
        err = write_ack(ledger, fact, why);
    } else if (!err && text_is(type, "case.waived")) {
        err = write_waiver(ledger, fact, why);
    }
    return err ? err : ledger_write_act(ledger, place, fact, why);
}

/* ---- cases ---- */

/* What the case is sorted by: its earliest due that is still to be met. */
static int64_t earliest_due(const struct json_value *runs)
{
    int64_t earliest = WALL_MS_MAX;
    for (const struct json_value *run = json_first(runs); run; run = json_next(run)) {
        int64_t due = 0;
        const struct text outcome = json_get_string(run, "outcome");
        const bool open =
            text_is(outcome, "running") ||
            (text_is(outcome, "missed") && json_type(json_get(run, "stopped")) == JSON_NULL);
        if (open && !json_i64(json_get(run, "due"), &due) && due < earliest) {
            earliest = due;
        }
    }
    return earliest;
}

static enum err write_run(
    struct ledger *ledger,
    const struct json_value *fact,
    const struct json_value *run,
    struct err_why *why)
{
    struct sql_stmt *stmt = ledger->stmts[STMT_RUN];
    bind_member(stmt, 1, fact, "id");
    bind_member(stmt, 2, run, "clock");
    bind_number(stmt, 3, run, "run");
    bind_member(stmt, 4, run, "family");
    bind_member(stmt, 5, run, "title");
    bind_number(stmt, 6, run, "start");
    bind_instant_or_null(stmt, 7, run, "due");
    sql_bind_i64(stmt, 8, json_is_true(json_get(run, "provisional")));
    bind_member(stmt, 9, run, "outcome");
    bind_instant_or_null(stmt, 10, run, "stopped");
    bind_member(stmt, 11, run, "light");
    bind_member(stmt, 12, run, "unit");
    bind_member(stmt, 13, run, "handler");
    bind_number(stmt, 14, run, "rules");
    if (json_get(run, "waived")) {
        sql_bind_i64(stmt, 15, json_is_true(json_get(run, "waived")));
    } else {
        sql_bind_null(stmt, 15); /* a fact of an older program: the waivers tell */
    }
    const struct text appeal = json_get_string(run, "appeal");
    sql_bind_text(stmt, 16, appeal.bytes > 0 ? appeal : text_of("none"));
    sql_bind_i64(stmt, 17, json_is_true(json_get(run, "rule_change")));
    bind_json(stmt, 18, run, "waiting_for", "[]");
    return sql_run(stmt, why);
}

static enum err write_runs(
    struct ledger *ledger, const struct json_value *fact, bool is_new, struct err_why *why)
{
    struct sql_stmt *clear = ledger->stmts[STMT_RUNS_CLEAR];
    enum err err = ERR_OK;
    if (!is_new) {
        bind_member(clear, 1, fact, "id");
        err = sql_run(clear, why);
    }
    const struct json_value *run = json_first(json_get(fact, "runs"));
    for (; run && !err; run = json_next(run)) {
        err = write_run(ledger, fact, run, why);
    }
    return err ? err : ledger_write_work(ledger, fact, why);
}

static void bind_case(
    struct sql_stmt *stmt, const struct fact_place *place, const struct json_value *fact)
{
    static const char *const texts[] = {"id",      "title",     "matter", "unit",
                                        "handler", "from_unit", "number"};
    for (size_t index = 0; index < sizeof(texts) / sizeof(texts[0]); index++) {
        bind_member(stmt, (int)index + 1, fact, texts[index]);
    }
    bind_json(stmt, 8, fact, "labels", "{}");
    bind_member(stmt, 9, fact, "state");
    bind_member(stmt, 10, fact, "light");
    bind_number(stmt, 11, fact, "created");
    bind_number(stmt, 12, fact, "updated");
    sql_bind_i64(stmt, 13, earliest_due(json_get(fact, "runs")));
    sql_bind_i64(stmt, 14, json_is_true(json_get(fact, "fault")));
    sql_bind_text(stmt, 15, text_of(place->key));
    const struct json_value *objected = json_get(fact, "objected");
    bind_instant_or_null(stmt, 16, objected, "at");
    bind_member(stmt, 17, objected, "by");
    ledger_bind_standing(stmt, 18, fact);
}

/* By which statement a case is to be written, and whether its runs are. */
struct case_change {
    enum ledger_stmt stmt;
    bool is_older; /* the ledger knows something newer */
    bool is_new;
    bool has_runs; /* else its runs, and what is counted of it, are as they were */
};

static struct case_change change_of(struct sql_stmt *before)
{
    const bool same_place = sql_i64(before, 1) != 0;
    const bool same_state = sql_i64(before, 2) != 0;
    const bool same_due = sql_i64(before, 3) != 0;
    return (struct case_change){
        .stmt = !same_place   ? STMT_CASE_ANEW
                : !same_state ? STMT_CASE_MOVE
                : !same_due   ? STMT_CASE_DUE
                              : STMT_CASE_TOUCH,
        .is_older = sql_i64(before, 0) == 0,
        .has_runs = !same_place || !same_state || !same_due || sql_i64(before, 4) == 0,
    };
}

static enum err look_at_change(
    struct ledger *ledger,
    const struct fact_place *place,
    const struct json_value *fact,
    struct case_change *ret_change,
    struct err_why *why)
{
    struct sql_stmt *stmt = ledger->stmts[STMT_CASE_BEFORE];
    bool known = false;
    bind_case(stmt, place, fact);
    const enum err err = sql_step(stmt, &known, why);
    if (!err && !known) {
        *ret_change = (struct case_change){STMT_CASE_COMES, .is_new = true, .has_runs = true};
    } else if (!err) {
        *ret_change = change_of(stmt);
    }
    sql_reset(stmt);
    return err;
}

static enum err write_case(
    struct ledger *ledger,
    const struct fact_place *place,
    const struct json_value *fact,
    struct err_why *why)
{
    struct case_change change = {0};
    if (json_get_string(fact, "id").bytes == 0) {
        return fact_lacks(why, "case", "id");
    }
    enum err err = look_at_change(ledger, place, fact, &change, why);
    if (err || change.is_older) {
        return err;
    }
    if (change.has_runs) {
        const struct text id = json_get_string(fact, "id");
        err =
            change.is_new ? ledger_note_new(ledger, id, why) : ledger_note_change(ledger, id, why);
    }
    if (!err) {
        struct sql_stmt *stmt = ledger->stmts[change.stmt];
        bind_case(stmt, place, fact);
        err = sql_run(stmt, why);
    }
    return !err && change.has_runs ? write_runs(ledger, fact, change.is_new, why) : err;
}

/* ---- alerts ---- */

static enum err write_alert(
    struct ledger *ledger,
    const struct fact_place *place,
    const struct json_value *fact,
    struct err_why *why)
{
    if (json_get_string(fact, "id").bytes == 0) {
        return fact_lacks(why, "alert", "id");
    }
    struct sql_stmt *stmt = ledger->stmts[STMT_ALERT];
    bind_member(stmt, 1, fact, "id");
    bind_member(stmt, 2, fact, "case");
    bind_member(stmt, 3, fact, "clock");
    bind_number(stmt, 4, fact, "run");
    bind_member(stmt, 5, fact, "stage");
    bind_member(stmt, 6, fact, "title");
    bind_number(stmt, 7, fact, "instant");
    bind_number(stmt, 8, fact, "fired_at");
    bind_member(stmt, 9, fact, "status");
    bind_member(stmt, 10, fact, "light");
    sql_bind_i64(stmt, 11, json_is_true(json_get(fact, "late")));
    bind_json(stmt, 12, fact, "to", "[]");
    bind_json(stmt, 13, fact, "via", "[]");
    bind_member(stmt, 14, fact, "template");
    bind_number(stmt, 15, fact, "ordinal");
    sql_bind_i64(stmt, 16, json_is_true(json_get(fact, "fault")));
    sql_bind_text(stmt, 17, text_of(place->key));
    const enum err err = sql_run(stmt, why);
    if (err) {
        return err;
    }
    stmt = ledger->stmts[STMT_ALERT_OVERTAKEN]; /* its messages may have been read before */
    bind_member(stmt, 1, fact, "id");
    return sql_run(stmt, why);
}

/* ---- rejects ---- */

/*
 * A reason begins with what it is about ("subject: missing; ..."): that is the kind by which
 * rejects are counted. A closed list, because it becomes a label of a metric.
 */
static const char *reject_kind(struct text reason)
{
    static const struct {
        const char *begin;
        const char *kind;
    } kinds[] = {
        {"subject:", "subject"},
        {"source:", "source"},
        {"id:", "id"},
        {"type:", "type"},
        {"time:", "time"},
        {"arrived:", "arrived"},
        {"data:", "data"},
        {"data_base64:", "data"},
        {"too large:", "too_large"},
        {"specversion:", "version"},
        {"not usable JSON:", "json"},
    };
    for (size_t index = 0; index < sizeof(kinds) / sizeof(kinds[0]); index++) {
        if (text_starts_with(reason, text_of(kinds[index].begin))) {
            return kinds[index].kind;
        }
    }
    return "other";
}

static enum err write_reject(
    struct ledger *ledger,
    const struct fact_place *place,
    const struct json_value *fact,
    struct err_why *why)
{
    struct sql_stmt *stmt = ledger->stmts[STMT_REJECT];
    sql_bind_i64(stmt, 1, place->partition);
    sql_bind_text(stmt, 2, text_of(place->key));
    bind_number(stmt, 3, fact, "at");
    bind_member(stmt, 4, fact, "via");
    sql_bind_text(stmt, 5, text_of(reject_kind(json_get_string(fact, "reason"))));
    bind_member(stmt, 6, fact, "reason");
    bind_number(stmt, 7, fact, "bytes");
    bind_member(stmt, 8, fact, "sha256");
    bind_member(stmt, 9, fact, "head");
    bind_member(stmt, 10, fact, "pos");
    return sql_run(stmt, why);
}

enum err ledger_write_fact(
    struct ledger *ledger,
    const struct fact_place *place,
    const struct json_value *fact,
    struct err_why *why)
{
    const struct text kind = json_get_string(fact, "k");
    ledger->moved = ledger->moved || !text_is(kind, "audit");
    if (text_is(kind, "event")) {
        return write_event(ledger, place, fact, why);
    }
    if (text_is(kind, "case")) {
        return write_case(ledger, place, fact, why);
    }
    if (text_is(kind, "alert")) {
        return write_alert(ledger, place, fact, why);
    }
    if (text_is(kind, "message")) {
        return ledger_write_message(ledger, place, fact, why);
    }
    if (text_is(kind, "receipt")) {
        return ledger_write_receipt(ledger, fact, why);
    }
    if (text_is(kind, "reject")) {
        return write_reject(ledger, place, fact, why);
    }
    if (text_is(kind, "config")) {
        return ledger_write_config(ledger, fact, why);
    }
    if (text_is(kind, "draft")) {
        return ledger_write_draft(ledger, place, fact, why);
    }
    if (text_is(kind, "replan")) {
        return ledger_write_replan(ledger, place, fact, why);
    }
    if (text_is(kind, "sending")) {
        return ledger_write_sending(ledger, place, fact, why);
    }
    if (text_is(kind, "outcome") || text_is(kind, "statement")) {
        return ledger_write_decision(ledger, place, fact, why);
    }
    if (text_is(kind, "audit")) {
        return ledger_write_audit(ledger, place, fact, why);
    }
    if (text_is(kind, "paper")) {
        return ledger_write_paper(ledger, place, fact, why);
    }
    return err_set(why, ERR_PARSE, "a fact of unknown kind \"%.*s\"", TEXT_ARGS(kind));
}
