/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The morning message out of the ledger: whose desk a clock is on, what counts for today, for the
 * next working day and as overdue, which one is named, and that more than one page is read.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/must.h"
#include "console/morning.h"
#include "tests/support/check.h"

#define FACTS_BYTES 4096

static struct person people[] = {
    {.id = {"head1", 5}, .unit = {"u1", 2}},
    {.id = {"head2", 5}, .unit = {"u2", 2}},
    {.id = {"p1", 2}, .unit = {"u1", 2}},
};
static struct unit units[] = {
    {.id = {"u1", 2}, .name = {"甲局", 6}, .head = {"head1", 5}},
    {.id = {"u2", 2}, .name = {"乙局", 6}, .head = {"head2", 5}},
};
static const struct text to_heads[] = {{"unit_head", 9}};
static const struct text to_all[] = {{"unit_head", 9}, {"handler", 7}};

struct rig {
    char path[512];
    struct settings settings;
    struct bundle *bundle;
    struct role_env env;
    struct console console;
    int place;
};

static struct wall_ms at(const char *text)
{
    struct wall_ms instant = {0};
    MUST(wall_parse(text, strlen(text), &instant) == ERR_OK);
    return instant;
}

static void rig_init(struct rig *rig)
{
    struct report report;
    const char *folder = getenv("TMPDIR");
    *rig = (struct rig){.place = 100};
    (void)snprintf(
        rig->path, sizeof(rig->path), "%s/morning-%d.db", folder ? folder : "/tmp", (int)getpid());
    (void)unlink(rig->path);
    report_init(&report);
    rig->bundle = bundle_load_folder(NULL, NULL, &report);
    report_release(&report);
    MUST(rig->bundle);
    rig->bundle->policy.directory = directory_build(&rig->bundle->arena, units, 2, people, 3);
    settings_defaults(&rig->settings);
    rig->settings.morning_to = to_heads;
    rig->settings.morning_to_count = 1;
    rig->settings.public_url = TEXT_LITERAL("http://nrt.test");
    rig->env = (struct role_env){.settings = &rig->settings, .bundle = rig->bundle};
    rig->console = (struct console){.env = &rig->env};
    MUST(ledger_open(rig->path, &rig->console.ledger, NULL) == ERR_OK);
}

static void rig_release(struct rig *rig)
{
    ledger_close(rig->console.ledger);
    bundle_free(rig->bundle);
    (void)unlink(rig->path);
}

/* A case of that unit with one run. clock "reply@u2": a co-unit's. */
static void feed(
    struct rig *rig, const char *id, const char *clock, const char *outcome, const char *due)
{
    char facts[FACTS_BYTES];
    char position[32];
    const bool co_unit = strchr(clock, '@') != NULL;
    (void)snprintf(position, sizeof(position), "%d-0", rig->place++);
    (void)snprintf(
        facts, sizeof(facts),
        "[{\"k\":\"case\",\"id\":\"%s\",\"title\":\"事项%s\",\"unit\":\"u1\",\"handler\":\"p1\","
        "\"state\":\"open\",\"light\":\"green\",\"created\":1,\"updated\":1,\"runs\":[{\"clock\":"
        "\"%s\",\"run\":1,\"family\":\"reply\",\"start\":1,\"due\":%lld,\"outcome\":\"%s\","
        "\"stopped\":null,\"unit\":\"%s\",\"handler\":\"\"}]}]",
        id, id, clock, (long long)at(due).ms, outcome, co_unit ? "u2" : "u1");
    const struct journal_entry entry = {
        .partition = 0, .position = text_of(position), .facts = text_of(facts)};
    CHECK_EQ(ledger_apply(rig->console.ledger, &entry, 1, NULL), ERR_OK);
}

static struct morning *gather(struct rig *rig, const char *now, int *ret_pages)
{
    struct morning *morning = morning_begin(&rig->console, at(now));
    bool done = false;
    MUST(morning);
    for (*ret_pages = 0; !done && *ret_pages < 100; ++*ret_pages) {
        CHECK_EQ(morning_page(morning, &done), ERR_OK);
    }
    return morning;
}

/* "head1 2: 其中今日1件，已超期0件 | 事项a（3月4日16:00到期）" */
static void show(const struct morning *morning, size_t index, char *text, size_t bytes)
{
    struct buf json;
    struct text person;
    struct json_doc *doc = NULL;
    buf_init(&json, 65536);
    morning_write(morning, index, &json, &person);
    if (CHECK_EQ(json_parse(buf_view(&json), &json_limits_event, &doc, NULL), ERR_OK)) {
        const struct json_value *values = json_get(json_root(doc), "values");
        const struct text count = json_get_string(values, "count");
        const struct text stage = json_get_string(values, "stage");
        const struct text worst = json_get_string(values, "worst");
        (void)snprintf(
            text, bytes, "%.*s %.*s: %.*s | %.*s", TEXT_ARGS(person), TEXT_ARGS(count),
            TEXT_ARGS(stage), TEXT_ARGS(worst));
    }
    json_free(doc);
    buf_release(&json);
}

