/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulation plays the service; what it tells becomes facts of the journal.
 */
#include "tests/support/ledger_maker.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/must.h"
#include "console/ledger_internal.h"
#include "monitor/facts.h"
#include "rules/simulate.h"

#define FACTS_BYTES_MAX ((size_t)64 << 20)
#define CASES_PER_ENTRY 256

static void entry_end(struct ledger_maker *maker)
{
    char position[32];
    struct err_why why = {0};
    if (maker->facts.bytes == 0) {
        return;
    }
    (void)snprintf(position, sizeof(position), "%" PRId64 "-0", ++maker->position);
    struct buf array;
    buf_init(&array, FACTS_BYTES_MAX);
    buf_char(&array, '[');
    buf_text(&array, buf_view(&maker->facts));
    buf_char(&array, ']');
    MUST(buf_error(&array) == ERR_OK);
    const struct journal_entry entry = {.position = text_of(position), .facts = buf_view(&array)};
    const enum err err = ledger_apply(maker->ledger, &entry, 1, &why);
    if (err != ERR_OK) {
        (void)fprintf(stderr, "ledger_maker: %s\n", why.text);
    }
    MUST(err == ERR_OK);
    buf_release(&array);
    buf_clear(&maker->facts);
    maker->cases_in_entry = 0;
}

static void apply_version(struct ledger_maker *maker)
{
    struct buf json;
    buf_format(
        &maker->facts,
        "{\"k\":\"config\",\"version\":1,\"at\":0,\"by\":\"test\",\"note\":\"\",\"sha256\":\"\","
        "\"digest\":\"%s\",\"from\":null}",
        maker->bundle->digest);
    entry_end(maker);
    buf_init(&json, FACTS_BYTES_MAX);
    MUST(bundle_to_json(maker->bundle, maker->key, &json) == ERR_OK);
    sql_bind_text(maker->ledger->stmts[STMT_CONFIG_BUNDLE], 2, buf_view(&json));
    sql_bind_i64(maker->ledger->stmts[STMT_CONFIG_BUNDLE], 1, 1);
    MUST(sql_run(maker->ledger->stmts[STMT_CONFIG_BUNDLE], NULL) == ERR_OK);
    buf_release(&json);
}

void ledger_maker_open(struct ledger_maker *maker, const char *folder, struct bundle *bundle)
{
    char path[512];
    struct err_why why = {0};
    *maker = (struct ledger_maker){.bundle = bundle};
    buf_init(&maker->facts, FACTS_BYTES_MAX);
    buf_init(&maker->alerts, FACTS_BYTES_MAX);
    (void)snprintf(path, sizeof(path), "%s/seal.key", folder);
    MUST(seal_key_load(path, true, maker->key, &why) == ERR_OK);
    (void)snprintf(path, sizeof(path), "%s/ledger.db", folder);
    MUST(ledger_open(path, &maker->ledger, &why) == ERR_OK);
    bundle->policy.version = 1;
    apply_version(maker);
}

void ledger_maker_close(struct ledger_maker *maker)
{
    ledger_close(maker->ledger);
    buf_release(&maker->facts);
    buf_release(&maker->alerts);
}

void ledger_maker_write_bundle(
    const struct ledger_maker *maker, const struct bundle *bundle, const char *path)
{
    struct buf json;
    buf_init(&json, FACTS_BYTES_MAX);
    MUST(bundle_to_json(bundle, maker->key, &json) == ERR_OK);
    MUST(file_write(path, buf_view(&json), 0600, NULL) == ERR_OK);
    buf_release(&json);
}

/* ---- cases ---- */

static enum err tell_alert(
    void *context, const struct case_state *state, const struct firing *firing)
{
    struct ledger_maker *maker = context;
    if (firing->fired.status != ALERT_COLLAPSED) {
        fact_alert(&maker->alerts, state, firing);
    }
    return buf_error(&maker->alerts);
}

static enum err tell_case(void *context, const struct simulated_case *of)
{
    struct ledger_maker *maker = context;
    const struct policy *const policies[] = {&maker->bundle->policy};
    const struct rulebook rulebook = {policies, 1};
    for (; maker->at < maker->event_count &&
           text_equal(maker->events[maker->at].event.subject, of->state->id);
         maker->at++) {
        const struct made_event *made = &maker->events[maker->at];
        const struct event_fact fact = {
            .event = &made->event,
            .position = TEXT_LITERAL("1-0"),
            .verdict =
                event_is_ledger_only(&made->event, &rulebook) ? VERDICT_LEDGER : VERDICT_APPLIED,
            .cloud_event = made->body,
        };
        fact_event(&maker->facts, &fact);
    }
    fact_case(&maker->facts, of->state, maker->bundle->policy.calendar);
    if (maker->alerts.bytes > 0) {
        buf_char(&maker->facts, ',');
        buf_text(&maker->facts, buf_view(&maker->alerts));
        buf_clear(&maker->alerts);
    }
    if (++maker->cases_in_entry == CASES_PER_ENTRY) {
        entry_end(maker);
    }
    return buf_error(&maker->facts);
}

void ledger_maker_add(
    struct ledger_maker *maker, struct made_event *events, size_t count, struct wall_ms now)
{
    const struct policy *const policies[] = {&maker->bundle->policy};
    const struct rulebook rulebook = {policies, 1};
    const struct simulation_watcher watcher = {
        .context = maker, .on_firing = tell_alert, .on_case = tell_case};
    struct simulation *simulation = simulation_create(&rulebook);
    MUST(simulation);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (events[i].event.arrived.ms > now.ms) {
            continue;
        }
        events[i].event.rules_version = 1;
        events[kept++] = events[i];
        MUST(simulation_add(simulation, &events[kept - 1].event) == ERR_OK);
    }
    maker->events = events;
    maker->event_count = kept;
    maker->at = 0;
    simulation_watch(simulation, &watcher);
    MUST(simulation_run(simulation, now, NULL, NULL) == ERR_OK);
    simulation_free(simulation);
    MUST(maker->at == kept); /* the events of a case stood together */
    entry_end(maker);
}
