/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the audit trail is told of requests. Whatever changes something is written down before it
 * is done (begun) and again with what came of it (done); what cannot be written down is not done.
 * The facts go into the journal, so that a ledger made anew has them. The dispatcher does this for
 * every route of the table: a handler cannot forget it, it may only add to its entry.
 *
 * Never in it: bodies, passwords, tokens, what is behind a link.
 */
#ifndef NRT_CONSOLE_AUDIT_H
#define NRT_CONSOLE_AUDIT_H

#include "console/console.h"

#define AUDIT_PATH_BYTES 512

struct audit_trail; /* of the console: anchors, and how often refusals are noted */

/* NULL when memory is out. From here on the chain is anchored, at first when it has entries. */
struct audit_trail *audit_trail_create(struct console *console);
void audit_trail_free(struct audit_trail *trail); /* accepts NULL */
/* The service stops: a last anchor of what the ledger holds now. */
void audit_trail_end(struct audit_trail *trail);
/* Where the anchors are; false when the path is too long. */
bool audit_anchors_path(const struct console *console, char ret_path[static AUDIT_PATH_BYTES]);

typedef void audit_go_fn(struct console *console, struct http_call *call);
/*
 * Writes down that the call's act is begun, then calls `go`; answers with 503 when it cannot be
 * written. How the call is answered is written down when it is.
 */
void audit_run(struct console *console, struct http_call *call, audit_go_fn *go);
/* One entry when the call is answered, nothing waits for it: reading, signing in, machines. */
void audit_watch(struct console *console, struct http_call *call);
/* A call that is refused: one entry, as far as there is room for a flood of them. */
void audit_refused(struct console *console, struct http_call *call, int status);

/* What the service does by itself at somebody's wish of before, such as applying a draft in time.
 */
struct audit_note {
    const char *action;
    struct text object;
    struct text detail;
    struct text before;
    struct text after;
};
void audit_note(struct console *console, const struct audit_note *note);

/* For handlers of acts; on other calls nothing happens. The texts are copied. */
void audit_object(struct http_call *call, struct text object);
void audit_detail(struct http_call *call, struct text detail);
/* SHA-256 in hex of what stood before and of what stands after; empty: as told so far. */
void audit_hashes(struct http_call *call, struct text before, struct text after);
/* Whose sign-in this is, where the call itself has nobody yet. */
void audit_actor(struct http_call *call, struct text name);

#endif
