/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a parser costs grows with the bytes of its input and with nothing else, whatever the shape:
 * many keys, long texts, many duplicates, many mistakes. Counted are the basic blocks of base,
 * rules and config, which are the same on every machine but for the luck of hash tables (see
 * CMakeLists.txt here).
 *
 * nrt-test: slow plain
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/calendar_notice.h"
#include "config/event_json.h"
#include "config/files.h"
#include "config/settings_parts.h"
#include "config/zone_file.h"
#include "tests/support/check.h"

#define SMALL_BYTES ((size_t)64 << 10)
#define LARGE_BYTES ((size_t)1 << 20)
#define LONG_BYTES  ((size_t)4 << 20) /* with NRT_LONG */
#define EVENT_BYTES ((size_t)63 << 10)
#define GROWTH_MAX  2.0 /* of steps a byte, from the small input to the large: sorting has a log */
#define INPUT_BYTES ((size_t)16 << 20)

static uint64_t steps;

void __sanitizer_cov_trace_pc(void);

void __sanitizer_cov_trace_pc(void)
{
    steps++;
}

/* ---- inputs ---- */

/* head, then `item` again and again until there are so many bytes, then tail. '#' in an item
 * becomes its number, '%' the one before, if there is one. */
struct shape {
    const char *name;
    const char *head;
    const char *item;
    const char *tail;
    size_t bytes_max; /* of the large input; 0: as large as any */
};

static void add_item(struct buf *buf, const char *item, size_t number)
{
    for (const char *at = item; *at; at++) {
        if (*at == '#') {
            buf_format(buf, "%zu", number);
        } else if (*at == '%' && number > 0) {
            buf_format(buf, "%zu", number - 1);
        } else if (*at != '%') {
            buf_char(buf, *at);
        }
    }
}

static void build(const struct shape *shape, size_t byte_count, struct buf *buf)
{
    const size_t room = strlen(shape->tail);
    buf_init(buf, INPUT_BYTES);
    buf_string(buf, shape->head);
    for (size_t i = 0; buf->bytes + room < byte_count; i++) {
        if (i > 0 && shape->item[0] != '\\') {
            buf_char(buf, ',');
        }
        add_item(buf, shape->item[0] == '\\' ? shape->item + 1 : shape->item, i);
    }
    buf_string(buf, shape->tail);
    CHECK_EQ(buf_error(buf), ERR_OK);
}

/* ---- readers ---- */

static void read_rules(const struct source *source, const struct reading *reading)
{
    struct rule_ids ids = {.sets.across_files = true, .clocks.across_files = true};
    struct ruleset set;
    (void)ruleset_read(source, reading, &ids, &set);
    id_table_release(&ids.sets);
    id_table_release(&ids.clocks);
}

static void read_calendar(const struct source *source, const struct reading *reading)
{
    struct calendar_spec spec;
    (void)calendar_read(source, reading, NULL, &spec);
}

static void read_directory(const struct source *source, const struct reading *reading)
{
    struct directory_file file;
    (void)directory_read(source, reading, NULL, &file);
}

static void read_matters(const struct source *source, const struct reading *reading)
{
    struct matters_file file;
    (void)matters_read(source, reading, &file);
}

static void read_template(const struct source *source, const struct reading *reading)
{
    struct template_text text;
    (void)template_read(source, reading, &text);
}

static void read_settings(const struct source *source, const struct reading *reading)
{
    const struct secrets secrets = {.only_looking = true};
    struct settings settings;
    (void)settings_parse(source->json, &secrets, reading, &settings);
}

static void read_event(const struct source *source, const struct reading *reading)
{
    struct event event;
    const enum err err =
        event_read(source->json, (struct wall_ms){0}, reading->arena, &event, &(struct err_why){0});
    (void)err;
}

static void read_notice(const struct source *source, const struct reading *reading)
{
    struct zone zone;
    struct calendar_notice notice;
    zone_shanghai(&zone);
    const struct notice_options options = {.zone = &zone};
    (void)notice_read(source, reading, &options, &notice);
}

typedef void reading_fn(const struct source *source, const struct reading *reading);

static double steps_a_byte(const struct shape *shape, size_t byte_count, reading_fn *read)
{
    struct buf json;
    struct arena arena;
    struct report report;
    build(shape, byte_count, &json);
    arena_init(&arena, 0);
    report_init(&report);
    const struct reading reading = {.arena = &arena, .report = &report};
    const struct source source = {.file = "file", .json = buf_view(&json)};
    steps = 0;
    read(&source, &reading);
    const double cost = (double)steps / (double)json.bytes;
    CHECK(steps > 0);
    report_release(&report);
    arena_release(&arena);
    buf_release(&json);
    return cost;
}

