/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nrt-test: timeout=180
 *
 * Every type of channel through the real engine: the good answer, each documented class, and
 * gateways that are slow, cut, endless, unreadable, redirecting, no TLS or not there; for each the
 * outcome and the next step. Access tokens, look-ups and questions the same. A type without a
 * sample fails.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/clock.h"
#include "notifiers/course.h"
#include "notifiers/http_engine.h"
#include "tests/support/channel_samples.h"
#include "tests/support/check.h"
#include "tests/support/loop_gateway.h"

#define GUARD_MS   20000
#define PATIENT_MS 5000
#define SHORT_MS   120
#define NOW_MS     INT64_C(1795249800000)
#define URL_BYTES  512
#define OVER_BYTES ((size_t)HTTP_ANSWER_BYTES_MAX + 4096)

/* What is asked of a gateway. */
enum ask { ASK_SEND, ASK_TOKEN, ASK_LOOKUP, ASK_POLL };

struct asked {
    const struct channel_type *type;
    const struct channel_sample *sample;
    struct channel_settings settings;
    char url[URL_BYTES];
    enum ask ask;
    int32_t step;
    bool done;
    enum http_result result;
    struct outcome outcome;
    struct channel_token token;
    char user[CHANNEL_USER_BYTES];
    struct channel_receipts receipts;
};

static struct event_base *base;
static struct http_engine *engine;
static struct loop_gateway *gateway;
static struct asked asked;

/* ---- one exchange ---- */

/* The sample's URL with our host instead of its own. */
static void point_at(struct asked *ask, const char *scheme, int port)
{
    const struct text url = ask->sample->settings.url;
    const char *host = url.ptr ? strstr(url.ptr, "://") : NULL;
    const char *path = host ? strpbrk(host + 3, "/?") : NULL;
    const size_t scheme_bytes = host ? (size_t)(host - url.ptr) : 0;
    (void)snprintf(
        ask->url, sizeof(ask->url), "%.*s://127.0.0.1:%d%s",
        scheme ? (int)strlen(scheme) : (int)scheme_bytes, scheme ? scheme : url.ptr, port,
        path ? path : "");
    ask->settings = ask->sample->settings;
    ask->settings.url = text_of(ask->url);
}

static enum err encode(struct asked *ask, struct http_request *request, struct err_why *why)
{
    const struct channel_call call = {
        .settings = &ask->settings,
        .now = {.ms = NOW_MS},
        .token = ask->ask == ASK_TOKEN ? (struct text){0} : ask->sample->token,
        .nonce = {1, 2, 3},
        .message = ask->sample->message,
    };
    channel_request_init(request, ask->type->method, &ask->settings);
    switch (ask->ask) {
    case ASK_SEND:
        return ask->type->encode(&call, request, why);
    case ASK_TOKEN:
        return ask->type->token_encode(&call, request, why);
    case ASK_LOOKUP:
        return ask->type->lookup_encode(&call, ask->step, ask->sample->lookup_key, request, why);
    case ASK_POLL:
        return ask->type->poll_encode(&call, &ask->sample->question, request, why);
    }
    return ERR_USAGE;
}

static void on_answer(void *context, const struct http_answer *answer)
{
    struct asked *ask = context;
    ask->result = answer->result;
    switch (ask->ask) {
    case ASK_SEND:
        channel_classify(ask->type, &ask->settings, answer, &ask->outcome);
        break;
    case ASK_TOKEN:
        ask->type->token_decode(answer, &ask->token, &ask->outcome);
        break;
    case ASK_LOOKUP:
        ask->type->lookup_decode(answer, ask->step, ask->user, &ask->outcome);
        break;
    case ASK_POLL:
        ask->type->poll_decode(answer, &ask->sample->question, &ask->receipts, &ask->outcome);
        break;
    }
    ask->done = true;
}

/* False when the request could not even be built. */
static bool exchange(const char *scheme, int port, int64_t timeout_ms)
{
    struct http_request request;
    struct err_why why = {0};
    const struct mono_ms guard = mono_add(clock_mono(), GUARD_MS);
    point_at(&asked, scheme, port);
    asked.done = false;
    asked.user[0] = '\0';
    asked.token = (struct channel_token){0};
    asked.receipts.count = 0;
    const enum err err = encode(&asked, &request, &why);
    if (CHECK_EQ(err, ERR_OK)) {
        request.timeout_ms = timeout_ms;
        engine->ops->post(engine, &request, on_answer, &asked);
        while (!asked.done && CHECK(clock_mono().ms < guard.ms)) {
            event_base_loop(base, EVLOOP_ONCE);
        }
    } else {
        CHECK_STR(why.text, "");
    }
    http_request_release(&request);
    return asked.done;
}

