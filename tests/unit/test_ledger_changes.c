/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the ledger keeps of changes of the configuration: versions, drafts, sweeps; what replans,
 * waivers and objections say of runs; and a ledger of the format before.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "console/ledger_changes.h"
#include "console/ledger_internal.h"
#include "tests/support/check.h"
#include "tests/support/ledger_feed.h"

#define EVENT(key, id, type, data)                                                                 \
    "{\"k\":\"event\",\"case\":\"" key                                                             \
    "\",\"p\":0,\"pos\":\"5-0\",\"source\":\"/oa\",\"id\":\"" id "\",\"type\":\"case." type        \
    "\",\"time\":1000,\"arrived\":1000,\"rules\":1,\"verdict\":"                                   \
    "\"applied\",\"ce\":{\"id\":\"" id "\",\"data\":" data "}}"
#define RUN(due, outcome, stopped, unit)                                                           \
    "{\"clock\":\"reply\",\"run\":1,\"family\":\"reply\",\"title\":\"R\",\"start\":1000,"          \
    "\"due\":" due ",\"provisional\":false,\"outcome\":\"" outcome "\",\"stopped\":" stopped       \
    ",\"light\":\"red\",\"unit\":\"" unit "\",\"handler\":\"h\",\"rules\":1}"
#define CASE(key, state, light, updated, runs)                                                     \
    "{\"k\":\"case\",\"id\":\"" key "\",\"title\":\"Case " key "\",\"matter\":\"m01\",\"unit\":"   \
    "\"d01\",\"handler\":\"h\",\"from_unit\":\"d02\",\"number\":\"7\",\"labels\":{\"a\":\"b\"},"   \
    "\"state\":\"" state "\",\"light\":\"" light "\",\"created\":1000,\"updated\":" updated        \
    ",\"fault\":false,\"runs\":[" runs "]}"
#define CONFIG(version)                                                                            \
    "{\"k\":\"config\",\"version\":" version                                                       \
    ",\"at\":500,\"by\":\"li\",\"note\":\"n\",\"sha256\":"                                         \
    "\"s\",\"digest\":\"d\",\"from\":{\"draft\":\"d1\"}}"
#define DRAFT(state, more)                                                                         \
    "{\"k\":\"draft\",\"id\":\"d1\",\"at\":600,\"made_at\":600,\"by\":\"li\",\"note\":\"n\","      \
    "\"kind\":\"rules\",\"state\":\"" state                                                        \
    "\",\"approved_by\":\"wang\",\"approved_at\":700,\"apply_at\":900,\"base_version\":1,"         \
    "\"digest\":\"e\",\"version\":null,\"why\":\"\"" more "}"
#define REPLAN(done, state)                                                                        \
    "{\"k\":\"replan\",\"id\":\"r1\",\"at\":800,\"by\":\"li\",\"note\":\"n\",\"kind\":\"replan\"," \
    "\"version\":2,\"undo\":\"\",\"state\":\"" state "\",\"done\":" done                           \
    ",\"total\":70,\"after\":\"c1\",\"why\":\"\"}"

#define WAIVE_DATA "{\"clock\":\"reply\",\"reason\":\"typhoon\",\"approved_by\":\"x\"}"

/* A completed case whose miss was waived, a version, a draft and a sweep under way. */
static const char *const lines[] = {
    "[" EVENT("c1", "e1", "received", "{}") "," EVENT("c1", "w1", "waived", WAIVE_DATA) "," CASE(
        "c1", "completed", "green", "4000", RUN("2000", "missed", "3900", "d01")) "]",
    "[" CONFIG("1") "," DRAFT("drafted", ",\"bundle\":{\"a\":1}") "]",
    "[" DRAFT("approved", "") "," REPLAN("0", "running") "]",
    "[" REPLAN("64", "running") "]",
};

