/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit trail in the ledger: its chain, its anchors, and what is found when somebody has
 * changed, taken out, moved or cut off entries.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "console/audit_anchor.h"
#include "tests/support/check.h"

#define ENTRIES 6

static char folder[] = "/tmp/nrt-audit-XXXXXX";
static char db_path[128];
static char anchors_path[128];
static struct ledger *ledger;
static struct seal_keys keys = {.keys = {{.bytes = {7}, .id = "0a0b0c0d"}}, .count = 1};

static void feed_one(const char *position, const char *facts)
{
    const struct journal_entry entry = {
        .partition = 0, .position = text_of(position), .facts = text_of(facts)};
    CHECK_EQ(ledger_apply(ledger, &entry, 1, NULL), ERR_OK);
}

static void feed(int number)
{
    char facts[512];
    char position[32];
    (void)snprintf(position, sizeof(position), "%d-0", number);
    (void)snprintf(
        facts, sizeof(facts),
        "[{\"k\":\"audit\",\"at\":%d,\"act\":\"a%d\",\"phase\":\"once\",\"actor\":\"wang\","
        "\"kind\":\"session\",\"roles\":\"unit ops\",\"peer\":\"10.0.0.1\",\"action\":"
        "\"case.event\",\"object\":\"C%d\",\"status\":202,\"detail\":\"x\",\"before\":\"\","
        "\"after\":\"\"}]",
        number * 1000, number, number);
    feed_one(position, facts);
}

static void begin(void)
{
    (void)unlink(db_path);
    (void)unlink(anchors_path);
    CHECK_EQ(ledger_open(db_path, &ledger, NULL), ERR_OK);
    for (int number = 1; number <= ENTRIES; number++) {
        feed(number);
    }
}

static void end(void)
{
    ledger_close(ledger);
    ledger = NULL;
}

static struct audit_verdict verdict_now(void)
{
    struct audit_verdict verdict;
    struct err_why why = {0};
    const struct anchors anchors = {.path = anchors_path, .keys = &keys};
    CHECK_EQ(audit_verify(ledger, &anchors, &verdict, &why), ERR_OK);
    check_note("seq %d: %s", (int)audit_broken_seq(&verdict), audit_broken_why(&verdict));
    return verdict;
}

static void tamper(const char *script)
{
    struct err_why why = {0};
    CHECK_EQ(sql_exec(ledger->db, script, &why), ERR_OK);
    check_note("%s: %s", script, why.text);
}

static void anchor(void)
{
    struct audit_head head;
    CHECK_EQ(ledger_audit_head(ledger, 0, 0, &head), ERR_OK);
    CHECK_EQ(audit_anchor_add(anchors_path, &keys, &head, (struct wall_ms){5}, NULL), ERR_OK);
}

static void what_was_written_is_whole(void)
{
    begin();
    anchor();
    const struct audit_verdict verdict = verdict_now();
    CHECK(audit_is_whole(&verdict));
    CHECK_EQ(verdict.chain.entries, ENTRIES);
    CHECK_EQ(verdict.chain.head.seq, ENTRIES);
    CHECK_EQ(verdict.anchors.anchors, 1);
    CHECK_STR(verdict.anchors.warning, "");
    end();
}

static void an_entry_that_is_fed_again_stands_once(void)
{
    begin();
    feed(3);
    feed(ENTRIES);
    const struct audit_verdict verdict = verdict_now();
    CHECK(audit_is_whole(&verdict));
    CHECK_EQ(verdict.chain.entries, ENTRIES);
    end();
}

static void the_same_journal_gives_the_same_chain(void)
{
    begin();
    const struct audit_verdict first = verdict_now();
    end();
    begin();
    const struct audit_verdict second = verdict_now();
    CHECK_STR(second.chain.head.hash, first.chain.head.hash);
    end();
}

static void an_entry_is_no_news_for_who_looks_at_lists(void)
{
    begin();
    CHECK_EQ(ledger_revision(ledger), 0);
    feed_one("90-0", "[{\"k\":\"audit\",\"action\":\"x\"},{\"k\":\"reject\",\"at\":1}]");
    CHECK_EQ(ledger_revision(ledger), 1);
    end();
}

