/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `nrt up --demo`: 825 cases of a city in five months of 2019. The clock starts on 15 July and runs
 * a day in two seconds. What happened before that is imported at once, as old cases always
 * are: it counts in every figure but rings nobody. What happens after is posted when its time
 * comes. All figures come from the ledger; nothing here computes one.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/embed.h"
#include "base/file.h"
#include "cli/api.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/up.h"
#include "config/event_json.h"

#define DEMO_START_MS INT64_C(1563120000000) /* 2019-07-15T00:00:00+08:00 */
#define DEMO_SPEED    43200.0
#define DEMO_BATCH    200
#define DEMO_READY_MS ((int64_t)60000)
#define DEMO_LOOK_MS  100
#define DEMO_EVENTS   "shipped/demo/dongyang-825.ndjson"

struct demo_event {
    struct wall_ms time;
    struct text line;
};

struct demo {
    struct api api;
    struct service_clock clock;
    struct demo_event *events; /* by time */
    size_t count;
    size_t next;
};

struct wall_ms demo_start(void)
{
    return (struct wall_ms){.ms = DEMO_START_MS};
}

double demo_speed(void)
{
    return DEMO_SPEED;
}

int demo_write_config(const char *folder)
{
    static const char *const names[] = {"directory.json", "matters.json"};
    struct err_why why = {.text = ""};
    enum err err = file_make_folders(folder, 0700, &why);
    for (size_t i = 0; err == ERR_OK && i < sizeof(names) / sizeof(names[0]); i++) {
        char from[64];
        char to[4200];
        (void)snprintf(from, sizeof(from), "shipped/demo/%s", names[i]);
        (void)snprintf(to, sizeof(to), "%s/%s", folder, names[i]);
        err = file_write(
            to, embedded_find(nrt_embedded_config, nrt_embedded_config_count, from), 0600, &why);
    }
    return err == ERR_OK ? EXIT_FINE : args_fail(EXIT_FOUND, "up", "%s", why.text);
}

static int by_time(const void *a, const void *b)
{
    const struct demo_event *left = a;
    const struct demo_event *right = b;
    if (left->time.ms != right->time.ms) {
        return left->time.ms < right->time.ms ? -1 : 1;
    }
    return left->line.ptr < right->line.ptr ? -1 : 1;
}

static bool take_line(struct demo *demo, struct text line, struct arena *scratch)
{
    struct event event;
    struct err_why why;
    arena_reset(scratch);
    if (event_read(line, (struct wall_ms){.ms = -1}, scratch, &event, &why) != ERR_OK) {
        return false;
    }
    demo->events[demo->count++] = (struct demo_event){.time = event.time, .line = line};
    return true;
}

static bool read_events(struct demo *demo)
{
    struct text all = embedded_find(nrt_embedded_config, nrt_embedded_config_count, DEMO_EVENTS);
    struct arena scratch;
    size_t lines = 0;
    for (size_t i = 0; i < all.bytes; i++) {
        lines += all.ptr[i] == '\n';
    }
    demo->events = calloc(lines + 1, sizeof(*demo->events));
    if (!demo->events) {
        return false;
    }
    bool good = true;
    arena_init(&scratch, 0);
    while (good && all.bytes > 0) {
        const char *end = memchr(all.ptr, '\n', all.bytes);
        const size_t bytes = end ? (size_t)(end - all.ptr) : all.bytes;
        if (bytes > 0) {
            good = take_line(demo, (struct text){.ptr = all.ptr, .bytes = bytes}, &scratch);
        }
        all.ptr += bytes + (end != NULL);
        all.bytes -= bytes + (end != NULL);
    }
    arena_release(&scratch);
    qsort(demo->events, demo->count, sizeof(*demo->events), by_time);
    return good;
}

/* One POST of what has happened by now; false to try again later. */
static bool post_some(struct demo *demo, struct wall_ms now)
{
    struct buf body;
    struct api_answer answer;
    size_t end = demo->next;
    buf_init(&body, API_POST_BYTES_MAX);
    while (end < demo->count && end - demo->next < DEMO_BATCH &&
           demo->events[end].time.ms <= now.ms) {
        buf_text(&body, demo->events[end].line);
        buf_char(&body, '\n');
        end++;
    }
    const struct api_call call = {
        .method = "POST",
        .path = "/api/v1/events",
        .type = "application/x-ndjson",
        .body = buf_view(&body),
        .quiet = true,
    };
    const bool good = end > demo->next && api_send_well(&demo->api, &call, &answer) == EXIT_FINE;
    if (good) {
        buf_release(&answer.body);
        demo->next = end;
    }
    buf_release(&body);
    return good;
}

static void feed(struct demo *demo)
{
    while (demo->next < demo->count) {
        const struct wall_ms now = clock_now(&demo->clock);
        if (demo->events[demo->next].time.ms > now.ms || !post_some(demo, now)) {
            (void)poll(NULL, 0, DEMO_LOOK_MS);
        }
    }
}

int demo_run(void *context)
{
    struct up *up = context;
    struct demo demo = {.clock = up->clock};
    if (!read_events(&demo)) {
        return args_fail(EXIT_FINE, "up", "the events of the demo cannot be read");
    }
    if (guide_wait_ready(up, DEMO_READY_MS) != EXIT_FINE) {
        return args_fail(EXIT_FINE, "up", "the service did not become ready; its log says why");
    }
    api_init_at(&demo.api, "up", up->url, up->data);
    api_trust(&demo.api, up->settings.http_tls.cert);
    while (demo.next < demo.count && demo.events[demo.next].time.ms <= DEMO_START_MS) {
        if (!post_some(&demo, demo_start())) {
            (void)poll(NULL, 0, DEMO_LOOK_MS);
        }
    }
    printf("imported %zu events of the time before 15 July 2019\n", demo.next);
    (void)guide_run(up);
    feed(&demo);
    printf("the last event of the demo was posted; the clock goes on\n");
    (void)fflush(stdout);
    free(demo.events);
    return EXIT_FINE;
}
