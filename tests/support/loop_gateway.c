/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads requests by their Content-Length, mails by their lines. All connections end with it.
 */
#include "tests/support/loop_gateway.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

#include "base/must.h"
#include "base/text.h"

#define PEERS_MAX        256
#define DRIP_MS          20
#define ANSWER_BYTES_MAX ((size_t)1024 * 1024)
#define REPLY_BYTES_MAX  8192

struct peer {
    struct loop_gateway *gateway;
    struct bufferevent *bev;
    bool in_mail;
    bool dripping;
};

struct loop_gateway {
    struct event_base *base;
    struct evconnlistener *listener;
    struct event *drip;
    struct peer peers[PEERS_MAX];
    enum gateway_manner manner;
    struct buf answer;
    bool smtp;
    char command[16];
    char reply[REPLY_BYTES_MAX];
    size_t requests;
};

static void peer_end(struct peer *peer)
{
    bufferevent_free(peer->bev);
    *peer = (struct peer){.gateway = peer->gateway};
}

/* ---- answering ---- */

static void behave(struct peer *peer, enum gateway_manner manner, struct text words)
{
    struct evbuffer *out = bufferevent_get_output(peer->bev);
    switch (manner) {
    case GATEWAY_ANSWERS:
        evbuffer_add(out, words.ptr, words.bytes);
        break;
    case GATEWAY_SILENT:
        break;
    case GATEWAY_DRIPS:
        evbuffer_add(out, words.ptr, words.bytes / 2);
        peer->dripping = true;
        break;
    case GATEWAY_CUTS:
        (void)send(bufferevent_getfd(peer->bev), words.ptr, words.bytes / 2, MSG_NOSIGNAL);
        (void)shutdown(bufferevent_getfd(peer->bev), SHUT_RDWR);
        break;
    case GATEWAY_HANGS_UP:
        (void)shutdown(bufferevent_getfd(peer->bev), SHUT_RDWR);
        break;
    }
}

static void on_drip(evutil_socket_t fd, short what, void *context)
{
    struct loop_gateway *gateway = context;
    (void)fd;
    (void)what;
    for (size_t index = 0; index < PEERS_MAX; index++) {
        if (gateway->peers[index].bev && gateway->peers[index].dripping) {
            evbuffer_add(bufferevent_get_output(gateway->peers[index].bev), " ", 1);
        }
    }
}

/* ---- HTTP ---- */

/* Takes one whole request out; false while there is none. */
static bool take_request(struct evbuffer *in)
{
    const struct evbuffer_ptr end = evbuffer_search(in, "\r\n\r\n", 4, NULL);
    if (end.pos < 0) {
        return false;
    }
    const char *head = (const char *)evbuffer_pullup(in, end.pos + 4);
    size_t body = 0;
    for (const char *line = head; line && line < head + end.pos;) {
        if (strncasecmp(line, "Content-Length:", 15) == 0) {
            body = strtoul(line + 15, NULL, 10);
        }
        line = memchr(line, '\n', (size_t)(head + end.pos - line));
        line = line ? line + 1 : NULL;
    }
    const size_t whole = (size_t)end.pos + 4 + body;
    return evbuffer_get_length(in) >= whole && evbuffer_drain(in, whole) == 0;
}

/* Somebody speaks TLS to us: as web servers do, in plain words. */
static bool refuses_tls(struct peer *peer)
{
    static const char words[] = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    char first = 0;
    if (evbuffer_copyout(bufferevent_get_input(peer->bev), &first, 1) != 1 || first != 0x16) {
        return false;
    }
    evbuffer_drain(bufferevent_get_input(peer->bev), SIZE_MAX);
    behave(peer, GATEWAY_ANSWERS, text_of(words));
    return true;
}

static void serve_http(struct peer *peer)
{
    struct loop_gateway *gateway = peer->gateway;
    if (refuses_tls(peer)) {
        return;
    }
    while (take_request(bufferevent_get_input(peer->bev))) {
        gateway->requests++;
        behave(peer, gateway->manner, buf_view(&gateway->answer));
    }
}

/* ---- SMTP ---- */

static void smtp_reply(struct peer *peer, const char *command, const char *usual)
{
    struct loop_gateway *gateway = peer->gateway;
    const bool wrong = strcmp(gateway->command, command) == 0;
    const char *words = wrong && gateway->reply[0] ? gateway->reply : usual;
    behave(peer, wrong ? gateway->manner : GATEWAY_ANSWERS, text_of(words));
}

static void serve_line(struct peer *peer, const char *line)
{
    if (peer->in_mail) {
        if (strcmp(line, ".") == 0) {
            peer->in_mail = false;
            peer->gateway->requests++;
            smtp_reply(peer, ".", "250 2.0.0 taken\r\n");
        }
        return;
    }
    static const struct {
        const char *command;
        const char *reply;
    } usual[] = {
        {"EHLO", "250-mail.test\r\n250 ENHANCEDSTATUSCODES\r\n"},
        {"MAIL", "250 2.1.0 ok\r\n"},
        {"RCPT", "250 2.1.5 ok\r\n"},
        {"DATA", "354 go on\r\n"},
        {"QUIT", "221 bye\r\n"},
    };
    for (size_t index = 0; index < sizeof(usual) / sizeof(usual[0]); index++) {
        if (strncmp(line, usual[index].command, 4) == 0) {
            peer->in_mail = strcmp(usual[index].command, "DATA") == 0;
            smtp_reply(peer, usual[index].command, usual[index].reply);
            return;
        }
    }
    behave(peer, GATEWAY_ANSWERS, TEXT_LITERAL("500 what\r\n"));
}

