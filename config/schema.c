/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kinds of files, each with the reading function that describes it, and the layout of the
 * written schema: two spaces a level, one line for what is short.
 */
#include "config/schema.h"

#include <stdio.h>
#include <string.h>

#include "base/embed.h"
#include "base/must.h"
#include "config/describe.h"
#include "config/files.h"
#include "config/settings_parts.h"

#define BYTES_MAX      ((size_t)1 << 20)
#define LINE_BYTES_MAX 100

/* An event is read by config/event_json.c, which has no tables: its shape is written by hand. */
static void event_describe(struct reader *reader, const struct json_value *value, void *target)
{
    (void)value;
    (void)target;
    describe_also(reader, "event");
    (void)describe_type(reader, JSON_OBJECT);
}

const struct schema_kind schema_kinds[] = {
    {"nrt", "nrt.json: the settings of No Repeat Trip"},
    {"rules", "rules/NAME.json: a rule set of No Repeat Trip"},
    {"calendar", "calendars/NAME.json: a calendar of No Repeat Trip"},
    {"directory", "directory.json: units and people of No Repeat Trip"},
    {"matters", "matters.json: the catalogue of matters of No Repeat Trip"},
    {"template", "templates/NAME.json: a message of No Repeat Trip"},
    {"event", "A case event for No Repeat Trip, as a CloudEvent"},
};
const size_t schema_kind_count = sizeof schema_kinds / sizeof schema_kinds[0];

/* In the order of schema_kinds. */
static read_fn *const readers[] = {
    settings_describe, ruleset_describe,  calendar_describe, directory_describe,
    matters_describe,  template_describe, event_describe,
};
_Static_assert(
    sizeof readers / sizeof readers[0] == sizeof schema_kinds / sizeof schema_kinds[0],
    "each kind has its reader");

static size_t kind_index(const char *kind)
{
    size_t i = 0;
    while (i < schema_kind_count && strcmp(schema_kinds[i].name, kind) != 0) {
        i++;
    }
    return i;
}

/* ---- layout ---- */

static void write_indent(struct buf *buf, size_t depth)
{
    buf_char(buf, '\n');
    for (size_t i = 0; i < depth; i++) {
        buf_string(buf, "  ");
    }
}

static void write_compact(struct buf *buf, const struct json_value *value)
{
    struct json_out out;
    json_out_init(&out, buf);
    json_out_value(&out, value);
}