/* Each column of an entry is under its hash. */
static void a_changed_word_is_found_where_it_stands(void)
{
    static const char *const changes[] = {
        "at = at + 1",
        "act = 'b'",
        "phase = 'done'",
        "actor = 'li'",
        "kind = 'token'",
        "roles = 'unit'",
        "peer = '::1'",
        "action = 'case.evenT'",
        "object = 'C9'",
        "status = 200",
        "detail = 'y'",
        "before = '1'",
        "after = '1'",
        "seq = 40",
        "partition = 1",
        "hash = replace(hash, substr(hash, 1, 1), iif(substr(hash, 1, 1) = '0', '1', '0'))",
    };
    for (size_t index = 0; index < sizeof(changes) / sizeof(changes[0]); index++) {
        char script[256];
        begin();
        (void)snprintf(script, sizeof(script), "UPDATE audit SET %s WHERE seq = 3", changes[index]);
        tamper(script);
        const struct audit_verdict verdict = verdict_now();
        CHECK(!audit_is_whole(&verdict));
        CHECK_EQ(audit_broken_seq(&verdict), 3);
        end();
    }
}

static void an_entry_that_is_gone_is_found(void)
{
    begin();
    tamper("DELETE FROM audit WHERE seq = 4");
    struct audit_verdict verdict = verdict_now();
    CHECK(!audit_is_whole(&verdict));
    CHECK_EQ(audit_broken_seq(&verdict), 4);
    tamper("UPDATE audit SET seq = seq - 1 WHERE seq > 4"); /* closing the gap does not help */
    verdict = verdict_now();
    CHECK_EQ(audit_broken_seq(&verdict), 4);
    tamper("DELETE FROM audit WHERE seq = 1");
    verdict = verdict_now();
    CHECK_EQ(audit_broken_seq(&verdict), 1);
    end();
}

static void two_entries_that_were_swapped_are_found(void)
{
    begin();
    tamper("UPDATE audit SET seq = -2 WHERE seq = 2");
    tamper("UPDATE audit SET seq = 2 WHERE seq = 5");
    tamper("UPDATE audit SET seq = 5 WHERE seq = -2");
    const struct audit_verdict verdict = verdict_now();
    CHECK(!audit_is_whole(&verdict));
    CHECK_EQ(audit_broken_seq(&verdict), 2);
    end();
}

static void a_tail_that_was_cut_off_is_found_by_an_anchor(void)
{
    begin();
    anchor();
    tamper("DELETE FROM audit WHERE seq > 4");
    struct audit_verdict verdict = verdict_now();
    CHECK(!verdict.chain.broken); /* what is left fits */
    CHECK(!audit_is_whole(&verdict));
    CHECK_EQ(audit_broken_seq(&verdict), ENTRIES);
    /* Other entries in their place fit too, and are told by the same anchor. */
    tamper("DELETE FROM positions");
    feed(17);
    feed(18);
    verdict = verdict_now();
    CHECK(!verdict.chain.broken);
    CHECK_EQ(verdict.chain.entries, ENTRIES);
    CHECK_EQ(audit_broken_seq(&verdict), ENTRIES);
    tamper("DELETE FROM audit");
    verdict = verdict_now();
    CHECK(!audit_is_whole(&verdict));
    end();
}

/* A backup is compared with the anchors up to its own end. */
static void a_copy_of_before_lacks_what_came_later(void)
{
    struct audit_verdict verdict;
    const struct anchors anchors = {.path = anchors_path, .keys = &keys, .newer_may_lack = true};
    begin();
    anchor();
    tamper("DELETE FROM audit WHERE seq > 4");
    CHECK_EQ(audit_verify(ledger, &anchors, &verdict, NULL), ERR_OK);
    CHECK(audit_is_whole(&verdict));
    CHECK(strstr(verdict.anchors.warning, "after this copy") != NULL);
    end();
}

static void write_anchors(const char *text)
{
    FILE *file = fopen(anchors_path, "w");
    if (CHECK(file)) {
        CHECK(fputs(text, file) >= 0);
        CHECK_EQ(fclose(file), 0);
    }
}

static void an_anchor_that_somebody_else_wrote_is_found(void)
{
    char line[256];
    struct audit_head head;
    begin();
    CHECK_EQ(ledger_audit_head(ledger, 0, 2, &head), ERR_OK);
    (void)snprintf(line, sizeof(line), "5 2 %s 0a0b0c0d %s\n", head.hash, head.hash);
    write_anchors(line);
    struct audit_verdict verdict = verdict_now();
    CHECK(verdict.anchors.broken);
    CHECK_EQ(audit_broken_seq(&verdict), 2);
    /* Of a key that nobody has any more it is only compared. */
    (void)snprintf(line, sizeof(line), "5 2 %s ffffffff %s\n", head.hash, head.hash);
    write_anchors(line);
    verdict = verdict_now();
    CHECK(audit_is_whole(&verdict));
    CHECK(strstr(verdict.anchors.warning, "ffffffff") != NULL);
    end();
}

