/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lists of cases and of what is overdue: each filter and each order, page by page, gives what a
 * plain look at every row gives; no offered combination looks at a whole table; nobody sees what
 * the scope does not show.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/prng.h"
#include "console/actor.h"
#include "console/ledger_internal.h"
#include "console/ledger_read.h"
#include "tests/support/check.h"

/* For tables: TEXT_LITERAL is none of the constants they may hold. */
#define T(s)                                                                                       \
    {                                                                                              \
        .ptr = (s), .bytes = sizeof(s) - 1                                                         \
    }
#define CASES     300
#define IDS_BYTES 8192

static struct ledger *open_memory(void)
{
    struct ledger *ledger = NULL;
    struct err_why why = {0};
    const enum err err = ledger_open(":memory:", &ledger, &why);
    check_note("%s", why.text);
    return CHECK_EQ(err, ERR_OK) ? ledger : NULL;
}

static void feed(struct ledger *ledger, const char *facts)
{
    static int place;
    char position[32];
    struct err_why why = {0};
    (void)snprintf(position, sizeof(position), "%d-0", ++place);
    const struct journal_entry entry = {
        .partition = 0, .position = text_of(position), .facts = text_of(facts)};
    const enum err err = ledger_apply(ledger, &entry, 1, &why);
    check_note("%s", why.text);
    CHECK_EQ(err, ERR_OK);
}

/* ---- a ledger full of different cases ---- */

struct made {
    const char *state;
    const char *light;
    const char *outcome;
    bool stopped;
};
static const struct made kinds[] = {
    {"open", "green", "running", false},       {"open", "yellow", "running", false},
    {"open", "red", "missed", false},          {"suspended", "green", "paused", false},
    {"completed", "green", "met", true},       {"completed", "green", "missed", true},
    {"withdrawn", "green", "cancelled", true},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))
static const char *const titles[] = {"关于取水许可的函", "建设用地规划", "取土场整治", "噪音扰民"};

static void feed_made(struct ledger *ledger, int index, struct prng *prng)
{
    char facts[2048];
    const struct made *kind = &kinds[prng_below(prng, KINDS)];
    const int unit = (int)prng_below(prng, 5);
    const int from = (int)prng_below(prng, 5);
    const int64_t due = 1000 + (int64_t)prng_below(prng, 40);
    char stopped[24] = "null";
    if (kind->stopped) {
        (void)snprintf(stopped, sizeof(stopped), "%lld", (long long)due + 5);
    }
    (void)snprintf(
        facts, sizeof(facts),
        "[{\"k\":\"case\",\"id\":\"DY-%04d\",\"title\":\"%s\",\"matter\":\"m%d\",\"unit\":"
        "\"d%d\",\"handler\":\"h%d\",\"from_unit\":\"d%d\",\"number\":\"〔2019〕%d号\",\"labels\":"
        "{\"kind\":\"k%d\"},\"state\":\"%s\",\"light\":\"%s\",\"created\":%d,\"updated\":%d,"
        "\"fault\":false,\"runs\":[{\"clock\":\"reply\",\"run\":1,\"family\":\"reply\",\"title\":"
        "\"R\",\"start\":1,\"due\":%lld,\"provisional\":false,\"outcome\":\"%s\",\"stopped\":%s,"
        "\"light\":\"%s\",\"unit\":\"d%d\",\"handler\":\"h%d\",\"rules\":1}]}]",
        index, titles[prng_below(prng, 4)], (int)prng_below(prng, 4), unit,
        (int)prng_below(prng, 6), from, index, (int)prng_below(prng, 3), kind->state, kind->light,
        500 + (int)prng_below(prng, 30), 600 + (int)prng_below(prng, 30), (long long)due,
        kind->outcome, stopped, kind->light, unit, unit);
    feed(ledger, facts);
}