static size_t large_bytes(const struct shape *shape)
{
    if (shape->bytes_max > 0) {
        return shape->bytes_max;
    }
    return getenv("NRT_LONG") ? LONG_BYTES : LARGE_BYTES;
}

static void try_shape(const struct shape *shape, reading_fn *read, double steps_max)
{
    const size_t large = large_bytes(shape);
    const size_t small = large > SMALL_BYTES ? SMALL_BYTES : large / 4;
    const double few = steps_a_byte(shape, small, read);
    const double many = steps_a_byte(shape, large, read);
    printf("%-34s %8.1f %8.1f steps a byte\n", shape->name, few, many);
    check_note("%s: %.1f steps a byte of %zu, %.1f of %zu", shape->name, few, small, many, large);
    CHECK(few <= steps_max && many <= steps_max);
    CHECK(many <= GROWTH_MAX * few);
}

static void try_shapes(
    const struct shape *shapes, size_t shape_count, reading_fn *read, double steps_max)
{
    for (size_t i = 0; i < shape_count; i++) {
        try_shape(&shapes[i], read, steps_max);
    }
}

#define TRY(shapes, read, steps_max)                                                               \
    try_shapes(shapes, sizeof(shapes) / sizeof((shapes)[0]), read, steps_max)

/* ---- shapes ---- */

#define CLOCK(id, more) "{\"id\":\"" id "\",\"limit\":\"5wd\",\"stages\":[" more "]}"
#define STAGE(id, more)                                                                            \
    "{\"id\":\"" id "\",\"at\":\"1d\",\"light\":\"red\",\"notify\":[\"handler\"]" more "}"
#define SET_HEAD "{\"id\":\"s\",\"version\":\"1\",\"clocks\":["
#define ONE_SET  SET_HEAD CLOCK("c", "") "],"

static void rules_cost_what_their_bytes_do(void)
{
    static const struct shape shapes[] = {
        {"rules: clocks", SET_HEAD, CLOCK("c#", ""), "]}", 0},
        {"rules: clocks, a line each", SET_HEAD, "\n" CLOCK("c#", ""), "]}", 0},
        {"rules: one clock again and again", SET_HEAD, "\n" CLOCK("c", ""), "]}", 0},
        {"rules: stages", SET_HEAD "{\"id\":\"c\",\"limit\":\"5wd\",\"stages\":[", STAGE("s#", ""),
         "]}]}", 0},
        {"rules: one stage again and again",
         SET_HEAD "{\"id\":\"c\",\"limit\":\"5wd\",\"stages\":[", STAGE("s", ""), "]}]}", 0},
        {"rules: families of policies",
         ONE_SET "\"accountability\":[{\"id\":\"p\",\"misses\":1,"
                 "\"window\":\"year\",\"families\":[",
         "\"c\"", "]}]}", 0},
        {"rules: unknown families", ONE_SET "\"figures\":{\"on_time\":[", "\"c#\"", "]}}", 0},
        {"rules: clocks and their families", SET_HEAD, CLOCK("c#", ""),
         "],\"figures\":{\"on_time\":[\"c1\"]}}", 0},
        {"rules: unknown keys", ONE_SET, "\"clocs#\":1", "}", 0},
        {"rules: unknown long keys", ONE_SET,
         "\"acountabilityacountabilityacountabilityacountability#\":1", "}", 0},
        {"rules: mistakes", SET_HEAD, "{\"id\":\"a b\",\"limt\":5,\"stages\":{}}", "]}", 0},
        {"rules: mistakes, a line each", SET_HEAD, "\n\n\n{\"id\":\"a b\",\"limt\":5}", "]}", 0},
        {"rules: words nobody knows", SET_HEAD "{\"id\":\"c\",\"limit\":\"5wd\",\"stages\":[",
         STAGE("s#", ",\"send\":\"offfice\""), "]}]}", 0},
        {"rules: conditions", SET_HEAD "{\"id\":\"c\",\"limit\":\"5wd\",\"stages\":[],\"match\":{",
         "\"labels.k#\":\"a*\"", "}}]}", 0},
        {"rules: one long text", "{\"id\":\"s\",\"version\":\"1\",\"note\":\"", "\\界", "\"}", 0},
        {"rules: one long id", "{\"version\":\"1\",\"id\":\"", "\\a", "\"}", 0},
        {"rules: escapes", "{\"id\":\"s\",\"note\":\"", "\\\\u754c", "\"}", 0},
        {"rules: deep", "", "\\[", "", 0},
        {"rules: local times",
         SET_HEAD "{\"id\":\"c\",\"limit\":\"5wd\",\"stages\":[{\"id\":\"s\","
                  "\"repeat\":{\"at\":[",
         "\"08:30\"", "]}}]}]}", 0},
        {"rules: white space", SET_HEAD, "\\\n", CLOCK("c", "") "],\"x\":1,\"y\":2}", 0},
    };
    TRY(shapes, read_rules, 400);
}

