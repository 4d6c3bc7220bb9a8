/* SPDX-License-Identifier: Apache-2.0 */
/* Reading JSON: what is accepted, what is refused and in which words, where values stand. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "tests/support/check.h"

static const struct json_limits small_limits = {.bytes_max = 100, .depth_max = 3, .values_max = 6};

static struct json_doc *parse(const char *text)
{
    struct json_doc *doc = NULL;
    struct err_why why = {0};
    check_note("%s", text);
    CHECK_EQ(json_parse(text_of(text), &json_limits_event, &doc, &why), ERR_OK);
    CHECK_STR(why.text, "");
    return doc;
}

/* The why of a text that must not be accepted. */
static const char *refused(struct text text, enum err expected)
{
    static struct err_why why;
    struct json_doc *doc = NULL;
    why = (struct err_why){0};
    check_note("%.*s", TEXT_ARGS(text));
    CHECK_EQ(json_parse(text, &json_limits_event, &doc, &why), expected);
    CHECK(!doc);
    return why.text;
}

#define CHECK_REFUSED(literal, why) CHECK_STR(refused(TEXT_LITERAL(literal), ERR_PARSE), why)

static void values_are_read_as_what_they_are(void)
{
    struct json_doc *const doc = parse(" {\"n\":null,\"t\":true,\"f\":false,\"i\":-12,\"d\":2.5e-1,"
                                       "\"s\":\"一\\n\\u4e8c\\ud83d\\ude00\","
                                       "\"a\":[1,[],{}],\"\":0}\n");
    const struct json_value *const root = json_root(doc);
    int64_t number = 0;
    CHECK_EQ(json_type(root), JSON_OBJECT);
    CHECK_EQ(json_count(root), 8);
    CHECK_EQ(json_type(json_get(root, "n")), JSON_NULL);
    CHECK(json_get(root, "n"));
    CHECK(json_is_true(json_get(root, "t")));
    CHECK_EQ(json_type(json_get(root, "f")), JSON_BOOL);
    CHECK(!json_is_true(json_get(root, "f")));
    CHECK_EQ(json_i64(json_get(root, "i"), &number), ERR_OK);
    CHECK_EQ(number, -12);
    CHECK(json_number(json_get(root, "d")) == 0.25);
    CHECK(text_is(json_get_string(root, "s"), "一\n二\xf0\x9f\x98\x80"));
    CHECK_EQ(json_count(json_get(root, "a")), 3);
    CHECK(json_get(root, ""));
    json_free(doc);
}

static void children_come_in_the_order_of_the_text(void)
{
    struct json_doc *const doc = parse("{\"b\":1,\"a\":2,\"B\":3}");
    const struct json_value *value = json_first(json_root(doc));
    CHECK(text_is(json_key(value), "b"));
    value = json_next(value);
    CHECK(text_is(json_key(value), "a"));
    value = json_next(value);
    CHECK(text_is(json_key(value), "B"));
    CHECK(!json_next(value));
    CHECK(json_number(json_get(json_root(doc), "B")) == 3);
    json_free(doc);
}

static void a_value_that_is_not_there_answers_nothing(void)
{
    int64_t number = 5;
    CHECK(!json_root(NULL));
    CHECK_EQ(json_type(NULL), JSON_NULL);
    CHECK(!json_is_true(NULL));
    CHECK_EQ(json_string(NULL).bytes, 0);
    CHECK(json_number(NULL) == 0);
    CHECK_EQ(json_i64(NULL, &number), ERR_PARSE);
    CHECK_EQ(number, 5);
    CHECK(!json_first(NULL));
    CHECK(!json_next(NULL));
    CHECK_EQ(json_key(NULL).bytes, 0);
    CHECK_EQ(json_count(NULL), 0);
    CHECK(!json_get(NULL, "a"));
    CHECK_EQ(json_get_string(NULL, "a").bytes, 0);
    json_free(NULL);
    struct json_doc *const doc = parse("[1,\"x\"]");
    CHECK(!json_get(json_root(doc), "a"));
    CHECK_EQ(json_key(json_first(json_root(doc))).bytes, 0);
    CHECK_EQ(json_count(json_first(json_root(doc))), 0);
    json_free(doc);
}

static void whole_numbers_reach_to_2_to_the_53(void)
{
    struct json_doc *const doc =
        parse("[9007199254740992,-9007199254740992,9007199254740994,1.5,1e3,1.0,-0,\"1\"]");
    static const int64_t expected[] = {9007199254740992, -9007199254740992, -1, -1, 1000, 1, 0, -1};
    size_t index = 0;
    for (const struct json_value *value = json_first(json_root(doc)); value;
         value = json_next(value), index++) {
        int64_t number = -1;
        CHECK_EQ(json_i64(value, &number), expected[index] == -1 ? ERR_PARSE : ERR_OK);
        CHECK_EQ(number, expected[index]);
    }
    json_free(doc);
}

