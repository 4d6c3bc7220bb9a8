/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A notice into a calendar file: what is added, what stays, what is told, and that doing it twice
 * changes nothing.
 */
#include <string.h>

#include "config/calendar_merge.h"
#include "config/zone_file.h"
#include "tests/support/check.h"
#include "tests/support/config_rig.h"

static struct config_rig rig;
static struct zone shanghai;
static struct buf said;

static const char *const kinds[MERGE_KIND_COUNT] = {
    [MERGE_ADD] = "add",           [MERGE_NAME] = "name", [MERGE_TURN] = "turn",
    [MERGE_CONFLICT] = "conflict", [MERGE_KEPT] = "kept", [MERGE_CLOSED] = "closed",
};

static struct calendar_merged merged(
    const char *calendar, const char *notice_json, struct merge_options options)
{
    struct calendar_notice notice = {0};
    struct calendar_merged result = {0};
    const struct source file = config_source("c.json", calendar);
    const struct source from = config_source("n.json", notice_json);
    zone_shanghai(&shanghai);
    const struct notice_options notice_options = {.zone = &shanghai};
    CHECK(notice_read(&from, &rig.reading, &notice_options, &notice));
    CHECK(calendar_merge(&file, &rig.reading, &notice, &options, &result));
    CHECK_STR(config_rig_lines(&rig), "");
    return result;
}

static const char *changes_of(const struct calendar_merged *result)
{
    buf_clear(&said);
    for (size_t i = 0; i < result->change_count; i++) {
        const struct merge_change *change = &result->changes[i];
        const struct civil_date date = civil_date_of(change->day);
        buf_format(
            &said, "%s %04d-%02d-%02d %s %.*s;", kinds[change->kind], date.year, date.month,
            date.day, change->works ? "work" : "off", TEXT_ARGS(change->name));
    }
    return said.ptr ? said.ptr : "";
}

static const struct merge_options plain = {0};
static const struct merge_options replacing = {.replace = true};

/* Hours, notes, closures and odd spacing are people's own. */
static const char calendar[] =
    "{ \"id\":\"c\",\n"
    "\t\"note\": \"假日 \\\"cn\\\" ] }\",\n"
    "  \"office_hours\": [[\"09:00\",\"12:00\"]],\n"
    "  \"holidays\": [ \"2026-05-01\",{\"date\":\"2026-01-01\", \"note\":\"a, ] \\\" b\"} ],\n"
    "  \"official_years\": [2026],\n"
    "  \"closures\": [{\"date\":\"2027-02-06\",\"reason\":\"台风\"}]   }\n";

static const char notice_2027[] =
    "{\"year\":2027,\"papers\":[\"p\"],\"days\":["
    "{\"name\":\"元旦\",\"date\":\"2027-01-01\",\"isOffDay\":true},"
    "{\"name\":\"春节\",\"date\":\"2027-02-06\",\"isOffDay\":false},"
    "{\"name\":\"春节\",\"date\":\"2027-02-08\",\"isOffDay\":true},"
    "{\"name\":\"春节\",\"date\":\"2027-02-15\",\"isOffDay\":false}]}";

static void a_new_year_is_added_and_everything_else_stays(void)
{
    const struct calendar_merged result = merged(calendar, notice_2027, plain);
    CHECK_STR(
        changes_of(&result), "add 2027-01-01 off 元旦;add 2027-02-06 work 春节;"
                             "closed 2027-02-06 work 台风;add 2027-02-08 off 春节;");
    CHECK(result.changed);
    CHECK_STR(
        result.json.ptr, "{ \"id\":\"c\",\n"
                         "\t\"note\": \"假日 \\\"cn\\\" ] }\",\n"
                         "  \"office_hours\": [[\"09:00\",\"12:00\"]],\n"
                         "  \"holidays\": [\n"
                         "  {\"date\":\"2026-01-01\", \"note\":\"a, ] \\\" b\"},\n"
                         "  \"2026-05-01\",\n"
                         "  {\"date\": \"2027-01-01\", \"name\": \"元旦\"},\n"
                         "  {\"date\": \"2027-02-08\", \"name\": \"春节\"}\n"
                         " ],\n"
                         "  \"official_years\": [2026, 2027],\n"
                         "  \"closures\": [{\"date\":\"2027-02-06\",\"reason\":\"台风\"}],\n"
                         " \"workdays\": [\n"
                         "  {\"date\": \"2027-02-06\", \"name\": \"春节\"}\n"
                         " ]   }\n");
    CHECK_EQ(result.year_count, 1);
    CHECK_EQ(result.years[0].year, 2027);
    CHECK_EQ(result.years[0].working_before, 261);
    CHECK_EQ(result.years[0].working_after, 259); /* the closure wins over the day worked */
    CHECK(!result.years[0].official_before && result.years[0].official_after);
}