static void calendars_cost_what_their_bytes_do(void)
{
    static const struct shape shapes[] = {
        {"calendar: one date", "{\"id\":\"k\",\"holidays\":[", "\"2026-01-01\"", "]}", 0},
        {"calendar: no dates, a line each", "{\"id\":\"k\",\"holidays\":[", "\n\"2026-02-30\"",
         "]}", 0},
        {"calendar: closures", "{\"id\":\"k\",\"closures\":[",
         "{\"date\":\"2026-08-05\",\"reason\":\"typhoon #\"}", "]}", 0},
        {"calendar: seasons", "{\"id\":\"k\",\"seasonal_hours\":[",
         "{\"from\":\"06-15\",\"to\":\"09-15\",\"office_hours\":[[\"08:00\",\"12:00\"]]}", "]}", 0},
        {"calendar: years", "{\"id\":\"k\",\"official_years\":[", "2026", "]}", 0},
        {"calendar: hours", "{\"id\":\"k\",\"office_hours\":[", "[\"08:00\",\"12:00\"]", "]}", 0},
    };
    TRY(shapes, read_calendar, 400);
}

static void directories_cost_what_their_bytes_do(void)
{
    static const struct shape shapes[] = {
        {"directory: people", "{\"units\":[],\"people\":[", "{\"id\":\"p#\",\"name\":\"n\"}", "]}",
         0},
        {"directory: one person", "{\"units\":[],\"people\":[", "\n{\"id\":\"p\",\"name\":\"n\"}",
         "]}", 0},
        {"directory: unknown units", "{\"units\":[{\"id\":\"d\",\"name\":\"d\"}],\"people\":[",
         "{\"id\":\"p#\",\"name\":\"n\",\"unit\":\"e#\"}", "]}", 0},
        {"directory: unknown parents", "{\"people\":[],\"units\":[",
         "{\"id\":\"d#\",\"name\":\"n\",\"parent\":\"e#\"}", "]}", 0},
        {"directory: a chain of superiors",
         "{\"people\":[],\"units\":[{\"id\":\"d1\",\"name\":\"n\"},",
         "{\"id\":\"d1#\",\"name\":\"n\",\"parent\":\"d1%\"}", "]}", 0},
        {"directory: handlers",
         "{\"people\":[{\"id\":\"p\",\"name\":\"n\"}],\"units\":[{\"id\":\"d\",\"name\":\"n\","
         "\"handlers\":[",
         "\"p\"", "]}]}", 0},
        {"directory: unknown handlers",
         "{\"people\":[{\"id\":\"p\",\"name\":\"n\"}],\"units\":[{\"id\":\"d\",\"name\":\"n\","
         "\"handlers\":[",
         "\"q#\"", "]}]}", 0},
        {"directory: leaves", "{\"units\":[],\"people\":[{\"id\":\"p\",\"name\":\"n\",\"leave\":[",
         "{\"from\":\"2026-01-01\",\"to\":\"2026-01-02\",\"delegate\":\"x#\"}", "]}]}", 0},
    };
    TRY(shapes, read_directory, 600);
}

static void matters_cost_what_their_bytes_do(void)
{
    static const struct shape shapes[] = {
        {"matters: main items", "{\"matters\":[", "{\"id\":\"m#\",\"title\":\"t\"}", "]}", 0},
        {"matters: sub-items of the last", "{\"matters\":[",
         "{\"id\":\"m#\",\"title\":\"t\",\"parent\":\"last\"}",
         ",{\"id\":\"last\",\"title\":\"t\"}]}", 0},
        {"matters: unknown parents", "{\"matters\":[",
         "{\"id\":\"m#\",\"title\":\"t\",\"parent\":\"n#\"}", "]}", 0},
        {"matters: one id", "{\"matters\":[", "{\"id\":\"m\",\"title\":\"t\"}", "]}", 0},
    };
    TRY(shapes, read_matters, 400);
}

static void templates_cost_what_their_bytes_do(void)
{
    static const struct shape shapes[] = {
        {"template: values", "{\"id\":\"t\",\"texts\":{\"zh\":{\"sms\":\"{sign}\",\"markdown\":\"",
         "\\{unit}", "\"}}}", 0},
        {"template: braces", "{\"id\":\"t\",\"texts\":{\"zh\":{\"sms\":\"{sign}\",\"markdown\":\"",
         "\\{{", "\"}}}", 0},
        {"template: parameters",
         "{\"id\":\"t\",\"vendor\":{\"sms\":{\"template\":\"1\",\"params\":{", "\"p#\":\"{unti}\"",
         "}}}}", 0},
        {"template: channels", "{\"id\":\"t\",\"vendor\":{", "\"c#\":{\"template\":\"1\"}", "}}",
         0},
    };
    TRY(shapes, read_template, 400);
}

