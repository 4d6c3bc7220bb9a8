/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the rules make of one case: its events are read from the ledger and handed to the code
 * that computes in the service. Nothing is computed here.
 */
#ifndef NRT_CONSOLE_CASE_RULES_H
#define NRT_CONSOLE_CASE_RULES_H

#include "base/arena.h"
#include "console/view.h"

/* Does some clock that still runs take one more extension? */
enum err case_rules_extendable(const struct view *view, struct text case_id, bool *ret_extendable)
    ERR_MUST_USE;

/* Did an extension of that instant move the due of some clock? */
enum err case_rules_extended(
    const struct view *view, struct text case_id, int64_t at_ms, bool *ret_extended) ERR_MUST_USE;

#endif
