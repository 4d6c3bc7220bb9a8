/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `nrt rules VERB`: finds the verb and hands over. What a verb does stands in rules_*.c; lint is
 * the check of a folder.
 */
#include <string.h>

#include "cli/args.h"
#include "cli/commands.h"
#include "cli/rules.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* As `nrt check`, under the name it was called by. */
static int rules_lint(int argc, char **argv)
{
    argv[1] = argv[0];
    return cmd_check(argc - 1, argv + 1);
}

static const struct {
    const char *name;
    rules_verb_fn *run;
} verbs[] = {
    {"lint", rules_lint},         {"diff", rules_diff},         {"preview", rules_preview},
    {"apply", rules_apply},       {"draft", rules_draft},       {"drafts", rules_drafts},
    {"approve", rules_approve},   {"withdraw", rules_withdraw}, {"history", rules_history},
    {"rollback", rules_rollback}, {"replan", rules_replan},
};

int cmd_rules(int argc, char **argv)
{
    const char *names[COUNT_OF(verbs)];
    if (argc < 2) {
        return args_misuse("rules", "say what to do: lint, diff, preview, apply ...");
    }
    for (size_t i = 0; i < COUNT_OF(verbs); i++) {
        names[i] = verbs[i].name;
        if (strcmp(argv[1], verbs[i].name) == 0) {
            return verbs[i].run(argc, argv);
        }
    }
    const char *nearest = args_nearest(argv[1], names, COUNT_OF(verbs));
    return args_misuse(
        "rules", "there is no '%s'%s%s%s", argv[1], nearest ? "; did you mean '" : "",
        nearest ? nearest : "", nearest ? "'?" : "");
}