static void numbers_follow_the_grammar(void)
{
    json_free(parse("[0,-0,0.0,10,1E5,1e+5,1e-5,0e0,-1.25e2]"));
    CHECK_REFUSED("01", "1:1: a number may not begin with 0");
    CHECK_REFUSED("-01", "1:1: a number may not begin with 0");
    CHECK_REFUSED("-", "1:1: a digit must follow '-'");
    CHECK_REFUSED("1.", "1:3: a digit must follow the '.'");
    CHECK_REFUSED("[1.e5]", "1:4: a digit must follow the '.'");
    CHECK_REFUSED("1e", "1:3: a digit must follow the exponent's e");
    CHECK_REFUSED("1e+", "1:4: a digit must follow the exponent's e");
    CHECK_REFUSED("+1", "1:1: expected a value");
    CHECK_REFUSED(".5", "1:1: expected a value");
    CHECK_REFUSED("0x10", "1:2: nothing may follow the end of the document");
    CHECK_REFUSED("NaN", "1:1: expected a value");
    CHECK_REFUSED("Infinity", "1:1: expected a value");
    CHECK_STR(refused(TEXT_LITERAL("[1e999]"), ERR_RANGE), "1:2: this number is too large");
    CHECK_STR(refused(TEXT_LITERAL("[[],-1e999]"), ERR_RANGE), "1:5: this number is too large");
    CHECK_STR(
        refused(
            TEXT_LITERAL("0.1234567890123456789012345678901234567890123456789012345678901"),
            ERR_RANGE),
        "1:1: a number of more than 60 characters");
}

static void structure_errors_name_place_and_remedy(void)
{
    CHECK_REFUSED("", "1:1: the text is empty; expected a value");
    CHECK_REFUSED(" \n ", "2:2: the text ends; expected a value");
    CHECK_REFUSED("{\"a\":1\n \"b\":2}", "2:2: expected ',' or '}' after a member");
    CHECK_REFUSED("[1 2]", "1:4: expected ',' or ']' after an item");
    CHECK_REFUSED("[1}", "1:3: expected ',' or ']' after an item");
    CHECK_REFUSED("{\"一\":1,\n}", "1:7: no comma may stand before '}'");
    CHECK_REFUSED("[1,]", "1:3: no comma may stand before ']'");
    CHECK_REFUSED("[,1]", "1:2: expected a value");
    CHECK_REFUSED("{a:1}", "1:2: expected a key in double quotes");
    CHECK_REFUSED("{1:1}", "1:2: expected a key in double quotes");
    CHECK_REFUSED(
        "{'a':1}", "1:2: expected a key in double quotes; strings stand in double quotes");
    CHECK_REFUSED("{\"a\" 1}", "1:6: expected ':' after a key");
    CHECK_REFUSED("{\"a\":}", "1:6: expected a value");
    CHECK_REFUSED("{\"a\":1", "1:7: the text ends; expected ',' or '}' after a member");
    CHECK_REFUSED("{\"a\"", "1:5: the text ends; expected ':' after a key");
    CHECK_REFUSED("[", "1:2: the text ends; expected a value");
    CHECK_REFUSED("{} {}", "1:4: nothing may follow the end of the document");
    CHECK_REFUSED("1]", "1:2: nothing may follow the end of the document");
    CHECK_REFUSED(
        "[1, // one\n2]", "1:5: expected a value; JSON has no comments, use a \"note\" member");
    CHECK_REFUSED("[tru]", "1:2: expected a value (true, false and null are written so)");
    CHECK_REFUSED("[True]", "1:2: expected a value");
    CHECK_REFUSED("[truely]", "1:6: expected ',' or ']' after an item");
    CHECK_REFUSED(
        "\xef\xbb\xbf{}", "1:1: begins with a byte-order mark; save it as UTF-8 without one");
    CHECK_REFUSED("[\0]", "1:2: expected a value");
    CHECK_REFUSED("[1]\0", "1:4: nothing may follow the end of the document");
    CHECK_REFUSED("\v1", "1:1: expected a value"); /* cJSON takes it for white space */
}

