/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who asks: from a bearer token, a session, a trusted proxy's header, or, in the demo, from being
 * on this machine.
 */
#ifndef NRT_CONSOLE_ACTOR_OF_H
#define NRT_CONSOLE_ACTOR_OF_H

#include "console/actor.h"
#include "console/console.h"

/*
 * Never NULL: ACTOR_NOBODY, who may nothing and sees nothing, for one who is not known. With
 * rights and scopes; lives as long as the call.
 */
const struct actor *actor_of(struct console *console, struct http_call *call);

#endif
