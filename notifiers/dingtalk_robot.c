/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DingTalk group robot: signed webhook, markdown, people named by @mobile. Errors come as
 * errcode in an answer 200. 20 messages a minute and robot; one more closes it for 10 minutes,
 * so this side stays at 18. No message id, no receipt, no deduplication: the end of the
 * message id stands in the text.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "base/json.h"
#include "notifiers/errcode.h"

#define ROBOT_PATH           "/robot/send"
#define ROBOT_PER_MINUTE     18
#define ROBOT_CLOSED_MS      ((int64_t)10 * 60 * 1000)
#define ROBOT_MARKDOWN_BYTES ((size_t)5000)
#define ROBOT_TITLE_BYTES    120
#define ROBOT_ID_BYTES       8
#define ROBOT_DEFAULT        "default"

/* Token and secret stand per robot ("robots.NAME.token"); the default robot's may stand bare. */
static struct text robot_option(const struct channel_call *call, const char *name)
{
    char key[160];
    (void)snprintf(key, sizeof(key), "robots.%.*s.%s", TEXT_ARGS(call->message.group), name);
    const struct text own = channel_option(call->settings, key);
    if (own.bytes > 0 || !text_is(call->message.group, ROBOT_DEFAULT)) {
        return own;
    }
    return channel_option(call->settings, name);
}

static void add_signature(struct http_request *request, struct text secret, struct wall_ms now)
{
    char stamp[24];
    (void)snprintf(stamp, sizeof(stamp), "%" PRId64, now.ms);
    struct buf signed_text;
    struct buf signature;
    buf_init(&signed_text, 1024);
    buf_init(&signature, 64);
    buf_format(&signed_text, "%s\n", stamp);
    buf_text(&signed_text, secret);
    uint8_t mac[SHA256_BYTES];
    crypto_hmac_sha256(secret, buf_view(&signed_text), mac);
    crypto_base64(&signature, mac, sizeof(mac));
    http_request_query(request, "timestamp", text_of(stamp));
    http_request_query(request, "sign", buf_view(&signature));
    buf_release(&signed_text);
    buf_release(&signature);
}

static void add_text(const struct channel_message *message, struct buf *text)
{
    struct buf tail;
    struct buf number;
    buf_init(&tail, ROBOT_MARKDOWN_BYTES);
    buf_init(&number, 64);
    for (size_t index = 0; index < message->receiver_count; index++) {
        if (mobile_mainland(message->receivers[index].mobile, &number) == ERR_OK &&
            tail.bytes + number.bytes + 2 < ROBOT_MARKDOWN_BYTES / 2) {
            buf_string(&tail, tail.bytes == 0 ? "\n\n@" : " @");
            buf_text(&tail, buf_view(&number));
        }
    }
    const struct text id = utf8_cut(message->id, ROBOT_ID_BYTES);
    buf_format(&tail, "\n\n###### 编号 %.*s", TEXT_ARGS(id));
    buf_text(text, utf8_cut(message->text, ROBOT_MARKDOWN_BYTES - tail.bytes));
    buf_text(text, buf_view(&tail));
    buf_release(&tail);
    buf_release(&number);
}

static void write_at(const struct channel_message *message, struct json_out *out)
{
    struct buf number;
    buf_init(&number, 64);
    json_out_key(out, "at");
    json_out_open(out, '{');
    json_out_key(out, "atMobiles");
    json_out_open(out, '[');
    for (size_t index = 0; index < message->receiver_count; index++) {
        if (mobile_mainland(message->receivers[index].mobile, &number) == ERR_OK) {
            json_out_string(out, buf_view(&number));
        }
    }
    json_out_close(out, ']');
    json_out_key(out, "isAtAll");
    json_out_bool(out, false);
    json_out_close(out, '}');
    buf_release(&number);
}

