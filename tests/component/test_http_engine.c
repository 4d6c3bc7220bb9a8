/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The real HTTP engine against gateways that misbehave, in a private network whose name server
 * takes questions and never answers. While anything is under way a heartbeat in the same loop
 * measures how long the loop stood still.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

#include "base/clock.h"
#include "notifiers/http_engine.h"
#include "tests/support/check.h"
#include "tests/support/netns.h"

#define STALL_MS_MAX 150
#define GUARD_MS     15000

enum manner { ANSWERS, SILENT, DRIPS, ENDLESS, HANGS_UP, HANGS_UP_SECOND, HALF_ANSWER, BREAKS_OFF };

struct gateway {
    enum manner manner;
    const char *answer;
    struct evconnlistener *listener;
    struct event *drip;
    struct bufferevent *peers[32];
    size_t peer_count;
    int port;
    int requests;
    char seen[4096]; /* the last request, as it came */
};

struct result {
    bool done;
    enum http_result result;
    int32_t status;
    size_t body_bytes;
    char body[256];
    bool truncated;
    int64_t retry_after_ms;
    char reason[256];
    int64_t took_ms;
    struct mono_ms started;
};

static struct event_base *base;
static struct http_engine *engine;
static struct mono_ms last_beat;
static int64_t worst_gap_ms;

/* ---- gateways ---- */

static void gateway_answer(struct gateway *gateway, struct bufferevent *peer)
{
    struct evbuffer *out = bufferevent_get_output(peer);
    switch (gateway->manner) {
    case ANSWERS:
        evbuffer_add_printf(out, "%s", gateway->answer);
        break;
    case HANGS_UP_SECOND:
        if (gateway->requests == 1) {
            evbuffer_add_printf(out, "%s", gateway->answer);
            break;
        }
        shutdown(bufferevent_getfd(peer), SHUT_RDWR);
        break;
    case BREAKS_OFF:
        (void)send(bufferevent_getfd(peer), gateway->answer, strlen(gateway->answer), 0);
        shutdown(bufferevent_getfd(peer), SHUT_RDWR);
        break;
    case HANGS_UP:
        shutdown(bufferevent_getfd(peer), SHUT_RDWR);
        break;
    case HALF_ANSWER:
        evbuffer_add_printf(out, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"err");
        break;
    case DRIPS:
    case ENDLESS:
        evbuffer_add_printf(out, "HTTP/1.1 200 OK\r\nContent-Length: 2000000000\r\n\r\n");
        break;
    case SILENT:
        break;
    }
}

static bool request_is_whole(const struct gateway *gateway)
{
    const char *end = strstr(gateway->seen, "\r\n\r\n");
    const char *length = strstr(gateway->seen, "Content-Length: ");
    if (!end) {
        return false;
    }
    const size_t body = length ? strtoul(length + 16, NULL, 10) : 0;
    return strlen(end + 4) >= body;
}

static void on_request(struct bufferevent *peer, void *context)
{
    struct gateway *gateway = context;
    const size_t used = strlen(gateway->seen);
    const int taken = evbuffer_remove(
        bufferevent_get_input(peer), gateway->seen + used, sizeof(gateway->seen) - used - 1);
    gateway->seen[used + (size_t)(taken > 0 ? taken : 0)] = '\0';
    if (request_is_whole(gateway)) {
        gateway->requests++;
        gateway_answer(gateway, peer);
    }
}

static void on_drip(evutil_socket_t fd, short what, void *context)
{
    struct gateway *gateway = context;
    (void)fd;
    (void)what;
    static char block[65536];
    for (size_t index = 0; index < gateway->peer_count; index++) {
        struct evbuffer *out = bufferevent_get_output(gateway->peers[index]);
        if (gateway->requests > 0 && evbuffer_get_length(out) < sizeof(block)) {
            evbuffer_add(out, block, gateway->manner == ENDLESS ? sizeof(block) : 1);
        }
    }
}

