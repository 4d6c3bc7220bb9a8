/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger counts met and missed in SQL as facts come in; rules/figures.h counts them from the
 * runs. Both must say the same of the same cases, per family and per unit.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "config/event_json.h"
#include "console/ledger_read.h"
#include "rules/figures.h"
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

static struct figures *count(const struct bundle *bundle)
{
    const struct policy *const policies[] = {&bundle->policy};
    const struct rulebook rulebook = {policies, 1};
    struct figures *figures = figures_create(&city.arena, bundle->policy.calendar);
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

struct check {
    const struct figure_row *const *rows;
    size_t row_count;
    size_t seen;
};

static bool check_row(void *context, const struct ledger_figure *row)
{
    struct check *check = context;
    for (size_t i = 0; i < check->row_count; i++) {
        const struct figure_row *counted = check->rows[i];
        if (counted->month == 0 && text_equal(counted->family, row->family) &&
            text_equal(counted->unit, row->unit)) {
            check_note("%.*s %.*s", TEXT_ARGS(row->family), TEXT_ARGS(row->unit));
            CHECK_EQ(counted->met, row->met);
            if (row->unit.bytes == 0 && text_is(row->family, "reply")) {
                missed_of_reply = row->missed;
            }
            if (row->unit.bytes == 0) { /* per unit the ledger counts each case once */
                CHECK_EQ(counted->missed, row->missed);
            } else {
                CHECK_GE(counted->missed, row->missed);
            }
            check->seen++;
            return true;
        }
    }
    return CHECK(!"the figures have this row too");
}

static void agree(const char *rules)
{
    struct ledger_maker maker;
    struct check check = {0};
    struct bundle *bundle = city_bundle(&city, rules, NULL);
    (void)unlink(in_folder("ledger.db"));
    ledger_maker_open(&maker, folder, bundle);
    ledger_maker_add(&maker, city_copy(&city), city.event_count, city_instant(CITY_UNTIL));
    struct figures *figures = count(bundle);
    if (CHECK(figures) && CHECK_EQ(figures_rows(figures, &check.rows, &check.row_count), ERR_OK)) {
        CHECK_EQ(ledger_family_figures(maker.ledger, check_row, &check), ERR_OK);
        CHECK_GE(check.seen, 1);
        CHECK_EQ(ledger_unit_figures(maker.ledger, 0, check_row, &check), ERR_OK);
        CHECK_GE(check.seen, 20);
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
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void)unlink(in_folder(names[i]));
    }
    (void)rmdir(folder);
    city_release(&city);
    return check_done();
}