static enum err write_body(const struct channel_message *message, struct buf *body)
{
    struct buf text;
    buf_init(&text, 2 * ROBOT_MARKDOWN_BYTES);
    add_text(message, &text);
    struct json_out out;
    json_out_init(&out, body);
    json_out_open(&out, '{');
    json_out_member(&out, "msgtype", TEXT_LITERAL("markdown"));
    json_out_key(&out, "markdown");
    json_out_open(&out, '{');
    json_out_member(&out, "title", utf8_cut(message->title, ROBOT_TITLE_BYTES));
    json_out_member(&out, "text", buf_view(&text));
    json_out_close(&out, '}');
    write_at(message, &out);
    json_out_close(&out, '}');
    const enum err err = buf_error(&text);
    buf_release(&text);
    return err;
}

static enum err robot_encode(
    const struct channel_call *call, struct http_request *request, struct err_why *why)
{
    const struct text token = robot_option(call, "token");
    if (token.bytes == 0) {
        return err_set(
            why, ERR_USAGE, "channel %.*s has no token for robot %.*s",
            TEXT_ARGS(call->settings->name), TEXT_ARGS(call->message.group));
    }
    const struct text url = call->settings->url;
    http_request_url(
        request, url.bytes > 0 ? url : TEXT_LITERAL("https://oapi.dingtalk.com"), ROBOT_PATH);
    http_request_query(request, "access_token", token);
    const struct text secret = robot_option(call, "secret");
    if (secret.bytes > 0) {
        add_signature(request, secret, call->now);
    }
    http_request_header(request, "Content-Type", TEXT_LITERAL("application/json; charset=utf-8"));
    if (write_body(&call->message, &request->body) || http_request_error(request)) {
        return err_set(why, ERR_USAGE, "the message is too long for a request");
    }
    return ERR_OK;
}

static const struct errcode_line robot_codes[] = {
    {0, 0, OUTCOME_ACCEPTED, CAUSE_NONE, -1, ""},
    {-1, -1, OUTCOME_RETRY_LATER, CAUSE_TRANSPORT, -1, "system busy"},
    {130101, 130101, OUTCOME_RETRY_LATER, CAUSE_RATE, ROBOT_CLOSED_MS,
     "robot closed for 10 minutes"},
    {310000, 310000, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, -1,
     "safety check failed; compare secret, keyword, address list and clock with the robot's"},
    {300001, 300001, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, -1, "the token is not known"},
    {90030, 90030, OUTCOME_REJECTED, CAUSE_NONE, -1, "quota of the robot used up"},
    {40035, 40035, OUTCOME_REJECTED, CAUSE_NONE, -1, "malformed"},
    {43004, 43004, OUTCOME_REJECTED, CAUSE_NONE, -1, "wrong content type"},
    {400013, 400013, OUTCOME_REJECTED, CAUSE_NONE, -1, "the group is dissolved"},
    {400102, 400102, OUTCOME_REJECTED, CAUSE_NONE, -1, "the robot is stopped"},
    {400101, 400106, OUTCOME_REJECTED, CAUSE_NONE, -1, "malformed"},
    {460101, 460101, OUTCOME_REJECTED, CAUSE_NONE, -1, "too long"},
    {430101, 430104, OUTCOME_REJECTED, CAUSE_NONE, -1, "content not allowed"},
    {.meaning = NULL},
};

static void robot_classify(const struct http_answer *answer, struct outcome *ret_outcome)
{
    struct json_doc *doc = errcode_read(answer, robot_codes, ret_outcome);
    const struct text said = json_get_string(json_root(doc), "errmsg");
    if (text_is(said, "token is not exist")) { /* comes with more than one code */
        char reason[32];
        (void)snprintf(reason, sizeof(reason), "errcode %" PRId64, errcode_of(doc));
        outcome_set(ret_outcome, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, reason, said);
    }
    json_free(doc);
}

const struct channel_type channel_dingtalk_robot = {
    .name = "dingtalk-robot",
    .method = "POST",
    .to_group = true,
    .has_network = true,
    .form = FORM_MARKDOWN,
    .limits = {{LIMIT_MAILBOX, 60000, ROBOT_PER_MINUTE, 0}},
    .closed_ms = ROBOT_CLOSED_MS,
    .encode = robot_encode,
    .classify = robot_classify,
};
