/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A gateway in the test's own loop that answers as told, well or badly: HTTP with whatever bytes,
 * or SMTP. For the real HTTP engine; one without a network is tests/support/fake_gateway.h.
 */
#ifndef NRT_TESTS_SUPPORT_LOOP_GATEWAY_H
#define NRT_TESTS_SUPPORT_LOOP_GATEWAY_H

#include <stdbool.h>
#include <stddef.h>

struct event_base;
struct loop_gateway;

enum gateway_manner {
    GATEWAY_ANSWERS,
    GATEWAY_SILENT,  /* takes the request and says nothing */
    GATEWAY_DRIPS,   /* begins the answer, then a byte now and then */
    GATEWAY_CUTS,    /* half of the answer, then closed */
    GATEWAY_HANGS_UP /* takes the request and closes */
};

/* Listens on a free port of loopback. NULL when that fails. */
struct loop_gateway *loop_gateway_create(struct event_base *base);
void loop_gateway_free(struct loop_gateway *gateway); /* accepts NULL */
int loop_gateway_port(const struct loop_gateway *gateway);
/* Whole requests (mails: ends of mails) so far. */
size_t loop_gateway_requests(const struct loop_gateway *gateway);

/* From now on: these bytes, status line and all, for each request. */
void loop_gateway_answer(
    struct loop_gateway *gateway, enum gateway_manner manner, const char *bytes, size_t byte_count);
/* The same from its parts; headers as lines ending in CRLF, may be NULL. */
void loop_gateway_http(
    struct loop_gateway *gateway, int status, const char *headers, const char *body);
/*
 * From now on it speaks SMTP without TLS, and behaves in that manner at `command` ("MAIL", "."
 * for the end of a mail ...), where `reply` is its answer; NULL: nothing goes wrong.
 */
void loop_gateway_smtp(
    struct loop_gateway *gateway,
    enum gateway_manner manner,
    const char *command,
    const char *reply);

#endif
