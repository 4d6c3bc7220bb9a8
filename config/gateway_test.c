/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of values: one descent over the text that both checks and judges. While checking there is
 * no answer, and every value is missing.
 */
#include <stdlib.h>
#include <string.h>

#include "config/gateway_parts.h"

#define DEPTH_MAX     8
#define ITEMS_MAX     32
#define NUMBER_DIGITS 18

struct test {
    struct text whole;
    struct text rest;
    const struct gateway_said *said; /* NULL: only checking */
    struct err_why *why;
    size_t depth;
    bool failed;
};

static enum gateway_truth fail(struct test *test, const char *what)
{
    if (!test->failed) {
        const struct text before = {test->whole.ptr, test->whole.bytes - test->rest.bytes};
        test->failed = true;
        (void)err_set(
            test->why, ERR_PARSE, "at character %zu: %s", utf8_utf16_units(before) + 1, what);
    }
    test->rest.bytes = 0;
    return GATEWAY_UNKNOWN;
}

/* ---- words ---- */

static void skip_space(struct test *test)
{
    while (test->rest.bytes > 0 && test->rest.ptr[0] == ' ') {
        test->rest.ptr++;
        test->rest.bytes--;
    }
}

static struct text take(struct test *test, size_t bytes)
{
    const struct text taken = {test->rest.ptr, bytes};
    test->rest.ptr += bytes;
    test->rest.bytes -= bytes;
    return taken;
}

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || c == '[' || c == ']' || (unsigned char)c >= 0x80;
}

static struct text peek_word(struct test *test)
{
    size_t bytes = 0;
    skip_space(test);
    while (bytes < test->rest.bytes && is_word_byte(test->rest.ptr[bytes])) {
        bytes++;
    }
    return (struct text){test->rest.ptr, bytes};
}

static bool take_word(struct test *test, const char *word)
{
    const struct text found = peek_word(test);
    if (!text_is(found, word)) {
        return false;
    }
    (void)take(test, found.bytes);
    return true;
}

static bool take_mark(struct test *test, const char *mark)
{
    skip_space(test);
    if (!text_starts_with(test->rest, text_of(mark))) {
        return false;
    }
    (void)take(test, strlen(mark));
    return true;
}

/* ---- values and literals ---- */

static bool is_index(struct text inside)
{
    int64_t index = 0;
    return text_parse_i64(inside, &index) == ERR_OK && index >= 0 && index < 1000;
}

/* Bytes of ".a" or "[0]" at the start, 0 for anything else. */
static size_t step_bytes(struct text path)
{
    size_t bytes = 1;
    if (path.ptr[0] == '[') {
        const char *close = memchr(path.ptr, ']', path.bytes);
        const size_t end = close ? (size_t)(close - path.ptr) : 0;
        return close && is_index((struct text){path.ptr + 1, end - 1}) ? end + 1 : 0;
    }
    while (bytes < path.bytes && !strchr(".[]", path.ptr[bytes])) {
        bytes++;
    }
    return path.ptr[0] == '.' && bytes > 1 ? bytes : 0;
}

/* ".a.b[0]": no empty step, whole brackets. */
static bool is_path(struct text path)
{
    while (path.bytes > 0) {
        const size_t bytes = step_bytes(path);
        if (bytes == 0) {
            return false;
        }
        path.ptr += bytes;
        path.bytes -= bytes;
    }
    return true;
}

static bool is_value(struct text word)
{
    static const struct text heads[] = {{"xml", 3}, {"query", 5}, {"form", 4}, {"field", 5}};
    const struct text json = TEXT_LITERAL("json");
    if (text_is(word, "status") || text_is(word, "body")) {
        return true;
    }
    if (text_starts_with(word, json)) {
        return is_path((struct text){word.ptr + json.bytes, word.bytes - json.bytes});
    }
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        const struct text rest = {word.ptr + heads[i].bytes, word.bytes - heads[i].bytes};
        if (text_starts_with(word, heads[i]) && rest.bytes > 1) {
            return is_path(rest) && !memchr(rest.ptr, '[', rest.bytes);
        }
    }
    return false;
}

static const char no_value[] =
    "expected a value: status, body, json.PATH, xml.NAME, field.N, query.NAME or form.NAME";

