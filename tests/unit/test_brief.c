/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The daily brief and the weekly list out of the ledger: who gets what of which units, what is new,
 * what is named first, on which days the list goes out, and that a restart makes the same ids.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/must.h"
#include "console/brief.h"
#include "tests/support/check.h"

#define FACTS_BYTES 4096
#define MONDAY      "2026-03-02T08:20:00+08:00"

static struct person people[] = {
    {.id = {"head1", 5}, .unit = {"u1", 2}},
    {.id = {"head2", 5}, .unit = {"u2", 2}},
    {.id = {"mayor", 5}, .unit = {"u0", 2}},
    {.id = {"watch", 5}, .unit = {"uo", 2}},
};
static struct unit units[] = {
    {.id = {"u0", 2}, .name = {"府办", 6}},
    {.id = {"u1", 2}, .name = {"甲局", 6}, .head = {"head1", 5}, .leader = {"mayor", 5}},
    {.id = {"u2", 2}, .name = {"乙局", 6}, .head = {"head2", 5}},
    {.id = {"uo", 2}, .name = {"督查室", 9}, .head = {"watch", 5}, .oversight = true},
};
static const struct text to_some[] = {{"oversight", 9}, {"leader", 6}};
static const struct text to_heads[] = {{"unit_head", 9}};

struct rig {
    struct settings settings;
    struct bundle *bundle;
    struct ledger *ledger;
    int place;
};
static struct rig rig;

static struct wall_ms at(const char *text)
{
    struct wall_ms instant = {0};
    MUST(wall_parse(text, strlen(text), &instant) == ERR_OK);
    return instant;
}

static void rig_init(void)
{
    struct report report;
    rig = (struct rig){.place = 100};
    report_init(&report);
    rig.bundle = bundle_load_folder(NULL, NULL, &report);
    report_release(&report);
    MUST(rig.bundle);
    rig.bundle->policy.directory = directory_build(&rig.bundle->arena, units, 4, people, 4);
    settings_defaults(&rig.settings);
    rig.settings.brief_to = to_some;
    rig.settings.brief_to_count = 2;
    rig.settings.weekly_to = to_heads;
    rig.settings.weekly_to_count = 1;
    rig.settings.public_url = TEXT_LITERAL("http://nrt.test");
    MUST(ledger_open(":memory:", &rig.ledger, NULL) == ERR_OK);
}

static void rig_release(void)
{
    ledger_close(rig.ledger);
    bundle_free(rig.bundle);
}

static void feed(const char *id, const char *unit, const char *outcome, const char *due)
{
    char facts[FACTS_BYTES];
    char position[32];
    (void)snprintf(position, sizeof(position), "%d-0", rig.place++);
    (void)snprintf(
        facts, sizeof(facts),
        "[{\"k\":\"case\",\"id\":\"%s\",\"title\":\"事项%s\",\"unit\":\"%s\",\"handler\":\"\","
        "\"state\":\"open\",\"light\":\"green\",\"created\":1,\"updated\":1,\"runs\":[{\"clock\":"
        "\"reply\",\"run\":1,\"family\":\"reply\",\"start\":1,\"due\":%lld,\"outcome\":\"%s\","
        "\"stopped\":null,\"unit\":\"%s\",\"handler\":\"\"}]}]",
        id, id, unit, (long long)at(due).ms, outcome, unit);
    const struct journal_entry entry = {
        .partition = 0, .position = text_of(position), .facts = text_of(facts)};
    CHECK_EQ(ledger_apply(rig.ledger, &entry, 1, NULL), ERR_OK);
}

static struct brief *gather(enum brief_kind kind, const struct scope *scope)
{
    const struct brief_wish wish = {
        .kind = kind,
        .bundle = rig.bundle,
        .settings = &rig.settings,
        .now = at(MONDAY),
        .scope = scope,
    };
    struct brief *brief = brief_begin(&wish);
    bool done = false;
    MUST(brief);
    for (int page = 0; !done && page < 100; page++) {
        CHECK_EQ(brief_page(brief, rig.ledger, &done), ERR_OK);
    }
    return brief;
}

