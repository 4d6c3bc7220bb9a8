/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Polls a job with a growing pause, so that short ones are quick and long ones cost nothing.
 */
#include "cli/job.h"

#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/args.h"
#include "cli/commands.h"

#define PAUSE_FIRST_MS 20
#define PAUSE_MAX_MS   500
#define APPEAR_MS      ((int64_t)5000) /* a sweep begins when its version has been read */
#define PAGE_ITEMS     500
#define BAR_CELLS      30

struct bar {
    const char *what;
    struct mono_ms began;
    bool shown;
};

static int64_t number_of(const struct json_value *object, const char *key)
{
    int64_t number = 0;
    return json_i64(json_get(object, key), &number) == ERR_OK ? number : 0;
}

/* "preview [#########           ] 31 % of 1200000, 12 s left" */
static void show_bar(struct bar *bar, const struct json_value *job)
{
    const int64_t total = number_of(job, "total");
    const int64_t done = number_of(job, "done");
    if (!isatty(STDERR_FILENO) || total <= 0) {
        return;
    }
    char cells[BAR_CELLS + 1];
    const double share = done >= total ? 1 : (double)done / (double)total;
    for (int i = 0; i < BAR_CELLS; i++) {
        cells[i] = share * BAR_CELLS > i ? '#' : ' ';
    }
    cells[BAR_CELLS] = '\0';
    const double seconds = (double)(clock_mono().ms - bar->began.ms) / 1000;
    const double left = share > 0 ? seconds / share - seconds : 0;
    (void)fprintf(
        stderr, "\r%s [%s] %3.0f %% of %lld, %.0f s left   ", bar->what, cells, share * 100,
        (long long)total, left);
    (void)fflush(stderr);
    bar->shown = true;
}

static int job_failed(const struct rules *rules, const char *what, const struct json_value *job)
{
    const struct text why = json_get_string(job, "why");
    if (rules->json) {
        rules_print_json(job);
    }
    return args_fail(
        EXIT_FOUND, "rules", "the %s did not come to its end: %.*s", what,
        TEXT_ARGS(why.bytes > 0 ? why : json_get_string(job, "state")));
}

/* It is not running any more: its last state is the answer, or the reason why there is none. */
static int conclude(
    const struct rules *rules, const char *what, struct json_doc *doc, struct json_doc **ret_doc)
{
    const struct json_value *job = json_root(doc);
    if (text_is(json_get_string(job, "state"), "done")) {
        *ret_doc = doc;
        return EXIT_FINE;
    }
    const int code = job_failed(rules, what, job);
    json_free(doc);
    return code;
}

int job_wait(const struct rules *rules, struct text id, const char *what, struct json_doc **ret_doc)
{
    struct bar bar = {.what = what, .began = clock_mono()};
    char path[256];
    int pause_ms = PAUSE_FIRST_MS;
    (void)snprintf(path, sizeof(path), "/api/v1/jobs/%.*s", TEXT_ARGS(id));
    for (;;) {
        struct json_doc *doc = NULL;
        const int code = api_get_json(&rules->api, path, &doc);
        if (code != EXIT_FINE) {
            return code;
        }
        show_bar(&bar, json_root(doc));
        if (!text_is(json_get_string(json_root(doc), "state"), "running")) {
            (void)fputs(bar.shown ? "\n" : "", stderr);
            return conclude(rules, what, doc, ret_doc);
        }
        json_free(doc);
        (void)poll(NULL, 0, pause_ms);
        pause_ms = pause_ms * 2 > PAUSE_MAX_MS ? PAUSE_MAX_MS : pause_ms * 2;
    }
}

int job_wait_for(
    const struct rules *rules, const char *id, const char *what, struct json_doc **ret_doc)
{
    char path[256];
    const int64_t end_ms = clock_mono().ms + APPEAR_MS;
    (void)snprintf(path, sizeof(path), "/api/v1/jobs/%s", id);
    while (clock_mono().ms < end_ms) {
        struct api_answer answer;
        const struct api_call call = {.method = "GET", .path = path, .quiet = true};
        if (api_send_well(&rules->api, &call, &answer) == EXIT_FINE) {
            buf_release(&answer.body);
            return job_wait(rules, text_of(id), what, ret_doc);
        }
        (void)poll(NULL, 0, PAUSE_FIRST_MS);
    }
    return EXIT_FOUND;
}

/* One page; the next one's cursor into `cursor`. */
static int take_page(
    const struct rules *rules,
    const struct buf *path,
    struct buf *cursor,
    job_item_fn *take,
    void *context)
{
    struct json_doc *doc = NULL;
    const int code = api_get_json(&rules->api, path->ptr ? path->ptr : "", &doc);
    if (code != EXIT_FINE) {
        return code;
    }
    const struct json_value *items = json_get(json_root(doc), "items");
    for (const struct json_value *item = json_first(items); item; item = json_next(item)) {
        take(context, item);
    }
    buf_clear(cursor);
    buf_text(cursor, json_get_string(json_root(doc), "next"));
    json_free(doc);
    return EXIT_FINE;
}

int job_items(
    const struct rules *rules, struct text id, int64_t limit, job_item_fn *take, void *context)
{
    struct buf path;
    struct buf cursor;
    int code = EXIT_FINE;
    int64_t left = limit;
    buf_init(&path, 4096);
    buf_init(&cursor, 1024);
    do {
        char rows[24];
        const int64_t page = limit > 0 && left < PAGE_ITEMS ? left : PAGE_ITEMS;
        (void)snprintf(rows, sizeof(rows), "%lld", (long long)page);
        buf_clear(&path);
        buf_format(&path, "/api/v1/jobs/%.*s/items", TEXT_ARGS(id));
        api_query(&path, "limit", rows);
        api_query(&path, "cursor", cursor.bytes > 0 ? cursor.ptr : NULL);
        code = take_page(rules, &path, &cursor, take, context);
        left -= page;
    } while (code == EXIT_FINE && cursor.bytes > 0 && (limit == 0 || left > 0));
    buf_release(&path);
    buf_release(&cursor);
    return code;
}
