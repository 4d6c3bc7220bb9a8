/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mails as bytes, addresses, what is said to a mail server and what its replies lead to.
 */
#include <string.h>

#include "base/crypto.h"
#include "notifiers/channel.h"
#include "notifiers/email_message.h"
#include "notifiers/smtp_talk.h"
#include "tests/support/check.h"

#define TEXT(s)                                                                                    \
    {                                                                                              \
        .ptr = (s), .bytes = sizeof(s) - 1                                                         \
    }

/* ---- addresses ---- */

static void addresses_are_told_from_what_only_looks_like_one(void)
{
    static const char *const good[] = {
        "li@unit.test", "a.b+c@x.y-z.cn", "root@localhost", "o'neil@city.gov.cn", "1@2.cn"};
    static const char *const bad[] = {
        "",          "li",         "li@",       "@unit.test",    "a@b@c",        "a b@c.cn",
        ".a@c.cn",   "a.@c.cn",    "a..b@c.cn", "a@.cn",         "a@c..cn",      "a@-c.cn",
        "a@c-.cn",   "a@c.cn\r\n", "<a@c.cn>",  "a@c.cn,b@d.cn", "甲@unit.test", "a@c.cn> SIZE=1",
        "\"a\"@c.cn"};
    for (size_t index = 0; index < sizeof(good) / sizeof(good[0]); index++) {
        check_note("%s", good[index]);
        CHECK(email_address_is_valid(text_of(good[index])));
    }
    for (size_t index = 0; index < sizeof(bad) / sizeof(bad[0]); index++) {
        check_note("%s", bad[index]);
        CHECK(!email_address_is_valid(text_of(bad[index])));
    }
}

static void a_mailbox_may_have_a_name(void)
{
    struct text name = {0};
    struct text address = {0};
    CHECK_EQ(email_mailbox(TEXT_LITERAL("督办 <a@c.cn>"), &name, &address), ERR_OK);
    CHECK(text_is(name, "督办") && text_is(address, "a@c.cn"));
    CHECK_EQ(email_mailbox(TEXT_LITERAL(" a@c.cn "), &name, &address), ERR_OK);
    CHECK(name.bytes == 0 && text_is(address, "a@c.cn"));
    CHECK_EQ(email_mailbox(TEXT_LITERAL("督办 <a@c.cn"), &name, &address), ERR_PARSE);
    CHECK_EQ(email_mailbox(TEXT_LITERAL("<>"), &name, &address), ERR_PARSE);
}

/* ---- the mail ---- */

static struct email_message sample(void)
{
    return (struct email_message){
        .from_name = TEXT("督办"),
        .from = TEXT("noreply@city.test"),
        .to = TEXT("li@unit.test"),
        .subject = TEXT("超期提醒"),
        .text = TEXT("请今日办结。\n"),
        .id = TEXT("k3v5x7b2"),
        .at = {.ms = INT64_C(1795249800123)},
    };
}

static void a_mail_is_exactly_this(void)
{
    struct buf mail;
    const struct email_message message = sample();
    buf_init(&mail, 4096);
    email_write(&message, &mail);
    CHECK_STR(
        mail.ptr, "Date: Sat, 21 Nov 2026 08:30:00 +0000\r\n"
                  "From: =?UTF-8?B?552j5Yqe?=\r\n <noreply@city.test>\r\n"
                  "To: <li@unit.test>\r\n"
                  "Subject: =?UTF-8?B?6LaF5pyf5o+Q6YaS?=\r\n"
                  "Message-ID: <k3v5x7b2@city.test>\r\n"
                  "Auto-Submitted: auto-generated\r\n"
                  "MIME-Version: 1.0\r\n"
                  "Content-Type: text/plain; charset=utf-8\r\n"
                  "Content-Transfer-Encoding: base64\r\n\r\n"
                  "6K+35LuK5pel5Yqe57uT44CCDQoNCg==\r\n");
    buf_release(&mail);
}

