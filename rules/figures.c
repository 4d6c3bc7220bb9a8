/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counting: each run, case and rating is added to four sums, its own unit and month and the
 * totals over either, so that no reader has to add anything up.
 */
#include <stdlib.h>
#include <string.h>

#include "rules/figures_data.h"
#include "rules/match.h"

#define SLOTS_FIRST   ((size_t)256)
#define PARTS         10000
#define SCORE_MAX     5
#define SATISFIED_MIN 4

struct figures *figures_create(struct arena *arena, const struct calendar *calendar)
{
    struct figures *figures = arena_alloc(arena, sizeof(*figures));
    if (!figures)
        return NULL;
    figures->arena = arena;
    figures->calendar = calendar;
    return figures;
}

int32_t figure_month(const struct figures *figures, struct wall_ms at)
{
    const struct civil_date date = civil_date_of(calendar_local_day(figures->calendar, at));
    return date.year * 100 + date.month;
}

/* ---- the table of sums ---- */

struct row_key {
    struct text family;
    struct text unit;
    int32_t month;
};

static uint64_t hash_bytes(uint64_t hash, struct text text)
{
    for (size_t i = 0; i < text.bytes; i++)
        hash = (hash ^ (unsigned char)text.ptr[i]) * UINT64_C(1099511628211);
    return (hash ^ 0xff) * UINT64_C(1099511628211);
}

static uint64_t hash_of(const struct row_key *key)
{
    uint64_t hash = hash_bytes(UINT64_C(14695981039346656037), key->family); /* FNV-1a */
    hash = hash_bytes(hash, key->unit) ^ ((uint64_t)(uint32_t)key->month * 0x9e3779b1U);
    return hash ^ (hash >> 32);
}

static size_t find_slot(const struct figures *figures, const struct row_key *key)
{
    size_t at = (size_t)hash_of(key) & (figures->slot_count - 1);
    while (figures->slots[at] != 0) {
        const struct figure_row *row = figures->rows[figures->slots[at] - 1];
        if (row->month == key->month && text_equal(row->unit, key->unit) &&
            text_equal(row->family, key->family))
            break;
        at = (at + 1) & (figures->slot_count - 1);
    }
    return at;
}

static bool grow_slots(struct figures *figures)
{
    const size_t slot_count = figures->slot_count ? figures->slot_count * 2 : SLOTS_FIRST;
    uint32_t *slots = arena_array(figures->arena, slot_count, sizeof(*slots));
    if (!slots)
        return false;
    figures->slots = slots;
    figures->slot_count = slot_count;
    for (size_t i = 0; i < figures->row_count; i++) {
        const struct figure_row *row = figures->rows[i];
        const struct row_key key = {row->family, row->unit, row->month};
        slots[find_slot(figures, &key)] = (uint32_t)(i + 1);
    }
    return true;
}

/* A list of pointers with room for one more. */
static void *with_room(struct arena *arena, void *items, size_t count, size_t *capacity)
{
    if (count < *capacity)
        return items;
    const size_t wanted = *capacity ? *capacity * 2 : 64;
    void *grown = arena_array(arena, wanted, sizeof(void *));
    if (!grown)
        return NULL;
    if (count > 0)
        memcpy(grown, items, count * sizeof(void *));
    *capacity = wanted;
    return grown;
}

static struct figure_row *add_row(struct figures *figures, const struct row_key *key)
{
    struct figure_row **rows =
        with_room(figures->arena, figures->rows, figures->row_count, &figures->row_capacity);
    struct figure_row *row = arena_alloc(figures->arena, sizeof(*row));
    if (!rows || !row)
        return NULL;
    figures->rows = rows;
    row->family = arena_text(figures->arena, key->family);
    row->unit = arena_text(figures->arena, key->unit);
    row->month = key->month;
    if (!row->family.ptr || !row->unit.ptr)
        return NULL;
    rows[figures->row_count++] = row;
    return row;
}

