/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What fits is found by writing it: how long a character becomes in JSON (quotes, line breaks,
 * broken bytes) is known to the writer alone. Eleven tries at most.
 */
#include "notifiers/ding_message.h"

#include "base/json.h"

#define DING_TITLE_BYTES 128
#define DING_LINK_BYTES  600 /* a longer link is left to the text */
#define DING_ID_BYTES    8   /* of the message id, as on the group robots */
#define DING_BUTTON      "查看详情"

static const char ellipsis[] = "…";

static void add_words(
    const struct channel_message *message,
    enum ding_edition edition,
    size_t text_bytes,
    struct buf *words)
{
    if (message->text.bytes <= text_bytes) {
        buf_text(words, message->text);
    } else {
        buf_text(words, utf8_cut(message->text, text_bytes));
        buf_string(words, ellipsis);
    }
    const struct text id = utf8_cut(message->id, DING_ID_BYTES);
    buf_format(words, "%s编号 %.*s", edition == DING_WORK ? "\n\n###### " : "\n", TEXT_ARGS(id));
}

static void write_card(
    const struct channel_message *message,
    enum ding_edition edition,
    struct text words,
    struct json_out *out)
{
    json_out_member(out, "msgtype", TEXT_LITERAL("action_card"));
    json_out_key(out, "action_card");
    json_out_open(out, '{');
    json_out_member(out, "title", utf8_cut(message->title, DING_TITLE_BYTES));
    json_out_member(out, "markdown", words);
    json_out_member(out, "single_title", TEXT_LITERAL(DING_BUTTON));
    json_out_member(out, "single_url", message->link);
    if (edition == DING_GOVERNMENT) {
        json_out_member(out, "single_pc_url", message->link);
    }
    json_out_close(out, '}');
}

static void write_plain(
    const struct channel_message *message,
    enum ding_edition edition,
    struct text words,
    struct json_out *out)
{
    const bool markdown = edition == DING_WORK;
    const char *const kind = markdown ? "markdown" : "text";
    json_out_member(out, "msgtype", text_of(kind));
    json_out_key(out, kind);
    json_out_open(out, '{');
    if (markdown) {
        json_out_member(out, "title", utf8_cut(message->title, DING_TITLE_BYTES));
    }
    json_out_member(out, markdown ? "text" : "content", words);
    json_out_close(out, '}');
}

static enum err write_once(
    const struct channel_message *message,
    enum ding_edition edition,
    size_t text_bytes,
    struct buf *msg)
{
    struct buf words;
    struct json_out out;
    buf_clear(msg);
    buf_init(&words, 2 * DING_MESSAGE_BYTES);
    add_words(message, edition, text_bytes, &words);
    json_out_init(&out, msg);
    json_out_open(&out, '{');
    if (message->link.bytes > 0 && message->link.bytes <= DING_LINK_BYTES) {
        write_card(message, edition, buf_view(&words), &out);
    } else {
        write_plain(message, edition, buf_view(&words), &out);
    }
    json_out_close(&out, '}');
    const enum err err = buf_error(&words);
    buf_release(&words);
    return err ? err : buf_error(msg);
}

enum err ding_message_write(
    const struct channel_message *message, enum ding_edition edition, struct buf *msg)
{
    size_t fits = 0; /* bytes of text; `over` do not fit */
    size_t over =
        message->text.bytes < DING_MESSAGE_BYTES ? message->text.bytes : DING_MESSAGE_BYTES;
    enum err err = write_once(message, edition, message->text.bytes, msg);
    if (!err && msg->bytes <= DING_MESSAGE_BYTES) {
        return ERR_OK;
    }
    while (over - fits > 1) {
        const size_t middle = fits + (over - fits) / 2;
        err = write_once(message, edition, middle, msg);
        if (!err && msg->bytes <= DING_MESSAGE_BYTES) {
            fits = middle;
        } else {
            over = middle;
        }
    }
    err = write_once(message, edition, fits, msg);
    return err || msg->bytes <= DING_MESSAGE_BYTES ? err : ERR_FULL;
}

enum err ding_receivers(const struct channel_message *message, struct buf *list)
{
    for (size_t index = 0; index < message->receiver_count; index++) {
        const struct text user = message->receivers[index].user;
        if (user.bytes > 0) {
            buf_string(list, list->bytes > 0 ? "," : "");
            buf_text(list, user);
        }
    }
    return list->bytes > 0 ? buf_error(list) : ERR_NOT_FOUND;
}