static void string_errors_name_place_and_remedy(void)
{
    CHECK_REFUSED("\"abc", "1:1: this string has no end");
    CHECK_REFUSED("[\"abcdefgh\\", "1:11: the text ends within a string");
    CHECK_REFUSED("\"a\nb\"", "1:3: the line ends within a string; close it or write \\n");
    CHECK_REFUSED("\"a\tb\"", "1:3: a control character in a string; write \\u0009");
    CHECK_REFUSED("\"a\0b\"", "1:3: a control character in a string; write \\u0000");
    CHECK_REFUSED(
        "\"\\x41\"", "1:2: an escape that JSON does not know; write \\\\ for a backslash");
    CHECK_REFUSED("\"\\u12g4\"", "1:2: four hexadecimal digits must follow \\u");
    CHECK_REFUSED("\"\\u12", "1:2: four hexadecimal digits must follow \\u");
    CHECK_REFUSED("\"一\\u0000\"", "1:3: \\u0000 is not allowed in text");
    CHECK_REFUSED("\"\\ud83d\"", "1:2: half of a surrogate pair (\\ud83d) stands alone");
    CHECK_REFUSED("\"\\ude00\\ud83d\"", "1:2: half of a surrogate pair (\\ude00) stands alone");
    CHECK_REFUSED("\"\\ud83d\\u0041\"", "1:2: half of a surrogate pair (\\ud83d) stands alone");
    CHECK_REFUSED("\"\\ud83dxxxxxx\"", "1:2: half of a surrogate pair (\\ud83d) stands alone");
    CHECK_REFUSED("\"\xc3(\"", "1:2: byte 0xc3 is not UTF-8; save the text as UTF-8");
    CHECK_REFUSED("\"abcdefg\xff\"", "1:9: byte 0xff is not UTF-8; save the text as UTF-8");
    CHECK_REFUSED("\"\xed\xa0\x80\"", "1:2: byte 0xed is not UTF-8; save the text as UTF-8");
    CHECK_REFUSED("{\"\xb9\xd8\":1}", "1:3: byte 0xb9 is not UTF-8; save the text as UTF-8");
}

static void every_special_byte_is_seen_at_every_distance(void)
{
    /* Plain bytes are passed eight at a time: no place in the eight may hide anything. */
    for (size_t at = 1; at < 20; at++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            char text[22];
            memset(text, 'x', sizeof text);
            text[0] = '"';
            text[21] = '"';
            text[at] = (char)byte;
            const bool plain = byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
            struct json_doc *doc = NULL;
            const enum err err = json_parse(
                (struct text){.ptr = text, .bytes = sizeof text}, &json_limits_event, &doc, NULL);
            check_note("byte %u at %zu", byte, at);
            CHECK_EQ(err, plain ? ERR_OK : ERR_PARSE);
            json_free(doc);
        }
    }
}

static void no_key_may_stand_twice(void)
{
    json_free(parse("{\"a\":{\"a\":1},\"b\":[{\"a\":1},{\"a\":2}],\"A\":3}"));
    CHECK_REFUSED(
        "{\"a\":1,\n\"b\":2,\n\"a\":3}",
        "3:1: the key \"a\" stands twice in this object (first at 1:2)");
    CHECK_REFUSED(
        "[{\"x\":{\"\":1,\"\":2}}]",
        "1:13: the key \"\" stands twice in this object (first at 1:8)");
}

static void keys_are_compared_without_their_escapes(void)
{
    CHECK_REFUSED(
        "{\"a\":1,\"\\u0061\":2}", "1:8: the key \"a\" stands twice in this object (first at 1:2)");
    CHECK_REFUSED(
        "{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":2}",
        "1:19: the key \"\xf0\x9f\x98\x80\" stands twice in this object (first at 1:2)");
    CHECK_REFUSED(
        "{\"\\u4e00/\":1,\"一\\/\":2}",
        "1:14: the key \"一/\" stands twice in this object (first at 1:2)");
    json_free(parse("{\"a\\n\":1,\"a\\\\n\":2,\"an\":3,\"a\\u000d\":4}"));
}

/* An object of that many members; the one at twice_at repeats the first key. */
static char *large_object(size_t member_count, size_t twice_at)
{
    struct buf buf;
    buf_init(&buf, 1000000);
    for (size_t i = 0; i < member_count; i++)
        buf_format(&buf, "%c\n\"key%zu\":%zu", i ? ',' : '{', i == twice_at ? 0 : i, i);
    buf_char(&buf, '}');
    return buf_take(&buf, NULL);
}

static void large_objects_are_checked_too(void)
{
    static const size_t counts[] = {15, 16, 17, 18, 63, 64, 65, 130, 2000};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        char expected[100];
        char *const good = large_object(counts[i], counts[i]);
        json_free(parse(good));
        free(good);
        char *const bad = large_object(counts[i], counts[i] - 1);
        (void)snprintf(
            expected, sizeof expected,
            "%zu:1: the key \"key0\" stands twice in this object (first at 2:1)", counts[i] + 1);
        CHECK_STR(refused(text_of(bad), ERR_PARSE), expected);
        free(bad);
    }
}

