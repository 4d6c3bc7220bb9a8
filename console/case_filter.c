/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See case_filter.h. Days late become instants here, so that the ledger compares dues alone.
 */
#include "console/case_filter.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"

#define LATE_DAYS_MAX   5000 /* working days; the walk back ends there */
#define WALK_DAYS_MAX   (LATE_DAYS_MAX * 3)
#define UNITS_BYTES_MAX ((size_t)1024 * 1024)

static bool wrong(struct err_why *why, const char *words)
{
    (void)err_set(why, ERR_USAGE, "%s", words);
    return false;
}

static bool is_one_of(struct text word, const char *const words[])
{
    for (size_t index = 0; words[index]; index++) {
        if (text_is(word, words[index])) {
            return true;
        }
    }
    return word.bytes == 0;
}

/* The place of the word in the list, without a "-" in front; -1: it is none of them. */
static int sort_of(struct text word, const char *const words[], bool *ret_minus)
{
    *ret_minus = word.bytes > 0 && word.ptr[0] == '-';
    if (*ret_minus) {
        word.ptr++;
        word.bytes--;
    }
    for (int index = 0; words[index]; index++) {
        if (text_is(word, words[index])) {
            return index;
        }
    }
    return -1;
}

/* ---- dates ---- */

/* The beginning of a date, `add` days later; 0 when there is none. False: not a date. */
static bool day_read(const struct view *view, struct text word, int32_t add, int64_t *ret_ms)
{
    struct civil_day day;
    *ret_ms = 0;
    if (word.bytes == 0) {
        return true;
    }
    if (civil_parse(word, &day)) {
        return false;
    }
    day.number += add;
    const struct wall_ms at = calendar_instant(view_policy(view)->calendar, day, 0);
    *ret_ms = at.ms > 0 ? at.ms : 1;
    return true;
}

/*
 * The beginning of the first date whose dues are at most `days` working days late. One date
 * before: they are later than that.
 */
static int64_t late_at_most(const struct view *view, int64_t days)
{
    const struct calendar *calendar = view_policy(view)->calendar;
    struct civil_day day = calendar_local_day(calendar, view->now);
    int64_t late = 0;
    for (int32_t walked = 0; walked < WALK_DAYS_MAX; walked++) {
        late += calendar_is_working(calendar, day) ? 1 : 0;
        if (late > days) {
            break;
        }
        day.number--;
    }
    return calendar_instant(calendar, day, 0).ms;
}

static bool late_read(
    const struct view *view, const struct http_head *head, struct overdue_query *query)
{
    const struct text from = http_param(head, "late_from");
    const struct text until = http_param(head, "late_to");
    int64_t days = 0;
    if (until.bytes > 0) {
        if (text_parse_i64(until, &days) || days < 0 || days > LATE_DAYS_MAX) {
            return false;
        }
        query->due_from = late_at_most(view, days);
    }
    if (from.bytes > 0) {
        if (text_parse_i64(from, &days) || days < 0 || days > LATE_DAYS_MAX) {
            return false;
        }
        query->due_until = days > 0 ? late_at_most(view, days - 1) : 0; /* before those */
    }
    return true;
}

struct lateness lateness_of(const struct view *view, struct wall_ms due, struct wall_ms end)
{
    if (end.ms <= due.ms) {
        return (struct lateness){0};
    }
    const struct between late = calendar_between(view_policy(view)->calendar, due, end);
    return (struct lateness){
        .seconds = (end.ms - due.ms) / 1000,
        .working_days = late.working_days,
        .calendar_days = late.calendar_days,
    };
}

/* ---- cases ---- */