static void a_long_subject_is_cut_between_characters(void)
{
    struct buf mail;
    struct email_message message = sample();
    static const char words[] =
        "关于市政府常务会议纪要第十七次会议议定事项办理情况的请示（二〇二六年第三号）超期提醒";
    message.subject = (struct text)TEXT(words);
    buf_init(&mail, 4096);
    email_write(&message, &mail);
    const char *line = strstr(mail.ptr, "Subject: ");
    struct buf joined;
    buf_init(&joined, 4096);
    for (size_t turns = 0; CHECK(line) && turns < 20; turns++) {
        const char *end = strstr(line, "\r\n");
        CHECK_GE(76, end - line);
        const char *word = strstr(line, "=?UTF-8?B?") + 10;
        const struct text coded = {word, (size_t)(strstr(word, "?=") - word)};
        const size_t before = joined.bytes;
        CHECK_EQ(crypto_base64_decode(coded, &joined), ERR_OK);
        CHECK(utf8_valid((struct text){joined.ptr + before, joined.bytes - before}));
        line = end + 2;
        if (*line != ' ') {
            break;
        }
    }
    CHECK_STR(joined.ptr, words);
    buf_release(&joined);
    buf_release(&mail);
}

static void nothing_from_outside_becomes_a_header(void)
{
    struct buf mail;
    struct email_message message = sample();
    message.subject = (struct text)TEXT("a\r\nBcc: x@y.cn\r\n\r\nb\xff");
    message.from_name = (struct text)TEXT("n\r\nX: y");
    message.text = (struct text)TEXT(".\r\n.\r\nBcc: x\r\r\n");
    buf_init(&mail, 4096);
    email_write(&message, &mail);
    CHECK(!strstr(mail.ptr, "Bcc") && !strstr(mail.ptr, "X: y"));
    for (const char *at = mail.ptr; *at; at++) {
        CHECK(*at != '\n' || at[-1] == '\r');
        CHECK(*at != '\r' || at[1] == '\n');
        CHECK((unsigned char)*at < 0x80);
    }
    buf_release(&mail);
}

/* ---- the request ---- */

static void what_cannot_be_mailed_is_told_before(void)
{
    struct channel_option options[] = {{.name = TEXT("from"), .value = TEXT("a@c.cn")}};
    struct channel_settings settings = {
        .name = TEXT("mail"), .url = TEXT("smtp://h"), .options = options, .option_count = 1};
    struct channel_receiver to = {.user = TEXT("li@unit.test")};
    struct channel_call call = {
        .settings = &settings,
        .message = {.id = TEXT("k3"), .text = TEXT("x"), .receivers = &to, .receiver_count = 1}};
    struct http_request request;
    struct err_why why = {0};
    const struct {
        struct text *field;
        const char *value;
        const char *says;
    } table[] = {
        {&settings.url, "", "has no url"},
        {&options[0].value, "nobody", "has no from"},
        {&to.user, "li@unit.test>\r\nRCPT TO:<all@c.cn", "e-mail address"},
        {&to.user, "", "e-mail address"},
        {&call.message.id, "a b", "message id"},
    };
    for (size_t index = 0; index < sizeof(table) / sizeof(table[0]); index++) {
        const struct text kept = *table[index].field;
        *table[index].field = text_of(table[index].value);
        http_request_init(&request, channel_email.method);
        CHECK_EQ(channel_email.encode(&call, &request, &why), ERR_USAGE);
        CHECK(strstr(why.text, table[index].says));
        http_request_release(&request);
        *table[index].field = kept;
    }
    http_request_init(&request, channel_email.method);
    CHECK_EQ(channel_email.encode(&call, &request, &why), ERR_OK);
    CHECK_STR(request.url.ptr, "smtp://h/c.cn");
    CHECK_STR(request.shown.ptr, "MAIL smtp://h/c.cn");
    CHECK_STR(request.mail_to.ptr, "li@unit.test");
    http_request_release(&request);
}

static void replies_name_nobody(void)
{
    const struct http_answer answer = {
        .result = HTTP_ANSWERED,
        .status = 550,
        .body = TEXT("550 5.1.1 <li@unit.test>: unknown in table"),
        .retry_after_ms = -1,
        .reason = ""};
    struct outcome outcome;
    channel_email.classify(&answer, &outcome);
    CHECK_STR(outcome.reason, "SMTP 550 5.1.1 the address is not taken");
}

/* ---- the talk ---- */

