/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger: facts in, rows out. Whatever order the partitions are read in, however often an
 * entry is fed, wherever the process dies: the rows are the same in the end.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/prng.h"
#include "console/ledger_forget.h"
#include "console/ledger_internal.h"
#include "console/ledger_read.h"
#include "tests/support/check.h"
#include "tests/support/ledger_dump.h"
#include "tests/support/ledger_feed.h"

/* ---- a small journal of three partitions ---- */

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
#define ALERT(id, key, status)                                                                     \
    "{\"k\":\"alert\",\"id\":\"" id "\",\"case\":\"" key "\",\"clock\":\"reply\",\"run\":1,"       \
    "\"stage\":\"overdue\",\"title\":\"T\",\"instant\":2000,\"fired_at\":2000,\"status\":"         \
    "\"" status                                                                                    \
    "\",\"light\":\"red\",\"late\":false,\"to\":[\"p1\"],\"via\":[\"sms\"],\"template\":"          \
    "\"overdue\",\"ordinal\":1,\"fault\":false}"
#define MESSAGE(id, state, at, text)                                                               \
    "{\"k\":\"message\",\"id\":\"" id "\",\"alert\":\"a1\",\"case\":\"c1\",\"clock\":\"reply\","   \
    "\"stage\":\"overdue\",\"person\":\"p1\",\"channel\":\"sms\",\"state\":\"" state               \
    "\",\"at\":" at ",\"attempts\":1,\"reason\":\"\",\"text\":\"" text "\",\"gateway_id\":\"\"}"
#define RECEIPT(id, state, at)                                                                     \
    "{\"k\":\"receipt\",\"message\":\"" id "\",\"channel\":\"sms\",\"state\":\"" state             \
    "\",\"at\":" at ",\"code\":\"0\"}"
#define REJECT(reason)                                                                             \
    "{\"k\":\"reject\",\"at\":3000,\"via\":\"http\",\"reason\":\"" reason "\",\"bytes\":3,"        \
    "\"sha256\":\"x\",\"head\":\"abc\",\"pos\":\"\"}"

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

struct line {
    int32_t partition;
    const char *position;
    const char *facts;
};

#define ACK_DATA   "{\"alert\":\"a1\",\"by\":\"p1\",\"clock\":\"reply\"}"
#define WAIVE_DATA "{\"clock\":\"reply\",\"reason\":\"typhoon\",\"approved_by\":\"x\"}"
#define DUE_2000   RUN("2000", "running", "null", "d01")
#define MISSED     RUN("2000", "missed", "null", "d01")
#define STOPPED    RUN("2000", "missed", "3900", "d01")

/* Partition 0: the case. 1: the messages of its person. 2: receipts and rejects. */
/* clang-format off */
static const struct line journal[] = {
    {0, "10-0", "[" EVENT("c1", "e1", "received", "{}") ","
                CASE("c1", "open", "green", "1000", DUE_2000) "]"},
    {0, "10-1", "[" CASE("c1", "open", "red", "2000", MISSED) "," ALERT("a1", "c1", "fired") "]"},
    {0, "11-0", "[" EVENT("c1", "e1", "received", "{}") ","
                EVENT("c1", "k1", "acknowledged", ACK_DATA) "]"},
    {0, "12-0", "[" EVENT("c1", "w1", "waived", WAIVE_DATA) "," ALERT("a1", "c1", "overtaken") ","
                CASE("c1", "completed", "green", "4000", STOPPED) "]"},
    {0, "13-0", "[" CONFIG("1") "," DRAFT("drafted", ",\"bundle\":{\"a\":1}") "]"},
    {0, "14-0", "[" DRAFT("approved", "") "," REPLAN("0", "running") "]"},
    {0, "15-0", "[" REPLAN("64", "running") "]"},
    {1, "10-0", "[" MESSAGE("m1", "held", "2000", "") "]"},
    {1, "10-5", "[" MESSAGE("m1", "sending", "2100", "hello") "]"},
    {1, "11-0", "[" MESSAGE("m1", "accepted", "2200", "") ","
                MESSAGE("m2", "held", "2200", "") "]"},
    {1, "12-0", "[" MESSAGE("m2", "unsure", "2300", "again") "]"},
    {2, "9-0", "[" RECEIPT("m1", "queued", "2250") "]"},
    {2, "11-0", "[" RECEIPT("m1", "delivered", "2400") "," REJECT("subject: missing") "]"},
    {2, "11-7", "[" RECEIPT("m1", "undelivered", "2390") ","
                RECEIPT("m2", "delivered", "2500") "]"},
    {2, "12-0", "[{\"k\":\"riddle\"}," REJECT("not usable JSON: 1:1: no") ",7]"},
};
/* clang-format on */
#define LINES (sizeof(journal) / sizeof(journal[0]))

