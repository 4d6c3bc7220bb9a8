/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CloudEvents: what is taken, and the exact reason for each refusal.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "config/event_json.h"
#include "tests/support/check.h"

static struct arena arena;
static const struct wall_ms no_default = {.ms = -1};

#define ENVELOPE(more)                                                                             \
    "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/oa\",\"type\":\"case.received\","         \
    "\"subject\":\"C-1\",\"time\":\"2026-02-13T10:00:00.5+08:00\"" more "}"

static struct event read_good(const char *json)
{
    struct event event = {0};
    struct err_why why = {0};
    check_note("%.100s", json);
    CHECK(event_read(text_of(json), no_default, &arena, &event, &why) == ERR_OK);
    CHECK_STR(why.text, "");
    return event;
}

static const char *value_of(const struct event *event, const char *path)
{
    const struct text value = event_attribute(event, path);
    return value.ptr; /* arena texts end with a NUL */
}

static void all_parts_of_an_event_are_read(void)
{
    const struct event event = read_good(ENVELOPE(",\"data\":{}"));
    CHECK_EQ(event.kind, EVENT_RECEIVED);
    CHECK(text_is(event.kind_name, "received"));
    CHECK(text_is(event.source, "/oa"));
    CHECK(text_is(event.id, "1"));
    CHECK(text_is(event.subject, "C-1"));
    CHECK_EQ(event.time.ms, INT64_C(1770948000500));
    CHECK_EQ(event.arrived.ms, event.time.ms);
    CHECK_EQ(event.attribute_count, 0);
}

static void data_becomes_dotted_attributes(void)
{
    const struct event event = read_good(ENVELOPE(
        ",\"data\":{\"title\":\"关于\\\"函\\\"\",\"labels\":{\"kind\":\"a\",\"deep\":{\"er\":1}},"
        "\"co_units\":[\"d01\",\"d02\",null],\"score\":4.5,\"open\":true,\"none\":null,"
        "\"empty\":{},\"\":\"x\"}"));
    CHECK_STR(value_of(&event, "title"), "关于\"函\"");
    CHECK_STR(value_of(&event, "labels.kind"), "a");
    CHECK_STR(value_of(&event, "labels.deep.er"), "1");
    CHECK_STR(value_of(&event, "co_units.0"), "d01");
    CHECK_STR(value_of(&event, "co_units.1"), "d02");
    CHECK_STR(value_of(&event, "co_units.2"), NULL);
    CHECK_STR(value_of(&event, "score"), "4.5");
    CHECK_STR(value_of(&event, "open"), "true");
    CHECK_STR(value_of(&event, "none"), NULL);
    CHECK_STR(value_of(&event, ""), "x");
    CHECK_EQ(event.attribute_count, 8);
}

static void a_list_of_texts_is_one_attribute(void)
{
    const struct event event =
        read_good(ENVELOPE(",\"data\":{\"co_units\":[\"d01\",\"\",\"d02\"],\"one\":[\"d03\"],"
                           "\"none\":[],\"numbers\":[1,2],\"deep\":{\"list\":[\"a\",\"b\"]}}"));
    CHECK_STR(value_of(&event, "co_units"), "d01,,d02");
    CHECK_STR(value_of(&event, "co_units.0"), NULL);
    CHECK_STR(value_of(&event, "one"), "d03");
    CHECK_STR(value_of(&event, "none"), NULL);
    CHECK_STR(value_of(&event, "numbers.1"), "2");
    CHECK_STR(value_of(&event, "deep.list"), "a,b");
    CHECK_EQ(event.attribute_count, 5);
}

static void missing_and_null_data_are_no_attributes(void)
{
    CHECK_EQ(read_good(ENVELOPE("")).attribute_count, 0);
    CHECK_EQ(read_good(ENVELOPE(",\"data\":null")).attribute_count, 0);
}

static void arrival_is_the_extension_else_the_default_else_the_time(void)
{
    const char *json = ENVELOPE(",\"arrived\":\"2026-02-14T10:00:00+08:00\"");
    struct event event = read_good(json);
    CHECK_EQ(event.arrived.ms, INT64_C(1771034400000));
    const struct wall_ms now = {.ms = 1800000000000};
    CHECK(event_read(text_of(ENVELOPE("")), now, &arena, &event, NULL) == ERR_OK);
    CHECK_EQ(event.arrived.ms, now.ms);
    CHECK(event_read(text_of(json), now, &arena, &event, NULL) == ERR_OK);
    CHECK_EQ(event.arrived.ms, INT64_C(1771034400000));
}

