/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which dates of a calendar file a notice changes, and what the year counts before and after. The
 * text itself is rewritten by config/calendar_text.h.
 */
#include "config/calendar_merge.h"

#include <stdlib.h>
#include <string.h>

#include "config/calendar_text.h"
#include "config/files.h"

#define OFF  0
#define WORK 1

struct merge {
    const struct source *source;
    const struct reading *reading;
    const struct calendar_notice *notice;
    const struct merge_options *options;
    struct calendar_spec spec;
    struct dated_list lists[2]; /* OFF, WORK; the file's own, by date, then what is added */
    size_t own_count[2];
    struct merge_change *changes;
    size_t change_count;
    int32_t *years; /* official ones */
    size_t year_count;
    size_t official_before;
};

static bool fail(const struct merge *merge, const char *message)
{
    report_add(merge->reading->report, FINDING_ERROR, merge->source->file, 0, 0, "", "%s", message);
    return false;
}

/* ---- the file's own dates ---- */

static int entry_compare(const void *a, const void *b)
{
    const struct dated_entry *left = a;
    const struct dated_entry *right = b;
    if (left->day.number != right->day.number) {
        return left->day.number < right->day.number ? -1 : 1;
    }
    return (left->place > right->place) - (left->place < right->place);
}

static bool load_list(struct merge *merge, size_t which)
{
    const struct calendar_spec *spec = &merge->spec;
    const struct civil_day *days = which == OFF ? spec->holidays : spec->workdays;
    const struct text *names = which == OFF ? spec->holiday_names : spec->workday_names;
    const size_t count = which == OFF ? spec->holiday_count : spec->workday_count;
    struct dated_list *list = &merge->lists[which];
    list->entries = arena_array(
        merge->reading->arena, count + merge->notice->day_count + 1, sizeof(struct dated_entry));
    if (!list->entries) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        list->entries[i] = (struct dated_entry){.day = days[i], .name = names[i], .place = i};
    }
    list->count = count;
    merge->own_count[which] = count;
    qsort(list->entries, count, sizeof *list->entries, entry_compare);
    return true;
}

static bool load_years(struct merge *merge)
{
    const size_t count = merge->spec.official_year_count;
    merge->years = arena_array(merge->reading->arena, count + 2, sizeof(int32_t));
    if (!merge->years) {
        return false;
    }
    if (count > 0) {
        memcpy(merge->years, merge->spec.official_years, count * sizeof *merge->years);
    }
    merge->year_count = count;
    merge->official_before = count;
    return true;
}

/* ---- what changes ---- */