static struct figure_row *row_of(struct figures *figures, const struct row_key *key)
{
    if (figures->row_count * 2 >= figures->slot_count && !grow_slots(figures))
        return NULL;
    const size_t slot = find_slot(figures, key);
    if (figures->slots[slot] != 0)
        return figures->rows[figures->slots[slot] - 1];
    struct figure_row *row = add_row(figures, key);
    if (row)
        figures->slots[slot] = (uint32_t)figures->row_count;
    return row;
}

/* Adds the numbers of `more` to its row and to the sums over units, over months, over both. */
static enum err add_to_sums(struct figures *figures, const struct figure_row *more)
{
    struct figure_row *rows[4];
    for (unsigned i = 0; i < 4; i++) {
        const struct row_key key = {
            .family = more->family,
            .unit = i & 1 ? (struct text){0} : more->unit,
            .month = i & 2 ? 0 : more->month,
        };
        rows[i] = row_of(figures, &key);
        if (!rows[i])
            return ERR_NO_MEMORY;
    }
    for (unsigned i = 0; i < 4; i++) {
        if ((i & 1) && more->unit.bytes == 0)
            continue; /* of no unit: these two rows are one */
        rows[i]->met += more->met;
        rows[i]->missed += more->missed;
        rows[i]->received += more->received;
        rows[i]->accepted += more->accepted;
        rows[i]->completed += more->completed;
        rows[i]->ratings += more->ratings;
        rows[i]->satisfied += more->satisfied;
        rows[i]->handled += more->handled;
        rows[i]->handled_s += more->handled_s;
        rows[i]->resolved += more->resolved;
    }
    return ERR_OK;
}

/* ---- what is counted ---- */

static enum err keep_miss(struct figures *figures, const struct figure_run *run)
{
    struct figure_run **misses =
        with_room(figures->arena, figures->misses, figures->miss_count, &figures->miss_capacity);
    struct figure_run *miss = arena_alloc(figures->arena, sizeof(*miss));
    if (!misses || !miss)
        return ERR_NO_MEMORY;
    figures->misses = misses;
    *miss = *run;
    miss->case_id = arena_text(figures->arena, run->case_id);
    miss->clock = arena_text(figures->arena, run->clock);
    miss->family = arena_text(figures->arena, run->family);
    miss->unit = arena_text(figures->arena, run->unit);
    miss->handler = arena_text(figures->arena, run->handler);
    if (!miss->case_id.ptr || !miss->clock.ptr || !miss->family.ptr || !miss->unit.ptr ||
        !miss->handler.ptr)
        return ERR_NO_MEMORY;
    misses[figures->miss_count++] = miss;
    return ERR_OK;
}

enum err figures_add_run(struct figures *figures, const struct figure_run *run)
{
    const bool met = run->outcome == RUN_MET && (run->has_due || run->has_stopped);
    const bool missed =
        run->outcome == RUN_MISSED && run->has_due && !run->waived && !run->caused_by_rule_change;
    if (!met && !missed)
        return ERR_OK;
    const struct figure_row more = {
        .family = run->family,
        .unit = run->unit,
        .month = figure_month(figures, run->has_due ? run->due : run->stopped),
        .met = met,
        .missed = missed,
    };
    const enum err err = add_to_sums(figures, &more);
    return err == ERR_OK && missed ? keep_miss(figures, run) : err;
}

bool figure_handling(
    const struct calendar *calendar, const struct figure_case *of, int64_t *ret_seconds)
{
    if (of->received.ms <= 0 || of->completed.ms <= 0)
        return false;
    *ret_seconds = calendar_between(calendar, of->received, of->completed).working_seconds;
    return true;
}

enum err figures_add_case(struct figures *figures, const struct figure_case *of)
{
    enum err err = ERR_OK;
    if (of->received.ms > 0 && !of->is_withdrawn) {
        const struct figure_row more = {
            .unit = of->unit,
            .month = figure_month(figures, of->received),
            .received = 1,
            .accepted = of->is_accepted,
            .completed = of->is_completed,
        };
        err = add_to_sums(figures, &more);
    }
    int64_t seconds = 0;
    if (err == ERR_OK && figure_handling(figures->calendar, of, &seconds)) {
        const struct figure_row more = {
            .unit = of->unit,
            .month = figure_month(figures, of->completed),
            .handled = 1,
            .handled_s = seconds,
            .resolved = of->is_completed && !of->was_sent_back,
        };
        err = add_to_sums(figures, &more);
    }
    return err;
}

