/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of one NDJSON line of the simulation (private to rules/): what the contract wants to
 * the byte. Nothing is parsed here, and only texts of our own keys are trusted.
 */
#ifndef NRT_RULES_SIMULATE_LINE_H
#define NRT_RULES_SIMULATE_LINE_H

#include "base/text.h"
#include "rules/calendar.h"

#define SIMULATE_LINE_BYTES_MAX ((size_t)1 << 20)

/* A JSON string. */
void line_string(struct buf *line, struct text text);
/* A comma, the key as written ("\"case\":"), the string. */
void line_member(struct buf *line, const char *key, struct text value);
/* The same with an instant in the calendar's zone, null when it is not known. */
void line_time(
    struct buf *line,
    const char *key,
    const struct calendar *calendar,
    bool known,
    struct wall_ms at);

#endif
