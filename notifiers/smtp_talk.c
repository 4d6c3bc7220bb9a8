/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One command at a time, so that every reply has one meaning. A reply other than the one that
 * leads on ends the talk.
 */
#include "notifiers/smtp_talk.h"

#include <string.h>

#define OUT_BYTES_MAX ((size_t)4 * 1024 * 1024)

/* What is said at each step, and the reply that leads on: its first and last code. */
static const struct {
    int32_t first;
    int32_t last;
} leads_on[] = {
    [SMTP_MAIL] = {250, 250},
    [SMTP_RCPT] = {250, 252},
    [SMTP_DATA] = {354, 354},
    [SMTP_TEXT] = {250, 299},
};

/* A line that begins with a dot gets another one; a dot alone ends it all. */
static void write_text(struct text text, struct buf *out)
{
    bool at_start = true;
    for (size_t index = 0; index < text.bytes; index++) {
        if (at_start && text.ptr[index] == '.') {
            buf_char(out, '.');
        }
        buf_char(out, text.ptr[index]);
        at_start = text.ptr[index] == '\n';
    }
    buf_string(out, at_start ? ".\r\n" : "\r\n.\r\n");
}

static void say(struct smtp_talk *talk, enum smtp_step step)
{
    talk->step = step;
    buf_clear(&talk->out);
    talk->out_given = 0;
    switch (step) {
    case SMTP_MAIL:
        buf_format(&talk->out, "MAIL FROM:<%.*s>\r\n", TEXT_ARGS(talk->from));
        break;
    case SMTP_RCPT:
        buf_format(&talk->out, "RCPT TO:<%.*s>\r\n", TEXT_ARGS(talk->to));
        break;
    case SMTP_DATA:
        buf_string(&talk->out, "DATA\r\n");
        break;
    case SMTP_TEXT:
        write_text(talk->text, &talk->out);
        break;
    case SMTP_OVER:
        break;
    }
}

void smtp_talk_init(struct smtp_talk *talk, struct text from, struct text to, struct text text)
{
    *talk = (struct smtp_talk){.from = from, .to = to, .text = text};
    buf_init(&talk->out, OUT_BYTES_MAX);
    buf_init(&talk->reply, SMTP_REPLY_BYTES_MAX);
    say(talk, SMTP_MAIL);
}

void smtp_talk_release(struct smtp_talk *talk)
{
    buf_release(&talk->out);
    buf_release(&talk->reply);
}

struct text smtp_talk_wants(const struct smtp_talk *talk)
{
    if (talk->step == SMTP_OVER || talk->out_given >= talk->out.bytes) {
        return (struct text){0};
    }
    return (struct text){talk->out.ptr + talk->out_given, talk->out.bytes - talk->out_given};
}

void smtp_talk_sent(struct smtp_talk *talk, size_t bytes)
{
    talk->out_given += bytes;
    talk->has_left =
        talk->has_left || (talk->step == SMTP_TEXT && talk->out_given >= talk->out.bytes);
}

/* The code of a line, 0 when it does not begin with one. */
static int32_t code_of(struct text line)
{
    int64_t code = 0;
    const struct text digits = {line.ptr, line.bytes < 3 ? line.bytes : 3};
    const bool ends = line.bytes == 3 || (line.bytes > 3 && strchr(" -", line.ptr[3]));
    const bool read = ends && text_parse_i64(digits, &code) == ERR_OK;
    return read && code >= 200 && code <= 599 ? (int32_t)code : 0;
}

static void over(struct smtp_talk *talk, int32_t status)
{
    talk->status = status;
    talk->step = SMTP_OVER;
}

static void take_reply(struct smtp_talk *talk)
{
    const struct text line = buf_view(&talk->reply);
    const int32_t code = code_of(line);
    if (code > 0 && line.bytes > 3 && line.ptr[3] == '-') {
        return; /* more lines follow */
    }
    /* What is no reply, or one that fits nowhere, is neither a yes nor a no. */
    const bool early = smtp_talk_wants(talk).bytes > 0;
    const bool good = code >= leads_on[talk->step].first && code <= leads_on[talk->step].last;
    if (code == 0 || (code < 400 && (early || !good))) {
        over(talk, 0);
    } else if (!good || early || talk->step == SMTP_TEXT) {
        over(talk, code);
    } else {
        say(talk, talk->step + 1);
    }
}

void smtp_talk_heard(struct smtp_talk *talk, struct text bytes)
{
    for (size_t index = 0; index < bytes.bytes && talk->step != SMTP_OVER; index++) {
        const char c = bytes.ptr[index];
        if (talk->reply_whole) {
            buf_clear(&talk->reply);
            talk->reply_whole = false;
        }
        if (c == '\n') {
            talk->reply_whole = true;
            take_reply(talk);
        } else if (c != '\r') {
            buf_char(&talk->reply, c);
        }
        if (talk->reply.error) {
            over(talk, 0);
        }
    }
}
