/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger keeps sums in SQL as facts come in; rules/figures.h counts from the runs and events.
 * Both must say the same of the same cases, by family, unit and month.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/prng.h"
#include "config/event_json.h"
#include "console/ledger_figures.h"
#include "console/ledger_read.h"
#include "rules/simulate.h"
#include "tests/support/check.h"
#include "tests/support/city.h"

static struct city city;
static char folder[256];
static int64_t missed_of_reply;

static const char *in_folder(const char *name)
{
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    return arena_string(&city.arena, text_of(path));
}

static enum err count_case(void *context, const struct simulated_case *of)
{
    return figures_add_state(context, of->state, of->events, of->event_count);
}

/* By the bundle's rules, with the months of a calendar. */
static struct figures *count(const struct bundle *bundle, const struct calendar *calendar)
{
    const struct policy *const policies[] = {&bundle->policy};
    const struct rulebook rulebook = {policies, 1};
    struct figures *figures = figures_create(&city.arena, calendar);
    const struct simulation_watcher watcher = {.context = figures, .on_case = count_case};
    struct simulation *simulation = simulation_create(&rulebook);
    if (!CHECK(figures && simulation)) {
        return NULL;
    }
    for (size_t i = 0; i < city.event_count; i++) {
        CHECK_EQ(simulation_add(simulation, &city.events[i].event), ERR_OK);
    }
    simulation_watch(simulation, &watcher);
    CHECK_EQ(simulation_run(simulation, city_instant(CITY_UNTIL), NULL, NULL), ERR_OK);
    simulation_free(simulation);
    return figures;
}

/* ---- the sums of the ledger are the rows of the figures, each of them, and no others ---- */

struct check {
    const struct figure_row *const *rows;
    size_t row_count;
    size_t seen;
};

/* Of runs the row of their family, of cases the row of none. */
static const struct figure_row *row_like(const struct check *check, const struct figure_row *like)
{
    for (size_t i = 0; i < check->row_count; i++) {
        const struct figure_row *row = check->rows[i];
        if (row->month == like->month && text_equal(row->family, like->family) &&
            text_equal(row->unit, like->unit)) {
            return row;
        }
    }
    return NULL;
}

static bool is_nothing(const struct figure_row *row)
{
    return row->met + row->missed + row->received + row->handled + row->ratings == 0;
}

static bool check_sums(void *context, const struct figure_sums *sums)
{
    struct check *check = context;
    const struct figure_row *row = &sums->row;
    const struct figure_row *counted = row_like(check, row);
    if (is_nothing(row)) { /* urged only, or what has moved elsewhere */
        return true;
    }
    check_note("%.*s %.*s %d", TEXT_ARGS(row->family), TEXT_ARGS(row->unit), row->month);
    if (!CHECK(counted)) {
        return false;
    }
    CHECK_EQ(counted->met, row->met);
    CHECK_EQ(counted->missed, row->missed);
    CHECK_EQ(counted->received, row->received);
    CHECK_EQ(counted->accepted, row->accepted);
    CHECK_EQ(counted->completed, row->completed);
    CHECK_EQ(counted->handled, row->handled);
    CHECK_EQ(counted->handled_s, row->handled_s);
    CHECK_EQ(counted->resolved, row->resolved);
    CHECK_EQ(counted->ratings, row->ratings);
    CHECK_EQ(counted->satisfied, row->satisfied);
    if (row->month == 0 && row->unit.bytes == 0 && text_is(row->family, "reply")) {
        missed_of_reply = row->missed;
    }
    check->seen++;
    return true;
}

static bool sum_of_matters(void *context, const struct figure_sums *sums)
{
    struct figure_row *total = context;
    total->met += sums->row.met;
    total->missed += sums->row.missed;
    total->received += sums->row.received;
    return true;
}

/* Told by matter, everything adds up to what is told without. */
static void check_matters(struct ledger *ledger)
{
    const struct figure_query by_matter = {.by = FIGURE_BY_MATTER | FIGURE_BY_UNIT};
    const struct figure_query all = {0};
    struct figure_row parts = {0};
    struct figure_row total = {0};
    CHECK_EQ(ledger_run_sums(ledger, &by_matter, sum_of_matters, &parts), ERR_OK);
    CHECK_EQ(ledger_case_sums(ledger, &by_matter, sum_of_matters, &parts), ERR_OK);
    CHECK_EQ(ledger_run_sums(ledger, &all, sum_of_matters, &total), ERR_OK);
    CHECK_EQ(ledger_case_sums(ledger, &all, sum_of_matters, &total), ERR_OK);
    CHECK_EQ(parts.met, total.met);
    CHECK_EQ(parts.missed, total.missed);
    CHECK_EQ(parts.received, total.received);
    CHECK_GE(total.received, 1);
}

