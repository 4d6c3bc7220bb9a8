/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON from anybody. Whatever the bytes: refused with a place and a reason, or read as a tree
 * that can be written and read again as the same tree, every value standing where it says.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count);

/* Few values and levels, so that the limits are met as well. */
static const struct json_limits tight = {.bytes_max = 4096, .depth_max = 4, .values_max = 40};

struct place {
    size_t line;
    size_t column;
};

static void check_value(
    const struct json_doc *doc, const struct json_value *value, struct place *last)
{
    struct place place = {0};
    struct place key = {0};
    int64_t number = 0;
    json_place(doc, value, &place.line, &place.column);
    MUST(place.line > last->line || (place.line == last->line && place.column > last->column));
    *last = place;
    if (json_key(value).ptr) {
        json_key_place(doc, value, &key.line, &key.column);
        MUST(key.line < place.line || (key.line == place.line && key.column < place.column));
        MUST(utf8_valid(json_key(value)));
    }
    MUST(utf8_valid(json_string(value)));
    if (json_i64(value, &number) == ERR_OK)
        MUST((double)number == json_number(value));
}

/* Two levels are enough to meet every kind of neighbour; the writer walks the rest. */
static void check_tree(const struct json_doc *doc)
{
    const struct json_value *const root = json_root(doc);
    struct place last = {0};
    size_t count = 0;
    check_value(doc, root, &last);
    for (const struct json_value *child = json_first(root); child; child = json_next(child)) {
        check_value(doc, child, &last);
        MUST(!json_key(child).ptr || json_get(root, json_key(child).ptr) == child);
        count++;
    }
    MUST(count == json_count(root));
}

static void write_tree(const struct json_doc *doc, struct buf *buf)
{
    struct json_out out;
    buf_init(buf, SIZE_MAX);
    json_out_init(&out, buf);
    json_out_value(&out, json_root(doc));
    MUST(!buf_error(buf));
}

static void check_round_trip(const struct json_doc *doc)
{
    struct buf first;
    struct buf second;
    struct json_doc *again = NULL;
    write_tree(doc, &first);
    const enum err err = json_parse(buf_view(&first), &json_limits_config, &again, NULL);
    MUST(!err);
    write_tree(again, &second);
    MUST(text_equal(buf_view(&first), buf_view(&second)));
    json_free(again);
    buf_release(&first);
    buf_release(&second);
}

static void check_why(const struct err_why *why)
{
    const size_t digits = strspn(why->text, "0123456789");
    MUST(digits > 0 && why->text[digits] == ':');
    const char *const column = why->text + digits + 1;
    MUST(strspn(column, "0123456789") > 0);
    MUST(strstr(column, ": ") && utf8_valid(text_of(why->text)));
}

static void try_limits(struct text text, const struct json_limits *limits)
{
    struct json_doc *doc = NULL;
    struct err_why why = {0};
    if (json_parse(text, limits, &doc, &why) != ERR_OK) {
        MUST(!doc);
        check_why(&why);
        return;
    }
    check_tree(doc);
    check_round_trip(doc);
    json_free(doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count)
{
    /* An exact copy on the heap: the sanitizer sees a look past the end. */
    char *const copy = malloc(byte_count ? byte_count : 1);
    MUST(copy);
    if (byte_count)
        memcpy(copy, bytes, byte_count);
    const struct text text = {.ptr = copy, .bytes = byte_count};
    try_limits(text, &tight);
    try_limits(text, &json_limits_event);
    try_limits(text, &json_limits_answer);
    free(copy);
    return 0;
}
