/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who asks. What is sent decides: a bearer token that is wrong is nobody, and so is a proxy's
 * header that did not come from the proxy, whatever else there is.
 */
#include "console/actor_of.h"

#include <stdio.h>
#include <strings.h>

#include "base/crypto.h"
#include "console/sign_in.h"

static const struct actor nobody = {.kind = ACTOR_NOBODY};

/* Rights and scopes of what is set so far; NULL when memory is out. */
static const struct actor *actor_whole(
    const struct console *console, struct http_call *call, struct actor *actor)
{
    actor->peer = call->peer;
    actor_set_rights(actor);
    const enum err err =
        actor_set_scope(actor, console->env->bundle->policy.directory, &call->arena);
    return err ? NULL : actor;
}

static const struct actor *actor_make(
    const struct console *console, struct http_call *call, enum actor_kind kind, const char *name)
{
    struct actor *actor = arena_alloc(&call->arena, sizeof(*actor));
    if (!actor) {
        return NULL;
    }
    actor->kind = kind;
    (void)snprintf(actor->name, sizeof(actor->name), "%s", name);
    return actor_whole(console, call, actor);
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

/* ---- by a token ---- */

static const struct actor *actor_of_token(
    struct console *console, struct http_call *call, struct text text)
{
    struct api_token token;
    struct actor *actor = arena_alloc(&call->arena, sizeof(*actor));
    if (!actor || tokens_find(sign_in_accounts(console), text, &call->arena, &token)) {
        return NULL;
    }
    actor->kind = ACTOR_TOKEN;
    actor->rights = token.rights;
    actor->unit = token.unit;
    actor->account = token.id;
    (void)snprintf(actor->name, sizeof(actor->name), "token:%.*s", TEXT_ARGS(token.name));
    return actor_whole(console, call, actor);
}

static const struct actor *actor_of_bearer(
    struct console *console, struct http_call *call, struct text text)
{
    return crypto_equal(text, text_of(console->token))
               ? actor_make(console, call, ACTOR_SERVICE, "service")
               : actor_of_token(console, call, text);
}

/* ---- by an account ---- */

const struct actor *actor_of_account(
    struct console *console, struct http_call *call, const struct account *account, struct text key)
{
    struct actor *actor = arena_alloc(&call->arena, sizeof(*actor));
    if (!actor) {
        return &nobody;
    }
    const bool by_proxy = key.bytes == 0;
    actor->kind = by_proxy ? ACTOR_PROXY : ACTOR_SESSION;
    (void)snprintf(actor->name, sizeof(actor->name), "%.*s", TEXT_ARGS(account->name));
    actor->roles = account->must_change && !by_proxy ? 0 : account->roles;
    actor->unit = account->unit;
    actor->person = account->person;
    actor->account = account->id;
    actor->csrf = sign_in_csrf(console, call, key);
    const struct actor *whole = actor->csrf.bytes > 0 ? actor_whole(console, call, actor) : NULL;
    return whole ? whole : &nobody;
}

/* By a proxy's header or a cookie; NULL where there is neither, nobody where it is refused. */
static const struct actor *actor_signed_in(struct console *console, struct http_call *call)
{
    struct account account;
    struct session session;
    switch (sign_in_proxy(console, call, &account)) {
    case PROXY_BELIEVED:
        return actor_of_account(console, call, &account, (struct text){0});
    case PROXY_REFUSED:
        return &nobody;
    case PROXY_SILENT:
        break;
    }
    return sign_in_session(console, call, &session, &account) == ERR_OK
               ? actor_of_account(console, call, &account, sign_in_key(console, call))
               : NULL;
}

const struct actor *actor_of(struct console *console, struct http_call *call)
{
    const struct actor *actor = NULL;
    struct account account;
    struct text token = {0};
    if (bearer_token(call, &token)) {
        if (sign_in_proxy(console, call, &account) == PROXY_REFUSED) {
            return &nobody;
        }
        actor = actor_of_bearer(console, call, token);
        return actor ? actor : &nobody;
    }
    actor = actor_signed_in(console, call);
    if (!actor && console->open_on_loopback && call->from_loopback) {
        actor = actor_make(console, call, ACTOR_DEMO, "demo");
    }
    return actor ? actor : &nobody;
}

/* ---- later ---- */

static bool stands(const struct console *console, const struct http_call *call, struct arena *arena)
{
    const struct actor *actor = call_actor(call);
    struct accounts *accounts = sign_in_accounts(console);
    struct session session;
    struct account account = {0};
    struct api_token token;
    switch (actor->kind) {
    case ACTOR_SESSION:
        return sessions_find(accounts, sign_in_key(console, call), arena, &session, &account) ==
               ERR_OK;
    case ACTOR_TOKEN:
        return tokens_get(accounts, actor->account, arena, &token) == ERR_OK &&
               token.expires.ms > accounts_now(accounts).ms;
    case ACTOR_PROXY:
        return accounts_find_id(accounts, actor->account, arena, &account) == ERR_OK &&
               !account.disabled && account.roles == actor->roles;
    case ACTOR_NOBODY:
    case ACTOR_SERVICE:
    case ACTOR_DEMO:
    case ACTOR_KIND_COUNT:
        break;
    }
    return true;
}

bool actor_stands(const struct console *console, const struct http_call *call)
{
    struct arena arena;
    arena_init(&arena, 0);
    const bool good = stands(console, call, &arena);
    arena_release(&arena);
    return good;
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
