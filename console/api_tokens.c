/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /api/v1/tokens and /api/v1/sessions: what opens the door without a password. A token is shown
 * once, when it is made. Everybody sees and ends their own sessions, who manages people all of
 * them.
 */
#include <stdio.h>
#include <string.h>

#include "console/actor_of.h"
#include "console/api_people.h"
#include "console/audit.h"
#include "console/duties.h"
#include "console/sign_in.h"

#define DAY_MS       (INT64_C(24) * 3600 * 1000)
#define TOKEN_MS     (365 * DAY_MS)
#define TOKEN_MS_MAX (1096 * DAY_MS)
#define LISTED_MAX   1000

static bool read_number(struct text text, int64_t *ret_number)
{
    return !text_parse_i64(text, ret_number) && *ret_number > 0;
}

/* Numbers that are names. */
static void put_id(struct json_out *out, int64_t id)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%lld", (long long)id);
    json_out_member(out, "id", text_of(text));
}

/* ---- tokens ---- */

struct listing {
    const struct view *view;
    struct json_out *out;
    int64_t current; /* session */
};

static void put_token_members(
    const struct view *view, struct json_out *out, const struct api_token *token)
{
    put_id(out, token->id);
    json_out_member(out, "name", token->name);
    rights_member(out, "rights", token->rights);
    api_member_unit(view, out, "unit", token->unit);
    json_out_member(out, "by", token->made_by);
    people_instant(view, out, "created", token->created);
    people_instant(view, out, "expires_at", token->expires);
    people_instant(view, out, "seen", token->used);
}

static void put_token(void *context, const struct api_token *token)
{
    const struct listing *listing = context;
    json_out_open(listing->out, '{');
    put_token_members(listing->view, listing->out, token);
    json_out_close(listing->out, '}');
}

static void list_open(struct api_json *json)
{
    api_json_init(json);
    json_out_open(&json->out, '{');
    json_out_key(&json->out, "items");
    json_out_open(&json->out, '[');
}

static void list_answer(struct http_call *call, struct api_json *json, enum err err)
{
    json_out_close(&json->out, ']');
    json_out_key(&json->out, "next");
    json_out_null(&json->out);
    json_out_close(&json->out, '}');
    api_json_answer(call, 200, json, err);
}

void api_token_list(struct console *console, struct http_call *call)
{
    const struct view view = console_view(console, call);
    struct api_json json;
    list_open(&json);
    struct listing listing = {.view = &view, .out = &json.out};
    const enum err err = tokens_each(sign_in_accounts(console), LISTED_MAX, put_token, &listing);
    list_answer(call, &json, err);
}

static bool refuse_field(struct http_call *call, const char *field, const char *detail)
{
    char word[48];
    (void)snprintf(word, sizeof word, "\"%s\"", field);
    problem_answer_with(call, PROBLEM_INVALID, detail, "field", text_of(word));
    return false;
}

static bool take_rights(
    struct http_call *call, const struct json_value *body, struct api_token *token)
{
    struct text unknown = {0};
    if (!rights_read_json(json_get(body, "rights"), &token->rights, &unknown) ||
        token->rights == 0) {
        char all[RIGHTS_TEXT_BYTES];
        char detail[320];
        (void)snprintf(
            detail, sizeof detail, "expected a list of some of: %s", rights_write(UINT32_MAX, all));
        return refuse_field(call, "rights", detail);
    }
    return true;
}

static bool take_end(
    struct http_call *call,
    const struct json_value *body,
    struct wall_ms now,
    struct api_token *token)
{
    const struct json_value *value = json_get(body, "expires_at");
    const struct text given = json_string(value);
    token->expires = wall_add(now, TOKEN_MS);
    if (!value || json_type(value) == JSON_NULL) {
        return true;
    }
    if (wall_parse(given.ptr, given.bytes, &token->expires) || token->expires.ms <= now.ms ||
        token->expires.ms > now.ms + TOKEN_MS_MAX) {
        return refuse_field(
            call, "expires_at",
            "expected an instant to come, within three years, such as 2027-06-30T00:00:00+08:00");
    }
    return true;
}

/* False when the call was answered. */
static bool take_token(
    struct console *console,
    struct http_call *call,
    const struct json_value *body,
    struct api_token *token)
{
    char name[ACCOUNT_NAME_BYTES_MAX + 1];
    token->unit = json_get_string(body, "unit");
    if (!account_name_read(json_get_string(body, "name"), name)) {
        return refuse_field(call, "name", ACCOUNT_NAME_RULE);
    }
    token->name = arena_text(&call->arena, text_of(name));
    if (token->unit.bytes > 0 && !directory_unit(api_policy(console)->directory, token->unit)) {
        return refuse_field(call, "unit", "the directory has no such unit");
    }
    return take_rights(call, body, token) &&
           take_end(call, body, accounts_now(sign_in_accounts(console)), token);
}

