/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `nrt export events`: all events of a time, in the order they arrived, to stdout.
 */
#include <stdio.h>
#include <string.h>

#include "cli/api.h"
#include "cli/args.h"
#include "cli/commands.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define PATH_BYTES_MAX  ((size_t)4096)
#define WAIT_MS         ((int64_t)24 * 3600 * 1000) /* years of a city are many events */

struct exporting {
    size_t bytes;
    bool unwritten;
};

static bool write_part(void *context, struct text bytes)
{
    struct exporting *export = context;
    export->unwritten = fwrite(bytes.ptr, 1, bytes.bytes, stdout) != bytes.bytes;
    export->bytes += bytes.bytes;
    return !export->unwritten;
}

static int export_events(const struct api *api, const char *from, const char *to)
{
    struct exporting export = {0};
    struct api_answer answer;
    struct buf path;
    buf_init(&path, PATH_BYTES_MAX);
    buf_string(&path, "/api/v1/events");
    api_query(&path, "from", from);
    api_query(&path, "to", to);
    const struct api_call call = {
        .method = "GET",
        .path = path.ptr,
        .timeout_ms = WAIT_MS,
        .sink = write_part,
        .sink_context = &export,
    };
    int code = api_send_well(api, &call, &answer);
    buf_release(&path);
    if (code == EXIT_FINE) {
        buf_release(&answer.body);
    } else if (export.unwritten) {
        code = args_fail(EXIT_FOUND, "export", "the events could not be written");
    } else if (export.bytes > 0) {
        code = args_fail(
            EXIT_FOUND, "export",
            "the connection ended before all was told: what was written is "
            "not whole, try again");
    }
    return code;
}

int cmd_export(int argc, char **argv)
{
    const char *what = NULL;
    const char *from = NULL;
    const char *to = NULL;
    const char *data = NULL;
    bool json = false;
    const struct arg args[] = {
        {.name = "events", .text = &what, .required = true},
        {.name = "--from", .text = &from},
        {.name = "--to", .text = &to},
        {.name = "--data", .text = &data},
        {.name = "--json", .flag = &json}, /* it always is */
    };
    struct api api;
    const int code = args_read(argc, argv, args, COUNT_OF(args));
    if (code != EXIT_FINE) {
        return code;
    }
    if (strcmp(what, "events") != 0) {
        return args_misuse("export", "there is no '%s'; there is: events", what);
    }
    api_init(&api, "export", data);
    return export_events(&api, from, to);
}
