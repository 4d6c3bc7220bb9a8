/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nrt-test: slow timeout=180
 *
 * SMS through the real Kannel (bearerbox, smsbox, its fake carrier) in a private network, by the
 * real channel and the real HTTP engine: what arrives at the carrier, and the receipts that
 * come back.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/http.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "notifiers/channel.h"
#include "notifiers/http_engine.h"
#include "tests/support/check.h"
#include "tests/support/child.h"
#include "tests/support/netns.h"

#define GUARD_MS     30000
#define RECEIPTS_MAX 32
#define LOG_BYTES    ((size_t)1024 * 1024)

#define CHINESE                                                                                    \
    "【限时督办】甲局：关于河道清淤的请示（2026-00017）已超期3个工作日，请今日办结并回复。"

static struct event_base *base;
static struct http_engine *engine;
static char folder[256];
static char public_url[64];
static struct channel_receipt receipts[RECEIPTS_MAX];
static size_t receipt_count;
static size_t unreadable_count;

/* ---- where Kannel reports ---- */

static void on_receipt(struct evhttp_request *request, void *context)
{
    struct err_why why = {0};
    struct channel_receipts found = {0};
    const char *query = evhttp_uri_get_query(evhttp_request_get_evhttp_uri(request));
    const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(request));
    (void)context;
    CHECK_STR(path, "/hooks/receipts/sms/s3cret");
    if (receipt_count < RECEIPTS_MAX &&
        channel_kannel.decode_receipts(text_of(query), (struct text){0}, &found, &why) == ERR_OK) {
        receipts[receipt_count++] = found.items[0];
    } else {
        unreadable_count++;
    }
    evhttp_send_reply(request, 200, "OK", NULL);
}

static struct evhttp *listen_for_receipts(void)
{
    struct evhttp *http = evhttp_new(base);
    struct evhttp_bound_socket *bound = evhttp_bind_socket_with_handle(http, "127.0.0.1", 0);
    struct sockaddr_in address = {0};
    socklen_t bytes = sizeof(address);
    CHECK(bound);
    getsockname(evhttp_bound_socket_get_fd(bound), (struct sockaddr *)&address, &bytes);
    snprintf(public_url, sizeof(public_url), "http://127.0.0.1:%d", ntohs(address.sin_port));
    evhttp_set_gencb(http, on_receipt, NULL);
    return http;
}

/* ---- sending ---- */

static struct channel_option options[] = {
    {.name = {"username", 8}, .value = {"water", 5}},
    {.name = {"password", 8}, .value = {"test-pass", 9}, .secret = true},
    {.name = {"from", 4}, .value = {"1069000", 7}},
    {.name = {"receipt_secret", 14}, .value = {"s3cret", 6}, .secret = true},
    {.name = {"signature", 9}, .value = {"【限时督办】", 18}},
};
static const struct channel_settings sms = {
    .name = {"sms", 3},
    .type = {"kannel", 6},
    .url = {"http://127.0.0.1:13013/cgi-bin/sendsms", 38},
    .options = options,
    .option_count = 5,
};

struct sent {
    bool done;
    struct outcome outcome;
};

static void on_answer(void *context, const struct http_answer *answer)
{
    struct sent *sent = context;
    channel_kannel.classify(answer, &sent->outcome);
    sent->done = true;
}

static void turn(void)
{
    const struct timeval soon = {.tv_usec = 20000};
    event_base_loopexit(base, &soon);
    event_base_dispatch(base);
}

static struct outcome send_sms(const char *id, const char *mobile, const char *text)
{
    const struct channel_receiver to = {.mobile = text_of(mobile)};
    const struct channel_call call = {
        .settings = &sms,
        .public_url = text_of(public_url),
        .message =
            {.id = text_of(id), .text = text_of(text), .receivers = &to, .receiver_count = 1},
    };
    struct http_request request;
    struct err_why why = {0};
    struct sent sent = {0};
    http_request_init(&request, channel_kannel.method);
    CHECK_EQ(channel_kannel.encode(&call, &request, &why), ERR_OK);
    engine->ops->post(engine, &request, on_answer, &sent);
    http_request_release(&request);
    const struct mono_ms until = mono_add(clock_mono(), GUARD_MS);
    while (!sent.done && CHECK(clock_mono().ms < until.ms)) {
        turn();
    }
    return sent.outcome;
}

/* ---- what arrived ---- */

