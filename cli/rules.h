/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the verbs of `nrt rules` share: the words of their command line, the configuration as the
 * body of a request, findings and changes as people read them. Their results are told in Chinese
 * or English (--lang); what is wrong with a command line is told in English, as everywhere.
 */
#ifndef NRT_CLI_RULES_H
#define NRT_CLI_RULES_H

#include "cli/api.h"
#include "config/explain_text.h"

#define RULES_ANSWER_BYTES_MAX API_ANSWER_BYTES_MAX

struct rules {
    struct api api;
    enum explain_language language;
    const char *lang; /* as it was given */
    const char *data;
    const char *by; /* who does it; the login name when not given */
    const char *note;
    const char *config; /* the folder */
    bool json;
    char login[64];
};

/* One verb: argv[0] is "rules", argv[1] the verb. */
typedef int rules_verb_fn(int argc, char **argv);
rules_verb_fn rules_diff;
rules_verb_fn rules_preview;
rules_verb_fn rules_apply;
rules_verb_fn rules_draft;
rules_verb_fn rules_drafts;
rules_verb_fn rules_approve;
rules_verb_fn rules_withdraw;
rules_verb_fn rules_history;
rules_verb_fn rules_rollback;
rules_verb_fn rules_replan;

/*
 * After args_read: the language, who it is, where the service is. EXIT_USAGE when a word is
 * wrong.
 */
int rules_begin(struct rules *rules);
/* The one of the two that is in the language asked for. */
const char *rules_say(const struct rules *rules, const char *zh, const char *en)
    __attribute__((format_arg(2), format_arg(3)));

/* ---- requests ---- */

/*
 * Open an object in buf and put the files of the folder into it ("files":[{"name","text"}]) and,
 * where they are given, "by" and "note". The caller adds more and closes. False when a file
 * cannot be read (said on stderr).
 */
bool rules_open_body(const struct rules *rules, struct json_out *out);
/* The same without files. */
void rules_open_words(const struct rules *rules, struct json_out *out);

/*
 * Send, and give the answer's JSON. Refused configurations (422) have their findings printed;
 * every other problem is said as api_problem() says it. The caller frees the document.
 */
int rules_send(
    const struct rules *rules,
    const char *method,
    const char *path,
    const struct buf *body,
    struct json_doc **ret_doc);

/* ---- answers ---- */

/* The value as one line of JSON. */
void rules_print_json(const struct json_value *value);
/* "file:line:column: error: path: message", a line each. */
void rules_print_findings(const struct json_value *findings);
/* The changes of bundle_diff() as lines with `indent` before each; how many. */
size_t rules_print_changes(
    const struct rules *rules, const struct json_value *changes, const char *indent);

#endif
