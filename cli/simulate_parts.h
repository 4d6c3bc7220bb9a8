/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of nrt simulate (private to cli/): the words of its command line, a history of
 * versions read from a folder, and a comparison printed. Each part complains on stderr by itself
 * and gives an exit code.
 */
#ifndef NRT_CLI_SIMULATE_PARTS_H
#define NRT_CLI_SIMULATE_PARTS_H

#include "config/policy.h"
#include "rules/compare.h"

#define SIMULATE_COMMAND "simulate"

/* ---- simulate_history.c ---- */

struct history {
    struct bundle **bundles; /* in the order of their versions */
    const struct policy **policies;
    size_t count;
};

/*
 * DIR/versions.json names the versions, DIR/0007 is the configuration folder of version 7, as
 * `nrt rules history --export DIR` writes them. Released in any case.
 */
int history_load(struct history *history, const char *folder);
void history_release(struct history *history);

/* ---- simulate_compare.c ---- */

struct compare_heading {
    const char *old_rules; /* file names as given, NULL: the shipped ones */
    const char *new_rules;
    const struct directory *directory; /* names of units */
    struct wall_ms until;
    bool json;
};
int comparison_print(const struct comparison *comparison, const struct compare_heading *heading);

#endif
