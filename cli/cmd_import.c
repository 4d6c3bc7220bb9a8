/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `nrt import FILE`: batch after batch to POST /api/v1/events. A batch is repeated while Redis is
 * away: (source, id) makes that harmless. What the service rejects is listed with its line.
 */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/api.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/import_file.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define BATCH_DEFAULT   ((int64_t)500)
#define BATCH_MAX       ((int64_t)5000)
#define BATCH_BYTES_MAX ((size_t)900 * 1024)
#define TRIES_MAX       20
#define TRY_AGAIN_MS    500
#define REPLAY_WAIT_MS  ((int64_t)3600 * 1000)
#define PROGRESS_MS     ((int64_t)200)

struct import {
    struct api api;
    struct import_file file;
    bool json;
    bool replay;
    size_t batch_lines_max;
    size_t queued;
    size_t rejected;
    struct buf rejects; /* JSON objects joined by ',' */
    struct mono_ms began;
    struct mono_ms shown;
};

static void show_progress(struct import *import, size_t done, bool last)
{
    const int64_t now_ms = clock_mono().ms;
    if (!isatty(STDERR_FILENO) || (!last && now_ms - import->shown.ms < PROGRESS_MS)) {
        return;
    }
    import->shown.ms = now_ms;
    const double seconds = (double)(now_ms - import->began.ms + 1) / 1000;
    const double rate = (double)done / seconds;
    const double left = rate > 0 ? (double)(import->file.count - done) / rate : 0;
    (void)fprintf(
        stderr, "\r%zu of %zu events, %.0f a second, %.0f s left   %s", done, import->file.count,
        rate, left, last ? "\n" : "");
    (void)fflush(stderr);
}

static void note_reject(struct import *import, size_t number, struct text reason)
{
    struct json_out out;
    import->rejected++;
    if (!import->json) {
        (void)fprintf(stderr, "line %zu: rejected: %.*s\n", number, TEXT_ARGS(reason));
        return;
    }
    if (import->rejects.bytes > 0) {
        buf_char(&import->rejects, ',');
    }
    json_out_init(&out, &import->rejects);
    json_out_open(&out, '{');
    json_out_member_i64(&out, "line", (int64_t)number);
    json_out_member(&out, "reason", reason);
    json_out_close(&out, '}');
}

/* A batch of one line that is refused as a whole (too large ...) is a reject like any other. */
static int refused(
    struct import *import, const struct import_line *lines, size_t count, struct api_answer *answer)
{
    if (count == 1 && (answer->status == 400 || answer->status == 413)) {
        struct json_doc *doc = NULL;
        struct text detail = TEXT_LITERAL("refused");
        if (json_parse(buf_view(&answer->body), &json_limits_answer, &doc, NULL) == ERR_OK &&
            json_get_string(json_root(doc), "detail").bytes > 0) {
            detail = json_get_string(json_root(doc), "detail");
        }
        note_reject(import, lines[0].number, detail);
        json_free(doc);
        buf_release(&answer->body);
        return EXIT_FINE;
    }
    return api_problem(&import->api, answer);
}

static int take_results(
    struct import *import, const struct import_line *lines, size_t count, struct api_answer *answer)
{
    struct json_doc *doc = NULL;
    if (json_parse(buf_view(&answer->body), &json_limits_config, &doc, NULL) != ERR_OK ||
        json_type(json_get(json_root(doc), "results")) != JSON_ARRAY) {
        json_free(doc);
        return refused(import, lines, count, answer);
    }
    const struct json_value *results = json_get(json_root(doc), "results");
    size_t index = 0;
    for (const struct json_value *result = json_first(results); result && index < count;
         result = json_next(result)) {
        if (text_is(json_get_string(result, "verdict"), "queued")) {
            import->queued++;
        } else {
            note_reject(import, lines[index].number, json_get_string(result, "reason"));
        }
        index++;
    }
    json_free(doc);
    buf_release(&answer->body);
    if (index < count) {
        return args_fail(
            EXIT_FOUND, "import", "the service answered for %zu of %zu events from line %zu on",
            index, count, lines[0].number);
    }
    return EXIT_FINE;
}

