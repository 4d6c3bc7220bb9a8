/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who asks: from a bearer token, a session, a trusted proxy's header, or, in the demo, from being
 * on this machine.
 */
#ifndef NRT_CONSOLE_ACTOR_OF_H
#define NRT_CONSOLE_ACTOR_OF_H

#include "console/accounts.h"
#include "console/actor.h"
#include "console/console.h"

/*
 * Never NULL: ACTOR_NOBODY, who may nothing and sees nothing, for one who is not known. With
 * rights and scopes; lives as long as the call.
 */
const struct actor *actor_of(struct console *console, struct http_call *call);
/*
 * The actor that an account is in this call: by the session of that key, or, with an empty key, by
 * a proxy. Who has to change the password first may do nothing else. Never NULL.
 */
const struct actor *actor_of_account(
    struct console *console,
    struct http_call *call,
    const struct account *account,
    struct text key);
/*
 * Of a call that goes on for long: is who asked still who they were? False once the session or the
 * token has ended, or the account is disabled.
 */
bool actor_stands(const struct console *console, const struct http_call *call);
/* Who asks, as the dispatcher has found out; nobody where the secret is in the path. Never NULL. */
const struct actor *call_actor(const struct http_call *call);
/*
 * Whose act this is: the name of who asks. Only who speaks for others (the service's own token,
 * the demo) may name somebody, as `given`; empty when they name nobody.
 */
struct text call_by(const struct http_call *call, struct text given);

#endif
