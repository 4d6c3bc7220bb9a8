/* SPDX-License-Identifier: Apache-2.0 */
/* See history.h. */
#include "tests/support/history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/must.h"
#include "config/event_json.h"
#include "rules/simulate.h"

#define FILE_BYTES_MAX ((size_t)64 * 1024 * 1024)

static void read_file(const char *folder, const char *name, struct buf *buf)
{
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    struct err_why why = {{0}};
    if (file_read(path, buf, &why)) {
        (void)fprintf(stderr, "%s: %s\n", path, why.text);
        abort();
    }
}

struct line {
    struct event event;
    struct text body;
    size_t place;
};

static int compare_arrivals(const void *a, const void *b)
{
    const struct line *left = a;
    const struct line *right = b;
    if (left->event.arrived.ms != right->event.arrived.ms) {
        return left->event.arrived.ms < right->event.arrived.ms ? -1 : 1;
    }
    return left->place < right->place ? -1 : 1;
}

static void load_events(struct history *history, struct text text)
{
    size_t capacity = 0;
    for (size_t index = 0; index < text.bytes; index++) {
        capacity += text.ptr[index] == '\n';
    }
    struct line *lines = calloc(capacity + 1, sizeof(*lines));
    MUST(lines);
    size_t count = 0;
    while (text.bytes > 0) {
        const char *end = memchr(text.ptr, '\n', text.bytes);
        const size_t bytes = end ? (size_t)(end - text.ptr) : text.bytes;
        const struct text body = {text.ptr, bytes};
        const size_t used = bytes + (end ? 1 : 0);
        text = (struct text){text.ptr + used, text.bytes - used};
        if (bytes == 0) {
            continue;
        }
        struct err_why why = {{0}};
        struct line *line = &lines[count];
        line->body = arena_text(&history->arena, body);
        line->place = count++;
        MUST(!event_read(line->body, (struct wall_ms){-1}, &history->arena, &line->event, &why));
    }
    qsort(lines, count, sizeof(*lines), compare_arrivals);
    history->event_count = count;
    history->events = arena_array(&history->arena, count + 1, sizeof(struct event));
    history->bodies = arena_array(&history->arena, count + 1, sizeof(struct text));
    MUST(history->events && history->bodies);
    for (size_t index = 0; index < count; index++) {
        history->events[index] = lines[index].event;
        history->bodies[index] = lines[index].body;
    }
    free(lines);
}

static void load_until(struct history *history, struct text text)
{
    while (text.bytes > 0 &&
           (text.ptr[text.bytes - 1] == '\n' || text.ptr[text.bytes - 1] == ' ')) {
        text.bytes--;
    }
    MUST(!wall_parse(text.ptr, text.bytes, &history->until));
}

struct history *history_load(int world)
{
    struct history *history = calloc(1, sizeof(*history));
    MUST(history);
    arena_init(&history->arena, 0);
    const char *source = getenv("NRT_SOURCE_DIR");
    char folder[400];
    (void)snprintf(
        folder, sizeof(folder), "%s/tests/data/worlds/%02d", source ? source : ".", world);
    char rules[512];
    char calendar[512];
    char directory[512];
    (void)snprintf(rules, sizeof(rules), "%s/rules.json", folder);
    (void)snprintf(calendar, sizeof(calendar), "%s/calendar.json", folder);
    (void)snprintf(directory, sizeof(directory), "%s/directory.json", folder);
    struct report report;
    report_init(&report);
    const struct bundle_files files = {rules, calendar, directory};
    history->bundle = bundle_load_files(&files, &report);
    MUST(history->bundle);
    report_release(&report);
    struct buf text;
    buf_init(&text, FILE_BYTES_MAX);
    read_file(folder, "events.ndjson", &text);
    load_events(history, buf_view(&text));
    buf_clear(&text);
    read_file(folder, "until", &text);
    load_until(history, buf_view(&text));
    buf_release(&text);
    return history;
}

void history_free(struct history *history)
{
    if (!history) {
        return;
    }
    bundle_free(history->bundle);
    arena_release(&history->arena);
    free(history);
}

static enum err take_line(void *context, struct text line)
{
    struct json_doc *doc = NULL;
    MUST(!json_parse(line, &json_limits_config, &doc, NULL));
    tally_add_line(context, json_root(doc));
    json_free(doc);
    return ERR_OK;
}

void history_simulate_versions(
    const struct history *history, const struct rulebook *rulebook, struct tally *tally)
{
    struct simulation *simulation = simulation_create(rulebook);
    MUST(simulation);
    for (size_t index = 0; index < history->event_count; index++) {
        MUST(!simulation_add(simulation, &history->events[index]));
    }
    MUST(!simulation_run(simulation, history->until, take_line, tally));
    simulation_free(simulation);
    tally_sort(tally);
}

void history_simulate(const struct history *history, struct tally *tally)
{
    const struct policy *policies[1] = {&history->bundle->policy};
    const struct rulebook rulebook = {.policies = policies, .policy_count = 1};
    history_simulate_versions(history, &rulebook, tally);
}
