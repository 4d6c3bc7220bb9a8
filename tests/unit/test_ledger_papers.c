/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers of notices: one after the other in each series of kind and year, the same whoever reads
 * the journal, however often, in whatever portions; and a ledger that begins late goes on counting.
 */
#include <stdio.h>
#include <string.h>

#include "console/ledger_papers.h"
#include "tests/support/check.h"

#define PAPERS_MAX 16

#define PAPER(id, kind, year, after, at, unit, cases)                                              \
    "{\"k\":\"paper\",\"id\":\"" id "\",\"kind\":\"" kind "\",\"year\":" year ",\"after\":" after  \
    ",\"prefix\":\"东督" kind "\",\"at\":" at                                                      \
    ",\"by\":\"wang\",\"office\":\"市督查室\",\"unit\":\"" unit                                    \
    "\",\"unit_name\":\"U\",\"words\":\"请速办\",\"reply_by\":5000,\"copy_to\":[\"li\"],"       \
    "\"items\":[" cases "]}"
#define CASE(id) "{\"case\":\"" id "\",\"title\":\"T\"}"
#define TOLD(paper, place, case_id)                                                                \
    "{\"k\":\"event\",\"case\":\"" case_id "\",\"p\":0,\"pos\":\"5-0\",\"source\":\"/us\",\"id\":" \
    "\"" paper ":" place "\",\"type\":\"case.urged\",\"time\":1000,\"arrived\":1000,\"rules\":1,"  \
    "\"verdict\":\"applied\",\"ce\":{}}"

static const char *const journal[] = {
    "[" PAPER("a", "urge", "2026", "0", "100", "d01", CASE("c1") "," CASE("c2")) "]",
    "[" PAPER("b", "urge", "2026", "0", "101", "d02", CASE("c1")) "]", /* of another console */
    "[" PAPER("c", "supervise", "2026", "0", "102", "d01", CASE("c3")) "]",
    "[" PAPER("d", "urge", "2027", "0", "103", "d01", CASE("c3")) "]",
    "[" PAPER("e", "urge", "2026", "2", "104", "d01", CASE("c4")) "]",
};
#define ENTRY_COUNT (sizeof(journal) / sizeof(journal[0]))

static struct ledger *open_ledger(void)
{
    struct ledger *ledger = NULL;
    struct err_why why = {0};
    CHECK_EQ(ledger_open(":memory:", &ledger, &why), ERR_OK);
    check_note("%s", why.text);
    return ledger;
}

static void feed_one(struct ledger *ledger, const char *facts, int place)
{
    char position[32];
    (void)snprintf(position, sizeof(position), "%d-0", place);
    const struct journal_entry entry = {
        .partition = 0, .position = text_of(position), .facts = text_of(facts)};
    struct err_why why = {0};
    CHECK_EQ(ledger_apply(ledger, &entry, 1, &why), ERR_OK);
    check_note("%s", why.text);
}

static void feed(struct ledger *ledger, size_t from, size_t until)
{
    for (size_t i = from; i < until; i++) {
        feed_one(ledger, journal[i], (int)i + 1);
    }
}

/* Appends "id number;" */
static bool put_number(void *context, const struct ledger_paper *row)
{
    char *out = context;
    const size_t bytes = strlen(out);
    (void)snprintf(out + bytes, 512 - bytes, "%.*s %s;", TEXT_ARGS(row->id), row->number);
    return true;
}

static const char *numbers(struct ledger *ledger, const struct paper_query *query)
{
    static char text[512];
    struct list_end end;
    text[0] = '\0';
    CHECK_EQ(ledger_papers(ledger, query, put_number, text, &end), ERR_OK);
    return text;
}

static const char *all_numbers(struct ledger *ledger)
{
    const struct paper_query query = {.limit = PAPERS_MAX};
    return numbers(ledger, &query);
}

static const char all[] = "e 东督urge〔2026〕3号;d 东督urge〔2027〕1号;c 东督supervise〔2026〕1号;"
                          "b 东督urge〔2026〕2号;a 东督urge〔2026〕1号;";

