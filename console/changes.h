/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes of the configuration on their way: what was posted, or an older version, or a draft,
 * becomes a request to apply (store/role_apply.h) or is only looked at. Also what follows from an
 * applied version by itself: its bundle is read into the ledger, drafts are applied at their time,
 * and where calendar or directory changed all open cases are looked at again.
 */
#ifndef NRT_CONSOLE_CHANGES_H
#define NRT_CONSOLE_CHANGES_H

#include "console/api.h"
#include "console/ledger_changes.h"
#include "store/role_apply.h"

#define CONFIG_BODY_BYTES_MAX ((int64_t)16 * 1024 * 1024)
#define CHANGE_BY_BYTES_MAX   128
#define CHANGE_NOTE_BYTES_MAX 2000
#define CHANGE_FILES_MAX      1088

/* The source texts of one kind, or of all. */
struct change_content {
    enum config_kind kind;
    struct bundle_source *files;
    size_t file_count;
};

struct change;
typedef void change_done(struct change *change, const struct apply_result *result);

struct change {
    struct role_apply apply; /* the first member: a request is its change */
    struct console *console;
    struct http_call *call; /* NULL: nobody waits for an answer */
    struct arena arena;     /* of the texts */
    struct change_content content;
    struct buf diff;   /* what it means, as a JSON array (config/diff.h) */
    struct buf bundle; /* sealed JSON of what was made, where `keep_bundle` */
    bool keep_bundle;
    char digest[sizeof(((struct bundle *)0)->digest)];
    char from[64]; /* apply.from */
    change_done *done;
    char draft[CHANGE_ID_BYTES];
};

/* NULL when memory is out (the call is then answered). */
struct change *change_create(struct console *console, struct http_call *call, change_done *done);
void change_free(struct change *change); /* accepts NULL */
/* "by", "note" and "base_version" of a body; false when the call was answered with a problem. */
bool change_read_words(struct change *change, const struct json_value *body);
/* "files" of a body; false when the call was answered. */
bool change_read_files(struct change *change, const struct json_value *body, enum config_kind kind);
/* The files of one kind of a bundle (WHOLE: all). False when memory is out. */
bool change_take_bundle(struct change *change, const struct bundle *bundle, enum config_kind kind);
/* Make and check it without applying; `diff` and `bundle` are filled. The caller frees. */
struct bundle *change_make(struct change *change, struct report *report);
/* Hand it over: `done` is called later, once. False when the call was answered. */
bool change_begin(struct change *change);

/*
 * Has the ledger been read up to our start? Before that it may know of a draft and not of its end,
 * or not of the newest number. False when the call was answered.
 */
bool change_ledger_known(struct console *console, struct http_call *call);
/*
 * The number before the next draft's or replan's, which is at least `known`: a ledger that was made
 * of what a trimmed journal still had does not know which ones were given.
 */
int64_t change_number_before(struct console *console, int64_t known);
/* The kind in the path; CONFIG_KIND_COUNT when it is none. */
enum config_kind change_kind(struct text word);
/* One file's text as people read it; addresses sealed. */
enum err change_file_text(
    struct console *console,
    const struct bundle *bundle,
    const struct bundle_source *source,
    struct buf *text) ERR_MUST_USE;
/* All sources of a kind; returns how many. */
size_t change_sources(
    const struct bundle *bundle,
    enum config_kind kind,
    const struct bundle_source **ret_sources,
    size_t max);

/* ---- answering ---- */

/* "findings":[...] of an open object. */
void change_put_findings(struct json_out *out, const struct report *report);
/* A problem with its findings. */
void change_refuse(
    struct http_call *call, enum problem problem, const char *detail, const struct report *report);
/* The problem that a verdict other than DONE and EQUAL is. */
void change_refuse_result(struct http_call *call, const struct apply_result *result);

/* ---- what goes on by itself (console/changes_clock.c) ---- */

struct changes;
struct changes *changes_create(struct console *console);
void changes_free(struct changes *changes); /* accepts NULL */
/* Stepped mode: is something under way at this instant, and when is the next draft to be applied?
 */
bool changes_are_busy(const struct changes *changes);
bool changes_next(struct changes *changes, int64_t *ret_at);

/* ---- drafts (console/api_drafts.c) ---- */

/* Apply the approved draft whose time has come. False when that could not be begun. */
bool draft_apply_due(struct console *console, const char *id);

/* ---- the ledger has caught up (console/catch_up.c) ---- */

typedef void catch_up_done(void *context, enum err err);
/*
 * Call `done` once the ledger holds all that the journal holds now; with `queues`, also all events
 * that wait in the queues now. ERR_TIMEOUT after so long. Not called after the console's end.
 */
void catch_up_begin(
    struct console *console, bool queues, int64_t wait_ms, catch_up_done *done, void *context);

#endif
