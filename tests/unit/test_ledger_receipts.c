/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Receipts in the ledger: in whatever order and however often they and the facts of their messages
 * are read, the same rows come out; those of nobody make no message; members of a digest show
 * what became of it; an older ledger is brought to the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/prng.h"
#include "console/ledger_internal.h"
#include "console/ledger_read.h"
#include "tests/support/check.h"
#include "tests/support/ledger_feed.h"

#define ORDERS      60
#define ORDERS_LONG 2000

/* A line of the journal: those of one partition keep their order, as in a journal. */
struct line {
    int32_t partition;
    const char *facts;
};

#define MESSAGE(id, state, at, more)                                                               \
    "{\"k\":\"message\",\"id\":\"" id "\",\"alert\":\"a-" id                                       \
    "\",\"case\":\"c1\",\"clock\":\"r\",\"stage\":\"o\",\"person\":\"p1\",\"channel\":\"sms\","    \
    "\"state\":\"" state "\",\"at\":" at ",\"attempts\":1" more "}"
#define DIGEST(state, at, more)                                                                    \
    "{\"k\":\"message\",\"id\":\"d\",\"alert\":\"\",\"case\":\"\",\"clock\":\"\",\"stage\":\"\","  \
    "\"person\":\"p1\",\"channel\":\"sms\",\"state\":\"" state "\",\"at\":" at                     \
    ",\"attempts\":1,\"text\":\"three\"" more "}"
#define BY_ID(id, state, at)                                                                       \
    "{\"k\":\"receipt\",\"message\":\"" id "\",\"channel\":\"sms\",\"state\":\"" state             \
    "\",\"at\":" at ",\"code\":\"0\"}"
#define BY_GATEWAY(id, state, at)                                                                  \
    "{\"k\":\"receipt\",\"gateway_id\":\"" id "\",\"channel\":\"sms\",\"state\":\"" state          \
    "\",\"at\":" at ",\"code\":\"0\"}"
#define GATHERED  ",\"digest\":\"d\""
#define NAMED(id) ",\"gateway_id\":\"" id "\",\"sent_at\":1990"

/* clang-format off */
static const struct line lines[] = {
    {0, "[" MESSAGE("m1", "held", "1000", "") "," MESSAGE("g1", "held", "1000", "") "]"},
    {0, "[" MESSAGE("m1", "unsure", "1900", NAMED("old")) "]"},
    {0, "[" MESSAGE("g1", "gathered", "1950", GATHERED) ","
            MESSAGE("g2", "gathered", "1950", GATHERED) "," DIGEST("held", "1950", "") "]"},
    {0, "[" MESSAGE("m1", "accepted", "2000", NAMED("new")) ","
            DIGEST("accepted", "2000", NAMED("gd")) "]"},
    {0, "[" MESSAGE("m2", "accepted", "2000", "") "]"},
    {1, "[" BY_ID("m1", "queued", "2010") "," BY_ID("m2", "undelivered", "2100") "]"},
    {2, "[" BY_GATEWAY("new", "delivered", "2200") "," BY_GATEWAY("gd", "delivered", "2150") "]"},
    {3, "[" BY_GATEWAY("old", "queued", "1980") "," BY_ID("d", "read", "2500") "]"},
    {4, "[" BY_ID("m1", "read", "2400") "," BY_ID("nobody", "delivered", "2300") ","
            BY_GATEWAY("unheard", "read", "2300") "]"},
    {5, "[" BY_ID("m1", "delivered", "2210") "," BY_ID("m2", "queued", "2050") "]"},
};
/* clang-format on */
#define LINES (sizeof(lines) / sizeof(lines[0]))

static struct ledger *open_at(const char *path)
{
    struct ledger *ledger = NULL;
    struct err_why why = {0};
    const enum err err = ledger_open(path, &ledger, &why);
    check_note("%s", why.text);
    return CHECK_EQ(err, ERR_OK) ? ledger : NULL;
}

static void feed(struct ledger *ledger, size_t index)
{
    char position[32];
    struct err_why why = {0};
    (void)snprintf(position, sizeof(position), "%zu-0", index + 1);
    const struct journal_entry entry = {
        .partition = lines[index].partition,
        .position = text_of(position),
        .facts = text_of(lines[index].facts),
    };
    const enum err err = ledger_apply(ledger, &entry, 1, &why);
    check_note("line %zu: %s", index, why.text);
    CHECK_EQ(err, ERR_OK);
}

