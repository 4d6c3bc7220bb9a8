/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file of events, one JSON object a line (NDJSON), read with a fixed buffer whatever the file's
 * size. Empty lines are passed over; a byte order mark and carriage returns are taken off.
 */
#ifndef NRT_CONFIG_EVENT_LINES_H
#define NRT_CONFIG_EVENT_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/text.h"

struct event_lines {
    int fd;
    char *bytes;
    size_t from; /* what is not yet given: bytes[from..to) */
    size_t to;
    size_t line_number;
    bool end; /* of the file */
};

struct event_line {
    struct text text; /* valid until the next call; empty when the line did not fit a buffer */
    size_t number;    /* from 1 */
    size_t bytes;     /* of the whole line; over EVENT_BYTES_MAX: too long to be an event */
};

/* "-" is standard input. ERR_NOT_FOUND, ERR_IO. Close in any case. */
enum err event_lines_open(struct event_lines *lines, const char *path, struct err_why *why)
    ERR_MUST_USE;
void event_lines_close(struct event_lines *lines);
/* ERR_OK with *ret_found false at the end of the file. */
enum err event_lines_next(
    struct event_lines *lines, struct event_line *ret_line, bool *ret_found, struct err_why *why)
    ERR_MUST_USE;

#endif