static void feed_alert(struct ledger *ledger, int index, const char *state)
{
    char facts[1024];
    (void)snprintf(
        facts, sizeof(facts),
        "[{\"k\":\"alert\",\"id\":\"a%d\",\"case\":\"DY-%04d\",\"clock\":\"reply\",\"run\":1,"
        "\"stage\":\"s%d\",\"title\":\"T\",\"instant\":2000,\"fired_at\":2000,\"status\":"
        "\"fired\",\"light\":\"red\",\"late\":false,\"to\":[\"p1\"],\"via\":[\"sms\"],"
        "\"template\":\"t\",\"ordinal\":1,\"fault\":false},{\"k\":\"message\",\"id\":\"m%d\","
        "\"alert\":\"a%d\",\"case\":\"DY-%04d\",\"clock\":\"reply\",\"stage\":\"s\",\"person\":"
        "\"p1\",\"channel\":\"sms\",\"state\":\"%s\",\"at\":2001,\"attempts\":1,\"reason\":\"\","
        "\"text\":\"x\",\"gateway_id\":\"\"}]",
        index, index, index % 2, index, index, index, state);
    feed(ledger, facts);
}

static void feed_urged(struct ledger *ledger, int index, int time)
{
    char facts[512];
    (void)snprintf(
        facts, sizeof(facts),
        "[{\"k\":\"event\",\"case\":\"DY-%04d\",\"p\":0,\"pos\":\"1-0\",\"source\":\"/oa\",\"id\":"
        "\"u%d-%d\",\"type\":\"case.urged\",\"time\":%d,\"arrived\":%d,\"rules\":1,\"verdict\":"
        "\"ledger\",\"ce\":{\"data\":{}}}]",
        index, index, time, time, time);
    feed(ledger, facts);
}

static struct ledger *made_ledger(uint64_t seed)
{
    static const char *const ends[] = {"held", "accepted", "dead"};
    struct prng prng;
    struct ledger *ledger = open_memory();
    prng_seed(&prng, seed);
    for (int index = 0; ledger && index < CASES; index++) {
        feed_made(ledger, index, &prng);
        if (prng_below(&prng, 3) == 0) {
            feed_alert(ledger, index, ends[prng_below(&prng, 3)]);
        }
        for (int times = (int)prng_below(&prng, 3); times > 0; times--) {
            feed_urged(ledger, index, 3000 + times);
        }
    }
    return ledger;
}

/* ---- the plain look ---- */

static void plain_ids(struct ledger *ledger, const char *select, char *ret_ids)
{
    struct sql_stmt *stmt = NULL;
    struct err_why why = {0};
    bool row = false;
    size_t at = 0;
    ret_ids[0] = '\0';
    const enum err err = sql_prepare(ledger->db, select, &stmt, &why);
    check_note("%s: %s", select, why.text);
    if (!CHECK_EQ(err, ERR_OK)) {
        return;
    }
    while (!sql_step(stmt, &row, NULL) && row && at + 32 < IDS_BYTES) {
        at += (size_t)snprintf(ret_ids + at, IDS_BYTES - at, "%.*s ", TEXT_ARGS(sql_text(stmt, 0)));
    }
    sql_finalize(stmt);
}

struct ids {
    char text[IDS_BYTES];
    size_t bytes;
    int64_t count;
};

static bool add_id(struct ids *ids, struct text id)
{
    if (ids->bytes + 32 < IDS_BYTES) {
        ids->bytes += (size_t)snprintf(
            ids->text + ids->bytes, IDS_BYTES - ids->bytes, "%.*s ", TEXT_ARGS(id));
    }
    ids->count++;
    return true;
}

static bool take_case(void *context, const struct ledger_case *row)
{
    return add_id(context, row->id);
}

static bool take_overdue(void *context, const struct ledger_overdue_row *row)
{
    return add_id(context, row->of.id);
}

