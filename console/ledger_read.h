/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be asked of the ledger. Rows are handed to a callback one at a time; their texts are
 * valid only inside it. A callback that returns false ends the reading. Lists are paged by key:
 * the caller gives the key of the last row it has seen. Every list uses an index; a search in
 * titles looks at LEDGER_SCAN_MAX rows at most and says where it stopped.
 */
#ifndef NRT_CONSOLE_LEDGER_READ_H
#define NRT_CONSOLE_LEDGER_READ_H

#include "console/ledger.h"

#define LEDGER_SCAN_MAX 20000

struct scope; /* console/actor.h */

struct ledger_instant {
    bool known;
    int64_t ms;
};

struct ledger_case {
    struct text id;
    struct text title;
    struct text matter;
    struct text unit;
    struct text handler;
    struct text from_unit;
    struct text number;
    struct text labels; /* JSON object */
    struct text state;
    struct text light;
    int64_t created;
    int64_t updated;
    int64_t due; /* the earliest to be met; WALL_MS_MAX when there is none */
    bool fault;
    struct ledger_instant objected; /* "not ours" is open since then */
    struct text objected_by;
    struct text status; /* one of the six states, or withdrawn (docs/ledger.md) */
    /* Only in lists. */
    struct ledger_instant next_due; /* the earliest of a run that still can be met */
    struct ledger_instant late_due; /* of the run that is, or was, the latest; */
    struct ledger_instant late_end; /* when that ended; unknown: it has not */
};

struct ledger_run {
    struct text clock;
    int64_t run;
    struct text family;
    struct text title;
    int64_t start;
    struct ledger_instant due;
    bool provisional;
    struct text outcome;
    struct ledger_instant stopped;
    struct text light;
    struct text unit;
    struct text handler;
    int64_t rules;
    bool waived;             /* the miss stands in history and does not count */
    struct text appeal;      /* none, open, granted, rejected */
    bool rule_change;        /* missed, but not by the rules before a replan */
    struct text waiting_for; /* JSON array of units whose clocks the host's waits for */
};

struct ledger_event {
    struct text source;
    struct text id;
    struct text type;
    int64_t time;
    int64_t arrived;
    int64_t rules; /* the version in force when it arrived */
    struct text verdict;
    int64_t repeats;
    struct text ce; /* JSON object */
};

struct ledger_alert {
    struct text id;
    struct text case_id;
    struct text clock;
    int64_t run;
    struct text stage;
    struct text title;
    int64_t instant;
    int64_t fired_at;
    struct text status;
    struct text light;
    bool late;
    struct text recipients; /* JSON array of person ids */
    struct text via;        /* JSON array of channels */
    int64_t ordinal;
    bool fault;
    struct text case_title;
    struct text case_unit;
    struct text template_id; /* of its texts; empty: the stage's own */
    struct text dropped;     /* why none of its messages went out: "settled" ...; or empty */
};

struct ledger_message {
    struct text id;
    struct text alert;
    struct text case_id;
    struct text clock;
    struct text stage;
    struct text person;
    struct text channel;
    struct text state; /* the notifier's word, or what a receipt says: delivered, read ... */
    int64_t at;
    int64_t attempts;
    struct ledger_instant ready;
    struct text reason;
    struct text body;
    struct ledger_instant held_until; /* the first moment it was allowed to go out */
    struct ledger_instant sent;       /* the last attempt left us */
    struct ledger_instant accepted;
    struct ledger_instant queued;
    struct ledger_instant undelivered;
    struct ledger_instant delivered;
    struct ledger_instant read;
    struct ledger_instant acked;
    struct text gateway_id;    /* the gateway's own name of it; or empty */
    struct text digest;        /* the message it went out as, where it was gathered; or empty */
    struct text notice;        /* kind of a message of no alert; or empty */
    struct text stands_in_for; /* the person on leave in whose place it came; or empty */
    /* Why it was sent; empty for a test message. */
    struct text case_title;
    struct text case_unit;
    struct text clock_title;
    struct text stage_title;
    struct text light;
    struct ledger_instant fired;
    struct ledger_instant start;
    struct ledger_instant due;
    int64_t rules;
    int64_t run;
};

