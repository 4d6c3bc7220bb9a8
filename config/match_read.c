/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "match" of a clock: {"labels.kind": "a", "matter": ["m1*", "m2"], "any": [...], "all": [...],
 * "not": {...}}. All members must hold; a value ending in '*' is a prefix. Depth is bounded by
 * the JSON parser.
 */
#include "config/describe.h"
#include "config/rule_parts.h"

/* A condition on one path. Numbers and booleans compare as their JSON text. */
static void read_value_item(struct reader *reader, const struct json_value *value, void *target)
{
    struct text *text = target;
    const enum json_type type = json_type(value);
    if (type == JSON_STRING) {
        *text = reader_keep(reader, json_string(value));
        return;
    }
    if (type != JSON_NUMBER && type != JSON_BOOL) {
        char got[READ_GOT_BYTES];
        reader_error(
            reader, value, "expected a string, a number or true or false, got %s",
            read_got(value, got));
        return;
    }
    struct buf buf;
    struct json_out out;
    buf_init(&buf, 64);
    json_out_init(&out, &buf);
    json_out_value(&out, value);
    *text = reader_keep(reader, buf_view(&buf));
    buf_release(&buf);
}

static bool is_prefix(struct text text)
{
    return text.bytes > 0 && text.ptr[text.bytes - 1] == '*';
}

static void read_one_value(
    struct reader *reader, const struct json_value *value, struct match *match)
{
    struct text *text = arena_alloc(reader->arena, sizeof *text);
    if (!text) {
        reader_error(reader, value, "out of memory");
        return;
    }
    read_value_item(reader, value, text);
    match->values = text;
    match->value_count = 1;
    if (json_type(value) == JSON_STRING && is_prefix(*text)) {
        match->kind = MATCH_PREFIX;
        text->bytes--;
    }
}

static void read_condition(
    struct reader *reader, const struct json_value *value, struct match *match)
{
    static const struct read_items items = {
        read_value_item, sizeof(struct text), "a list of values"};
    match->kind = MATCH_EQUAL_ANY_OF;
    match->path = reader_keep(reader, json_key(value));
    if (json_type(value) != JSON_ARRAY) {
        read_one_value(reader, value, match);
        return;
    }
    match->values = read_list(reader, value, &items, &match->value_count);
    if (match->value_count == 0) {
        reader_error(reader, value, "an empty list matches nothing; leave the condition out");
    }
}

static void read_alternatives(
    struct reader *reader,
    const struct json_value *value,
    enum match_kind kind,
    struct match *match)
{
    static const struct read_items items = {
        read_match, sizeof(struct match), "a list of conditions [{...}]"};
    match->kind = kind;
    match->children = read_list(reader, value, &items, &match->child_count);
    if (json_type(value) == JSON_ARRAY && match->child_count == 0) {
        reader_error(reader, value, "at least one condition is needed");
    }
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the parser lets a document be */
static void read_negation(
    struct reader *reader, const struct json_value *value, struct match *match)
{
    struct match *child = arena_alloc(reader->arena, sizeof *child);
    if (!child) {
        reader_error(reader, value, "out of memory");
        return;
    }
    read_match(reader, value, child);
    match->kind = MATCH_NOT;
    match->children = child;
    match->child_count = 1;
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static void read_member(struct reader *reader, const struct json_value *member, struct match *match)
{
    const struct text key = json_key(member);
    if (text_is(key, "any")) {
        read_alternatives(reader, member, MATCH_ANY, match);
    } else if (text_is(key, "all")) {
        read_alternatives(reader, member, MATCH_ALL, match);
    } else if (text_is(key, "not")) {
        read_negation(reader, member, match);
    } else {
        read_condition(reader, member, match);
    }
}

/* "note" and "title" are remarks in every object of a rule set, so never paths. */
static bool is_remark(struct reader *reader, const struct json_value *member)
{
    const struct text key = json_key(member);
    if (!text_is(key, "note") && !text_is(key, "title")) {
        return false;
    }
    if (read_is(reader, member, JSON_STRING, "a string") && text_is(key, "title")) {
        reader_warning(
            reader, member, "is a remark here, as in every object of a rule set, not a condition");
    }
    return true;
}

/* NOLINTNEXTLINE(misc-no-recursion) */
void read_match(struct reader *reader, const struct json_value *value, void *target)
{
    struct match *match = target;
    if (describe_value(reader, "match")) {
        return;
    }
    if (!read_is(reader, value, JSON_OBJECT, "an object of conditions {...}")) {
        return;
    }
    struct match *children = arena_array(reader->arena, json_count(value) + 1, sizeof *children);
    if (!children) {
        reader_error(reader, value, "out of memory");
        return;
    }
    size_t count = 0;
    for (const struct json_value *member = json_first(value); member; member = json_next(member)) {
        const size_t mark = reader_enter_key(reader, json_key(member));
        if (!is_remark(reader, member)) {
            read_member(reader, member, &children[count++]);
        }
        reader_leave(reader, mark);
    }
    *match = (struct match){.kind = MATCH_ALL, .children = children, .child_count = count};
}
