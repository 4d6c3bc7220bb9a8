/* SPDX-License-Identifier: Apache-2.0 */
/*
 * WeCom group robot: a key in the URL, no signature, no receipt, no deduplication. Only a "text"
 * message can name people by their mobile number; what is too long for one goes as markdown,
 * which takes twice as much and names nobody. 20 a minute and robot; this side stays at 18.
 */
#include <stdio.h>

#include "base/json.h"
#include "notifiers/errcode.h"
#include "notifiers/wecom.h"

#define ROBOT_PATH           "/cgi-bin/webhook/send"
#define ROBOT_TEXT_BYTES     ((size_t)2048)
#define ROBOT_MARKDOWN_BYTES ((size_t)4096)
#define ROBOT_PER_MINUTE     18
#define ROBOT_RESERVE        3
#define ROBOT_DEFAULT        "default"
#define MINUTE_MS            ((int64_t)60 * 1000)

static const struct errcode_line robot_codes[] = {
    {0, 0, OUTCOME_ACCEPTED, CAUSE_NONE, -1, ""},
    {-1, -1, OUTCOME_RETRY_LATER, CAUSE_TRANSPORT, -1, "system busy"},
    {45009, 45009, OUTCOME_RETRY_LATER, CAUSE_RATE, MINUTE_MS, "more than 20 in a minute"},
    {45033, 45033, OUTCOME_RETRY_LATER, CAUSE_RATE_ALL, MINUTE_MS, "too many calls at once"},
    {93000, 93000, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, -1, "the robot's key is not known"},
    {60020, 60020, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, -1,
     "this machine's address is not among the trusted ones"},
    {40058, 40058, OUTCOME_REJECTED, CAUSE_NONE, -1, "malformed"},
    {40008, 40008, OUTCOME_REJECTED, CAUSE_NONE, -1, "malformed"},
    {44004, 44004, OUTCOME_REJECTED, CAUSE_NONE, -1, "empty"},
    {.meaning = NULL},
};

/* The key stands per robot ("robots.NAME.key"); the default robot's may stand bare. */
static struct text robot_key(const struct channel_call *call)
{
    char key[160];
    (void)snprintf(key, sizeof(key), "robots.%.*s.key", TEXT_ARGS(call->message.group));
    const struct text own = channel_option(call->settings, key);
    if (own.bytes > 0 || !text_is(call->message.group, ROBOT_DEFAULT)) {
        return own;
    }
    return channel_option(call->settings, "key");
}

static void write_mentions(const struct channel_message *message, struct json_out *out)
{
    struct buf mobile;
    buf_init(&mobile, 64);
    json_out_key(out, "mentioned_mobile_list");
    json_out_open(out, '[');
    for (size_t index = 0; index < message->receiver_count; index++) {
        if (mobile_mainland(message->receivers[index].mobile, &mobile) == ERR_OK) {
            json_out_string(out, buf_view(&mobile));
        }
    }
    json_out_close(out, ']');
    buf_release(&mobile);
}

static enum err write_body(const struct channel_message *message, struct buf *body)
{
    struct buf words;
    struct json_out out;
    buf_init(&words, 2 * ROBOT_MARKDOWN_BYTES);
    wecom_words(message->text, message->id, ROBOT_MARKDOWN_BYTES, &words);
    const bool text = words.bytes <= ROBOT_TEXT_BYTES;
    const char *const kind = text ? "text" : "markdown";
    json_out_init(&out, body);
    json_out_open(&out, '{');
    json_out_member(&out, "msgtype", text_of(kind));
    json_out_key(&out, kind);
    json_out_open(&out, '{');
    json_out_member(&out, "content", buf_view(&words));
    if (text) {
        write_mentions(message, &out);
    }
    json_out_close(&out, '}');
    json_out_close(&out, '}');
    const enum err err = buf_error(&words);
    buf_release(&words);
    return err;
}

static enum err robot_encode(
    const struct channel_call *call, struct http_request *request, struct err_why *why)
{
    const struct text key = robot_key(call);
    if (key.bytes == 0) {
        return err_set(
            why, ERR_USAGE, "channel %.*s has no key for robot %.*s",
            TEXT_ARGS(call->settings->name), TEXT_ARGS(call->message.group));
    }
    channel_url(request, call->settings, WECOM_BASE, ROBOT_PATH);
    http_request_query(request, "key", key);
    http_request_header(request, "Content-Type", TEXT_LITERAL("application/json; charset=utf-8"));
    if (write_body(&call->message, &request->body)) {
        return err_set(why, ERR_USAGE, "the message is too long for a request");
    }
    return channel_request_end(request, why);
}

static void robot_classify(const struct http_answer *answer, struct outcome *ret_outcome)
{
    errcode_classify(answer, robot_codes, ret_outcome);
}

const struct channel_type channel_wecom_robot = {
    .name = "wecom-robot",
    .method = "POST",
    .to_group = true,
    .has_network = true,
    .form = FORM_TEXT,
    .limits = {{LIMIT_MAILBOX, MINUTE_MS, ROBOT_PER_MINUTE, ROBOT_RESERVE}},
    .closed_ms = MINUTE_MS,
    .encode = robot_encode,
    .classify = robot_classify,
};