/* 'words', "words", or a word without spaces such as 0 or Success. */
static bool take_literal(struct test *test, struct text *ret_literal)
{
    skip_space(test);
    char quote = '\0';
    if (test->rest.bytes > 0) {
        quote = test->rest.ptr[0];
    }
    if (quote != '\'' && quote != '"') {
        const struct text word = peek_word(test);
        *ret_literal = take(test, word.bytes);
        if (word.bytes == 0) {
            (void)fail(test, "expected what to compare with, such as 0 or 'OK'");
        }
        return word.bytes > 0;
    }
    const char *close = memchr(test->rest.ptr + 1, quote, test->rest.bytes - 1);
    if (!close) {
        (void)fail(test, "a quote without its end");
        return false;
    }
    (void)take(test, 1);
    *ret_literal = take(test, (size_t)(close - test->rest.ptr));
    (void)take(test, 1);
    return true;
}

/* ---- comparing ---- */

/* Whole and decimal numbers of a sensible length; leading zeros do not matter. */
static bool number_of(struct text text, double *ret_number)
{
    char digits[NUMBER_DIGITS + 1];
    char *end = NULL;
    if (text.bytes == 0 || text.bytes > NUMBER_DIGITS) {
        return false;
    }
    for (size_t i = 0; i < text.bytes; i++) {
        const char c = text.ptr[i];
        if (!((c >= '0' && c <= '9') || c == '.' || (c == '-' && i == 0))) {
            return false;
        }
    }
    memcpy(digits, text.ptr, text.bytes);
    digits[text.bytes] = '\0';
    *ret_number = strtod(digits, &end);
    return end == digits + text.bytes;
}

enum relation { IS, IS_NOT, AT_LEAST, AT_MOST, ABOVE, BELOW, CONTAINS, STARTS, RELATION_COUNT };

static enum gateway_truth truth_of(bool value)
{
    return value ? GATEWAY_TRUE : GATEWAY_FALSE;
}

static enum gateway_truth compare(enum relation how, struct text value, struct text with)
{
    double left = 0;
    double right = 0;
    const bool numbers = number_of(value, &left) && number_of(with, &right);
    switch (how) {
    case IS:
        return truth_of(text_equal(value, with));
    case IS_NOT:
        return truth_of(!text_equal(value, with));
    case CONTAINS:
        return truth_of(
            with.bytes > 0 && value.bytes > 0 &&
            memmem(value.ptr, value.bytes, with.ptr, with.bytes) != NULL);
    case STARTS:
        return truth_of(text_starts_with(value, with));
    case AT_LEAST:
        return numbers ? truth_of(left >= right) : GATEWAY_UNKNOWN;
    case AT_MOST:
        return numbers ? truth_of(left <= right) : GATEWAY_UNKNOWN;
    case ABOVE:
        return numbers ? truth_of(left > right) : GATEWAY_UNKNOWN;
    case BELOW:
        return numbers ? truth_of(left < right) : GATEWAY_UNKNOWN;
    case RELATION_COUNT:
        break;
    }
    return GATEWAY_UNKNOWN;
}

/* Longer marks first: ">=" begins with ">". */
static bool take_relation(struct test *test, enum relation *ret_relation)
{
    static const struct {
        const char *mark;
        enum relation how;
    } marks[] = {{"==", IS}, {"!=", IS_NOT}, {">=", AT_LEAST}, {"<=", AT_MOST},
                 {"=", IS},  {">", ABOVE},   {"<", BELOW}};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (take_mark(test, marks[i].mark)) {
            *ret_relation = marks[i].how;
            return true;
        }
    }
    if (take_word(test, "contains")) {
        *ret_relation = CONTAINS;
        return true;
    }
    *ret_relation = STARTS;
    return take_word(test, "starts");
}

/* "in" has been read: ("0", "1") */
static enum gateway_truth judge_list(struct test *test, struct text value, bool found)
{
    bool inside = false;
    size_t count = 0;
    if (!take_mark(test, "(")) {
        return fail(test, "expected ( after in");
    }
    do {
        struct text literal;
        if (++count > ITEMS_MAX) {
            return fail(test, "too many words in the list");
        }
        if (!take_literal(test, &literal)) {
            return GATEWAY_UNKNOWN;
        }
        inside = inside || text_equal(value, literal);
    } while (take_mark(test, ","));
    if (!take_mark(test, ")")) {
        return fail(test, "expected , or ) in the list");
    }
    return found ? truth_of(inside) : GATEWAY_UNKNOWN;
}

