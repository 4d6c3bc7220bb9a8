/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The morning message: for each person of the roles of `morning.to`, how many clocks of their
 * units fall due today and until the end of the next working day, how many are overdue, and the
 * most urgent of them. Gathered from the ledger page by page, then written as notices.
 */
#ifndef NRT_CONSOLE_MORNING_H
#define NRT_CONSOLE_MORNING_H

#include "console/console.h"

struct morning;

/* Begin to gather for the local day of `now`. NULL when memory is out. */
struct morning *morning_begin(struct console *console, struct wall_ms now);
void morning_free(struct morning *morning); /* accepts NULL */
/* Reads one page; ret_done when there are no more. */
enum err morning_page(struct morning *morning, bool *ret_done) ERR_MUST_USE;
size_t morning_count(const struct morning *morning);
/* The notice of the person of that index, as an outbox item; ret_person is what it is for. */
void morning_write(
    const struct morning *morning, size_t index, struct buf *json, struct text *ret_person);

#endif