bool case_filter_read(
    const struct view *view,
    const struct http_head *head,
    struct case_query *ret_query,
    struct err_why *why)
{
    static const char *const states[] = {"not_due",  "near",      "overdue",   "met",
                                         "met_late", "suspended", "withdrawn", NULL};
    static const char *const sorts[CASE_SORT_COUNT + 1] = {
        [SORT_UPDATED] = "updated",
        [SORT_CREATED] = "created",
        [SORT_DUE] = "due",
        [SORT_ID] = "id",
    };
    struct case_query query = {
        .unit = http_param(head, "unit"),
        .matter = http_param(head, "matter"),
        .handler = http_param(head, "handler"),
        .light = http_param(head, "light"),
        .state = http_param(head, "state"),
        .status = http_param(head, "status"),
        .label = http_param(head, "label"),
        .q = http_param(head, "q"),
        .scope = &view->actor->scope,
        .sort = SORT_UPDATED,
        .descending = true,
    };
    const struct text sort = http_param(head, "sort");
    if (!is_one_of(query.status, states)) {
        return wrong(
            why, "status must be not_due, near, overdue, met, met_late, suspended or withdrawn");
    }
    if (!day_read(view, http_param(head, "from"), 0, &query.from) ||
        !day_read(view, http_param(head, "to"), 1, &query.until)) {
        return wrong(why, "from and to must be dates as 2019-04-01");
    }
    if (sort.bytes > 0) {
        const int found = sort_of(sort, sorts, &query.descending);
        if (found < 0) {
            return wrong(
                why, "sort must be updated, created, due or id, with a - in front for descending");
        }
        query.sort = (enum case_sort)found;
    }
    *ret_query = query;
    return true;
}

/* ---- overdue ---- */

/* The units of an area, as a JSON array; an area nobody knows has none. */
static bool area_read(
    const struct view *view, struct text area, struct arena *arena, struct text *ret_units)
{
    size_t count = 0;
    const struct unit *units = directory_units(view_policy(view)->directory, &count);
    struct buf array;
    struct json_out out;
    buf_init(&array, UNITS_BYTES_MAX);
    json_out_init(&out, &array);
    json_out_open(&out, '[');
    for (size_t index = 0; index < count; index++) {
        if (text_equal(units[index].area, area)) {
            json_out_string(&out, units[index].id);
        }
    }
    json_out_close(&out, ']');
    *ret_units = arena_text(arena, buf_view(&array));
    const bool kept = buf_error(&array) == ERR_OK && ret_units->bytes == array.bytes;
    buf_release(&array);
    return kept;
}

/* The latest, and the most urged, come first unless a "-" says otherwise. */
static bool overdue_sort_read(struct text word, struct overdue_query *query)
{
    static const char *const sorts[] = {"due", "unit", "matter", "case", "late", "urged", NULL};
    static const enum overdue_sort orders[] = {
        OVERDUE_BY_DUE,  OVERDUE_BY_UNIT, OVERDUE_BY_MATTER,
        OVERDUE_BY_CASE, OVERDUE_BY_DUE,  OVERDUE_BY_URGED,
    };
    bool minus = false;
    if (word.bytes == 0) {
        return true;
    }
    const int found = sort_of(word, sorts, &minus);
    if (found < 0) {
        return false;
    }
    query->sort = orders[found];
    query->descending = query->sort == OVERDUE_BY_URGED ? !minus : minus;
    return true;
}

bool overdue_filter_read(
    const struct view *view,
    const struct http_head *head,
    struct arena *arena,
    struct overdue_query *ret_query,
    struct err_why *why)
{
    static const char *const alerts[] = {"none",  "sent",   "delivered", "read",
                                         "acked", "failed", NULL};
    const struct text area = http_param(head, "area");
    struct overdue_query query = {
        .unit = http_param(head, "unit"),
        .matter = http_param(head, "matter"),
        .handler = http_param(head, "handler"),
        .clock = http_param(head, "clock"),
        .stage = http_param(head, "stage"),
        .alert_state = http_param(head, "alert"),
        .q = http_param(head, "q"),
        .scope = &view->actor->scope,
    };
    if (!is_one_of(query.alert_state, alerts)) {
        return wrong(why, "alert must be none, sent, delivered, read, acked or failed");
    }
    if (!late_read(view, head, &query)) {
        return wrong(why, "late_from and late_to must be working days, from 0 to 5000");
    }
    if (!overdue_sort_read(http_param(head, "sort"), &query)) {
        return wrong(
            why, "sort must be due, late, unit, matter, case or urged, with a - in front for the "
                 "other way round");
    }
    if (area.bytes > 0 && !area_read(view, area, arena, &query.units)) {
        return wrong(why, "too many units in this area");
    }
    *ret_query = query;
    return true;
}
