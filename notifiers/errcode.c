/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading {"errcode"} answers. Words of the gateway are repeated where they help an operator
 * (the address that is not trusted, a code that is new); known refusals of one person have fixed
 * words only, because the gateway's may name that person.
 */
#include "notifiers/errcode.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ERRCODE_WRAPPER  88
#define MOBILE_BYTES_MAX 64
#define TOKEN_LIVES_MIN  60    /* seconds; one that lives shorter is of no use */
#define TOKEN_LIVES_MAX  86400 /* none is trusted longer */

bool errcode_number(const struct json_value *value, int64_t *ret_code)
{
    if (json_type(value) == JSON_STRING) {
        return text_parse_i64(json_string(value), ret_code) == ERR_OK;
    }
    return json_i64(value, ret_code) == ERR_OK;
}

static bool code_of(const struct json_value *root, int64_t *ret_code)
{
    int64_t code = 0;
    if (json_i64(json_get(root, "errcode"), &code)) {
        return false;
    }
    int64_t inner = 0;
    const bool wrapped =
        code == ERRCODE_WRAPPER && errcode_number(json_get(root, "sub_code"), &inner);
    *ret_code = wrapped ? inner : code;
    return true;
}

int64_t errcode_of(const struct json_doc *doc)
{
    int64_t code = -1;
    (void)code_of(json_root(doc), &code);
    return code;
}

static void outcome_of_code(
    const struct errcode_line *lines, int64_t code, struct text said, struct outcome *outcome)
{
    const struct errcode_line *line = lines;
    while (line->meaning && (code < line->first || code > line->last)) {
        line++;
    }
    char reason[160];
    (void)snprintf(
        reason, sizeof(reason), "errcode %" PRId64 "%s%s", code, line->meaning ? " " : "",
        line->meaning ? line->meaning : "");
    if (!line->meaning) {
        outcome_set(outcome, OUTCOME_REJECTED, CAUSE_NONE, reason, said);
        return;
    }
    const bool repeat = line->cause == CAUSE_CREDENTIAL;
    outcome_set(
        outcome, line->kind, line->cause, code == 0 ? "" : reason,
        repeat ? said : (struct text){0});
    outcome->after_ms = line->after_ms;
}

/* True when the status is one whose body counts. */
static bool status_is_fine(const struct http_answer *answer, struct outcome *outcome)
{
    if (outcome_of_transport(outcome, answer)) {
        return false;
    }
    if (answer->status >= 200 && answer->status < 300) {
        return true;
    }
    char reason[32];
    (void)snprintf(reason, sizeof(reason), "HTTP %d", answer->status);
    const bool busy = answer->status >= 500;
    outcome_set(
        outcome, busy ? OUTCOME_RETRY_LATER : OUTCOME_REJECTED, busy ? CAUSE_TRANSPORT : CAUSE_NONE,
        reason, answer->body);
    return false;
}

struct json_doc *errcode_read(
    const struct http_answer *answer, const struct errcode_line *lines, struct outcome *ret_outcome)
{
    if (!status_is_fine(answer, ret_outcome)) {
        return NULL;
    }
    struct json_doc *doc = NULL;
    int64_t code = 0;
    const bool read = json_parse(answer->body, &json_limits_answer, &doc, NULL) == ERR_OK;
    if (read && code_of(json_root(doc), &code)) {
        outcome_of_code(lines, code, json_get_string(json_root(doc), "errmsg"), ret_outcome);
        return doc;
    }
    /* Some proxy's page, or half an answer: the gateway may have taken it. */
    outcome_set(
        ret_outcome, OUTCOME_UNSURE, CAUSE_TRANSPORT, "an answer without errcode",
        (struct text){0});
    json_free(doc);
    return NULL;
}

void errcode_classify(
    const struct http_answer *answer, const struct errcode_line *lines, struct outcome *ret_outcome)
{
    json_free(errcode_read(answer, lines, ret_outcome));
}

/* ---- calls ---- */

enum err errcode_token_encode(
    const struct channel_call *call,
    const struct errcode_app *app,
    struct http_request *request,
    struct err_why *why)
{
    const struct text id = channel_option(call->settings, app->id_option);
    const struct text secret = channel_option(call->settings, app->secret_option);
    if (id.bytes == 0 || secret.bytes == 0) {
        return err_set(
            why, ERR_USAGE, "channel %.*s needs %s", TEXT_ARGS(call->settings->name), app->needs);
    }
    request->method = "GET";
    channel_url(request, call->settings, app->base, app->token_path);
    http_request_query(request, app->id_name, id);
    http_request_query(request, app->secret_name, secret);
    return channel_request_end(request, why);
}

void errcode_call_start(
    const struct channel_call *call,
    const struct errcode_app *app,
    const char *path,
    struct http_request *request)
{
    channel_url(request, call->settings, app->base, path);
    http_request_query(request, "access_token", call->token);
    http_request_header(request, "Content-Type", TEXT_LITERAL("application/json; charset=utf-8"));
}

enum err errcode_lookup_encode(
    const struct channel_call *call,
    const struct errcode_app *app,
    struct text number,
    struct http_request *request,
    struct err_why *why)
{
    struct buf mobile;
    struct json_out out;
    buf_init(&mobile, MOBILE_BYTES_MAX);
    if (mobile_mainland(number, &mobile)) {
        buf_release(&mobile);
        return err_set(why, ERR_USAGE, "the mobile number is not a number");
    }
    errcode_call_start(call, app, app->lookup_path, request);
    json_out_init(&out, &request->body);
    json_out_open(&out, '{');
    json_out_member(&out, "mobile", buf_view(&mobile));
    json_out_close(&out, '}');
    buf_release(&mobile);
    return channel_request_end(request, why);
}

void errcode_user(struct text user, char ret_user[static CHANNEL_USER_BYTES])
{
    const struct text kept = user.bytes < CHANNEL_USER_BYTES ? user : (struct text){0};
    (void)snprintf(ret_user, CHANNEL_USER_BYTES, "%.*s", TEXT_ARGS(kept));
}

/* ---- token ---- */

static bool take_token(const struct json_value *root, struct channel_token *ret_token)
{
    const struct text token = json_get_string(root, "access_token");
    int64_t lives_s = 0;
    if (token.bytes == 0 || token.bytes >= sizeof(ret_token->text) ||
        json_i64(json_get(root, "expires_in"), &lives_s) || lives_s < TOKEN_LIVES_MIN) {
        return false;
    }
    memcpy(ret_token->text, token.ptr, token.bytes);
    ret_token->text[token.bytes] = '\0';
    ret_token->lives_ms = (lives_s < TOKEN_LIVES_MAX ? lives_s : TOKEN_LIVES_MAX) * 1000;
    return true;
}

void errcode_token(
    const struct http_answer *answer,
    const struct errcode_line *lines,
    struct channel_token *ret_token,
    struct outcome *ret_outcome)
{
    struct json_doc *doc = errcode_read(answer, lines, ret_outcome);
    if (ret_outcome->kind == OUTCOME_ACCEPTED && !take_token(json_root(doc), ret_token)) {
        outcome_set(
            ret_outcome, OUTCOME_RETRY_LATER, CAUSE_TRANSPORT, "an answer without a token",
            (struct text){0});
    }
    if (ret_outcome->cause == CAUSE_TOKEN) {
        ret_outcome->cause = CAUSE_CREDENTIAL;
    }
    json_free(doc);
}
