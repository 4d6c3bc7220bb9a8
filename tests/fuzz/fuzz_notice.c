/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A notice of holidays from the net, iCalendar or JSON: refused, or days in ascending order, each
 * once; merged into a calendar it gives one that can be read.
 */
#include "base/must.h"
#include "config/calendar_merge.h"
#include "config/zone_file.h"
#include "tests/support/fuzz_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count);

static void check_days(const struct calendar_notice *notice)
{
    for (size_t i = 0; i < notice->day_count; i++) {
        MUST(i == 0 || notice->days[i - 1].day.number < notice->days[i].day.number);
        MUST(utf8_valid(notice->days[i].name));
    }
    for (size_t i = 0; i < notice->item_count; i++) {
        MUST(notice->items[i].first.number <= notice->items[i].last.number);
        MUST(notice->items[i].reading < NOTICE_READING_COUNT);
    }
}

static void merge(const struct calendar_notice *notice, struct arena *arena)
{
    const struct source calendar = {
        .file = "calendar", .json = TEXT_LITERAL("{\"id\":\"k\",\"holidays\":[\"2026-01-01\"]}")};
    const struct merge_options options = {0};
    struct calendar_merged merged;
    struct report report;
    report_init(&report);
    const struct reading reading = {.arena = arena, .report = &report};
    MUST(calendar_merge(&calendar, &reading, notice, &options, &merged));
    report_release(&report);
}

static bool read_notice(const struct source *source, const struct reading *reading)
{
    struct zone zone;
    struct calendar_notice notice = {0};
    zone_shanghai(&zone);
    const struct notice_options options = {
        .zone = &zone, .unmarked_are_off = source->json.bytes % 2 == 0};
    if (!notice_read(source, reading, &options, &notice)) {
        return false;
    }
    check_days(&notice);
    if (source->json.bytes % 8 == 0) { /* building calendars takes time */
        merge(&notice, reading->arena);
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count)
{
    fuzz_config(bytes, byte_count, read_notice);
    return 0;
}