static void doing_it_twice_changes_nothing(void)
{
    const struct calendar_merged once = merged(calendar, notice_2027, plain);
    const struct calendar_merged twice = merged(once.json.ptr, notice_2027, plain);
    CHECK(!twice.changed);
    CHECK_STR(twice.json.ptr, once.json.ptr);
    CHECK_STR(changes_of(&twice), "closed 2027-02-06 work 台风;");
    const struct calendar_merged forced = merged(once.json.ptr, notice_2027, replacing);
    CHECK(!forced.changed);
}

static const char told[] =
    "{\"id\":\"c\",\"holidays\":[\"2027-01-01\",\"2027-05-03\",{\"date\":\"2027-02-06\","
    "\"name\":\"x\"}],\"workdays\":[\"2027-02-08\",\"2027-02-13\"]}";

static void what_the_file_says_differently_is_a_conflict(void)
{
    const struct calendar_merged result = merged(told, notice_2027, plain);
    CHECK_STR(
        changes_of(&result),
        "name 2027-01-01 off 元旦;conflict 2027-02-06 work 春节;conflict 2027-02-08 off 春节;"
        "kept 2027-02-13 work ;kept 2027-05-03 off ;");
    CHECK_EQ(result.conflict_count, 2);
    CHECK(strstr(result.json.ptr, "\"workdays\":[\"2027-02-08\",\"2027-02-13\"]"));
}

static void a_notice_told_to_win_turns_days_and_removes_none(void)
{
    const struct calendar_merged result = merged(told, notice_2027, replacing);
    CHECK_STR(
        changes_of(&result),
        "name 2027-01-01 off 元旦;turn 2027-02-06 work 春节;turn 2027-02-08 off 春节;"
        "kept 2027-02-13 work ;kept 2027-05-03 off ;");
    CHECK_STR(
        result.json.ptr, "{\"id\":\"c\",\"holidays\":[\n"
                         "  {\"date\": \"2027-01-01\", \"name\": \"元旦\"},\n"
                         "  {\"date\": \"2027-02-08\", \"name\": \"春节\"},\n"
                         "  \"2027-05-03\"\n"
                         " ],\"workdays\":[\n"
                         "  {\"date\": \"2027-02-06\", \"name\": \"春节\"},\n"
                         "  \"2027-02-13\"\n"
                         " ],\n"
                         " \"official_years\": [2027]}");
    CHECK(!merged(result.json.ptr, notice_2027, replacing).changed);
}

static void names_that_people_gave_stay(void)
{
    static const char named[] =
        "{\"id\":\"c\",\"holidays\":[{\"date\":\"2027-01-01\",\"name\":\"新年\",\"note\":\"n\"}]}";
    static const char notice[] =
        "{\"2027\":{\"holidays\":[{\"date\":\"2027-01-01\",\"name\":\"元旦\"}]}}";
    CHECK(!merged(named, notice, plain).changed);
    CHECK_STR(
        merged(named, notice, replacing).json.ptr,
        "{\"id\":\"c\",\"holidays\":[\n"
        "  {\"date\": \"2027-01-01\", \"name\": \"元旦\", \"note\": \"n\"}\n ]}");
}

static void only_papers_or_a_word_make_a_year_official(void)
{
    static const char notice[] = "{\"2027\":{\"holidays\":[\"2027-01-01\"]}}";
    static const char bare[] = "{\n \"id\": \"c\"\n}\n";
    CHECK_STR(
        merged(bare, notice, plain).json.ptr,
        "{\n \"id\": \"c\",\n \"holidays\": [\n  \"2027-01-01\"\n ]\n}\n");
    const struct merge_options official = {.official_year = 2027};
    CHECK_STR(
        merged(bare, notice, official).json.ptr,
        "{\n \"id\": \"c\",\n \"official_years\": [2027],\n \"holidays\": [\n  \"2027-01-01\"\n"
        " ]\n}\n");
}

static void a_file_that_is_no_calendar_is_refused(void)
{
    struct calendar_notice notice = {0};
    struct calendar_merged result = {0};
    const struct source file = config_source("c.json", "{\"id\":\"c\",\"holiday\":[]}");
    CHECK(!calendar_merge(&file, &rig.reading, &notice, &plain, &result));
    CHECK(strstr(config_rig_lines(&rig), "did you mean \"holidays\"?"));
}

int main(void)
{
    config_rig_init(&rig);
    buf_init(&said, (size_t)1 << 20);
    CHECK_RUN(a_new_year_is_added_and_everything_else_stays);
    CHECK_RUN(doing_it_twice_changes_nothing);
    CHECK_RUN(what_the_file_says_differently_is_a_conflict);
    CHECK_RUN(a_notice_told_to_win_turns_days_and_removes_none);
    CHECK_RUN(names_that_people_gave_stay);
    CHECK_RUN(only_papers_or_a_word_make_a_year_official);
    CHECK_RUN(a_file_that_is_no_calendar_is_refused);
    buf_release(&said);
    config_rig_release(&rig);
    return check_done();
}
