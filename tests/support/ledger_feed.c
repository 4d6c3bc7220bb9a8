/* SPDX-License-Identifier: Apache-2.0 */
/* See ledger_feed.h. */
#include "tests/support/ledger_feed.h"

#include <stdio.h>
#include <string.h>

#include "console/ledger_figures.h"
#include "console/ledger_internal.h"
#include "tests/support/check.h"

void ledger_feed_case(struct ledger *ledger, const char *id, const char *unit, const char *outcome)
{
    static int place = 100;
    char facts[1024];
    char position[32];
    (void)snprintf(position, sizeof(position), "%d-0", place++);
    (void)snprintf(
        facts, sizeof(facts),
        "[{\"k\":\"case\",\"id\":\"%s\",\"title\":\"关于%s的函\",\"unit\":\"%s\",\"state\":"
        "\"open\","
        "\"light\":\"red\",\"created\":1,\"updated\":%d,\"runs\":[{\"clock\":\"reply\",\"run\":1,"
        "\"family\":\"reply\",\"start\":1,\"due\":%d,\"outcome\":\"%s\",\"stopped\":null,\"unit\":"
        "\"%s\"}]}]",
        id, id, unit, place % 7, place % 5 + 1, outcome, unit);
    const struct journal_entry entry = {
        .partition = 0, .position = text_of(position), .facts = text_of(facts)};
    CHECK_EQ(ledger_apply(ledger, &entry, 1, NULL), ERR_OK);
}

bool ledger_feed_figure(void *context, const struct ledger_figure *row)
{
    char *out = context;
    const size_t bytes = strlen(out);
    (void)snprintf(
        out + bytes, 256 - bytes, "%.*s/%.*s %lld:%lld;", TEXT_ARGS(row->family),
        TEXT_ARGS(row->unit), (long long)row->met, (long long)row->missed);
    return true;
}

static bool add_unit(void *context, const struct figure_sums *sums)
{
    const struct ledger_figure row = {
        .family = sums->row.family,
        .unit = sums->row.unit,
        .met = sums->row.met,
        .missed = sums->row.missed,
    };
    return ledger_feed_figure(context, &row);
}

void ledger_feed_units(struct ledger *ledger, char ret_text[static 256])
{
    const struct figure_query query = {.by = FIGURE_BY_FAMILY | FIGURE_BY_UNIT};
    ret_text[0] = '\0';
    CHECK_EQ(ledger_run_sums(ledger, &query, add_unit, ret_text), ERR_OK);
}

bool ledger_feed_older(const char *path, int64_t format, const char *rows)
{
    struct sql_db *db = NULL;
    struct err_why why = {0};
    enum err err = sql_open(path, SQL_RELAXED, &db, &why);
    if (!err) {
        err = ledger_migrate_to(db, format, &why);
    }
    if (!err) {
        err = sql_exec(db, rows, &why);
    }
    sql_close(db);
    check_note("%s", why.text);
    return CHECK_EQ(err, ERR_OK);
}
