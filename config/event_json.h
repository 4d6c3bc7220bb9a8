/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CloudEvents 1.0 JSON (structured mode) to struct event. The door for every way in: HTTP, streams,
 * files. An event that cannot be used is told apart by a reason that is kept with the reject.
 */
#ifndef NRT_CONFIG_EVENT_JSON_H
#define NRT_CONFIG_EVENT_JSON_H

#include "base/arena.h"
#include "rules/event.h"

#define EVENT_BYTES_MAX         ((size_t)64 * 1024)
#define EVENT_SUBJECT_BYTES_MAX ((size_t)128)
#define EVENT_FUTURE_MS_MAX     ((int64_t)10 * 60 * 1000)

/*
 * Read one event; everything is copied into the arena. `arrived` is the extension attribute
 * where present, else `default_arrived`, else (when that is negative) `time`. Unknown kinds are
 * accepted as EVENT_OTHER. ERR_PARSE / ERR_RANGE with why = the reject reason, one line a producer
 * understands ("subject: missing; it must be the case id").
 */
enum err event_read(
    struct text json,
    struct wall_ms default_arrived,
    struct arena *arena,
    struct event *ret_event,
    struct err_why *why) ERR_MUST_USE;

/* The same from a parsed value (an element of an array). */
struct json_value;
struct json_doc;
enum err event_read_value(
    const struct json_value *value,
    struct wall_ms default_arrived,
    struct arena *arena,
    struct event *ret_event,
    struct err_why *why) ERR_MUST_USE;

#endif
