/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accountability: who has so many misses within a window, and which (docs/semantics.md section
 * 9). Misses are sorted by who, then by due, and each is looked at once.
 */
#include <stdlib.h>
#include <string.h>

#include "rules/figures_data.h"

#define DAY_MS INT64_C(86400000)

enum window_kind { WINDOW_DAYS, WINDOW_MONTH, WINDOW_QUARTER, WINDOW_YEAR };

struct window {
    enum window_kind kind;
    int64_t days_ms;
};

static struct window window_of(struct text text)
{
    struct duration duration;
    if (text_is(text, "month"))
        return (struct window){.kind = WINDOW_MONTH};
    if (text_is(text, "quarter"))
        return (struct window){.kind = WINDOW_QUARTER};
    if (text_is(text, "year") || duration_parse(text, &duration, NULL) != ERR_OK)
        return (struct window){.kind = WINDOW_YEAR};
    return (struct window){.kind = WINDOW_DAYS, .days_ms = duration.amount * DAY_MS};
}

/* The number of the month, quarter or year an instant lies in. */
static int32_t period_of(const struct figures *figures, struct window window, struct wall_ms at)
{
    const int32_t month = figure_month(figures, at);
    if (window.kind == WINDOW_MONTH)
        return month;
    return window.kind == WINDOW_QUARTER ? month / 100 * 4 + (month % 100 - 1) / 3 : month / 100;
}

/* Does the window that ends with `last` hold `earlier`, which is not after it? */
static bool window_holds(
    const struct figures *figures,
    struct window window,
    struct wall_ms last,
    struct wall_ms earlier)
{
    if (window.kind == WINDOW_DAYS)
        return earlier.ms > last.ms - window.days_ms;
    return period_of(figures, window, last) == period_of(figures, window, earlier);
}

/* ---- the misses of one policy ---- */

struct suspect {
    struct text who;
    const struct figure_run *miss;
};

static int compare_due(const struct figure_run *a, const struct figure_run *b)
{
    return (a->due.ms > b->due.ms) - (a->due.ms < b->due.ms);
}

static int compare_run(const struct figure_run *a, const struct figure_run *b)
{
    const int order = text_compare(a->clock, b->clock);
    return order != 0 ? order : (a->run > b->run) - (a->run < b->run);
}

static int by_case_and_family(const void *a, const void *b)
{
    const struct suspect *left = a;
    const struct suspect *right = b;
    int order = text_compare(left->who, right->who);
    if (order == 0)
        order = text_compare(left->miss->case_id, right->miss->case_id);
    if (order == 0)
        order = text_compare(left->miss->family, right->miss->family);
    if (order == 0)
        order = compare_due(left->miss, right->miss);
    return order != 0 ? order : compare_run(left->miss, right->miss);
}

static int by_due(const void *a, const void *b)
{
    const struct suspect *left = a;
    const struct suspect *right = b;
    int order = text_compare(left->who, right->who);
    if (order == 0)
        order = compare_due(left->miss, right->miss);
    if (order == 0)
        order = text_compare(left->miss->case_id, right->miss->case_id);
    return order != 0 ? order : compare_run(left->miss, right->miss);
}

static bool concerns(const struct accountability *policy, struct text family)
{
    return text_is_among(family, policy->families, policy->family_count);
}

static size_t list_suspects(
    const struct figures *figures, const struct accountability *policy, struct suspect *suspects)
{
    size_t count = 0;
    for (size_t i = 0; i < figures->miss_count; i++) {
        const struct figure_run *miss = figures->misses[i];
        const struct text who = policy->by_person ? miss->handler : miss->unit;
        if (who.bytes > 0 && concerns(policy, miss->family))
            suspects[count++] = (struct suspect){.who = who, .miss = miss};
    }
    return count;
}