/* ---- what must follow ---- */

static struct course course_of(int32_t unsures, bool has_rest)
{
    const struct course_question question = {
        .outcome = &asked.outcome,
        .attempts = 1,
        .unsures = unsures,
        .has_rest = has_rest,
        .first_at = {.ms = NOW_MS},
        .now = {.ms = NOW_MS},
        .fallback_after_ms = 7200000,
        .random = 5,
    };
    return course_after(&question);
}

static void an_accepted_one_is_done(void)
{
    const struct course course = course_of(0, true);
    CHECK_STR(course.state, "accepted");
    CHECK(!course.next_channel);
}

static void a_rejected_one_goes_to_the_next_channel(void)
{
    const struct course with = course_of(0, true);
    const struct course without = course_of(0, false);
    CHECK_STR(with.state, "rejected");
    CHECK(with.final && with.next_channel);
    CHECK_STR(without.state, "dead");
    CHECK(without.final && !without.next_channel);
}

static void an_unsure_one_is_repeated_once(void)
{
    const struct course first = course_of(0, true);
    const struct course second = course_of(1, true);
    CHECK_STR(first.state, "unsure");
    CHECK(!first.final && first.unsures == 1);
    CHECK_GE(first.ready.ms, NOW_MS + 1000);
    CHECK_STR(second.state, "unsure");
    CHECK(second.final && second.next_channel);
}

static void one_for_later_waits(void)
{
    const bool operators = asked.outcome.cause == CAUSE_CREDENTIAL;
    const struct course with = course_of(0, true);
    const struct course without = course_of(0, false);
    const int64_t asks_ms = asked.outcome.after_ms;
    CHECK_STR(with.state, operators ? "rejected" : "retrying");
    CHECK_EQ(with.next_channel, operators);
    CHECK_STR(without.state, "retrying");
    CHECK(!without.final);
    CHECK_GE(without.ready.ms, asked.outcome.cause == CAUSE_TOKEN ? NOW_MS : NOW_MS + 1000);
    if (asks_ms > 0 && asks_ms <= COURSE_WISH_MAX_MS) {
        CHECK_GE(without.ready.ms, NOW_MS + asks_ms);
    }
}

static void check_end(enum outcome_kind kind, enum outcome_cause cause)
{
    CHECK_STR(outcome_kind_name(asked.outcome.kind), outcome_kind_name(kind));
    CHECK_STR(outcome_cause_name(asked.outcome.cause), outcome_cause_name(cause));
    CHECK(utf8_valid(text_of(asked.outcome.reason)));
    CHECK(!strstr(asked.outcome.reason, "13800000001"));
    if (asked.ask != ASK_SEND) {
        return;
    }
    switch (asked.outcome.kind) {
    case OUTCOME_ACCEPTED:
        an_accepted_one_is_done();
        break;
    case OUTCOME_REJECTED:
        a_rejected_one_goes_to_the_next_channel();
        break;
    case OUTCOME_UNSURE:
        an_unsure_one_is_repeated_once();
        break;
    case OUTCOME_RETRY_LATER:
        one_for_later_waits();
        break;
    case OUTCOME_KIND_COUNT:
        CHECK(false);
        break;
    }
}

/* ---- answers ---- */

static bool is_mail(void)
{
    return text_starts_with(asked.sample->settings.url, TEXT_LITERAL("smtp"));
}

static void answer_as(const struct answer_class *line)
{
    if (is_mail()) {
        loop_gateway_smtp(gateway, GATEWAY_ANSWERS, line->command, line->body);
    } else {
        loop_gateway_http(gateway, line->status, line->headers, line->body);
    }
}

static void every_class(const struct answer_class *classes)
{
    for (const struct answer_class *line = classes; line->name; line++) {
        check_note("%s: %s", asked.type->name, line->name);
        asked.step = line->step;
        answer_as(line);
        if (exchange(NULL, loop_gateway_port(gateway), PATIENT_MS)) {
            check_end(line->kind, line->cause);
        }
    }
    asked.step = classes->step;
}

