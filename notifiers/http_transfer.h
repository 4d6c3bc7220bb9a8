/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One transfer of curl: its options, its limits, what it may talk to, and what its end means.
 * Whoever drives it is http_engine.c's business. Private to the engine.
 */
#ifndef NRT_NOTIFIERS_HTTP_TRANSFER_H
#define NRT_NOTIFIERS_HTTP_TRANSFER_H

#include <curl/curl.h>

#include "base/clock.h"
#include "notifiers/http.h"
#include "notifiers/smtp_talk.h"

struct event;
struct curl_engine;

struct transfer {
    struct curl_engine *engine; /* whose it is; NULL in a blocking fetch */
    CURL *easy;                 /* kept from one transfer to the next */
    bool busy;                  /* else the slot is free */
    bool mail;
    bool talking; /* a mail whose connection is there */
    struct curl_slist *headers;
    struct buf mail_from;
    struct buf mail_to;
    struct smtp_talk talk;
    size_t heard_bytes;
    struct event *talk_event;
    struct mono_ms deadline;
    struct buf body_out;
    struct buf body_in;
    size_t answer_bytes_max;
    http_sink_fn *sink;
    void *sink_context;
    bool truncated;
    bool headers_whole;
    bool loopback_only;
    bool forbidden;
    int32_t requests; /* passes through the pre-request callback */
    http_done_fn *done;
    void *context;
    char error[CURL_ERROR_SIZE];
};

/* The slot must be free. False when it could not be built; it is free again then. */
bool transfer_init(
    struct transfer *transfer, const struct http_request *request, bool loopback_only);
/* Free for the next one, which uses the same handle. Its event is the driver's. */
void transfer_release(struct transfer *transfer);
/* What the end of a transfer means; views into it. */
void transfer_answer(
    const struct transfer *transfer, CURLcode code, struct http_answer *ret_answer);
/* A proxy looks names up by itself, so only an address says where a request goes. */
bool transfer_url_is_loopback(const char *url);
extern const char transfer_forbidden[]; /* the reason of HTTP_FORBIDDEN */

#endif
