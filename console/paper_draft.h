/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A notice that somebody wants to issue: read from a request, checked against directory and
 * ledger. Who may not see a case, or asks for one of another unit, hears the same as if it were
 * not there.
 */
#ifndef NRT_CONSOLE_PAPER_DRAFT_H
#define NRT_CONSOLE_PAPER_DRAFT_H

#include "console/ledger_papers.h"
#include "console/paper_words.h"
#include "console/view.h"

#define PAPER_CASES_MAX       200
#define PAPER_COPIES_MAX      20
#define PAPER_WORDS_BYTES_MAX 4000

struct paper_draft {
    struct arena *arena; /* of all texts */
    enum paper_kind kind;
    struct text unit;
    struct text unit_name;
    struct text by; /* of the body; empty: who asks */
    struct text request;
    struct paper_item items[PAPER_CASES_MAX];
    size_t item_count;
    struct text words;
    bool has_reply_by;
    struct wall_ms reply_by;
    struct text copies[PAPER_COPIES_MAX]; /* as given: persons, units, roles */
    struct text copy_names[PAPER_COPIES_MAX];
    size_t copy_count;
    const char *trouble; /* what is wrong, in words; NULL: nothing */
};

/* ERR_OK and a draft, perhaps with `trouble`; ERR_NO_MEMORY, ERR_IO when it could not be read. */
enum err paper_draft_read(
    const struct view *view,
    const struct json_value *body,
    struct arena *arena,
    struct paper_draft *ret_draft) ERR_MUST_USE;

/* What of it the wording needs; `number` may be empty. Points into the draft. */
struct paper paper_of_draft(
    const struct view *view, const struct paper_draft *draft, struct text number);
/* The same of one that was issued; arrays and texts in the arena. ERR_NO_MEMORY, ERR_CORRUPT. */
enum err paper_of_row(
    const struct view *view,
    const struct ledger_paper *row,
    struct arena *arena,
    struct paper *ret_paper) ERR_MUST_USE;

/* The prefix of its series: the office's, then the mark of the kind. */
struct text paper_prefix(
    const struct settings *settings, enum paper_kind kind, struct arena *arena);
/* The local year of an instant. */
int64_t paper_year(const struct view *view, struct wall_ms at);

#endif
