/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `nrt up --smoke`: one case whose limit is two seconds, from the HTTP door through fold, timer,
 * outbox, mailbox and sandbox to a message that the ledger shows as accepted. Everything on the
 * way is the real thing; only rules and people are made for it.
 */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/file.h"
#include "cli/api.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/up.h"

#define SMOKE_READY_MS   ((int64_t)60000)
#define SMOKE_MESSAGE_MS ((int64_t)30000)

static const struct {
    const char *path;
    const char *text;
} files[] = {
    {"nrt.json", "{\"channels\":{\"sms\":{\"type\":\"sandbox\"}}}\n"},
    {"rules/smoke.json",
     "{\"id\":\"smoke\",\"version\":\"1\",\"clocks\":[{\"id\":\"smoke\",\"title\":\"试运行\","
     "\"limit\":\"2s\",\"stages\":[{\"id\":\"overdue\",\"at\":\"due+0\",\"light\":\"red\","
     "\"notify\":[\"handler\"],\"via\":[\"sms\"],\"urgent\":true}]}]}\n"},
    {"directory.json",
     "{\"units\":[{\"id\":\"u1\",\"name\":\"甲局\",\"head\":\"p1\",\"handlers\":[\"p1\"]}],"
     "\"people\":[{\"id\":\"p1\",\"name\":\"经办人\",\"unit\":\"u1\",\"mobile\":\"19900000001\"}]}"
     "\n"},
    {"matters.json", "{\"matters\":[]}\n"},
};

int smoke_write_config(const char *folder)
{
    struct err_why why = {.text = ""};
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/rules", folder);
    enum err err = file_make_folders(path, 0700, &why);
    for (size_t i = 0; err == ERR_OK && i < sizeof(files) / sizeof(files[0]); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", folder, files[i].path);
        err = file_write(path, text_of(files[i].text), 0600, &why);
    }
    return err == ERR_OK ? EXIT_FINE : args_fail(EXIT_FOUND, "up", "%s", why.text);
}

static void step(const char *what, struct mono_ms began)
{
    printf("smoke: %-46s %6.2f s\n", what, (double)(clock_mono().ms - began.ms) / 1000);
    (void)fflush(stdout);
}

static int post_case(const struct api *api)
{
    char now[WALL_TEXT_BYTES];
    struct buf body;
    struct api_answer answer;
    buf_init(&body, 4096);
    buf_format(
        &body,
        "{\"specversion\":\"1.0\",\"id\":\"smoke-1\",\"source\":\"/"
        "smoke\",\"type\":\"case.received\","
        "\"subject\":\"SMOKE-1\",\"time\":\"%s\",\"data\":{\"title\":\"试运行\",\"unit\":\"u1\","
        "\"handler\":\"p1\"}}",
        wall_format(clock_system(), 8 * 3600, now));
    const struct api_call call = {
        .method = "POST",
        .path = "/api/v1/events",
        .type = "application/cloudevents+json",
        .body = buf_view(&body),
    };
    const int code = api_send_well(api, &call, &answer);
    if (code == EXIT_FINE) {
        buf_release(&answer.body);
    }
    buf_release(&body);
    return code;
}

/* The state of the first message of the first alert, copied; empty while there is none. */
static int message_state(const struct api *api, char *ret_state, size_t state_bytes)
{
    struct json_doc *doc = NULL;
    ret_state[0] = '\0';
    const int code = api_get_json(api, "/api/v1/alerts?case=SMOKE-1", &doc);
    if (code != EXIT_FINE) {
        return code;
    }
    const struct json_value *alert = json_first(json_get(json_root(doc), "items"));
    const struct json_value *message = json_first(json_get(alert, "messages"));
    const struct text state = json_get_string(message, "state");
    (void)snprintf(ret_state, state_bytes, "%.*s", TEXT_ARGS(state));
    json_free(doc);
    return EXIT_FINE;
}

static int wait_accepted(const struct api *api, struct mono_ms began)
{
    const struct mono_ms end = mono_add(clock_mono(), SMOKE_MESSAGE_MS);
    char state[32] = "";
    bool alert_said = false;
    while (clock_mono().ms < end.ms) {
        const int code = message_state(api, state, sizeof(state));
        if (code != EXIT_FINE) {
            return code;
        }
        if (state[0] && !alert_said) {
            alert_said = true;
            step("it came due; a message was made", began);
        }
        if (text_is(text_of(state), "accepted") || text_is(text_of(state), "delivered")) {
            step("the message was accepted", began);
            return EXIT_FINE;
        }
        (void)poll(NULL, 0, 50);
    }
    return args_fail(
        EXIT_FOUND, "up", "no message was accepted within %" PRId64 " s; its state is '%s'",
        SMOKE_MESSAGE_MS / 1000, state[0] ? state : "none");
}

int smoke_run(void *context)
{
    const struct up *up = context;
    const struct mono_ms began = clock_mono();
    struct api api;
    if (guide_wait_ready(up, SMOKE_READY_MS) != EXIT_FINE) {
        return args_fail(EXIT_FOUND, "up", "the service did not become ready");
    }
    step("Redis and three roles are ready", began);
    api_init_at(&api, "up", up->url, up->data);
    api_trust(&api, up->settings.http_tls.cert);
    int code = post_case(&api);
    if (code == EXIT_FINE) {
        step("a case with a limit of two seconds was taken", began);
        code = wait_accepted(&api, began);
    }
    return code;
}
