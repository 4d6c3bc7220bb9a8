/* SPDX-License-Identifier: Apache-2.0 */
/*
 * WeCom (企业微信) application message to one person. WeCom drops a request whose JSON is the same
 * as one of the last four hours: nothing in it depends on time or chance, so a repeat is dropped
 * there, and the id at the end of the words keeps two messages apart. errcode 0 may still name
 * the person as one who cannot be reached. More than 30 a minute to one person are dropped
 * without a word, so this side stays below.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "notifiers/cloud.h"
#include "notifiers/errcode.h"
#include "notifiers/wecom.h"

#define APP_TOKEN_PATH        "/cgi-bin/gettoken"
#define APP_SEND_PATH         "/cgi-bin/message/send"
#define APP_LOOKUP_PATH       "/cgi-bin/user/getuserid"
#define APP_TEXT_BYTES        ((size_t)2048)
#define APP_CARD_BYTES        ((size_t)512)
#define APP_CARD_TITLE_BYTES  128
#define APP_LINK_BYTES        ((size_t)2048)
#define APP_DUPLICATE_S       14400 /* the longest that WeCom offers */
#define APP_PER_PERSON_MINUTE 28
#define APP_PER_PERSON_HOUR   950
#define APP_NO_USER           46004 /* of a look-up */
#define APP_UNKNOWN_USER      60111
#define MINUTE_MS             ((int64_t)60 * 1000)
#define HOUR_MS               ((int64_t)60 * MINUTE_MS)

static const struct errcode_line app_codes[] = {
    {0, 0, OUTCOME_ACCEPTED, CAUSE_NONE, -1, ""},
    {-1, -1, OUTCOME_RETRY_LATER, CAUSE_TRANSPORT, -1, "system busy"},
    {40014, 40014, OUTCOME_RETRY_LATER, CAUSE_TOKEN, -1, "the token is not good"},
    {41001, 41001, OUTCOME_RETRY_LATER, CAUSE_TOKEN, -1, "no token"},
    {42001, 42001, OUTCOME_RETRY_LATER, CAUSE_TOKEN, -1, "the token has expired"},
    {45009, 45009, OUTCOME_RETRY_LATER, CAUSE_RATE_ALL, MINUTE_MS, "too many calls"},
    {45033, 45033, OUTCOME_RETRY_LATER, CAUSE_RATE_ALL, MINUTE_MS, "too many calls at once"},
    {40001, 40001, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, -1, "the secret is wrong"},
    {40091, 40091, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, -1, "the secret is wrong"},
    {40013, 40013, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, -1, "corp_id is wrong"},
    {40056, 40056, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, -1, "agent_id is wrong"},
    {60020, 60020, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, -1,
     "this machine's address is not among the app's trusted ones"},
    {301002, 301002, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, -1, "the secret is another app's"},
    {81013, 81013, OUTCOME_REJECTED, CAUSE_NONE, -1, "nobody there can be reached"},
    {40003, 40003, OUTCOME_REJECTED, CAUSE_NONE, -1, "no such user id"},
    {60011, 60011, OUTCOME_REJECTED, CAUSE_NONE, -1, "the person is not visible to the app"},
    {APP_UNKNOWN_USER, APP_UNKNOWN_USER, OUTCOME_REJECTED, CAUSE_NONE, -1, "no such user id"},
    {APP_NO_USER, APP_NO_USER, OUTCOME_REJECTED, CAUSE_NONE, -1, "no such user"},
    {40058, 40058, OUTCOME_REJECTED, CAUSE_NONE, -1, "malformed"},
    {40008, 40008, OUTCOME_REJECTED, CAUSE_NONE, -1, "malformed"},
    {44004, 44004, OUTCOME_REJECTED, CAUSE_NONE, -1, "empty"},
    {.meaning = NULL},
};

/* ---- token ---- */

static const struct errcode_app app = {
    .base = WECOM_BASE,
    .token_path = APP_TOKEN_PATH,
    .lookup_path = APP_LOOKUP_PATH,
    .id_option = "corp_id",
    .secret_option = "secret",
    .id_name = "corpid",
    .secret_name = "corpsecret",
    .needs = "corp_id and the secret of its WeCom app",
};

static enum err app_token_encode(
    const struct channel_call *call, struct http_request *request, struct err_why *why)
{
    return errcode_token_encode(call, &app, request, why);
}

static void app_token_decode(
    const struct http_answer *answer, struct channel_token *ret_token, struct outcome *ret_outcome)
{
    errcode_token(answer, app_codes, ret_token, ret_outcome);
}

/* ---- send ---- */

/* A card has a button, and room for fewer words. */
static bool as_card(const struct channel_message *message)
{
    return message->link.bytes > 0 && message->link.bytes <= APP_LINK_BYTES &&
           message->title.bytes > 0 && message->text.bytes + 64 <= APP_CARD_BYTES;
}

static void write_card(
    const struct channel_message *message, struct text words, struct json_out *out)
{
    json_out_key(out, "textcard");
    json_out_open(out, '{');
    json_out_member(out, "title", utf8_cut(message->title, APP_CARD_TITLE_BYTES));
    json_out_member(out, "description", words);
    json_out_member(out, "url", message->link);
    json_out_close(out, '}');
}

