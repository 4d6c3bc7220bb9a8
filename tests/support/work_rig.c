/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stand-in's doors are used through the same engine as the channel.
 */
#include "tests/support/work_rig.h"

#include <stdio.h>
#include <string.h>

#include <event2/event.h>

#include "base/must.h"
#include "notifiers/http_engine.h"
#include "tests/support/check.h"

#define ARGUMENTS_MAX 32
#define LOG_BYTES_MAX ((size_t)4 * 1024 * 1024)

/* ---- one exchange ---- */

struct exchange {
    struct event_base *base;
    struct http_answer answer; /* body and reason are copies */
    struct buf body;
    char reason[256];
};

static void on_done(void *context, const struct http_answer *answer)
{
    struct exchange *exchange = context;
    exchange->answer = *answer;
    buf_text(&exchange->body, answer->body);
    (void)snprintf(exchange->reason, sizeof(exchange->reason), "%s", answer->reason);
    exchange->answer.body = buf_view(&exchange->body);
    exchange->answer.reason = exchange->reason;
    event_base_loopbreak(exchange->base);
}

static void carry_out(
    struct work_rig *rig, const struct http_request *request, struct exchange *exchange)
{
    *exchange = (struct exchange){.base = rig->base, .answer.result = HTTP_RESULT_COUNT};
    buf_init(&exchange->body, LOG_BYTES_MAX);
    rig->engine->ops->post(rig->engine, request, on_done, exchange);
    event_base_dispatch(rig->base); /* the engine's own deadline ends it */
    MUST(exchange->answer.result != HTTP_RESULT_COUNT);
}

/* ---- the stand-in ---- */

static struct buf door(struct work_rig *rig, const char *method, const char *path, const char *body)
{
    struct http_request request;
    struct exchange exchange;
    char url[128];
    (void)snprintf(url, sizeof(url), "%s%s", rig->url, path);
    http_request_init(&request, method);
    http_request_url(&request, text_of(url), "/");
    buf_string(&request.body, body);
    request.answer_bytes_max = LOG_BYTES_MAX;
    carry_out(rig, &request, &exchange);
    MUST(exchange.answer.result == HTTP_ANSWERED && exchange.answer.status == 200);
    http_request_release(&request);
    return exchange.body;
}

void work_rig_tell(struct work_rig *rig, const char *path, const char *body)
{
    struct buf answer = door(rig, "POST", path, body);
    buf_release(&answer);
}

int work_rig_logged(struct work_rig *rig, const char *part)
{
    struct buf log = door(rig, "GET", "/standin/log", "");
    int count = 0;
    for (const char *found = log.ptr; (found = strstr(found, part)) != NULL; found++) {
        count++;
    }
    buf_release(&log);
    return count;
}

void work_rig_step(struct work_rig *rig, int64_t ms)
{
    char body[64];
    rig->now.ms += ms;
    (void)snprintf(body, sizeof(body), "{\"now\":%lld}", (long long)rig->now.ms);
    work_rig_tell(rig, "/standin/clock", body);
}

bool work_rig_init(
    struct work_rig *rig, const char *program, const char *const *arguments, const char *type)
{
    const char *all[ARGUMENTS_MAX] = {"--clock", "stepped"};
    size_t count = 2;
    for (; *arguments; arguments++) {
        MUST(count + 1 < ARGUMENTS_MAX);
        all[count++] = *arguments;
    }
    *rig = (struct work_rig){.now = {.ms = WORK_RIG_NOW}};
    int port = 0;
    if (!CHECK(child_start(&rig->standin, program, all)) ||
        !CHECK_EQ(sscanf(rig->standin.ready, "{\"port\": %d}", &port), 1)) {
        return false;
    }
    (void)snprintf(rig->url, sizeof(rig->url), "http://127.0.0.1:%d", port);
    rig->base = event_base_new();
    rig->engine = http_engine_create(rig->base, true, NULL);
    rig->type = channel_type_find(text_of(type));
    MUST(rig->base && rig->engine && rig->type);
    rig->settings = (struct channel_settings){
        .name = text_of("work"), .type = text_of(type), .url = text_of(rig->url)};
    work_rig_step(rig, 0);
    return true;
}

