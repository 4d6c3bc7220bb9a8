/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file of anchors of the audit trail, which whoever owns the machine may have written: it is
 * whole or broken, never more than it says, and a trail without entries has no fitting anchor.
 */
#include <stdint.h>
#include <string.h>

#include "base/must.h"
#include "console/audit_anchor.h"

#define ENTRIES 4

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count);

static struct ledger *ledger_with_entries(void)
{
    static const char facts[] =
        "[{\"k\":\"audit\",\"action\":\"a.b\",\"phase\":\"once\"},{\"k\":\"audit\",\"action\":\"c."
        "d\"},"
        "{\"k\":\"audit\",\"action\":\"e.f\"},{\"k\":\"audit\",\"action\":\"g.h\"}]";
    const struct journal_entry entry = {
        .position = TEXT_LITERAL("1-0"), .facts = {.ptr = facts, .bytes = sizeof(facts) - 1}};
    struct ledger *ledger = NULL;
    MUST(ledger_open(":memory:", &ledger, NULL) == ERR_OK);
    MUST(ledger_apply(ledger, &entry, 1, NULL) == ERR_OK);
    return ledger;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count)
{
    static struct ledger *ledger;
    static const struct seal_keys keys = {.keys = {{.bytes = {7}, .id = "0a0b0c0d"}}, .count = 1};
    struct anchor_check check;
    struct anchors anchors = {.path = "", .keys = &keys};
    const struct text text = {.ptr = (const char *)bytes, .bytes = byte_count};
    if (!ledger) {
        ledger = ledger_with_entries();
    }
    MUST(audit_anchors_check_text(text, &anchors, ledger, &check) == ERR_OK);
    MUST(check.broken == (check.why[0] != '\0'));
    MUST(check.newer == 0);
    size_t lines = byte_count > 0 && bytes[byte_count - 1] != '\n';
    for (size_t index = 0; index < byte_count; index++) {
        lines += bytes[index] == '\n';
    }
    MUST(check.anchors == (int64_t)lines);
    anchors.newer_may_lack = true;
    MUST(audit_anchors_check_text(text, &anchors, ledger, &check) == ERR_OK);
    MUST(check.newer <= check.anchors);
    return 0;
}
