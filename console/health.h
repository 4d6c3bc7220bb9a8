/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the service is, gathered from heartbeats, Redis, the sending control and the ledger: what
 * /readyz tells in short and the page of the system in full. Asks the store three questions, one
 * after the other; nothing is kept between two gatherings.
 */
#ifndef NRT_CONSOLE_HEALTH_H
#define NRT_CONSOLE_HEALTH_H

#include "console/console.h"

struct health {
    struct console *console;
    struct buf reasons;   /* why it does not work: JSON strings joined by ',' */
    struct buf warnings;  /* what somebody should look at */
    struct buf instances; /* JSON objects joined by ','; one with "up": false is missing */
    struct buf gateways; /* JSON objects {"instance", "gateways"} joined by ',', of the notifiers */
    struct buf redis;    /* a JSON object; empty when Redis does not answer */
    void (*done)(struct health *health);
    struct http_call *call; /* the asker's */
};

static inline bool health_is_well(const struct health *health)
{
    return health->reasons.bytes == 0;
}

/*
 * Gather and call `done`, which answers `call`; the health is freed when it returns. Answers with a
 * problem when memory is out.
 */
void health_gather(
    struct console *console, struct http_call *call, void (*done)(struct health *health));

#endif
