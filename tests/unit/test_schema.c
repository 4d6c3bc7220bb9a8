/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The readers' verdicts on tests/data/schema: files by kind, each good, bad, or bad in a way that
 * only the parser can see. tests/component/test_schema asks ajv about the same files. And the
 * closed lists that schema/values.json repeats are those of the tables.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embed.h"
#include "config/event_json.h"
#include "config/files.h"
#include "config/schema.h"
#include "config/settings_parts.h"
#include "config/template.h"
#include "rules/event.h"
#include "tests/support/check.h"
#include "tests/support/config_rig.h"

#define LINE_BYTES_MAX ((size_t)1 << 20)

static bool settings_is_good(const struct source *source, const struct reading *reading)
{
    const struct secrets secrets = {.only_looking = true};
    struct settings settings;
    return settings_parse(source->json, &secrets, reading, &settings);
}

static bool rules_are_good(const struct source *source, const struct reading *reading)
{
    struct rule_ids ids = {.sets.across_files = true, .clocks.across_files = true};
    struct ruleset set;
    const bool good = ruleset_read(source, reading, &ids, &set);
    id_table_release(&ids.sets);
    id_table_release(&ids.clocks);
    return good;
}

static bool calendar_is_good(const struct source *source, const struct reading *reading)
{
    struct calendar_spec spec;
    return calendar_read(source, reading, NULL, &spec);
}

static bool directory_is_good(const struct source *source, const struct reading *reading)
{
    struct directory_file file;
    return directory_read(source, reading, NULL, &file);
}

static bool matters_are_good(const struct source *source, const struct reading *reading)
{
    struct matters_file file;
    return matters_read(source, reading, &file);
}

static bool template_is_good(const struct source *source, const struct reading *reading)
{
    struct template_text text;
    return template_read(source, reading, &text);
}

static bool event_is_good(const struct source *source, const struct reading *reading)
{
    struct event event;
    return event_read(source->json, (struct wall_ms){0}, reading->arena, &event, NULL) == ERR_OK;
}

static const struct kind {
    const char *name;
    bool (*is_good)(const struct source *source, const struct reading *reading);
} kinds[] = {
    {"nrt", settings_is_good},        {"rules", rules_are_good},     {"calendar", calendar_is_good},
    {"directory", directory_is_good}, {"matters", matters_are_good}, {"template", template_is_good},
    {"event", event_is_good},
};

/* The text of the entry's file: as it stands, or the value written out. */
static void entry_text(const struct json_value *entry, struct buf *buf)
{
    if (json_get(entry, "text")) {
        buf_text(buf, json_get_string(entry, "text"));
    } else {
        struct json_out out;
        json_out_init(&out, buf);
        json_out_value(&out, json_get(entry, "file"));
    }
}

static void try_entry(const struct kind *kind, const struct json_value *entry)
{
    struct config_rig rig;
    struct buf text;
    const bool expected = text_is(json_get_string(entry, "verdict"), "good");
    config_rig_init(&rig);
    buf_init(&text, LINE_BYTES_MAX);
    entry_text(entry, &text);
    const struct source source = {.file = "file", .json = buf_view(&text)};
    check_note("%s: %s", kind->name, json_get_string(entry, "why").ptr);
    CHECK_EQ(kind->is_good(&source, &rig.reading), expected);
    buf_release(&text);
    config_rig_release(&rig);
}

/* An entry's own limits must let through what is too deep for a file. */
static const struct json_limits line_limits = {
    .bytes_max = LINE_BYTES_MAX, .depth_max = 64, .values_max = 100000};

static size_t try_kind(const struct kind *kind)
{
    char name[64];
    size_t count = 0;
    (void)snprintf(name, sizeof name, "schema/%s.ndjson", kind->name);
    char *corpus = config_test_data(name);
    for (char *line = corpus; *line; count++) {
        char *end = strchr(line, '\n');
        struct json_doc *doc = NULL;
        struct err_why why = {0};
        const struct text text = {line, end ? (size_t)(end - line) : strlen(line)};
        const enum err err = json_parse(text, &line_limits, &doc, &why);
        check_note("%s, entry %zu: %s", name, count + 1, why.text);
        if (CHECK_EQ(err, ERR_OK)) {
            try_entry(kind, json_root(doc));
        }
        json_free(doc);
        line = end ? end + 1 : line + text.bytes;
    }
    free(corpus);
    return count;
}

static void the_readers_give_the_verdicts_of_the_corpus(void)
{
    size_t count = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        count += try_kind(&kinds[i]);
    }
    CHECK_GE(count, 200);
    CHECK_EQ(sizeof kinds / sizeof kinds[0], schema_kind_count);
}

/* ---- closed lists ---- */

static bool lists(const struct json_value *list, const char *word)
{
    const struct json_value *item = json_first(list);
    while (item && !text_is(json_string(item), word)) {
        item = json_next(item);
    }
    return item != NULL;
}

static struct json_doc *values_open(void)
{
    struct json_doc *doc = NULL;
    const struct text text =
        embedded_find(nrt_embedded_config, nrt_embedded_config_count, "schema/values.json");
    CHECK_EQ(json_parse(text, &json_limits_config, &doc, NULL), ERR_OK);
    return doc;
}

static void the_kinds_of_events_are_those_of_the_table(void)
{
    struct json_doc *doc = values_open();
    const struct json_value *known = json_get(json_get(json_root(doc), "known_event_kind"), "enum");
    const struct json_value *types =
        json_get(json_first(json_get(json_get(json_root(doc), "event_type"), "anyOf")), "enum");
    for (int i = 0; i < EVENT_OTHER; i++) {
        const char *name = event_kind_name((enum event_kind)i);
        char type[80];
        (void)snprintf(type, sizeof type, "case.%s", name);
        check_note("%s", name);
        CHECK(lists(known, name));
        CHECK(lists(types, type));
    }
    CHECK_EQ(json_count(known), EVENT_OTHER);
    CHECK_EQ(json_count(types), EVENT_OTHER);
    json_free(doc);
}

static void the_names_in_messages_are_those_of_the_table(void)
{
    struct json_doc *doc = values_open();
    const struct json_value *message = json_get(json_root(doc), "message");
    struct buf pattern;
    buf_init(&pattern, 4096);
    buf_string(&pattern, "^(?:[^{}]|\\{\\{|\\}\\}|\\{(?:");
    for (int i = 0; i < TPL_NAME_COUNT; i++) {
        buf_format(&pattern, "%s%s", i > 0 ? "|" : "", template_name_text((enum template_name)i));
    }
    buf_string(&pattern, ")\\})+$");
    CHECK_STR(json_get_string(message, "pattern").ptr, pattern.ptr);
    buf_release(&pattern);
    json_free(doc);
}

static void every_schema_can_be_written(void)
{
    for (size_t i = 0; i < schema_kind_count; i++) {
        struct buf buf;
        struct err_why why = {0};
        buf_init(&buf, LINE_BYTES_MAX);
        const enum err err = schema_write(schema_kinds[i].name, &buf, &why);
        check_note("%s", why.text);
        CHECK_EQ(err, ERR_OK);
        check_note("write it anew with: tests/component/test_schema --write");
        CHECK(text_equal(buf_view(&buf), schema_committed(schema_kinds[i].name)));
        buf_release(&buf);
    }
}

int main(void)
{
    CHECK_RUN(every_schema_can_be_written);
    CHECK_RUN(the_readers_give_the_verdicts_of_the_corpus);
    CHECK_RUN(the_kinds_of_events_are_those_of_the_table);
    CHECK_RUN(the_names_in_messages_are_those_of_the_table);
    return check_done();
}