enum err figures_add_rating(struct figures *figures, const struct figure_rating *rating)
{
    if (rating->score < 1 || rating->score > SCORE_MAX)
        return ERR_OK;
    const struct figure_row more = {
        .unit = rating->unit,
        .month = figure_month(figures, rating->at),
        .ratings = 1,
        .satisfied = rating->score >= SATISFIED_MIN,
    };
    return add_to_sums(figures, &more);
}

/* ---- what it came to ---- */

bool figure_share(int64_t part, int64_t whole, int32_t *ret_share)
{
    if (whole <= 0)
        return false;
    *ret_share = (int32_t)((part * PARTS + whole / 2) / whole);
    return true;
}

bool figure_compression(const struct clock_rule *rule, int32_t *ret_share)
{
    int32_t share = 0;
    if (!rule->has_statutory_limit || rule->limit_from_case || rule->recurs ||
        rule->limit.unit != rule->statutory_limit.unit ||
        !figure_share(rule->limit.amount, rule->statutory_limit.amount, &share))
        return false;
    *ret_share = PARTS - share;
    return true;
}

bool figure_matter_compression(const struct policy *policy, struct text matter, int32_t *ret_share)
{
    const struct attribute attribute = {.path = TEXT_LITERAL("matter"), .value = matter};
    const struct match_subject subject = {.own = &attribute, .own_count = 1};
    bool found = false;
    for (size_t s = 0; s < policy->set_count; s++) {
        for (size_t c = 0; c < policy->sets[s].clock_count; c++) {
            const struct clock_rule *rule = &policy->sets[s].clocks[c];
            int32_t share = 0;
            if (!figure_compression(rule, &share) || !match_holds(&rule->match, &subject) ||
                (found && share >= *ret_share))
                continue;
            *ret_share = share;
            found = true;
        }
    }
    return found;
}

static bool has_family(const struct ruleset *set, struct text family)
{
    for (size_t c = 0; c < set->clock_count; c++) {
        if (text_equal(set->clocks[c].family, family))
            return true;
    }
    return false;
}

static bool lists_family(const struct ruleset *set, struct text family)
{
    return text_is_among(family, set->on_time_families, set->on_time_family_count);
}

bool figure_is_shown(const struct policy *policy, struct text family)
{
    bool is_known = false;
    for (size_t s = 0; s < policy->set_count; s++) {
        const struct ruleset *set = &policy->sets[s];
        const bool is_its_own = has_family(set, family);
        if (lists_family(set, family) || (is_its_own && set->on_time_family_count == 0))
            return true;
        is_known = is_known || is_its_own;
    }
    return !is_known; /* of a set that is gone: nobody has said that it be hidden */
}

static int by_family_unit_month(const void *a, const void *b)
{
    const struct figure_row *left = *(const struct figure_row *const *)a;
    const struct figure_row *right = *(const struct figure_row *const *)b;
    int order = text_compare(left->family, right->family);
    if (order == 0)
        order = text_compare(left->unit, right->unit);
    return order != 0 ? order : (left->month > right->month) - (left->month < right->month);
}

enum err figures_rows(
    struct figures *figures, const struct figure_row *const **ret_rows, size_t *ret_count)
{
    const struct figure_row **rows =
        arena_array(figures->arena, figures->row_count, sizeof(const void *));
    if (!rows && figures->row_count > 0)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < figures->row_count; i++)
        rows[i] = figures->rows[i];
    if (figures->row_count > 1)
        qsort(rows, figures->row_count, sizeof(const void *), by_family_unit_month);
    *ret_rows = rows;
    *ret_count = figures->row_count;
    return ERR_OK;
}
