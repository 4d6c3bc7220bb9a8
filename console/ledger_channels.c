/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See ledger_channels.h. Both halves walk an index from `since_ms` on: the older past is not read.
 */
#include "console/ledger_channels.h"

#include "console/ledger_sql.h"

enum err ledger_channel_counts(
    struct ledger *ledger, int64_t since_ms, ledger_count_fn *take, void *context)
{
    struct select select;
    struct sql_stmt *stmt = NULL;
    select_init(
        &select, "SELECT channel, shown, count(*) FROM messages WHERE shown IN ('sending', 'held',"
                 " 'retrying', 'unsure', 'undelivered', 'rejected', 'dead') AND at >= ?"
                 " GROUP BY channel, shown UNION ALL SELECT channel, 'accepted', count(*)"
                 " FROM messages WHERE accepted_at >= ? GROUP BY channel");
    select_number(&select, since_ms);
    select_number(&select, since_ms);
    enum err err = select_prepare(&select, ledger, &stmt);
    while (!err && select_row(stmt, &err)) {
        const struct ledger_count row = {
            .word = sql_text(stmt, 0), .other = sql_text(stmt, 1), .count = sql_i64(stmt, 2)};
        if (!take(context, &row)) {
            break;
        }
    }
    sql_finalize(stmt);
    select_release(&select);
    return err;
}
