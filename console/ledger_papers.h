/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbered notices (催办、督办、整改、约谈通知书) in the ledger. Each is one fact of the journal;
 * its number in the series of its kind and year is given by the order of the journal, so every
 * ledger gives the same one. A row is never changed.
 */
#ifndef NRT_CONSOLE_LEDGER_PAPERS_H
#define NRT_CONSOLE_LEDGER_PAPERS_H

#include "console/actor.h"
#include "console/ledger_internal.h"
#include "console/ledger_read.h"

#define PAPER_NUMBER_BYTES 128

struct ledger_paper {
    struct text id;
    struct text kind; /* urge, supervise, rectify, interview */
    int64_t year;
    int64_t place;                   /* in the series of kind and year, from 1 */
    char number[PAPER_NUMBER_BYTES]; /* "东督催〔2026〕12号" */
    int64_t at;
    struct text by;
    struct text office; /* who signs */
    struct text unit;
    struct text unit_name; /* as it was then */
    struct text words;     /* of whoever issued it, beside the form's own */
    struct ledger_instant reply_by;
    struct text copy_to; /* JSON array */
    struct text items;   /* JSON array of {"case", "title", "clock", "due", "late_days"} */
};

/* "东督催〔2026〕12号" */
void paper_number(struct text prefix, int64_t year, int64_t place, char *ret, size_t bytes);

enum err ledger_write_paper(
    struct ledger *ledger,
    const struct fact_place *place,
    const struct json_value *fact,
    struct err_why *why) ERR_MUST_USE;

/* Newest first. */
struct paper_query {
    struct text id;
    struct text kind;
    struct text unit;
    struct text case_id;
    const struct scope *scope; /* NULL: of all units */
    struct ledger_key after;
    int64_t limit;
};
typedef bool ledger_paper_fn(void *context, const struct ledger_paper *row);
enum err ledger_papers(
    struct ledger *ledger,
    const struct paper_query *query,
    ledger_paper_fn *take,
    void *context,
    struct list_end *ret_end) ERR_MUST_USE;

/* The last place given in a series; 0: none is. */
enum err ledger_paper_last(
    struct ledger *ledger, struct text kind, int64_t year, int64_t *ret_place) ERR_MUST_USE;

/*
 * The first paper since then with a case that has not heard of it: no event with that source and
 * the id "PAPER:PLACE"; ret_at is when it was issued. ERR_NOT_FOUND when there is none.
 */
enum err ledger_paper_untold(
    struct ledger *ledger,
    int64_t since,
    const char *source,
    char ret_id[static 128],
    int64_t *ret_at) ERR_MUST_USE;

#endif