static void check_cases(struct ledger *ledger, struct case_query query, const char *where)
{
    static const char *const orders[CASE_SORT_COUNT] = {"updated", "created", "due", "id"};
    struct ids ids = {.bytes = 0};
    struct list_end end = {0};
    struct ledger_total total = {0};
    char expected[IDS_BYTES];
    char tie[sizeof(end.tie)] = "";
    char select[1024];
    const char *direction = query.descending ? "DESC" : "ASC";
    (void)snprintf(
        select, sizeof(select), "SELECT id FROM cases c WHERE %s ORDER BY %s %s, id %s", where,
        orders[query.sort], direction, direction);
    plain_ids(ledger, select, expected);
    query.limit = 17;
    do {
        CHECK_EQ(ledger_cases(ledger, &query, take_case, &ids, &end), ERR_OK);
        (void)snprintf(tie, sizeof(tie), "%s", end.tie);
        query.after = (struct ledger_key){.given = true, .number = end.number, .tie = text_of(tie)};
    } while (end.more && ids.count <= CASES);
    check_note("%s", select);
    CHECK_STR(ids.text, expected);
    query.after.given = false;
    CHECK_EQ(ledger_cases_total(ledger, &query, &total), ERR_OK);
    CHECK(total.more || total.count == ids.count);
    CHECK(!total.more || (ledger->few > 0 && total.count <= ids.count));
}

static void check_overdue(struct ledger *ledger, struct overdue_query query, const char *where)
{
    static const char *const orders[OVERDUE_SORT_COUNT] = {
        "r.due %s", "r.unit %s, r.due %s", "c.matter %s, r.due %s", "c.id %s", "u %s, r.due %s"};
    struct ids ids = {.bytes = 0};
    struct list_end end = {0};
    struct ledger_total total = {0};
    char expected[IDS_BYTES];
    char tie[sizeof(end.tie)] = "";
    char order[128];
    char select[1024];
    const char *direction = query.descending ? "DESC" : "ASC";
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    (void)snprintf(order, sizeof(order), orders[query.sort], direction, direction);
#pragma GCC diagnostic pop
    (void)snprintf(
        select, sizeof(select),
        "SELECT c.id, (SELECT count(*) FROM events e WHERE e.case_id = c.id AND e.type ="
        " 'case.urged') AS u FROM runs r JOIN cases c ON c.id = r.case_id LEFT JOIN alerts a"
        " ON a.case_id = c.id LEFT JOIN messages m ON m.alert = a.id WHERE r.outcome = 'missed'"
        " AND r.stopped IS NULL AND %s ORDER BY %s, c.id %s",
        where, order, direction);
    plain_ids(ledger, select, expected);
    query.limit = 7;
    do {
        CHECK_EQ(ledger_overdue(ledger, &query, take_overdue, &ids, &end), ERR_OK);
        (void)snprintf(tie, sizeof(tie), "%s", end.tie);
        query.after = (struct ledger_key){.given = true, .number = end.number, .tie = text_of(tie)};
    } while (end.more && ids.count <= CASES);
    check_note("%s", select);
    CHECK_STR(ids.text, expected);
    query.after.given = false;
    CHECK_EQ(ledger_overdue_total(ledger, &query, &total), ERR_OK);
    CHECK_EQ(total.count, ids.count);
}

/* ---- every filter, alone and with others, in every order ---- */

#define SEEN_BY(unit)                                                                              \
    "(c.unit = '" unit "' OR c.from_unit = '" unit "' OR EXISTS (SELECT 1 FROM runs x"             \
    " WHERE x.case_id = c.id AND x.unit = '" unit "'))"