static struct journal_entry entry_of(size_t index)
{
    return (struct journal_entry){
        .partition = journal[index].partition,
        .position = text_of(journal[index].position),
        .facts = text_of(journal[index].facts),
    };
}

static struct ledger *open_at(const char *path)
{
    struct ledger *ledger = NULL;
    struct err_why why = {0};
    const enum err err = ledger_open(path, &ledger, &why);
    check_note("%s", why.text);
    return CHECK_EQ(err, ERR_OK) ? ledger : NULL;
}

static bool feed_one(struct ledger *ledger, size_t index)
{
    const struct journal_entry entry = entry_of(index);
    struct err_why why = {0};
    const enum err err = ledger_apply(ledger, &entry, 1, &why);
    check_note("line %zu: %s", index, why.text);
    return CHECK_EQ(err, ERR_OK);
}

static void feed_all(struct ledger *ledger)
{
    for (size_t index = 0; index < LINES; index++) {
        (void)feed_one(ledger, index);
    }
}

static char *dump_of_all(void)
{
    struct ledger *ledger = open_at(":memory:");
    if (!ledger) {
        return NULL;
    }
    feed_all(ledger);
    char *text = ledger_dump(ledger);
    ledger_close(ledger);
    return text;
}

/* ---- facts ---- */

static void feeding_everything_twice_changes_no_row(void)
{
    struct ledger *ledger = open_at(":memory:");
    if (!ledger) {
        return;
    }
    feed_all(ledger);
    char *once = ledger_dump(ledger);
    CHECK(once && strstr(once, "cases: 'c1'") && strstr(once, "rejects: 2"));
    feed_all(ledger);
    char *twice = ledger_dump(ledger);
    CHECK_STR(twice, once);
    free(once);
    free(twice);
    ledger_close(ledger);
}

/* Any interleaving that keeps the order within each partition. */
static void the_order_of_the_partitions_does_not_matter(void)
{
    const uint64_t seeds = getenv("NRT_LONG") ? 1000 : 120;
    char *expected = dump_of_all();
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        struct prng prng;
        struct ledger *ledger = open_at(":memory:");
        size_t next[3] = {0, 7, 11};
        const size_t end[3] = {7, 11, LINES};
        prng_seed(&prng, seed);
        if (!ledger) {
            break;
        }
        while (next[0] < end[0] || next[1] < end[1] || next[2] < end[2]) {
            const size_t partition = (size_t)prng_below(&prng, 3);
            if (next[partition] < end[partition]) {
                (void)feed_one(ledger, next[partition]++);
            }
        }
        char *got = ledger_dump(ledger);
        check_note("seed %llu", (unsigned long long)seed);
        const bool same = CHECK_STR(got, expected);
        free(got);
        ledger_close(ledger);
        if (!same) {
            break;
        }
    }
    free(expected);
}

/* Feed what comes after the ledger's own positions, as the feed does. */
static void feed_rest(const char *path)
{
    struct ledger *ledger = NULL;
    if (ledger_open(path, &ledger, NULL)) {
        _exit(3);
    }
    for (size_t index = 0; index < LINES; index++) {
        const struct journal_entry entry = entry_of(index);
        if (!ledger_has_reached(ledger, entry.partition, entry.position) &&
            ledger_apply(ledger, &entry, 1, NULL)) {
            _exit(4);
        }
    }
    ledger_close(ledger);
}