static void write_text(struct text words, struct json_out *out)
{
    json_out_key(out, "text");
    json_out_open(out, '{');
    json_out_member(out, "content", words);
    json_out_close(out, '}');
}

static enum err write_body(const struct channel_message *message, int64_t agent, struct buf *body)
{
    const bool card = as_card(message);
    struct buf words;
    struct json_out out;
    buf_init(&words, 2 * APP_TEXT_BYTES);
    wecom_words(message->text, message->id, card ? APP_CARD_BYTES : APP_TEXT_BYTES, &words);
    json_out_init(&out, body);
    json_out_open(&out, '{');
    json_out_member(&out, "touser", message->receivers[0].user);
    json_out_member(&out, "msgtype", text_of(card ? "textcard" : "text"));
    json_out_member_i64(&out, "agentid", agent);
    if (card) {
        write_card(message, buf_view(&words), &out);
    } else {
        write_text(buf_view(&words), &out);
    }
    json_out_member_i64(&out, "safe", 0);
    json_out_member_i64(&out, "enable_duplicate_check", 1);
    json_out_member_i64(&out, "duplicate_check_interval", APP_DUPLICATE_S);
    json_out_close(&out, '}');
    const enum err err = buf_error(&words);
    buf_release(&words);
    return err;
}

static enum err app_encode(
    const struct channel_call *call, struct http_request *request, struct err_why *why)
{
    const struct channel_message *message = &call->message;
    int64_t agent = 0;
    if (text_parse_i64(channel_option(call->settings, "agent_id"), &agent) || agent <= 0) {
        return err_set(
            why, ERR_USAGE, "channel %.*s needs agent_id, the number of its WeCom app",
            TEXT_ARGS(call->settings->name));
    }
    if (message->receiver_count != 1 || message->receivers[0].user.bytes == 0) {
        return err_set(why, ERR_USAGE, "the person has no WeCom user id");
    }
    errcode_call_start(call, &app, APP_SEND_PATH, request);
    if (write_body(message, agent, &request->body)) {
        return err_set(why, ERR_USAGE, "the message is too long for a request");
    }
    return channel_request_end(request, why);
}

static void app_classify(const struct http_answer *answer, struct outcome *ret_outcome)
{
    struct json_doc *doc = errcode_read(answer, app_codes, ret_outcome);
    const struct json_value *root = json_root(doc);
    if (ret_outcome->kind == OUTCOME_ACCEPTED) {
        const struct text id = json_get_string(root, "msgid");
        if (json_get_string(root, "invaliduser").bytes > 0) {
            outcome_set(
                ret_outcome, OUTCOME_REJECTED, CAUSE_NONE, "the person is not visible to the app",
                (struct text){0});
        } else if (json_get_string(root, "unlicenseduser").bytes > 0) {
            outcome_set(
                ret_outcome, OUTCOME_REJECTED, CAUSE_NONE, "the person has no WeCom licence",
                (struct text){0});
        } else {
            outcome_set_gateway_id(ret_outcome, id);
        }
    }
    json_free(doc);
}

/* ---- look-up ---- */

static enum err app_lookup_encode(
    const struct channel_call *call,
    int32_t step,
    struct text key,
    struct http_request *request,
    struct err_why *why)
{
    (void)step;
    return errcode_lookup_encode(call, &app, key, request, why);
}

static void app_lookup_decode(
    const struct http_answer *answer,
    int32_t step,
    char ret_user[static CHANNEL_USER_BYTES],
    struct outcome *ret_outcome)
{
    (void)step;
    ret_user[0] = '\0';
    struct json_doc *doc = errcode_read(answer, app_codes, ret_outcome);
    const int64_t code = doc ? errcode_of(doc) : 0;
    if (code == APP_NO_USER || code == APP_UNKNOWN_USER) {
        outcome_set(ret_outcome, OUTCOME_ACCEPTED, CAUSE_NONE, "", (struct text){0});
    } else if (ret_outcome->kind == OUTCOME_ACCEPTED) {
        errcode_user(json_get_string(json_root(doc), "userid"), ret_user);
    }
    json_free(doc);
}

const struct channel_type channel_wecom_app = {
    .name = "wecom-app",
    .method = "POST",
    .has_network = true,
    .deduplicates = true,
    .address = ADDRESS_WECOM,
    .form = FORM_TEXT,
    .limits =
        {{LIMIT_MAILBOX, MINUTE_MS, APP_PER_PERSON_MINUTE, 4},
         {LIMIT_MAILBOX, HOUR_MS, APP_PER_PERSON_HOUR, 50}},
    .closed_ms = MINUTE_MS,
    .encode = app_encode,
    .classify = app_classify,
    .token_encode = app_token_encode,
    .token_decode = app_token_decode,
    .lookup_steps = 1,
    .lookup_encode = app_lookup_encode,
    .lookup_decode = app_lookup_decode,
};
