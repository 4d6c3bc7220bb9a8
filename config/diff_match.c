/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The conditions of a clock as a sentence: "labels.kind is a or b, and matter begins with m1".
 */
#include "config/diff_parts.h"

static const struct diff_words word_and = {"，且 ", ", and "};
static const struct diff_words word_or = {"；或 ", "; or "};
static const struct diff_words word_value_or = {" 或 ", " or "};

static bool is_remark(const struct json_value *member)
{
    return text_is(json_key(member), "note") || text_is(json_key(member), "title");
}

static bool is_prefix(const struct json_value *value)
{
    const struct text text = json_string(value);
    return text.bytes > 0 && text.ptr[text.bytes - 1] == '*';
}

/* Strings as they are; numbers and booleans compare as their JSON text, so they are told so. */
static void write_value(
    const struct json_value *value, enum explain_language language, struct buf *buf)
{
    const struct diff_words begins = {"以 ", "what begins with "};
    const struct diff_words end = {" 开头", ""};
    struct text text = json_string(value);
    if (json_type(value) != JSON_STRING) {
        diff_write_json(value, buf);
        return;
    }
    if (!is_prefix(value)) {
        diff_write_word(text, buf);
        return;
    }
    text.bytes--;
    diff_write_words(begins, language, buf);
    diff_write_word(text, buf);
    diff_write_words(end, language, buf);
}

static void write_condition(
    const struct json_value *member, enum explain_language language, struct buf *buf)
{
    const struct diff_words is = {" 为 ", " is "};
    diff_write_word(json_key(member), buf);
    diff_write_words(is, language, buf);
    if (json_type(member) != JSON_ARRAY) {
        write_value(member, language, buf);
        return;
    }
    for (const struct json_value *value = json_first(member); value; value = json_next(value)) {
        write_value(value, language, buf);
        if (json_next(value)) {
            diff_write_words(word_value_or, language, buf);
        }
    }
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the parser lets a document be */
static void write_group(
    const struct json_value *list,
    const struct diff_words *between,
    enum explain_language language,
    struct buf *buf)
{
    buf_char(buf, '(');
    for (const struct json_value *item = json_first(list); item; item = json_next(item)) {
        diff_write_match(item, language, buf);
        if (json_next(item)) {
            diff_write_words(*between, language, buf);
        }
    }
    buf_char(buf, ')');
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static void write_member(
    const struct json_value *member, enum explain_language language, struct buf *buf)
{
    const struct diff_words not = {"非 (", "not ("};
    const struct text key = json_key(member);
    if (text_is(key, "any")) {
        write_group(member, &word_or, language, buf);
    } else if (text_is(key, "all")) {
        write_group(member, &word_and, language, buf);
    } else if (text_is(key, "not")) {
        diff_write_words(not, language, buf);
        diff_write_match(member, language, buf);
        buf_char(buf, ')');
    } else {
        write_condition(member, language, buf);
    }
}

/* NOLINTNEXTLINE(misc-no-recursion) */
void diff_write_match(
    const struct json_value *value, enum explain_language language, struct buf *buf)
{
    const struct diff_words every = {"任何事项", "every case"};
    bool first = true;
    for (const struct json_value *member = json_first(value); member; member = json_next(member)) {
        if (is_remark(member)) {
            continue;
        }
        if (!first) {
            diff_write_words(word_and, language, buf);
        }
        write_member(member, language, buf);
        first = false;
    }
    if (first) {
        diff_write_words(every, language, buf);
    }
}
