/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts of the journal as the ledger takes them: what cannot be read is kept as an oddity, the
 * rest goes on, and no fact from outside makes the ledger fail. One ledger in memory for all
 * inputs, as a console has one for all facts.
 */
#include <stdint.h>
#include <stdio.h>

#include "base/must.h"
#include "console/ledger.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count)
{
    static struct ledger *ledger;
    static unsigned long sequence;
    char position[32];
    struct err_why why = {0};
    if (!ledger) {
        MUST(ledger_open(":memory:", &ledger, &why) == ERR_OK);
    }
    (void)snprintf(position, sizeof position, "%lu-0", ++sequence);
    const struct journal_entry entry = {
        .partition = 0,
        .position = text_of(position),
        .facts = {.ptr = (const char *)bytes, .bytes = byte_count},
    };
    MUST(ledger_apply(ledger, &entry, 1, &why) == ERR_OK);
    MUST(ledger_has_reached(ledger, 0, text_of(position)));
    if (sequence % 4096 == 0) { /* bounded memory: what was taken is not looked at again */
        ledger_close(ledger);
        ledger = NULL;
    }
    return 0;
}