struct ledger_reject {
    struct text fact; /* with the partition: what it is known by */
    int64_t partition;
    int64_t at;
    struct text via;
    struct text kind;
    struct text reason;
    int64_t bytes;
    struct text sha256;
    struct text head;
};

/* The key of a row in its list: a number, then a text that breaks ties. */
struct ledger_key {
    bool given;
    int64_t number;
    struct text tie;
};

/* How many rows there are in a list. */
#define LEDGER_TOTAL_MAX 10000
struct ledger_total {
    int64_t count; /* at most LEDGER_TOTAL_MAX */
    bool more;     /* there are, or may be, more */
};

enum case_sort { SORT_UPDATED, SORT_CREATED, SORT_DUE, SORT_ID, CASE_SORT_COUNT };

struct case_query {
    struct text unit; /* empty: all, as in the others */
    struct text matter;
    struct text light;
    struct text state;
    struct text status;
    struct text handler;
    struct text label;         /* "key=value" */
    int64_t from;              /* received, in ms; 0: at any time; until is not included */
    int64_t until;             /* 0: to this day */
    struct text q;             /* found in title, id or number (console/search_words.h) */
    const struct scope *scope; /* NULL: every case */
    enum case_sort sort;
    bool descending;
    struct ledger_key after;
    int64_t limit;
    struct ledger_total *ret_total; /* set before the first row; NULL: nobody asks */
};

struct list_end {
    bool more; /* there are, or may be, further rows after `number` and `tie` */
    int64_t number;
    char tie[512];
};

typedef bool ledger_case_fn(void *context, const struct ledger_case *row);
enum err ledger_cases(
    struct ledger *ledger,
    const struct case_query *query,
    ledger_case_fn *take,
    void *context,
    struct list_end *ret_end) ERR_MUST_USE;
/* The total alone. */
enum err ledger_cases_total(
    struct ledger *ledger,
    const struct case_query *query,
    struct ledger_total *ret_total) ERR_MUST_USE;
/* ERR_NOT_FOUND when there is no such case, or the scope does not show it. */
enum err ledger_case_is_seen(struct ledger *ledger, struct text id, const struct scope *scope)
    ERR_MUST_USE;
/* ERR_NOT_FOUND when there is no such case. */
enum err ledger_case_read(
    struct ledger *ledger, struct text id, ledger_case_fn *take, void *context) ERR_MUST_USE;

typedef bool ledger_run_fn(void *context, const struct ledger_run *row);
enum err ledger_runs(struct ledger *ledger, struct text case_id, ledger_run_fn *take, void *context)
    ERR_MUST_USE;

/* The earliest first. */
struct event_query {
    struct text case_id;
    struct text verdict; /* "applied"; empty: all of them */
    int64_t limit;
};
typedef bool ledger_event_fn(void *context, const struct ledger_event *row);
/* All events of all cases, in the order of arrival, then of case, source and id. */
struct arrival_query {
    int64_t from;
    int64_t until; /* not included */
    bool after;    /* only those after this one: */
    int64_t after_arrived;
    struct text after_case;
    struct text after_source;
    struct text after_id;
    int64_t limit;
};
typedef bool ledger_arrival_fn(void *context, struct text case_id, const struct ledger_event *row);
enum err ledger_arrivals(
    struct ledger *ledger,
    const struct arrival_query *query,
    ledger_arrival_fn *take,
    void *context) ERR_MUST_USE;
enum err ledger_events(
    struct ledger *ledger, const struct event_query *query, ledger_event_fn *take, void *context)
    ERR_MUST_USE;

/*
 * Missed and not yet stopped. Within one calendar the earliest due is the latest in working days
 * too, because of two dues the earlier one has all the working days of the later one behind it: to
 * sort by lateness is to sort by due.
 */
enum overdue_sort {
    OVERDUE_BY_DUE,
    OVERDUE_BY_UNIT,
    OVERDUE_BY_MATTER,
    OVERDUE_BY_CASE,
    OVERDUE_BY_URGED,
    OVERDUE_SORT_COUNT
};

