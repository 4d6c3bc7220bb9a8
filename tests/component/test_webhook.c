/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signed webhooks by the real channel and engine to a receiver that checks them as its rules say:
 * signature, time, form; and that a repeat is known by its id.
 */
#include <stdio.h>
#include <string.h>

#include <event2/event.h>

#include "base/clock.h"
#include "notifiers/channel.h"
#include "notifiers/http_engine.h"
#include "tests/support/check.h"
#include "tests/support/child.h"

#define GUARD_MS 20000
#define SECRET   "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"

static struct event_base *base;
static struct http_engine *engine;
static char url[64];

#define TEXT(s)                                                                                    \
    {                                                                                              \
        .ptr = (s), .bytes = sizeof(s) - 1                                                         \
    }

struct sent {
    bool done;
    struct outcome outcome;
};

static void on_answer(void *context, const struct http_answer *answer)
{
    struct sent *sent = context;
    channel_webhook.classify(answer, &sent->outcome);
    sent->done = true;
}

static struct outcome send_hook(const char *id, const char *secret, const char *body, int64_t at_ms)
{
    const struct channel_option options[] = {
        {.name = TEXT("secret"), .value = text_of(secret), .secret = true}};
    const struct channel_settings settings = {
        .name = TEXT("oa"),
        .type = TEXT("webhook"),
        .url = text_of(url),
        .options = options,
        .option_count = 1,
    };
    const struct channel_call call = {
        .settings = &settings,
        .now = {.ms = at_ms},
        .message = {.id = text_of(id), .text = text_of(body)},
    };
    struct http_request request;
    struct err_why why = {0};
    struct sent sent = {0};
    channel_request_init(&request, channel_webhook.method, &settings);
    CHECK_EQ(channel_webhook.encode(&call, &request, &why), ERR_OK);
    engine->ops->post(engine, &request, on_answer, &sent);
    http_request_release(&request);
    const struct mono_ms guard = mono_add(clock_mono(), GUARD_MS);
    while (!sent.done && CHECK(clock_mono().ms < guard.ms)) {
        event_base_loop(base, EVLOOP_ONCE);
    }
    return sent.outcome;
}

static void expect(struct outcome outcome, enum outcome_kind kind, enum outcome_cause cause)
{
    CHECK_STR(outcome_kind_name(outcome.kind), outcome_kind_name(kind));
    CHECK_STR(outcome_cause_name(outcome.cause), outcome_cause_name(cause));
}

static int64_t now_ms(void)
{
    return clock_system().ms;
}

static struct buf seen(void)
{
    char address[128];
    struct http_request request;
    struct http_fetched fetched = {0};
    (void)snprintf(address, sizeof(address), "%s", url);
    *strstr(address, "/hooks") = '\0';
    http_request_init(&request, "GET");
    http_request_url(&request, text_of(address), "/standin/log");
    CHECK_EQ(http_fetch(&request, &fetched, NULL), ERR_OK);
    http_request_release(&request);
    return fetched.body;
}

/* ---- facts ---- */

static void a_signed_hook_is_taken(void)
{
    expect(
        send_hook("k3v5x7b2", SECRET, "{\"type\":\"alert\",\"unit\":\"甲局\"}", now_ms()),
        OUTCOME_ACCEPTED, CAUSE_NONE);
    struct buf log = seen();
    CHECK(strstr(log.ptr, "\"type\": \"alert\""));
    CHECK(strstr(log.ptr, "甲局"));
    buf_release(&log);
}

static void a_repeat_is_known_by_its_id(void)
{
    const char body[] = "{\"type\":\"miss\"}";
    expect(send_hook("r2", SECRET, body, now_ms()), OUTCOME_ACCEPTED, CAUSE_NONE);
    expect(send_hook("r2", SECRET, body, now_ms() + 1000), OUTCOME_ACCEPTED, CAUSE_NONE);
    struct buf log = seen();
    CHECK(strstr(log.ptr, "{\"id\": \"r2\", \"repeat\": true"));
    buf_release(&log);
    /* Where the same id comes with other words, one of us is wrong: never again. */
    expect(send_hook("r2", SECRET, "{\"type\":\"other\"}", now_ms()), OUTCOME_REJECTED, CAUSE_NONE);
}

static void a_wrong_secret_is_for_operators(void)
{
    expect(
        send_hook("w1", "whsec_AAAAsBQIhrscChlQIMV+b5sSYspob7oD", "{}", now_ms()),
        OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL);
}

static void so_is_a_wrong_clock(void)
{
    expect(send_hook("w2", SECRET, "{}", now_ms() - 600000), OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL);
}

int main(int argc, char **argv)
{
    struct child receiver;
    int port = 0;
    static const char *const arguments[] = {"--secret", SECRET, NULL};
    if (!child_start(&receiver, "webhook_standin.py", arguments)) {
        return 1;
    }
    CHECK_EQ(sscanf(receiver.ready, "{\"port\": %d}", &port), 1);
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%d/hooks/nrt", port);
    base = event_base_new();
    engine = http_engine_create(base, true, NULL);
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(a_signed_hook_is_taken);
    CHECK_RUN(a_repeat_is_known_by_its_id);
    CHECK_RUN(a_wrong_secret_is_for_operators);
    CHECK_RUN(so_is_a_wrong_clock);
    engine->ops->free(engine);
    event_base_free(base);
    CHECK(child_stop(&receiver));
    return check_done();
}
