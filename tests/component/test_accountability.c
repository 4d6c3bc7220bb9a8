/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The accountability list of the ledger against the entries that rules/figures.h makes of the same
 * cases; then outcomes, statements, waivers, scopes, and who is told.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "console/account_watch.h"
#include "rules/simulate.h"
#include "tests/support/check.h"
#include "tests/support/city.h"

static struct city city;
static char folder[256];
static struct ledger_maker maker;
static struct bundle *bundle;
static struct settings settings;
static int64_t place = 900000;

static const char *in_folder(const char *name)
{
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    return arena_string(&city.arena, text_of(path));
}

static const struct actor oversight = {.kind = ACTOR_SERVICE, .scope = {.all = true}};

static struct view view_at(const char *now)
{
    return (struct view){
        .ledger = maker.ledger,
        .bundle = bundle,
        .settings = &settings,
        .now = city_instant(now),
        .actor = &oversight,
    };
}

static struct account_list list_of(const struct account_query *query)
{
    const struct view view = view_at(CITY_UNTIL);
    struct account_list list = {0};
    CHECK_EQ(accountability_list(&view, query, &city.arena, &list), ERR_OK);
    return list;
}

/* ---- what the rules say ---- */

static enum err count_case(void *context, const struct simulated_case *of)
{
    return figures_add_state(context, of->state, of->events, of->event_count);
}

static struct figure_entries simulated(void)
{
    const struct policy *const policies[] = {&bundle->policy};
    const struct rulebook rulebook = {policies, 1};
    struct figures *figures = figures_create(&city.arena, bundle->policy.calendar);
    const struct simulation_watcher watcher = {.context = figures, .on_case = count_case};
    struct simulation *simulation = simulation_create(&rulebook);
    struct figure_entries entries = {0};
    for (size_t i = 0; i < city.event_count; i++) {
        CHECK_EQ(simulation_add(simulation, &city.events[i].event), ERR_OK);
    }
    simulation_watch(simulation, &watcher);
    CHECK_EQ(simulation_run(simulation, city_instant(CITY_UNTIL), NULL, NULL), ERR_OK);
    CHECK_EQ(
        figures_entries(figures, &bundle->policy.sets[0].accountability[0], NULL, 0, &entries),
        ERR_OK);
    simulation_free(simulation);
    return entries;
}

static void the_list_is_what_the_rules_make_of_the_cases(void)
{
    const struct account_query query = {0};
    const struct account_list list = list_of(&query);
    const struct figure_entries wanted = simulated();
    CHECK_EQ(list.count, wanted.count);
    CHECK_GE(wanted.count, 2);
    for (size_t i = 0; i < wanted.count; i++) {
        size_t found = 0;
        while (found < list.count && !(text_equal(list.items[found].who, wanted.items[i].who) &&
                                       list.items[found].opened.ms == wanted.items[i].opened.ms)) {
            found++;
        }
        check_note("%.*s", TEXT_ARGS(wanted.items[i].who));
        if (!CHECK(found < list.count)) {
            continue;
        }
        const struct account_entry *entry = &list.items[found];
        CHECK_EQ(entry->evidence_count, wanted.items[i].evidence_count);
        for (size_t e = 0; e < entry->evidence_count; e++) {
            CHECK(text_equal(entry->evidence[e]->case_id, wanted.items[i].evidence[e]->case_id));
            CHECK_EQ(entry->evidence[e]->due.ms, wanted.items[i].evidence[e]->due.ms);
        }
        CHECK(!entry->outcome);
    }
    for (size_t i = 1; i < list.count; i++) {
        CHECK_GE(list.items[i - 1].opened.ms, list.items[i].opened.ms);
    }
}

static void a_unit_sees_its_own_entries_alone(void)
{
    const struct account_query all = {0};
    const struct account_list list = list_of(&all);
    struct text ids[1];
    if (!CHECK(list.count > 0)) {
        return;
    }
    ids[0] = list.items[0].unit;
    char units[128];
    (void)snprintf(units, sizeof(units), "[\"%.*s\"]", TEXT_ARGS(ids[0]));
    const struct scope own = {.units = text_of(units), .ids = ids, .id_count = 1};
    const struct account_query query = {.scope = &own};
    const struct account_list seen = list_of(&query);
    CHECK_GE(seen.count, 1);
    for (size_t i = 0; i < seen.count; i++) {
        CHECK(text_equal(seen.items[i].unit, ids[0]));
    }
    const struct scope none = {.units = TEXT_LITERAL("[]")};
    const struct view view = view_at(CITY_UNTIL);
    struct account_entry entry;
    CHECK_EQ(
        accountability_find(&view, list.items[0].id, &none, &city.arena, &entry), ERR_NOT_FOUND);
    CHECK_EQ(accountability_find(&view, list.items[0].id, &own, &city.arena, &entry), ERR_OK);
}

/* ---- what people decide ---- */

static void tell(const char *facts)
{
    char position[32];
    struct err_why why = {0};
    (void)snprintf(position, sizeof(position), "%lld-0", (long long)++place);
    const struct journal_entry entry = {.position = text_of(position), .facts = text_of(facts)};
    CHECK_EQ(ledger_apply(maker.ledger, &entry, 1, &why), ERR_OK);
}