struct overdue_query {
    struct text unit;
    struct text units; /* JSON array: one of them; empty: all */
    struct text matter;
    struct text handler;
    struct text clock;
    struct text stage;       /* of the last alert that went out */
    struct text alert_state; /* none, sent, delivered, read, acked, failed */
    int64_t due_from;        /* 0: any; until is not included */
    int64_t due_until;
    struct text q;
    const struct scope *scope; /* NULL: every case */
    enum overdue_sort sort;
    bool descending;
    struct ledger_key after;
    int64_t limit;
};
/* What the list knows beside the case and the run. */
struct ledger_overdue_row {
    struct ledger_case of;
    struct ledger_run run;
    struct text unit; /* whose it is: of a clock per co-handling unit, that one */
    struct text handler;
    int64_t urged; /* how often the case was */
    struct ledger_instant last_urged;
    struct text alert;       /* the last that went out; or empty */
    struct text alert_stage; /* its stage */
    struct text alert_title;
    struct text alert_state;
};
typedef bool ledger_overdue_fn(void *context, const struct ledger_overdue_row *row);
enum err ledger_overdue(
    struct ledger *ledger,
    const struct overdue_query *query,
    ledger_overdue_fn *take,
    void *context,
    struct list_end *ret_end) ERR_MUST_USE;
enum err ledger_overdue_total(
    struct ledger *ledger,
    const struct overdue_query *query,
    struct ledger_total *ret_total) ERR_MUST_USE;

/* Newest first. */
struct alert_query {
    const struct scope *scope; /* of whose cases; NULL: of all */
    struct text id;
    struct text case_id;
    struct text unit;
    struct text status;
    int64_t fired_from; /* 0: all; until is not included */
    int64_t fired_until;
    struct ledger_key after;
    int64_t limit;
};
typedef bool ledger_alert_fn(void *context, const struct ledger_alert *row);
enum err ledger_alerts(
    struct ledger *ledger,
    const struct alert_query *query,
    ledger_alert_fn *take,
    void *context,
    struct list_end *ret_end) ERR_MUST_USE;

/* Newest first; handed_over: only those a gateway has accepted, by the time it did. */
struct message_query {
    const struct scope *scope; /* about whose cases; NULL: all */
    struct text id;
    struct text alert;
    struct text person;
    struct text channel;
    struct text state;
    struct text digest; /* those gathered into this one */
    bool handed_over;
    int64_t from; /* by the time of its last change; 0: all; until is not included */
    int64_t until;
    struct ledger_key after;
    int64_t limit;
};
typedef bool ledger_message_fn(void *context, const struct ledger_message *row);
enum err ledger_messages(
    struct ledger *ledger,
    const struct message_query *query,
    ledger_message_fn *take,
    void *context,
    struct list_end *ret_end) ERR_MUST_USE;

/* Newest first. */
struct reject_query {
    struct ledger_key after;
    int64_t limit;
};
typedef bool ledger_reject_fn(void *context, const struct ledger_reject *row);
enum err ledger_rejects(
    struct ledger *ledger,
    const struct reject_query *query,
    ledger_reject_fn *take,
    void *context,
    struct list_end *ret_end) ERR_MUST_USE;

/* ---- figures over all time and all units; console/ledger_figures.h has all others ---- */

/* One family: runs met, and misses that count (waived ones do not). */
struct ledger_figure {
    struct text family;
    struct text unit; /* empty: all of them */
    int64_t met;
    int64_t missed;
};
typedef bool ledger_figure_fn(void *context, const struct ledger_figure *row);
enum err ledger_family_figures(struct ledger *ledger, ledger_figure_fn *take, void *context)
    ERR_MUST_USE;

/* A small table of counts: words and a number. */
struct ledger_count {
    struct text word;
    struct text other;
    int64_t count;
};
typedef bool ledger_count_fn(void *context, const struct ledger_count *row);
enum count_kind {
    COUNT_CASES,       /* state, light */
    COUNT_REJECTS,     /* kind, via */
    COUNT_MESSAGES,    /* state */
    COUNT_RECEIPTS,    /* state; known: its message has been told of, else unknown */
    COUNT_OVERDUE,     /* one number */
    COUNT_LATE_ALERTS, /* one number */
    COUNT_KIND_COUNT
};
enum err ledger_counts(
    struct ledger *ledger, enum count_kind kind, ledger_count_fn *take, void *context) ERR_MUST_USE;

#endif