static void kinds_of_the_producers_own_are_taken(void)
{
    const struct event event = read_good(
        "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"case.on-site\","
        "\"subject\":\"C\",\"time\":\"2026-02-13T02:00:00Z\"}");
    CHECK_EQ(event.kind, EVENT_OTHER);
    CHECK(text_is(event.kind_name, "on-site"));
}

/* The event with one member replaced (or, with a NULL value, left out). */
static const char *with(const char *key, const char *value)
{
    static const char *const members[][2] = {
        {"specversion", "\"1.0\""},
        {"id", "\"1\""},
        {"source", "\"/oa\""},
        {"type", "\"case.received\""},
        {"subject", "\"C-1\""},
        {"time", "\"2026-02-13T10:00:00+08:00\""},
        {"data", "{}"},
    };
    static char json[4096];
    size_t used = (size_t)snprintf(json, sizeof json, "{\"x\":0");
    bool replaced = false;
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        const bool here = strcmp(members[i][0], key) == 0;
        const char *text = here ? value : members[i][1];
        replaced = replaced || here;
        if (text) {
            used += (size_t)snprintf(
                json + used, sizeof json - used, ",\"%s\":%s", members[i][0], text);
        }
    }
    if (!replaced) {
        used += (size_t)snprintf(json + used, sizeof json - used, ",\"%s\":%s", key, value);
    }
    (void)snprintf(json + used, sizeof json - used, "}");
    return json;
}

static const char *reason(const char *json)
{
    static struct err_why why;
    struct event event;
    why.text[0] = '\0';
    CHECK(event_read(text_of(json), no_default, &arena, &event, &why) != ERR_OK);
    return why.text;
}

