/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The events of an iCalendar file as pieces of its text (private to config/): one pass over the
 * lines, which also makes sure that components nest, and bounds what whoever parses an event gets.
 * Everything else in the file is passed over.
 */
#ifndef NRT_CONFIG_ICAL_EVENTS_H
#define NRT_CONFIG_ICAL_EVENTS_H

#include "base/text.h"

#define ICAL_EVENTS_MAX 10000

/* From BEGIN:VEVENT to END:VEVENT; `line` is that of its beginning. */
typedef void ical_event_fn(void *context, struct text event, size_t line);

/*
 * NULL when all is well, else what is wrong (a constant) in line *ret_line; events before it have
 * been given out then.
 */
const char *ical_events(struct text text, ical_event_fn *found, void *context, size_t *ret_line);

#endif
