/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `nrt send-test CHANNEL PERSON`: puts a test message on its way and watches it to its end.
 */
#include <poll.h>
#include <stdio.h>

#include "base/clock.h"
#include "cli/api.h"
#include "cli/args.h"
#include "cli/commands.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define WATCH_MS        ((int64_t)60 * 1000)
#define LOOK_MS         100

/* The id of the alert, copied. Who gets it - a person or a group - is the notifier's to say. */
static int post_test(
    const struct api *api,
    const char *channel,
    const char *person,
    char *ret_alert,
    size_t alert_bytes)
{
    struct buf body;
    struct json_out out;
    struct api_answer answer;
    struct json_doc *doc = NULL;
    buf_init(&body, 4096);
    json_out_init(&out, &body);
    json_out_open(&out, '{');
    json_out_member(&out, "channel", text_of(channel));
    json_out_member(&out, "person", text_of(person));
    json_out_close(&out, '}');
    const struct api_call call = {
        .method = "POST", .path = "/api/v1/send-test", .body = buf_view(&body)};
    const int code = api_send_well(api, &call, &answer);
    buf_release(&body);
    if (code != EXIT_FINE) {
        return code;
    }
    ret_alert[0] = '\0';
    if (json_parse(buf_view(&answer.body), &json_limits_answer, &doc, NULL) == ERR_OK) {
        (void)snprintf(
            ret_alert, alert_bytes, "%.*s", TEXT_ARGS(json_get_string(json_root(doc), "alert")));
    }
    json_free(doc);
    buf_release(&answer.body);
    return EXIT_FINE;
}

static bool is_good_end(struct text state)
{
    return text_is(state, "accepted") || text_is(state, "delivered") || text_is(state, "read");
}

static bool is_bad_end(struct text state)
{
    return text_is(state, "rejected") || text_is(state, "dead") || text_is(state, "dropped") ||
           text_is(state, "undelivered");
}

struct watching {
    struct buf last; /* the state shown last */
    bool json;       /* only the message as it ended, as JSON */
};

static void show_state(struct watching *watching, const struct json_value *message)
{
    const struct text state = json_get_string(message, "state");
    const struct text reason = json_get_string(message, "reason");
    if (watching->json || text_equal(state, buf_view(&watching->last))) {
        return;
    }
    printf("%.*s%s%.*s\n", TEXT_ARGS(state), reason.bytes > 0 ? ": " : "", TEXT_ARGS(reason));
    (void)fflush(stdout);
    buf_clear(&watching->last);
    buf_text(&watching->last, state);
}

static void print_json(const struct json_value *value)
{
    struct buf text;
    struct json_out out;
    buf_init(&text, (size_t)64 * 1024);
    json_out_init(&out, &text);
    json_out_value(&out, value);
    printf("%.*s\n", TEXT_ARGS(buf_view(&text)));
    buf_release(&text);
}

/* Prints each new state; true at an end. The message is not in the ledger at once. */
static bool look(
    const struct api *api, const struct api_call *call, struct watching *watching, int *ret_code)
{
    struct api_answer answer;
    struct json_doc *doc = NULL;
    bool ended = false;
    if (api_send_well(api, call, &answer) != EXIT_FINE) {
        return false;
    }
    if (json_parse(buf_view(&answer.body), &json_limits_answer, &doc, NULL) == ERR_OK) {
        const struct json_value *message = json_first(json_get(json_root(doc), "items"));
        const struct text state = json_get_string(message, "state");
        if (message) {
            show_state(watching, message);
        }
        ended = is_good_end(state) || is_bad_end(state);
        *ret_code = is_good_end(state) ? EXIT_FINE : EXIT_FOUND;
        if (ended && watching->json) {
            print_json(message);
        }
    }
    json_free(doc);
    buf_release(&answer.body);
    return ended;
}

static int watch(const struct api *api, const char *alert, bool json)
{
    const struct mono_ms end = mono_add(clock_mono(), WATCH_MS);
    struct buf path;
    struct watching watching = {.json = json};
    int code = EXIT_FOUND;
    bool ended = false;
    buf_init(&path, 512);
    buf_init(&watching.last, 256);
    buf_string(&path, "/api/v1/messages?limit=1&alert=");
    buf_string(&path, alert);
    const struct api_call call = {.method = "GET", .path = path.ptr, .quiet = true};
    while (!ended && clock_mono().ms < end.ms) {
        ended = look(api, &call, &watching, &code);
        if (!ended) {
            (void)poll(NULL, 0, LOOK_MS);
        }
    }
    if (!ended) {
        code = args_fail(
            EXIT_FOUND, "send-test", "no end within a minute; the alert's id is %s", alert);
    }
    buf_release(&path);
    buf_release(&watching.last);
    return code;
}

int cmd_send_test(int argc, char **argv)
{
    const char *channel = NULL;
    const char *person = NULL;
    const char *data = NULL;
    bool json = false;
    char alert[64];
    const struct arg args[] = {
        {.name = "CHANNEL", .text = &channel, .required = true},
        {.name = "PERSON", .text = &person, .required = true},
        {.name = "--data", .text = &data},
        {.name = "--json", .flag = &json},
    };
    struct api api;
    int code = args_read(argc, argv, args, COUNT_OF(args));
    if (code != EXIT_FINE) {
        return code;
    }
    api_init(&api, "send-test", data);
    code = post_test(&api, channel, person, alert, sizeof(alert));
    return code == EXIT_FINE ? watch(&api, alert, json) : code;
}