static void every_refusal_says_what_is_wrong(void)
{
    const char *rfc = ": must be an RFC 3339 time with an offset between 1970 and 9999, such as "
                      "\"2026-02-13T10:00:00+08:00\"";
    char time[200];
    char arrived[200];
    (void)snprintf(time, sizeof time, "time%s", rfc);
    (void)snprintf(arrived, sizeof arrived, "arrived%s", rfc);
    const char *kind = "type: must be \"case.\" and a kind, such as \"case.received\"";
    const struct {
        const char *key;
        const char *value;
        const char *reason;
    } rows[] = {
        {"specversion", NULL, "specversion: missing; it must be \"1.0\""},
        {"specversion", "\"0.3\"", "specversion: must be \"1.0\""},
        {"specversion", "1.0", "specversion: must be \"1.0\""},
        {"id", NULL, "id: missing; CloudEvents needs it"},
        {"id", "\"\"", "id: must be a string that is not empty"},
        {"id", "7", "id: must be a string that is not empty"},
        {"id", "\"a\\nb\"", "id: control characters are not allowed"},
        {"source", NULL, "source: missing; CloudEvents needs it"},
        {"type", NULL, "type: missing; CloudEvents needs it"},
        {"type", "\"received\"", kind},
        {"type", "\"case.\"", kind},
        {"type", "\"Case.received\"", kind},
        {"subject", NULL, "subject: missing; it must be the case id"},
        {"subject", "\"\"", "subject: must be a string that is not empty"},
        {"subject", "null", "subject: must be a string that is not empty"},
        {"subject", "\"..\"", "subject: a case id is more than dots"},
        {"subject", "\"a/b\"", "subject: '/' is not allowed in a case id"},
        {"subject", "\"a?\"", "subject: '?' is not allowed in a case id"},
        {"subject", "\"#a\"", "subject: '#' is not allowed in a case id"},
        {"subject", "\"a\\\\b\"", "subject: '\\' is not allowed in a case id"},
        {"subject", "\"a\\tb\"", "subject: control characters are not allowed"},
        {"subject", "\"a\\u007f\"", "subject: control characters are not allowed"},
        {"subject", "\"a\\u0085\"", "subject: control characters are not allowed"},
        {"time", NULL, "time: missing; it must say when this happened"},
        {"time", "\"2026-02-30T10:00:00+08:00\"", time},
        {"time", "\"2026-02-13T10:00:00\"", time},
        {"time", "\"2026-02-13\"", time},
        {"time", "1770948000", time},
        {"time", "\"1969-12-31T23:59:59Z\"", time},
        {"arrived", "\"yesterday\"", arrived},
        {"data", "[]", "data: must be a JSON object"},
        {"data", "\"text\"", "data: must be a JSON object"},
        {"data_base64", "\"e30=\"", "data_base64: not taken; send \"data\" as a JSON object"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_note("%s = %s", rows[i].key, rows[i].value ? rows[i].value : "(left out)");
        CHECK_STR(reason(with(rows[i].key, rows[i].value)), rows[i].reason);
    }
    CHECK_STR(reason("[]"), "an event must be one JSON object");
    CHECK_STR(reason("{"), "not usable JSON: 1:2: the text ends; expected a key in double quotes");
    CHECK(strstr(reason("\xff{}"), "not usable JSON: 1:1: "));
}

static void subjects_end_at_128_bytes(void)
{
    char value[160];
    value[0] = '"';
    memset(value + 1, 'x', 129);
    memcpy(value + 129, "\"", 2);
    (void)read_good(with("subject", value));
    memcpy(value + 130, "\"", 2);
    value[129] = 'x';
    CHECK_STR(reason(with("subject", value)), "subject: 129 bytes; at most 128 are taken");
}

static void an_event_over_64_kib_is_refused_unread(void)
{
    char *json = malloc(EVENT_BYTES_MAX + 2);
    struct err_why why = {0};
    struct event event;
    if (!CHECK(json)) {
        return;
    }
    memset(json, ' ', EVENT_BYTES_MAX + 1);
    const char *small = ENVELOPE("");
    memcpy(json, small, strlen(small));
    CHECK(event_read((struct text){json, EVENT_BYTES_MAX}, no_default, &arena, &event, &why) == 0);
    CHECK(
        event_read((struct text){json, EVENT_BYTES_MAX + 1}, no_default, &arena, &event, &why) ==
        ERR_RANGE);
    CHECK_STR(why.text, "too large: 65537 bytes; an event is at most 65536");
    free(json);
}

static const char *nested(int depth)
{
    static char json[400];
    size_t used = 0;
    for (int i = 0; i < depth; i++) {
        used += (size_t)snprintf(json + used, sizeof json - used, "{\"a\":");
    }
    used += (size_t)snprintf(json + used, sizeof json - used, "1");
    for (int i = 0; i < depth; i++) {
        used += (size_t)snprintf(json + used, sizeof json - used, "}");
    }
    return json;
}

static void too_deep_data_is_refused(void)
{
    (void)read_good(with("data", nested(15))); /* 16 with the envelope */
    CHECK(strstr(reason(with("data", nested(16))), "not usable JSON: "));
}

/* One long key over many values would otherwise be copied once for each of them. */
static void memory_for_paths_is_bounded(void)
{
    char *json = malloc(EVENT_BYTES_MAX);
    if (!CHECK(json)) {
        return;
    }
    size_t used = (size_t)snprintf(
        json, EVENT_BYTES_MAX, "%.*s,\"data\":{\"", (int)strlen(ENVELOPE("")) - 1, ENVELOPE(""));
    memset(json + used, 'k', 30000);
    used += 30000;
    used += (size_t)snprintf(json + used, EVENT_BYTES_MAX - used, "\":[1");
    for (int i = 0; i < 3000; i++) {
        used += (size_t)snprintf(json + used, EVENT_BYTES_MAX - used, ",1");
    }
    (void)snprintf(json + used, EVENT_BYTES_MAX - used, "]}}");
    arena_reset(&arena);
    CHECK_STR(reason(json), "data: the path of a value is longer than 256 bytes");
    CHECK(arena.bytes_used < 1000000);
    free(json);
}

int main(void)
{
    arena_init(&arena, 0);
    CHECK_RUN(all_parts_of_an_event_are_read);
    CHECK_RUN(data_becomes_dotted_attributes);
    CHECK_RUN(a_list_of_texts_is_one_attribute);
    CHECK_RUN(missing_and_null_data_are_no_attributes);
    CHECK_RUN(arrival_is_the_extension_else_the_default_else_the_time);
    CHECK_RUN(kinds_of_the_producers_own_are_taken);
    CHECK_RUN(every_refusal_says_what_is_wrong);
    CHECK_RUN(subjects_end_at_128_bytes);
    CHECK_RUN(an_event_over_64_kib_is_refused_unread);
    CHECK_RUN(too_deep_data_is_refused);
    CHECK_RUN(memory_for_paths_is_bounded);
    arena_release(&arena);
    return check_done();
}
