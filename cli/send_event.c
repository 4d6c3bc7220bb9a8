/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes the event's envelope: a random id, and the service's own present as its time, because a
 * service with a scaled or stepped clock lives in another one than this terminal.
 */
#include "cli/send_event.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "cli/args.h"
#include "cli/commands.h"

#define EVENT_ID_BYTES 12

static int service_now(const struct api *api, struct buf *ret_time)
{
    struct json_doc *doc = NULL;
    const int code = api_get_json(api, "/api/v1/clock", &doc);
    if (code == EXIT_FINE) {
        buf_text(ret_time, json_get_string(json_root(doc), "now"));
        json_free(doc);
    }
    return code;
}

static void write_event(const struct event_words *words, struct text time, struct buf *body)
{
    uint8_t random[EVENT_ID_BYTES];
    struct json_out out;
    struct buf word;
    buf_init(&word, 1024);
    crypto_random(random, sizeof(random));
    json_out_init(&out, body);
    json_out_open(&out, '{');
    json_out_member(&out, "specversion", TEXT_LITERAL("1.0"));
    crypto_hex(&word, random, sizeof(random));
    json_out_member(&out, "id", buf_view(&word));
    json_out_member(&out, "source", TEXT_LITERAL("/nrt/cli"));
    buf_clear(&word);
    buf_format(&word, "case.%s", words->kind);
    json_out_member(&out, "type", buf_view(&word));
    json_out_member(&out, "subject", text_of(words->subject));
    json_out_member(&out, "time", time);
    json_out_key(&out, "data");
    json_out_raw(&out, words->data);
    json_out_close(&out, '}');
    buf_release(&word);
}

static int read_verdict(
    const struct api *api,
    const struct api_answer *answer,
    char ret_position[static POSITION_BYTES])
{
    struct json_doc *doc = NULL;
    int code = EXIT_FINE;
    if (json_parse(buf_view(&answer->body), &json_limits_answer, &doc, NULL) != ERR_OK) {
        return args_fail(EXIT_FOUND, api->command, "%s did not answer with JSON", api->url);
    }
    const struct json_value *result = json_first(json_get(json_root(doc), "results"));
    if (!text_is(json_get_string(result, "verdict"), "queued")) {
        code = args_fail(
            EXIT_FOUND, api->command, "the event was rejected: %.*s",
            TEXT_ARGS(json_get_string(result, "reason")));
    }
    (void)snprintf(
        ret_position, POSITION_BYTES, "%.*s",
        TEXT_ARGS(json_get_string(json_root(doc), "position")));
    json_free(doc);
    return code;
}

int send_event(
    const struct api *api,
    const struct event_words *words,
    char ret_position[static POSITION_BYTES])
{
    struct buf body;
    struct buf time;
    struct api_answer answer;
    int code = EXIT_FINE;
    buf_init(&body, (size_t)128 * 1024);
    buf_init(&time, 256);
    if (words->time) {
        buf_string(&time, words->time);
    } else {
        code = service_now(api, &time);
    }
    write_event(words, buf_view(&time), &body);
    const struct api_call call = {
        .method = "POST",
        .path = "/api/v1/events",
        .type = "application/cloudevents+json",
        .body = buf_view(&body),
    };
    if (code == EXIT_FINE) {
        code = api_send(api, &call, &answer);
    }
    if (code == EXIT_FINE) {
        if (answer.status == 202 || answer.status == 400) {
            code = read_verdict(api, &answer, ret_position);
            buf_release(&answer.body);
        } else {
            code = api_problem(api, &answer);
        }
    }
    buf_release(&time);
    buf_release(&body);
    return code;
}
