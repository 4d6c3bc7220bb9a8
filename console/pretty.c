/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A value is tried in one line first; where it is too wide its members go on lines of their own.
 * Each level is written at most once more than it is deep, and depth is bounded by the parser.
 */
#include "console/pretty.h"

#define LINE_COLUMNS ((size_t)88)

static void put_compact(const struct json_value *value, struct buf *out)
{
    struct json_out json;
    json_out_init(&json, out);
    json_out_value(&json, value);
}

static void put_key(const struct json_value *member, struct buf *out)
{
    struct json_out json;
    json_out_init(&json, out);
    json_out_string(&json, json_key(member));
    buf_string(out, ": ");
}

static void new_line(struct buf *out, size_t depth)
{
    buf_format(out, "\n%*s", (int)(depth * 2), "");
}

/* NOLINTNEXTLINE(misc-no-recursion): a document's depth is bounded when it is parsed */
static void put(const struct json_value *value, size_t depth, struct buf *out)
{
    const bool object = json_type(value) == JSON_OBJECT;
    const size_t start = out->bytes;
    put_compact(value, out);
    const struct text line = {.ptr = out->ptr + start, .bytes = out->bytes - start};
    const bool branches = (object || json_type(value) == JSON_ARRAY) && json_count(value) > 0;
    if (buf_error(out) || !branches || utf8_columns(line) + depth * 2 <= LINE_COLUMNS) {
        return;
    }
    buf_cut(out, start);
    buf_char(out, object ? '{' : '[');
    for (const struct json_value *child = json_first(value); child; child = json_next(child)) {
        new_line(out, depth + 1);
        if (object) {
            put_key(child, out);
        }
        put(child, depth + 1, out);
        if (json_next(child)) {
            buf_char(out, ',');
        }
    }
    new_line(out, depth);
    buf_char(out, object ? '}' : ']');
}

void pretty_value(const struct json_value *value, struct buf *out)
{
    put(value, 0, out);
}

enum err pretty_text(struct text json, struct buf *out)
{
    struct json_doc *doc = NULL;
    const enum err err = json_parse(json, &json_limits_config, &doc, NULL);
    if (err) {
        return err;
    }
    pretty_value(json_root(doc), out);
    buf_char(out, '\n');
    json_free(doc);
    return buf_error(out);
}