static void each_series_counts_from_one_without_a_gap(void)
{
    struct ledger *ledger = open_ledger();
    int64_t last = -1;
    feed(ledger, 0, ENTRY_COUNT);
    CHECK_STR(all_numbers(ledger), all);
    CHECK_EQ(ledger_paper_last(ledger, TEXT_LITERAL("urge"), 2026, &last), ERR_OK);
    CHECK_EQ(last, 3);
    CHECK_EQ(ledger_paper_last(ledger, TEXT_LITERAL("interview"), 2026, &last), ERR_OK);
    CHECK_EQ(last, 0);
    ledger_close(ledger);
}

/* What stands in the journal twice, or is read again, keeps its number and takes no other. */
static void a_fact_that_comes_again_takes_no_number(void)
{
    struct ledger *ledger = open_ledger();
    feed(ledger, 0, 2);
    feed(ledger, 0, 2);
    feed_one(ledger, journal[0], 3);
    feed(ledger, 2, ENTRY_COUNT);
    CHECK_STR(all_numbers(ledger), all);
    ledger_close(ledger);
}

static void a_ledger_of_a_trimmed_journal_goes_on_counting(void)
{
    struct ledger *ledger = open_ledger();
    feed(ledger, 4, ENTRY_COUNT);
    CHECK_STR(all_numbers(ledger), "e 东督urge〔2026〕3号;");
    ledger_close(ledger);
}

static void papers_are_found_by_case_unit_kind_and_scope(void)
{
    struct ledger *ledger = open_ledger();
    feed(ledger, 0, ENTRY_COUNT);
    const struct paper_query of_case = {.case_id = TEXT_LITERAL("c1"), .limit = PAPERS_MAX};
    CHECK_STR(numbers(ledger, &of_case), "b 东督urge〔2026〕2号;a 东督urge〔2026〕1号;");
    const struct paper_query of_kind = {.kind = TEXT_LITERAL("supervise"), .limit = PAPERS_MAX};
    CHECK_STR(numbers(ledger, &of_kind), "c 东督supervise〔2026〕1号;");
    const struct scope scope = {.units = TEXT_LITERAL("[\"d02\",\"d09\"]")};
    const struct paper_query in_scope = {.scope = &scope, .limit = PAPERS_MAX};
    CHECK_STR(numbers(ledger, &in_scope), "b 东督urge〔2026〕2号;");
    const struct scope nothing = {.units = TEXT_LITERAL("[]")};
    const struct paper_query hidden = {.id = TEXT_LITERAL("a"), .scope = &nothing, .limit = 1};
    CHECK_STR(numbers(ledger, &hidden), "");
    const struct paper_query paged = {
        .after = {.given = true, .number = 103, .tie = TEXT_LITERAL("d")}, .limit = 1};
    CHECK_STR(numbers(ledger, &paged), "c 东督supervise〔2026〕1号;");
    ledger_close(ledger);
}

static void a_case_that_has_not_heard_of_its_paper_is_found(void)
{
    struct ledger *ledger = open_ledger();
    char id[128];
    int64_t at = 0;
    feed(ledger, 0, 2);
    feed_one(ledger, "[" TOLD("a", "0", "c1") "," TOLD("b", "0", "c1") "]", 3);
    CHECK_EQ(ledger_paper_untold(ledger, 0, "/us", id, &at), ERR_OK);
    CHECK_STR(id, "a"); /* c2 has not */
    CHECK_EQ(at, 100);
    CHECK_EQ(ledger_paper_untold(ledger, 101, "/us", id, &at), ERR_NOT_FOUND);
    feed_one(ledger, "[" TOLD("a", "1", "c2") "]", 4);
    CHECK_EQ(ledger_paper_untold(ledger, 0, "/us", id, &at), ERR_NOT_FOUND);
    CHECK_EQ(ledger_paper_untold(ledger, 0, "/them", id, &at), ERR_OK);
    ledger_close(ledger);
}

int main(void)
{
    CHECK_RUN(each_series_counts_from_one_without_a_gap);
    CHECK_RUN(a_fact_that_comes_again_takes_no_number);
    CHECK_RUN(a_ledger_of_a_trimmed_journal_goes_on_counting);
    CHECK_RUN(papers_are_found_by_case_unit_kind_and_scope);
    CHECK_RUN(a_case_that_has_not_heard_of_its_paper_is_found);
    return check_done();
}
