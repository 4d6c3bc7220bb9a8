/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two objects compared key by key. A key that is absent counts as what its absence means, and
 * null counts as absent, so that writing a default out is no change.
 */
#include <string.h>

#include "config/diff_parts.h"

#define VALUE_BYTES_MAX ((size_t)1 << 20)
#define SHOWN_BYTES_MAX ((size_t)240) /* of a value in a sentence */
#define CONTEXT_BYTES   ((size_t)24)  /* shown before the first difference of long values */
#define LANGUAGES       EXPLAIN_LANGUAGE_COUNT

const char diff_usual[] = "";

/* One side of one key: its value (NULL: absent) and the words for it. */
struct side {
    const struct json_value *value;
    struct json_doc *default_doc;
    struct buf words[LANGUAGES];
};

static const struct json_value *member(const struct json_value *object, const char *key)
{
    const struct json_value *value = json_get(object, key);
    return json_type(value) == JSON_NULL ? NULL : value;
}

static void side_init(
    struct side *side, const struct json_value *object, const struct diff_key *key)
{
    static const struct diff_words nothing = {"无", "none"};
    static const struct diff_words usual = {"默认", "default"};
    *side = (struct side){.value = member(object, key->key)};
    const struct json_value *shown = side->value;
    if (!shown && key->absent && key->absent != diff_usual &&
        json_parse(text_of(key->absent), &json_limits_event, &side->default_doc, NULL) == ERR_OK) {
        shown = json_root(side->default_doc);
    }
    for (size_t i = 0; i < LANGUAGES; i++) {
        buf_init(&side->words[i], VALUE_BYTES_MAX);
        if (shown) {
            key->write(shown, (enum explain_language)i, &side->words[i]);
        } else {
            diff_write_words(
                key->absent == diff_usual ? usual : nothing, (enum explain_language)i,
                &side->words[i]);
        }
    }
}

static void side_release(struct side *side)
{
    json_free(side->default_doc);
    for (size_t i = 0; i < LANGUAGES; i++) {
        buf_release(&side->words[i]);
    }
}

/* "none" in words is not the word "none" in a file. */
static bool sides_equal(const struct side *from, const struct side *to)
{
    const bool there = from->value || from->default_doc;
    return there == (to->value || to->default_doc) &&
           text_equal(
               buf_view(&from->words[EXPLAIN_ENGLISH]), buf_view(&to->words[EXPLAIN_ENGLISH]));
}

/* Bytes that both begin with, up to a little before where they part; 0 when both are short. */
static size_t skipped(struct text from, struct text to)
{
    size_t bytes = 0;
    if (from.bytes <= SHOWN_BYTES_MAX && to.bytes <= SHOWN_BYTES_MAX) {
        return 0;
    }
    while (bytes < from.bytes && bytes < to.bytes && from.ptr[bytes] == to.ptr[bytes]) {
        bytes++;
    }
    bytes = bytes > CONTEXT_BYTES ? bytes - CONTEXT_BYTES : 0;
    return utf8_cut(from, bytes).bytes;
}

static void put_shown(struct buf *sentence, struct text words, size_t skip)
{
    const struct text rest = {words.ptr + skip, words.bytes - skip};
    const struct text shown = utf8_cut(rest, SHOWN_BYTES_MAX);
    buf_string(sentence, skip > 0 ? "…" : "");
    buf_text(sentence, shown);
    buf_string(sentence, shown.bytes < rest.bytes ? "…" : "");
}

static void put_values(
    struct buf *sentence,
    const struct side *from,
    const struct side *to,
    enum explain_language language)
{
    const struct text before = buf_view(&from->words[language]);
    const struct text after = buf_view(&to->words[language]);
    const size_t skip = skipped(before, after);
    put_shown(sentence, before, skip);
    buf_string(sentence, language == EXPLAIN_CHINESE ? " → " : " -> ");
    put_shown(sentence, after, skip);
}

static void tell_key(
    struct diff *diff,
    const struct diff_subject *subject,
    const struct diff_key *key,
    const struct side *from,
    const struct side *to)
{
    const char *how = !from->value ? "added" : !to->value ? "removed" : "changed";
    const struct diff_change change = {
        .change = how, .key = key->key, .from = from->value, .to = to->value};
    buf_format(&diff->zh, "%.*s 的%s：", TEXT_ARGS(subject->zh), key->name.zh);
    buf_format(&diff->en, "%s of %.*s: ", key->name.en, TEXT_ARGS(subject->en));
    put_values(&diff->zh, from, to, EXPLAIN_CHINESE);
    put_values(&diff->en, from, to, EXPLAIN_ENGLISH);
    diff_tell(diff, subject, &change);
}

static void compare_key(
    struct diff *diff,
    const struct diff_subject *subject,
    const struct diff_objects *objects,
    const struct diff_key *key)
{
    struct side from;
    struct side to;
    side_init(&from, objects->from, key);
    side_init(&to, objects->to, key);
    for (size_t i = 0; i < LANGUAGES; i++) {
        diff->failed = diff->failed || buf_error(&from.words[i]) != ERR_OK ||
                       buf_error(&to.words[i]) != ERR_OK;
    }
    if (!sides_equal(&from, &to)) {
        tell_key(diff, subject, key, &from, &to);
    }
    side_release(&from);
    side_release(&to);
}

static bool in_table(const struct diff_objects *objects, struct text key)
{
    static const char *const ignored[] = {"id", "$schema"};
    for (size_t i = 0; i < objects->key_count; i++) {
        if (text_is(key, objects->keys[i].key)) {
            return true;
        }
    }
    for (size_t i = 0; i < DIFF_COUNT(ignored); i++) {
        if (text_is(key, ignored[i])) {
            return true;
        }
    }
    return false;
}

/* Keys without a line in the table: told by their own name. */
static void compare_others(
    struct diff *diff,
    const struct diff_subject *subject,
    const struct diff_objects *objects,
    const struct json_value *object)
{
    for (const struct json_value *value = json_first(object); value; value = json_next(value)) {
        const struct text name = json_key(value);
        const bool seen = object == objects->from && json_get(objects->to, name.ptr);
        if (in_table(objects, name) || seen) {
            continue;
        }
        const char *word = arena_string(&diff->arena, name);
        if (!word) {
            diff->failed = true;
            return;
        }
        const bool remark = text_is(name, "note");
        const struct diff_key key = {
            .key = word,
            .name = {remark ? "备注" : word, remark ? "note" : word},
            .write = remark ? diff_write_quoted : diff_write_plain,
        };
        compare_key(diff, subject, objects, &key);
    }
}

void diff_objects(
    struct diff *diff, const struct diff_subject *subject, const struct diff_objects *objects)
{
    for (size_t i = 0; i < objects->key_count; i++) {
        if (objects->keys[i].write) {
            compare_key(diff, subject, objects, &objects->keys[i]);
        }
    }
    compare_others(diff, subject, objects, objects->to);
    compare_others(diff, subject, objects, objects->from);
}
