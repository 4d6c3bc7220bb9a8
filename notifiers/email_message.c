/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Headers are written word by word here, so that a title or a name from outside never reaches a
 * header as it came; the text goes as base64, which has no lines that could mean anything.
 */
#include "notifiers/email_message.h"

#include <inttypes.h>
#include <string.h>

#include "base/crypto.h"
#include "rules/calendar.h"

#define ADDRESS_BYTES_MAX 254
#define LOCAL_BYTES_MAX   64
#define LABEL_BYTES_MAX   63
#define WORD_BYTES        39 /* of UTF-8 in an encoded word: 64 bytes, 73 behind "Subject: " */
#define LINE_BYTES        57 /* of the text in a line: 76 of base64 */
#define SUBJECT_BYTES_MAX 600
#define TEXT_BYTES_MAX    ((size_t)256 * 1024)
#define DAY_MS            INT64_C(86400000)

/* ---- addresses ---- */

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool local_is_valid(struct text local)
{
    if (local.bytes == 0 || local.bytes > LOCAL_BYTES_MAX || local.ptr[0] == '.' ||
        local.ptr[local.bytes - 1] == '.') {
        return false;
    }
    for (size_t index = 0; index < local.bytes; index++) {
        const char c = local.ptr[index];
        const bool twice = c == '.' && local.ptr[index - 1] == '.';
        if (twice || !(is_alnum(c) || c == '.' || (c && strchr("!#$%&'*+-/=?^_`{|}~", c)))) {
            return false;
        }
    }
    return true;
}

static bool label_is_valid(struct text label)
{
    for (size_t index = 0; index < label.bytes; index++) {
        if (!is_alnum(label.ptr[index]) && label.ptr[index] != '-') {
            return false;
        }
    }
    return label.bytes > 0 && label.bytes <= LABEL_BYTES_MAX && label.ptr[0] != '-' &&
           label.ptr[label.bytes - 1] != '-';
}

static bool host_is_valid(struct text host)
{
    for (;;) { /* ends with the labels */
        const char *dot = host.bytes > 0 ? memchr(host.ptr, '.', host.bytes) : NULL;
        const size_t bytes = dot ? (size_t)(dot - host.ptr) : host.bytes;
        if (!dot || !label_is_valid((struct text){host.ptr, bytes})) {
            return !dot && label_is_valid(host);
        }
        host = (struct text){dot + 1, host.bytes - bytes - 1};
    }
}

struct text email_host(struct text address)
{
    const char *at = address.bytes > 0 ? memchr(address.ptr, '@', address.bytes) : NULL;
    if (!at) {
        return (struct text){0};
    }
    const size_t local_bytes = (size_t)(at - address.ptr);
    return (struct text){at + 1, address.bytes - local_bytes - 1};
}

bool email_address_is_valid(struct text address)
{
    const struct text host = email_host(address);
    if (host.bytes == 0 || address.bytes > ADDRESS_BYTES_MAX) {
        return false;
    }
    const struct text local = {address.ptr, address.bytes - host.bytes - 1};
    return local_is_valid(local) && host_is_valid(host);
}

static struct text trimmed(struct text text)
{
    while (text.bytes > 0 && text.ptr[text.bytes - 1] == ' ') {
        text.bytes--;
    }
    while (text.bytes > 0 && text.ptr[0] == ' ') {
        text.ptr++;
        text.bytes--;
    }
    return text;
}

enum err email_mailbox(struct text text, struct text *ret_name, struct text *ret_address)
{
    struct text name = {0};
    struct text address = trimmed(text);
    const char *open = address.bytes > 0 ? memchr(address.ptr, '<', address.bytes) : NULL;
    if (open && address.ptr[address.bytes - 1] == '>') {
        const size_t before = (size_t)(open - address.ptr);
        name = trimmed((struct text){address.ptr, before});
        address = (struct text){open + 1, address.bytes - before - 2};
    }
    if (!email_address_is_valid(address)) {
        return ERR_PARSE;
    }
    *ret_name = name;
    *ret_address = address;
    return ERR_OK;
}

/* ---- headers ---- */

