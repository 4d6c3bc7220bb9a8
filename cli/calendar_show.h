/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The year view of `nrt calendar show`: appended to a buffer, text (lines) or one JSON object.
 */
#ifndef NRT_CLI_CALENDAR_SHOW_H
#define NRT_CLI_CALENDAR_SHOW_H

#include "rules/calendar.h"

void calendar_show_text(const struct calendar *calendar, int32_t year, struct buf *buf);
void calendar_show_json(const struct calendar *calendar, int32_t year, struct buf *buf);

#endif