/* What is overdue and open is as much as its list has rows, told by unit and month too. */
static void check_overdue(struct ledger *ledger)
{
    const struct overdue_query list = {.sort = OVERDUE_BY_DUE};
    struct ledger_total listed = {0};
    CHECK_EQ(ledger_overdue_total(ledger, &list, &listed), ERR_OK);
    for (unsigned by = 0; by < 16; by++) {
        const struct figure_query query = {.by = by};
        struct figure_row open = {0};
        CHECK_EQ(ledger_overdue_sums(ledger, &query, sum_of_matters, &open), ERR_OK);
        CHECK_EQ(open.missed, listed.count);
    }
}

static size_t rows_that_count(const struct check *check)
{
    size_t count = 0;
    for (size_t i = 0; i < check->row_count; i++) {
        count += !is_nothing(check->rows[i]);
    }
    return count;
}

static void check_ledger(struct ledger *ledger, struct check *check)
{
    for (unsigned by = 0; by < 4; by++) { /* months and units, or their totals */
        struct figure_query query = {.by = by};
        CHECK_EQ(ledger_case_sums(ledger, &query, check_sums, check), ERR_OK);
        query.by |= FIGURE_BY_FAMILY;
        CHECK_EQ(ledger_run_sums(ledger, &query, check_sums, check), ERR_OK);
    }
    CHECK_EQ(check->seen, rows_that_count(check));
    check_matters(ledger);
    check_overdue(ledger);
}

static void agree(const char *rules)
{
    struct ledger_maker maker;
    struct check check = {0};
    struct bundle *bundle = city_bundle(&city, rules, NULL);
    (void)unlink(in_folder("ledger.db"));
    ledger_maker_open(&maker, folder, bundle);
    ledger_maker_add(&maker, city_copy(&city), city.event_count, city_instant(CITY_UNTIL));
    struct figures *figures = count(bundle, bundle->policy.calendar);
    if (CHECK(figures) && CHECK_EQ(figures_rows(figures, &check.rows, &check.row_count), ERR_OK)) {
        check_ledger(maker.ledger, &check);
        CHECK_GE(check.seen, 100);
    }
    ledger_maker_close(&maker);
    bundle_free(bundle);
}

/* ---- misses that do not count ---- */

static struct made_event waiver(struct text subject, bool approved)
{
    char body[640];
    struct made_event made;
    const int bytes = snprintf(
        body, sizeof(body),
        "{\"specversion\":\"1.0\",\"id\":\"w-%.*s\",\"source\":\"/t\",\"type\":\"case.waived\","
        "\"subject\":\"%.*s\",\"time\":\"2019-08-30T09:00:00+08:00\",\"data\":{\"clock\":"
        "\"reply-within-a-week\",\"reason\":\"台风\"%s}}",
        TEXT_ARGS(subject), TEXT_ARGS(subject), approved ? ",\"approved_by\":\"oversight-1\"" : "");
    made.body = arena_text(&city.arena, (struct text){body, (size_t)bytes});
    CHECK_EQ(event_read(made.body, (struct wall_ms){-1}, &city.arena, &made.event, NULL), ERR_OK);
    return made;
}

/* Every second case is waived, every other one by nobody who may. */
static void add_waivers(void)
{
    struct made_event *all = arena_array(&city.arena, CITY_EVENTS_MAX, sizeof(*all));
    size_t count = 0;
    size_t cases = 0;
    if (!CHECK(all)) {
        return;
    }
    for (size_t i = 0; i < city.event_count; i++) {
        const struct text subject = city.events[i].event.subject;
        all[count++] = city.events[i];
        if (i + 1 == city.event_count || !text_equal(subject, city.events[i + 1].event.subject)) {
            all[count++] = waiver(subject, cases++ % 2 == 0);
        }
    }
    city.events = all;
    city.event_count = count;
}

static void both_leave_out_what_was_waived(void)
{
    struct made_event *events = city.events;
    const size_t count = city.event_count;
    add_waivers();
    agree(NULL);
    CHECK_GE(missed_of_reply, 1);
    CHECK_GE(23, missed_of_reply); /* of 24 */
    city.events = events;
    city.event_count = count;
}

/* ---- a city where more happens ---- */

#define WORDS_MAX 8
static const struct happening {
    const char *kind;
    const char *words[WORDS_MAX]; /* one of them becomes the data */
} happenings[] = {
    {"accepted", {"{}"}},
    {"rated",
     {"{\"score\":5}", "{\"score\":\"4\"}", "{\"score\":3}", "{\"score\":0}", "{\"score\":6}",
      "{\"score\":4.5}", "{}"}},
    {"urged", {"{\"by\":\"o1\",\"text\":\"x\"}"}},
    {"returned", {"{\"reason\":\"x\"}"}},
    {"reopened", {"{\"reason\":\"x\"}"}},
    {"completed", {"{\"result\":\"x\"}"}},
    {"answered", {"{\"result\":\"x\"}"}},
    {"withdrawn", {"{\"reason\":\"x\"}"}},
    {"assigned", {"{\"unit\":\"d02\"}", "{\"unit\":\"d03\"}", "{\"unit\":\"nowhere\"}"}},
    {"suspended", {"{\"reason\":\"x\"}"}},
    {"resumed", {"{}"}},
    {"waived", {"{\"clock\":\"reply-within-a-week\",\"reason\":\"x\",\"approved_by\":\"o1\"}"}},
};
#define HAPPENING_COUNT (sizeof(happenings) / sizeof(happenings[0]))

