/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two bundles compared file by file: which file of the one belongs to which of the other, the
 * templates, and what is left when all that has a meaning was told.
 */
#include <stdlib.h>

#include "config/contact_seal.h"
#include "config/diff_parts.h"

#define TEXT_BYTES_MAX ((size_t)1 << 22)
#define LINE_BYTES_MAX ((size_t)64 << 20)
#define FILES_MAX      2176 /* of two bundles, as their reader has them */

static const struct json_limits diff_limits = {LINE_BYTES_MAX, 64, (size_t)8 << 20};

/* The parsed files of both bundles, closed together. */
struct parsed {
    struct json_doc *docs[FILES_MAX];
    size_t count;
};

static const struct json_value *parse(
    struct diff *diff, struct parsed *parsed, const struct bundle_source *source)
{
    struct json_doc *doc = NULL;
    if (source->json.bytes == 0) {
        return NULL;
    }
    if (parsed->count == FILES_MAX ||
        json_parse(source->json, &json_limits_config, &doc, NULL) != ERR_OK) {
        diff->failed = true; /* it was read once, so memory is out */
        return NULL;
    }
    parsed->docs[parsed->count++] = doc;
    return json_root(doc);
}

static void parsed_release(struct parsed *parsed)
{
    for (size_t i = 0; i < parsed->count; i++) {
        json_free(parsed->docs[i]);
    }
}

static struct diff_items parse_all(
    struct diff *diff, struct parsed *parsed, const struct bundle_source *sources, size_t count)
{
    struct diff_items files = {.count = 0};
    files.items = arena_array(&diff->arena, count + 1, sizeof *files.items);
    if (!files.items) {
        diff->failed = true;
        return files;
    }
    for (size_t i = 0; i < count; i++) {
        const struct json_value *root = parse(diff, parsed, &sources[i]);
        files.items[files.count++] = (struct diff_item){
            .id = json_get_string(root, "id"), .value = root, .source = &sources[i]};
    }
    diff_items_index(diff, &files);
    return files;
}

/* ---- spelling ---- */

/* A key that is not in both forms of a file: addresses are sealed on the way. */
static bool is_left_out(const struct json_value *value)
{
    const struct text key = json_key(value);
    return key.bytes > 0 && (contact_is_address(key) || text_is(key, CONTACT_SEALED_KEY));
}

