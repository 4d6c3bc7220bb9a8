/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The readers of the single kinds of configuration files (private to config/; the tests use them
 * too). Each gives false when it reported an error; the result is then not to be used. Results
 * live in the arena of the reading.
 */
#ifndef NRT_CONFIG_FILES_H
#define NRT_CONFIG_FILES_H

#include "config/policy.h"
#include "config/read.h"

/* calendars/<name>.json. zone_folder: where TZif files are, NULL for the system's. */
bool calendar_read(
    const struct source *source,
    const struct reading *reading,
    const char *zone_folder,
    struct calendar_spec *ret_spec);

/* directory.json. `key` opens sealed addresses; NULL: they stay closed, with a warning. */
struct directory_file {
    struct directory *directory;
    struct contact *contacts; /* one per person, in the order of directory_people */
    size_t contact_count;
};
bool directory_read(
    const struct source *source,
    const struct reading *reading,
    const uint8_t *key,
    struct directory_file *ret_file);

/* matters.json; owners and units are looked up in reading->known.directory. */
struct matters_file {
    struct matter *matters;
    size_t matter_count;
};
bool matters_read(
    const struct source *source, const struct reading *reading, struct matters_file *ret_file);

/* templates/<name>.json */
bool template_read(
    const struct source *source, const struct reading *reading, struct template_text *ret_template);

/*
 * What all rule sets of one configuration share: a run is known by case, clock and number, so no
 * two sets may use one clock id.
 */
struct rule_ids {
    struct id_table sets;
    struct id_table clocks;
};

/* rules/<name>.json */
bool ruleset_read(
    const struct source *source,
    const struct reading *reading,
    struct rule_ids *ids,
    struct ruleset *ret_ruleset);

/* What each file may have, to a describing reader (config/describe.h). No target. */
read_fn calendar_describe;
read_fn directory_describe;
read_fn matters_describe;
read_fn template_describe;
read_fn ruleset_describe;

#endif