/* Scalars, and what is short and has no parts that somebody would look for. */
static bool is_short(const struct json_value *value, size_t depth)
{
    const enum json_type type = json_type(value);
    struct buf line;
    if ((type != JSON_OBJECT && type != JSON_ARRAY) || json_count(value) == 0) {
        return true;
    }
    buf_init(&line, BYTES_MAX);
    write_compact(&line, value);
    const bool fits = line.bytes + 2 * depth <= LINE_BYTES_MAX;
    buf_release(&line);
    return fits && (type == JSON_ARRAY || json_count(value) == 1);
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the schema */
static void write_value(struct buf *buf, const struct json_value *value, size_t depth)
{
    const bool is_object = json_type(value) == JSON_OBJECT;
    if (is_short(value, depth)) {
        write_compact(buf, value);
        return;
    }
    buf_char(buf, is_object ? '{' : '[');
    for (const struct json_value *child = json_first(value); child; child = json_next(child)) {
        write_indent(buf, depth + 1);
        if (is_object) {
            struct json_out key;
            json_out_init(&key, buf);
            json_out_string(&key, json_key(child));
            buf_string(buf, ": ");
        }
        write_value(buf, child, depth + 1);
        if (json_next(child)) {
            buf_char(buf, ',');
        }
    }
    write_indent(buf, depth);
    buf_char(buf, is_object ? '}' : ']');
}

static enum err lay_out(struct text compact, struct buf *buf, struct err_why *why)
{
    struct json_doc *doc = NULL;
    const enum err err = json_parse(compact, &json_limits_config, &doc, why);
    if (err != ERR_OK) {
        return err;
    }
    write_value(buf, json_root(doc), 0);
    buf_char(buf, '\n');
    json_free(doc);
    return buf_error(buf);
}

/* ---- one schema ---- */

struct sources {
    struct json_doc *values;
    struct json_doc *words;
};

static enum err sources_open(struct sources *sources, struct err_why *why)
{
    *sources = (struct sources){0};
    const struct text values =
        embedded_find(nrt_embedded_config, nrt_embedded_config_count, "schema/values.json");
    const struct text words =
        embedded_find(nrt_embedded_config, nrt_embedded_config_count, "schema/words.json");
    enum err err = json_parse(values, &json_limits_config, &sources->values, why);
    if (err == ERR_OK) {
        err = json_parse(words, &json_limits_config, &sources->words, why);
    }
    return err;
}

static void sources_close(struct sources *sources)
{
    json_free(sources->values);
    json_free(sources->words);
}

static enum err problems_said(
    const struct describer *describer, const char *kind, struct err_why *why)
{
    const struct text problems = buf_view(describer->problems);
    size_t at = 0;
    if (problems.bytes > 0) {
        const char *end = memchr(problems.ptr, '\n', problems.bytes);
        return err_set(why, ERR_PARSE, "%s: %.*s", kind, (int)(end - problems.ptr), problems.ptr);
    }
    for (const struct json_value *words = json_first(describer->words); words;
         words = json_next(words)) {
        if (!describer->worded[at++]) {
            return err_set(
                why, ERR_PARSE, "%s: words.json has words for \"%s\", which no reader takes", kind,
                json_key(words).ptr);
        }
    }
    return ERR_OK;
}

static enum err describe_kind(
    size_t index, const struct sources *sources, struct buf *compact, struct err_why *why)
{
    struct arena arena;
    struct report report;
    struct json_out out;
    struct buf problems;
    const struct known known = {0};
    arena_init(&arena, 0);
    report_init(&report);
    buf_init(&problems, BYTES_MAX);
    json_out_init(&out, compact);
    struct describer describer = {
        .kind = schema_kinds[index].name,
        .title = schema_kinds[index].title,
        .out = &out,
        .problems = &problems,
        .values = json_root(sources->values),
        .words = json_get(json_root(sources->words), schema_kinds[index].name),
    };
    struct reader reader = {
        .report = &report, .arena = &arena, .known = &known, .describer = &describer};
    describe_file(&reader, readers[index], NULL);
    const enum err err = problems_said(&describer, schema_kinds[index].name, why);
    buf_release(&problems);
    report_release(&report);
    arena_release(&arena);
    return err;
}

enum err schema_write(const char *kind, struct buf *buf, struct err_why *why)
{
    const size_t index = kind_index(kind);
    struct sources sources;
    struct buf compact;
    if (index == schema_kind_count) {
        return err_set(why, ERR_NOT_FOUND, "there is no schema '%s'", kind);
    }
    buf_init(&compact, BYTES_MAX);
    enum err err = sources_open(&sources, why);
    if (err == ERR_OK) {
        err = describe_kind(index, &sources, &compact, why);
    }
    if (err == ERR_OK) {
        err = lay_out(buf_view(&compact), buf, why);
    }
    sources_close(&sources);
    buf_release(&compact);
    return err;
}

struct text schema_committed(const char *kind)
{
    char name[64];
    (void)snprintf(name, sizeof name, "schema/%s.schema.json", kind);
    return embedded_find(nrt_embedded_config, nrt_embedded_config_count, name);
}

bool schema_reference(const char *file, char *reference, size_t reference_bytes)
{
    static const struct {
        const char *prefix;
        const char *reference;
    } known[] = {
        {"nrt.json", "schema/nrt.schema.json"},
        {"directory.json", "schema/directory.schema.json"},
        {"matters.json", "schema/matters.schema.json"},
        {"rules/", "../schema/rules.schema.json"},
        {"calendars/", "../schema/calendar.schema.json"},
        {"templates/", "../schema/template.schema.json"},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (text_starts_with(text_of(file), text_of(known[i].prefix))) {
            (void)snprintf(reference, reference_bytes, "%s", known[i].reference);
            return true;
        }
    }
    return false;
}
