/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of what a gateway answers: values where they stand, three-valued logic, mistakes with
 * their place.
 */
#include <string.h>

#include "config/gateway_call.h"
#include "tests/support/check.h"

static const struct channel_settings plain = {.type = {"http-sms", 8}};

static const char *const words[] = {"false", "true", "unknown"};

static void is(const char *body, const char *test, enum gateway_truth expected)
{
    struct gateway_call call;
    struct err_why why = {0};
    check_note("%s: %s", test, body);
    CHECK_EQ(gateway_test_check(text_of(test), &why), ERR_OK);
    gateway_call_open(&plain, 200, TEXT_LITERAL("a=1&b=x%20y"), text_of(body), &call);
    check_note("%s: %s", test, body);
    CHECK_STR(words[gateway_test(text_of(test), &call.said)], words[expected]);
    gateway_call_close(&call);
}

static void is_refused(const char *test, const char *reason)
{
    struct err_why why = {0};
    check_note("%s", test);
    CHECK_EQ(gateway_test_check(text_of(test), &why), ERR_PARSE);
    check_note("%s: %s", test, why.text);
    CHECK(strstr(why.text, reason));
}

static void gives(const char *body, const char *value, const char *expected)
{
    struct gateway_call call;
    struct buf buf;
    buf_init(&buf, 4096);
    check_note("%s: %s", value, body);
    CHECK_EQ(gateway_value_check(text_of(value), NULL), ERR_OK);
    gateway_call_open(&plain, 200, TEXT_LITERAL("a=1&b=x%20y&c="), text_of(body), &call);
    const bool found = gateway_value(text_of(value), &call.said, &buf);
    check_note("%s: %s", value, body);
    CHECK_EQ(found, expected != NULL);
    if (found && expected) {
        CHECK_STR(buf.ptr ? buf.ptr : "", expected);
    }
    gateway_call_close(&call);
    buf_release(&buf);
}

static void values_stand_in_json(void)
{
    const char *body = "{\"code\":0,\"data\":{\"list\":[{\"id\":\"x\"},{\"id\":17}]},\"ok\":true,"
                       "\"none\":null,\"编号\":\"7\"}";
    gives(body, "json.code", "0");
    gives(body, "json.data.list[1].id", "17");
    gives(body, "json.data.list[0].id", "x");
    gives(body, "json.data.list[2].id", NULL);
    gives(body, "json.ok", "true");
    gives(body, "json.none", NULL);
    gives(body, "json.data", NULL);
    gives(body, "json.编号", "7");
    gives("[[\"a\"]]", "json[0][0]", "a");
    gives("\"word\"", "json", "word");
    gives("no json", "json.code", NULL);
}

static void values_stand_in_xml(void)
{
    const char *body =
        "<?xml version=\"1.0\"?><!-- <state>wrong</state> --><r:returnsms a='>'>"
        "<list><state> Success </state></list><empty/><raw><![CDATA[a<b&amp;]]></raw>"
        "<esc>a&amp;b&lt;c</esc><states>2</states></r:returnsms>";
    gives(body, "xml.state", "Success");
    gives(body, "xml.list.state", "Success");
    gives(body, "xml.returnsms.list.state", "Success");
    gives(body, "xml.empty", "");
    gives(body, "xml.raw", "a<b&amp;");
    gives(body, "xml.esc", "a&b<c");
    gives(body, "xml.states", "2");
    gives(body, "xml.stat", NULL);
    gives("<state>never ends", "xml.state", NULL);
    gives("<", "xml.state", NULL);
    gives("", "xml.state", NULL);
}

static void values_stand_in_plain_text_query_and_form(void)
{
    gives("20260102110405,0\n1234567890100\r\n", "field.2", "0");
    gives("20260102110405,0\n1234567890100\r\n", "field.3", "1234567890100");
    gives("20260102110405,0\n1234567890100\r\n", "field.4", NULL);
    gives("0|ok", "field.1", "0");
    gives("x", "query.a", "1");
    gives("x", "query.b", "x y");
    gives("x", "query.c", "");
    gives("x", "query.d", NULL);
    gives("id=7&state=DELIVRD", "form.state", "DELIVRD");
    gives("id=%zz", "form.id", NULL);
    gives(" 0: Accepted \n", "body", "0: Accepted");
    gives("", "status", "200");
}

static void tests_compare_texts_and_numbers(void)
{
    is("{\"code\":0}", "json.code = 0", GATEWAY_TRUE);
    is("{\"code\":\"0\"}", "json.code == '0'", GATEWAY_TRUE);
    is("{\"code\":\"00\"}", "json.code = 0", GATEWAY_FALSE);
    is("{\"code\":\"ok\"}", "json.code != \"ok\"", GATEWAY_FALSE);
    is("{\"code\":12}", "json.code > 9", GATEWAY_TRUE);
    is("{\"code\":-3}", "json.code >= 0", GATEWAY_FALSE);
    is("{\"code\":\"x\"}", "json.code < 0", GATEWAY_UNKNOWN);
    is("{\"code\":5}", "json.code in (1, '5')", GATEWAY_TRUE);
    is("{\"msg\":\"余额不足\"}", "json.msg contains '余额'", GATEWAY_TRUE);
    is("OK:123", "body starts 'OK:'", GATEWAY_TRUE);
    is("OK:123", "body starts OK and status = 200", GATEWAY_TRUE);
}

