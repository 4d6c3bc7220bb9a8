/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Webhooks: the published vector of Standard Webhooks, secrets of both forms, how often a channel
 * may be tried at a time.
 */
#include <string.h>

#include "notifiers/channel.h"
#include "notifiers/window.h"
#include "tests/support/check.h"

#define TEXT(s)                                                                                    \
    {                                                                                              \
        .ptr = (s), .bytes = sizeof(s) - 1                                                         \
    }

static const char *header_of(const struct http_request *request, const char *name)
{
    for (size_t index = 0; index < request->header_count; index++) {
        if (strncmp(request->headers[index].ptr, name, strlen(name)) == 0) {
            return request->headers[index].ptr + strlen(name);
        }
    }
    return NULL;
}

static enum err sign(const char *secret, struct http_request *request, struct err_why *why)
{
    const struct channel_option options[] = {
        {.name = TEXT("secret"), .value = text_of(secret), .secret = true}};
    const struct channel_settings settings = {
        .name = TEXT("oa"),
        .url = TEXT("https://oa.test/hook"),
        .options = options,
        .option_count = 1};
    const struct channel_call call = {
        .settings = &settings,
        .now = {.ms = INT64_C(1614265330999)},
        .message = {
            .id = TEXT("msg_p5jXN8AQM9LWM0D4loKWxJek"), .text = TEXT("{\"test\": 2432232314}")}};
    http_request_init(request, channel_webhook.method);
    return channel_webhook.encode(&call, request, why);
}

static void the_published_vector_holds(void)
{
    struct http_request request;
    CHECK_EQ(sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", &request, NULL), ERR_OK);
    CHECK_STR(header_of(&request, "webhook-id: "), "msg_p5jXN8AQM9LWM0D4loKWxJek");
    CHECK_STR(header_of(&request, "webhook-timestamp: "), "1614265330");
    CHECK_STR(
        header_of(&request, "webhook-signature: "),
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    CHECK_STR(header_of(&request, "Content-Type: "), "application/json");
    CHECK_STR(request.body.ptr, "{\"test\": 2432232314}");
    CHECK_STR(request.shown.ptr, "POST https://oa.test/hook");
    http_request_release(&request);
}

static void a_bare_secret_is_the_key_itself(void)
{
    struct http_request request;
    CHECK_EQ(sign("key", &request, NULL), ERR_OK);
    CHECK(strncmp(header_of(&request, "webhook-signature: "), "v1,", 3) == 0);
    http_request_release(&request);
}

static void a_secret_that_is_none_is_told(void)
{
    static const char *const secrets[] = {"", "whsec_", "whsec_***"};
    for (size_t index = 0; index < sizeof(secrets) / sizeof(secrets[0]); index++) {
        struct http_request request;
        struct err_why why = {0};
        CHECK_EQ(sign(secrets[index], &request, &why), ERR_USAGE);
        CHECK(strstr(why.text, "oa"));
        http_request_release(&request);
    }
}

static void a_repeat_is_no_second_message(void)
{
    CHECK(channel_webhook.deduplicates);
    CHECK(!channel_email.deduplicates);
}

static void what_a_receiver_asks_for_is_kept(void)
{
    const struct http_answer answer = {
        .result = HTTP_ANSWERED, .status = 503, .retry_after_ms = 120000, .reason = ""};
    struct outcome outcome;
    channel_webhook.classify(&answer, &outcome);
    CHECK_EQ(outcome.after_ms, 120000);
}

static void a_window_opens_with_answers_and_closes_with_failures(void)
{
    struct window window = {0};
    CHECK_EQ(window_size(&window), WINDOW_FIRST);
    for (int turn = 0; turn < 1000; turn++) {
        window_good(&window);
    }
    CHECK_EQ(window_size(&window), WINDOW_MAX);
    window_bad(&window);
    CHECK_EQ(window_size(&window), WINDOW_MAX / 2);
    for (int turn = 0; turn < 1000; turn++) {
        window_bad(&window);
    }
    CHECK_EQ(window_size(&window), 1);
}

int main(void)
{
    CHECK_RUN(the_published_vector_holds);
    CHECK_RUN(a_bare_secret_is_the_key_itself);
    CHECK_RUN(a_secret_that_is_none_is_told);
    CHECK_RUN(a_repeat_is_no_second_message);
    CHECK_RUN(what_a_receiver_asks_for_is_kept);
    CHECK_RUN(a_window_opens_with_answers_and_closes_with_failures);
    return check_done();
}