static int send_batch(
    struct import *import, const struct import_line *lines, size_t count, struct text body)
{
    const struct api_call call = {
        .method = "POST",
        .path = "/api/v1/events",
        .type = "application/x-ndjson",
        .body = body,
        .timeout_ms = import->replay ? REPLAY_WAIT_MS : 0,
    };
    struct api_answer answer;
    for (int tries = 1;; tries++) {
        const int code = api_send(&import->api, &call, &answer);
        if (code != EXIT_FINE) {
            return code;
        }
        if (answer.status != 503 && answer.status != 429) {
            break;
        }
        if (tries == TRIES_MAX) {
            return api_problem(&import->api, &answer);
        }
        buf_release(&answer.body);
        (void)poll(NULL, 0, TRY_AGAIN_MS);
    }
    if (answer.status == 202 || answer.status == 400 || answer.status == 413) {
        return take_results(import, lines, count, &answer);
    }
    return api_problem(&import->api, &answer);
}

static int send_all(struct import *import)
{
    struct buf body;
    int code = EXIT_FINE;
    size_t at = 0;
    buf_init(&body, IMPORT_FILE_BYTES_MAX);
    while (code == EXIT_FINE && at < import->file.count) {
        const struct import_line *lines = &import->file.lines[at];
        size_t count = 0;
        buf_clear(&body);
        while (at + count < import->file.count && count < import->batch_lines_max &&
               (count == 0 || body.bytes + lines[count].text.bytes < BATCH_BYTES_MAX)) {
            buf_text(&body, lines[count].text);
            buf_char(&body, '\n');
            count++;
        }
        code = send_batch(import, lines, count, buf_view(&body));
        at += count;
        show_progress(import, at, at == import->file.count);
    }
    buf_release(&body);
    return code;
}

/* A service with a stepped clock replays history. */
static int ask_clock(struct import *import)
{
    struct json_doc *doc = NULL;
    const int code = api_get_json(&import->api, "/api/v1/clock", &doc);
    if (code == EXIT_FINE) {
        import->replay =
            import->replay || text_is(json_get_string(json_root(doc), "clock_mode"), "stepped");
        json_free(doc);
    }
    return code;
}

static void print_result(const struct import *import)
{
    if (import->json) {
        printf(
            "{\"events\":%zu,\"queued\":%zu,\"rejected\":%zu,\"rejects\":[%.*s]}\n",
            import->file.count, import->queued, import->rejected,
            TEXT_ARGS(buf_view(&import->rejects)));
        return;
    }
    printf(
        "%zu events: %zu queued, %zu rejected\n", import->file.count, import->queued,
        import->rejected);
}

static int run_import(struct import *import, const char *path)
{
    struct err_why why = {.text = ""};
    int code = ask_clock(import);
    if (code != EXIT_FINE) {
        return code;
    }
    if (import_file_read(&import->file, path, import->replay, &why) != ERR_OK) {
        import_file_release(&import->file);
        return args_fail(EXIT_FOUND, "import", "%s", why.text);
    }
    import->began = clock_mono();
    code = send_all(import);
    if (code == EXIT_FINE || import->queued + import->rejected > 0) {
        print_result(import);
    }
    import_file_release(&import->file);
    return code == EXIT_FINE && import->rejected > 0 ? EXIT_FOUND : code;
}

int cmd_import(int argc, char **argv)
{
    struct import import = {.batch_lines_max = (size_t)BATCH_DEFAULT};
    const char *path = NULL;
    const char *data = NULL;
    const char *batch_text = NULL;
    int64_t batch = BATCH_DEFAULT;
    const struct arg args[] = {
        {.name = "FILE", .text = &path, .required = true},
        {.name = "--replay", .flag = &import.replay},
        {.name = "--batch", .text = &batch_text},
        {.name = "--data", .text = &data},
        {.name = "--json", .flag = &import.json},
    };
    int code = args_read(argc, argv, args, COUNT_OF(args));
    if (code != EXIT_FINE) {
        return code;
    }
    if (batch_text &&
        (text_parse_i64(text_of(batch_text), &batch) != ERR_OK || batch < 1 || batch > BATCH_MAX)) {
        return args_misuse("import", "--batch must be 1 to %" PRId64, BATCH_MAX);
    }
    import.batch_lines_max = (size_t)batch;
    buf_init(&import.rejects, (size_t)256 * 1024 * 1024);
    api_init(&import.api, "import", data);
    code = run_import(&import, path);
    buf_release(&import.rejects);
    return code;
}