struct case_filter {
    const char *where;
    struct case_query query;
};
static const struct scope of_d1 = {.units = T("[\"d1\"]")};
static const struct scope of_nobody = {.units = T("[]")};
static const struct case_filter case_filters[] = {
    {"true", {.limit = 1}},
    {"unit = 'd2'", {.unit = T("d2")}},
    {"matter = 'm1'", {.matter = T("m1")}},
    {"handler = 'h3'", {.handler = T("h3")}},
    {"light = 'red'", {.light = T("red")}},
    {"state = 'open'", {.state = T("open")}},
    {"state = 'open' AND light = 'yellow'", {.state = T("open"), .light = T("yellow")}},
    {"state = 'open' AND light = 'red'", {.status = T("overdue")}},
    {"state = 'completed' AND EXISTS (SELECT 1 FROM runs r WHERE r.case_id = c.id"
     " AND outcome = 'missed')",
     {.status = T("met_late")}},
    {"unit = 'd2' AND state = 'open' AND light = 'red'", {.unit = T("d2"), .status = T("overdue")}},
    {"json_extract(labels, '$.kind') = 'k1'", {.label = T("kind=k1")}},
    {"created >= 510 AND created < 520", {.from = 510, .until = 520}},
    {"created >= 515", {.from = 515}},
    {"title LIKE '%取水%'", {.q = T("取水")}},
    {"title LIKE '%取%'", {.q = T("取")}},
    {"id LIKE 'DY-001%'", {.q = T("dy-001")}},
    {"number = '〔2019〕12号'", {.q = T("2019〕12号")}},
    {"false", {.q = T("，。")}},
    {"title LIKE '%取%' AND unit = 'd2' AND matter = 'm1'",
     {.q = T("取"), .unit = T("d2"), .matter = T("m1")}},
    {"unit = 'd0' AND handler = 'h1'", {.unit = T("d0"), .handler = T("h1")}},
    {SEEN_BY("d1"), {.scope = &of_d1}},
    {SEEN_BY("d1") " AND unit = 'd2'", {.scope = &of_d1, .unit = T("d2")}},
    {SEEN_BY("d1") " AND title LIKE '%取%'", {.scope = &of_d1, .q = T("取")}},
    {"false", {.scope = &of_nobody}},
};

/* few: from so many rows on the list is walked, as it is with a million. */
static void check_each_case_filter(int64_t few)
{
    struct ledger *ledger = made_ledger(5);
    if (ledger) {
        ledger->few = few;
    }
    for (size_t at = 0; ledger && at < sizeof(case_filters) / sizeof(case_filters[0]); at++) {
        for (int sort = 0; sort < CASE_SORT_COUNT * 2; sort++) {
            struct case_query query = case_filters[at].query;
            query.sort = (enum case_sort)(sort / 2);
            query.descending = sort % 2 != 0;
            check_cases(ledger, query, case_filters[at].where);
        }
    }
    ledger_close(ledger);
}

static void each_filter_and_order_of_the_cases_gives_what_the_rows_say(void)
{
    check_each_case_filter(0);
    check_each_case_filter(20);
    check_each_case_filter(1);
}

struct overdue_filter {
    const char *where;
    struct overdue_query query;
};
static const struct overdue_filter overdue_filters[] = {
    {"true", {.limit = 1}},
    {"c.unit = 'd2'", {.unit = T("d2")}},
    {"c.unit IN ('d1', 'd3')", {.units = T("[\"d1\",\"d3\"]")}},
    {"c.matter = 'm1'", {.matter = T("m1")}},
    {"c.handler = 'h3'", {.handler = T("h3")}},
    {"r.clock = 'reply'", {.clock = T("reply")}},
    {"false", {.clock = T("repl")}},
    {"r.due >= 1010 AND r.due < 1020", {.due_from = 1010, .due_until = 1020}},
    {"a.stage = 's1'", {.stage = T("s1")}},
    {"m.state = 'accepted'", {.alert_state = T("sent")}},
    {"m.state = 'dead'", {.alert_state = T("failed")}},
    {"(a.id IS NULL OR m.state = 'held')", {.alert_state = T("none")}},
    {"c.title LIKE '%取%'", {.q = T("取")}},
    {"c.title LIKE '%取%' AND c.unit = 'd1'", {.q = T("取"), .unit = T("d1")}},
    {"c.unit = 'd1' AND c.matter = 'm2'", {.unit = T("d1"), .matter = T("m2")}},
    {SEEN_BY("d1"), {.scope = &of_d1}},
    {SEEN_BY("d1") " AND c.title LIKE '%取%'", {.scope = &of_d1, .q = T("取")}},
    {"false", {.scope = &of_nobody}},
};

static void check_each_overdue_filter(int64_t few)
{
    struct ledger *ledger = made_ledger(6);
    if (ledger) {
        ledger->few = few;
    }
    for (size_t at = 0; ledger && at < sizeof(overdue_filters) / sizeof(overdue_filters[0]); at++) {
        for (int sort = 0; sort < OVERDUE_SORT_COUNT * 2; sort++) {
            struct overdue_query query = overdue_filters[at].query;
            query.sort = (enum overdue_sort)(sort / 2);
            query.descending = sort % 2 != 0;
            check_overdue(ledger, query, overdue_filters[at].where);
        }
    }
    ledger_close(ledger);
}