void work_rig_release(struct work_rig *rig)
{
    rig->engine->ops->free(rig->engine);
    event_base_free(rig->base);
    CHECK(child_stop(&rig->standin));
}

/* ---- the channel's calls ---- */

static struct channel_call call_of(struct work_rig *rig)
{
    struct channel_call call = {
        .settings = &rig->settings,
        .now = rig->now,
        .token = text_of(rig->token.text),
    };
    call.nonce[1] = ++rig->nonce;
    return call;
}

struct outcome work_rig_token(struct work_rig *rig)
{
    const struct channel_call call = call_of(rig);
    struct outcome outcome;
    struct http_request request;
    struct exchange exchange;
    struct err_why why = {0};
    http_request_init(&request, rig->type->method);
    CHECK_EQ(rig->type->token_encode(&call, &request, &why), ERR_OK);
    carry_out(rig, &request, &exchange);
    rig->type->token_decode(&exchange.answer, &rig->token, &outcome);
    http_request_release(&request);
    buf_release(&exchange.body);
    return outcome;
}

struct outcome work_rig_look_up(
    struct work_rig *rig, const char *mobile, char ret_user[static CHANNEL_USER_BYTES])
{
    struct outcome outcome = {0};
    char key[CHANNEL_USER_BYTES];
    (void)snprintf(ret_user, CHANNEL_USER_BYTES, "%s", mobile);
    for (int32_t step = 0; step < rig->type->lookup_steps && ret_user[0] != '\0'; step++) {
        const struct channel_call call = call_of(rig);
        struct http_request request;
        struct exchange exchange;
        struct err_why why = {0};
        (void)snprintf(key, sizeof(key), "%s", ret_user);
        http_request_init(&request, rig->type->method);
        CHECK_EQ(rig->type->lookup_encode(&call, step, text_of(key), &request, &why), ERR_OK);
        carry_out(rig, &request, &exchange);
        rig->type->lookup_decode(&exchange.answer, step, ret_user, &outcome);
        http_request_release(&request);
        buf_release(&exchange.body);
    }
    return outcome;
}

struct outcome work_rig_send(struct work_rig *rig, const struct channel_message *message)
{
    struct channel_call call = call_of(rig);
    struct outcome outcome;
    struct http_request request;
    struct exchange exchange;
    struct err_why why = {0};
    call.message = *message;
    http_request_init(&request, rig->type->method);
    CHECK_EQ(rig->type->encode(&call, &request, &why), ERR_OK);
    carry_out(rig, &request, &exchange);
    channel_classify(rig->type, &rig->settings, &exchange.answer, &outcome);
    http_request_release(&request);
    buf_release(&exchange.body);
    return outcome;
}

struct outcome work_rig_ask(
    struct work_rig *rig,
    const struct channel_question *question,
    struct channel_receipts *ret_receipts)
{
    const struct channel_call call = call_of(rig);
    struct outcome outcome;
    struct http_request request;
    struct exchange exchange;
    struct err_why why = {0};
    http_request_init(&request, rig->type->method);
    CHECK_EQ(rig->type->poll_encode(&call, question, &request, &why), ERR_OK);
    carry_out(rig, &request, &exchange);
    rig->type->poll_decode(&exchange.answer, question, ret_receipts, &outcome);
    http_request_release(&request);
    buf_release(&exchange.body);
    return outcome;
}

struct outcome work_rig_poll(
    struct work_rig *rig,
    const struct channel_question *question,
    struct channel_receipt *ret_receipt)
{
    static struct channel_receipts receipts;
    const struct outcome outcome = work_rig_ask(rig, question, &receipts);
    if (CHECK_EQ(receipts.count, 1)) {
        *ret_receipt = receipts.items[0];
    }
    return outcome;
}
