/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where values stand in what a gateway says. XML is looked at by its tags alone: no entities of
 * one's own, no namespaces, nothing is ever fetched.
 */
#include <string.h>

#include "base/charset.h"
#include "base/crypto.h"
#include "config/gateway_parts.h"

#define XML_DEPTH_MAX 8

/* ---- json.PATH ---- */

static size_t step_bytes(struct text path)
{
    size_t bytes = 0;
    while (bytes < path.bytes && path.ptr[bytes] != '.' && path.ptr[bytes] != '[') {
        bytes++;
    }
    return bytes;
}

static struct text skip(struct text text, size_t bytes)
{
    return (struct text){text.ptr + bytes, text.bytes - bytes};
}

static const struct json_value *member_of(const struct json_value *object, struct text key)
{
    const struct json_value *member = json_type(object) == JSON_OBJECT ? json_first(object) : NULL;
    while (member && !text_equal(json_key(member), key)) {
        member = json_next(member);
    }
    return member;
}

static const struct json_value *item_of(const struct json_value *list, int64_t index)
{
    const struct json_value *item = json_type(list) == JSON_ARRAY ? json_first(list) : NULL;
    for (; item && index > 0; index--) {
        item = json_next(item);
    }
    return item;
}

/* path: ".a.b[0]", or nothing: the whole. */
static const struct json_value *follow(const struct json_value *value, struct text path)
{
    while (value && path.bytes > 0) {
        if (path.ptr[0] == '[') {
            const char *close = memchr(path.ptr, ']', path.bytes);
            const size_t bytes = close ? (size_t)(close - path.ptr) : path.bytes;
            int64_t index = -1;
            (void)!text_parse_i64((struct text){path.ptr + 1, bytes - 1}, &index);
            value = index >= 0 ? item_of(value, index) : NULL;
            path = skip(path, close ? bytes + 1 : bytes);
        } else {
            path = skip(path, 1); /* the dot */
            const size_t bytes = step_bytes(path);
            value = member_of(value, (struct text){path.ptr, bytes});
            path = skip(path, bytes);
        }
    }
    return value;
}

const struct json_value *gateway_json(struct text value, const struct gateway_said *said)
{
    const struct text json = TEXT_LITERAL("json");
    return text_starts_with(value, json) ? follow(said->json, skip(value, json.bytes)) : NULL;
}

static bool add_json(struct text value, const struct gateway_said *said, struct buf *buf)
{
    const struct json_value *found = gateway_json(value, said);
    struct json_out out;
    switch (json_type(found)) {
    case JSON_STRING:
        buf_text(buf, json_string(found));
        return true;
    case JSON_NUMBER:
    case JSON_BOOL:
        json_out_init(&out, buf);
        json_out_value(&out, found);
        return true;
    case JSON_NULL:
    case JSON_ARRAY:
    case JSON_OBJECT:
    case JSON_TYPE_COUNT:
        break;
    }
    return false;
}

/* ---- xml.NAME.NAME ---- */

static const char *find(struct text text, const char *what)
{
    return text.bytes > 0 ? memmem(text.ptr, text.bytes, what, strlen(what)) : NULL;
}

