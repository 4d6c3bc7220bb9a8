/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a stand-in may call back: an HTTP listener on loopback in the test's own loop, which keeps
 * what came last and answers as told.
 */
#ifndef NRT_TESTS_SUPPORT_CALL_BACK_H
#define NRT_TESTS_SUPPORT_CALL_BACK_H

#include "base/text.h"

struct event_base;
struct evhttp;

struct call_back {
    struct evhttp *http;
    char url[64];      /* "http://127.0.0.1:PORT/receipts" */
    const char *reply; /* what the next one is answered with; static */
    struct buf body;   /* of the last one */
    int count;
};

/* The listener lives while the loop runs. False, with a failed check, when there is none. */
bool call_back_init(struct call_back *call_back, struct event_base *base);
void call_back_release(struct call_back *call_back);

#endif