static void a_value_that_is_not_there_is_neither_true_nor_false(void)
{
    is("{}", "json.code = 0", GATEWAY_UNKNOWN);
    is("{}", "not json.code = 0", GATEWAY_UNKNOWN);
    is("{}", "json.code", GATEWAY_FALSE);
    is("{\"code\":\"\"}", "json.code", GATEWAY_FALSE);
    is("{\"code\":1}", "json.code", GATEWAY_TRUE);
    is("{}", "json.code = 0 and status = 500", GATEWAY_FALSE);
    is("{}", "json.code = 0 and status = 200", GATEWAY_UNKNOWN);
    is("{}", "json.code = 0 or status = 200", GATEWAY_TRUE);
    is("{}", "json.code in (0)", GATEWAY_UNKNOWN);
    is("{\"a\":1,\"b\":2}", "json.a = 2 or json.a = 1 and json.b = 2", GATEWAY_TRUE);
    is("{\"a\":1,\"b\":2}", "(json.a = 2 or json.a = 1) and not json.b = 2", GATEWAY_FALSE);
}

static void mistakes_are_told_with_their_place(void)
{
    is_refused("", "at character 1: expected a value");
    is_refused("status is 200", "at character 8: expected and, or, or the end");
    is_refused("status = ", "expected what to compare with");
    is_refused("json.code = 'x", "a quote without its end");
    is_refused("(status = 1", "expected and, or, or )");
    is_refused("status in 1", "expected ( after in");
    is_refused("status in (1", "expected , or ) in the list");
    is_refused("$.code = 0", "at character 1: expected a value");
    is_refused("json..code = 0", "expected a value");
    is_refused("json[x] = 0", "expected a value");
    is_refused("header.x = 0", "expected a value");
    is_refused("not not not not not not not not not status", "too many parentheses");
}

static void receipts_come_one_by_one(void)
{
    static const struct channel_option options[] = {
        {.name = {"receipt.each", 12}, .value = {"json.list", 9}},
        {.name = {"receipt.status", 14}, .value = {"json.s", 6}},
        {.name = {"receipt.reply_from", 18}, .value = {"json.from", 9}},
        {.name = {"receipt.reply_text", 18}, .value = {"json.text", 9}},
    };
    const struct channel_settings settings = {.options = options, .option_count = 4};
    struct gateway_call call;
    struct gateway_said said;
    struct buf from;
    struct buf text;
    buf_init(&from, 64);
    buf_init(&text, 64);
    const struct text body =
        TEXT_LITERAL("{\"list\":[{\"s\":\"a\"},{\"from\":\"13800000001\",\"text\":\"1\"}]}");
    gateway_call_open(&settings, 0, (struct text){0}, body, &call);
    CHECK(gateway_call_next(&call, &said));
    CHECK(gateway_call_value(&settings, "receipt.status", &said, &from));
    CHECK_STR(from.ptr, "a");
    CHECK(!gateway_call_reply(&settings, &said, &from, &text));
    buf_clear(&from);
    CHECK(gateway_call_next(&call, &said));
    CHECK(gateway_call_reply(&settings, &said, &from, &text));
    CHECK_STR(from.ptr, "13800000001");
    CHECK_STR(text.ptr, "1");
    CHECK(!gateway_call_next(&call, &said));
    gateway_call_close(&call);
    buf_release(&from);
    buf_release(&text);
}

static void answers_of_phones_are_found_where_the_settings_say(void)
{
    static const struct channel_option options[] = {
        {.name = {"receipt.reply_from", 18}, .value = {"form.mobile", 11}},
        {.name = {"receipt.reply_text", 18}, .value = {"form.content", 12}},
        {.name = {"charset", 7}, .value = {"gbk", 3}},
    };
    const struct channel_settings settings = {.options = options, .option_count = 3};
    const struct text described[] = {
        {0}, TEXT_LITERAL("mobile=13800000001&content=2+%B2%BB%B9%E9%CE%D2")};
    const struct text elsewhere[] = {{0}, TEXT_LITERAL("from=13800000001&text=2")};
    const struct text usual[] = {TEXT_LITERAL("from=13800000001&text=1"), {0}};
    struct sms_replies replies;
    struct arena arena;
    struct err_why why = {0};
    arena_init(&arena, 0);
    CHECK_EQ(gateway_replies(&settings, described, &arena, &replies, &why), ERR_OK);
    if (CHECK_EQ(replies.count, 1)) {
        CHECK(text_is(replies.items[0].from, "13800000001"));
        CHECK(text_is(replies.items[0].words, "2 不归我"));
    }
    CHECK_EQ(gateway_replies(&settings, elsewhere, &arena, &replies, &why), ERR_PARSE);
    CHECK_EQ(gateway_replies(&plain, usual, &arena, &replies, &why), ERR_OK);
    CHECK_EQ(gateway_replies(NULL, usual, &arena, &replies, &why), ERR_OK);
    CHECK(replies.count == 1 && text_is(replies.items[0].words, "1"));
    arena_release(&arena);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(values_stand_in_json);
    CHECK_RUN(values_stand_in_xml);
    CHECK_RUN(values_stand_in_plain_text_query_and_form);
    CHECK_RUN(tests_compare_texts_and_numbers);
    CHECK_RUN(a_value_that_is_not_there_is_neither_true_nor_false);
    CHECK_RUN(mistakes_are_told_with_their_place);
    CHECK_RUN(receipts_come_one_by_one);
    CHECK_RUN(answers_of_phones_are_found_where_the_settings_say);
    return check_done();
}