static void add(struct console *console, struct http_call *call, const struct json_value *body)
{
    const struct view view = console_view(console, call);
    struct accounts *accounts = sign_in_accounts(console);
    struct api_token token = {.made_by = text_of(call_actor(call)->name)};
    char text[TOKEN_TEXT_BYTES];
    char rights[RIGHTS_TEXT_BYTES];
    struct api_json json;
    int64_t id = 0;
    if (!take_token(console, call, body, &token)) {
        return;
    }
    audit_object(call, token.name);
    audit_detail(call, text_of(rights_write(token.rights, rights)));
    enum err err = tokens_add(accounts, &token, text, &id);
    if (err == ERR_EXISTS) {
        problem_answer(call, PROBLEM_CONFLICT, "another token has this name");
        return;
    }
    if (!err) {
        err = tokens_get(accounts, id, &call->arena, &token);
    }
    if (err) {
        people_failed(call, err);
        return;
    }
    api_json_init(&json);
    json_out_open(&json.out, '{');
    put_token_members(&view, &json.out, &token);
    json_out_member(&json.out, "token", text_of(text));
    json_out_close(&json.out, '}');
    api_json_answer(call, 201, &json, ERR_OK);
    explicit_bzero(text, sizeof text);
}

void api_token_add(struct console *console, struct http_call *call)
{
    struct json_doc *doc = api_body_object(call);
    if (doc && api_body_only(call, json_root(doc), "name rights unit expires_at")) {
        add(console, call, json_root(doc));
    }
    json_free(doc);
}

static void answer_removed(struct http_call *call, enum err err, const char *detail)
{
    if (err == ERR_NOT_FOUND) {
        problem_answer(call, PROBLEM_NOT_FOUND, detail);
    } else if (err) {
        people_failed(call, err);
    } else {
        http_answer(call, 204, NULL, (struct text){0});
    }
}

void api_token_remove(struct console *console, struct http_call *call)
{
    struct accounts *accounts = sign_in_accounts(console);
    struct api_token token;
    int64_t id = 0;
    enum err err = read_number(api_path_id(call, 3), &id)
                       ? tokens_get(accounts, id, &call->arena, &token)
                       : ERR_NOT_FOUND;
    if (!err) {
        audit_object(call, token.name);
        err = tokens_remove(accounts, id);
    }
    answer_removed(call, err, "no token has this id");
}

/* ---- sessions ---- */

/* Whose sessions somebody may see and end; 0: everybody's. */
static int64_t sessions_of(const struct actor *actor)
{
    const bool of_account = actor->kind == ACTOR_SESSION || actor->kind == ACTOR_PROXY;
    return actor_can(actor, RIGHT_PEOPLE) ? 0 : (of_account ? actor->account : -1);
}

static void put_session(void *context, const struct session *session)
{
    const struct listing *listing = context;
    json_out_open(listing->out, '{');
    put_id(listing->out, session->id);
    json_out_member(listing->out, "user", session->user);
    people_instant(listing->view, listing->out, "created", session->created);
    people_instant(listing->view, listing->out, "seen", session->seen);
    json_out_member(listing->out, "peer", session->peer);
    json_out_member(listing->out, "agent", session->agent);
    api_member_bool(listing->out, "current", session->id == listing->current);
    json_out_close(listing->out, '}');
}

void api_session_list(struct console *console, struct http_call *call)
{
    const struct view view = console_view(console, call);
    struct session own = {0};
    struct account account;
    struct api_json json;
    if (sign_in_session(console, call, &own, &account)) {
        own.id = 0;
    }
    list_open(&json);
    struct listing listing = {.view = &view, .out = &json.out, .current = own.id};
    const enum err err = sessions_each(
        sign_in_accounts(console), sessions_of(call_actor(call)), LISTED_MAX, put_session,
        &listing);
    list_answer(call, &json, err);
}

void api_session_remove(struct console *console, struct http_call *call)
{
    int64_t id = 0;
    const enum err err =
        read_number(api_path_id(call, 3), &id)
            ? sessions_end(sign_in_accounts(console), id, sessions_of(call_actor(call)))
            : ERR_NOT_FOUND;
    answer_removed(call, err, "no session has this id");
}
