/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The filters and orders of the lists of cases, as they stand in a query: one reading for the
 * lists, for what is exported of them and for what is printed.
 */
#ifndef NRT_CONSOLE_CASE_FILTER_H
#define NRT_CONSOLE_CASE_FILTER_H

#include "console/http_head.h"
#include "console/view.h"

/* The names of the parameters, as routes list them. */
#define CASE_FILTERS    "unit matter handler light state status q from to label sort"
#define OVERDUE_FILTERS "unit matter handler clock stage late_from late_to area alert q sort"

/*
 * Filters and order of the call, within what view->actor may see. Page and limit are left alone.
 * Texts belong to the head or the arena. False: `why` says which parameter is wrong.
 */
bool case_filter_read(
    const struct view *view,
    const struct http_head *head,
    struct case_query *ret_query,
    struct err_why *why);
bool overdue_filter_read(
    const struct view *view,
    const struct http_head *head,
    struct arena *arena,
    struct overdue_query *ret_query,
    struct err_why *why);

/* How late a run is, or was. */
struct lateness {
    int64_t seconds;
    int64_t working_days;
    int64_t calendar_days;
};
struct lateness lateness_of(const struct view *view, struct wall_ms due, struct wall_ms end);

#endif
