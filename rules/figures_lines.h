/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Figures and accountability entries as NDJSON, what `nrt simulate --figures` adds.
 */
#ifndef NRT_RULES_FIGURES_LINES_H
#define NRT_RULES_FIGURES_LINES_H

#include "rules/figures.h"
#include "rules/simulate.h"

/*
 * {"type":"figure",...} for every rate of every family, unit and month that has one, then
 * {"type":"accountability",...} for every entry. What is shown is as the policy's rule sets say.
 * ERR_* of the writer or ERR_NO_MEMORY.
 */
enum err figures_write(
    struct figures *figures, const struct policy *policy, simulation_write_fn *write, void *context)
    ERR_MUST_USE;

#endif