/* An answer that came and says nothing: a message may be there; for the rest it is trouble. */
static void check_unreadable(const struct answer_class *good)
{
    if (asked.ask != ASK_SEND) {
        CHECK(asked.outcome.kind != OUTCOME_ACCEPTED);
        CHECK_STR(asked.token.text, "");
        CHECK_STR(asked.user, "");
    } else if (asked.sample->status_alone) {
        check_end(good->kind, good->cause);
    } else {
        check_end(OUTCOME_UNSURE, CAUSE_TRANSPORT);
    }
}

static void unreadable(const struct answer_class *good, const char *name, const char *body)
{
    check_note("%s: %s", asked.type->name, name);
    loop_gateway_http(gateway, good->status, NULL, body);
    if (exchange(NULL, loop_gateway_port(gateway), PATIENT_MS)) {
        check_unreadable(good);
    }
}

static void what_cannot_be_read(const struct answer_class *good)
{
    char *half = strdup(good->body ? good->body : "");
    char *much = malloc(OVER_BYTES + 1);
    CHECK(half && much);
    half[strlen(half) / 2] = '\0';
    memset(much, ' ', OVER_BYTES);
    much[OVER_BYTES] = '\0';
    unreadable(good, "malformed", half);
    unreadable(good, "oversized", much);
    unreadable(good, "a page", "<html><body>登录</body></html>");
    unreadable(good, "bytes", "\xff\xfe\x80{\"errcode\":0}");
    unreadable(good, "deep", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[");
    unreadable(good, "empty", "");
    free(half);
    free(much);
}

/* ---- transport ---- */

static void misbehaving(enum gateway_manner manner, const char *name, const char *answer)
{
    check_note("%s: %s", asked.type->name, name);
    loop_gateway_answer(gateway, manner, answer, strlen(answer));
    if (!exchange(NULL, loop_gateway_port(gateway), SHORT_MS)) {
        return;
    }
    if (asked.ask == ASK_SEND) {
        check_end(OUTCOME_UNSURE, CAUSE_TRANSPORT);
    } else {
        check_unreadable(NULL);
    }
}

static void what_never_comes_whole(void)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n{\"errcode\":0,";
    misbehaving(GATEWAY_SILENT, "silent", answer);
    misbehaving(GATEWAY_DRIPS, "dripping", answer);
    misbehaving(GATEWAY_CUTS, "cut", answer);
    misbehaving(GATEWAY_HANGS_UP, "hanging up", answer);
    misbehaving(GATEWAY_ANSWERS, "no HTTP", "220 mail.test\r\n\r\n");
}

static void what_is_the_same_everywhere(void)
{
    static const struct answer_class classes[] = {
        {"redirect", 302, "Location: http://127.0.0.1:9/\r\n", "", NULL, 0, OUTCOME_RETRY_LATER,
         CAUSE_CREDENTIAL},
        {"permanent redirect", 308, "Location: http://169.254.169.254/\r\n", "", NULL, 0,
         OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL},
        {"unauthorised", 401, NULL, "<html>", NULL, 0, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL},
        {"bad gateway", 502, NULL, "<html>", NULL, 0, OUTCOME_RETRY_LATER, CAUSE_TRANSPORT},
        {"unavailable", 503, "Retry-After: 40\r\n", "<html>", NULL, 0, OUTCOME_RETRY_LATER,
         CAUSE_TRANSPORT},
        {"gateway timeout", 504, NULL, "<html>", NULL, 0, OUTCOME_UNSURE, CAUSE_TRANSPORT},
        {.name = NULL},
    };
    every_class(classes);
}

static void check_not_sent(void)
{
    CHECK_STR(http_result_name(asked.result), "not_sent");
    if (asked.ask == ASK_SEND) {
        check_end(OUTCOME_RETRY_LATER, CAUSE_TRANSPORT);
    } else {
        CHECK_STR(outcome_kind_name(asked.outcome.kind), "retry_later");
    }
}

static void what_never_left(void)
{
    const size_t before = loop_gateway_requests(gateway);
    check_note("%s: no TLS", asked.type->name);
    loop_gateway_http(gateway, 200, NULL, "{\"errcode\":0}");
    if (exchange(is_mail() ? "smtps" : "https", loop_gateway_port(gateway), PATIENT_MS)) {
        check_not_sent();
    }
    check_note("%s: nobody there", asked.type->name);
    struct loop_gateway *gone = loop_gateway_create(base);
    const int port = loop_gateway_port(gone);
    loop_gateway_free(gone);
    if (exchange(NULL, port, PATIENT_MS)) {
        check_not_sent();
    }
    CHECK_EQ(loop_gateway_requests(gateway), before);
}

/* ---- mail ---- */

static void mail_at(
    enum gateway_manner manner, const char *command, const char *reply, enum outcome_kind kind)
{
    check_note("email: manner %d at %s", (int)manner, command);
    loop_gateway_smtp(gateway, manner, command, reply);
    if (exchange(NULL, loop_gateway_port(gateway), SHORT_MS)) {
        check_end(kind, CAUSE_TRANSPORT);
    }
}

static void mail_that_goes_wrong(void)
{
    static const char *const before[] = {"greeting", "EHLO", "MAIL", "RCPT", "DATA"};
    static char much[4000];
    memset(much, 'x', sizeof(much) - 1);
    for (size_t index = 0; index < sizeof(before) / sizeof(before[0]); index++) {
        mail_at(GATEWAY_SILENT, before[index], NULL, OUTCOME_RETRY_LATER);
        mail_at(GATEWAY_DRIPS, before[index], NULL, OUTCOME_RETRY_LATER);
        mail_at(GATEWAY_CUTS, before[index], NULL, OUTCOME_RETRY_LATER);
        mail_at(GATEWAY_ANSWERS, before[index], "what?", OUTCOME_RETRY_LATER);
        mail_at(GATEWAY_ANSWERS, before[index], much, OUTCOME_RETRY_LATER);
    }
    mail_at(GATEWAY_SILENT, ".", NULL, OUTCOME_UNSURE);
    mail_at(GATEWAY_DRIPS, ".", NULL, OUTCOME_UNSURE);
    mail_at(GATEWAY_CUTS, ".", NULL, OUTCOME_UNSURE);
    mail_at(GATEWAY_HANGS_UP, ".", NULL, OUTCOME_UNSURE);
    mail_at(GATEWAY_ANSWERS, ".", "what?", OUTCOME_UNSURE);
    mail_at(GATEWAY_ANSWERS, ".", much, OUTCOME_UNSURE);
}

/* ---- facts ---- */

static void every_answer(const struct answer_class *classes, enum ask ask)
{
    asked.ask = ask;
    asked.step = classes->step;
    every_class(classes);
    if (!is_mail()) {
        what_cannot_be_read(classes);
        what_never_comes_whole();
    }
    what_never_left();
    if (ask == ASK_SEND && is_mail()) {
        mail_that_goes_wrong();
    } else if (ask == ASK_SEND) {
        what_is_the_same_everywhere();
    }
}

/* A network type has a sample, and a table for each thing that can be asked of its gateway. */
static bool has_its_samples(const struct channel_type *type, const struct channel_sample *sample)
{
    return CHECK(sample) && CHECK(sample->classes) &&
           CHECK(!type->token_encode == !sample->token_classes) &&
           CHECK((type->lookup_steps == 0) == !sample->lookup_classes) &&
           CHECK(!type->poll_encode == !sample->poll_classes);
}

static void every_gateway_may_go_wrong_in_every_way(void)
{
    for (size_t index = 0; channel_type_at(index); index++) {
        const struct channel_type *type = channel_type_at(index);
        const struct channel_sample *sample = channel_sample_find(type->name);
        check_note("%s", type->name);
        if (!type->has_network || !has_its_samples(type, sample)) {
            continue;
        }
        asked = (struct asked){.type = type, .sample = sample};
        every_answer(sample->classes, ASK_SEND);
        if (sample->token_classes) {
            every_answer(sample->token_classes, ASK_TOKEN);
        }
        if (sample->lookup_classes) {
            every_answer(sample->lookup_classes, ASK_LOOKUP);
        }
        if (sample->poll_classes) {
            every_answer(sample->poll_classes, ASK_POLL);
        }
    }
}

int main(int argc, char **argv)
{
    base = event_base_new();
    engine = http_engine_create(base, true, NULL);
    gateway = loop_gateway_create(base);
    CHECK(base && engine && gateway);
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(every_gateway_may_go_wrong_in_every_way);
    engine->ops->free(engine);
    loop_gateway_free(gateway);
    event_base_free(base);
    return check_done();
}