/* This program again, as a process that feeds the ledger and is killed on the way. */
static int run_to_its_death(const char *path, const char *failpoint)
{
    const pid_t pid = fork();
    if (pid == 0) {
        (void)setenv("NRT_FAILPOINT", failpoint, 1);
        (void)execl("/proc/self/exe", "test_ledger", "feed", path, (char *)NULL);
        _exit(5);
    }
    int status = 0;
    (void)waitpid(pid, &status, 0);
    return status;
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

static void killed_at_any_boundary_it_goes_on_to_the_same_rows(void)
{
    static const char *const names[] = {"ledger_before_commit", "ledger_after_commit"};
    const char *folder = getenv("TMPDIR");
    char path[512];
    char *expected = dump_of_all();
    (void)snprintf(
        path, sizeof(path), "%s/test-ledger-%d.db", folder ? folder : "/tmp", (int)getpid());
    for (size_t pass = 1; pass <= LINES; pass++) {
        for (size_t name = 0; name < 2; name++) {
            char failpoint[64];
            (void)snprintf(failpoint, sizeof(failpoint), "%s:kill:%zu", names[name], pass);
            check_note("%s", failpoint);
            const int status = run_to_its_death(path, failpoint);
            CHECK(WIFSIGNALED(status));
            feed_rest(path);
            struct ledger *ledger = open_at(path);
            char *got = ledger ? ledger_dump(ledger) : NULL;
            CHECK_STR(got, expected);
            free(got);
            ledger_close(ledger);
            remove_ledger(path);
        }
    }
    free(expected);
}

static void a_batch_that_cannot_be_written_leaves_nothing(void)
{
    struct ledger *ledger = open_at(":memory:");
    struct err_why why = {0};
    if (!ledger) {
        return;
    }
    CHECK_EQ(sql_exec(ledger->db, "DROP TABLE messages", &why), ERR_OK);
    const struct journal_entry entries[] = {entry_of(0), entry_of(7)};
    CHECK(ledger_apply(ledger, entries, 2, &why) != ERR_OK);
    CHECK(text_is(ledger_position(ledger, 0), "0-0"));
    struct sql_stmt *stmt = NULL;
    bool row = true;
    CHECK_EQ(sql_prepare(ledger->db, "SELECT 1 FROM cases", &stmt, NULL), ERR_OK);
    CHECK_EQ(sql_step(stmt, &row, NULL), ERR_OK);
    CHECK(!row);
    sql_finalize(stmt);
    ledger_close(ledger);
}

static void an_entry_that_is_no_json_is_kept_and_does_not_stop_the_feed(void)
{
    struct ledger *ledger = open_at(":memory:");
    if (!ledger) {
        return;
    }
    const struct journal_entry entries[] = {
        {0, TEXT_LITERAL("1-0"), TEXT_LITERAL("not json")},
        {0, TEXT_LITERAL("2-0"), TEXT_LITERAL("{\"k\":\"case\"}")},
        {0, TEXT_LITERAL("3-0"),
         TEXT_LITERAL("[{\"k\":\"case\"},{\"k\":\"receipt\",\"message\":"
                      "\"m\",\"state\":\"lost\"}]")},
    };
    CHECK_EQ(ledger_apply(ledger, entries, 3, NULL), ERR_OK);
    char *rows = ledger_dump(ledger);
    size_t oddities = 0;
    for (const char *at = rows; (at = strstr(at, "oddities: ")); at++) {
        oddities++;
    }
    CHECK_EQ(oddities, 4);
    CHECK(strstr(rows, "messages: ") == NULL);
    free(rows);
    CHECK(text_is(ledger_position(ledger, 0), "3-0"));
    ledger_close(ledger);
}

static void positions_compare_as_numbers(void)
{
    CHECK(position_compare(TEXT_LITERAL("9-0"), TEXT_LITERAL("10-0")) < 0);
    CHECK(position_compare(TEXT_LITERAL("10-2"), TEXT_LITERAL("10-10")) < 0);
    CHECK(position_compare(TEXT_LITERAL("10-2"), TEXT_LITERAL("10-2")) == 0);
    CHECK(position_compare(TEXT_LITERAL("0-1"), TEXT_LITERAL("rubbish")) > 0);
}

/* ---- queries ---- */

static bool keep_message(void *context, const struct ledger_message *row)
{
    char *out = context;
    (void)snprintf(
        out, 256, "%.*s %.*s text=%.*s accepted=%lld delivered=%lld acked=%lld due=%lld",
        TEXT_ARGS(row->id), TEXT_ARGS(row->state), TEXT_ARGS(row->body),
        (long long)row->accepted.ms, (long long)row->delivered.ms, (long long)row->acked.ms,
        (long long)row->due.ms);
    return true;
}

static void a_message_shows_the_best_that_is_known_of_it(void)
{
    struct ledger *ledger = open_at(":memory:");
    struct list_end end;
    char row[256] = "";
    if (!ledger) {
        return;
    }
    feed_all(ledger);
    const struct message_query first = {.id = TEXT_LITERAL("m1"), .limit = 1};
    CHECK_EQ(ledger_messages(ledger, &first, keep_message, row, &end), ERR_OK);
    CHECK_STR(row, "m1 delivered text=hello accepted=2200 delivered=2400 acked=1000 due=2000");
    const struct message_query unsure = {.id = TEXT_LITERAL("m2"), .limit = 1};
    CHECK_EQ(ledger_messages(ledger, &unsure, keep_message, row, &end), ERR_OK);
    CHECK_STR(row, "m2 delivered text=again accepted=0 delivered=2500 acked=1000 due=2000");
    ledger_close(ledger);
}

static void a_rate_counts_what_was_met_and_missed_and_no_waived_miss(void)
{
    struct ledger *ledger = open_at(":memory:");
    char row[256] = "";
    if (!ledger) {
        return;
    }
    feed_all(ledger); /* c1 was missed, and waived */
    ledger_feed_case(ledger, "x1", "d02", "met");
    ledger_feed_case(ledger, "x2", "d02", "missed");
    ledger_feed_case(ledger, "x3", "d03", "missed");
    ledger_feed_case(ledger, "x4", "d02", "missed");
    ledger_feed_case(ledger, "x5", "d02", "missed");
    ledger_feed_case(ledger, "x6", "d02", "running");
    ledger_feed_case(ledger, "x7", "d02", "cancelled");
    CHECK_EQ(ledger_family_figures(ledger, ledger_feed_figure, row), ERR_OK);
    CHECK_STR(row, "reply/ 1:4;");
    ledger_feed_units(ledger, row);
    CHECK_STR(row, "reply/d02 1:3;reply/d03 0:1;");
    /* A late event may turn a miss into met, a transfer may move it: the figures follow. */
    ledger_feed_case(ledger, "x3", "d03", "met");
    ledger_feed_case(ledger, "x5", "d04", "missed");
    ledger_feed_units(ledger, row);
    CHECK_STR(row, "reply/d02 1:2;reply/d03 1:0;reply/d04 0:1;");
    ledger_close(ledger);
}

static bool keep_count(void *context, const struct ledger_count *row)
{
    char *out = context;
    const size_t bytes = strlen(out);
    (void)snprintf(
        out + bytes, 256 - bytes, "%.*s.%.*s=%lld;", TEXT_ARGS(row->word), TEXT_ARGS(row->other),
        (long long)row->count);
    return true;
}

static void counts_are_those_of_the_rows(void)
{
    struct ledger *ledger = open_at(":memory:");
    struct list_end end;
    char row[256] = "";
    if (!ledger) {
        return;
    }
    feed_all(ledger);
    ledger_feed_case(ledger, "x1", "d02", "running");
    ledger_feed_case(ledger, "x2", "d02", "running");
    CHECK_EQ(ledger_counts(ledger, COUNT_CASES, keep_count, row), ERR_OK);
    CHECK_STR(row, "completed.green=1;open.red=2;");
    row[0] = '\0';
    CHECK_EQ(ledger_counts(ledger, COUNT_MESSAGES, keep_count, row), ERR_OK);
    CHECK_STR(row, "delivered.=2;");
    const struct message_query query = {.state = TEXT_LITERAL("delivered"), .limit = 9};
    CHECK_EQ(ledger_messages(ledger, &query, keep_message, row, &end), ERR_OK);
    CHECK(strstr(row, "m1 delivered") != NULL);
    ledger_close(ledger);
}

struct seen {
    int64_t count;
    int64_t last;
    bool ordered;
    bool limited;
    char ids[64][16];
};

static bool see_case(void *context, const struct ledger_case *row)
{
    struct seen *seen = context;
    for (int64_t index = 0; index < seen->count; index++) {
        CHECK(!text_is(row->id, seen->ids[index]));
    }
    (void)snprintf(seen->ids[seen->count++], 16, "%.*s", TEXT_ARGS(row->id));
    seen->ordered = seen->ordered && row->updated >= seen->last;
    seen->last = row->updated;
    return true;
}

static void pages_of_cases_show_each_once_in_order(void)
{
    struct ledger *ledger = open_at(":memory:");
    struct seen seen = {.ordered = true};
    struct list_end end = {0};
    if (!ledger) {
        return;
    }
    for (int index = 0; index < 40; index++) {
        char id[24];
        (void)snprintf(id, sizeof(id), "case-%d", index);
        ledger_feed_case(ledger, id, index % 2 ? "d01" : "d02", "running");
    }
    struct case_query query = {.limit = 7, .unit = TEXT_LITERAL("d01")};
    do {
        char tie[sizeof(end.tie)];
        (void)snprintf(tie, sizeof(tie), "%s", end.tie);
        query.after =
            (struct ledger_key){.given = seen.count > 0, .number = end.number, .tie = text_of(tie)};
        CHECK_EQ(ledger_cases(ledger, &query, see_case, &seen, &end), ERR_OK);
    } while (end.more && seen.count < 60);
    CHECK_EQ(seen.count, 20);
    CHECK(seen.ordered);
    ledger_close(ledger);
}

static void a_search_finds_a_part_of_the_title(void)
{
    struct ledger *ledger = open_at(":memory:");
    struct seen seen = {.ordered = true};
    struct list_end end;
    if (!ledger) {
        return;
    }
    ledger_feed_case(ledger, "abc", "d01", "running");
    ledger_feed_case(ledger, "def", "d01", "running");
    const struct case_query query = {.limit = 5, .q = TEXT_LITERAL("于abc的")};
    CHECK_EQ(ledger_cases(ledger, &query, see_case, &seen, &end), ERR_OK);
    CHECK_EQ(seen.count, 1);
    CHECK(!end.more);
    ledger_close(ledger);
}

static bool see_overdue(void *context, const struct ledger_overdue_row *row)
{
    struct seen *seen = context;
    for (int64_t index = 0; index < seen->count; index++) {
        CHECK(!text_is(row->of.id, seen->ids[index]));
    }
    (void)snprintf(seen->ids[seen->count++], 16, "%.*s", TEXT_ARGS(row->of.id));
    seen->ordered = seen->ordered && row->run.due.ms >= seen->last;
    seen->last = row->run.due.ms;
    return true;
}

static void the_overdue_list_begins_with_the_worst_and_pages_over_equal_dues(void)
{
    struct ledger *ledger = open_at(":memory:");
    struct seen seen = {.ordered = true};
    struct list_end end = {0};
    if (!ledger) {
        return;
    }
    for (int index = 0; index < 30; index++) {
        char id[24];
        (void)snprintf(id, sizeof(id), "case-%d", index);
        ledger_feed_case(ledger, id, "d01", index % 3 ? "missed" : "met");
    }
    struct overdue_query query = {.limit = 3};
    do {
        char tie[sizeof(end.tie)];
        (void)snprintf(tie, sizeof(tie), "%s", end.tie);
        query.after =
            (struct ledger_key){.given = seen.count > 0, .number = end.number, .tie = text_of(tie)};
        CHECK_EQ(ledger_overdue(ledger, &query, see_overdue, &seen, &end), ERR_OK);
    } while (end.more && seen.count < 60);
    CHECK_EQ(seen.count, 20);
    CHECK(seen.ordered);
    query = (struct overdue_query){.limit = 50, .unit = TEXT_LITERAL("d09")};
    seen.count = 0;
    CHECK_EQ(ledger_overdue(ledger, &query, see_overdue, &seen, &end), ERR_OK);
    CHECK_EQ(seen.count, 0);
    ledger_close(ledger);
}

/* A list that has to look at every row would not do with a million. */
static void every_list_uses_an_index(void)
{
    static const char *const queries[] = {
        "SELECT * FROM cases c WHERE c.unit = 'a' AND (c.updated, c.id) < (1, 'a')"
        " ORDER BY c.updated DESC, c.id DESC LIMIT 51",
        "SELECT * FROM cases c ORDER BY c.due ASC, c.id ASC LIMIT 51",
        "SELECT * FROM cases c WHERE c.state = 'open' AND c.light = 'red'"
        " ORDER BY c.updated DESC, c.id DESC LIMIT 51",
        "SELECT * FROM runs r WHERE r.outcome = 'missed' AND r.stopped IS NULL AND r.due >= 3"
        " ORDER BY r.due LIMIT 51",
        "SELECT * FROM alerts a WHERE (a.fired_at, a.id) < (1, 'a')"
        " ORDER BY a.fired_at DESC, a.id DESC LIMIT 51",
        "SELECT * FROM messages m WHERE m.accepted_at IS NOT NULL"
        " ORDER BY m.accepted_at DESC, m.id DESC LIMIT 31",
        "SELECT * FROM messages m WHERE m.alert = 'a' ORDER BY m.at DESC, m.id DESC LIMIT 51",
        "SELECT DISTINCT case_id FROM runs WHERE stopped IS NULL AND outcome IN ('running',"
        " 'paused', 'missed') AND case_id > 'a' ORDER BY case_id LIMIT 64",
        "SELECT id FROM cases WHERE state NOT IN ('completed', 'withdrawn') AND id > 'a'"
        " ORDER BY id LIMIT 64",
        "SELECT * FROM events WHERE (arrived, case_id, source, id) > (1, 'a', 'b', 'c')"
        " ORDER BY arrived, case_id, source, id LIMIT 100",
        "SELECT id, apply_at FROM drafts WHERE state = 'approved' AND apply_at IS NOT NULL"
        " ORDER BY apply_at LIMIT 1",
        "SELECT * FROM messages m WHERE m.shown = 'dead' ORDER BY m.at DESC, m.id DESC LIMIT 51",
    };
    struct ledger *ledger = open_at(":memory:");
    for (size_t index = 0; ledger && index < sizeof(queries) / sizeof(queries[0]); index++) {
        struct sql_stmt *stmt = NULL;
        char text[512];
        bool row = false;
        (void)snprintf(text, sizeof(text), "EXPLAIN QUERY PLAN %s", queries[index]);
        CHECK_EQ(sql_prepare(ledger->db, text, &stmt, NULL), ERR_OK);
        CHECK_EQ(sql_step(stmt, &row, NULL), ERR_OK);
        const struct text plan = sql_text(stmt, 3);
        check_note("%s: %.*s", queries[index], TEXT_ARGS(plan));
        CHECK(row && memmem(plan.ptr, plan.bytes, "INDEX", 5));
        sql_finalize(stmt);
    }
    ledger_close(ledger);
}

static void a_ledger_of_a_newer_program_is_refused(void)
{
    const char *folder = getenv("TMPDIR");
    char path[512];
    struct err_why why = {0};
    struct ledger *ledger = NULL;
    (void)snprintf(
        path, sizeof(path), "%s/test-newer-%d.db", folder ? folder : "/tmp", (int)getpid());
    ledger = open_at(path);
    if (ledger) {
        CHECK_EQ(sql_exec(ledger->db, "PRAGMA user_version = 99", &why), ERR_OK);
    }
    ledger_close(ledger);
    CHECK_EQ(ledger_open(path, &ledger, &why), ERR_CORRUPT);
    remove_ledger(path);
}

static void old_texts_and_rejects_go_and_nothing_else(void)
{
    struct ledger *ledger = open_at(":memory:");
    bool more = true;
    if (!ledger) {
        return;
    }
    feed_all(ledger);
    char *before = ledger_dump(ledger);
    for (int turn = 0; more && turn < 10; turn++) {
        CHECK_EQ(ledger_forget(ledger, 2250, 1, &more, NULL), ERR_OK);
    }
    CHECK(!more);
    char *after = ledger_dump(ledger);
    CHECK(before && strstr(before, "'hello'") && after && !strstr(after, "'hello'"));
    CHECK(after && strstr(after, "'again'") && strstr(after, "rejects: 2"));
    CHECK_EQ(ledger_forget(ledger, 3001, 9, &more, NULL), ERR_OK);
    free(after);
    after = ledger_dump(ledger);
    CHECK(more && after && !strstr(after, "'again'") && !strstr(after, "rejects: "));
    CHECK(after && strstr(after, "cases: 'c1'") && strstr(after, "receipts: 'm1'"));
    free(before);
    free(after);
    ledger_close(ledger);
}

int main(int argc, char **argv)
{
    log_set_level(LOG_ERROR);
    if (argc == 3 && strcmp(argv[1], "feed") == 0) {
        feed_rest(argv[2]);
        return 0;
    }
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(feeding_everything_twice_changes_no_row);
    CHECK_RUN(the_order_of_the_partitions_does_not_matter);
    CHECK_RUN(killed_at_any_boundary_it_goes_on_to_the_same_rows);
    CHECK_RUN(a_batch_that_cannot_be_written_leaves_nothing);
    CHECK_RUN(an_entry_that_is_no_json_is_kept_and_does_not_stop_the_feed);
    CHECK_RUN(positions_compare_as_numbers);
    CHECK_RUN(a_message_shows_the_best_that_is_known_of_it);
    CHECK_RUN(a_rate_counts_what_was_met_and_missed_and_no_waived_miss);
    CHECK_RUN(counts_are_those_of_the_rows);
    CHECK_RUN(pages_of_cases_show_each_once_in_order);
    CHECK_RUN(a_search_finds_a_part_of_the_title);
    CHECK_RUN(the_overdue_list_begins_with_the_worst_and_pages_over_equal_dues);
    CHECK_RUN(every_list_uses_an_index);
    CHECK_RUN(old_texts_and_rejects_go_and_nothing_else);
    CHECK_RUN(a_ledger_of_a_newer_program_is_refused);
    return check_done();
}
