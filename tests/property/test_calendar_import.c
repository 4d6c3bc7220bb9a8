/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Laws of importing a notice, over random calendars and notices: a date the notice names is as it
 * says (unless the file contradicts it and is to stay, or a closure wins), every other date is as
 * it was, a second import changes nothing, and the form the notice came in makes no difference. A
 * failure prints the seed that makes it again (NRT_SIM_SEED=n runs it alone). nrt-test: timeout=300
 */
#include <stdio.h>

#include "base/prng.h"
#include "config/calendar_merge.h"
#include "config/files.h"
#include "config/zone_file.h"
#include "tests/support/check.h"
#include "tests/support/config_rig.h"
#include "tests/support/seeds.h"

#define WORLDS    80
#define YEAR      2027
#define DAYS_MAX  366
#define FORMS     3
#define TEXT_MAX  ((size_t)1 << 20)
#define NOT_NAMED 0
#define OFF       1
#define WORKED    2

struct scene {
    struct config_rig rig;
    struct prng prng;
    struct zone zone;
    struct civil_day first;
    int32_t day_count;
    int says[DAYS_MAX]; /* the notice: NOT_NAMED, OFF, WORKED */
    struct buf calendar;
    struct buf notices[FORMS];
};

static void put_date(struct buf *buf, const char *before, struct civil_day day, const char *after)
{
    const struct civil_date date = civil_date_of(day);
    buf_format(buf, "%s%04d-%02d-%02d%s", before, date.year, date.month, date.day, after);
}

static void put_plain_date(struct buf *buf, const char *before, struct civil_day day)
{
    const struct civil_date date = civil_date_of(day);
    buf_format(buf, "%s%04d%02d%02d\r\n", before, date.year, date.month, date.day);
}

static struct civil_day day_at(const struct scene *scene, int32_t index)
{
    return (struct civil_day){.number = scene->first.number + index};
}

/* ---- a calendar as people write it ---- */

static void put_space(struct scene *scene, struct buf *buf)
{
    static const char *const spaces[] = {"", " ", "\n", "\n\t", "  "};
    buf_string(buf, spaces[prng_below(&scene->prng, 5)]);
}

static void put_entry(struct scene *scene, struct buf *buf, struct civil_day day)
{
    switch (prng_below(&scene->prng, 3)) {
    case 0:
        put_date(buf, "\"", day, "\"");
        break;
    case 1:
        put_date(buf, "{ \"name\":\"旧名\",\"date\" : \"", day, "\"}");
        break;
    default:
        put_date(buf, "{\"date\":\"", day, "\", \"note\":\"a ] , } \\\" b\"}");
    }
}

static void put_list(struct scene *scene, const char *key, uint64_t one_in)
{
    struct buf *buf = &scene->calendar;
    bool any = false;
    if (prng_one_in(&scene->prng, 6)) {
        return; /* no such list */
    }
    buf_char(buf, ',');
    put_space(scene, buf);
    buf_format(buf, "\"%s\":[", key);
    for (int32_t i = 0; i < scene->day_count; i++) {
        if (prng_one_in(&scene->prng, one_in)) {
            buf_string(buf, any ? "," : "");
            put_space(scene, buf);
            if (one_in > 50) {
                put_date(buf, "{\"date\":\"", day_at(scene, i), "\",\"reason\":\"r\"}");
            } else {
                put_entry(scene, buf, day_at(scene, i));
            }
            put_space(scene, buf);
            any = true;
        }
    }
    buf_char(buf, ']');
}

static void make_calendar(struct scene *scene)
{
    struct buf *buf = &scene->calendar;
    buf_string(buf, "{");
    put_space(scene, buf);
    buf_string(buf, "\"id\":\"c\"");
    put_list(scene, "holidays", 12);
    put_list(scene, "closures", 120);
    put_list(scene, "workdays", 30);
    put_space(scene, buf);
    buf_string(buf, "}");
    put_space(scene, buf);
}

/* ---- a notice, in three forms ---- */

static void decide(struct scene *scene)
{
    for (int32_t i = 0; i < scene->day_count; i++) {
        scene->says[i] = NOT_NAMED;
        if (prng_one_in(&scene->prng, 8)) {
            scene->says[i] = prng_one_in(&scene->prng, 4) ? WORKED : OFF;
        }
    }
}

static void put_days(const struct scene *scene, struct buf *buf)
{
    const char *comma = "";
    buf_format(buf, "{\"year\":%d,\"papers\":[],\"days\":[", YEAR);
    for (int32_t i = 0; i < scene->day_count; i++) {
        if (scene->says[i] != NOT_NAMED) {
            buf_format(buf, "%s{\"name\":\"节\",\"isOffDay\":", comma);
            buf_string(buf, scene->says[i] == OFF ? "true" : "false");
            put_date(buf, ",\"date\":\"", day_at(scene, i), "\"}");
            comma = ",";
        }
    }
    buf_string(buf, "]}");
}

static void put_lists(const struct scene *scene, struct buf *buf)
{
    static const char *const keys[] = {"holidays", "workdays"};
    buf_format(buf, "{\"%d\":{", YEAR);
    for (int says = OFF; says <= WORKED; says++) {
        const char *comma = "";
        buf_format(buf, "%s\"%s\":[", says == OFF ? "" : ",", keys[says - OFF]);
        for (int32_t i = scene->day_count - 1; i >= 0; i--) { /* in no order that helps */
            if (scene->says[i] == says) {
                buf_string(buf, comma);
                put_date(buf, "{\"date\":\"", day_at(scene, i), "\",\"name\":\"节\"}");
                comma = ",";
            }
        }
        buf_char(buf, ']');
    }
    buf_string(buf, "}}");
}