static const struct json_value *skip_left_out(const struct json_value *value)
{
    while (value && is_left_out(value)) {
        value = json_next(value);
    }
    return value;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the parser lets a document be */
static bool same_spelling(const struct json_value *a, const struct json_value *b)
{
    const enum json_type type = json_type(a);
    if (type != json_type(b) || !text_equal(json_key(a), json_key(b))) {
        return false;
    }
    if (type == JSON_STRING) {
        return text_equal(json_string(a), json_string(b));
    }
    if (type == JSON_NUMBER) {
        const double left = json_number(a);
        const double right = json_number(b);
        return !(left < right) && !(right < left);
    }
    if (type == JSON_BOOL) {
        return json_is_true(a) == json_is_true(b);
    }
    const struct json_value *left = skip_left_out(json_first(a));
    const struct json_value *right = skip_left_out(json_first(b));
    while (left && right && same_spelling(left, right)) {
        left = skip_left_out(json_next(left));
        right = skip_left_out(json_next(right));
    }
    return !left && !right;
}

/* Of a directory only units and people are carried in what is applied. */
static bool same_file(const struct json_value *a, const struct json_value *b)
{
    const struct json_value *units = json_get(a, "units");
    if (!units) {
        return same_spelling(a, b);
    }
    return same_spelling(units, json_get(b, "units")) &&
           same_spelling(json_get(a, "people"), json_get(b, "people"));
}

static void tell_spelling(struct diff *diff, struct text name)
{
    static const struct diff_words kind = {"文件", "file"};
    const struct diff_subject subject = diff_subject_of(diff, "files", kind, name);
    const struct diff_change change = {.change = "spelling"};
    diff_say_name(diff, &subject);
    diff_say(diff, " 只是写法不同，含义不变", " is written differently and means the same");
    diff_tell(diff, &subject, &change);
}

/* Nothing was told of this file since `count`: is there nothing to tell? */
static void check_spelling(
    struct diff *diff, size_t count, const struct diff_item *from, const struct diff_item *to)
{
    if (diff->count == count && !same_file(from->value, to->value)) {
        tell_spelling(diff, to->source->name);
    }
}

/* Names have a meaning where both are whole configurations: files are read in their order. */
static void check_name(
    struct diff *diff,
    const struct diff_subject *subject,
    const struct diff_item *from,
    const struct diff_item *to)
{
    const struct diff_change change = {.change = "changed", .key = "file"};
    if (!diff->from->digest[0] || !diff->to->digest[0] ||
        text_equal(from->source->name, to->source->name)) {
        return;
    }
    buf_format(&diff->zh, "%.*s 的文件名：", TEXT_ARGS(subject->zh));
    buf_format(&diff->en, "file of %.*s: ", TEXT_ARGS(subject->en));
    diff_say_text(diff, from->source->name);
    diff_say(diff, " → ", " -> ");
    diff_say_text(diff, to->source->name);
    diff_tell(diff, subject, &change);
}

/* ---- rule sets ---- */

static void pair_sets(
    struct diff *diff,
    const struct diff_subject *owner,
    const struct diff_item *from,
    const struct diff_item *to)
{
    static const struct diff_words kind = {"规则集", "rule set"};
    const size_t count = diff->count;
    diff_rule_set(diff, owner, from, to);
    if (from && to) {
        const struct diff_subject subject = diff_subject_of(diff, "set", kind, to->id);
        check_spelling(diff, count, from, to);
        check_name(diff, &subject, from, to);
    }
}

/* ---- templates ---- */

static const struct diff_key zh_keys[] = {
    {"sms", {"中文短信", "Chinese SMS"}, diff_write_quoted, NULL},
    {"markdown", {"中文消息", "Chinese message"}, diff_write_quoted, NULL},
    {"note", {"中文备注", "Chinese note"}, diff_write_quoted, NULL},
};

static const struct diff_key en_keys[] = {
    {"sms", {"英文短信", "English SMS"}, diff_write_quoted, NULL},
    {"markdown", {"英文消息", "English message"}, diff_write_quoted, NULL},
    {"note", {"英文备注", "English note"}, diff_write_quoted, NULL},
};

static const struct diff_key text_keys[] = {
    {"zh", {"", ""}, NULL, NULL},
    {"en", {"", ""}, NULL, NULL},
    {"note", {"文本备注", "note on the texts"}, diff_write_quoted, NULL},
};

static const struct diff_key template_keys[] = {
    {"texts", {"", ""}, NULL, NULL},
    {"vendor", {"服务商模板", "vendor templates"}, diff_write_plain, NULL},
    {"note", {"备注", "note"}, diff_write_quoted, NULL},
};

static void compare_template(
    struct diff *diff,
    const struct diff_subject *subject,
    const struct json_value *from,
    const struct json_value *to)
{
    const struct json_value *before = json_get(from, "texts");
    const struct json_value *after = json_get(to, "texts");
    const struct diff_objects parts[] = {
        {json_get(before, "zh"), json_get(after, "zh"), zh_keys, DIFF_COUNT(zh_keys)},
        {json_get(before, "en"), json_get(after, "en"), en_keys, DIFF_COUNT(en_keys)},
        {before, after, text_keys, DIFF_COUNT(text_keys)},
        {from, to, template_keys, DIFF_COUNT(template_keys)},
    };
    for (size_t i = 0; i < DIFF_COUNT(parts); i++) {
        diff_objects(diff, subject, &parts[i]);
    }
}

static void pair_templates(
    struct diff *diff,
    const struct diff_subject *owner,
    const struct diff_item *from,
    const struct diff_item *to)
{
    static const struct diff_words kind = {"模板", "template"};
    const size_t count = diff->count;
    const struct diff_subject subject =
        diff_subject_of(diff, "template", kind, to ? to->id : from->id);
    (void)owner;
    if (!from || !to) {
        diff_say_there(diff, &subject, to != NULL);
        diff_tell_there(diff, &subject, to ? to->value : from->value, to != NULL);
        return;
    }
    compare_template(diff, &subject, from->value, to->value);
    check_spelling(diff, count, from, to);
    check_name(diff, &subject, from, to);
}

/* ---- single files ---- */

typedef void compare_fn(
    struct diff *diff, const struct json_value *from, const struct json_value *to);

static void compare_file(
    struct diff *diff,
    struct parsed *parsed,
    const struct bundle_source *from,
    const struct bundle_source *to,
    compare_fn *compare)
{
    const size_t count = diff->count;
    const struct diff_item before = {.value = parse(diff, parsed, from), .source = from};
    const struct diff_item after = {
        .value = parse(diff, parsed, to), .source = to->name.bytes > 0 ? to : from};
    compare(diff, before.value, after.value);
    check_spelling(diff, count, &before, &after);
}

static void compare_backfill(struct diff *diff)
{
    static const struct diff_subject subject = {.what = "settings", .id = {"nrt.json", 8}};
    const struct diff_change change = {.change = "changed", .key = "backfill"};
    const long long from = (long long)diff->from->policy.backfill_ms;
    const long long to = (long long)diff->to->policy.backfill_ms;
    if (from == to) {
        return;
    }
    buf_format(&diff->zh, "补录界限 backfill：%lld 秒 → %lld 秒", from / 1000, to / 1000);
    buf_format(&diff->en, "backfill: %lld s -> %lld s", from / 1000, to / 1000);
    diff_tell(diff, &subject, &change);
}

/* ---- all of it ---- */

static void tell_rest(struct diff *diff)
{
    static const struct diff_subject whole = {.what = "files", .id = {"", 0}};
    static const struct diff_subject more = {.what = "more", .id = {"", 0}};
    const struct diff_change spelling = {.change = "spelling"};
    const size_t beyond = diff->count > DIFF_CHANGES_MAX ? diff->count - DIFF_CHANGES_MAX : 0;
    const bool both = diff->from->digest[0] && diff->to->digest[0];
    if (diff->count == 0 && both &&
        !text_equal(text_of(diff->from->digest), text_of(diff->to->digest))) {
        diff_say(
            diff, "各文件只是写法或备注不同，含义不变",
            "the files are written differently or have other notes and mean the same");
        diff_tell(diff, &whole, &spelling);
    }
    if (beyond > 0) {
        diff->count = 0;
        buf_format(&diff->zh, "……另有 %zu 处", beyond);
        buf_format(&diff->en, "... and %zu more", beyond);
        diff_tell(diff, &more, &spelling);
    }
}

static void compare_all(struct diff *diff, struct parsed *parsed)
{
    const struct bundle_sources *from = &diff->from->sources;
    const struct bundle_sources *to = &diff->to->sources;
    const struct diff_lists sets = {
        .from = parse_all(diff, parsed, from->rules, from->rule_count),
        .to = parse_all(diff, parsed, to->rules, to->rule_count),
        .pair = pair_sets,
        .order = {"规则集", "rule sets"},
    };
    diff_lists(diff, &sets);
    compare_file(diff, parsed, &from->calendar, &to->calendar, diff_calendar);
    compare_file(diff, parsed, &from->directory, &to->directory, diff_directory);
    compare_file(diff, parsed, &from->matters, &to->matters, diff_matters);
    const struct diff_lists templates = {
        .from = parse_all(diff, parsed, from->templates, from->template_count),
        .to = parse_all(diff, parsed, to->templates, to->template_count),
        .pair = pair_templates,
    };
    diff_lists(diff, &templates);
    compare_backfill(diff);
    tell_rest(diff);
}

enum err bundle_diff(const struct bundle *from, const struct bundle *to, struct buf *json_array)
{
    struct json_out out;
    struct parsed *before = calloc(1, sizeof *before);
    struct diff diff = {.out = &out, .from = from, .to = to, .failed = !before};
    json_out_init(&out, json_array);
    arena_init(&diff.arena, 0);
    buf_init(&diff.zh, TEXT_BYTES_MAX);
    buf_init(&diff.en, TEXT_BYTES_MAX);
    json_out_open(&out, '[');
    if (before) {
        compare_all(&diff, before);
        parsed_release(before);
    }
    json_out_close(&out, ']');
    free(before);
    buf_release(&diff.zh);
    buf_release(&diff.en);
    arena_release(&diff.arena);
    return diff.failed ? ERR_NO_MEMORY : buf_error(json_array);
}

enum err bundle_diff_lines(
    const struct bundle *from,
    const struct bundle *to,
    enum explain_language language,
    struct buf *lines)
{
    struct json_doc *doc = NULL;
    struct buf array;
    buf_init(&array, LINE_BYTES_MAX);
    enum err err = bundle_diff(from, to, &array);
    if (err == ERR_OK) {
        err = json_parse(buf_view(&array), &diff_limits, &doc, NULL);
    }
    if (err == ERR_OK) {
        const char *key = language == EXPLAIN_CHINESE ? "zh" : "en";
        const struct json_value *item = json_first(json_root(doc));
        for (; item; item = json_next(item)) {
            buf_text(lines, json_get_string(json_get(item, "text"), key));
            buf_char(lines, '\n');
        }
        json_free(doc);
        err = buf_error(lines);
    }
    buf_release(&array);
    return err;
}
