/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /api/v1/users: the accounts, for those who manage people. What is changed is named by its
 * revision (ETag, If-Match), so that of two who edit the same account one is told. Nobody sets a
 * password for somebody else to keep: the account gets a one-time link, or a password that has to
 * be changed at the first sign-in.
 */
#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "console/actor_of.h"
#include "console/api_people.h"
#include "console/audit.h"
#include "console/duties.h"
#include "console/passwords.h"
#include "console/sign_in.h"

#define ETAG_BYTES 32

/* ---- showing ---- */

static const char *etag_of(const struct account *account, char etag[static ETAG_BYTES])
{
    (void)snprintf(etag, ETAG_BYTES, "\"%lld\"", (long long)account->revision);
    return etag;
}

static void put_account(
    const struct view *view, struct json_out *out, const struct account *account)
{
    char etag[ETAG_BYTES];
    json_out_open(out, '{');
    json_out_member(out, "name", account->name);
    json_out_member(out, "display", account->display);
    duties_member(out, "roles", account->roles);
    api_member_unit(view, out, "unit", account->unit);
    api_member_person(view, out, "person", account->person);
    json_out_member(out, "dingtalk", account->dingtalk);
    api_member_bool(out, "disabled", account->disabled);
    api_member_bool(out, "has_password", account->password.bytes > 0);
    api_member_bool(out, "must_change", account->must_change);
    people_instant(view, out, "last_seen", account->seen);
    people_instant(view, out, "locked_until", account->until);
    json_out_member(out, "etag", text_of(etag_of(account, etag)));
    json_out_close(out, '}');
}

static void answer_account(
    struct console *console, struct http_call *call, const struct account *account, int status)
{
    const struct view view = console_view(console, call);
    char etag[ETAG_BYTES];
    struct api_json json;
    http_add_header(call, "ETag", etag_of(account, etag));
    api_json_init(&json);
    put_account(&view, &json.out, account);
    api_json_answer(call, status, &json, ERR_OK);
}

static bool refuse_field(struct http_call *call, const char *field, const char *detail)
{
    char word[48];
    (void)snprintf(word, sizeof word, "\"%s\"", field);
    problem_answer_with(call, PROBLEM_INVALID, detail, "field", text_of(word));
    return false;
}

static void refuse_account(struct http_call *call, enum err err)
{
    if (err == ERR_NOT_FOUND) {
        problem_answer(call, PROBLEM_NOT_FOUND, "no account has this name");
    } else if (err == ERR_EXISTS) {
        problem_answer(call, PROBLEM_CONFLICT, "the name, or the DingTalk id, has an account");
    } else if (err == ERR_CONFLICT) {
        problem_answer(call, PROBLEM_CHANGED, "read the account again; it has been changed");
    } else if (err == ERR_REFUSED) {
        (void)refuse_field(
            call, "roles", "nobody could manage accounts any more: one \"admin\" has to stay");
    } else {
        people_failed(call, err);
    }
}

/* The account of the path; false when the call was answered. */
static bool find_account(
    struct console *console, struct http_call *call, struct account *ret_account)
{
    char name[ACCOUNT_NAME_BYTES_MAX + 1];
    const enum err err =
        account_name_read(api_path_id(call, 3), name)
            ? accounts_find(sign_in_accounts(console), text_of(name), &call->arena, ret_account)
            : ERR_NOT_FOUND;
    if (err) {
        refuse_account(call, err);
    }
    return !err;
}

struct listing {
    const struct view *view;
    struct json_out *out;
    int64_t left;
    char last[ACCOUNT_NAME_BYTES_MAX + 1];
    bool more;
};

static void list_one(void *context, const struct account *account)
{
    struct listing *listing = context;
    if (listing->left-- == 0) {
        listing->more = true;
        return;
    }
    put_account(listing->view, listing->out, account);
    (void)snprintf(listing->last, sizeof listing->last, "%.*s", TEXT_ARGS(account->name));
}

