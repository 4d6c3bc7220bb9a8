/* SPDX-License-Identifier: Apache-2.0 */
/*
 * POST /api/v1/session/dingtalk: the code that DingTalk's app gave the page, for a session of the
 * account that DingTalk's user has. What DingTalk says of a user is believed, nothing that the page
 * says of one.
 */
#include "base/log.h"
#include "console/accounts.h"
#include "console/api_people.h"
#include "console/audit.h"
#include "console/sign_in.h"
#include "console/sign_in_dingtalk.h"

/* The person of the directory with this DingTalk id; empty when none has it. */
static struct text person_of(const struct console *console, struct text user)
{
    const struct bundle *bundle = console->env->bundle;
    for (size_t index = 0; index < bundle->contact_count; index++) {
        if (text_equal(bundle->contacts[index].dingtalk, user)) {
            return bundle->contacts[index].person;
        }
    }
    return (struct text){0};
}

static enum err account_of(
    struct console *console, struct http_call *call, struct text user, struct account *ret_account)
{
    struct accounts *accounts = sign_in_accounts(console);
    enum err err = accounts_find_dingtalk(accounts, user, &call->arena, ret_account);
    if (err == ERR_NOT_FOUND) {
        const struct text person = person_of(console, user);
        err = person.bytes > 0 ? accounts_find_person(accounts, person, &call->arena, ret_account)
                               : ERR_NOT_FOUND;
    }
    return err;
}

/* Who guesses codes is slowed down as who guesses passwords is. */
static void refuse_code(struct console *console, struct http_call *call)
{
    char address[ADDRESS_TEXT_BYTES];
    bool locked = false;
    const enum err err = failures_add(
        sign_in_accounts(console), (struct text){0},
        text_of(sign_in_address(console, call, address)), &locked);
    log_debug("dingtalk_code_refused", "err=%s locked=%d", err_name(err), locked);
    audit_detail(call, TEXT_LITERAL("no such code"));
    problem_answer(call, PROBLEM_SIGN_IN, "DingTalk does not know this code; open the page again");
}

static void on_asked(
    struct console *console, struct http_call *call, const struct dingtalk_user *user)
{
    struct account account;
    if (user->err == ERR_REFUSED) {
        refuse_code(console, call);
        return;
    }
    if (user->err) {
        problem_answer(
            call, PROBLEM_UNAVAILABLE, "DingTalk could not be asked; sign in with a password");
        return;
    }
    const enum err err = account_of(console, call, text_of(user->user), &account);
    if (err == ERR_NOT_FOUND) {
        audit_detail(call, TEXT_LITERAL("no account has this DingTalk id"));
        problem_answer(
            call, PROBLEM_FORBIDDEN,
            "nobody with this DingTalk id has an account; ask whoever manages them");
    } else if (err) {
        people_failed(call, err);
    } else {
        session_answer_begun(console, call, account.id, 200);
    }
}

/* False when the call was answered. */
static bool may_try(struct console *console, struct http_call *call)
{
    char address[ADDRESS_TEXT_BYTES];
    int64_t left_ms = 0;
    if (console->env->settings->sign_in.dingtalk_channel.bytes == 0) {
        problem_answer(
            call, PROBLEM_NOT_FOUND, "signing in by DingTalk is not set up (sign_in.dingtalk)");
        return false;
    }
    const enum err err = failures_left(
        sign_in_accounts(console), (struct text){0},
        text_of(sign_in_address(console, call, address)), &left_ms);
    if (err) {
        people_failed(call, err);
    } else if (left_ms > 0) {
        sign_in_answer_locked(call, left_ms);
    }
    return !err && left_ms == 0;
}

void api_session_dingtalk(struct console *console, struct http_call *call)
{
    struct json_doc *doc = api_body_object(call);
    const struct text code = doc ? json_get_string(json_root(doc), "code") : (struct text){0};
    if (!doc || !api_body_only(call, json_root(doc), "code")) {
        json_free(doc);
        return;
    }
    if (code.bytes == 0) {
        problem_answer(call, PROBLEM_BAD_REQUEST, "send {\"code\": ...}");
    } else if (may_try(console, call)) {
        dingtalk_ask(console, call, code, on_asked);
    }
    json_free(doc);
}
