/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The monthly report out of a small ledger: its sentences in both languages, what it is compared
 * with, the order of the units, a scope, a month with nothing in it, and the workbook of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/must.h"
#include "console/month_report.h"
#include "tests/support/check.h"

#define FACTS_BYTES 4096

static struct unit units[] = {
    {.id = {"u1", 2}, .name = {"甲局", 6}},
    {.id = {"u2", 2}, .name = {"乙局", 6}},
};

static struct bundle *bundle;
static struct settings settings;
static struct ledger *ledger;
static int place = 100;
static struct actor actor = {.kind = ACTOR_SERVICE, .scope = {.all = true}};

static struct wall_ms at(const char *text)
{
    struct wall_ms instant = {0};
    MUST(wall_parse(text, strlen(text), &instant) == ERR_OK);
    return instant;
}

static struct view view_now(void)
{
    return (struct view){
        .ledger = ledger,
        .bundle = bundle,
        .settings = &settings,
        .now = at("2019-08-01T09:00:00+08:00"),
        .actor = &actor,
    };
}

/* A case received five days before its due, completed in time or missed and open. */
static void feed(const char *id, const char *unit, const char *outcome, const char *due)
{
    char facts[FACTS_BYTES];
    char position[32];
    const bool met = strcmp(outcome, "met") == 0;
    const long long due_ms = (long long)at(due).ms;
    (void)snprintf(position, sizeof(position), "%d-0", place++);
    (void)snprintf(
        facts, sizeof(facts),
        "[{\"k\":\"case\",\"id\":\"%s\",\"title\":\"事项%s\",\"unit\":\"%s\",\"handler\":\"\","
        "\"matter\":\"m01\",\"state\":\"%s\",\"light\":\"green\",\"created\":%lld,\"updated\":%lld,"
        "\"figures\":{\"accepted\":true,\"sent_back\":false%s%s},\"runs\":[{\"clock\":\"reply\","
        "\"run\":1,\"family\":\"reply\",\"start\":%lld,\"due\":%lld,\"outcome\":\"%s\","
        "\"stopped\":%s,\"unit\":\"%s\",\"handler\":\"\",\"waived\":false}]}]",
        id, id, unit, met ? "completed" : "open", due_ms - 432000000, due_ms,
        met ? ",\"handled_s\":7200,\"completed\":" : "", met ? "1" : "", due_ms - 432000000, due_ms,
        outcome, met ? "1" : "null", unit);
    const struct journal_entry entry = {
        .partition = 0, .position = text_of(position), .facts = text_of(facts)};
    struct err_why why = {0};
    CHECK_EQ(ledger_apply(ledger, &entry, 1, &why), ERR_OK);
    check_note("%s", why.text);
}

static void some_months(void)
{
    struct report report;
    struct err_why why = {0};
    report_init(&report);
    bundle = bundle_load_folder(NULL, NULL, &report);
    report_release(&report);
    MUST(bundle);
    bundle->policy.directory = directory_build(&bundle->arena, units, 2, NULL, 0);
    settings_defaults(&settings);
    settings.office_name = TEXT_LITERAL("市督查室");
    MUST(ledger_open(":memory:", &ledger, &why) == ERR_OK);
    MUST(ledger_figures_zone(ledger, bundle->policy.calendar, &why) == ERR_OK);
    for (int i = 0; i < 9; i++) {
        char id[16];
        (void)snprintf(id, sizeof(id), "a%d", i);
        feed(id, "u1", "met", "2019-07-10T17:30:00+08:00");
        (void)snprintf(id, sizeof(id), "b%d", i);
        feed(id, "u2", i < 8 ? "met" : "missed", "2019-07-11T17:30:00+08:00");
        (void)snprintf(id, sizeof(id), "c%d", i);
        feed(id, "u2", i < 6 ? "met" : "missed", "2019-06-12T17:30:00+08:00");
    }
}

static void put_line(void *context, struct text line)
{
    char *out = context;
    const size_t bytes = strlen(out);
    (void)snprintf(out + bytes, 8192 - bytes, "%.*s\n", TEXT_ARGS(line));
}

static const char *lines_of(int32_t month, bool english)
{
    static char text[8192];
    struct arena arena;
    struct month_report report;
    const struct view view = view_now();
    arena_init(&arena, 0);
    text[0] = '\0';
    CHECK_EQ(month_report_make(&view, month, &arena, &report), ERR_OK);
    month_report_lines(&view, &report, english, put_line, text);
    arena_release(&arena);
    check_note("%s", text);
    return text;
}

