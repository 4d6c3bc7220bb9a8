/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /api/v1/session: who one is, signing in with a password, signing out, changing one's password,
 * and using a one-time link. Whatever is wrong with name and password is answered with the same
 * words, after the same work.
 */
#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "base/log.h"
#include "console/actor_of.h"
#include "console/api_people.h"
#include "console/audit.h"
#include "console/duties.h"
#include "console/passwords.h"
#include "console/sign_in.h"

#define WRONG "the name or the password is not right"

/* ---- answering ---- */

void people_instant(
    const struct view *view, struct json_out *out, const char *key, struct wall_ms at)
{
    if (at.ms > 0) {
        api_member_ms(view, out, key, at.ms);
    } else {
        json_out_key(out, key);
        json_out_null(out);
    }
}

void people_failed(struct http_call *call, enum err err)
{
    if (err == ERR_FULL) {
        problem_answer(call, PROBLEM_NO_SPACE, "accounts.db cannot grow: the disk is full");
    } else {
        problem_answer(
            call, PROBLEM_UNAVAILABLE, "accounts.db could not be read or written; see the log");
    }
}

void people_flawed(struct http_call *call, const struct password_flaw *flaw)
{
    char word[32];
    (void)snprintf(word, sizeof word, "\"%s\"", flaw->word);
    problem_answer_with(call, PROBLEM_INVALID, flaw->detail, "reason", text_of(word));
}

static const char *kind_word(enum actor_kind kind)
{
    static const char *const words[ACTOR_KIND_COUNT] = {
        [ACTOR_NOBODY] = "",         [ACTOR_SERVICE] = "service", [ACTOR_DEMO] = "demo",
        [ACTOR_SESSION] = "session", [ACTOR_TOKEN] = "token",     [ACTOR_PROXY] = "proxy",
    };
    return words[kind];
}

struct shown {
    const struct view *view;
    const struct actor *actor;
    struct account account; /* of a session or a proxy's user; else empty */
    bool setup;             /* nobody has an account yet */
};

static void put_user(const struct shown *shown, struct json_out *out)
{
    const struct actor *actor = shown->actor;
    json_out_key(out, "user");
    if (actor->kind == ACTOR_NOBODY) {
        json_out_null(out);
        return;
    }
    const struct text display = shown->account.display;
    json_out_open(out, '{');
    json_out_member(out, "name", text_of(actor->name));
    json_out_member(out, "display", display.bytes > 0 ? display : text_of(actor->name));
    duties_member(out, "roles", shown->account.id ? shown->account.roles : actor->roles);
    api_member_unit(shown->view, out, "unit", actor->unit);
    json_out_member(out, "person", actor->person);
    json_out_member(out, "kind", text_of(kind_word(actor->kind)));
    json_out_close(out, '}');
}

static void put_methods(const struct shown *shown, struct json_out *out)
{
    const struct sign_in_settings *settings = &shown->view->settings->sign_in;
    json_out_key(out, "methods");
    json_out_open(out, '{');
    api_member_bool(out, "password", true);
    api_member_bool(out, "proxy", settings->proxy_header.bytes > 0);
    json_out_key(out, "dingtalk");
    if (settings->dingtalk_channel.bytes > 0) {
        json_out_open(out, '{');
        json_out_member(out, "corp_id", settings->dingtalk_corp);
        json_out_close(out, '}');
    } else {
        json_out_null(out);
    }
    json_out_close(out, '}');
}

static void put_session(const struct shown *shown, struct wall_ms ends, struct json_out *out)
{
    const struct actor *actor = shown->actor;
    json_out_open(out, '{');
    put_user(shown, out);
    rights_member(out, "rights", actor->rights);
    json_out_member(out, "csrf", actor->csrf);
    api_member_bool(out, "must_change", actor->kind == ACTOR_SESSION && shown->account.must_change);
    people_instant(shown->view, out, "expires_at", ends);
    put_methods(shown, out);
    api_member_bool(out, "setup", shown->setup);
    api_member_bool(out, "demo", shown->view->links_shown);
    json_out_member(out, "version", text_of(NRT_VERSION));
    api_member_now(shown->view, out);
    if (shown->view->clock_mode != CLOCK_SCALED) {
        json_out_member_i64(out, "clock_speed", shown->view->clock_mode == CLOCK_REAL);
    }
    json_out_close(out, '}');
}

