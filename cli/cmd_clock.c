/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `nrt clock step T` (stepped clocks only): answers when everything up to T has been done.
 */
#include <stdio.h>
#include <string.h>

#include "base/wall.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/list.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define STEP_TIMEOUT_MS ((int64_t)3600 * 1000) /* years of a city may pass in one step */

/* POST an object of two members at most; the answer's JSON. */
static int post_object(
    const struct api *api, const struct api_call *call, struct json_doc **ret_doc)
{
    struct api_answer answer;
    const int code = api_send_well(api, call, &answer);
    if (code != EXIT_FINE) {
        return code;
    }
    const enum err err = json_parse(buf_view(&answer.body), &json_limits_answer, ret_doc, NULL);
    buf_release(&answer.body);
    if (err != ERR_OK) {
        return args_fail(EXIT_FOUND, api->command, "%s did not answer with JSON", api->url);
    }
    return EXIT_FINE;
}

static void print_json(const struct json_doc *doc)
{
    struct buf text;
    struct json_out out;
    buf_init(&text, API_ANSWER_BYTES_MAX);
    json_out_init(&out, &text);
    json_out_value(&out, json_root(doc));
    printf("%.*s\n", TEXT_ARGS(buf_view(&text)));
    buf_release(&text);
}

int cmd_clock(int argc, char **argv)
{
    const char *verb = NULL;
    const char *to = NULL;
    const char *data = NULL;
    bool json = false;
    struct wall_ms at;
    const struct arg args[] = {
        {.name = "step", .text = &verb, .required = true},
        {.name = "T", .text = &to, .required = true},
        {.name = "--data", .text = &data},
        {.name = "--json", .flag = &json},
    };
    struct api api;
    struct buf body;
    struct json_out out;
    struct json_doc *doc = NULL;
    int code = args_read(argc, argv, args, COUNT_OF(args));
    if (code != EXIT_FINE) {
        return code;
    }
    if (strcmp(verb, "step") != 0) {
        return args_misuse("clock", "there is no '%s'; there is: step T", verb);
    }
    if (wall_parse(to, strlen(to), &at) != ERR_OK) {
        return args_misuse("clock", "'%s' is not an instant such as 2026-02-28T00:00:00+08:00", to);
    }
    api_init(&api, "clock", data);
    buf_init(&body, 1024);
    json_out_init(&out, &body);
    json_out_open(&out, '{');
    json_out_member(&out, "to", text_of(to));
    json_out_close(&out, '}');
    const struct api_call call = {
        .method = "POST",
        .path = "/api/v1/clock/step",
        .body = buf_view(&body),
        .timeout_ms = STEP_TIMEOUT_MS,
    };
    code = post_object(&api, &call, &doc);
    if (code == EXIT_FINE && json) {
        print_json(doc);
    } else if (code == EXIT_FINE) {
        printf("%.*s\n", TEXT_ARGS(json_get_string(json_root(doc), "now")));
    }
    json_free(doc);
    buf_release(&body);
    return code;
}