static void each_filter_and_order_of_the_overdue_gives_what_the_rows_say(void)
{
    check_each_overdue_filter(0);
    check_each_overdue_filter(1);
}

/* ---- plans ---- */

/* Words of SQLite's plan that mean every row of a table; an index in order, or JSON, is none. */
static bool looks_at_a_table(struct text step)
{
    const struct text scan = TEXT_LITERAL("SCAN ");
    static const char *const fine[] = {"SCAN json_each",      "SCAN x", "SCAN o", "SCAN s VIRTUAL",
                                       "SCAN search VIRTUAL", "SCAN (", "SCAN v", "SCAN m USING",
                                       "SCAN a USING"};
    if (!text_starts_with(step, scan) || memmem(step.ptr, step.bytes, "USING INDEX", 11) ||
        memmem(step.ptr, step.bytes, "USING COVERING INDEX", 20)) {
        return false;
    }
    for (size_t index = 0; index < sizeof(fine) / sizeof(fine[0]); index++) {
        if (text_starts_with(step, text_of(fine[index]))) {
            return false;
        }
    }
    return true;
}

static void look_at_plan(void *context, const char *statement)
{
    struct ledger *ledger = context;
    struct sql_stmt *stmt = NULL;
    char explain[16384];
    bool row = false;
    (void)snprintf(explain, sizeof(explain), "EXPLAIN QUERY PLAN %s", statement);
    CHECK_EQ(sql_prepare(ledger->db, explain, &stmt, NULL), ERR_OK);
    while (!sql_step(stmt, &row, NULL) && row) {
        check_note("%.*s in %s", TEXT_ARGS(sql_text(stmt, 3)), statement);
        CHECK(!looks_at_a_table(sql_text(stmt, 3)));
    }
    sql_finalize(stmt);
}

static bool ignore_case(void *context, const struct ledger_case *row)
{
    (void)context;
    (void)row;
    return true;
}

static bool ignore_overdue(void *context, const struct ledger_overdue_row *row)
{
    (void)context;
    (void)row;
    return true;
}

/* Each parameter on or off, in each order, the first page and a further one. */
static struct case_query case_combination(unsigned bits)
{
    const struct text none = {0};
    return (struct case_query){
        .unit = bits & 1U ? TEXT_LITERAL("d1") : none,
        .matter = bits & 2U ? TEXT_LITERAL("m1") : none,
        .handler = bits & 4U ? TEXT_LITERAL("h1") : none,
        .light = bits & 8U ? TEXT_LITERAL("red") : none,
        .state = bits & 16U ? TEXT_LITERAL("open") : none,
        .status = bits & 32U ? TEXT_LITERAL("overdue") : none,
        .label = bits & 64U ? TEXT_LITERAL("kind=k1") : none,
        .from = bits & 128U ? 510 : 0,
        .q = bits & 256U ? TEXT_LITERAL("取") : none,
        .scope = bits & 512U ? &of_d1 : NULL,
        .after = {.given = (bits & 1024U) != 0, .number = 600, .tie = TEXT_LITERAL("DY-0001")},
        .limit = 3,
    };
}

static void no_list_of_cases_looks_at_a_whole_table(void)
{
    struct ledger *ledger = made_ledger(7);
    struct list_end end;
    struct ledger_total total;
    const unsigned step = getenv("NRT_LONG") ? 1 : 13;
    for (unsigned bits = 0; ledger && bits < 2048; bits += step) {
        struct case_query query = case_combination(bits);
        query.sort = (enum case_sort)(bits % CASE_SORT_COUNT);
        query.descending = bits % 3 == 0;
        ledger->few = bits % 2 ? 0 : 2;
        ledger->on_select = look_at_plan;
        ledger->on_select_context = ledger;
        CHECK_EQ(ledger_cases(ledger, &query, ignore_case, NULL, &end), ERR_OK);
        CHECK_EQ(ledger_cases_total(ledger, &query, &total), ERR_OK);
    }
    ledger_close(ledger);
}

