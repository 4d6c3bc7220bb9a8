/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Readers of single configuration values, and what their complaints say: what was expected, what
 * was found, the nearest known word.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "config/describe.h"
#include "config/mask.h"
#include "config/read.h"
#include "rules/duration.h"

#define DAY_MS         INT64_C(86400000)
#define HINT_STEPS_MAX 1000000 /* of one report: a few milliseconds */

static const char *with_article(enum json_type type)
{
    static const char *const names[JSON_TYPE_COUNT] = {
        [JSON_NULL] = "null",       [JSON_BOOL] = "true or false", [JSON_NUMBER] = "a number",
        [JSON_STRING] = "a string", [JSON_ARRAY] = "a list",       [JSON_OBJECT] = "an object",
    };
    return names[type];
}

const char *read_got(const struct json_value *value, char got[static READ_GOT_BYTES])
{
    if (json_type(value) == JSON_STRING) {
        const struct text word = json_string(value);
        const struct text shown = utf8_cut(word, 48);
        struct buf masked; /* somebody's number may stand in the wrong place */
        buf_init(&masked, READ_GOT_BYTES);
        mask_numbers_in(shown, &masked);
        (void)snprintf(
            got, READ_GOT_BYTES, "\"%.*s\"%s", TEXT_ARGS(buf_view(&masked)),
            shown.bytes < word.bytes ? "..." : "");
        buf_release(&masked);
    } else if (json_type(value) == JSON_NUMBER) {
        char number[32];
        struct buf masked;
        (void)snprintf(number, sizeof number, "%.15g", json_number(value));
        buf_init(&masked, READ_GOT_BYTES);
        mask_numbers_in(text_of(number), &masked);
        (void)snprintf(got, READ_GOT_BYTES, "%.*s", TEXT_ARGS(buf_view(&masked)));
        buf_release(&masked);
    } else {
        (void)snprintf(got, READ_GOT_BYTES, "%s", with_article(json_type(value)));
    }
    return got;
}

bool read_is(
    struct reader *reader, const struct json_value *value, enum json_type type, const char *what)
{
    if (describe_type(reader, type)) {
        return false;
    }
    if (json_type(value) == type) {
        return true;
    }
    char got[READ_GOT_BYTES];
    reader_error(reader, value, "expected %s, got %s", what, read_got(value, got));
    return false;
}

struct text reader_keep(struct reader *reader, struct text text)
{
    const struct text kept = arena_text(reader->arena, text);
    if (!kept.ptr) {
        reader_error(reader, NULL, "out of memory");
    }
    return kept;
}

void read_string(struct reader *reader, const struct json_value *value, void *target)
{
    struct text *text = target;
    if (read_is(reader, value, JSON_STRING, "a string")) {
        *text = reader_keep(reader, json_string(value));
    }
}

void read_words(struct reader *reader, const struct json_value *value, void *target)
{
    struct text *text = target;
    if (describe_value(reader, "words") || !read_is(reader, value, JSON_STRING, "a string")) {
        return;
    }
    if (json_string(value).bytes == 0) {
        reader_error(reader, value, "must not be empty");
        return;
    }
    *text = reader_keep(reader, json_string(value));
}

/* Ids stand in keys, addresses and commands: no separator of any of these may be in one. */
static bool is_id_byte(unsigned char c)
{
    const bool alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return alnum || c == '-' || c == '_' || c == '.' || c >= 0x80;
}

static bool is_id(struct text text)
{
    if (text.bytes == 0 || text.bytes > READ_ID_BYTES_MAX) {
        return false;
    }
    for (size_t i = 0; i < text.bytes; i++) {
        if (!is_id_byte((unsigned char)text.ptr[i])) {
            return false;
        }
    }
    return true;
}

void read_id(struct reader *reader, const struct json_value *value, void *target)
{
    struct text *text = target;
    const char *what = "an id (letters, digits, '-', '_' or '.', at most 64 bytes)";
    if (describe_value(reader, "id") || !read_is(reader, value, JSON_STRING, what)) {
        return;
    }
    if (!is_id(json_string(value))) {
        char got[READ_GOT_BYTES];
        reader_error(reader, value, "expected %s, got %s", what, read_got(value, got));
        return;
    }
    *text = reader_keep(reader, json_string(value));
}

void read_bool(struct reader *reader, const struct json_value *value, void *target)
{
    bool *flag = target;
    if (read_is(reader, value, JSON_BOOL, "true or false")) {
        *flag = json_is_true(value);
    }
}

static void read_at_least(
    struct reader *reader, const struct json_value *value, int64_t least, int64_t *target)
{
    int64_t number = 0;
    if (json_type(value) != JSON_NUMBER || json_i64(value, &number) != ERR_OK || number < least) {
        char got[READ_GOT_BYTES];
        reader_error(
            reader, value, "expected a whole number of at least %" PRId64 ", got %s", least,
            read_got(value, got));
        return;
    }
    *target = number;
}

