/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger's step to format 4, one part of it: the audit trail. Run
 * once, in one transaction with the other parts, over a ledger that may be full: what the rows
 * of old need is made here from what they hold. Never edited once released.
 */
#include "console/ledger_internal.h"

const char *const ledger_step_4_audit[] = {
    /* One chain for each partition of the journal; `fact` is the entry's place in it. */
    "CREATE TABLE audit(partition INTEGER NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL,"
    " act TEXT NOT NULL, phase TEXT NOT NULL, actor TEXT NOT NULL, kind TEXT NOT NULL,"
    " roles TEXT NOT NULL, peer TEXT NOT NULL, action TEXT NOT NULL, object TEXT NOT NULL,"
    " status INTEGER NOT NULL, detail TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL,"
    " hash TEXT NOT NULL, fact TEXT NOT NULL, PRIMARY KEY(partition, seq)) WITHOUT ROWID;",
    "CREATE INDEX audit_ends ON audit(act) WHERE phase = 'done';",
    "CREATE INDEX audit_of_actor ON audit(actor, seq);",
    "CREATE INDEX audit_of_action ON audit(action, seq);",
    "CREATE INDEX audit_of_object ON audit(object, seq);",
    NULL,
};