/* A date of UTC: "Sat, 21 Nov 2026 08:30:00 +0000". */
static void write_date(struct wall_ms at, struct buf *buf)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const struct civil_day day = {.number = (int32_t)(at.ms / DAY_MS)};
    const struct civil_date date = civil_date_of(day);
    const int32_t second = (int32_t)(at.ms % DAY_MS / 1000);
    buf_format(
        buf,
        "Date: %s, %02" PRId32 " %s %" PRId32 " %02" PRId32 ":%02" PRId32 ":%02" PRId32
        " +0000\r\n",
        days[civil_weekday(day) - 1], date.day, months[date.month - 1], date.year, second / 3600,
        second / 60 % 60, second % 60);
}

/* Words of one line: control characters become blanks, broken bytes '?'. */
static void one_line(struct text words, struct buf *buf)
{
    for (size_t index = 0; index < words.bytes;) {
        const size_t step = utf8_char_bytes(words.ptr + index, words.bytes - index);
        const unsigned char first = (unsigned char)words.ptr[index];
        if (first < 0x20 || first == 0x7f) {
            buf_char(buf, ' ');
        } else if (step == 0) {
            buf_char(buf, '?');
        } else {
            buf_add(buf, words.ptr + index, step);
        }
        index += step > 0 ? step : 1;
    }
}

/* As encoded words, one a line: also plain ones, so that nothing in them has a meaning. */
static void write_words(struct text words, struct buf *buf)
{
    struct buf line;
    buf_init(&line, SUBJECT_BYTES_MAX);
    one_line(utf8_cut(words, SUBJECT_BYTES_MAX), &line);
    struct text rest = buf_view(&line);
    while (rest.bytes > 0) {
        const struct text part = utf8_cut(rest, WORD_BYTES);
        buf_string(buf, "=?UTF-8?B?");
        crypto_base64(buf, (const uint8_t *)part.ptr, part.bytes);
        buf_string(buf, "?=");
        rest = (struct text){rest.ptr + part.bytes, rest.bytes - part.bytes};
        buf_string(buf, rest.bytes > 0 ? "\r\n " : "");
    }
    buf_release(&line);
}

static void write_from(const struct email_message *message, struct buf *buf)
{
    buf_string(buf, "From: ");
    if (message->from_name.bytes > 0) {
        write_words(message->from_name, buf);
        buf_string(buf, "\r\n ");
    }
    buf_format(buf, "<%.*s>\r\n", TEXT_ARGS(message->from));
}

static void write_headers(const struct email_message *message, struct buf *buf)
{
    write_date(message->at, buf);
    write_from(message, buf);
    buf_format(buf, "To: <%.*s>\r\n", TEXT_ARGS(message->to));
    if (message->reply_to.bytes > 0) {
        buf_format(buf, "Reply-To: <%.*s>\r\n", TEXT_ARGS(message->reply_to));
    }
    buf_string(buf, "Subject: ");
    write_words(message->subject, buf);
    const struct text host = email_host(message->from);
    buf_format(buf, "\r\nMessage-ID: <%.*s@%.*s>\r\n", TEXT_ARGS(message->id), TEXT_ARGS(host));
    buf_string(buf, "Auto-Submitted: auto-generated\r\n"); /* nobody's out-of-office answers */
    buf_string(buf, "MIME-Version: 1.0\r\n");
    buf_string(buf, "Content-Type: text/plain; charset=utf-8\r\n");
    buf_string(buf, "Content-Transfer-Encoding: base64\r\n\r\n");
}

/* ---- the text ---- */

/* Every line break as CRLF, as text in a mail has to have. */
static void with_crlf(struct text text, struct buf *buf)
{
    for (size_t index = 0; index < text.bytes; index++) {
        const char c = text.ptr[index];
        if (c == '\n') {
            buf_string(buf, "\r\n");
        } else if (c != '\r') {
            buf_char(buf, c);
        }
    }
    buf_string(buf, "\r\n");
}

static void write_text(struct text text, struct buf *buf)
{
    struct buf lines;
    buf_init(&lines, TEXT_BYTES_MAX);
    with_crlf(text, &lines);
    if (lines.error) {
        buf->error = lines.error;
    }
    for (size_t from = 0; from < lines.bytes; from += LINE_BYTES) {
        const size_t left = lines.bytes - from;
        crypto_base64(
            buf, (const uint8_t *)lines.ptr + from, left < LINE_BYTES ? left : LINE_BYTES);
        buf_string(buf, "\r\n");
    }
    buf_release(&lines);
}

void email_write(const struct email_message *message, struct buf *buf)
{
    write_headers(message, buf);
    write_text(message->text, buf);
}
