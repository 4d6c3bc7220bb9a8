/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be known of a configuration before it is used, beyond each file being well formed:
 * the findings of rules/lint.h, and those about leaves, addresses and texts. Every one has a
 * place in a file and a stable code; docs/lint.md lists the codes. Nothing is decided here: an
 * error is a promise that would be broken, a warning something to look at.
 */
#ifndef NRT_CONFIG_LINT_H
#define NRT_CONFIG_LINT_H

#include "config/policy.h"
#include "rules/calendar.h"

/* `today` in the calendar's zone: what is past is not complained about. */
void bundle_lint(
    const struct bundle *bundle,
    const struct settings *settings,
    struct civil_day today,
    struct report *report);

#endif