/* One miss for each case and family: the earliest. */
static size_t leave_the_earliest(struct suspect *suspects, size_t count)
{
    size_t kept = 0;
    if (count > 1)
        qsort(suspects, count, sizeof(*suspects), by_case_and_family);
    for (size_t i = 0; i < count; i++) {
        const struct suspect *last = kept > 0 ? &suspects[kept - 1] : NULL;
        if (last && text_equal(last->who, suspects[i].who) &&
            text_equal(last->miss->case_id, suspects[i].miss->case_id) &&
            text_equal(last->miss->family, suspects[i].miss->family))
            continue;
        suspects[kept++] = suspects[i];
    }
    if (kept > 1)
        qsort(suspects, kept, sizeof(*suspects), by_due);
    return kept;
}

/* ---- the entries ---- */

struct search {
    const struct figures *figures;
    const struct accountability *policy;
    struct window window;
    const struct figure_closing *closings;
    size_t closing_count;
    const struct suspect *suspects;
    const struct figure_run **evidence; /* the misses in the order of the suspects */
    struct figure_entry *entries;
    size_t entry_count;
    size_t floor; /* evidence before it belongs to a closed entry */
    bool is_open; /* the last entry may still grow */
};

static bool is_closed_before(
    const struct search *search, const struct figure_entry *entry, struct wall_ms at)
{
    for (size_t i = 0; i < search->closing_count; i++) {
        const struct figure_closing *closing = &search->closings[i];
        if (closing->at.ms >= entry->opened.ms && closing->at.ms < at.ms &&
            text_equal(closing->policy, search->policy->id) && text_equal(closing->who, entry->who))
            return true;
    }
    return false;
}

static bool join_open_entry(struct search *search, size_t at)
{
    if (!search->is_open)
        return false;
    const struct wall_ms due = search->suspects[at].miss->due;
    struct figure_entry *entry = &search->entries[search->entry_count - 1];
    if (is_closed_before(search, entry, due)) {
        search->floor = at;
        search->is_open = false;
        return false;
    }
    const struct figure_run *last = entry->evidence[entry->evidence_count - 1];
    search->is_open = window_holds(search->figures, search->window, due, last->due);
    entry->evidence_count += search->is_open;
    return search->is_open;
}

static void look_at(struct search *search, size_t at)
{
    const struct wall_ms due = search->suspects[at].miss->due;
    if (join_open_entry(search, at))
        return;
    size_t first = at;
    while (
        first > search->floor &&
        window_holds(search->figures, search->window, due, search->suspects[first - 1].miss->due))
        first--;
    if ((int64_t)(at - first + 1) < search->policy->misses)
        return;
    search->entries[search->entry_count++] = (struct figure_entry){
        .policy = search->policy,
        .who = search->suspects[at].who,
        .opened = due,
        .evidence = search->evidence + first,
        .evidence_count = at - first + 1,
    };
    search->is_open = true;
}

static void search_all(struct search *search, size_t suspect_count)
{
    for (size_t i = 0; i < suspect_count; i++) {
        const struct suspect *suspect = &search->suspects[i];
        search->evidence[i] = suspect->miss;
        if (i > 0 && !text_equal(suspect->who, suspect[-1].who)) {
            search->floor = i;
            search->is_open = false;
        }
        look_at(search, i);
    }
}

enum err figures_entries(
    struct figures *figures,
    const struct accountability *policy,
    const struct figure_closing *closings,
    size_t closing_count,
    struct figure_entries *ret_entries)
{
    const size_t room = figures->miss_count;
    struct suspect *suspects = arena_array(figures->arena, room, sizeof(*suspects));
    struct search search = {
        .figures = figures,
        .policy = policy,
        .window = window_of(policy->window),
        .closings = closings,
        .closing_count = closing_count,
        .suspects = suspects,
        .evidence = arena_array(figures->arena, room, sizeof(const void *)),
        .entries = arena_array(figures->arena, room, sizeof(struct figure_entry)),
    };
    if (!suspects || !search.evidence || !search.entries)
        return ERR_NO_MEMORY;
    search_all(&search, leave_the_earliest(suspects, list_suspects(figures, policy, suspects)));
    *ret_entries = (struct figure_entries){search.entries, search.entry_count};
    return ERR_OK;
}