/* What the tests compare: all that is told of messages, receipts and their counts. */
static char *dump(struct ledger *ledger)
{
    static const char *const selects[] = {
        "SELECT 'm '||id||' '||shown||' '||state||' '||at||' '||gateway_id||' '||digest||' '||body"
        "||' s'||coalesce(sent_at,'-')||' a'||coalesce(accepted_at,'-')||' q'||"
        "coalesce(queued_at,'-')||' u'||coalesce(undelivered_at,'-')||' d'||"
        "coalesce(delivered_at,'-')||' r'||coalesce(read_at,'-') FROM messages ORDER BY id",
        "SELECT 'r '||message||' '||gateway_id||' '||state||' '||at||' '||known FROM receipts"
        " ORDER BY message, gateway_id, state, at",
        "SELECT 't '||kind||' '||word||' '||other||' '||count FROM tallies WHERE kind <> 'case'"
        " ORDER BY kind, word, other",
        "SELECT 'o '||why FROM oddities",
    };
    struct buf out;
    buf_init(&out, (size_t)1024 * 1024);
    for (size_t index = 0; index < sizeof(selects) / sizeof(selects[0]); index++) {
        struct sql_stmt *stmt = NULL;
        bool row = false;
        CHECK_EQ(sql_prepare(ledger->db, selects[index], &stmt, NULL), ERR_OK);
        while (!sql_step(stmt, &row, NULL) && row) {
            buf_format(&out, "%.*s\n", TEXT_ARGS(sql_text(stmt, 0)));
        }
        sql_finalize(stmt);
    }
    return buf_take(&out, NULL);
}

static char *dump_in_order(void)
{
    struct ledger *ledger = open_at(":memory:");
    for (size_t index = 0; ledger && index < LINES; index++) {
        feed(ledger, index);
    }
    char *text = ledger ? dump(ledger) : NULL;
    ledger_close(ledger);
    return text;
}

static void each_message_shows_the_most_that_was_heard_of_it(void)
{
    char *got = dump_in_order();
    if (!CHECK(got)) {
        return;
    }
    CHECK(strstr(got, "m m1 read accepted 2000 new   s1990 a2000 q1980 u- d2200 r2400\n"));
    CHECK(strstr(got, "m m2 undelivered accepted 2000    s- a2000 q2050 u2100 d- r-\n"));
    CHECK(strstr(got, "m d read accepted 2000 gd  three s1990 a2000 q- u- d2150 r2500\n"));
    CHECK(strstr(got, "m g1 read accepted 2000  d three s1990 a2000 q- u- d2150 r2500\n"));
    CHECK(strstr(got, "m g2 read accepted 2000  d three s1990 a2000 q- u- d2150 r2500\n"));
    free(got);
}

static void receipts_of_nobody_are_kept_and_counted_and_make_no_message(void)
{
    char *got = dump_in_order();
    if (!CHECK(got)) {
        return;
    }
    CHECK(!strstr(got, "m nobody"));
    CHECK(strstr(got, "r nobody  delivered 2300 0\n"));
    CHECK(strstr(got, "r  unheard read 2300 0\n"));
    CHECK(strstr(got, "t receipt delivered unknown 1\n"));
    CHECK(strstr(got, "t receipt read unknown 1\n"));
    CHECK(strstr(got, "t receipt read known 2\n"));
    CHECK(!strstr(got, "\no "));
    free(got);
}

static void apply(struct ledger *ledger, const char *position, const char *facts)
{
    const struct journal_entry entry = {
        .partition = position[0] - '0', .position = text_of(position), .facts = text_of(facts)};
    CHECK_EQ(ledger_apply(ledger, &entry, 1, NULL), ERR_OK);
}

static bool count_message(void *context, const struct ledger_message *row)
{
    *(size_t *)context += text_is(row->digest, "e");
    return true;
}

