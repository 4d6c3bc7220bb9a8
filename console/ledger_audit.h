/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit trail in the ledger: who did what, when and from where, and what came of it. Each
 * entry carries a hash over its own words and the hash before it, so that nothing can be changed,
 * taken out or moved without all that follow telling. Where the trail ends is told by anchors
 * outside the ledger (console/audit_anchor.h).
 */
#ifndef NRT_CONSOLE_LEDGER_AUDIT_H
#define NRT_CONSOLE_LEDGER_AUDIT_H

#include "base/json.h"
#include "console/ledger_internal.h"
#include "console/ledger_read.h"

#define AUDIT_HASH_BYTES 65 /* SHA-256 in hex and a NUL */

struct audit_row {
    int64_t partition;
    int64_t seq; /* from 1 in each partition */
    int64_t at;
    struct text act;   /* the two entries of one act share it */
    struct text phase; /* begun, done; once: what has no second entry */
    struct text actor;
    struct text kind;  /* service, session ... */
    struct text roles; /* joined by blanks */
    struct text peer;
    struct text action;
    struct text object;
    int64_t status; /* of HTTP; 0: begun */
    struct text detail;
    struct text before; /* SHA-256, may be empty */
    struct text after;
    struct text hash;
};

/* The fact "audit" of the journal becomes the next entry of its partition's chain. */
enum err ledger_write_audit(
    struct ledger *ledger,
    const struct fact_place *place,
    const struct json_value *fact,
    struct err_why *why) ERR_MUST_USE;

/* Newest first. Of an act that has ended only its end is told. */
struct audit_query {
    struct text actor; /* empty: all, as in the others */
    struct text action;
    struct text object;
    struct text q; /* found in actor, action, object or detail */
    int64_t from;  /* 0: all; until is not included */
    int64_t until;
    struct ledger_key after; /* number: seq; tie: partition */
    int64_t limit;
};
typedef bool ledger_audit_fn(void *context, const struct audit_row *row);
enum err ledger_audit(
    struct ledger *ledger,
    const struct audit_query *query,
    ledger_audit_fn *take,
    void *context,
    struct list_end *ret_end) ERR_MUST_USE;

struct audit_head {
    int64_t partition;
    int64_t seq; /* 0: there is no entry */
    char hash[AUDIT_HASH_BYTES];
};
/* The last entry of a partition, or with seq given the entry of that number (seq 0: none). */
enum err ledger_audit_head(
    struct ledger *ledger, int64_t partition, int64_t seq, struct audit_head *ret_head)
    ERR_MUST_USE;

struct audit_check {
    int64_t entries;
    bool broken;
    int64_t broken_partition;
    int64_t broken_seq; /* the first that does not fit */
    char why[200];
    struct audit_head head; /* of the last partition that has entries */
};
/* Walk all chains. Only an unreadable ledger is an error; a broken chain is an answer. */
enum err ledger_audit_check(struct ledger *ledger, struct audit_check *ret_check) ERR_MUST_USE;

#endif
