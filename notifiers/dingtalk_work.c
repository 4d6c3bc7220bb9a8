/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DingTalk work notification (工作通知): access token, user ids by mobile number, messages, and
 * what became of them. errcode 0 of a send means queued: too many, and the same words twice to
 * one person on one day, are dropped afterwards without a word, and only the send result says
 * so. The words of each message end with its id, so a drop as "duplicate" can only be that very
 * message, sent twice by us: it is there.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "notifiers/ding_message.h"
#include "notifiers/errcode.h"

#define WORK_BASE            "https://oapi.dingtalk.com"
#define WORK_TOKEN_PATH      "/gettoken"
#define WORK_SEND_PATH       "/topapi/message/corpconversation/asyncsend_v2"
#define WORK_RESULT_PATH     "/topapi/message/corpconversation/getsendresult"
#define WORK_LOOKUP_PATH     "/topapi/v2/user/getbymobile"
#define WORK_PER_PERSON_DAY  500
#define WORK_RESERVE         50
#define WORK_RECEIVERS_BYTES ((size_t)16 * 1024)
#define WORK_DUPLICATE       143106
#define WORK_NOBODY          60121
#define MINUTE_MS            ((int64_t)60 * 1000)
#define HOUR_MS              ((int64_t)60 * MINUTE_MS)
#define DAY_MS               ((int64_t)24 * HOUR_MS)

static const struct errcode_line work_codes[] = {
    {0, 0, OUTCOME_ACCEPTED, CAUSE_NONE, -1, ""},
    {-1, -1, OUTCOME_RETRY_LATER, CAUSE_TRANSPORT, -1, "system busy"},
    {40001, 40001, OUTCOME_RETRY_LATER, CAUSE_TOKEN, -1, "the token is not good"},
    {40014, 40014, OUTCOME_RETRY_LATER, CAUSE_TOKEN, -1, "the token is not good"},
    {42001, 42001, OUTCOME_RETRY_LATER, CAUSE_TOKEN, -1, "the token has expired"},
    {88, 88, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, -1, "the app is not allowed to do this"},
    {60011, 60011, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, -1,
     "the app lacks a permission; grant it in DingTalk's developer console"},
    {60020, 60020, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, -1,
     "this machine's address is not on the app's list"},
    {40089, 40089, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, -1, "app_key or app_secret is wrong"},
    {40096, 40096, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, -1, "app_key or app_secret is wrong"},
    {40056, 40056, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, -1, "agent_id is wrong"},
    {90002, 90002, OUTCOME_RETRY_LATER, CAUSE_RATE_ALL, MINUTE_MS, "too many calls"},
    {90018, 90018, OUTCOME_RETRY_LATER, CAUSE_RATE_ALL, MINUTE_MS, "too many calls"},
    {143103, 143104, OUTCOME_RETRY_LATER, CAUSE_RATE_ALL, MINUTE_MS, "too many in a minute"},
    {143105, 143105, OUTCOME_RETRY_LATER, CAUSE_RATE, HOUR_MS, "500 to this person today"},
    {WORK_DUPLICATE, WORK_DUPLICATE, OUTCOME_ACCEPTED, CAUSE_NONE, -1, "it is already there"},
    {1430000, 1430000, OUTCOME_REJECTED, CAUSE_NONE, -1, "no receiver"},
    {1430002, 1430002, OUTCOME_REJECTED, CAUSE_NONE, -1, "content not allowed"},
    {1430003, 1430003, OUTCOME_RETRY_LATER, CAUSE_RATE_ALL, MINUTE_MS, "system protection"},
    {1430004, 1430004, OUTCOME_REJECTED, CAUSE_NONE, -1, "the receiver is protected"},
    {33012, 33012, OUTCOME_REJECTED, CAUSE_NONE, -1, "no such user id"},
    {WORK_NOBODY, WORK_NOBODY, OUTCOME_REJECTED, CAUSE_NONE, -1, "no such user"},
    {40035, 40035, OUTCOME_REJECTED, CAUSE_NONE, -1, "malformed"},
    {43004, 43004, OUTCOME_REJECTED, CAUSE_NONE, -1, "wrong content type"},
    {400002, 400002, OUTCOME_REJECTED, CAUSE_NONE, -1, "malformed"},
    {.meaning = NULL},
};

/* ---- token ---- */

