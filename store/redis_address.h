/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where Redis is: the URL of the settings, taken apart.
 */
#ifndef NRT_STORE_REDIS_ADDRESS_H
#define NRT_STORE_REDIS_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/text.h"

#define REDIS_HOST_BYTES 256
#define REDIS_PORT       6379

struct redis_address {
    bool is_name; /* host has to be looked up; otherwise the socket address is there */
    char host[REDIS_HOST_BYTES];
    int port;
    struct sockaddr_storage socket;
    socklen_t socket_bytes;
};

/* "unix:PATH", "redis://HOST[:PORT]"; ERR_USAGE with why for everything else. */
enum err redis_address_parse(
    struct text url, struct redis_address *ret_address, struct err_why *why) ERR_MUST_USE;

struct bufferevent;
struct event_base;
struct evdns_base;
/*
 * Begin to connect; what becomes of it comes as an event of bev. Makes *dns where a name has to
 * be looked up: the caller frees it. -1 when nothing could be begun.
 */
int redis_address_connect(
    const struct redis_address *address,
    struct bufferevent *bev,
    struct event_base *base,
    struct evdns_base **dns);

#endif