static void today_tomorrow_and_overdue_are_counted(void)
{
    struct rig rig;
    char text[512];
    int pages = 0;
    rig_init(&rig);
    feed(&rig, "a", "reply", "running", "2026-03-04T16:00:00+08:00"); /* a Wednesday */
    feed(&rig, "b", "reply", "running", "2026-03-05T00:00:00+08:00"); /* the end of today */
    feed(&rig, "c", "reply", "running", "2026-03-05T16:00:00+08:00");
    feed(&rig, "d", "reply", "running", "2026-03-06T09:00:00+08:00"); /* not yet */
    feed(&rig, "e", "reply", "missed", "2026-03-02T17:30:00+08:00");
    struct morning *morning = gather(&rig, "2026-03-04T08:20:00+08:00", &pages);
    if (CHECK_EQ(morning_count(morning), 1)) {
        show(morning, 0, text, sizeof(text));
        CHECK_STR(text, "head1 3: 其中今日2件，已超期1件 | 事项e（3月2日17:30到期，已超期）");
    }
    morning_free(morning);
    rig_release(&rig);
}

static void before_a_weekend_the_next_working_day_counts(void)
{
    struct rig rig;
    char text[512];
    int pages = 0;
    rig_init(&rig);
    feed(&rig, "a", "reply", "running", "2026-03-09T16:00:00+08:00"); /* Monday */
    struct morning *morning = gather(&rig, "2026-03-06T08:20:00+08:00", &pages);
    if (CHECK_EQ(morning_count(morning), 1)) {
        show(morning, 0, text, sizeof(text));
        CHECK_STR(
            text, "head1 1: 其中今日0件，另1件3月9日前，已超期0件 | 事项a（3月9日16:00到期）");
    }
    morning_free(morning);
    rig_release(&rig);
}

static void a_co_units_clock_is_on_its_own_desk(void)
{
    struct rig rig;
    char text[512];
    int pages = 0;
    rig_init(&rig);
    rig.settings.morning_to = to_all;
    rig.settings.morning_to_count = 2;
    feed(&rig, "a", "reply", "running", "2026-03-04T16:00:00+08:00");
    feed(&rig, "b", "reply@u2", "running", "2026-03-04T15:00:00+08:00");
    struct morning *morning = gather(&rig, "2026-03-04T08:20:00+08:00", &pages);
    CHECK_GE(morning_count(morning), 3); /* head1, head2, p1; whom no clerk stands for falls back */
    bool found = false;
    for (size_t index = 0; index < morning_count(morning); index++) {
        show(morning, index, text, sizeof(text));
        if (strncmp(text, "head2", 5) == 0) {
            found = true;
            CHECK(strstr(text, "事项b") != NULL);
        }
    }
    CHECK(found);
    morning_free(morning);
    rig_release(&rig);
}

static void with_nothing_to_say_nobody_is_told(void)
{
    struct rig rig;
    int pages = 0;
    rig_init(&rig);
    feed(&rig, "a", "reply", "running", "2026-03-20T16:00:00+08:00");
    feed(&rig, "b", "reply", "met", "2026-03-04T16:00:00+08:00");
    struct morning *morning = gather(&rig, "2026-03-04T08:20:00+08:00", &pages);
    CHECK_EQ(morning_count(morning), 0);
    morning_free(morning);
    rig_release(&rig);
}

static void many_cases_are_read_page_by_page_and_each_once(void)
{
    struct rig rig;
    char text[512];
    char id[16];
    int pages = 0;
    rig_init(&rig);
    for (int i = 0; i < 1201; i++) {
        (void)snprintf(id, sizeof(id), "k%04d", i);
        feed(&rig, id, "reply", "running", "2026-03-04T16:00:00+08:00");
    }
    struct morning *morning = gather(&rig, "2026-03-04T08:20:00+08:00", &pages);
    CHECK_GE(pages, 3);
    if (CHECK_EQ(morning_count(morning), 1)) {
        show(morning, 0, text, sizeof(text));
        CHECK_STR(text, "head1 1201: 其中今日1201件，已超期0件 | 事项k0000（3月4日16:00到期）");
    }
    morning_free(morning);
    rig_release(&rig);
}

static void the_same_morning_has_the_same_identity(void)
{
    struct rig rig;
    struct buf first;
    struct buf second;
    struct text person;
    int pages = 0;
    rig_init(&rig);
    feed(&rig, "a", "reply", "running", "2026-03-04T16:00:00+08:00");
    buf_init(&first, 65536);
    buf_init(&second, 65536);
    struct morning *morning = gather(&rig, "2026-03-04T08:20:00+08:00", &pages);
    morning_write(morning, 0, &first, &person);
    morning_free(morning);
    morning = gather(&rig, "2026-03-04T08:20:00+08:00", &pages);
    morning_write(morning, 0, &second, &person);
    CHECK_STR(first.ptr, second.ptr);
    morning_free(morning);
    buf_release(&first);
    buf_release(&second);
    rig_release(&rig);
}

int main(void)
{
    CHECK_RUN(today_tomorrow_and_overdue_are_counted);
    CHECK_RUN(before_a_weekend_the_next_working_day_counts);
    CHECK_RUN(a_co_units_clock_is_on_its_own_desk);
    CHECK_RUN(with_nothing_to_say_nobody_is_told);
    CHECK_RUN(many_cases_are_read_page_by_page_and_each_once);
    CHECK_RUN(the_same_morning_has_the_same_identity);
    return check_done();
}