static void on_peer(
    struct evconnlistener *listener,
    evutil_socket_t fd,
    struct sockaddr *address,
    int bytes,
    void *context)
{
    struct gateway *gateway = context;
    (void)listener;
    (void)address;
    (void)bytes;
    gateway->seen[0] = '\0';
    struct bufferevent *peer = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(peer, on_request, NULL, NULL, gateway);
    bufferevent_enable(peer, EV_READ | EV_WRITE);
    gateway->peers[gateway->peer_count++] = peer;
}

static void gateway_start(struct gateway *gateway, enum manner manner, const char *answer)
{
    *gateway = (struct gateway){.manner = manner, .answer = answer};
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t bytes = sizeof(address);
    gateway->listener = evconnlistener_new_bind(
        base, on_peer, gateway, LEV_OPT_CLOSE_ON_FREE, 16, (struct sockaddr *)&address,
        sizeof(address));
    CHECK(gateway->listener);
    getsockname(evconnlistener_get_fd(gateway->listener), (struct sockaddr *)&address, &bytes);
    gateway->port = ntohs(address.sin_port);
    gateway->drip = event_new(base, -1, EV_PERSIST, on_drip, gateway);
    const struct timeval every = {.tv_usec = 20000};
    if (manner == DRIPS || manner == ENDLESS) {
        event_add(gateway->drip, &every);
    }
}

static void gateway_stop(struct gateway *gateway)
{
    for (size_t index = 0; index < gateway->peer_count; index++) {
        bufferevent_free(gateway->peers[index]);
    }
    event_free(gateway->drip);
    evconnlistener_free(gateway->listener);
}

/* ---- one request ---- */

static void on_done(void *context, const struct http_answer *answer)
{
    struct result *result = context;
    result->done = true;
    result->result = answer->result;
    result->status = answer->status;
    result->body_bytes = answer->body.bytes;
    const size_t shown =
        answer->body.bytes < sizeof(result->body) ? answer->body.bytes : sizeof(result->body) - 1;
    if (shown > 0) {
        memcpy(result->body, answer->body.ptr, shown);
    }
    result->body[shown] = '\0';
    result->truncated = answer->truncated;
    result->retry_after_ms = answer->retry_after_ms;
    snprintf(result->reason, sizeof(result->reason), "%s", answer->reason);
    result->took_ms = clock_mono().ms - result->started.ms;
}

static void post(const char *method, const char *url, const char *body, struct result *result)
{
    struct http_request request;
    http_request_init(&request, method);
    http_request_url(&request, text_of(url), "/");
    buf_string(&request.body, body);
    http_request_header(&request, "X-Secret", TEXT_LITERAL("yes"));
    request.timeout_ms = 600;
    *result = (struct result){.started = clock_mono()};
    engine->ops->post(engine, &request, on_done, result);
    http_request_release(&request);
    CHECK(!result->done); /* never from inside the call */
}

static void on_beat(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    (void)context;
    const struct mono_ms now = clock_mono();
    const int64_t gap_ms = now.ms - last_beat.ms;
    worst_gap_ms = gap_ms > worst_gap_ms ? gap_ms : worst_gap_ms;
    last_beat = now;
}

static bool wait_for(const struct result *results, size_t count)
{
    const struct mono_ms guard = mono_add(clock_mono(), GUARD_MS);
    worst_gap_ms = 0;
    last_beat = clock_mono();
    for (size_t index = 0; index < count;) {
        if (results[index].done) {
            index++;
            continue;
        }
        if (!CHECK(clock_mono().ms < guard.ms)) {
            return false;
        }
        event_base_loop(base, EVLOOP_ONCE);
    }
    on_beat(-1, 0, NULL);
    return true;
}

static void ask(const char *method, const char *url, const char *body, struct result *result)
{
    post(method, url, body, result);
    wait_for(result, 1);
}

static const char *url_of(const struct gateway *gateway)
{
    static char url[64];
    snprintf(url, sizeof(url), "http://127.0.0.1:%d/send?token=t", gateway->port);
    return url;
}

#define PLAIN_OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

/* ---- facts ---- */

/* An engine that has seen no error yet keeps its connections. */
static void engine_renew(void)
{
    engine->ops->free(engine);
    engine = http_engine_create(base, false, NULL);
}

