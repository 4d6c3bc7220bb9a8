/* SPDX-License-Identifier: Apache-2.0 */
/* See ical_events.h. */
#include "config/ical_events.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define LINE_BYTES_MAX  ((size_t)16 * 1024) /* with its continuations */
#define EVENT_BYTES_MAX ((size_t)64 * 1024)
#define EVENT_LINES_MAX 400
#define DEPTH_MAX       4
#define NAME_BYTES_MAX  32

struct line_scan {
    ical_event_fn *found;
    void *context;
    const char *at;
    const char *end;
    size_t line; /* number of the line in hand */
    size_t logical_bytes;
    size_t depth;
    struct text open[DEPTH_MAX]; /* names of the components that are open */
    bool closed;                 /* the one VCALENDAR has ended */
    const char *event;           /* where the event in hand begins; NULL outside */
    size_t event_line;
    size_t event_count;
};

static bool is_name(struct text text, const char *name)
{
    return text.bytes == strlen(name) && strncasecmp(text.ptr, name, text.bytes) == 0;
}

static bool names_equal(struct text a, struct text b)
{
    return a.bytes == b.bytes && strncasecmp(a.ptr, b.ptr, a.bytes) == 0;
}

/* The next line without its end. */
static struct text take_line(struct line_scan *scan)
{
    const size_t left = (size_t)(scan->end - scan->at);
    const char *newline = memchr(scan->at, '\n', left);
    struct text line = {scan->at, newline ? (size_t)(newline - scan->at) : left};
    scan->at = newline ? newline + 1 : scan->end;
    scan->line++;
    if (line.bytes > 0 && line.ptr[line.bytes - 1] == '\r') {
        line.bytes--;
    }
    return line;
}

static bool starts_with_word(struct text line, const char *word, struct text *ret_rest)
{
    const size_t bytes = strlen(word);
    if (line.bytes < bytes || strncasecmp(line.ptr, word, bytes) != 0) {
        return false;
    }
    *ret_rest = (struct text){line.ptr + bytes, line.bytes - bytes};
    return true;
}

static const char *open_component(struct line_scan *scan, const char *start, struct text name)
{
    const bool is_calendar = is_name(name, "VCALENDAR");
    if (scan->closed || (scan->depth == 0) != is_calendar) {
        return "expected one VCALENDAR with everything inside";
    }
    if (scan->depth == DEPTH_MAX || name.bytes > NAME_BYTES_MAX) {
        return "components are nested too deep, or have too long a name";
    }
    scan->open[scan->depth++] = name;
    if (scan->depth == 2 && is_name(name, "VEVENT")) {
        scan->event = start;
        scan->event_line = scan->line;
    }
    return NULL;
}

static const char *close_component(struct line_scan *scan, struct text name)
{
    if (scan->depth == 0 || !names_equal(scan->open[scan->depth - 1], name)) {
        return "END of a component that is not the open one";
    }
    scan->depth--;
    scan->closed = scan->depth == 0;
    if (scan->depth != 1 || !scan->event) {
        return NULL;
    }
    const struct text event = {scan->event, (size_t)(scan->at - scan->event)};
    const size_t lines = scan->line - scan->event_line;
    scan->event = NULL;
    if (event.bytes > EVENT_BYTES_MAX || lines > EVENT_LINES_MAX) {
        return "an event that is too long";
    }
    if (++scan->event_count > ICAL_EVENTS_MAX) {
        return "too many events";
    }
    scan->found(scan->context, event, scan->event_line);
    return NULL;
}

static const char *scan_line(struct line_scan *scan)
{
    const char *start = scan->at;
    const struct text line = take_line(scan);
    struct text name;
    const bool folded = line.bytes > 0 && (line.ptr[0] == ' ' || line.ptr[0] == '\t');
    scan->logical_bytes = folded ? scan->logical_bytes + line.bytes : line.bytes;
    if (scan->logical_bytes > LINE_BYTES_MAX) {
        return "a line that is too long";
    }
    if (folded || line.bytes == 0) {
        return NULL;
    }
    if (starts_with_word(line, "BEGIN:", &name)) {
        return open_component(scan, start, name);
    }
    if (starts_with_word(line, "END:", &name)) {
        return close_component(scan, name);
    }
    return scan->depth == 0 ? "neither JSON nor an iCalendar file" : NULL;
}

const char *ical_events(struct text text, ical_event_fn *found, void *context, size_t *ret_line)
{
    struct line_scan scan = {
        .found = found, .context = context, .at = text.ptr, .end = text.ptr + text.bytes};
    const char *why = utf8_valid(text) ? NULL : "not UTF-8 text";
    while (!why && scan.at < scan.end) {
        why = scan_line(&scan);
    }
    if (!why && !scan.closed) {
        why = "neither JSON nor a whole iCalendar file: END:VCALENDAR is missing";
    }
    *ret_line = scan.line;
    return why;
}