static void settings_cost_what_their_bytes_do(void)
{
    static const struct shape shapes[] = {
        {"settings: channels", "{\"channels\":{", "\"c#\":{\"type\":\"sandbox\"}", "}}", 0},
        {"settings: unknown channels", "{\"default_via\":[", "\"c#\"", "]}", 0},
        {"settings: channels and their use", "{\"channels\":{", "\"c#\":{\"type\":\"sandbox\"}",
         "},\"default_via\":[\"c1\"]}", 0},
        {"settings: robots", "{\"channels\":{\"d\":{\"type\":\"dingtalk-robot\",\"robots\":{",
         "\"r#\":{\"token\":{\"env\":\"X\"},\"secret\":{\"env\":\"X\"}}", "}}}}", 0},
        {"settings: unknown keys of a channel", "{\"channels\":{\"d\":{\"type\":\"sandbox\",",
         "\"signatur#\":1", "}}}", 0},
        {"settings: roles", "{\"ops\":{\"notify\":[", "\"handlr#\"", "]}}", 0},
    };
    TRY(shapes, read_settings, 400);
}

#define EVENT_HEAD                                                                                 \
    "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"case.received\","           \
    "\"subject\":\"c\",\"time\":\"2026-02-13T10:00:00Z\","

/* An event has 64 KiB at most; larger ones are refused before a byte is looked at. */
static void events_cost_what_their_bytes_do(void)
{
    static const struct shape shapes[] = {
        {"event: attributes", EVENT_HEAD "\"data\":{", "\"some-key-#\":\"v\"", "}}", EVENT_BYTES},
        {"event: a list", EVENT_HEAD "\"data\":{\"l\":[", "1234567890123456", "]}}", EVENT_BYTES},
        {"event: a list of texts", EVENT_HEAD "\"data\":{\"co_units\":[",
         "\"a-unit-of-some-name-#\"", "]}}", EVENT_BYTES},
        {"event: texts of many lists", EVENT_HEAD "\"data\":{",
         "\"l#\":[\"a-text-of-some-length\",\"another-text-of-some-length\"]", "}}", EVENT_BYTES},
        {"event: other attributes", EVENT_HEAD, "\"extension#\":\"vvvvvvvvvvvv\"", "}",
         EVENT_BYTES},
        {"event: a long text", EVENT_HEAD "\"data\":{\"title\":\"", "\\界", "\"}}", EVENT_BYTES},
        {"event: too large", EVENT_HEAD "\"data\":{\"title\":\"", "\\a", "\"}}", 0},
    };
    TRY(shapes, read_event, 400);
}

#define ICAL_EVENT "\\BEGIN:VEVENT\r\nUID:#\r\nDTSTART;VALUE=DATE:20260217\r\nSUMMARY:春节(休)\r\n"
#define ICAL_FIRST "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20260217\r\n"

/* A notice has 2 MiB and 10,000 events at most. */
static void notices_cost_what_their_bytes_do(void)
{
    static const struct shape shapes[] = {
        {"notice: events", "BEGIN:VCALENDAR\r\n", ICAL_EVENT "END:VEVENT\r\n", "END:VCALENDAR\r\n",
         (size_t)700 << 10},
        {"notice: one folded line", ICAL_FIRST "SUMMARY:a", "\\\r\n a",
         "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", 0},
        {"notice: one long line", ICAL_FIRST "SUMMARY:a", "\\a",
         "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", 0},
        {"notice: properties", ICAL_FIRST, "\\X-A;B=C:d#\r\n", "END:VEVENT\r\nEND:VCALENDAR\r\n",
         0},
        {"notice: opened only", "BEGIN:VCALENDAR\r\n", "\\BEGIN:VEVENT\r\n", "", 0},
        {"notice: days", "{\"year\":2026,\"papers\":[],\"days\":[",
         "{\"name\":\"n\",\"date\":\"2026-02-17\",\"isOffDay\":true}", "]}", 0},
        {"notice: unknown days", "{\"year\":2026,\"papers\":[],\"days\":[", "{\"nam#\":\"n\"}",
         "]}", 0},
    };
    TRY(shapes, read_notice, 400);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(rules_cost_what_their_bytes_do);
    CHECK_RUN(calendars_cost_what_their_bytes_do);
    CHECK_RUN(directories_cost_what_their_bytes_do);
    CHECK_RUN(matters_cost_what_their_bytes_do);
    CHECK_RUN(templates_cost_what_their_bytes_do);
    CHECK_RUN(settings_cost_what_their_bytes_do);
    CHECK_RUN(notices_cost_what_their_bytes_do);
    CHECK_RUN(events_cost_what_their_bytes_do);
    return check_done();
}
