/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replies to text messages: pushes of gateways, the meaning of words, numbers as digits.
 */
#include <stdio.h>
#include <string.h>

#include "config/sms_reply.h"
#include "tests/support/check.h"

static struct arena arena;

static enum err decode(const char *query, const char *body, struct sms_replies *ret_replies)
{
    struct err_why why = {0};
    const enum err err = sms_reply_decode(text_of(query), text_of(body), &arena, ret_replies, &why);
    CHECK(!err || why.text[0]);
    return err;
}

static void a_kannel_push_is_read_from_the_query(void)
{
    struct sms_replies replies;
    CHECK_EQ(
        decode("from=%2B8613800000001&to=1069000&text=2+%E4%B8%8D%E5%BD%92", "", &replies), ERR_OK);
    CHECK_EQ(replies.count, 1);
    CHECK(text_is(replies.items[0].from, "+8613800000001"));
    CHECK(text_is(replies.items[0].words, "2 不归"));
    CHECK_EQ(decode("to=1&text=1", "", &replies), ERR_PARSE);
    CHECK_EQ(decode("", "from=1380&text=1", &replies), ERR_OK);
}

static void a_yunmas_push_is_read_from_json(void)
{
    struct sms_replies replies;
    CHECK_EQ(
        decode(
            "",
            "{\"mobile\":\"13800000001\",\"smsContent\":\"已阅\",\"sendTime\":\"2026-03-02\","
            "\"addSerial\":\"01\"}",
            &replies),
        ERR_OK);
    CHECK_EQ(replies.count, 1);
    CHECK(text_is(replies.items[0].from, "13800000001"));
    CHECK(text_is(replies.items[0].words, "已阅"));
    CHECK_EQ(
        decode("", "[{\"mobile\":\"1\",\"smsContent\":\"1\"},{\"mobile\":\"2\"}]", &replies),
        ERR_OK);
    CHECK_EQ(replies.count, 2);
    CHECK_EQ(decode("", "{\"smsContent\":\"1\"}", &replies), ERR_PARSE);
    CHECK_EQ(decode("", "{\"mobile\":", &replies), ERR_PARSE);
    CHECK_EQ(decode("", "[1]", &replies), ERR_PARSE);
    CHECK_EQ(decode("", "", &replies), ERR_PARSE);
}

static void too_many_at_once_are_refused(void)
{
    struct sms_replies replies;
    struct buf body;
    buf_init(&body, 10000);
    buf_char(&body, '[');
    for (int i = 0; i <= SMS_REPLIES_MAX; i++) {
        buf_format(&body, "%s{\"mobile\":\"1\"}", i ? "," : "");
    }
    buf_char(&body, ']');
    CHECK_EQ(decode("", body.ptr, &replies), ERR_FULL);
    buf_release(&body);
}

static void words_mean_what_people_meant(void)
{
    static const struct {
        const char *words;
        enum sms_word word;
        const char *reason;
    } rows[] = {
        {"1", SMS_WORD_ACKNOWLEDGE, ""},
        {" 1。 ", SMS_WORD_ACKNOWLEDGE, ""},
        {"１", SMS_WORD_ACKNOWLEDGE, ""},
        {"y", SMS_WORD_ACKNOWLEDGE, ""},
        {"已阅！", SMS_WORD_ACKNOWLEDGE, ""},
        {"2 不归我局管", SMS_WORD_OBJECT, "不归我局管"},
        {"2不归我局管", SMS_WORD_OBJECT, "不归我局管"},
        {"２，不归我局管", SMS_WORD_OBJECT, "不归我局管"},
        {"2+不归我局管", SMS_WORD_OBJECT, "不归我局管"},
        {"2: not ours", SMS_WORD_OBJECT, "not ours"},
        {"2", SMS_WORD_OTHER, ""},
        {"2。", SMS_WORD_OTHER, ""},
        {"2月3日已办", SMS_WORD_OTHER, ""},
        {"2.5天内办", SMS_WORD_OTHER, ""},
        {"2:30到", SMS_WORD_OTHER, ""},
        {"20号前办完", SMS_WORD_OTHER, ""},
        {"2天内", SMS_WORD_OTHER, ""},
        {"1月办", SMS_WORD_OTHER, ""},
        {"11", SMS_WORD_OTHER, ""},
        {"yes please", SMS_WORD_OTHER, ""},
        {"已阅，马上办", SMS_WORD_OTHER, ""},
        {"TD", SMS_WORD_OTHER, ""},
        {"", SMS_WORD_OTHER, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct text reason = {0};
        check_note("\"%s\"", rows[i].words);
        CHECK_EQ(sms_reply_word(text_of(rows[i].words), &reason), rows[i].word);
        CHECK(text_is(reason, rows[i].reason));
    }
}

static void numbers_are_compared_as_digits(void)
{
    static const char *const same[] = {"13800000001",     "+8613800000001", "8613800000001",
                                       "008613800000001", "138-0000-0001",  "+86 138 00000001"};
    char digits[SMS_NUMBER_DIGITS + 1];
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        sms_number_digits(text_of(same[i]), digits);
        CHECK_STR(digits, "13800000001");
    }
    sms_number_digits(TEXT_LITERAL("abc"), digits);
    CHECK_STR(digits, "");
    sms_number_digits(TEXT_LITERAL("861380000"), digits);
    CHECK_STR(digits, "861380000");
    sms_number_digits(TEXT_LITERAL("123456789012345678901"), digits);
    CHECK_STR(digits, "");
}

int main(void)
{
    arena_init(&arena, 1000000);
    CHECK_RUN(a_kannel_push_is_read_from_the_query);
    CHECK_RUN(a_yunmas_push_is_read_from_json);
    CHECK_RUN(too_many_at_once_are_refused);
    CHECK_RUN(words_mean_what_people_meant);
    CHECK_RUN(numbers_are_compared_as_digits);
    arena_release(&arena);
    return check_done();
}