/* "mayor 1/1 0 1: 在办超期1件，…" for each person, a line each. */
static const char *shown(const struct brief *brief)
{
    static char text[8192];
    text[0] = '\0';
    for (size_t index = 0; index < brief_count(brief); index++) {
        const struct brief_desk *desk = brief_desk(brief, index);
        struct buf words;
        buf_init(&words, 65536);
        brief_words(brief, index, false, &words);
        const size_t bytes = strlen(text);
        (void)snprintf(
            text + bytes, sizeof(text) - bytes, "%.*s %lld/%lld %lld %lld: %s\n",
            TEXT_ARGS(desk->person), (long long)desk->overdue, (long long)desk->newly,
            (long long)desk->today, (long long)desk->later, words.ptr);
        buf_release(&words);
    }
    return text;
}

static void some_cases(void)
{
    feed("a", "u1", "missed", "2026-02-20T17:30:00+08:00");  /* long overdue */
    feed("b", "u2", "missed", "2026-02-28T17:30:00+08:00");  /* a Saturday, worked */
    feed("c", "u1", "running", "2026-03-02T17:30:00+08:00"); /* today */
    feed("d", "u2", "running", "2026-03-03T17:30:00+08:00"); /* tomorrow */
    feed("e", "u2", "running", "2026-03-06T17:30:00+08:00"); /* this week */
    feed("f", "u2", "running", "2026-03-12T17:30:00+08:00"); /* later */
}

static void oversight_gets_all_and_a_leader_what_is_theirs(void)
{
    rig_init();
    some_cases();
    struct brief *brief = gather(BRIEF_DAILY, NULL);
    /* u2 has no leader: the role falls to oversight, who has it anyhow. */
    CHECK_STR(
        shown(brief),
        "mayor 1/0 1 0: 在办超期1件，新增0件，今日到期1件，明日到期0件。最先：事项a（甲局，"
        "2月20日17:30到期，已超期6个工作日）。http://nrt.test\n"
        "watch 2/1 1 1: 在办超期2件，新增1件，今日到期1件，明日到期1件。最先：事项a（甲局，"
        "2月20日17:30到期，已超期6个工作日）。http://nrt.test\n");
    brief_free(brief);
    rig_release();
}

static void heads_get_the_list_of_their_own_unit(void)
{
    rig_init();
    some_cases();
    struct brief *brief = gather(BRIEF_WEEKLY, NULL);
    CHECK_STR(
        shown(brief),
        "head1 1/0 1 0: 超期和7日内到期2件，其中已超期1件，今日到期1件。最先：事项a（2月20日17:30到"
        "期，已超期6个工作日）；事项c（3月2日17:30到期）。http://nrt.test\n"
        "head2 1/1 0 2: 超期和7日内到期3件，其中已超期1件，今日到期0件。最先：事项b（2月28日17:30到"
        "期，已超期1个工作日）；事项d（3月3日17:30到期）；事项e（3月6日17:30到期）。"
        "http://nrt.test\n");
    brief_free(brief);
    rig_release();
}

static void a_scope_shows_no_other_units(void)
{
    rig_init();
    some_cases();
    const struct text own[] = {TEXT_LITERAL("u2")};
    const struct scope scope = {.units = TEXT_LITERAL("[\"u2\"]"), .ids = own, .id_count = 1};
    struct brief *brief = gather(BRIEF_DAILY, &scope);
    CHECK(strstr(shown(brief), "watch 1/1 0 1:") != NULL);
    CHECK(strstr(shown(brief), "事项a") == NULL && strstr(shown(brief), "mayor") == NULL);
    brief_free(brief);
    rig_release();
}

