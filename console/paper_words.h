/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wording of numbered notices, in official Chinese and in English: one form for each kind,
 * filled line by line. Pure; what a notice says is kept in the ledger, not its lines.
 */
#ifndef NRT_CONSOLE_PAPER_WORDS_H
#define NRT_CONSOLE_PAPER_WORDS_H

#include "base/json.h"
#include "rules/calendar.h"

enum paper_kind { PAPER_URGE, PAPER_SUPERVISE, PAPER_RECTIFY, PAPER_INTERVIEW, PAPER_KIND_COUNT };

struct paper_item {
    struct text case_id;
    struct text title;
    struct text number; /* 文号, may be empty */
    struct text clock;  /* title of the clock, may be empty */
    bool has_due;
    struct wall_ms due;
    int64_t late_days; /* working days; 0: not late, or less than one */
    bool is_late;
};

struct paper {
    enum paper_kind kind;
    struct text number; /* empty: not issued yet */
    struct text office;
    struct text unit_name;
    const struct paper_item *items;
    size_t item_count;
    struct text words; /* of whoever issues it; lines are kept */
    bool has_reply_by;
    struct wall_ms reply_by;
    const struct text *copies; /* names */
    size_t copy_count;
    struct wall_ms at;
    const struct calendar *calendar;
};

/* "urge", "supervise", "rectify", "interview"; false for another word. */
bool paper_kind_read(struct text word, enum paper_kind *ret_kind);
const char *paper_kind_name(enum paper_kind kind);
/* "催办通知书"; "Notice of urging". */
const char *paper_title(enum paper_kind kind, bool english);
/* What stands behind the office's prefix in numbers of this kind: "催". */
const char *paper_mark(enum paper_kind kind);
/* The whole notice as a JSON array of lines, title and number first. */
void paper_lines(const struct paper *paper, bool english, struct json_out *out);

/* "2019年7月10日17:30", "10 July 2019, 17:30"; the end of a day as 24:00. */
void paper_instant(
    const struct calendar *calendar, struct wall_ms at, bool english, struct buf *buf);
/* "2019年7月10日", "10 July 2019". */
void paper_date(struct civil_day day, bool english, struct buf *buf);

#endif