static bool ends_name(char c)
{
    return c == '>' || c == '/' || c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The prefix of a namespace does not matter. */
static bool is_tag(struct text tag, struct text name)
{
    size_t bytes = 0;
    while (bytes < tag.bytes && !ends_name(tag.ptr[bytes])) {
        bytes++;
    }
    const char *colon = bytes > 0 ? memchr(tag.ptr, ':', bytes) : NULL;
    const size_t from = colon ? (size_t)(colon - tag.ptr) + 1 : 0;
    return text_equal((struct text){tag.ptr + from, bytes - from}, name);
}

/* Up to the end tag of the same name; one inside another of the same name is not looked for. */
static bool inner_of(struct text after, struct text name, struct text *ret_inner)
{
    struct text rest = after;
    for (const char *end = find(rest, "</"); end; end = find(rest, "</")) {
        const size_t before = (size_t)(end - rest.ptr);
        if (is_tag(skip(rest, before + 2), name)) {
            *ret_inner = (struct text){after.ptr, (size_t)(end - after.ptr)};
            return true;
        }
        rest = skip(rest, before + 2);
    }
    return false;
}

static size_t bytes_past(struct text rest, const char *what)
{
    const char *end = find(rest, what);
    return end ? (size_t)(end - rest.ptr) + strlen(what) : rest.bytes;
}

/* The first element of that name anywhere in the text. */
static bool find_element(struct text xml, struct text name, struct text *ret_inner)
{
    struct text rest = xml;
    for (const char *open = find(rest, "<"); open; open = find(rest, "<")) {
        rest = skip(rest, (size_t)(open - rest.ptr) + 1);
        if (text_starts_with(rest, TEXT_LITERAL("!--"))) {
            rest = skip(rest, bytes_past(rest, "-->"));
            continue;
        }
        if (text_starts_with(rest, TEXT_LITERAL("![CDATA["))) {
            rest = skip(rest, bytes_past(rest, "]]>"));
            continue;
        }
        const size_t tag_bytes = bytes_past(rest, ">");
        if (!is_tag(rest, name)) {
            continue;
        }
        const bool empty = tag_bytes >= 2 && rest.ptr[tag_bytes - 2] == '/';
        const struct text after = skip(rest, tag_bytes);
        if (empty) {
            *ret_inner = (struct text){after.ptr, 0};
            return true;
        }
        return inner_of(after, name, ret_inner);
    }
    return false;
}

static size_t add_entity(struct buf *buf, struct text rest)
{
    static const struct {
        const char *entity;
        char means;
    } entities[] = {
        {"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''},
    };
    for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++) {
        if (text_starts_with(rest, text_of(entities[i].entity))) {
            buf_char(buf, entities[i].means);
            return strlen(entities[i].entity);
        }
    }
    buf_char(buf, rest.ptr[0]);
    return 1;
}

static struct text trimmed(struct text text)
{
    while (text.bytes > 0 && strchr(" \t\r\n", text.ptr[text.bytes - 1])) {
        text.bytes--;
    }
    while (text.bytes > 0 && strchr(" \t\r\n", text.ptr[0])) {
        text = skip(text, 1);
    }
    return text;
}

static void add_xml_text(struct text inner, struct buf *buf)
{
    const struct text open = TEXT_LITERAL("<![CDATA[");
    struct text rest = trimmed(inner);
    if (text_starts_with(rest, open)) {
        const char *close = find(rest, "]]>");
        rest = skip(rest, open.bytes);
        buf_text(buf, (struct text){rest.ptr, close ? (size_t)(close - rest.ptr) : rest.bytes});
        return;
    }
    while (rest.bytes > 0) {
        rest = skip(rest, add_entity(buf, rest));
    }
}

static bool add_xml(struct text path, struct text xml, struct buf *buf)
{
    struct text inner = xml;
    for (size_t depth = 0; path.bytes > 0 && depth < XML_DEPTH_MAX; depth++) {
        const char *dot = memchr(path.ptr, '.', path.bytes);
        const size_t bytes = dot ? (size_t)(dot - path.ptr) : path.bytes;
        if (!find_element(inner, (struct text){path.ptr, bytes}, &inner)) {
            return false;
        }
        path = skip(path, dot ? bytes + 1 : bytes);
    }
    add_xml_text(inner, buf);
    return true;
}

/* ---- field.1, query.NAME, form.NAME ---- */

static bool is_separator(char c)
{
    return c == ',' || c == '|' || c == ';' || c == '\t' || c == '\n';
}

static bool add_field(struct text number, struct text body, struct buf *buf)
{
    int64_t wanted = 0;
    if (text_parse_i64(number, &wanted) != ERR_OK || wanted < 1) {
        return false;
    }
    struct text rest = trimmed(body);
    for (;;) {
        size_t bytes = 0;
        while (bytes < rest.bytes && !is_separator(rest.ptr[bytes])) {
            bytes++;
        }
        if (--wanted == 0) {
            buf_text(buf, trimmed((struct text){rest.ptr, bytes}));
            return true;
        }
        if (bytes == rest.bytes) {
            return false;
        }
        rest = skip(rest, bytes + 1);
    }
}

/* Percent-encoded bytes in the gateway's charset. */
static bool add_decoded(struct text encoded, bool gbk, struct buf *buf)
{
    struct buf bytes;
    buf_init(&bytes, GATEWAY_VALUE_BYTES);
    const bool decoded = crypto_url_decode(&bytes, encoded, true) == ERR_OK;
    if (decoded && gbk && !utf8_valid(buf_view(&bytes))) {
        charset_from_gbk(buf, buf_view(&bytes));
    } else if (decoded) {
        buf_text(buf, buf_view(&bytes));
    }
    buf_release(&bytes);
    return decoded;
}

static bool add_pair(struct text name, struct text pairs, bool gbk, struct buf *buf)
{
    while (pairs.bytes > 0) {
        const char *end = memchr(pairs.ptr, '&', pairs.bytes);
        const size_t bytes = end ? (size_t)(end - pairs.ptr) : pairs.bytes;
        const char *equals = bytes > 0 ? memchr(pairs.ptr, '=', bytes) : NULL;
        const size_t key = equals ? (size_t)(equals - pairs.ptr) : bytes;
        if (text_equal((struct text){pairs.ptr, key}, name)) {
            const size_t from = equals ? key + 1 : key;
            return add_decoded((struct text){pairs.ptr + from, bytes - from}, gbk, buf);
        }
        pairs = skip(pairs, end ? bytes + 1 : bytes);
    }
    return false;
}

/* ---- by the first word ---- */

bool gateway_value(struct text value, const struct gateway_said *said, struct buf *buf)
{
    const char *dot = value.bytes > 0 ? memchr(value.ptr, '.', value.bytes) : NULL;
    const struct text rest = dot ? skip(value, (size_t)(dot - value.ptr) + 1) : (struct text){0};
    if (text_is(value, "status")) {
        buf_format(buf, "%d", (int)said->status);
        return said->status > 0;
    }
    if (text_is(value, "body")) {
        buf_text(buf, trimmed(said->body));
        return true;
    }
    if (text_starts_with(value, TEXT_LITERAL("json"))) {
        return add_json(value, said, buf);
    }
    if (text_starts_with(value, TEXT_LITERAL("xml."))) {
        return add_xml(rest, said->body, buf);
    }
    if (text_starts_with(value, TEXT_LITERAL("field."))) {
        return add_field(rest, said->body, buf);
    }
    const bool in_query = text_starts_with(value, TEXT_LITERAL("query."));
    return add_pair(rest, in_query ? said->query : said->body, said->gbk, buf);
}