/* Dates that follow each other and are alike are one event, as calendars have it. */
static void put_events(struct scene *scene, struct buf *buf)
{
    buf_string(buf, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n");
    for (int32_t i = 0; i < scene->day_count;) {
        int32_t end = i + 1;
        while (end < scene->day_count && scene->says[end] == scene->says[i] &&
               !prng_one_in(&scene->prng, 5)) {
            end++;
        }
        if (scene->says[i] != NOT_NAMED) {
            put_plain_date(buf, "BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:", day_at(scene, i));
            put_plain_date(buf, "DTEND;VALUE=DATE:", day_at(scene, end));
            buf_format(
                buf, "SUMMARY:节%s\r\nEND:VEVENT\r\n", scene->says[i] == OFF ? "(休)" : " 补班");
        }
        i = end;
    }
    buf_string(buf, "END:VCALENDAR\r\n");
}

/* ---- the laws ---- */

static struct calendar_merged import(
    struct scene *scene, struct text calendar, size_t form, bool replace)
{
    struct calendar_notice notice = {0};
    struct calendar_merged merged = {0};
    const struct source from = {.file = "n", .json = buf_view(&scene->notices[form])};
    const struct source into = {.file = "c", .json = calendar};
    const struct notice_options how = {.zone = &scene->zone};
    const struct merge_options options = {.replace = replace};
    CHECK(notice_read(&from, &scene->rig.reading, &how, &notice));
    CHECK(calendar_merge(&into, &scene->rig.reading, &notice, &options, &merged));
    return merged;
}

static const struct calendar *built(struct scene *scene, struct text json)
{
    struct calendar_spec *spec = arena_alloc(&scene->rig.arena, sizeof *spec);
    const struct source source = {.file = "c", .json = json};
    CHECK(spec && calendar_read(&source, &scene->rig.reading, NULL, spec));
    return calendar_build(spec, &scene->rig.arena);
}

static size_t count_of(const struct calendar_merged *merged, enum merge_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < merged->change_count; i++) {
        count += merged->changes[i].kind == kind;
    }
    return count;
}

static bool is_conflict(const struct calendar_merged *merged, struct civil_day day)
{
    for (size_t i = 0; i < merged->change_count; i++) {
        if (merged->changes[i].day.number == day.number &&
            merged->changes[i].kind == MERGE_CONFLICT) {
            return true;
        }
    }
    return false;
}

static void look_at_days(struct scene *scene, const struct calendar_merged *merged)
{
    const struct calendar *before = built(scene, buf_view(&scene->calendar));
    const struct calendar *after = built(scene, merged->json);
    for (int32_t i = 0; i < scene->day_count; i++) {
        const struct civil_day day = day_at(scene, i);
        const bool was = calendar_is_working(before, day);
        const bool is = calendar_is_working(after, day);
        const bool closed = calendar_day_kind(before, day) == DAY_CLOSURE;
        if (scene->says[i] == NOT_NAMED || closed || is_conflict(merged, day)) {
            CHECK_EQ(is, was);
        } else {
            CHECK_EQ(is, scene->says[i] == WORKED);
        }
    }
}

static void the_laws_hold(struct scene *scene, bool replace)
{
    const struct text calendar = buf_view(&scene->calendar);
    const struct calendar_merged merged = import(scene, calendar, 0, replace);
    look_at_days(scene, &merged);
    CHECK_EQ(count_of(&merged, replace ? MERGE_CONFLICT : MERGE_TURN), 0);
    CHECK_EQ(count_of(&merged, MERGE_CONFLICT), merged.conflict_count);
    CHECK_EQ(merged.changed, !text_equal(merged.json, calendar));
    for (size_t form = 0; form < FORMS; form++) {
        CHECK(text_equal(import(scene, calendar, form, replace).json, merged.json));
        const struct calendar_merged again = import(scene, merged.json, form, replace);
        CHECK(!again.changed && text_equal(again.json, merged.json));
        CHECK_EQ(again.conflict_count, merged.conflict_count);
    }
}

static void run_seed(uint64_t seed)
{
    struct scene scene = {.day_count = 365};
    check_note("seed %llu", (unsigned long long)seed);
    config_rig_init(&scene.rig);
    prng_seed(&scene.prng, seed);
    zone_shanghai(&scene.zone);
    scene.first = civil_day_of((struct civil_date){YEAR, 1, 1});
    buf_init(&scene.calendar, TEXT_MAX);
    for (size_t form = 0; form < FORMS; form++) {
        buf_init(&scene.notices[form], TEXT_MAX);
    }
    make_calendar(&scene);
    decide(&scene);
    put_days(&scene, &scene.notices[0]);
    put_lists(&scene, &scene.notices[1]);
    put_events(&scene, &scene.notices[2]);
    the_laws_hold(&scene, false);
    the_laws_hold(&scene, true);
    for (size_t form = 0; form < FORMS; form++) {
        buf_release(&scene.notices[form]);
    }
    buf_release(&scene.calendar);
    config_rig_release(&scene.rig);
}

static void imported_notices_say_what_they_say_and_nothing_else_changes(void)
{
    const uint64_t count = seeds_only() ? 1 : seeds_count(WORLDS);
    for (uint64_t i = 0; i < count; i++) {
        run_seed(seeds_only() ? seeds_only() : i + 1);
    }
    printf("     %llu worlds\n", (unsigned long long)count);
}

int main(void)
{
    CHECK_RUN(imported_notices_say_what_they_say_and_nothing_else_changes);
    return check_done();
}