static struct made_event happening(
    struct prng *prng, const struct made_event *beside, size_t number)
{
    const struct happening *what = &happenings[prng_below(prng, HAPPENING_COUNT)];
    size_t words = 0;
    while (words < WORDS_MAX && what->words[words]) {
        words++;
    }
    char body[640];
    char at[WALL_TEXT_BYTES];
    struct made_event made;
    const struct wall_ms time =
        wall_add(beside->event.time, (int64_t)prng_below(prng, (uint64_t)60 * 24 * 3600) * 1000);
    const int bytes = snprintf(
        body, sizeof(body),
        "{\"specversion\":\"1.0\",\"id\":\"h-%zu\",\"source\":\"/t\",\"type\":\"case.%s\","
        "\"subject\":\"%.*s\",\"time\":\"%s\",\"data\":%s}",
        number, what->kind, TEXT_ARGS(beside->event.subject), wall_format(time, 28800, at),
        what->words[prng_below(prng, words)]);
    made.body = arena_text(&city.arena, (struct text){body, (size_t)bytes});
    CHECK_EQ(event_read(made.body, (struct wall_ms){-1}, &city.arena, &made.event, NULL), ERR_OK);
    return made;
}

static void add_happenings(uint64_t seed)
{
    struct made_event *all = arena_array(&city.arena, CITY_EVENTS_MAX, sizeof(*all));
    struct prng prng;
    size_t count = 0;
    if (!CHECK(all)) {
        return;
    }
    prng_seed(&prng, seed);
    for (size_t i = 0; i < city.event_count; i++) {
        all[count++] = city.events[i];
        const size_t more = (size_t)prng_below(&prng, 3);
        for (size_t n = 0; n < more && count < CITY_EVENTS_MAX; n++) {
            all[count] = happening(&prng, &city.events[i], count);
            count++;
        }
    }
    city.events = all;
    city.event_count = count;
}

static void both_count_a_city_alike_where_more_happens(void)
{
    struct made_event *events = city.events;
    const size_t count = city.event_count;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        check_note("seed %d", (int)seed);
        add_happenings(seed);
        agree(NULL);
        city.events = events;
        city.event_count = count;
    }
}

/* ---- another time zone ---- */

static void check_runs(
    struct ledger *ledger, const struct bundle *bundle, const struct calendar *by)
{
    const struct figure_query query = {.by = FIGURE_BY_FAMILY | FIGURE_BY_MONTH | FIGURE_BY_UNIT};
    struct check check = {0};
    struct figures *figures = count(bundle, by);
    CHECK_EQ(ledger_figures_zone(ledger, by, NULL), ERR_OK);
    CHECK_EQ(figures_rows(figures, &check.rows, &check.row_count), ERR_OK);
    CHECK_EQ(ledger_run_sums(ledger, &query, check_sums, &check), ERR_OK);
    CHECK_GE(check.seen, 50);
    check_matters(ledger);
}

static void the_months_follow_the_zone_of_the_calendar(void)
{
    struct ledger_maker maker;
    struct bundle *bundle = city_bundle(&city, NULL, NULL);
    struct calendar_spec spec = *calendar_spec_of(bundle->policy.calendar);
    spec.zone = (struct zone){.name = TEXT_LITERAL("west"), .first_offset_s = -10 * 3600};
    const struct calendar *west = calendar_build(&spec, &city.arena);
    (void)unlink(in_folder("ledger.db"));
    ledger_maker_open(&maker, folder, bundle);
    ledger_maker_add(&maker, city_copy(&city), city.event_count, city_instant(CITY_UNTIL));
    if (CHECK(west)) {
        check_runs(maker.ledger, bundle, west);
    }
    check_runs(maker.ledger, bundle, bundle->policy.calendar);
    ledger_maker_close(&maker);
    bundle_free(bundle);
}

static void both_count_the_city_alike(void)
{
    agree(NULL);
}

static void both_count_it_alike_under_mixed_rules(void)
{
    agree(city_path(&city, "rules-mixed.json"));
}

int main(int argc, char **argv)
{
    const char *tmp = getenv("TMPDIR");
    static const char *const names[] = {"ledger.db", "ledger.db-wal", "ledger.db-shm", "seal.key"};
    check_filter(argc > 1 ? argv[1] : NULL);
    (void)snprintf(folder, sizeof(folder), "%s/figures-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(folder)) {
        return 2;
    }
    city_load(&city);
    CHECK_RUN(both_count_the_city_alike);
    CHECK_RUN(both_count_it_alike_under_mixed_rules);
    CHECK_RUN(both_leave_out_what_was_waived);
    CHECK_RUN(the_months_follow_the_zone_of_the_calendar);
    CHECK_RUN(both_count_a_city_alike_where_more_happens);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void)unlink(in_folder(names[i]));
    }
    (void)rmdir(folder);
    city_release(&city);
    return check_done();
}