static struct ledger *open_at(const char *path)
{
    struct ledger *ledger = NULL;
    struct err_why why = {0};
    const enum err err = ledger_open(path, &ledger, &why);
    check_note("%s", why.text);
    return CHECK_EQ(err, ERR_OK) ? ledger : NULL;
}

static void feed(struct ledger *ledger, int place, const char *facts)
{
    char position[32];
    (void)snprintf(position, sizeof(position), "%d-0", place);
    const struct journal_entry entry = {
        .partition = 0, .position = text_of(position), .facts = text_of(facts)};
    CHECK_EQ(ledger_apply(ledger, &entry, 1, NULL), ERR_OK);
}

static void feed_all(struct ledger *ledger)
{
    for (size_t index = 0; index < sizeof(lines) / sizeof(lines[0]); index++) {
        feed(ledger, (int)index + 10, lines[index]);
    }
}

static void remove_ledger(const char *path)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    for (size_t index = 0; index < 3; index++) {
        char name[560];
        (void)snprintf(name, sizeof(name), "%s%s", path, ends[index]);
        (void)unlink(name);
    }
}

/* ---- changes of the configuration ---- */

static bool keep_version(void *context, const struct ledger_version *row)
{
    char *out = context;
    const size_t bytes = strlen(out);
    (void)snprintf(
        out + bytes, 256 - bytes, "%lld by %.*s from %.*s digest %.*s bundle %d;",
        (long long)row->version, TEXT_ARGS(row->by), TEXT_ARGS(row->origin), TEXT_ARGS(row->digest),
        row->has_bundle);
    return true;
}

static bool keep_draft(void *context, const struct ledger_draft *row)
{
    (void)snprintf(
        context, 256, "%.*s %.*s by %.*s approved %.*s apply %lld", TEXT_ARGS(row->id),
        TEXT_ARGS(row->state), TEXT_ARGS(row->by), TEXT_ARGS(row->approved_by),
        (long long)row->apply_at.ms);
    return true;
}

static bool keep_replan(void *context, const struct ledger_replan *row)
{
    (void)snprintf(
        context, 256, "%.*s %.*s %lld of %lld after %.*s", TEXT_ARGS(row->id),
        TEXT_ARGS(row->state), (long long)row->done, (long long)row->total,
        TEXT_ARGS(row->after_case));
    return true;
}

static void versions_drafts_and_sweeps_are_kept(void)
{
    struct ledger *ledger = open_at(":memory:");
    struct list_end end;
    struct buf bundle;
    char row[256] = "";
    char id[CHANGE_ID_BYTES];
    int64_t number = 0;
    if (!ledger) {
        return;
    }
    feed_all(ledger);
    const struct version_query versions = {.limit = 5};
    CHECK_EQ(ledger_version_lacking(ledger, &number), ERR_OK);
    CHECK_EQ(number, 1);
    CHECK_EQ(ledger_keep_bundle(ledger, 1, TEXT_LITERAL("{}")), ERR_OK);
    CHECK_EQ(ledger_version_lacking(ledger, &number), ERR_OK);
    CHECK_EQ(number, 0);
    CHECK_EQ(ledger_versions(ledger, &versions, keep_version, row, &end), ERR_OK);
    CHECK_STR(row, "1 by li from {\"draft\":\"d1\"} digest d bundle 1;");
    const struct draft_query drafts = {.limit = 5};
    CHECK_EQ(ledger_drafts(ledger, &drafts, keep_draft, row, &end), ERR_OK);
    CHECK_STR(row, "d1 approved by li approved wang apply 900");
    buf_init(&bundle, 1000);
    CHECK_EQ(ledger_draft_bundle(ledger, TEXT_LITERAL("d1"), &bundle), ERR_OK);
    CHECK(text_is(buf_view(&bundle), "{\"a\":1}"));
    CHECK_EQ(ledger_draft_bundle(ledger, TEXT_LITERAL("d2"), &bundle), ERR_NOT_FOUND);
    buf_release(&bundle);
    CHECK_EQ(ledger_draft_next(ledger, id, &number), ERR_OK);
    CHECK_STR(id, "d1");
    CHECK_EQ(number, 900);
    const struct replan_query replans = {.limit = 5, .state = TEXT_LITERAL("running")};
    CHECK_EQ(ledger_replans(ledger, &replans, keep_replan, row, &end), ERR_OK);
    CHECK_STR(row, "r1 running 64 of 70 after c1");
    CHECK_EQ(ledger_replan_last_number(ledger, &number), ERR_OK);
    CHECK_EQ(number, 1);
    ledger_close(ledger);
}

