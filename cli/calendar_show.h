/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The year view of `nrt calendar show`, appended to a buffer: twelve months side by side, what the
 * marks mean, the holidays by name and the office hours; or all of it as one JSON object.
 */
#ifndef NRT_CLI_CALENDAR_SHOW_H
#define NRT_CLI_CALENDAR_SHOW_H

#include "config/explain_text.h"
#include "rules/calendar.h"

struct calendar_view {
    const struct calendar *calendar;
    int32_t year;
    enum explain_language language;
    bool colours;
};

void calendar_show_text(const struct calendar_view *view, struct buf *buf);
void calendar_show_json(const struct calendar_view *view, struct buf *buf);

#endif
