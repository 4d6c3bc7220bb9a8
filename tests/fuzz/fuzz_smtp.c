/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mail: the bytes as what a server says (a talk ends with a code of one that came, or with none;
 * a yes only for a mail that was handed over whole), and as title, name and text of a mail (which
 * comes out as short lines of ASCII that hold nothing of them as it was).
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "notifiers/email_message.h"
#include "notifiers/smtp_talk.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count);

/* Replies come in portions; all that is wanted is sent before each. */
static void talk_over(struct text said, size_t portion)
{
    struct smtp_talk talk;
    smtp_talk_init(
        &talk, TEXT_LITERAL("a@c.cn"), TEXT_LITERAL("b@d.cn"), TEXT_LITERAL("x\r\n.\r\n"));
    for (size_t from = 0; from < said.bytes && talk.step != SMTP_OVER; from += portion) {
        const size_t left = said.bytes - from;
        smtp_talk_sent(&talk, smtp_talk_wants(&talk).bytes);
        smtp_talk_heard(&talk, (struct text){said.ptr + from, left < portion ? left : portion});
    }
    MUST(talk.status == 0 || talk.step == SMTP_OVER);
    MUST(talk.status == 0 || (talk.status >= 200 && talk.status <= 599));
    MUST(talk.status >= 400 || talk.status == 0 || talk.has_left);
    MUST(talk.step != SMTP_OVER || smtp_talk_wants(&talk).bytes == 0);
    smtp_talk_release(&talk);
}

static void check_mail(struct text words)
{
    struct buf mail;
    const struct email_message message = {
        .from_name = words,
        .from = TEXT_LITERAL("a@c.cn"),
        .to = TEXT_LITERAL("b@d.cn"),
        .subject = words,
        .text = words,
        .id = TEXT_LITERAL("k3"),
        .at = {.ms = INT64_C(1795249800000)},
    };
    buf_init(&mail, (size_t)1024 * 1024);
    email_write(&message, &mail);
    MUST(!mail.error);
    size_t line_bytes = 0;
    for (size_t index = 0; index < mail.bytes; index++) {
        const unsigned char c = (unsigned char)mail.ptr[index];
        MUST(c == '\r' || c == '\n' || (c >= 0x20 && c < 0x7f));
        MUST(c != '\n' || (index > 0 && mail.ptr[index - 1] == '\r'));
        line_bytes = c == '\n' ? 0 : line_bytes + 1;
        MUST(line_bytes <= 79);
    }
    MUST(strstr(mail.ptr, "\r\n\r\n") > strstr(mail.ptr, "Content-Transfer-Encoding: base64"));
    buf_release(&mail);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count)
{
    struct text name;
    struct text address;
    char *const copy = malloc(byte_count ? byte_count : 1);
    MUST(copy);
    if (byte_count > 0) {
        memcpy(copy, bytes, byte_count);
    }
    const struct text all = {copy, byte_count};
    talk_over(all, 1);
    talk_over(all, 7);
    talk_over(all, byte_count + 1);
    check_mail(all);
    if (email_mailbox(all, &name, &address) == ERR_OK) {
        MUST(email_address_is_valid(address) && email_host(address).bytes > 0);
        MUST(!memchr(address.ptr, '\r', address.bytes) && !memchr(address.ptr, '>', address.bytes));
    }
    free(copy);
    return 0;
}