static void a_line_that_is_no_anchor_is_found(void)
{
    static const char *const lines[] = {
        "x\n",
        "\n",
        "5 2\n",
        "5 2 aa bb cc dd\n",
        "5 2 aa bb \n",
        "a 2 aa bb cc\n",
        "5 b aa bb cc\n",
    };
    begin();
    for (size_t index = 0; index < sizeof(lines) / sizeof(lines[0]); index++) {
        write_anchors(lines[index]);
        const struct audit_verdict verdict = verdict_now();
        CHECK(!audit_is_whole(&verdict));
    }
    end();
}

static void without_anchors_it_says_so(void)
{
    begin();
    const struct audit_verdict verdict = verdict_now();
    CHECK(audit_is_whole(&verdict));
    CHECK(strstr(verdict.anchors.warning, "no anchors") != NULL);
    end();
}

/* ---- reading ---- */

static bool add_row(void *context, const struct audit_row *row)
{
    char *out = context;
    const size_t bytes = strlen(out);
    (void)snprintf(
        out + bytes, 256 - bytes, "%lld:%.*s:%.*s;", (long long)row->seq, TEXT_ARGS(row->phase),
        TEXT_ARGS(row->object));
    return true;
}

static const char *listed(struct audit_query query)
{
    static char text[256];
    struct list_end list_end;
    text[0] = '\0';
    query.limit = query.limit ? query.limit : 50;
    CHECK_EQ(ledger_audit(ledger, &query, add_row, text, &list_end), ERR_OK);
    return text;
}

static void of_an_act_that_has_ended_only_its_end_is_listed(void)
{
    begin();
    tamper("DELETE FROM audit");
    feed_one(
        "20-0", "[{\"k\":\"audit\",\"act\":\"p\",\"phase\":\"begun\",\"actor\":\"li\","
                "\"action\":\"x.y\",\"object\":\"1\"},"
                "{\"k\":\"audit\",\"act\":\"q\",\"phase\":\"begun\",\"actor\":\"li\","
                "\"action\":\"x.z\",\"object\":\"2\"}]");
    feed_one(
        "21-0", "[{\"k\":\"audit\",\"act\":\"p\",\"phase\":\"done\",\"actor\":\"li\","
                "\"action\":\"x.y\",\"object\":\"1\",\"status\":200}]");
    CHECK_STR(listed((struct audit_query){0}), "3:done:1;2:begun:2;");
    CHECK_STR(listed((struct audit_query){.action = TEXT_LITERAL("x.z")}), "2:begun:2;");
    CHECK_STR(listed((struct audit_query){.actor = TEXT_LITERAL("wang")}), "");
    end();
}

static void a_list_is_read_in_pages_and_by_filters(void)
{
    begin();
    CHECK_STR(listed((struct audit_query){.limit = 2}), "6:once:C6;5:once:C5;");
    const struct ledger_key after = {.given = true, .number = 5, .tie = TEXT_LITERAL("0")};
    CHECK_STR(listed((struct audit_query){.limit = 2, .after = after}), "4:once:C4;3:once:C3;");
    CHECK_STR(listed((struct audit_query){.object = TEXT_LITERAL("C2")}), "2:once:C2;");
    CHECK_STR(listed((struct audit_query){.q = TEXT_LITERAL("c2")}), "2:once:C2;");
    CHECK_STR(listed((struct audit_query){.from = 2000, .until = 4000}), "3:once:C3;2:once:C2;");
    end();
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    if (!mkdtemp(folder)) {
        return 1;
    }
    (void)snprintf(db_path, sizeof(db_path), "%s/ledger.db", folder);
    (void)snprintf(anchors_path, sizeof(anchors_path), "%s/%s", folder, AUDIT_ANCHOR_FILE);
    CHECK_RUN(what_was_written_is_whole);
    CHECK_RUN(an_entry_that_is_fed_again_stands_once);
    CHECK_RUN(the_same_journal_gives_the_same_chain);
    CHECK_RUN(an_entry_is_no_news_for_who_looks_at_lists);
    CHECK_RUN(a_changed_word_is_found_where_it_stands);
    CHECK_RUN(an_entry_that_is_gone_is_found);
    CHECK_RUN(two_entries_that_were_swapped_are_found);
    CHECK_RUN(a_tail_that_was_cut_off_is_found_by_an_anchor);
    CHECK_RUN(a_copy_of_before_lacks_what_came_later);
    CHECK_RUN(an_anchor_that_somebody_else_wrote_is_found);
    CHECK_RUN(a_line_that_is_no_anchor_is_found);
    CHECK_RUN(without_anchors_it_says_so);
    CHECK_RUN(of_an_act_that_has_ended_only_its_end_is_listed);
    CHECK_RUN(a_list_is_read_in_pages_and_by_filters);
    (void)unlink(db_path);
    (void)unlink(anchors_path);
    (void)rmdir(folder);
    return check_done();
}