static struct overdue_query overdue_combination(unsigned bits)
{
    const struct text none = {0};
    return (struct overdue_query){
        .unit = bits & 1U ? TEXT_LITERAL("d1") : none,
        .matter = bits & 2U ? TEXT_LITERAL("m1") : none,
        .handler = bits & 4U ? TEXT_LITERAL("h1") : none,
        .clock = bits & 8U ? TEXT_LITERAL("reply") : none,
        .stage = bits & 16U ? TEXT_LITERAL("s1") : none,
        .alert_state = bits & 32U ? TEXT_LITERAL("sent") : none,
        .units = bits & 64U ? TEXT_LITERAL("[\"d1\"]") : none,
        .due_from = bits & 128U ? 1010 : 0,
        .q = bits & 256U ? TEXT_LITERAL("取") : none,
        .scope = bits & 512U ? &of_d1 : NULL,
        .after =
            {.given = (bits & 1024U) != 0,
             .number = 1010,
             .tie = TEXT_LITERAL("DY-0001\nreply\n1\nd1")},
        .limit = 3,
    };
}

static void no_overdue_list_looks_at_a_whole_table(void)
{
    struct ledger *ledger = made_ledger(8);
    struct list_end end;
    struct ledger_total total;
    const unsigned step = getenv("NRT_LONG") ? 1 : 13;
    for (unsigned bits = 0; ledger && bits < 2048; bits += step) {
        struct overdue_query query = overdue_combination(bits);
        query.sort = (enum overdue_sort)(bits % OVERDUE_SORT_COUNT);
        query.descending = bits % 3 == 0;
        ledger->few = bits % 2 ? 0 : 2;
        ledger->on_select = look_at_plan;
        ledger->on_select_context = ledger;
        CHECK_EQ(ledger_overdue(ledger, &query, ignore_overdue, NULL, &end), ERR_OK);
        CHECK_EQ(ledger_overdue_total(ledger, &query, &total), ERR_OK);
    }
    ledger_close(ledger);
}

/* ---- what the writer keeps ---- */

static void check_plain(struct ledger *ledger, const char *select, const char *expected)
{
    char ids[IDS_BYTES];
    plain_ids(ledger, select, ids);
    check_note("%s", select);
    CHECK_STR(ids, expected);
}

#define MOVED(unit, light, outcome, waived, title)                                                 \
    "[{\"k\":\"case\",\"id\":\"x\",\"title\":\"" title "\",\"matter\":\"m\",\"unit\":\"" unit      \
    "\",\"handler\":\"h\",\"from_unit\":\"d9\",\"number\":\"\",\"labels\":{\"a\":\"" light         \
    "\"},\"state\":\"open\",\"light\":\"" light "\",\"created\":1,\"updated\":1,\"runs\":"         \
    "[{\"clock\":\"reply@d7\",\"run\":1,\"family\":\"reply\",\"start\":1,\"due\":5,\"outcome\":"   \
    "\"" outcome "\",\"stopped\":null,\"waived\":" waived                                          \
    ",\"unit\":\"d7\",\"handler\":\"h7\"}]}]"

static void a_case_that_moves_is_no_longer_seen_where_it_was(void)
{
    struct ledger *ledger = open_memory();
    const struct scope was = {.units = TEXT_LITERAL("[\"d1\",\"d3\"]")};
    const struct scope is = {.units = TEXT_LITERAL("[\"d2\"]")};
    const struct scope beside = {.units = TEXT_LITERAL("[\"d7\"]")};
    if (!ledger) {
        return;
    }
    feed(ledger, MOVED("d1", "green", "running", "false", "取水"));
    CHECK_EQ(ledger_case_is_seen(ledger, TEXT_LITERAL("x"), &was), ERR_OK);
    feed(ledger, MOVED("d2", "green", "running", "false", "取水"));
    CHECK_EQ(ledger_case_is_seen(ledger, TEXT_LITERAL("x"), &was), ERR_NOT_FOUND);
    CHECK_EQ(ledger_case_is_seen(ledger, TEXT_LITERAL("x"), &is), ERR_OK);
    CHECK_EQ(ledger_case_is_seen(ledger, TEXT_LITERAL("x"), &beside), ERR_OK);
    CHECK_EQ(ledger_case_is_seen(ledger, TEXT_LITERAL("y"), &beside), ERR_NOT_FOUND);
    check_plain(ledger, "SELECT unit || status || count FROM status_tallies", "d2not_due1 ");
    check_plain(ledger, "SELECT unit FROM case_units ORDER BY unit", "d2 d7 d9 ");
    ledger_close(ledger);
}

