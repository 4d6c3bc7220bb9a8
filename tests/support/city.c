/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads tests/data of the source tree (NRT_SOURCE_DIR).
 */
#include "tests/support/city.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "config/event_json.h"
#include "config/event_lines.h"

struct wall_ms city_instant(const char *rfc3339)
{
    struct wall_ms at = {0};
    MUST(wall_parse(rfc3339, strlen(rfc3339), &at) == ERR_OK);
    return at;
}

const char *city_path(struct city *city, const char *name)
{
    char path[512];
    const char *source = getenv("NRT_SOURCE_DIR");
    MUST(source);
    (void)snprintf(path, sizeof(path), "%s/tests/data/%s", source, name);
    return arena_string(&city->arena, text_of(path));
}

static int by_case(const void *a, const void *b)
{
    const struct made_event *left = a;
    const struct made_event *right = b;
    const int order = text_compare(left->event.subject, right->event.subject);
    return order != 0 ? order : event_compare(&left->event, &right->event);
}

void city_load(struct city *city)
{
    struct event_lines lines;
    struct event_line line;
    bool found = false;
    const struct wall_ms as_it_happened = {.ms = -1};
    *city = (struct city){0};
    arena_init(&city->arena, 0);
    city->events = arena_array(&city->arena, CITY_EVENTS_MAX, sizeof(*city->events));
    MUST(city->events);
    MUST(event_lines_open(&lines, city_path(city, "dongyang-825.ndjson"), NULL) == ERR_OK);
    while (event_lines_next(&lines, &line, &found, NULL) == ERR_OK && found) {
        MUST(city->event_count < CITY_EVENTS_MAX);
        struct made_event *made = &city->events[city->event_count++];
        made->body = arena_text(&city->arena, line.text);
        MUST(event_read(made->body, as_it_happened, &city->arena, &made->event, NULL) == ERR_OK);
    }
    event_lines_close(&lines);
    MUST(city->event_count > 825);
    qsort(city->events, city->event_count, sizeof(*city->events), by_case);
}

void city_release(struct city *city)
{
    arena_release(&city->arena);
}

struct bundle *city_bundle(struct city *city, const char *rules, const char *calendar)
{
    struct report report;
    const struct bundle_files files = {
        .rules = rules ? rules : city_path(city, "rules-dongyang.json"),
        .calendar = calendar ? calendar : city_path(city, "calendar-cn.json"),
        .directory = city_path(city, "directory.json"),
    };
    report_init(&report);
    struct bundle *bundle = bundle_load_files(&files, &report);
    if (!bundle && report.count > 0) {
        (void)fprintf(stderr, "city: %s\n", report.findings[0].message);
    }
    report_release(&report);
    MUST(bundle);
    return bundle;
}

struct made_event *city_copy(struct city *city)
{
    struct made_event *copy = arena_array(&city->arena, city->event_count, sizeof(*copy));
    MUST(copy);
    memcpy(copy, city->events, city->event_count * sizeof(*copy));
    return copy;
}