static const struct errcode_app app = {
    .base = WORK_BASE,
    .token_path = WORK_TOKEN_PATH,
    .lookup_path = WORK_LOOKUP_PATH,
    .id_option = "app_key",
    .secret_option = "app_secret",
    .id_name = "appkey",
    .secret_name = "appsecret",
    .needs = "app_key and app_secret of its DingTalk app",
};

static enum err work_token_encode(
    const struct channel_call *call, struct http_request *request, struct err_why *why)
{
    return errcode_token_encode(call, &app, request, why);
}

static void work_token_decode(
    const struct http_answer *answer, struct channel_token *ret_token, struct outcome *ret_outcome)
{
    errcode_token(answer, work_codes, ret_token, ret_outcome);
}

/* ---- send ---- */

static enum err agent_of(const struct channel_call *call, int64_t *ret_agent, struct err_why *why)
{
    const struct text agent = channel_option(call->settings, "agent_id");
    if (text_parse_i64(agent, ret_agent) || *ret_agent <= 0) {
        return err_set(
            why, ERR_USAGE, "channel %.*s needs agent_id, the number of its DingTalk app",
            TEXT_ARGS(call->settings->name));
    }
    return ERR_OK;
}

static void write_send(
    int64_t agent, struct text receivers, struct text msg, struct http_request *request)
{
    struct json_out out;
    json_out_init(&out, &request->body);
    json_out_open(&out, '{');
    json_out_member_i64(&out, "agent_id", agent);
    json_out_member(&out, "userid_list", receivers);
    json_out_key(&out, "to_all_user");
    json_out_bool(&out, false);
    json_out_key(&out, "msg");
    json_out_raw(&out, msg);
    json_out_close(&out, '}');
}

static enum err work_encode(
    const struct channel_call *call, struct http_request *request, struct err_why *why)
{
    int64_t agent = 0;
    enum err err = agent_of(call, &agent, why);
    if (err) {
        return err;
    }
    struct buf receivers;
    struct buf msg;
    buf_init(&receivers, WORK_RECEIVERS_BYTES);
    buf_init(&msg, 16 * DING_MESSAGE_BYTES);
    if (ding_receivers(&call->message, &receivers)) {
        err = err_set(why, ERR_USAGE, "the person has no DingTalk user id");
    } else if (ding_message_write(&call->message, DING_WORK, &msg)) {
        err = err_set(why, ERR_USAGE, "the message is too long for a request");
    } else {
        errcode_call_start(call, &app, WORK_SEND_PATH, request);
        write_send(agent, buf_view(&receivers), buf_view(&msg), request);
        err = channel_request_end(request, why);
    }
    buf_release(&receivers);
    buf_release(&msg);
    return err;
}

static void work_classify(const struct http_answer *answer, struct outcome *ret_outcome)
{
    struct json_doc *doc = errcode_read(answer, work_codes, ret_outcome);
    int64_t task = 0;
    if (ret_outcome->kind == OUTCOME_ACCEPTED &&
        json_i64(json_get(json_root(doc), "task_id"), &task) == ERR_OK) {
        (void)snprintf(ret_outcome->gateway_id, sizeof(ret_outcome->gateway_id), "%" PRId64, task);
    }
    json_free(doc);
}

/* ---- look-up ---- */

static enum err work_lookup_encode(
    const struct channel_call *call,
    int32_t step,
    struct text key,
    struct http_request *request,
    struct err_why *why)
{
    (void)step;
    return errcode_lookup_encode(call, &app, key, request, why);
}

static void work_lookup_decode(
    const struct http_answer *answer,
    int32_t step,
    char ret_user[static CHANNEL_USER_BYTES],
    struct outcome *ret_outcome)
{
    (void)step;
    ret_user[0] = '\0';
    struct json_doc *doc = errcode_read(answer, work_codes, ret_outcome);
    if (doc && errcode_of(doc) == WORK_NOBODY) {
        outcome_set(ret_outcome, OUTCOME_ACCEPTED, CAUSE_NONE, "", (struct text){0});
    } else if (ret_outcome->kind == OUTCOME_ACCEPTED) {
        errcode_user(json_get_string(json_get(json_root(doc), "result"), "userid"), ret_user);
    }
    json_free(doc);
}

/* ---- what became of it ---- */