static bool says(const char *text, const char *part)
{
    return strstr(text, part) != NULL;
}

static void the_sentences_carry_the_figures_and_what_they_are_compared_with(void)
{
    const char *text = lines_of(201907, false);
    CHECK(says(text, "现将2019年7月办件办理情况通报如下：\n一、总体情况\n"));
    CHECK(says(
        text,
        "本月到期计时18次，按时办结17次，超期1次，按时办结率94.4%，较上月上升27.7个百分点。"));
    CHECK(says(text, "答复：按时办结17/18，按时办结率94.4%。"));
    CHECK(says(text, "按时办结率居前的单位：甲局（100.0%）、乙局（88.9%，超期1次）。"));
    CHECK(says(text, "市督查室\n2019年8月1日\n"));
    text = lines_of(201907, true);
    CHECK(says(
        text, "18 clocks fell due, 17 were met and 1 missed: the on-time rate is 94.4%, up by "
              "27.7 points from the month before."));
    CHECK(says(text, "First by on-time rate: 甲局 (100.0%), 乙局 (88.9%, 1 missed)."));
    CHECK(says(text, "1 August 2019"));
}

static void a_month_with_nothing_in_it_says_so(void)
{
    const char *text = lines_of(201801, false);
    CHECK(says(text, "本月无到期的计时。") && says(text, "本月无可排名的单位。"));
    CHECK(says(text, "本月无新增问责线索。") && !says(text, "%"));
}

static void a_scope_sees_its_own_figures_alone(void)
{
    static const struct text own[] = {{"u2", 2}};
    actor.scope = (struct scope){.units = TEXT_LITERAL("[\"u2\"]"), .ids = own, .id_count = 1};
    const char *text = lines_of(201907, false);
    CHECK(says(text, "本月到期计时9次，按时办结8次") && !says(text, "甲局"));
    actor.scope = (struct scope){.all = true};
}

static void the_title_names_the_month(void)
{
    struct month_report report = {.month = 201912};
    struct buf title;
    buf_init(&title, 1024);
    month_report_title(&report, false, &title);
    CHECK_STR(title.ptr, "2019年12月办件办理情况通报");
    buf_clear(&title);
    month_report_title(&report, true, &title);
    CHECK_STR(title.ptr, "How cases were handled in December 2019");
    buf_release(&title);
}

static void the_workbook_is_written(void)
{
    char folder[200];
    char path[256];
    struct arena arena;
    struct stat there;
    struct month_report report;
    struct sheet *sheet = NULL;
    struct err_why why = {0};
    const char *base = getenv("TMPDIR");
    const struct view view = view_now();
    (void)snprintf(folder, sizeof(folder), "%s/month-%d", base ? base : "/tmp", (int)getpid());
    (void)snprintf(path, sizeof(path), "%s/month.xlsx", folder);
    MUST(mkdir(folder, 0700) == 0);
    const struct sheet_wish wish = {
        .format = SHEET_XLSX,
        .path = path,
        .temp_folder = folder,
        .zone = bundle->policy.calendar,
        .now = view.now,
        .charts = true,
    };
    arena_init(&arena, 0);
    CHECK_EQ(month_report_make(&view, 201907, &arena, &report), ERR_OK);
    CHECK_EQ(sheet_create(&wish, &sheet, &why), ERR_OK);
    month_report_sheet(&view, &report, false, sheet);
    CHECK_EQ(sheet_finish(sheet, &why), ERR_OK);
    CHECK(stat(path, &there) == 0 && there.st_size > 4000 && (there.st_mode & 077) == 0);
    arena_release(&arena);
    (void)unlink(path);
    CHECK(rmdir(folder) == 0);
}

int main(void)
{
    some_months();
    CHECK_RUN(the_sentences_carry_the_figures_and_what_they_are_compared_with);
    CHECK_RUN(a_month_with_nothing_in_it_says_so);
    CHECK_RUN(a_scope_sees_its_own_figures_alone);
    CHECK_RUN(the_title_names_the_month);
    CHECK_RUN(the_workbook_is_written);
    ledger_close(ledger);
    bundle_free(bundle);
    return check_done();
}