static void an_answer_comes_with_status_and_body(void)
{
    struct gateway gateway;
    struct result result;
    gateway_start(&gateway, ANSWERS, "HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nok");
    ask("POST", url_of(&gateway), "{\"a\":1}", &result);
    CHECK_EQ(result.result, HTTP_ANSWERED);
    CHECK_EQ(result.status, 202);
    CHECK_STR(result.body, "ok");
    CHECK(strstr(gateway.seen, "POST /send?token=t HTTP/1.1\r\n"));
    CHECK(strstr(gateway.seen, "X-Secret: yes\r\n"));
    CHECK(strstr(gateway.seen, "\r\n\r\n{\"a\":1}"));
    CHECK(!strstr(gateway.seen, "Expect:"));
    gateway_stop(&gateway);
}

static void a_get_has_no_body(void)
{
    struct gateway gateway;
    struct result result;
    gateway_start(&gateway, ANSWERS, PLAIN_OK);
    ask("GET", url_of(&gateway), "", &result);
    CHECK_EQ(result.status, 200);
    CHECK(strstr(gateway.seen, "GET /send?token=t HTTP/1.1\r\n"));
    CHECK(!strstr(gateway.seen, "Content-Length"));
    gateway_stop(&gateway);
}

static void a_connection_is_kept_for_the_next_request(void)
{
    struct gateway gateway;
    struct result result;
    engine_renew();
    gateway_start(&gateway, ANSWERS, PLAIN_OK);
    ask("GET", url_of(&gateway), "", &result);
    gateway.seen[0] = '\0';
    ask("GET", url_of(&gateway), "", &result);
    CHECK_EQ(gateway.requests, 2);
    CHECK_EQ(gateway.peer_count, 1);
    gateway_stop(&gateway);
}

static void retry_after_is_read(void)
{
    struct gateway gateway;
    struct result result;
    gateway_start(
        &gateway, ANSWERS, "HTTP/1.1 503 Busy\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n");
    ask("POST", url_of(&gateway), "x", &result);
    CHECK_EQ(result.status, 503);
    CHECK_EQ(result.retry_after_ms, 120000);
    gateway_stop(&gateway);
}

static void a_refused_connection_was_not_sent(void)
{
    struct gateway gateway;
    struct result result;
    gateway_start(&gateway, ANSWERS, PLAIN_OK);
    char url[64];
    snprintf(url, sizeof(url), "%s", url_of(&gateway));
    gateway_stop(&gateway);
    ask("POST", url, "x", &result);
    CHECK_EQ(result.result, HTTP_NOT_SENT);
    CHECK(result.reason[0] != '\0');
}

static void a_gateway_that_never_answers_leaves_us_unsure(void)
{
    struct gateway gateway;
    struct result result;
    gateway_start(&gateway, SILENT, NULL);
    ask("POST", url_of(&gateway), "x", &result);
    CHECK_EQ(result.result, HTTP_NO_ANSWER);
    CHECK_EQ(gateway.requests, 1);
    CHECK_GE(result.took_ms, 590);
    CHECK_GE(1500, result.took_ms);
    CHECK_GE(STALL_MS_MAX, worst_gap_ms);
    gateway_stop(&gateway);
}

static void a_gateway_that_hangs_up_leaves_us_unsure(void)
{
    struct gateway gateway;
    struct result result;
    gateway_start(&gateway, HANGS_UP, NULL);
    ask("POST", url_of(&gateway), "x", &result);
    CHECK_EQ(result.result, HTTP_NO_ANSWER);
    CHECK_EQ(gateway.requests, 1);
    gateway_stop(&gateway);
}

static void half_an_answer_is_no_answer(void)
{
    struct gateway gateway;
    struct result result;
    gateway_start(&gateway, HALF_ANSWER, NULL);
    ask("POST", url_of(&gateway), "x", &result);
    CHECK_EQ(result.result, HTTP_NO_ANSWER);
    gateway_stop(&gateway);
}

