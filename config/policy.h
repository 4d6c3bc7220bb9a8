/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The applied configuration: rule sets, calendars, directory, matters and templates as one
 * numbered bundle. A folder is read and checked into a bundle; the bundle's JSON text is what is
 * applied to Redis, and what every role builds its policy from, so all roles see one truth.
 * People's addresses are sealed in that text (base/crypto.h) and opened only by who holds the key.
 */
#ifndef NRT_CONFIG_POLICY_H
#define NRT_CONFIG_POLICY_H

#include "base/arena.h"
#include "base/crypto.h"
#include "config/report.h"
#include "config/settings.h"
#include "config/template.h"
#include "rules/ruleset.h"

/* Where a person can be reached. Never in Redis, ledger or logs in the clear. */
struct contact {
    struct text person;
    struct text mobile;
    struct text dingtalk;
    struct text zwdd;
    struct text wecom;
    struct text email;
};

/* A file's own text, kept so that what is applied is what was written. */
struct bundle_source {
    struct text name; /* "rules/dongyang.json" */
    struct text json;
};

struct bundle_sources {
    struct bundle_source calendar;
    struct bundle_source directory;
    struct bundle_source matters; /* .json empty: none */
    const struct bundle_source *rules;
    size_t rule_count;
    const struct bundle_source *templates;
    size_t template_count;
};

struct bundle {
    struct arena arena; /* owns everything below */
    int64_t version;    /* of the applied version; 0 before */
    struct policy policy;
    const struct template_text *templates;
    size_t template_count;
    const struct contact *contacts; /* same order as directory_people */
    size_t contact_count;
    struct text calendar_id;
    struct bundle_sources sources;
    size_t given_count; /* files it was made from, beside what is shipped; 0 where read as JSON */
    /*
     * SHA-256 in hex over the files as they were read (addresses included) and backfill; carried
     * along in the JSON. Equal digests mean that applying again would change nothing.
     */
    char digest[2 * SHA256_BYTES + 1];
};

/*
 * Read a configuration folder (rules/, calendars/, directory.json, matters.json, templates/; what
 * is missing comes from the shipped defaults) and cross-check it with the settings: unknown
 * channel, role, person, unit, template are errors. NULL when the report has errors.
 */
struct bundle *bundle_load_folder(
    const char *folder,              /* NULL: shipped defaults only */
    const struct settings *settings, /* NULL: channels are not known here, nor checked */
    struct report *report);

/* What is versioned, as the API and the commands name it. */
enum config_kind {
    CONFIG_WHOLE, /* "config" */
    CONFIG_RULES,
    CONFIG_CALENDARS,
    CONFIG_DIRECTORY,
    CONFIG_MATTERS,
    CONFIG_TEMPLATES,
    CONFIG_KIND_COUNT
};
const char *config_kind_name(enum config_kind kind);
/* The kind of a file of the configuration, "rules/a.json"; CONFIG_KIND_COUNT when it is none. */
enum config_kind config_kind_of(struct text name);

/* A configuration that comes as texts, whether from a folder or over the API. */
struct bundle_texts {
    const struct bundle_source *files; /* in any order */
    size_t file_count;
    enum config_kind kind;     /* WHOLE: what is missing is shipped; else the others are base's */
    const struct bundle *base; /* NULL only with WHOLE */
    const uint8_t *key;        /* opens sealed addresses; NULL: they stay closed */
};
/* Checked as a folder is; findings name the files. NULL when the report has errors. */
struct bundle *bundle_load_texts(
    const struct bundle_texts *texts, const struct settings *settings, struct report *report);
/* bundle_load_folder for whoever holds the key. */
struct bundle *bundle_load_folder_sealed(
    const char *folder, const struct settings *settings, const uint8_t *key, struct report *report);

/* For `nrt simulate`, `calendar`: single files, any may be NULL (then the shipped one). */
struct bundle_files {
    const char *rules;
    const char *calendar;
    const char *directory;
};
struct bundle *bundle_load_files(const struct bundle_files *files, struct report *report);

/* The bundle as JSON text for Redis (addresses sealed), and back. */
enum err bundle_to_json(
    const struct bundle *bundle,
    const uint8_t key[static SEAL_KEY_BYTES],
    struct buf *buf) ERR_MUST_USE;
struct bundle *bundle_from_json(
    struct text json, const uint8_t key[static SEAL_KEY_BYTES], struct report *report);
void bundle_free(struct bundle *bundle); /* accepts NULL */
/*
 * A version whose calendar says the same as that of an older one uses that one: fold then sees
 * that nothing changed. The older bundle has to live as long.
 */
void bundle_share_calendar(struct bundle *bundle, const struct bundle *older);
/* One of the bundle's sources as compact JSON, a directory with its addresses sealed. */
enum err bundle_source_json(
    const struct bundle *bundle,
    const struct bundle_source *source,
    const uint8_t key[static SEAL_KEY_BYTES],
    struct buf *buf) ERR_MUST_USE;

/*
 * Do both have the same calendar, and the same units and people but for addresses? Then nothing
 * that counts as of the newest version is different for a case.
 */
bool bundle_same_places(const struct bundle *a, const struct bundle *b);

/* NULL when unknown. */
const struct contact *bundle_contact(const struct bundle *bundle, struct text person);
const struct template_text *bundle_template(const struct bundle *bundle, struct text id);

/*
 * Write the shipped configuration out, refusing to overwrite (`nrt config init DIR`), with the
 * compiled-in rule set of that id (config/rule_library.h); NULL: the default one.
 */
enum err config_write_defaults(const char *folder, const char *rules_id, struct err_why *why)
    ERR_MUST_USE;
/* Read the key file, making it (0600, random) when absent and `make` is set. */
enum err seal_key_load(
    const char *path, bool make, uint8_t ret_key[static SEAL_KEY_BYTES], struct err_why *why)
    ERR_MUST_USE;

#endif