void api_user_list(struct console *console, struct http_call *call)
{
    const struct view view = console_view(console, call);
    struct api_page page;
    struct api_json json;
    if (!api_page_read(call, &page)) {
        return;
    }
    api_json_init(&json);
    json_out_open(&json.out, '{');
    json_out_key(&json.out, "items");
    json_out_open(&json.out, '[');
    struct listing listing = {.view = &view, .out = &json.out, .left = page.limit};
    const enum err err = accounts_each(
        sign_in_accounts(console), page.after.tie, page.limit + 1, list_one, &listing);
    json_out_close(&json.out, ']');
    json_out_key(&json.out, "next");
    if (listing.more) {
        char cursor[ACCOUNT_NAME_BYTES_MAX + 3];
        (void)snprintf(cursor, sizeof cursor, "0~%s", listing.last);
        json_out_string(&json.out, text_of(cursor));
    } else {
        json_out_null(&json.out);
    }
    json_out_close(&json.out, '}');
    api_json_answer(call, 200, &json, err);
}

void api_user_show(struct console *console, struct http_call *call)
{
    struct account account;
    if (find_account(console, call, &account)) {
        answer_account(console, call, &account, 200);
    }
}

/* ---- what is filled in ---- */

static bool has_control(struct text text)
{
    for (size_t index = 0; index < text.bytes; index++) {
        const unsigned char c = (unsigned char)text.ptr[index];
        if (c < 0x20 || c == 0x7f) {
            return true;
        }
    }
    return false;
}

/* A member that is there replaces what stood there. False when the call was answered. */
static bool take_words(
    struct http_call *call, const struct json_value *body, const char *key, struct text *words)
{
    const struct json_value *value = json_get(body, key);
    if (!value) {
        return true;
    }
    const struct text given = json_string(value);
    if ((json_type(value) != JSON_STRING && json_type(value) != JSON_NULL) ||
        given.bytes > ACCOUNT_WORDS_BYTES_MAX || has_control(given)) {
        return refuse_field(call, key, "expected a text of at most 128 bytes on one line");
    }
    *words = arena_text(&call->arena, given);
    return true;
}

static bool take_roles(
    struct http_call *call, const struct json_value *body, struct account *account)
{
    const struct json_value *value = json_get(body, "roles");
    char detail[160];
    struct text unknown = {0};
    if (!value || duties_read_json(value, &account->roles, &unknown)) {
        return true;
    }
    (void)snprintf(
        detail, sizeof detail,
        "roles are a list of: unit oversight ops approver admin auditor; not \"%.*s\"",
        TEXT_ARGS(utf8_cut(unknown, 40)));
    return refuse_field(call, "roles", detail);
}

static bool take_disabled(
    struct http_call *call, const struct json_value *body, struct account *account)
{
    const struct json_value *value = json_get(body, "disabled");
    if (value && json_type(value) != JSON_BOOL) {
        return refuse_field(call, "disabled", "expected true or false");
    }
    account->disabled = value ? json_is_true(value) : account->disabled;
    return true;
}

static bool places_are_known(
    struct console *console, struct http_call *call, const struct account *account)
{
    const struct directory *directory = api_policy(console)->directory;
    if (account->unit.bytes > 0 && !directory_unit(directory, account->unit)) {
        return refuse_field(call, "unit", "the directory has no such unit");
    }
    if (account->person.bytes > 0 && !directory_person(directory, account->person)) {
        return refuse_field(call, "person", "the directory has no such person");
    }
    if ((account->roles >> DUTY_UNIT & 1U) != 0 && account->unit.bytes == 0) {
        return refuse_field(call, "unit", "the role \"unit\" needs a unit");
    }
    return true;
}

