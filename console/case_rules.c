/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See case_rules.h.
 */
#include "console/case_rules.h"

#include "config/event_json.h"
#include "rules/explain.h"

#define ARENA_BYTES_MAX ((size_t)64 * 1024 * 1024)
#define EVENTS_MAX      10000 /* far more than a case takes */

struct remembering {
    const struct view *view;
    struct arena *arena;
    struct case_memory memory;
    enum err err;
};

static bool remember(void *context, const struct ledger_event *row)
{
    struct remembering *self = context;
    struct event event;
    struct err_why why = {0};
    const struct wall_ms arrived = {.ms = row->arrived};
    const enum err err = event_read(row->ce, arrived, self->arena, &event, &why);
    if (err) { /* what an older program took and this one cannot read is left out */
        self->err = err == ERR_NO_MEMORY ? err : ERR_OK;
        return !self->err;
    }
    event.arrived = arrived;
    event.rules_version = row->rules;
    if (memory_add_event(&self->memory, self->arena, &event, view_policy(self->view)) ==
        MEMORY_NO_ROOM) {
        self->err = ERR_NO_MEMORY;
    }
    return !self->err;
}

static enum err remember_case(struct remembering *self)
{
    const struct event_query query = {
        .case_id = self->memory.id, .verdict = TEXT_LITERAL("applied"), .limit = EVENTS_MAX};
    const enum err err = ledger_events(self->view->ledger, &query, remember, self);
    return err ? err : self->err;
}

static bool takes_more(const struct run *run)
{
    return run->outcome == RUN_RUNNING && !run->rule->recurs &&
           run->extension_count < run->rule->extensions_max;
}

enum err case_rules_extendable(const struct view *view, struct text case_id, bool *ret_extendable)
{
    struct arena arena;
    const struct case_state *state = NULL;
    arena_init(&arena, ARENA_BYTES_MAX);
    struct remembering self = {.view = view, .arena = &arena, .memory = {.id = case_id}};
    enum err err = remember_case(&self);
    if (!err) {
        err = case_fold(&self.memory, &view->rulebook, view->now, &arena, &state);
    }
    bool found = false;
    for (size_t index = 0; !err && index < state->run_count; index++) {
        found = found || takes_more(&state->runs[index]);
    }
    arena_release(&arena);
    if (!err) {
        *ret_extendable = found;
    }
    return err;
}

static bool tells_extension(const struct explanation *explanation, int64_t at_ms)
{
    for (size_t index = 0; index < explanation->line_count; index++) {
        const struct explain_line *line = &explanation->lines[index];
        if (line->step == EXPLAIN_EXTENDED && line->at.ms == at_ms) {
            return true;
        }
    }
    return false;
}

enum err case_rules_extended(
    const struct view *view, struct text case_id, int64_t at_ms, bool *ret_extended)
{
    struct arena arena;
    const struct explanation *explanations = NULL;
    size_t count = 0;
    arena_init(&arena, ARENA_BYTES_MAX);
    struct remembering self = {.view = view, .arena = &arena, .memory = {.id = case_id}};
    enum err err = remember_case(&self);
    if (!err) {
        const struct explain_question question = {
            .memory = &self.memory, .rulebook = &view->rulebook, .now = view->now};
        err = explain_case(&question, &arena, &explanations, &count);
    }
    bool found = false;
    for (size_t index = 0; !err && index < count; index++) {
        found = found || tells_extension(&explanations[index], at_ms);
    }
    arena_release(&arena);
    if (!err) {
        *ret_extended = found;
    }
    return err;
}
