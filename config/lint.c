/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of a lint in their order: rules, directory, addresses, texts. All are done whatever
 * the ones before found: whoever mends a file wants to see everything.
 */
#include "config/lint.h"

#include "config/lint_place.h"

static void lint_rules(struct linting *linting)
{
    const struct policy *policy = &linting->bundle->policy;
    struct lint *lint = &linting->lint;
    if (lint_policy(policy, linting->today, &linting->arena, lint) != ERR_OK) {
        report_add(linting->report, FINDING_ERROR, "", 0, 0, "", "out of memory");
        return;
    }
    for (size_t i = 0; i < lint->finding_count; i++) {
        lint_say_finding(linting, &lint->findings[i]);
    }
}

void bundle_lint(
    const struct bundle *bundle,
    const struct settings *settings,
    struct civil_day today,
    struct report *report)
{
    struct linting linting = {
        .bundle = bundle, .settings = settings, .today = today, .report = report};
    arena_init(&linting.arena, 0);
    linting.rules = arena_array(&linting.arena, bundle->policy.set_count + 1, sizeof(void *));
    if (linting.rules) {
        lint_rules(&linting);
        lint_people(&linting);
        lint_addresses(&linting);
        lint_templates(&linting);
    } else {
        report_add(report, FINDING_ERROR, "", 0, 0, "", "out of memory");
    }
    linting_release(&linting);
}