/* False when the call was answered. */
static bool take_form(
    struct console *console,
    struct http_call *call,
    const struct json_value *body,
    struct account *account)
{
    return take_words(call, body, "display", &account->display) &&
           take_words(call, body, "unit", &account->unit) &&
           take_words(call, body, "person", &account->person) &&
           take_words(call, body, "dingtalk", &account->dingtalk) &&
           take_roles(call, body, account) && take_disabled(call, body, account) &&
           places_are_known(console, call, account);
}

#define FORM "name display roles unit person dingtalk disabled"

static bool take_name(
    struct http_call *call, const struct json_value *body, struct account *account)
{
    char name[ACCOUNT_NAME_BYTES_MAX + 1];
    if (!account_name_read(json_get_string(body, "name"), name)) {
        return refuse_field(call, "name", ACCOUNT_NAME_RULE);
    }
    account->name = arena_text(&call->arena, text_of(name));
    account->display = account->name;
    return true;
}

static void add(struct console *console, struct http_call *call, const struct json_value *body)
{
    struct accounts *accounts = sign_in_accounts(console);
    struct account account = {0};
    int64_t id = 0;
    if (!take_name(call, body, &account) || !take_form(console, call, body, &account)) {
        return;
    }
    audit_object(call, account.name);
    enum err err = accounts_add(accounts, &account, &id);
    if (!err) {
        sign_in_look_at_link(console);
        err = accounts_find_id(accounts, id, &call->arena, &account);
    }
    if (err) {
        refuse_account(call, err);
    } else {
        answer_account(console, call, &account, 201);
    }
}

void api_user_add(struct console *console, struct http_call *call)
{
    struct json_doc *doc = api_body_object(call);
    if (doc && api_body_only(call, json_root(doc), FORM)) {
        add(console, call, json_root(doc));
    }
    json_free(doc);
}

/* ---- changing ---- */

/* The revision that If-Match names; "*" names whichever there is. False when answered. */
static bool matches(struct http_call *call, struct account *account, bool required)
{
    struct text tag = http_header(&call->head, "if-match");
    int64_t revision = 0;
    if (!tag.ptr && required) {
        problem_answer(
            call, PROBLEM_PRECONDITION, "send If-Match: the ETag of GET /api/v1/users/{name}");
        return false;
    }
    if (!tag.ptr || text_is(tag, "*")) {
        return true;
    }
    if (tag.bytes >= 2 && tag.ptr[0] == '"' && tag.ptr[tag.bytes - 1] == '"') {
        tag = (struct text){tag.ptr + 1, tag.bytes - 2};
    }
    if (text_parse_i64(tag, &revision) || revision != account->revision) {
        refuse_account(call, ERR_CONFLICT);
        return false;
    }
    return true;
}

/* What the audit trail keeps of an account: neither its password nor a hash of that. */
static void hash_account(const struct account *account, struct buf *hex)
{
    struct buf words;
    char roles[DUTIES_TEXT_BYTES];
    buf_init(&words, (size_t)16 * 1024);
    buf_format(
        &words, "%.*s\n%s\n%.*s\n%.*s\n%.*s\n%.*s\n%d", TEXT_ARGS(account->name),
        duties_write(account->roles, roles), TEXT_ARGS(account->unit), TEXT_ARGS(account->person),
        TEXT_ARGS(account->display), TEXT_ARGS(account->dingtalk), account->disabled);
    buf_init(hex, 2 * (size_t)SHA256_BYTES + 1);
    crypto_sha256_hex(hex, buf_view(&words));
    buf_release(&words);
}

static void audit_account(struct http_call *call, const struct account *account, bool changed)
{
    struct buf hex;
    hash_account(account, &hex);
    audit_hashes(
        call, changed ? (struct text){0} : buf_view(&hex),
        changed ? buf_view(&hex) : (struct text){0});
    buf_release(&hex);
}

