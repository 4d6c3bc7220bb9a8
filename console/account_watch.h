/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Telling the people a policy names (`notify`) that an entry of the accountability list has
 * opened. Looked for beside the loop when the ledger has moved on, once a minute at most; an entry
 * is told once, and only within a day of its opening, so that old misses read today ring nobody.
 * In stepped mode nothing is looked for.
 */
#ifndef NRT_CONSOLE_ACCOUNT_WATCH_H
#define NRT_CONSOLE_ACCOUNT_WATCH_H

#include "base/crypto.h"
#include "console/accountability.h"
#include "console/console.h"

struct account_watch;

/* NULL when memory is out. */
struct account_watch *account_watch_create(struct console *console);
void account_watch_free(struct account_watch *watch); /* accepts NULL */

/* One message to one person, as it goes into the outbox. */
struct account_notice {
    char id[NRT_ID_BYTES]; /* of entry and person */
    struct text person;
    struct text json;
};
#define ACCOUNT_NOTICES_MAX 256
/* Those of the entries that opened within a day; in the arena. ERR_NO_MEMORY, the ledger's. */
enum err account_notices(
    const struct view *view,
    struct arena *arena,
    struct account_notice *ret_notices, /* room for ACCOUNT_NOTICES_MAX */
    size_t *ret_count) ERR_MUST_USE;

#endif