void read_count(struct reader *reader, const struct json_value *value, void *target)
{
    if (describe_value(reader, "count")) {
        return;
    }
    read_at_least(reader, value, 0, target);
}

void read_positive(struct reader *reader, const struct json_value *value, void *target)
{
    if (describe_value(reader, "positive")) {
        return;
    }
    read_at_least(reader, value, 1, target);
}

void read_span_ms(struct reader *reader, const struct json_value *value, void *target)
{
    int64_t *span_ms = target;
    const char *what = "a length of time such as \"60s\", \"10m\", \"1h\" or \"180d\"";
    if (describe_value(reader, "span") || !read_is(reader, value, JSON_STRING, what)) {
        return;
    }
    struct duration duration;
    const bool parsed = duration_parse(json_string(value), &duration, NULL) == ERR_OK;
    if (parsed && duration.unit == UNIT_ELAPSED) {
        *span_ms = duration.amount;
    } else if (
        parsed && duration.unit == UNIT_CALENDAR_DAY && duration.at_second < 0 &&
        duration.amount <= 36500) {
        *span_ms = duration.amount * DAY_MS;
    } else {
        char got[READ_GOT_BYTES];
        reader_error(reader, value, "expected %s, got %s", what, read_got(value, got));
    }
}

/* Writes `"a", "b" or "c"`; the list is ours and short. */
static void words_join(const char *const *words, size_t word_count, char *line, size_t line_bytes)
{
    size_t used = 0;
    line[0] = '\0';
    for (size_t i = 0; i < word_count && used < line_bytes; i++) {
        const char *between = i == 0 ? "" : (i + 1 == word_count ? " or " : ", ");
        const int wrote = snprintf(line + used, line_bytes - used, "%s\"%s\"", between, words[i]);
        used += wrote > 0 ? (size_t)wrote : 0;
    }
}

bool read_choice(
    struct reader *reader,
    const struct json_value *value,
    const char *const *words,
    size_t word_count,
    size_t *ret_index)
{
    char line[256];
    char got[READ_GOT_BYTES];
    char hint[READ_HINT_BYTES];
    struct nearest nearest;
    if (describe_choice(reader, words, word_count)) {
        return false;
    }
    for (size_t i = 0; i < word_count; i++) {
        if (json_type(value) == JSON_STRING && text_is(json_string(value), words[i])) {
            *ret_index = i;
            return true;
        }
    }
    nearest_among(&nearest, reader, json_string(value));
    for (size_t i = 0; i < word_count && nearest_goes_on(&nearest); i++) {
        nearest_try(&nearest, text_of(words[i]));
    }
    words_join(words, word_count, line, sizeof line);
    reader_error(
        reader, value, "expected %s, got %s%s", line, read_got(value, got),
        nearest_hint(&nearest, hint));
    return false;
}

bool read_time_of_day(struct reader *reader, const struct json_value *value, int32_t *ret_second)
{
    if (describe_value(reader, "time_of_day")) {
        return false;
    }
    if (json_type(value) == JSON_STRING &&
        duration_parse_time(json_string(value), ret_second) == ERR_OK) {
        return true;
    }
    char got[READ_GOT_BYTES];
    reader_error(
        reader, value, "expected a local time from \"00:00\" to \"24:00\", got %s",
        read_got(value, got));
    return false;
}

bool read_date(struct reader *reader, const struct json_value *value, struct civil_day *ret_day)
{
    struct civil_day day = {0};
    if (describe_value(reader, "date")) {
        return false;
    }
    const bool parsed =
        json_type(value) == JSON_STRING && civil_parse(json_string(value), &day) == ERR_OK;
    if (parsed && day.number >= 0 && civil_date_of(day).year <= 9999) {
        *ret_day = day;
        return true;
    }
    char got[READ_GOT_BYTES];
    reader_error(
        reader, value, "expected a date that exists, such as \"2026-02-13\", got %s",
        read_got(value, got));
    return false;
}

void nearest_init(struct nearest *nearest, struct text word)
{
    *nearest = (struct nearest){.word = word, .best_distance = SIZE_MAX};
}

void nearest_among(struct nearest *nearest, const struct reader *reader, struct text word)
{
    nearest_init(nearest, word);
    nearest->report = reader->report;
}

bool nearest_goes_on(const struct nearest *nearest)
{
    return !report_full(nearest->report) && nearest->report->hint_steps < HINT_STEPS_MAX;
}

/* Two slips, or a third of a longer word: further away the guess would only confuse. */
static size_t slips_allowed(struct text word)
{
    const size_t third = word.bytes / 3;
    return third > 2 ? third : 2;
}

