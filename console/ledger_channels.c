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
    select_init(
        &select, "SELECT channel, shown, count(*) FROM messages WHERE shown IN ('sending', 'held',"
                 " 'retrying', 'unsure', 'undelivered', 'rejected', 'dead') AND at >= ?"
                 " GROUP BY channel, shown UNION ALL SELECT channel, 'accepted', count(*)"
                 " FROM messages WHERE accepted_at >= ? GROUP BY channel");
    select_number(&select, since_ms);
    select_number(&select, since_ms);
    return select_counts(&select, ledger, take, context);
}
