/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See export_file.h. The file is written beside its name and takes it when it is whole.
 */
#include "cli/export_file.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/args.h"
#include "cli/commands.h"

#define PATH_BYTES ((size_t)1024)
#define BODY_BYTES ((size_t)4096)
#define WAIT_MS    ((int64_t)3600 * 1000)
#define LOOK_MS    200
#define STATUS_JOB 413 /* too many rows at once */

struct saving {
    const struct export_order *order;
    char part[1200]; /* the name while it is not whole */
    FILE *file;
    bool unwritten;
};

static bool write_part(void *context, struct text bytes)
{
    struct saving *saving = context;
    saving->unwritten = fwrite(bytes.ptr, 1, bytes.bytes, saving->file) != bytes.bytes;
    return !saving->unwritten;
}

static int saving_open(struct saving *saving)
{
    const int bytes = snprintf(saving->part, sizeof(saving->part), "%s.part", saving->order->out);
    const int fd = bytes > 0 && (size_t)bytes < sizeof(saving->part)
                       ? open(saving->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)
                       : -1;
    saving->file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (saving->file) {
        return EXIT_FINE;
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return args_fail(
        EXIT_FOUND, saving->order->api->command, "%s cannot be written", saving->order->out);
}

static int saving_close(struct saving *saving, int code)
{
    const bool written = fclose(saving->file) == 0 && !saving->unwritten;
    if (code == EXIT_FINE && written && rename(saving->part, saving->order->out) == 0) {
        return EXIT_FINE;
    }
    (void)unlink(saving->part);
    return code != EXIT_FINE && !saving->unwritten
               ? code
               : args_fail(
                     EXIT_FOUND, saving->order->api->command,
                     "%s could not be written: is the disk full?", saving->order->out);
}

/* ret_status: of the answer; 413 is no failure here, others are told of. */
static int save(const struct export_order *order, const char *path, int *ret_status)
{
    struct saving saving = {.order = order};
    struct api_answer answer;
    int code = saving_open(&saving);
    if (code != EXIT_FINE) {
        return code;
    }
    const struct api_call call = {
        .method = "GET",
        .path = path,
        .timeout_ms = WAIT_MS,
        .sink = write_part,
        .sink_context = &saving,
    };
    code = api_send(order->api, &call, &answer);
    *ret_status = code == EXIT_FINE ? answer.status : 0;
    if (code == EXIT_FINE && answer.status == STATUS_JOB && order->what) {
        buf_release(&answer.body);
        code = EXIT_FOUND; /* the part goes; nothing is said */
    } else if (code == EXIT_FINE && answer.status / 100 != 2) {
        *ret_status = 0;
        code = api_problem(order->api, &answer);
    } else if (code == EXIT_FINE) {
        buf_release(&answer.body);
    }
    return saving_close(&saving, code);
}

/* ---- as a job ---- */

static int job_order(const struct export_order *order, char *ret_job, size_t bytes)
{
    struct buf body;
    struct json_out out;
    struct api_answer answer;
    struct json_doc *doc = NULL;
    buf_init(&body, BODY_BYTES);
    json_out_init(&out, &body);
    json_out_open(&out, '{');
    json_out_member(&out, "what", text_of(order->what));
    json_out_member(&out, "format", text_of(order->format));
    json_out_key(&out, "filter");
    json_out_open(&out, '{');
    if (order->unit) {
        json_out_member(&out, "unit", text_of(order->unit));
    }
    json_out_close(&out, '}');
    json_out_close(&out, '}');
    const struct api_call call = {
        .method = "POST", .path = "/api/v1/exports", .body = buf_view(&body)};
    const int code = api_send_well(order->api, &call, &answer);
    buf_release(&body);
    if (code != EXIT_FINE) {
        return code;
    }
    const enum err err = json_parse(buf_view(&answer.body), &json_limits_answer, &doc, NULL);
    (void)snprintf(
        ret_job, bytes, "%.*s",
        TEXT_ARGS(err ? (struct text){0} : json_get_string(json_root(doc), "job")));
    json_free(doc);
    buf_release(&answer.body);
    return ret_job[0] ? EXIT_FINE
                      : args_fail(EXIT_FOUND, order->api->command, "the console gave no job");
}

/* How far it is, on a terminal alone. */
static void tell_progress(const struct json_value *job)
{
    int64_t done = 0;
    int64_t total = 0;
    if (isatty(STDERR_FILENO) && !json_i64(json_get(job, "done"), &done) &&
        !json_i64(json_get(job, "total"), &total)) {
        (void)fprintf(stderr, "\r%lld of %lld rows", (long long)done, (long long)total);
    }
}

/* EXIT_FINE with *ret_ended false while it goes on. */
static int job_look(const struct export_order *order, const char *path, bool *ret_ended)
{
    struct json_doc *doc = NULL;
    int code = api_get_json(order->api, path, &doc);
    if (code != EXIT_FINE) {
        return code;
    }
    const struct json_value *job = json_root(doc);
    const struct text state = json_get_string(job, "state");
    *ret_ended = !text_is(state, "running");
    tell_progress(job);
    if (*ret_ended && !text_is(state, "done")) {
        const struct text why = json_get_string(job, "why");
        code = args_fail(
            EXIT_FOUND, order->api->command, "the export has %.*s%s%.*s", TEXT_ARGS(state),
            why.bytes > 0 ? ": " : "", TEXT_ARGS(why));
    }
    json_free(doc);
    return code;
}

static int save_job(const struct export_order *order)
{
    char job[64];
    char path[160];
    bool ended = false;
    int status = 0;
    int code = job_order(order, job, sizeof(job));
    const int64_t until = clock_mono().ms + WAIT_MS;
    (void)snprintf(path, sizeof(path), "/api/v1/jobs/%.40s", job);
    while (code == EXIT_FINE && !ended && clock_mono().ms < until) {
        (void)poll(NULL, 0, LOOK_MS);
        code = job_look(order, path, &ended);
    }
    if (isatty(STDERR_FILENO)) {
        (void)fputc('\n', stderr);
    }
    if (code != EXIT_FINE) {
        return code;
    }
    const struct export_order file = {.api = order->api, .out = order->out};
    (void)snprintf(path, sizeof(path), "/api/v1/jobs/%.40s/file", job);
    return save(&file, path, &status);
}

int export_file(const struct export_order *order)
{
    int status = 0;
    const int code = save(order, order->path, &status);
    return code == EXIT_FOUND && status == STATUS_JOB ? save_job(order) : code;
}