static void a_run_is_overdue_from_its_miss_to_its_end(void)
{
    struct ledger *ledger = open_memory();
    if (!ledger) {
        return;
    }
    feed(ledger, MOVED("d1", "green", "running", "false", "取水"));
    check_plain(ledger, "SELECT case_id FROM overdue", "");
    feed(ledger, MOVED("d1", "red", "missed", "false", "取水"));
    check_plain(ledger, "SELECT clock || unit || handler FROM overdue", "reply@d7d7h7 ");
    check_plain(ledger, "SELECT status FROM cases", "overdue ");
    feed(ledger, MOVED("d1", "yellow", "running", "false", "取水"));
    check_plain(ledger, "SELECT case_id FROM overdue", "");
    check_plain(ledger, "SELECT status FROM cases", "near ");
    check_plain(ledger, "SELECT label FROM case_labels", "a=yellow ");
    ledger_close(ledger);
}

/* The alert was told of before the miss: it is looked up when the miss comes. */
static void an_alert_before_the_miss_is_known_to_the_list(void)
{
    struct ledger *ledger = open_memory();
    if (!ledger) {
        return;
    }
    feed_alert(ledger, 1, "dead");
    feed_alert(ledger, 2, "accepted");
    feed(
        ledger,
        "[{\"k\":\"case\",\"id\":\"DY-0001\",\"title\":\"t\",\"unit\":\"d1\",\"state\":\"open\","
        "\"light\":\"red\",\"created\":1,\"updated\":1,\"runs\":[{\"clock\":\"reply\",\"run\":1,"
        "\"family\":\"reply\",\"start\":1,\"due\":5,\"outcome\":\"missed\",\"stopped\":null}]}]");
    check_plain(ledger, "SELECT alert || stage || alert_state FROM overdue", "a1s1failed ");
    ledger_close(ledger);
}

static void a_case_is_found_by_its_title_of_now(void)
{
    struct ledger *ledger = open_memory();
    struct ids ids = {.bytes = 0};
    struct list_end end;
    if (!ledger) {
        return;
    }
    feed(ledger, MOVED("d1", "green", "running", "false", "取水"));
    feed(ledger, MOVED("d1", "green", "running", "false", "用地"));
    const struct case_query was = {.q = TEXT_LITERAL("取水"), .limit = 5};
    const struct case_query is = {.q = TEXT_LITERAL("地"), .limit = 5};
    CHECK_EQ(ledger_cases(ledger, &was, take_case, &ids, &end), ERR_OK);
    CHECK_EQ(ids.count, 0);
    CHECK_EQ(ledger_cases(ledger, &is, take_case, &ids, &end), ERR_OK);
    CHECK_EQ(ids.count, 1);
    check_plain(
        ledger, "SELECT 'ok' FROM (SELECT 1) WHERE NOT EXISTS (SELECT 1 FROM search_queue)", "ok ");
    ledger_close(ledger);
}

int main(int argc, char **argv)
{
    log_set_level(LOG_ERROR);
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(each_filter_and_order_of_the_cases_gives_what_the_rows_say);
    CHECK_RUN(each_filter_and_order_of_the_overdue_gives_what_the_rows_say);
    CHECK_RUN(no_list_of_cases_looks_at_a_whole_table);
    CHECK_RUN(no_overdue_list_looks_at_a_whole_table);
    CHECK_RUN(a_case_that_moves_is_no_longer_seen_where_it_was);
    CHECK_RUN(a_run_is_overdue_from_its_miss_to_its_end);
    CHECK_RUN(an_alert_before_the_miss_is_known_to_the_list);
    CHECK_RUN(a_case_is_found_by_its_title_of_now);
    return check_done();
}
