/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a folded case to what is counted of it.
 */
#include "rules/figures.h"

static enum err add_runs(struct figures *figures, const struct case_state *state)
{
    enum err err = ERR_OK;
    for (size_t i = 0; i < state->run_count && err == ERR_OK; i++) {
        const struct run *run = &state->runs[i];
        const struct figure_run counted = {
            .case_id = state->id,
            .clock = run->clock,
            .family = run->rule->family,
            .unit = run->co_unit.bytes > 0 ? run->co_unit : run->unit_at_due,
            .handler = run->handler_at_due,
            .run = run->number,
            .outcome = run->outcome,
            .has_due = run->has_due,
            .has_stopped = run->has_stopped,
            .waived = run->waived,
            .caused_by_rule_change = run->caused_by_rule_change,
            .due = run->due,
            .stopped = run->stopped,
        };
        err = figures_add_run(figures, &counted);
    }
    return err;
}

struct figure_case figure_case_of(const struct case_state *state)
{
    struct figure_case counted = {
        .unit = state->unit,
        .received = state->created,
        .is_completed = state->phase == CASE_COMPLETED,
        .is_withdrawn = state->phase == CASE_WITHDRAWN,
    };
    for (size_t i = 0; i < state->memory->event_count; i++) {
        const struct event *event = &state->memory->events[i];
        counted.is_accepted = counted.is_accepted || event->kind == EVENT_ACCEPTED;
        counted.was_sent_back =
            counted.was_sent_back || event->kind == EVENT_RETURNED || event->kind == EVENT_REOPENED;
        if (event->kind == EVENT_COMPLETED)
            counted.completed = event->time; /* they are in the order of their times */
    }
    return counted;
}

/* Of two with one (source, id) the one that came first. */
static bool is_repetition(const struct event *events, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (events[i].kind == events[at].kind && text_equal(events[i].id, events[at].id) &&
            text_equal(events[i].source, events[at].source))
            return true;
    }
    return false;
}

enum err figures_add_state(
    struct figures *figures,
    const struct case_state *state,
    const struct event *events,
    size_t event_count)
{
    enum err err = add_runs(figures, state);
    if (err == ERR_OK) {
        const struct figure_case counted = figure_case_of(state);
        err = figures_add_case(figures, &counted);
    }
    for (size_t i = 0; i < event_count && err == ERR_OK; i++) {
        int64_t score = 0;
        if (events[i].kind != EVENT_RATED || is_repetition(events, i) ||
            text_parse_i64(event_attribute(&events[i], "score"), &score) != ERR_OK)
            continue;
        const struct figure_rating rating = {
            .unit = state->unit,
            .at = events[i].time,
            .score = score >= 0 && score <= INT32_MAX ? (int32_t)score : 0,
        };
        err = figures_add_rating(figures, &rating);
    }
    return err;
}
