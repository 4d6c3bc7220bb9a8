/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every row of every table of a ledger, as text: two ledgers are the same when their dumps are.
 */
#ifndef NRT_TESTS_SUPPORT_LEDGER_DUMP_H
#define NRT_TESTS_SUPPORT_LEDGER_DUMP_H

#include "console/ledger.h"

/* free() it. Without how the words of a search are laid out: that depends on when they came. */
char *ledger_dump(struct ledger *ledger);

#endif
