/* SPDX-License-Identifier: Apache-2.0 */
/* See ledger_feed.h. */
#include "tests/support/ledger_feed.h"

#include <stdio.h>
#include <string.h>

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