static void serve_smtp(struct peer *peer)
{
    for (;;) { /* ends with the lines */
        char *line =
            evbuffer_readln(bufferevent_get_input(peer->bev), NULL, EVBUFFER_EOL_CRLF_STRICT);
        if (!line) {
            return;
        }
        serve_line(peer, line);
        free(line);
    }
}

/* ---- connections ---- */

static void on_read(struct bufferevent *bev, void *context)
{
    struct peer *peer = context;
    (void)bev;
    if (peer->gateway->smtp) {
        serve_smtp(peer);
    } else {
        serve_http(peer);
    }
}

static void on_end(struct bufferevent *bev, short what, void *context)
{
    (void)bev;
    if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) {
        peer_end(context);
    }
}

static void on_peer(
    struct evconnlistener *listener,
    evutil_socket_t fd,
    struct sockaddr *address,
    int bytes,
    void *context)
{
    struct loop_gateway *gateway = context;
    (void)listener;
    (void)address;
    (void)bytes;
    size_t place = 0;
    while (place < PEERS_MAX && gateway->peers[place].bev) {
        place++;
    }
    MUST(place < PEERS_MAX);
    struct peer *peer = &gateway->peers[place];
    *peer = (struct peer){
        .gateway = gateway,
        .bev = bufferevent_socket_new(gateway->base, fd, BEV_OPT_CLOSE_ON_FREE),
    };
    bufferevent_setcb(peer->bev, on_read, NULL, on_end, peer);
    bufferevent_enable(peer->bev, EV_READ | EV_WRITE);
    if (gateway->smtp) {
        smtp_reply(peer, "greeting", "220 mail.test\r\n");
    }
}

/* ---- life ---- */

struct loop_gateway *loop_gateway_create(struct event_base *base)
{
    struct loop_gateway *gateway = calloc(1, sizeof(*gateway));
    struct sockaddr_in address = {.sin_family = AF_INET};
    const struct timeval every = {.tv_usec = DRIP_MS * 1000};
    MUST(gateway);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    gateway->base = base;
    buf_init(&gateway->answer, ANSWER_BYTES_MAX);
    gateway->listener = evconnlistener_new_bind(
        base, on_peer, gateway, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 256,
        (struct sockaddr *)&address, sizeof(address));
    gateway->drip = event_new(base, -1, EV_PERSIST, on_drip, gateway);
    if (!gateway->listener || !gateway->drip || event_add(gateway->drip, &every)) {
        loop_gateway_free(gateway);
        return NULL;
    }
    return gateway;
}

void loop_gateway_free(struct loop_gateway *gateway)
{
    if (!gateway) {
        return;
    }
    for (size_t index = 0; index < PEERS_MAX; index++) {
        if (gateway->peers[index].bev) {
            peer_end(&gateway->peers[index]);
        }
    }
    if (gateway->listener) {
        evconnlistener_free(gateway->listener);
    }
    if (gateway->drip) {
        event_free(gateway->drip);
    }
    /* libevent lets go of a connection in the loop's next turn. */
    (void)event_base_loop(gateway->base, EVLOOP_NONBLOCK);
    buf_release(&gateway->answer);
    free(gateway);
}

int loop_gateway_port(const struct loop_gateway *gateway)
{
    struct sockaddr_in address = {0};
    socklen_t bytes = sizeof(address);
    (void)getsockname(
        evconnlistener_get_fd(gateway->listener), (struct sockaddr *)&address, &bytes);
    return ntohs(address.sin_port);
}

size_t loop_gateway_requests(const struct loop_gateway *gateway)
{
    return gateway->requests;
}

void loop_gateway_answer(
    struct loop_gateway *gateway, enum gateway_manner manner, const char *bytes, size_t byte_count)
{
    gateway->smtp = false;
    gateway->manner = manner;
    buf_clear(&gateway->answer);
    buf_add(&gateway->answer, bytes, byte_count);
    MUST(!gateway->answer.error);
}

void loop_gateway_http(
    struct loop_gateway *gateway, int status, const char *headers, const char *body)
{
    struct buf answer;
    buf_init(&answer, ANSWER_BYTES_MAX);
    buf_format(
        &answer, "HTTP/1.1 %d Answer\r\n%sContent-Length: %zu\r\n\r\n", status,
        headers ? headers : "", strlen(body ? body : ""));
    buf_string(&answer, body ? body : "");
    loop_gateway_answer(gateway, GATEWAY_ANSWERS, answer.ptr, answer.bytes);
    buf_release(&answer);
}

void loop_gateway_smtp(
    struct loop_gateway *gateway,
    enum gateway_manner manner,
    const char *command,
    const char *reply)
{
    struct buf words;
    gateway->smtp = true;
    gateway->manner = manner;
    buf_init(&words, REPLY_BYTES_MAX);
    buf_string(&words, command ? command : "");
    MUST(words.bytes < sizeof(gateway->command));
    memcpy(gateway->command, words.bytes > 0 ? words.ptr : "", words.bytes + 1);
    buf_clear(&words);
    if (reply) {
        buf_format(&words, "%s\r\n", reply);
    }
    MUST(!words.error && words.bytes < sizeof(gateway->reply));
    memcpy(gateway->reply, words.bytes > 0 ? words.ptr : "", words.bytes + 1);
    buf_release(&words);
}
