/* SPDX-License-Identifier: Apache-2.0 */
/* See calendar_text.h. */
#include "config/calendar_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"

#define TEXT_BYTES_MAX ((size_t)64 << 20)
#define MEMBERS        3

/* Text that takes the place of bytes from..end. */
struct edit {
    size_t from;
    size_t end;
    struct buf text;
};

/* ---- where things stand ---- */

/* A place as json_place() gives it. */
static size_t offset_of(struct text text, size_t line, size_t column)
{
    size_t at = 0;
    for (; line > 1 && at < text.bytes; at++) {
        line -= text.ptr[at] == '\n';
    }
    for (; column > 1 && at < text.bytes; column--) {
        const size_t bytes = utf8_char_bytes(text.ptr + at, text.bytes - at);
        at += bytes > 0 ? bytes : 1;
    }
    return at;
}

/* Behind the string that begins at `at`. */
static size_t skip_string(struct text text, size_t at)
{
    for (at++; at < text.bytes && text.ptr[at] != '"'; at++) {
        at += text.ptr[at] == '\\';
    }
    return at + 1;
}

/* Behind the value that begins at `at`: up to the comma or bracket that follows it. */
static size_t skip_value(struct text text, size_t at)
{
    size_t depth = 0;
    while (at < text.bytes) {
        const char c = text.ptr[at];
        if (c == '"') {
            at = skip_string(text, at);
            continue;
        }
        if (c == '[' || c == '{') {
            depth++;
        } else if (depth == 0 && (c == ',' || c == ']' || c == '}')) {
            break;
        } else if (c == ']' || c == '}') {
            depth--;
        }
        at++;
    }
    return at;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static size_t skip_space(struct text text, size_t at)
{
    while (at < text.bytes && is_space(text.ptr[at])) {
        at++;
    }
    return at;
}

static size_t before_space(struct text text, size_t end)
{
    while (end > 0 && is_space(text.ptr[end - 1])) {
        end--;
    }
    return end;
}

/* The texts of a list's items; `at` is its bracket. */
static void split_list(struct text text, size_t at, struct text *items, size_t count)
{
    at++;
    for (size_t i = 0; i < count; i++) {
        at = skip_space(text, at);
        const size_t end = skip_value(text, at);
        items[i] = (struct text){text.ptr + at, before_space(text, end) - at};
        at = end + 1; /* behind the comma */
    }
}

/* ---- new text ---- */

static void put_date(struct buf *buf, struct civil_day day)
{
    const struct civil_date date = civil_date_of(day);
    buf_format(buf, "\"%04d-%02d-%02d\"", date.year, date.month, date.day);
}

static void put_string(struct buf *buf, struct text text)
{
    struct json_out out;
    json_out_init(&out, buf);
    json_out_string(&out, text);
}

/* What else people wrote beside a date stays with it. */
static void put_other_members(struct buf *buf, struct text item)
{
    struct json_doc *doc = NULL;
    if (json_parse(item, &json_limits_config, &doc, NULL) != ERR_OK) {
        return;
    }
    for (const struct json_value *member = json_first(json_root(doc)); member;
         member = json_next(member)) {
        const struct text key = json_key(member);
        if (json_type(json_root(doc)) != JSON_OBJECT || text_is(key, "date") ||
            text_is(key, "name")) {
            continue;
        }
        struct json_out out;
        buf_string(buf, ", ");
        put_string(buf, key);
        buf_string(buf, ": ");
        json_out_init(&out, buf);
        json_out_value(&out, member);
    }
    json_free(doc);
}

static void put_entry(struct buf *buf, const struct dated_entry *entry, const struct text *items)
{
    if (!entry->added && !entry->renamed) {
        buf_text(buf, items[entry->place]);
        return;
    }
    if (entry->name.bytes == 0) {
        put_date(buf, entry->day);
        return;
    }
    buf_string(buf, "{\"date\": ");
    put_date(buf, entry->day);
    buf_string(buf, ", \"name\": ");
    put_string(buf, entry->name);
    if (!entry->added) {
        put_other_members(buf, items[entry->place]);
    }
    buf_char(buf, '}');
}

static int entry_compare(const void *a, const void *b)
{
    const struct dated_entry *left = a;
    const struct dated_entry *right = b;
    if (left->day.number != right->day.number) {
        return left->day.number < right->day.number ? -1 : 1;
    }
    return (left->place > right->place) - (left->place < right->place);
}

static void put_list(struct buf *buf, struct dated_list *list, const struct text *items)
{
    const char *between = "\n  ";
    qsort(list->entries, list->count, sizeof *list->entries, entry_compare);
    buf_char(buf, '[');
    for (size_t i = 0; i < list->count; i++) {
        if (!list->entries[i].removed) {
            buf_string(buf, between);
            put_entry(buf, &list->entries[i], items);
            between = ",\n  ";
        }
    }
    buf_string(buf, "\n ]");
}

static int year_compare(const void *a, const void *b)
{
    const int32_t *left = a;
    const int32_t *right = b;
    return (*left > *right) - (*left < *right);
}

static void put_years(struct buf *buf, const struct calendar_text *calendar)
{
    int32_t *years = calendar->official_years;
    qsort(years, calendar->official_year_count, sizeof *years, year_compare);
    buf_char(buf, '[');
    for (size_t i = 0; i < calendar->official_year_count; i++) {
        buf_format(buf, "%s%d", i > 0 ? ", " : "", (int)years[i]);
    }
    buf_char(buf, ']');
}

/* ---- the whole ---- */

static const char *const keys[MEMBERS] = {"official_years", "holidays", "workdays"};

static bool put_member(
    const struct calendar_text *calendar,
    size_t which,
    const struct json_value *member,
    size_t at,
    struct buf *buf)
{
    if (which == 0) {
        put_years(buf, calendar);
        return true;
    }
    const size_t count = json_count(member);
    struct text *items = calloc(count + 1, sizeof *items);
    if (!items) {
        return false;
    }
    if (member) {
        split_list(calendar->json, at, items, count);
    }
    put_list(buf, which == 1 ? calendar->holidays : calendar->workdays, items);
    free(items);
    return true;
}

/* A member that is not there yet comes behind all others. */
static bool make_edit(
    const struct calendar_text *calendar,
    const struct json_doc *doc,
    size_t which,
    struct edit *edit)
{
    const struct json_value *member = json_get(json_root(doc), keys[which]);
    size_t line = 0;
    size_t column = 0;
    if (member) {
        json_place(doc, member, &line, &column);
        edit->from = offset_of(calendar->json, line, column);
        edit->end = before_space(calendar->json, skip_value(calendar->json, edit->from));
    } else {
        const size_t brace = before_space(calendar->json, calendar->json.bytes) - 1;
        edit->from = before_space(calendar->json, brace);
        edit->end = edit->from;
        buf_format(&edit->text, ",\n \"%s\": ", keys[which]);
    }
    return put_member(calendar, which, member, edit->from, &edit->text);
}

/* The edit that begins first; of those at one place the first of the list. NULL: none left. */
static const struct edit *next_edit(const struct edit *edits, const bool *done)
{
    const struct edit *next = NULL;
    for (size_t i = 0; i < MEMBERS; i++) {
        if (!done[i] && edits[i].text.bytes > 0 && (!next || edits[i].from < next->from)) {
            next = &edits[i];
        }
    }
    return next;
}

static void apply(struct text json, const struct edit *edits, struct buf *buf)
{
    bool done[MEMBERS] = {false};
    size_t at = 0;
    for (const struct edit *edit = next_edit(edits, done); edit; edit = next_edit(edits, done)) {
        buf_text(buf, (struct text){json.ptr + at, edit->from - at});
        buf_text(buf, buf_view(&edit->text));
        at = edit->end;
        done[edit - edits] = true;
    }
    buf_text(buf, (struct text){json.ptr + at, json.bytes - at});
}

bool calendar_text_write(
    const struct calendar_text *calendar, struct arena *arena, struct text *ret_json)
{
    const bool changed[MEMBERS] = {
        calendar->official_changed, calendar->holidays->changed, calendar->workdays->changed};
    struct edit edits[MEMBERS] = {0};
    struct json_doc *doc = NULL;
    struct buf buf;
    bool made = json_parse(calendar->json, &json_limits_config, &doc, NULL) == ERR_OK;
    buf_init(&buf, TEXT_BYTES_MAX);
    for (size_t i = 0; i < MEMBERS; i++) {
        buf_init(&edits[i].text, TEXT_BYTES_MAX);
        made = made && (!changed[i] || make_edit(calendar, doc, i, &edits[i])) &&
               buf_error(&edits[i].text) == ERR_OK;
    }
    if (made) {
        apply(calendar->json, edits, &buf);
        *ret_json = arena_text(arena, buf_view(&buf));
        made = buf_error(&buf) == ERR_OK && ret_json->ptr;
    }
    for (size_t i = 0; i < MEMBERS; i++) {
        buf_release(&edits[i].text);
    }
    buf_release(&buf);
    json_free(doc);
    return made;
}