static void an_outcome_closes_the_entry_and_is_told_once(void)
{
    char facts[1024];
    const struct account_query open = {.open_only = true};
    const struct account_query closed = {.closed_only = true};
    const struct account_list before = list_of(&open);
    if (!CHECK(before.count > 0)) {
        return;
    }
    const struct account_entry *entry = &before.items[0];
    const struct wall_ms last = entry->evidence[entry->evidence_count - 1]->due;
    (void)snprintf(
        facts, sizeof(facts),
        "[{\"k\":\"statement\",\"id\":\"s1\",\"entry\":\"%.*s\",\"policy\":\"no-action\","
        "\"who\":\"%.*s\",\"at\":%lld,\"by\":\"p\",\"text\":\"人手不足\"},"
        "{\"k\":\"outcome\",\"id\":\"o1\",\"entry\":\"%.*s\",\"policy\":\"no-action\","
        "\"who\":\"%.*s\",\"at\":%lld,\"kind\":\"interviewed\",\"by\":\"q\",\"text\":\"已约谈\"}]",
        TEXT_ARGS(entry->id), TEXT_ARGS(entry->who), (long long)last.ms + 1, TEXT_ARGS(entry->id),
        TEXT_ARGS(entry->who), (long long)last.ms + 2);
    tell(facts);
    tell(facts); /* a journal that is read again */
    const struct account_list after = list_of(&open);
    const struct account_list done = list_of(&closed);
    CHECK_EQ(after.count, before.count - 1);
    if (CHECK_EQ(done.count, 1)) {
        CHECK(text_equal(done.items[0].id, entry->id));
        CHECK(text_is(done.items[0].outcome->kind, "interviewed"));
        CHECK_EQ(done.items[0].statement_count, 1);
        CHECK(text_is(done.items[0].statements[0].note, "人手不足"));
    }
}

static void a_waiver_takes_its_miss_out_of_the_entry(void)
{
    char facts[1024];
    const struct account_query open = {.open_only = true};
    const struct account_list before = list_of(&open);
    if (!CHECK(before.count > 0)) {
        return;
    }
    const struct account_entry *entry = &before.items[before.count - 1];
    const struct figure_run *miss = entry->evidence[0];
    const size_t misses = entry->evidence_count;
    (void)snprintf(
        facts, sizeof(facts),
        "[{\"k\":\"case\",\"id\":\"%.*s\",\"unit\":\"%.*s\",\"state\":\"completed\",\"light\":"
        "\"green\",\"created\":1,\"updated\":1,\"runs\":[{\"clock\":\"%.*s\",\"run\":1,"
        "\"family\":\"reply\",\"due\":%lld,\"outcome\":\"missed\",\"stopped\":null,\"unit\":"
        "\"%.*s\",\"waived\":true}]}]",
        TEXT_ARGS(miss->case_id), TEXT_ARGS(miss->unit), TEXT_ARGS(miss->clock),
        (long long)miss->due.ms, TEXT_ARGS(miss->unit));
    const struct text who = entry->who;
    tell(facts);
    const struct account_query query = {.open_only = true, .unit = who};
    const struct account_list after = list_of(&query);
    for (size_t i = 0; i < after.count; i++) {
        CHECK_GE(misses - 1, after.items[i].evidence_count);
        for (size_t e = 0; e < after.items[i].evidence_count; e++) {
            CHECK(!text_equal(after.items[i].evidence[e]->case_id, miss->case_id));
        }
    }
}

/* ---- who is told ---- */

static void an_entry_is_told_within_a_day_of_its_opening(void)
{
    static struct account_notice notices[ACCOUNT_NOTICES_MAX];
    const struct account_query open = {.open_only = true};
    const struct account_list list = list_of(&open);
    struct view view = view_at(CITY_UNTIL);
    size_t count = 0;
    if (!CHECK(list.count > 0)) {
        return;
    }
    view.now = wall_add(list.items[0].opened, 60000);
    CHECK_EQ(account_notices(&view, &city.arena, notices, &count), ERR_OK);
    CHECK_GE(count, 1);
    for (size_t i = 0; i < count; i++) {
        char json[2048];
        (void)snprintf(json, sizeof(json), "%.*s", TEXT_ARGS(notices[i].json));
        check_note("%s", json);
        CHECK(strstr(json, "\"notice\":\"account\"") && strstr(json, notices[i].id));
        CHECK(strstr(json, "问责线索"));
    }
    view.now = wall_add(list.items[0].opened, (int64_t)24 * 3600000);
    CHECK_EQ(account_notices(&view, &city.arena, notices, &count), ERR_OK);
    CHECK_EQ(count, 0);
}

int main(int argc, char **argv)
{
    const char *tmp = getenv("TMPDIR");
    static const char *const names[] = {"ledger.db", "ledger.db-wal", "ledger.db-shm", "seal.key"};
    check_filter(argc > 1 ? argv[1] : NULL);
    (void)snprintf(folder, sizeof(folder), "%s/account-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(folder)) {
        return 2;
    }
    city_load(&city);
    bundle = city_bundle(&city, NULL, NULL);
    ledger_maker_open(&maker, folder, bundle);
    ledger_maker_add(&maker, city_copy(&city), city.event_count, city_instant(CITY_UNTIL));
    CHECK_RUN(the_list_is_what_the_rules_make_of_the_cases);
    CHECK_RUN(a_unit_sees_its_own_entries_alone);
    CHECK_RUN(an_entry_is_told_within_a_day_of_its_opening);
    CHECK_RUN(an_outcome_closes_the_entry_and_is_told_once);
    CHECK_RUN(a_waiver_takes_its_miss_out_of_the_entry);
    ledger_maker_close(&maker);
    bundle_free(bundle);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void)unlink(in_folder(names[i]));
    }
    (void)rmdir(folder);
    city_release(&city);
    return check_done();
}