/* A session that has just begun is not the one of the request's cookie. */
static struct wall_ms ends_at(struct console *console, struct http_call *call)
{
    struct session session;
    struct account account;
    return sign_in_session(console, call, &session, &account) == ERR_OK
               ? session_ends(&session)
               : wall_add(accounts_now(sign_in_accounts(console)), SESSION_IDLE_MS);
}

void session_answer(
    struct console *console, struct http_call *call, const struct actor *actor, int status)
{
    struct accounts *accounts = sign_in_accounts(console);
    const struct view view = console_view(console, call);
    struct shown shown = {.view = &view, .actor = actor};
    struct wall_ms ends = {0};
    struct api_json json;
    int64_t count = 0;
    enum err err = accounts_count(accounts, &count);
    if (!err && (actor->kind == ACTOR_SESSION || actor->kind == ACTOR_PROXY)) {
        err = accounts_find_id(accounts, actor->account, &call->arena, &shown.account);
    }
    if (!err && actor->kind == ACTOR_SESSION) {
        ends = ends_at(console, call);
    }
    if (err) {
        people_failed(call, err);
        return;
    }
    shown.setup = count == 0;
    api_json_init(&json);
    put_session(&shown, ends, &json.out);
    api_json_answer(call, status, &json, ERR_OK);
}

void session_answer_begun(
    struct console *console, struct http_call *call, int64_t account_id, int status)
{
    struct account account;
    struct text key = {0};
    enum err err = sign_in_begin(console, call, account_id, &key);
    if (!err) {
        err = accounts_find_id(sign_in_accounts(console), account_id, &call->arena, &account);
    }
    if (err || key.bytes == 0) {
        people_failed(call, err);
        return;
    }
    audit_actor(call, account.name);
    session_answer(console, call, actor_of_account(console, call, &account, key), status);
}

void api_session_show(struct console *console, struct http_call *call)
{
    session_answer(console, call, call_actor(call), 200);
}

void api_session_end(struct console *console, struct http_call *call)
{
    sign_in_end(console, call);
    http_answer(call, 204, NULL, (struct text){0});
}

/* ---- with a password ---- */

static void refuse(struct console *console, struct http_call *call, struct text name)
{
    char address[ADDRESS_TEXT_BYTES];
    bool locked = false;
    const enum err err = failures_add(
        sign_in_accounts(console), name, text_of(sign_in_address(console, call, address)), &locked);
    if (err) {
        people_failed(call, err);
        return;
    }
    audit_detail(call, text_of(locked ? "locked" : ""));
    problem_answer(call, PROBLEM_SIGN_IN, WRONG);
}

static void on_tried(
    struct console *console, struct http_call *call, const struct password_work *work)
{
    struct accounts *accounts = sign_in_accounts(console);
    struct account account = {0};
    /* What stood there when the work began must still stand there. */
    const bool stands =
        work->account > 0 &&
        accounts_find_id(accounts, work->account, &call->arena, &account) == ERR_OK &&
        !account.disabled && text_is(account.password, work->hash);
    if (work->err || !stands) {
        refuse(console, call, text_of(work->name));
        return;
    }
    enum err err = failures_forget(accounts, account.name);
    if (!err && work->made[0]) {
        err = accounts_rehash(accounts, account.id, account.password, text_of(work->made));
    }
    if (err) {
        people_failed(call, err);
        return;
    }
    session_answer_begun(console, call, account.id, 200);
}

/* What is locked is not even tried. False when the call was answered. */
static bool may_try(struct console *console, struct http_call *call, struct text name)
{
    char address[ADDRESS_TEXT_BYTES];
    int64_t left_ms = 0;
    const enum err err = failures_left(
        sign_in_accounts(console), name, text_of(sign_in_address(console, call, address)),
        &left_ms);
    if (err) {
        people_failed(call, err);
    } else if (left_ms > 0) {
        audit_detail(call, TEXT_LITERAL("locked"));
        sign_in_answer_locked(call, left_ms);
    }
    return !err && left_ms == 0;
}

/* A name that cannot be one is tried as any other that nobody has, under a name of its own. */
static void read_name(struct text given, char name[static ACCOUNT_NAME_BYTES_MAX + 1])
{
    if (account_name_read(given, name)) {
        return;
    }
    struct buf hex;
    buf_init(&hex, 2 * SHA256_BYTES + 1);
    crypto_sha256_hex(&hex, given);
    (void)snprintf(name, ACCOUNT_NAME_BYTES_MAX + 1, "?%.32s", hex.ptr ? hex.ptr : "");
    buf_release(&hex);
}