static enum err work_poll_encode(
    const struct channel_call *call,
    const struct channel_question *question,
    struct http_request *request,
    struct err_why *why)
{
    int64_t agent = 0;
    int64_t task = 0;
    const enum err err = agent_of(call, &agent, why);
    if (err) {
        return err;
    }
    if (text_parse_i64(question->gateway_id, &task)) {
        return err_set(why, ERR_USAGE, "DingTalk never told the number of this task");
    }
    struct json_out out;
    errcode_call_start(call, &app, WORK_RESULT_PATH, request);
    json_out_init(&out, &request->body);
    json_out_open(&out, '{');
    json_out_member_i64(&out, "agent_id", agent);
    json_out_member_i64(&out, "task_id", task);
    json_out_close(&out, '}');
    return channel_request_end(request, why);
}

/* Whether the list names the user; any user where ours is not known. */
static bool lists(const struct json_value *result, const char *list, struct text user)
{
    const struct json_value *entry = json_first(json_get(result, list));
    while (entry && user.bytes > 0 && !text_equal(json_string(entry), user)) {
        entry = json_next(entry);
    }
    return entry;
}

/* The flow-control code that the user's message met, 0 for none. */
static int64_t forbidden_code(const struct json_value *result, struct text user)
{
    const struct json_value *entry = json_first(json_get(result, "forbidden_list"));
    for (; entry; entry = json_next(entry)) {
        int64_t code = 0;
        const bool same = user.bytes == 0 || text_equal(json_get_string(entry, "userid"), user);
        if (same && errcode_number(json_get(entry, "code"), &code)) {
            return code;
        }
    }
    return 0;
}

static void read_result(
    const struct json_value *result, struct text user, struct channel_receipt *receipt)
{
    static const struct {
        const char *list;
        const char *word;
        enum receipt_state state;
    } ends[] = {
        {"read_user_id_list", "read", RECEIPT_READ},
        {"unread_user_id_list", "unread", RECEIPT_DELIVERED},
        {"failed_user_id_list", "failed", RECEIPT_UNDELIVERED},
        {"invalid_user_id_list", "invalid", RECEIPT_UNDELIVERED},
        {"forbidden_user_id_list", "forbidden", RECEIPT_UNDELIVERED},
    };
    const int64_t code = forbidden_code(result, user);
    receipt->state = RECEIPT_QUEUED;
    (void)snprintf(receipt->code, sizeof(receipt->code), "%s", "pending");
    for (size_t index = sizeof(ends) / sizeof(ends[0]); index-- > 0;) { /* the first one wins */
        if (lists(result, ends[index].list, user)) {
            receipt->state = ends[index].state;
            (void)snprintf(receipt->code, sizeof(receipt->code), "%s", ends[index].word);
        }
    }
    const bool there = receipt->state == RECEIPT_READ || receipt->state == RECEIPT_DELIVERED;
    if (!there && code != 0) {
        receipt->state = code == WORK_DUPLICATE ? RECEIPT_DELIVERED : RECEIPT_UNDELIVERED;
        (void)snprintf(receipt->code, sizeof(receipt->code), "%" PRId64, code);
    }
}

static void work_poll_decode(
    const struct http_answer *answer,
    const struct channel_question *question,
    struct channel_receipts *ret_receipts,
    struct outcome *ret_outcome)
{
    ret_receipts->count = 0;
    ret_receipts->left_out = 0;
    struct json_doc *doc = errcode_read(answer, work_codes, ret_outcome);
    const struct json_value *result = json_get(json_root(doc), "send_result");
    if (ret_outcome->kind == OUTCOME_ACCEPTED && result) {
        struct channel_receipt *receipt = &ret_receipts->items[ret_receipts->count++];
        *receipt = (struct channel_receipt){0};
        (void)snprintf(
            receipt->message, sizeof(receipt->message), "%.*s", TEXT_ARGS(question->message));
        (void)snprintf(
            receipt->gateway_id, sizeof(receipt->gateway_id), "%.*s",
            TEXT_ARGS(question->gateway_id));
        read_result(result, question->user, receipt);
    }
    json_free(doc);
}

const struct channel_type channel_dingtalk_work = {
    .name = "dingtalk-work",
    .method = "POST",
    .has_network = true,
    .address = ADDRESS_DINGTALK,
    .form = FORM_MARKDOWN,
    .limits = {{LIMIT_MAILBOX, DAY_MS, WORK_PER_PERSON_DAY, WORK_RESERVE}},
    .closed_ms = MINUTE_MS,
    .encode = work_encode,
    .classify = work_classify,
    .token_encode = work_token_encode,
    .token_decode = work_token_decode,
    .lookup_steps = 1,
    .lookup_encode = work_lookup_encode,
    .lookup_decode = work_lookup_decode,
    .poll_encode = work_poll_encode,
    .poll_decode = work_poll_decode,
};