/* Has the carrier got exactly this text for this number? */
static bool carrier_has(const char *mobile, const char *text)
{
    char path[300];
    struct buf log;
    bool found = false;
    snprintf(path, sizeof(path), "%s/carrier.ndjson", folder);
    buf_init(&log, LOG_BYTES);
    if (file_read(path, &log, NULL) == ERR_OK && log.ptr) {
        char *save = NULL;
        for (char *line = strtok_r(log.ptr, "\n", &save); line && !found;
             line = strtok_r(NULL, "\n", &save)) {
            struct json_doc *doc = NULL;
            if (json_parse(text_of(line), &json_limits_answer, &doc, NULL) == ERR_OK) {
                found = text_is(json_get_string(json_root(doc), "to"), mobile) &&
                        text_is(json_get_string(json_root(doc), "text"), text);
            }
            json_free(doc);
        }
    }
    buf_release(&log);
    return found;
}

static bool carrier_gets(const char *mobile, const char *text)
{
    const struct mono_ms until = mono_add(clock_mono(), GUARD_MS);
    while (clock_mono().ms < until.ms) {
        if (carrier_has(mobile, text)) {
            return true;
        }
        turn();
    }
    return false;
}

static bool receipt_comes(const char *id, enum receipt_state state)
{
    const struct mono_ms until = mono_add(clock_mono(), GUARD_MS);
    while (clock_mono().ms < until.ms) {
        for (size_t index = 0; index < receipt_count; index++) {
            if (strcmp(receipts[index].message, id) == 0 && receipts[index].state == state) {
                return true;
            }
        }
        turn();
    }
    return false;
}

/* ---- facts ---- */

static void a_chinese_overdue_arrives_intact_and_its_receipts_come_back(void)
{
    const struct outcome outcome = send_sms("msg0001", "13800000001", CHINESE);
    CHECK_STR(outcome_kind_name(outcome.kind), "accepted");
    CHECK(carrier_gets("13800000001", CHINESE));
    CHECK(receipt_comes("msg0001", RECEIPT_QUEUED));
    CHECK(receipt_comes("msg0001", RECEIPT_DELIVERED));
}

static void a_long_message_arrives_as_one(void)
{
    static const char text[] = CHINESE "事项：" CHINESE; /* more than 70, less than 134 */
    CHECK_STR(outcome_kind_name(send_sms("msg0002", "13800000002", text).kind), "accepted");
    CHECK(carrier_gets("13800000002", text));
    CHECK(receipt_comes("msg0002", RECEIPT_DELIVERED));
}

static void odd_characters_arrive_as_they_are(void)
{
    static const char text[] = "【限时督办】100% & 50+50=100? #1 “引号” é 😀 <b>";
    CHECK_STR(outcome_kind_name(send_sms("msg0003", "+86 138-0000-0003", text).kind), "accepted");
    CHECK(carrier_gets("8613800000003", text));
}

static void a_wrong_password_is_told_as_such(void)
{
    options[1].value = TEXT_LITERAL("wrong");
    const struct outcome outcome = send_sms("msg0004", "13800000004", CHINESE);
    options[1].value = TEXT_LITERAL("test-pass");
    CHECK_STR(outcome_kind_name(outcome.kind), "retry_later");
    CHECK_STR(outcome_cause_name(outcome.cause), "credential");
    CHECK_STR(outcome.reason, "HTTP 403: Authorization failed for sendsms");
}

static void nothing_unreadable_came_back(void)
{
    CHECK_EQ(unreadable_count, 0);
}

static void a_kannel_that_stopped_was_not_reached(void)
{
    const struct outcome outcome = send_sms("msg0005", "13800000005", CHINESE);
    CHECK_STR(outcome_kind_name(outcome.kind), "retry_later");
    CHECK_STR(outcome_cause_name(outcome.cause), "transport");
}

int main(int argc, char **argv)
{
    const char *tmp = getenv("TMPDIR");
    struct child kannel;
    snprintf(folder, sizeof(folder), "%s/kannel-%d", tmp ? tmp : "/tmp", (int)getpid());
    const char *const arguments[] = {folder, NULL};
    if (!netns_enter(NULL) || !child_start(&kannel, "kannel.py", arguments)) {
        return 1;
    }
    base = event_base_new();
    engine = http_engine_create(base, true, NULL);
    struct evhttp *http = listen_for_receipts();
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(a_chinese_overdue_arrives_intact_and_its_receipts_come_back);
    CHECK_RUN(a_long_message_arrives_as_one);
    CHECK_RUN(odd_characters_arrive_as_they_are);
    CHECK_RUN(a_wrong_password_is_told_as_such);
    CHECK_RUN(nothing_unreadable_came_back);
    CHECK(child_stop(&kannel));
    CHECK_RUN(a_kannel_that_stopped_was_not_reached);
    engine->ops->free(engine);
    evhttp_free(http);
    event_base_free(base);
    return check_done();
}
