/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connection to Redis against a server of the test's own that misbehaves: garbage, answers
 * that are too long or too deep, silence, a connection that closes, more requests than fit. The
 * connection is given up and made again; every request is answered once; nothing is trusted.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

#include "base/clock.h"
#include "base/must.h"
#include "store/redis_transport.h"
#include "tests/support/check.h"

#define TURN_MS_MAX 12000
#define MANY        6000

/* What the server does with the bytes that come. */
enum manner { MANNER_PONG, MANNER_ANSWER, MANNER_SILENT, MANNER_CLOSE };

static struct world {
    struct event_base *base;
    struct evconnlistener *listener;
    char path[80];
    char url[96];
    enum manner manner; /* towards all but the greeting, which is answered */
    const char *answer;
    size_t answer_bytes;
    bool greeted;
    struct bufferevent *peer;

    struct redis_transport *transport;
    int ups;
    int downs;
    enum err down_err;
    char down_why[320];
    size_t done[ERR_COUNT];
    size_t done_count;
} world;

/* ---- the server ---- */

static void peer_close(void)
{
    if (world.peer)
        bufferevent_free(world.peer);
    world.peer = NULL;
}

static void peer_read(struct bufferevent *peer, void *context)
{
    struct evbuffer *const input = bufferevent_get_input(peer);
    (void)context;
    (void)evbuffer_drain(input, evbuffer_get_length(input));
    if (!world.greeted || world.manner == MANNER_PONG)
        (void)bufferevent_write(peer, "+PONG\r\n", 7);
    else if (world.manner == MANNER_ANSWER)
        (void)bufferevent_write(peer, world.answer, world.answer_bytes);
    else if (world.manner == MANNER_CLOSE)
        peer_close();
    world.greeted = true;
}

static void peer_event(struct bufferevent *peer, short what, void *context)
{
    (void)peer;
    (void)what;
    (void)context;
    peer_close();
}

