/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes round by itself beside the morning message: the daily brief (settings `brief`), how
 * many cases are overdue, how many of them newly, what falls due today and on the next working
 * day, to oversight and leaders; and the weekly list (settings `weekly`), what is overdue or falls
 * due within seven days, to the heads of units. Each person gets what is theirs by the roles of
 * `to`. Gathered from the ledger page by page, on the loop to be sent, or in a reader to be shown.
 */
#ifndef NRT_CONSOLE_BRIEF_H
#define NRT_CONSOLE_BRIEF_H

#include "base/json.h"
#include "console/view.h"

enum brief_kind { BRIEF_DAILY, BRIEF_WEEKLY, BRIEF_KIND_COUNT };

#define BRIEF_ROWS_MAX 10

struct brief;

struct brief_wish {
    enum brief_kind kind;
    const struct bundle *bundle; /* both stay until the brief's end */
    const struct settings *settings;
    struct wall_ms now;        /* its local day is the day of the brief */
    const struct scope *scope; /* only cases of these units; NULL: of all. Stays likewise */
    struct text unit;          /* only of this one; empty: of all. Stays likewise */
};

/* NULL when memory is out. */
struct brief *brief_begin(const struct brief_wish *wish);
void brief_free(struct brief *brief); /* accepts NULL */
/* Reads one page; ret_done when there are no more. */
enum err brief_page(struct brief *brief, struct ledger *ledger, bool *ret_done) ERR_MUST_USE;
/* People who get one. */
size_t brief_count(const struct brief *brief);
/* The notice of the person of that index, as an outbox item; ret_person is what it is for. */
void brief_write(
    const struct brief *brief, size_t index, struct buf *json, struct text *ret_person);

/* What one of them is told, to be shown. */
struct brief_row {
    struct text case_id;
    struct text title;
    struct text unit;
    bool missed;
    struct wall_ms due;
};
struct brief_desk {
    struct text person;
    int64_t overdue;
    int64_t newly; /* overdue since the brief of the working day before */
    int64_t today;
    int64_t later; /* until the end of the next working day; weekly: within seven days */
    struct brief_row rows[BRIEF_ROWS_MAX]; /* the earliest dues first */
    size_t row_count;
};
const struct brief_desk *brief_desk(const struct brief *brief, size_t index);
/* Append the words as they are sent without a template. */
void brief_words(const struct brief *brief, size_t index, bool english, struct buf *words);

/* Is the weekly list sent on this day: the first working day of its week from `weekday` on? */
bool brief_is_weekly_day(const struct calendar *calendar, int32_t weekday, struct civil_day day);
/* Is there anybody it goes to, by the settings? */
bool brief_is_wanted(const struct settings *settings, enum brief_kind kind);
int32_t brief_at_s(const struct settings *settings, enum brief_kind kind);

#endif
