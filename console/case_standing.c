/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See case_standing.h.
 */
#include "console/case_standing.h"

#include <string.h>

#include "console/ledger_sql.h"

#define UNITS_MAX 256

struct reading {
    struct arena *arena;
    struct case_standing *standing;
    struct standing_run *runs;
    struct text *units;
};

static enum case_phase phase_of(struct text state)
{
    for (int phase = 0; phase < CASE_PHASE_COUNT; phase++) {
        if (text_is(state, case_phase_name((enum case_phase)phase))) {
            return (enum case_phase)phase;
        }
    }
    return CASE_UNKNOWN;
}

static void add_unit(struct reading *reading, struct text unit)
{
    struct case_standing *standing = reading->standing;
    if (unit.bytes > 0 && standing->unit_count < UNITS_MAX &&
        !text_is_among(unit, reading->units, standing->unit_count)) {
        reading->units[standing->unit_count++] = arena_text(reading->arena, unit);
    }
}

static bool take_case(void *context, const struct ledger_case *row)
{
    struct reading *reading = context;
    struct case_standing *standing = reading->standing;
    standing->id = arena_text(reading->arena, row->id);
    standing->title = arena_text(reading->arena, row->title);
    standing->unit = arena_text(reading->arena, row->unit);
    standing->phase = phase_of(row->state);
    standing->objected = row->objected;
    standing->updated = row->updated;
    add_unit(reading, row->unit);
    return false;
}

static bool take_run(void *context, const struct ledger_run *row)
{
    struct reading *reading = context;
    struct case_standing *standing = reading->standing;
    if (standing->run_count == STANDING_RUNS_MAX) {
        return false;
    }
    reading->runs[standing->run_count++] = (struct standing_run){
        .clock = arena_text(reading->arena, row->clock),
        .outcome = arena_text(reading->arena, row->outcome),
        .due = row->due,
        .has_stopped = row->stopped.known,
        .waived = row->waived,
        .appeal = arena_text(reading->arena, row->appeal),
        .unit = arena_text(reading->arena, row->unit),
    };
    /* "id@unit": the clock of a co-handling unit. */
    if (row->clock.bytes > 0 && memchr(row->clock.ptr, '@', row->clock.bytes)) {
        add_unit(reading, row->unit);
    }
    return true;
}

static enum err work_read(struct ledger *ledger, struct case_standing *standing)
{
    struct select select;
    struct sql_stmt *stmt = NULL;
    select_init(
        &select, "SELECT accepted, urged, last_urged, extension FROM case_work WHERE case_id = ?");
    select_text(&select, standing->id);
    enum err err = select_prepare(&select, ledger, &stmt);
    if (!err && select_row(stmt, &err)) {
        standing->accepted = sql_i64(stmt, 0) != 0;
        standing->urged = sql_i64(stmt, 1);
        standing->last_urged = sql_instant(stmt, 2);
        standing->extension = sql_instant(stmt, 3);
    }
    sql_finalize(stmt);
    select_release(&select);
    return err;
}

enum err case_standing_read(
    struct ledger *ledger, struct text id, struct arena *arena, struct case_standing *ret_standing)
{
    struct case_standing standing = {0};
    struct reading reading = {
        .arena = arena,
        .standing = &standing,
        .runs = arena_array(arena, STANDING_RUNS_MAX, sizeof(struct standing_run)),
        .units = arena_array(arena, UNITS_MAX, sizeof(struct text)),
    };
    if (!reading.runs || !reading.units) {
        return ERR_NO_MEMORY;
    }
    enum err err = ledger_case_read(ledger, id, take_case, &reading);
    if (!err) {
        err = ledger_runs(ledger, id, take_run, &reading);
    }
    if (!err) {
        err = work_read(ledger, &standing);
    }
    if (err) {
        return err;
    }
    standing.runs = reading.runs;
    standing.units = reading.units;
    *ret_standing = standing;
    return ERR_OK;
}

bool case_standing_is_in(const struct case_standing *standing, const struct scope *scope)
{
    bool found = scope->all;
    for (size_t index = 0; index < standing->unit_count && !found; index++) {
        found = scope_has(scope, standing->units[index]);
    }
    return found;
}

struct text case_standing_co_unit(const struct case_standing *standing, const struct scope *scope)
{
    if (scope_has(scope, standing->unit)) {
        return (struct text){0};
    }
    for (size_t index = 0; index < standing->unit_count; index++) {
        if (scope_has(scope, standing->units[index])) {
            return standing->units[index];
        }
    }
    return (struct text){0};
}

/* ---- the request for more time ---- */

struct act_row {
    bool found;
    struct text kind;
    struct text data;
    struct ledger_instant at;
    struct text fact; /* its place in the journal: of one instant, what came first */
};

/* The first row, if there is one; releases the select. */
static enum err act_read(
    struct select *select, struct ledger *ledger, struct arena *arena, struct act_row *ret_row)
{
    struct sql_stmt *stmt = NULL;
    enum err err = select_prepare(select, ledger, &stmt);
    *ret_row = (struct act_row){0};
    if (!err && select_row(stmt, &err)) {
        *ret_row = (struct act_row){
            .found = true,
            .kind = arena_text(arena, sql_text(stmt, 0)),
            .at = sql_instant(stmt, 1),
            .data = arena_text(arena, sql_text(stmt, 2)),
            .fact = arena_text(arena, sql_text(stmt, 3)),
        };
    }
    sql_finalize(stmt);
    select_release(select);
    return err;
}

static void acts_select(struct select *select, struct text id, const char *kinds)
{
    select_init(
        select, "SELECT a.kind, a.at, coalesce(json_extract(e.ce, '$.data'), '{}'), a.fact"
                " FROM case_acts a JOIN events e ON e.source = a.source AND e.id = a.id"
                " AND e.case_id = a.case_id");
    select_where(select, "a.case_id = ?");
    select_text(select, id);
    select_where(select, kinds);
}

enum err case_extension_read(
    struct ledger *ledger,
    struct text id,
    struct arena *arena,
    struct case_extension *ret_extension)
{
    struct select select;
    struct act_row asked;
    struct act_row decided = {0};
    acts_select(&select, id, "a.kind = 'asked'");
    select_end(&select, "a.at DESC, a.fact DESC", 1);
    enum err err = act_read(&select, ledger, arena, &asked);
    if (!err && asked.found) {
        acts_select(&select, id, "a.kind IN ('granted', 'refused') AND (a.at, a.fact) > (?, ?)");
        select_number(&select, asked.at.ms);
        select_text(&select, asked.fact);
        select_end(&select, "a.at, a.fact", 1);
        err = act_read(&select, ledger, arena, &decided);
    }
    if (err) {
        return err;
    }
    *ret_extension = (struct case_extension){
        .asked = asked.found,
        .open = asked.found && !decided.found,
        .granted = decided.found && text_is(decided.kind, "granted"),
        .data = asked.data,
        .at = asked.at.ms,
        .decision = decided.data,
        .decided_at = decided.at,
    };
    return ERR_OK;
}