/* A digest that was not sent is made anew with what has come since: g1 in d, d and g3 in e. */
static void a_digest_in_a_digest_shows_what_became_of_the_outer_one(void)
{
    static const char *const facts[] = {
        "[" MESSAGE("g1", "gathered", "1950", GATHERED) "," DIGEST("held", "1950", "") "]",
        "[" MESSAGE("g3", "gathered", "1960", ",\"digest\":\"e\"") "," DIGEST(
            "gathered", "1960", ",\"digest\":\"e\"") "," MESSAGE("e", "held", "1960", "") "]",
        "[" MESSAGE("e", "accepted", "2000", NAMED("ge")) "]",
    };
    struct ledger *ledger = open_at(":memory:");
    char position[16];
    if (!ledger) {
        return;
    }
    apply(ledger, "1-1", "[" BY_GATEWAY("ge", "delivered", "2100") "]");
    for (int index = 0; index < 3; index++) {
        (void)snprintf(position, sizeof(position), "0-%d", index + 1);
        apply(ledger, position, facts[index]);
    }
    apply(ledger, "1-2", "[" BY_ID("e", "read", "2200") "]");
    apply(ledger, "0-1", facts[0]); /* fed again */
    char *got = dump(ledger);
    CHECK(got && strstr(got, "m g1 read accepted 2000  d "));
    CHECK(got && strstr(got, "m g3 read accepted 2000  e "));
    CHECK(got && strstr(got, "m d read accepted 2000  e "));
    struct list_end end;
    size_t count = 0;
    const struct message_query query = {.digest = TEXT_LITERAL("e"), .limit = 10};
    CHECK_EQ(ledger_messages(ledger, &query, count_message, &count, &end), ERR_OK);
    CHECK_EQ(count, 3);
    free(got);
    ledger_close(ledger);
}

static bool see_whom_it_stands_for(void *context, const struct ledger_message *row)
{
    char *seen = context;
    (void)snprintf(
        seen, 64, "%.*s for %.*s", TEXT_ARGS(row->person), TEXT_ARGS(row->stands_in_for));
    return true;
}

static void a_message_says_in_whose_place_it_came(void)
{
    char seen[64] = "";
    struct list_end end;
    struct ledger *ledger = open_at(":memory:");
    const struct message_query query = {.id = TEXT_LITERAL("m1"), .limit = 1};
    if (!ledger) {
        return;
    }
    apply(ledger, "0-1", "[" MESSAGE("m1", "held", "1000", ",\"for\":\"head\"") "]");
    apply(ledger, "0-2", "[" MESSAGE("m1", "dead", "2000", "") "]"); /* an end that says no more */
    CHECK_EQ(ledger_messages(ledger, &query, see_whom_it_stands_for, seen, &end), ERR_OK);
    CHECK_STR(seen, "p1 for head");
    ledger_close(ledger);
}

/* Each partition keeps its order; a line may be fed again whenever it has been fed. */
static void feed_in_some_order(struct ledger *ledger, struct prng *prng)
{
    size_t next[6] = {0};
    size_t fed = 0;
    while (fed < LINES) {
        const int32_t partition = (int32_t)prng_below(prng, 6);
        size_t seen = 0;
        for (size_t index = 0; index < LINES; index++) {
            if (lines[index].partition != partition || seen++ < next[partition]) {
                continue;
            }
            feed(ledger, index);
            next[partition]++;
            fed++;
            break;
        }
        for (size_t index = 0; prng_one_in(prng, 3) && index < LINES; index++) {
            if (lines[index].partition == partition && next[partition] > 0) {
                feed(ledger, index); /* its first line once more */
                break;
            }
        }
    }
}

