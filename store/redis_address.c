/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking the URL apart, and connecting to what it names. A host that is a number (or
 * "localhost") needs no name service, and then none is started.
 */
#include "store/redis_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include <event2/bufferevent.h>
#include <event2/dns.h>

#define UNIX_SCHEME "unix:"
#define TCP_SCHEME  "redis://"

static struct text without_head(struct text text, const char *head)
{
    const size_t bytes = strlen(head);
    return (struct text){.ptr = text.ptr + bytes, .bytes = text.bytes - bytes};
}

static enum err unix_parse(struct text path, struct redis_address *ret, struct err_why *why)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (path.bytes == 0 || path.bytes >= sizeof address.sun_path) {
        return err_set(
            why, ERR_USAGE, "redis.url: the path of a unix socket has 1 to %zu bytes",
            sizeof address.sun_path - 1);
    }
    memcpy(address.sun_path, path.ptr, path.bytes);
    memcpy(&ret->socket, &address, sizeof address);
    ret->socket_bytes = (socklen_t)sizeof address;
    return ERR_OK;
}

static void host_resolve(struct redis_address *ret)
{
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons((uint16_t)ret->port)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)ret->port)};
    const char *const host = strcmp(ret->host, "localhost") == 0 ? "127.0.0.1" : ret->host;
    if (inet_pton(AF_INET, host, &four.sin_addr) == 1) {
        memcpy(&ret->socket, &four, sizeof four);
        ret->socket_bytes = (socklen_t)sizeof four;
    } else if (inet_pton(AF_INET6, host, &six.sin6_addr) == 1) {
        memcpy(&ret->socket, &six, sizeof six);
        ret->socket_bytes = (socklen_t)sizeof six;
    } else {
        ret->is_name = true;
    }
}

/* Splits "HOST", "HOST:PORT", "[V6]:PORT"; a '/' at the end is forgiven. */
static enum err tcp_parse(struct text place, struct redis_address *ret, struct err_why *why)
{
    if (place.bytes && place.ptr[place.bytes - 1] == '/')
        place.bytes--;
    struct text host = place;
    struct text port = {0};
    const char *const closing = memchr(place.ptr, ']', place.bytes);
    const bool bracketed = place.bytes && place.ptr[0] == '[' && closing;
    const char *const from = bracketed ? closing : place.ptr;
    const size_t left = place.bytes - (size_t)(from - place.ptr);
    const char *const colon = memchr(from, ':', left);
    if (colon) {
        port.ptr = colon + 1;
        port.bytes = place.bytes - (size_t)(port.ptr - place.ptr);
        host.bytes = (size_t)(colon - place.ptr);
    }
    if (bracketed)
        host = (struct text){.ptr = place.ptr + 1, .bytes = (size_t)(closing - place.ptr) - 1};
    int64_t number = REDIS_PORT;
    if (port.ptr && (text_parse_i64(port, &number) || number < 1 || number > 65535))
        return err_set(why, ERR_USAGE, "redis.url: the port is a number from 1 to 65535");
    if (host.bytes == 0 || host.bytes >= sizeof ret->host)
        return err_set(why, ERR_USAGE, "redis.url names no host");
    (void)snprintf(ret->host, sizeof ret->host, "%.*s", TEXT_ARGS(host));
    ret->port = (int)number;
    host_resolve(ret);
    return ERR_OK;
}

enum err redis_address_parse(
    struct text url, struct redis_address *ret_address, struct err_why *why)
{
    struct redis_address address = {0};
    enum err err = ERR_OK;
    if (text_starts_with(url, TEXT_LITERAL(UNIX_SCHEME))) {
        err = unix_parse(without_head(url, UNIX_SCHEME), &address, why);
    } else if (text_starts_with(url, TEXT_LITERAL(TCP_SCHEME))) {
        err = tcp_parse(without_head(url, TCP_SCHEME), &address, why);
    } else {
        err = err_set(why, ERR_USAGE, "redis.url: unix:PATH and redis://HOST:PORT can be used");
    }
    if (!err)
        *ret_address = address;
    return err;
}

/* A name needs evdns: the system's own resolver would stop the whole loop while it waits. */
static struct evdns_base *dns_of(struct event_base *base, struct evdns_base **dns)
{
    if (!*dns) {
        *dns = evdns_base_new(
            base, EVDNS_BASE_INITIALIZE_NAMESERVERS | EVDNS_BASE_DISABLE_WHEN_INACTIVE);
    }
    return *dns;
}

int redis_address_connect(
    const struct redis_address *address,
    struct bufferevent *bev,
    struct event_base *base,
    struct evdns_base **dns)
{
    if (!address->is_name) {
        return bufferevent_socket_connect(
            bev, (const struct sockaddr *)&address->socket, (int)address->socket_bytes);
    }
    if (!dns_of(base, dns))
        return -1;
    return bufferevent_socket_connect_hostname(bev, *dns, AF_UNSPEC, address->host, address->port);
}