static void after_an_error_a_new_connection_is_made(void)
{
    struct gateway silent;
    struct gateway gateway;
    struct result result;
    engine_renew();
    gateway_start(&silent, HANGS_UP, NULL);
    gateway_start(&gateway, ANSWERS, PLAIN_OK);
    ask("POST", url_of(&gateway), "x", &result);
    ask("POST", url_of(&silent), "x", &result);
    CHECK_EQ(result.result, HTTP_NO_ANSWER);
    ask("POST", url_of(&gateway), "x", &result);
    CHECK_EQ(gateway.peer_count, 2);
    gateway_stop(&gateway);
    gateway_stop(&silent);
}

static void a_kept_connection_that_dies_does_not_repeat_the_request(void)
{
    struct gateway gateway;
    struct result result;
    engine_renew();
    gateway_start(&gateway, HANGS_UP_SECOND, PLAIN_OK);
    ask("POST", url_of(&gateway), "x", &result);
    CHECK_EQ(result.result, HTTP_ANSWERED);
    gateway.seen[0] = '\0';
    ask("POST", url_of(&gateway), "x", &result);
    CHECK_EQ(result.result, HTTP_NO_ANSWER);
    CHECK_EQ(gateway.requests, 2);
    CHECK_EQ(gateway.peer_count, 2); /* a new connection was made, the request held back */
    gateway_stop(&gateway);
}

static void a_dripping_answer_ends_at_the_deadline(void)
{
    struct gateway gateway;
    struct result result;
    gateway_start(&gateway, DRIPS, NULL);
    ask("POST", url_of(&gateway), "x", &result);
    CHECK_EQ(result.result, HTTP_NO_ANSWER);
    CHECK_GE(1500, result.took_ms);
    CHECK_GE(STALL_MS_MAX, worst_gap_ms);
    gateway_stop(&gateway);
}

static void an_endless_answer_is_cut_at_64_kib(void)
{
    struct gateway gateway;
    struct result result;
    gateway_start(&gateway, ENDLESS, NULL);
    ask("POST", url_of(&gateway), "x", &result);
    CHECK_EQ(result.result, HTTP_ANSWERED);
    CHECK_EQ(result.status, 200);
    CHECK(result.truncated);
    CHECK_EQ(result.body_bytes, 65536);
    gateway_stop(&gateway);
}

static void a_redirect_is_not_followed(void)
{
    struct gateway target;
    struct gateway gateway;
    struct result result;
    char answer[256];
    gateway_start(&target, ANSWERS, PLAIN_OK);
    snprintf(
        answer, sizeof(answer), "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n",
        url_of(&target));
    gateway_start(&gateway, ANSWERS, answer);
    ask("POST", url_of(&gateway), "x", &result);
    CHECK_EQ(result.status, 302);
    CHECK_EQ(target.requests, 0);
    gateway_stop(&gateway);
    gateway_stop(&target);
}

static void a_proxy_of_the_environment_is_not_used(void)
{
    struct gateway gateway;
    struct result result;
    setenv("http_proxy", "http://127.0.0.1:9", 1);
    gateway_start(&gateway, ANSWERS, PLAIN_OK);
    ask("POST", url_of(&gateway), "x", &result);
    CHECK_EQ(result.status, 200);
    unsetenv("http_proxy");
    gateway_stop(&gateway);
}

static void post_by(const char *proxy, const char *url, struct result *result)
{
    struct http_request request;
    http_request_init(&request, "POST");
    http_request_url(&request, text_of(url), "/");
    buf_string(&request.body, "x");
    buf_string(&request.proxy, proxy);
    request.timeout_ms = 600;
    *result = (struct result){.started = clock_mono()};
    engine->ops->post(engine, &request, on_done, result);
    http_request_release(&request);
    wait_for(result, 1);
}

static void a_request_goes_by_its_own_proxy(void)
{
    struct gateway proxy;
    struct result result;
    gateway_start(&proxy, ANSWERS, PLAIN_OK);
    post_by(url_of(&proxy), "http://gateway.example.com/send?token=t", &result);
    CHECK_EQ(result.status, 200);
    CHECK(strstr(proxy.seen, "POST http://gateway.example.com/send?token=t HTTP/1.1\r\n"));
    gateway_stop(&proxy);
}

