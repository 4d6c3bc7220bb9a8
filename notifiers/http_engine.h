/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The real HTTP engine: curl's multi interface driven by libevent in the role's own loop. Never
 * blocks the loop, not even while a name server is dead. Follows no redirect, uses no proxy but the
 * request's own, no cookie, no .netrc; http and https only; certificates are checked.
 *
 * A request with mail_to is a mail by SMTP (smtp, smtps): the body is the message, the answer's
 * status the server's last code and its body that line. What the server refused is answered;
 * lost before the last byte of the body was handed over is not sent. With a user the password
 * goes over TLS only (STARTTLS, or smtps).
 */
#ifndef NRT_NOTIFIERS_HTTP_ENGINE_H
#define NRT_NOTIFIERS_HTTP_ENGINE_H

#include "notifiers/http.h"

/*
 * Transfers at a time; also bounds the resolver threads that a dead name server leaves. One more
 * is answered HTTP_NOT_SENT; whoever posts keeps below twice as many.
 */
#define HTTP_TRANSFERS_MAX 256

struct event_base;

/*
 * loopback_only: talk to addresses of this machine only (the service clock is not real, so
 * nobody outside may hear of it). NULL with why when curl cannot be had.
 */
struct http_engine *http_engine_create(
    struct event_base *base, bool loopback_only, struct err_why *why);

/* What a blocking fetch gives; the caller releases body. */
struct http_fetched {
    int32_t status;
    struct buf body;
};
/*
 * For the command line: carry out one request and wait for it. ERR_AWAY (not sent), ERR_TIMEOUT
 * (no answer), ERR_FULL (answer longer than request->answer_bytes_max). A status of 400 and
 * more is not an error here.
 */
enum err http_fetch(
    const struct http_request *request,
    struct http_fetched *ret_fetched,
    struct err_why *why) ERR_MUST_USE;

/* "libcurl/7.88.1 ..." */
const char *http_engine_version(void);

#endif
