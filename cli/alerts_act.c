/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `nrt alerts ack ALERT`: somebody has seen it. `nrt alerts retry ALERT`: send again what of it has
 * failed. Both are asked of the console, which decides.
 */
#include "cli/alerts_act.h"

#include <stdio.h>
#include <string.h>

#include "cli/api.h"
#include "cli/args.h"
#include "cli/commands.h"

#define COUNT_OF(array)    (sizeof(array) / sizeof((array)[0]))
#define ALERT_ID_BYTES_MAX 128

struct act {
    const char *verb; /* "ack", "retry" */
    const char *alert;
    const char *by;
    bool unsure;
    bool json;
};

static void act_body(const struct act *act, struct buf *body)
{
    struct json_out out;
    json_out_init(&out, body);
    json_out_open(&out, '{');
    if (act->by) {
        json_out_member(&out, "by", text_of(act->by));
    }
    if (act->unsure) {
        json_out_key(&out, "unsure");
        json_out_bool(&out, true);
    }
    json_out_close(&out, '}');
}

static void tell(const struct act *act, const struct api_answer *answer)
{
    struct json_doc *doc = NULL;
    int64_t messages = 0;
    if (act->json) {
        printf("%.*s\n", TEXT_ARGS(buf_view(&answer->body)));
    } else if (strcmp(act->verb, "ack") == 0) {
        printf("acknowledged\n");
    } else if (json_parse(buf_view(&answer->body), &json_limits_answer, &doc, NULL) == ERR_OK) {
        const enum err ignored = json_i64(json_get(json_root(doc), "messages"), &messages);
        (void)ignored;
        printf(
            "%lld message%s on the way again; see nrt alerts list\n", (long long)messages,
            messages == 1 ? "" : "s");
    }
    json_free(doc);
}

static int post(const struct act *act, const char *data)
{
    char path[ALERT_ID_BYTES_MAX + 64];
    struct api api;
    struct buf body;
    struct api_answer answer;
    if (strlen(act->alert) > ALERT_ID_BYTES_MAX || strpbrk(act->alert, "/?#%")) {
        return args_misuse(
            "alerts", "'%s' is no id of an alert; see nrt alerts list --json", act->alert);
    }
    (void)snprintf(path, sizeof(path), "/api/v1/alerts/%s/%s", act->alert, act->verb);
    api_init(&api, "alerts", data);
    buf_init(&body, 4096);
    act_body(act, &body);
    const struct api_call call = {.method = "POST", .path = path, .body = buf_view(&body)};
    const int code = api_send_well(&api, &call, &answer);
    buf_release(&body);
    if (code == EXIT_FINE) {
        tell(act, &answer);
        buf_release(&answer.body);
    }
    return code;
}

int alerts_ack(int argc, char **argv)
{
    struct act act = {0};
    const char *data = NULL;
    const struct arg args[] = {
        {.name = "ack", .text = &act.verb, .required = true},
        {.name = "ALERT", .text = &act.alert, .required = true},
        {.name = "--by", .text = &act.by, .required = true},
        {.name = "--data", .text = &data},
        {.name = "--json", .flag = &act.json},
    };
    const int code = args_read(argc, argv, args, COUNT_OF(args));
    return code == EXIT_FINE ? post(&act, data) : code;
}

int alerts_retry(int argc, char **argv)
{
    struct act act = {0};
    const char *data = NULL;
    const struct arg args[] = {
        {.name = "retry", .text = &act.verb, .required = true},
        {.name = "ALERT", .text = &act.alert, .required = true},
        {.name = "--unsure", .flag = &act.unsure},
        {.name = "--by", .text = &act.by},
        {.name = "--data", .text = &data},
        {.name = "--json", .flag = &act.json},
    };
    const int code = args_read(argc, argv, args, COUNT_OF(args));
    return code == EXIT_FINE ? post(&act, data) : code;
}
