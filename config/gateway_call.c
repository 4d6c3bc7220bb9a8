/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes of a gateway to values, by the channel's settings.
 */
#include "config/gateway_call.h"

#include "base/charset.h"

#define BODY_BYTES_MAX  ((size_t)256 << 10)
#define REPLY_BYTES_MAX ((size_t)4096)

static bool is_gbk(const struct channel_settings *settings)
{
    return text_is(channel_option(settings, "charset"), "gbk");
}

void gateway_call_open(
    const struct channel_settings *settings,
    int32_t status,
    struct text query,
    struct text body,
    struct gateway_call *ret_call)
{
    const bool gbk = is_gbk(settings);
    *ret_call =
        (struct gateway_call){.said = {.status = status, .query = query, .body = body, .gbk = gbk}};
    buf_init(&ret_call->body, BODY_BYTES_MAX);
    if (gbk && !utf8_valid(body)) {
        charset_from_gbk(&ret_call->body, body);
        ret_call->said.body = buf_view(&ret_call->body);
    }
    if (json_parse(ret_call->said.body, &json_limits_answer, &ret_call->doc, NULL) == ERR_OK) {
        ret_call->said.json = json_root(ret_call->doc);
    }
    if (status > 0) {
        return; /* an answer is one thing, whatever call-backs are */
    }
    const struct text each = channel_option(settings, "receipt.each");
    const struct json_value *list =
        each.bytes > 0 ? gateway_json(each, &ret_call->said) : ret_call->said.json;
    ret_call->listed = json_type(list) == JSON_ARRAY;
    ret_call->next = ret_call->listed ? json_first(list) : NULL;
    if (!ret_call->listed && list) {
        ret_call->said.json = list;
    }
}

bool gateway_call_next(struct gateway_call *call, struct gateway_said *ret_item)
{
    if (call->listed && !call->next) {
        return false;
    }
    *ret_item = call->said;
    if (call->listed) {
        ret_item->json = call->next;
        call->next = json_next(call->next);
    } else {
        call->listed = true; /* it was the only one */
    }
    return true;
}

void gateway_call_close(struct gateway_call *call)
{
    json_free(call->doc);
    buf_release(&call->body);
}

bool gateway_call_value(
    const struct channel_settings *settings,
    const char *setting,
    const struct gateway_said *said,
    struct buf *buf)
{
    const struct text value = channel_option(settings, setting);
    return value.bytes > 0 && gateway_value(value, said, buf) && buf_error(buf) == ERR_OK;
}

bool gateway_call_reply(
    const struct channel_settings *settings,
    const struct gateway_said *said,
    struct buf *from,
    struct buf *words)
{
    return gateway_call_value(settings, "receipt.reply_from", said, from) &&
           gateway_call_value(settings, "receipt.reply_text", said, words) && from->bytes > 0;
}

static enum err add_reply(
    const struct channel_settings *settings,
    const struct gateway_said *said,
    struct arena *arena,
    struct sms_replies *replies)
{
    struct buf from;
    struct buf words;
    enum err err = ERR_OK;
    buf_init(&from, REPLY_BYTES_MAX);
    buf_init(&words, REPLY_BYTES_MAX);
    if (gateway_call_reply(settings, said, &from, &words)) {
        struct sms_reply *reply = &replies->items[replies->count];
        reply->from = arena_text(arena, buf_view(&from));
        reply->words = arena_text(arena, buf_view(&words));
        replies->count++;
        err = reply->from.ptr && reply->words.ptr ? ERR_OK : ERR_NO_MEMORY;
    }
    buf_release(&words);
    buf_release(&from);
    return err;
}

enum err gateway_replies(
    const struct channel_settings *settings,
    const struct text *query_and_body,
    struct arena *arena,
    struct sms_replies *ret_replies,
    struct err_why *why)
{
    struct gateway_call call;
    struct gateway_said said;
    enum err err = ERR_OK;
    if (!settings || channel_option(settings, "receipt.reply_from").bytes == 0) {
        return sms_reply_decode(query_and_body[0], query_and_body[1], arena, ret_replies, why);
    }
    *ret_replies = (struct sms_replies){0};
    gateway_call_open(settings, 0, query_and_body[0], query_and_body[1], &call);
    while (!err && gateway_call_next(&call, &said)) {
        err = ret_replies->count < SMS_REPLIES_MAX
                  ? add_reply(settings, &said, arena, ret_replies)
                  : err_set(why, ERR_FULL, "more than %d answers in one push", SMS_REPLIES_MAX);
    }
    gateway_call_close(&call);
    if (!err && ret_replies->count == 0) {
        err =
            err_set(why, ERR_PARSE, "no answer is where \"receipt\" of this channel looks for one");
    }
    return err;
}
