/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Anchors of the audit trail: where its chain had got to at an instant, signed with a key that is
 * derived from DATA/seal.key, in a file beside the ledger (DATA/audit.anchors) and in the log. A
 * chain whose end is cut off still fits; the anchors tell that there was more.
 */
#ifndef NRT_CONSOLE_AUDIT_ANCHOR_H
#define NRT_CONSOLE_AUDIT_ANCHOR_H

#include "base/wall.h"
#include "config/seal_keys.h"
#include "console/ledger_audit.h"

#define AUDIT_ANCHOR_FILE "audit.anchors"

/* Appends one and syncs the file. Signed with the first key. */
enum err audit_anchor_add(
    const char *path,
    const struct seal_keys *keys,
    const struct audit_head *head,
    struct wall_ms at,
    struct err_why *why) ERR_MUST_USE;

struct anchors {
    const char *path;
    const struct seal_keys *keys;
    bool newer_may_lack; /* the ledger is a copy of before: what came later is not in it */
};

struct anchor_check {
    int64_t anchors;
    int64_t newer; /* of these, what a copy cannot have */
    bool broken;
    int64_t broken_seq;
    char why[200];
    char warning[200]; /* what could not be checked; empty: nothing */
};
/*
 * Does the ledger have what each anchor tells of? A file that is not there has no anchors. An
 * anchor of a key that is gone is compared, but nothing proves who wrote it: a warning.
 */
enum err audit_anchors_check(
    const struct anchors *anchors,
    struct ledger *ledger,
    struct anchor_check *ret_check,
    struct err_why *why) ERR_MUST_USE;

/* The same of the text of such a file. */
enum err audit_anchors_check_text(
    struct text text,
    const struct anchors *anchors,
    struct ledger *ledger,
    struct anchor_check *ret_check) ERR_MUST_USE;

/* Chain and anchors together. */
struct audit_verdict {
    struct audit_check chain;
    struct anchor_check anchors;
};
static inline bool audit_is_whole(const struct audit_verdict *verdict)
{
    return !verdict->chain.broken && !verdict->anchors.broken;
}
/* The first entry that does not fit, and why; of a whole trail 0 and "". */
int64_t audit_broken_seq(const struct audit_verdict *verdict);
const char *audit_broken_why(const struct audit_verdict *verdict);

/* anchors NULL: the chain alone. */
enum err audit_verify(
    struct ledger *ledger,
    const struct anchors *anchors,
    struct audit_verdict *ret_verdict,
    struct err_why *why) ERR_MUST_USE;

#endif