static void say_and_hear(struct smtp_talk *talk, const char *expected, const char *reply)
{
    const struct text wants = smtp_talk_wants(talk);
    CHECK(text_is(wants, expected));
    smtp_talk_sent(talk, wants.bytes);
    CHECK_EQ(smtp_talk_wants(talk).bytes, 0);
    smtp_talk_heard(talk, text_of(reply));
}

static void begin(struct smtp_talk *talk)
{
    smtp_talk_init(
        talk, TEXT_LITERAL("a@c.cn"), TEXT_LITERAL("b@d.cn"), TEXT_LITERAL("x\r\n.\r\n..y\r\n"));
}

static void a_mail_is_handed_over_step_by_step(void)
{
    struct smtp_talk talk;
    begin(&talk);
    say_and_hear(&talk, "MAIL FROM:<a@c.cn>\r\n", "250 ok\r\n");
    say_and_hear(&talk, "RCPT TO:<b@d.cn>\r\n", "250-one\r\n250-two\r\n250 ok\r\n");
    say_and_hear(&talk, "DATA\r\n", "354 go\r\n");
    CHECK(!talk.has_left);
    say_and_hear(&talk, "x\r\n..\r\n...y\r\n.\r\n", "");
    CHECK(talk.has_left);
    smtp_talk_heard(&talk, TEXT_LITERAL("25"));
    CHECK_EQ(talk.step, SMTP_TEXT);
    smtp_talk_heard(&talk, TEXT_LITERAL("0 taken\r\n"));
    CHECK_EQ(talk.step, SMTP_OVER);
    CHECK_EQ(talk.status, 250);
    CHECK(text_is(buf_view(&talk.reply), "250 taken"));
    smtp_talk_release(&talk);
}

static void replies_that_fit_nowhere_say_nothing(void)
{
    static const struct {
        const char *reply;
        int32_t status;
    } table[] = {
        {"550 no\r\n", 550},  {"421 busy\r\n", 421}, {"354 go\r\n", 0},
        {"220 hello\r\n", 0}, {"99 x\r\n", 0},       {"hello\r\n", 0},
        {"\r\n", 0},          {"2500 x\r\n", 0},     {"250\r\n", -1},
    };
    for (size_t index = 0; index < sizeof(table) / sizeof(table[0]); index++) {
        struct smtp_talk talk;
        check_note("%s", table[index].reply);
        begin(&talk);
        say_and_hear(&talk, "MAIL FROM:<a@c.cn>\r\n", table[index].reply);
        CHECK_EQ(talk.step, table[index].status < 0 ? SMTP_RCPT : SMTP_OVER);
        CHECK_EQ(talk.status, table[index].status < 0 ? 0 : table[index].status);
        smtp_talk_release(&talk);
    }
}

static void a_yes_before_all_was_said_is_none(void)
{
    struct smtp_talk talk;
    begin(&talk);
    smtp_talk_heard(&talk, TEXT_LITERAL("250 ok\r\n250 ok\r\n354 go\r\n250 taken\r\n"));
    CHECK_EQ(talk.step, SMTP_OVER);
    CHECK_EQ(talk.status, 0);
    smtp_talk_release(&talk);
}

static void a_line_without_end_ends_it(void)
{
    struct smtp_talk talk;
    begin(&talk);
    smtp_talk_sent(&talk, smtp_talk_wants(&talk).bytes);
    for (int turn = 0; turn < 2000; turn++) {
        smtp_talk_heard(&talk, TEXT_LITERAL("x"));
    }
    CHECK_EQ(talk.step, SMTP_OVER);
    CHECK_EQ(talk.status, 0);
    smtp_talk_release(&talk);
}

int main(void)
{
    CHECK_RUN(addresses_are_told_from_what_only_looks_like_one);
    CHECK_RUN(a_mailbox_may_have_a_name);
    CHECK_RUN(a_mail_is_exactly_this);
    CHECK_RUN(a_long_subject_is_cut_between_characters);
    CHECK_RUN(nothing_from_outside_becomes_a_header);
    CHECK_RUN(what_cannot_be_mailed_is_told_before);
    CHECK_RUN(replies_name_nobody);
    CHECK_RUN(a_mail_is_handed_over_step_by_step);
    CHECK_RUN(replies_that_fit_nowhere_say_nothing);
    CHECK_RUN(a_yes_before_all_was_said_is_none);
    CHECK_RUN(a_line_without_end_ends_it);
    return check_done();
}
