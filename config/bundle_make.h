/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From texts to a bundle: the one way all bundles are made, whether the texts come from a folder,
 * from single files or from Redis (private to config/).
 */
#ifndef NRT_CONFIG_BUNDLE_MAKE_H
#define NRT_CONFIG_BUNDLE_MAKE_H

#include "config/policy.h"
#include "config/read.h"

struct bundle_input {
    const struct source *calendars;
    size_t calendar_count;
    struct source directory;
    struct source matters; /* .json empty: none */
    const struct source *rules;
    size_t rule_count;
    const struct source *templates;
    size_t template_count;
    size_t own_template_count;       /* these come first; a later one of the same id gives way */
    const struct settings *settings; /* NULL: channels and templates are not checked */
    const uint8_t *key;              /* opens sealed addresses; NULL: there are none */
    int64_t backfill_ms;
};

#define BUNDLE_BACKFILL_MS INT64_C(3600000)

/* Copies the texts. NULL when the report has new errors. */
struct bundle *bundle_make(const struct bundle_input *input, struct report *report);

/* Fill bundle->digest from its sources. */
void bundle_set_digest(struct bundle *bundle);

/* A shipped file by its name under shipped/; a bug when it is not there. */
struct source bundle_shipped(const char *name);
/* All shipped files in a folder ("rules/"), at most `max`; returns how many. */
size_t bundle_shipped_all(const char *folder, struct source *ret_sources, size_t max);

#endif