static void put(struct console *console, struct http_call *call, const struct json_value *body)
{
    struct accounts *accounts = sign_in_accounts(console);
    struct account account;
    char roles[DUTIES_TEXT_BYTES];
    if (!find_account(console, call, &account) || !matches(call, &account, true)) {
        return;
    }
    audit_account(call, &account, false);
    const struct json_value *name = json_get(body, "name");
    if (name && !text_equal(json_string(name), account.name)) {
        (void)refuse_field(call, "name", "a name stays; make another account");
        return;
    }
    if (!take_form(console, call, body, &account)) {
        return;
    }
    audit_detail(call, text_of(duties_write(account.roles, roles)));
    enum err err = accounts_change(accounts, &account);
    if (!err) {
        err = accounts_find_id(accounts, account.id, &call->arena, &account);
    }
    if (err == ERR_EXISTS) {
        (void)refuse_field(call, "dingtalk", "another account has this DingTalk id");
    } else if (err) {
        refuse_account(call, err);
    } else {
        audit_account(call, &account, true);
        answer_account(console, call, &account, 200);
    }
}

void api_user_put(struct console *console, struct http_call *call)
{
    struct json_doc *doc = api_body_object(call);
    if (doc && api_body_only(call, json_root(doc), FORM)) {
        put(console, call, json_root(doc));
    }
    json_free(doc);
}

void api_user_remove(struct console *console, struct http_call *call)
{
    struct account account;
    if (!find_account(console, call, &account) || !matches(call, &account, false)) {
        return;
    }
    const enum err err = accounts_remove(sign_in_accounts(console), account.id, account.revision);
    if (err) {
        refuse_account(call, err);
        return;
    }
    http_answer(call, 204, NULL, (struct text){0});
}

/* ---- letting in ---- */

void api_user_link(struct console *console, struct http_call *call)
{
    const struct view view = console_view(console, call);
    struct account account;
    char key[SECRET_TEXT_BYTES];
    char url[SIGN_IN_URL_BYTES];
    struct wall_ms expires;
    struct api_json json;
    if (!find_account(console, call, &account)) {
        return;
    }
    if (account.disabled) {
        problem_answer(call, PROBLEM_CONFLICT, "the account is disabled");
        return;
    }
    const enum err err = links_make(sign_in_accounts(console), account.id, key, &expires);
    if (err) {
        people_failed(call, err);
        return;
    }
    sign_in_link_url(console, key, url);
    api_json_init(&json);
    json_out_open(&json.out, '{');
    json_out_member(&json.out, "link", text_of(url));
    people_instant(&view, &json.out, "expires_at", expires);
    json_out_close(&json.out, '}');
    api_json_answer(call, 200, &json, ERR_OK);
    explicit_bzero(key, sizeof key);
    explicit_bzero(url, sizeof url);
}

static void on_made(
    struct console *console, struct http_call *call, const struct password_work *work)
{
    struct accounts *accounts = sign_in_accounts(console);
    struct account account;
    enum err err = work->err;
    if (!err) {
        err = accounts_set_password(accounts, work->account, text_of(work->made), true);
    }
    if (!err) {
        err = accounts_find_id(accounts, work->account, &call->arena, &account);
    }
    if (err) {
        refuse_account(call, err);
    } else {
        answer_account(console, call, &account, 200);
    }
}

static void set_password(
    struct console *console, struct http_call *call, const struct json_value *body)
{
    struct account account;
    const struct text password = json_get_string(body, "password");
    struct password_work work = {.make = true, .next = password_of(password)};
    if (!find_account(console, call, &account)) {
        return;
    }
    const struct password_flaw *flaw = password_flaw(password, account.name);
    if (flaw) {
        people_flawed(call, flaw);
        return;
    }
    work.account = account.id;
    (void)snprintf(work.name, sizeof work.name, "%.*s", TEXT_ARGS(account.name));
    passwords_work(console, call, &work, on_made);
}

void api_user_password(struct console *console, struct http_call *call)
{
    struct json_doc *doc = api_body_object(call);
    if (doc && api_body_only(call, json_root(doc), "password")) {
        set_password(console, call, json_root(doc));
    }
    json_free(doc);
}
