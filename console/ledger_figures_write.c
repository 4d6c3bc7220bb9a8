/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeping the sums of the figures while facts come in: what a case adds is taken out before
 * anything it depends on changes, and put in again at the end of the transaction; the sums
 * themselves are written once then, for all its cases. Nothing here reads a clock or a calendar:
 * months stand in a table, office hours in the facts.
 */
#include "base/log.h"
#include "console/ledger_figures.h"
#include "console/ledger_figures_sql.h"
#include "console/ledger_internal.h"

#define SCORE_MAX 5

static enum err run_all(
    struct ledger *ledger, const enum ledger_stmt *stmts, size_t count, struct err_why *why)
{
    enum err err = ERR_OK;
    for (size_t index = 0; index < count && !err; index++) {
        err = sql_run(ledger->stmts[stmts[index]], why);
    }
    return err;
}

/* Nothing is written of a case that has been noted in this transaction before. */
static enum err note(struct ledger *ledger, struct text case_id, bool is_new, struct err_why *why)
{
    struct sql_stmt *stmt = ledger->stmts[STMT_NOTE];
    sql_bind_text(stmt, 1, case_id);
    sql_bind_i64(stmt, 2, is_new);
    ledger->has_notes = true;
    return sql_run(stmt, why);
}

enum err ledger_note_new(struct ledger *ledger, struct text case_id, struct err_why *why)
{
    return note(ledger, case_id, true, why);
}

enum err ledger_note_change(struct ledger *ledger, struct text case_id, struct err_why *why)
{
    static const enum ledger_stmt out[] = {STMT_RUNS_OUT, STMT_SUMS_OUT, STMT_STATES_OUT};
    enum err err = note(ledger, case_id, false, why);
    if (err || sql_changes(ledger->db) == 0) {
        return err;
    }
    for (size_t index = 0; index < sizeof(out) / sizeof(out[0]) && !err; index++) {
        struct sql_stmt *stmt = ledger->stmts[out[index]];
        sql_bind_text(stmt, 1, case_id);
        err = sql_run(stmt, why);
    }
    return err;
}

enum err ledger_notes_write(struct ledger *ledger, struct err_why *why)
{
    static const enum ledger_stmt all[] = {
        STMT_NEW_UNITS,    STMT_NEW_LABELS,     STMT_NEW_DOCS,
        STMT_NEW_WORDS,    STMT_RUNS_IN,        STMT_SUMS_IN,
        STMT_STATES_IN,    STMT_RUN_SUMS,       STMT_RUN_TOTALS,
        STMT_CASE_SUMS,    STMT_CASE_TOTALS,    STMT_TALLIES,
        STMT_TALLIES_NONE, STMT_STATUS_TALLIES, STMT_STATUS_TALLIES_NONE,
        STMT_RUNS_DONE,    STMT_SUMS_DONE,      STMT_STATES_DONE,
        STMT_NOTES_DONE};
    if (!ledger->has_notes) {
        return ERR_OK;
    }
    ledger->has_notes = false;
    return run_all(ledger, all, sizeof(all) / sizeof(all[0]), why);
}

static void bind_bool_or_null(
    struct sql_stmt *stmt, int index, const struct json_value *object, const char *key)
{
    if (json_get(object, key)) {
        sql_bind_i64(stmt, index, json_is_true(json_get(object, key)));
    } else {
        sql_bind_null(stmt, index);
    }
}

enum err ledger_write_work(
    struct ledger *ledger, const struct json_value *fact, struct err_why *why)
{
    const struct json_value *figures = json_get(fact, "figures");
    struct sql_stmt *stmt = ledger->stmts[STMT_WORK];
    bind_member(stmt, 1, fact, "id");
    bind_member(stmt, 2, fact, "unit");
    bind_member(stmt, 3, fact, "matter");
    bind_number(stmt, 4, fact, "created");
    bind_member(stmt, 5, fact, "state");
    bind_bool_or_null(stmt, 6, figures, "accepted");
    bind_bool_or_null(stmt, 7, figures, "sent_back");
    bind_instant_or_null(stmt, 8, figures, "completed");
    bind_instant_or_null(stmt, 9, figures, "handled_s");
    return sql_run(stmt, why);
}

/* ---- events that are counted, or that open and close a request ---- */

/* A whole number from 1 to 5, as a number or in digits; 0: none. */
static int64_t score_of(const struct json_value *data)
{
    const struct json_value *value = json_get(data, "score");
    int64_t score = 0;
    const bool read = json_type(value) == JSON_STRING ? !text_parse_i64(json_string(value), &score)
                                                      : !json_i64(value, &score);
    return read && score >= 1 && score <= SCORE_MAX ? score : 0;
}

/* What the event is to a case beside its rules; NULL: nothing. */
static const char *act_of(struct text type, const struct json_value *data)
{
    if (text_is(type, "case.urged")) {
        return "urged";
    }
    if (text_is(type, "case.rated")) {
        return score_of(data) > 0 ? "rated" : NULL;
    }
    if (text_is(type, "case.extension_requested")) {
        return "asked";
    }
    if (text_is(type, "case.extended")) { /* without these the rules refuse it */
        const bool stands = json_get_string(data, "approved_by").bytes > 0 &&
                            json_get_string(data, "reason").bytes > 0;
        return stands ? "granted" : NULL;
    }
    const bool refuses = text_is(json_get_string(data, "refuses"), "extension");
    return text_is(type, "case.noted") && refuses ? "refused" : NULL;
}

