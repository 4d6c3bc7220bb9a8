/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who stopped sending, resumed it, or had the storm brake pulled: the acts, as the journal tells
 * them. What holds now is the notifiers' own control; this is what the ledger has heard of it.
 */
#include "console/ledger_sql.h"
#include "console/ledger_todo.h"

enum err ledger_write_sending(
    struct ledger *ledger,
    const struct fact_place *place,
    const struct json_value *fact,
    struct err_why *why)
{
    struct sql_stmt *stmt = NULL;
    enum err err = sql_prepare(
        ledger->db, "INSERT INTO sending_acts VALUES(?1,?2,?3,?4,?5,?6) ON CONFLICT DO NOTHING",
        &stmt, why);
    if (err) {
        return err;
    }
    sql_bind_text(stmt, 1, text_of(place->key));
    bind_number(stmt, 2, fact, "at");
    bind_member(stmt, 3, fact, "what");
    bind_member(stmt, 4, fact, "scope");
    bind_member(stmt, 5, fact, "by");
    bind_member(stmt, 6, fact, "note");
    err = sql_run(stmt, why);
    sql_finalize(stmt);
    return err;
}

enum err ledger_sending_state(struct ledger *ledger, struct sending_state *ret_state)
{
    static const char text[] =
        "SELECT EXISTS (SELECT 1 FROM sending_acts a WHERE a.what = 'stop' AND NOT EXISTS"
        " (SELECT 1 FROM sending_acts b WHERE b.what = 'resume' AND b.scope = a.scope"
        " AND (b.at, b.fact) > (a.at, a.fact))),"
        " EXISTS (SELECT 1 FROM sending_acts a WHERE a.what = 'brake' AND NOT EXISTS"
        " (SELECT 1 FROM sending_acts b WHERE b.what = 'resume' AND b.scope = 'all'"
        " AND (b.at, b.fact) > (a.at, a.fact)))";
    struct select select;
    struct sql_stmt *stmt = NULL;
    select_init(&select, text);
    enum err err = select_prepare(&select, ledger, &stmt);
    if (!err && select_row(stmt, &err)) {
        *ret_state =
            (struct sending_state){.stopped = sql_i64(stmt, 0) != 0, .held = sql_i64(stmt, 1) != 0};
    }
    sql_finalize(stmt);
    select_release(&select);
    return err;
}
