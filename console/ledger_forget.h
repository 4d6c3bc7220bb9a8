/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the ledger does not keep for ever: texts of messages, which name people, and rejects with
 * their first bytes. Everything else is the permanent record. In small steps, by the writer alone.
 */
#ifndef NRT_CONSOLE_LEDGER_FORGET_H
#define NRT_CONSOLE_LEDGER_FORGET_H

#include "console/ledger.h"

/* Records of this kind must be kept for six months. */
#define LEDGER_KEPT_LEAST_MS (INT64_C(1000) * 3600 * 24 * 185)

/*
 * Texts and rejects from before `before_ms`, at most so many of each; in one transaction.
 * *ret_more: there are further ones.
 */
enum err ledger_forget(
    struct ledger *ledger, int64_t before_ms, int64_t rows_max, bool *ret_more, struct err_why *why)
    ERR_MUST_USE;

#endif