static void the_earliest_are_kept_of_many_and_all_are_counted(void)
{
    rig_init();
    for (int i = 0; i < 1200; i++) {
        char id[16];
        char due[40];
        (void)snprintf(id, sizeof(id), "k%04d", (i * 7919) % 1200);
        (void)snprintf(
            due, sizeof(due), "2026-02-%02dT%02d:30:00+08:00", 1 + (i * 7919) % 1200 / 60,
            (i * 7919) % 1200 % 24);
        feed(id, "u1", "missed", due);
    }
    struct brief *brief = gather(BRIEF_DAILY, NULL);
    const struct brief_desk *desk = brief_desk(brief, 1);
    CHECK_EQ(desk->overdue, 1200);
    CHECK_EQ(desk->row_count, BRIEF_ROWS_MAX);
    for (size_t row = 1; row < desk->row_count; row++) {
        CHECK_GE(desk->rows[row].due.ms, desk->rows[row - 1].due.ms);
    }
    CHECK_EQ(desk->rows[0].due.ms, at("2026-02-01T00:30:00+08:00").ms);
    brief_free(brief);
    rig_release();
}

static void id_of(const struct brief *brief, char id[static 64], char kind[static 32])
{
    struct buf json;
    struct text person;
    struct json_doc *doc = NULL;
    buf_init(&json, 65536);
    brief_write(brief, 0, &json, &person);
    CHECK_EQ(json_parse(buf_view(&json), &json_limits_event, &doc, NULL), ERR_OK);
    (void)snprintf(id, 64, "%.*s", TEXT_ARGS(json_get_string(json_root(doc), "id")));
    (void)snprintf(kind, 32, "%.*s", TEXT_ARGS(json_get_string(json_root(doc), "notice")));
    CHECK(json_get_string(json_root(doc), "template").bytes > 0);
    json_free(doc);
    buf_release(&json);
}

/* The mailbox takes each id once: a console that begins again repeats nothing. */
static void the_same_day_has_the_same_id_and_the_list_another(void)
{
    char ids[3][64];
    char kinds[3][32];
    rig_init();
    some_cases();
    for (int i = 0; i < 3; i++) {
        struct brief *brief = gather(i < 2 ? BRIEF_DAILY : BRIEF_WEEKLY, NULL);
        id_of(brief, ids[i], kinds[i]);
        brief_free(brief);
    }
    CHECK_STR(ids[0], ids[1]);
    CHECK(strcmp(ids[0], ids[2]) != 0);
    CHECK_STR(kinds[0], "brief");
    CHECK_STR(kinds[2], "weekly");
    rig_release();
}

static bool goes_out(const char *date, int32_t weekday)
{
    struct civil_day day;
    MUST(civil_parse(text_of(date), &day) == ERR_OK);
    return brief_is_weekly_day(rig.bundle->policy.calendar, weekday, day);
}

static void the_list_goes_out_once_a_week_on_a_working_day(void)
{
    rig_init();
    CHECK(goes_out("2026-03-02", 1) && !goes_out("2026-03-03", 1) && !goes_out("2026-03-01", 1));
    /* 16 to 23 February 2026 is holiday: Monday's goes out on Tuesday the 24th. */
    CHECK(!goes_out("2026-02-16", 1) && !goes_out("2026-02-23", 1) && goes_out("2026-02-24", 1));
    CHECK(!goes_out("2026-02-25", 1));
    CHECK(goes_out("2026-03-04", 3) && !goes_out("2026-03-05", 3));
    rig_release();
}

int main(void)
{
    CHECK_RUN(oversight_gets_all_and_a_leader_what_is_theirs);
    CHECK_RUN(heads_get_the_list_of_their_own_unit);
    CHECK_RUN(a_scope_shows_no_other_units);
    CHECK_RUN(the_earliest_are_kept_of_many_and_all_are_counted);
    CHECK_RUN(the_same_day_has_the_same_id_and_the_list_another);
    CHECK_RUN(the_list_goes_out_once_a_week_on_a_working_day);
    return check_done();
}