static void try_password(
    struct console *console, struct http_call *call, const char *name, struct text password)
{
    struct account account = {0};
    struct password_work work = {.verify = true, .given = password_of(password)};
    const enum err err =
        accounts_find(sign_in_accounts(console), text_of(name), &call->arena, &account);
    if (err && err != ERR_NOT_FOUND) {
        people_failed(call, err);
        return;
    }
    (void)snprintf(work.name, sizeof work.name, "%s", name);
    if (!err && !account.disabled) {
        (void)snprintf(work.hash, sizeof work.hash, "%.*s", TEXT_ARGS(account.password));
        work.account = account.id;
    }
    if (!err) {
        audit_actor(call, account.name);
    }
    passwords_work(console, call, &work, on_tried);
}

void api_session_begin(struct console *console, struct http_call *call)
{
    char name[ACCOUNT_NAME_BYTES_MAX + 1];
    struct json_doc *doc = api_body_object(call);
    const struct json_value *body = json_root(doc);
    if (!doc || !api_body_only(call, body, "name password")) {
        json_free(doc);
        return;
    }
    const struct json_value *password = json_get(body, "password");
    if (json_type(json_get(body, "name")) != JSON_STRING || json_type(password) != JSON_STRING) {
        problem_answer(call, PROBLEM_BAD_REQUEST, "send {\"name\": ..., \"password\": ...}");
        json_free(doc);
        return;
    }
    read_name(json_get_string(body, "name"), name);
    if (may_try(console, call, text_of(name))) {
        try_password(console, call, name, json_string(password));
    }
    json_free(doc);
}

/* ---- changing one's own ---- */

static void on_changed(
    struct console *console, struct http_call *call, const struct password_work *work)
{
    if (work->err || !work->made[0]) {
        refuse(console, call, text_of(work->name));
        return;
    }
    const enum err err =
        accounts_set_password(sign_in_accounts(console), work->account, text_of(work->made), false);
    if (err) {
        people_failed(call, err);
        return;
    }
    session_answer_begun(console, call, work->account, 200);
}

static void change_password(
    struct console *console, struct http_call *call, const struct json_value *body)
{
    struct account account;
    const struct text next = json_get_string(body, "new");
    const struct actor *actor = call_actor(call);
    const enum err err =
        accounts_find_id(sign_in_accounts(console), actor->account, &call->arena, &account);
    if (err) {
        people_failed(call, err);
        return;
    }
    const struct password_flaw *flaw = password_flaw(next, account.name);
    if (flaw) {
        people_flawed(call, flaw);
        return;
    }
    if (text_equal(next, json_get_string(body, "old"))) {
        static const struct password_flaw same = {
            "same", "take a password that is not the old one"};
        people_flawed(call, &same);
        return;
    }
    struct password_work work = {
        .verify = true,
        .given = password_of(json_get_string(body, "old")),
        .make = true,
        .next = password_of(next),
        .account = account.id,
    };
    (void)snprintf(work.name, sizeof work.name, "%.*s", TEXT_ARGS(account.name));
    (void)snprintf(work.hash, sizeof work.hash, "%.*s", TEXT_ARGS(account.password));
    passwords_work(console, call, &work, on_changed);
}

void api_session_password(struct console *console, struct http_call *call)
{
    const struct actor *actor = call_actor(call);
    struct json_doc *doc = api_body_object(call);
    if (!doc || !api_body_only(call, json_root(doc), "old new")) {
        json_free(doc);
        return;
    }
    if (actor->kind != ACTOR_SESSION) {
        problem_answer(call, PROBLEM_CONFLICT, "only who has signed in has a password to change");
    } else if (may_try(console, call, text_of(actor->name))) {
        change_password(console, call, json_root(doc));
    }
    json_free(doc);
}

/* ---- with a one-time link ---- */

struct setup {
    struct text key;
    struct account account;
};

static void refuse_link(struct console *console, struct http_call *call)
{
    char address[ADDRESS_TEXT_BYTES];
    bool locked = false;
    const enum err err = failures_add(
        sign_in_accounts(console), (struct text){0},
        text_of(sign_in_address(console, call, address)), &locked);
    log_debug("link_refused", "err=%s locked=%d", err_name(err), locked);
    problem_answer(
        call, PROBLEM_NOT_FOUND,
        "this link was used or has expired; ask for a new one (nrt user link NAME)");
}

