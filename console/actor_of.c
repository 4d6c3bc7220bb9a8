/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who asks. What is sent decides: a bearer token that is wrong is nobody, whatever else there is.
 */
#include "console/actor_of.h"

#include <stdio.h>
#include <strings.h>

#include "base/crypto.h"

static const struct actor nobody = {.kind = ACTOR_NOBODY};

static struct actor *actor_make(
    const struct console *console, struct http_call *call, enum actor_kind kind, const char *name)
{
    struct actor *actor = arena_alloc(&call->arena, sizeof(*actor));
    if (!actor) {
        return NULL;
    }
    actor->kind = kind;
    actor->peer = call->peer;
    (void)snprintf(actor->name, sizeof(actor->name), "%s", name);
    actor_set_rights(actor);
    const enum err err =
        actor_set_scope(actor, console->env->bundle->policy.directory, &call->arena);
    return err ? NULL : actor;
}

/* False when there is no such header. */
static bool bearer_token(const struct http_call *call, struct text *ret_token)
{
    const struct text header = http_header(&call->head, "authorization");
    const struct text scheme = TEXT_LITERAL("Bearer ");
    if (header.bytes < scheme.bytes || strncasecmp(header.ptr, scheme.ptr, scheme.bytes) != 0) {
        return false;
    }
    *ret_token =
        (struct text){.ptr = header.ptr + scheme.bytes, .bytes = header.bytes - scheme.bytes};
    return true;
}

const struct actor *actor_of(struct console *console, struct http_call *call)
{
    const struct actor *actor = NULL;
    struct text token = {0};
    if (bearer_token(call, &token)) {
        if (crypto_equal(token, text_of(console->token))) {
            actor = actor_make(console, call, ACTOR_SERVICE, "service");
        }
    } else if (console->open_on_loopback && call->from_loopback) {
        actor = actor_make(console, call, ACTOR_DEMO, "demo");
    }
    return actor ? actor : &nobody;
}

const struct actor *call_actor(const struct http_call *call)
{
    return call->asker ? call->asker : &nobody;
}

struct text call_by(const struct http_call *call, struct text given)
{
    const struct actor *actor = call_actor(call);
    return actor_speaks_for_others(actor) ? given : text_of(actor->name);
}
