/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger's step to format 4, one part of it: the audit trail. Run
 * once, in one transaction with the other parts, over a ledger that may be full: what the rows
 * of old need is made here from what they hold. Never edited once released.
 */
#include "console/ledger_internal.h"

const char *const ledger_step_4_audit[] = {
    NULL,
};