static void on_set_up(
    struct console *console, struct http_call *call, const struct password_work *work)
{
    const struct setup *setup = work->context;
    int64_t account = 0;
    const enum err err = work->err ? work->err
                                   : links_use(
                                         sign_in_accounts(console), setup->key, &setup->account,
                                         text_of(work->made), &account);
    if (err == ERR_NOT_FOUND) {
        refuse_link(console, call);
        return;
    }
    if (err) {
        people_failed(call, err);
        return;
    }
    sign_in_look_at_link(console);
    session_answer_begun(console, call, account, 200);
}

static struct text kept(struct http_call *call, struct text text)
{
    return arena_text(&call->arena, text);
}

/* The account that the link is for: as it is, or as it is to be made. False when answered. */
static bool account_of_link(
    struct console *console,
    struct http_call *call,
    const struct json_value *body,
    struct setup *setup)
{
    char name[ACCOUNT_NAME_BYTES_MAX + 1] = "";
    const struct text given = json_get_string(body, "name");
    struct account *account = &setup->account;
    if (given.bytes > 0 && !account_name_read(given, name)) {
        problem_answer_with(
            call, PROBLEM_INVALID, ACCOUNT_NAME_RULE, "reason", TEXT_LITERAL("\"account_name\""));
        return false;
    }
    if (account->id == 0) {
        const struct text display = json_get_string(body, "display");
        account->name = kept(call, text_of(name));
        account->display = kept(call, display.bytes <= ACCOUNT_WORDS_BYTES_MAX ? display : given);
        account->roles = ACCOUNT_FIRST_ROLES;
    } else if (accounts_find_id(sign_in_accounts(console), account->id, &call->arena, account)) {
        refuse_link(console, call);
        return false;
    }
    if (name[0] ? !text_is(account->name, name) : account->id == 0) {
        problem_answer_with(
            call, PROBLEM_INVALID,
            account->id ? "this link is for another name" : "say which name to sign in with",
            "reason", TEXT_LITERAL("\"account_name\""));
        return false;
    }
    return true;
}

static void set_up(struct console *console, struct http_call *call, const struct json_value *body)
{
    struct setup *setup = arena_alloc(&call->arena, sizeof(*setup));
    struct password_work work = {.make = true};
    if (!setup) {
        people_failed(call, ERR_NO_MEMORY);
        return;
    }
    setup->key = kept(call, json_get_string(body, "token"));
    if (links_find(sign_in_accounts(console), setup->key, &setup->account.id)) {
        refuse_link(console, call);
        return;
    }
    if (!account_of_link(console, call, body, setup)) {
        return;
    }
    const struct text password = json_get_string(body, "password");
    const struct password_flaw *flaw = password_flaw(password, setup->account.name);
    if (flaw) {
        people_flawed(call, flaw);
        return;
    }
    audit_actor(call, setup->account.name);
    (void)snprintf(work.name, sizeof work.name, "%.*s", TEXT_ARGS(setup->account.name));
    work.next = password_of(password);
    work.context = setup;
    passwords_work(console, call, &work, on_set_up);
}

void api_session_setup(struct console *console, struct http_call *call)
{
    struct json_doc *doc = api_body_object(call);
    if (!doc || !api_body_only(call, json_root(doc), "token name display password")) {
        json_free(doc);
        return;
    }
    if (may_try(console, call, (struct text){0})) {
        set_up(console, call, json_root(doc));
    }
    json_free(doc);
}

/* ---- what a link is for ---- */

static void show_link(struct console *console, struct http_call *call, struct text key)
{
    struct accounts *accounts = sign_in_accounts(console);
    struct account account = {0};
    struct api_json json;
    int64_t id = 0;
    if (links_find(accounts, key, &id) ||
        (id > 0 && accounts_find_id(accounts, id, &call->arena, &account))) {
        refuse_link(console, call);
        return;
    }
    api_json_init(&json);
    json_out_open(&json.out, '{');
    json_out_member(&json.out, "kind", text_of(account.id ? "user" : "first"));
    json_out_member(&json.out, "name", account.name);
    json_out_member(&json.out, "display", account.display);
    json_out_close(&json.out, '}');
    api_json_answer(call, 200, &json, ERR_OK);
}

void api_session_link(struct console *console, struct http_call *call)
{
    struct json_doc *doc = api_body_object(call);
    if (doc && api_body_only(call, json_root(doc), "token") &&
        may_try(console, call, (struct text){0})) {
        show_link(console, call, json_get_string(json_root(doc), "token"));
    }
    json_free(doc);
}