static void any_order_and_repetition_gives_the_same_rows(void)
{
    const uint64_t orders = getenv("NRT_LONG") ? ORDERS_LONG : ORDERS;
    char *expected = dump_in_order();
    for (uint64_t seed = 1; seed <= orders; seed++) {
        struct prng prng;
        struct ledger *ledger = open_at(":memory:");
        prng_seed(&prng, seed);
        if (!ledger) {
            break;
        }
        feed_in_some_order(ledger, &prng);
        char *got = dump(ledger);
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

/* ---- the alert ---- */

static bool see_alert(void *context, const struct ledger_alert *row)
{
    char *seen = context;
    (void)snprintf(seen, 64, "%.*s/%.*s", TEXT_ARGS(row->status), TEXT_ARGS(row->dropped));
    return true;
}

#define ALERT_FACT                                                                                 \
    "[{\"k\":\"alert\",\"id\":\"a-m1\",\"case\":\"c1\",\"clock\":\"r\",\"run\":1,\"stage\":\"o\"," \
    "\"instant\":1,\"fired_at\":1,\"status\":\"fired\",\"light\":\"red\",\"late\":false}]"

static void check_alert(bool alert_first, const char *reason, const char *expected)
{
    char fact[512];
    char seen[64] = "";
    struct list_end end;
    struct ledger *ledger = open_at(":memory:");
    const struct alert_query query = {.id = TEXT_LITERAL("a-m1"), .limit = 1};
    (void)snprintf(
        fact, sizeof(fact), "[%s,\"reason\":\"%s\"}]",
        "{\"k\":\"message\",\"id\":\"m1\",\"alert\":\"a-m1\",\"person\":\"p\",\"channel\":\"sms\","
        "\"state\":\"dropped\",\"at\":5,\"attempts\":0",
        reason);
    if (!ledger) {
        return;
    }
    apply(ledger, alert_first ? "0-1" : "1-1", alert_first ? ALERT_FACT : fact);
    apply(ledger, alert_first ? "1-1" : "0-1", alert_first ? fact : ALERT_FACT);
    CHECK_EQ(ledger_alerts(ledger, &query, see_alert, seen, &end), ERR_OK);
    CHECK_STR(seen, expected);
    ledger_close(ledger);
}

static void an_alert_tells_why_none_of_its_messages_went_out(void)
{
    for (int alert_first = 0; alert_first < 2; alert_first++) {
        check_alert(alert_first, "overtaken", "overtaken/overtaken");
        check_alert(alert_first, "settled", "fired/settled");
        check_alert(alert_first, "person", "fired/person");
    }
}

static void the_end_of_an_unreadable_message_does_not_make_it_forget_its_alert(void)
{
    struct ledger *ledger = open_at(":memory:");
    struct sql_stmt *stmt = NULL;
    bool row = false;
    if (!ledger) {
        return;
    }
    apply(ledger, "0-1", "[" MESSAGE("m1", "held", "1000", "") "]");
    apply(
        ledger, "0-2",
        "[{\"k\":\"message\",\"id\":\"m1\",\"alert\":\"\",\"case\":\"\",\"person\":\"p1\","
        "\"channel\":\"sms\",\"state\":\"dead\",\"at\":2000,\"attempts\":0}]");
    CHECK_EQ(
        sql_prepare(ledger->db, "SELECT alert||'/'||shown FROM messages", &stmt, NULL), ERR_OK);
    CHECK(!sql_step(stmt, &row, NULL) && row);
    CHECK(text_is(sql_text(stmt, 0), "a-m1/dead"));
    sql_finalize(stmt);
    ledger_close(ledger);
}

/* ---- a ledger of the format before ---- */

static const char before[] =
    "INSERT INTO messages(id, channel, state, at, gateway_id, fact) VALUES"
    " ('m1', 'sms', 'accepted', 1, 'new', '1');"
    "INSERT INTO messages(id, channel, delivered_at) VALUES ('m3', 'sms', 9);"
    "INSERT INTO receipts VALUES ('m3', 'delivered', 9, '0', 'sms'),"
    " ('m1', 'queued', 3, '0', 'sms');";

static void an_older_ledger_gives_up_rows_that_only_a_receipt_had_made(void)
{
    const char *folder = getenv("TMPDIR");
    char path[512];
    (void)snprintf(
        path, sizeof(path), "%s/receipts-%d.db", folder ? folder : "/tmp", (int)getpid());
    if (!CHECK(ledger_feed_older(path, 2, before))) {
        return;
    }
    struct ledger *ledger = NULL;
    ledger = open_at(path);
    char *got = ledger ? dump(ledger) : NULL;
    if (CHECK(got)) {
        CHECK(strstr(got, "m m1 accepted") && !strstr(got, "m m3"));
        CHECK(strstr(got, "r m3  delivered 9 0\n") && strstr(got, "r m1  queued 3 1\n"));
        CHECK(strstr(got, "t message accepted  1\n") && !strstr(got, "t message delivered"));
        apply(ledger, "0-9", "[" MESSAGE("m3", "accepted", "5", "") "]");
        free(got);
        got = dump(ledger);
        CHECK(got && strstr(got, "m m3 delivered accepted 5"));
    }
    free(got);
    ledger_close(ledger);
    static const char *const ends[] = {"", "-wal", "-shm"};
    for (size_t index = 0; index < 3; index++) {
        char name[560];
        (void)snprintf(name, sizeof(name), "%s%s", path, ends[index]);
        (void)unlink(name);
    }
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(each_message_shows_the_most_that_was_heard_of_it);
    CHECK_RUN(receipts_of_nobody_are_kept_and_counted_and_make_no_message);
    CHECK_RUN(a_digest_in_a_digest_shows_what_became_of_the_outer_one);
    CHECK_RUN(a_message_says_in_whose_place_it_came);
    CHECK_RUN(any_order_and_repetition_gives_the_same_rows);
    CHECK_RUN(an_alert_tells_why_none_of_its_messages_went_out);
    CHECK_RUN(the_end_of_an_unreadable_message_does_not_make_it_forget_its_alert);
    CHECK_RUN(an_older_ledger_gives_up_rows_that_only_a_receipt_had_made);
    return check_done();
}
