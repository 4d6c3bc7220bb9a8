/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of a rule set that have a reader of their own (private to config/). Each is a
 * read_fn; the target's type is said first.
 */
#ifndef NRT_CONFIG_RULE_PARTS_H
#define NRT_CONFIG_RULE_PARTS_H

#include "config/read.h"
#include "rules/ruleset.h"

/* A list as the rules keep it; the members' order is that of every such pair in ruleset.h. */
struct text_list {
    const struct text *items;
    size_t count;
};
struct role_list {
    const struct role *items;
    size_t count;
};

read_fn read_match;       /* struct match */
read_fn read_clock;       /* struct clock_rule, defaults applied */
read_fn read_stage;       /* struct stage, defaults applied */
read_fn read_acts;        /* struct act_rule [ACT_COUNT], defaults applied */
read_fn read_reasons;     /* struct text_list: a closed list of reasons, at least one */
read_fn read_send_when;   /* enum send_when */
read_fn read_duration;    /* struct duration */
read_fn read_kinds;       /* struct text_list: one event kind or a list, "case." taken off */
read_fn read_roles;       /* struct role_list: at least one */
read_fn read_via;         /* struct via */
read_fn read_template_id; /* struct text: of a template that exists */

struct via {
    struct text_list channels;
    bool all;
};

#endif
