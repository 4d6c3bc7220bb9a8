/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where in the files of a bundle something stands (private to config/lint*.c). A file is parsed
 * again when the first finding speaks of it, and once.
 */
#ifndef NRT_CONFIG_LINT_PLACE_H
#define NRT_CONFIG_LINT_PLACE_H

#include "config/policy.h"
#include "config/read.h"
#include "rules/lint.h"

struct linting {
    const struct bundle *bundle;
    const struct settings *settings;
    struct civil_day today;
    struct report *report;
    struct arena arena;      /* of this lint alone */
    struct lint lint;        /* of the rules */
    struct json_doc **rules; /* NULL until asked for; as many as rule sets */
    struct json_doc *calendar;
    struct json_doc *directory;
};

/* A value of a file with its path; value NULL: the file as a whole. */
struct spot {
    const char *file;
    const struct json_doc *doc;
    const struct json_value *value;
    char path[READ_PATH_BYTES];
};

struct spot spot_of_rules(struct linting *linting, size_t set);
struct spot spot_of_calendar(struct linting *linting);
struct spot spot_of_directory(struct linting *linting);
/* A template is small: its document is the caller's to free with json_free(*ret_doc). */
struct spot spot_of_template(struct linting *linting, size_t index, struct json_doc **ret_doc);
void linting_release(struct linting *linting);

/* One step down. Where there is no such key the spot stays where it is. */
struct spot spot_key(struct spot spot, const char *key);
struct spot spot_item(struct spot spot, const char *key, size_t index);
/* The same when the value is at hand. */
struct spot spot_at(struct spot spot, const char *key, size_t index, const struct json_value *item);

void lint_say(
    struct linting *linting,
    const struct spot *spot,
    enum finding_level level,
    const char *code,
    const char *format,
    ...) __attribute__((format(printf, 5, 6)));

/* "a, b, c and 4 more" of names, at most `count` of which are kept. */
#define LIST_BYTES 320
const char *lint_list(
    char text[static LIST_BYTES], const struct text *names, size_t kept, size_t count);

/* ---- the parts ---- */

void lint_say_finding(struct linting *linting, const struct lint_finding *finding);
void lint_people(struct linting *linting);
void lint_addresses(struct linting *linting);
void lint_templates(struct linting *linting);
/* root: the file of the template */
void lint_vendors_of(struct linting *linting, const struct spot *root, size_t index);
void lint_vendor_missing(
    struct linting *linting,
    const struct spot *root,
    const struct template_text *template,
    const struct channel_settings *channel);

#endif