static enum gateway_truth judge_found(struct test *test, struct text value, bool found)
{
    enum relation how = IS;
    struct text literal;
    if (take_word(test, "in")) {
        return judge_list(test, value, found);
    }
    if (!take_relation(test, &how)) {
        return truth_of(found && value.bytes > 0);
    }
    if (!take_literal(test, &literal)) {
        return GATEWAY_UNKNOWN;
    }
    return found ? compare(how, value, literal) : GATEWAY_UNKNOWN;
}

static enum gateway_truth judge_value(struct test *test)
{
    const struct text word = peek_word(test);
    if (!is_value(word)) {
        return fail(test, no_value);
    }
    (void)take(test, word.bytes);
    struct buf value;
    buf_init(&value, GATEWAY_VALUE_BYTES);
    const bool found = test->said && gateway_value(word, test->said, &value);
    const enum gateway_truth truth = judge_found(test, buf_view(&value), found);
    buf_release(&value);
    return truth;
}

/* ---- and, or, not ---- */

static enum gateway_truth judge_or(struct test *test);

/* NOLINTNEXTLINE(misc-no-recursion): as deep as DEPTH_MAX */
static enum gateway_truth judge_one(struct test *test)
{
    if (test->depth == DEPTH_MAX) {
        return fail(test, "too many parentheses and nots");
    }
    test->depth++;
    enum gateway_truth truth;
    if (take_word(test, "not")) {
        truth = judge_one(test);
        truth = truth == GATEWAY_UNKNOWN ? truth : truth_of(truth == GATEWAY_FALSE);
    } else if (take_mark(test, "(")) {
        truth = judge_or(test);
        if (!take_mark(test, ")")) {
            truth = fail(test, "expected and, or, or )");
        }
    } else {
        truth = judge_value(test);
    }
    test->depth--;
    return truth;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as DEPTH_MAX */
static enum gateway_truth judge_and(struct test *test)
{
    enum gateway_truth all = judge_one(test);
    while (take_word(test, "and")) {
        const enum gateway_truth one = judge_one(test);
        if (all == GATEWAY_FALSE || one == GATEWAY_FALSE) {
            all = GATEWAY_FALSE;
        } else if (one == GATEWAY_UNKNOWN) {
            all = GATEWAY_UNKNOWN;
        }
    }
    return all;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as DEPTH_MAX */
static enum gateway_truth judge_or(struct test *test)
{
    enum gateway_truth any = judge_and(test);
    while (take_word(test, "or")) {
        const enum gateway_truth one = judge_and(test);
        if (any == GATEWAY_TRUE || one == GATEWAY_TRUE) {
            any = GATEWAY_TRUE;
        } else if (one == GATEWAY_UNKNOWN) {
            any = GATEWAY_UNKNOWN;
        }
    }
    return any;
}

static enum gateway_truth judge(struct test *test)
{
    const enum gateway_truth truth = judge_or(test);
    skip_space(test);
    if (!test->failed && test->rest.bytes > 0) {
        return fail(test, "expected and, or, or the end");
    }
    return truth;
}

enum err gateway_test_check(struct text test, struct err_why *why)
{
    struct test checking = {.whole = test, .rest = test, .why = why};
    if (test.bytes > GATEWAY_TEST_BYTES_MAX) {
        return err_set(why, ERR_PARSE, "longer than %zu bytes", GATEWAY_TEST_BYTES_MAX);
    }
    (void)judge(&checking);
    return checking.failed ? ERR_PARSE : ERR_OK;
}

enum err gateway_value_check(struct text value, struct err_why *why)
{
    return is_value(value) ? ERR_OK : err_set(why, ERR_PARSE, "%s", no_value);
}

enum gateway_truth gateway_test(struct text test, const struct gateway_said *said)
{
    struct test judging = {.whole = test, .rest = test, .said = said};
    return judge(&judging);
}
