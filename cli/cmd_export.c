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
#define WAIT_MS         ((int64_t)600 * 1000)

static int export_events(const struct api *api, const char *from, const char *to)
{
    struct api_answer answer;
    struct buf path;
    buf_init(&path, PATH_BYTES_MAX);
    buf_string(&path, "/api/v1/events");
    api_query(&path, "from", from);
    api_query(&path, "to", to);
    const struct api_call call = {.method = "GET", .path = path.ptr, .timeout_ms = WAIT_MS};
    int code = api_send_well(api, &call, &answer);
    if (code == EXIT_FINE) {
        if (fwrite(answer.body.ptr ? answer.body.ptr : "", 1, answer.body.bytes, stdout) !=
            answer.body.bytes) {
            code = args_fail(EXIT_FOUND, "export", "the events could not be written");
        }
        buf_release(&answer.body);
    }
    buf_release(&path);
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
