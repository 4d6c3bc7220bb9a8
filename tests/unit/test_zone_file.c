/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time zones from TZif files against the C library's reading of the same files, known changes,
 * and files that are no such files.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/prng.h"
#include "config/posix_rule.h"
#include "config/zone_file.h"
#include "tests/support/check.h"

static struct arena arena;

static struct zone load(const char *name)
{
    struct zone zone = {0};
    struct err_why why = {0};
    check_note("%s", name);
    CHECK(zone_load(ZONE_FOLDER, text_of(name), &arena, &zone, &why) == ERR_OK);
    CHECK_STR(why.text, "");
    return zone;
}

static int32_t offset_at(const struct zone *zone, const char *rfc3339)
{
    struct wall_ms at = {0};
    CHECK(wall_parse(rfc3339, strlen(rfc3339), &at) == ERR_OK);
    return zone_offset_at(zone, at);
}

static void known_changes_happen_at_their_second(void)
{
    const struct zone berlin = load("Europe/Berlin");
    CHECK_EQ(offset_at(&berlin, "2024-03-31T00:59:59Z"), 3600);
    CHECK_EQ(offset_at(&berlin, "2024-03-31T01:00:00Z"), 7200);
    CHECK_EQ(offset_at(&berlin, "2024-10-27T00:59:59Z"), 7200);
    CHECK_EQ(offset_at(&berlin, "2024-10-27T01:00:00Z"), 3600);
    const struct zone shanghai = load("Asia/Shanghai");
    CHECK_EQ(offset_at(&shanghai, "1986-07-01T00:00:00Z"), 9 * 3600);
    CHECK_EQ(offset_at(&shanghai, "1991-09-14T17:00:00Z"), 8 * 3600);
    CHECK_EQ(offset_at(&shanghai, "2026-07-01T00:00:00Z"), 8 * 3600);
    CHECK(text_is(shanghai.name, "Asia/Shanghai"));
}

static void the_closing_rule_is_written_out_to_2100(void)
{
    const struct zone berlin = load("Europe/Berlin");
    CHECK_EQ(offset_at(&berlin, "2099-07-01T00:00:00Z"), 7200);
    CHECK_EQ(offset_at(&berlin, "2100-12-01T00:00:00Z"), 3600);
    const struct zone sydney = load("Australia/Sydney");
    CHECK_EQ(offset_at(&sydney, "2099-01-01T00:00:00Z"), 11 * 3600);
    CHECK_EQ(offset_at(&sydney, "2099-07-01T00:00:00Z"), 10 * 3600);
}

/* Half-hour changes, negative summer time, changes before midnight, tables that end late. */
static const char *const odd_zones[] = {
    "Asia/Shanghai",    "Europe/Berlin",     "Europe/Dublin",
    "America/New_York", "America/St_Johns",  "America/Nuuk",
    "America/Santiago", "America/Sao_Paulo", "Africa/Casablanca",
    "Africa/Cairo",     "Asia/Gaza",         "Asia/Kathmandu",
    "Asia/Tehran",      "Asia/Beirut",       "Australia/Lord_Howe",
    "Australia/Sydney", "Pacific/Chatham",   "Pacific/Apia",
    "Antarctica/Troll", "Etc/GMT+12",        "UTC",
};

static void offsets_equal_those_of_the_c_library(void)
{
    struct prng prng;
    prng_seed(&prng, 20260213);
    for (size_t i = 0; i < sizeof odd_zones / sizeof odd_zones[0]; i++) {
        const struct zone zone = load(odd_zones[i]);
        CHECK(setenv("TZ", odd_zones[i], 1) == 0);
        tzset();
        for (int k = 0; k < 4000; k++) {
            const int64_t at_s = prng_range(&prng, 0, INT64_C(4070908800)); /* to 2099 */
            const time_t at = (time_t)at_s;
            struct tm parts = {0};
            (void)localtime_r(&at, &parts);
            if (zone_offset_at(&zone, (struct wall_ms){at_s * 1000}) != parts.tm_gmtoff) {
                check_note("%s at %lld", odd_zones[i], (long long)at_s);
                CHECK_EQ(zone_offset_at(&zone, (struct wall_ms){at_s * 1000}), parts.tm_gmtoff);
            }
        }
    }
}

static void changes_ascend_and_change_something(void)
{
    for (size_t i = 0; i < sizeof odd_zones / sizeof odd_zones[0]; i++) {
        const struct zone zone = load(odd_zones[i]);
        int32_t offset_s = zone.first_offset_s;
        for (size_t k = 0; k < zone.change_count; k++) {
            CHECK(k == 0 || zone.changes[k].at_s > zone.changes[k - 1].at_s);
            CHECK(zone.changes[k].offset_s != offset_s);
            offset_s = zone.changes[k].offset_s;
        }
    }
}

static void names_never_lead_out_of_the_folder(void)
{
    static const char *const bad[] = {
        "", "/etc/passwd", "../../etc/passwd", "Asia/Shang hai", "Asia/\xE4\xB8\x8A"};
    struct zone zone;
    struct err_why why;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        check_note("%s", bad[i]);
        CHECK(zone_load(ZONE_FOLDER, text_of(bad[i]), &arena, &zone, &why) == ERR_PARSE);
    }
    CHECK(zone_load(ZONE_FOLDER, text_of("Asia/Nowhere"), &arena, &zone, &why) == ERR_NOT_FOUND);
    CHECK(zone_load("/nowhere", text_of("Asia/Shanghai"), &arena, &zone, &why) == ERR_NOT_FOUND);
}

static void cut_and_damaged_files_are_refused_or_harmless(void)
{
    struct buf buf;
    struct zone zone;
    struct err_why why;
    struct prng prng;
    buf_init(&buf, 1 << 20);
    CHECK(file_read(ZONE_FOLDER "/Europe/Berlin", &buf, NULL) == ERR_OK);
    for (size_t bytes = 0; bytes < buf.bytes; bytes++) {
        check_note("%zu of %zu bytes", bytes, buf.bytes);
        CHECK(zone_parse((struct text){buf.ptr, bytes}, &arena, &zone, &why) == ERR_CORRUPT);
        arena_reset(&arena);
    }
    prng_seed(&prng, 7);
    for (int i = 0; i < 20000; i++) {
        const size_t at = (size_t)prng_below(&prng, buf.bytes);
        const char kept = buf.ptr[at];
        buf.ptr[at] = (char)prng_below(&prng, 256);
        const enum err err = zone_parse(buf_view(&buf), &arena, &zone, &why);
        CHECK(err == ERR_OK || err == ERR_CORRUPT);
        buf.ptr[at] = kept;
        arena_reset(&arena);
    }
    buf_release(&buf);
}

static void shanghai_needs_no_file(void)
{
    struct zone zone;
    zone_shanghai(&zone);
    CHECK_EQ(offset_at(&zone, "2026-07-01T00:00:00Z"), 8 * 3600);
    CHECK(text_is(zone.name, "Asia/Shanghai"));
}

int main(void)
{
    arena_init(&arena, 0);
    CHECK_RUN(known_changes_happen_at_their_second);
    CHECK_RUN(the_closing_rule_is_written_out_to_2100);
    CHECK_RUN(offsets_equal_those_of_the_c_library);
    CHECK_RUN(changes_ascend_and_change_something);
    CHECK_RUN(names_never_lead_out_of_the_folder);
    CHECK_RUN(cut_and_damaged_files_are_refused_or_harmless);
    CHECK_RUN(shanghai_needs_no_file);
    arena_release(&arena);
    return check_done();
}
