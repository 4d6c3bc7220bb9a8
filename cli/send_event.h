/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One CloudEvent from the command line to the console.
 */
#ifndef NRT_CLI_SEND_EVENT_H
#define NRT_CLI_SEND_EVENT_H

#include "cli/api.h"

struct event_words {
    const char *kind; /* "received" */
    const char *subject;
    const char *time; /* RFC 3339; NULL: the service's present */
    struct text data; /* JSON object */
};

/*
 * Sends it with an identity of its own. EXIT_FINE once it is queued; ret_position (NUL-terminated,
 * cut when longer) is what `?after=` takes.
 */
#define POSITION_BYTES 4096
int send_event(
    const struct api *api,
    const struct event_words *words,
    char ret_position[static POSITION_BYTES]);

#endif