static struct dated_entry *find_own(struct merge *merge, size_t which, struct civil_day day)
{
    size_t low = 0;
    size_t high = merge->own_count[which];
    struct dated_entry *entries = merge->lists[which].entries;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (entries[middle].day.number < day.number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    const bool found = low < merge->own_count[which] && entries[low].day.number == day.number;
    return found ? &entries[low] : NULL;
}

static void note(
    struct merge *merge, enum merge_kind kind, const struct notice_day *day, struct text name)
{
    merge->changes[merge->change_count++] =
        (struct merge_change){.kind = kind, .day = day->day, .works = day->works, .name = name};
}

static void add_entry(struct merge *merge, const struct notice_day *day)
{
    struct dated_list *list = &merge->lists[day->works ? WORK : OFF];
    list->entries[list->count++] =
        (struct dated_entry){.day = day->day, .name = day->name, .added = true};
    list->changed = true;
}

/* A name that people gave stays, unless the notice is to win. */
static void name_entry(struct merge *merge, struct dated_entry *own, const struct notice_day *day)
{
    const bool may = own->name.bytes == 0 || merge->options->replace;
    if (may && day->name.bytes > 0 && !text_equal(own->name, day->name)) {
        own->name = day->name;
        own->renamed = true;
        merge->lists[day->works ? WORK : OFF].changed = true;
        note(merge, MERGE_NAME, day, day->name);
    }
}

/* The date stands in both lists only where it counts as worked; all of its entries go. */
static void remove_contrary(struct merge *merge, size_t which, struct civil_day day)
{
    struct dated_list *list = &merge->lists[which];
    struct dated_entry *entry = find_own(merge, which, day);
    const struct dated_entry *end = &list->entries[merge->own_count[which]];
    for (; entry < end && entry->day.number == day.number; entry++) {
        entry->removed = true;
        list->changed = true;
    }
}

static void merge_day(struct merge *merge, const struct notice_day *day)
{
    struct dated_entry *own = find_own(merge, day->works ? WORK : OFF, day->day);
    const bool contrary =
        find_own(merge, day->works ? OFF : WORK, day->day) && !(day->works && own);
    const bool weekday = merge->spec.working_weekday[civil_weekday(day->day)];
    if (contrary && !merge->options->replace) {
        note(merge, MERGE_CONFLICT, day, day->name);
        return;
    }
    if (contrary) {
        remove_contrary(merge, day->works ? OFF : WORK, day->day);
        note(merge, MERGE_TURN, day, day->name);
    }
    if (own) {
        name_entry(merge, own, day);
    } else if (!(day->works && weekday)) { /* else it is a working day like any other */
        add_entry(merge, day);
        if (!contrary) {
            note(merge, MERGE_ADD, day, day->name);
        }
    }
}

static bool is_closed(const struct calendar_spec *spec, struct civil_day day, struct text *ret_why)
{
    for (size_t i = 0; i < spec->closure_count; i++) {
        if (spec->closures[i].day.number == day.number) {
            *ret_why = spec->closures[i].reason;
            return true;
        }
    }
    return false;
}

static bool notice_names(const struct calendar_notice *notice, struct civil_day day)
{
    size_t low = 0;
    size_t high = notice->day_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (notice->days[middle].day.number < day.number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < notice->day_count && notice->days[low].day.number == day.number;
}

static bool year_is_whole(const struct calendar_notice *notice, int32_t year)
{
    for (size_t i = 0; i < notice->year_count; i++) {
        if (notice->years[i] == year) {
            return true;
        }
    }
    return false;
}

/* Only dates that change what is worked are worth a look. */
static void find_kept(struct merge *merge, size_t which)
{
    for (size_t i = 0; i < merge->own_count[which]; i++) {
        const struct dated_entry *entry = &merge->lists[which].entries[i];
        const bool weekday = merge->spec.working_weekday[civil_weekday(entry->day)];
        if (weekday == (which == OFF) &&
            year_is_whole(merge->notice, civil_date_of(entry->day).year) &&
            !notice_names(merge->notice, entry->day)) {
            const struct notice_day day = {.day = entry->day, .works = which == WORK};
            note(merge, MERGE_KEPT, &day, entry->name);
        }
    }
}

static void make_official(struct merge *merge, int32_t year)
{
    for (size_t i = 0; i < merge->year_count; i++) {
        if (merge->years[i] == year) {
            return;
        }
    }
    if (year != 0) {
        merge->years[merge->year_count++] = year;
    }
}

static int change_compare(const void *a, const void *b)
{
    const struct merge_change *left = a;
    const struct merge_change *right = b;
    if (left->day.number != right->day.number) {
        return left->day.number < right->day.number ? -1 : 1;
    }
    return (left->kind > right->kind) - (left->kind < right->kind);
}

static bool find_changes(struct merge *merge)
{
    const size_t most =
        3 * merge->notice->day_count + merge->own_count[OFF] + merge->own_count[WORK];
    struct text why;
    merge->changes = arena_array(merge->reading->arena, most + 1, sizeof *merge->changes);
    if (!merge->changes) {
        return false;
    }
    for (size_t i = 0; i < merge->notice->day_count; i++) {
        const struct notice_day *day = &merge->notice->days[i];
        merge_day(merge, day);
        if (day->works && is_closed(&merge->spec, day->day, &why)) {
            note(merge, MERGE_CLOSED, day, why);
        }
    }
    find_kept(merge, OFF);
    find_kept(merge, WORK);
    make_official(merge, merge->notice->official_year);
    make_official(merge, merge->options->official_year);
    qsort(merge->changes, merge->change_count, sizeof *merge->changes, change_compare);
    return true;
}

/* ---- before and after ---- */

static int32_t working_days(const struct calendar *calendar, int32_t year)
{
    int32_t count = 0;
    const struct civil_day end = civil_day_of((struct civil_date){year + 1, 1, 1});
    for (struct civil_day day = civil_day_of((struct civil_date){year, 1, 1});
         day.number < end.number; day.number++) {
        count += calendar_is_working(calendar, day);
    }
    return count;
}

static bool is_official(const struct calendar_spec *spec, int32_t year)
{
    for (size_t i = 0; i < spec->official_year_count; i++) {
        if (spec->official_years[i] == year) {
            return true;
        }
    }
    return false;
}

static bool touches(const struct merge *merge, int32_t year)
{
    if (year == merge->notice->official_year || year == merge->options->official_year) {
        return true;
    }
    for (size_t i = 0; i < merge->notice->day_count; i++) {
        if (civil_date_of(merge->notice->days[i].day).year == year) {
            return true;
        }
    }
    return year_is_whole(merge->notice, year);
}

static bool count_years(
    const struct merge *merge, const struct calendar_spec *after, struct calendar_merged *merged)
{
    struct arena *arena = merge->reading->arena;
    const struct calendar *calendars[] = {
        calendar_build(&merge->spec, arena), calendar_build(after, arena)};
    struct merge_year *years = arena_array(
        arena, (size_t)(NOTICE_YEAR_LAST - NOTICE_YEAR_FIRST) + 1, sizeof(struct merge_year));
    if (!calendars[0] || !calendars[1] || !years) {
        return false;
    }
    for (int32_t year = NOTICE_YEAR_FIRST; year <= NOTICE_YEAR_LAST; year++) {
        if (touches(merge, year)) {
            years[merged->year_count++] = (struct merge_year){
                .year = year,
                .working_before = working_days(calendars[0], year),
                .working_after = working_days(calendars[1], year),
                .official_before = is_official(&merge->spec, year),
                .official_after = is_official(after, year),
            };
        }
    }
    merged->years = years;
    return true;
}

/* What was written must be a calendar; its warnings are those the file had before. */
static bool read_again(const struct merge *merge, struct text json, struct calendar_spec *ret_spec)
{
    struct report report;
    const struct source source = {.file = merge->source->file, .json = json};
    report_init(&report);
    const struct reading reading = {.arena = merge->reading->arena, .report = &report};
    const bool well = calendar_read(&source, &reading, NULL, ret_spec);
    if (!well) {
        (void)fail(merge, report.count > 0 ? report.findings[0].message : "no calendar any more");
    }
    report_release(&report);
    return well;
}

static bool finish(struct merge *merge, struct calendar_merged *merged)
{
    struct calendar_spec after;
    const struct calendar_text text = {
        .json = merge->source->json,
        .holidays = &merge->lists[OFF],
        .workdays = &merge->lists[WORK],
        .official_years = merge->years,
        .official_year_count = merge->year_count,
        .official_changed = merge->year_count > merge->official_before,
    };
    if (!calendar_text_write(&text, merge->reading->arena, &merged->json)) {
        return fail(merge, "out of memory");
    }
    if (!read_again(merge, merged->json, &after)) {
        return false;
    }
    merged->changed = !text_equal(merged->json, merge->source->json);
    merged->changes = merge->changes;
    merged->change_count = merge->change_count;
    for (size_t i = 0; i < merge->change_count; i++) {
        merged->conflict_count += merge->changes[i].kind == MERGE_CONFLICT;
    }
    return count_years(merge, &after, merged) || fail(merge, "out of memory");
}

bool calendar_merge(
    const struct source *source,
    const struct reading *reading,
    const struct calendar_notice *notice,
    const struct merge_options *options,
    struct calendar_merged *ret_merged)
{
    struct calendar_merged merged = {0};
    struct merge merge = {
        .source = source, .reading = reading, .notice = notice, .options = options};
    if (!calendar_read(source, reading, NULL, &merge.spec)) {
        return false;
    }
    if (!load_list(&merge, OFF) || !load_list(&merge, WORK) || !load_years(&merge) ||
        !find_changes(&merge)) {
        return fail(&merge, "out of memory");
    }
    if (!finish(&merge, &merged)) {
        return false;
    }
    *ret_merged = merged;
    return true;
}