static bool keep_id(void *context, struct text id)
{
    char *out = context;
    const size_t bytes = strlen(out);
    (void)snprintf(out + bytes, 256 - bytes, "%.*s;", TEXT_ARGS(id));
    return true;
}

static void check_open(struct ledger *ledger, const char *after, const char *ids)
{
    char row[256] = "";
    const struct open_query query = {.after = text_of(after), .limit = 3};
    CHECK_EQ(ledger_open_cases(ledger, &query, keep_id, row), ERR_OK);
    CHECK_STR(row, ids);
}

static void open_cases_come_in_the_order_of_their_ids(void)
{
    struct ledger *ledger = open_at(":memory:");
    int64_t count = 0;
    if (!ledger) {
        return;
    }
    feed_all(ledger); /* c1 is completed and stopped */
    ledger_feed_case(ledger, "b", "d01", "running");
    ledger_feed_case(ledger, "a", "d01", "missed");
    ledger_feed_case(ledger, "d", "d01", "met");
    CHECK_EQ(ledger_open_count(ledger, &count), ERR_OK);
    CHECK_EQ(count, 3);
    check_open(ledger, "", "a;b;d;");
    check_open(ledger, "a", "b;d;");
    check_open(ledger, "d", "");
    ledger_close(ledger);
}

struct case_marks {
    char text[256];
};

static bool keep_marks(void *context, const struct ledger_case *row)
{
    struct case_marks *marks = context;
    (void)snprintf(
        marks->text, sizeof(marks->text), "%lld %.*s;", (long long)row->objected.ms,
        TEXT_ARGS(row->objected_by));
    return false;
}

static bool keep_run_marks(void *context, const struct ledger_run *row)
{
    struct case_marks *marks = context;
    const size_t bytes = strlen(marks->text);
    (void)snprintf(
        marks->text + bytes, sizeof(marks->text) - bytes, "%.*s %d %d %.*s;",
        TEXT_ARGS(row->appeal), row->rule_change, row->waived, TEXT_ARGS(row->waiting_for));
    return true;
}

static void a_miss_that_only_a_new_rule_made_does_not_count(void)
{
    static const char *const cases[] = {
        "[{\"k\":\"case\",\"id\":\"y1\",\"unit\":\"d01\",\"state\":\"open\",\"light\":\"red\","
        "\"created\":1,\"updated\":1,\"objected\":{\"at\":5,\"by\":\"h\"},\"runs\":["
        "{\"clock\":\"reply\",\"run\":1,\"family\":\"reply\",\"outcome\":\"missed\",\"unit\":"
        "\"d01\",\"waived\":false,\"appeal\":\"open\",\"rule_change\":true,\"waiting_for\":"
        "[\"d03\"]}]}]",
        "[{\"k\":\"case\",\"id\":\"y2\",\"unit\":\"d01\",\"state\":\"open\",\"light\":\"red\","
        "\"created\":1,\"updated\":1,\"objected\":null,\"runs\":["
        "{\"clock\":\"reply\",\"run\":1,\"family\":\"reply\",\"outcome\":\"missed\",\"unit\":"
        "\"d01\",\"waived\":true,\"appeal\":\"granted\",\"rule_change\":false,\"waiting_for\":[]},"
        "{\"clock\":\"reply\",\"run\":2,\"family\":\"reply\",\"outcome\":\"missed\",\"unit\":"
        "\"d01\",\"waived\":false,\"appeal\":\"none\",\"rule_change\":false,\"waiting_for\":[]}]}]",
    };
    struct ledger *ledger = open_at(":memory:");
    char row[256] = "";
    for (size_t index = 0; ledger && index < 2; index++) {
        feed(ledger, (int)index + 50, cases[index]);
    }
    if (ledger) {
        CHECK_EQ(ledger_family_figures(ledger, ledger_feed_figure, row), ERR_OK);
        CHECK_STR(row, "reply/ 0:1;");
        struct case_marks marks = {0};
        CHECK_EQ(ledger_case_read(ledger, TEXT_LITERAL("y1"), keep_marks, &marks), ERR_OK);
        CHECK_EQ(ledger_runs(ledger, TEXT_LITERAL("y1"), keep_run_marks, &marks), ERR_OK);
        CHECK_STR(marks.text, "5 h;open 1 0 [\"d03\"];");
    }
    ledger_close(ledger);
}

