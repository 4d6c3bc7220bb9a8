/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the ledger share and nobody else sees.
 */
#ifndef NRT_CONSOLE_LEDGER_INTERNAL_H
#define NRT_CONSOLE_LEDGER_INTERNAL_H

#include "base/json.h"
#include "base/sql.h"
#include "console/ledger.h"

#define POSITION_BYTES 48

enum ledger_stmt {
    STMT_POSITION,
    STMT_EVENT,
    STMT_ACK,
    STMT_WAIVER,
    STMT_CASE_BEFORE,
    STMT_CASE_COMES,
    STMT_CASE_TOUCH,
    STMT_CASE_DUE,
    STMT_CASE_MOVE,
    STMT_CASE_ANEW,
    STMT_NOTE,
    STMT_RUNS_OUT,
    STMT_SUMS_OUT,
    STMT_STATES_OUT,
    STMT_NEW_UNITS,
    STMT_NEW_LABELS,
    STMT_NEW_DOCS,
    STMT_NEW_WORDS,
    STMT_RUNS_IN,
    STMT_SUMS_IN,
    STMT_STATES_IN,
    STMT_RUN_SUMS,
    STMT_RUN_TOTALS,
    STMT_CASE_SUMS,
    STMT_CASE_TOTALS,
    STMT_TALLIES,
    STMT_TALLIES_NONE,
    STMT_STATUS_TALLIES,
    STMT_STATUS_TALLIES_NONE,
    STMT_RUNS_DONE,
    STMT_SUMS_DONE,
    STMT_STATES_DONE,
    STMT_NOTES_DONE,
    STMT_WORK,
    STMT_WORK_ACT,
    STMT_WORK_TOUCH,
    STMT_OUTCOME,
    STMT_STATEMENT,
    STMT_RUNS_CLEAR,
    STMT_RUN,
    STMT_ALERT,
    STMT_ALERT_OVERTAKEN,
    STMT_REJECT,
    STMT_MESSAGE,
    STMT_GATEWAY_ID,
    STMT_BESIDE,
    STMT_WENT_AS,
    STMT_DIGEST_TO_MEMBERS,
    STMT_DIGEST_OF_MEMBER,
    STMT_OVERTAKEN,
    STMT_RECEIPT,
    STMT_RECEIPTS_KNOWN,
    STMT_RECEIPTS_KNOWN_BY_GATEWAY,
    STMT_MARKS,
    STMT_MARKS_BY_RECEIPT,
    STMT_CONFIG,
    STMT_CONFIG_BUNDLE,
    STMT_DRAFT,
    STMT_DRAFT_BUNDLE,
    STMT_REPLAN,
    STMT_ODDITY,
    STMT_WORDS_OUT,
    STMT_WORDS_IN,
    STMT_WORDS_DONE,
    LEDGER_STMT_COUNT
};

struct ledger {
    struct sql_db *db;
    struct sql_stmt *stmts[LEDGER_STMT_COUNT];
    char positions[STORE_PARTITIONS_MAX][POSITION_BYTES];
    int64_t revision;
    bool moved;     /* the transaction tells of more than the audit trail */
    bool has_notes; /* of cases whose sums, counts and words are to be written */
    /* Lists: from so many cases on that a filter leaves they are walked; 0: LEDGER_FEW. */
    int64_t few;
    /* Tests look at the plan of every statement of a list; NULL otherwise. */
    void (*on_select)(void *context, const char *statement);
    void *on_select_context;
};

/* Where a fact stands: journal entry and index in it, as text that sorts as the journal does. */
#define FACT_KEY_BYTES 64
struct fact_place {
    int32_t partition;
    char key[FACT_KEY_BYTES];
};

/* The function of SQL that cuts texts into words (console/search_words.h). */
#define LEDGER_WORDS "nrt_words"
/* A row of the index of words; d is its document. */
#define LEDGER_WORDS_OF(id, title, number)                                                         \
    "d.doc, " LEDGER_WORDS "(" id "), " LEDGER_WORDS "(" title "), " LEDGER_WORDS "(" number ")"

