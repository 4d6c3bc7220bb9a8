/* SPDX-License-Identifier: Apache-2.0 */
/*
 * E-mail by SMTP: one receiver a mail. A server takes a mail with its last reply only, so whatever
 * is lost before was not sent; a reply that never came leaves it open. Servers do not know a
 * repeated Message-ID, people's programs mostly do. Servers name people in what they say, so only
 * codes are kept of it.
 */
#include <stdio.h>
#include <string.h>

#include "notifiers/channel.h"
#include "notifiers/email_message.h"

#define EMAIL_TIMEOUT_MS   30000 /* servers look for viruses before the last reply */
#define SUBJECT_BYTES      120   /* of the text, where there is no title */
#define ENHANCED_BYTES_MAX 12

/* ---- the request ---- */

static enum err read_senders(
    const struct channel_settings *settings, struct email_message *message, struct err_why *why)
{
    const struct text reply_to = channel_option(settings, "reply_to");
    struct text name;
    if (email_mailbox(channel_option(settings, "from"), &message->from_name, &message->from)) {
        return err_set(
            why, ERR_USAGE, "channel %.*s has no from that is a mail address",
            TEXT_ARGS(settings->name));
    }
    if (reply_to.bytes > 0 && email_mailbox(reply_to, &name, &message->reply_to)) {
        return err_set(
            why, ERR_USAGE, "reply_to of channel %.*s is not a mail address",
            TEXT_ARGS(settings->name));
    }
    return ERR_OK;
}

static struct text subject_of(const struct channel_message *message)
{
    if (message->title.bytes > 0) {
        return message->title;
    }
    const char *end =
        message->text.bytes > 0 ? memchr(message->text.ptr, '\n', message->text.bytes) : NULL;
    const size_t bytes = end ? (size_t)(end - message->text.ptr) : message->text.bytes;
    return utf8_cut((struct text){message->text.ptr, bytes}, SUBJECT_BYTES);
}

static bool is_message_id(struct text id)
{
    for (size_t index = 0; index < id.bytes; index++) {
        const char c = id.ptr[index];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) {
            return false;
        }
    }
    return id.bytes > 0;
}

static enum err read_message(
    const struct channel_call *call, struct email_message *message, struct err_why *why)
{
    const struct channel_message *given = &call->message;
    const enum err err = read_senders(call->settings, message, why);
    if (err) {
        return err;
    }
    if (given->receiver_count != 1 || !email_address_is_valid(given->receivers[0].user)) {
        return err_set(why, ERR_USAGE, "the e-mail address is not one");
    }
    if (!is_message_id(given->id)) {
        return err_set(why, ERR_USAGE, "the message id does not fit into a mail");
    }
    message->to = given->receivers[0].user;
    message->subject = subject_of(given);
    message->text = given->text;
    message->id = given->id;
    message->at = call->now;
    return ERR_OK;
}

/* The path of the URL is the name by which we greet the server: the sender's host. */
static void write_url(
    const struct channel_call *call, struct text from, struct http_request *request)
{
    char path[300];
    const struct text host = email_host(from);
    (void)snprintf(path, sizeof(path), "/%.*s", TEXT_ARGS(host));
    http_request_url(request, call->settings->url, path);
}

static enum err email_encode(
    const struct channel_call *call, struct http_request *request, struct err_why *why)
{
    const struct channel_settings *settings = call->settings;
    struct email_message message = {0};
    if (settings->url.bytes == 0) {
        return err_set(
            why, ERR_USAGE, "channel %.*s has no url; set it to smtp://HOST or smtps://HOST",
            TEXT_ARGS(settings->name));
    }
    const enum err err = read_message(call, &message, why);
    if (err) {
        return err;
    }
    write_url(call, message.from, request);
    request->timeout_ms = EMAIL_TIMEOUT_MS;
    buf_text(&request->mail_from, message.from);
    buf_text(&request->mail_to, message.to);
    buf_text(&request->user, channel_option(settings, "username"));
    buf_text(&request->password, channel_option(settings, "password"));
    email_write(&message, &request->body);
    if (http_request_error(request)) {
        return err_set(why, ERR_USAGE, "the message is too long for a mail");
    }
    return ERR_OK;
}

/* ---- replies ---- */

struct smtp_code {
    int32_t first;
    int32_t last;
    enum outcome_kind kind;
    enum outcome_cause cause;
    const char *meaning;
};

/* The first line that fits counts. */
static const struct smtp_code smtp_codes[] = {
    {250, 299, OUTCOME_ACCEPTED, CAUSE_NONE, ""},
    {421, 421, OUTCOME_RETRY_LATER, CAUSE_TRANSPORT, "the server is busy"},
    {432, 432, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, "the password has to be changed"},
    {452, 452, OUTCOME_RETRY_LATER, CAUSE_TRANSPORT, "the server is full"},
    {454, 454, OUTCOME_RETRY_LATER, CAUSE_TRANSPORT, "the server cannot check passwords now"},
    {400, 499, OUTCOME_RETRY_LATER, CAUSE_NONE, "not now"},
    {530, 530, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, "name and password are wanted"},
    {534, 535, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, "name and password are not accepted"},
    {538, 538, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, "the password has to go by TLS"},
    {521, 521, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, "this is not a mail server"},
    {550, 551, OUTCOME_REJECTED, CAUSE_NONE, "the address is not taken"},
    {552, 552, OUTCOME_REJECTED, CAUSE_NONE, "the mailbox is full, or the mail too long"},
    {500, 599, OUTCOME_REJECTED, CAUSE_NONE, "refused"},
};

/* "5.1.1" of "550 5.1.1 <li@...> unknown"; nothing else of what a server says may be shown. */
static struct text enhanced_code(struct text line)
{
    struct text code = {0};
    int32_t dots = 0;
    for (size_t index = 4; index < line.bytes && code.bytes < ENHANCED_BYTES_MAX; index++) {
        const char c = line.ptr[index];
        if (!((c >= '0' && c <= '9') || c == '.')) {
            break;
        }
        dots += c == '.' ? 1 : 0;
        code = (struct text){line.ptr + 4, index - 3};
    }
    return dots == 2 ? code : (struct text){0};
}

static void email_classify(const struct http_answer *answer, struct outcome *ret_outcome)
{
    char reason[128];
    if (answer->result != HTTP_ANSWERED) { /* codes of HTTP mean other things */
        (void)outcome_of_transport(ret_outcome, answer);
        return;
    }
    const struct text enhanced = enhanced_code(answer->body);
    for (size_t index = 0; index < sizeof(smtp_codes) / sizeof(smtp_codes[0]); index++) {
        const struct smtp_code *line = &smtp_codes[index];
        if (answer->status >= line->first && answer->status <= line->last) {
            const bool good = line->kind == OUTCOME_ACCEPTED;
            (void)snprintf(
                reason, sizeof(reason), "SMTP %d%s%.*s %s", (int)answer->status,
                enhanced.bytes > 0 ? " " : "", TEXT_ARGS(enhanced), line->meaning);
            outcome_set(ret_outcome, line->kind, line->cause, good ? "" : reason, (struct text){0});
            return;
        }
    }
    outcome_set(
        ret_outcome, OUTCOME_UNSURE, CAUSE_TRANSPORT, "a reply that means nothing here",
        (struct text){0});
}

const struct channel_type channel_email = {
    .name = "email",
    .method = "MAIL",
    .has_network = true,
    .address = ADDRESS_EMAIL,
    .form = FORM_TEXT,
    .encode = email_encode,
    .classify = email_classify,
};