static void a_proxy_that_lets_nobody_through_was_not_passed(void)
{
    struct gateway proxy;
    struct result result;
    gateway_start(
        &proxy, ANSWERS, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
    post_by(url_of(&proxy), "https://gateway.example.com/send", &result);
    CHECK_EQ(result.result, HTTP_NOT_SENT);
    CHECK(strstr(proxy.seen, "CONNECT gateway.example.com:443 HTTP/1.1\r\n"));
    gateway_stop(&proxy);
}

static void a_proxy_is_no_way_around_loopback(void)
{
    struct gateway proxy;
    struct result result;
    struct http_engine *careless = engine;
    engine = http_engine_create(base, true, NULL);
    gateway_start(&proxy, ANSWERS, PLAIN_OK);
    static const char *const outside[] = {
        "http://gateway.example.com/send", "https://192.0.2.1/",
        "http://localhost.example.com/",   "http://[2001:db8::1]/",
        "http://127.0.0.1.example.com/",   "http://127.0.0.1@192.0.2.1/"};
    for (size_t index = 0; index < sizeof(outside) / sizeof(outside[0]); index++) {
        check_note("%s", outside[index]);
        post_by(url_of(&proxy), outside[index], &result);
        CHECK_EQ(result.result, HTTP_FORBIDDEN);
        CHECK(strstr(result.reason, "clock is not real"));
    }
    CHECK_EQ(proxy.requests, 0);
    post_by(url_of(&proxy), "http://127.0.0.1:9/send", &result);
    CHECK_EQ(result.status, 200);
    post_by("http://192.0.2.1:3128", "http://127.0.0.1:9/send", &result);
    CHECK_EQ(result.result, HTTP_FORBIDDEN);
    engine->ops->free(engine);
    engine = careless;
    gateway_stop(&proxy);
}

static void a_header_too_many_is_an_error(void)
{
    struct http_request request;
    http_request_init(&request, "GET");
    for (size_t index = 0; index < HTTP_HEADERS_MAX; index++) {
        http_request_header(&request, "X-Many", TEXT_LITERAL("y"));
    }
    CHECK_EQ(http_request_error(&request), ERR_OK);
    http_request_header(&request, "X-Many", TEXT_LITERAL("y"));
    CHECK_EQ(http_request_error(&request), ERR_FULL);
    http_request_release(&request);
}

static void headers_that_break_off_are_no_answer(void)
{
    struct gateway gateway;
    struct result result;
    gateway_start(&gateway, BREAKS_OFF, "HTTP/1.1 202 Accepted\r\nContent-Le");
    ask("POST", url_of(&gateway), "x", &result);
    CHECK_EQ(result.result, HTTP_NO_ANSWER);
    CHECK_STR(result.reason, "the answer broke off");
    gateway_stop(&gateway);
}

static void other_protocols_are_refused(void)
{
    struct result result;
    ask("GET", "file:///etc/passwd", "", &result);
    CHECK_EQ(result.result, HTTP_NOT_SENT);
    CHECK_EQ(result.body_bytes, 0);
}

static void a_dead_name_server_does_not_stop_the_loop(void)
{
    struct result results[4];
    const struct mono_ms started = clock_mono();
    for (size_t index = 0; index < 4; index++) {
        char url[64];
        snprintf(url, sizeof(url), "http://gateway-%zu.example.com/send", index);
        post("POST", url, "x", &results[index]);
    }
    wait_for(results, 4);
    for (size_t index = 0; index < 4; index++) {
        CHECK_EQ(results[index].result, HTTP_NOT_SENT);
    }
    CHECK_GE(2000, clock_mono().ms - started.ms);
    CHECK_GE(STALL_MS_MAX, worst_gap_ms);
}

static void one_transfer_too_many_is_not_sent(void)
{
    static struct result results[HTTP_TRANSFERS_MAX + 1];
    struct gateway gateway;
    gateway_start(&gateway, SILENT, NULL);
    for (size_t index = 0; index <= HTTP_TRANSFERS_MAX; index++) {
        post("POST", url_of(&gateway), "x", &results[index]);
        gateway.peer_count = 0; /* too many to keep; they die with the network */
    }
    wait_for(&results[HTTP_TRANSFERS_MAX], 1);
    CHECK_EQ(results[HTTP_TRANSFERS_MAX].result, HTTP_NOT_SENT);
    CHECK_STR(results[HTTP_TRANSFERS_MAX].reason, "no room for another transfer");
    engine_renew(); /* with 64 under way: nothing may be called or leak */
    gateway_stop(&gateway);
}

static void only_loopback_is_spoken_to_when_the_clock_is_not_real(void)
{
    struct gateway gateway;
    struct result result;
    struct http_engine *careless = engine;
    engine = http_engine_create(base, true, NULL);
    gateway_start(&gateway, ANSWERS, PLAIN_OK);
    ask("POST", url_of(&gateway), "x", &result);
    CHECK_EQ(result.status, 200);
    ask("POST", "http://192.0.2.1/send", "x", &result);
    CHECK_EQ(result.result, HTTP_FORBIDDEN);
    CHECK(strstr(result.reason, "clock is not real"));
    ask("POST", "http://[2001:db8::1]/send", "x", &result);
    CHECK_EQ(result.result, HTTP_FORBIDDEN);
    engine->ops->free(engine);
    engine = careless;
    gateway_stop(&gateway);
}

static void a_fetch_that_cannot_connect_says_so(void)
{
    struct http_request request;
    struct http_fetched fetched;
    struct err_why why = {0};
    http_request_init(&request, "GET");
    http_request_url(&request, TEXT_LITERAL("http://127.0.0.1:9"), "/healthz");
    CHECK_EQ(http_fetch(&request, &fetched, &why), ERR_AWAY);
    CHECK(why.text[0] != '\0');
    http_request_release(&request);
}

/* A name server that hears everything and says nothing. */
static int silent_name_server(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(53)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    return fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 ? fd : -1;
}

int main(int argc, char **argv)
{
    if (!netns_enter("nameserver 127.0.0.1\noptions timeout:5 attempts:2\n")) {
        return 1;
    }
    const int name_server = silent_name_server();
    base = event_base_new();
    engine = http_engine_create(base, false, NULL);
    struct event *beat = event_new(base, -1, EV_PERSIST, on_beat, NULL);
    const struct timeval every = {.tv_usec = 10000};
    event_add(beat, &every);
    CHECK(name_server >= 0 && base && engine);
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(an_answer_comes_with_status_and_body);
    CHECK_RUN(a_get_has_no_body);
    CHECK_RUN(a_connection_is_kept_for_the_next_request);
    CHECK_RUN(retry_after_is_read);
    CHECK_RUN(a_refused_connection_was_not_sent);
    CHECK_RUN(a_gateway_that_never_answers_leaves_us_unsure);
    CHECK_RUN(a_gateway_that_hangs_up_leaves_us_unsure);
    CHECK_RUN(half_an_answer_is_no_answer);
    CHECK_RUN(after_an_error_a_new_connection_is_made);
    CHECK_RUN(a_kept_connection_that_dies_does_not_repeat_the_request);
    CHECK_RUN(a_dripping_answer_ends_at_the_deadline);
    CHECK_RUN(an_endless_answer_is_cut_at_64_kib);
    CHECK_RUN(a_redirect_is_not_followed);
    CHECK_RUN(a_proxy_of_the_environment_is_not_used);
    CHECK_RUN(a_request_goes_by_its_own_proxy);
    CHECK_RUN(a_proxy_that_lets_nobody_through_was_not_passed);
    CHECK_RUN(a_proxy_is_no_way_around_loopback);
    CHECK_RUN(a_header_too_many_is_an_error);
    CHECK_RUN(headers_that_break_off_are_no_answer);
    CHECK_RUN(other_protocols_are_refused);
    CHECK_RUN(one_transfer_too_many_is_not_sent);
    CHECK_RUN(only_loopback_is_spoken_to_when_the_clock_is_not_real);
    CHECK_RUN(a_fetch_that_cannot_connect_says_so);
    CHECK_RUN(a_dead_name_server_does_not_stop_the_loop);
    engine->ops->free(engine);
    event_free(beat);
    event_base_free(base);
    close(name_server);
    return check_done();
}
