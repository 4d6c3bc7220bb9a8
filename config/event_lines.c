/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Line reading over one buffer of twice the longest event: a line that does not fit is measured
 * and thrown away piece by piece, so memory never depends on the file.
 */
#include "config/event_lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/must.h"
#include "config/event_json.h"
#include "config/os_error.h"

#define BUFFER_BYTES (2 * EVENT_BYTES_MAX)

enum err event_lines_open(struct event_lines *lines, const char *path, struct err_why *why)
{
    *lines = (struct event_lines){.fd = -1};
    lines->bytes = malloc(BUFFER_BYTES);
    if (!lines->bytes) {
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    }
    lines->fd = strcmp(path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                       : open(path, O_RDONLY | O_CLOEXEC);
    if (lines->fd < 0) {
        const enum err err = errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
        return err_set(
            why, err, "cannot open %s: %s", path, os_error(errno, (char[OS_ERROR_BYTES]){0}));
    }
    return ERR_OK;
}

void event_lines_close(struct event_lines *lines)
{
    free(lines->bytes);
    if (lines->fd >= 0) {
        (void)close(lines->fd);
    }
    *lines = (struct event_lines){.fd = -1};
}

/* Read more behind what is there; at the end of the file `end` is set. */
static enum err lines_fill(struct event_lines *lines, struct err_why *why)
{
    if (lines->from > 0) {
        memmove(lines->bytes, lines->bytes + lines->from, lines->to - lines->from);
        lines->to -= lines->from;
        lines->from = 0;
    }
    MUST(lines->to < BUFFER_BYTES);
    ssize_t got = -1;
    do {
        got = read(lines->fd, lines->bytes + lines->to, BUFFER_BYTES - lines->to);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        return err_set(
            why, ERR_IO, "cannot read the events: %s", os_error(errno, (char[OS_ERROR_BYTES]){0}));
    }
    lines->end = got == 0;
    lines->to += (size_t)got;
    return ERR_OK;
}

static char *find_newline(const struct event_lines *lines)
{
    return memchr(lines->bytes + lines->from, '\n', lines->to - lines->from);
}

/* The line goes on beyond the buffer: drop it up to its newline, counting. */
static enum err skip_long(struct event_lines *lines, size_t *ret_bytes, struct err_why *why)
{
    size_t bytes = 0;
    for (;;) {
        const char *newline = find_newline(lines);
        const size_t piece =
            newline ? (size_t)(newline - lines->bytes) - lines->from : lines->to - lines->from;
        bytes += piece;
        lines->from += piece + (newline ? 1 : 0);
        if (newline || lines->end) {
            *ret_bytes = bytes;
            return ERR_OK;
        }
        const enum err err = lines_fill(lines, why);
        if (err != ERR_OK) {
            return err;
        }
    }
}

/* Until a newline is in the buffer, the buffer is full, or the file is at its end. */
static enum err fill_line(struct event_lines *lines, struct err_why *why)
{
    while (!lines->end && lines->to - lines->from <= EVENT_BYTES_MAX && !find_newline(lines)) {
        const enum err err = lines_fill(lines, why);
        if (err != ERR_OK) {
            return err;
        }
    }
    return ERR_OK;
}

static struct text trim(struct text text)
{
    while (text.bytes > 0 && strchr(" \t\r", text.ptr[text.bytes - 1])) {
        text.bytes--;
    }
    while (text.bytes > 0 && strchr(" \t\r", text.ptr[0])) {
        text.ptr++;
        text.bytes--;
    }
    return text;
}

static enum err take_line(
    struct event_lines *lines, struct event_line *ret_line, struct err_why *why)
{
    const char *newline = find_newline(lines);
    struct event_line line = {.number = ++lines->line_number};
    const size_t left = lines->to - lines->from;
    if (!newline && left > EVENT_BYTES_MAX && !lines->end) {
        const enum err err = skip_long(lines, &line.bytes, why);
        *ret_line = line;
        return err;
    }
    const size_t bytes = newline ? (size_t)(newline - lines->bytes) - lines->from : left;
    line.text = (struct text){lines->bytes + lines->from, bytes};
    lines->from += bytes + (newline ? 1 : 0);
    const struct text mark = TEXT_LITERAL("\xEF\xBB\xBF");
    if (line.number == 1 && text_starts_with(line.text, mark)) {
        line.text.ptr += mark.bytes;
        line.text.bytes -= mark.bytes;
    }
    line.text = trim(line.text);
    line.bytes = line.text.bytes;
    *ret_line = line;
    return ERR_OK;
}

enum err event_lines_next(
    struct event_lines *lines, struct event_line *ret_line, bool *ret_found, struct err_why *why)
{
    for (;;) {
        enum err err = fill_line(lines, why);
        if (err != ERR_OK) {
            return err;
        }
        if (lines->from == lines->to && lines->end) {
            *ret_found = false;
            return ERR_OK;
        }
        struct event_line line;
        err = take_line(lines, &line, why);
        if (err != ERR_OK) {
            return err;
        }
        if (line.bytes > 0) {
            *ret_line = line;
            *ret_found = true;
            return ERR_OK;
        }
    }
}