static void limits_hold_to_the_last_one(void)
{
    struct json_doc *doc = NULL;
    struct err_why why;
    CHECK_EQ(json_parse(text_of("[[[1,2,3]]]"), &small_limits, &doc, &why), ERR_OK);
    json_free(doc);
    doc = NULL;
    CHECK_EQ(json_parse(text_of("[[[[]]]]"), &small_limits, &doc, &why), ERR_FULL);
    CHECK_STR(why.text, "1:4: nested deeper than 3 levels");
    CHECK_EQ(json_parse(text_of("[1,2,3,4,5,6]"), &small_limits, &doc, &why), ERR_FULL);
    CHECK_STR(why.text, "1:12: more than 6 values");
    char text[102];
    memset(text, ' ', sizeof text);
    text[0] = '1';
    CHECK_EQ(
        json_parse((struct text){.ptr = text, .bytes = 101}, &small_limits, &doc, &why), ERR_FULL);
    CHECK_STR(why.text, "1:1: 101 bytes; at most 100 are read");
    CHECK(!doc);
    CHECK_EQ(
        json_parse((struct text){.ptr = text, .bytes = 100}, &small_limits, &doc, &why), ERR_OK);
    json_free(doc);
}

static void deep_nesting_needs_no_stack(void)
{
    const size_t bytes = json_limits_config.bytes_max;
    char *const text = malloc(bytes);
    struct json_doc *doc = NULL;
    if (!CHECK(text))
        return;
    memset(text, '[', bytes);
    CHECK_EQ(
        json_parse((struct text){.ptr = text, .bytes = bytes}, &json_limits_config, &doc, NULL),
        ERR_FULL);
    free(text);
}

static void check_place(
    const struct json_doc *doc, const struct json_value *value, size_t line, size_t column)
{
    size_t got_line = 0;
    size_t got_column = 0;
    json_place(doc, value, &got_line, &got_column);
    CHECK_EQ(got_line, line);
    CHECK_EQ(got_column, column);
}

static void check_key_place(
    const struct json_doc *doc, const struct json_value *value, size_t line, size_t column)
{
    size_t got_line = 0;
    size_t got_column = 0;
    json_key_place(doc, value, &got_line, &got_column);
    CHECK_EQ(got_line, line);
    CHECK_EQ(got_column, column);
}

static void every_value_knows_its_place(void)
{
    struct json_doc *const doc =
        parse("\n{\"一\": 7, \"b\":\n  [true, {\"c\": null}, \"x\"],\r\n\"d\"  :  {}}");
    const struct json_value *const root = json_root(doc);
    const struct json_value *const b = json_get(root, "b");
    const struct json_value *const second = json_next(json_first(b));
    check_place(doc, root, 2, 1);
    check_place(doc, json_get(root, "一"), 2, 7);
    check_place(doc, b, 3, 3);
    check_place(doc, json_first(b), 3, 4);
    check_place(doc, second, 3, 10);
    check_place(doc, json_get(second, "c"), 3, 16);
    check_place(doc, json_next(second), 3, 23);
    check_place(doc, json_get(root, "d"), 4, 9);
    check_place(doc, NULL, 1, 1);
    check_key_place(doc, json_get(root, "一"), 2, 2);
    check_key_place(doc, b, 2, 10);
    check_key_place(doc, json_get(second, "c"), 3, 11);
    check_key_place(doc, json_get(root, "d"), 4, 1);
    check_key_place(doc, second, 3, 10);
    json_free(doc);
}

static void the_place_of_a_key_is_its_opening_quote(void)
{
    struct json_doc *const doc = parse("{\"a\\\"b\\\\\" :1,\"\\\\\\\"\":2,\"\\\\\":3,\"\":4}");
    const struct json_value *value = json_first(json_root(doc));
    check_key_place(doc, value, 1, 2);
    value = json_next(value);
    check_key_place(doc, value, 1, 14);
    value = json_next(value);
    check_key_place(doc, value, 1, 23);
    value = json_next(value);
    check_key_place(doc, value, 1, 30);
    json_free(doc);
}

int main(void)
{
    CHECK_RUN(values_are_read_as_what_they_are);
    CHECK_RUN(children_come_in_the_order_of_the_text);
    CHECK_RUN(a_value_that_is_not_there_answers_nothing);
    CHECK_RUN(whole_numbers_reach_to_2_to_the_53);
    CHECK_RUN(numbers_follow_the_grammar);
    CHECK_RUN(structure_errors_name_place_and_remedy);
    CHECK_RUN(string_errors_name_place_and_remedy);
    CHECK_RUN(every_special_byte_is_seen_at_every_distance);
    CHECK_RUN(no_key_may_stand_twice);
    CHECK_RUN(keys_are_compared_without_their_escapes);
    CHECK_RUN(large_objects_are_checked_too);
    CHECK_RUN(limits_hold_to_the_last_one);
    CHECK_RUN(deep_nesting_needs_no_stack);
    CHECK_RUN(every_value_knows_its_place);
    CHECK_RUN(the_place_of_a_key_is_its_opening_quote);
    return check_done();
}