static void peer_accept(
    struct evconnlistener *listener,
    evutil_socket_t fd,
    struct sockaddr *address,
    int address_bytes,
    void *context)
{
    (void)listener;
    (void)address;
    (void)address_bytes;
    (void)context;
    peer_close();
    world.greeted = false;
    world.peer = bufferevent_socket_new(world.base, fd, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(world.peer, peer_read, NULL, peer_event, NULL);
    (void)bufferevent_enable(world.peer, EV_READ | EV_WRITE);
}

/* ---- the client ---- */

static void on_up(void *context)
{
    (void)context;
    world.ups++;
}

static void on_down(void *context, enum err err, const char *why)
{
    (void)context;
    world.downs++;
    world.down_err = err;
    (void)snprintf(world.down_why, sizeof world.down_why, "%s", why);
}

static void on_done(void *context, enum err err, const char *why, const struct redisReply *reply)
{
    (void)context;
    CHECK(why);
    CHECK(err || reply);
    world.done[err]++;
    world.done_count++;
}

static void send_ping(void)
{
    struct redis_command command;
    redis_command_init(&command, "PING");
    redis_transport_send(world.transport, &command, 0, on_done, NULL);
}

static void wake_up(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    (void)context;
}

/* Turns the loop until *number reaches `least`. */
static bool until(const int *number, int least)
{
    const int64_t end_ms = clock_mono().ms + TURN_MS_MAX;
    struct event *const tick = event_new(world.base, -1, EV_PERSIST, wake_up, NULL);
    const struct timeval often = {.tv_usec = 20000};
    (void)event_add(tick, &often);
    while (*number < least && clock_mono().ms < end_ms)
        (void)event_base_loop(world.base, EVLOOP_ONCE);
    event_free(tick);
    return CHECK_GE(*number, least);
}

static void transport_open(void)
{
    struct err_why why;
    const struct redis_transport_options options = {
        .base = world.base,
        .url = text_of(world.url),
        .request_ms = world.manner == MANNER_SILENT ? 1000 : 60000,
        .on_up = on_up,
        .on_down = on_down,
    };
    world.transport = redis_transport_create(&options, &why);
    MUST(world.transport);
}

static void open_world(enum manner manner, const char *answer, size_t answer_bytes)
{
    const char *const tmp = getenv("TMPDIR");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    world = (struct world){.manner = manner, .answer = answer, .answer_bytes = answer_bytes};
    (void)snprintf(
        world.path, sizeof world.path, "%s/fake-%ld", tmp ? tmp : "/tmp", (long)getpid());
    (void)snprintf(world.url, sizeof world.url, "unix:%s", world.path);
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", world.path);
    (void)unlink(world.path);
    world.base = event_base_new();
    world.listener = evconnlistener_new_bind(
        world.base, peer_accept, NULL, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 8,
        (const struct sockaddr *)&address, (int)sizeof address);
    MUST(world.listener);
    transport_open();
    (void)until(&world.ups, 1);
}

static void close_world(void)
{
    redis_transport_free(world.transport);
    peer_close();
    evconnlistener_free(world.listener);
    event_base_free(world.base);
    if (world.path[0])
        (void)unlink(world.path);
}

/* One request, and what comes of that answer: the end of the connection, then a new one. */
static void answer_breaks(const char *answer, size_t answer_bytes)
{
    open_world(MANNER_ANSWER, answer, answer_bytes);
    send_ping();
    until(&world.downs, 1);
    CHECK_STR(err_name(world.down_err), "proto");
    until(&world.ups, 2);
    CHECK_EQ(world.done_count, 1);
    CHECK_EQ(world.done[ERR_TIMEOUT], 1);
    close_world();
}

static void garbage_ends_the_connection(void)
{
    static const char *const garbage[] = {
        "HTTP/1.1 400 Bad Request\r\n\r\n", "$-7\r\n", ":12x\r\n", "*-5\r\n", "\0\0\0\0\r\n",
        "$99999999999999999999\r\n"};
    for (size_t i = 0; i < sizeof garbage / sizeof *garbage; i++) {
        check_note("garbage %zu", i);
        answer_breaks(garbage[i], i == 4 ? 6 : strlen(garbage[i]));
    }
}

static void a_list_of_a_billion_items_ends_the_connection(void)
{
    static const char answer[] = "*1000000000\r\n$1\r\na\r\n";
    answer_breaks(answer, sizeof answer - 1);
}

static void deeply_nested_lists_end_the_connection(void)
{
    static char answer[4000];
    for (size_t i = 0; i + 4 <= sizeof answer; i += 4)
        memcpy(answer + i, "*1\r\n", 4);
    answer_breaks(answer, sizeof answer);
}

static void an_answer_beyond_the_maximum_ends_the_connection(void)
{
    const size_t bytes = REDIS_REPLY_BYTES_MAX + 1024;
    char *const answer = malloc(bytes);
    MUST(answer);
    memset(answer, 'a', bytes);
    memcpy(answer, "$100000000\r\n", 12);
    answer_breaks(answer, bytes);
    free(answer);
}

static void an_answer_nobody_asked_for_ends_the_connection(void)
{
    static const char answer[] = "+PONG\r\n+PONG\r\n";
    open_world(MANNER_ANSWER, answer, sizeof answer - 1);
    send_ping();
    until(&world.downs, 1);
    CHECK_STR(err_name(world.down_err), "proto");
    CHECK_EQ(world.done[ERR_OK], 1);
    close_world();
}

static void a_closing_server_is_connected_to_again(void)
{
    open_world(MANNER_CLOSE, NULL, 0);
    send_ping();
    until(&world.downs, 1);
    CHECK_EQ(world.down_err, ERR_AWAY);
    until(&world.ups, 2);
    CHECK_EQ(world.done[ERR_TIMEOUT], 1);
    close_world();
}

static void a_silent_server_is_found_by_the_deadline(void)
{
    open_world(MANNER_SILENT, NULL, 0);
    const int64_t begin_ms = clock_mono().ms;
    send_ping();
    send_ping();
    until(&world.downs, 1);
    CHECK_EQ(world.down_err, ERR_TIMEOUT);
    CHECK_GE(clock_mono().ms - begin_ms, 990);
    until(&world.ups, 2);
    CHECK_EQ(world.done[ERR_TIMEOUT], 2);
    close_world();
}

static void a_half_open_connection_is_found_without_any_request(void)
{
    open_world(MANNER_SILENT, NULL, 0);
    const int64_t begin_ms = clock_mono().ms;
    until(&world.downs, 1);
    CHECK_EQ(world.down_err, ERR_TIMEOUT);
    CHECK_GE(10000, clock_mono().ms - begin_ms);
    CHECK_EQ(world.done_count, 0);
    close_world();
}

static void requests_beyond_the_bound_are_refused(void)
{
    open_world(MANNER_SILENT, NULL, 0);
    for (int i = 0; i < MANY; i++)
        send_ping();
    CHECK_EQ(world.done_count, 0); /* never from inside the call */
    until(&world.downs, 1);
    until(&world.ups, 2);
    CHECK_EQ(world.done_count, MANY);
    CHECK_GE(world.done[ERR_FULL], 1000);
    CHECK_EQ(world.done[ERR_FULL] + world.done[ERR_TIMEOUT] + world.done[ERR_AWAY], MANY);
    close_world();
}

static void without_a_connection_requests_are_answered_at_once(void)
{
    open_world(MANNER_CLOSE, NULL, 0);
    evconnlistener_free(world.listener);
    send_ping();
    until(&world.downs, 1);
    send_ping();
    CHECK_EQ(world.done[ERR_AWAY], 0);
    until(&world.downs, 2);
    CHECK_EQ(world.done[ERR_AWAY], 1);
    world.listener = NULL;
    redis_transport_free(world.transport);
    peer_close();
    event_base_free(world.base);
    (void)unlink(world.path);
}

/* A server on a free port of loopback, and that port. */
static int listen_tcp(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t bytes = sizeof address;
    world = (struct world){.manner = MANNER_PONG};
    world.base = event_base_new();
    world.listener = evconnlistener_new_bind(
        world.base, peer_accept, NULL, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 8,
        (const struct sockaddr *)&address, (int)sizeof address);
    MUST(world.listener);
    MUST(
        getsockname(evconnlistener_get_fd(world.listener), (struct sockaddr *)&address, &bytes) ==
        0);
    return ntohs(address.sin_port);
}

static void tcp_is_spoken_too(void)
{
    static const char *const hosts[] = {"127.0.0.1", "localhost"};
    for (size_t i = 0; i < 2; i++) {
        const int port = listen_tcp();
        (void)snprintf(world.url, sizeof world.url, "redis://%s:%d", hosts[i], port);
        transport_open();
        until(&world.ups, 1);
        send_ping();
        while (world.done_count == 0)
            (void)event_base_loop(world.base, EVLOOP_ONCE);
        CHECK_EQ(world.done[ERR_OK], 1);
        close_world();
    }
}

/* The loop's longest silence while a name is looked up that no server knows. */
static void looking_up_a_name_does_not_stop_the_loop(void)
{
    (void)listen_tcp();
    (void)snprintf(world.url, sizeof world.url, "redis://no-such-host.invalid:6379");
    world.manner = MANNER_SILENT;
    transport_open();
    struct event *const tick = event_new(world.base, -1, EV_PERSIST, wake_up, NULL);
    const struct timeval often = {.tv_usec = 10000};
    (void)event_add(tick, &often);
    int64_t longest_ms = 0;
    int64_t last_ms = clock_mono().ms;
    for (const int64_t end_ms = last_ms + TURN_MS_MAX; !world.downs && last_ms < end_ms;) {
        (void)event_base_loop(world.base, EVLOOP_ONCE);
        const int64_t now_ms = clock_mono().ms;
        longest_ms = now_ms - last_ms > longest_ms ? now_ms - last_ms : longest_ms;
        last_ms = now_ms;
    }
    event_free(tick);
    CHECK_GE(world.downs, 1);
    CHECK_EQ(world.ups, 0);
    CHECK_GE(900, longest_ms);
    close_world();
}

static void a_free_in_flight_calls_nobody_back(void)
{
    open_world(MANNER_SILENT, NULL, 0);
    send_ping();
    redis_transport_free(world.transport);
    world.transport = NULL;
    (void)event_base_loop(world.base, EVLOOP_NONBLOCK);
    CHECK_EQ(world.done_count, 0);
    CHECK_EQ(world.downs, 0);
    close_world();
}

int main(int argc, char **argv)
{
    (void)signal(SIGPIPE, SIG_IGN);
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(garbage_ends_the_connection);
    CHECK_RUN(a_list_of_a_billion_items_ends_the_connection);
    CHECK_RUN(deeply_nested_lists_end_the_connection);
    CHECK_RUN(an_answer_beyond_the_maximum_ends_the_connection);
    CHECK_RUN(an_answer_nobody_asked_for_ends_the_connection);
    CHECK_RUN(a_closing_server_is_connected_to_again);
    CHECK_RUN(a_silent_server_is_found_by_the_deadline);
    CHECK_RUN(a_half_open_connection_is_found_without_any_request);
    CHECK_RUN(requests_beyond_the_bound_are_refused);
    CHECK_RUN(without_a_connection_requests_are_answered_at_once);
    CHECK_RUN(tcp_is_spoken_too);
    CHECK_RUN(looking_up_a_name_does_not_stop_the_loop);
    CHECK_RUN(a_free_in_flight_calls_nobody_back);
    return check_done();
}