void nearest_try(struct nearest *nearest, struct text candidate)
{
    const struct text word = nearest->word;
    const size_t shorter = word.bytes < candidate.bytes ? word.bytes : candidate.bytes;
    const size_t longer = word.bytes < candidate.bytes ? candidate.bytes : word.bytes;
    if (nearest->report) {
        nearest->report->hint_steps++;
    }
    if (longer > READ_ID_BYTES_MAX || longer - shorter > slips_allowed(word)) {
        return;
    }
    if (nearest->report) {
        nearest->report->hint_steps += word.bytes * candidate.bytes;
    }
    const size_t distance = text_distance(nearest->word, candidate);
    if (distance < nearest->best_distance) {
        nearest->best_distance = distance;
        nearest->best = candidate;
    }
}

const char *nearest_hint(const struct nearest *nearest, char hint[static READ_HINT_BYTES])
{
    hint[0] = '\0';
    if (nearest->best_distance <= slips_allowed(nearest->word) &&
        nearest->best_distance < nearest->word.bytes) {
        (void)snprintf(hint, READ_HINT_BYTES, "; did you mean \"%.*s\"?", TEXT_ARGS(nearest->best));
    }
    return hint;
}

struct id_entry {
    struct text id; /* .bytes 0: the slot is free */
    const char *file;
    const struct json_value *value; /* of the first use, as long as its file is being read */
    size_t line;                    /* 0: to be found out when it is needed */
};

/* FNV-1a from a secret start: nobody can choose ids that all fall into one place. */
static size_t id_hash(uint64_t seed, struct text id)
{
    uint64_t hash = seed;
    for (size_t i = 0; i < id.bytes; i++) {
        hash = (hash ^ (unsigned char)id.ptr[i]) * UINT64_C(1099511628211);
    }
    return (size_t)(hash ^ (hash >> 29));
}

static struct id_entry *id_slot(const struct id_table *table, struct text id)
{
    size_t i = id_hash(table->seed, id) & (table->capacity - 1);
    while (table->entries[i].id.bytes > 0 && !text_equal(table->entries[i].id, id)) {
        i = (i + 1) & (table->capacity - 1);
    }
    return &table->entries[i];
}

static bool id_table_grow(struct id_table *table)
{
    if (table->entry_count * 2 < table->capacity) {
        return true;
    }
    struct id_table larger = *table;
    if (table->capacity == 0) {
        crypto_random(&larger.seed, sizeof larger.seed);
    }
    larger.capacity = table->capacity > 0 ? table->capacity * 2 : 64;
    larger.entries = calloc(larger.capacity, sizeof *larger.entries);
    if (!larger.entries) {
        return false;
    }
    for (size_t i = 0; i < table->capacity; i++) {
        if (table->entries[i].id.bytes > 0) {
            *id_slot(&larger, table->entries[i].id) = table->entries[i];
        }
    }
    free(table->entries);
    *table = larger;
    return true;
}

/* Finding a line costs a walk through the text, so it is done for the few that need it. */
static size_t line_of(const struct reader *reader, const struct json_value *value)
{
    size_t line = 0;
    size_t column = 0;
    json_place(reader->doc, value, &line, &column);
    return line;
}

static void report_duplicate(
    struct reader *reader, const struct json_value *value, const struct id_entry *first)
{
    if (strcmp(first->file, reader->file) == 0) {
        /* Two files may have one name: a noted line is right, the other's value is gone. */
        const size_t line = first->line > 0 ? first->line : line_of(reader, first->value);
        reader_error(
            reader, value, "duplicate id \"%.*s\" (first at line %zu)", TEXT_ARGS(first->id), line);
    } else {
        reader_error(
            reader, value, "duplicate id \"%.*s\" (first at %s:%zu)", TEXT_ARGS(first->id),
            first->file, first->line);
    }
}

bool id_table_add(
    struct id_table *table, struct reader *reader, const struct json_value *value, struct text id)
{
    if (id.bytes == 0) {
        return true;
    }
    if (!id_table_grow(table)) {
        reader_error(reader, value, "out of memory");
        return false;
    }
    struct id_entry *slot = id_slot(table, id);
    if (slot->id.bytes > 0) {
        report_duplicate(reader, value, slot);
        return false;
    }
    *slot = (struct id_entry){
        .id = id,
        .file = reader->file,
        .value = value,
        .line = table->across_files ? line_of(reader, value) : 0,
    };
    table->entry_count++;
    return true;
}

bool id_table_put(struct id_table *table, struct text id)
{
    if (id.bytes == 0) {
        return true;
    }
    if (!id_table_grow(table)) {
        return false;
    }
    struct id_entry *slot = id_slot(table, id);
    if (slot->id.bytes == 0) {
        *slot = (struct id_entry){.id = id};
        table->entry_count++;
    }
    return true;
}

bool id_table_has(const struct id_table *table, struct text id)
{
    return id.bytes > 0 && table->capacity > 0 && id_slot(table, id)->id.bytes > 0;
}

void id_table_release(struct id_table *table)
{
    free(table->entries);
    *table = (struct id_table){0};
}