/* Bring the schema up to LEDGER_FORMAT (console/ledger_schema.c). */
enum err ledger_migrate(struct sql_db *db, struct err_why *why) ERR_MUST_USE;
/* No further than that format, for tests of what older programs left. */
enum err ledger_migrate_to(struct sql_db *db, int64_t to, struct err_why *why) ERR_MUST_USE;
/* 0: the file is new. */
enum err ledger_format(struct sql_db *db, int64_t *ret_format, struct err_why *why) ERR_MUST_USE;
/* The parts of the step to format 4, each a list of scripts that ends with NULL. */
extern const char *const ledger_step_4_search[];  /* console/ledger_step_search.c */
extern const char *const ledger_step_4_figures[]; /* console/ledger_step_figures.c */
extern const char *const ledger_step_4_paper[];   /* console/ledger_step_paper.c */
extern const char *const ledger_step_4_audit[];   /* console/ledger_step_audit.c */
/* The text of each kept statement. */
const char *ledger_stmt_text(enum ledger_stmt stmt);

/* Reading a fact's members into the binds of a statement (console/ledger_facts.c). */
void bind_member(
    struct sql_stmt *stmt, int index, const struct json_value *object, const char *key);
void bind_number(
    struct sql_stmt *stmt, int index, const struct json_value *object, const char *key);
void bind_instant_or_null(
    struct sql_stmt *stmt, int index, const struct json_value *object, const char *key);
/* The member as compact JSON, `otherwise` when it is absent. */
void bind_json(
    struct sql_stmt *stmt,
    int index,
    const struct json_value *object,
    const char *key,
    const char *otherwise);
/* Of a case fact: its status, its units, and a hash of its runs (console/ledger_standing.c). */
void ledger_bind_standing(struct sql_stmt *stmt, int index, const struct json_value *fact);
enum err fact_lacks(struct err_why *why, const char *kind, const char *key);

/* Sums of the figures, and what is open of a case (console/ledger_figures_write.c). */
/* Before a case changes: what it adds to sums and counts is noted, to be taken off. */
enum err ledger_note_change(struct ledger *ledger, struct text case_id, struct err_why *why)
    ERR_MUST_USE;
/* The same of a case that is new, and added nothing. */
enum err ledger_note_new(struct ledger *ledger, struct text case_id, struct err_why *why)
    ERR_MUST_USE;
/* At the end of the transaction: sums and counts, with what each of those cases adds now; units,
 * labels and words of the new ones. */
enum err ledger_notes_write(struct ledger *ledger, struct err_why *why) ERR_MUST_USE;
/* Of a case fact, after ledger_note_change or _new. */
enum err ledger_write_work(
    struct ledger *ledger, const struct json_value *fact, struct err_why *why) ERR_MUST_USE;
/* Of an event fact: a rating, an urging, a request for more time and what became of it. */
enum err ledger_write_act(
    struct ledger *ledger,
    const struct fact_place *place,
    const struct json_value *fact,
    struct err_why *why) ERR_MUST_USE;
/* An outcome, or a statement, of an entry of the accountability list. */
enum err ledger_write_decision(
    struct ledger *ledger,
    const struct fact_place *place,
    const struct json_value *fact,
    struct err_why *why) ERR_MUST_USE;

/* An act of the sending control (console/ledger_sending.c). */
enum err ledger_write_sending(
    struct ledger *ledger,
    const struct fact_place *place,
    const struct json_value *fact,
    struct err_why *why) ERR_MUST_USE;

/* Messages and receipts (console/ledger_messages.c). */
enum err ledger_write_message(
    struct ledger *ledger,
    const struct fact_place *place,
    const struct json_value *fact,
    struct err_why *why) ERR_MUST_USE;
enum err ledger_write_receipt(
    struct ledger *ledger, const struct json_value *fact, struct err_why *why) ERR_MUST_USE;

/* The facts of changes of the configuration: config, draft, replan (console/ledger_changes.c). */
enum err ledger_write_config(
    struct ledger *ledger, const struct json_value *fact, struct err_why *why) ERR_MUST_USE;
enum err ledger_write_draft(
    struct ledger *ledger,
    const struct fact_place *place,
    const struct json_value *fact,
    struct err_why *why) ERR_MUST_USE;
enum err ledger_write_replan(
    struct ledger *ledger,
    const struct fact_place *place,
    const struct json_value *fact,
    struct err_why *why) ERR_MUST_USE;

/*
 * Write one fact (console/ledger_facts.c). ERR_PARSE when the fact is not one we know: nothing was
 * written then; other errors are the database's.
 */
enum err ledger_write_fact(
    struct ledger *ledger,
    const struct fact_place *place,
    const struct json_value *fact,
    struct err_why *why) ERR_MUST_USE;

#endif