static bool count_case(void *context, const struct ledger_case *row)
{
    (void)row;
    ++*(int64_t *)context;
    return true;
}

/* A ledger as format 1 left it: what it holds is kept, and counted as before. */
static void a_ledger_of_format_1_is_brought_up(void)
{
    static const char rows[] =
        "INSERT INTO config_acts VALUES(3, 5, 'console-1', 'read again', 'x');"
        "INSERT INTO cases VALUES('c1', '取水', 'm01', 'd01', 'h', 'd02', '7', '{\"a\":\"b\"}',"
        " 'completed', 'green', 1000, 4000, 253402300799999, 0, '1');"
        "INSERT INTO runs VALUES('c1', 'reply', 1, 'reply', 'R', 1000, 2000, 0, 'missed', 3900,"
        " 'green', 'd01', 'h', 1);"
        "INSERT INTO waivers VALUES('/oa', 'w1', 'c1', 'reply', 'typhoon', 'x', 1000);"
        "INSERT INTO figures VALUES('reply', 'd01', 0, 0, 0);";
    const char *folder = getenv("TMPDIR");
    char path[512];
    char row[256] = "";
    struct list_end end;
    (void)snprintf(
        path, sizeof(path), "%s/test-older-%d.db", folder ? folder : "/tmp", (int)getpid());
    if (!CHECK(ledger_feed_older(path, 1, rows))) {
        return;
    }
    struct ledger *ledger = NULL;
    ledger = open_at(path);
    if (ledger) {
        const struct version_query versions = {.limit = 5};
        CHECK_EQ(ledger_versions(ledger, &versions, keep_version, row, &end), ERR_OK);
        CHECK_STR(row, "3 by console-1 from null digest  bundle 0;");
        row[0] = '\0';
        ledger_feed_case(ledger, "x2", "d02", "missed");
        CHECK_EQ(ledger_family_figures(ledger, ledger_feed_figure, row), ERR_OK);
        CHECK_STR(row, "reply/ 0:1;"); /* c1 stays waived */
        struct list_end found = {0};
        const struct case_query search = {
            .q = TEXT_LITERAL("取"), .status = TEXT_LITERAL("met"), .limit = 5};
        int64_t count = 0;
        CHECK_EQ(ledger_cases(ledger, &search, count_case, &count, &found), ERR_OK);
        CHECK_EQ(count, 1);
    }
    ledger_close(ledger);
    remove_ledger(path);
}

int main(int argc, char **argv)
{
    log_set_level(LOG_ERROR);
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(versions_drafts_and_sweeps_are_kept);
    CHECK_RUN(open_cases_come_in_the_order_of_their_ids);
    CHECK_RUN(a_miss_that_only_a_new_rule_made_does_not_count);
    CHECK_RUN(a_ledger_of_format_1_is_brought_up);
    return check_done();
}
