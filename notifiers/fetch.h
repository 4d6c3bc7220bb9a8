/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a request needs beside its message: an access token, the receivers' ids at the gateway.
 * Both are asked of the gateway and kept for many messages. Who asks gets one of three answers;
 * while it is being fetched, the asker waits in a state and asks again when told.
 */
#ifndef NRT_NOTIFIERS_FETCH_H
#define NRT_NOTIFIERS_FETCH_H

#include <stdbool.h>
#include <stdint.h>

#define FETCH_TIMEOUT_MS 10000 /* of one request */

enum fetch_answer {
    FETCH_READY,
    FETCH_AWAITED, /* on its way */
    FETCH_FAILED,  /* the one waited for came to nothing; asking again fetches again */
};

/* What an asker waits for; zero: nothing yet. */
struct fetch_wait {
    int64_t token;
    int64_t lookup;
};

#endif