static enum err act_write(
    struct ledger *ledger,
    const struct fact_place *place,
    const struct json_value *fact,
    const char *act,
    struct err_why *why)
{
    struct sql_stmt *stmt = ledger->stmts[STMT_WORK_ACT];
    bind_member(stmt, 1, fact, "case");
    bind_member(stmt, 2, fact, "source");
    bind_member(stmt, 3, fact, "id");
    sql_bind_text(stmt, 4, text_of(act));
    bind_number(stmt, 5, fact, "time");
    sql_bind_i64(stmt, 6, score_of(json_get(json_get(fact, "ce"), "data")));
    sql_bind_text(stmt, 7, text_of(place->key));
    enum err err = sql_run(stmt, why);
    if (!err) {
        stmt = ledger->stmts[STMT_WORK_TOUCH];
        bind_member(stmt, 1, fact, "case");
        err = sql_run(stmt, why);
    }
    return err;
}

enum err ledger_write_act(
    struct ledger *ledger,
    const struct fact_place *place,
    const struct json_value *fact,
    struct err_why *why)
{
    const struct text case_id = json_get_string(fact, "case");
    const char *act = act_of(json_get_string(fact, "type"), json_get(json_get(fact, "ce"), "data"));
    if (!act) {
        return ERR_OK;
    }
    const enum err err = ledger_note_change(ledger, case_id, why);
    return err ? err : act_write(ledger, place, fact, act, why);
}

/* ---- decisions about entries of the accountability list ---- */

static void bind_decision(
    struct sql_stmt *stmt, const struct fact_place *place, const struct json_value *fact)
{
    static const char *const texts[] = {"id", "entry", "policy", "who", "kind", "by", "text"};
    for (size_t index = 0; index < sizeof(texts) / sizeof(texts[0]); index++) {
        bind_member(stmt, (int)index + 1, fact, texts[index]);
    }
    bind_number(stmt, 8, fact, "at");
    bind_instant_or_null(stmt, 9, fact, "interview_at");
    sql_bind_text(stmt, 10, text_of(place->key));
}

enum err ledger_write_decision(
    struct ledger *ledger,
    const struct fact_place *place,
    const struct json_value *fact,
    struct err_why *why)
{
    const bool is_outcome = text_is(json_get_string(fact, "k"), "outcome");
    if (json_get_string(fact, "id").bytes == 0 || json_get_string(fact, "who").bytes == 0) {
        return fact_lacks(why, is_outcome ? "outcome" : "statement", "id\" or \"who");
    }
    struct sql_stmt *stmt = ledger->stmts[is_outcome ? STMT_OUTCOME : STMT_STATEMENT];
    bind_decision(stmt, place, fact);
    return sql_run(stmt, why);
}

/* ---- months ---- */

static struct wall_ms month_start(const struct calendar *calendar, int32_t month)
{
    const struct civil_date date = {.year = month / 100, .month = month % 100, .day = 1};
    return calendar_instant(calendar, civil_day_of(date), 0);
}

static enum err months_differ(
    struct ledger *ledger, const struct calendar *calendar, bool *ret_differ, struct err_why *why)
{
    struct sql_stmt *stmt = NULL;
    enum err err = sql_prepare(ledger->db, "SELECT start, month FROM months", &stmt, why);
    bool row = false;
    *ret_differ = false;
    while (!err && !*ret_differ && !(err = sql_step(stmt, &row, why)) && row) {
        const int32_t month = (int32_t)sql_i64(stmt, 1);
        *ret_differ = month_start(calendar, month).ms != sql_i64(stmt, 0);
    }
    sql_finalize(stmt);
    return err;
}

static enum err months_write(
    struct ledger *ledger, const struct calendar *calendar, struct err_why *why)
{
    struct sql_stmt *stmt = NULL;
    enum err err = sql_exec(ledger->db, "DELETE FROM months", why);
    if (!err) {
        err = sql_prepare(ledger->db, "INSERT INTO months VALUES(?1, ?2)", &stmt, why);
    }
    for (int32_t month = 197001; month <= 210012 && !err; month++) {
        if (month % 100 > 12) {
            month += 88;
        }
        sql_bind_i64(stmt, 1, month_start(calendar, month).ms);
        sql_bind_i64(stmt, 2, month);
        err = sql_run(stmt, why);
    }
    sql_finalize(stmt);
    return err;
}

static enum err count_anew(struct ledger *ledger, struct err_why *why)
{
    static const char *const scripts[] = {FIGURES_ALL_ANEW, FIGURES_COUNT_ALL};
    enum err err = ERR_OK;
    for (size_t index = 0; !err && index < sizeof(scripts) / sizeof(scripts[0]); index++) {
        err = sql_exec(ledger->db, scripts[index], why);
    }
    return err;
}

enum err ledger_figures_zone(
    struct ledger *ledger, const struct calendar *calendar, struct err_why *why)
{
    bool differ = false;
    enum err err = months_differ(ledger, calendar, &differ, why);
    if (err || !differ) {
        return err;
    }
    log_info("ledger_months_changed", "next=count_the_figures_anew");
    err = sql_exec(ledger->db, "BEGIN IMMEDIATE", why);
    if (err) {
        return err;
    }
    err = months_write(ledger, calendar, why);
    if (!err) {
        err = count_anew(ledger, why);
    }
    const enum err ended = sql_exec(ledger->db, err ? "ROLLBACK" : "COMMIT", err ? NULL : why);
    return err ? err : ended;
}
