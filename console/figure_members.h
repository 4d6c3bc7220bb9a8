/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Figures as members of an answer that others share (console/api_figures.c): the overview and the
 * reports show what the pages of figures show.
 */
#ifndef NRT_CONSOLE_FIGURE_MEMBERS_H
#define NRT_CONSOLE_FIGURE_MEMBERS_H

#include "console/figure_table.h"

/* "families": met, missed and rate of each family that is shown. */
enum err figure_families_member(
    const struct view *view,
    struct json_out *out,
    const struct figure_query *query,
    struct arena *arena) ERR_MUST_USE;
/* "units": the same of each unit and family with so many misses or more. */
enum err figure_unit_members(
    const struct view *view,
    struct json_out *out,
    const struct figure_query *query,
    int64_t misses_min) ERR_MUST_USE;
/* Under `key`, an array of months with all their figures. */
enum err figure_months_member(
    const struct view *view,
    struct json_out *out,
    const char *key,
    const struct figure_query *query) ERR_MUST_USE;

#endif
